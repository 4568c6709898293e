//! Load files: what `callstorm load` sends to a target, and when.

mod account;
mod address;
mod call;
mod digits;
mod expect;
mod flow;
mod headers;
mod load;
mod plain;
mod profile;
mod rows;
mod send;
mod sound;
mod step;
mod template;

use self::account::AccountSettings;
use self::flow::Flow;
use self::load::LoadSettings;
use self::rows::RowsSettings;
use self::step::StepSettings;
use self::template::Columns;
use crate::clock::Clock;
use crate::document::{GateSettings, Schema};
use crate::limits;
use crate::model::traffic::{Step, Traffic};
use crate::read::{At, Name, Text, Whole, shorten};
use crate::resolve::{NameList, Resolver};
use crate::source::Span;
use acd::Duration;
use std::collections::BTreeSet;

pub use self::headers::header_owner;
pub use self::profile::parse_profile;

settings! {
    /// What is sent to a target, and when.
    pub(crate) struct TrafficDocument {
        /// What it is called; the file's name when left out.
        title: Option<Text>,
        /// The question it answers.
        question: Text = Text::default(),
        /// Where calls go, such as `sip:127.0.0.1:5060`; the command line's counts first.
        target: Option<At<Text>>,
        /// When calls begin, and how many.
        load: At<LoadSettings>,
        /// Rows that calls take, for `{column}` in texts.
        rows: Option<RowsSettings>,
        /// What answers a challenge.
        account: Option<AccountSettings>,
        /// The steps of a call.
        step: At<Whole<At<StepSettings>>>,
        /// What fails the build.
        gate: GateSettings,
        ignored {
            /// The version of this format: 1.
            schema: Schema,
            /// A file that this one starts from; its tables are merged with this one's.
            extends: Text,
            /// What to delete from the file that this one extends: dotted paths.
            remove: Vec<Text>,
        }
    }
}

/// The state of turning steps into a flow.
pub(crate) struct Compiler<'r> {
    /// Names, files and faults of the file.
    pub(crate) resolver: &'r mut Resolver,
    /// The columns of the rows.
    pub(crate) columns: Columns,
    /// The names of steps, and which steps have them.
    steps: NameList,
    named: Vec<usize>,
    /// Whether every step could be read: one that could not may have had a name.
    are_complete: bool,
}

impl Compiler<'_> {
    /// Finds a step by its name.
    pub(crate) fn step(&mut self, name: &At<Name>) -> Option<usize> {
        let found = self.steps.get(&name.value.0);
        if found.is_none() && self.are_complete {
            let label = if self.steps.list.is_empty() {
                "no step has a name: give one `name = \"…\"`".to_owned()
            } else {
                format!("steps with a name are {}", crate::faults::quoted(self.steps.iter()))
            };
            let message = format!("there is no step `{}`", shorten(&name.value.0));
            let fault = self.resolver.faults.error(name.span, message).label(label);
            fault.suggest(&name.value.0, self.steps.iter());
        }
        found.map(|found| self.named[found])
    }
}

impl TrafficDocument {
    /// Returns a frame of time: load files name no moments.
    pub(crate) fn clock(&self) -> Clock {
        Clock::new(None, None, Duration::ZERO)
    }

    /// Turns the document into what is sent, as far as it is free of faults.
    pub(crate) fn resolve(&self, file: &str, resolver: &mut Resolver) -> Option<Traffic> {
        let plan = self.load.value.resolve(self.load.span, resolver);
        let target = self.target.as_ref().map(|target| address::target(target, resolver));
        let csv = self.rows.as_ref().map(|rows| rows.open(resolver));
        let columns = match &csv {
            None => Some(Vec::new()),
            Some(csv) => csv.as_ref().map(|csv| csv.header().to_vec()),
        };
        let names = self.step_names(resolver);
        let mut compiler = Compiler {
            resolver,
            columns: Columns { names: columns, uses: BTreeSet::new() },
            are_complete: self.step.value.is_complete,
            named: names.iter().map(|(_, position)| *position).collect(),
            steps: NameList::new(names.into_iter().map(|(name, _)| name).collect()),
        };
        let account = self.account.as_ref().map(|account| account.resolve(&mut compiler));
        let flow = self.flow(&mut compiler);
        let columns = compiler.columns;
        let rows =
            self.rows.as_ref().zip(csv).map(|(rows, csv)| rows.read(csv?, &columns, resolver));
        let gate = self.gate.resolve(resolver);
        let plan = plan?;
        Some(Traffic {
            file: file.to_owned(),
            hash: String::new(),
            title: crate::document::title(&self.title, file),
            question: self.question.0.clone(),
            seed: self.load.value.seed.0,
            target: given(target)?,
            shape: plan.shape,
            length: plan.length,
            calls: self.load.value.calls.map(|calls| calls.0),
            interval: self.load.value.interval.value,
            flow: flow?,
            account: given(account)?,
            rows: given(rows)?,
            gate: gate?,
        })
    }

    /// Lists the names of steps with their positions; says where one is taken.
    fn step_names(&self, resolver: &mut Resolver) -> Vec<(String, usize)> {
        let mut names: Vec<(String, usize)> = Vec::new();
        let mut seen = BTreeSet::new();
        for (position, step) in self.step.value.entries.iter().enumerate() {
            let Some(name) = &step.value.name else { continue };
            if seen.insert(name.value.0.as_str()) {
                names.push((name.value.0.clone(), position));
            } else {
                let message = format!("two steps are called `{}`", shorten(&name.value.0));
                let fault = resolver.faults.error(name.span, message);
                fault.label("expected another name for one of them");
            }
        }
        names
    }

    fn flow(&self, compiler: &mut Compiler<'_>) -> Option<Vec<Step>> {
        let Whole { entries: steps, is_complete } = &self.step.value;
        if steps.is_empty() && *is_complete {
            let fault = compiler.resolver.faults.error(self.step.span, "a call has no steps");
            fault.label("expected `[[step]]` such as `send = \"INVITE\"`");
            return None;
        }
        compiler.resolver.within(steps.len(), limits::LOAD_STEPS, "steps", self.step.span)?;
        let compiled: Vec<_> = steps.iter().map(|step| step.value.resolve(compiler)).collect();
        // Of a flow with holes nothing can be said as a whole.
        let mut flow: Vec<Step> =
            compiled.into_iter().collect::<Option<_>>().filter(|_| *is_complete)?;
        let places: Vec<Span> = steps.iter().map(|step| step.value.action.span()).collect();
        let is_open = self.load.value.is_open();
        Flow { steps: &flow, places: &places }.check(is_open, compiler.resolver);
        if !matches!(flow.last(), Some(Step::End { .. } | Step::Goto(_))) {
            flow.push(Step::End { is_good: true });
        }
        Some(flow)
    }
}

/// Tells what was not given from what was faulty: `None` only for the latter.
fn given<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
        None => Some(None),
    }
}

//! What the settings need to become a scenario: names, files, the clock, and a place for faults.

use crate::clock::Clock;
use crate::condition;
use crate::faults::{Faults, quoted};
use crate::files::{FileRead, Files};
use crate::ivr::FlowSteps;
use crate::limits;
use crate::load::PromptUse;
use crate::read::{At, Name, Text, shorten};
use crate::source::{Sources, Span};
use crate::tables::{ScheduleRows, TraceRows};
use crate::text_error::TextError;
use crate::totals::Totals;
use crate::world::World;
use acd::kpi::Condition;
use acd::{ContactId, GroupId, QueueId, SiteId};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;

/// The names of one kind, in file order.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameList {
    /// The names.
    pub(crate) list: Vec<String>,
    index: BTreeMap<String, usize>,
}

impl NameList {
    /// Makes the list.
    pub(crate) fn new(list: Vec<String>) -> Self {
        let index = list.iter().cloned().zip(0..).collect();
        Self { list, index }
    }

    /// Returns a name's position.
    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Lists the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.list.iter().map(String::as_str)
    }
}

/// Every name of a scenario.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Contacts.
    pub(crate) contacts: NameList,
    /// Queues.
    pub(crate) queues: NameList,
    /// Groups of agents.
    pub(crate) groups: NameList,
    /// Sites.
    pub(crate) sites: NameList,
    /// IVR flows.
    pub(crate) flows: NameList,
}

/// A kind of name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Contacts.
    Contact,
    /// Queues.
    Queue,
    /// Groups of agents.
    Group,
    /// Sites.
    Site,
    /// IVR flows.
    Flow,
}

impl Kind {
    /// Returns the singular and the plural, and how a file makes one.
    pub(crate) const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Contact => ("contact", "contacts", "[contact.…]"),
            Self::Queue => ("queue", "queues", "[queue.…]"),
            Self::Group => ("group of agents", "groups", "[agents.…]"),
            Self::Site => ("site", "sites", "[site.…]"),
            Self::Flow => ("IVR flow", "flows", "[ivr.…]"),
        }
    }
}

impl Names {
    /// Returns the names of a kind.
    pub(crate) fn of(&self, kind: Kind) -> &NameList {
        match kind {
            Kind::Contact => &self.contacts,
            Kind::Queue => &self.queues,
            Kind::Group => &self.groups,
            Kind::Site => &self.sites,
            Kind::Flow => &self.flows,
        }
    }
}

/// The state of turning settings into a scenario.
#[derive(Debug)]
pub(crate) struct Resolver {
    /// What is wrong so far.
    pub(crate) faults: Faults,
    /// The texts read so far.
    pub(crate) sources: Sources,
    /// Where files come from.
    pub(crate) files: Files,
    /// The run's frame of time.
    pub(crate) clock: Clock,
    /// The names.
    pub(crate) names: Names,
    /// Whose figures conditions ask for.
    pub(crate) world: World,
    /// The contact being read; traces go by it.
    pub(crate) contact: String,
    /// What the scenario takes so far.
    pub(crate) totals: Totals,
    /// Calls expected so far.
    pub(crate) calls: f64,
    /// Factor on every arrival rate.
    pub(crate) demand_scale: f64,
    /// Whether the centre's lines are counted.
    pub(crate) has_lines: bool,
    /// Whether each site's lines are.
    pub(crate) sites_with_lines: Vec<bool>,
    /// Groups whose agents a play brings.
    pub(crate) brought: BTreeSet<String>,
    /// The steps of the flow being compiled.
    pub(crate) steps: NameList,
    /// What contacts must know of each flow; `None` for a faulty one.
    pub(crate) flow_steps: Vec<Option<Rc<FlowSteps>>>,
    /// Queues that others may overflow to.
    pub(crate) overflows: Vec<QueueId>,
    /// Schedules read so far.
    pub(crate) schedules: BTreeMap<PathBuf, Option<Rc<ScheduleRows>>>,
    /// Traces read so far.
    pub(crate) traces: BTreeMap<PathBuf, Option<Rc<TraceRows>>>,
    /// Prompts named so far.
    pub(crate) prompts: Vec<PromptUse>,
    /// Fingerprint of the data files read so far.
    pub(crate) data: u64,
}

impl Resolver {
    /// Begins without names, in a frame of time.
    pub(crate) fn new(faults: Faults, sources: Sources, files: Files, clock: Clock) -> Self {
        Self {
            faults,
            sources,
            files,
            clock,
            names: Names::default(),
            world: World::Centre,
            contact: String::new(),
            totals: Totals::default(),
            calls: 0.0,
            demand_scale: 1.0,
            has_lines: false,
            sites_with_lines: Vec::new(),
            brought: BTreeSet::new(),
            steps: NameList::default(),
            flow_steps: Vec::new(),
            overflows: Vec::new(),
            schedules: BTreeMap::new(),
            traces: BTreeMap::new(),
            prompts: Vec::new(),
            data: 0,
        }
    }

    /// Finds what a name refers to, or says that it does not exist.
    pub(crate) fn find(&mut self, kind: Kind, name: &At<Name>) -> Option<usize> {
        let names = self.names.of(kind);
        let found = names.get(&name.value.0);
        if found.is_none() {
            let (one, many, form) = kind.words();
            let label = if names.list.is_empty() {
                format!("there are no {many}: make one with `{form}`")
            } else {
                format!("{many} are {}", quoted(names.iter()))
            };
            self.faults
                .error(name.span, format!("there is no {one} `{}`", shorten(&name.value.0)))
                .label(label)
                .suggest(&name.value.0, names.iter());
        }
        found
    }

    /// Says where a number of things is beyond its limit.
    pub(crate) fn within(&mut self, count: usize, most: u64, what: &str, span: Span) -> Option<()> {
        if count as u64 <= most {
            return Some(());
        }
        self.faults
            .error(span, format!("{count} {what} are too many"))
            .label(format!("expected at most {most}"));
        None
    }

    /// Says where shares do not add to 1.
    pub(crate) fn add_to_one(
        &mut self,
        shares: impl Iterator<Item = f64>,
        what: &str,
        span: Span,
    ) -> Option<()> {
        let total: f64 = shares.sum();
        // Three thirds written with six digits pass; a forgotten share does not.
        if (total - 1.0).abs() <= 1e-5 {
            return Some(());
        }
        let shown = (total * 1e6).round() / 1e6;
        self.faults
            .error(span, format!("{what} add to {shown}"))
            .label("expected a total of 1 (100%)");
        None
    }

    /// Adds the calls of an arrival model to those expected; says where they become too many.
    pub(crate) fn expect_calls(&mut self, per_hour: f64, span: Span) -> Option<()> {
        let hours = self.clock.length().as_secs() / 3600.0;
        let calls = per_hour * hours * self.demand_scale;
        self.calls += calls;
        if self.calls <= limits::CALLS as f64 {
            return Some(());
        }
        self.faults
            .error(span, "these are too many calls")
            .label(format!("expected at most {} calls in one replication", limits::CALLS));
        None
    }

    /// Returns whether a play brings agents of a group.
    pub(crate) fn is_brought(&self, group: &str) -> bool {
        self.brought.contains(group)
    }

    /// Returns whether a site's lines are counted.
    pub(crate) fn site_has_lines(&self, site: SiteId) -> bool {
        self.sites_with_lines.get(site.index()).copied().unwrap_or(false)
    }

    /// Reads a condition; its faults point into the text.
    pub(crate) fn condition(&mut self, text: &At<Text>) -> Option<Condition> {
        let read = condition::parse(&text.value.0, &self.names, self.world);
        self.read_text(text, read)
    }

    /// Takes what was read of a text of its own grammar, or says where in it the fault is.
    pub(crate) fn read_text<T>(
        &mut self,
        text: &At<Text>,
        read: Result<T, TextError>,
    ) -> Option<T> {
        let error = match read {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let span = self.inside(text, error.place);
        let fault = self.faults.error(span, error.message).label(error.expected);
        if let Some(hint) = error.hint {
            fault.hint(hint);
        }
        None
    }

    /// Returns the place of some bytes of a string.
    pub(crate) fn inside(&self, text: &At<Text>, place: Range<usize>) -> Span {
        // Inside plain quotes the string's bytes are the file's; with escapes the whole stands for it.
        let quoted = self.sources.text(text.span);
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("");
        if inner == text.value.0 {
            text.span.part(1 + place.start, 1 + place.end)
        } else {
            text.span
        }
    }

    /// Reads a pair of contact and group.
    pub(crate) fn pair(&mut self, text: &At<Text>) -> Option<(ContactId, GroupId)> {
        let Some((contact, group)) = text.value.0.split_once(',') else {
            self.faults
                .error(text.span, format!("`{}` is not a pair", shorten(&text.value.0)))
                .label("expected a contact and a group of agents, such as `sales,generalists`");
            return None;
        };
        let name = |name: &str, place| At {
            value: Name(name.trim().to_owned()),
            span: self.inside(text, place),
        };
        let comma = contact.len();
        let (contact, group) =
            (name(contact, 0..comma), name(group, comma + 1..text.value.0.len()));
        let contact = self.find(Kind::Contact, &contact).map(ContactId::new);
        let group = self.find(Kind::Group, &group).map(GroupId::new);
        Some((contact?, group?))
    }

    /// Reads a file named in the scenario.
    pub(crate) fn read_file(&mut self, path: &At<Text>, most: u64) -> Option<FileRead> {
        let folder = self.folder(path)?;
        let result = self.files.read(&folder, &path.value.0, most);
        self.report(path, result)
    }

    /// Finds a file named in the scenario without reading it.
    pub(crate) fn file_identity(&mut self, path: &At<Text>) -> Option<PathBuf> {
        let folder = self.folder(path)?;
        let result = self.files.identity(&folder, &path.value.0);
        self.report(path, result)
    }

    fn folder(&mut self, path: &At<Text>) -> Option<PathBuf> {
        let folder = self.sources.get(path.span.source).folder.clone();
        if folder.is_none() {
            self.faults
                .error(path.span, "no files can be read here")
                .label("this text has no folder to start from");
        }
        folder
    }

    fn report<T>(&mut self, path: &At<Text>, result: Result<T, String>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(reason) => {
                report_file(&mut self.faults, path.span, reason);
                None
            }
        }
    }

    /// Adds a data file's bytes to the scenario's hash.
    pub(crate) fn hash_data(&mut self, bytes: &[u8]) {
        self.data = self.data.wrapping_mul(FNV_PRIME) ^ fingerprint(bytes);
    }
}

/// Adds a fault about a file.
pub(crate) fn report_file(faults: &mut Faults, span: Span, reason: String) {
    let is_outside = reason.contains("outside");
    let fault = faults.error(span, reason);
    if is_outside {
        fault.label("expected a file in the first file's folder or below");
        fault.hint("`--allow-path DIR` lets files come from another folder");
    } else {
        fault.label("paths are relative to the file that names them");
    }
}

const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// Returns the 64-bit FNV-1a hash of some bytes.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME))
}

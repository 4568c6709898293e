//! `[ivr.x]`: a flow of steps, compiled for the switch, with the callers' times.

use crate::bounds::LEAST_WAIT;
use crate::faults::quoted;
use crate::law::{LawSettings, Seconds};
use crate::limits;
use crate::load::PromptUse;
use crate::model::{IvrFlow, Keying};
use crate::read::{At, Count, Given, Map, MenuKey, Name, Named, Text};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Duration, Flow, FlowFault, QueueId, Step, StepId};
use chance::Law;
use std::rc::Rc;

settings! {
    /// An IVR flow.
    pub(crate) struct FlowSettings {
        /// The step where a call begins.
        start: At<Name>,
        /// The steps by name.
        step: At<Map<StepSettings, Given>>,
    }
}

choice! {
    /// A step of a flow.
    pub(crate) enum StepSettings "kind of step" => Compiled {
        /// Plays a prompt and waits for a key.
        Menu "menu" (Menu),
        /// Plays a prompt to its end.
        Play "play" (Play),
        /// Puts the call into a queue.
        Enqueue "enqueue" (Enqueue),
        /// Lets the call go.
        Release "release" (Release),
    }
}

settings! {
    /// A menu.
    pub(crate) struct Menu {
        /// The prompt's file.
        prompt: Option<At<Text>>,
        /// How long callers take to press a key.
        time: LawSettings<Seconds>,
        /// Where each key leads: `0` to `9`, `*`, `#`.
        keys: At<Map<At<Name>, MenuKey>>,
        /// Where it goes without a key in time.
        no_input: At<Name>,
        /// Where a key goes that leads nowhere.
        no_match: At<Name>,
        /// How often the menu is played.
        tries: Count<1, 100> = Count(3),
        /// Where it goes after the last try.
        failed: At<Name>,
        /// How long it waits for a key; for ever when left out.
        timeout: Option<At<Duration>>,
        /// The longest time between two keys, for the live switch.
        inter_digit: Duration = Duration::from_secs(3),
        /// Whether a key stops the prompt, for the live switch.
        barge_in: bool = true,
    }
}

settings! {
    /// A prompt.
    pub(crate) struct Play {
        /// The prompt's file.
        prompt: Option<At<Text>>,
        /// How long it takes.
        time: LawSettings<Seconds>,
        /// The next step.
        then: At<Name>,
    }
}

settings! {
    /// The way into a queue.
    pub(crate) struct Enqueue {
        /// The queue.
        queue: At<Name>,
        /// Where a full queue sends the call.
        full: At<Name>,
        /// Where too long a wait sends the call.
        timed_out: At<Name>,
    }
}

settings! {
    /// The end of a flow.
    pub(crate) struct Release {}
}

/// A step ready for the switch, with the callers' time and the prompt.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    step: Step,
    time: Law,
    prompt: String,
    keying: Option<Keying>,
}

impl Compiled {
    /// A step at which nothing is heard and no time passes.
    fn silent(step: Step) -> Self {
        Self { step, time: Law::Constant(0.0), prompt: String::new(), keying: None }
    }
}

/// What contacts must know of a flow.
#[derive(Debug, Clone, Default)]
pub(crate) struct FlowSteps {
    /// The steps' names.
    pub(crate) names: Vec<String>,
    /// Whether callers can get there by keys.
    pub(crate) by_keys: Vec<bool>,
    /// The ways into a queue that callers can get to by keys.
    pub(crate) queues: Vec<StepId>,
    /// The releases that they can get to by keys.
    pub(crate) ends: Vec<StepId>,
}

impl Resolver {
    /// Finds a step of the flow being compiled.
    fn step(&mut self, name: &At<Name>) -> Option<StepId> {
        let found = self.steps.get(&name.value.0);
        if found.is_none() {
            let steps = quoted(self.steps.iter());
            self.faults
                .error(
                    name.span,
                    format!("there is no step `{}`", crate::read::shorten(&name.value.0)),
                )
                .label(format!("steps are {steps}"))
                .suggest(&name.value.0, self.steps.iter());
        }
        found.map(StepId::new)
    }
}

impl Menu {
    fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Compiled> {
        let mut keys = Vec::with_capacity(self.keys.value.entries.len());
        for Named { name, value } in &self.keys.value.entries {
            let key = name.value.bytes().next();
            keys.push(value.as_ref().and_then(|step| Some((key?, resolver.step(&step.value)?))));
        }
        if keys.is_empty() {
            let fault = resolver.faults.error(self.keys.span, "this menu has no keys");
            fault.label("expected keys such as `\"1\" = \"agent\"`");
        }
        let (no_input, no_match) = (resolver.step(&self.no_input), resolver.step(&self.no_match));
        let failed = resolver.step(&self.failed);
        if let Some(timeout) = self.timeout
            && timeout.value < LEAST_WAIT
        {
            resolver
                .faults
                .error(timeout.span, "nobody presses a key so soon")
                .label(format!("expected at least {LEAST_WAIT}"));
        }
        let step = Step::Menu {
            keys: keys.into_iter().collect::<Option<_>>()?,
            no_input: no_input?,
            no_match: no_match?,
            tries: u8::try_from(self.tries.0).unwrap_or(u8::MAX),
            failed: failed?,
            timeout: self.timeout.map(|timeout| timeout.value),
        };
        let time = self.time.resolve(resolver)?;
        Some(Compiled {
            step,
            prompt: prompt(&self.prompt, &time, resolver),
            time,
            keying: Some(Keying { inter_digit: self.inter_digit, barge_in: self.barge_in }),
        })
    }
}

impl Play {
    fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Compiled> {
        let then = resolver.step(&self.then);
        let time = self.time.resolve(resolver)?;
        Some(Compiled {
            step: Step::Play { then: then? },
            prompt: prompt(&self.prompt, &time, resolver),
            time,
            keying: None,
        })
    }
}

impl Enqueue {
    fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Compiled> {
        let queue = resolver.find(Kind::Queue, &self.queue);
        let (full, timed_out) = (resolver.step(&self.full), resolver.step(&self.timed_out));
        let step =
            Step::Enqueue { queue: QueueId::new(queue?), full: full?, timed_out: timed_out? };
        Some(Compiled::silent(step))
    }
}

impl Release {
    #[expect(clippy::unnecessary_wraps, reason = "every settings type resolves alike")]
    fn resolve(&self, _: Span, _: &mut Resolver) -> Option<Compiled> {
        Some(Compiled::silent(Step::Release))
    }
}

/// Prompts noted with their places: to find a place costs the file's length.
const PROMPTS_MAX: usize = 500;

/// The name of a step's prompt; notes where it stands, for whoever can listen to the file.
fn prompt(prompt: &Option<At<Text>>, time: &Law, resolver: &mut Resolver) -> String {
    let Some(At { value: Text(name), span }) = prompt else { return String::new() };
    let time_s = if let Law::Constant(seconds) = time { Some(*seconds) } else { None };
    let is_known = |other: &PromptUse| other.name == *name && other.time_s == time_s;
    if resolver.prompts.len() < PROMPTS_MAX && !resolver.prompts.iter().any(is_known) {
        let place = resolver.sources.place(*span);
        resolver.prompts.push(PromptUse { name: name.clone(), time_s, place });
    }
    name.clone()
}

impl FlowSettings {
    /// Compiles the flow; tells the resolver what contacts must know of it.
    pub(crate) fn resolve(
        &self,
        name: &str,
        span: Span,
        resolver: &mut Resolver,
    ) -> Option<IvrFlow> {
        let flow = self.compile(name, span, resolver);
        resolver.flow_steps.push(flow.as_ref().map(steps_of).map(Rc::new));
        flow
    }

    fn compile(&self, name: &str, span: Span, resolver: &mut Resolver) -> Option<IvrFlow> {
        let entries = &self.step.value.entries;
        if entries.is_empty() {
            let message = format!("flow `{name}` has no steps");
            resolver.faults.error(span, message).label(format!("expected `[ivr.{name}.step.…]`"));
            return None;
        }
        resolver.within(entries.len(), limits::FLOW_STEPS, "steps", span)?;
        resolver.steps = crate::resolve::NameList::new(self.step.value.names());
        let start = resolver.step(&self.start);
        let compiled: Vec<_> = entries
            .iter()
            .map(|entry| entry.value.as_ref().and_then(|step| step.value.resolve(resolver)))
            .collect();
        let steps: Vec<Compiled> = compiled.into_iter().collect::<Option<_>>()?;
        let flow =
            Flow { steps: steps.iter().map(|step| step.step.clone()).collect(), start: start? };
        for fault in flow.faults() {
            self.report(name, &fault, resolver);
        }
        Some(IvrFlow {
            name: name.to_owned(),
            flow,
            step_names: self.step.value.names(),
            step_times: steps.iter().map(|step| step.time.clone()).collect(),
            keying: steps.iter().map(|step| step.keying).collect(),
            prompts: steps.into_iter().map(|step| step.prompt).collect(),
        })
    }

    fn report(&self, flow: &str, fault: &FlowFault, resolver: &mut Resolver) {
        let entry = |step: StepId| &self.step.value.entries[step.index()].name;
        match fault {
            FlowFault::Unreachable(step) => {
                let name = entry(*step);
                resolver
                    .faults
                    .error(
                        name.span,
                        format!("no way leads to step `{}` of flow `{flow}`", name.value),
                    )
                    .label(format!(
                        "expected an exit that leads here, from `{}` on",
                        self.start.value.0
                    ));
            }
            FlowFault::LoopWithoutWait(steps) => {
                let names: Vec<&str> =
                    steps.iter().map(|step| entry(*step).value.as_str()).collect();
                let span = steps.first().map_or(self.step.span, |step| entry(*step).span);
                resolver
                    .faults
                    .error(
                        span,
                        format!(
                            "steps {} of flow `{flow}` lead to each other for ever",
                            quoted(names)
                        ),
                    )
                    .label("expected a menu or a queue between them");
            }
            FlowFault::NoEnd(step) => {
                let name = entry(*step);
                resolver
                    .faults
                    .error(
                        name.span,
                        format!(
                            "no way leads from step `{}` of flow `{flow}` to an end",
                            name.value
                        ),
                    )
                    .label("expected exits that come to an `enqueue` or a `release`");
            }
        }
    }
}

/// Finds what callers can get to by keys and prompts.
fn steps_of(flow: &IvrFlow) -> FlowSteps {
    let steps = &flow.flow.steps;
    let mut by_keys = vec![false; steps.len()];
    let mut next = vec![flow.flow.start];
    while let Some(step) = next.pop() {
        if std::mem::replace(&mut by_keys[step.index()], true) {
            continue;
        }
        match &steps[step.index()] {
            Step::Play { then } => next.push(*then),
            Step::Menu { keys, .. } => next.extend(keys.iter().map(|(_, step)| *step)),
            Step::Enqueue { .. } | Step::Release => {}
        }
    }
    let reached = |wanted: fn(&Step) -> bool| {
        let steps = (0..steps.len()).filter(|step| by_keys[*step] && wanted(&steps[*step]));
        steps.map(StepId::new).collect()
    };
    FlowSteps {
        names: flow.step_names.clone(),
        queues: reached(|step| matches!(step, Step::Enqueue { .. })),
        ends: reached(|step| matches!(step, Step::Release)),
        by_keys,
    }
}

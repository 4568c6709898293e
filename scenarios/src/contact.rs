//! `[contact.x]`: a kind of call and the people who make it.

use crate::arrivals::ArrivalsSettings;
use crate::faults::quoted;
use crate::law::{LawSettings, Patience, Seconds};
use crate::limits;
use crate::live::Dialled;
use crate::model::{Arrivals, Contact, Failure, Mood, Reconnect, Redial, RedialDraws};
use crate::read::{At, Factor, Map, Maybe, Meant, Name, Text};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Entry, FlowId, Outcome, QueueId, Share, StepId};
use chance::Law;

settings! {
    /// A kind of call and the people who make it.
    pub(crate) struct ContactSettings {
        /// The queue its calls enter.
        queue: Maybe<At<Name>>,
        /// The IVR flow its calls enter, instead.
        ivr: Maybe<At<Name>>,
        /// When its calls come.
        arrivals: Maybe<At<ArrivalsSettings>>,
        /// Talk time.
        talk: LawSettings<Seconds>,
        /// Time on hold within a call.
        hold: Option<LawSettings<Seconds>>,
        /// After-call work.
        acw: Option<LawSettings<Seconds>>,
        /// How long callers would wait; `unlimited` when left out.
        patience: LawSettings<Patience> = LawSettings::Unlimited,
        /// Share of callers who leave at once when they have to wait.
        balk: Share = Share(0.0),
        /// Moods: factors that move one caller's patience, talk and redials together.
        mood: At<Vec<MoodSettings>> = At { value: Vec::new(), span: Span::NOWHERE },
        /// When callers try again; the first rule that names the outcome counts.
        redial: At<Vec<RedialSettings>> = At { value: Vec::new(), span: Span::NOWHERE },
        /// Whether a redial draws new patience and talk, or keeps its own.
        redial_draws: RedialDraws = RedialDraws::Fresh,
        /// Callers who were served and call again.
        reconnect: Option<ReconnectSettings>,
        /// What callers want from the IVR.
        in_ivr: Option<InIvrSettings>,
        /// Numbers that lead here, for the live switch; `*` stands for every other.
        numbers: At<Vec<At<Dialled>>> = At { value: Vec::new(), span: Span::NOWHERE },
    }
}

settings! {
    /// A mood.
    pub(crate) struct MoodSettings {
        /// Its name.
        name: At<Text>,
        /// Share of callers.
        share: Share,
        /// Factor on patience.
        patience: Factor = Factor(1.0),
        /// Factor on talk.
        talk: Factor = Factor(1.0),
        /// Factor on the share that redials.
        redial: Factor = Factor(1.0),
    }
}

settings! {
    /// A rule of redialling.
    pub(crate) struct RedialSettings {
        /// After which failures.
        after: At<Vec<Failure>>,
        /// The share that tries again.
        share: Share,
        /// How long until then.
        delay: At<LawSettings<Seconds>>,
    }
}

settings! {
    /// Callers who were served and call again.
    pub(crate) struct ReconnectSettings {
        /// The share.
        share: Share,
        /// How long until then.
        delay: At<LawSettings<Seconds>>,
    }
}

settings! {
    /// What callers want from the IVR.
    pub(crate) struct InIvrSettings {
        /// The share of callers who want each step; keys follow from the menus.
        choices: At<Map<Share, Meant>>,
    }
}

words! { RedialDraws { Self::Fresh => "fresh", Self::Kept => "kept" } }

words! { Failure {
    Self::Blocked => "blocked",
    Self::Closed => "closed",
    Self::LeftInIvr => "left_in_ivr",
    Self::Queue(Outcome::Abandoned) => "abandoned",
    Self::Queue(Outcome::RefusedFull) => "refused_full",
    Self::Queue(Outcome::TimedOut) => "timed_out",
    Self::Queue(Outcome::LeftByKey) => "left_by_key",
    Self::Queue(Outcome::Voicemail) => "voicemail",
    Self::Queue(Outcome::ClosedOut) => "closed_out",
    Self::Queue(Outcome::Cut) => "cut",
    Self::Queue(Outcome::Withdrawn) => "withdrawn",
    Self::CutInTalk => "cut_in_talk",
    Self::CutInIvr => "cut_in_ivr",
} }

impl ContactSettings {
    /// Turns the settings into a contact; `span` is its name's place.
    pub(crate) fn resolve(
        &self,
        name: &str,
        span: Span,
        resolver: &mut Resolver,
    ) -> Option<Contact> {
        resolver.contact = name.to_owned();
        if crate::law::names().contains(&name) {
            let fault = resolver.faults.error(span, format!("`{name}` is the name of a law"));
            fault.label("expected another name for this contact");
        }
        resolver.within(self.numbers.value.len(), limits::NUMBERS, "numbers", self.numbers.span)?;
        let entry = self.entry(name, span, resolver);
        let choices = self.choices(entry, name, span, resolver);
        let arrivals = self.arrivals(name, span, resolver);
        let talk = self.talk.resolve(resolver);
        let hold = optional(self.hold.as_ref(), resolver);
        let acw = optional(self.acw.as_ref(), resolver);
        let patience = self.patience.resolve(resolver);
        let mood = self.moods(resolver);
        let redial = self.redials(resolver);
        let reconnect = match &self.reconnect {
            Some(again) => Some(Reconnect {
                share: again.share.0,
                delay: delay(&again.delay, "the call after a served one", resolver)?,
            }),
            None => None,
        };
        Some(Contact {
            name: name.to_owned(),
            entry: entry?,
            arrivals: arrivals?,
            talk: talk?,
            hold: hold?,
            acw: acw?,
            patience: patience?,
            balk: self.balk.0,
            mood: mood?,
            redial: redial?,
            redial_draws: self.redial_draws,
            reconnect,
            choices: choices?,
            numbers: self.numbers().map(|number| number.value.0.clone()).collect(),
        })
    }

    /// Lists the numbers that could be read, with their places.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &At<Dialled>> {
        self.numbers.value.iter()
    }

    fn arrivals(&self, name: &str, span: Span, resolver: &mut Resolver) -> Option<Arrivals> {
        if self.arrivals.is_absent() {
            resolver
                .faults
                .error(span, format!("contact `{name}` has no arrivals"))
                .label("expected `arrivals.poisson = { … }` or another arrival model");
        }
        self.arrivals.given()?.value.resolve(resolver)
    }

    fn entry(&self, name: &str, span: Span, resolver: &mut Resolver) -> Option<Entry> {
        if !self.queue.is_absent() && !self.ivr.is_absent() {
            let place = self.ivr.given().map_or(span, |flow| flow.span);
            let message = format!("contact `{name}` enters both a queue and an IVR flow");
            resolver.faults.error(place, message).label("expected one of `queue` and `ivr`");
            return None;
        }
        if let Some(queue) = self.queue.given() {
            return resolver.find(Kind::Queue, queue).map(QueueId::new).map(Entry::Queue);
        }
        if let Some(flow) = self.ivr.given() {
            return resolver.find(Kind::Flow, flow).map(FlowId::new).map(Entry::Flow);
        }
        if self.queue.is_absent() && self.ivr.is_absent() {
            let message = format!("calls of contact `{name}` lead nowhere");
            resolver.faults.error(span, message).label("expected `queue = …` or `ivr = …`");
        }
        None
    }

    fn moods(&self, resolver: &mut Resolver) -> Option<Vec<Mood>> {
        let At { value: moods, span } = &self.mood;
        resolver.within(moods.len(), limits::MOODS, "moods", *span)?;
        if !moods.is_empty() {
            resolver.add_to_one(
                moods.iter().map(|mood| mood.share.0),
                "the shares of the moods",
                *span,
            )?;
        }
        let mood = |mood: &MoodSettings| Mood {
            name: mood.name.value.0.clone(),
            share: mood.share.0,
            patience: mood.patience.0,
            talk: mood.talk.0,
            redial: mood.redial.0,
        };
        Some(moods.iter().map(mood).collect())
    }

    fn redials(&self, resolver: &mut Resolver) -> Option<Vec<Redial>> {
        let At { value: rules, span } = &self.redial;
        resolver.within(rules.len(), limits::REDIALS, "redial rules", *span)?;
        let mut redials: Vec<Redial> = Vec::with_capacity(rules.len());
        for rule in rules {
            let after = rule.after.value.clone();
            if after.is_empty() && resolver.faults.errors() == 0 {
                let fault = resolver.faults.error(rule.after.span, "this rule follows nothing");
                fault.label("expected at least one outcome such as `abandoned`");
            }
            if after.iter().all(|one| redials.iter().any(|rule| rule.after.contains(one)))
                && !after.is_empty()
            {
                let fault = resolver.faults.warning(rule.after.span, "this rule never counts");
                fault.label("rules above it name the same outcomes, and the first counts");
            }
            redials.push(Redial {
                after,
                share: rule.share.0,
                delay: delay(&rule.delay, "the redial", resolver)?,
            });
        }
        Some(redials)
    }

    /// Finds what callers want from their flow.
    fn choices(
        &self,
        entry: Option<Entry>,
        name: &str,
        span: Span,
        resolver: &mut Resolver,
    ) -> Option<Vec<(StepId, f64)>> {
        match (entry?, &self.in_ivr) {
            (Entry::Queue(_), None) => Some(Vec::new()),
            (Entry::Queue(_), Some(wants)) => {
                let message = format!("contact `{name}` enters no IVR flow");
                resolver
                    .faults
                    .error(wants.choices.span, message)
                    .label("expected `ivr = …`, or no `in_ivr`");
                None
            }
            (Entry::Flow(flow), Some(wants)) => wanted(flow, &wants.choices, resolver),
            (Entry::Flow(flow), None) => {
                let steps = resolver.flow_steps.get(flow.index())?.clone()?;
                // Whoever wants nothing else wants an agent; where several queues are, he must say which.
                match (steps.queues.as_slice(), steps.ends.as_slice()) {
                    ([queue], _) => return Some(vec![(*queue, 1.0)]),
                    ([], [end]) => return Some(vec![(*end, 1.0)]),
                    (_, _) => {}
                }
                let ends = steps.queues.iter().chain(&steps.ends);
                let ends = ends.map(|step| steps.names[step.index()].as_str());
                resolver
                    .faults
                    .error(
                        span,
                        format!("what do the callers of contact `{name}` want from the IVR?"),
                    )
                    .label("expected `in_ivr.choices`, a share for each step they want")
                    .hint(format!("the flow can end in {}", quoted(ends)));
                None
            }
        }
    }
}

/// Takes the time until another attempt; at once would be for ever.
fn delay(delay: &At<LawSettings<Seconds>>, what: &str, resolver: &mut Resolver) -> Option<Law> {
    let law = delay.value.resolve(resolver)?;
    crate::bounds::not_at_once(&law, what, delay.span, resolver)?;
    Some(law)
}

fn optional(law: Option<&LawSettings<Seconds>>, resolver: &mut Resolver) -> Option<Law> {
    law.map_or_else(LawSettings::<Seconds>::zero, |law| law.resolve(resolver))
}

fn wanted(
    flow: FlowId,
    choices: &At<Map<Share, Meant>>,
    resolver: &mut Resolver,
) -> Option<Vec<(StepId, f64)>> {
    let steps = resolver.flow_steps.get(flow.index())?.clone()?;
    resolver.within(choices.value.entries.len(), limits::CHOICES, "choices", choices.span)?;
    let mut wanted = Vec::with_capacity(choices.value.entries.len());
    for choice in &choices.value.entries {
        let step = steps.names.iter().position(|step| *step == choice.name.value);
        let flow_name = &resolver.names.flows.list[flow.index()];
        let Some(step) = step else {
            let message = format!("flow `{flow_name}` has no step `{}`", choice.name.value);
            let names = steps.names.iter().map(String::as_str);
            resolver
                .faults
                .error(choice.name.span, message)
                .label(format!("its steps are {}", quoted(names.clone())))
                .suggest(&choice.name.value, names);
            continue;
        };
        if !steps.by_keys[step] {
            let message =
                format!("no keys lead to step `{}` of flow `{flow_name}`", choice.name.value);
            let fault = resolver.faults.error(choice.name.span, message);
            fault.label("expected a step that callers can choose");
        }
        wanted.push((StepId::new(step), choice.value.map(|share| share.value.0)));
    }
    let shares = wanted.iter().map(|(_, share)| share.unwrap_or(0.0));
    resolver.add_to_one(shares, "the shares of what callers want", choices.span)?;
    wanted.into_iter().map(|(step, share)| Some((step, share?))).collect()
}

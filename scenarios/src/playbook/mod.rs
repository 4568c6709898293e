//! What may be done: one file each. The registry of actions, and the plays that order them.

mod add_agents;
mod offer_callback;
mod overflow;

use crate::limits;
use crate::model::{Action, Play};
use crate::read::{At, KeyName, Maybe, Text};
use crate::resolve::Resolver;
use acd::Duration;
use acd::kpi::Condition;

choice! {
    /// Something that is done.
    pub(crate) enum ActionSettings "action" => Action {
        /// Agents come.
        AddAgents "add_agents" (add_agents::Settings),
        /// A queue overflows to another.
        Overflow "overflow" (overflow::Settings),
        /// Callers are offered to be called back and keep their place.
        OfferCallback "offer_callback" (offer_callback::Settings),
    }
}

settings! {
    /// A play: what is done when a figure crosses a value.
    pub(crate) struct PlaySettings {
        /// Its name.
        name: At<KeyName>,
        /// The trigger, such as `service_level{queue=sales, last=15m} < 0.5`.
        when: At<Text>,
        /// How long the trigger must hold.
        holds_for: Duration = Duration::ZERO,
        /// How late the figures reach the duty manager.
        report_delay: Duration = Duration::ZERO,
        /// What is done, in order.
        actions: At<Vec<Maybe<ActionSettings>>>,
    }
}

impl PlaySettings {
    /// Turns the settings into a play.
    pub(crate) fn resolve(&self, resolver: &mut Resolver) -> Option<Play> {
        let when = self.trigger(resolver);
        let actions = self.actions.value.iter();
        let actions: Vec<_> = actions.map(|action| action.given()?.resolve(resolver)).collect();
        if actions.is_empty() {
            let fault = resolver.faults.error(self.actions.span, "this play does nothing");
            fault.label("expected at least one action");
        }
        resolver.within(actions.len(), limits::ACTIONS, "actions", self.actions.span)?;
        Some(Play {
            name: self.name.value.0.clone(),
            when: when?,
            holds_for: self.holds_for,
            report_delay: self.report_delay,
            actions: actions.into_iter().collect::<Option<_>>()?,
        })
    }

    fn trigger(&self, resolver: &mut Resolver) -> Option<Condition> {
        let condition = resolver.condition(&self.when)?;
        let span = self.when.span;
        let key = condition.kpi.key();
        let faults = &mut resolver.faults;
        if condition.is_sure {
            faults
                .error(span, "a play acts on one run and cannot be `sure`")
                .label("expected the figure alone");
            return None;
        }
        if !condition.kpi.applies().interval {
            faults
                .error(span, format!("`{key}` is known only at the end of a run"))
                .label("expected a figure by interval");
            return None;
        }
        if condition.last.is_none() {
            faults
                .error(span, format!("`{key}` of which time?"))
                .label("expected `last`, the part of the run up to now that counts")
                .hint(format!("write `{key}{{…, last=15m}}`"));
            return None;
        }
        Some(condition)
    }
}

//! `add_agents = { group = "bpo", count = 40, lead_time = "45m" }`: agents come after a while.

use crate::model::Action;
use crate::read::{At, Count, Name};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Duration, GroupId};

settings! {
    /// Agents who come.
    pub(crate) struct Settings {
        /// Their group.
        group: At<Name>,
        /// How many.
        count: Count<1, 200_000>,
        /// How long after the decision.
        lead_time: Duration = Duration::ZERO,
        /// For how long; to the end when left out.
        lasts: Option<Duration>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Action> {
        let group = GroupId::new(resolver.find(Kind::Group, &self.group)?);
        Some(Action::AddAgents {
            group,
            count: self.count.as_u32(),
            lead_time: self.lead_time,
            lasts: self.lasts,
        })
    }
}

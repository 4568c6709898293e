//! `overflow = { from = "sales", to = "bpo", after = "30s" }`: a queue overflows to another.

use crate::model::Action;
use crate::read::{At, Name};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Duration, QueueId};

settings! {
    /// An overflow that begins.
    pub(crate) struct Settings {
        /// The queue that calls leave.
        from: At<Name>,
        /// The queue that they enter.
        to: At<Name>,
        /// After which wait.
        after: Duration = Duration::ZERO,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Action> {
        let from = resolver.find(Kind::Queue, &self.from).map(QueueId::new);
        let to = resolver.find(Kind::Queue, &self.to).map(QueueId::new);
        if from.is_some() && from == to {
            let message = format!("queue `{}` overflows to itself", self.to.value.0);
            resolver.faults.error(self.to.span, message).label("expected another queue");
            return None;
        }
        resolver.overflows.extend(to);
        Some(Action::Overflow { from: from?, to: to?, after: self.after })
    }
}

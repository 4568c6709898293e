//! `offer_callback = { queue = "sales", accept = 0.4 }`: callers are offered to be called back.

use crate::model::Action;
use crate::read::{At, Name};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{QueueId, Share};

settings! {
    /// A callback that is offered from now on; callers keep their place.
    pub(crate) struct Settings {
        /// The queue.
        queue: At<Name>,
        /// The share that accepts.
        accept: Share,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Action> {
        let queue = QueueId::new(resolver.find(Kind::Queue, &self.queue)?);
        Some(Action::OfferCallback { queue, accept: self.accept.0 })
    }
}

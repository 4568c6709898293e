//! `offer_callback`: callers who must wait are asked whether they want to be called back and keep their place.

use crate::world::World;
use acd::{Input, QueueId};

/// Starts asking; this share accepts.
pub(super) fn start(queue: QueueId, accept: f64, world: &mut World<'_>) {
    if let Some(share) = world.accepts.get_mut(queue.index()) {
        *share = accept;
    }
    world.inbox.push(Input::OfferCallbacks { queue, on: true });
}

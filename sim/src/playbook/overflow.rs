//! `overflow`: calls of one queue move on to another after a wait, those that wait already too.

use crate::world::World;
use acd::{Duration, Input, QueueId};

/// Adds the rule.
pub(super) fn start(from: QueueId, to: QueueId, after: Duration, world: &mut World<'_>) {
    world.inbox.push(Input::AddOverflow { from, to, after });
}

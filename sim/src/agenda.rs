//! The centre's agenda: everything that its managers do or suffer at a known time.

use acd::{GroupId, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One item of the agenda. The order of the variants is the order within one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    /// A roster's row changes.
    RosterChanges(GroupId),
    /// An entry of the timeline begins.
    Begins(u32),
    /// It ends.
    Ends(u32),
    /// Agents whom a play called in arrive: group, how many.
    AgentsArrive(GroupId, u32),
    /// They leave.
    AgentsLeave(GroupId, u32),
    /// The duty manager reads the figures.
    Read,
    /// He decides for a play, having got the figures late.
    Decide(u32),
    /// The laws are checked.
    Check,
    /// The door closes: the run's length is over.
    Close,
    /// Nobody waits any longer.
    Drain,
}

/// The items to come, in order of time.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    items: BinaryHeap<Reverse<(Timestamp, Item)>>,
}

impl Agenda {
    /// Adds an item.
    pub(crate) fn add(&mut self, at: Timestamp, item: Item) {
        self.items.push(Reverse((at, item)));
    }

    /// Returns when the next item is due; [`Timestamp::MAX`] when there is none.
    pub(crate) fn next(&self) -> Timestamp {
        self.items.peek().map_or(Timestamp::MAX, |Reverse((at, _))| *at)
    }

    /// Takes the next item if it is due.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Item> {
        if self.next() > now {
            return None;
        }
        self.items.pop().map(|Reverse((_, item))| item)
    }
}

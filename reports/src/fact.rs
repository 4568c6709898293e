//! What a ledger records: everything that happened, in the switch and among the people.

use acd::{AttemptKind, ContactId, Event, GroupId};

/// One thing that happened.
#[derive(Debug, Clone, Copy)]
pub enum Fact<'a> {
    /// In the switch.
    Switch(&'a Event),
    /// Among the people.
    Person(PersonFact),
}

/// Something that the switch cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonFact {
    /// A caller will call again: he enters the orbit. [`Event::CallArrived`] with that kind, or [`PersonFact::LostToClose`], ends it.
    CallsAgain {
        /// The contact he will call.
        contact: ContactId,
        /// `Redial` or `Reconnect`.
        kind: AttemptKind,
    },
    /// A failed attempt drew no redial.
    GaveUp {
        /// The contact.
        contact: ContactId,
        /// The kind of the attempt that failed.
        kind: AttemptKind,
    },
    /// A caller in the orbit whose next attempt falls after the close.
    LostToClose {
        /// The contact.
        contact: ContactId,
        /// `Redial` or `Reconnect`.
        kind: AttemptKind,
    },
    /// From now on this many agents of a group are scheduled (and paid).
    Scheduled {
        /// The group.
        group: GroupId,
        /// How many.
        count: u32,
    },
}

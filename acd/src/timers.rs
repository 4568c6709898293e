//! The switch's own timers, in order of (due, sequence). Dead timers are dropped when they come to the top.

use crate::id::{AgentId, CallId, OfferId, StepId};
use crate::units::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Cause {
    /// An offer rang long enough.
    Ring(OfferId),
    /// An agent's back-off is over; `age` of the offer that led to it.
    BackOff(AgentId, u32),
    /// A call waited as long as its queue allows.
    MaxWait(CallId),
    /// A call waited long enough to overflow.
    Overflow(CallId),
    /// A menu got no key; the number is the try.
    Menu(CallId, StepId, u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Timer {
    due: Timestamp,
    sequence: u64,
    cause: Cause,
}

/// The timers that run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Timers {
    /// The earliest; apart, because it is looked at all the time and is often the only one.
    first: Option<Timer>,
    others: BinaryHeap<Reverse<Timer>>,
    sequence: u64,
}

impl Timers {
    /// Starts a timer.
    #[inline]
    pub(crate) fn start(&mut self, due: Timestamp, cause: Cause) {
        self.sequence += 1;
        let timer = Timer { due, sequence: self.sequence, cause };
        // Of two that are due together the one started first comes first, so a new one never displaces its equal.
        if self.first.is_none_or(|first| due < first.due) {
            if let Some(later) = self.first.replace(timer) {
                self.others.push(Reverse(later));
            }
        } else {
            self.others.push(Reverse(timer));
        }
    }

    /// Returns when the earliest timer is due, dead or alive.
    #[inline]
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.first.as_ref().map(|timer| timer.due)
    }

    /// Returns the earliest timer, dead or alive.
    #[inline]
    pub(crate) fn first(&self) -> Option<(Timestamp, Cause)> {
        self.first.map(|timer| (timer.due, timer.cause))
    }

    /// Drops the earliest timer.
    #[inline]
    pub(crate) fn drop_first(&mut self) {
        self.first = None;
        if !self.others.is_empty() {
            self.first = self.others.pop().map(|Reverse(timer)| timer);
        }
    }

    /// Lists every timer, dead or alive; for the laws.
    pub(crate) fn causes(&self) -> impl Iterator<Item = Cause> {
        let others = self.others.iter().map(|Reverse(timer)| timer);
        self.first.iter().chain(others).map(|timer| timer.cause)
    }
}

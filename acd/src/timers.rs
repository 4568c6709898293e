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
    heap: BinaryHeap<Reverse<Timer>>,
    sequence: u64,
}

impl Timers {
    /// Starts a timer.
    #[inline]
    pub(crate) fn start(&mut self, due: Timestamp, cause: Cause) {
        self.sequence += 1;
        self.heap.push(Reverse(Timer { due, sequence: self.sequence, cause }));
    }

    /// Returns the earliest timer, dead or alive.
    #[inline]
    pub(crate) fn first(&self) -> Option<(Timestamp, Cause)> {
        self.heap.peek().map(|Reverse(timer)| (timer.due, timer.cause))
    }

    /// Drops the earliest timer.
    #[inline]
    pub(crate) fn drop_first(&mut self) {
        self.heap.pop();
    }

    /// Lists every timer, dead or alive; for the laws.
    pub(crate) fn causes(&self) -> impl Iterator<Item = Cause> {
        self.heap.iter().map(|Reverse(timer)| timer.cause)
    }
}

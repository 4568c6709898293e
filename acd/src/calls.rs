//! The calls the switch knows: one record a slot, told apart by age.

use crate::id::{AgentId, CallId, ContactId, FlowId, QueueId, SiteId, StepId};
use crate::input::AttemptKind;
use crate::output::Outcome;
use crate::units::{Duration, Timestamp};
use crate::waiting::{Place, Places};
use serde::{Deserialize, Serialize};

/// The most calls at one time: more are refused as blocked.
pub const CALLS_MAX: u32 = 1 << 24;

/// What a call is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CallState {
    /// Over; the slot may be used again.
    Free,
    /// In a flow, at a step.
    Ivr {
        /// The flow.
        flow: FlowId,
        /// The step.
        step: StepId,
        /// How often this menu was played.
        tries: u8,
    },
    /// In the waiting line of its queue.
    Waiting {
        /// Whether it stands among those that did not come in order.
        returned: bool,
    },
    /// Offered to an agent.
    Offered(AgentId),
    /// With an agent: talking or on hold.
    Connected(AgentId),
    /// On the list of callbacks.
    Listed,
}

/// One call. A cache line: with 20,000 agents every call met is a miss, and a second line a second one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[repr(align(64))]
pub(crate) struct Call {
    pub(crate) age: u32,
    pub(crate) contact: ContactId,
    /// The queue it is in, or was in last.
    pub(crate) queue: QueueId,
    pub(crate) state: CallState,
    /// First entry to a queue; a call sent back starts anew.
    pub(crate) since: Timestamp,
    /// Where it stands in line: lower is earlier; ties by `serial`.
    pub(crate) place: u64,
    /// Arrival order among all calls.
    pub(crate) serial: u64,
    pub(crate) site: Option<SiteId>,
    pub(crate) kind: AttemptKind,
    /// Overflows so far.
    pub(crate) hops: u8,
    pub(crate) has_line: bool,
    pub(crate) was_offered: bool,
    pub(crate) is_taken: bool,
    /// Keeps his place by a callback and cannot abandon.
    pub(crate) is_held_place: bool,
    /// A listed callback: its outcome is known already.
    pub(crate) is_callback: bool,
    /// A callback was offered in this event and may be accepted.
    pub(crate) is_asked: bool,
}

/// What only calls that were in a flow have need of.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Aside {
    /// The outcome, and the wait until it, that stand unless the flow leads to a queue again.
    pub(crate) pending: Option<(Outcome, Duration)>,
    /// The step that put the call into a queue: its exits say where a full queue leads.
    pub(crate) enqueued_by: Option<(FlowId, StepId)>,
}

/// The table of calls, by slot.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Calls {
    table: Vec<Call>,
    asides: Vec<Aside>,
    serial: u64,
}

impl Places for Calls {
    #[inline]
    fn place(&self, slot: u32) -> Place {
        let call = &self.table[slot as usize];
        (call.place, call.serial)
    }
}

impl Calls {
    /// Takes a slot for a new call. `None` when it is in use, or beyond the limit.
    #[inline]
    pub(crate) fn open(
        &mut self,
        id: CallId,
        contact: ContactId,
        kind: AttemptKind,
    ) -> Option<&mut Call> {
        if id.slot >= CALLS_MAX {
            return None;
        }
        while self.table.len() <= id.index() {
            self.table.push(EMPTY);
        }
        let call = &mut self.table[id.index()];
        if call.state != CallState::Free {
            return None;
        }
        if let Some(aside) = self.asides.get_mut(id.index()) {
            *aside = Aside::default();
        }
        self.serial += 1;
        *call = Call { age: id.age, contact, kind, serial: self.serial, ..EMPTY };
        // Not free: the door decides at once what it is in.
        call.state = CallState::Listed;
        Some(call)
    }

    /// Returns the call, unless it is over or the slot has another user.
    #[inline]
    pub(crate) fn find(&self, id: CallId) -> Option<&Call> {
        let call = self.table.get(id.index())?;
        (call.age == id.age && call.state != CallState::Free).then_some(call)
    }

    /// Returns the call in a slot that is known to be in use.
    #[inline]
    pub(crate) fn at(&mut self, id: CallId) -> &mut Call {
        &mut self.table[id.index()]
    }

    /// Returns what is noted aside of a call in use.
    pub(crate) fn aside(&mut self, id: CallId) -> &mut Aside {
        if self.asides.len() <= id.index() {
            self.asides.resize(id.index() + 1, Aside::default());
        }
        &mut self.asides[id.index()]
    }

    /// Returns what the call in a slot is in.
    #[inline]
    pub(crate) fn state(&self, slot: u32) -> Option<CallState> {
        self.table.get(slot as usize).map(|call| call.state)
    }

    /// Returns the id of the call that uses a slot.
    #[inline]
    pub(crate) fn id(&self, slot: u32) -> CallId {
        CallId { slot, age: self.table[slot as usize].age }
    }

    /// Lists the calls in use, by slot.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = (CallId, &Call)> {
        (0..)
            .zip(&self.table)
            .filter(|(_, call)| call.state != CallState::Free)
            .map(|(slot, call)| (CallId { slot, age: call.age }, call))
    }
}

const EMPTY: Call = Call {
    age: 0,
    contact: ContactId(0),
    queue: QueueId(0),
    state: CallState::Free,
    since: Timestamp::ZERO,
    place: 0,
    serial: 0,
    site: None,
    kind: AttemptKind::Fresh,
    hops: 0,
    has_line: false,
    was_offered: false,
    is_taken: false,
    is_held_place: false,
    is_callback: false,
    is_asked: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_fits_a_cache_line() {
        assert_eq!(size_of::<Call>(), 64);
    }
}

//! The calls in the system and the callers who will call again: two tables whose slots are used again.

use crate::events::{NO_TICKET, Ticket};
use crate::wishes::Wanted;
use acd::{AttemptKind, CallId, ContactId, Duration, OfferId, Timestamp};

/// Where a caller is, as he sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallState {
    /// Nobody's: the slot may be used again.
    Free,
    /// At the door, in a queue or ringing.
    Waiting,
    /// In the IVR.
    Ivr,
    /// With an agent.
    Talking,
    /// On the list of callbacks, or being rung up from it.
    Listed,
}

/// Who a caller is, in all his attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// His number among the fresh calls of his contact.
    pub(crate) number: u64,
    pub(crate) contact: ContactId,
    pub(crate) kind: AttemptKind,
    pub(crate) mood: u8,
    /// Attempts before this one.
    pub(crate) attempt: u16,
    /// The attempt whose draws this one uses.
    pub(crate) draws: u16,
}

impl Caller {
    /// The repeat under which an attempt's own draws are addressed.
    #[inline]
    pub(crate) fn repeat(&self, sent_back: u8) -> u64 {
        // Draws are distinct for repeats below 2²⁰: 12 bits of attempts, 8 of times sent back.
        u64::from(self.draws & 0xFFF) | u64::from(sent_back) << 12
    }
}

/// One call, from the door to its end. Small: a large centre has tens of thousands, and each costs a cache line when it is touched.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    /// What he does next.
    pub(crate) ticket: Ticket,
    /// When his patience ends; [`Timestamp::ZERO`]: not drawn yet.
    pub(crate) deadline: Timestamp,
    pub(crate) age: u32,
    /// Offers so far.
    pub(crate) offers: u16,
    /// How often an agent was taken from him.
    pub(crate) sent_back: u8,
    pub(crate) state: CallState,
    /// He was promised his place and cannot abandon.
    pub(crate) is_promised: bool,
    /// His attempt ended when he was put on the list of callbacks.
    pub(crate) is_callback: bool,
}

/// What only some calls have need of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aside {
    /// Whose it is: the age of the call.
    age: u32,
    /// The answered offer, the hold, and the talk after it.
    pub(crate) offer: OfferId,
    pub(crate) hold: Duration,
    pub(crate) talk_left: Duration,
    /// What he wants from the IVR, the key he will press, and the steps he has been at.
    pub(crate) wanted: Wanted,
    pub(crate) key: u8,
    pub(crate) step: acd::StepId,
    pub(crate) steps: u16,
}

/// The calls in the system.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    table: Vec<Call>,
    asides: Vec<Aside>,
    free: Vec<u32>,
    /// Calls on the list of callbacks.
    pub(crate) listed: usize,
}

impl Calls {
    /// Begins a call.
    #[inline]
    pub(crate) fn open(&mut self, caller: Caller) -> CallId {
        let slot = self.free.pop().unwrap_or(self.table.len() as u32);
        let age = self.table.get(slot as usize).map_or(0, |call| call.age.wrapping_add(1));
        let call = Call {
            caller,
            ticket: NO_TICKET,
            deadline: Timestamp::ZERO,
            age,
            offers: 0,
            sent_back: 0,
            state: CallState::Waiting,
            is_promised: false,
            is_callback: false,
        };
        match self.table.get_mut(slot as usize) {
            Some(free) => *free = call,
            None => self.table.push(call),
        }
        CallId { slot, age }
    }

    /// Returns a call that is not over.
    #[inline]
    pub(crate) fn find(&mut self, id: CallId) -> Option<&mut Call> {
        let call = self.table.get_mut(id.index())?;
        (call.age == id.age && call.state != CallState::Free).then_some(call)
    }

    /// Returns the call in a slot, with its id, if this is what it does next.
    #[inline]
    pub(crate) fn due(&mut self, slot: u32, ticket: Ticket) -> Option<(CallId, &mut Call)> {
        let call = self.table.get_mut(slot as usize)?;
        (call.ticket == ticket).then_some((CallId { slot, age: call.age }, call))
    }

    /// Returns what a call has aside; nothing yet, if the slot's last user left it.
    #[inline]
    pub(crate) fn aside(&mut self, id: CallId) -> &mut Aside {
        let slot = id.index();
        if self.asides.len() <= slot {
            self.asides.resize_with(slot + 1, Aside::default);
        }
        let aside = &mut self.asides[slot];
        if aside.age != id.age {
            *aside = Aside { age: id.age, ..Aside::default() };
        }
        aside
    }

    /// Reads the record of a slot ahead of its time; see `Run::foresee`.
    #[inline]
    pub(crate) fn foresee(&self, slot: u32) {
        std::hint::black_box(self.is_live(slot, NO_TICKET));
    }

    /// Returns whether an event is still to come.
    #[inline]
    pub(crate) fn is_live(&self, slot: u32, ticket: Ticket) -> bool {
        self.table.get(slot as usize).is_some_and(|call| call.ticket == ticket)
    }

    /// Ends a call.
    #[inline]
    pub(crate) fn close(&mut self, id: CallId) {
        let call = &mut self.table[id.index()];
        self.listed -= usize::from(call.state == CallState::Listed);
        (call.state, call.ticket) = (CallState::Free, NO_TICKET);
        self.free.push(id.slot);
    }

    /// Changes where a caller is, and keeps count of the list of callbacks.
    #[inline]
    pub(crate) fn set_state(&mut self, id: CallId, state: CallState) {
        let call = &mut self.table[id.index()];
        self.listed -= usize::from(call.state == CallState::Listed);
        self.listed += usize::from(state == CallState::Listed);
        call.state = state;
    }

    /// Lets a call talk, until what is planned.
    #[inline]
    pub(crate) fn talk(&mut self, id: CallId, ticket: Ticket) {
        self.set_state(id, CallState::Talking);
        self.table[id.index()].ticket = ticket;
    }

    /// Notes what the caller in a slot does next.
    pub(crate) fn set_ticket(&mut self, slot: u32, ticket: Ticket) {
        self.table[slot as usize].ticket = ticket;
    }

    /// Returns how many calls are in the system, those on the list of callbacks included.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.table.len() - self.free.len()
    }
}

/// The callers who will call again.
#[derive(Debug, Default)]
pub(crate) struct Orbit {
    table: Vec<Caller>,
    free: Vec<u32>,
}

impl Orbit {
    /// Takes a caller in.
    pub(crate) fn enter(&mut self, caller: Caller) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.table[slot as usize] = caller;
                slot
            }
            None => {
                self.table.push(caller);
                (self.table.len() - 1) as u32
            }
        }
    }

    /// Lets a caller out.
    pub(crate) fn leave(&mut self, slot: u32) -> Caller {
        self.free.push(slot);
        self.table[slot as usize]
    }

    /// Returns how many callers will call again.
    pub(crate) fn len(&self) -> usize {
        self.table.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u64) -> Caller {
        let (contact, kind) = (ContactId(0), AttemptKind::Fresh);
        Caller { number, contact, kind, mood: 0, attempt: 0, draws: 0 }
    }

    #[test]
    fn a_slot_is_used_again_under_another_age() {
        let mut calls = Calls::default();
        let first = calls.open(caller(1));
        calls.close(first);
        let second = calls.open(caller(2));
        assert_eq!((second.slot, second.age), (first.slot, first.age + 1));
        assert!(calls.find(first).is_none());
        assert_eq!(calls.find(second).map(|call| call.caller.number), Some(2));
        assert_eq!(calls.len(), 1);
    }

    #[test]
    fn calls_stay_small() {
        assert!(size_of::<Call>() == 64, "{}", size_of::<Call>());
    }

    #[test]
    fn attempts_and_send_backs_have_draws_of_their_own() {
        let mut one = caller(1);
        let first = one.repeat(0);
        one.draws = 1;
        assert!(![first, one.repeat(1)].contains(&one.repeat(0)));
        assert!(one.repeat(u8::MAX) < 1 << 20);
    }
}

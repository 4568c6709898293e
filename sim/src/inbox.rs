//! What the people want to tell the switch, first come first served. Nearly always there is one thing at most.
//!
//! The four inputs of every call are kept as words and not as an [`Input`]: a processor that stores an enum's
//! small fields and at once loads it whole must wait for its own stores (measured: 8 % of W1).

use acd::{AgentId, AttemptKind, CallId, ContactId, Input, OfferId};
use std::collections::VecDeque;

/// The inputs not yet handed over.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    first: Quick,
    more: VecDeque<Input>,
}

/// One of the inputs of every call, as words.
#[derive(Debug, Default)]
struct Quick {
    what: What,
    /// Contact, kind and attempt of an offered call.
    details: u64,
    /// A call, an offer or an agent.
    who: u64,
    caller: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum What {
    #[default]
    Nothing,
    Offered,
    Answered,
    Gone,
    WrappedUp,
}

const fn pack(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

const fn call_of(who: u64) -> CallId {
    CallId { slot: who as u32, age: (who >> 32) as u32 }
}

const fn offer_of(who: u64) -> OfferId {
    OfferId { agent: AgentId(who as u32), age: (who >> 32) as u32 }
}

const fn kind_of(kind: u64) -> AttemptKind {
    match kind {
        0 => AttemptKind::Fresh,
        1 => AttemptKind::Redial,
        _ => AttemptKind::Reconnect,
    }
}

impl Quick {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    fn take(&mut self) -> Option<Input> {
        let who = self.who;
        let input = match std::mem::take(&mut self.what) {
            What::Nothing => return None,
            What::Offered => Input::CallOffered {
                call: call_of(who),
                contact: ContactId(self.details as u16),
                kind: kind_of(self.details >> 32),
                attempt: (self.details >> 16) as u16,
                caller: self.caller,
            },
            What::Answered => Input::AgentAnswered { offer: offer_of(who) },
            What::Gone => Input::CallerGone { call: call_of(who) },
            What::WrappedUp => Input::WrapUpDone { agent: AgentId(who as u32) },
        };
        Some(input)
    }
}

impl Inbox {
    /// A call reaches the door; as [`Input::CallOffered`].
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    pub(crate) fn call_offered(
        &mut self,
        call: CallId,
        (contact, kind, attempt): (ContactId, AttemptKind, u16),
        caller: u64,
    ) {
        let details = pack(u32::from(contact.0) | u32::from(attempt) << 16, kind as u32);
        self.push_quick(What::Offered, details, pack(call.slot, call.age), caller);
    }

    /// An agent takes a call; as [`Input::AgentAnswered`].
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    pub(crate) fn agent_answered(&mut self, offer: OfferId) {
        self.push_who(What::Answered, pack(offer.agent.0, offer.age));
    }

    /// A caller hangs up; as [`Input::CallerGone`].
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    pub(crate) fn caller_gone(&mut self, call: CallId) {
        self.push_who(What::Gone, pack(call.slot, call.age));
    }

    /// An agent finished after-call work; as [`Input::WrapUpDone`].
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    pub(crate) fn wrap_up_done(&mut self, agent: AgentId) {
        self.push_who(What::WrappedUp, pack(agent.0, 0));
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    fn push_who(&mut self, what: What, who: u64) {
        self.push_quick(what, 0, who, 0);
    }

    // The words go to their places one by one: made up as a whole elsewhere and copied they would be read in twos
    // while their stores are under way, which costs what the words are to save (measured: 3 % of W1).
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    fn push_quick(&mut self, what: What, details: u64, who: u64, caller: u64) {
        if !self.is_empty() {
            return self.push_behind(what, details, who, caller);
        }
        self.first.what = what;
        self.first.details = details;
        self.first.who = who;
        self.first.caller = caller;
    }

    #[cold]
    #[inline(never)]
    fn push_behind(&mut self, what: What, details: u64, who: u64, caller: u64) {
        self.more.extend(Quick { what, details, who, caller }.take());
    }

    /// Adds any other input at the end.
    pub(crate) fn push(&mut self, input: Input) {
        self.more.push_back(input);
    }

    /// Returns whether there is nothing to hand over.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.what == What::Nothing && self.more.is_empty()
    }

    /// Takes an answer back that nobody has heard: the telephone fell silent in the same moment.
    pub(crate) fn withdraw_answer(&mut self, offer: OfferId) {
        if self.first.what == What::Answered && offer_of(self.first.who) == offer {
            self.first.what = What::Nothing;
        }
        self.more.retain(|input| *input != Input::AgentAnswered { offer });
    }

    /// Takes the input at the front.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call passes the words through memory in other sizes"
    )]
    pub(crate) fn pop(&mut self) -> Option<Input> {
        match self.first.take() {
            Some(input) => Some(input),
            None => self.more.pop_front(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_leave_in_the_order_they_came() {
        let call = |slot| CallId { slot, age: 1 };
        let mut inbox = Inbox::default();
        inbox.caller_gone(call(1));
        inbox.caller_gone(call(2));
        inbox.push(Input::CloseQueues);
        assert_eq!(inbox.pop(), Some(Input::CallerGone { call: call(1) }));
        inbox.wrap_up_done(AgentId(3));
        assert_eq!(inbox.pop(), Some(Input::CallerGone { call: call(2) }));
        assert_eq!(inbox.pop(), Some(Input::CloseQueues));
        assert_eq!(inbox.pop(), Some(Input::WrapUpDone { agent: AgentId(3) }));
        assert_eq!(inbox.pop(), None);
    }

    #[test]
    fn every_input_comes_out_as_it_went_in() {
        let call = CallId { slot: 7, age: u32::MAX };
        let (offer, agent) = (OfferId { agent: AgentId(9), age: 3 }, AgentId(5));
        let (contact, attempt, caller) = (ContactId(u16::MAX), u16::MAX, u64::MAX);
        let mut inbox = Inbox::default();
        for kind in AttemptKind::ALL {
            inbox.call_offered(call, (contact, kind, attempt), caller);
            let offered = Input::CallOffered { call, contact, kind, attempt, caller };
            assert_eq!(inbox.pop(), Some(offered));
        }
        inbox.agent_answered(offer);
        assert_eq!(inbox.pop(), Some(Input::AgentAnswered { offer }));
        inbox.caller_gone(call);
        assert_eq!(inbox.pop(), Some(Input::CallerGone { call }));
        inbox.wrap_up_done(agent);
        assert_eq!(inbox.pop(), Some(Input::WrapUpDone { agent }));
        inbox.push(Input::AgentHeld { offer, on: true });
        assert_eq!(inbox.pop(), Some(Input::AgentHeld { offer, on: true }));
        assert!(inbox.is_empty());
    }

    #[test]
    fn an_answer_nobody_heard_is_taken_back() {
        let offer = |age| OfferId { agent: AgentId(0), age };
        let mut inbox = Inbox::default();
        for age in 1..4 {
            inbox.agent_answered(offer(age));
        }
        inbox.withdraw_answer(offer(1));
        inbox.withdraw_answer(offer(3));
        assert_eq!(inbox.pop(), Some(Input::AgentAnswered { offer: offer(2) }));
        assert!(inbox.is_empty());
    }
}

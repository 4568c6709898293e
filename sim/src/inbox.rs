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
    /// Takes the input, unless it is not of this sort.
    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "any other input takes the long way")]
    fn put(&mut self, input: Input) -> Option<Input> {
        match input {
            Input::CallOffered { call, contact, kind, attempt, caller } => {
                let details = pack(u32::from(contact.0) | u32::from(attempt) << 16, kind as u32);
                let who = pack(call.slot, call.age);
                *self = Self { what: What::Offered, details, who, caller };
            }
            Input::AgentAnswered { offer } => {
                (self.what, self.who) = (What::Answered, pack(offer.agent.0, offer.age));
            }
            Input::CallerGone { call } => {
                (self.what, self.who) = (What::Gone, pack(call.slot, call.age));
            }
            Input::WrapUpDone { agent } => {
                (self.what, self.who) = (What::WrappedUp, pack(agent.0, 0))
            }
            other => return Some(other),
        }
        None
    }

    #[inline]
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
    /// Adds an input at the end.
    #[inline]
    pub(crate) fn push(&mut self, input: Input) {
        if !self.is_empty() {
            self.more.push_back(input);
        } else if let Some(rare) = self.first.put(input) {
            self.more.push_back(rare);
        }
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
    #[inline]
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
        let input = |agent| Input::WrapUpDone { agent: AgentId(agent) };
        let mut inbox = Inbox::default();
        inbox.push(input(1));
        inbox.push(input(2));
        assert_eq!(inbox.pop(), Some(input(1)));
        inbox.push(input(3));
        assert_eq!(inbox.pop(), Some(input(2)));
        assert_eq!(inbox.pop(), Some(input(3)));
        assert_eq!(inbox.pop(), None);
    }

    #[test]
    fn every_input_comes_out_as_it_went_in() {
        let call = CallId { slot: 7, age: u32::MAX };
        let offer = OfferId { agent: AgentId(9), age: 3 };
        let offered = |kind| Input::CallOffered {
            call,
            contact: ContactId(u16::MAX),
            kind,
            attempt: u16::MAX,
            caller: u64::MAX,
        };
        let mut inputs: Vec<Input> = AttemptKind::ALL.into_iter().map(offered).collect();
        inputs.extend([
            Input::AgentAnswered { offer },
            Input::CallerGone { call },
            Input::WrapUpDone { agent: AgentId(5) },
            Input::AgentHeld { offer, on: true },
            Input::CloseQueues,
        ]);
        let mut inbox = Inbox::default();
        for input in inputs {
            inbox.push(input);
            assert_eq!(inbox.pop(), Some(input));
            assert!(inbox.is_empty());
        }
    }

    #[test]
    fn an_answer_nobody_heard_is_taken_back() {
        let offer = |age| OfferId { agent: AgentId(0), age };
        let answer = |age| Input::AgentAnswered { offer: offer(age) };
        let mut inbox = Inbox::default();
        for age in 1..4 {
            inbox.push(answer(age));
        }
        inbox.withdraw_answer(offer(1));
        inbox.withdraw_answer(offer(3));
        assert_eq!(inbox.pop(), Some(answer(2)));
        assert!(inbox.is_empty());
    }
}

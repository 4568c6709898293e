//! What the people want to tell the switch, first come first served. Nearly always there is one thing at most.

use acd::{Input, OfferId};
use std::collections::VecDeque;

/// The inputs not yet handed over.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    first: Option<Input>,
    more: VecDeque<Input>,
}

impl Inbox {
    /// Adds an input at the end.
    #[inline]
    pub(crate) fn push(&mut self, input: Input) {
        if self.is_empty() {
            self.first = Some(input);
        } else {
            self.more.push_back(input);
        }
    }

    /// Returns whether there is nothing to hand over.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.more.is_empty()
    }

    /// Takes an answer back that nobody has heard: the telephone fell silent in the same moment.
    pub(crate) fn withdraw_answer(&mut self, offer: OfferId) {
        let answer = Input::AgentAnswered { offer };
        if self.first == Some(answer) {
            self.first = None;
        }
        self.more.retain(|input| *input != answer);
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
        let input = |agent| Input::WrapUpDone { agent: acd::AgentId(agent) };
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
    fn an_answer_nobody_heard_is_taken_back() {
        let offer = |age| OfferId { agent: acd::AgentId(0), age };
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

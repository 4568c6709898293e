//! What the people want to tell the switch, first come first served. Nearly always there is one thing at most.

use acd::Input;
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
        if self.first.is_none() && self.more.is_empty() {
            self.first = Some(input);
        } else {
            self.more.push_back(input);
        }
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
}

//! Timers in lanes: all timers of one length expire in the order they were set.
//!
//! A transaction's timers have a handful of lengths (T1, 2·T1, …, T2, T4, 64·T1), so a queue for
//! each length is always sorted. Setting is O(1), the next due one is the least of the lanes'
//! heads. Cancelling is free: the transaction forgets the moment, and the entry is passed over when
//! it comes to the head.

use std::collections::VecDeque;

use super::slab::Id;
use crate::time::{Duration, Instant};

/// Which of a transaction's two timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// Send again: A, E, G, and the repetition of a 2xx.
    Retry,
    /// The state ends: B, D, F, H, I, J, K, L, M.
    End,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Armed {
    pub(super) due: Instant,
    sequence: u64,
    pub(super) id: Id,
    pub(super) timer: Timer,
}

#[derive(Debug, Default)]
pub(super) struct Timers {
    lanes: Vec<(Duration, VecDeque<Armed>)>,
    sequence: u64,
}

impl Timers {
    /// Sets a timer; `now` never goes back. Gives the moment it is due.
    pub(super) fn arm(&mut self, now: Instant, after: Duration, id: Id, timer: Timer) -> Instant {
        let due = now + after;
        self.sequence += 1;
        let armed = Armed { due, sequence: self.sequence, id, timer };
        match self.lanes.iter_mut().find(|(length, _)| *length == after) {
            Some((_, lane)) => lane.push_back(armed),
            None => self.lanes.push((after, VecDeque::from([armed]))),
        }
        due
    }

    /// Passes over heads that are no longer wanted, so that [`Self::next`] tells the truth.
    pub(super) fn prune(&mut self, is_live: impl Fn(&Armed) -> bool) {
        for (_, lane) in &mut self.lanes {
            while lane.front().is_some_and(|armed| !is_live(armed)) {
                lane.pop_front();
            }
        }
    }

    /// When the next timer is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(|(_, lane)| lane.front()).map(|armed| armed.due).min()
    }

    /// Takes the first timer due at or before `now`, in (due, set) order.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Armed> {
        let heads = self.lanes.iter_mut().map(|(_, lane)| lane);
        let due = heads.filter(|lane| lane.front().is_some_and(|armed| armed.due <= now));
        due.min_by_key(|lane| lane.front().map(|armed| (armed.due, armed.sequence)))?.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::super::slab::Slab;
    use super::*;

    #[test]
    fn timers_fire_by_due_time_then_in_the_order_they_were_set() {
        let mut slab = Slab::default();
        let id = slab.insert(());
        let (mut timers, start) = (Timers::default(), Instant::default());
        let ms = Duration::from_millis;
        timers.arm(start, ms(4), id, Timer::End);
        timers.arm(start, ms(2), id, Timer::Retry);
        timers.arm(start + ms(2), ms(2), id, Timer::Retry);
        assert_eq!(timers.next(), Some(start + ms(2)));
        let mut fired = Vec::new();
        while let Some(armed) = timers.pop(start + ms(4)) {
            fired.push((armed.due.as_micros(), armed.timer));
        }
        assert_eq!(fired, [(2000, Timer::Retry), (4000, Timer::End), (4000, Timer::Retry)]);
        assert_eq!(timers.next(), None);
    }
}

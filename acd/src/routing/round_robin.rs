//! `round-robin`: seats in order, going on after the one asked last by this queue.

use super::ready_set::ReadySet;
use super::{Ask, Member, Routing, Standing};

pub(super) const ENTRY: (&str, super::Make, &str) = (
    "round-robin",
    || Box::<RoundRobin>::default(),
    "the next ready agent after the one this queue asked last",
);

#[derive(Debug, Default)]
struct RoundRobin {
    ready: ReadySet,
    /// The seat after the one asked last. Each queue has its own, so that other queues never move it.
    next: u32,
}

impl Routing for RoundRobin {
    fn join(&mut self, _member: Member) {
        self.ready.join();
    }

    fn insert(&mut self, seat: u32, _standing: Standing) {
        self.ready.set(seat, true);
    }

    fn remove(&mut self, seat: u32) {
        self.ready.set(seat, false);
    }

    fn pick(&mut self, _ask: Ask) -> Option<u32> {
        let seat = self.ready.nth(self.ready.before(self.next)).or_else(|| self.ready.nth(0))?;
        self.next = seat + 1;
        Some(seat)
    }

    fn memory(&self) -> u64 {
        u64::from(self.next)
    }

    fn remember(&mut self, memory: u64) {
        self.next = memory as u32;
    }
}

//! `fewest-calls`: the agent who answered the fewest calls; among equals the longest idle.

use super::{Ask, Member, Routing, Standing};
use std::collections::BTreeSet;

pub(super) const ENTRY: (&str, super::Make, &str) = (
    "fewest-calls",
    || Box::<FewestCalls>::default(),
    "the agent who answered the fewest calls, among equals the longest idle",
);

#[derive(Debug, Default)]
struct FewestCalls {
    ready: BTreeSet<(u32, u64, u32)>,
    /// The key under which a seat stands in `ready`.
    keys: Vec<(u32, u64)>,
}

impl Routing for FewestCalls {
    fn join(&mut self, _member: Member) {
        self.keys.push((0, 0));
    }

    fn insert(&mut self, seat: u32, standing: Standing) {
        let key = (standing.calls_answered, standing.ready_sequence);
        self.keys[seat as usize] = key;
        self.ready.insert((key.0, key.1, seat));
    }

    fn remove(&mut self, seat: u32) {
        let (calls, sequence) = self.keys[seat as usize];
        self.ready.remove(&(calls, sequence, seat));
    }

    fn pick(&mut self, _ask: Ask) -> Option<u32> {
        self.ready.first().map(|(_, _, seat)| *seat)
    }
}

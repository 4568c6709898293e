//! `random`: any ready agent alike, by a hash of seed and call, so that a run repeats itself.

use super::ready_set::ReadySet;
use super::{Ask, Member, Routing, Standing};

pub(super) const ENTRY: (&str, super::Make, &str) =
    ("random", || Box::<Random>::default(), "any ready agent alike, by a hash of seed and call");

#[derive(Debug, Default)]
struct Random {
    ready: ReadySet,
    /// Offers made: the same call asked again gets another draw.
    asked: u64,
}

impl Routing for Random {
    fn join(&mut self, _member: Member) {
        self.ready.join();
    }

    fn insert(&mut self, seat: u32, _standing: Standing) {
        self.ready.set(seat, true);
    }

    fn remove(&mut self, seat: u32) {
        self.ready.set(seat, false);
    }

    fn pick(&mut self, ask: Ask) -> Option<u32> {
        let count = u64::from(self.ready.count());
        let call = u64::from(ask.call.slot) << 32 | u64::from(ask.call.age);
        self.asked += 1;
        let word = mix(mix(ask.seed ^ self.asked).wrapping_add(call));
        // Multiply-high maps the word to 0..count without a remainder's bias.
        self.ready.nth(((u128::from(word) * u128::from(count)) >> 64) as u32)
    }

    fn memory(&self) -> u64 {
        self.asked
    }

    fn remember(&mut self, memory: u64) {
        self.asked = memory;
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ word >> 31
}

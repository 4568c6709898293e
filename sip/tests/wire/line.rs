//! A line that loses, doubles, delays and reorders datagrams, the same way for the same seed.

use std::collections::BTreeMap;

use sip::{Duration, Instant};

/// Marsaglia's xorshift64: good enough to shake a protocol, small enough to read.
pub(crate) struct XorShift(u64);

impl XorShift {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds are spread by an odd constant; zero would stay zero.
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }
}

/// How bad the line is.
#[derive(Clone, Copy)]
pub(crate) struct Badness {
    pub(crate) lost_per_mille: u64,
    pub(crate) doubled_per_mille: u64,
    pub(crate) delay_max: Duration,
}

pub(crate) struct Line {
    chance: XorShift,
    badness: Badness,
    in_flight: BTreeMap<(Instant, u64), (usize, Vec<u8>)>,
    sequence: u64,
}

impl Line {
    pub(crate) fn new(seed: u64, badness: Badness) -> Self {
        Self { chance: XorShift::new(seed), badness, in_flight: BTreeMap::new(), sequence: 0 }
    }

    pub(crate) fn send(&mut self, now: Instant, to: usize, bytes: &[u8]) {
        let copies = 1 + u64::from(self.chance.happens(self.badness.doubled_per_mille));
        for _ in 0..copies {
            if self.chance.happens(self.badness.lost_per_mille) {
                continue;
            }
            let most = u64::try_from(self.badness.delay_max.as_micros()).expect("short");
            let delay = Duration::from_micros(self.chance.below(most + 1));
            self.sequence += 1;
            self.in_flight.insert((now + delay, self.sequence), (to, bytes.to_vec()));
        }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.in_flight.keys().next().map(|(due, _)| *due)
    }

    pub(crate) fn deliver(&mut self, now: Instant) -> Option<(usize, Vec<u8>)> {
        let first = self.in_flight.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

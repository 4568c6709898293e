//! Arrivals with independent gaps of any law. The first gap begins with the run.

use super::Making;
use acd::{SECOND, Timestamp};
use chance::{Law, Purpose, Sampler, Stream};

/// The process at work.
pub(super) struct Renewal {
    gaps: Stream,
    drawn: u64,
    law: Sampler,
    microseconds: f64,
    at: f64,
}

impl Renewal {
    /// Prepares the process. A scale divides the gaps.
    pub(super) fn new(making: &Making<'_>, gap: &Law) -> Self {
        Self {
            gaps: making.stream(Purpose::Arrival),
            drawn: 0,
            law: gap.sampler(),
            microseconds: SECOND as f64 / making.scale,
            at: making.from.0 as f64,
        }
    }

    /// Returns the next arrival.
    pub(super) fn next(&mut self) -> Option<Timestamp> {
        self.at += self.law.sample(&mut self.gaps.draw(self.drawn)) * self.microseconds;
        self.drawn += 1;
        self.at.is_finite().then_some(Timestamp(self.at as u64))
    }
}

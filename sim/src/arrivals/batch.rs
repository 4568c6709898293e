//! Calls that come in batches: Poisson moments, several calls at each.

use super::Making;
use super::walk::per_microsecond;
use acd::{Rate, Timestamp};
use chance::{Law, Purpose, Sampler, Stream};

/// The process at work.
pub(super) struct Batch {
    gaps: Stream,
    sizes: Stream,
    drawn: u64,
    mean_gap: f64,
    size: Sampler,
    at: f64,
    /// Calls of the present batch still to come.
    left: u64,
}

impl Batch {
    /// Prepares the process.
    pub(super) fn new(making: &Making<'_>, rate: Rate, size: &Law) -> Self {
        Self {
            gaps: making.stream(Purpose::Arrival),
            sizes: making.stream(Purpose::Modulation),
            drawn: 0,
            mean_gap: 1.0 / per_microsecond(rate, making.scale),
            size: size.sampler(),
            at: making.from.0 as f64,
            left: 0,
        }
    }

    /// Returns the next arrival.
    pub(super) fn next(&mut self) -> Option<Timestamp> {
        if self.left == 0 {
            self.at += self.gaps.draw(self.drawn).exponential() * self.mean_gap;
            let size = self.size.sample(&mut self.sizes.draw(self.drawn));
            self.drawn += 1;
            self.left = (libm::round(size) as u64).max(1);
        }
        self.left -= 1;
        self.at.is_finite().then_some(Timestamp(self.at as u64))
    }
}

//! A Poisson process along a rate that is constant from point to point, exact at the points.
//!
//! Gaps are drawn for a process of rate 1 and stretched through the cumulative rate, so what is left of a gap at a
//! change point goes on at the new rate (never a gap at the old rate that reaches into the new one).

use super::wave::Wave;
use acd::{Rate, SECOND, Timestamp};

/// A stretch of constant rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    /// Its end, µs.
    pub(super) end: f64,
    /// Arrivals per µs.
    pub(super) rate: f64,
}

/// Where a process is on its way.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    at: f64,
    stretch: Stretch,
    mean_gap: f64,
}

/// Returns a rate in arrivals per µs.
pub(super) fn per_microsecond(rate: Rate, scale: f64) -> f64 {
    rate.per_second() * scale / SECOND as f64
}

impl Walk {
    /// Starts at a moment, before the first stretch.
    pub(super) fn new(from: Timestamp) -> Self {
        let at = from.0 as f64;
        Self { at, stretch: Stretch { end: at, rate: 0.0 }, mean_gap: f64::INFINITY }
    }

    /// Goes on by a gap of the process of rate 1. `next` gives the stretch that follows; without one there is no more arrival.
    #[inline]
    pub(super) fn advance(
        &mut self,
        mut gap: f64,
        mut next: impl FnMut(f64) -> Option<Stretch>,
    ) -> Option<Timestamp> {
        loop {
            let arrival = self.at + gap * self.mean_gap;
            if arrival < self.stretch.end {
                self.at = arrival;
                return Some(Timestamp(arrival as u64));
            }
            gap = (gap - (self.stretch.end - self.at) * self.stretch.rate).max(0.0);
            self.at = self.stretch.end;
            self.stretch = next(self.at)?;
            // Without a rate even a gap of 0 must not end here: 0 · ∞ is no number and compares as false.
            self.mean_gap = 1.0 / self.stretch.rate;
        }
    }

    /// Likewise along a wave; a stretch's `rate` is then the factor on the wave.
    pub(super) fn advance_along(
        &mut self,
        wave: Wave,
        mut gap: f64,
        mut next: impl FnMut(f64) -> Option<Stretch>,
    ) -> Option<Timestamp> {
        const MICROSECONDS: f64 = SECOND as f64;
        loop {
            let (from, until) = (self.at / MICROSECONDS, self.stretch.end / MICROSECONDS);
            let expected = wave.between(from, until) * self.stretch.rate;
            if gap < expected {
                let arrival = wave.after(from, gap / self.stretch.rate, until) * MICROSECONDS;
                // Half open: the end of a stretch belongs to the next one.
                self.at = arrival.clamp(self.at, (self.stretch.end - 1.0).max(self.at));
                return Some(Timestamp(self.at as u64));
            }
            gap -= expected;
            self.at = self.stretch.end;
            self.stretch = next(self.at)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_goes_on_at_the_new_rate_behind_a_change_point() {
        let mut stretches = vec![
            Stretch { end: 400.0, rate: 0.1 },
            Stretch { end: 200.0, rate: 0.0 },
            Stretch { end: 100.0, rate: 0.01 },
        ];
        let mut walk = Walk::new(Timestamp(0));
        // 1 of the 3 is used up in the first stretch, the rest takes 20 µs in the third.
        let at = walk.advance(3.0, |_| stretches.pop());
        assert_eq!(at, Some(Timestamp(220)));
        assert_eq!(walk.advance(1000.0, |_| stretches.pop()), None);
    }
}

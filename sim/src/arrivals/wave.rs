//! The cumulative rate of a sine wave, and its inverse.

use std::f64::consts::TAU;

/// rate(t) = mean + amplitude · sin(2π (t + phase) ÷ period), per second, t in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wave {
    pub(super) mean: f64,
    pub(super) amplitude: f64,
    pub(super) period: f64,
    pub(super) phase: f64,
}

impl Wave {
    fn angle(&self, t: f64) -> f64 {
        TAU * ((t + self.phase) / self.period)
    }

    fn rate(&self, t: f64) -> f64 {
        self.mean + self.amplitude * libm::sin(self.angle(t))
    }

    /// Returns the expected arrivals between two moments.
    pub(super) fn between(&self, from: f64, to: f64) -> f64 {
        let swing = libm::cos(self.angle(from)) - libm::cos(self.angle(to));
        self.mean * (to - from) + self.amplitude * self.period / TAU * swing
    }

    /// Returns the moment by which `expected` arrivals have come since `from`; the answer lies before `until`, which
    /// has at least as many. Newton's steps, kept between bounds by halving; exact to less than a microsecond.
    pub(super) fn after(&self, from: f64, expected: f64, until: f64) -> f64 {
        const CLOSE_ENOUGH: f64 = 1e-7;
        const STEPS_MAX: u32 = 200;
        let (mut low, mut high) = (from, until);
        let mut t = (from + expected / self.mean).min(until);
        for _ in 0..STEPS_MAX {
            let excess = self.between(from, t) - expected;
            if excess > 0.0 {
                high = t;
            } else {
                low = t;
            }
            let step = excess / self.rate(t);
            if step.abs() < CLOSE_ENOUGH || high - low < CLOSE_ENOUGH {
                return (t - step).clamp(low, high);
            }
            let newton = t - step;
            // At a trough the rate may be 0 and the step no number: then halve.
            t = if newton > low && newton < high { newton } else { low.midpoint(high) };
        }
        t
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_of_the_cumulative_rate_is_exact_to_a_microsecond() {
        for (amplitude, phase) in [(0.0, 0.0), (0.02, 0.0), (0.03, 4321.0)] {
            let wave = Wave { mean: 0.03, amplitude, period: 7200.0, phase };
            let mut t = 0.0;
            for step in 1..2000_u32 {
                let expected = f64::from(step % 17 + 1) * 0.1;
                let next = wave.after(t, expected, t + 1e6);
                let slope = wave.rate(next).max(1e-4);
                assert!(
                    (wave.between(t, next) - expected).abs() < 1e-6 * slope.max(1e-3),
                    "{step}"
                );
                assert!(next >= t);
                t = next;
            }
        }
    }
}

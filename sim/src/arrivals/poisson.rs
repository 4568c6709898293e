//! Poisson arrivals whose rate changes in time, on days that are busy or quiet.
//!
//! Source of the busyness: Avramidis, Deslauriers, L'Ecuyer 2004: one gamma factor of mean 1 on the rate of a day.

use super::Making;
use super::walk::{Stretch, Walk, per_microsecond};
use super::wave::Wave;
use acd::{Duration, SECOND, Timestamp};
use chance::{Law, Purpose, Sampler, Stream};
use scenarios::{Each, Poisson as Settings, RateCurve};

const DAY: u64 = 24 * 3600 * SECOND;

/// The process at work.
pub(super) struct Poisson<'s> {
    gaps: Stream,
    drawn: u64,
    walk: Walk,
    rate: Rate<'s>,
}

impl<'s> Poisson<'s> {
    /// Prepares the process of one contact.
    pub(super) fn new(making: &Making<'s>, settings: &'s Settings) -> Self {
        let busyness = settings.busyness.filter(|busyness| busyness.cv > 0.0).map(|busyness| {
            let shape = 1.0 / (busyness.cv * busyness.cv);
            Busyness {
                // The same day is as busy for the calls that a demand factor adds.
                draws: making.chance.stream(Purpose::Busyness, u32::from(making.contact.0)),
                law: Law::Gamma { mean: 1.0, shape }.sampler(),
                each: busyness.each,
                start_of_day: making.scenario.start_of_day,
            }
        });
        let rate = Rate {
            curve: &settings.rate,
            scale: making.scale,
            busyness,
            length: making.scenario.length.0,
            step: 0,
        };
        Self { gaps: making.stream(Purpose::Arrival), drawn: 0, walk: Walk::new(making.from), rate }
    }

    /// Returns the next arrival.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Timestamp> {
        let gap = self.gaps.draw(self.drawn).exponential();
        self.drawn += 1;
        match self.rate.wave() {
            None => self.walk.advance(gap, |at| self.rate.stretch(at)),
            Some(wave) => self.walk.advance_along(wave, gap, |at| self.rate.stretch(at)),
        }
    }
}

/// The rate along time, as stretches between change points.
struct Rate<'s> {
    curve: &'s RateCurve,
    scale: f64,
    busyness: Option<Busyness>,
    length: u64,
    /// The step of the curve that holds, or will hold next.
    step: usize,
}

impl Rate<'_> {
    #[inline]
    fn wave(&self) -> Option<Wave> {
        match self.curve {
            RateCurve::Constant(_) | RateCurve::Steps(_) => None,
            RateCurve::Wave { mean, amplitude, period, phase } => Some(Wave {
                mean: mean.per_second(),
                amplitude: amplitude.per_second(),
                period: period.as_secs(),
                phase: phase.as_secs(),
            }),
        }
    }

    /// Returns the stretch that begins at a change point. A wave's `rate` is the factor on its own rate.
    fn stretch(&mut self, at: f64) -> Option<Stretch> {
        let at = at as u64;
        if at >= self.length {
            return None;
        }
        let (rate, end) = match self.curve {
            RateCurve::Constant(rate) => (per_microsecond(*rate, self.scale), self.length),
            RateCurve::Wave { .. } => (self.scale, self.length),
            RateCurve::Steps(steps) => {
                let is_past = |next: &(Timestamp, acd::Rate)| next.0.0 <= at;
                while steps.get(self.step).is_some_and(is_past) {
                    self.step += 1;
                }
                let held = self
                    .step
                    .checked_sub(1)
                    .map_or(0.0, |step| per_microsecond(steps[step].1, self.scale));
                (held, steps.get(self.step).map_or(self.length, |next| next.0.0))
            }
        };
        let (factor, day_end) =
            self.busyness.as_ref().map_or((1.0, u64::MAX), |busyness| busyness.at(at));
        Some(Stretch { end: end.min(day_end).min(self.length) as f64, rate: rate * factor })
    }
}

/// How busy each day is.
struct Busyness {
    draws: Stream,
    law: Sampler,
    each: Each,
    start_of_day: Duration,
}

impl Busyness {
    /// Returns the factor at a moment, and until when it holds, µs.
    fn at(&self, at: u64) -> (f64, u64) {
        let (day, end) = match self.each {
            Each::Run => (0, u64::MAX),
            Each::Day => {
                let day = (at + self.start_of_day.0) / DAY;
                (day, (day + 1) * DAY - self.start_of_day.0)
            }
        };
        (self.law.sample(&mut self.draws.draw(day)), end)
    }
}

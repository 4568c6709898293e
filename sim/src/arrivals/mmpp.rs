//! Poisson arrivals whose rate jumps between states in a circle; every stay is exponential.

use super::Making;
use super::walk::{Stretch, Walk, per_microsecond};
use acd::{Duration, Rate, Timestamp};
use chance::{Purpose, Stream};

/// The process at work.
pub(super) struct Mmpp<'s> {
    gaps: Stream,
    drawn: u64,
    walk: Walk,
    states: States<'s>,
}

struct States<'s> {
    rates: &'s [Rate],
    stay: &'s [Duration],
    scale: f64,
    draws: Stream,
    /// Stays so far.
    stays: u64,
    state: usize,
}

impl<'s> Mmpp<'s> {
    /// Prepares the process; its first state is drawn from the long-run shares of time.
    pub(super) fn new(making: &Making<'s>, rates: &'s [Rate], stay: &'s [Duration]) -> Self {
        let draws = making.stream(Purpose::Modulation);
        // The circle visits each state once a turn, so shares of time are as the mean stays; stays forget their age.
        let total: f64 = stay.iter().map(|stay| stay.as_secs()).sum();
        let mut left = draws.draw(0).uniform() * total;
        let mut state = 0;
        while state + 1 < stay.len() && left >= stay[state].as_secs() {
            left -= stay[state].as_secs();
            state += 1;
        }
        let states = States { rates, stay, scale: making.scale, draws, stays: 0, state };
        Self {
            gaps: making.stream(Purpose::Arrival),
            drawn: 0,
            walk: Walk::new(making.from),
            states,
        }
    }

    /// Returns the next arrival. There is no last one: the source stops at the end of the run.
    pub(super) fn next(&mut self) -> Option<Timestamp> {
        let gap = self.gaps.draw(self.drawn).exponential();
        self.drawn += 1;
        self.walk.advance(gap, |at| self.states.stretch(at))
    }
}

impl States<'_> {
    fn stretch(&mut self, at: f64) -> Option<Stretch> {
        if at >= Timestamp::MAX.0 as f64 {
            return None;
        }
        if self.stays > 0 {
            self.state = (self.state + 1) % self.rates.len();
        }
        self.stays += 1;
        let stay = self.draws.draw(self.stays).exponential() * self.stay[self.state].0 as f64;
        let rate = per_microsecond(self.rates[self.state], self.scale);
        // At least a microsecond, so that states with no stay at all still let time pass.
        Some(Stretch { end: at + stay.max(1.0), rate })
    }
}

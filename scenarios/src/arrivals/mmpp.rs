//! `mmpp = { rates = ["120/h", "400/h"], stay = ["20m", "10m"] }`: a Markov-modulated Poisson process
//! (Fischer and Meier-Hellstern 1993, *The Markov-modulated Poisson process cookbook*).

use crate::limits;
use crate::model::Arrivals;
use crate::resolve::Resolver;
use crate::source::Span;
use acd::{Duration, Rate};

settings! {
    /// Poisson whose rate jumps between states, one after the other in a circle.
    pub(crate) struct Settings {
        /// The rate in each state.
        rates: Vec<Rate>,
        /// The mean stay in each state; exponential.
        stay: Vec<Duration>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Arrivals> {
        let (rates, stay) = (&self.rates, &self.stay);
        if rates.len() != stay.len() || rates.len() < 2 {
            let message = format!("{} rates for {} stays", rates.len(), stay.len());
            let fault = resolver.faults.error(span, message);
            fault.label("expected as many of `rates` as of `stay`, at least two");
            return None;
        }
        resolver.within(rates.len(), limits::PHASES, "states", span)?;
        if stay.contains(&Duration::ZERO) {
            resolver.faults.error(span, "a stay is zero").label("expected stays above zero");
            return None;
        }
        let total: f64 = stay.iter().map(|stay| stay.as_secs()).sum();
        let calls: f64 =
            rates.iter().zip(stay).map(|(rate, stay)| rate.per_hour * stay.as_secs()).sum();
        // A change of state costs as much as a call.
        let changes = 3600.0 * rates.len() as f64;
        resolver.expect_calls((calls + changes) / total, span)?;
        Some(Arrivals::Mmpp { rates: rates.clone(), stay: stay.clone() })
    }
}

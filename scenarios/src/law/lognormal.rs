//! `lognormal = { mean = "200s", cv = 1.15 }`: the usual law of talk times
//! (Brown et al. 2005, *Statistical Analysis of a Telephone Call Center*).

use crate::law::{Amount, positive, spread};
use crate::read::Positive;
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

settings! {
    /// A lognormal law.
    pub(crate) struct Settings<A> {
        /// The mean of the values, not of their logarithms.
        mean: A,
        /// Standard deviation ÷ mean.
        cv: Option<Positive>,
        /// Standard deviation.
        sd: Option<A>,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let mean = positive(self.mean, "mean", span, resolver)?;
        let cv = spread::cv(mean, self.cv, self.sd, span, resolver)?;
        Some(Law::Lognormal { mean, cv })
    }
}

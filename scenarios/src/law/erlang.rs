//! `erlang = { mean = "90s", k = 3 }`: the sum of k equal exponential phases; a gamma law of shape k.

use crate::law::{Amount, positive};
use crate::read::Count;
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

settings! {
    /// An Erlang law.
    pub(crate) struct Settings<A> {
        /// The mean of the sum.
        mean: A,
        /// The number of phases.
        k: Count<1, 1000>,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let mean = positive(self.mean, "mean", span, resolver)?;
        Some(Law::Gamma { mean, shape: f64::from(self.k.as_u32()) })
    }
}

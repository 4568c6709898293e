//! `exponential = { mean = "90s" }`: the law without memory, of density exp(−t/mean)/mean.

use crate::law::{Amount, positive};
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

settings! {
    /// An exponential law.
    pub(crate) struct Settings<A> {
        /// The mean.
        mean: A,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        Some(Law::Exponential { mean: positive(self.mean, "mean", span, resolver)? })
    }
}

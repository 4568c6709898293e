//! `batch = { rate = "20/h", size = { uniform = { min = 1, max = 5 } } }`: Poisson batches.

use crate::law::{LawSettings, Size};
use crate::model::Arrivals;
use crate::resolve::Resolver;
use crate::source::Span;
use acd::Rate;

settings! {
    /// Poisson batches of calls.
    pub(crate) struct Settings {
        /// Batches per hour.
        rate: Rate,
        /// Calls per batch, a plain number or a law of plain numbers; rounded, at least 1.
        size: LawSettings<Size>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Arrivals> {
        let size = self.size.resolve(resolver)?;
        resolver.expect_calls(self.rate.per_hour * size.mean().max(1.0), span)?;
        Some(Arrivals::Batch { rate: self.rate, size })
    }
}

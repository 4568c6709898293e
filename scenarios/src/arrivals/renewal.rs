//! `renewal = { gap = { erlang = { mean = "30s", k = 3 } } }`: independent gaps.

use crate::law::{LawSettings, Seconds};
use crate::model::Arrivals;
use crate::resolve::Resolver;
use crate::source::Span;

settings! {
    /// Independent gaps between calls.
    pub(crate) struct Settings {
        /// The law of the gaps.
        gap: LawSettings<Seconds>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Arrivals> {
        let gap = self.gap.resolve(resolver)?;
        resolver.expect_calls(3600.0 / gap.mean(), span)?;
        Some(Arrivals::Renewal { gap })
    }
}

//! `triangular = { min = "10s", mode = "20s", max = "60s" }`.

use crate::law::Amount;
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

settings! {
    /// A triangular law.
    pub(crate) struct Settings<A> {
        /// The least.
        min: A,
        /// The most likely.
        mode: A,
        /// The most.
        max: A,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let (min, mode, max) = (self.min.number(), self.mode.number(), self.max.number());
        if !(min <= mode && mode <= max && min < max) {
            let fault = resolver.faults.error(span, "`min`, `mode` and `max` are out of order");
            fault.label("expected `min` ≤ `mode` ≤ `max`, `min` below `max`");
            return None;
        }
        Some(Law::Triangular { min, mode, max })
    }
}

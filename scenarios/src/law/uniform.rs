//! `uniform = { min = "10s", max = "30s" }`.

use crate::law::Amount;
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

settings! {
    /// A uniform law.
    pub(crate) struct Settings<A> {
        /// The least.
        min: A,
        /// The most.
        max: A,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let (min, max) = (self.min.number(), self.max.number());
        if min >= max {
            let fault = resolver.faults.error(span, "`min` is not below `max`");
            fault.label("expected `min` below `max`");
            return None;
        }
        Some(Law::Uniform { min, max })
    }
}

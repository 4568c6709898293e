//! `gamma = { mean = "90s", cv = 0.5 }`: by `shape`, or by `cv` or `sd` (shape = 1 ÷ cv²).

use crate::law::{Amount, positive, spread};
use crate::read::Positive;
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

settings! {
    /// A gamma law.
    pub(crate) struct Settings<A> {
        /// The mean.
        mean: A,
        /// The shape: 1 is exponential.
        shape: Option<Positive>,
        /// Standard deviation ÷ mean, instead of the shape.
        cv: Option<Positive>,
        /// Standard deviation, instead of the shape.
        sd: Option<A>,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let mean = positive(self.mean, "mean", span, resolver)?;
        let shape = match self.shape {
            Some(shape) if self.cv.is_none() && self.sd.is_none() => shape.0,
            Some(_) => {
                let fault = resolver.faults.error(span, "a gamma law has its shape twice");
                fault.label("expected one of `shape`, `cv` and `sd`");
                return None;
            }
            None => {
                let cv = spread::cv(mean, self.cv, self.sd, span, resolver)?;
                1.0 / (cv * cv)
            }
        };
        Some(Law::Gamma { mean, shape })
    }
}

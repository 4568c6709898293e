//! `weibull = { mean = "6m", shape = 0.7 }`: hazard falls below shape 1, rises above it.

use crate::law::{Amount, positive};
use crate::read::Positive;
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

settings! {
    /// A Weibull law.
    pub(crate) struct Settings<A> {
        /// The mean.
        mean: A,
        /// The shape: 1 is exponential.
        shape: Option<Positive>,
        /// Standard deviation ÷ mean, instead of the shape.
        cv: Option<Positive>,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let mean = positive(self.mean, "mean", span, resolver)?;
        let shape = match (self.shape, self.cv) {
            (Some(shape), None) => shape.0,
            (None, Some(cv)) => shape_of(cv.0),
            (Some(_), Some(_)) | (None, None) => {
                resolver
                    .faults
                    .error(span, "a Weibull law needs `shape` or `cv`")
                    .label("expected exactly one of them");
                return None;
            }
        };
        if !(SHAPE_LEAST..=SHAPE_MOST).contains(&shape) {
            let fault = resolver.faults.error(span, "the shape of this law is out of bounds");
            fault.label(format!("expected a shape from {SHAPE_LEAST} to {SHAPE_MOST}"));
            return None;
        }
        Some(Law::Weibull { mean, shape })
    }
}

/// Beyond these the moments leave the range of floating point.
const SHAPE_LEAST: f64 = 0.1;
const SHAPE_MOST: f64 = 100.0;

/// Finds the shape of a coefficient of variation: cv² = Γ(1 + 2/k) ÷ Γ(1 + 1/k)² − 1 falls with k.
fn shape_of(cv: f64) -> f64 {
    let (mut low, mut high) = (SHAPE_LEAST, SHAPE_MOST);
    // Each step halves the bracket: 60 of them reach the last bit.
    for _ in 0..60 {
        let shape = 0.5 * (low + high);
        let log_ratio = libm::lgamma(1.0 + 2.0 / shape) - 2.0 * libm::lgamma(1.0 + 1.0 / shape);
        if libm::expm1(log_ratio) > cv * cv {
            low = shape;
        } else {
            high = shape;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_of_cv_one_is_exponential() {
        assert!((shape_of(1.0) - 1.0).abs() < 1e-9);
        // A Rayleigh law, shape 2, has cv² = 4/π − 1.
        assert!((shape_of((4.0 / std::f64::consts::PI - 1.0_f64).sqrt()) - 2.0).abs() < 1e-9);
    }
}

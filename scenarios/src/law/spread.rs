//! The spread of a law, given in one of several ways.

use crate::law::Amount;
use crate::read::Positive;
use crate::resolve::Resolver;
use crate::source::Span;

/// Takes the coefficient of variation from `cv` or `sd`, exactly one of them.
pub(super) fn cv<A: Amount>(
    mean: f64,
    cv: Option<Positive>,
    sd: Option<A>,
    span: Span,
    resolver: &mut Resolver,
) -> Option<f64> {
    match (cv, sd) {
        (Some(cv), None) => Some(cv.0),
        (None, Some(sd)) if sd.number() >= mean * LEAST && sd.number() <= mean * MOST => {
            Some(sd.number() / mean)
        }
        (None, Some(_)) => {
            resolver
                .faults
                .error(span, "the standard deviation of this law does not suit its mean")
                .label("expected `sd` from a thousandth to a thousand times the mean")
                .hint("for a constant write the value alone, such as `\"90s\"`");
            None
        }
        (Some(_), Some(_)) => one_of(span, "two spreads at once: `cv` and `sd`", resolver),
        (None, None) => one_of(span, "the spread of this law is missing", resolver),
    }
}

/// The least and the most that a standard deviation may be of its mean.
const LEAST: f64 = 0.001;
const MOST: f64 = 1000.0;

fn one_of(span: Span, message: &str, resolver: &mut Resolver) -> Option<f64> {
    resolver
        .faults
        .error(span, message)
        .label("expected one of `cv` (standard deviation ÷ mean) and `sd`");
    None
}

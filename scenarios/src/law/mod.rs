//! Laws as a file writes them: a duration, `unlimited`, or a one-key table. The registry of laws.

mod constant;
mod empirical;
mod erlang;
mod exponential;
mod gamma;
mod hyperexponential;
mod lognormal;
mod mixture;
mod spread;
mod triangular;
mod uniform;
mod weibull;

use crate::faults::{Faults, quoted};
use crate::read::{Number, Read, choice_table};
use crate::resolve::Resolver;
use crate::shape::{Leaf, Shape};
use crate::source::Span;
use crate::tree::{Node, Value};
use acd::Duration;
use chance::Law;

/// What a law is about: times or sizes.
pub(crate) trait Amount: Read + Copy + std::fmt::Debug + 'static {
    /// Whether `unlimited` may stand for a law.
    const MAY_BE_UNLIMITED: bool;

    /// Whether it is a time.
    const HAS_UNIT: bool;

    /// Returns seconds, or the plain number.
    fn number(self) -> f64;
}

/// A time, s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Seconds(f64);

/// A time that may be without limit, s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Patience(f64);

/// A number of calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Size(f64);

macro_rules! amounts {
    ($($name:ident $text:ty, $unlimited:literal, $unit:literal, $number:expr;)+) => {
        $(
            impl Read for $name {
                fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
                    <$text>::read(node, faults).map(|value| Self($number(value)))
                }

                fn shape() -> Shape {
                    <$text>::shape()
                }

                fn stand_in() -> Option<Self> {
                    Some(Self(1.0))
                }
            }

            impl Amount for $name {
                const MAY_BE_UNLIMITED: bool = $unlimited;
                const HAS_UNIT: bool = $unit;

                fn number(self) -> f64 {
                    self.0
                }
            }
        )+
    };
}

amounts! {
    Seconds Duration, false, true, Duration::as_secs;
    Patience Duration, true, true, Duration::as_secs;
    Size Number, false, false, |number: Number| number.0;
}

choice! {
    /// A law by its key.
    pub(crate) enum LawKind<A> "law" => Law {
        /// Always the same value.
        Constant "constant" (constant::Settings<A>),
        /// Exponential, by its mean.
        Exponential "exponential" (exponential::Settings<A>),
        /// Lognormal, by mean and `cv` or `sd`.
        Lognormal "lognormal" (lognormal::Settings<A>),
        /// Weibull, by mean and `shape` or `cv`.
        Weibull "weibull" (weibull::Settings<A>),
        /// Gamma, by mean and `shape`, `cv` or `sd`.
        Gamma "gamma" (gamma::Settings<A>),
        /// The sum of `k` equal exponential phases.
        Erlang "erlang" (erlang::Settings<A>),
        /// Exponential with one of several means.
        Hyperexponential "hyperexponential" (hyperexponential::Settings<A>),
        /// Uniform between two values.
        Uniform "uniform" (uniform::Settings<A>),
        /// Triangular.
        Triangular "triangular" (triangular::Settings<A>),
        /// Drawn from recorded values.
        Empirical "empirical" (empirical::Settings<A>),
        /// One of several laws.
        Mixture "mixture" (mixture::Settings<A>),
    }
}

/// A law in any form.
#[derive(Debug, Clone)]
pub(crate) enum LawSettings<A: Amount> {
    /// Never ends.
    Unlimited,
    /// Always this.
    Constant(A),
    /// One of the kinds.
    Kind(Box<LawKind<A>>),
}

impl<A: Amount> Read for LawSettings<A> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text.trim() == "unlimited" => unlimited(node, faults),
            Value::Table(_) => {
                choice_table(node, "law", LawKind::<A>::KEYS, faults)?;
                LawKind::read(node, faults).map(|kind| Self::Kind(Box::new(kind)))
            }
            Value::Text(text) if LawKind::<A>::KEYS.contains(&text.trim()) => {
                faults
                    .error(node.span, format!("the law `{}` lacks its numbers", text.trim()))
                    .label("expected a table such as `{ exponential = { mean = \"90s\" } }`");
                None
            }
            Value::List(_) | Value::Boolean(_) | Value::Datetime(_) => {
                faults
                    .error(node.span, format!("expected a law, found {}", node.value.kind()))
                    .label(format!(
                        "expected a value or one of {}",
                        quoted(LawKind::<A>::KEYS.iter().copied())
                    ));
                None
            }
            Value::Text(_) | Value::Integer(_) | Value::Float(_) => {
                A::read(node, faults).map(Self::Constant)
            }
        }
    }

    fn shape() -> Shape {
        let mut shapes = vec![A::shape(), Shape::Choice(LawKind::<A>::choice_shape())];
        if A::MAY_BE_UNLIMITED {
            shapes.push(Shape::Leaf(Leaf::Word(&["unlimited"])));
        }
        Shape::Either(shapes)
    }

    fn stand_in() -> Option<Self> {
        Some(Self::Unlimited)
    }
}

fn unlimited<A: Amount>(node: &Node, faults: &mut Faults) -> Option<LawSettings<A>> {
    if A::MAY_BE_UNLIMITED {
        return Some(LawSettings::Unlimited);
    }
    faults
        .error(node.span, "only patience may be `unlimited`")
        .label("expected a duration or a law with a mean");
    None
}

impl<A: Amount> LawSettings<A> {
    /// The law that is always zero.
    pub(crate) fn zero() -> Option<Law> {
        Some(Law::Constant(0.0))
    }

    /// Turns the settings into a law.
    pub(crate) fn resolve(&self, resolver: &mut Resolver) -> Option<Law> {
        match self {
            Self::Unlimited => Some(Law::Unlimited),
            Self::Constant(amount) => Some(Law::Constant(amount.number())),
            Self::Kind(kind) => kind.resolve(resolver),
        }
    }
}

/// The keys of the registry.
pub(crate) fn names() -> &'static [&'static str] {
    LawKind::<Seconds>::KEYS
}

/// Takes the mean of a law that must not be zero.
fn positive<A: Amount>(amount: A, what: &str, span: Span, resolver: &mut Resolver) -> Option<f64> {
    let number = amount.number();
    if number > 0.0 {
        return Some(number);
    }
    resolver
        .faults
        .error(span, format!("the {what} of this law is zero"))
        .label("expected more than zero")
        .hint("for a law that is always zero write `\"0s\"`");
    None
}

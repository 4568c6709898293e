//! Figures read off a run: key figures, and what is made of them by the four operations.

use acd::Duration;
use acd::kpi::{Kpi, Selector, ServiceLevelDefinition};
use reports::{Span, Totals};
use std::ops::{Add, Div, Mul, Sub};

/// A figure of a run, or of one replication.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// A number.
    Number(f64),
    /// The hours of one replication in which calls are counted.
    Hours,
    /// A key figure; the time is that of `p_wait_gt`.
    Kpi(Kpi, Option<Duration>, Selector, Span),
    /// Service level by a definition, within a time.
    Level(ServiceLevelDefinition, Duration, Selector, Span),
    /// Left + right.
    Sum(Box<Self>, Box<Self>),
    /// Left − right.
    Difference(Box<Self>, Box<Self>),
    /// Left · right.
    Product(Box<Self>, Box<Self>),
    /// Left ÷ right; absent where right is zero.
    Quotient(Box<Self>, Box<Self>),
}

impl Figure {
    /// A key figure of the whole run.
    #[must_use]
    pub fn kpi(kpi: Kpi, selector: Selector) -> Self {
        Self::Kpi(kpi, None, selector, Span::Run)
    }

    /// A key figure of the whole centre.
    #[must_use]
    pub fn all(kpi: Kpi) -> Self {
        Self::kpi(kpi, Selector::ALL)
    }

    /// The share of offered calls that waited longer than this.
    #[must_use]
    pub fn waited_longer(than_s: f64, selector: Selector) -> Self {
        Self::Kpi(Kpi::PWaitGt, Some(Duration::from_secs_f64(than_s)), selector, Span::Run)
    }

    /// The number of calls answered within this time.
    #[must_use]
    pub fn answered_within(seconds: f64, selector: Selector, span: Span) -> Self {
        let within = Duration::from_secs_f64(seconds);
        Self::Level(ServiceLevelDefinition::OfOffered, within, selector, span)
            * Self::Kpi(Kpi::Offered, None, selector, span)
    }

    /// The number of calls abandoned within this time.
    #[must_use]
    pub fn abandoned_within(seconds: f64, selector: Selector, span: Span) -> Self {
        let within = Duration::from_secs_f64(seconds);
        let either =
            Self::Level(ServiceLevelDefinition::CountingAbandonsInTarget, within, selector, span)
                * Self::Kpi(Kpi::Offered, None, selector, span);
        either - Self::answered_within(seconds, selector, span)
    }

    /// Returns the figure's value in replications of so many counted hours; `None` where it does not apply.
    #[must_use]
    pub fn read(&self, totals: &Totals, hours: f64) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            Self::Hours => Some(hours),
            Self::Kpi(kpi, time, selector, span) => totals.figure(*kpi, *time, *selector, *span),
            Self::Level(definition, within, selector, span) => {
                totals.service_level(*definition, Some(*within), *selector, *span)
            }
            Self::Sum(left, right) => Some(left.read(totals, hours)? + right.read(totals, hours)?),
            Self::Difference(left, right) => {
                Some(left.read(totals, hours)? - right.read(totals, hours)?)
            }
            Self::Product(left, right) => {
                Some(left.read(totals, hours)? * right.read(totals, hours)?)
            }
            Self::Quotient(left, right) => {
                let divisor = right.read(totals, hours)?;
                (divisor != 0.0).then_some(left.read(totals, hours)? / divisor)
            }
        }
    }
}

impl Add for Figure {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::Sum(Box::new(self), Box::new(other))
    }
}

impl Sub for Figure {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::Difference(Box::new(self), Box::new(other))
    }
}

impl Mul for Figure {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::Product(Box::new(self), Box::new(other))
    }
}

impl Div for Figure {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        Self::Quotient(Box::new(self), Box::new(other))
    }
}

impl Div<f64> for Figure {
    type Output = Self;

    fn div(self, other: f64) -> Self {
        self / Self::Number(other)
    }
}

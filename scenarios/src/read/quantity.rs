//! Readers of quantities with units, and of plain numbers; NaN, infinite and negative ones are refused.

use crate::faults::Faults;
use crate::read::{Read, shorten};
use crate::shape::{Leaf, Shape};
use crate::tree::{Node, Value};
use acd::{Duration, Rate, Share};
use std::str::FromStr;

impl Read for Duration {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        quantity(node, "duration", "s", "90s", faults)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Duration)
    }

    fn stand_in() -> Option<Self> {
        Some(Self::from_secs(1))
    }
}

impl Read for Rate {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        quantity(node, "rate", "/h", "120/h", faults)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Rate)
    }

    fn stand_in() -> Option<Self> {
        Some(Self::default())
    }
}

impl Read for Share {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        if let Value::Text(_) = node.value {
            return quantity(node, "share", "", "40%", faults);
        }
        let value = number(node, faults, "expected a share such as `40%` or `0.4`")?;
        let share = Self::new(value);
        if share.is_none() {
            let fault = faults.error(node.span, format!("{value} is not a share"));
            fault.label("expected a share from 0 to 1 (0% to 100%)");
            if value > 1.0 && value <= 100.0 {
                fault.hint(format!("did you mean `\"{value}%\"`?"));
            }
        }
        share
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Share)
    }

    fn stand_in() -> Option<Self> {
        Some(Self(0.0))
    }
}

/// Reads a string with a unit; a bare number is told which unit it might want.
fn quantity<T: FromStr<Err = acd::UnitError>>(
    node: &Node,
    what: &str,
    unit: &str,
    example: &str,
    faults: &mut Faults,
) -> Option<T> {
    let bare = match &node.value {
        Value::Text(text) => match text.parse() {
            Ok(value) => return Some(value),
            Err(error) => {
                let message = format!("`{}` is not a {what}", shorten(text));
                let fault = faults.error(node.span, message).label(error.to_string());
                explain(fault, text, unit);
                return None;
            }
        },
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(_) | Value::Datetime(_) | Value::List(_) | Value::Table(_) => None,
    };
    let Some(number) = bare else {
        faults
            .error(node.span, format!("expected a {what}, found {}", node.value.kind()))
            .label(format!("expected a {what} in quotes, such as `\"{example}\"`"));
        return None;
    };
    let fault = faults.error(node.span, format!("{} needs a unit", shorten(&number)));
    fault.label(format!("expected a {what} with its unit in quotes, such as `\"{example}\"`"));
    if format!("{number}{unit}").parse::<T>().is_ok() {
        fault.hint(format!("did you mean `\"{number}{unit}\"`?"));
    }
    None
}

fn explain(fault: &mut crate::faults::Fault, text: &str, unit: &str) {
    let text = text.trim();
    if text.starts_with('-') {
        fault.hint("it cannot be negative");
    } else if !unit.is_empty() && text.parse::<f64>().is_ok_and(f64::is_finite) {
        fault.hint(format!("did you mean `\"{text}{unit}\"`?"));
    }
}

/// Takes a node for a finite number.
fn number(node: &Node, faults: &mut Faults, expected: &str) -> Option<f64> {
    let value = match &node.value {
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::List(_)
        | Value::Table(_) => {
            let fault = faults
                .error(node.span, format!("expected a number, found {}", node.value.kind()))
                .label(expected);
            if let Value::Text(text) = &node.value
                && text.trim().parse::<f64>().is_ok_and(f64::is_finite)
            {
                fault.hint("write it without quotes");
            }
            return None;
        }
    };
    if value.is_finite() {
        return Some(value);
    }
    faults.error(node.span, format!("`{value}` is not a finite number")).label(expected);
    None
}

/// Takes a node for a number between bounds.
fn bounded(node: &Node, least: f64, most: f64, faults: &mut Faults) -> Option<f64> {
    let expected = format!("expected a number from {least} to {most}");
    let value = number(node, faults, &expected)?;
    if (least..=most).contains(&value) {
        return Some(value);
    }
    let size = if value < least { "small" } else { "large" };
    faults.error(node.span, format!("{} is too {size}", readable(value))).label(expected);
    None
}

/// Writes a number as a person would: without three hundred zeros.
fn readable(value: f64) -> String {
    let is_plain = value == 0.0 || (1e-9..1e15).contains(&value.abs());
    if is_plain { value.to_string() } else { format!("{value:e}") }
}

macro_rules! numbers {
    ($($(#[doc = $doc:literal])+ $name:ident $least:literal $most:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy, PartialEq)]
            pub(crate) struct $name(pub(crate) f64);

            impl Read for $name {
                fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
                    bounded(node, $least, $most, faults).map(Self)
                }

                fn shape() -> Shape {
                    Shape::Leaf(Leaf::Number { least: $least, most: $most })
                }

                fn stand_in() -> Option<Self> {
                    Some(Self(1.0))
                }
            }
        )+
    };
}

numbers! {
    /// A factor.
    Factor 0.0 1000.0;
    /// A shape or spread that must not be nought.
    Positive 0.001 1000.0;
    /// A plain number that is not negative.
    Number 0.0 1_000_000_000.0;
}

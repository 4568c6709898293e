//! Readers of single values without units: strings, names, words, whole numbers, booleans.

use crate::faults::{Faults, one_of, quoted};
use crate::limits;
use crate::read::{Read, article, shorten};
use crate::shape::{Leaf, Shape};
use crate::tree::{Node, Value};

/// Any string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text(pub(crate) String);

impl Read for Text {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        text(node, "a string", faults).map(|text| Self(text.to_owned()))
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Text)
    }

    fn stand_in() -> Option<Self> {
        Some(Self::default())
    }
}

/// A name, as a reference to what carries it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Name(pub(crate) String);

impl Read for Name {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        text(node, "a name", faults).map(|text| Self(text.to_owned()))
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Name)
    }
}

/// A name that is given here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct KeyName(pub(crate) String);

impl Read for KeyName {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let name = text(node, "a name", faults)?;
        if !is_name(name) {
            faults
                .error(node.span, format!("`{}` is not a name", shorten(name)))
                .label("expected lower-case letters, digits and `-`, a letter first");
        }
        Some(Self(name.to_owned()))
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Name)
    }

    fn stand_in() -> Option<Self> {
        Some(Self::default())
    }
}

/// Takes a node for a string, or says what was expected.
pub(crate) fn text<'a>(node: &'a Node, what: &str, faults: &mut Faults) -> Option<&'a str> {
    if let Value::Text(text) = &node.value {
        return Some(text);
    }
    faults
        .error(node.span, format!("expected {what}, found {}", node.value.kind()))
        .label(format!("expected {what} in quotes"));
    None
}

/// Returns whether a text may name something: `[a-z][a-z0-9-]*`, not too long.
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && text.len() as u64 <= limits::NAME_LENGTH
}

/// A closed set of words.
pub(crate) trait Word: Sized {
    /// The words.
    const WORDS: &'static [&'static str];

    /// Returns the value of a word.
    fn of(word: &str) -> Option<Self>;
}

/// Reads a word of a closed set.
pub(crate) fn read_word<T: Word>(node: &Node, faults: &mut Faults) -> Option<T> {
    let word = text(node, &format!("one of {}", quoted(T::WORDS.iter().copied())), faults)?;
    let value = T::of(word);
    if value.is_none() {
        faults
            .error(node.span, format!("unknown word `{}`", shorten(word)))
            .label(one_of(T::WORDS.iter().copied()))
            .suggest(word, T::WORDS.iter().copied());
    }
    value
}

/// A whole number between bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounded<const LEAST: i64, const MOST: i64>(pub(crate) i64);

impl<const LEAST: i64, const MOST: i64> Read for Bounded<LEAST, MOST> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let number = integer(node, LEAST.into(), MOST.into(), faults)?;
        i64::try_from(number).ok().map(Self)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Integer { least: LEAST.into(), most: MOST.into() })
    }

    fn stand_in() -> Option<Self> {
        Some(Self(LEAST))
    }
}

/// A count between bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count<const LEAST: u64, const MOST: u64>(pub(crate) u64);

impl<const LEAST: u64, const MOST: u64> Count<LEAST, MOST> {
    /// Returns the count; bounds beyond 32 bits are not used with it.
    pub(crate) fn as_u32(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}

impl<const LEAST: u64, const MOST: u64> Read for Count<LEAST, MOST> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let number = integer(node, LEAST.into(), MOST.into(), faults)?;
        u64::try_from(number).ok().map(Self)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Integer { least: LEAST.into(), most: MOST.into() })
    }

    fn stand_in() -> Option<Self> {
        Some(Self(LEAST))
    }
}

/// Takes a node for a whole number between bounds.
pub(crate) fn integer(node: &Node, least: i128, most: i128, faults: &mut Faults) -> Option<i128> {
    let expected = format!("expected a whole number from {least} to {most}");
    let Value::Integer(number) = node.value else {
        let fault = faults
            .error(node.span, format!("expected a whole number, found {}", node.value.kind()));
        fault.label(expected);
        if let Value::Text(text) = &node.value
            && text.trim().parse::<i128>().is_ok()
        {
            fault.hint("write it without quotes");
        }
        return None;
    };
    if (least..=most).contains(&number) {
        return Some(number);
    }
    let (message, hint) = if number < least {
        (
            format!("{number} is too small"),
            (least == 0 && number < 0).then_some("it counts something: it cannot be negative"),
        )
    } else {
        (format!("{number} is too large"), None)
    };
    let message = if number == i128::MAX || number == i128::MIN {
        "the number is far too large".to_owned()
    } else {
        message
    };
    let fault = faults.error(node.span, message).label(expected);
    if let Some(hint) = hint {
        fault.hint(hint);
    }
    None
}

impl Read for bool {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        if let Value::Boolean(value) = node.value {
            return Some(value);
        }
        faults
            .error(
                node.span,
                format!("expected {}, found {}", article("boolean"), node.value.kind()),
            )
            .label("expected `true` or `false`");
        None
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Boolean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_lower_case_words() {
        for name in ["a", "sales", "bpo-2", "x9"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "2nd", "Sales", "a_b", "a b", "-a", "é", &"x".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }
}

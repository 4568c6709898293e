//! Readers: from the tree to settings, collecting every fault on the way.

#[macro_use]
mod macros;
mod basic;
mod choose;
mod collections;
mod quantity;

pub(crate) use basic::{Bounded, Count, KeyName, Name, Text, Word, is_name, read_word, text};
pub(crate) use choose::{article, choice_table, chosen};
pub(crate) use collections::{Given, Growing, Key, Map, Meant, MenuKey, Named, OneOrMany, Whole};
pub(crate) use quantity::{Factor, Number, Positive};

use crate::faults::{Faults, one_of};
use crate::shape::{Shape, TableShape};
use crate::source::Span;
use crate::tree::{Node, Table, Value};

/// Something that can be read from a file.
pub(crate) trait Read: Sized {
    /// Reads it; adds every fault found and returns `None` where nothing useful was left.
    fn read(node: &Node, faults: &mut Faults) -> Option<Self>;

    /// Returns what it looks like in a file.
    fn shape() -> Shape;

    /// Returns the value of an absent key; `None` where the key is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Returns what stands in for a faulty value, so that the reading goes on and finds more.
    fn stand_in() -> Option<Self> {
        None
    }
}

/// A value with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct At<T> {
    /// The value.
    pub(crate) value: T,
    /// Its place.
    pub(crate) span: Span,
}

impl<T: Read> Read for At<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        Some(Self { value: T::read(node, faults)?, span: node.span })
    }

    fn shape() -> Shape {
        T::shape()
    }

    fn absent() -> Option<Self> {
        T::absent().map(|value| Self { value, span: Span::NOWHERE })
    }

    fn stand_in() -> Option<Self> {
        T::stand_in().map(|value| Self { value, span: Span::NOWHERE })
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        T::read(node, faults).map(Some)
    }

    fn shape() -> Shape {
        T::shape()
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn stand_in() -> Option<Self> {
        Some(None)
    }
}

/// A value that may be absent, told apart from one that was faulty: only an absent one is missed.
#[derive(Debug, Clone)]
pub(crate) enum Maybe<T> {
    /// The key is not there.
    Absent,
    /// It is, and a fault was reported.
    Faulty,
    /// The value.
    Given(T),
}

impl<T> Maybe<T> {
    /// Returns the value, if it could be read.
    pub(crate) fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Faulty => None,
        }
    }

    /// Returns whether the key is not there.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Read> Read for Maybe<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        Some(T::read(node, faults).map_or(Self::Faulty, Self::Given))
    }

    fn shape() -> Shape {
        T::shape()
    }

    fn absent() -> Option<Self> {
        Some(Self::Absent)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        T::read(node, faults).map(Self::new)
    }

    fn shape() -> Shape {
        T::shape()
    }
}

/// Takes a node for a table, or says that one was expected.
pub(crate) fn as_table<'a>(node: &'a Node, about: &str, faults: &mut Faults) -> Option<&'a Table> {
    if let Value::Table(table) = &node.value {
        return Some(table);
    }
    let about = about.trim().trim_end_matches('.');
    faults
        .error(node.span, format!("expected a table, found {}", node.value.kind()))
        .label(format!("expected a table: {}", lower_first(about)));
    None
}

/// Says which keys of a table are unknown; returns whether all are known.
pub(crate) fn check_keys(table: &Table, shape: &TableShape, faults: &mut Faults) -> bool {
    let before = faults.errors();
    let known = shape.keys();
    for entry in &table.entries {
        if faults.is_full() {
            break;
        }
        if !known.contains(&entry.key.as_str()) {
            faults
                .error(entry.key_span, format!("unknown key `{}`", shorten(&entry.key)))
                .label(one_of(known.iter().copied()))
                .suggest(&entry.key, known.iter().copied());
        }
    }
    faults.errors() == before
}

/// Reads a table that is not there: possible where none of its keys is required.
pub(crate) fn from_nothing<T: Read>() -> Option<T> {
    let mut faults = Faults::default();
    let nothing = Node { value: Value::Table(Table::default()), span: Span::NOWHERE };
    let table = T::read(&nothing, &mut faults);
    if faults.errors() == 0 { table } else { None }
}

/// Reads the value under a key; `default` is used where it is absent.
pub(crate) fn field<T: Read>(
    table: &Table,
    span: Span,
    key: &str,
    default: Option<T>,
    faults: &mut Faults,
) -> Option<T> {
    if let Some(entry) = table.get(key) {
        return T::read(&entry.node, faults).or(default).or_else(T::stand_in);
    }
    if let Some(value) = default.or_else(T::absent) {
        return Some(value);
    }
    // The file as a whole has no stretch of its own to point at.
    let place = if span.start == span.end { "at the top of the file" } else { "in this table" };
    faults
        .error(span, format!("`{key}` is missing"))
        .label(format!("expected `{key} = …` {place}"));
    T::stand_in()
}

/// Returns the key of a field: a word of Rust's own is written `r#for` there.
pub(crate) const fn key(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Cuts a text that a message repeats.
pub(crate) fn shorten(text: &str) -> String {
    const LENGTH: usize = 60;
    let clean = |character: char| if character.is_control() { ' ' } else { character };
    let mut short: String = text.chars().take(LENGTH).map(clean).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

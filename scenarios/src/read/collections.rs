//! Readers of lists and of tables whose keys are names.

use crate::faults::{Faults, closest};
use crate::limits;
use crate::read::{At, Read, as_table, basic, shorten};
use crate::shape::Shape;
use crate::tree::{Node, Value};
use std::marker::PhantomData;

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let Value::List(items) = &node.value else {
            faults
                .error(node.span, format!("expected a list, found {}", node.value.kind()))
                .label("expected a list in brackets: `[…]`");
            return None;
        };
        let mut list = Self::with_capacity(items.len());
        for item in items {
            if faults.is_full() {
                break;
            }
            list.extend(T::read(item, faults));
        }
        Some(list)
    }

    fn shape() -> Shape {
        Shape::List { item: T::shape, grows: false }
    }

    fn stand_in() -> Option<Self> {
        Some(Self::new())
    }
}

/// A list that a file adds to when it extends another.
#[derive(Debug, Clone)]
pub(crate) struct Growing<T>(pub(crate) Vec<T>);

impl<T: Read> Read for Growing<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        tables(node, faults).map(Self)
    }

    fn shape() -> Shape {
        Shape::List { item: T::shape, grows: true }
    }

    fn absent() -> Option<Self> {
        Some(Self(Vec::new()))
    }

    fn stand_in() -> Option<Self> {
        Self::absent()
    }
}

/// A list of tables that a file replaces whole when it extends another.
#[derive(Debug, Clone)]
pub(crate) struct Whole<T> {
    /// The entries that could be read.
    pub(crate) entries: Vec<T>,
    /// Whether these are all that the file has.
    pub(crate) is_complete: bool,
}

impl<T: Read> Read for Whole<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let entries: Vec<T> = tables(node, faults)?;
        let is_complete = matches!(&node.value, Value::List(items) if items.len() == entries.len());
        Some(Self { entries, is_complete })
    }

    fn shape() -> Shape {
        Vec::<T>::shape()
    }

    fn absent() -> Option<Self> {
        Some(Self { entries: Vec::new(), is_complete: true })
    }

    fn stand_in() -> Option<Self> {
        Some(Self { entries: Vec::new(), is_complete: false })
    }
}

/// Reads a list that is written with two brackets for each entry.
fn tables<T: Read>(node: &Node, faults: &mut Faults) -> Option<Vec<T>> {
    if matches!(node.value, Value::Table(_)) {
        faults
            .error(node.span, "expected a list of tables, found a table")
            .label("expected `[[…]]`, two brackets for each entry");
        return None;
    }
    Vec::read(node, faults)
}

/// One value, or a list of them.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<T: Read> Read for OneOrMany<T> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        if matches!(node.value, Value::List(_)) {
            return Vec::read(node, faults).map(Self);
        }
        T::read(node, faults).map(|one| Self(vec![one]))
    }

    fn shape() -> Shape {
        Shape::Either(vec![T::shape(), Vec::<T>::shape()])
    }
}

/// What the keys of a [`Map`] may be.
pub(crate) trait Key {
    /// Says what is wrong with a key, if anything.
    fn fault(key: &str) -> Option<(String, &'static str)>;
}

/// Names that are given here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given;

impl Key for Given {
    fn fault(key: &str) -> Option<(String, &'static str)> {
        if basic::is_name(key) {
            return None;
        }
        let expected = "expected lower-case letters, digits and `-`, a letter first";
        if key.len() as u64 > limits::NAME_LENGTH {
            return Some((
                format!("the name `{}` is too long", shorten(key)),
                "expected at most 64 characters",
            ));
        }
        Some((format!("`{}` is not a name", shorten(key)), expected))
    }
}

/// Names that are given elsewhere; whether they exist is checked later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meant;

impl Key for Meant {
    fn fault(_: &str) -> Option<(String, &'static str)> {
        None
    }
}

/// Keys of a telephone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MenuKey;

impl Key for MenuKey {
    fn fault(key: &str) -> Option<(String, &'static str)> {
        let is_key = matches!(key.as_bytes(), [b'0'..=b'9' | b'*' | b'#']);
        let message = || format!("`{}` is not a key of a telephone", shorten(key));
        (!is_key).then(|| (message(), "expected one of `0` to `9`, `*`, `#`"))
    }
}

/// An entry of a [`Map`].
#[derive(Debug, Clone)]
pub(crate) struct Named<T> {
    /// The key.
    pub(crate) name: At<String>,
    /// The value; `None` where it was too faulty to be read.
    pub(crate) value: Option<At<T>>,
}

/// A table whose keys are names, in the order of the file.
#[derive(Debug, Clone)]
pub(crate) struct Map<T, K = Given> {
    /// The entries.
    pub(crate) entries: Vec<Named<T>>,
    key: PhantomData<K>,
}

impl<T, K> Map<T, K> {
    /// Returns a map without entries.
    pub(crate) fn none() -> Self {
        Self { entries: Vec::new(), key: PhantomData }
    }

    /// Lists the keys.
    pub(crate) fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.name.value.clone()).collect()
    }
}

impl<T: Read, K: Key> Read for Map<T, K> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let table = as_table(node, "one entry for each name", faults)?;
        let mut entries = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            if faults.is_full() {
                break;
            }
            if let Some((message, expected)) = K::fault(&entry.key) {
                let fault = faults.error(entry.key_span, message).label(expected);
                if let Some(name) = tidy(&entry.key).filter(|name| K::fault(name).is_none()) {
                    fault.hint(format!("did you mean `{name}`?"));
                }
            }
            let name = At { value: entry.key.clone(), span: entry.key_span };
            entries.push(Named { name, value: At::read(&entry.node, faults) });
        }
        Some(Self { entries, key: PhantomData })
    }

    fn shape() -> Shape {
        Shape::Map(T::shape)
    }

    fn absent() -> Option<Self> {
        Some(Self::none())
    }

    fn stand_in() -> Option<Self> {
        Self::absent()
    }
}

/// Returns the name that a wrong one may be meant to be.
fn tidy(key: &str) -> Option<String> {
    let name = key.trim().to_ascii_lowercase().replace(['_', ' ', '.'], "-");
    (basic::is_name(&name) && closest(key, [name.as_str()]).is_some()).then_some(name)
}

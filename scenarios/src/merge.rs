//! Merging a file over the one it extends.

use crate::faults::{Faults, quoted};
use crate::limits;
use crate::read::{At, Read, Text, shorten};
use crate::shape::Shape;
use crate::tree::{Entry, Node, Table, Value};
use std::collections::BTreeMap;

/// Merges a table of a shape over its base, after taking what `remove` names out of the base.
///
/// Tables merge; a choice (arrival model, law, routing, …) is replaced whole; lists that grow take
/// the new entries, one of the same name in its place; everything else is replaced.
pub(crate) fn extend(
    base: Option<Table>,
    table: Table,
    remove: Option<Entry>,
    shape: &Shape,
    faults: &mut Faults,
) -> Table {
    let Some(mut base) = base else {
        if let Some(remove) = remove {
            let fault = faults.error(remove.key_span, "there is nothing to remove from");
            fault.label("expected `remove` only beside `extends`");
        }
        return table;
    };
    if let Some(entry) = remove {
        let mut paths = Vec::<At<Text>>::read(&entry.node, faults).unwrap_or_default();
        if paths.len() as u64 > limits::REMOVES {
            let fault = faults.error(entry.key_span, format!("{} paths are too many", paths.len()));
            fault.label(format!("expected at most {}", limits::REMOVES));
            paths.clear();
        }
        for path in paths {
            remove_path(&mut base, &path, faults);
        }
    }
    merge_tables(&mut base, table, shape);
    base
}

fn merge_tables(base: &mut Table, over: Table, shape: &Shape) {
    let positions: BTreeMap<String, usize> =
        base.entries.iter().map(|entry| entry.key.clone()).zip(0..).collect();
    for entry in over.entries {
        match positions.get(&entry.key) {
            Some(&position) => {
                let under = shape.under(&entry.key).unwrap_or(Shape::Any);
                merge_entry(&mut base.entries[position], entry, &under);
            }
            None => base.entries.push(entry),
        }
    }
}

fn merge_entry(base: &mut Entry, over: Entry, shape: &Shape) {
    base.key_span = over.key_span;
    let node = &mut base.node;
    match (&mut node.value, over.node.value) {
        (Value::Table(table), Value::Table(new)) if merges(shape, table, &new) => {
            // Messages about the whole table point at its newest part.
            node.span = over.node.span;
            merge_tables(table, new, shape);
        }
        (Value::List(list), Value::List(new))
            if matches!(shape, Shape::List { grows: true, .. }) =>
        {
            node.span = over.node.span;
            grow(list, new);
        }
        (old, new) => {
            *old = new;
            node.span = over.node.span;
        }
    }
}

/// Returns whether a table goes into another key by key.
fn merges(shape: &Shape, base: &Table, over: &Table) -> bool {
    match shape {
        Shape::Table(_) | Shape::Map(_) | Shape::Any => true,
        // A law for each contact merges, a law does not: the keys tell which they are.
        Shape::Either(_) => shape.is_map(&base.keys()) && shape.is_map(&over.keys()),
        Shape::Choice(_) | Shape::List { .. } | Shape::Leaf(_) => false,
    }
}

/// Adds entries to a list; one with the name of an old one takes its place.
fn grow(list: &mut Vec<Node>, new: Vec<Node>) {
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    for (position, item) in list.iter().enumerate() {
        positions.extend(item.name().map(|name| (name.to_owned(), position)));
    }
    for item in new {
        match item.name().and_then(|name| positions.get(name)) {
            Some(&position) => list[position] = item,
            None => list.push(item),
        }
    }
}

/// Takes a dotted path out of the base: a key, or an entry of a growing list by its name.
fn remove_path(base: &mut Table, path: &At<Text>, faults: &mut Faults) {
    let keys: Vec<&str> = path.value.0.split('.').collect();
    remove_under(base, &keys, path, faults);
}

fn remove_under(table: &mut Table, keys: &[&str], path: &At<Text>, faults: &mut Faults) {
    let [key, rest @ ..] = keys else { return };
    let Some(position) = table.entries.iter().position(|entry| entry.key == *key) else {
        missing(path, key, &table.keys(), faults);
        return;
    };
    let [next, ..] = rest else {
        table.entries.remove(position);
        return;
    };
    match &mut table.entries[position].node.value {
        Value::Table(inner) => remove_under(inner, rest, path, faults),
        Value::List(list) => {
            let names: Vec<&str> = list.iter().filter_map(Node::name).collect();
            if names.contains(next) {
                list.retain(|item| item.name() != Some(*next));
            } else {
                missing(path, next, &names, faults);
            }
        }
        Value::Text(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => missing(path, next, &[], faults),
    }
}

fn missing(path: &At<Text>, key: &str, known: &[&str], faults: &mut Faults) {
    let known = known.iter().copied();
    faults
        .error(path.span, format!("there is no `{}` to remove", shorten(&path.value.0)))
        .label(format!("instead of `{}` there are {}", shorten(key), quoted(known.clone())))
        .suggest(key, known);
}

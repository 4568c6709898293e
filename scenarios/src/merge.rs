//! Merging a file over the one it extends.

use crate::document::Document;
use crate::faults::{Faults, quoted};
use crate::read::{At, Read, Text, shorten};
use crate::shape::Shape;
use crate::tree::{Entry, Node, Table, Value};
use std::collections::BTreeMap;

/// Merges a table over its base, after taking what `remove` names out of the base.
///
/// Tables merge; a choice (arrival model, law, routing, …) is replaced whole; lists that grow take
/// the new entries, one of the same name in its place; everything else is replaced.
pub(crate) fn extend(
    base: Option<Table>,
    table: Table,
    remove: Option<Entry>,
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
        let paths = Vec::<At<Text>>::read(&entry.node, faults).unwrap_or_default();
        for path in paths {
            remove_path(&mut base, &path, faults);
        }
    }
    merge_tables(&mut base, table, &Document::shape());
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
            new.into_iter().for_each(|item| grow(list, item));
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

fn name_of(node: &Node) -> Option<&str> {
    let Value::Table(table) = &node.value else { return None };
    match &table.get("name")?.node.value {
        Value::Text(name) => Some(name),
        _ => None,
    }
}

fn grow(list: &mut Vec<Node>, item: Node) {
    let same = |old: &Node| name_of(old).is_some() && name_of(old) == name_of(&item);
    match list.iter().position(same) {
        Some(position) => list[position] = item,
        None => list.push(item),
    }
}

/// Takes a dotted path out of the base: a key, or an entry of a growing list by its name.
fn remove_path(base: &mut Table, path: &At<Text>, faults: &mut Faults) {
    let keys: Vec<&str> = path.value.0.split('.').collect();
    let mut table = base;
    for (position, key) in keys.iter().enumerate() {
        let is_last = position + 1 == keys.len();
        if is_last && table.remove(key).is_some() {
            return;
        }
        if position + 2 == keys.len()
            && let Some(Value::List(list)) = table.get_mut(key).map(|entry| &mut entry.node.value)
        {
            let name = keys[position + 1];
            let before = list.len();
            list.retain(|item| name_of(item) != Some(name));
            if list.len() < before {
                return;
            }
        }
        let known: Vec<String> = table.entries.iter().map(|entry| entry.key.clone()).collect();
        match table.get_mut(key).map(|entry| &mut entry.node.value) {
            Some(Value::Table(inner)) if !is_last => table = inner,
            _ => {
                let known = known.iter().map(String::as_str);
                faults
                    .error(path.span, format!("there is no `{}` to remove", shorten(&path.value.0)))
                    .label(format!("at `{}` there are {}", shorten(key), quoted(known.clone())))
                    .suggest(key, known);
                return;
            }
        }
    }
}

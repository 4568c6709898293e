//! The scenario's hash: over the merged tree, whatever its layout, comments and order of keys.

use crate::resolve::fingerprint;
use crate::shape::Shape;
use crate::tree::{Node, Table, Value};

/// Returns the hash of a tree of a shape. Keys are sorted, but the order of names (contacts, queues, …) counts:
/// it decides ties.
pub(crate) fn of(node: &Node, shape: &Shape) -> u64 {
    let mut text = String::new();
    write(node, shape, &mut text);
    fingerprint(text.as_bytes())
}

fn write(node: &Node, shape: &Shape, text: &mut String) {
    match &node.value {
        Value::Text(value) | Value::Datetime(value) => {
            text.push_str(&format!("{}:{value}", value.len()))
        }
        Value::Integer(value) => text.push_str(&value.to_string()),
        // A whole float is written without a point: 1 and 1.0 mean the same.
        Value::Float(value) => text.push_str(&value.to_string()),
        Value::Boolean(value) => text.push_str(&value.to_string()),
        Value::List(items) => {
            let item_shape = shape.item();
            text.push('[');
            for item in items {
                write(item, &item_shape, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Table(table) => write_table(table, shape, text),
    }
}

fn write_table(table: &Table, shape: &Shape, text: &mut String) {
    let mut entries: Vec<_> = table.entries.iter().collect();
    if !shape.is_map(&table.keys()) {
        entries.sort_by(|a, b| a.key.cmp(&b.key));
    }
    text.push('{');
    for entry in entries {
        text.push_str(&format!("{}:{}=", entry.key.len(), entry.key));
        write(&entry.node, &shape.under(&entry.key).unwrap_or(Shape::Any), text);
        text.push(',');
    }
    text.push('}');
}

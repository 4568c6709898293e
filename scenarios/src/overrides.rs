//! `--set path=value`: one value replaced after the files are merged; `path*=factor` multiplies it.

use crate::faults::{Faults, one_of};
use crate::limits;
use crate::read::shorten;
use crate::shape::Shape;
use crate::source::{Source, SourceId, Sources, Span};
use crate::tree::{Entry, Node, Table, Value};
use acd::{Duration, Rate, Share};

/// Applies every override in order; paths in values start from the folder of the `main` file.
pub(crate) fn apply(
    tree: &mut Table,
    shape: &Shape,
    set: &[String],
    main: SourceId,
    sources: &mut Sources,
    faults: &mut Faults,
) {
    if set.len() as u64 > limits::SETS {
        let fault = faults.error(None, format!("{} values are set", set.len()));
        fault.label(format!("expected at most {}", limits::SETS));
        return;
    }
    for text in set {
        let folder = sources.get(main).folder.clone();
        let source = Source { name: "--set".to_owned(), folder, text: text.clone() };
        let id = sources.add(source);
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let whole = Span { source: id, start: 0, end };
        let Some(change) = Change::parse(text, whole, faults) else { continue };
        let (first, place) = change.keys[0];
        if MERGING.contains(&first) {
            let fault = faults.error(place, format!("`{first}` cannot be set"));
            fault.label("expected a key of the scenario: the files are merged before");
            continue;
        }
        change.apply(tree, shape, 0, faults);
    }
}

/// Keys that say how files are merged: when values are set, that is done.
const MERGING: [&str; 2] = ["extends", "remove"];

/// One override, parsed.
struct Change<'a> {
    keys: Vec<(&'a str, Span)>,
    what: What,
}

enum What {
    Replace(Node),
    Multiply(f64, Span),
}

impl<'a> Change<'a> {
    fn parse(text: &'a str, whole: Span, faults: &mut Faults) -> Option<Self> {
        let Some(sign) = text.find('=') else {
            let fault = faults.error(whole, format!("`{}` sets nothing", shorten(text)));
            fault.label("expected `path=value`, such as `run.seed=7`");
            return None;
        };
        let value = text[sign + 1..].trim();
        let value_span = whole.part(sign + 1, text.len());
        let path = &text[..sign];
        let (path, what) = if let Some(path) = path.strip_suffix('*') {
            let factor = value.parse::<f64>().ok().filter(|factor| (0.0..=1e6).contains(factor));
            let Some(factor) = factor else {
                let fault =
                    faults.error(value_span, format!("`{}` is not a factor", shorten(value)));
                fault.label("expected a number that is not negative, such as `1.2`");
                return None;
            };
            (path, What::Multiply(factor, value_span))
        } else {
            (path, What::Replace(value_node(value, value_span)))
        };
        let mut keys = Vec::new();
        let mut start = 0;
        for key in path.split('.') {
            keys.push((key.trim(), whole.part(start, start + key.len())));
            start += key.len() + 1;
        }
        if keys.len() > KEYS_MAX {
            let fault = faults.error(whole, "the path is too long");
            fault.label(format!("expected at most {KEYS_MAX} keys"));
            return None;
        }
        Some(Self { keys, what })
    }

    /// Follows the path from its `depth`-th key on.
    fn apply(&self, table: &mut Table, shape: &Shape, depth: usize, faults: &mut Faults) {
        let (key, span) = self.keys[depth];
        let Some(under) = shape.under(key) else {
            unknown(key, span, &shape.keys(), faults);
            return;
        };
        if matches!(shape, Shape::Map(_)) && table.get(key).is_none() {
            unknown(key, span, &table.keys(), faults);
            return;
        }
        if let Shape::Choice(choice) = shape {
            // Another variant than the file's takes its place.
            table.entries.retain(|entry| {
                entry.key == key || choice.variants.iter().all(|v| v.key != entry.key)
            });
        }
        if depth + 1 == self.keys.len() {
            self.finish(table, key, span, faults);
            return;
        }
        if let What::Multiply(..) = self.what
            && table.get(key).is_none()
        {
            missing(key, span, faults);
            return;
        }
        let node = entry(table, key, span);
        match &mut node.value {
            Value::Table(inner) => self.apply(inner, &under, depth + 1, faults),
            Value::List(list) => self.enter(list, &under, depth + 1, faults),
            _ if matches!(under, Shape::Leaf(_)) => {
                let fault = faults.error(self.keys[depth + 1].1, format!("`{key}` has no keys"));
                fault.label("expected the path to end before this");
            }
            // A law given by its value gives way to one given by its kind.
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_) => {
                let mut inner = Table::default();
                self.apply(&mut inner, &under, depth + 1, faults);
                *node = Node { value: Value::Table(inner), span };
            }
        }
    }

    /// Follows the path into a list whose entries have names.
    fn enter(&self, list: &mut [Node], shape: &Shape, depth: usize, faults: &mut Faults) {
        let (name, span) = self.keys[depth];
        let names: Vec<String> = list.iter().filter_map(Node::name).map(str::to_owned).collect();
        let found = list.iter_mut().find(|node| node.name() == Some(name));
        let Some(node) = found else {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            unknown(name, span, &names, faults);
            return;
        };
        if depth + 1 == self.keys.len() {
            let fault = faults.error(span, format!("`{name}` is a table"));
            fault.label("expected the path to go on to one of its keys");
            return;
        }
        if let Value::Table(inner) = &mut node.value {
            self.apply(inner, &shape.item(), depth + 1, faults);
        }
    }

    fn finish(&self, table: &mut Table, key: &str, span: Span, faults: &mut Faults) {
        match &self.what {
            What::Replace(value) => {
                *entry(table, key, span) = value.clone();
            }
            What::Multiply(factor, value_span) => match table.get_mut(key) {
                Some(entry) => multiply(&mut entry.node, *factor, span, *value_span, faults),
                None => missing(key, span, faults),
            },
        }
    }
}

/// Keys of one path; the deepest path of the format has fewer.
const KEYS_MAX: usize = 32;

/// Reads a value: TOML, or else a string.
fn value_node(text: &str, span: Span) -> Node {
    crate::tree::parse_value(text, span)
        .unwrap_or_else(|| Node { value: Value::Text(text.to_owned()), span })
}

/// Finds the value under a key; makes an empty table where there is none.
fn entry<'t>(table: &'t mut Table, key: &str, span: Span) -> &'t mut Node {
    if table.get(key).is_none() {
        let node = Node { value: Value::Table(Table::default()), span };
        table.entries.push(Entry { key: key.to_owned(), key_span: span, node });
    }
    let entry = table.get_mut(key).expect("the entry was just made");
    entry.key_span = span;
    &mut entry.node
}

fn unknown(key: &str, span: Span, known: &[&str], faults: &mut Faults) {
    let fault = faults.error(span, format!("there is no `{}` to set", shorten(key)));
    if !known.is_empty() {
        fault.label(one_of(known.iter().copied()));
    }
    fault.suggest(key, known.iter().copied());
}

fn missing(key: &str, span: Span, faults: &mut Faults) {
    faults
        .error(span, format!("`{}` is not in the file and cannot be multiplied", shorten(key)))
        .label("expected a key with a value");
}

/// Multiplies a quantity in place, whatever its unit.
fn multiply(node: &mut Node, factor: f64, span: Span, value_span: Span, faults: &mut Faults) {
    let product = match &node.value {
        Value::Integer(number) => {
            let product = *number as f64 * factor;
            Some(if product.fract() == 0.0 {
                Value::Integer(product as i128)
            } else {
                Value::Float(product)
            })
        }
        Value::Float(number) => Some(Value::Float(number * factor)),
        Value::Text(text) => multiply_text(text, factor),
        Value::Boolean(_) | Value::Datetime(_) | Value::List(_) | Value::Table(_) => None,
    };
    match product {
        Some(value) => {
            *node = Node { value, span: value_span };
        }
        None => {
            let fault = faults.error(span, format!("{} cannot be multiplied", node.value.kind()));
            fault.label("expected a path to a number, duration, rate or share");
        }
    }
}

fn multiply_text(text: &str, factor: f64) -> Option<Value> {
    if let Ok(duration) = text.parse::<Duration>() {
        let product = Duration::from_secs_f64(duration.as_secs() * factor);
        return Some(Value::Text(product.to_string()));
    }
    if let Ok(rate) = text.parse::<Rate>() {
        return Some(Value::Text(Rate { per_hour: rate.per_hour * factor }.to_string()));
    }
    let share: Share = text.parse().ok()?;
    Some(Value::Float(share.0 * factor))
}

//! The spanned tree of a scenario file: what TOML says, with the place of every key and value.

use crate::faults::Faults;
use crate::limits;
use crate::source::{SourceId, Sources, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The value.
    pub(crate) value: Value,
    /// Its place; of a table with a header, the header.
    pub(crate) span: Span,
}

impl Node {
    /// Returns the string under the key `name`: what an entry of a list is called.
    pub(crate) fn name(&self) -> Option<&str> {
        self.value.as_table()?.get("name")?.node.value.as_text()
    }
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A number with a fraction; may be NaN or infinite.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date, a time or both, as written.
    Datetime(String),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// A table, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Table {
    /// The entries.
    pub(crate) entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Its place.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) node: Node,
}

impl Table {
    /// Finds an entry.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Lists the keys.
    pub(crate) fn keys(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.key.as_str()).collect()
    }

    /// Finds an entry to change it.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Entry> {
        let position = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(position))
    }
}

impl Value {
    /// Returns the table, if it is one.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }

    /// Returns the string, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Names the kind of value, with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Boolean(_) => "a boolean",
            Self::Datetime(_) => "a date or time",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Parses a source into a table; syntax errors become faults and what could be read is returned.
pub(crate) fn parse(sources: &Sources, id: SourceId, faults: &mut Faults) -> Table {
    let text = sources.get(id).text.as_str();
    let (document, errors) = document(text);
    for error in errors.iter().take(ERRORS_MAX) {
        let range = error.span().unwrap_or(text.len()..text.len());
        let message = error.message();
        let (what, expected) = message.split_once(", expected ").unwrap_or((message, ""));
        let fault = faults.error(span(id, &range), what);
        if !expected.is_empty() {
            fault.label(format!("expected {expected}"));
        }
    }
    let mut builder = Builder { text, id, nodes: 0 };
    let table = builder.table(document.get_ref());
    if builder.nodes > limits::NODES {
        faults
            .error(span(id, &(0..0)), format!("more than {} values in one file", limits::NODES))
            .label("put long lists into CSV files");
        return Table::default();
    }
    table
}

/// Syntax errors looked at in one file.
const ERRORS_MAX: usize = 200;

/// The longest text whose syntax errors are all looked for: in garbage nearly every byte is one.
const RECOVERABLE_BYTES: usize = 262_144;

fn document(text: &str) -> (Spanned<DeTable<'_>>, Vec<toml::de::Error>) {
    if text.len() <= RECOVERABLE_BYTES {
        return DeTable::parse_recoverable(text);
    }
    match DeTable::parse(text) {
        Ok(document) => (document, Vec::new()),
        Err(error) => (Spanned::new(0..0, DeTable::new()), vec![error]),
    }
}

/// Parses a value on its own, as `--set` gives it; `None` where it is no TOML value.
pub(crate) fn parse_value(text: &str, at: Span) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut builder = Builder { text, id: at.source, nodes: 0 };
    let mut node = builder.node(&value);
    (builder.nodes <= limits::NODES).then(|| {
        place_all(&mut node, at);
        node
    })
}

/// Gives a node and all below one place.
pub(crate) fn place_all(node: &mut Node, at: Span) {
    node.span = at;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| place_all(item, at)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_span = at;
                place_all(&mut entry.node, at);
            }
        }
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => {}
        Value::Datetime(_) => {}
    }
}

fn span(source: SourceId, range: &std::ops::Range<usize>) -> Span {
    let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span { source, start: clamp(range.start), end: clamp(range.end) }
}

struct Builder<'a> {
    text: &'a str,
    id: SourceId,
    nodes: u64,
}

impl Builder<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> Table {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().clone().into_owned(),
                key_span: span(self.id, &key.span()),
                node: self.node(value),
            })
            .collect();
        // The parser's map is sorted by key; a scenario's order is the file's.
        entries.sort_by_key(|entry| entry.key_span.start);
        Table { entries }
    }

    fn node(&mut self, spanned: &Spanned<DeValue<'_>>) -> Node {
        self.nodes += 1;
        let range = spanned.span();
        let value = match spanned.get_ref() {
            DeValue::String(text) => Value::Text(text.clone().into_owned()),
            DeValue::Integer(number) => {
                // Beyond 128 bits is beyond every limit: the sign is all that a message needs.
                let far = if number.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
                Value::Integer(i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(far))
            }
            DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::Datetime(_) => {
                Value::Datetime(self.text.get(range.clone()).unwrap_or("").trim().to_owned())
            }
            DeValue::Array(items) if self.nodes <= limits::NODES => {
                Value::List(items.iter().map(|item| self.node(item)).collect())
            }
            DeValue::Table(table) if self.nodes <= limits::NODES => Value::Table(self.table(table)),
            DeValue::Array(_) => Value::List(Vec::new()),
            DeValue::Table(_) => Value::Table(Table::default()),
        };
        Node { value, span: span(self.id, &range) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn parse_text(text: &str) -> (Table, usize) {
        let mut sources = Sources::default();
        let source = Source { name: "a.toml".to_owned(), folder: None, text: text.to_owned() };
        let id = sources.add(source);
        let mut faults = Faults::default();
        let table = parse(&sources, id, &mut faults);
        (table, faults.errors())
    }

    #[test]
    fn tables_keep_the_order_of_the_file() {
        let (table, errors) = parse_text("[queue.zeta]\n[queue.alpha]\n[queue.mid]\n");
        assert_eq!(errors, 0);
        let Value::Table(queues) = &table.get("queue").expect("there is one").node.value else {
            panic!("a table")
        };
        let keys: Vec<_> = queues.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["zeta", "alpha", "mid"]);
    }

    #[test]
    fn every_syntax_error_is_found_at_once() {
        let (_, errors) = parse_text("a = \nb = 1\nc = [1, \nd = \"x\n");
        assert!(errors >= 2, "{errors}");
    }

    #[test]
    fn numbers_keep_their_value() {
        let (table, _) =
            parse_text("a = 1_000\nb = 0x10\nc = 18446744073709551615\nd = 1_0.5\ne = nan");
        let value = |key| table.get(key).map(|entry| entry.node.value.clone());
        assert_eq!(value("a"), Some(Value::Integer(1_000)));
        assert_eq!(value("b"), Some(Value::Integer(16)));
        assert_eq!(value("c"), Some(Value::Integer(u64::MAX.into())));
        assert_eq!(value("d"), Some(Value::Float(10.5)));
        assert!(matches!(value("e"), Some(Value::Float(number)) if number.is_nan()));
    }
}

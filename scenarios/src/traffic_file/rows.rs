//! `[rows]`: a CSV file whose columns calls use as `{column}`.

use crate::limits;
use crate::model::traffic::Rows;
use crate::read::{At, Text, shorten};
use crate::resolve::Resolver;
use crate::tables::{Csv, Row, fault, open};
use crate::traffic_file::account::{USER, is_user};
use crate::traffic_file::address::may_stand_in_address;
use crate::traffic_file::digits::{KEYS, is_key};
use crate::traffic_file::template::{Columns, OWN, Use};

settings! {
    /// Rows that calls take, for `{column}` in texts.
    pub(crate) struct RowsSettings {
        /// A CSV file; its first line names the columns.
        file: At<Text>,
        /// Whether calls take the rows in turn, or by lot.
        order: Order = Order::InTurn,
    }
}

/// Which row a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The next; after the last the first.
    InTurn,
    /// Any, as the seed says.
    Random,
}

words! { Order { Self::InTurn => "in-turn", Self::Random => "random" } }

impl RowsSettings {
    /// Opens the file and looks at the columns' names; the rows are read once it is known what they are for.
    pub(crate) fn open(&self, resolver: &mut Resolver) -> Option<Csv> {
        let (csv, _) = open(&self.file, resolver)?;
        let columns = csv.header();
        resolver.within(columns.len(), limits::LOAD_COLUMNS, "columns", self.file.span)?;
        let mut is_good = true;
        for (position, column) in columns.iter().enumerate() {
            let (message, expected) = if OWN.contains(&column.as_str()) {
                (format!("no column can be called `{column}`"), "each call has one of its own")
            } else if columns[..position].contains(column) {
                (format!("two columns are called `{}`", shorten(column)), "expected it once")
            } else if column.is_empty() {
                ("a column has no name".to_owned(), "expected one in the first line of the file")
            } else if !is_column(column) {
                let message = format!("`{}` is not a name for a column", shorten(column));
                (message, "expected letters, digits, `-` and `_` in the first line of the file")
            } else {
                continue;
            };
            is_good = false;
            resolver.faults.error(self.file.span, message).label(expected);
        }
        is_good.then_some(csv)
    }

    /// Reads the rows; says which field cannot stand where the flow uses its column.
    pub(crate) fn read(
        &self,
        csv: Csv,
        columns: &Columns,
        resolver: &mut Resolver,
    ) -> Option<Rows> {
        let names = csv.header().to_vec();
        let mut fields: Vec<Box<str>> = Vec::new();
        let mut is_good = true;
        csv.rows(resolver, |row, resolver| {
            if (fields.len() + names.len()) as u64 > limits::LOAD_FIELDS {
                let message = "these are too many rows";
                let expected = format!("expected at most {} fields", limits::LOAD_FIELDS);
                fault(row, 0, message.to_owned(), resolver).label(expected);
                return None;
            }
            is_good &= are_usable(row, &names, columns, resolver);
            fields.extend((0..names.len()).map(|column| Box::from(row.get(column))));
            (!resolver.faults.is_full()).then_some(())
        })?;
        if fields.is_empty() {
            let message = format!("`{}` has no rows", shorten(&self.file.value.0));
            let fault = resolver.faults.error(self.file.span, message);
            fault.label("expected at least one below the columns' names");
            return None;
        }
        let is_random = self.order == Order::Random;
        is_good.then_some(Rows { columns: names, fields, is_random })
    }
}

/// Returns whether a text may name a column.
fn is_column(name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    !name.is_empty() && name.chars().all(is_part) && name.len() as u64 <= limits::NAME_LENGTH
}

/// Says which fields of a row cannot stand where texts use them.
fn are_usable(row: &Row<'_>, names: &[String], columns: &Columns, resolver: &mut Resolver) -> bool {
    let before = resolver.faults.errors();
    for column in 0..names.len() {
        let (message, expected) = if row.get(column).chars().any(char::is_control) {
            ("this field would break a message", "expected no line breaks, no control characters")
        } else if row.get(column).len() as u64 > limits::LOAD_TEXT {
            ("this field is too long", "expected a text as short as those of the file itself")
        } else {
            continue;
        };
        fault(row, column, message.to_owned(), resolver).label(expected);
    }
    for (column, used) in &columns.uses {
        let (field, name) = (row.get(*column), &names[*column]);
        let (is_usable, place, expected) = match used {
            Use::Address => (
                !field.is_empty() && may_stand_in_address(field),
                "in an address",
                "expected letters, digits and signs, without spaces",
            ),
            Use::Digits => (field.chars().all(is_key), "among keys", KEYS),
            Use::User => (is_user(field), "for a user", USER),
            Use::Plain => continue,
        };
        if !is_usable {
            let what = if field.is_empty() {
                "an empty field".to_owned()
            } else {
                format!("`{}`", shorten(field))
            };
            let message = format!("{what} cannot stand {place}: `{{{name}}}` is used there");
            fault(row, *column, message, resolver).label(expected);
        }
    }
    resolver.faults.errors() == before
}

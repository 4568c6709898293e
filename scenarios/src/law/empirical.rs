//! `empirical = { values = ["10s", "12s"] }` or `{ file = "talk.csv", column = "talk_s" }`: recorded
//! values, each as likely. A column holds durations, or plain numbers taken for seconds when its name ends in `_s`.

use crate::law::Amount;
use crate::read::{At, Text};
use crate::resolve::Resolver;
use crate::source::Span;
use crate::tables;
use crate::totals::Total;
use chance::Law;

settings! {
    /// A law of recorded values.
    pub(crate) struct Settings<A> {
        /// The values.
        values: Option<Vec<A>>,
        /// A CSV file with the values, instead.
        file: Option<At<Text>>,
        /// Its column.
        column: Option<At<Text>>,
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        let mut values: Vec<f64> = match (&self.values, &self.file, &self.column) {
            (Some(values), None, None) => values.iter().map(|value| value.number()).collect(),
            (None, Some(file), Some(column)) => tables::column::<A>(file, column, resolver)?,
            (Some(_) | None, _, _) => {
                resolver
                    .faults
                    .error(span, "an empirical law is given in two ways or in none")
                    .label("expected `values`, or `file` and `column`");
                return None;
            }
        };
        if values.is_empty() {
            resolver.faults.error(span, "an empirical law has no values").label("expected some");
            return None;
        }
        resolver.count(Total::LawNumbers, values.len() as u64, span)?;
        values.sort_by(f64::total_cmp);
        Some(Law::Empirical { values })
    }
}

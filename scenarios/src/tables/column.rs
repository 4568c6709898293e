//! One column of values for an empirical law.

use crate::faults::quoted;
use crate::law::Amount;
use crate::read::{At, Text, shorten};
use crate::resolve::Resolver;
use crate::tables::{fault, open};

/// Reads the values of a column: durations, or plain numbers.
pub(crate) fn column<A: Amount>(
    path: &At<Text>,
    name: &At<Text>,
    resolver: &mut Resolver,
) -> Option<Vec<f64>> {
    let (csv, _) = open(path, resolver)?;
    let Some(column) = csv.header.iter().position(|header| *header == name.value.0) else {
        let header = csv.header.iter().map(String::as_str);
        resolver
            .faults
            .error(name.span, format!("there is no column `{}`", shorten(&name.value.0)))
            .label(format!("columns are {}", quoted(header.clone())))
            .suggest(&name.value.0, header);
        return None;
    };
    let may_be_bare = !A::HAS_UNIT || name.value.0.ends_with("_s");
    let mut values = Vec::new();
    csv.rows(resolver, |row, resolver| {
        let text = row.get(column);
        let value = match text.parse::<f64>() {
            Ok(number) if may_be_bare && number.is_finite() && number >= 0.0 => Some(number),
            _ if A::HAS_UNIT => text.parse::<acd::Duration>().ok().map(acd::Duration::as_secs),
            _ => None,
        };
        let Some(value) = value else {
            let message = format!("`{}` is not a value", shorten(text));
            fault(row, column, message, resolver).label(expected::<A>());
            return None;
        };
        values.push(value);
        Some(())
    })?;
    Some(values)
}

fn expected<A: Amount>() -> &'static str {
    if A::HAS_UNIT {
        "expected a duration such as `90s`, or seconds in a column whose name ends in `_s`"
    } else {
        "expected a number"
    }
}

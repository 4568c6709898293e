//! Recorded arrivals, `at,contact[,caller]`, in order of time.

use crate::clock::When;
use crate::limits;
use crate::model::TraceCall;
use crate::read::{At, Text, shorten};
use crate::resolve::{Resolver, fingerprint};
use crate::tables::{Row, fault, open};
use crate::totals::Total;
use acd::Timestamp;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The calls of a trace by contact.
#[derive(Debug, Default)]
pub(crate) struct TraceRows {
    contacts: BTreeMap<String, Vec<TraceCall>>,
    outside: u64,
}

/// Reads the calls of one contact; the file is read once for all contacts.
pub(crate) fn trace(
    path: &At<Text>,
    contact: &str,
    resolver: &mut Resolver,
) -> Option<Vec<TraceCall>> {
    let file = resolver.file_identity(path)?;
    if !resolver.traces.contains_key(&file) {
        let table = read(path, resolver).map(Rc::new);
        resolver.traces.insert(file.clone(), table);
    }
    let table = resolver.traces.get(&file).cloned().flatten()?;
    if let Some(calls) = table.contacts.get(contact) {
        resolver.count(Total::TraceCalls, calls.len() as u64, path.span)?;
        return Some(calls.clone());
    }
    let names = table.contacts.keys().map(String::as_str);
    resolver
        .faults
        .error(path.span, format!("`{}` has no calls of `{contact}`", shorten(&path.value.0)))
        .label(format!("its contacts are {}", crate::faults::quoted(names)))
        .hint("`contact = \"…\"` beside `file` names them otherwise");
    None
}

fn read(path: &At<Text>, resolver: &mut Resolver) -> Option<TraceRows> {
    let (csv, _) = open(path, resolver)?;
    csv.expect_header(&["at", "contact"], path, resolver)?;
    let caller = csv.header.iter().position(|name| name == "caller");
    let mut rows = TraceRows::default();
    let (mut last, mut count) = (i64::MIN, 0_u64);
    csv.rows(resolver, |row, resolver| {
        let at = at(row, resolver)?;
        if at < last {
            fault(row, 0, "this call comes before the one above it".to_owned(), resolver)
                .label("expected calls in order of time");
            return None;
        }
        (last, count) = (at, count + 1);
        if count > limits::TRACE_CALLS {
            fault(row, 0, format!("more than {} calls", limits::TRACE_CALLS), resolver);
            return None;
        }
        let calls = entry(&mut rows.contacts, row.get(1));
        match u64::try_from(at) {
            Ok(micros) if micros < resolver.clock.length().0 => {
                let caller = caller.map(|column| row.get(column)).filter(|text| !text.is_empty());
                calls.push(TraceCall { at: Timestamp(micros), caller: caller.map(caller_id) });
            }
            Ok(_) | Err(_) => rows.outside += 1,
        }
        Some(())
    })?;
    if rows.outside > 0 {
        let message = format!("{} of {count} calls of the trace are outside the run", rows.outside);
        let extent = resolver.clock.extent();
        resolver.faults.warning(path.span, message).label(format!("left out: the run is {extent}"));
    }
    Some(rows)
}

fn entry<'a>(
    contacts: &'a mut BTreeMap<String, Vec<TraceCall>>,
    name: &str,
) -> &'a mut Vec<TraceCall> {
    if !contacts.contains_key(name) {
        contacts.insert(name.to_owned(), Vec::new());
    }
    contacts.get_mut(name).expect("the entry was just made")
}

fn at(row: &Row<'_>, resolver: &mut Resolver) -> Option<i64> {
    let text = row.get(0);
    let at = match When::parse(text) {
        Some(When::Date(date)) => resolver.clock.dated(date),
        Some(When::Clock(time)) => Some(resolver.clock.clock_on(0, time)),
        Some(When::Day(day, time)) => Some(resolver.clock.clock_on(i64::from(day) - 1, time)),
        Some(When::After(after)) => i64::try_from(after.0).ok(),
        None => None,
    };
    if at.is_none() {
        fault(row, 0, format!("`{}` is not a time", shorten(text)), resolver)
            .label(crate::clock::FORMS)
            .hint("dates need `start` in the scenario; seconds since the beginning are written `+12.5s`");
    }
    at
}

/// Returns an opaque number for whoever calls: a number as it is, other text by its fingerprint.
fn caller_id(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| fingerprint(text.as_bytes()))
}

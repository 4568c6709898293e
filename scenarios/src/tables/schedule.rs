//! A schedule of agents, `start,<group>,…`: how many from each time on.

use crate::clock::{DAY, When, clock_time, date_time};
use crate::faults::quoted;
use crate::limits;
use crate::read::{At, Text, shorten};
use crate::resolve::Resolver;
use crate::tables::{Row, fault, open};
use std::rc::Rc;

/// A schedule as read: one column of agents for each group.
#[derive(Debug)]
pub(crate) struct ScheduleRows {
    columns: Vec<String>,
    rows: Vec<(When, Vec<u32>)>,
}

/// Reads the rows of one group; the file is read once for all groups.
pub(crate) fn schedule(
    path: &At<Text>,
    group: &str,
    resolver: &mut Resolver,
) -> Option<Vec<(When, u32)>> {
    let file = resolver.file_identity(path)?;
    if !resolver.schedules.contains_key(&file) {
        let table = read(path, resolver).map(Rc::new);
        resolver.schedules.insert(file.clone(), table);
    }
    let table = resolver.schedules.get(&file).cloned().flatten()?;
    let Some(column) = table.columns.iter().position(|name| name == group) else {
        let columns = table.columns.iter().map(String::as_str);
        resolver
            .faults
            .error(path.span, format!("`{}` has no column `{group}`", shorten(&path.value.0)))
            .label(format!("its columns are {}", quoted(columns)));
        return None;
    };
    Some(table.rows.iter().map(|(when, counts)| (*when, counts[column])).collect())
}

fn read(path: &At<Text>, resolver: &mut Resolver) -> Option<ScheduleRows> {
    let (csv, _) = open(path, resolver)?;
    csv.expect_header(&["start"], path, resolver)?;
    let columns: Vec<String> = csv.header.iter().skip(1).cloned().collect();
    let mut rows: Vec<(When, Vec<u32>)> = Vec::new();
    csv.rows(resolver, |row, resolver| {
        let when = start(row, rows.last().map(|(when, _)| *when), resolver)?;
        rows.push((when, counts(row, columns.len(), resolver)?));
        if rows.len() as u64 > limits::SCHEDULE_ROWS {
            fault(row, 0, format!("more than {} rows", limits::SCHEDULE_ROWS), resolver);
            return None;
        }
        Some(())
    })?;
    if rows.is_empty() {
        let message = format!("the schedule `{}` has no rows", shorten(&path.value.0));
        resolver.faults.error(path.span, message).label("expected rows `start,<group>,…`");
        return None;
    }
    Some(ScheduleRows { columns, rows })
}

fn start(row: &Row<'_>, last: Option<When>, resolver: &mut Resolver) -> Option<When> {
    let text = row.get(0);
    let when = clock_time(text).map(When::Clock).or_else(|| date_time(text).map(When::Date));
    let is_later = match (last, when) {
        (_, None) => {
            fault(row, 0, format!("`{}` is not a time", shorten(text)), resolver)
                .label("expected a clock time such as `10:30` or a date with one");
            return None;
        }
        (Some(When::Clock(before)), Some(When::Clock(time))) => before < time && time < DAY,
        (Some(When::Date(before)), Some(When::Date(date))) => before < date,
        (Some(_), Some(_)) => false,
        (None, Some(_)) => true,
    };
    if is_later {
        return when;
    }
    fault(row, 0, format!("`{}` does not come after the row before", shorten(text)), resolver)
        .label("expected rows in order of time, all clock times or all dates");
    None
}

fn counts(row: &Row<'_>, columns: usize, resolver: &mut Resolver) -> Option<Vec<u32>> {
    let mut counts = Vec::with_capacity(columns);
    for column in 1..=columns {
        let text = row.get(column);
        match text.parse::<u32>() {
            Ok(count) if u64::from(count) <= limits::AGENTS => counts.push(count),
            Ok(_) | Err(_) => {
                fault(
                    row,
                    column,
                    format!("`{}` is not a number of agents", shorten(text)),
                    resolver,
                )
                .label(format!("expected a whole number from 0 to {}", limits::AGENTS));
                return None;
            }
        }
    }
    Some(counts)
}

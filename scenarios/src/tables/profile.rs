//! A profile of arrivals, `start,calls`: calls in each interval; equal steps, no gaps.

use crate::clock::{DAY, When, clock_time, date_time};
use crate::limits;
use crate::read::{At, Text, shorten};
use crate::resolve::Resolver;
use crate::tables::{Row, fault, open};

/// A profile: the rate of each step, calls per hour.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    /// Where the first step begins.
    pub(crate) first: When,
    /// Length of a step, µs.
    pub(crate) step: i64,
    /// Calls in each step.
    pub(crate) calls: Vec<f64>,
}

/// Reads a profile.
pub(crate) fn profile(path: &At<Text>, resolver: &mut Resolver) -> Option<Profile> {
    let (csv, _) = open(path, resolver)?;
    csv.expect_header(&["start", "calls"], path, resolver)?;
    let mut reader = Reader { first: None, last: 0, step: None, calls: Vec::new() };
    csv.rows(resolver, |row, resolver| reader.row(row, resolver))?;
    reader.finish(path, resolver)
}

struct Reader {
    first: Option<(When, i64)>,
    last: i64,
    step: Option<i64>,
    calls: Vec<f64>,
}

impl Reader {
    fn row(&mut self, row: &Row<'_>, resolver: &mut Resolver) -> Option<()> {
        let calls = calls(row, resolver);
        let at = self.start(row, resolver)?;
        if self.first.is_some() {
            let step = at - self.last;
            let expected = *self.step.get_or_insert(step);
            if step == 0 {
                let message = format!("two rows begin at `{}`", shorten(row.get(0)));
                fault(row, 0, message, resolver).label("expected each interval once");
                return None;
            }
            if step < 0 || step != expected {
                self.uneven(row, step, resolver);
                return None;
            }
        }
        self.last = at;
        if self.first.is_none() {
            let text = row.get(0);
            let when =
                clock_time(text).map(When::Clock).or_else(|| date_time(text).map(When::Date));
            self.first = when.map(|when| (when, at));
        }
        self.calls.push(calls?);
        if self.calls.len() as u64 > limits::RATE_ROWS {
            fault(row, 0, format!("more than {} rows", limits::RATE_ROWS), resolver);
            return None;
        }
        Some(())
    }

    /// Returns the row's start in µs of an open scale; clock times pass midnight.
    fn start(&self, row: &Row<'_>, resolver: &mut Resolver) -> Option<i64> {
        let text = row.get(0);
        let dated = matches!(self.first, Some((When::Date(_), _)));
        let clocked = matches!(self.first, Some((When::Clock(_), _)));
        if !dated && let Some(time) = clock_time(text) {
            return Some(if clocked && time <= self.last % DAY && time != self.last {
                time + (self.last / DAY + 1) * DAY
            } else {
                time + self.last / DAY * DAY
            });
        }
        if !clocked && let Some(date) = date_time(text) {
            let Some(at) = resolver.clock.dated(date) else {
                fault(
                    row,
                    0,
                    "a date needs `start`, the date of the beginning".to_owned(),
                    resolver,
                );
                return None;
            };
            return Some(at);
        }
        fault(row, 0, format!("`{}` is not the start of an interval", shorten(text)), resolver)
            .label("expected a clock time such as `10:30` or a date with one, alike in every row");
        None
    }

    fn uneven(&self, row: &Row<'_>, step: i64, resolver: &mut Resolver) {
        let expected = self.step.unwrap_or(0);
        let minutes = |micros: i64| acd::Duration(micros.unsigned_abs()).to_string();
        let message = if step > expected {
            format!("the profile has a gap before `{}`", shorten(row.get(0)))
        } else {
            format!(
                "the rows of the profile are not equally far apart at `{}`",
                shorten(row.get(0))
            )
        };
        fault(row, 0, message, resolver)
            .label(format!("expected {} after the row before", minutes(expected)));
    }

    fn finish(self, path: &At<Text>, resolver: &mut Resolver) -> Option<Profile> {
        let (Some((first, _)), Some(step)) = (self.first, self.step) else {
            resolver
                .faults
                .error(
                    path.span,
                    format!("the profile `{}` has fewer than two rows", shorten(&path.value.0)),
                )
                .label("expected rows `start,calls` at equal steps");
            return None;
        };
        let covers = step.saturating_mul(i64::try_from(self.calls.len()).unwrap_or(i64::MAX));
        if matches!(first, When::Clock(_)) && covers > DAY {
            resolver
                .faults
                .error(path.span, "a profile by clock times covers more than a day")
                .label("expected at most 24 h, or dates in the column `start`");
            return None;
        }
        Some(Profile { first, step, calls: self.calls })
    }
}

fn calls(row: &Row<'_>, resolver: &mut Resolver) -> Option<f64> {
    let text = row.get(1);
    match text.parse::<f64>() {
        Ok(calls) if (0.0..=CALLS_MOST).contains(&calls) => Some(calls),
        Ok(_) | Err(_) => {
            fault(row, 1, format!("`{}` is not a number of calls", shorten(text)), resolver)
                .label("expected a number that is not negative");
            None
        }
    }
}

/// Calls in one step.
const CALLS_MOST: f64 = 1e9;

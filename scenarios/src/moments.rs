//! Moments in settings, and rows of values that hold from a moment on.

use crate::clock::{DAY, FORMS, When};
use crate::faults::Faults;
use crate::read::{At, Read, shorten};
use crate::resolve::Resolver;
use crate::shape::{Leaf, Shape};
use crate::source::Span;
use crate::totals::Total;
use crate::tree::{Node, Value};
use acd::Timestamp;

/// A moment of the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment(pub(crate) When);

impl Read for Moment {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let (Value::Text(text) | Value::Datetime(text)) = &node.value else {
            faults
                .error(node.span, format!("expected a time, found {}", node.value.kind()))
                .label(FORMS);
            return None;
        };
        let when = When::parse(text);
        if when.is_none() {
            let fault =
                faults.error(node.span, format!("`{}` is not a time", shorten(text))).label(FORMS);
            if text.trim().parse::<acd::Duration>().is_ok() {
                fault
                    .hint(format!("did you mean `+{}`, so long after the beginning?", text.trim()));
            }
        }
        when.map(Self)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Form("10:15"))
    }

    fn stand_in() -> Option<Self> {
        Some(Self(When::After(acd::Duration::ZERO)))
    }
}

/// Returns a moment a while later; `None` beyond the calendar.
pub(crate) fn later(when: When, micros: i64) -> Option<When> {
    match when {
        When::Clock(time) => Some(When::Clock(time.checked_add(micros)?)),
        When::Day(day, time) => Some(When::Day(day, time.checked_add(micros)?)),
        When::After(duration) => {
            let after = duration.0.checked_add(u64::try_from(micros).ok()?)?;
            Some(When::After(acd::Duration(after)))
        }
        When::Date(date) => {
            date.checked_add(jiff::SignedDuration::from_micros(micros)).ok().map(When::Date)
        }
    }
}

/// What is spread over the run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread<T> {
    /// Its name in messages.
    pub(crate) what: &'static str,
    /// Its place.
    pub(crate) span: Span,
    /// The value before the first row.
    pub(crate) before: T,
    /// Where its rows are counted.
    pub(crate) total: Total,
    /// Whether the rows of the day before still hold when the run begins, though it is no longer than a day.
    pub(crate) goes_on: bool,
}

impl Resolver {
    /// Finds a moment of the run.
    pub(crate) fn moment(&mut self, at: At<Moment>) -> Option<Timestamp> {
        match self.clock.moment(at.value.0) {
            Ok(moment) => Some(moment),
            Err(reason) => {
                let text = self.sources.text(at.span).trim_matches(['"', '\'']).to_owned();
                self.faults
                    .error(at.span, format!("`{}` is not a moment of the run", shorten(&text)))
                    .label(reason);
                None
            }
        }
    }

    /// Turns rows of a list into values that hold from each moment on, the first from the beginning.
    ///
    /// Clock times alone repeat each day where the run is longer than one.
    pub(crate) fn spread<T: Copy>(
        &mut self,
        spread: Spread<T>,
        rows: &[(At<Moment>, T)],
    ) -> Option<Vec<(Timestamp, T)>> {
        let Spread { what, span, .. } = spread;
        if rows.is_empty() {
            self.faults.error(span, format!("there is no {what}")).label("expected at least one");
            return None;
        }
        if self.clock.end() > DAY
            && let Some(times) = clock_times(rows.iter().map(|(at, _)| at.value.0))
        {
            let values: Vec<T> = rows.iter().map(|(_, value)| *value).collect();
            return self.daily(spread, &times, &values);
        }
        self.count(spread.total, rows.len() as u64, span)?;
        let mut moments = Vec::with_capacity(rows.len());
        for (at, value) in rows {
            // Every row is tried, so that all faults are found.
            moments.push((self.moment(*at), at.span, *value));
        }
        let mut found = Vec::with_capacity(rows.len());
        for (moment, span, value) in moments {
            found.push((moment?, span, value));
        }
        found.sort_by_key(|(moment, _, _)| *moment);
        if let Some(pair) = found.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            self.faults
                .error(pair[1].1, format!("two {what}s begin at the same moment"))
                .label("expected one");
            return None;
        }
        Some(self.begin(spread, found.into_iter().map(|(at, _, value)| (at, value)).collect()))
    }

    /// Turns rows of a file, in order of time, into values that hold from each moment on.
    pub(crate) fn spread_file<T: Copy>(
        &mut self,
        spread: Spread<T>,
        rows: &[(When, T)],
    ) -> Option<Vec<(Timestamp, T)>> {
        let values: Vec<T> = rows.iter().map(|(_, value)| *value).collect();
        if let Some(times) = clock_times(rows.iter().map(|(when, _)| *when)) {
            return self.daily(spread, &times, &values);
        }
        self.count(spread.total, rows.len() as u64, spread.span)?;
        let mut falls = Vec::with_capacity(rows.len());
        for (when, value) in rows {
            let When::Date(date) = when else { continue };
            let Some(at) = self.clock.dated(*date) else {
                self.faults
                    .error(
                        spread.span,
                        format!("the {} has dates, the scenario has none", spread.what),
                    )
                    .label("expected `start`, the date of the beginning");
                return None;
            };
            falls.push((at, *value));
        }
        self.clip(spread, falls)
    }

    fn daily<T: Copy>(
        &mut self,
        spread: Spread<T>,
        times: &[i64],
        values: &[T],
    ) -> Option<Vec<(Timestamp, T)>> {
        let days = u64::try_from(self.clock.end() / DAY + 2).unwrap_or(u64::MAX);
        self.count(spread.total, days.saturating_mul(times.len() as u64), spread.span)?;
        let mut falls = self.clock.daily(times);
        if !spread.goes_on && self.clock.end() <= DAY {
            let midnight = self.clock.clock_on(0, 0);
            falls.retain(|(at, _)| *at >= midnight);
        }
        let falls = falls.into_iter().map(|(at, row)| (at, values[row])).collect();
        self.clip(spread, falls)
    }

    /// Keeps what holds within the run.
    fn clip<T: Copy>(
        &mut self,
        spread: Spread<T>,
        falls: Vec<(i64, T)>,
    ) -> Option<Vec<(Timestamp, T)>> {
        let end = self.clock.end();
        let begun = falls.iter().rposition(|(at, _)| *at <= 0);
        let mut rows = Vec::with_capacity(falls.len());
        for (at, value) in falls.into_iter().skip(begun.unwrap_or(0)) {
            if at < end {
                rows.push((Timestamp(u64::try_from(at).unwrap_or(0)), value));
            }
        }
        if rows.is_empty() {
            let extent = self.clock.extent();
            self.faults
                .error(spread.span, format!("no row of the {} is within the run", spread.what))
                .label(format!("the run is {extent}"));
            return None;
        }
        Some(self.begin(spread, rows))
    }

    /// Warns that something begins only a while into the run.
    pub(crate) fn warn_late(&mut self, what: &str, span: Span, micros: i64) {
        let late = acd::Duration(micros.unsigned_abs());
        self.faults
            .warning(span, format!("the first {what} comes {late} after the beginning"))
            .label("until then it is zero");
    }

    /// Puts the value of the beginning before rows that start later, and warns.
    fn begin<T: Copy>(
        &mut self,
        spread: Spread<T>,
        mut rows: Vec<(Timestamp, T)>,
    ) -> Vec<(Timestamp, T)> {
        let Some((first, _)) = rows.first().copied().filter(|(at, _)| *at > Timestamp::ZERO) else {
            return rows;
        };
        self.warn_late(spread.what, spread.span, i64::try_from(first.0).unwrap_or(i64::MAX));
        rows.insert(0, (Timestamp::ZERO, spread.before));
        rows
    }
}

fn clock_times(moments: impl Iterator<Item = When>) -> Option<Vec<i64>> {
    let mut times = Vec::new();
    for moment in moments {
        let When::Clock(time) = moment else { return None };
        times.push(time);
    }
    Some(times)
}

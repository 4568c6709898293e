//! Clock times and dates of a file, turned into moments of the run; daylight saving included.

use acd::{Duration, SECOND, Timestamp};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan};

/// Microseconds of a day without a change of the clocks.
pub(crate) const DAY: i64 = 86_400 * SECOND as i64;

/// A moment as a file writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// A clock time, µs since midnight; up to and including 24:00.
    Clock(i64),
    /// A clock time on the n-th day, the first being 1.
    Day(u32, i64),
    /// So long after the beginning.
    After(Duration),
    /// A date with a clock time.
    Date(DateTime),
}

/// What a moment may look like, for messages.
pub(crate) const FORMS: &str =
    "expected a time such as `10:15`, `day 3 10:15`, `+3h15m` or `2026-03-02T10:15`";

impl When {
    /// Parses any of the forms.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(after) = text.strip_prefix('+') {
            return after.parse().ok().map(Self::After);
        }
        if let Some(rest) = text.strip_prefix("day ") {
            let (day, time) = rest.trim_start().split_once(' ')?;
            let day: u32 = digits(day, 1, 4)?;
            return (day >= 1).then_some(Self::Day(day, clock_time(time.trim_start())?));
        }
        if let Some(time) = clock_time(text) {
            return Some(Self::Clock(time));
        }
        date_time(text).map(Self::Date)
    }
}

/// Parses `hh:mm`, `hh:mm:ss` or `hh:mm:ss.ffffff` into microseconds since midnight, at most 24:00.
pub(crate) fn clock_time(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours: i64 = digits(parts.next()?, 1, 2)?;
    let minutes: i64 = digits(parts.next()?, 2, 2)?;
    let (seconds, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            let micros: i64 = digits(fraction, 1, 6)?;
            let scale = 10_i64.pow(6 - u32::try_from(fraction.len()).ok()?);
            (digits::<i64>(whole, 2, 2)?, micros * scale)
        }
    };
    let is_clock = parts.next().is_none() && minutes < 60 && seconds < 60;
    let time = ((hours * 60 + minutes) * 60 + seconds) * SECOND as i64 + micros;
    (is_clock && time <= DAY).then_some(time)
}

/// Parses a local date with a clock time, parted by `T` or a space.
pub(crate) fn date_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4, 4)?;
    let (month, day) = (digits(parts.next()?, 2, 2)?, digits(parts.next()?, 2, 2)?);
    let date = parts.next().is_none().then(|| Date::new(year, month, day).ok())??;
    midnight(date).checked_add(SignedDuration::from_micros(clock_time(time)?)).ok()
}

fn digits<T: std::str::FromStr>(text: &str, least: usize, most: usize) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (least..=most).contains(&text.len())).then(|| text.parse().ok())?
}

fn midnight(date: Date) -> DateTime {
    date.to_datetime(jiff::civil::Time::midnight())
}

/// The run's frame of time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    start: DateTime,
    is_dated: bool,
    zone: Option<TimeZone>,
    length: Duration,
}

impl Clock {
    /// Makes the frame of a run; without a date, clock times count from midnight of no day.
    pub(crate) fn new(start: Option<DateTime>, zone: Option<TimeZone>, length: Duration) -> Self {
        let no_day = DateTime::constant(2000, 1, 3, 0, 0, 0, 0);
        Self { start: start.unwrap_or(no_day), is_dated: start.is_some(), zone, length }
    }

    /// Returns the time from local midnight to the beginning, by the clock.
    pub(crate) fn start_of_day(&self) -> Duration {
        let since = self.start.duration_since(midnight(self.start.date()));
        Duration(u64::try_from(since.as_micros()).unwrap_or(0))
    }

    /// Returns how long attempts are let in.
    pub(crate) fn length(&self) -> Duration {
        self.length
    }

    /// Returns the length in microseconds, signed as times before the beginning are.
    pub(crate) fn end(&self) -> i64 {
        i64::try_from(self.length.0).unwrap_or(i64::MAX)
    }

    /// Finds a moment of the run; says why it is none.
    pub(crate) fn moment(&self, when: When) -> Result<Timestamp, String> {
        let micros = match when {
            When::Clock(time) => {
                let today = self.clock_on(0, time);
                if today >= 0 { today } else { self.clock_on(1, time) }
            }
            When::Day(day, time) => self.clock_on(i64::from(day) - 1, time),
            When::After(duration) => i64::try_from(duration.0).unwrap_or(i64::MAX),
            When::Date(date) if self.is_dated => self.elapsed(date),
            When::Date(_) => {
                return Err("a date needs `start`, the date of the beginning".to_owned());
            }
        };
        match u64::try_from(micros) {
            Ok(micros) if micros <= self.length.0 => Ok(Timestamp(micros)),
            _ => Err(format!("it is not within the run, {}", self.extent())),
        }
    }

    /// Returns where a date lies, µs from the beginning; negative before it. `None` without a date.
    pub(crate) fn dated(&self, date: DateTime) -> Option<i64> {
        self.is_dated.then(|| self.elapsed(date))
    }

    /// Returns where a clock time on a day lies, the day of the beginning being 0.
    pub(crate) fn clock_on(&self, day: i64, time: i64) -> i64 {
        match self.on(day, time) {
            Some(date) => self.elapsed(date),
            None => i64::MAX,
        }
    }

    fn on(&self, day: i64, time: i64) -> Option<DateTime> {
        let date = self.start.date().checked_add(day.days()).ok()?;
        midnight(date).checked_add(SignedDuration::from_micros(time)).ok()
    }

    fn elapsed(&self, date: DateTime) -> i64 {
        let since = match &self.zone {
            None => date.duration_since(self.start),
            Some(zone) => {
                let instant = |date| zone.to_ambiguous_timestamp(date).compatible();
                match (instant(date), instant(self.start)) {
                    (Ok(date), Ok(start)) => date.duration_since(start),
                    (Ok(_) | Err(_), _) => date.duration_since(self.start),
                }
            }
        };
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    /// Says when the run begins and ends.
    pub(crate) fn extent(&self) -> String {
        let end = self.start.checked_add(SignedDuration::from_micros(self.end()));
        let Ok(end) = end else { return "which is too long".to_owned() };
        if !self.is_dated {
            return format!("which lasts {} from 00:00", self.length);
        }
        let day = if end.date() == self.start.date() {
            String::new()
        } else {
            format!("{} ", end.date())
        };
        format!("{} to {day}{}", self.start.strftime("%H:%M"), end.strftime("%H:%M"))
    }

    /// Lists when each of some clock times falls, over every day that the run touches, the day
    /// before it included: time and position in `times`, in order, one for each moment.
    ///
    /// A time that a clock change skips falls on the change; one that it repeats falls twice.
    pub(crate) fn daily(&self, times: &[i64]) -> Vec<(i64, usize)> {
        let days = self.end() / DAY + 2;
        let mut falls: Vec<(i64, usize)> = Vec::new();
        for day in -1..=days {
            for (position, &time) in times.iter().enumerate() {
                let Some(date) = self.on(day, time) else { continue };
                falls.push((self.elapsed_or_change(date), position));
                if let Some(again) = self.repeated(date) {
                    falls.push((again, position));
                }
            }
        }
        falls.sort_by_key(|(at, _)| *at);
        // Of several at one moment, the latest by the clock counts.
        falls.reverse();
        falls.dedup_by_key(|(at, _)| *at);
        falls.reverse();
        falls
    }

    fn elapsed_or_change(&self, date: DateTime) -> i64 {
        let Some(zone) = &self.zone else { return self.elapsed(date) };
        let ambiguous = zone.to_ambiguous_timestamp(date);
        if let AmbiguousOffset::Gap { after, .. } = ambiguous.offset()
            && let Ok(shifted) = after.to_timestamp(date)
            && let Some(change) = zone.following(shifted).next()
            && let Ok(start) = zone.to_ambiguous_timestamp(self.start).compatible()
        {
            let micros = change.timestamp().duration_since(start).as_micros();
            return i64::try_from(micros).unwrap_or(i64::MAX);
        }
        self.elapsed(date)
    }

    fn repeated(&self, date: DateTime) -> Option<i64> {
        let zone = self.zone.as_ref()?;
        let ambiguous = zone.to_ambiguous_timestamp(date);
        let AmbiguousOffset::Fold { after, .. } = ambiguous.offset() else { return None };
        let start = zone.to_ambiguous_timestamp(self.start).compatible().ok()?;
        let again = after.to_timestamp(date).ok()?;
        i64::try_from(again.duration_since(start).as_micros()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(start: &str, zone: Option<&str>, hours: u64) -> Clock {
        let zone = zone.map(|name| TimeZone::get(name).expect("the zone is compiled in"));
        Clock::new(date_time(start), zone, Duration::from_secs(hours * 3600))
    }

    fn at(clock: &Clock, text: &str) -> Result<u64, String> {
        clock.moment(When::parse(text).expect("a time")).map(|at| at.0 / SECOND)
    }

    #[test]
    fn times_are_read_in_every_form() {
        let clock = clock("2026-03-02T07:00", None, 72);
        assert_eq!(at(&clock, "10:15"), Ok(3 * 3600 + 900));
        assert_eq!(at(&clock, "06:00"), Ok(23 * 3600), "the first six o'clock after the beginning");
        assert_eq!(at(&clock, "day 3 10:15"), Ok(51 * 3600 + 900));
        assert_eq!(at(&clock, "+3h15m"), Ok(3 * 3600 + 900));
        assert_eq!(at(&clock, "2026-03-03T07:00:30"), Ok(86_430));
        assert_eq!(at(&clock, "24:00"), Ok(17 * 3600));
        assert!(at(&clock, "day 9 10:15").is_err());
        for text in
            ["", "25:00", "10:60", "1015", "10:15:5", "+", "day 0 10:00", "2026-02-30T10:00", "+90"]
        {
            assert_eq!(When::parse(text), None, "{text}");
        }
    }

    #[test]
    fn night_of_the_change_has_23_hours_in_spring_and_25_in_autumn() {
        let spring = clock("2026-03-29T00:00", Some("Europe/Berlin"), 48);
        assert_eq!(at(&spring, "day 2 00:00"), Ok(23 * 3600));
        let autumn = clock("2026-10-25T00:00", Some("Europe/Berlin"), 48);
        assert_eq!(at(&autumn, "day 2 00:00"), Ok(25 * 3600));
    }

    #[test]
    fn pattern_of_a_day_skips_and_repeats_with_the_clocks() {
        let times: Vec<i64> = [1, 2, 3, 4].map(|hour| hour * 3_600_000_000).to_vec();
        let hours = |clock: &Clock| -> Vec<(i64, usize)> {
            let falls = clock.daily(&times).into_iter();
            falls
                .map(|(at, row)| (at / 3_600_000_000, row))
                .filter(|(at, _)| (0..20).contains(at))
                .collect()
        };
        let spring = clock("2026-03-29T00:00", Some("Europe/Berlin"), 20);
        assert_eq!(hours(&spring), [(1, 0), (2, 2), (3, 3)]);
        let autumn = clock("2026-10-25T00:00", Some("Europe/Berlin"), 20);
        assert_eq!(hours(&autumn), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 3)]);
    }
}

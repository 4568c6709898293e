//! Quantities with units and their text forms: time stamps, durations, rates, shares.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Microseconds in a second.
pub const SECOND: u64 = 1_000_000;

/// A moment: microseconds since the run began. Never read from a clock.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The moment at which a run begins.
    pub const ZERO: Self = Self(0);
    /// A moment after every other.
    pub const MAX: Self = Self(u64::MAX);

    /// Returns the time passed since `earlier`; zero where `earlier` is later.
    #[inline]
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }

    /// Returns the moment `duration` later; saturates at [`Timestamp::MAX`].
    #[inline]
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }

    /// Returns the moment as seconds since the run began.
    #[inline]
    #[must_use]
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }
}

impl fmt::Display for Timestamp {
    /// Writes `hh:mm:ss`, with a fraction when there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / SECOND;
        write!(f, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        match self.0 % SECOND {
            0 => Ok(()),
            rest => write!(f, "{}", fraction(rest)),
        }
    }
}

/// A length of time in microseconds, never negative.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Duration(pub u64);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest length; stands for *for ever*.
    pub const MAX: Self = Self(u64::MAX);
    /// The longest length that a text form may give: 10 years.
    pub const TEXT_MAX: Self = Self(10 * 365 * 24 * 3600 * SECOND);

    /// Makes a duration from whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * SECOND)
    }

    /// Makes a duration from seconds, rounded to the microsecond. Negative, NaN become zero; too long saturates.
    #[inline]
    #[must_use]
    pub fn from_secs_f64(seconds: f64) -> Self {
        // A cast saturates and maps NaN to zero.
        Self((seconds * SECOND as f64 + 0.5) as u64)
    }

    /// Returns the length in seconds.
    #[inline]
    #[must_use]
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }
}

impl fmt::Display for Duration {
    /// Writes the shortest exact form, such as `90s`, `1h30m`, `250ms`; reads back equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let (seconds, rest) = (self.0 / SECOND, self.0 % SECOND);
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        for (count, unit) in [(days, "d"), (hours, "h"), (minutes, "m")] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        match (seconds % 60, rest) {
            (0, 0) => Ok(()),
            (s, 0) => write!(f, "{s}s"),
            (0, us) if us % 1000 == 0 => write!(f, "{}ms", us / 1000),
            (s, us) => write!(f, "{s}{}s", fraction(us)),
        }
    }
}

/// Writes microseconds as a decimal fraction of a second without trailing zeros: `.25`.
fn fraction(microseconds: u64) -> String {
    let digits = format!(".{microseconds:06}");
    digits.trim_end_matches('0').to_owned()
}

/// Why a text is not a quantity. The message says what was expected, for a caret to stand under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct UnitError {
    /// What was expected, such as ``expected a duration such as `90s` or `1h30m` ``.
    pub expected: String,
}

fn unit_error(expected: &str) -> UnitError {
    UnitError { expected: expected.to_owned() }
}

const DURATION_FORM: &str = "expected a duration such as `90s`, `5m`, `1h30m`, `250ms`";
const RATE_FORM: &str = "expected a rate such as `120/h`, `2/min`, `0.5/s`, `3000/day`";
const SHARE_FORM: &str = "expected a share such as `40%` or `0.4`";

impl FromStr for Duration {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(unit_error(DURATION_FORM));
        }
        let mut total = 0.0_f64;
        while !rest.is_empty() {
            let (number, after) = split_number(rest).ok_or_else(|| unit_error(DURATION_FORM))?;
            let unit_length = after.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (unit, next) = after.split_at(unit_length);
            let scale = match unit {
                "us" => 1e-6,
                "ms" => 1e-3,
                "s" | "sec" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                "d" | "day" | "days" => 86_400.0,
                "w" => 604_800.0,
                "" => return Err(unit_error("expected a unit after the number: `s`, `m`, `h`, …")),
                _ => {
                    return Err(unit_error(
                        "expected one of the units `ms`, `s`, `m`, `h`, `d`, `w`",
                    ));
                }
            };
            total += number * scale;
            rest = next.trim_start();
        }
        if total > Self::TEXT_MAX.as_secs() {
            return Err(unit_error("expected at most 10 years"));
        }
        Ok(Self::from_secs_f64(total))
    }
}

/// Splits an unsigned decimal number off the front. No sign, no exponent, no NaN.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    if end == 0 || end > 20 {
        return None;
    }
    let number: f64 = text[..end].parse().ok()?;
    Some((number, text[end..].trim_start()))
}

/// Events per hour, finite and not negative.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate {
    /// Events per hour.
    pub per_hour: f64,
}

impl Rate {
    /// Returns events per second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.per_hour / 3600.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/h", self.per_hour)
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, rest) = split_number(text.trim()).ok_or_else(|| unit_error(RATE_FORM))?;
        let unit = rest.strip_prefix('/').ok_or_else(|| unit_error(RATE_FORM))?.trim();
        let per_hour = match unit {
            "s" | "sec" => number * 3600.0,
            "m" | "min" => number * 60.0,
            "h" | "hour" => number,
            "d" | "day" => number / 24.0,
            _ => return Err(unit_error(RATE_FORM)),
        };
        if !per_hour.is_finite() || per_hour > 1e9 {
            return Err(unit_error("expected at most 1000000000/h"));
        }
        Ok(Self { per_hour })
    }
}

/// A fraction from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(pub f64);

impl Share {
    /// Makes a share, or `None` outside 0..=1 and for NaN.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.0 * 1e10).round() / 1e8)
    }
}

impl FromStr for Share {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, rest) = split_number(text.trim()).ok_or_else(|| unit_error(SHARE_FORM))?;
        let value = match rest {
            "%" => number / 100.0,
            "" => number,
            _ => return Err(unit_error(SHARE_FORM)),
        };
        Self::new(value).ok_or_else(|| unit_error("expected a share from 0 to 1 (0% to 100%)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_write_the_same() {
        for text in ["0s", "90s", "1m30s", "1h", "2d3h", "250ms", "1.5s", "15m"] {
            let duration: Duration = text.parse().expect("a duration");
            assert_eq!(duration.to_string().parse::<Duration>(), Ok(duration), "{text}");
        }
        assert_eq!("90s".parse(), Ok(Duration::from_secs(90)));
        assert_eq!("1h30m".parse(), Ok(Duration::from_secs(5400)));
        assert_eq!("1h 30m".parse(), Ok(Duration::from_secs(5400)));
    }

    #[test]
    fn bad_quantities_are_refused() {
        for text in ["", "90", "-5s", "NaNs", "1e9s", "5 parsecs", "s", "99999999999d", "."] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
        for text in ["", "90", "-5/h", "5/fortnight", "NaN/h", "9999999999999/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        for text in ["", "140%", "1.4", "-1%", "x"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    #[test]
    fn rates_and_shares_know_their_units() {
        assert_eq!("2/min".parse::<Rate>().map(|r| r.per_hour), Ok(120.0));
        assert_eq!("0.5/s".parse::<Rate>().map(|r| r.per_hour), Ok(1800.0));
        assert_eq!("40%".parse::<Share>(), Ok(Share(0.4)));
        assert_eq!(Share(0.4).to_string(), "40%");
    }

    #[test]
    fn timestamps_print_as_a_clock() {
        assert_eq!(Timestamp(3_661 * SECOND).to_string(), "01:01:01");
        assert_eq!(Timestamp(1_250_000).to_string(), "00:00:01.25");
        assert_eq!(Timestamp(5).since(Timestamp(9)), Duration::ZERO);
    }
}

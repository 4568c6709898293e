//! The rate through time, as people say it: `10/s for 30s, ramp to 500/s in 1m, 500/s`.

use crate::limits;
use crate::model::traffic::Segment;
use crate::read::shorten;
use crate::text_error::{TextError, error, trim};
use acd::{Duration, Rate};
use std::ops::Range;

/// Reads a rate, or a rate that changes with time: parts such as `500/s for 1m` and
/// `ramp to 500/s in 1m`, one after the other, with commas between them.
///
/// A ramp begins at the rate before it, the first at nought. The last part may go without its time:
/// it lasts until the run ends. Units: calls per second.
///
/// # Errors
///
/// Says what is wrong, where in the text, and what was expected.
///
/// ```
/// let profile = scenarios::parse_profile("10/s for 30s, ramp to 500/s in 1m, 500/s")?;
/// assert_eq!((profile[1].from, profile[1].to), (10.0, 500.0));
/// assert_eq!(profile[2].length, None);
/// # Ok::<(), scenarios::TextError>(())
/// ```
pub fn parse_profile(text: &str) -> Result<Vec<Segment>, TextError> {
    let mut segments: Vec<Segment> = Vec::new();
    let (mut start, mut calls) = (0, 0.0);
    for part in text.split(',') {
        let place = trim(text, start..start + part.len());
        start += part.len() + 1;
        if segments.len() as u64 == limits::LOAD_SEGMENTS {
            let expected = format!("expected at most {} parts", limits::LOAD_SEGMENTS);
            return Err(error("the rate has too many parts", &place, expected));
        }
        if segments.last().is_some_and(|last| last.length.is_none()) {
            let message = "nothing can follow a rate without an end";
            let mut error = error(message, &place, "expected `RATE for TIME` before it");
            error.hint = Some("only the last part may go without its time".to_owned());
            return Err(error);
        }
        let segment = segment(text, &place, segments.last().map_or(0.0, |last| last.to))?;
        calls += segment.calls();
        if calls > limits::CALLS as f64 {
            let expected = format!("expected at most {}", limits::CALLS);
            return Err(error("these are too many calls", &place, expected));
        }
        segments.push(segment);
    }
    ends_well(&segments, text)?;
    Ok(segments)
}

impl Segment {
    /// Returns the calls it brings; none where it has no end.
    fn calls(&self) -> f64 {
        let seconds = self.length.map_or(0.0, Duration::as_secs);
        (self.from + self.to) / 2.0 * seconds
    }
}

/// Refuses a rate that brings no calls, at all or from some moment on for ever.
fn ends_well(segments: &[Segment], text: &str) -> Result<(), TextError> {
    let whole = trim(text, 0..text.len());
    if segments.iter().all(|segment| segment.from == 0.0 && segment.to == 0.0) {
        return Err(error("no call ever begins", &whole, "expected a rate above nought"));
    }
    match segments.last() {
        Some(last) if last.length.is_none() && last.to == 0.0 => {
            let message = "the last rate is nought and has no end";
            Err(error(message, &whole, "expected `0/s for TIME`, or no such part"))
        }
        Some(_) | None => Ok(()),
    }
}

const FORM: &str = "expected `RATE for TIME` or `ramp to RATE in TIME`, such as `500/s for 1m`";

fn segment(text: &str, place: &Range<usize>, before: f64) -> Result<Segment, TextError> {
    let part = &text[place.clone()];
    if part.is_empty() {
        return Err(error("a part of the rate is empty", place, FORM));
    }
    let Some(ramp) = part.strip_prefix("ramp").filter(|rest| starts_apart(rest)) else {
        let (rate_place, length) = cut(text, place, "for");
        let to = rate(text, &rate_place)?;
        let length = length.map(|place| time(text, &place)).transpose()?;
        return Ok(Segment { from: to, to, length });
    };
    let after = trim(text, place.end - ramp.len()..place.end);
    let Some(rest) = text[after.clone()].strip_prefix("to").filter(|rest| starts_apart(rest))
    else {
        return Err(error("this ramp does not say where to", place, FORM));
    };
    let (rate_place, length) = cut(text, &trim(text, after.end - rest.len()..after.end), "in");
    let to = rate(text, &rate_place)?;
    let Some(length) = length else {
        return Err(error("this ramp does not say how long it takes", place, FORM));
    };
    Ok(Segment { from: before, to, length: Some(time(text, &length)?) })
}

fn starts_apart(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(char::is_whitespace)
}

/// Cuts a part at a word into what stands before and what behind it.
fn cut(text: &str, place: &Range<usize>, word: &str) -> (Range<usize>, Option<Range<usize>>) {
    let part = &text[place.clone()];
    for (at, _) in part.match_indices(word) {
        let is_apart = part[..at].ends_with(char::is_whitespace) || at == 0;
        if is_apart && starts_apart(&part[at + word.len()..]) {
            let middle = place.start + at;
            let behind = trim(text, middle + word.len()..place.end);
            return (trim(text, place.start..middle), Some(behind));
        }
    }
    (place.clone(), None)
}

fn rate(text: &str, place: &Range<usize>) -> Result<f64, TextError> {
    let word = &text[place.clone()];
    if word.is_empty() {
        return Err(error("the rate is missing", place, FORM));
    }
    let rate: Rate = word.parse().map_err(|fault: acd::UnitError| {
        let message = format!("`{}` is not a rate", shorten(word));
        let mut error = error(message, place, fault.expected);
        let is_bare = word.parse::<f64>().is_ok_and(|number| number.is_finite() && number >= 0.0);
        error.hint = is_bare.then(|| format!("did you mean `{word}/s`?"));
        error
    })?;
    if rate.per_second() > limits::LOAD_RATE as f64 {
        let expected = format!("expected at most {}/s", limits::LOAD_RATE);
        return Err(error("the rate is too high", place, expected));
    }
    Ok(rate.per_second())
}

fn time(text: &str, place: &Range<usize>) -> Result<Duration, TextError> {
    let word = &text[place.clone()];
    let length: Duration = word.parse().map_err(|fault: acd::UnitError| {
        let message = format!("`{}` is not a duration", shorten(word));
        let mut error = error(message, place, fault.expected);
        let is_bare = word.parse::<f64>().is_ok_and(|number| number.is_finite() && number >= 0.0);
        error.hint = is_bare.then(|| format!("did you mean `{word}s`?"));
        error
    })?;
    if length == Duration::ZERO {
        return Err(error("this part has no length", place, "expected more than `0s`"));
    }
    if length > Duration::from_secs(limits::LENGTH_HOURS * 3600) {
        let expected = format!("expected at most {} hours", limits::LENGTH_HOURS);
        return Err(error("this part is too long", place, expected));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(f64, f64, Option<u64>)> {
        let profile = parse_profile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let parts = profile.iter();
        parts.map(|part| (part.from, part.to, part.length.map(|l| l.0 / 1_000_000))).collect()
    }

    #[test]
    fn a_rate_alone_lasts_until_the_end() {
        assert_eq!(read("500/s"), [(500.0, 500.0, None)]);
        assert_eq!(read(" 90/min "), [(1.5, 1.5, None)]);
    }

    #[test]
    fn ramps_begin_where_the_part_before_them_ended() {
        let expected = [
            (10.0, 10.0, Some(30)),
            (10.0, 500.0, Some(60)),
            (500.0, 500.0, Some(300)),
            (2000.0, 2000.0, Some(5)),
            (500.0, 500.0, Some(60)),
        ];
        let text = "10/s for 30s, ramp to 500/s in 1m, 500/s for 5m, 2000/s for 5s, 500/s for 1m";
        assert_eq!(read(text), expected);
        assert_eq!(read("ramp  to 20/s in 1m30s"), [(0.0, 20.0, Some(90))]);
    }

    #[test]
    fn faults_point_at_their_word() {
        for (text, word) in [
            ("", ""),
            ("500", "500"),
            ("500/s for 1", "1"),
            ("500/s for", ""),
            ("500/s, 10/s for 1m", "10/s for 1m"),
            ("10/s for 1m,", ""),
            ("ramp to 500/s", "ramp to 500/s"),
            ("ramp 500/s in 1m", "ramp 500/s in 1m"),
            ("ramp to in 1m", ""),
            ("10/s for 0s", "0s"),
            ("300000/s", "300000/s"),
            ("-5/s", "-5/s"),
            ("nan/s", "nan/s"),
            ("0/s", "0/s"),
            ("10/s for 1m, 0/s", "10/s for 1m, 0/s"),
            ("200000/s for 10h", "200000/s for 10h"),
        ] {
            let error = parse_profile(text).expect_err(text);
            assert_eq!(&text[error.place.clone()], word, "{text}: {error}");
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let text = "10/s for 30s, ramp to 500/s in 1m, é/s for ∞";
        for start in text.char_indices().map(|(at, _)| at) {
            for end in text.char_indices().map(|(at, _)| at).filter(|end| *end >= start) {
                let _ = parse_profile(&text[start..end]);
            }
        }
        assert!(parse_profile(&"1/s for 1s,".repeat(2_000)).is_err());
    }
}

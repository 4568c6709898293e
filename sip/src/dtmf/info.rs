//! Digits in the bodies of INFO requests.
//!
//! No RFC defines them; the two forms are those of Cisco's `application/dtmf-relay` and of
//! `application/dtmf`.

use std::io::Write as _;

use super::Digit;
use crate::time::Duration;

/// The content type of what [`write_relay`] writes.
pub const RELAY: &[u8] = b"application/dtmf-relay";
/// The content type whose body is the digit alone.
pub const PLAIN: &[u8] = b"application/dtmf";

/// Longest body read; digits need 30 bytes.
const BODY_MAX: usize = 256;

/// Why a body holds no digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InfoFault {
    /// Another content type: answered 415.
    #[error("not a body with digits")]
    ContentType,
    /// No digit in it, or something else: answered 400.
    #[error("no digit in the body")]
    Body,
}

/// Reads the digit of an INFO body, and how long the key was held if it says so.
///
/// # Errors
/// [`InfoFault`], with the status to answer.
pub fn read(content_type: &[u8], body: &[u8]) -> Result<(Digit, Option<Duration>), InfoFault> {
    let kind = content_type.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    let is_relay = kind.eq_ignore_ascii_case(RELAY);
    if !is_relay && !kind.eq_ignore_ascii_case(PLAIN) {
        return Err(InfoFault::ContentType);
    }
    if body.len() > BODY_MAX {
        return Err(InfoFault::Body);
    }
    let has_fields = is_relay || body.contains(&b'=');
    if !has_fields {
        return read_signal(body.trim_ascii()).map(|digit| (digit, None)).ok_or(InfoFault::Body);
    }
    let digit = field(body, b"signal").and_then(read_signal).ok_or(InfoFault::Body)?;
    Ok((digit, field(body, b"duration").and_then(read_duration)))
}

/// Appends the body of a digit in the form of [`RELAY`].
pub fn write_relay(digit: Digit, length: Duration, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "Signal={}\r\nDuration={}\r\n", digit.to_char(), length.as_millis());
}

/// The value of the first line `name=value`.
fn field<'a>(body: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    body.split(|&byte| byte == b'\n' || byte == b'\r').find_map(|line| {
        let equals = line.iter().position(|&byte| byte == b'=')?;
        let (key, value) = (line[..equals].trim_ascii(), line[equals + 1..].trim_ascii());
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// A key, or its event code, which some send for `*` and `#`.
fn read_signal(value: &[u8]) -> Option<Digit> {
    match value {
        &[key] => Digit::from_char(char::from(key)),
        [b'1', unit @ b'0'..=b'5'] => Digit::from_event(10 + (unit - b'0')),
        _ => None,
    }
}

/// Milliseconds; an unreadable value is as none.
fn read_duration(value: &[u8]) -> Option<Duration> {
    let text = core::str::from_utf8(value).ok()?;
    text.parse::<u16>().ok().map(|ms| Duration::from_millis(ms.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(content_type: &str, body: &str) -> Result<char, InfoFault> {
        read(content_type.as_bytes(), body.as_bytes()).map(|(digit, _)| digit.to_char())
    }

    #[test]
    fn the_forms_seen_in_the_wild_are_read() {
        let relay = "application/dtmf-relay";
        assert_eq!(key(relay, "Signal=5\r\nDuration=160\r\n"), Ok('5'));
        assert_eq!(key(relay, "Signal= 5\r\nDuration= 160"), Ok('5'));
        assert_eq!(key("Application/DTMF-Relay ; x=y", "signal=#\nduration=1"), Ok('#'));
        assert_eq!(key(relay, "Duration=100\r\nSignal=d\r\n"), Ok('D'));
        assert_eq!(key(relay, "Signal=11\r\n"), Ok('#'));
        assert_eq!(key("application/dtmf", "7"), Ok('7'));
        assert_eq!(key("application/dtmf", "*\r\n"), Ok('*'));
        assert_eq!(key("application/dtmf", "Signal=3\r\nDuration=9\r\n"), Ok('3'));
        let (_, length) = read(RELAY, b"Signal=5\r\nDuration=160\r\n").expect("good");
        assert_eq!(length, Some(Duration::from_millis(160)));
    }

    #[test]
    fn anything_else_is_refused_by_what_is_wrong() {
        assert_eq!(key("application/sdp", "5"), Err(InfoFault::ContentType));
        assert_eq!(key("", "5"), Err(InfoFault::ContentType));
        let long = "x".repeat(300);
        for body in ["", "Signal=", "Signal=!", "Signal=55", "Signal=16", "Duration=160", &long] {
            assert_eq!(key("application/dtmf-relay", body), Err(InfoFault::Body), "{body:.20}");
        }
        for body in ["", "55", "E", " ", "\0"] {
            assert_eq!(key("application/dtmf", body), Err(InfoFault::Body), "{body}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for code in 0..16 {
            let digit = Digit::from_event(code).expect("a key");
            let mut body = Vec::new();
            write_relay(digit, Duration::from_millis(100), &mut body);
            let read = read(RELAY, &body);
            assert_eq!(read, Ok((digit, Some(Duration::from_millis(100)))));
        }
    }
}

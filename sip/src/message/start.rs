//! Request lines and status lines (RFC 3261 §7.1, §7.2).

use core::fmt;

use super::scan::{self, TOKEN};
use super::{Fault, Method, Uri};
use crate::limits::URI_MAX;

/// The first line of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StartLine<'a> {
    /// A request.
    Request {
        /// What is asked.
        method: Method<'a>,
        /// Of whom; well formed unless the message was rejected.
        uri: &'a [u8],
    },
    /// A response.
    Status {
        /// 100 to 699.
        code: u16,
        /// For people; any bytes.
        reason: &'a [u8],
    },
}

impl<'a> StartLine<'a> {
    /// Reads the line, without its line break.
    ///
    /// The second value is what could be read although the first is a fault: enough to answer.
    pub(super) fn parse(line: &'a [u8]) -> (Self, Option<Fault>) {
        if line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/")) {
            return Self::parse_status(line);
        }
        Self::parse_request(line)
    }

    /// Reads a line that was found free of faults before.
    pub(super) fn read_again(line: &'a [u8]) -> Self {
        if line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/")) {
            return Self::parse_status(line).0;
        }
        let (method, uri, _) = split(line);
        Self::Request { method: Method::from_bytes(method), uri }
    }

    fn parse_request(line: &'a [u8]) -> (Self, Option<Fault>) {
        let (method, uri, version) = split(line);
        let start = Self::Request { method: Method::from_bytes(method), uri };
        let fault = if method.is_empty() || !scan::all(method, TOKEN) {
            Some(Fault::StartLine)
        } else if let Some(fault) = version_fault(version) {
            Some(fault)
        } else {
            request_uri_fault(uri)
        };
        (start, fault)
    }

    fn parse_status(line: &'a [u8]) -> (Self, Option<Fault>) {
        // RFC 4475 §3.1.1.13: the space after the code is required; a liberal receiver does
        // without.
        let (version, code, reason) = split(line);
        let read = (code.len() == 3).then(|| scan::number(code)).flatten();
        let in_range = read.and_then(|code| u16::try_from(code).ok());
        let in_range = in_range.filter(|code| (100..700).contains(code));
        let fault = version_fault(version).or(in_range.is_none().then_some(Fault::StatusCode));
        (Self::Status { code: in_range.unwrap_or(0), reason }, fault)
    }
}

/// The parts before the first two spaces, and the rest.
fn split(line: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let mut parts = line.splitn(3, |&byte| byte == b' ');
    let mut part = || parts.next().unwrap_or_default();
    (part(), part(), part())
}

/// RFC 3261 §7.1: the version is compared without case; a later one is answered 505.
fn version_fault(version: &[u8]) -> Option<Fault> {
    if version.eq_ignore_ascii_case(b"SIP/2.0") {
        return None;
    }
    let is_version = version.split_at_checked(4).is_some_and(|(name, numbers)| {
        let mut halves = numbers.splitn(2, |&byte| byte == b'.');
        name.eq_ignore_ascii_case(b"SIP/")
            && halves.next().is_some_and(|half| scan::number(half).is_some())
            && halves.next().is_some_and(|half| scan::number(half).is_some())
    });
    Some(if is_version { Fault::Version } else { Fault::StartLine })
}

fn request_uri_fault(uri: &[u8]) -> Option<Fault> {
    if uri.len() > URI_MAX {
        return Some(Fault::UriTooLong);
    }
    match Uri::parse(uri) {
        // RFC 3261 §19.1.1, Table 1: headers are not allowed in a Request-URI.
        Ok(Uri::Sip(uri)) if !uri.headers.is_empty() => Some(Fault::RequestUriHeaders),
        Ok(Uri::Sip(_) | Uri::Tel(_) | Uri::Other(_)) => None,
        Err(_) => Some(Fault::RequestUri),
    }
}

impl fmt::Debug for StartLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { method, uri } => write!(f, "{method} {}", uri.escape_ascii()),
            Self::Status { code, reason } => write!(f, "{code} {}", reason.escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: &str) -> Option<Fault> {
        StartLine::parse(line.as_bytes()).1
    }

    #[test]
    fn versions_are_compared_without_case_and_later_ones_are_505() {
        assert_eq!(fault("OPTIONS sip:a SIP/2.0"), None);
        assert_eq!(fault("OPTIONS sip:a sip/2.0"), None);
        assert_eq!(fault("OPTIONS sip:a SIP/7.0"), Some(Fault::Version));
        assert_eq!(fault("GET / HTTP/1.1"), Some(Fault::StartLine));
        assert_eq!(fault("OPTIONS sip:a"), Some(Fault::StartLine));
    }

    #[test]
    fn each_part_stands_after_one_space() {
        assert_eq!(fault("OPTIONS  sip:a SIP/2.0"), Some(Fault::StartLine));
        assert_eq!(fault("OPTIONS sip:a SIP/2.0 "), Some(Fault::StartLine));
        assert_eq!(fault("OPTIONS sip:a; lr SIP/2.0"), Some(Fault::StartLine));
    }

    #[test]
    fn request_uris_are_checked_by_their_scheme() {
        assert_eq!(fault("OPTIONS <sip:a> SIP/2.0"), Some(Fault::RequestUri));
        assert_eq!(fault("OPTIONS * SIP/2.0"), Some(Fault::RequestUri));
        assert_eq!(fault("OPTIONS sip:a?b=c SIP/2.0"), Some(Fault::RequestUriHeaders));
        assert_eq!(fault("OPTIONS tel:+44123 SIP/2.0"), None);
        assert_eq!(fault("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0"), None);
        let long = format!("OPTIONS sip:{} SIP/2.0", "a".repeat(URI_MAX));
        assert_eq!(fault(&long), Some(Fault::UriTooLong));
    }

    #[test]
    fn status_codes_have_three_digits_from_100_to_699() {
        assert_eq!(fault("SIP/2.0 200 OK"), None);
        assert_eq!(fault("SIP/2.0 100 "), None);
        assert_eq!(fault("SIP/2.0 100"), None);
        for bad in ["SIP/2.0 99 x", "SIP/2.0 700 x", "SIP/2.0 4294967301 x", "SIP/2.0 2a0 x"] {
            assert_eq!(fault(bad), Some(Fault::StatusCode), "{bad}");
        }
    }
}

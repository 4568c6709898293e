//! Bytes before they are messages: what they are, and which of their lines is wrong.

use super::finding::shown;
use crate::message::{Fault, Name};

/// Whether a datagram means to be SIP: its first line says so.
pub(super) fn is_sip(bytes: &[u8]) -> bool {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    let end = memchr::memchr2(b'\r', b'\n', &bytes[start..]).map_or(bytes.len(), |end| start + end);
    let line = &bytes[start..end];
    line.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"SIP/"))
        || line.windows(5).any(|word| word.eq_ignore_ascii_case(b" SIP/"))
}

/// Bytes of a datagram behind the body.
pub(super) fn surplus(bytes: &[u8], body: &[u8]) -> usize {
    let head = memchr::memmem::find(bytes, b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    bytes.len().saturating_sub(head).saturating_sub(body.len())
}

/// The line a fault is about, if it is about one field.
///
/// Of a repeated field the second line.
pub(super) fn fault_line(bytes: &[u8], fault: Fault) -> Option<String> {
    let (name, number) = match fault {
        Fault::Malformed(name) => (name, 0),
        Fault::Repeated(name) => (name, 1),
        Fault::ShortBody => (Name::ContentLength, 0),
        Fault::CSeqMethod | Fault::CSeqUnknownMethod => (Name::CSeq, 0),
        Fault::Empty
        | Fault::TooLarge
        | Fault::TooManyHeaders
        | Fault::HeadNotEnded
        | Fault::BareLineBreak
        | Fault::StartLine
        | Fault::Version
        | Fault::UriTooLong
        | Fault::RequestUri
        | Fault::RequestUriHeaders
        | Fault::StatusCode
        | Fault::HeaderLine
        | Fault::Missing(_) => return None,
    };
    let is_it = |line: &&[u8]| {
        let written = line.split(|&byte| byte == b':').next().unwrap_or_default().trim_ascii();
        written.eq_ignore_ascii_case(name.text().as_bytes())
            || name.compact().is_some_and(|letter| written.eq_ignore_ascii_case(&[letter]))
    };
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let mut named = lines.take_while(|line| !line.is_empty()).filter(is_it);
    named.nth(number).map(shown)
}

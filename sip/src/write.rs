//! Messages into a reused buffer: requests, and responses made from requests.
//!
//! What is written is always well formed: values lose their line breaks, so nothing that came from
//! outside can start a header field of its own, and Content-Length is counted here.
//!
//! ```
//! use sip::message::{Method, Name};
//! use sip::write::Writer;
//!
//! let mut buffer = Vec::new();
//! let mut writer = Writer::request(&mut buffer, Method::Options, b"sip:ana@example.com");
//! writer.header(Name::MaxForwards, b"70");
//! writer.finish();
//! assert_eq!(buffer, b"OPTIONS sip:ana@example.com SIP/2.0\r\nMax-Forwards: 70\r\n\
//!     Content-Length: 0\r\n\r\n");
//! ```

mod reply;

use core::fmt;
use core::net::IpAddr;
use std::io::Write as _;

pub(crate) use reply::cancel_with;
pub use reply::{ReplyHead, ReplyPlan, ack_failure, cancel, respond};

use crate::message::scan::{self, LWS};
use crate::message::{Host, Method, Name};
use crate::text;

/// Writes one message; the buffer is cleared first and keeps its memory.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut Vec<u8>,
}

impl<'b> Writer<'b> {
    /// Starts a request.
    pub fn request(buffer: &'b mut Vec<u8>, method: Method<'_>, uri: &[u8]) -> Self {
        buffer.clear();
        buffer.extend_from_slice(method.as_bytes());
        buffer.push(b' ');
        clean(uri, buffer);
        buffer.extend_from_slice(b" SIP/2.0\r\n");
        Self { buffer }
    }

    /// Starts a response.
    pub fn response(buffer: &'b mut Vec<u8>, status: u16, reason: &[u8]) -> Self {
        buffer.clear();
        buffer.extend_from_slice(b"SIP/2.0 ");
        text::decimal(status, buffer);
        buffer.push(b' ');
        clean(reason, buffer);
        buffer.extend_from_slice(b"\r\n");
        Self { buffer }
    }

    /// Appends fields that another message takes with [`Self::raw`].
    pub(crate) fn lines(buffer: &'b mut Vec<u8>) -> Self {
        Self { buffer }
    }

    /// Writes a field.
    pub fn header(&mut self, name: Name, value: &[u8]) -> &mut Self {
        self.pieces(name, &[value])
    }

    /// Writes a field made of pieces.
    pub fn pieces(&mut self, name: Name, pieces: &[&[u8]]) -> &mut Self {
        debug_assert!(name != Name::Other, "a header has a name");
        if name == Name::Other {
            return self;
        }
        self.field(name.text().as_bytes(), pieces)
    }

    /// Writes CSeq.
    pub(crate) fn cseq(&mut self, number: u32, method: Method<'_>) -> &mut Self {
        self.buffer.extend_from_slice(b"CSeq: ");
        text::decimal(number, self.buffer);
        self.buffer.push(b' ');
        self.buffer.extend_from_slice(method.as_bytes());
        self.end_line()
    }

    /// Writes a field whose value is formatted.
    pub fn formatted(&mut self, name: Name, value: fmt::Arguments<'_>) -> &mut Self {
        self.buffer.extend_from_slice(name.text().as_bytes());
        self.buffer.extend_from_slice(b": ");
        let start = self.buffer.len();
        let _ = self.buffer.write_fmt(value);
        for byte in &mut self.buffer[start..] {
            if matches!(byte, b'\r' | b'\n' | 0) {
                *byte = b' ';
            }
        }
        self.end_line()
    }

    /// Writes a field this crate has no name for.
    ///
    /// The name must be a token; a field with another name is not written.
    pub fn named(&mut self, name: &[u8], pieces: &[&[u8]]) -> &mut Self {
        debug_assert!(!name.is_empty() && scan::all(name, scan::TOKEN), "a header name is a token");
        if name.is_empty() || !scan::all(name, scan::TOKEN) {
            return self;
        }
        self.field(name, pieces)
    }

    fn field(&mut self, name: &[u8], pieces: &[&[u8]]) -> &mut Self {
        self.buffer.extend_from_slice(name);
        self.buffer.extend_from_slice(b": ");
        let start = self.buffer.len();
        for piece in pieces {
            clean(piece, self.buffer);
        }
        self.trim_value(start);
        self.end_line()
    }

    /// Cuts the blanks off a value: a control character at its end became one, and a reader would not see it.
    fn trim_value(&mut self, start: usize) {
        let is_blank = |byte: &u8| scan::is(*byte, LWS);
        let value = &self.buffer[start..];
        let trailing = value.iter().rev().take_while(|byte| is_blank(byte)).count();
        self.buffer.truncate(self.buffer.len() - trailing);
        let leading = self.buffer[start..].iter().take_while(|byte| is_blank(byte)).count();
        if leading > 0 {
            self.buffer.drain(start..start + leading);
        }
    }

    /// Writes fields that are complete already, line breaks and all: the head of a [`ReplyHead`].
    pub(crate) fn raw(&mut self, fields: &[u8]) {
        self.buffer.extend_from_slice(fields);
    }

    /// Ends a message without a body.
    pub fn finish(self) {
        self.buffer.extend_from_slice(b"Content-Length: 0\r\n\r\n");
    }

    /// Ends a message with a body.
    pub fn finish_with(mut self, content_type: &[u8], body: &[u8]) {
        self.header(Name::ContentType, content_type);
        self.body(body);
    }

    /// Ends a message with a body whose type is not said.
    #[cfg(feature = "rsip")]
    pub(crate) fn finish_untyped(mut self, body: &[u8]) {
        self.body(body);
    }

    fn body(&mut self, body: &[u8]) {
        self.buffer.extend_from_slice(b"Content-Length: ");
        text::decimal(body.len() as u64, self.buffer);
        self.buffer.extend_from_slice(b"\r\n\r\n");
        self.buffer.extend_from_slice(body);
    }

    fn end_line(&mut self) -> &mut Self {
        self.buffer.extend_from_slice(b"\r\n");
        self
    }
}

/// Header fields as complete lines, to be written later.
pub(crate) fn lines(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut writer = Writer::lines(&mut lines);
    for (name, value) in fields {
        writer.named(name.as_bytes(), &[value]);
    }
    lines
}

/// Appends a value on one line: a fold becomes one space (RFC 3261 §7.3.1), a stray line break or
/// NUL outside a quoted pair too.
fn clean(value: &[u8], out: &mut Vec<u8>) {
    let mut rest = value;
    while let Some(at) = memchr::memchr3(b'\r', b'\n', 0, rest) {
        // RFC 3261 §25.1: a quoted pair may hold NUL, never a line break.
        if rest[at] == 0 && at > 0 && rest[at - 1] == b'\\' {
            out.extend_from_slice(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        let kept = rest[..at].iter().rposition(|&byte| !scan::is(byte, LWS)).map_or(0, |l| l + 1);
        out.extend_from_slice(&rest[..kept]);
        out.push(b' ');
        let after = &rest[at + 1..];
        let resume = after.iter().position(|&byte| !scan::is(byte, LWS)).unwrap_or(after.len());
        rest = &after[resume..];
    }
    out.extend_from_slice(rest);
}

/// Appends `value` as a quoted string.
///
/// Control characters become spaces: none of them has a place in a display name.
pub fn quote(value: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in value {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            0..=0x1f | 0x7f => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends a host with its port.
pub fn host_port(host: &Host<'_>, port: Option<u16>, out: &mut Vec<u8>) {
    match host {
        Host::Address(IpAddr::V4(ip)) => text::address(IpAddr::V4(*ip), out),
        // Writing to a Vec does not fail.
        Host::Address(IpAddr::V6(_)) | Host::Name(_) => drop(write!(out, "{host}")),
    }
    if let Some(port) = port {
        out.push(b':');
        text::decimal(port, out);
    }
}

/// The reason phrase RFC 3261 §21 and its extensions give a status; empty when they give none.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        305 => "Use Proxy",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        485 => "Ambiguous",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        493 => "Undecipherable",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        clean(value, &mut out);
        out
    }

    #[test]
    fn no_value_can_start_a_header_of_its_own() {
        assert_eq!(cleaned(b"x\r\nVia: evil"), b"x Via: evil");
        assert_eq!(cleaned(b"x\r\n\r\nbody"), b"x body");
        assert_eq!(cleaned(b"a \r\n\t b\nc\rd"), b"a b c d");
        assert_eq!(cleaned(b"a\0b"), b"a b");
        assert_eq!(cleaned(b"\"a\\\0b\""), b"\"a\\\0b\"");
        let mut buffer = Vec::new();
        let mut writer = Writer::response(&mut buffer, 200, b"O\r\nK");
        writer.formatted(Name::Subject, format_args!("{}\r\nX: y", 1));
        writer.finish();
        let expected = b"SIP/2.0 200 O K\r\nSubject: 1  X: y\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(buffer, expected);
    }

    #[test]
    fn control_characters_at_the_ends_of_a_value_leave_no_blanks() {
        let mut buffer = Vec::new();
        let mut writer = Writer::response(&mut buffer, 200, b"OK");
        writer.named(b"ontact", &[b"\0<sip:a@b>\r\n"]);
        writer.finish();
        let expected = b"SIP/2.0 200 OK\r\nontact: <sip:a@b>\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(buffer, expected);
    }

    #[test]
    fn quoted_strings_are_read_back_as_they_were() {
        let mut out = Vec::new();
        quote(br#"a "b" \c"#, &mut out);
        assert_eq!(crate::message::unquote(&out).as_ref(), br#"a "b" \c"#);
    }
}

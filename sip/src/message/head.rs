//! From bytes to an index of header fields (RFC 3261 §7.3, §7.5, §18.3).

use super::name::Names;
use super::scan::{self, LWS, TOKEN};
use super::{Fault, Message, Name, Rejected, StartLine};
use crate::limits::{HEAD_MAX, HEADERS_MAX, LINE_MAX, MESSAGE_MAX};

/// What brought the message: the rules of Content-Length differ (RFC 3261 §18.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// One message in one datagram: bytes after the body are ignored, a missing Content-Length means
    /// the rest, a short body is an error.
    Datagram,
    /// A piece cut from a stream by its Content-Length, which must therefore be there.
    Stream,
}

/// One header field, borrowed from the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// What the field is.
    pub name: Name,
    /// The name as written.
    pub raw_name: &'a [u8],
    /// The value without white space around it; folds inside are kept.
    pub value: &'a [u8],
}

/// Where the fields of one message are; kept by the caller and reused for the next message.
#[derive(Debug, Clone, Default)]
pub struct Index {
    entries: Vec<Entry>,
    names: Names,
}

impl Index {
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All entries, or none when none has the name: most questions are about fields that are not there.
    pub(super) fn entries_if_named(&self, name: Name) -> &[Entry] {
        if self.names.contains(name) { &self.entries } else { &[] }
    }

    /// Whether a field has the name.
    pub(super) fn has(&self, name: Name) -> bool {
        self.names.contains(name)
    }

    /// Takes over what another says.
    pub(super) fn fill(&mut self, other: &Self) {
        self.entries.clear();
        self.entries.extend_from_slice(&other.entries);
        self.names = other.names;
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }
}

/// One field as offsets: positions are below [`HEAD_MAX`] and fit 16 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: Name,
    name_start: u16,
    name_end: u16,
    value_start: u16,
    value_end: u16,
}

const _: () = assert!(HEAD_MAX <= u16::MAX as usize && size_of::<Entry>() == 10);

impl Entry {
    pub(super) fn value<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[usize::from(self.value_start)..usize::from(self.value_end)]
    }

    pub(super) fn header<'a>(&self, bytes: &'a [u8]) -> Header<'a> {
        let raw_name = &bytes[usize::from(self.name_start)..usize::from(self.name_end)];
        Header { name: self.name, raw_name, value: self.value(bytes) }
    }
}

impl<'a> Message<'a> {
    /// Reads the framing, the start line and the places of all fields.
    ///
    /// Line breaks before the start line are skipped (RFC 3261 §7.5).
    ///
    /// # Errors
    /// The first [`Fault`], with what could be read of a request all the same: an answer needs the
    /// fields after the fault too.
    pub fn parse(
        bytes: &'a [u8],
        carrier: Carrier,
        index: &'a mut Index,
    ) -> Result<Self, Rejected<'a>> {
        let Head { mut message, mut fault, body_at } =
            Head::read(bytes, index).map_err(|fault| Rejected { fault, message: None })?;
        if let Some(at) = body_at {
            match body(&message, &message.bytes[at..], carrier) {
                Ok(body) => message.body = body,
                Err(short) => fault = fault.or(Some(short)),
            }
        }
        match fault {
            None => Ok(message),
            Some(fault) => {
                let answerable = message.method().is_some();
                Err(Rejected { fault, message: answerable.then_some(message) })
            }
        }
    }
}

/// A start line with its fields, the first fault among them, and where the body begins.
pub(crate) struct Head<'a> {
    pub(crate) message: Message<'a>,
    fault: Option<Fault>,
    body_at: Option<usize>,
}

impl<'a> Head<'a> {
    /// Reads the head whatever is wrong with it; an error when there is no start line at all.
    pub(crate) fn read(bytes: &'a [u8], index: &'a mut Index) -> Result<Self, Fault> {
        index.entries.clear();
        index.names = Names::default();
        if bytes.len() > MESSAGE_MAX {
            return Err(Fault::TooLarge);
        }
        let bytes = skip_line_breaks(bytes);
        if bytes.is_empty() {
            return Err(Fault::Empty);
        }
        let (line, mut at) = next_line(bytes, 0)?.ok_or(Fault::HeadNotEnded)?;
        let (start, mut fault) = StartLine::parse(line);
        let ended = index_fields(bytes, &mut at, index, &mut fault);
        let message = Message { bytes, start, index, body: &[] };
        Ok(Self { message, fault, body_at: ended.then_some(at) })
    }
}

/// Skips `CR` and `LF` ahead of a message.
fn skip_line_breaks(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    &bytes[start.unwrap_or(bytes.len())..]
}

/// The line at `at` without its `CRLF`, and where the next one begins.
///
/// `None` when the bytes end before the line does.
fn next_line(bytes: &[u8], at: usize) -> Result<Option<(&[u8], usize)>, Fault> {
    let rest = &bytes[at..];
    let Some(end) = memchr::memchr2(b'\r', b'\n', rest) else {
        return if rest.len() > LINE_MAX { Err(Fault::TooLarge) } else { Ok(None) };
    };
    match (rest[end], rest.get(end + 1)) {
        (b'\r', Some(b'\n')) if end > LINE_MAX => Err(Fault::TooLarge),
        (b'\r', Some(b'\n')) => Ok(Some((&rest[..end], at + end + 2))),
        (b'\r', None) => Ok(None),
        _ => Err(Fault::BareLineBreak),
    }
}

/// Notes all fields; true when the empty line was reached, with `at` behind it.
///
/// Faults of single lines are kept (the first wins) and the walk goes on: the answer to a broken
/// request copies fields from behind the break.
fn index_fields(
    bytes: &[u8],
    at: &mut usize,
    index: &mut Index,
    fault: &mut Option<Fault>,
) -> bool {
    loop {
        let start = *at;
        if index.entries.len() < HEADERS_MAX
            && let Some((entry, next)) = plain_field(bytes, start)
        {
            index.names.insert(entry.name);
            index.entries.push(entry);
            *at = next;
            continue;
        }
        let end = match field_end(bytes, at) {
            Ok(Some(end)) => end,
            Ok(None) => {
                fault.get_or_insert(Fault::HeadNotEnded);
                return false;
            }
            Err(broken) => {
                fault.get_or_insert(broken);
                return false;
            }
        };
        if start == end {
            return true;
        }
        let noted = if index.entries.len() == HEADERS_MAX {
            Err(Fault::TooManyHeaders)
        } else {
            entry(bytes, start, end)
        };
        match noted {
            Ok(entry) => {
                index.names.insert(entry.name);
                index.entries.push(entry);
            }
            Err(broken) => {
                fault.get_or_insert(broken);
            }
        }
    }
}

/// The field at `start` and where the next one begins, if it is what nearly every field is: on one line, in one piece, with
/// one space behind its colon. Anything else is for [`field_end`] and [`entry`], which know all the rules.
fn plain_field(bytes: &[u8], start: usize) -> Option<(Entry, usize)> {
    let field = &bytes[start..];
    let name_end = field.iter().position(|&byte| !scan::is(byte, TOKEN))?;
    let value = name_end + 2;
    if name_end == 0 || field[name_end..].get(..2)? != b": " || scan::is(*field.get(value)?, LWS) {
        return None;
    }
    let end = value + memchr::memchr2(b'\r', b'\n', &field[value..])?;
    let is_folded = matches!(field.get(end + 2), Some(b' ' | b'\t'));
    let has_blanks = scan::is(field[end - 1], LWS);
    let next = start + end + 2;
    let is_long = next > HEAD_MAX || end + 2 > LINE_MAX;
    if field[end..].get(..2)? != b"\r\n" || is_folded || has_blanks || is_long {
        return None;
    }
    let short = |place: usize| u16::try_from(start + place).ok();
    let entry = Entry {
        name: Name::from_bytes(&field[..name_end]),
        name_start: short(0)?,
        name_end: short(name_end)?,
        value_start: short(value)?,
        value_end: short(end)?,
    };
    Some((entry, next))
}

/// The end of the field at `at`, its folded lines included; moves `at` behind its last line break.
fn field_end(bytes: &[u8], at: &mut usize) -> Result<Option<usize>, Fault> {
    let start = *at;
    loop {
        let Some((line, next)) = next_line(bytes, *at)? else { return Ok(None) };
        *at = next;
        if next > HEAD_MAX || next - start > LINE_MAX {
            return Err(Fault::TooLarge);
        }
        // RFC 3261 §7.3.1: a line that starts with white space continues the one before; the
        // empty line that ends the head continues nothing.
        let is_end = line.is_empty() && next - start == 2;
        if is_end || !matches!(bytes.get(next), Some(b' ' | b'\t')) {
            return Ok(Some(next - 2));
        }
    }
}

fn entry(bytes: &[u8], start: usize, end: usize) -> Result<Entry, Fault> {
    let field = &bytes[start..end];
    let colon = memchr::memchr(b':', field).ok_or(Fault::HeaderLine)?;
    // RFC 3261 §25.1 HCOLON: blanks, but no fold, may stand before the colon.
    let blanks = field[..colon].iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t'));
    let name_end = colon - blanks.count();
    let name = &field[..name_end];
    if name.is_empty() || !scan::all(name, TOKEN) {
        return Err(Fault::HeaderLine);
    }
    let value = &field[colon + 1..];
    let lead = value.iter().take_while(|&&byte| scan::is(byte, LWS)).count();
    let value_start = start + colon + 1 + lead;
    let value_end = value_start + scan::trim(&value[lead..]).len();
    let short = |place: usize| u16::try_from(place).map_err(|_| Fault::TooLarge);
    Ok(Entry {
        name: Name::from_bytes(name),
        name_start: short(start)?,
        name_end: short(start + name_end)?,
        value_start: short(value_start)?,
        value_end: short(value_end)?,
    })
}

fn body<'a>(message: &Message<'a>, rest: &'a [u8], carrier: Carrier) -> Result<&'a [u8], Fault> {
    match (message.content_length()?, carrier) {
        (Some(length), _) => rest.get(..length).ok_or(Fault::ShortBody),
        (None, Carrier::Datagram) => Ok(rest),
        (None, Carrier::Stream) => Err(Fault::Missing(Name::ContentLength)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Verdict;

    fn parse(bytes: &[u8], check: impl FnOnce(Result<Message<'_>, Rejected<'_>>)) {
        check(Message::parse(bytes, Carrier::Datagram, &mut Index::default()));
    }

    fn fault(bytes: &[u8]) -> Option<(Fault, Verdict)> {
        let mut index = Index::default();
        let parsed = Message::parse(bytes, Carrier::Datagram, &mut index);
        parsed.err().map(|rejected| (rejected.fault, rejected.verdict()))
    }

    const LINE: &str = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n";

    #[test]
    fn fields_are_found_through_case_compact_names_blanks_and_folds() {
        let bytes =
            b"\r\n\r\nOPTIONS sip:a SIP/2.0\r\nS \t:  one\r\n  two \r\nsUBJECT:\r\nX:y\r\n\r\n";
        parse(bytes, |message| {
            let message = message.expect("well formed");
            let subjects: Vec<_> = message.lines(Name::Subject).collect();
            assert_eq!(subjects, [&b"one\r\n  two"[..], b""]);
            assert_eq!(message.first_named(b"x"), Some(&b"y"[..]));
            assert_eq!(message.headers().count(), 3);
            assert_eq!(message.only(Name::Subject), Err(Fault::Repeated(Name::Subject)));
        });
    }

    #[test]
    fn bytes_behind_the_body_are_ignored_and_a_short_body_is_refused() {
        let with = |tail: &str| format!("{LINE}{tail}").into_bytes();
        parse(&with("Content-Length: 2\r\n\r\nabcd"), |message| {
            assert_eq!(message.expect("well formed").body(), b"ab");
        });
        parse(&with("\r\nabcd"), |message| {
            assert_eq!(message.expect("well formed").body(), b"abcd");
        });
        let short = fault(&with("l: 5\r\n\r\nabcd"));
        assert_eq!(short, Some((Fault::ShortBody, Verdict::Answer(400))));
        let negative = fault(&with("l: -5\r\n\r\nabcd"));
        let malformed = Fault::Malformed(Name::ContentLength);
        assert_eq!(negative, Some((malformed, Verdict::Answer(400))));
    }

    #[test]
    fn a_stream_needs_content_length() {
        let bytes = format!("{LINE}\r\n");
        let mut index = Index::default();
        let parsed = Message::parse(bytes.as_bytes(), Carrier::Stream, &mut index);
        let fault = parsed.expect_err("no length").fault;
        assert_eq!(fault, Fault::Missing(Name::ContentLength));
    }

    #[test]
    fn broken_lines_are_answered_when_a_via_can_be_found_behind_them() {
        let cases: &[(&str, Fault)] = &[
            ("OPTIONS sip:a SIP/2.0\r\nnonsense\r\nv: SIP/2.0/UDP a\r\n\r\n", Fault::HeaderLine),
            ("OPTIONS sip:a SIP/2.0\r\n: x\r\nv: SIP/2.0/UDP a\r\n\r\n", Fault::HeaderLine),
            ("OPTIONS sip:a SIP/2.0\r\n folded: x\r\nv: a\r\n\r\n", Fault::HeaderLine),
            (
                "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP a\r\nA: b\nC: d\r\n\r\n",
                Fault::BareLineBreak,
            ),
            ("OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP a\r\n", Fault::HeadNotEnded),
        ];
        for (bytes, expected) in cases {
            let found = fault(bytes.as_bytes());
            assert_eq!(found, Some((*expected, Verdict::Answer(400))), "{bytes:?}");
        }
    }

    #[test]
    fn responses_acks_and_strangers_are_not_answered() {
        for bytes in [
            "ACK sip:a SIP/9.0\r\nv: SIP/2.0/UDP a\r\n\r\n",
            "SIP/2.0 777 What\r\nv: SIP/2.0/UDP a\r\n\r\n",
            "OPTIONS sip:a SIP/9.0\r\n\r\n",
            "\r\n\r\n",
            "",
            "garbage",
        ] {
            assert_eq!(fault(bytes.as_bytes()).map(|(_, v)| v), Some(Verdict::Ignore), "{bytes:?}");
        }
    }

    #[test]
    fn everything_has_a_limit() {
        let long_line = format!("{LINE}X: {}\r\n\r\n", "a".repeat(LINE_MAX));
        assert_eq!(fault(long_line.as_bytes()).map(|(f, _)| f), Some(Fault::TooLarge));
        let many = format!("{LINE}{}\r\n", "X: y\r\n".repeat(HEADERS_MAX));
        let expected = Some((Fault::TooManyHeaders, Verdict::Answer(513)));
        assert_eq!(fault(many.as_bytes()), expected);
        let folds = format!("{LINE}X: y\r\n{}\r\n", " z\r\n".repeat(LINE_MAX / 4));
        assert_eq!(fault(folds.as_bytes()).map(|(f, _)| f), Some(Fault::TooLarge));
        let huge = vec![b'a'; MESSAGE_MAX + 1];
        assert_eq!(fault(&huge).map(|(f, _)| f), Some(Fault::TooLarge));
    }
}

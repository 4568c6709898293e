//! To and from the types of the crate `rsip` (feature `rsip`), for programs that have them.
//!
//! A conversion goes by way of bytes: what `rsip` cannot say (a `tel:` Request-URI, a method it does
//! not know, bytes that are no text) is an error, never a guess.
//!
//! ```
//! use sip::message::{Carrier, Index, Message};
//! use sip::rsip_types::{from_rsip, to_rsip};
//!
//! let bytes = b"OPTIONS sip:ana@example.com SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK7\r\n\
//!     f: <sip:ben@example.com>;tag=1\r\nt: <sip:ana@example.com>\r\ni: 4711\r\n\
//!     CSeq: 7 OPTIONS\r\nl: 0\r\n\r\n";
//! let mut index = Index::default();
//! let message = Message::parse(bytes, Carrier::Datagram, &mut index).expect("well formed");
//! let theirs = to_rsip(&message).expect("plain enough");
//! let mut again = Vec::new();
//! from_rsip(&theirs, &mut again).expect("well formed");
//! assert!(again.starts_with(b"OPTIONS sip:ana@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;"));
//! ```

use crate::message::{Carrier, Header, Index, Message, Method, Name, StartLine, Values};
use crate::write::Writer;

/// Why a message has no counterpart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// `rsip` cannot say it; its own words.
    #[error("rsip refuses the message: {0}")]
    Theirs(String),
    /// A Request-URI that is not SIP: `rsip` takes `tel:100` for a host and a port.
    #[error("rsip knows SIP URIs only")]
    Scheme,
    /// What `rsip` holds is no message here.
    #[error("not a well-formed message")]
    Malformed,
}

/// A message as `rsip` has it.
///
/// Names become full ones, folds one line, and each value of a list a field of its own: `rsip` knows
/// neither compact names nor folds, and reads the first Via only when it stands alone.
///
/// # Errors
/// [`ConvertError::Theirs`], [`ConvertError::Scheme`].
pub fn to_rsip(message: &Message<'_>) -> Result<rsip::SipMessage, ConvertError> {
    if message.request_uri().is_some_and(|uri| uri.as_sip().is_none()) {
        return Err(ConvertError::Scheme);
    }
    let mut bytes = Vec::new();
    let mut writer = match message.start() {
        StartLine::Request { method, uri } => Writer::request(&mut bytes, method, uri),
        StartLine::Status { code, reason } => Writer::response(&mut bytes, code, reason),
    };
    for header in message.headers().filter(|header| !is_framing(header.name)) {
        write_plain(&header, &mut writer);
    }
    finish(writer, message.first(Name::ContentType), message.body());
    let theirs = rsip::SipMessage::try_from(bytes.as_slice());
    theirs.map_err(|error| ConvertError::Theirs(error.to_string()))
}

/// Writes a message of `rsip`'s; the bytes replace those of `buffer`.
///
/// Content-Length is counted anew, and a reason phrase is that of RFC 3261 (`rsip` itself would
/// write `486 BusyHere`).
///
/// # Errors
/// [`ConvertError::Malformed`] when the result could not be read here: `rsip` checks little.
pub fn from_rsip(message: &rsip::SipMessage, buffer: &mut Vec<u8>) -> Result<(), ConvertError> {
    let (headers, body) = match message {
        rsip::SipMessage::Request(request) => (&request.headers, &request.body),
        rsip::SipMessage::Response(response) => (&response.headers, &response.body),
    };
    let mut writer = match message {
        rsip::SipMessage::Request(request) => {
            let (method, uri) = (request.method.to_string(), request.uri.to_string());
            Writer::request(buffer, Method::from_bytes(method.as_bytes()), uri.as_bytes())
        }
        rsip::SipMessage::Response(response) => {
            let code = response.status_code.code();
            Writer::response(buffer, code, crate::write::reason_phrase(code).as_bytes())
        }
    };
    let mut kind = None;
    for header in headers.iter() {
        let line = header.to_string();
        let (name, value) = line.split_once(':').ok_or(ConvertError::Malformed)?;
        let (name, value) = (name.trim(), value.trim());
        if !crate::endpoint::is_token(name) {
            return Err(ConvertError::Malformed);
        }
        let known = Name::from_bytes(name.as_bytes());
        if known == Name::ContentType {
            kind = Some(value.to_owned());
        } else if known != Name::ContentLength {
            writer.named(name.as_bytes(), &[value.as_bytes()]);
        }
    }
    finish(writer, kind.as_deref().map(str::as_bytes), body);
    let mut index = Index::default();
    let is_read = Message::parse(buffer, Carrier::Stream, &mut index).is_ok();
    if is_read { Ok(()) } else { Err(ConvertError::Malformed) }
}

fn is_framing(name: Name) -> bool {
    matches!(name, Name::ContentLength | Name::ContentType)
}

fn write_plain(header: &Header<'_>, writer: &mut Writer<'_>) {
    if header.name == Name::Other {
        writer.named(header.raw_name, &[header.value]);
    } else if header.name.is_list() {
        for value in Values::new(header.value) {
            writer.header(header.name, value);
        }
    } else {
        writer.header(header.name, header.value);
    }
}

fn finish(writer: Writer<'_>, kind: Option<&[u8]>, body: &[u8]) {
    match kind {
        Some(kind) => writer.finish_with(kind, body),
        // A body of no type stays: its length is counted all the same.
        None => writer.finish_untyped(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(text: &str) -> Result<String, ConvertError> {
        let mut index = Index::default();
        let message = Message::parse(text.as_bytes(), Carrier::Datagram, &mut index);
        let theirs = to_rsip(&message.expect("well formed"))?;
        let mut bytes = Vec::new();
        from_rsip(&theirs, &mut bytes)?;
        Ok(String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn a_response_keeps_its_fields_and_gets_its_own_phrase() {
        let text = "SIP/2.0 486 Agent Busy\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b\r\n\
            f: <sip:x@a.com>;tag=1\r\nTo: <sip:y@a.com>;tag=2\r\ni: 1\r\nCSeq: 1 INVITE\r\n\
            X-Own:  a\r\n b\r\nc: text/plain\r\nl: 2\r\n\r\nhi";
        assert_eq!(
            there_and_back(text).as_deref(),
            Ok("SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n\
                Via: SIP/2.0/UDP b\r\nFrom: <sip:x@a.com>;tag=1\r\nTo: <sip:y@a.com>;tag=2\r\n\
                Call-ID: 1\r\nCSeq: 1 INVITE\r\nX-Own: a b\r\nContent-Type: text/plain\r\n\
                Content-Length: 2\r\n\r\nhi")
        );
    }

    #[test]
    fn what_rsip_cannot_say_is_an_error() {
        let unknown = there_and_back("DANCE sip:a@b.com SIP/2.0\r\n\r\n");
        assert!(matches!(unknown, Err(ConvertError::Theirs(_))), "{unknown:?}");
        let number = there_and_back("INVITE tel:100 SIP/2.0\r\n\r\n");
        assert_eq!(number, Err(ConvertError::Scheme));
    }

    #[test]
    fn nothing_of_theirs_can_break_the_framing() {
        let mut request = rsip::Request {
            method: rsip::Method::Options,
            uri: rsip::Uri::default(),
            version: rsip::Version::V2,
            headers: rsip::Headers::default(),
            body: b"x".to_vec(),
        };
        request.headers.push(rsip::Header::Other("X".into(), "a\r\nVia: evil".into()));
        let mut bytes = Vec::new();
        let converted = from_rsip(&rsip::SipMessage::Request(request.clone()), &mut bytes);
        if converted.is_ok() {
            assert!(!bytes.windows(7).any(|line| line == b"\r\nVia: "), "{}", bytes.escape_ascii());
        }
        request.headers.push(rsip::Header::Other("not a token".into(), "a".into()));
        let refused = from_rsip(&rsip::SipMessage::Request(request), &mut bytes);
        assert_eq!(refused, Err(ConvertError::Malformed));
    }
}

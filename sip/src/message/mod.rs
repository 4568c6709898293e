//! SIP messages, read where they lie.
//!
//! [`Message::parse`] walks the head once and notes where each field is in an [`Index`] the caller
//! keeps and reuses; nothing is copied and, once the index has grown to its working size, nothing is
//! allocated. Fields become typed on demand: [`Message::check`] gives those every receiver needs
//! ([`Essentials`]), the others have a getter each, and [`Message::audit`] reads them all.
//!
//! Everything is bytes. White space and folds inside values are accepted wherever RFC 3261 §25.1
//! allows them; unknown methods, schemes and headers pass through unchanged.
//!
//! Cost: an INVITE of 717 bytes with 14 fields takes about 0.5 µs to parse and 0.8 µs with
//! [`Message::check`] (one core of a shared Xeon, `tests/cost.rs`); a 180 made from it 0.2 µs. A
//! field costs one 10-byte entry in the index; nothing else is kept.
//!
//! ```
//! use sip::message::{Carrier, Index, Message, Method};
//!
//! let datagram = b"OPTIONS sip:ana@example.com SIP/2.0\r\n\
//!     v: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK77;rport\r\n\
//!     f: <sip:ben@example.com>;tag=1\r\nt: <sip:ana@example.com>\r\n\
//!     i: 4711\r\nCSeq: 7 OPTIONS\r\n\r\n";
//! let mut index = Index::default();
//! let message = Message::parse(datagram, Carrier::Datagram, &mut index).expect("well formed");
//! let essentials = message.check().expect("complete");
//! assert_eq!(message.method(), Some(Method::Options));
//! assert_eq!(essentials.via.branch(), Some(&b"z9hG4bK77"[..]));
//! ```

mod addr;
mod auth;
mod check;
mod fault;
mod fields;
mod head;
mod kept;
mod lists;
mod method;
mod name;
mod params;
pub(crate) mod scan;
mod start;
mod uri;
mod uri_compare;
mod via;

pub use addr::NameAddr;
pub use auth::{AuthParams, Challenges};
pub use check::Essentials;
pub use fault::{Fault, Rejected, Verdict};
pub use fields::{CSeq, MediaType, RAck, Reason, Refresher, SessionExpires, Timestamp};
pub use head::{Carrier, Header, Index};
pub use kept::Kept;
pub use lists::{Tokens, Values};
pub use method::Method;
pub use name::Name;
pub use params::{Param, Params, unquote};
pub use start::StartLine;
pub use uri::{Host, OtherUri, SipUri, TelUri, Uri, UriParams, escape_user, unescape};
pub use via::{MAGIC_COOKIE, Via};

pub(crate) use head::Head;

/// A SIP message whose framing and start line have been understood.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    start: StartLine<'a>,
    index: &'a Index,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    /// The start line.
    pub fn start(&self) -> StartLine<'a> {
        self.start
    }

    /// The method, `None` for a response.
    pub fn method(&self) -> Option<Method<'a>> {
        match self.start {
            StartLine::Request { method, .. } => Some(method),
            StartLine::Status { .. } => None,
        }
    }

    /// The status code, `None` for a request.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Request { .. } => None,
            StartLine::Status { code, .. } => Some(code),
        }
    }

    /// The Request-URI, `None` for a response.
    pub fn request_uri(&self) -> Option<Uri<'a>> {
        match self.start {
            StartLine::Request { uri, .. } => Uri::parse(uri).ok(),
            StartLine::Status { .. } => None,
        }
    }

    /// The body: what Content-Length counts, or the rest of the datagram.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// All header fields in their order.
    pub fn headers(&self) -> impl Iterator<Item = Header<'a>> + use<'a> {
        let bytes = self.bytes;
        self.index.entries().iter().map(move |entry| entry.header(bytes))
    }

    /// The values of all fields of this name, uncut: one for each line.
    pub fn lines(&self, name: Name) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.bytes;
        let named =
            self.index.entries_if_named(name).iter().filter(move |entry| entry.name == name);
        named.map(move |entry| entry.value(bytes))
    }

    /// The value of the first field of this name.
    pub fn first(&self, name: Name) -> Option<&'a [u8]> {
        self.lines(name).next()
    }

    /// The value of the first field whose name is written so, without case.
    pub fn first_named(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.headers()
            .find(|header| header.raw_name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    }

    /// The value of a field that stands at most once.
    ///
    /// # Errors
    /// [`Fault::Repeated`] when it stands more often.
    pub fn only(&self, name: Name) -> Result<Option<&'a [u8]>, Fault> {
        let mut lines = self.lines(name);
        let first = lines.next();
        if lines.next().is_some() { Err(Fault::Repeated(name)) } else { Ok(first) }
    }

    /// The single values of a list field, over all its lines.
    pub fn values(&self, name: Name) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.lines(name).flat_map(Values::new)
    }
}

impl core::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Message")
            .field("start", &self.start)
            .field("headers", &self.index.entries().len())
            .field("body", &self.body.len())
            .finish()
    }
}

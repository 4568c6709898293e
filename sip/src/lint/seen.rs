//! One message of the capture, kept.

use core::net::SocketAddr;

use super::finding::{Complaint, shown};
use crate::flow::Transport;
use crate::message::{Essentials, Kept, Message, Method, Name, NameAddr, StartLine, Uri};
use crate::time::Instant;

/// Where and when a message passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passage {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) at: Instant,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) transport: Transport,
}

/// A message that could be read, with what tracking asks for at hand.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) passage: Passage,
    kept: Kept,
    /// Of the topmost Via; empty when it has none.
    pub(super) branch: Vec<u8>,
    pub(super) call_id: Vec<u8>,
    pub(super) cseq: u32,
    method: Vec<u8>,
    /// Empty when there is none.
    pub(super) from_tag: Vec<u8>,
    pub(super) to_tag: Option<Vec<u8>>,
    /// How many Via values.
    pub(super) vias: usize,
    /// Bytes of the datagram behind the body.
    pub(super) surplus: usize,
}

impl Seen {
    pub(super) fn new(
        passage: Passage,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) -> Self {
        Self {
            passage,
            kept: Kept::of(message),
            branch: essentials.via.branch().unwrap_or_default().to_vec(),
            call_id: essentials.call_id.to_vec(),
            cseq: essentials.cseq.number,
            method: essentials.cseq.method.as_bytes().to_vec(),
            from_tag: essentials.from_tag.unwrap_or_default().to_vec(),
            to_tag: essentials.to_tag.map(<[u8]>::to_vec),
            vias: message.vias().count(),
            surplus: 0,
        }
    }

    pub(super) fn message(&self) -> Message<'_> {
        self.kept.message()
    }

    /// The method of the request, or of the request a response answers.
    pub(super) fn method(&self) -> Method<'_> {
        Method::from_bytes(&self.method)
    }

    pub(super) fn is(&self, method: Method<'_>) -> bool {
        self.method() == method
    }

    /// The status; 0 for a request.
    pub(super) fn status(&self) -> u16 {
        self.message().status().unwrap_or_default()
    }

    pub(super) fn is_request(&self) -> bool {
        self.message().method().is_some()
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status())
    }

    pub(super) fn is_final(&self) -> bool {
        self.status() >= 200
    }

    /// The session description, if the body is one.
    pub(super) fn sdp(&self) -> Option<&[u8]> {
        self.kept.sdp()
    }

    /// Whether the request left its user agent here: no proxy has put its Via on top.
    pub(super) fn is_first_hop(&self) -> bool {
        self.vias == 1
    }

    pub(super) fn has(&self, name: Name) -> bool {
        self.message().first(name).is_some()
    }

    /// Whether a list field holds the token.
    pub(super) fn lists(&self, name: Name, token: &[u8]) -> bool {
        self.message().tokens(name).is_ok_and(|tokens| tokens.contains(token))
    }

    /// The first Contact.
    pub(super) fn contact(&self) -> Option<NameAddr<'_>> {
        self.message().addresses(Name::Contact).next()?.ok()
    }

    /// The URIs of a list field as written.
    pub(super) fn uris(&self, name: Name) -> Vec<&[u8]> {
        self.message().addresses(name).filter_map(|addr| Some(addr.ok()?.raw_uri)).collect()
    }

    /// The Request-URI as written; empty for a response.
    pub(super) fn target(&self) -> &[u8] {
        match self.message().start() {
            StartLine::Request { uri, .. } => uri,
            StartLine::Status { .. } => &[],
        }
    }

    /// Bytes held, about.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() + self.kept.memory() + self.call_id.len() + 100
    }

    /// The first line.
    pub(super) fn start_line(&self) -> String {
        match self.message().start() {
            StartLine::Request { method, uri } => format!("{method} {} SIP/2.0", shown(uri)),
            StartLine::Status { code, reason } => format!("SIP/2.0 {code} {}", shown(reason)),
        }
    }

    /// The first line of that name, or the start line where there is none.
    pub(super) fn line(&self, name: Name) -> String {
        match self.message().first(name) {
            Some(value) => format!("{}: {}", name.text(), shown(value)),
            None => self.start_line(),
        }
    }

    /// A complaint that quotes the field, or the start line where there is none.
    pub(super) fn complain(&self, name: Name) -> Complaint {
        self.at(Complaint::new(self.line(name)))
    }

    /// A complaint that quotes the start line.
    pub(super) fn complain_start(&self) -> Complaint {
        self.at(Complaint::new(self.start_line()))
    }

    /// A complaint that quotes a line of the body.
    pub(super) fn complain_body(&self, line: &[u8]) -> Complaint {
        self.at(Complaint::new(shown(line)))
    }

    fn at(&self, complaint: Complaint) -> Complaint {
        Complaint { quoted: Some(self.passage), ..complaint }
    }
}

/// Whether two URIs are the same (RFC 3261 §19.1.4), or the same bytes where one cannot be read.
pub(super) fn same_uri(a: &[u8], b: &[u8]) -> bool {
    match (Uri::parse(a), Uri::parse(b)) {
        (Ok(a), Ok(b)) => a.matches(&b),
        _ => a == b,
    }
}

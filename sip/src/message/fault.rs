//! What can be wrong with a message, and what a server answers to it.

use thiserror::Error;

use super::{Message, Method, Name};

/// Why a message, or one field of it, was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// Nothing but line breaks: a keep-alive (RFC 5626 §3.5.1), or an empty datagram.
    #[error("no message, only line breaks")]
    Empty,
    /// The message, its head or one line of it is beyond [`crate::limits`].
    #[error("message too large")]
    TooLarge,
    /// More header fields than [`crate::limits::HEADERS_MAX`].
    #[error("too many header fields")]
    TooManyHeaders,
    /// The empty line after the header section is missing.
    #[error("header section not ended")]
    HeadNotEnded,
    /// A carriage return or a line feed without the other, outside the body.
    #[error("bare line break")]
    BareLineBreak,
    /// The start line is neither a request line nor a status line.
    #[error("malformed start line")]
    StartLine,
    /// A protocol version other than `SIP/2.0`.
    #[error("version not supported")]
    Version,
    /// The Request-URI is longer than [`crate::limits::URI_MAX`].
    #[error("Request-URI too long")]
    UriTooLong,
    /// The Request-URI breaks the grammar of its scheme.
    #[error("malformed Request-URI")]
    RequestUri,
    /// The Request-URI carries header fields (RFC 3261 §19.1.1 forbids it).
    #[error("Request-URI with headers")]
    RequestUriHeaders,
    /// The status code is not between 100 and 699.
    #[error("status code out of range")]
    StatusCode,
    /// A header line has no colon, or no token before it.
    #[error("malformed header line")]
    HeaderLine,
    /// A field that must be there is missing.
    #[error("missing {0}")]
    Missing(Name),
    /// A field that stands at most once stands there twice.
    #[error("repeated {0}")]
    Repeated(Name),
    /// The value of a field breaks its grammar or its range.
    #[error("malformed {0}")]
    Malformed(Name),
    /// The body is shorter than Content-Length says (RFC 3261 §18.3).
    #[error("body shorter than Content-Length")]
    ShortBody,
    /// The method of CSeq is not the method of the request.
    #[error("CSeq method differs")]
    CSeqMethod,
    /// As [`Fault::CSeqMethod`], and the method of the request is unknown (RFC 4475 §3.1.2.18).
    #[error("unknown method, and CSeq method differs")]
    CSeqUnknownMethod,
}

impl Fault {
    /// The status a server answers when the message was a request.
    ///
    /// 400 says the request is malformed; 414, 501, 505 and 513 are for the one thing each names
    /// (RFC 3261 §21.4 and §21.5).
    pub fn status(self) -> u16 {
        match self {
            Self::Version => 505,
            Self::UriTooLong => 414,
            Self::TooLarge | Self::TooManyHeaders => 513,
            Self::CSeqUnknownMethod => 501,
            Self::Empty
            | Self::HeadNotEnded
            | Self::BareLineBreak
            | Self::StartLine
            | Self::RequestUri
            | Self::RequestUriHeaders
            | Self::StatusCode
            | Self::HeaderLine
            | Self::Missing(_)
            | Self::Repeated(_)
            | Self::Malformed(_)
            | Self::ShortBody
            | Self::CSeqMethod => 400,
        }
    }

    /// The reason phrase of that status; for a 400 the fault itself (RFC 3261 §21.4.1: "The
    /// Reason-Phrase SHOULD identify the syntax problem in more detail").
    pub fn reason(self) -> String {
        match self.status() {
            414 => "Request-URI Too Long".to_owned(),
            501 => "Not Implemented".to_owned(),
            505 => "Version Not Supported".to_owned(),
            513 => "Message Too Large".to_owned(),
            _ => {
                let mut phrase = self.to_string();
                if let Some(first) = phrase.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                phrase
            }
        }
    }
}

/// What becomes of a message with a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A request that is answered with this status, statelessly.
    Answer(u16),
    /// Dropped: a response, an ACK, or something nobody could be answered about.
    Ignore,
}

/// A message that was not understood, as far as it was.
#[derive(Debug, Clone, Copy)]
pub struct Rejected<'a> {
    /// The first fault found.
    pub fault: Fault,
    /// What could be read of a request; the headers before and after the fault.
    pub message: Option<Message<'a>>,
}

impl Rejected<'_> {
    /// Whether to answer, and with which status.
    ///
    /// Responses and ACK are never answered (RFC 3261 §8.1.3.1 lets a client drop the one, §17.1.1.3
    /// leaves nobody to answer the other). Without a Via there is nowhere an answer could go.
    pub fn verdict(&self) -> Verdict {
        let answerable = self.message.is_some_and(|message| {
            message.method().is_some_and(|method| method != Method::Ack)
                && message.first(Name::Via).is_some()
        });
        if answerable { Verdict::Answer(self.fault.status()) } else { Verdict::Ignore }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_400_names_the_problem() {
        assert_eq!(Fault::Missing(Name::CallId).reason(), "Missing Call-ID");
        assert_eq!(Fault::ShortBody.reason(), "Body shorter than Content-Length");
        assert_eq!((Fault::Version.status(), Fault::UriTooLong.status()), (505, 414));
    }
}

//! A message that outlives its datagram.

use super::{Index, Message, StartLine};

/// A copy of a message that was understood; read again without parsing.
///
/// Memory: the message's bytes and 10 bytes for each field. The buffers are reused when the value is
/// filled again.
#[derive(Clone, Default)]
pub struct Kept {
    bytes: Vec<u8>,
    index: Index,
    body_at: usize,
    body_length: usize,
}

impl Kept {
    /// Copies a message.
    pub fn of(message: &Message<'_>) -> Self {
        let mut kept = Self::default();
        kept.fill(message);
        kept
    }

    /// Copies a message over what was here.
    pub fn fill(&mut self, message: &Message<'_>) {
        self.bytes.clear();
        self.bytes.extend_from_slice(message.bytes);
        self.index.fill(message.index);
        // The body is a slice of the message's bytes, or the empty one of a message without.
        let behind = message.body.as_ptr().addr().checked_sub(message.bytes.as_ptr().addr());
        let inside = behind.filter(|at| at + message.body.len() <= message.bytes.len());
        self.body_at = inside.filter(|_| !message.body.is_empty()).unwrap_or_default();
        self.body_length = message.body.len();
    }

    /// The message.
    pub fn message(&self) -> Message<'_> {
        let line_end = memchr::memchr(b'\r', &self.bytes).unwrap_or(self.bytes.len());
        let start = StartLine::read_again(&self.bytes[..line_end]);
        let body = self.bytes.get(self.body_at..self.body_at + self.body_length);
        Message { bytes: &self.bytes, start, index: &self.index, body: body.unwrap_or_default() }
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        self.message().body
    }

    /// The session description, if the body is one.
    pub fn sdp(&self) -> Option<&[u8]> {
        let message = self.message();
        let is_sdp = matches!(message.content_type(), Ok(Some(kind)) if kind.is("application/sdp"));
        (is_sdp && !message.body.is_empty()).then_some(message.body)
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.index.memory()
    }
}

impl From<&Message<'_>> for Kept {
    fn from(message: &Message<'_>) -> Self {
        Self::of(message)
    }
}

impl core::fmt::Debug for Kept {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.message().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Carrier, Index, Name};

    #[test]
    fn a_kept_message_reads_as_the_one_it_was_copied_from() {
        let bytes = b"\r\nINFO sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nSubject: x\r\n y\r\n\
            Content-Type: Application/SDP\r\nContent-Length: 3\r\n\r\nv=0ignored";
        let mut index = Index::default();
        let message = Message::parse(bytes, Carrier::Datagram, &mut index).expect("well formed");
        let kept = Kept::of(&message);
        let again = kept.message();
        assert!(again.headers().eq(message.headers()) && again.start() == message.start());
        assert_eq!((again.body(), kept.sdp()), (&b"v=0"[..], Some(&b"v=0"[..])));
        assert_eq!(again.first(Name::Subject), Some(&b"x\r\n y"[..]));
    }

    #[test]
    fn a_message_without_a_body_is_kept_without_one() {
        let mut index = Index::default();
        let long = b"INFO sip:a@b SIP/2.0\r\nSubject: long enough\r\n\r\nbody";
        let short = b"SIP/2.0 200 OK\r\n\r\n";
        let mut kept =
            Kept::of(&Message::parse(long, Carrier::Datagram, &mut index).expect("well formed"));
        assert_eq!((kept.body(), kept.sdp()), (&b"body"[..], None));
        kept.fill(&Message::parse(short, Carrier::Datagram, &mut index).expect("well formed"));
        assert_eq!((kept.message().status(), kept.body()), (Some(200), &b""[..]));
        assert_eq!(kept.message().headers().count(), 0);
    }
}

//! Messages out of a connection's bytes, cut by Content-Length (RFC 3261 §18.3).
//!
//! Not [`crate::stream`]: a fault there must not hide from the checker.

use crate::limits::{HEAD_MAX, MESSAGE_MAX};

/// One direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Framer {
    buffer: Vec<u8>,
    /// Cutting has failed: where the next message begins is unknown.
    is_lost: bool,
}

/// What came next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A whole message.
    Message(Vec<u8>),
    /// Bytes of which no message can be cut; the rest of the connection is not looked at.
    Lost(Vec<u8>),
}

impl Framer {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if !self.is_lost {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next message, if it is complete.
    pub(super) fn next(&mut self) -> Option<Cut> {
        let lead = self.buffer.iter().take_while(|&&byte| matches!(byte, b'\r' | b'\n')).count();
        self.buffer.drain(..lead);
        if self.buffer.is_empty() {
            return None;
        }
        let Some(head) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") else {
            return (self.buffer.len() > HEAD_MAX).then(|| self.lose());
        };
        let Some(length) = content_length(&self.buffer[..head]) else { return Some(self.lose()) };
        let Some(end) = (head + 4).checked_add(length).filter(|end| *end <= MESSAGE_MAX) else {
            return Some(self.lose());
        };
        (self.buffer.len() >= end).then(|| Cut::Message(self.buffer.drain(..end).collect()))
    }

    fn lose(&mut self) -> Cut {
        self.is_lost = true;
        Cut::Lost(core::mem::take(&mut self.buffer))
    }
}

/// The value of the first Content-Length, by either name.
fn content_length(head: &[u8]) -> Option<usize> {
    head.split(|&byte| byte == b'\n').find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let name = line[..colon].trim_ascii();
        let is_it = name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l");
        let value = core::str::from_utf8(line[colon + 1..].trim_ascii()).ok()?;
        if is_it { value.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_wherever_the_pieces_end() {
        let text =
            b"\r\n\r\nA b SIP/2.0\r\nl : 3\r\n\r\nxyzC d SIP/2.0\r\nContent-Length: 0\r\n\r\n";
        for piece in 1..text.len() {
            let mut framer = Framer::default();
            let mut cut = Vec::new();
            for bytes in text.chunks(piece) {
                framer.push(bytes);
                while let Some(next) = framer.next() {
                    cut.push(next);
                }
            }
            let first = Cut::Message(b"A b SIP/2.0\r\nl : 3\r\n\r\nxyz".to_vec());
            let second = Cut::Message(b"C d SIP/2.0\r\nContent-Length: 0\r\n\r\n".to_vec());
            assert_eq!(cut, [first, second], "{piece}");
            assert!(framer.buffer.is_empty());
        }
    }

    #[test]
    fn a_stream_without_length_or_end_is_given_up() {
        let mut framer = Framer::default();
        framer.push(b"A b SIP/2.0\r\n\r\n");
        assert!(matches!(framer.next(), Some(Cut::Lost(_))));
        framer.push(b"C d SIP/2.0\r\nl: 0\r\n\r\n");
        assert_eq!(framer.next(), None);
        let mut endless = Framer::default();
        endless.push(&vec![b'x'; HEAD_MAX + 1]);
        assert!(matches!(endless.next(), Some(Cut::Lost(_))));
        let mut huge = Framer::default();
        huge.push(b"A b SIP/2.0\r\nl: 18446744073709551615\r\n\r\n");
        assert!(matches!(huge.next(), Some(Cut::Lost(_))));
    }
}

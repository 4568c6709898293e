//! Messages out of a byte stream: TCP and TLS (RFC 3261 §18.3, RFC 5626 §3.5.1).

use crate::limits::{HEAD_MAX, KEEP_ALIVES_MAX, MESSAGE_MAX};
use crate::message::{Carrier, Fault, Head, Index, Message, Name, Rejected};

/// What a stream holds next.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The bytes of one message, for [`Message::parse`] with [`Carrier::Stream`].
    Message(&'a [u8]),
    /// A double line break from the peer: answered with [`PONG`] (RFC 5626 §3.5.1).
    Ping,
    /// The end of the next message cannot be known. Nothing more can be read from the connection.
    ///
    /// `head` is what was read of the message, for an answer before closing; see
    /// [`Framer::reject`]. It is empty when the head itself has no end.
    Broken {
        /// What is wrong.
        fault: Fault,
        /// The start line and header fields.
        head: &'a [u8],
    },
}

/// What a server answers to [`Piece::Ping`]. As a request for it comes as two, one cannot be
/// mistaken for the other.
pub const PONG: &[u8] = b"\r\n";

/// Cuts a connection's bytes into messages.
///
/// Bytes go in with [`Self::handle_bytes`]; pieces come out with [`Self::poll_piece`] until it
/// returns `None`. Each byte is looked at once while a head is incomplete.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Bytes already given out.
    taken: usize,
    /// Where the search for the end of the head goes on.
    searched: usize,
    /// Where the body begins and where the message ends, once the head is complete.
    ends: Option<(usize, usize)>,
    keep_alives: usize,
    broken: Option<Fault>,
    index: Index,
}

/// What stands ahead of a message.
enum Lead {
    Start,
    Incomplete,
    Ping,
    TooMany,
}

impl Framer {
    /// Takes what the connection brought.
    ///
    /// The caller polls until `None` before it reads more: then no more than one message with one
    /// read is ever held.
    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.discard_taken();
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next piece, if it is complete.
    ///
    /// After [`Piece::Broken`] there is nothing more.
    pub fn poll_piece(&mut self) -> Option<Piece<'_>> {
        if self.broken.is_some() {
            return None;
        }
        self.discard_taken();
        match self.skip_line_breaks() {
            Lead::Start => {}
            Lead::Incomplete => return None,
            Lead::Ping => return Some(Piece::Ping),
            Lead::TooMany => {
                self.broken = Some(Fault::Empty);
                return Some(Piece::Broken { fault: Fault::Empty, head: &[] });
            }
        }
        let (body, end) = match self.ends {
            Some(ends) => ends,
            None => match self.find_ends() {
                Ok(ends) => *self.ends.insert(ends?),
                Err((fault, head)) => {
                    self.broken = Some(fault);
                    return Some(Piece::Broken { fault, head: &self.buffer[..head] });
                }
            },
        };
        debug_assert!(body <= end, "a body ends behind its start");
        if self.buffer.len() < end {
            return None;
        }
        self.taken = end;
        self.ends = None;
        self.keep_alives = 0;
        Some(Piece::Message(&self.buffer[..end]))
    }

    /// What can be answered to the head of a broken piece.
    ///
    /// The fault found while framing is reported when the head alone shows none.
    pub fn reject<'a>(fault: Fault, head: &'a [u8], index: &'a mut Index) -> Rejected<'a> {
        match Message::parse(head, Carrier::Stream, index) {
            Ok(message) => Rejected { fault, message: Some(message) },
            Err(Rejected { message, .. }) => Rejected { fault, message },
        }
    }

    /// How many bytes are held.
    pub fn buffered(&self) -> usize {
        self.buffer.len() - self.taken
    }

    fn discard_taken(&mut self) {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
            self.searched = 0;
        }
    }

    /// Takes line breaks ahead of a message.
    fn skip_line_breaks(&mut self) -> Lead {
        if self.ends.is_some() || self.searched > 0 {
            return Lead::Start;
        }
        match self.buffer.as_slice() {
            [] | b"\r" | b"\r\n" | b"\r\n\r" => Lead::Incomplete,
            [b'\r', b'\n', b'\r', b'\n', ..] if self.keep_alives == KEEP_ALIVES_MAX => {
                Lead::TooMany
            }
            [b'\r', b'\n', b'\r', b'\n', ..] => {
                self.taken = 4;
                self.keep_alives += 1;
                Lead::Ping
            }
            // RFC 3261 §7.5: a line break ahead of a start line is ignored.
            [b'\r', b'\n', ..] => {
                self.buffer.drain(..2);
                Lead::Start
            }
            _ => Lead::Start,
        }
    }

    /// Where the body begins and the message ends; the error holds the length of the head.
    fn find_ends(&mut self) -> Result<Option<(usize, usize)>, (Fault, usize)> {
        const BLANK_LINE: &[u8] = b"\r\n\r\n";
        let found = memchr::memmem::find(&self.buffer[self.searched..], BLANK_LINE);
        let Some(found) = found else {
            // The blank line may have begun in the last three bytes.
            self.searched = self.buffer.len().saturating_sub(BLANK_LINE.len() - 1);
            let is_long = self.buffer.len() > HEAD_MAX;
            return if is_long { Err((Fault::TooLarge, 0)) } else { Ok(None) };
        };
        let body = self.searched + found + BLANK_LINE.len();
        let head = &self.buffer[..body];
        // Other faults of the head do not matter here: its receiver answers them.
        let read = Head::read(head, &mut self.index);
        let length = read.and_then(|head| head.message.content_length());
        let length = length.and_then(|length| length.ok_or(Fault::Missing(Name::ContentLength)));
        let length = length.map_err(|fault| (fault, body))?;
        if length > MESSAGE_MAX - body.min(MESSAGE_MAX) {
            return Err((Fault::TooLarge, body));
        }
        Ok(Some((body, body + length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Verdict;

    const FIRST: &str = "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/TCP a\r\nl: 3\r\n\r\nabc";
    const SECOND: &str = "SIP/2.0 200 OK\r\nContent-Length:0\r\n\r\n";

    /// Feeds the bytes in steps and writes down what comes out.
    fn pieces(bytes: &str, step: usize) -> Vec<String> {
        let mut framer = Framer::default();
        let mut out = Vec::new();
        for chunk in bytes.as_bytes().chunks(step) {
            framer.handle_bytes(chunk);
            while let Some(piece) = framer.poll_piece() {
                out.push(match piece {
                    Piece::Message(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    Piece::Ping => "ping".to_owned(),
                    Piece::Broken { fault, .. } => fault.to_string(),
                });
            }
        }
        out
    }

    #[test]
    fn messages_are_cut_the_same_however_they_arrive() {
        let stream = format!("{FIRST}\r\n{SECOND}\r\n\r\n\r\n\r\n{FIRST}");
        let expected = [FIRST, SECOND, "ping", "ping", FIRST];
        for step in 1..=stream.len() {
            assert_eq!(pieces(&stream, step), expected, "step {step}");
        }
    }

    #[test]
    fn a_message_without_length_or_with_two_ends_the_stream() {
        let none = format!("OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/TCP a\r\n\r\n{SECOND}");
        assert_eq!(pieces(&none, 7), ["missing Content-Length"]);
        let two = "OPTIONS sip:a SIP/2.0\r\nl: 13\r\nContent-Length: 5\r\n\r\nabcdefgh";
        assert_eq!(pieces(two, 100), ["repeated Content-Length"]);
    }

    #[test]
    fn a_malformed_head_does_not_lose_the_place_of_the_next_message() {
        let bad = "OPTIONS sip:a SIP/9.0\r\nnonsense\r\nl: 2\r\n\r\nxy";
        assert_eq!(pieces(&format!("{bad}{SECOND}"), 5), [bad, SECOND]);
    }

    #[test]
    fn what_is_buffered_has_a_limit() {
        let endless = format!("OPTIONS sip:a SIP/2.0\r\n{}", "X: y\r\n".repeat(HEAD_MAX));
        assert_eq!(pieces(&endless, 999), ["message too large"]);
        let huge = format!("OPTIONS sip:a SIP/2.0\r\nl: {MESSAGE_MAX}\r\n\r\n");
        assert_eq!(pieces(&huge, 999), ["message too large"]);
        let silence = "\r\n\r\n".repeat(KEEP_ALIVES_MAX + 2);
        let pieces = pieces(&silence, 4);
        assert_eq!(pieces.len(), KEEP_ALIVES_MAX + 1);
        assert_eq!(pieces.last().map(String::as_str), Some("no message, only line breaks"));
    }

    #[test]
    fn the_head_of_a_broken_piece_can_be_answered() {
        let mut framer = Framer::default();
        framer.handle_bytes(b"OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/TCP a\r\nl: x\r\n\r\n");
        let Some(Piece::Broken { fault, head }) = framer.poll_piece() else { panic!("broken") };
        let mut index = Index::default();
        let rejected = Framer::reject(fault, head, &mut index);
        assert_eq!(rejected.verdict(), Verdict::Answer(400));
        assert_eq!(rejected.fault, Fault::Malformed(Name::ContentLength));
    }
}

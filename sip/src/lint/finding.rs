//! What the checker says.

use core::fmt;

use core::net::SocketAddr;

use super::seen::Passage;
use crate::time::Instant;

/// A rule that was broken, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// When the message passed.
    pub at: Instant,
    /// Which message of the capture, counted from 1; for a pcap file the packet's number, as tshark counts.
    pub packet: u64,
    /// Who broke it: the sender of the message, or who should have sent what is missing.
    pub by: SocketAddr,
    /// The Call-ID; empty where none could be read.
    pub call_id: String,
    /// The rule, as in [`super::rules`].
    pub rule: &'static str,
    /// The section that decides: `RFC 3261 §8.1.1.7`.
    pub source: &'static str,
    /// The offending line.
    pub line: String,
    /// What was expected, in a sentence.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, packet, by, call_id, rule, source, line, expected } = self;
        writeln!(f, "packet {packet} at {at:?}: {rule} ({source})")?;
        writeln!(f, "  by       {by}")?;
        writeln!(f, "  Call-ID  {call_id}")?;
        writeln!(f, "  line     {line}")?;
        write!(f, "  expected {expected}")
    }
}

/// What a rule's function says; [`super::Lint`] makes a [`Finding`] of it.
#[derive(Debug)]
pub(super) struct Complaint {
    pub(super) line: String,
    /// More than the rule's own sentence; may be empty.
    pub(super) detail: String,
    /// The message that is quoted, where it may be another than the one looked at.
    pub(super) quoted: Option<Passage>,
    /// Who is at fault, where it is not the quoted message's sender.
    pub(super) by: Option<SocketAddr>,
}

impl Complaint {
    pub(super) fn new(line: String) -> Self {
        Self { line, detail: String::new(), quoted: None, by: None }
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Names who is at fault for what is missing: it was never sent, so nobody's message shows it.
    pub(super) fn by(mut self, by: SocketAddr) -> Self {
        self.by = Some(by);
        self
    }
}

/// Longest line quoted in a finding.
///
/// Unit: bytes of the message.
const LINE_SHOWN_MAX: usize = 300;

/// Writes bytes of a message so that a terminal shows them and does not obey them.
pub(super) fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(LINE_SHOWN_MAX)];
    let text = String::from_utf8_lossy(cut);
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_says_cannot_steer_a_terminal() {
        assert_eq!(shown(b"a\x1b[2Jb\r\n c"), "a\\u{1b}[2Jb\\r\\n c");
        assert_eq!(shown(&[b'x'; 1000]).len(), LINE_SHOWN_MAX);
    }
}

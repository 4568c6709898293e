//! Who calls, as the agent sees it: rebuilt from what the caller said, never passed on (LIVE policy 10).

use scenarios::Scenario;
use sip::message::{Message, Name, NameAddr, escape_user};
use std::net::IpAddr;

/// Most characters of a caller's name or number that an agent is shown.
const SHOWN_MAX: usize = 64;

/// A caller's own words, cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Identity {
    /// The display name; may be empty.
    pub(crate) name: String,
    /// The user part of his address; empty when he is anonymous.
    pub(crate) number: String,
}

impl Identity {
    /// Reads who calls: P-Asserted-Identity from a trunk that is trusted, else From; nobody where privacy is asked for.
    pub(crate) fn read(invite: &Message<'_>, is_trusted: bool) -> Self {
        if invite.values(Name::Privacy).any(asks_for_privacy) {
            return Self::default();
        }
        let asserted = is_trusted.then(|| invite.first(Name::PAssertedIdentity)).flatten();
        let said = asserted.or_else(|| invite.first(Name::From)).and_then(NameAddr::parse);
        said.map_or_else(Self::default, |address| Self::of(&address))
    }

    fn of(address: &NameAddr<'_>) -> Self {
        let uri = address.uri().ok();
        let user = uri.as_ref().and_then(|uri| uri.as_sip()?.unescaped_user());
        let number = user.map_or_else(String::new, |user| cleaned(&user));
        if number.eq_ignore_ascii_case("anonymous") {
            return Self::default();
        }
        Self { name: cleaned(&address.display()), number }
    }

    /// Writes the From of the INVITE to the agent: `"name" <sip:number@host>`.
    pub(crate) fn write_from(&self, host: &str, out: &mut Vec<u8>) {
        out.clear();
        if !self.name.is_empty() {
            out.push(b'"');
            for byte in self.name.bytes() {
                if matches!(byte, b'"' | b'\\') {
                    out.push(b'\\');
                }
                out.push(byte);
            }
            out.extend_from_slice(b"\" ");
        }
        out.extend_from_slice(b"<sip:");
        if self.number.is_empty() {
            out.extend_from_slice(b"anonymous@anonymous.invalid>");
            return;
        }
        escape_user(self.number.as_bytes(), out);
        out.push(b'@');
        out.extend_from_slice(host.as_bytes());
        out.push(b'>');
    }
}

/// RFC 3323 §4.2, RFC 3325 §9.3.
fn asks_for_privacy(value: &[u8]) -> bool {
    value.split(|byte| *byte == b';').any(|part| {
        let word = part.trim_ascii();
        word.eq_ignore_ascii_case(b"id") || word.eq_ignore_ascii_case(b"user")
    })
}

/// Text without control characters, of a length that a telephone shows.
fn cleaned(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| !c.is_control()).take(SHOWN_MAX).collect::<String>().trim().to_owned()
}

/// The trunks by address.
#[derive(Debug, Default)]
pub(crate) struct Trunks(Vec<(IpAddr, bool)>);

impl Trunks {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let each = scenario.live.trunks.iter();
        Self(each.flat_map(|t| t.from.iter().map(|from| (*from, t.trust_identity))).collect())
    }

    /// Returns whether what comes from there about callers is believed.
    pub(crate) fn is_trusted(&self, from: IpAddr) -> bool {
        let from = from.to_canonical();
        self.0.iter().any(|(trunk, is_trusted)| *is_trusted && trunk.to_canonical() == from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sip::message::{Carrier, Index};

    fn read(headers: &str, is_trusted: bool) -> String {
        let text = format!("INVITE sip:100@b SIP/2.0\r\n{headers}\r\n");
        let mut index = Index::default();
        let message = Message::parse(text.as_bytes(), Carrier::Datagram, &mut index).expect("good");
        let mut from = Vec::new();
        Identity::read(&message, is_trusted).write_from("acd", &mut from);
        String::from_utf8(from).expect("text")
    }

    #[test]
    fn the_agent_sees_the_callers_words_cleaned_and_quoted() {
        assert_eq!(
            read("From: \"Ann \\\"A\\\"\" <sip:+49%20a@x>;tag=1\r\n", false),
            "\"Ann \\\"A\\\"\" <sip:+49%20a@acd>"
        );
        assert_eq!(read("From: <sip:a%22%3Eb@x>;tag=1\r\n", false), "<sip:a%22%3Eb@acd>");
        assert_eq!(read("From: tel:123;tag=1\r\n", false), "<sip:anonymous@anonymous.invalid>");
    }

    #[test]
    fn asserted_identity_counts_only_from_a_trusted_trunk_and_privacy_always() {
        let both = "From: <sip:low@x>;tag=1\r\nP-Asserted-Identity: <sip:high@x>\r\n";
        assert_eq!(read(both, false), "<sip:low@acd>");
        assert_eq!(read(both, true), "<sip:high@acd>");
        let private = format!("{both}Privacy: user;id\r\n");
        assert_eq!(read(&private, true), "<sip:anonymous@anonymous.invalid>");
        assert_eq!(
            read("From: <sip:anonymous@anonymous.invalid>;tag=1\r\n", false),
            "<sip:anonymous@anonymous.invalid>"
        );
    }
}

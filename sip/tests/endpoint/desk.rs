//! One endpoint on a desk, and a peer who writes by hand.

use std::collections::VecDeque;

use sip::endpoint::{Endpoint, Event, Leg, RegistrarSettings, Settings};
use sip::flow::{Flow, Transport};
use sip::{Duration, Instant};

pub(crate) const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n";
pub(crate) const ANSWER: &[u8] = b"v=0\r\no=- 2 1 IN IP4 192.0.2.1\r\ns=-\r\n";

pub(crate) fn flow() -> Flow {
    from("192.0.2.9:5060")
}

pub(crate) fn from(peer: &str) -> Flow {
    let remote = peer.parse().expect("address");
    Flow { transport: Transport::Udp, socket: 1, remote }
}

/// Numbers that look random and are the same each time.
pub(crate) fn numbers(seed: u64) -> impl FnMut() -> u64 + Send + 'static {
    let mut state = seed;
    move || {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

pub(crate) struct Desk {
    pub(crate) endpoint: Endpoint,
    pub(crate) now: Instant,
    sent: VecDeque<String>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(Settings { product: Vec::new(), ..Settings::default() })
    }

    /// With a registrar of which ana's password is `secret`.
    pub(crate) fn registrar() -> Self {
        let guard = sip::digest::Guard::new(b"centre", [7; 32], Duration::from_secs(60));
        let registrar = Some(RegistrarSettings::new(guard));
        let mut desk =
            Self::with(Settings { product: Vec::new(), registrar, ..Settings::default() });
        desk.endpoint.add_account(b"ana", b"secret").expect("there is a registrar");
        desk
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let mut endpoint = Endpoint::new(settings, numbers(1));
        endpoint.bind(1, "192.0.2.1:5060".parse().expect("address"));
        Self { endpoint, now: Instant::from_micros(1_000_000), sent: VecDeque::new() }
    }

    pub(crate) fn receive(&mut self, text: &str) {
        self.receive_from(flow(), text);
    }

    pub(crate) fn receive_from(&mut self, flow: Flow, text: &str) {
        self.endpoint.handle_message(self.now, flow, text.as_bytes());
        self.collect();
    }

    /// Lets time pass, firing what is due.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.endpoint.next_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.endpoint.handle_timeout(self.now);
            self.collect();
        }
        self.now = end;
    }

    /// Lets time pass until something is sent, at most so long.
    pub(crate) fn pass_until_sent(&mut self, most: Duration) {
        let end = self.now + most;
        while let Some(due) = self.endpoint.next_timeout().filter(|due| *due <= end) {
            self.pass(due.saturating_since(self.now));
            if !self.sent.is_empty() {
                return;
            }
        }
        panic!("nothing was sent within {most:?}");
    }

    pub(crate) fn collect(&mut self) {
        let mut buffer = Vec::new();
        while self.endpoint.poll_transmit(&mut buffer).is_some() {
            self.sent.push_back(String::from_utf8(buffer.clone()).expect("text"));
        }
    }

    /// The next message sent; fails when there is none.
    pub(crate) fn sent(&mut self) -> String {
        self.collect();
        self.sent.pop_front().expect("a message was sent")
    }

    /// The next message sent, which is this response.
    pub(crate) fn status(&mut self) -> u16 {
        status_of(&self.sent())
    }

    /// What was sent and not looked at yet, by its first lines.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        self.collect();
        self.sent.drain(..).map(|text| first_word(&text)).collect()
    }

    pub(crate) fn event(&mut self) -> Event {
        self.endpoint.poll_event().expect("an event")
    }

    pub(crate) fn no_event(&mut self) {
        let event = self.endpoint.poll_event();
        assert!(event.is_none(), "{event:?}");
    }

    /// Takes a call up to its INVITE.
    pub(crate) fn incoming(&mut self, invite: &str) -> Leg {
        self.receive(invite);
        assert_eq!(self.status(), 100);
        match self.event() {
            Event::Incoming { leg, .. } => leg,
            other => panic!("{other:?}"),
        }
    }

    /// A call that was answered and acknowledged; gives the leg and our tag.
    pub(crate) fn call(&mut self) -> (Leg, String) {
        let leg = self.incoming(&invite("1", 1, "", OFFER));
        self.endpoint.answer(self.now, leg, ANSWER).expect("an open INVITE");
        let answer = self.sent();
        assert_eq!(status_of(&answer), 200);
        let tag = to_tag(&answer);
        self.receive(&within("ACK", "a1", 1, &tag, "", ""));
        assert!(matches!(self.event(), Event::Acknowledged { .. }));
        (leg, tag)
    }

    /// Nothing is left, once late messages have had their time.
    pub(crate) fn is_clean(&mut self) {
        self.pass(Duration::from_secs(70));
        let bindings = self.endpoint.usage().bindings;
        let expected =
            sip::endpoint::Usage { bindings, timers: bindings, ..sip::endpoint::Usage::default() };
        assert_eq!(self.endpoint.usage(), expected);
    }
}

/// An INVITE of ben's by the branch and CSeq, with more fields (each ended by a line break).
pub(crate) fn invite(branch: &str, cseq: u32, fields: &str, body: &str) -> String {
    request("INVITE", "sip:100@192.0.2.1", branch, cseq, "", fields, body)
}

/// A request of ben's within the call that has our tag.
pub(crate) fn within(
    method: &str,
    branch: &str,
    cseq: u32,
    tag: &str,
    fields: &str,
    body: &str,
) -> String {
    let to = format!(";tag={tag}");
    request(method, "sip:100@192.0.2.1:5060", branch, cseq, &to, fields, body)
}

pub(crate) fn request(
    method: &str,
    uri: &str,
    branch: &str,
    cseq: u32,
    to_tag: &str,
    fields: &str,
    body: &str,
) -> String {
    let is_sdp = !body.is_empty() && !fields.contains("Content-Type");
    let kind = if is_sdp { "Content-Type: application/sdp\r\n" } else { "" };
    format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch}\r\n\
         Max-Forwards: 70\r\nFrom: Ben <sip:ben@example.com>;tag=b1\r\n\
         To: <sip:100@example.com>{to_tag}\r\nCall-ID: c1@example.com\r\nCSeq: {cseq} {method}\r\n\
         Contact: <sip:ben@192.0.2.9>\r\n{fields}{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What a peer answers to a request of ours.
pub(crate) fn response(request: &str, status: u16, tag: &str, fields: &str, body: &str) -> String {
    let mut text = format!("SIP/2.0 {status} x\r\n");
    for line in request.lines().take_while(|line| !line.is_empty()) {
        let copied = ["Via:", "From:", "Call-ID:", "CSeq:"].iter().any(|n| line.starts_with(n));
        if copied {
            text.push_str(&format!("{line}\r\n"));
        } else if line.starts_with("To:") {
            let has_tag = line.contains(";tag=") || tag.is_empty();
            let tag = if has_tag { String::new() } else { format!(";tag={tag}") };
            text.push_str(&format!("{line}{tag}\r\n"));
        }
    }
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    text.push_str(&format!("{fields}{kind}Content-Length: {}\r\n\r\n{body}", body.len()));
    text
}

pub(crate) fn status_of(text: &str) -> u16 {
    let code = text.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3));
    code.and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("a response, not {text}"))
}

/// `INVITE`, or the status.
pub(crate) fn first_word(text: &str) -> String {
    let text = text.strip_prefix("SIP/2.0 ").unwrap_or(text);
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// The value of a field.
pub(crate) fn field(text: &str, name: &str) -> Option<String> {
    let head = text.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
}

pub(crate) fn to_tag(text: &str) -> String {
    let to = field(text, "To").expect("a To");
    to.split(";tag=").nth(1).expect("a tag").to_owned()
}

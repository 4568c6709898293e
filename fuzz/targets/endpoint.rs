#![no_main]
//! Any list of operations on a SIP endpoint, its transactions beneath: messages of a peer who knows our tags and says
//! what he likes, any command at any moment, bytes from nowhere. No panic; nothing is told of a leg after its end; when
//! all is hung up and time has passed, nothing is left.

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sip::digest::Guard;
use sip::endpoint::{
    Credentials, Dial, Endpoint, Enrol, Event, Leg, Refusal, Refused, RegistrarSettings,
    Registration, SessionPolicy, Settings, Usage,
};
use sip::flow::{Flow, Transport};
use sip::{Duration, Instant};

/// The most operations of one run.
const OPERATIONS_MAX: usize = 200;

const SDP: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";

/// The peer speaks, the owner acts, time passes, or something arrives that nobody means.
#[derive(Debug, Arbitrary)]
enum Operation {
    Request { method: u8, branch: u8, cseq: u8, tag: Tag, fields: u16, has_body: bool },
    Respond { pick: u8, status: u8, tag: u8, fields: u16, has_body: bool },
    Bytes(Vec<u8>),
    Command { leg: u8, act: Act },
    Dial { has_offer: bool, has_credentials: bool },
    Register,
    Unregister(u8),
    Ping,
    Unreachable,
    Pass(u16),
}

#[derive(Debug, Arbitrary)]
enum Tag {
    None,
    /// Ours, of a leg we answered or made.
    Ours(u8),
    Wrong,
}

#[derive(Debug, Arbitrary)]
enum Act {
    Progress,
    Answer,
    Refuse,
    Challenge,
    Acknowledge,
    HangUp,
    Change,
    AnswerChange,
    RefuseChange,
    Info,
    AcceptTransfer,
    RefuseTransfer,
    ReportTransfer(bool),
}

const METHODS: [&str; 14] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "INVITE",
    "UPDATE",
    "INFO",
    "REFER",
    "OPTIONS",
    "REGISTER",
    "NOTIFY",
    "PRACK",
    "SUBSCRIBE",
    "DANCE",
];
const STATUSES: [u16; 16] =
    [100, 180, 183, 200, 202, 302, 401, 407, 408, 422, 423, 481, 486, 487, 491, 503];

/// Fields by the bits of a number.
const FIELDS: [&str; 16] = [
    "Contact: <sip:ben@192.0.2.9:5070>\r\n",
    "Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n",
    "Supported: timer\r\n",
    "Session-Expires: 90;refresher=uac\r\n",
    "Session-Expires: 90;refresher=uas\r\n",
    "Min-SE: 200\r\n",
    "Require: 100rel\r\n",
    "Allow: INVITE, UPDATE\r\n",
    "Refer-To: <sip:200@192.0.2.1>\r\n",
    "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\"\r\n",
    "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n",
    "Min-Expires: 100\r\n",
    "Expires: 0\r\n",
    "Contact: *\r\n",
    "Authorization: Digest username=\"ana\", realm=\"centre\", nonce=\"0\", uri=\"sip:a\", response=\"0\"\r\n",
    "Max-Forwards: 0\r\n",
];

struct Bench {
    endpoint: Endpoint,
    now: Instant,
    legs: Vec<Leg>,
    over: BTreeSet<Leg>,
    registrations: Vec<Registration>,
    /// What we sent: requests to answer, and responses for their tags.
    requests: Vec<String>,
    tags: Vec<String>,
}

fn flow() -> Flow {
    Flow {
        transport: Transport::Udp,
        socket: 1,
        remote: "192.0.2.9:5060".parse().expect("address"),
    }
}

fn fields_of(bits: u16) -> String {
    FIELDS
        .iter()
        .enumerate()
        .filter(|(bit, _)| bits >> bit & 1 == 1)
        .map(|(_, field)| *field)
        .collect()
}

fn line<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(name)).unwrap_or_default()
}

impl Bench {
    fn new() -> Self {
        let guard = Guard::new(b"centre", [7; 32], Duration::from_secs(60));
        let session =
            SessionPolicy { expires: Some(Duration::from_secs(90)), ..SessionPolicy::default() };
        let registrar = Some(RegistrarSettings::new(guard));
        let settings = Settings { session, registrar, legs_max: 8, ..Settings::default() };
        let mut state = 1_u64;
        let mut endpoint = Endpoint::new(settings, move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state ^ (state >> 29)
        });
        endpoint.bind(1, "192.0.2.1:5060".parse().expect("address"));
        endpoint.add_account(b"ana", b"secret").expect("there is a registrar");
        Self {
            endpoint,
            now: Instant::from_micros(1),
            legs: Vec::new(),
            over: BTreeSet::new(),
            registrations: Vec::new(),
            requests: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// With a call that stands: most of what can go wrong comes after that.
    fn talking() -> Self {
        let mut bench = Self::new();
        for (method, tag) in [(0, Tag::None), (1, Tag::Ours(0))] {
            bench.run(Operation::Request {
                method,
                branch: 1,
                cseq: 1,
                tag,
                fields: 1,
                has_body: true,
            });
            bench.run(Operation::Command { leg: 0, act: Act::Answer });
        }
        bench
    }

    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Request { method, branch, cseq, tag, fields, has_body } => {
                let text = self.request(method, (branch, cseq), &tag, fields, has_body);
                self.endpoint.handle_message(self.now, flow(), text.as_bytes());
            }
            Operation::Respond { pick, status, tag, fields, has_body } => {
                let Some(request) = pick_of(&self.requests, pick) else { return };
                let text =
                    response(request, STATUSES[usize::from(status) % 16], tag, fields, has_body);
                self.endpoint.handle_message(self.now, flow(), text.as_bytes());
            }
            Operation::Bytes(bytes) => self.endpoint.handle_message(self.now, flow(), &bytes),
            Operation::Command { leg, act } => {
                if let Some(&leg) = pick_of(&self.legs, leg) {
                    self.command(leg, &act);
                }
            }
            Operation::Dial { has_offer, has_credentials } => self.dial(has_offer, has_credentials),
            Operation::Register => {
                let enrol = Enrol {
                    flow: flow(),
                    registrar: b"sip:example.com",
                    address: b"<sip:x@example.com>",
                    contact_user: b"x",
                    headers: &[],
                    expires: Duration::from_secs(60),
                    credentials: Some(Credentials::new(b"x", b"y")),
                };
                self.registrations.extend(self.endpoint.register(self.now, &enrol).ok());
            }
            Operation::Unregister(pick) => {
                if let Some(&registration) = pick_of(&self.registrations, pick) {
                    let _ = self.endpoint.unregister(self.now, registration);
                }
            }
            Operation::Ping => drop(self.endpoint.ping(self.now, flow(), b"sip:a@b", &[])),
            Operation::Unreachable => self.endpoint.handle_unreachable(self.now, flow()),
            Operation::Pass(ms) => self.pass(Duration::from_millis(u64::from(ms))),
        }
        self.settle();
    }

    /// A command may be refused, never anything worse.
    fn command(&mut self, leg: Leg, act: &Act) {
        let (end, now) = (&mut self.endpoint, self.now);
        let _ = match act {
            Act::Progress => end.progress(now, leg, 180, None),
            Act::Answer => end.answer(now, leg, SDP),
            Act::Refuse => end.refuse(now, leg, &Refusal::status(486)),
            Act::Challenge => end.challenge(now, leg),
            Act::Acknowledge => end.acknowledge(now, leg, SDP),
            Act::HangUp => end.hang_up(now, leg, &[("Reason", b"Q.850;cause=16")]),
            Act::Change => end.change(now, leg, SDP),
            Act::AnswerChange => end.answer_change(now, leg, SDP),
            Act::RefuseChange => end.refuse_change(now, leg, &Refusal::status(488)),
            Act::Info => end.send_info(now, leg, b"application/dtmf-relay", b"Signal=1"),
            Act::AcceptTransfer => end.accept_transfer(now, leg),
            Act::RefuseTransfer => end.refuse_transfer(now, leg, &Refusal::status(603)),
            Act::ReportTransfer(done) => {
                end.report_transfer(now, leg, if *done { 200 } else { 180 })
            }
        };
    }

    fn dial(&mut self, has_offer: bool, has_credentials: bool) {
        let dial = Dial {
            flow: flow(),
            uri: b"sip:ben@192.0.2.9",
            from: b"<sip:x@example.com>",
            to: b"<sip:ben@example.com>",
            contact_user: b"x",
            routes: &[],
            headers: &[],
            sdp: has_offer.then_some(SDP),
            credentials: has_credentials.then(|| Credentials::new(b"x", b"y")),
        };
        self.legs.extend(self.endpoint.dial(self.now, &dial).ok());
    }

    fn request(
        &self,
        method: u8,
        (branch, cseq): (u8, u8),
        tag: &Tag,
        fields: u16,
        has_body: bool,
    ) -> String {
        let method = METHODS[usize::from(method) % METHODS.len()];
        let known = "b1".to_owned();
        // A response of ours carries our tag in To and the peer's in From; a request the other way round.
        let (to, from, call_id) = match tag {
            Tag::None => (String::new(), known, format!("c{}", branch % 4)),
            Tag::Wrong => (";tag=00000000000000ab".to_owned(), known, "c1".to_owned()),
            Tag::Ours(pick) => match pick_of(&self.tags, *pick) {
                Some(ours) => {
                    let mut parts = ours.split(' ');
                    let mut next = || parts.next().unwrap_or_default().to_owned();
                    (format!(";tag={}", next()), next(), next())
                }
                None => return String::new(),
            },
        };
        let fields = fields_of(fields);
        let hops = if fields.contains("Max-Forwards") { "" } else { "Max-Forwards: 70\r\n" };
        let (kind, body) =
            if has_body { ("Content-Type: application/sdp\r\n", "v=0\r\n") } else { ("", "") };
        format!(
            "{method} sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch}\r\n{hops}\
             From: <sip:ana@example.com>;tag={from}\r\nTo: <sip:ana@example.com>{to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\n{fields}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.endpoint.next_timeout().filter(|due| *due <= end) {
            assert!(due >= self.now || self.endpoint.usage() != Usage::default());
            self.now = self.now.max(due);
            self.endpoint.handle_timeout(self.now);
            self.settle();
            let next = self.endpoint.next_timeout();
            assert!(next.is_none_or(|next| next > due), "a timer was left unfired");
        }
        self.now = end;
    }

    fn settle(&mut self) {
        let mut buffer = Vec::new();
        while self.endpoint.poll_transmit(&mut buffer).is_some() {
            self.sent(String::from_utf8_lossy(&buffer).into_owned());
        }
        while let Some(event) = self.endpoint.poll_event() {
            self.happened(event);
        }
    }

    /// Remembers what the peer needs to go on: our requests, and our tags with his and the Call-ID.
    fn sent(&mut self, text: String) {
        let is_response = text.starts_with("SIP/2.0 ");
        let tag = |name: &str| line(&text, name).split(";tag=").nth(1).map(str::to_owned);
        let call_id = line(&text, "Call-ID: ").trim_start_matches("Call-ID: ");
        let (ours, theirs) = if is_response { ("To:", "From:") } else { ("From:", "To:") };
        if let (Some(ours), theirs) = (tag(ours), tag(theirs).unwrap_or_else(|| "p1".to_owned()))
            && self.tags.len() < 64
        {
            self.tags.push(format!("{ours} {theirs} {call_id}"));
        }
        if !is_response && !text.starts_with("ACK ") && self.requests.len() < 256 {
            self.requests.push(text);
        }
    }

    fn happened(&mut self, event: Event) {
        let leg = match event {
            Event::Incoming { leg, .. } => {
                self.legs.push(leg);
                leg
            }
            Event::Progress { leg, .. }
            | Event::Answered { leg, .. }
            | Event::Acknowledged { leg, .. }
            | Event::NoAck { leg }
            | Event::Change { leg, .. }
            | Event::ChangeWithdrawn { leg }
            | Event::ChangeAnswered { leg, .. }
            | Event::ChangeRefused { leg, .. }
            | Event::RefreshDue { leg }
            | Event::Info { leg, .. }
            | Event::InfoAnswered { leg, .. }
            | Event::Refer { leg, .. } => leg,
            Event::Ended { leg, .. } => {
                assert!(self.over.insert(leg), "a leg ends once");
                return;
            }
            Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Registration { .. }
            | Event::Pong { .. } => return,
        };
        assert!(!self.over.contains(&leg), "told after its end");
    }

    /// All is hung up, nobody answers any more, and time passes: nothing may be left.
    fn close(mut self) {
        for leg in self.legs.clone() {
            let _ = self.endpoint.hang_up(self.now, leg, &[]);
        }
        for registration in self.registrations.clone() {
            let _ = self.endpoint.unregister(self.now, registration);
        }
        self.settle();
        self.pass(Duration::from_secs(600));
        let legs: Vec<Leg> =
            self.legs.iter().copied().filter(|leg| !self.over.contains(leg)).collect();
        for leg in legs {
            // One whose 2xx was never acknowledged can be hung up by now.
            let _ = self.endpoint.hang_up(self.now, leg, &[]);
        }
        self.pass(Duration::from_secs(5000));
        assert_eq!(self.endpoint.usage(), Usage::default());
        assert!(self.legs.iter().all(|leg| self.over.contains(leg)), "a leg never ended");
    }
}

fn pick_of<T>(list: &[T], pick: u8) -> Option<&T> {
    list.get(usize::from(pick) % list.len().max(1))
}

fn response(request: &str, status: u16, tag: u8, fields: u16, has_body: bool) -> String {
    let to = line(request, "To:");
    let tag = if to.contains(";tag=") { String::new() } else { format!(";tag=p{}", tag % 3) };
    let (via, from) = (line(request, "Via:"), line(request, "From:"));
    let (call_id, cseq) = (line(request, "Call-ID:"), line(request, "CSeq:"));
    let (kind, body) =
        if has_body { ("Content-Type: application/sdp\r\n", "v=0\r\n") } else { ("", "") };
    format!(
        "SIP/2.0 {status} x\r\n{via}\r\n{from}\r\n{to}{tag}\r\n{call_id}\r\n{cseq}\r\n{}{kind}Content-Length: {}\r\n\r\n{body}",
        fields_of(fields),
        body.len()
    )
}

/// Something rare that a good search reaches within a minute: a change of the peer's while one of ours is under way.
fn canary(endpoint: &Endpoint) {
    let is_rare = endpoint.counters().get(Refused::Glare) > 0;
    assert!(!cfg!(feature = "canary") || !is_rare, "canary");
}

fuzz_target!(|operations: Vec<Operation>| {
    let mut bench = Bench::talking();
    for operation in operations.into_iter().take(OPERATIONS_MAX) {
        bench.run(operation);
    }
    canary(&bench.endpoint);
    bench.close();
});

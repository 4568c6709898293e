#![no_main]
//! Any bytes as a capture file, and any packets as a capture: no panic; the pieces a file is read in do not matter; what
//! is counted was there; a finding names a packet of the capture and steers no terminal.

use std::io::{Cursor, Read};
use std::net::SocketAddr;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use sip::flow::Transport;
use sip::lint::capture::{CaptureFault, Packets, read};
use sip::lint::{Counters, Finding, Lint, Options};

/// The most packets of one run.
const PACKETS_MAX: usize = 200;

/// Something passes between two who talk; ids are few, so that much belongs together.
#[derive(Debug, Arbitrary)]
enum Passed {
    Request { method: u8, id: u8, cseq: u8, has_tag: bool, fields: u16, body: Body },
    Response { method: u8, id: u8, cseq: u8, status: u8, fields: u16, body: Body },
    Media { kind: u8, sequence: u16, timestamp: u32, ssrc: u8, payload: u8 },
    Bytes(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
enum Body {
    None,
    Description { port: u8, version: u8, kind: u8, direction: u8 },
    Bytes(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
struct Packet {
    /// Since the packet before.
    after_ms: u16,
    is_back: bool,
    is_stream: bool,
    what: Passed,
}

const METHODS: [&str; 12] = [
    "INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO", "REFER", "OPTIONS", "REGISTER",
    "INVITE", "DANCE",
];
const STATUSES: [u16; 16] =
    [100, 180, 183, 200, 202, 302, 401, 407, 420, 422, 423, 481, 486, 487, 491, 503];

/// Fields by the bits of a number.
const FIELDS: [&str; 16] = [
    "Contact: <sip:ben@192.0.2.9:5070>\r\n",
    "Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n",
    "Supported: timer, 100rel\r\n",
    "Session-Expires: 90;refresher=uac\r\n",
    "Session-Expires: 90;refresher=uas\r\n",
    "Min-SE: 200\r\n",
    "Require: 100rel\r\n",
    "RSeq: 1\r\n",
    "RAck: 1 1 INVITE\r\n",
    "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\"\r\n",
    "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n",
    "Authorization: Digest username=\"a\", realm=\"x\", nonce=\"n\", uri=\"sip:a\", response=\"0\", nc=00000001\r\n",
    "Expires: 0\r\n",
    "Contact: *\r\n",
    "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1\r\n",
    "Route: <sip:p1>\r\n",
];

fn written(passed: &Passed) -> Vec<u8> {
    match passed {
        Passed::Request { method, id, cseq, has_tag, fields, body } => {
            let method = METHODS[usize::from(*method) % METHODS.len()];
            let start = format!("{method} sip:100@192.0.2.1 SIP/2.0");
            let tag = if *has_tag { ";tag=b" } else { "" };
            message(&start, method, (*id, *cseq), tag, *fields, body)
        }
        Passed::Response { method, id, cseq, status, fields, body } => {
            let method = METHODS[usize::from(*method) % METHODS.len()];
            let start = format!("SIP/2.0 {} x", STATUSES[usize::from(*status) % STATUSES.len()]);
            message(&start, method, (*id, *cseq), ";tag=b", *fields, body)
        }
        Passed::Media { kind, sequence, timestamp, ssrc, payload } => {
            let mut bytes = vec![0x80, *kind];
            bytes.extend_from_slice(&sequence.to_be_bytes());
            bytes.extend_from_slice(&timestamp.to_be_bytes());
            bytes.extend_from_slice(&u32::from(ssrc % 4).to_be_bytes());
            bytes.resize(12 + usize::from(*payload), 0);
            bytes
        }
        Passed::Bytes(bytes) => bytes.clone(),
    }
}

fn message(
    start: &str,
    method: &str,
    (id, cseq): (u8, u8),
    tag: &str,
    fields: u16,
    body: &Body,
) -> Vec<u8> {
    let fields: String = (FIELDS.iter().enumerate())
        .filter(|(bit, _)| fields >> bit & 1 == 1)
        .map(|(_, field)| *field)
        .collect();
    let body = match body {
        Body::None => Vec::new(),
        Body::Description { port, version, kind, direction } => {
            let way = ["sendrecv", "sendonly", "recvonly", "inactive"][usize::from(direction % 4)];
            format!(
                "v=0\r\no=- 1 {version} IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
                 m=audio {port} RTP/AVP {} 101\r\na=rtpmap:101 telephone-event/8000\r\na={way}\r\n",
                kind % 9
            )
            .into_bytes()
        }
        Body::Bytes(bytes) => bytes.clone(),
    };
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let head = format!(
        "{start}\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{}\r\nMax-Forwards: 70\r\n\
         From: <sip:ana@example.com>;tag=a\r\nTo: <sip:ben@example.com>{tag}\r\nCall-ID: c{}\r\n\
         CSeq: {cseq} {method}\r\n{fields}{kind}Content-Length: {}\r\n\r\n",
        id % 8,
        id / 8 % 4,
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// Gives one byte at a time.
struct Drop<'a>(&'a [u8]);

impl Read for Drop<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

fn options(pick: u8) -> Options {
    Options {
        is_whole: pick & 1 == 1,
        is_lossless: pick & 2 == 2,
        ours: vec![side(pick & 4 == 4)],
        ..Options::default()
    }
}

fn side(is_callee: bool) -> SocketAddr {
    let text = if is_callee { "192.0.2.1:5060" } else { "192.0.2.9:5060" };
    text.parse().expect("address")
}

fn judged(source: impl Read) -> (Result<Packets, CaptureFault>, Vec<Finding>, Counters) {
    let mut lint = Lint::new(options(7));
    let packets = read(source, &mut lint);
    (packets, lint.finish(), lint.counters())
}

/// Something rare that a good search reaches within a minute: without it a target that looks at nothing looks clean.
fn canary(findings: &[Finding]) {
    let is_rare = findings.iter().any(|finding| finding.rule == "one-final");
    assert!(!cfg!(feature = "canary") || !is_rare, "canary");
}

fn check(findings: &[Finding], packets: u64) {
    for finding in findings {
        assert!((1..=packets).contains(&finding.packet), "{finding} of {packets} packets");
        let told = finding.to_string();
        assert!(!told.chars().any(|c| c.is_control() && c != '\n'), "{told:?}");
    }
    assert!(findings.is_sorted_by_key(|finding| finding.packet), "in the order of their packets");
    canary(findings);
}

fn file(bytes: &[u8]) -> bool {
    let (packets, findings, counters) = judged(Cursor::new(bytes));
    match packets {
        Err(CaptureFault::NotACapture) => return false,
        Ok(packets) => {
            let named = packets.cut + packets.fragments + packets.others;
            assert!(named <= packets.all, "{packets:?}");
            check(&findings, packets.all);
        }
        Err(_) => check(&findings, u64::MAX),
    }
    let slowly = judged(Drop(bytes));
    assert_eq!((&findings, counters), (&slowly.1, slowly.2), "pieces do not matter");
    true
}

fn packets(bytes: &[u8]) {
    let mut source = Unstructured::new(bytes);
    let Ok(pick) = u8::arbitrary(&mut source) else { return };
    let Ok(packets) = Vec::<Packet>::arbitrary_take_rest(source) else { return };
    let mut lint = Lint::new(options(pick));
    let (mut at, mut count) = (sip::Instant::from_micros(1), 0);
    for packet in packets.iter().take(PACKETS_MAX) {
        at = at + sip::Duration::from_millis(packet.after_ms.into());
        let transport = if packet.is_stream { Transport::Tcp } else { Transport::Udp };
        let (from, to) = (side(packet.is_back), side(!packet.is_back));
        lint.observe(at, from, to, transport, &written(&packet.what));
        count += 1;
    }
    check(&lint.finish(), count);
    let counters = lint.counters();
    assert!(counters.calls <= counters.messages, "{counters:?}");
}

fuzz_target!(|bytes: &[u8]| {
    if !file(bytes) {
        packets(bytes);
    }
});

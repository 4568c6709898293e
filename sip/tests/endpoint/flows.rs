//! The call flows of RFC 3665, message by message: Alice and Bob are two endpoints, 5 ms apart.

use std::collections::BTreeMap;

use sip::endpoint::{
    Credentials, Dial, Endpoint, Enrol, Event, Leg, Refusal, RegistrarSettings, SessionPolicy,
    Settings, Standing, Usage,
};
use sip::flow::{Flow, Transport};
use sip::lint::{Lint, Options};
use sip::{Duration, Instant};

use crate::desk::{ANSWER, field, numbers};

const ALICE: usize = 0;
const BOB: usize = 1;
const DELAY: Duration = Duration::from_millis(5);

fn flow_to(end: usize) -> Flow {
    let remote = if end == ALICE { "192.0.2.101:5060" } else { "192.0.2.201:5060" };
    Flow { transport: Transport::Udp, socket: 1, remote: remote.parse().expect("address") }
}

/// What Bob does when it rings, and what Alice does when she waits or talks.
#[derive(Clone, Copy)]
struct Story {
    bob: fn(&mut Endpoint, Instant, Leg),
    alice_hangs_up: Option<Duration>,
    bob_hangs_up: Option<Duration>,
}

struct Pair {
    ends: [Endpoint; 2],
    now: Instant,
    wire: BTreeMap<(Instant, u32), (usize, Vec<u8>)>,
    sequence: u32,
    legs: [Option<Leg>; 2],
    ladder: String,
    lint: Lint,
}

impl Pair {
    fn new() -> Self {
        let make = |end: usize| {
            let guard = sip::digest::Guard::new(b"biloxi.example.com", [7; 32], DELAY * 1000);
            let registrar = (end == BOB).then(|| RegistrarSettings::new(guard));
            let session = SessionPolicy { expires: None, ..SessionPolicy::default() };
            let settings = Settings { session, registrar, ..Settings::default() };
            let mut endpoint = Endpoint::new(settings, numbers(end as u64));
            endpoint.bind(1, flow_to(end).remote);
            endpoint
        };
        let mut ends = [make(ALICE), make(BOB)];
        ends[BOB].add_account(b"bob", b"zanzibar").expect("there is a registrar");
        Self {
            ends,
            now: Instant::from_micros(0),
            wire: BTreeMap::new(),
            sequence: 0,
            legs: [None; 2],
            ladder: String::new(),
            lint: Lint::new(Options { is_whole: true, is_lossless: true, ..Options::default() }),
        }
    }

    /// Runs a call; gives its ladder.
    fn call(story: Story) -> String {
        let mut pair = Self::new();
        let dial = Dial {
            flow: flow_to(BOB),
            uri: b"sip:bob@biloxi.example.com",
            from: b"Alice <sip:alice@atlanta.example.com>",
            to: b"Bob <sip:bob@biloxi.example.com>",
            contact_user: b"alice",
            routes: &[],
            headers: &[],
            sdp: Some(ANSWER),
            credentials: None,
        };
        pair.legs[ALICE] = pair.ends[ALICE].dial(pair.now, &dial).ok();
        let hang_ups = [story.alice_hangs_up, story.bob_hangs_up];
        pair.run(story.bob, hang_ups);
        pair.ladder
    }

    fn run(&mut self, bob: fn(&mut Endpoint, Instant, Leg), mut hang_ups: [Option<Duration>; 2]) {
        for _ in 0..1000 {
            self.flush(bob);
            let due = self.ends.iter().filter_map(Endpoint::next_timeout);
            let wire = self.wire.keys().next().map(|(at, _)| *at);
            let plans = hang_ups.iter().flatten().map(|after| Instant::default() + *after);
            let Some(next) = due.chain(wire).chain(plans).min() else {
                let left = self.ends.each_ref().map(Endpoint::usage);
                assert_eq!(left, [Usage::default(); 2]);
                return assert_eq!(self.lint.finish(), [], "the checker finds nothing");
            };
            self.now = next;
            for who in [ALICE, BOB] {
                self.ends[who].handle_timeout(next);
                let plan = hang_ups[who].filter(|after| Instant::default() + *after <= next);
                if let Some(leg) = self.legs[who].filter(|_| plan.is_some()) {
                    hang_ups[who] = None;
                    self.ends[who].hang_up(next, leg, &[]).expect("the story fits");
                }
            }
            if let Some(entry) = self.wire.first_entry().filter(|entry| entry.key().0 <= next) {
                let (to, bytes) = entry.remove();
                self.ends[to].handle_message(next, flow_to(1 - to), &bytes);
            }
        }
        panic!("no end:\n{}", self.ladder);
    }

    fn flush(&mut self, bob: fn(&mut Endpoint, Instant, Leg)) {
        let mut buffer = Vec::new();
        for who in [ALICE, BOB] {
            while let Some(event) = self.ends[who].poll_event() {
                match event {
                    Event::Incoming { leg, .. } => {
                        self.legs[who] = Some(leg);
                        bob(&mut self.ends[who], self.now, leg);
                    }
                    Event::Registration { registration, state: Standing::Registered(_) } => {
                        self.ends[who].unregister(self.now, registration).expect("it stands");
                    }
                    Event::Ended { why, .. } => {
                        self.draw(&format!("{} ends: {why:?}", ["Alice", "Bob"][who]));
                    }
                    _ => {}
                }
            }
            while self.ends[who].poll_transmit(&mut buffer).is_some() {
                let text = String::from_utf8_lossy(&buffer);
                let line = text.lines().next().unwrap_or_default().to_owned();
                let arrow = ["Alice -> Bob  ", "Bob -> Alice  "][who];
                let cseq = field(&text, "CSeq").expect("CSeq");
                self.draw(&format!("{arrow}{line}  ({cseq})"));
                self.sequence += 1;
                let (from, to) = (flow_to(who).remote, flow_to(1 - who).remote);
                self.lint.observe(self.now, from, to, Transport::Udp, &buffer);
                self.wire.insert((self.now + DELAY, self.sequence), (1 - who, buffer.clone()));
            }
        }
    }

    fn draw(&mut self, line: &str) {
        let ms = self.now.as_micros() / 1000;
        self.ladder.push_str(&format!("{ms:>6} ms  {line}\n"));
    }
}

fn ring(bob: &mut Endpoint, now: Instant, leg: Leg) {
    bob.progress(now, leg, 180, None).expect("open");
}

#[test]
fn registration_and_its_removal() {
    // RFC 3665 §2.1 and §2.4.
    let mut pair = Pair::new();
    let enrol = Enrol {
        flow: flow_to(BOB),
        registrar: b"sip:biloxi.example.com",
        address: b"<sip:bob@biloxi.example.com>",
        contact_user: b"bob",
        headers: &[],
        expires: Duration::from_secs(3600),
        credentials: Some(Credentials::new(b"bob", b"zanzibar")),
    };
    pair.ends[ALICE].register(pair.now, &enrol).expect("good");
    pair.run(ring, [None; 2]);
    insta::assert_snapshot!(pair.ladder, @r"
     0 ms  Alice -> Bob  REGISTER sip:biloxi.example.com SIP/2.0  (1 REGISTER)
     5 ms  Bob -> Alice  SIP/2.0 401 Unauthorized  (1 REGISTER)
    10 ms  Alice -> Bob  REGISTER sip:biloxi.example.com SIP/2.0  (2 REGISTER)
    15 ms  Bob -> Alice  SIP/2.0 200 OK  (2 REGISTER)
    20 ms  Alice -> Bob  REGISTER sip:biloxi.example.com SIP/2.0  (3 REGISTER)
    25 ms  Bob -> Alice  SIP/2.0 401 Unauthorized  (3 REGISTER)
    30 ms  Alice -> Bob  REGISTER sip:biloxi.example.com SIP/2.0  (4 REGISTER)
    35 ms  Bob -> Alice  SIP/2.0 200 OK  (4 REGISTER)
    ");
}

#[test]
fn session_establishment() {
    // RFC 3665 §3.1: Bob hangs up.
    insta::assert_snapshot!(
        Pair::call(Story {
            bob: |bob, now, leg| {
                ring(bob, now, leg);
                bob.answer(now, leg, ANSWER).expect("open");
            },
            alice_hangs_up: None,
            bob_hangs_up: Some(Duration::from_secs(20)),
        }),
        @r"
        0 ms  Alice -> Bob  INVITE sip:bob@biloxi.example.com SIP/2.0  (1 INVITE)
        5 ms  Bob -> Alice  SIP/2.0 180 Ringing  (1 INVITE)
        5 ms  Bob -> Alice  SIP/2.0 200 OK  (1 INVITE)
       10 ms  Alice -> Bob  ACK sip:bob@192.0.2.201:5060 SIP/2.0  (1 ACK)
    20000 ms  Bob -> Alice  BYE sip:alice@192.0.2.101:5060 SIP/2.0  (1 BYE)
    20005 ms  Alice ends: Hangup
    20005 ms  Alice -> Bob  SIP/2.0 200 OK  (1 BYE)
    20010 ms  Bob ends: Ours
    "
    );
}

#[test]
fn no_answer_and_cancel() {
    // RFC 3665 §3.8: it rings, and Alice gives up.
    insta::assert_snapshot!(
        Pair::call(Story {
            bob: ring,
            alice_hangs_up: Some(Duration::from_secs(30)),
            bob_hangs_up: None,
        }),
        @r"
        0 ms  Alice -> Bob  INVITE sip:bob@biloxi.example.com SIP/2.0  (1 INVITE)
        5 ms  Bob -> Alice  SIP/2.0 180 Ringing  (1 INVITE)
    30000 ms  Alice -> Bob  CANCEL sip:bob@biloxi.example.com SIP/2.0  (1 CANCEL)
    30005 ms  Bob ends: Cancelled
    30005 ms  Bob -> Alice  SIP/2.0 200 OK  (1 CANCEL)
    30005 ms  Bob -> Alice  SIP/2.0 487 Request Terminated  (1 INVITE)
    30010 ms  Alice ends: Ours
    30010 ms  Alice -> Bob  ACK sip:bob@biloxi.example.com SIP/2.0  (1 ACK)
    "
    );
}

#[test]
fn busy() {
    // RFC 3665 §3.9.
    insta::assert_snapshot!(
        Pair::call(Story {
            bob: |bob, now, leg| bob.refuse(now, leg, &Refusal::status(486)).expect("open"),
            alice_hangs_up: None,
            bob_hangs_up: None,
        }),
        @r"
     0 ms  Alice -> Bob  INVITE sip:bob@biloxi.example.com SIP/2.0  (1 INVITE)
     5 ms  Bob ends: Ours
     5 ms  Bob -> Alice  SIP/2.0 486 Busy Here  (1 INVITE)
    10 ms  Alice ends: Refused(486)
    10 ms  Alice -> Bob  ACK sip:bob@biloxi.example.com SIP/2.0  (1 ACK)
    "
    );
}

#[test]
fn no_response_at_all() {
    // RFC 3665 §3.10: the phone is there and says nothing; the owner refuses with 480 in the end.
    insta::assert_snapshot!(
        Pair::call(Story {
            bob: |_, _, _| {},
            alice_hangs_up: None,
            bob_hangs_up: Some(Duration::from_secs(40)),
        }),
        @r"
        0 ms  Alice -> Bob  INVITE sip:bob@biloxi.example.com SIP/2.0  (1 INVITE)
        5 ms  Bob -> Alice  SIP/2.0 100 Trying  (1 INVITE)
    40000 ms  Bob ends: Ours
    40000 ms  Bob -> Alice  SIP/2.0 480 Temporarily Unavailable  (1 INVITE)
    40005 ms  Alice ends: Refused(480)
    40005 ms  Alice -> Bob  ACK sip:bob@biloxi.example.com SIP/2.0  (1 ACK)
    "
    );
}

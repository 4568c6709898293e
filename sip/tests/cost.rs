//! What reading and answering costs. Prints; run it alone:
//! `cargo test -p callstorm-sip --release --test cost -- --ignored --nocapture`.

use std::hint::black_box;

use sip::endpoint::{self, Dial, Endpoint, Event, Leg, SessionPolicy};
use sip::flow::{Flow, Transport};
use sip::message::{Carrier, Index, Message};
use sip::transaction::{Handled, Settings, Transactions};
use sip::write::{ReplyPlan, respond};
use sip::{Duration, Instant};

const INVITE: &str = "INVITE sip:100@192.0.2.20:5060 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.10:5061;branch=z9hG4bK-21835-1-0;rport\r\n\
    From: \"Ben Caller\" <sip:ben@192.0.2.10:5061>;tag=21835SIPpTag001\r\n\
    To: \"Northwind Bank\" <sip:100@192.0.2.20:5060>\r\nCall-ID: 1-21835@192.0.2.10\r\n\
    CSeq: 1 INVITE\r\nContact: <sip:ben@192.0.2.10:5061;transport=udp>\r\nMax-Forwards: 70\r\n\
    Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK\r\nSupported: timer, replaces\r\n\
    User-Agent: a telephone/1.0\r\nSubject: Performance Test\r\nSession-Expires: 1800\r\n\
    Content-Type: application/sdp\r\nContent-Length: 155\r\n\r\n\
    v=0\r\no=user1 53655765 2353687637 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
    m=audio 6000 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=\r\n\r\n";

/// Time this thread has had a processor; waiting for one does not count. Linux only.
fn processor_ns() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let first = stat.split_whitespace().next().expect("three numbers");
    first.parse().expect("a number")
}

/// Least of 7 rounds, in ns of processor time for each: the one least disturbed by neighbours.
fn cost(act: impl FnMut(u32)) -> f64 {
    // The kernel counts at its ticks, up to 4 ms apart: a round must be much longer.
    cost_of(400_000, act)
}

fn cost_of(each: u32, mut act: impl FnMut(u32)) -> f64 {
    let rounds = (0..7).map(|round| {
        let start = processor_ns();
        (0..each).for_each(|n| act(round * each + n));
        (processor_ns() - start) / f64::from(each)
    });
    rounds.fold(f64::INFINITY, f64::min)
}

#[test]
#[ignore = "prints times; run alone and optimised"]
#[expect(clippy::print_stdout, reason = "its purpose")]
fn cost_of_messages() {
    let bytes = INVITE.as_bytes();
    let mut index = Index::default();
    let parse = cost(|_| {
        let message = Message::parse(black_box(bytes), Carrier::Datagram, &mut index);
        black_box(message.map(|message| message.body().len()).ok());
    });
    let check = cost(|_| {
        let message = Message::parse(black_box(bytes), Carrier::Datagram, &mut index);
        let message = message.expect("well formed");
        black_box(message.check().expect("complete").cseq.number);
    });
    let mut out = Vec::new();
    let message = Message::parse(bytes, Carrier::Datagram, &mut index).expect("well formed");
    let reply = cost(|_| {
        let plan = ReplyPlan { to_tag: Some(b"a1b2c3d4"), creates_dialog: true };
        respond(black_box(&message), None, 180, b"Ringing", plan, &mut out).finish();
    });
    println!("INVITE of {} bytes: parse {parse:.0} ns, with check {check:.0} ns", bytes.len());
    println!("180 made from it: {reply:.0} ns");
}

#[test]
#[ignore = "prints times; run alone and optimised"]
#[expect(clippy::print_stdout, reason = "its purpose")]
fn cost_of_a_server_transaction() {
    let mut ends = Transactions::new(Settings::default());
    let remote = "192.0.2.10:5061".parse().expect("address");
    let flow = Flow { transport: Transport::Udp, socket: 0, remote };
    let (mut out, mut index) = (Vec::new(), Index::default());
    let each = cost(|n| {
        let now = Instant::default() + Duration::from_micros(500 * u64::from(n));
        let text = format!(
            "OPTIONS sip:100@192.0.2.20 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5061;branch=z9hG4bK{n}\r\n\
             From: <sip:b@c.com>;tag=1\r\nTo: <sip:a@c.com>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\n\r\n"
        );
        let message = Message::parse(text.as_bytes(), Carrier::Datagram, &mut index).expect("good");
        let essentials = message.check().expect("complete");
        let handled = ends.handle_message(now, flow, &message, &essentials);
        let Handled::Request(id) = handled else { panic!("{handled:?}") };
        let mut answer = Vec::new();
        respond(&message, None, 200, b"OK", ReplyPlan::default(), &mut answer).finish();
        ends.respond(now, id, 200, &answer);
        while ends.poll_transmit(&mut out).is_some() {}
        ends.handle_timeout(now);
        while ends.poll_event().is_some() {}
    });
    println!("OPTIONS read, answered, kept 32 s, forgotten: {each:.0} ns, {} alive", ends.len());
}

const SDP: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
    m=audio 6000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

/// Two endpoints with nothing between them.
struct Pair {
    ends: [Endpoint; 2],
    now: Instant,
    buffer: Vec<u8>,
}

fn flow_to(end: usize) -> Flow {
    let remote = if end == 0 { "192.0.2.10:5060" } else { "192.0.2.20:5060" };
    Flow { transport: Transport::Udp, socket: 1, remote: remote.parse().expect("address") }
}

impl Pair {
    fn new() -> Self {
        let make = |end: usize| {
            let mut state = end as u64;
            let numbers = move || {
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
            };
            let session = SessionPolicy { expires: None, ..SessionPolicy::default() };
            let settings = endpoint::Settings { session, ..endpoint::Settings::default() };
            let mut endpoint = Endpoint::new(settings, numbers);
            endpoint.bind(1, flow_to(end).remote);
            endpoint
        };
        Self { ends: [make(0), make(1)], now: Instant::from_micros(1), buffer: Vec::new() }
    }

    /// A call up to its ACK; the caller's leg.
    fn call(&mut self) -> Leg {
        self.now = self.now + Duration::from_micros(500);
        let dial = Dial {
            flow: flow_to(1),
            uri: b"sip:100@192.0.2.20",
            from: b"<sip:ben@192.0.2.10>",
            to: b"<sip:100@192.0.2.20>",
            contact_user: b"ben",
            routes: &[],
            headers: &[],
            sdp: Some(SDP),
            credentials: None,
        };
        let leg = self.ends[0].dial(self.now, &dial).expect("good");
        self.settle();
        leg
    }

    fn settle(&mut self) {
        let mut is_quiet = false;
        while !is_quiet {
            is_quiet = true;
            for who in [0, 1] {
                while self.ends[who].poll_transmit(&mut self.buffer).is_some() {
                    is_quiet = false;
                    let flow = flow_to(who);
                    self.ends[1 - who].handle_message(self.now, flow, &self.buffer);
                }
                while let Some(event) = self.ends[who].poll_event() {
                    if let Event::Incoming { leg, request, .. } = event {
                        self.ends[who].answer(self.now, leg, SDP).expect("open");
                        self.ends[who].recycle(request);
                    }
                }
            }
        }
    }

    /// What is due after so long, at both ends.
    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        for end in &mut self.ends {
            end.handle_timeout(self.now);
        }
    }
}

/// Bytes of memory this process holds. Linux only.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = statm.split_whitespace().nth(1).expect("seven numbers");
    pages.parse::<f64>().expect("a number") * 4096.0
}

#[test]
#[ignore = "prints times; run alone and optimised"]
#[expect(clippy::print_stdout, reason = "its purpose")]
fn cost_of_calls() {
    let mut pair = Pair::new();
    let call = cost_of(20_000, |_| {
        let leg = pair.call();
        pair.ends[0].hang_up(pair.now, leg, &[]).expect("up");
        pair.settle();
        pair.pass(Duration::ZERO);
    });
    println!("INVITE 100 200 ACK BYE 200, both ends: {call:.0} ns");
    pair.pass(Duration::from_secs(70));
    pair.pass(Duration::from_secs(70));
    assert_eq!(pair.ends[0].usage(), endpoint::Usage::default());
}

#[test]
#[ignore = "prints memory; run alone and optimised"]
#[expect(clippy::print_stdout, reason = "its purpose")]
fn memory_of_idle_calls() {
    const IDLE: u32 = 100_000;
    let mut pair = Pair::new();
    let before = resident();
    for n in 0..IDLE {
        pair.call();
        // The transactions of a call are over after 32 s, as in a centre that fills slowly.
        if n % 1000 == 0 {
            pair.pass(Duration::from_secs(40));
        }
    }
    pair.pass(Duration::from_secs(70));
    let usage = pair.ends[1].usage();
    assert_eq!((usage.legs, usage.transactions), (IDLE as usize, 0));
    println!("an idle call, each end: {:.0} bytes", (resident() - before) / f64::from(IDLE) / 2.0);
}

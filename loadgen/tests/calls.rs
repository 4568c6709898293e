//! Callers and a target in virtual time, over a line that loses, doubles and delays.

use acd::Duration as Span;
use chance::{Chance, Law, Purpose, Stream};
use live::reach::Policy;
use loadgen::{Answerer, Crowd, Line, Manners, Plan, Target, Voices};
use reports::traffic::{Failure, Health, Live, TrafficLedger};
use scenarios::traffic::{
    Expect, Expected, Gaps, Request, Segment, Send as Asks, Shape, Step, Traffic,
};
use sip::flow::{Flow, Transport};
use sip::{Duration, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

fn address(text: &str) -> std::net::SocketAddr {
    text.parse().expect("an address")
}

fn tokens(mut state: u64) -> Box<dyn FnMut() -> u64 + Send> {
    Box::new(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    })
}

fn send(request: Request) -> Step {
    Step::Send(Asks { request, to: None, from: None, headers: Vec::new() })
}

fn expect(low: u16, high: u16, is_optional: bool) -> Step {
    let what = Expected::Status { low, high };
    Step::Expect(Expect { what, within: Span::from_secs(40), is_optional, branches: Vec::new() })
}

/// INVITE, 1xx, 200, hold, BYE, 200.
fn plain(hold: f64) -> Vec<Step> {
    vec![
        send(Request::Invite { has_offer: true }),
        expect(100, 199, true),
        expect(200, 299, false),
        Step::Pause(Law::Constant(hold)),
        send(Request::Bye),
        expect(200, 299, false),
    ]
}

fn plan(flow: Vec<Step>, shape: Shape, seconds: u64) -> Plan {
    let traffic = Traffic {
        file: String::new(),
        hash: String::new(),
        title: String::new(),
        question: String::new(),
        seed: 1,
        target: None,
        shape,
        length: None,
        calls: None,
        interval: Span::from_secs(1),
        flow,
        account: None,
        rows: None,
        gate: Vec::new(),
    };
    let voices = Voices::of_flow(&traffic.flow).expect("sounds");
    Plan {
        voices,
        audio_ports: (30_000, 59_999),
        traffic,
        target: Target {
            uri: "sip:127.0.0.2:5060".to_owned(),
            authority: "127.0.0.2:5060".to_owned(),
            address: address("127.0.0.2:5060"),
            transport: Transport::Udp,
        },
        length: Duration::from_secs(seconds),
        calls: None,
        calls_max: 1000,
        shards: 1,
        password: None,
        policy: Policy::default(),
    }
}

fn open(rate: f64) -> Shape {
    let profile = vec![Segment { from: rate, to: rate, length: None }];
    Shape::Open { profile, gaps: Gaps::Poisson }
}

/// A crowd, a target, and what is under way between them.
struct World {
    crowd: Crowd,
    answerer: Answerer,
    now: Instant,
    /// Share of datagrams lost, and as many doubled.
    loss: f64,
    luck: Stream,
    sent: u64,
    /// Whether the target still answers.
    is_target_up: bool,
    on_the_way: BTreeMap<(Instant, u64), (bool, Vec<u8>)>,
    ledger: TrafficLedger,
}

const CALLER: &str = "127.0.0.1:5070";
const TARGET: &str = "127.0.0.2:5060";

impl World {
    fn new(plan: Plan, manners: Manners, loss: f64, seed: u64) -> Self {
        let remote = address(TARGET);
        let flow = Flow { transport: Transport::Udp, socket: 0, remote };
        let line = Line { flow, local: address(CALLER), audio: address("127.0.0.1:4000") };
        let mut crowd =
            Crowd::new(Arc::new(plan), 0, &[line], None, [tokens(seed), tokens(seed + 2)]);
        let audio = address("127.0.0.2:4000");
        let answerer = Answerer::new(manners, 0, address(TARGET), audio, tokens(seed + 1));
        let now = Instant::from_micros(1_000_000);
        crowd.begin(now);
        let luck = Chance::new(seed, 0).stream(Purpose::Choice, 0);
        let (on_the_way, ledger) = (BTreeMap::new(), TrafficLedger::new(Span::from_secs(1)));
        let is_target_up = true;
        Self { crowd, answerer, now, loss, luck, sent: 0, is_target_up, on_the_way, ledger }
    }

    /// Goes on until nothing is to be done before `until`.
    fn run(&mut self, until: Instant) {
        loop {
            self.carry();
            let next = [
                self.crowd.next_timeout(),
                self.answerer.next_timeout(),
                self.on_the_way.keys().next().map(|(at, _)| *at),
            ];
            let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= until) else {
                break;
            };
            self.now = self.now.max(next);
            self.crowd.handle_timeout(self.now);
            self.answerer.handle_timeout(self.now);
        }
        self.now = until;
        let tally = self.crowd.take_tally();
        self.ledger.add(Span(self.now.as_micros()), &tally);
    }

    fn seen(&self) -> Live {
        self.ledger.live(Span(self.now.as_micros()), &Health::default())
    }

    fn failures(&self, why: Failure) -> u64 {
        let seen = self.seen();
        seen.failures.iter().find(|(kind, _)| *kind == why).map_or(0, |(_, count)| *count)
    }

    fn going(&self) -> loadgen::Going {
        self.crowd.going(self.now)
    }

    /// Puts on the line what is to be sent, and delivers what is due.
    fn carry(&mut self) {
        let mut bytes = Vec::new();
        while self.crowd.poll_transmit(&mut bytes).is_some() {
            self.put(true, &bytes);
        }
        while self.answerer.poll_transmit(&mut bytes).is_some() {
            self.put(false, &bytes);
        }
        while let Some(entry) = self.on_the_way.first_entry() {
            if entry.key().0 > self.now {
                break;
            }
            let ((at, _), (to_target, bytes)) = entry.remove_entry();
            let from = address(if to_target { CALLER } else { TARGET });
            let flow = Flow { transport: Transport::Udp, socket: 0, remote: from };
            match to_target {
                true if self.is_target_up => self.answerer.handle_message(at, flow, &bytes),
                true => {}
                false => self.crowd.handle_message(at, flow, &bytes),
            }
        }
    }

    fn put(&mut self, to_target: bool, bytes: &[u8]) {
        self.sent += 1;
        let mut draw = self.luck.draw(self.sent);
        if draw.uniform() < self.loss {
            return;
        }
        let copies = if draw.uniform() < self.loss { 2 } else { 1 };
        for copy in 0..copies {
            let late = if self.loss > 0.0 { draw.uniform() * 40_000.0 } else { 0.0 };
            let at = self.now + Duration::from_micros(500 + late as u64);
            self.on_the_way.insert((at, self.sent * 2 + copy), (to_target, bytes.to_vec()));
        }
    }
}

fn seconds(n: u64) -> Instant {
    Instant::from_micros((n + 1) * 1_000_000)
}

#[test]
fn every_call_of_an_open_model_is_placed_answered_and_hung_up() {
    let mut world = World::new(plan(plain(2.0), open(20.0), 60), Manners::default(), 0.0, 1);
    world.run(seconds(120));
    let going = world.going();
    assert!(going.is_over && going.calls == 0, "{going:?}");
    assert!((1000..1400).contains(&going.placed), "{going:?}");
    assert_eq!(world.answerer.calls(), going.placed);
    assert_eq!(world.seen().passed, going.placed);
    assert_eq!(world.seen().retransmissions, 0);
    assert_eq!(world.crowd.usage(), Default::default());
    assert_eq!(world.answerer.usage(), Default::default());
}

#[test]
fn a_lossy_line_costs_time_and_no_call() {
    for seed in 0..20 {
        let mut world =
            World::new(plan(plain(2.0), open(20.0), 20), Manners::default(), 0.05, seed);
        world.run(seconds(150));
        let going = world.going();
        assert_eq!(going.calls, 0, "seed {seed}");
        assert_eq!(world.seen().passed, going.placed, "seed {seed}");
        assert_eq!(world.answerer.calls(), going.placed, "seed {seed}");
        assert_eq!(world.crowd.usage(), Default::default(), "seed {seed}");
        // A call has six messages, and each is lost one time in twenty.
        let repeats = world.seen().retransmissions as f64 / going.placed as f64;
        assert!((0.1..1.0).contains(&repeats), "seed {seed}: {repeats} repeats a call");
    }
}

#[test]
fn a_target_that_dies_ends_every_call_in_half_a_minute() {
    let mut world = World::new(plan(plain(5.0), open(20.0), 20), Manners::default(), 0.0, 3);
    world.run(seconds(10));
    world.is_target_up = false;
    world.run(seconds(12));
    world.crowd.hang_up_all(world.now);
    world.run(seconds(12 + 70));
    let going = world.going();
    assert_eq!(going.calls, 0, "{going:?}");
    assert!(world.seen().passed < going.placed);
    assert_eq!(world.crowd.usage(), Default::default());
}

#[test]
fn refusals_are_failures_with_their_status() {
    let manners = Manners { ring: Duration::from_secs(1), refuse: Some((503, 0.25)) };
    let mut world = World::new(plan(plain(1.0), open(10.0), 40), manners, 0.0, 4);
    world.run(seconds(120));
    let placed = world.going().placed;
    assert_eq!(world.failures(Failure::Status(503)), placed / 4);
    assert_eq!(world.seen().passed, placed - placed / 4);
}

#[test]
fn a_closed_model_keeps_so_many_callers_busy() {
    let shape = Shape::Closed { callers: 7, between: Law::Constant(1.0) };
    let mut world = World::new(plan(plain(3.0), shape, 41), Manners::default(), 0.0, 5);
    world.run(seconds(20));
    assert!(world.going().calls <= 7);
    world.run(seconds(100));
    let going = world.going();
    // A round is 3 s of call and 1 s of rest: ten rounds each in 40 s, and one that begins in the last second.
    assert!((70..=77).contains(&going.placed), "{going:?}");
    assert_eq!((going.calls, world.seen().passed), (0, going.placed));
}

#[test]
fn a_caller_who_gives_up_withdraws_his_call() {
    let mut flow = plain(1.0);
    let what = Expected::Status { low: 200, high: 299 };
    let within = Span::from_secs(2);
    flow[2] = Step::Expect(Expect { what, within, is_optional: false, branches: Vec::new() });
    let manners = Manners { ring: Duration::from_secs(60), refuse: None };
    let mut world = World::new(plan(flow, open(5.0), 10), manners, 0.0, 6);
    world.run(seconds(100));
    let going = world.going();
    assert_eq!(going.calls, 0);
    assert_eq!(world.failures(Failure::TimedOut), going.placed);
    assert_eq!(world.crowd.usage(), Default::default());
    assert_eq!(world.answerer.usage(), Default::default());
}

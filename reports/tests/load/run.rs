//! A load run made up of facts: what a generator would have seen of a target that hiccups once.

use acd::Duration;
use acd::kpi::{Comparison, Condition, Kpi, Selector};
use reports::traffic::{
    EModel, Failure, Health, MessageKind, MethodKind, StreamFigures, Tally, TrafficFact,
    TrafficLedger,
};
use reports::{Context, Summary};

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration(milliseconds * 1000)
}

/// The frame of a load run of a minute.
pub(crate) fn context() -> Context {
    Context {
        mode: "load",
        title: "500 calls a second to the front desk".to_owned(),
        question: "Does the new border controller stand Monday's peak?".to_owned(),
        file: "front-desk.toml".to_owned(),
        hash: "0123456789abcdef".to_owned(),
        seed: 7,
        start_of_day: Duration::ZERO,
        start: None,
        length: Duration::from_secs(60),
        interval: Duration::from_secs(1),
        warm_up: Duration::ZERO,
        queues: Vec::new(),
        contacts: Vec::new(),
        groups: Vec::new(),
        sites: Vec::new(),
        pairs: Vec::new(),
        marks: Vec::new(),
        gate: vec![
            rule(
                "established_share >= 99.9%",
                Kpi::EstablishedShare,
                Comparison::GreaterOrEqual,
                0.999,
            ),
            rule("answer_p99_s < 200ms", Kpi::AnswerP99, Comparison::Less, 0.2),
            rule("missed_arrivals <= 0", Kpi::MissedArrivals, Comparison::LessOrEqual, 0.0),
        ],
        reproduce: "callstorm load front-desk.toml --seed 7".to_owned(),
    }
}

pub(crate) fn rule(text: &str, kpi: Kpi, comparison: Comparison, value: f64) -> Condition {
    let (text, selector) = (text.to_owned(), Selector::ALL);
    Condition {
        text,
        kpi,
        selector,
        threshold: None,
        last: None,
        comparison,
        value,
        is_sure: false,
    }
}

/// A generator that was well.
pub(crate) fn health() -> Health {
    Health {
        cpu: vec![0.31, 0.28],
        starved: Some(0.002),
        loop_lag: Duration(640),
        start_lag: Duration(410),
        audio_lag: Some(Duration(300)),
        sent: 90_121,
        received: 119_402,
        ..Health::default()
    }
}

/// Numbers that look drawn, the same on every machine.
struct Noise(u64);

impl Noise {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A minute of 500 calls a second of ten seconds each; from 0:30 to 0:33 the target slows down and refuses some.
pub(crate) fn minute() -> TrafficLedger {
    let mut ledger = TrafficLedger::new(Duration::from_secs(1));
    ledger.state("target", "sip:127.0.0.1:5060;transport=udp");
    ledger.state("arrivals", "500/s for 1m, Poisson");
    ledger.state("session duration", "10s");
    ledger.state("establishment threshold time", "32s");
    ledger.state("media", "G.711, one call in fifty");
    ledger.judge_speech_by(EModel::G711.with_delay(ms(60)));
    let mut noise = Noise(1);
    let (mut established, mut up) = ([0_u64; 60], 0);
    for second in 0..70_usize {
        let mut tallies = [Tally::new(), Tally::new()];
        if second < 60 {
            let is_slow = (30..33).contains(&second);
            for call in 0..490 + noise.below(21) {
                let is_up = place(&mut tallies[(call % 2) as usize], &mut noise, is_slow);
                established[second] += u64::from(is_up);
            }
            up += established[second];
        }
        if second >= 10 {
            for number in 0..established[second - 10] {
                end(&mut tallies[(number % 2) as usize], &mut noise, number.is_multiple_of(50));
            }
            up -= established[second - 10];
        }
        let at = Duration::from_secs(second as u64);
        tallies.iter().for_each(|tally| ledger.add(at, tally));
        ledger.note(at, up);
    }
    ledger
}

/// Places a call; returns whether it was established.
fn place(tally: &mut Tally, noise: &mut Noise, is_slow: bool) -> bool {
    let lag = Duration(40 + noise.below(380));
    tally.record(&TrafficFact::Placed { lag });
    let base = if is_slow { 40_000 + noise.below(140_000) } else { 900 + noise.below(1_400) };
    let delay = Duration(base + if noise.below(90) == 0 { noise.below(22_000) } else { 0 });
    if is_slow && noise.below(40) == 0 {
        tally.record(&TrafficFact::Failed { why: Failure::Status(503), delay });
        tally.record(&TrafficFact::Spoilt);
        return false;
    }
    if noise.below(1_500) == 0 {
        let message = MessageKind::Request(MethodKind::Invite);
        tally.record(&TrafficFact::Repeated { message });
        let message = MessageKind::Response(200, MethodKind::Invite);
        tally.record(&TrafficFact::RepeatCame { message });
    }
    tally.record(&TrafficFact::Requested { delay: Duration(delay.0 / 2) });
    let from_intended = Duration(delay.0 + lag.0);
    tally.record(&TrafficFact::Established { from_intended, from_send: delay });
    true
}

fn end(tally: &mut Tally, noise: &mut Noise, has_audio: bool) {
    let disconnect = Some(Duration(500 + noise.below(900)));
    let lasted = Duration::from_secs(10);
    tally.record(&TrafficFact::Ended { lasted, disconnect, is_complete: true });
    tally.record(&TrafficFact::Passed);
    if has_audio {
        let lost = if noise.below(5) == 0 { noise.below(6) } else { 0 };
        let mut figures = StreamFigures {
            sent: 500,
            received: 500 - lost,
            expected: 500,
            discarded: noise.below(2),
            jitter: Duration(60 + noise.below(700)),
            buffer: ms(40),
            mos: None,
        };
        figures.mos = EModel::G711.with_delay(ms(60)).mos(&figures);
        tally.record(&TrafficFact::Streamed(figures));
    }
}

/// The summary of facts that were all seen in the first second.
pub(crate) fn summary_of(facts: &[TrafficFact], health: Health) -> Summary {
    let mut tally = Tally::new();
    facts.iter().for_each(|fact| tally.record(fact));
    let mut ledger = TrafficLedger::new(Duration::from_secs(1));
    ledger.add(Duration::ZERO, &tally);
    ledger.summary(&context(), health)
}

//! Tallies gathered: nothing is lost, nothing counted twice, and a long run takes no more room than a short one.

use crate::run::*;
use acd::Duration;
use acd::kpi::{Kpi, Selector};
use proptest::prelude::*;
use reports::traffic::{
    Failure, Health, INTERVALS_MAX, KINDS_MAX, MessageKind, MethodKind, Tally, TrafficFact as Fact,
    TrafficLedger,
};

const SECOND: Duration = Duration::from_secs(1);

fn placed(count: usize) -> Tally {
    let mut tally = Tally::new();
    (0..count).for_each(|_| tally.record(&Fact::Placed { lag: ms(1) }));
    tally
}

fn by_interval(ledger: &TrafficLedger, kpi: Kpi) -> Vec<(f64, Option<f64>)> {
    let summary = ledger.summary(&context(), health());
    let intervals = summary.intervals().map(|interval| {
        let figure = interval.kpis[0].figure(kpi, None);
        (interval.start.as_secs(), figure.map(|figure| figure.mean))
    });
    intervals.collect()
}

fn fact(choice: u8, value: u64) -> Fact {
    let (delay, message) = (Duration(value), MessageKind::Response(200, MethodKind::Bye));
    match choice % 9 {
        0 => Fact::Placed { lag: delay },
        1 => Fact::Requested { delay },
        2 => Fact::Established { from_intended: delay, from_send: delay },
        3 => Fact::Failed { why: Failure::Status(400 + (value % 300) as u16), delay },
        4 => Fact::Ended {
            lasted: delay,
            disconnect: Some(delay),
            is_complete: value.is_multiple_of(2),
        },
        5 => Fact::Registered { delay },
        6 => Fact::Unexpected { message },
        7 => Fact::NotRegistered { why: Failure::TimedOut },
        _ => Fact::Missed,
    }
}

proptest! {
    #[test]
    fn threads_may_share_the_facts_in_any_way(
        facts in prop::collection::vec((any::<u8>(), 0_u64..20_000_000_000, 0_usize..4), 1..200),
    ) {
        // Up to the limit of a table, whatever comes first has its line.
        let mut alone = Tally::new();
        let mut threads = [Tally::new(), Tally::new(), Tally::new(), Tally::new()];
        for (choice, value, thread) in facts {
            let value = if choice % 9 == 3 { value % KINDS_MAX as u64 } else { value };
            alone.record(&fact(choice, value));
            threads[thread].record(&fact(choice, value));
        }
        let mut merged = Tally::new();
        let mut ledger = TrafficLedger::new(SECOND);
        for thread in &threads {
            merged.merge(thread);
            ledger.add(SECOND, thread);
        }
        let mut whole = TrafficLedger::new(SECOND);
        whole.add(SECOND, &alone);
        let mut at_once = TrafficLedger::new(SECOND);
        at_once.add(SECOND, &merged);
        let kpis = |ledger: &TrafficLedger| {
            let summary = ledger.summary(&context(), health());
            (summary.kpis.clone(), summary.intervals().collect::<Vec<_>>(), summary.load().map(|l| l.tables.clone()))
        };
        prop_assert_eq!(kpis(&ledger), kpis(&whole));
        prop_assert_eq!(kpis(&at_once).0, kpis(&whole).0);
    }
}

#[test]
fn a_cleared_tally_is_as_new() {
    let mut tally = Tally::new();
    assert!(tally.is_empty());
    (0..9).for_each(|choice| tally.record(&fact(choice, 77_000)));
    assert!(!tally.is_empty());
    tally.clear();
    assert!(tally.is_empty());
    tally.record(&Fact::Placed { lag: ms(1) });
    let mut ledger = TrafficLedger::new(SECOND);
    ledger.add(Duration::ZERO, &tally);
    let summary = ledger.summary(&context(), health());
    let lag = summary.figure(Kpi::StartLagMax, None, Selector::ALL).expect("one was placed");
    assert_eq!(lag.mean, 0.001, "what was cleared is not remembered");
    assert!(summary.load().is_some_and(|load| load.tables.calls.is_empty()));
}

#[test]
fn tallies_fall_into_their_interval_however_late_they_come() {
    let mut ledger = TrafficLedger::new(SECOND);
    ledger.add(ms(2_500), &placed(5));
    ledger.add(ms(0), &placed(2));
    ledger.add(ms(2_000), &placed(1));
    let found = by_interval(&ledger, Kpi::Placed);
    assert_eq!(found, [(0.0, Some(2.0)), (1.0, Some(0.0)), (2.0, Some(6.0))]);
}

#[test]
fn rates_are_of_the_time_in_which_calls_were_placed() {
    let mut ledger = TrafficLedger::new(SECOND);
    for second in 0..4 {
        ledger.add(Duration::from_secs(second), &placed(10));
    }
    // Ten more seconds go by until the last call has ended.
    ledger.note(Duration::from_secs(14), 0);
    let rate = |ledger: &TrafficLedger| {
        let summary = ledger.summary(&context(), health());
        summary.figure(Kpi::PlacedPerS, None, Selector::ALL).map(|rate| rate.mean)
    };
    assert_eq!(rate(&ledger), Some(10.0));
    let mut cut_short = TrafficLedger::new(SECOND);
    cut_short.add(Duration::ZERO, &placed(10));
    cut_short.note(ms(500), 10);
    assert_eq!(rate(&cut_short), Some(20.0));
    // When a tally was handed over says nothing about how long the run went on.
    let mut handed_over = TrafficLedger::new(SECOND);
    handed_over.add(ms(100), &placed(10));
    assert_eq!(rate(&handed_over), Some(10.0));
}

#[test]
fn most_at_once_is_noted_by_interval_and_for_the_run() {
    let mut ledger = TrafficLedger::new(SECOND);
    ledger.note(ms(100), 3);
    ledger.note(ms(200), 9);
    ledger.note(ms(1_100), 4);
    let found = by_interval(&ledger, Kpi::InProgressMax);
    assert_eq!(found, [(0.0, Some(9.0)), (1.0, Some(4.0))]);
    let mut quiet = TrafficLedger::new(SECOND);
    quiet.add(Duration::ZERO, &placed(1));
    assert_eq!(by_interval(&quiet, Kpi::InProgressMax), [(0.0, None)], "nobody noted it");
}

#[test]
fn a_long_run_has_longer_intervals_and_loses_no_call() {
    let mut ledger = TrafficLedger::new(SECOND);
    let seconds = 4 * INTERVALS_MAX as u64;
    for second in 0..seconds {
        ledger.add(Duration::from_secs(second), &placed(1));
    }
    assert_eq!(ledger.interval(), Duration::from_secs(4));
    let found = by_interval(&ledger, Kpi::Placed);
    assert_eq!(found.len(), INTERVALS_MAX);
    assert!(found.iter().all(|(_, placed)| *placed == Some(4.0)));
    ledger.add(Duration(u64::MAX), &placed(1));
    let found = by_interval(&ledger, Kpi::Placed);
    assert!(found.len() <= INTERVALS_MAX);
    let total: f64 = found.iter().filter_map(|(_, placed)| *placed).sum();
    assert_eq!(total, seconds as f64 + 1.0);
}

#[test]
fn kinds_beyond_the_limit_are_counted_together() {
    let mut tally = Tally::new();
    let count = KINDS_MAX as u16 + 10;
    for status in 0..count {
        let message = MessageKind::Response(status, MethodKind::Invite);
        tally.record(&Fact::Unexpected { message });
    }
    let mut ledger = TrafficLedger::new(SECOND);
    ledger.add(Duration::ZERO, &tally);
    let summary = ledger.summary(&context(), health());
    let kinds = &summary.load().expect("a load run").tables.unexpected;
    assert_eq!((kinds.iter().count(), kinds.others()), (KINDS_MAX, 10));
    assert_eq!(kinds.total(), u64::from(count));
}

#[test]
fn an_unwell_generator_makes_the_run_invalid_whatever_the_gate_says() {
    let health = Health { faults: vec!["calls went out 80ms late".to_owned()], ..health() };
    let summary = minute().summary(&context(), health);
    assert!(!summary.valid);
    assert_eq!(summary.faults().collect::<Vec<_>>(), ["calls went out 80ms late"]);
    assert!(minute().summary(&context(), self::health()).valid);
}

#[test]
fn a_generator_that_miscounts_is_not_believed() {
    let facts = [Fact::Placed { lag: ms(1) }, Fact::Passed, Fact::Spoilt];
    let summary = summary_of(&facts, health());
    assert!(!summary.valid);
    assert_eq!(summary.laws.broken, ["passed + spoilt <= placed: 2 and 1"]);
}

#[test]
fn the_gate_judges_figures_of_load_and_fails_what_was_not_observed() {
    let summary = minute().summary(&context(), health());
    let passed: Vec<bool> = summary.gate.iter().map(|rule| rule.passed).collect();
    assert_eq!(passed, [false, true, true], "{:?}", summary.gate);
    let summary = summary_of(&[Fact::Placed { lag: ms(1) }], health());
    assert!(!summary.gate[1].passed);
    assert_eq!(summary.gate[1].reason.as_deref(), Some("`answer_p99_s` was not observed"));
}

#[test]
fn a_look_at_the_run_shows_the_last_interval_that_is_over() {
    let ledger = minute();
    let live = ledger.live(ms(31_400), &health());
    assert_eq!(live.span, Some((Duration::from_secs(30), Duration::from_secs(31))));
    assert!((490.0..=510.0).contains(&live.placed_per_s), "{}", live.placed_per_s);
    let (half, most) = live.answer.expect("calls were established");
    assert!(half > ms(40) && most > half && most < ms(250), "{half} {most}");
    assert_eq!(live.failures[0].0, Failure::Status(503));
    assert_eq!(live.placed, live.established + live.failed);
    let early = ledger.live(ms(400), &health());
    assert_eq!((early.span, early.answer), (None, None));
    let late = ledger.live(Duration::from_secs(500), &health());
    assert_eq!((late.placed_per_s, late.answer), (0.0, None));
}

#[test]
fn an_interval_of_nothing_becomes_a_second() {
    let mut ledger = TrafficLedger::new(Duration::ZERO);
    ledger.add(ms(1_500), &placed(1));
    assert_eq!(ledger.interval(), SECOND);
}

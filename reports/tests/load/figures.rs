//! Every formula against numbers made by hand.

use crate::run::*;
use acd::Duration;
use acd::kpi::{Kpi, Selector};
use reports::Summary;
use reports::traffic::{
    Failure, Health, MessageKind, MethodKind, StreamFigures, TrafficFact as Fact,
};

const INVITE: MessageKind = MessageKind::Request(MethodKind::Invite);

fn figure(summary: &Summary, kpi: Kpi) -> Option<f64> {
    summary.figure(kpi, None, Selector::ALL).map(|estimate| estimate.mean)
}

fn is_absent(summary: &Summary, kpi: Kpi) -> bool {
    summary.scope(Selector::ALL).expect("the run").line(kpi, None).is_none()
}

fn failed(status: u16) -> Fact {
    Fact::Failed { why: Failure::Status(status), delay: ms(5) }
}

/// Twenty calls: ten established (eight of them ended, seven as wanted), one of each failure below.
fn twenty_calls() -> Vec<Fact> {
    let mut facts = vec![Fact::Placed { lag: ms(1) }; 20];
    facts.extend([Fact::Established { from_intended: ms(30), from_send: ms(29) }; 10]);
    let disconnect = Some(ms(2));
    facts.extend([Fact::Ended { lasted: ms(10_000), disconnect, is_complete: true }; 7]);
    facts.push(Fact::Ended { lasted: ms(2_000), disconnect: None, is_complete: false });
    facts.extend([302, 480, 486, 603, 404, 408, 500, 503].map(failed));
    facts.push(Fact::Failed { why: Failure::TimedOut, delay: ms(32_000) });
    facts.push(Fact::Failed { why: Failure::Withdrawn, delay: ms(50) });
    facts
}

#[test]
fn ratios_are_those_of_rfc_6076() {
    let summary = summary_of(&twenty_calls(), health());
    let is =
        |kpi, part: f64, of: f64| assert_eq!(figure(&summary, kpi), Some(part / of), "{kpi:?}");
    is(Kpi::EstablishedShare, 10.0, 20.0);
    // One of the twenty was redirected.
    is(Kpi::Ser, 10.0, 19.0);
    // 480, 486 and 603 besides the established.
    is(Kpi::Seer, 13.0, 19.0);
    // 408, 500, 503 and the time-out; redirected calls stay in.
    is(Kpi::Isa, 4.0, 20.0);
    is(Kpi::Scr, 7.0, 20.0);
    // (7 · 10 s + 2 s) ÷ 8
    is(Kpi::SdtMean, 72.0, 8.0);
}

#[test]
fn each_status_counts_as_the_rfc_says() {
    let alone = |why| {
        let failed = Fact::Failed { why, delay: ms(5) };
        let summary = summary_of(&[Fact::Placed { lag: ms(1) }, failed], health());
        [Kpi::Ser, Kpi::Seer, Kpi::Isa].map(|kpi| figure(&summary, kpi))
    };
    let (nothing, effective, ineffective) = (
        [Some(0.0), Some(0.0), Some(0.0)],
        [Some(0.0), Some(1.0), Some(0.0)],
        [Some(0.0), Some(0.0), Some(1.0)],
    );
    for status in [480, 486, 600, 603] {
        assert_eq!(alone(Failure::Status(status)), effective, "{status}");
    }
    for status in [408, 500, 503, 504] {
        assert_eq!(alone(Failure::Status(status)), ineffective, "{status}");
    }
    for status in [400, 401, 403, 404, 407, 481, 487, 488, 501, 502, 505, 604, 606] {
        assert_eq!(alone(Failure::Status(status)), nothing, "{status}");
    }
    // Nothing is left to be established.
    assert_eq!(alone(Failure::Status(302)), [None, None, Some(0.0)]);
    assert_eq!(alone(Failure::TimedOut), ineffective);
    assert_eq!(alone(Failure::Unreachable), ineffective);
    assert_eq!(alone(Failure::Withdrawn), nothing);
}

#[test]
fn calls_are_counted_by_what_became_of_them() {
    let mut facts = twenty_calls();
    facts.extend([Fact::Missed; 3]);
    facts.extend([Fact::Passed; 7]);
    facts.extend([Fact::Spoilt; 11]);
    let summary = summary_of(&facts, health());
    let counts = [
        (Kpi::Placed, 20.0),
        (Kpi::MissedArrivals, 3.0),
        (Kpi::Established, 10.0),
        (Kpi::Failed, 10.0),
        (Kpi::Completed, 7.0),
        // Ten established, eight of them ended.
        (Kpi::Unfinished, 2.0),
        (Kpi::Passed, 7.0),
        (Kpi::Spoilt, 11.0),
        (Kpi::PlacedPerS, 20.0),
        (Kpi::EstablishedPerS, 10.0),
    ];
    for (kpi, count) in counts {
        assert_eq!(figure(&summary, kpi), Some(count), "{kpi:?}");
    }
}

#[test]
fn delays_are_told_within_a_thousandth_and_the_longest_exactly() {
    let mut facts: Vec<Fact> = (1..=1000)
        .map(|n| Fact::Established { from_intended: ms(n), from_send: Duration(n * 10) })
        .collect();
    facts.extend([Fact::Placed { lag: ms(3) }; 1000]);
    let summary = summary_of(&facts, health());
    let near = |kpi, seconds: f64| {
        let found = figure(&summary, kpi).expect("calls were established");
        assert!(
            (found - seconds).abs() <= seconds * 0.001 + 1e-6,
            "{kpi:?}: {found}, not {seconds}"
        );
    };
    near(Kpi::AnswerP50, 0.5);
    near(Kpi::AnswerP90, 0.9);
    near(Kpi::AnswerP95, 0.95);
    near(Kpi::AnswerP99, 0.99);
    near(Kpi::AnswerP999, 0.999);
    assert_eq!(figure(&summary, Kpi::AnswerMax), Some(1.0));
    assert_eq!(figure(&summary, Kpi::AnswerMean), Some(0.5005));
    near(Kpi::AnswerFromSendP50, 0.005);
    assert_eq!(figure(&summary, Kpi::AnswerFromSendMax), Some(0.01));
    assert_eq!(figure(&summary, Kpi::StartLagP50), Some(0.003));
}

#[test]
fn delays_of_an_interval_are_those_of_the_run_where_there_is_one() {
    let facts: Vec<Fact> = (1..=1000)
        .map(|n| Fact::Established { from_intended: Duration(n * n), from_send: Duration(n) })
        .collect();
    let summary = summary_of(&facts, health());
    let intervals: Vec<_> = summary.intervals().collect();
    assert_eq!(intervals.len(), 1);
    for kpi in [Kpi::AnswerP50, Kpi::AnswerP99, Kpi::AnswerMax, Kpi::AnswerFromSendP99] {
        let whole = figure(&summary, kpi).expect("observed");
        let part = intervals[0].kpis[0].figure(kpi, None).expect("observed").mean;
        assert!((whole - part).abs() <= whole * 0.003 + 1e-6, "{kpi:?}: {whole} and {part}");
    }
    assert!(intervals[0].kpis[0].line(Kpi::AnswerP90, None).is_none(), "of the run only");
}

#[test]
fn a_delay_of_days_is_counted_and_longest_stays_exact() {
    let delay = Duration::from_secs(200_000);
    let facts = [Fact::Placed { lag: delay }, Fact::Placed { lag: Duration(u64::MAX / 4) }];
    let summary = summary_of(&facts, health());
    assert!(figure(&summary, Kpi::StartLagP50).is_some_and(|lag| lag >= 3600.0));
    assert_eq!(figure(&summary, Kpi::StartLagMax), Some((u64::MAX / 4) as f64 / 1e6));
}

#[test]
fn only_a_response_that_refuses_times_a_failure() {
    let withdrawn = Fact::Failed { why: Failure::Withdrawn, delay: ms(9_000) };
    let timed_out = Fact::Failed { why: Failure::TimedOut, delay: ms(32_000) };
    let facts = [failed(302), failed(486), withdrawn, timed_out];
    let placed = [Fact::Placed { lag: ms(0) }; 4];
    let summary = summary_of(&[placed, facts].concat(), health());
    assert_eq!(figure(&summary, Kpi::SrdFailedMax), Some(0.005));
    assert_eq!(figure(&summary, Kpi::SrdFailedMean), Some(0.005));
    assert_eq!(figure(&summary, Kpi::SrdP50), None);
}

#[test]
fn registrations_fail_by_response_time_out_or_transport() {
    let not = |why| Fact::NotRegistered { why };
    let facts = [
        Fact::Registered { delay: ms(4) },
        Fact::Registered { delay: ms(6) },
        not(Failure::Status(401)),
        not(Failure::Status(503)),
        not(Failure::TimedOut),
        not(Failure::Unreachable),
        not(Failure::Status(302)),
        not(Failure::Withdrawn),
    ];
    let summary = summary_of(&facts, health());
    assert_eq!(figure(&summary, Kpi::Registered), Some(2.0));
    assert_eq!(figure(&summary, Kpi::NotRegistered), Some(6.0));
    assert_eq!(figure(&summary, Kpi::Ira), Some(4.0 / 8.0));
    assert_eq!(figure(&summary, Kpi::RrdMean), Some(0.005));
    // Nobody asked for calls or audio.
    assert!(is_absent(&summary, Kpi::Placed) && is_absent(&summary, Kpi::Ser));
    assert!(is_absent(&summary, Kpi::MosMean) && is_absent(&summary, Kpi::Pong));
}

#[test]
fn options_are_answered_or_not() {
    let summary = summary_of(&[Fact::Pong { delay: ms(2) }, Fact::NoPong, Fact::NoPong], health());
    assert_eq!(figure(&summary, Kpi::Pong), Some(1.0));
    assert_eq!(figure(&summary, Kpi::NoPong), Some(2.0));
    assert_eq!(figure(&summary, Kpi::OptionsMax), Some(0.002));
}

#[test]
fn repeats_are_a_share_of_the_messages_sent_where_somebody_counted_them() {
    let facts = [Fact::Repeated { message: INVITE }; 3];
    let summary = summary_of(&facts, Health { sent: 12, ..health() });
    assert_eq!(figure(&summary, Kpi::Retransmissions), Some(3.0));
    assert_eq!(figure(&summary, Kpi::RetransmissionShare), Some(0.25));
    let summary = summary_of(&facts, Health { sent: 0, ..health() });
    assert_eq!(figure(&summary, Kpi::RetransmissionShare), None);
    assert!(!is_absent(&summary, Kpi::RetransmissionShare), "it is not observed");
}

#[test]
fn loss_is_of_packets_and_quality_of_streams_in_which_something_came() {
    let stream = |expected, received, discarded, mos| {
        let jitter = ms(received / 100);
        Fact::Streamed(StreamFigures {
            sent: 500,
            received,
            expected,
            discarded,
            jitter,
            mos,
            ..StreamFigures::default()
        })
    };
    let facts = [
        stream(500, 490, 5, Some(4.0)),
        // Duplicates: they make up for nobody else's loss.
        stream(500, 510, 0, Some(3.0)),
        stream(0, 0, 0, Some(4.5)),
    ];
    let summary = summary_of(&facts, health());
    assert_eq!(figure(&summary, Kpi::RtpStreams), Some(3.0));
    assert_eq!(figure(&summary, Kpi::RtpSilent), Some(1.0));
    assert_eq!(figure(&summary, Kpi::RtpSent), Some(1500.0));
    assert_eq!(figure(&summary, Kpi::RtpReceived), Some(1000.0));
    assert_eq!(figure(&summary, Kpi::RtpLoss), Some(0.01));
    assert_eq!(figure(&summary, Kpi::RtpDiscard), Some(0.005));
    assert_eq!(figure(&summary, Kpi::MosMean), Some(3.5));
    assert_eq!(figure(&summary, Kpi::MosMin), Some(3.0));
    assert_eq!(figure(&summary, Kpi::RtpJitterMax), Some(0.005));
}

#[test]
fn silence_has_neither_quality_nor_loss() {
    let silent = StreamFigures { sent: 500, mos: Some(4.4), ..StreamFigures::default() };
    let summary = summary_of(&[Fact::Streamed(silent)], health());
    for kpi in [Kpi::MosMean, Kpi::MosMin, Kpi::RtpLoss, Kpi::RtpDiscard, Kpi::RtpJitterP99] {
        assert_eq!(figure(&summary, kpi), None, "{kpi:?}");
        assert!(!is_absent(&summary, kpi), "{kpi:?} is not observed");
    }
}

#[test]
fn the_generators_health_is_among_the_figures() {
    let health = Health { overflows: 4, send_failures: 2, ..health() };
    let summary = summary_of(&[Fact::Placed { lag: ms(1) }], health);
    assert_eq!(figure(&summary, Kpi::GeneratorCpu), Some(0.31), "of the busiest thread");
    assert_eq!(figure(&summary, Kpi::GeneratorStarved), Some(0.002));
    assert_eq!(figure(&summary, Kpi::LoopLagP999), Some(0.000_64));
    assert_eq!(figure(&summary, Kpi::ReceiveOverflows), Some(4.0));
    assert_eq!(figure(&summary, Kpi::SendFailures), Some(2.0));
    let summary = summary_of(&[], Health::default());
    assert_eq!(figure(&summary, Kpi::GeneratorCpu), None);
    assert_eq!(figure(&summary, Kpi::GeneratorStarved), None);
}

#[test]
fn run_without_a_call_observed_nothing_of_calls() {
    let summary = summary_of(&[], health());
    assert_eq!(figure(&summary, Kpi::Placed), Some(0.0));
    for kpi in [Kpi::EstablishedShare, Kpi::Ser, Kpi::AnswerP99, Kpi::SdtMean, Kpi::PlacedPerS] {
        assert_eq!(figure(&summary, kpi), None, "{kpi:?}");
        assert!(!is_absent(&summary, kpi), "{kpi:?}");
    }
}

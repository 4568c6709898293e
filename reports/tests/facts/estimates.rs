//! How sure the figures are, and what the gate makes of them.

use crate::story::*;
use acd::kpi::{Comparison, Condition, Kpi, Scope, Selector};
use acd::{AttemptKind, Outcome};
use reports::{Context, Estimates, LawsChecked, Span, Summary};

/// A day on which `offered` calls reach sales, 10 s apart; the first `abandoned` of them give up after 15 s, the others time out at 40 s.
fn day(offered: u32, abandoned: u32) -> Story {
    let mut story = Story::default();
    let mut moments: Vec<(u64, u32, u64)> = Vec::new();
    for number in 0..offered {
        let at = u64::from(number) * 10;
        let wait = if number < abandoned { 15 } else { 40 };
        moments.push((at, number, 0));
        moments.push((at + wait, number, wait));
    }
    moments.sort_unstable();
    for (at, number, wait) in moments {
        match wait {
            0 => story.waits_in_sales(at, number),
            15 => story.leaves(at, number, SALES, Outcome::Abandoned, 15),
            wait => story.leaves(at, number, SALES, Outcome::TimedOut, wait),
        };
    }
    story
}

fn summary(context: &Context, days: &[(u32, u32)]) -> Summary {
    let mut estimates = Estimates::new(context);
    for (offered, abandoned) in days {
        estimates.add(day(*offered, *abandoned).totals(context, 600));
    }
    estimates.finish(LawsChecked { checked: 3, broken: Vec::new() })
}

const DAYS: [(u32, u32); 3] = [(10, 2), (12, 6), (20, 4)];

#[test]
fn a_count_has_the_interval_of_its_mean() {
    let summary = summary(&context(), &DAYS);
    let offered = summary.figure(Kpi::Offered, None, Selector::ALL).expect("a count");
    same(offered.mean, 14.0);
    // S² = (16 + 4 + 36) / 2 = 28; t with 2 degrees of freedom is 4.3027.
    let half = 4.302_652_729_749_464 * f64::sqrt(28.0 / 3.0);
    let (low, high) = offered.ci95.expect("three days");
    assert!((high - 14.0 - half).abs() < 1e-8 && (14.0 - low - half).abs() < 1e-8);
    assert_eq!(offered.mean_of_days, None);
}

#[test]
fn a_ratio_is_one_of_totals_and_its_mean_of_days_another() {
    let summary = summary(&context(), &DAYS);
    let rate = summary.figure(Kpi::AbandonmentRate, None, Selector::ALL).expect("a ratio");
    same(rate.mean, 12.0 / 42.0);
    same(rate.mean_of_days.expect("a ratio"), (0.2 + 0.5 + 0.2) / 3.0);
    let ratio = 12.0 / 42.0;
    let residuals: f64 = DAYS
        .iter()
        .map(|(y, x)| {
            let off = f64::from(*x) - ratio * f64::from(*y);
            off * off
        })
        .sum();
    let half = 4.302_652_729_749_464 * f64::sqrt(residuals / 2.0 / 3.0) / 14.0;
    let (low, high) = rate.ci95.expect("three days");
    assert!((high - ratio - half).abs() < 1e-8);
    // A share is never below nothing.
    assert!(low >= 0.0);
}

#[test]
fn one_replication_has_no_interval_and_says_so() {
    let summary = summary(&context(), &DAYS[..1]);
    let rate = summary.figure(Kpi::AbandonmentRate, None, Selector::ALL).expect("a ratio");
    assert_eq!(rate.ci95, None);
    assert!(reports::render::json(&context(), &summary).contains("\"ci95\": null"));
    assert!(summary.valid);
}

#[test]
fn a_quantile_has_a_jackknife_interval() {
    let one = summary(&context(), &DAYS);
    let p50 = one.figure(Kpi::WaitAllP50, None, Selector::ALL).expect("waits");
    assert!((p50.mean - 40.0).abs() < 0.08);
    // Without any one day the median is 40 s, too, as exactly as buckets tell.
    let (low, high) = p50.ci95.expect("three days");
    assert!(low < 40.08 && high > 39.92 && high - low < 0.16, "{low} {high}");
    let sd = one.figure(Kpi::SdWait, None, Selector::ALL).expect("waits");
    let (mean, squares) =
        ((12.0 * 15.0 + 30.0 * 40.0) / 42.0, (12.0 * 225.0 + 30.0 * 1600.0) / 42.0);
    same(sd.mean, f64::sqrt(squares - mean * mean));
    assert!(sd.ci95.is_some());
    assert_eq!(one.figure(Kpi::WaitP50, None, Selector::ALL), None);
}

#[test]
fn more_replications_than_groups_are_merged_in_pairs() {
    let days: Vec<(u32, u32)> = (0..117).map(|day| (10 + day % 7, 2 + day % 3)).collect();
    let all = summary(&context(), &days);
    let sd = all.figure(Kpi::SdWait, None, Selector::ALL).expect("waits");
    let (low, high) = sd.ci95.expect("many groups");
    assert!(low < sd.mean && sd.mean < high && high - low < sd.mean);
}

#[test]
fn estimates_agree_with_merged_totals() {
    let context = context();
    let summary = summary(&context, &DAYS);
    let mut merged = day(DAYS[0].0, DAYS[0].1).totals(&context, 600);
    for (offered, abandoned) in &DAYS[1..] {
        merged.merge(&day(*offered, *abandoned).totals(&context, 600));
    }
    for scope in &summary.kpis {
        for figure in &scope.figures {
            let expected = merged.figure(figure.kpi, figure.threshold, scope.selector, Span::Run);
            assert_eq!(figure.estimate.map(|estimate| estimate.mean), expected, "{figure:?}");
        }
    }
}

#[test]
fn intervals_are_estimated_one_by_one_and_the_close_comes_last() {
    let context = context();
    let summary = summary(&context, &DAYS);
    let spans: Vec<Span> = summary.intervals().map(|interval| interval.span).collect();
    assert_eq!(spans, [Span::Interval(0), Span::Interval(1), Span::AfterClose]);
    let intervals: Vec<_> = summary.intervals().collect();
    let of = |number: usize, kpi| {
        let scope = intervals[number].kpis.iter().find(|s| s.selector == Selector::ALL);
        scope.and_then(|scope| scope.figure(kpi, None)).map(|estimate| estimate.mean)
    };
    assert_eq!(of(0, Kpi::Offered), Some(14.0));
    assert_eq!(of(1, Kpi::Offered), Some(0.0));
    assert_eq!(of(1, Kpi::AbandonmentRate), None);
}

fn rule(text: &str, kpi: Kpi, comparison: Comparison, value: f64, is_sure: bool) -> Condition {
    Condition {
        text: text.to_owned(),
        kpi,
        selector: Selector::of(Scope::Queue(SALES)),
        threshold: None,
        last: None,
        comparison,
        value,
        is_sure,
    }
}

#[test]
fn the_gate_compares_the_point_and_with_sure_the_bound_on_the_bad_side() {
    let mut context = context();
    let less = Comparison::Less;
    context.gate = vec![
        rule("abandonment_rate < 0.3", Kpi::AbandonmentRate, less, 0.3, false),
        rule("sure abandonment_rate < 0.3", Kpi::AbandonmentRate, less, 0.3, true),
        rule("sure abandonment_rate < 0.9", Kpi::AbandonmentRate, less, 0.9, true),
        rule("sure offered >= 10", Kpi::Offered, Comparison::GreaterOrEqual, 10.0, true),
        rule("asa_s < 20", Kpi::Asa, less, 20.0, false),
        rule("utilisation < 1", Kpi::Utilisation, less, 1.0, false),
    ];
    context.gate[5].selector = Selector::ALL;
    let summary = summary(&context, &DAYS);
    let passed: Vec<bool> = summary.gate.iter().map(|rule| rule.passed).collect();
    assert_eq!(passed, [true, false, true, false, false, false]);
    let reason = |number: usize| summary.gate[number].reason.clone().expect("it failed");
    assert_eq!(reason(4), "`asa_s` does not apply here, or no call counted in it");
    assert_eq!(reason(5), "`utilisation` was not observed");
    assert!(reason(1).starts_with("the bound of its interval is "), "{}", reason(1));
    assert_eq!(summary.gate[0].value, Some(12.0 / 42.0));
}

#[test]
fn sure_needs_two_replications() {
    let mut context = context();
    context.gate =
        vec![rule("sure offered >= 1", Kpi::Offered, Comparison::GreaterOrEqual, 1.0, true)];
    let summary = summary(&context, &DAYS[..1]);
    assert!(!summary.gate[0].passed);
    assert!(
        summary.gate[0].reason.as_ref().is_some_and(|reason| reason.contains("two replications"))
    );
}

#[test]
fn the_gate_may_ask_for_a_time_that_the_queue_does_not_report() {
    let mut context = context();
    let mut within = rule(
        "service_level{within=39s} >= 0",
        Kpi::ServiceLevel,
        Comparison::GreaterOrEqual,
        0.0,
        false,
    );
    within.threshold = Some(secs(39));
    let mut over = rule("p_wait_gt{39s} > 0.7", Kpi::PWaitGt, Comparison::Greater, 0.7, false);
    over.threshold = Some(secs(39));
    over.selector = Selector::ALL;
    context.gate = vec![within, over];
    let summary = summary(&context, &DAYS);
    assert!(summary.gate.iter().all(|rule| rule.passed), "{:?}", summary.gate);
    assert_eq!(summary.gate[1].value, Some(30.0 / 42.0));
}

#[test]
fn a_broken_law_makes_the_run_invalid() {
    let context = context();
    let mut estimates = Estimates::new(&context);
    estimates.add(day(3, 1).totals(&context, 600));
    let laws = LawsChecked { checked: 9, broken: vec!["two answers <b>".to_owned()] };
    let summary = estimates.finish(laws);
    assert!(!summary.valid);
    let page = reports::render::html(&context, &summary);
    assert!(page.contains("INVALID") && page.contains("two answers &lt;b&gt;"));
    assert!(reports::render::terminal(&context, &summary).contains("INVALID"));
    assert!(reports::render::junit(&context, &summary).contains("failures=\"1\""));
    let nothing = Estimates::new(&context).finish(LawsChecked::default());
    assert!(!nothing.valid);
    assert!(reports::render::json(&context, &nothing).contains("\"valid\": false"));
}

#[test]
fn kinds_of_attempts_are_reported_where_there_are_several() {
    let context = context();
    let mut story = day(4, 1);
    story
        .arrives(500, 9, BUYERS, AttemptKind::Redial)
        .enqueued(500, 9, BUYERS, SALES)
        .waits(500, 9, SALES);
    story.leaves(520, 9, SALES, Outcome::Abandoned, 20);
    let mut estimates = Estimates::new(&context);
    estimates.add(story.totals(&context, 600));
    let summary = estimates.finish(LawsChecked::default());
    let redials = Selector { scope: Scope::All, attempt: Some(AttemptKind::Redial) };
    assert_eq!(summary.figure(Kpi::Abandoned, None, redials).map(|e| e.mean), Some(1.0));
    let reconnects = Selector { scope: Scope::All, attempt: Some(AttemptKind::Reconnect) };
    assert!(summary.scope(reconnects).is_none());
    let json = reports::render::json(&context, &summary);
    let parsed: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(parsed["kpis"]["attempt"]["redial"]["all"]["attempts"]["mean"], 1.0);
    assert_eq!(parsed["kpis"]["attempt"]["fresh"]["contact"]["buyers"]["attempts"]["mean"], 4.0);
}

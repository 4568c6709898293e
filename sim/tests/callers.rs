//! Common random numbers: whatever changes in the centre, the same people call at the same time, as patient and as long.

mod common;

use acd::Timestamp;
use common::{exponential, storm};
use scenarios::{Action, Happening, RedialDraws, Scenario};
use std::collections::BTreeMap;

/// What became of an attempt, as its row in the log tells.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    arrived: String,
    outcome: String,
    wait: f64,
    talk: Option<f64>,
    hold: Option<f64>,
    group: String,
}

/// Attempts by caller and attempt.
type Rows = BTreeMap<(u64, u16), Row>;

fn rows(scenario: &Scenario) -> Rows {
    let options = sim::Options { calls: true, ..sim::Options::default() };
    let replication = sim::replicate(scenario, 0, &options);
    assert_eq!(replication.broken, [] as [String; 0]);
    let text = String::from_utf8(replication.calls_csv).expect("text");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name| header.iter().position(|field| *field == name).expect("a column");
    let [caller, attempt, arrived, outcome, wait, talk, hold, group] =
        ["caller", "attempt", "arrived_s", "outcome", "wait_s", "talk_s", "hold_s", "group"]
            .map(column);
    let row = |line: Vec<&str>| {
        let row = Row {
            arrived: line[arrived].to_owned(),
            outcome: line[outcome].to_owned(),
            wait: line[wait].parse().unwrap_or(0.0),
            talk: line[talk].parse().ok(),
            hold: line[hold].parse().ok(),
            group: line[group].to_owned(),
        };
        let key =
            (line[caller].parse().expect("a number"), line[attempt].parse().expect("a number"));
        (key, row)
    };
    lines.map(row).collect()
}

/// A storm in which talk is seen whole, and is the same in every group.
fn plain_storm() -> Scenario {
    let mut plain = storm();
    plain.groups[1].talk.clear();
    plain.timeline.clear();
    plain.playbook.clear();
    plain
}

/// Asserts that the fresh callers of two runs are the same people.
fn assert_same_people(before: &Rows, after: &Rows) {
    let fresh = |rows: &Rows| {
        let fresh = rows.iter().filter(|((_, attempt), _)| *attempt == 0);
        fresh.map(|((caller, _), row)| (*caller, row.arrived.clone())).collect::<Vec<_>>()
    };
    assert_eq!(fresh(before), fresh(after), "the same callers at the same times");
    let (mut talks, mut patiences) = (0, 0);
    for (key, one) in before {
        let Some(other) = after.get(key) else { continue };
        let was_cut = one.outcome != "answered" || other.outcome != "answered";
        if !was_cut && key.1 == 0 {
            assert_eq!((one.talk, one.hold), (other.talk, other.hold), "{key:?}");
            talks += 1;
        }
        if one.outcome == "abandoned" && key.1 == 0 {
            match other.outcome.as_str() {
                // Balked, or met a ready agent: neither tells of patience.
                "abandoned" if one.wait > 0.0 && other.wait > 0.0 => {
                    assert!((one.wait - other.wait).abs() < 1e-9, "{key:?}");
                    patiences += 1;
                }
                "answered" if one.wait > 0.0 => assert!(other.wait <= one.wait, "{key:?}"),
                _ => {}
            }
        }
    }
    assert!(talks > 300 && patiences > 10, "{talks} talks and {patiences} patiences seen");
}

#[test]
fn staffing_changes_no_caller() {
    let before = plain_storm();
    let mut after = before.clone();
    after.groups[0].schedule = vec![(Timestamp::ZERO, 10)];
    after.groups[1].schedule = vec![(Timestamp::ZERO, 4), (common::at(3600), 9)];
    after.groups[1].no_show = 0.2;
    assert_same_people(&rows(&before), &rows(&after));
}

#[test]
fn routing_changes_no_caller() {
    let before = plain_storm();
    let mut after = before.clone();
    after.queues[0].routing = "random".to_owned();
    after.queues[1].routing = "best-skill".to_owned();
    after.queues[1].overflow.clear();
    after.groups[0].skills[1].1 = 1;
    assert_same_people(&rows(&before), &rows(&after));
}

#[test]
fn a_plan_changes_no_caller() {
    let mut before = plain_storm();
    before.timeline = storm().timeline;
    before.timeline.retain(|entry| !matches!(entry.happening, Happening::SiteOutage { .. }));
    let mut after = before.clone();
    after.playbook = storm().playbook;
    after.playbook[0].actions.retain(|action| !matches!(action, Action::OfferCallback { .. }));
    assert_same_people(&rows(&before), &rows(&after));
}

#[test]
fn a_demand_factor_adds_callers_and_changes_none() {
    let before = plain_storm();
    let mut surge = before.clone();
    surge.timeline = storm().timeline;
    surge.timeline.retain(|entry| matches!(entry.happening, Happening::Demand { .. }));
    let (before, mut after) = (rows(&before), rows(&surge));
    let extra = after.len();
    // Numbers of added callers lie apart.
    after.retain(|(caller, _), _| caller & ((1 << 48) - 1) < 1 << 36);
    assert!(extra - after.len() > 100);
    assert_same_people(&before, &after);
}

#[test]
fn another_mean_rescales_every_talk_alike() {
    let mut before = plain_storm();
    before.contacts[0].hold = chance::Law::Constant(0.0);
    let mut after = before.clone();
    after.contacts[0].talk = chance::Law::Lognormal { mean: 360.0, cv: 1.1 };
    let (before, after) = (rows(&before), rows(&after));
    let mut seen = 0;
    for (key, one) in &before {
        let Some(other) = after.get(key).filter(|_| key.0 >> 48 == 0 && key.1 == 0) else {
            continue;
        };
        if let (Some(one), Some(other)) = (one.talk, other.talk) {
            assert!((other - 2.0 * one).abs() < 2e-6, "{key:?}: {one}, {other}");
            seen += 1;
        }
    }
    assert!(seen > 100);
}

#[test]
fn redials_draw_anew_or_keep_their_draws_as_the_scenario_says() {
    let mut scenario = plain_storm();
    scenario.contacts[0].patience = exponential(20.0);
    scenario.contacts[0].balk = 0.0;
    scenario.contacts[0].redial[0].share = 1.0;
    scenario.queues[0].callback_accept = 0.0;
    scenario.groups[0].schedule[0].1 = 5;
    scenario.groups[0].no_answer.share = 0.0;
    let repeats = |draws| {
        let mut scenario = scenario.clone();
        scenario.contacts[0].redial_draws = draws;
        let rows = rows(&scenario);
        let pairs = rows.iter().filter_map(|(&(caller, attempt), row)| {
            let again = rows.get(&(caller, attempt + 1))?;
            let both = row.outcome == "abandoned" && again.outcome == "abandoned";
            both.then_some((row.wait, again.wait))
        });
        pairs.collect::<Vec<_>>()
    };
    let (kept, fresh) = (repeats(RedialDraws::Kept), repeats(RedialDraws::Fresh));
    assert!(kept.len() > 50 && fresh.len() > 50);
    assert!(kept.iter().all(|(one, other)| (one - other).abs() < 1e-9));
    assert!(fresh.iter().all(|(one, other)| (one - other).abs() > 1e-9));
}

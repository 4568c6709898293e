//! Figures printed by others fall inside the intervals printed with them.
//!
//! Sources: `umontreal-simul/ssj` (`examples/tutorial/CallCenter`) and `umontreal-simul/contactcenters`
//! (`doc/examples`, `doc/msk`). Bounds are printed rounded, so half a unit of their last digit is added.

use acd::kpi::{Kpi, Scope, Selector};
use acd::{AttemptKind, GroupId};
use benches::theory::case::{Case, Row, read_cases};
use benches::theory::figure::Figure;
use benches::theory::measure::Estimator;
use benches::theory::plan::{Check, Experiment, plan};
use benches::theory::run::{Settings, run};
use benches::theory::statistics::Demand;
use reports::Span;

const EXACT: &str = include_str!("../data/exact.csv");

/// A printed interval: metric, its two bounds, half a unit of their last digit.
type Printed = (&'static str, f64, f64, f64);

fn case(id: &str) -> Case {
    let cases = read_cases(EXACT.as_bytes()).expect("the file is read");
    cases.into_iter().find(|case| case.id == id).expect("a case of the file")
}

/// Asserts that the model of a case gives figures within the printed intervals. Standard errors are at most `fineness`
/// of an interval's width, so that ours adds next to nothing to theirs.
fn falls_inside(case: Case, printed: &[Printed], fineness: f64) {
    let row = |(metric, low, high, _): &Printed| Row {
        metric: (*metric).to_owned(),
        value: (low + high) / 2.0,
    };
    let case = Case { rows: printed.iter().map(row).collect(), ..case };
    let plan = plan(&case, 1.0).unwrap_or_else(|faults| panic!("{faults:#?}"));
    for experiment in plan.experiments {
        inside(experiment, printed, fineness);
    }
}

fn inside(mut experiment: Experiment, printed: &[Printed], fineness: f64) {
    for (check, (_, low, high, half)) in experiment.checks.iter_mut().zip(printed) {
        let error_max = (high - low + 2.0 * half) * fineness;
        check.demand = Demand { error_max, tolerance: f64::INFINITY };
    }
    let report = run(&experiment, &Settings::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut outside = Vec::new();
    for (row, (metric, low, high, half)) in report.rows.iter().zip(printed) {
        let estimate = row.estimate.expect("the run tells the figure");
        if !(low - half..=high + half).contains(&estimate.value) {
            outside.push(format!("{metric}: {estimate:?} is outside {low} to {high}"));
        }
    }
    assert!(outside.is_empty(), "{}: {outside:#?}", report.name);
}

#[test]
fn contact_centers_mmc_eight_hours() {
    let printed = [
        ("in_target", 1812.618, 1819.698, 0.0005),
        ("sl_served", 0.900, 0.904, 0.0005),
        ("asa_served_min", 0.097, 0.102, 0.0005),
        ("occupancy", 0.694, 0.697, 0.0005),
    ];
    falls_inside(case("FH-MMC"), &printed, 0.05);
}

#[test]
fn contact_centers_mmc_with_abandonment() {
    let printed = [
        ("abandoned", 57.660, 59.558, 0.0005),
        ("in_target", 1903.785, 1908.231, 0.0005),
        ("sl_served", 0.974, 0.975, 0.0005),
        ("sl_served_plus_lateab", 0.968, 0.969, 0.0005),
        ("asa_served_min", 0.023, 0.024, 0.0005),
        ("occupancy", 0.674, 0.677, 0.0005),
    ];
    falls_inside(case("FH-MMCAb"), &printed, 0.06);
}

#[test]
fn contact_centers_mmc_with_five_waiting_places() {
    // The printed occupancy, 0.688 to 0.690, is left out: the exact value is 0.69047, so it was rounded down.
    let printed = [
        ("blocked", 18.045, 19.265, 0.0005),
        ("in_target", 1851.667, 1856.901, 0.0005),
        ("sl_served", 0.928, 0.930, 0.0005),
        ("sl_offered", 0.919, 0.922, 0.0005),
        ("asa_served_min", 0.059, 0.061, 0.0005),
    ];
    let blocked = Case { id: "FH-MMCBlocked".to_owned(), capacity: Some(17), ..case("FH-MMC") };
    falls_inside(blocked, &printed, 0.06);
}

#[test]
fn contact_centers_single_queue_by_the_hour() {
    let printed = [
        ("sl20_h08", 0.768, 0.794, 0.0005),
        ("sl20_h09", 0.848, 0.869, 0.0005),
        ("sl20_h11", 0.931, 0.944, 0.0005),
        ("sl20_h12", 0.893, 0.910, 0.0005),
        ("sl20_h13", 0.923, 0.938, 0.0005),
        ("sl20_h18", 0.862, 0.884, 0.0005),
        ("sl20_all", 0.922, 0.927, 0.0005),
        ("sl30_all", 0.942, 0.946, 0.0005),
        ("occupancy_all", 0.557, 0.560, 0.0005),
    ];
    falls_inside(case("CC-singleQueue"), &printed, 0.05);
}

#[test]
fn ssj_call_center_with_little_busyness() {
    let printed = [
        ("arrivals_per_day", 1658.826, 1661.906, 0.0005),
        ("mean_wait_over_a_s", 4.680, 4.746, 0.0005),
        ("good_over_a", 0.924, 0.925, 0.0005),
        ("lost_over_a", 0.020, 0.020, 0.0005),
    ];
    falls_inside(case("SSJ-CC400"), &printed, 0.15);
}

#[test]
fn ssj_call_center_with_much_busyness() {
    let printed = [
        ("arrivals_per_day", 1612.789, 1666.225, 0.0005),
        ("mean_wait_over_a_s", 10.060, 13.608, 0.0005),
        ("good_over_a", 0.844, 0.862, 0.0005),
        ("lost_over_a", 0.0311, 0.0374, 0.00005),
    ];
    let mut busy = case("SSJ-CC400");
    busy.id = "SSJ-CC10".to_owned();
    busy.extra.insert("alpha0".to_owned(), 10.into());
    falls_inside(busy, &printed, 0.06);
}

/// Two languages, two groups of their own and one of bilinguals. Callers who gave up call again with the patience they
/// had, the printed program's way, even after the doors closed at five: the day goes on here until none is left.
const BILINGUAL: &str = r#"
schema = 1
title = "Bilingual"
start = "2026-03-02T08:00"
length = "14h"
interval = "1h"

[run]
replications = 100

[trunks]
lines = 40

[contact.en]
queue = "english"
arrivals.poisson = { steps = [{ at = "08:00", rate = "100/h" }, { at = "09:00", rate = "50/h" }, { at = "17:00", rate = "0/h" }] }
talk = { uniform = { min = "3m", max = "7m" } }
patience = { exponential = { mean = "2m" } }
redial = [{ after = ["abandoned"], share = 0.75, delay = "20m" }]
redial_draws = "kept"

[contact.es]
queue = "spanish"
arrivals.poisson = { steps = [{ at = "08:00", rate = "100/h" }, { at = "09:00", rate = "50/h" }, { at = "17:00", rate = "0/h" }] }
talk = { uniform = { min = "4m", max = "6m" } }
patience = { exponential = { mean = "2m" } }
redial = [{ after = ["abandoned"], share = 0.75, delay = "20m" }]
redial_draws = "kept"

[queue.english]
target = "80% in 60s"
routing.random = {}

[queue.spanish]
target = "80% in 60s"
routing.random = {}

[agents.anglophones]
count = 7
skills = { english = 1 }

[agents.hispanophones]
count = 7
skills = { spanish = 1 }

[agents.bilinguals]
count = 4
skills = { english = 1, spanish = 1 }
takes = "longest-wait"
"#;

#[test]
fn contact_centers_bilingual_week() {
    let week = |kpi: Kpi| Figure::all(kpi) * Figure::Number(5.0);
    let redial = Selector { scope: Scope::All, attempt: Some(AttemptKind::Redial) };
    let figures = [
        week(Kpi::Attempts),
        Figure::kpi(Kpi::Attempts, redial) * Figure::Number(5.0),
        week(Kpi::Abandoned),
        occupancy(GroupId::new(0), 7.0),
        occupancy(GroupId::new(1), 7.0),
        occupancy(GroupId::new(2), 4.0),
    ];
    // The printed service level is left out: it adds up the waits of all attempts of a caller.
    let printed = [
        ("arrivals", 5105.009, 5115.313, 0.0005),
        ("retrials", 105.841, 108.495, 0.0005),
        ("abandoned", 141.209, 144.527, 0.0005),
        ("occupancy_english", 0.475_63, 0.476_84, 0.000_005),
        ("occupancy_spanish", 0.475_80, 0.476_99, 0.000_005),
        ("occupancy_bilingual", 0.631_97, 0.633_10, 0.000_005),
    ];
    let check = |(figure, printed): (Figure, &Printed)| Check {
        metric: printed.0.to_owned(),
        expected: 0.0,
        estimator: Estimator::Pooled(figure),
        demand: Demand { error_max: 0.0, tolerance: 0.0 },
    };
    let experiment = Experiment {
        name: "bilingual".to_owned(),
        toml: BILINGUAL.to_owned(),
        calls: 1022.0,
        hours: 14.0,
        checks: figures.into_iter().zip(&printed).map(check).collect(),
    };
    inside(experiment, &printed, 0.08);
}

/// A group's busy time, to the end of the last calls after five, over its agents' nine hours: as the printed program divides.
fn occupancy(group: GroupId, agents: f64) -> Figure {
    let group = Selector::of(Scope::Agents(group));
    let busy = |hour: u32| Figure::Kpi(Kpi::Busy, None, group, Span::Interval(hour));
    let sum = (1..10).map(busy).fold(busy(0), |sum, hour| sum + hour);
    sum / (agents * 9.0 * 3600.0)
}

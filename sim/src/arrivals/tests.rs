//! The arrival models against their means, variances and change points. Bounds are five standard errors, computed beside them.

use super::{EXTRA_SHIFT, Merge};
use crate::common::{at, poisson, scenario, secs};
use acd::{Rate, SECOND, Timestamp};
use chance::{Chance, Law};
use scenarios::{
    Arrivals, Busyness, Each, Happening, Poisson, RateCurve, Scenario, TimelineEntry, TraceCall,
};

/// A call that came: when, and its number.
type Came = (Timestamp, u64);

fn all(scenario: &Scenario, replication: u32) -> Vec<Came> {
    let mut merge = Merge::new(scenario, &Chance::new(7, replication));
    let mut came = Vec::new();
    while merge.next_at() < Timestamp::MAX {
        let at = merge.next_at();
        let fresh = merge.take().expect("there is a next one");
        came.push((at, fresh.number));
    }
    assert!(came.is_sorted_by_key(|(at, _)| *at));
    came
}

fn with(arrivals: Arrivals, hours: u64) -> Scenario {
    let mut scenario = scenario(1);
    scenario.contacts[0].arrivals = arrivals;
    scenario.length = secs(hours * 3600);
    scenario
}

fn curve(rate: RateCurve) -> Arrivals {
    Arrivals::Poisson(Poisson { rate, busyness: None })
}

fn count(came: &[Came], from: u64, to: u64) -> f64 {
    came.iter().filter(|(when, _)| (at(from)..at(to)).contains(when)).count() as f64
}

/// Mean and variance of a number over replications.
fn moments(replications: u32, number: impl Fn(u32) -> f64) -> (f64, f64) {
    let numbers: Vec<f64> = (0..replications).map(number).collect();
    let mean = numbers.iter().sum::<f64>() / f64::from(replications);
    let squares: f64 = numbers.iter().map(|n| (n - mean) * (n - mean)).sum();
    (mean, squares / f64::from(replications - 1))
}

fn assert_mean(mean: f64, exact: f64, variance: f64, replications: u32) {
    let bound = 5.0 * (variance / f64::from(replications)).sqrt();
    assert!((mean - exact).abs() < bound, "{mean} is not {exact} ± {bound}");
}

#[test]
fn poisson_counts_have_variance_equal_to_their_mean() {
    let scenario = with(poisson(120.0), 2);
    let (mean, variance) =
        moments(2000, |replication| count(&all(&scenario, replication), 1800, 5400));
    assert_mean(mean, 120.0, 120.0, 2000);
    // Variance of a sample variance of Poisson counts: about 2 m² ÷ (n − 1).
    assert_mean(variance, 120.0, 2.0 * 120.0 * 120.0, 1999);
}

#[test]
fn a_rate_that_changes_is_met_in_every_stretch() {
    let steps = [(600, 360.0), (1200, 0.0), (3000, 36.0), (3060, 3600.0)];
    let steps = steps.into_iter().map(|(start, per_hour)| (at(start), Rate { per_hour })).collect();
    let scenario = with(curve(RateCurve::Steps(steps)), 1);
    for (from, to, mean) in [(600, 1200, 60.0), (3000, 3060, 0.6), (3060, 3600, 540.0)] {
        let (seen, _) = moments(1000, |replication| count(&all(&scenario, replication), from, to));
        assert_mean(seen, mean, mean, 1000);
    }
    for replication in 0..200 {
        let came = all(&scenario, replication);
        assert_eq!(count(&came, 0, 600) + count(&came, 1200, 3000), 0.0);
    }
}

#[test]
fn the_first_gap_behind_a_change_point_is_exponential_at_the_new_rate() {
    // A gap drawn at the old rate (mean 1 h) and kept would nearly always miss the busy minute.
    let steps = [(0, 1.0), (1800, 3600.0)];
    let steps = steps.into_iter().map(|(start, per_hour)| (at(start), Rate { per_hour })).collect();
    let scenario = with(curve(RateCurve::Steps(steps)), 1);
    let (mean, _) = moments(4000, |replication| {
        let first = all(&scenario, replication).into_iter().find(|(when, _)| *when >= at(1800));
        first.expect("half an hour of one call a second").0.since(at(1800)).as_secs()
    });
    assert_mean(mean, 1.0, 1.0, 4000);
}

#[test]
fn a_wave_is_met_in_every_quarter() {
    let per_hour = |per_hour| Rate { per_hour };
    let (mean, amplitude) = (per_hour(100.0), per_hour(100.0));
    let wave = RateCurve::Wave { mean, amplitude, period: secs(4 * 3600), phase: secs(3600) };
    let scenario = with(curve(wave), 8);
    // ∫ over a quarter period of sin, from the crest: 4 h ÷ 2π.
    let swing = 100.0 * 4.0 / std::f64::consts::TAU;
    for (quarter, sign) in [(0, 1.0), (1, -1.0), (2, -1.0), (3, 1.0), (4, 1.0), (7, 1.0)] {
        let exact = 100.0 + sign * swing;
        let (from, to) = (quarter * 3600, (quarter + 1) * 3600);
        let (seen, _) = moments(1000, |replication| count(&all(&scenario, replication), from, to));
        assert_mean(seen, exact, exact, 1000);
    }
}

#[test]
fn busy_days_and_quiet_days_add_their_own_variance() {
    let busyness = |each| Some(Busyness { cv: 0.2, each });
    let rate = RateCurve::Constant(Rate { per_hour: 10.0 });
    let mut scenario = with(Arrivals::Poisson(Poisson { rate, busyness: busyness(Each::Day) }), 48);
    scenario.start_of_day = secs(8 * 3600);
    // The first day has 16 hours left. Var = mean + cv² mean²; days are independent.
    let counts = |from: u64, to: u64| {
        moments(4000, |replication| count(&all(&scenario, replication), from * 3600, to * 3600))
    };
    let (mean, variance) = counts(0, 16);
    let exact = 160.0 + 0.04 * 160.0 * 160.0;
    assert_mean(mean, 160.0, exact, 4000);
    assert!((variance / exact - 1.0).abs() < 0.15, "{variance}");
    let (_, across) = counts(8, 24);
    let exact = 160.0 + 0.04 * 2.0 * 80.0 * 80.0;
    assert!((across / exact - 1.0).abs() < 0.15, "{across}");
}

#[test]
fn a_modulated_process_meets_its_long_run_rate_from_the_start() {
    let per_hour = |per_hour| Rate { per_hour };
    let rates = vec![per_hour(120.0), per_hour(400.0), per_hour(0.0)];
    let stay = vec![secs(1200), secs(600), secs(600)];
    let scenario = with(Arrivals::Mmpp { rates, stay }, 2);
    // Half the time at 120, a quarter at 400, a quarter at 0.
    let (mean, variance) =
        moments(4000, |replication| count(&all(&scenario, replication), 0, 7200));
    assert_mean(mean, 320.0, variance, 4000);
    let (first, spread) = moments(4000, |replication| count(&all(&scenario, replication), 0, 60));
    assert_mean(first, 320.0 / 120.0, spread, 4000);
    assert!(variance > 2.0 * mean, "a modulated process is more variable than Poisson");
}

#[test]
fn batches_come_together() {
    let rate = Rate { per_hour: 30.0 };
    let size = Law::Empirical { values: vec![0.2, 2.0, 6.0] };
    let scenario = with(Arrivals::Batch { rate, size }, 1);
    // Sizes 1 (at least), 2, 6: mean 3, mean square 41/3.
    let (mean, _) = moments(2000, |replication| all(&scenario, replication).len() as f64);
    assert_mean(mean, 90.0, 30.0 * 41.0 / 3.0, 2000);
}

#[test]
fn renewal_gaps_follow_their_law() {
    let scenario = with(Arrivals::Renewal { gap: Law::Constant(18.0) }, 1);
    let came = all(&scenario, 0);
    assert_eq!(came.len(), 199, "the first after one gap, none at the very end");
    assert_eq!(came[9], (at(180), 9));
}

fn demand(factor: f64, from: u64, lasts: u64) -> TimelineEntry {
    TimelineEntry {
        name: "surge".to_owned(),
        at: at(from),
        happening: Happening::Demand { factor, contacts: Vec::new(), lasts: secs(lasts) },
    }
}

/// The calls whose numbers are not of those that a demand factor added.
fn usual(came: &[Came]) -> Vec<Came> {
    came.iter().copied().filter(|(_, number)| *number < 1 << EXTRA_SHIFT).collect()
}

#[test]
fn a_surge_adds_calls_and_moves_none() {
    let gap = Law::Exponential { mean: 36.0 };
    let mmpp = Arrivals::Mmpp {
        rates: vec![Rate { per_hour: 50.0 }, Rate { per_hour: 150.0 }],
        stay: vec![secs(900), secs(900)],
    };
    for arrivals in [poisson(100.0), Arrivals::Renewal { gap }, mmpp] {
        let calm = with(arrivals, 3);
        let mut surge = calm.clone();
        surge.timeline = vec![demand(3.5, 3600, 3600)];
        assert_eq!(usual(&all(&surge, 5)), all(&calm, 5));
        let extra = |from, to| {
            moments(2000, |replication| {
                count(&all(&surge, replication), from, to)
                    - count(&all(&calm, replication), from, to)
            })
        };
        let (mean, variance) = extra(3600, 7200);
        assert_mean(mean, 250.0, variance, 2000);
        assert_eq!((extra(0, 3600).0, extra(7200, 10_800).0), (0.0, 0.0));
    }
}

#[test]
fn a_lull_leaves_calls_out_and_renumbers_none() {
    let calm = with(poisson(100.0), 3);
    let mut lull = calm.clone();
    lull.timeline = vec![demand(0.25, 3600, 3600)];
    let (before, after) = (all(&calm, 5), all(&lull, 5));
    assert!(after.iter().all(|call| before.contains(call)));
    let (mean, _) = moments(1000, |replication| count(&all(&lull, replication), 3600, 7200));
    assert_mean(mean, 25.0, 25.0, 1000);
    assert_eq!(count(&before, 0, 3600), count(&after, 0, 3600));
}

#[test]
fn a_trace_comes_as_recorded_and_is_scaled_by_copies() {
    let calls: Vec<_> =
        (0..1000).map(|n| TraceCall { at: Timestamp(n * 3 * SECOND), caller: None }).collect();
    let mut recorded = with(Arrivals::Trace(calls), 1);
    let came = all(&recorded, 0);
    assert_eq!(came.len(), 1000);
    assert_eq!(came[10], (at(30), 10));
    recorded.demand_scale = 0.5;
    let (mean, _) = moments(500, |replication| all(&recorded, replication).len() as f64);
    assert_mean(mean, 500.0, 250.0, 500);
    recorded.demand_scale = 2.5;
    assert_eq!(usual(&all(&recorded, 0)).len(), 1000);
    let (mean, _) = moments(500, |replication| all(&recorded, replication).len() as f64);
    // Two copies, each call kept with probability ¾.
    assert_mean(mean, 2500.0, 2000.0 * 0.75 * 0.25, 500);
}

#[test]
fn a_scaled_demand_keeps_the_order_of_the_numbers() {
    let mut scenario = with(poisson(100.0), 1);
    let usual = all(&scenario, 0);
    scenario.demand_scale = 2.0;
    let twice = all(&scenario, 0);
    // The same gaps, each half as long.
    let gap = usual[3].0.as_secs() / twice[3].0.as_secs();
    assert!((gap - 2.0).abs() < 1e-4, "{gap}");
}

//! Golden hashes: the same seed gives the same bytes on every machine, at every optimisation level, for any number of threads.
//!
//! A change that moves a number moves a hash: then say so in the commit, with before and after, and write the new
//! hashes that the test prints.

mod common;

use acd::Rate;
use chance::Law;
use common::{at, secs, storm};
use reports::{Estimates, LawsChecked, render};
use scenarios::{Arrivals, Busyness, Each, Poisson, RateCurve, Scenario};
use sim::Options;

/// Every law and arrival model that the storm does not use.
fn laws() -> Scenario {
    let mut laws = storm();
    laws.run.seed = 2;
    laws.timeline.clear();
    laws.playbook.clear();
    let per_hour = |per_hour| Rate { per_hour };
    let (mean, amplitude) = (per_hour(150.0), per_hour(120.0));
    let rate = RateCurve::Wave { mean, amplitude, period: secs(7200), phase: secs(600) };
    let busyness = Some(Busyness { cv: 0.3, each: Each::Day });
    let (sales, support) = laws.contacts.split_at_mut(1);
    sales[0].arrivals = Arrivals::Poisson(Poisson { rate, busyness });
    sales[0].talk = Law::Gamma { mean: 200.0, shape: 1.7 };
    sales[0].hold = Law::Triangular { min: 1.0, mode: 5.0, max: 30.0 };
    sales[0].patience = Law::Weibull { mean: 150.0, shape: 0.8 };
    let (rates, stay) = (vec![per_hour(60.0), per_hour(200.0)], vec![secs(900), secs(600)]);
    support[0].arrivals = Arrivals::Mmpp { rates, stay };
    support[0].talk = Law::Hyperexponential { phases: vec![(0.7, 60.0), (0.3, 500.0)] };
    let calm = Law::Uniform { min: 10.0, max: 300.0 };
    let parts = vec![(0.2, Law::Constant(0.0)), (0.8, calm)];
    support[0].patience = Law::Mixture { parts };
    laws.groups[1].schedule = vec![(at(0), 7), (at(7200), 4)];
    laws.run.when_staff_shrinks = scenarios::StaffRule::Requeue;
    laws
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> String {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold))
}

/// The hashes of figures (kpis, intervals, gate), of `intervals.csv`, `calls.csv` and `events.jsonl`.
fn hashes(scenario: &Scenario, threads: usize) -> [String; 4] {
    let context = sim::context(scenario);
    let mut estimates = Estimates::new(&context);
    let (mut calls, mut events) = (Vec::new(), Vec::new());
    let options = Options { threads, calls: true, events: true, stop: None };
    sim::run(scenario, &options, &mut |replication| {
        estimates.add(replication.totals);
        calls.extend(replication.calls_csv);
        events.extend(replication.events_jsonl);
    })
    .expect("within the limits");
    let summary = estimates.finish(LawsChecked::default());
    let json = render::json(&context, &summary);
    // Version and scenario stand before, laws behind: neither is a figure.
    let (from, to) = (json.find("\"kpis\"").expect("kpis"), json.rfind("\"laws\"").expect("laws"));
    let intervals = render::intervals_csv(&context, &summary);
    [hash(&json.as_bytes()[from..to]), hash(intervals.as_bytes()), hash(&calls), hash(&events)]
}

#[test]
fn a_storm_has_the_same_bytes_everywhere() {
    for threads in [1, 2, 4] {
        assert_eq!(hashes(&storm(), threads), STORM, "with {threads} threads");
    }
}

#[test]
fn every_law_has_the_same_bytes_everywhere() {
    for threads in [1, 2, 4] {
        assert_eq!(hashes(&laws(), threads), LAWS, "with {threads} threads");
    }
}

const STORM: [&str; 4] =
    ["1da2bbbc9a368016", "0792ebc106acd6cf", "a52d7e1c6c056d66", "41867b33d5b4e680"];
const LAWS: [&str; 4] =
    ["0288635666d0b0b1", "77de84a284a994b8", "c4148a8f3f22dd61", "7844db0129c419b6"];

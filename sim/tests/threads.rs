//! The same bytes for any number of threads, in order, with bounded memory.

mod common;

use common::{scenario, storm};
use reports::{Estimates, LawsChecked, render};
use scenarios::Scenario;
use sim::{Options, SimError};
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything a run writes: summary, intervals, calls, events.
fn bytes(scenario: &Scenario, threads: usize) -> Vec<Vec<u8>> {
    let context = sim::context(scenario);
    let mut estimates = Estimates::new(&context);
    let (mut calls, mut events, mut order) = (Vec::new(), Vec::new(), Vec::new());
    let mut laws = LawsChecked::default();
    let options = Options { threads, calls: true, events: true, stop: None };
    sim::run(scenario, &options, &mut |replication| {
        order.push(replication.index);
        estimates.add(replication.totals);
        laws.checked += replication.laws_checked;
        calls.extend(replication.calls_csv);
        events.extend(replication.events_jsonl);
    })
    .expect("within the limits");
    assert!(order.iter().copied().eq(0..scenario.run.replications), "{order:?}");
    let summary = estimates.finish(laws);
    let json = render::json(&context, &summary);
    vec![json.into(), render::intervals_csv(&context, &summary).into(), calls, events]
}

#[test]
fn one_two_and_four_threads_write_the_same_bytes() {
    let mut scenario = storm();
    scenario.run.replications = 9;
    let one = bytes(&scenario, 1);
    assert!(one.iter().all(|bytes| bytes.len() > 1000));
    for threads in [2, 4] {
        assert!(bytes(&scenario, threads) == one, "{threads} threads differ");
    }
}

#[test]
fn replications_differ_from_each_other_and_so_do_seeds() {
    let mut scenario = storm();
    let options = Options { calls: true, ..Options::default() };
    let log = |scenario: &Scenario, index| sim::replicate(scenario, index, &options).calls_csv;
    let first = log(&scenario, 1);
    assert_eq!(first, log(&scenario, 1));
    assert_ne!(first, log(&scenario, 2));
    scenario.run.seed += 1;
    assert_ne!(first, log(&scenario, 1));
}

#[test]
fn a_run_told_to_stop_hands_over_a_prefix() {
    for threads in [1, 3] {
        let mut scenario = storm();
        scenario.run.replications = 1000;
        let stop = AtomicBool::new(false);
        let options = Options { threads, stop: Some(&stop), ..Options::default() };
        let mut seen = Vec::new();
        sim::run(&scenario, &options, &mut |replication| {
            seen.push(replication.index);
            stop.store(seen.len() >= 5, Ordering::Relaxed);
        })
        .expect("stopping is no error");
        assert!(seen.len() >= 5 && seen.len() < 100, "{}", seen.len());
        assert!(seen.iter().copied().eq(0..seen.len() as u32));
    }
}

#[test]
fn a_load_beyond_the_limits_ends_with_an_error() {
    // Callers without end who wait for ever for nobody.
    let mut flood = scenario(0);
    flood.contacts[0].arrivals = common::poisson(1e9);
    flood.contacts[0].patience = chance::Law::Unlimited;
    let options = Options { threads: 2, ..Options::default() };
    let error = sim::run(&flood, &options, &mut |_| {}).expect_err("too many calls");
    assert!(matches!(error, SimError::Limit { .. }), "{error}");
    assert!(error.to_string().contains("1048576 calls"), "{error}");
}

#[test]
fn arrivals_that_stand_still_end_with_an_error() {
    let mut stuck = scenario(1);
    let gap = chance::Law::Constant(0.0);
    stuck.contacts[0].arrivals = scenarios::Arrivals::Renewal { gap };
    stuck.queues[0].max_length = Some(0);
    let error = sim::run(&stuck, &Options::default(), &mut |_| {}).expect_err("no end");
    assert!(error.to_string().contains("at one instant"), "{error}");
}

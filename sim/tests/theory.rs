//! A quick look at the textbooks: the whole chain from arrivals to KPIs meets the exact answers. The full suite is `theory` in the benches.

mod common;

use acd::kpi::Kpi;
use chance::Law;
use common::{assert_meets, exponential, mean, poisson, scenario, secs, simulate};

#[test]
fn erlang_a_is_met() {
    // EA1-like W1 of the benches: M/M/100+M, 105 Erlang, patience 120 s; birth and death: 7.6187 %, 9.1424 s.
    let mut w1 = scenario(100);
    w1.contacts[0].arrivals = poisson(1260.0);
    w1.contacts[0].talk = exponential(300.0);
    w1.length = secs(60 * 3600);
    w1.run.warm_up = secs(3600);
    w1.run.replications = 16;
    let summary = simulate(&w1);
    assert_meets(&summary, Kpi::AbandonmentRate, 0.076_187);
    assert_meets(&summary, Kpi::MeanWait, 9.1424);
}

#[test]
fn erlang_b_is_met() {
    // 10 Erlang on 10 lines: B = 0.21458.
    let mut loss = scenario(10);
    loss.contacts[0].arrivals = poisson(200.0);
    loss.queues[0].max_length = Some(0);
    loss.length = secs(400 * 3600);
    loss.run.warm_up = secs(3600);
    let summary = simulate(&loss);
    let share = mean(&summary, Kpi::RefusedFull) / mean(&summary, Kpi::Offered);
    // Standard error about 0.0013 (320,000 calls, correlated over a few service times).
    assert!((share - 0.214_58).abs() < 0.006, "{share}");
}

#[test]
fn erlang_c_is_met() {
    // 10 Erlang, 12 agents: C = 0.449388, mean wait 40.4449 s.
    let mut delay = scenario(12);
    delay.contacts[0].arrivals = poisson(200.0);
    delay.contacts[0].patience = Law::Unlimited;
    delay.length = secs(400 * 3600);
    delay.run.warm_up = secs(20 * 3600);
    delay.run.replications = 24;
    let summary = simulate(&delay);
    assert_meets(&summary, Kpi::PWait, 0.449_388);
    assert_meets(&summary, Kpi::MeanWait, 40.4449);
}

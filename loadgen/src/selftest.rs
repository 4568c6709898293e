//! Before a run: can this machine make such a load at all? Against a target of our own, half as much again.

use crate::answer::Manners;
use crate::plan::{Plan, Target};
use crate::run::{NewTokens, Outlets, Run};
use crate::target::Reflector;
use crate::watch::{Limits, Watch};
use acd::kpi::{Kpi, Selector};
use reports::Context;
use scenarios::Traffic;
use scenarios::traffic::{Gaps, Segment, Shape};
use sip::Duration;
use sip::flow::Transport;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much more than the run's peak is tried.
const MARGIN: f64 = 1.5;

/// How long it takes.
const LENGTH: Duration = Duration::from_secs(1);

/// What a self-test showed.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfTest {
    /// Calls a second that were tried.
    pub rate: f64,
    /// How late they were sent, 99 %.
    pub start_lag: Duration,
    /// CPU of the generator's busiest thread, as a share of a core.
    pub cpu: f64,
    /// What was wrong; empty: the machine makes such a load.
    pub faults: Vec<String>,
}

/// Tries half as many calls a second again as `peak`, against a target of our own, for a second.
///
/// # Errors
/// When a socket cannot be opened.
pub fn self_test(
    plan: &Plan,
    peak: f64,
    outlets: &Outlets,
    limits: Limits,
    context: &Context,
    tokens: NewTokens<'_>,
) -> io::Result<SelfTest> {
    let rate = peak * MARGIN;
    let stop = Arc::new(AtomicBool::new(false));
    let home = match plan.target.address.ip() {
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    };
    let mut reflector = Reflector::open(
        SocketAddr::new(home, 0),
        Manners::default(),
        plan.policy.clone(),
        Arc::clone(&stop),
        tokens(),
    )?;
    let address = reflector.address();
    let target = Target {
        uri: format!("sip:{address}"),
        authority: address.to_string(),
        address,
        transport: Transport::Udp,
    };
    let profile = vec![Segment { from: rate, to: rate, length: None }];
    let shape = Shape::Open { profile, gaps: Gaps::Poisson };
    let traffic = Traffic { seed: plan.traffic.seed, ..Traffic::plain(shape, acd::Duration::ZERO) };
    let trial = Plan {
        traffic,
        target,
        length: LENGTH,
        calls: None,
        calls_max: usize::MAX / 2,
        ..plan.clone()
    };
    let answering =
        std::thread::Builder::new().name("self-test".to_owned()).spawn(move || reflector.run())?;
    let outlets = Outlets { sources: vec![home], drop_plan: None, ..outlets.clone() };
    let run = Run::start(&Arc::new(trial), &outlets, tokens);
    let seen = run.and_then(|run| {
        let mut watch = Watch::new(acd::Duration::from_secs(1), plan.shards, limits);
        while watch.step(&run, &AtomicBool::new(false), Duration::from_millis(100)) {}
        run.join()?;
        Ok(watch)
    });
    stop.store(true, Ordering::Relaxed);
    answering.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let watch = seen?;
    let summary = watch.summary(context);
    let lag = summary.figure(Kpi::StartLagP99, None, Selector::ALL).map_or(0.0, |lag| lag.mean);
    let health = summary.load().map(|load| load.health.clone()).unwrap_or_default();
    Ok(SelfTest {
        rate,
        start_lag: Duration::from_secs_f64(lag),
        cpu: health.cpu.iter().copied().fold(0.0, f64::max),
        faults: health.faults,
    })
}

//! `callstorm load --search`: the highest rate at which nothing fails.

use super::arguments::LoadArguments;
use super::{asked, place};
use crate::exit::Failure;
use crate::interrupt::Stop;
use crate::say;
use loadgen::{Limits, Outlets, Plan, Search, Watch};
use reports::Context;
use reports::traffic::Health;
use scenarios::traffic::{Segment, Shape};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Tries rate after rate; returns the watch of the highest that passed, else of the last trial.
pub(super) fn run(
    arguments: &LoadArguments,
    plan: &Plan,
    outlets: &Outlets,
    limits: Limits,
    context: &Context,
    stop: &Stop,
) -> Result<Watch, Failure> {
    let first = asked::peak(plan).ok_or_else(|| {
        Failure::BadInput("error: a closed model has no rate to search for\n\nhint: give `--rate`, the first to try".to_owned())
    })?;
    let most = arguments.max_rate.map_or(first, |rate| rate.per_second());
    let (mut search, mut best) = (Search::new(first, most), None);
    while let Some(rate) = search.next() {
        let trial = at_rate(plan, rate);
        asked::fits(&trial)?;
        let watch = place(arguments, &Arc::new(trial), outlets, limits, stop)?;
        let verdict = judge(&watch, context);
        if !arguments.quiet {
            let said = verdict
                .as_ref()
                .map_or_else(|why| format!("no: {why}"), |()| "nothing failed".to_owned());
            say::talk(&format!("{rate:.1} calls/s: {said}"));
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(best.unwrap_or(watch));
        }
        let has_passed = verdict.is_ok();
        search.told(has_passed);
        if has_passed || best.is_none() {
            best = Some(watch);
        }
    }
    let mut watch = best.expect("there is a first trial");
    let found = match search.best() {
        Some(rate) if search.is_bounded() => {
            format!("{rate:.1}/s or more: nothing failed (`--max-rate` ended the search)")
        }
        Some(rate) => format!("{rate:.1}/s"),
        None => "none: something failed at every rate".to_owned(),
    };
    watch.ledger().state("session establishment rate (RFC 7502)", found.clone());
    say::talk(&format!("highest rate without a failure: {found}"));
    Ok(watch)
}

/// The same load at another rate.
fn at_rate(plan: &Plan, rate: f64) -> Plan {
    let mut plan = plan.clone();
    if let Shape::Open { profile, .. } = &mut plan.traffic.shape {
        *profile = vec![Segment { from: rate, to: rate, length: None }];
    }
    plan
}

/// Whether nothing failed; a generator that was not well found out nothing about the target, and that is a failure too.
fn judge(watch: &Watch, context: &Context) -> Result<(), String> {
    let summary = watch.summary(context);
    if let Some(fault) = summary.load().and_then(|load| load.health.faults.first()) {
        return Err(format!("the generator was not well: {fault}"));
    }
    let live = watch.live(&Health::default());
    let bad = [
        (live.failed, "failed"),
        (live.spoilt, "did not go as their flow wanted"),
        (live.missed, "could not be started"),
    ];
    let told: Vec<String> = bad
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} calls {what}"))
        .collect();
    if told.is_empty() { Ok(()) } else { Err(told.join(", ")) }
}

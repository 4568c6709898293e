//! What would run for ever, or in memory without bound: refused before it begins.

use crate::document::Document;
use crate::limits;
use crate::model::{Happening, Scenario};
use crate::resolve::Resolver;
use crate::source::Span;
use acd::{Duration, Timestamp};
use chance::Law;

/// The least time, on average, between two attempts of one caller, two rings of one offer, two tries
/// of one menu: without it they would go round at one moment for ever.
pub(crate) const LEAST_WAIT: Duration = Duration::from_secs(1);

/// Says where a law's mean is below the least time between two goes.
pub(crate) fn not_at_once(
    law: &Law,
    what: &str,
    span: Span,
    resolver: &mut Resolver,
) -> Option<()> {
    if law.mean() >= LEAST_WAIT.as_secs() {
        return Some(());
    }
    resolver
        .faults
        .error(span, format!("{what} comes too soon"))
        .label(format!("expected at least {LEAST_WAIT} on average"));
    None
}

/// Checks the whole: calls with every surge, cells of the reports, times of service level.
pub(crate) fn scenario(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    surges_are_bounded(scenario, document, resolver);
    reports_are_bounded(scenario, document, resolver);
    levels_are_bounded(scenario, document, resolver);
}

/// Counts the calls that the timeline's changes of demand may bring.
fn surges_are_bounded(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let mut changes: Vec<(Timestamp, f64, bool)> = Vec::new();
    for entry in &scenario.timeline {
        match &entry.happening {
            Happening::Demand { factor, lasts, .. } if *factor > 1.0 => {
                changes.push((entry.at, *factor, true));
                changes.push((entry.at.after(*lasts), *factor, false));
            }
            Happening::Demand { .. }
            | Happening::Absence { .. }
            | Happening::SiteOutage { .. }
            | Happening::TrunkLoss { .. } => {}
        }
    }
    changes.sort_by_key(|(at, _, begins)| (*at, *begins));
    let ends = changes.iter().skip(1).map(|(at, _, _)| *at).chain([Timestamp::MAX]);
    let end = Timestamp(scenario.length.0);
    let (mut factor, mut surge) = (1.0_f64, 0.0);
    for ((at, change, begins), next) in changes.iter().zip(ends) {
        factor = if *begins { factor * change } else { factor / change };
        surge += (factor - 1.0) * next.min(end).since(*at).as_secs();
    }
    // On average over the run: a surge at the peak may bring more, but not by orders of magnitude.
    let calls = resolver.calls * (1.0 + surge / scenario.length.as_secs());
    if calls > limits::CALLS as f64 || calls.is_nan() {
        resolver
            .faults
            .error(document.timeline.span, "the surges of this timeline bring too many calls")
            .label(format!("expected at most {} calls in one replication", limits::CALLS));
    }
}

/// Counts what the reports keep by interval.
fn reports_are_bounded(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let parts = 1
        + scenario.contacts.len()
        + scenario.queues.len()
        + scenario.groups.len()
        + scenario.sites.len()
        + scenario.pairs.len();
    let intervals = scenario.length.0.div_ceil(scenario.interval.0.max(1));
    let cells = intervals.saturating_mul(parts as u64);
    if cells > limits::CELLS {
        resolver
            .faults
            .error(
                document.interval_span(),
                format!("{intervals} intervals of {parts} parts are too many"),
            )
            .label(format!("expected at most {} figures by interval and part", limits::CELLS))
            .hint("contacts, queues, groups, sites and pairs are parts: a longer `interval` helps");
    }
}

/// Counts the times at which service level is kept: a queue's own and those that conditions ask for.
fn levels_are_bounded(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let own = |queue: &crate::model::Queue| {
        let mut levels = queue.service_level_at.clone();
        levels.extend(queue.target.map(|target| target.within));
        levels
    };
    let mut levels: Vec<Duration> = scenario.queues.iter().flat_map(own).collect();
    levels.sort_unstable();
    levels.dedup();
    let most = usize::try_from(limits::THRESHOLDS).unwrap_or(usize::MAX);
    let gate = scenario.gate.iter().zip(document.gate_spans());
    let plays = scenario.playbook.iter().map(|play| &play.when).zip(document.trigger_spans());
    let mut asked: Vec<Duration> = Vec::new();
    for (condition, span) in gate.chain(plays) {
        let Some(threshold) = condition.threshold else { continue };
        if !levels.contains(&threshold) && !asked.contains(&threshold) {
            asked.push(threshold);
        }
        if asked.len() > most {
            resolver
                .faults
                .error(span, "conditions ask for too many different times")
                .label(format!("expected at most {most}, besides those that queues report"));
            return;
        }
    }
}

//! What the reports must know of a scenario besides the facts.

use acd::{Duration, Timestamp};
use reports::{Context, GroupContext, LEVELS_MAX, Mark, QueueContext};
use scenarios::{Happening, Queue, Scenario, TimelineEntry};

/// Returns the neutral frame that the reports of a scenario are drawn in.
#[must_use]
pub fn context(scenario: &Scenario) -> Context {
    let group =
        |group: &scenarios::Group| GroupContext { name: group.name.clone(), site: group.site };
    Context {
        mode: "sim",
        title: scenario.title.clone(),
        question: scenario.question.clone(),
        file: scenario.file.clone(),
        hash: scenario.hash.clone(),
        seed: scenario.run.seed,
        start_of_day: scenario.start_of_day,
        start: scenario.start.clone(),
        length: scenario.length,
        interval: scenario.interval,
        warm_up: scenario.run.warm_up,
        queues: scenario.queues.iter().map(queue_context).collect(),
        contacts: scenario.contacts.iter().map(|contact| contact.name.clone()).collect(),
        groups: scenario.groups.iter().map(group).collect(),
        sites: scenario.sites.iter().map(|site| site.name.clone()).collect(),
        pairs: scenario.pairs.clone(),
        marks: scenario.timeline.iter().map(mark).collect(),
        gate: scenario.gate.clone(),
        reproduce: reproduce(scenario),
    }
}

/// Returns the command that runs a scenario again with the same numbers.
pub(crate) fn reproduce(scenario: &Scenario) -> String {
    let Scenario { file, run, .. } = scenario;
    format!("callstorm run {file} --seed {} --replications {}", run.seed, run.replications)
}

fn queue_context(queue: &Queue) -> QueueContext {
    let mut levels: Vec<Duration> = queue.target.map(|target| target.within).into_iter().collect();
    for level in &queue.service_level_at {
        if !levels.contains(level) {
            levels.push(*level);
        }
    }
    levels.truncate(LEVELS_MAX);
    QueueContext {
        name: queue.name.clone(),
        target: queue.target.map(|target| (target.share, target.within)),
        definition: queue.definition,
        levels,
        short_abandon: queue.short_abandon,
    }
}

fn mark(entry: &TimelineEntry) -> Mark {
    let lasts = match &entry.happening {
        Happening::Demand { lasts, .. }
        | Happening::Absence { lasts, .. }
        | Happening::SiteOutage { lasts, .. }
        | Happening::TrunkLoss { lasts, .. } => *lasts,
    };
    let to: Timestamp = entry.at.after(lasts);
    Mark { from: entry.at, to, label: entry.name.clone(), is_action: false }
}

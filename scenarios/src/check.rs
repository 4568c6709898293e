//! What can only be seen with the whole scenario in view.

use crate::document::Document;
use crate::limits;
use crate::model::{Group, Scenario};
use crate::read::is_name;
use crate::resolve::Resolver;
use crate::source::Span;
use acd::kpi::{Condition, Kpi, Scope};
use acd::{Entry, Step};

/// Checks the settings, whether or not every part of them is sound.
pub(crate) fn settings(document: &Document, resolver: &mut Resolver) {
    if document.contact.value.entries.is_empty() {
        let fault = resolver.faults.error(document.contact.span, "nobody calls");
        fault.label("expected at least one `[contact.…]`");
    } else if document.queue.value.entries.is_empty() {
        let fault = resolver.faults.error(document.queue.span, "there is no queue");
        fault.label("expected at least one `[queue.…]`");
    }
    let Some(served) = served(document, resolver) else { return };
    for (entry, is_served) in document.queue.value.entries.iter().zip(served) {
        let (name, span) = (&entry.name.value, entry.name.span);
        if !is_served && is_name(name) {
            resolver
                .faults
                .error(span, format!("nobody serves queue `{name}`"))
                .label("no group of agents has this skill")
                .hint(format!("give one `skills = {{ {name} = 1 }}`"));
        }
    }
}

/// Tells which queues are served; `None` where a group's skills could not be read.
fn served(document: &Document, resolver: &Resolver) -> Option<Vec<bool>> {
    let mut served = vec![false; document.queue.value.entries.len()];
    for group in &document.agents.value.entries {
        let skills = &group.value.as_ref()?.value.skills;
        if skills.is_absent() {
            continue;
        }
        for skill in &skills.given()?.value.entries {
            // A misspelt skill has its own fault; it may be meant for any queue.
            served[resolver.names.queues.get(&skill.name.value)?] = true;
        }
    }
    Some(served)
}

/// Checks a scenario whose parts are sound.
pub(crate) fn scenario(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    queues_are_of_use(scenario, document, resolver);
    groups_are_of_use(scenario, document, resolver);
    agents_are_few(scenario, document, resolver);
    gate_has_targets(scenario, document, resolver);
    gate_is_sensible(scenario, document, resolver);
}

/// Lists the queues that calls can come to.
fn fed(scenario: &Scenario, resolver: &Resolver) -> Vec<bool> {
    let mut fed = vec![false; scenario.queues.len()];
    for contact in &scenario.contacts {
        match contact.entry {
            Entry::Queue(queue) => fed[queue.index()] = true,
            Entry::Flow(flow) => {
                for step in &scenario.flows[flow.index()].flow.steps {
                    if let Step::Enqueue { queue, .. } = step {
                        fed[queue.index()] = true;
                    }
                }
            }
        }
    }
    for queue in &resolver.overflows {
        fed[queue.index()] = true;
    }
    fed
}

fn queues_are_of_use(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let fed = fed(scenario, resolver);
    for (entry, is_fed) in document.queue.value.entries.iter().zip(fed) {
        if !is_fed {
            let message = format!("no call ever comes to queue `{}`", entry.name.value);
            let fault = resolver.faults.warning(entry.name.span, message);
            fault.label("no contact, IVR flow or overflow leads here");
        }
    }
}

fn groups_are_of_use(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    for (group, entry) in scenario.groups.iter().zip(&document.agents.value.entries) {
        let is_empty =
            group.shifts.is_empty() && group.schedule.iter().all(|(_, count)| *count == 0);
        if is_empty && !resolver.is_brought(&group.name) {
            let message = format!("nobody ever works in group `{}`", group.name);
            let fault = resolver.faults.warning(entry.name.span, message);
            fault.label("its schedule is zero throughout");
        }
    }
}

fn agents_are_few(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let (mut total, mut skills) = (0, 0);
    for (group, entry) in scenario.groups.iter().zip(&document.agents.value.entries) {
        let agents = most_agents(group);
        total += agents;
        skills += agents * group.skills.len() as u64;
        if skills > limits::AGENT_SKILLS {
            resolver
                .faults
                .error(entry.name.span, format!("{skills} skills of single agents are too many"))
                .label(format!("expected at most {} over all agents", limits::AGENT_SKILLS));
            return;
        }
        if total > limits::AGENTS {
            resolver
                .faults
                .error(entry.name.span, format!("{total} agents are too many"))
                .label(format!("expected at most {} over all groups", limits::AGENTS));
            return;
        }
    }
}

/// Returns how many agents of a group are ever there at once; of shifts, at most.
fn most_agents(group: &Group) -> u64 {
    let scheduled = group.schedule.iter().map(|(_, count)| u64::from(*count)).max();
    // Shifts that follow each other need no more people than the largest overlap.
    let mut changes: Vec<(u64, i64)> = Vec::with_capacity(group.shifts.len() * 2);
    for shift in &group.shifts {
        changes.push((shift.from.0, i64::from(shift.count)));
        changes.push((shift.to.0, -i64::from(shift.count)));
    }
    changes.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    scheduled.unwrap_or(0).max(u64::try_from(most).unwrap_or(0))
}

/// Returns whether a condition asks for a service level that has a target to go by.
fn has_target(condition: &Condition, scenario: &Scenario) -> bool {
    let asks = matches!(condition.kpi, Kpi::ServiceLevel | Kpi::IntervalsMet | Kpi::WorstInterval);
    if !asks || condition.threshold.is_some() {
        return true;
    }
    match condition.selector.scope {
        Scope::Queue(queue) => scenario.queues[queue.index()].target.is_some(),
        Scope::All | Scope::Contact(_) => {
            scenario.queues.iter().any(|queue| queue.target.is_some())
        }
        Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..) => true,
    }
}

fn gate_has_targets(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let plays = scenario.playbook.iter().map(|play| &play.when).zip(document.trigger_spans());
    let gate = scenario.gate.iter().zip(document.gate_spans());
    for (condition, span) in gate.chain(plays) {
        if !has_target(condition, scenario) {
            let message = format!("`{}` needs a target", condition.kpi.key());
            let fault = resolver.faults.error(span, message);
            fault.label("expected `target = \"80% in 20s\"` in the queue");
        }
    }
}

fn gate_is_sensible(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let gates = |kpis: &[Kpi]| {
        let mut gate = scenario.gate.iter().zip(document.gate_spans());
        gate.find(|(condition, _)| kpis.contains(&condition.kpi)).map(|(_, span)| span)
    };
    let service: Option<Span> = gates(&[Kpi::ServiceLevel, Kpi::IntervalsMet]);
    let abandonment: Option<Span> = gates(&[Kpi::AbandonmentRate, Kpi::Abandoned]);
    if let (Some(_), Some(abandonment)) = (service, abandonment) {
        resolver
            .faults
            .warning(abandonment, "the gate holds service level and abandonment both")
            .label("abandonment follows from the service level: staff to one of them")
            .hint("service level is what planning controls; abandonment is its outcome");
    }
}

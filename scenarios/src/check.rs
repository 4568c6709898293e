//! What can only be seen with the whole scenario in view.

use crate::document::Document;
use crate::limits;
use crate::model::{Group, Scenario};
use crate::resolve::Resolver;
use crate::source::Span;
use acd::kpi::Kpi;
use acd::{Entry, Step};

/// Checks a scenario whose parts are read.
pub(crate) fn scenario(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    has_parts(scenario, document, resolver);
    queues_are_served(scenario, document, resolver);
    groups_are_of_use(scenario, document, resolver);
    agents_are_few(scenario, document, resolver);
    gate_is_sensible(scenario, document, resolver);
}

fn has_parts(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    if scenario.contacts.is_empty() {
        let fault = resolver.faults.error(document.contact.span, "nobody calls");
        fault.label("expected at least one `[contact.…]`");
    }
    if scenario.queues.is_empty() && !scenario.contacts.is_empty() {
        let fault = resolver.faults.error(document.queue.span, "there is no queue");
        fault.label("expected at least one `[queue.…]`");
    }
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

fn queues_are_served(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let fed = fed(scenario, resolver);
    let mut served = vec![false; scenario.queues.len()];
    for group in &scenario.groups {
        for (queue, _) in &group.skills {
            served[queue.index()] = true;
        }
    }
    for (position, entry) in document.queue.value.entries.iter().enumerate() {
        let (name, span) = (&entry.name.value, entry.name.span);
        if !served[position] {
            resolver
                .faults
                .error(span, format!("nobody serves queue `{name}`"))
                .label("no group of agents has this skill")
                .hint(format!("give one `skills = {{ {name} = 1 }}`"));
        } else if !fed[position] {
            let fault =
                resolver.faults.warning(span, format!("no call ever comes to queue `{name}`"));
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
    let most = |group: &Group| {
        let scheduled =
            group.schedule.iter().map(|(_, count)| u64::from(*count)).max().unwrap_or(0);
        scheduled.max(group.shifts.iter().map(|shift| u64::from(shift.count)).sum())
    };
    let mut total = 0;
    for (group, entry) in scenario.groups.iter().zip(&document.agents.value.entries) {
        total += most(group);
        if total > limits::AGENTS {
            resolver
                .faults
                .error(entry.name.span, format!("{total} agents are too many"))
                .label(format!("expected at most {} over all groups", limits::AGENTS));
            return;
        }
    }
}

fn gate_is_sensible(scenario: &Scenario, document: &Document, resolver: &mut Resolver) {
    let place = |position: usize| document.gate_span(position).unwrap_or(Span::NOWHERE);
    let gates =
        |kpis: &[Kpi]| scenario.gate.iter().position(|condition| kpis.contains(&condition.kpi));
    let service = gates(&[Kpi::ServiceLevel, Kpi::IntervalsMet]);
    let abandonment = gates(&[Kpi::AbandonmentRate, Kpi::Abandoned]);
    if let (Some(_), Some(abandonment)) = (service, abandonment) {
        resolver
            .faults
            .warning(place(abandonment), "the gate holds service level and abandonment both")
            .label("abandonment follows from the service level: staff to one of them")
            .hint("service level is what planning controls; abandonment is its outcome");
    }
    let mut missing = Vec::new();
    for (position, condition) in scenario.gate.iter().enumerate() {
        let asks =
            matches!(condition.kpi, Kpi::ServiceLevel | Kpi::IntervalsMet | Kpi::WorstInterval);
        let has_target = match condition.selector.scope {
            acd::kpi::Scope::Queue(queue) => scenario.queues[queue.index()].target.is_some(),
            acd::kpi::Scope::All | acd::kpi::Scope::Contact(_) => {
                scenario.queues.iter().any(|queue| queue.target.is_some())
            }
            acd::kpi::Scope::Agents(_)
            | acd::kpi::Scope::Site(_)
            | acd::kpi::Scope::ContactAgents(..) => true,
        };
        if asks && condition.threshold.is_none() && !has_target {
            missing.push((position, condition.kpi.key()));
        }
    }
    for (position, key) in missing {
        let fault = resolver.faults.error(place(position), format!("`{key}` needs a target"));
        fault.label("expected `target = \"80% in 20s\"` in the queue");
    }
}

//! The switch that a scenario describes.

use acd::{
    AcdConfig, ContactId, Duration, Entry, GroupConfig, QueueConfig, QueueId, SiteConfig, Skill,
    Step,
};
use chance::Law;
use scenarios::{Action, Contact, Group, Queue, Scenario};

/// Returns the set-up of the switch for one replication of a scenario.
#[must_use]
pub fn switch_config(scenario: &Scenario, replication: u32) -> AcdConfig {
    // An odd multiplier spreads neighbouring replications over the whole range.
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let entered = entered_queues(scenario);
    let wrap_up = has_wrap_up(scenario);
    AcdConfig {
        tie_break_seed: scenario.run.seed ^ u64::from(replication).wrapping_mul(SPREAD),
        lines: scenario.lines,
        contacts: scenario.contacts.iter().map(|contact| contact.entry).collect(),
        queues: scenario.queues.iter().map(|queue| queue_config(queue, wrap_up)).collect(),
        groups: scenario
            .groups
            .iter()
            .map(|group| group_config(scenario, group, &entered))
            .collect(),
        sites: scenario.sites.iter().map(|site| SiteConfig { lines: site.lines }).collect(),
        flows: scenario.flows.iter().map(|flow| flow.flow.clone()).collect(),
    }
}

/// Returns whether any call makes after-call work. Where none does the switch need not ask for it.
pub(crate) fn has_wrap_up(scenario: &Scenario) -> bool {
    let of_contacts = scenario.contacts.iter().map(|contact| &contact.acw);
    let of_groups = scenario.groups.iter().flat_map(|group| group.acw.iter().map(|(_, law)| law));
    of_contacts.chain(of_groups).any(|law| !law.is_zero())
}

fn queue_config(queue: &Queue, wrap_up: bool) -> QueueConfig {
    QueueConfig {
        routing: queue.routing.clone(),
        order: queue.order,
        priority: queue.priority,
        ageing_milli_per_min: queue.ageing_milli_per_min,
        max_length: queue.max_length,
        max_wait: queue.max_wait,
        overflow: queue.overflow.clone(),
        callback: queue.callback,
        wrap_up,
    }
}

fn group_config(scenario: &Scenario, group: &Group, entered: &[Vec<ContactId>]) -> GroupConfig {
    let skill = |&(queue, level): &(QueueId, u8)| {
        let contacts =
            entered[queue.index()].iter().map(|contact| &scenario.contacts[contact.index()]);
        Skill { queue, level, handling: handling(group, contacts, &entered[queue.index()]) }
    };
    GroupConfig {
        site: group.site,
        skills: group.skills.iter().map(skill).collect(),
        takes: group.takes,
        ring_timeout: Some(group.ring_timeout),
        back_off: group.no_answer.back_off,
        not_ready_after: group.no_answer.not_ready_after,
    }
}

/// Returns the mean handling time of a queue's calls in a group: each contact that may enter the queue counts alike.
fn handling<'a>(
    group: &Group,
    contacts: impl Iterator<Item = &'a Contact>,
    ids: &[ContactId],
) -> Duration {
    let own = |laws: &[(ContactId, Law)], contact: ContactId| {
        laws.iter().find(|(of, _)| *of == contact).map(|(_, law)| law.mean())
    };
    let means = contacts.zip(ids).map(|(contact, id)| {
        own(&group.talk, *id).unwrap_or_else(|| contact.talk.mean())
            + own(&group.hold, *id).unwrap_or_else(|| contact.hold.mean())
            + own(&group.acw, *id).unwrap_or_else(|| contact.acw.mean())
    });
    let sum: f64 = means.sum();
    Duration::from_secs_f64(sum / ids.len().max(1) as f64 / group.speed)
}

/// Lists for each queue the contacts whose calls may come to it: at entry, by their flow, by overflow or by a play.
fn entered_queues(scenario: &Scenario) -> Vec<Vec<ContactId>> {
    let mut entered: Vec<Vec<ContactId>> = vec![Vec::new(); scenario.queues.len()];
    for (index, contact) in scenario.contacts.iter().enumerate() {
        let mut open: Vec<QueueId> = match contact.entry {
            Entry::Queue(queue) => vec![queue],
            Entry::Flow(flow) => queues_of_flow(scenario, flow.index()),
        };
        while let Some(queue) = open.pop() {
            let contact = ContactId::new(index);
            let list = &mut entered[queue.index()];
            if !list.contains(&contact) {
                list.push(contact);
                open.extend(scenario.queues[queue.index()].overflow.iter().map(|rule| rule.to));
                open.extend(planned_overflow(scenario, queue));
            }
        }
    }
    entered
}

fn queues_of_flow(scenario: &Scenario, flow: usize) -> Vec<QueueId> {
    let queue_of = |step: &Step| match step {
        Step::Enqueue { queue, .. } => Some(*queue),
        Step::Play { .. } | Step::Menu { .. } | Step::Release => None,
    };
    scenario.flows[flow].flow.steps.iter().filter_map(queue_of).collect()
}

fn planned_overflow(scenario: &Scenario, queue: QueueId) -> Vec<QueueId> {
    let to = |action: &Action| match action {
        Action::Overflow { from, to, .. } => (*from == queue).then_some(*to),
        Action::AddAgents { .. } | Action::OfferCallback { .. } => None,
    };
    scenario.playbook.iter().flat_map(|play| play.actions.iter().filter_map(to)).collect()
}

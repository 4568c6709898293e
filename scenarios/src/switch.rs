//! The switch's set-up for a scenario.

use crate::model::{Contact, Group, Scenario};
use acd::{
    AcdConfig, ContactId, Duration, Entry, GroupConfig, QueueConfig, QueueId, SiteConfig, Skill,
    Step,
};
use chance::Law;

/// Makes the switch's set-up: the scenario's queues, groups, sites and flows without its people.
#[must_use]
pub fn acd_config(scenario: &Scenario) -> AcdConfig {
    let reach = Reach::new(scenario);
    AcdConfig {
        tie_break_seed: scenario.run.seed,
        lines: scenario.lines,
        contacts: scenario.contacts.iter().map(|contact| contact.entry).collect(),
        queues: queues(scenario, &reach),
        groups: scenario.groups.iter().map(|group| group_config(scenario, group, &reach)).collect(),
        sites: scenario.sites.iter().map(|site| SiteConfig { lines: site.lines }).collect(),
        flows: scenario.flows.iter().map(|flow| flow.flow.clone()).collect(),
    }
}

fn queues(scenario: &Scenario, reach: &Reach) -> Vec<QueueConfig> {
    let config = |(position, queue): (usize, &crate::model::Queue)| QueueConfig {
        routing: queue.routing.clone(),
        order: queue.order,
        priority: queue.priority,
        ageing_milli_per_min: queue.ageing_milli_per_min,
        max_length: queue.max_length,
        max_wait: queue.max_wait,
        overflow: queue.overflow.clone(),
        callback: queue.callback,
        wrap_up: has_after_call_work(scenario, &reach.contacts[position]),
    };
    scenario.queues.iter().enumerate().map(config).collect()
}

/// Returns whether any agent may do after-call work for one of some contacts.
fn has_after_call_work(scenario: &Scenario, contacts: &[ContactId]) -> bool {
    contacts.iter().any(|contact| {
        let own = !scenario.contacts[contact.index()].acw.is_zero();
        let overrides = scenario.groups.iter().flat_map(|group| &group.acw);
        own || overrides.clone().any(|(of, law)| of == contact && !law.is_zero())
    })
}

fn group_config(scenario: &Scenario, group: &Group, reach: &Reach) -> GroupConfig {
    let skill = |(queue, level): &(QueueId, u8)| Skill {
        queue: *queue,
        level: *level,
        handling: handling(scenario, group, &reach.contacts[queue.index()]),
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

/// Returns the mean of talk, hold and after-call work of a group, over the contacts of a queue alike.
fn handling(scenario: &Scenario, group: &Group, contacts: &[ContactId]) -> Duration {
    if contacts.is_empty() {
        return Duration::ZERO;
    }
    let one = |id: &ContactId| {
        let contact: &Contact = &scenario.contacts[id.index()];
        let talk = law_of(&group.talk, *id, &contact.talk).mean();
        let hold = law_of(&group.hold, *id, &contact.hold).mean();
        talk + hold + law_of(&group.acw, *id, &contact.acw).mean()
    };
    let total: f64 = contacts.iter().map(one).sum();
    Duration::from_secs_f64(total / contacts.len() as f64 / group.speed)
}

fn law_of<'a>(overrides: &'a [(ContactId, Law)], contact: ContactId, own: &'a Law) -> &'a Law {
    overrides.iter().find(|(of, _)| *of == contact).map_or(own, |(_, law)| law)
}

/// Which contacts' calls may come to each queue: straight, through a flow, by overflow.
struct Reach {
    contacts: Vec<Vec<ContactId>>,
}

impl Reach {
    fn new(scenario: &Scenario) -> Self {
        let mut contacts = vec![Vec::new(); scenario.queues.len()];
        let onward = onward(scenario);
        for (position, contact) in scenario.contacts.iter().enumerate() {
            let mut seen = vec![false; scenario.queues.len()];
            let mut next = first_queues(scenario, contact);
            while let Some(queue) = next.pop() {
                if !std::mem::replace(&mut seen[queue.index()], true) {
                    contacts[queue.index()].push(ContactId::new(position));
                    next.extend(&onward[queue.index()]);
                }
            }
        }
        Self { contacts }
    }
}

fn first_queues(scenario: &Scenario, contact: &Contact) -> Vec<QueueId> {
    match contact.entry {
        Entry::Queue(queue) => vec![queue],
        Entry::Flow(flow) => {
            let steps = &scenario.flows[flow.index()].flow.steps;
            let queue = |step: &Step| match step {
                Step::Enqueue { queue, .. } => Some(*queue),
                Step::Play { .. } | Step::Menu { .. } | Step::Release => None,
            };
            steps.iter().filter_map(queue).collect()
        }
    }
}

/// Lists, for each queue, those that its calls may move on to, by rule or by play.
fn onward(scenario: &Scenario) -> Vec<Vec<QueueId>> {
    let rules = |queue: &crate::model::Queue| queue.overflow.iter().map(|rule| rule.to).collect();
    let mut onward: Vec<Vec<QueueId>> = scenario.queues.iter().map(rules).collect();
    for action in scenario.playbook.iter().flat_map(|play| &play.actions) {
        match action {
            crate::model::Action::Overflow { from, to, .. } => onward[from.index()].push(*to),
            crate::model::Action::AddAgents { .. } | crate::model::Action::OfferCallback { .. } => {
            }
        }
    }
    onward
}

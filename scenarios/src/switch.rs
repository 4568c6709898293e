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
    let handling = Handling::new(scenario, &reach);
    let groups = scenario.groups.iter().map(|group| group_config(group, &reach, &handling));
    AcdConfig {
        tie_break_seed: scenario.run.seed,
        lines: scenario.lines,
        contacts: scenario.contacts.iter().map(|contact| contact.entry).collect(),
        queues: queues(scenario, &reach),
        groups: groups.collect(),
        sites: scenario.sites.iter().map(|site| SiteConfig { lines: site.lines }).collect(),
        flows: scenario.flows.iter().map(|flow| flow.flow.clone()).collect(),
    }
}

fn queues(scenario: &Scenario, reach: &Reach) -> Vec<QueueConfig> {
    let with_acw = with_after_call_work(scenario);
    let config = |(position, queue): (usize, &crate::model::Queue)| QueueConfig {
        routing: queue.routing.clone(),
        order: queue.order,
        priority: queue.priority,
        ageing_milli_per_min: queue.ageing_milli_per_min,
        max_length: queue.max_length,
        max_wait: queue.max_wait,
        overflow: queue.overflow.clone(),
        callback: queue.callback,
        wrap_up: reach.contacts[position].iter().any(|contact| with_acw[contact.index()]),
    };
    scenario.queues.iter().enumerate().map(config).collect()
}

/// Tells, for each contact, whether any agent may do after-call work for it.
fn with_after_call_work(scenario: &Scenario) -> Vec<bool> {
    let mut with: Vec<bool> =
        scenario.contacts.iter().map(|contact| !contact.acw.is_zero()).collect();
    for (contact, law) in scenario.groups.iter().flat_map(|group| &group.acw) {
        with[contact.index()] |= !law.is_zero();
    }
    with
}

fn group_config(group: &Group, reach: &Reach, handling: &Handling) -> GroupConfig {
    let own = handling.of_group(group);
    let skill = |(queue, level): &(QueueId, u8)| Skill {
        queue: *queue,
        level: *level,
        handling: handling.of_queue(group, &own, reach, *queue),
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

/// Mean handling times, s, before the groups' speeds.
struct Handling {
    /// Talk, hold and after-call work of each contact.
    contacts: Vec<[f64; 3]>,
    /// The sum over the contacts of each queue.
    queues: Vec<f64>,
}

impl Handling {
    fn new(scenario: &Scenario, reach: &Reach) -> Self {
        let means = |contact: &Contact| [&contact.talk, &contact.hold, &contact.acw].map(Law::mean);
        let contacts: Vec<[f64; 3]> = scenario.contacts.iter().map(means).collect();
        let total = |id: &ContactId| contacts[id.index()].iter().sum::<f64>();
        let sum = |ids: &Vec<ContactId>| ids.iter().map(total).sum();
        let queues = reach.contacts.iter().map(sum).collect();
        Self { contacts, queues }
    }

    /// Returns by how much each contact that a group has its own laws for takes longer there.
    fn of_group(&self, group: &Group) -> Vec<(ContactId, f64)> {
        let mut own = Vec::with_capacity(group.talk.len() + group.hold.len() + group.acw.len());
        for (part, laws) in [&group.talk, &group.hold, &group.acw].into_iter().enumerate() {
            let more =
                |(id, law): &(ContactId, Law)| (*id, law.mean() - self.contacts[id.index()][part]);
            own.extend(laws.iter().map(more));
        }
        own
    }

    /// Returns the mean over the contacts of a queue alike.
    fn of_queue(
        &self,
        group: &Group,
        own: &[(ContactId, f64)],
        reach: &Reach,
        queue: QueueId,
    ) -> Duration {
        let count = reach.contacts[queue.index()].len();
        if count == 0 {
            return Duration::ZERO;
        }
        let reaches = |id: ContactId| reach.matrix[queue.index()][id.index()];
        let more: f64 = own.iter().filter(|(id, _)| reaches(*id)).map(|(_, more)| more).sum();
        Duration::from_secs_f64((self.queues[queue.index()] + more) / count as f64 / group.speed)
    }
}

/// Which contacts' calls may come to each queue: straight, through a flow, by overflow.
struct Reach {
    /// By queue, in order.
    contacts: Vec<Vec<ContactId>>,
    /// By queue and contact.
    matrix: Vec<Vec<bool>>,
}

impl Reach {
    fn new(scenario: &Scenario) -> Self {
        let mut contacts = vec![Vec::new(); scenario.queues.len()];
        let mut matrix = vec![vec![false; scenario.contacts.len()]; scenario.queues.len()];
        let onward = onward(scenario);
        for (position, contact) in scenario.contacts.iter().enumerate() {
            let mut seen = vec![false; scenario.queues.len()];
            let mut next = first_queues(scenario, contact);
            while let Some(queue) = next.pop() {
                if !std::mem::replace(&mut seen[queue.index()], true) {
                    contacts[queue.index()].push(ContactId::new(position));
                    matrix[queue.index()][position] = true;
                    next.extend(&onward[queue.index()]);
                }
            }
        }
        Self { contacts, matrix }
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

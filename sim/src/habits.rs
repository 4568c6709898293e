//! How the people of a scenario behave: its laws compiled for drawing, once for all replications; and the switch they meet.

use crate::wishes::Wishes;
use acd::{AcdConfig, ContactId, FlowId, GroupId, Outcome, StepId};
use chance::{Law, Sampler};
use scenarios::{Contact, Failure, Group, NoAnswer, RedialDraws, Scenario, acd_config};

/// The habits of everybody.
pub(crate) struct Habits {
    pub(crate) contacts: Vec<ContactHabits>,
    pub(crate) groups: Vec<GroupHabits>,
    /// The time of each step, by flow; `None` is no time.
    pub(crate) steps: Vec<Vec<Option<Sampler>>>,
    /// Whether any call makes after-call work.
    pub(crate) has_wrap_up: bool,
    switch: AcdConfig,
}

/// How callers of one contact behave.
pub(crate) struct ContactHabits {
    pub(crate) work: Work,
    /// `None`: they wait for ever.
    pub(crate) patience: Option<Sampler>,
    pub(crate) balk: f64,
    pub(crate) moods: Vec<MoodHabits>,
    redial: [Option<RedialHabits>; FAILURES],
    pub(crate) keeps_draws: bool,
    pub(crate) reconnect: Option<RedialHabits>,
    /// What callers want from the flow.
    pub(crate) wishes: Wishes,
}

/// The work that a call makes. `None` is none at all, so that nothing is drawn.
pub(crate) struct Work {
    pub(crate) talk: Sampler,
    pub(crate) hold: Option<Sampler>,
    pub(crate) acw: Option<Sampler>,
}

/// A mood, with the upper end of its share in (0, 1).
pub(crate) struct MoodHabits {
    up_to: f64,
    pub(crate) patience: f64,
    pub(crate) talk: f64,
    pub(crate) redial: f64,
}

/// Who calls again, and when.
#[derive(Clone)]
pub(crate) struct RedialHabits {
    pub(crate) share: f64,
    pub(crate) delay: Sampler,
}

/// How many ways there are for an attempt to fail.
const FAILURES: usize = 5 + Outcome::ALL.len();

const fn failure_index(failure: Failure) -> usize {
    match failure {
        Failure::Blocked => 0,
        Failure::Closed => 1,
        Failure::LeftInIvr => 2,
        Failure::CutInIvr => 3,
        Failure::CutInTalk => 4,
        Failure::Queue(outcome) => 5 + outcome as usize,
    }
}

/// How agents of one group behave.
pub(crate) struct GroupHabits {
    /// Talk, hold and ACW are multiplied by this.
    pub(crate) slowness: f64,
    /// The group's own work by contact, in order of contact; most groups have none.
    own_work: Vec<(ContactId, Work)>,
    /// `None`: they answer at once.
    pub(crate) pick_up: Option<Sampler>,
    pub(crate) no_answer: NoAnswer,
}

/// Compiles a law, unless every value of it is zero.
fn unless_zero(law: &Law) -> Option<Sampler> {
    (!law.is_zero()).then(|| law.sampler())
}

impl Habits {
    /// Compiles the habits of a scenario.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let steps =
            scenario.flows.iter().map(|flow| flow.step_times.iter().map(unless_zero).collect());
        let switch = acd_config(scenario);
        Self {
            contacts: scenario
                .contacts
                .iter()
                .map(|contact| contact_habits(scenario, contact))
                .collect(),
            groups: scenario.groups.iter().map(|group| group_habits(scenario, group)).collect(),
            steps: steps.collect(),
            has_wrap_up: switch.queues.iter().any(|queue| queue.wrap_up),
            switch,
        }
    }

    /// Returns the switch's set-up for one replication.
    pub(crate) fn switch(&self, replication: u32) -> AcdConfig {
        // An odd multiplier spreads neighbouring replications over the whole range.
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let spread = u64::from(replication).wrapping_mul(SPREAD);
        let tie_break_seed = self.switch.tie_break_seed ^ spread;
        AcdConfig { tie_break_seed, ..self.switch.clone() }
    }

    /// Returns the work that a call of this contact makes in this group.
    #[inline]
    pub(crate) fn work(&self, contact: ContactId, group: GroupId) -> (&Work, f64) {
        let habits = &self.groups[group.index()];
        let work = if habits.own_work.is_empty() {
            &self.contacts[contact.index()].work
        } else {
            let found = habits.own_work.binary_search_by_key(&contact, |(contact, _)| *contact);
            found.map_or(&self.contacts[contact.index()].work, |index| &habits.own_work[index].1)
        };
        (work, habits.slowness)
    }

    /// Returns the time of a step of a flow.
    pub(crate) fn step(&self, flow: FlowId, step: StepId) -> Option<&Sampler> {
        self.steps.get(flow.index())?.get(step.index())?.as_ref()
    }
}

impl ContactHabits {
    /// Returns who calls again after such a failure.
    #[inline]
    pub(crate) fn redial(&self, failure: Failure) -> Option<&RedialHabits> {
        self.redial[failure_index(failure)].as_ref()
    }

    /// Returns the mood that a uniform number stands for.
    pub(crate) fn mood_of(&self, uniform: f64) -> u8 {
        let before = self.moods.iter().take_while(|mood| mood.up_to <= uniform).count();
        before.min(self.moods.len().saturating_sub(1)) as u8
    }

    /// Returns a caller's mood, unless the contact knows none.
    #[inline]
    pub(crate) fn mood(&self, mood: u8) -> Option<&MoodHabits> {
        self.moods.get(mood as usize)
    }
}

fn contact_habits(scenario: &Scenario, contact: &Contact) -> ContactHabits {
    let mut up_to = 0.0;
    let moods = contact.mood.iter().map(|mood| {
        up_to += mood.share;
        MoodHabits { up_to, patience: mood.patience, talk: mood.talk, redial: mood.redial }
    });
    let mut redial = [const { None }; FAILURES];
    // The first rule that names a failure counts, so the first is written last.
    for rule in contact.redial.iter().rev() {
        for after in &rule.after {
            let habits = RedialHabits { share: rule.share, delay: rule.delay.sampler() };
            redial[failure_index(*after)] = Some(habits);
        }
    }
    ContactHabits {
        work: Work {
            talk: contact.talk.sampler(),
            hold: unless_zero(&contact.hold),
            acw: unless_zero(&contact.acw),
        },
        patience: (contact.patience != Law::Unlimited).then(|| contact.patience.sampler()),
        balk: contact.balk,
        moods: moods.collect(),
        redial,
        keeps_draws: contact.redial_draws == RedialDraws::Kept,
        reconnect: contact.reconnect.as_ref().map(|reconnect| RedialHabits {
            share: reconnect.share,
            delay: reconnect.delay.sampler(),
        }),
        wishes: Wishes::new(scenario, contact),
    }
}

fn group_habits(scenario: &Scenario, group: &Group) -> GroupHabits {
    let own = |laws: &[(ContactId, Law)], contact| {
        laws.iter().find(|(of, _)| *of == contact).map(|(_, law)| law.clone())
    };
    let own_work = (0..scenario.contacts.len()).map(ContactId::new).filter_map(|id| {
        let contact = &scenario.contacts[id.index()];
        let (talk, hold, acw) = (own(&group.talk, id), own(&group.hold, id), own(&group.acw, id));
        if talk.is_none() && hold.is_none() && acw.is_none() {
            return None;
        }
        let work = Work {
            talk: talk.as_ref().unwrap_or(&contact.talk).sampler(),
            hold: unless_zero(hold.as_ref().unwrap_or(&contact.hold)),
            acw: unless_zero(acw.as_ref().unwrap_or(&contact.acw)),
        };
        Some((id, work))
    });
    GroupHabits {
        slowness: 1.0 / group.speed,
        own_work: own_work.collect(),
        pick_up: unless_zero(&group.pick_up),
        no_answer: group.no_answer,
    }
}

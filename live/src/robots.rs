//! Agents without a telephone: they answer after `pick_up`, talk as long as the contact's law says, and work after the call (LIVE policy 13).
//!
//! What a robot does is drawn from `chance` by the call's number, so a run with the same calls has the same robots.

use acd::{AgentId, ContactId, Duration, GroupId, OfferId, Timestamp};
use chance::{Chance, Law, Purpose, Sampler};
use scenarios::{NoAnswer, Scenario};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a robot, or the clock for an agent, will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doing {
    /// The number of robots of a group changes to a row of the roster.
    ChangesShift(usize),
    /// He answers.
    PicksUp(OfferId),
    /// He has said everything and hangs up.
    HangsUp(OfferId),
    /// After-call work is over; also the limit of a named agent's.
    FinishesWork(OfferId),
    /// He takes calls again after too many unanswered offers.
    Returns(AgentId),
}

/// A row of the roster: from then on so many robots of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) at: Timestamp,
    pub(crate) group: GroupId,
    pub(crate) count: u32,
}

/// Everything that is due in the switch's time.
#[derive(Debug)]
pub(crate) struct Robots {
    due: BinaryHeap<Reverse<(Timestamp, u64, Doing)>>,
    sequence: u64,
    contacts: Vec<Work>,
    groups: Vec<Habits>,
    roster: Vec<Row>,
    chance: Chance,
}

#[derive(Debug)]
struct Work {
    talk: Sampler,
    acw: Option<Sampler>,
}

#[derive(Debug)]
struct Habits {
    slowness: f64,
    pick_up: Option<Sampler>,
    no_answer: NoAnswer,
    talk: Vec<(ContactId, Sampler)>,
    acw: Vec<(ContactId, Sampler)>,
}

fn unless_zero(law: &Law) -> Option<Sampler> {
    (!law.is_zero()).then(|| law.sampler())
}

impl Robots {
    /// Prepares the robots of a scenario; without `are_wanted` nobody sits where no agent has a name.
    pub(crate) fn new(scenario: &Scenario, are_wanted: bool) -> Self {
        let work = |contact: &scenarios::Contact| Work {
            talk: contact.talk.sampler(),
            acw: unless_zero(&contact.acw),
        };
        let own = |laws: &[(ContactId, Law)]| {
            laws.iter().map(|(contact, law)| (*contact, law.sampler())).collect()
        };
        let habits = |group: &scenarios::Group| Habits {
            slowness: 1.0 / group.speed,
            pick_up: unless_zero(&group.pick_up),
            no_answer: group.no_answer,
            talk: own(&group.talk),
            acw: own(&group.acw),
        };
        let roster = if are_wanted { roster(scenario) } else { Vec::new() };
        let mut robots = Self {
            due: BinaryHeap::new(),
            sequence: 0,
            contacts: scenario.contacts.iter().map(work).collect(),
            groups: scenario.groups.iter().map(habits).collect(),
            roster,
            chance: Chance::new(scenario.run.seed, 0),
        };
        for place in 0..robots.roster.len() {
            robots.plan(robots.roster[place].at, Doing::ChangesShift(place));
        }
        robots
    }

    /// Plans something.
    pub(crate) fn plan(&mut self, at: Timestamp, doing: Doing) {
        self.sequence += 1;
        self.due.push(Reverse((at, self.sequence, doing)));
    }

    /// When the next thing is due.
    pub(crate) fn next_timeout(&self) -> Option<Timestamp> {
        self.due.peek().map(|Reverse((at, _, _))| *at)
    }

    /// Takes the next thing that is due at `now`.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Doing> {
        let Reverse((at, _, doing)) = *self.due.peek()?;
        (at <= now).then(|| {
            self.due.pop();
            doing
        })
    }

    /// Returns a row of the roster.
    pub(crate) fn row(&self, place: usize) -> Row {
        self.roster[place]
    }

    /// Draws how long a robot lets it ring; `None`: he does not answer at all.
    pub(crate) fn pick_up(
        &self,
        group: GroupId,
        agent: AgentId,
        number: u64,
        offers: u64,
    ) -> Option<Duration> {
        let habits = &self.groups[group.index()];
        let draw = |purpose| self.chance.stream(purpose, agent.0).draw_again(number, offers);
        if draw(Purpose::NoAnswer).happens(habits.no_answer.share) {
            return None;
        }
        let law = habits.pick_up.as_ref();
        let seconds = law.map_or(0.0, |law| law.sample(&mut draw(Purpose::PickUp)));
        Some(Duration::from_secs_f64(seconds))
    }

    /// Draws how long a robot talks.
    pub(crate) fn talk(&self, group: GroupId, contact: ContactId, number: u64) -> Duration {
        let habits = &self.groups[group.index()];
        let own = habits.talk.iter().find(|(of, _)| *of == contact).map(|(_, law)| law);
        let law = own.unwrap_or(&self.contacts[contact.index()].talk);
        let mut draw = self.chance.stream(Purpose::Talk, contact.0.into()).draw(number);
        Duration::from_secs_f64(law.sample(&mut draw) * habits.slowness)
    }

    /// Draws how long a robot works after a call.
    pub(crate) fn acw(&self, group: GroupId, contact: ContactId, number: u64) -> Duration {
        let habits = &self.groups[group.index()];
        let own = habits.acw.iter().find(|(of, _)| *of == contact).map(|(_, law)| law);
        let law = own.or(self.contacts[contact.index()].acw.as_ref());
        let mut draw = self.chance.stream(Purpose::Acw, contact.0.into()).draw(number);
        let seconds = law.map_or(0.0, |law| law.sample(&mut draw));
        Duration::from_secs_f64(seconds * habits.slowness)
    }

    /// Returns how long a robot stays away after too many unanswered offers.
    pub(crate) fn returns_after(&self, group: GroupId) -> Duration {
        self.groups[group.index()].no_answer.returns_after
    }
}

/// When how many robots of each group are there: its schedule or shifts, without the named agents, who have seats of their own.
fn roster(scenario: &Scenario) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, group) in scenario.groups.iter().enumerate() {
        let id = GroupId::new(at);
        let named = scenario.live.agents.iter().filter(|agent| agent.group == id).count() as u32;
        for (at, count) in head_count(group) {
            rows.push(Row { at, group: id, count: count.saturating_sub(named) });
        }
    }
    rows
}

fn head_count(group: &scenarios::Group) -> Vec<(Timestamp, u32)> {
    if group.shifts.is_empty() {
        return group.schedule.clone();
    }
    let mut moments: Vec<Timestamp> = group
        .shifts
        .iter()
        .flat_map(|shift| {
            let breaks = shift.breaks.iter().flat_map(|(from, to)| [*from, *to]);
            breaks.chain([shift.from, shift.to])
        })
        .collect();
    moments.sort_unstable();
    moments.dedup();
    let is_there = |shift: &scenarios::Shift, at: Timestamp| {
        let is_in = |(from, to): (Timestamp, Timestamp)| from <= at && at < to;
        is_in((shift.from, shift.to)) && !shift.breaks.iter().any(|pause| is_in(*pause))
    };
    let count =
        |at| group.shifts.iter().filter(|shift| is_there(shift, at)).map(|shift| shift.count).sum();
    moments.into_iter().map(|at| (at, count(at))).collect()
}

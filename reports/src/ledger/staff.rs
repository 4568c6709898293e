//! Agents: who is in which state for how long, by group, site and in all.

use crate::column::Column;
use crate::frame::Frame;
use crate::ledger::calls::NOWHERE;
use crate::level::{Level, Square};
use crate::totals::Totals;
use acd::{AgentId, AgentPhase, GroupId, Reason};

/// An agent's seat. Small, so that those of a large centre stay in the cache.
#[derive(Debug, Clone, Copy)]
struct Agent {
    group: u32,
    phase: AgentPhase,
    on_break: bool,
}

/// The call whose after-call work an agent does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    /// Where it is counted.
    pub(crate) leaf: u32,
    /// The pair of its contact and his group, if reported on.
    pub(crate) pair: u32,
    pub(crate) talk: u64,
    pub(crate) hold: u64,
}

const NOBODY: Agent = Agent { group: NOWHERE, phase: AgentPhase::SignedOut, on_break: false };

/// How many agents of a group, or a site, or all, are ready: and for how long nobody was.
#[derive(Debug, Clone, Copy)]
struct Readiness {
    ready: i64,
    nobody: Level,
}

impl Readiness {
    fn new() -> Self {
        let mut nobody = Level::default();
        nobody.up(0);
        Self { ready: 0, nobody }
    }

    #[inline]
    fn up(&mut self, now: u64) {
        if self.ready == 0 {
            self.nobody.down(now);
        }
        self.ready += 1;
    }

    #[inline]
    fn down(&mut self, now: u64) {
        self.ready -= 1;
        if self.ready == 0 {
            self.nobody.up(now);
        }
    }
}

/// How many agents are busy, and the integral of the square.
#[derive(Debug, Clone, Copy, Default)]
struct Busyness {
    busy: i64,
    square: Square,
}

impl Busyness {
    #[inline]
    fn up(&mut self, now: u64) {
        self.square.up(now, self.busy);
        self.busy += 1;
    }

    #[inline]
    fn down(&mut self, now: u64) {
        self.square.down(now, self.busy);
        self.busy -= 1;
    }
}

/// A group's agents.
#[derive(Debug, Clone, Copy)]
struct Group {
    phases: [Level; AgentPhase::COUNT],
    readiness: Readiness,
    busyness: Busyness,
    on_break: Level,
    scheduled: Level,
    adherent: Level,
    available: Level,
    overtime: Level,
    site: u32,
}

impl Group {
    /// Brings the levels that compare staff with schedule up to date.
    fn compare_with_schedule(&mut self, now: u64) {
        let away = self.phases[AgentPhase::NotReady as usize].count();
        let signed_in: i64 = ON_DUTY.iter().map(|phase| self.phases[*phase as usize].count()).sum();
        let scheduled = self.scheduled.count();
        self.adherent.set(now, scheduled.min(signed_in - away + self.on_break.count()));
        self.available.set(now, scheduled.min(signed_in - away));
        self.overtime.set(now, (signed_in - scheduled).max(0));
    }
}

const ON_DUTY: [AgentPhase; 7] = [
    AgentPhase::Ready,
    AgentPhase::Reserved,
    AgentPhase::Talking,
    AgentPhase::Held,
    AgentPhase::Acw,
    AgentPhase::BackOff,
    AgentPhase::NotReady,
];

const fn is_busy(phase: AgentPhase) -> bool {
    matches!(phase, AgentPhase::Talking | AgentPhase::Held | AgentPhase::Acw)
}

/// Whether going to or from this phase changes who is there.
const fn is_off(phase: AgentPhase) -> bool {
    matches!(phase, AgentPhase::SignedOut | AgentPhase::NotReady)
}

/// The phase an agent left at some moment, where the levels still have him.
#[derive(Debug, Clone, Copy)]
struct Left {
    agent: u32,
    phase: AgentPhase,
    at: u64,
}

/// Nobody is between phases.
const NOBODY_LEFT: Left = Left { agent: NOWHERE, phase: AgentPhase::SignedOut, at: 0 };

/// All agents.
#[derive(Debug)]
pub(crate) struct Staff {
    agents: Vec<Agent>,
    /// The agent who changed phase last. Most go through Ready and Reserved in no time, often back to where they
    /// were, so the levels move him when the next one changes, or when they are read.
    left: Left,
    /// What agents in after-call work work on, by seat.
    works: Vec<Option<Work>>,
    groups: Vec<Group>,
    sites: Vec<Readiness>,
    all: Readiness,
    busyness: Busyness,
}

impl Staff {
    pub(crate) fn new(frame: &Frame) -> Self {
        let group = |site: &Option<usize>| Group {
            phases: [Level::default(); AgentPhase::COUNT],
            readiness: Readiness::new(),
            busyness: Busyness::default(),
            on_break: Level::default(),
            scheduled: Level::default(),
            adherent: Level::default(),
            available: Level::default(),
            overtime: Level::default(),
            site: site.map_or(NOWHERE, |site| site as u32),
        };
        Self {
            agents: Vec::new(),
            left: NOBODY_LEFT,
            works: Vec::new(),
            groups: frame.groups.iter().map(group).collect(),
            sites: vec![Readiness::new(); frame.sites],
            all: Readiness::new(),
            busyness: Busyness::default(),
        }
    }

    /// Returns the group of an agent who signed in once.
    #[inline]
    pub(crate) fn group(&self, agent: AgentId) -> Option<usize> {
        let agent = self.agents.get(agent.index())?;
        (agent.group != NOWHERE).then_some(agent.group as usize)
    }

    /// Notes what an agent in after-call work works on.
    pub(crate) fn begin_acw(&mut self, agent: AgentId, work: Work) {
        if self.works.len() <= agent.index() {
            self.works.resize(agent.index() + 1, None);
        }
        self.works[agent.index()] = Some(work);
    }

    /// Returns what he worked on.
    pub(crate) fn end_acw(&mut self, agent: AgentId) -> Option<Work> {
        self.works.get_mut(agent.index())?.take()
    }

    /// Seats an agent in his group.
    pub(crate) fn seat(&mut self, agent: AgentId, group: GroupId) {
        self.settle_phase();
        if self.agents.len() <= agent.index() {
            self.agents.resize(agent.index() + 1, NOBODY);
        }
        if group.index() < self.groups.len() {
            self.agents[agent.index()].group = u32::from(group.0);
        }
    }

    /// Moves an agent to a phase.
    #[inline]
    pub(crate) fn set_phase(&mut self, now: u64, agent: AgentId, to: AgentPhase) {
        let is_new = self.left.agent != agent.0 || self.left.at != now;
        if is_new {
            self.settle_phase();
        }
        let Some(seat) = self.agents.get_mut(agent.index()) else { return };
        if seat.group == NOWHERE {
            return;
        }
        let phase = std::mem::replace(&mut seat.phase, to);
        if is_new {
            self.left = Left { agent: agent.0, phase, at: now };
        }
    }

    /// Moves the agent who changed phase last in the levels, too.
    fn settle_phase(&mut self) {
        let Left { agent, phase: from, at: now } = self.left;
        let Some(seat) = self.agents.get_mut(agent as usize) else { return };
        let to = seat.phase;
        self.left = NOBODY_LEFT;
        if from == to {
            return;
        }
        let group = &mut self.groups[seat.group as usize];
        group.phases[from as usize].down(now);
        group.phases[to as usize].up(now);
        if from == AgentPhase::Ready {
            group.readiness.down(now);
            self.all.down(now);
            if group.site != NOWHERE {
                self.sites[group.site as usize].down(now);
            }
        } else if to == AgentPhase::Ready {
            group.readiness.up(now);
            self.all.up(now);
            if group.site != NOWHERE {
                self.sites[group.site as usize].up(now);
            }
        }
        match (is_busy(from), is_busy(to)) {
            (false, true) => {
                group.busyness.up(now);
                self.busyness.up(now);
            }
            (true, false) => {
                group.busyness.down(now);
                self.busyness.down(now);
            }
            (false, false) | (true, true) => {}
        }
        if is_off(from) || is_off(to) {
            if from == AgentPhase::NotReady && seat.on_break {
                seat.on_break = false;
                group.on_break.down(now);
            }
            group.compare_with_schedule(now);
        }
    }

    /// Moves an agent who has finished something to the phase that follows.
    #[inline]
    pub(crate) fn come_to_rest(
        &mut self,
        now: u64,
        agent: AgentId,
        to: AgentPhase,
        reason: Option<Reason>,
    ) {
        self.set_phase(now, agent, to);
        if to == AgentPhase::NotReady {
            self.set_reason(now, agent, reason);
        }
    }

    /// Notes why an agent is not ready.
    pub(crate) fn set_reason(&mut self, now: u64, agent: AgentId, reason: Option<Reason>) {
        self.settle_phase();
        let Some(seat) = self.agents.get_mut(agent.index()) else { return };
        let on_break = reason == Some(Reason::Break) && seat.phase == AgentPhase::NotReady;
        if seat.group == NOWHERE || on_break == seat.on_break {
            return;
        }
        seat.on_break = on_break;
        let group = &mut self.groups[seat.group as usize];
        if on_break {
            group.on_break.up(now)
        } else {
            group.on_break.down(now)
        }
        group.compare_with_schedule(now);
    }

    /// Sets how many agents of a group are scheduled.
    pub(crate) fn schedule(&mut self, now: u64, group: GroupId, count: u32) {
        self.settle_phase();
        if let Some(group) = self.groups.get_mut(group.index()) {
            group.scheduled.set(now, i64::from(count));
            group.compare_with_schedule(now);
        }
    }

    /// Adds what happened since the last roll to a span.
    pub(crate) fn roll(&mut self, now: u64, span: usize, totals: &mut Totals) {
        self.settle_phase();
        for (number, group) in self.groups.iter_mut().enumerate() {
            let mut parts = group_parts(group, now);
            for (column, integral) in parts {
                totals.agents.add(number, span, column, integral);
            }
            // Where nobody is ready is not a sum of groups.
            let [.., no_ready] = &mut parts;
            no_ready.1 = 0;
            for (column, integral) in parts {
                totals.all.add(0, span, column, integral);
                if group.site != NOWHERE {
                    totals.sites.add(group.site as usize, span, column, integral);
                }
            }
            let square = group.busyness.square.take(now, group.busyness.busy);
            totals.add_square(number + 1, span, square);
        }
        totals.add_square(0, span, self.busyness.square.take(now, self.busyness.busy));
        totals.all.add(0, span, Column::NoReady, self.all.nobody.take(now));
        for (number, site) in self.sites.iter_mut().enumerate() {
            totals.sites.add(number, span, Column::NoReady, site.nobody.take(now));
        }
    }
}

/// Takes a group's integrals; that of having nobody ready comes last.
fn group_parts(group: &mut Group, now: u64) -> [(Column, u64); 13] {
    let [_, ready, reserved, talking, held, acw, back_off, not_ready] = &mut group.phases;
    let on_break = group.on_break.take(now);
    [
        (Column::Ready, ready.take(now)),
        (Column::Reserved, reserved.take(now)),
        (Column::Talking, talking.take(now)),
        (Column::Held, held.take(now)),
        (Column::AfterCall, acw.take(now)),
        (Column::BackOff, back_off.take(now)),
        (Column::OnBreak, on_break),
        (Column::Away, not_ready.take(now) - on_break),
        (Column::Scheduled, group.scheduled.take(now)),
        (Column::Adherent, group.adherent.take(now)),
        (Column::Available, group.available.take(now)),
        (Column::Overtime, group.overtime.take(now)),
        (Column::NoReady, group.readiness.nobody.take(now)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use acd::kpi::ServiceLevelDefinition;
    use std::sync::Arc;

    #[test]
    fn phases_an_agent_goes_through_in_no_time_count_for_nothing() {
        let frame = Arc::new(Frame {
            is_live: false,
            length: 100,
            warm_up: 0,
            interval: 100,
            intervals: 1,
            queues: Vec::new(),
            levels_max: 0,
            common_levels: Vec::new(),
            definition: ServiceLevelDefinition::default(),
            contacts: 0,
            groups: vec![None],
            sites: 0,
            pairs: Vec::new(),
        });
        let (mut staff, mut totals) = (Staff::new(&frame), Totals::new(Arc::clone(&frame)));
        let (ada, ben) = (AgentId(0), AgentId(1));
        for agent in [ada, ben] {
            staff.seat(agent, GroupId(0));
            staff.set_phase(0, agent, AgentPhase::Ready);
        }
        staff.set_phase(10, ada, AgentPhase::Reserved);
        staff.set_phase(10, ada, AgentPhase::Talking);
        for phase in [AgentPhase::Ready, AgentPhase::Reserved, AgentPhase::Talking] {
            staff.set_phase(30, ada, phase);
        }
        staff.set_phase(40, ben, AgentPhase::Talking);
        staff.set_phase(60, ben, AgentPhase::Acw);
        staff.roll(100, 0, &mut totals);
        let time = |column| totals.agents.get(0, 0, column);
        assert_eq!([Column::Ready, Column::Reserved].map(time), [10 + 40, 0]);
        assert_eq!([Column::Talking, Column::AfterCall].map(time), [90 + 20, 40]);
        assert_eq!(time(Column::NoReady), 60);
    }
}

//! Who comes and who leaves when the number of agents wanted in a group changes: one rule each of [`StaffRule`].

use crate::agents::{Presence, Seat};
use crate::world::World;
use acd::{Acd, AgentId, AgentPhase, GroupId, Input, Reason};
use scenarios::StaffRule;

/// The agents of a group, as their team leader knows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Staff {
    /// Signed in, and not told by name to leave.
    here: u32,
    /// How many of them leave as they finish, whoever finishes next.
    leaving_next: u32,
    /// Who is on a break or goes when he finishes, first come first back.
    on_break: Vec<AgentId>,
    /// Seats that nobody sits on.
    free: Vec<AgentId>,
}

/// Returns whether an agent has a caller on the line.
const fn has_caller(phase: AgentPhase) -> bool {
    matches!(phase, AgentPhase::Talking | AgentPhase::Held)
}

impl World<'_> {
    /// Brings the staff of a group to the number wanted, of which some are on a break.
    pub(crate) fn restaff(&mut self, acd: &Acd, group: GroupId, wanted: u32, on_break: u32) {
        let staff = &self.staff[group.index()];
        let present = staff.here - staff.leaving_next;
        if wanted > present {
            self.call_in(group, wanted - present);
        } else if wanted < present {
            self.send_home(acd, group, present - wanted);
        }
        self.set_breaks(acd, group, on_break.min(wanted));
    }

    /// Agents come: first those stay who were to leave next, then others sign in.
    fn call_in(&mut self, group: GroupId, count: u32) {
        let staff = &mut self.staff[group.index()];
        let staying = count.min(staff.leaving_next);
        if staying > 0 {
            staff.leaving_next -= staying;
            self.inbox.push(Input::SignOutNext { group, count: staff.leaving_next });
        }
        for _ in staying..count {
            let staff = &mut self.staff[group.index()];
            let agent = staff.free.pop().unwrap_or_else(|| AgentId::new(self.seats.len()));
            staff.here += 1;
            match self.seats.get_mut(agent.index()) {
                Some(seat) => seat.presence = Presence::In,
                None => {
                    self.seats.push(Seat::new());
                    self.group_of.push(group);
                }
            }
            self.inbox.push(Input::SignIn { agent, group });
        }
    }

    /// Agents leave: the idle first, longest idle first; then by the scenario's rule.
    fn send_home(&mut self, acd: &Acd, group: GroupId, count: u32) {
        let mut left = count as usize;
        for agent in acd.ready_agents(group) {
            if left == 0 {
                return;
            }
            if self.seats[agent.index()].presence == Presence::In {
                self.tell_to_leave(agent, Input::SignOut { agent });
                left -= 1;
            }
        }
        let (mut resting, mut working, on_break) = self.who_is_not_ready(acd, group);
        resting.truncate(left);
        left -= resting.len();
        for agent in resting {
            self.tell_to_leave(agent, Input::SignOut { agent });
        }
        let rule = self.scenario.run.when_staff_shrinks;
        match rule {
            StaffRule::NamedFinish => {}
            StaffRule::FirstToFinish => {
                let leaving = left.min(working.len());
                left -= leaving;
                working.clear();
                self.let_next_leave(group, leaving as u32);
            }
            // Those without a caller first; then who began last, for he loses least.
            StaffRule::Requeue | StaffRule::Cut => {
                working.reverse();
                working.sort_by_key(|agent| has_caller(acd.phase(*agent)));
            }
        }
        for agent in working.into_iter().chain(on_break).take(left) {
            let input = match rule {
                StaffRule::NamedFinish | StaffRule::FirstToFinish => Input::SignOut { agent },
                StaffRule::Requeue => Input::SendBack { agent },
                StaffRule::Cut => Input::CutOff { agent },
            };
            self.tell_to_leave(agent, input);
        }
    }

    /// Lists a group's agents who are signed in, stay and are not ready: those with nothing in hand, those at work, those on a break.
    fn who_is_not_ready(
        &self,
        acd: &Acd,
        group: GroupId,
    ) -> (Vec<AgentId>, Vec<AgentId>, Vec<AgentId>) {
        let pausing = &self.staff[group.index()].on_break;
        let (mut resting, mut working, mut on_break) = (Vec::new(), Vec::new(), Vec::new());
        for agent in acd.busy_agents(group) {
            if self.seats[agent.index()].presence != Presence::In {
                continue;
            }
            let list = match acd.phase(agent) {
                AgentPhase::Reserved | AgentPhase::Talking | AgentPhase::Held | AgentPhase::Acw => {
                    &mut working
                }
                AgentPhase::BackOff | AgentPhase::NotReady if pausing.contains(&agent) => {
                    &mut on_break
                }
                AgentPhase::BackOff | AgentPhase::NotReady => &mut resting,
                AgentPhase::SignedOut | AgentPhase::Ready => continue,
            };
            list.push(agent);
        }
        (resting, working, on_break)
    }

    fn tell_to_leave(&mut self, agent: AgentId, input: Input) {
        let seat = &mut self.seats[agent.index()];
        seat.presence = Presence::Leaving;
        let staff = &mut self.staff[self.group_of[agent.index()].index()];
        staff.here -= 1;
        staff.on_break.retain(|pausing| *pausing != agent);
        self.inbox.push(input);
    }

    fn let_next_leave(&mut self, group: GroupId, count: u32) {
        if count > 0 {
            let staff = &mut self.staff[group.index()];
            staff.leaving_next += count;
            self.inbox.push(Input::SignOutNext { group, count: staff.leaving_next });
        }
    }

    /// Brings the number of agents on a break to the number wanted: who has been longest idle goes first, who went first comes back first.
    fn set_breaks(&mut self, acd: &Acd, group: GroupId, wanted: u32) {
        let wanted = wanted as usize;
        while self.staff[group.index()].on_break.len() > wanted {
            let agent = self.staff[group.index()].on_break.remove(0);
            self.inbox.push(Input::Ready { agent });
        }
        let missing = wanted - self.staff[group.index()].on_break.len();
        if missing == 0 {
            return;
        }
        let mut candidates = acd.ready_agents(group);
        let (_, working, _) = self.who_is_not_ready(acd, group);
        candidates.extend(working);
        candidates.retain(|agent| {
            self.seats[agent.index()].presence == Presence::In
                && !self.staff[group.index()].on_break.contains(agent)
        });
        for agent in candidates.into_iter().take(missing) {
            self.staff[group.index()].on_break.push(agent);
            self.inbox.push(Input::NotReady { agent, reason: Reason::Break });
        }
    }

    /// Notes that the agents of a group are gone with their site: nobody of them leaves later.
    pub(crate) fn forget_leavers(&mut self, group: GroupId) {
        let staff = &mut self.staff[group.index()];
        if staff.leaving_next > 0 {
            staff.leaving_next = 0;
            self.inbox.push(Input::SignOutNext { group, count: 0 });
        }
    }

    /// Learns that an agent has left his seat.
    pub(crate) fn seat_left(&mut self, agent: AgentId) {
        let seat = &mut self.seats[agent.index()];
        let staff = &mut self.staff[self.group_of[agent.index()].index()];
        match seat.presence {
            Presence::Out => return,
            Presence::Leaving => {}
            Presence::In => {
                staff.here -= 1;
                staff.leaving_next = staff.leaving_next.saturating_sub(1);
                staff.on_break.retain(|pausing| *pausing != agent);
            }
        }
        seat.presence = Presence::Out;
        staff.free.push(agent);
    }
}

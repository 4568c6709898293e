//! Agents come, go, pause and become free: everything that changes who is ready.

use crate::agents::{AGENTS_MAX, Agent, AgentState, Intent};
use crate::id::{AgentId, GroupId};
use crate::input::Reason;
use crate::output::{AgentPhase, Command, Event, Output, ReleaseCause};
use crate::routing::{Member, Standing};
use crate::switch::Acd;

impl Intent {
    /// The state it leads to, unless the agent goes on taking calls.
    #[inline]
    pub(crate) const fn state(self) -> Option<AgentState> {
        match self {
            Self::TakeCalls => None,
            Self::SignOut => Some(AgentState::SignedOut),
            Self::NotReady(reason) => Some(AgentState::NotReady(reason)),
        }
    }
}

impl Acd {
    /// Decides what an agent does who has just finished, and puts him into that state.
    #[inline]
    pub(crate) fn rest(&mut self, agent_id: AgentId) -> AgentState {
        let now = self.now;
        let has_lost_site = self.is_site_lost(self.agents[agent_id.index()].group);
        let agent = &mut self.agents[agent_id.index()];
        let state = match agent.intent.state() {
            _ if has_lost_site => AgentState::SignedOut,
            Some(state) => state,
            None => {
                let group = &mut self.groups[agent.group.index()];
                if group.sign_out_next > 0 {
                    group.sign_out_next -= 1;
                    AgentState::SignedOut
                } else {
                    AgentState::Ready
                }
            }
        };
        agent.intent = Intent::TakeCalls;
        agent.become_state(now, state);
        state
    }

    /// Finds work for an agent who came to rest: a waiting call, else his place among the idle, else a listed callback.
    #[inline]
    pub(crate) fn seek_work(&mut self, agent: AgentId, is_resuming: bool, out: &mut Vec<Output>) {
        if self.agents[agent.index()].state != AgentState::Ready {
            return self.tell_if_out(agent, out);
        }
        if !is_resuming {
            self.sequence += 1;
            self.agents[agent.index()].ready_sequence = self.sequence;
        }
        if let Some(call) = self.pick_call(agent) {
            self.step_out_of_line(call);
            return self.offer(call, agent, true, out);
        }
        self.join_ready_sets(agent, is_resuming);
        if self.listed > 0 {
            self.start_listed_callback(agent, out);
        }
    }

    /// Tells an agent that he is signed out or not ready.
    pub(crate) fn tell_if_out(&mut self, agent: AgentId, out: &mut Vec<Output>) {
        let state = self.agents[agent.index()].state;
        let reason = state.reason();
        if reason.is_some() || state == AgentState::SignedOut {
            out.push(Output::Command(Command::AgentOut { agent, reason }));
        }
    }

    #[inline]
    fn join_ready_sets(&mut self, agent_id: AgentId, is_resuming: bool) {
        let agent = &self.agents[agent_id.index()];
        let standing = Standing {
            ready_sequence: agent.ready_sequence,
            calls_answered: agent.calls_answered,
            is_resuming,
        };
        let seats = &self.memberships[agent.memberships as usize..];
        let skills = &self.config.groups[agent.group.index()].skills;
        for (skill, seat) in skills.iter().zip(seats) {
            let queue = &mut self.queues[skill.queue.index()];
            queue.routing.insert(*seat, standing);
            queue.ready += 1;
        }
    }

    #[inline]
    pub(crate) fn leave_ready_sets(&mut self, agent_id: AgentId) {
        let agent = &self.agents[agent_id.index()];
        let seats = &self.memberships[agent.memberships as usize..];
        let skills = &self.config.groups[agent.group.index()].skills;
        for (skill, seat) in skills.iter().zip(seats) {
            let queue = &mut self.queues[skill.queue.index()];
            queue.routing.remove(*seat);
            queue.ready -= 1;
        }
    }

    pub(crate) fn sign_in(&mut self, agent_id: AgentId, group: GroupId, out: &mut Vec<Output>) {
        let is_new = agent_id.index() == self.agents.len();
        let may_sit = group.index() < self.groups.len() && !self.is_site_lost(group);
        if is_new && may_sit && agent_id.0 < AGENTS_MAX {
            self.add_seat(agent_id, group);
        }
        let fits = self
            .agents
            .get(agent_id.index())
            .is_some_and(|agent| agent.state == AgentState::SignedOut && agent.group == group);
        if !fits || !may_sit {
            return self.stale(None, Some(agent_id), out);
        }
        let now = self.now;
        let agent = &mut self.agents[agent_id.index()];
        agent.become_state(now, AgentState::Ready);
        self.agent_asides[agent_id.index()].signed_in_at = now;
        let agent = &mut self.agents[agent_id.index()];
        agent.accounted = crate::units::Duration::ZERO;
        agent.intent = Intent::TakeCalls;
        agent.unanswered = 0;
        self.changed(agent_id, AgentPhase::SignedOut, out);
        self.seek_work(agent_id, false, out);
    }

    fn add_seat(&mut self, agent: AgentId, group: GroupId) {
        self.agents.push(Agent::new(group, self.memberships.len() as u32));
        self.agent_asides.push(crate::agents::Aside::default());
        self.groups[group.index()].agents.push(agent);
        for skill in &self.config.groups[group.index()].skills {
            let queue = &mut self.queues[skill.queue.index()];
            self.memberships.push(queue.members.len() as u32);
            queue.members.push(agent);
            queue.routing.join(Member {
                group: group.0,
                level: skill.level,
                handling: skill.handling.0,
            });
        }
    }

    #[inline]
    fn is_site_lost(&self, group: GroupId) -> bool {
        if self.sites.is_empty() {
            return false;
        }
        let site = self.config.groups[group.index()].site;
        site.is_some_and(|site| self.sites.get(site.index()).is_some_and(|site| site.is_lost))
    }

    /// Returns whether an agent leaves now whatever he is in: he was cut off, or his site is lost.
    pub(crate) fn is_leaving_now(&self, agent: AgentId) -> bool {
        let agent = &self.agents[agent.index()];
        agent.intent == Intent::SignOut || self.is_site_lost(agent.group)
    }

    /// Reports a change of state that no call brought about.
    fn changed(&mut self, agent_id: AgentId, from: AgentPhase, out: &mut Vec<Output>) {
        let agent = &self.agents[agent_id.index()];
        let (group, to, reason) = (agent.group, agent.state.phase(), agent.state.reason());
        out.push(Output::Event(Event::AgentChanged { agent: agent_id, group, from, to, reason }));
    }

    pub(crate) fn sign_out(&mut self, agent: AgentId, out: &mut Vec<Output>) {
        self.pause(agent, Intent::SignOut, out);
    }

    pub(crate) fn not_ready(&mut self, agent: AgentId, reason: Reason, out: &mut Vec<Output>) {
        self.pause(agent, Intent::NotReady(reason), out);
    }

    /// Lets an agent stop: at once when he has nothing in hand, else when he finishes.
    fn pause(&mut self, agent_id: AgentId, intent: Intent, out: &mut Vec<Output>) {
        let Some(agent) = self.agents.get_mut(agent_id.index()) else {
            return self.stale(None, Some(agent_id), out);
        };
        match agent.state {
            AgentState::SignedOut => self.stale(None, Some(agent_id), out),
            AgentState::Reserved { .. } | AgentState::Connected { .. } | AgentState::Acw { .. } => {
                // Who is to sign out stays so: a break does not keep him.
                if agent.intent != Intent::SignOut {
                    agent.intent = intent;
                }
            }
            AgentState::Ready => {
                self.leave_ready_sets(agent_id);
                self.step_aside(agent_id, intent, out);
            }
            AgentState::BackOff | AgentState::NotReady(_) => self.step_aside(agent_id, intent, out),
        }
    }

    fn step_aside(&mut self, agent_id: AgentId, intent: Intent, out: &mut Vec<Output>) {
        let now = self.now;
        let agent = &mut self.agents[agent_id.index()];
        let from = agent.state.phase();
        agent.become_state(now, intent.state().unwrap_or(AgentState::SignedOut));
        agent.intent = Intent::TakeCalls;
        self.changed(agent_id, from, out);
        self.tell_if_out(agent_id, out);
    }

    pub(crate) fn ready_again(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        let Some(agent) = self.agents.get_mut(agent_id.index()) else {
            return self.stale(None, Some(agent_id), out);
        };
        match agent.state {
            AgentState::NotReady(_) | AgentState::BackOff => self.resume(agent_id, out),
            AgentState::SignedOut | AgentState::Ready => self.stale(None, Some(agent_id), out),
            AgentState::Reserved { .. } | AgentState::Connected { .. } | AgentState::Acw { .. } => {
                match agent.intent {
                    Intent::NotReady(_) => agent.intent = Intent::TakeCalls,
                    Intent::TakeCalls | Intent::SignOut => self.stale(None, Some(agent_id), out),
                }
            }
        }
    }

    pub(crate) fn back_off_over(&mut self, agent: AgentId, out: &mut Vec<Output>) {
        self.resume(agent, out);
    }

    fn resume(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        let from = self.agents[agent_id.index()].state.phase();
        self.rest(agent_id);
        self.changed(agent_id, from, out);
        self.seek_work(agent_id, false, out);
    }

    pub(crate) fn sign_out_next(&mut self, group: GroupId, count: u32, out: &mut Vec<Output>) {
        match self.groups.get_mut(group.index()) {
            Some(group) => group.sign_out_next = count,
            None => self.stale(None, None, out),
        }
    }

    /// An agent leaves at once; the call goes back to the head of its queue, for another agent if one is ready.
    pub(crate) fn send_back(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        let Some(agent) = self.agents.get(agent_id.index()) else {
            return self.stale(None, Some(agent_id), out);
        };
        let AgentState::Connected { call, queue, .. } = agent.state else {
            return self.cut_off(agent_id, out);
        };
        if self.calls.at(call).is_callback {
            return self.cut_off(agent_id, out);
        }
        self.send_call_back(agent_id, out);
        self.step_aside(agent_id, Intent::SignOut, out);
        if self.is_closed {
            return self.close_out_waiting(call, out);
        }
        self.offer_first(queue, out);
    }

    /// An agent leaves at once; a call he talks on is cut, a call that rings goes back into line.
    pub(crate) fn cut_off(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        let Some(agent) = self.agents.get_mut(agent_id.index()) else {
            return self.stale(None, Some(agent_id), out);
        };
        match agent.state {
            AgentState::Connected { .. } => {
                agent.intent = Intent::SignOut;
                self.talk_over(agent_id, Some(ReleaseCause::Cut), out);
            }
            AgentState::Acw { call } => {
                agent.intent = Intent::SignOut;
                self.end_wrap_up(agent_id, call, out);
                self.tell_if_out(agent_id, out);
            }
            AgentState::Reserved { call, queue } => {
                agent.intent = Intent::SignOut;
                self.take_offer_from(agent_id, call, queue, out);
            }
            AgentState::SignedOut
            | AgentState::Ready
            | AgentState::BackOff
            | AgentState::NotReady(_) => self.sign_out(agent_id, out),
        }
    }

    /// Takes a ringing call from a leaving agent and finds another for it.
    fn take_offer_from(
        &mut self,
        agent_id: AgentId,
        call: crate::id::CallId,
        queue: crate::id::QueueId,
        out: &mut Vec<Output>,
    ) {
        let offer = self.agents[agent_id.index()].offer(agent_id);
        let rest = self.rest(agent_id);
        let other = if self.is_closed { None } else { self.pick_agent(queue, call) };
        out.push(Output::Event(Event::OfferEnded {
            offer,
            call,
            queue,
            outcome: crate::output::OfferOutcome::Withdrawn,
            next: rest.phase(),
            reason: rest.reason(),
            waits_again: other.is_none() && !self.is_closed,
        }));
        out.push(Output::Command(Command::CancelRing { offer }));
        self.tell_if_out(agent_id, out);
        match other {
            Some(agent) => self.offer(call, agent, false, out),
            None => self.wait_again(call, queue, out),
        }
    }
}

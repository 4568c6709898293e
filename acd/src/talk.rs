//! From the answer on: hold, the end of the talk, after-call work, and a call taken away from a leaving agent.

use crate::agents::AgentState;
use crate::calls::CallState;
use crate::id::{AgentId, CallId, OfferId, QueueId};
use crate::output::{Command, Event, Outcome, Output, ReleaseCause};
use crate::switch::Acd;
use crate::units::Duration;

impl AgentState {
    /// A talk that begins now.
    #[inline]
    pub(crate) const fn connected(call: CallId, queue: QueueId) -> Self {
        Self::Connected { call, queue, is_held: false }
    }
}

impl Acd {
    /// Ends the talk of a connected agent. `cause` is set when the switch or the agent ends it, so that the caller is let go.
    #[inline]
    pub(crate) fn talk_over(
        &mut self,
        agent_id: AgentId,
        cause: Option<ReleaseCause>,
        out: &mut Vec<Output>,
    ) {
        let now = self.now;
        let Some((call, queue, talk, hold)) = self.times_of_talk(agent_id) else { return };
        let is_callback = self.calls.at(call).is_callback;
        self.end_call(call);
        let was_cut = cause == Some(ReleaseCause::Cut);
        let agent = &mut self.agents[agent_id.index()];
        let offer = agent.offer(agent_id);
        // Who is cut off or whose site is lost does no work after the call.
        let has_gone = was_cut && self.is_leaving_now(agent_id);
        let wrap_up = self.config.queues[queue.index()].wrap_up && !has_gone;
        let next = if wrap_up {
            let agent = &mut self.agents[agent_id.index()];
            agent.become_state(now, AgentState::Acw { call });
            agent.state
        } else {
            self.rest(agent_id)
        };
        let (next, reason) = (next.phase(), next.reason());
        out.push(Output::Event(Event::TalkEnded {
            offer,
            call,
            talk,
            hold,
            next,
            reason,
            was_cut,
            is_callback,
        }));
        if let Some(cause) = cause {
            out.push(Output::Command(Command::Release { call, cause }));
        }
        out.push(Output::Command(Command::ReleaseAgent { offer, call, wrap_up }));
        if !wrap_up {
            self.seek_work(agent_id, false, out);
        }
    }

    /// Returns call, queue, talk and hold of a connected agent up to now.
    #[inline]
    fn times_of_talk(&self, agent: AgentId) -> Option<(CallId, QueueId, Duration, Duration)> {
        let record = &self.agents[agent.index()];
        let AgentState::Connected { call, queue, is_held } = record.state else { return None };
        let (mut talk, mut hold) = (Duration::ZERO, Duration::ZERO);
        if record.had_hold {
            let aside = &self.agent_asides[agent.index()];
            (talk, hold) = (aside.talk, aside.hold);
        }
        let stretch = if is_held { &mut hold } else { &mut talk };
        stretch.0 += self.now.since(record.since).0;
        Some((call, queue, talk, hold))
    }

    pub(crate) fn agent_gone(&mut self, offer: OfferId, out: &mut Vec<Output>) {
        match self.talking_agent(offer) {
            Some(agent) => self.talk_over(agent, Some(ReleaseCause::AgentGone), out),
            None => self.stale(None, Some(offer.agent), out),
        }
    }

    /// Returns the agent of an offer that was answered and whose talk goes on.
    fn talking_agent(&self, offer: OfferId) -> Option<AgentId> {
        let agent = self.agents.get(offer.agent.index())?;
        let is_talking = matches!(agent.state, AgentState::Connected { .. });
        (is_talking && agent.offer_age == offer.age).then_some(offer.agent)
    }

    pub(crate) fn agent_held(&mut self, offer: OfferId, on: bool, out: &mut Vec<Output>) {
        let now = self.now;
        let Some(agent_id) = self.talking_agent(offer) else {
            return self.stale(None, Some(offer.agent), out);
        };
        let Some((call, queue, talk, hold)) = self.times_of_talk(agent_id) else { return };
        let agent = &mut self.agents[agent_id.index()];
        if (agent.state.phase() == crate::output::AgentPhase::Held) == on {
            return self.stale(None, Some(offer.agent), out);
        }
        agent.become_state(now, AgentState::Connected { call, queue, is_held: on });
        agent.had_hold = true;
        let aside = &mut self.agent_asides[agent_id.index()];
        (aside.talk, aside.hold) = (talk, hold);
        let (event, command) = if on {
            (Event::HoldStarted { offer, call }, Command::Hold { call })
        } else {
            (Event::HoldEnded { offer, call }, Command::Retrieve { call })
        };
        out.push(Output::Event(event));
        out.push(Output::Command(command));
    }

    #[inline]
    pub(crate) fn wrap_up_done(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        match self.agents.get(agent_id.index()).map(|agent| agent.state) {
            Some(AgentState::Acw { call }) => {
                self.end_wrap_up(agent_id, call, out);
                self.seek_work(agent_id, false, out);
            }
            _ => self.stale(None, Some(agent_id), out),
        }
    }

    pub(crate) fn end_wrap_up(&mut self, agent: AgentId, call: CallId, out: &mut Vec<Output>) {
        let acw = self.now.since(self.agents[agent.index()].since);
        let next = self.rest(agent);
        let (next, reason) = (next.phase(), next.reason());
        out.push(Output::Event(Event::AcwEnded { agent, call, acw, next, reason }));
    }

    /// Takes the call from a leaving agent: it is un-answered and waits at the head of its queue.
    pub(crate) fn send_call_back(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        let Some((id, queue, talk, hold)) = self.times_of_talk(agent_id) else { return };
        let offer = self.agents[agent_id.index()].offer(agent_id);
        let now = self.now;
        self.counts.take_back(Outcome::Answered);
        self.queues[queue.index()].left -= 1;
        self.calls.at(id).since = now;
        let front = self.queues[queue.index()].line.front(&self.calls);
        self.stand_in_line(id, queue, Some(front));
        out.push(Output::Event(Event::CallSentBack { offer, call: id, queue, talk, hold }));
        let music = Command::Music { call: id, queue, since: now, on_entry: false };
        out.push(Output::Command(music));
    }

    /// Offers the first waiting call of a queue to an agent who is ready, if there is one: after a call came back.
    pub(crate) fn offer_first(&mut self, queue: QueueId, out: &mut Vec<Output>) {
        let Some(slot) = self.queues[queue.index()].line.first(&self.calls) else { return };
        let id = self.calls.id(slot);
        if let Some(agent) = self.pick_agent(queue, id) {
            self.step_out_of_line(id);
            self.offer(id, agent, true, out);
        }
    }

    /// Starts the talk's end for a call that is cut; the agent, if there is one, goes on.
    pub(crate) fn cut_call(&mut self, id: CallId, out: &mut Vec<Output>) {
        let Some(call) = self.calls.find(id).copied() else { return };
        match call.state {
            CallState::Free => return,
            CallState::Connected(agent) => {
                return self.talk_over(agent, Some(ReleaseCause::Cut), out);
            }
            CallState::Listed => {
                self.queues[call.queue.index()].listed.retain(|listed| *listed != id);
                self.listed -= 1;
                self.drop_callback(id, out);
            }
            CallState::Ivr { .. } => self.leave_flow(id, crate::output::DoorOutcome::CutInIvr, out),
            CallState::Waiting { .. } => self.leave_line(id, Outcome::Cut, out),
            CallState::Offered(agent) => {
                self.abandon_offered(id, Outcome::Cut, out);
                self.withdraw_offer(agent, out);
            }
        }
        self.let_go(id, call.is_taken, ReleaseCause::Cut, out);
    }
}

//! Offers: matching from both sides, ringing, the answer, and every way in which it does not come.

use crate::agents::AgentState;
use crate::calls::CallState;
use crate::config::{GroupConfig, Skill, Takes};
use crate::id::{AgentId, CallId, OfferId, QueueId};
use crate::input::{OfferFailure, Reason};
use crate::output::{Command, Event, OfferOutcome, Outcome, Output, ReleaseCause};
use crate::routing::Ask;
use crate::switch::Acd;
use crate::timers::Cause;
use crate::units::Timestamp;
use std::cmp::Reverse;

impl Acd {
    /// Push: the ready agent whom the queue's strategy asks for this call; he is ready no longer.
    #[inline]
    pub(crate) fn pick_agent(&mut self, queue: QueueId, call: CallId) -> Option<AgentId> {
        let state = &mut self.queues[queue.index()];
        if state.ready == 0 {
            return None;
        }
        let seat = state.routing.pick(Ask { seed: self.config.tie_break_seed, call })?;
        let agent = state.members[seat as usize];
        self.leave_ready_sets(agent);
        Some(agent)
    }

    /// Pull: the waiting call that an agent takes by his group's rule.
    #[inline]
    pub(crate) fn pick_call(&self, agent: AgentId) -> Option<CallId> {
        if self.waiting == 0 {
            return None;
        }
        let group = &self.config.groups[self.agents[agent.index()].group.index()];
        if let [skill] = group.skills[..] {
            let slot = self.queues[skill.queue.index()].line.first(&self.calls)?;
            return Some(self.calls.id(slot));
        }
        self.best_of_lines(group)
    }

    fn best_of_lines(&self, group: &GroupConfig) -> Option<CallId> {
        let heads = group.skills.iter().filter_map(|skill| {
            let slot = self.queues[skill.queue.index()].line.first(&self.calls)?;
            Some((skill, self.calls.id(slot)))
        });
        let rank = |(skill, id): &(&Skill, CallId)| {
            let call = self.calls.find(*id).expect("a call in line is in use");
            let wait_first = (call.since, call.serial);
            let score = Reverse(self.score(skill.queue, call.since));
            match group.takes {
                Takes::Priority => ((score, skill.level), Reverse(0), wait_first),
                Takes::Level => ((Reverse(0), skill.level), score, wait_first),
                Takes::LongestWait => ((Reverse(0), 0), Reverse(0), wait_first),
            }
        };
        heads.min_by_key(rank).map(|(_, id)| id)
    }

    /// Priority with linear ageing, in units of a millipoint-microsecond: comparable between queues at one moment.
    fn score(&self, queue: QueueId, since: Timestamp) -> i64 {
        const POINT: i64 = 1000 * 60_000_000;
        let config = &self.config.queues[queue.index()];
        let waited = i64::try_from(self.now.since(since).0).unwrap_or(i64::MAX);
        let aged = i64::from(config.ageing_milli_per_min).saturating_mul(waited);
        i64::from(config.priority).saturating_mul(POINT).saturating_add(aged)
    }

    /// Offers a call to an agent who is in no ready set. An open offer always has a timer.
    #[inline]
    pub(crate) fn offer(
        &mut self,
        id: CallId,
        agent_id: AgentId,
        was_waiting: bool,
        out: &mut Vec<Output>,
    ) {
        let now = self.now;
        let call = self.calls.at(id);
        let (queue, since, is_callback) = (call.queue, call.since, call.is_callback);
        call.state = CallState::Offered(agent_id);
        let agent = &mut self.agents[agent_id.index()];
        agent.become_state(now, AgentState::Reserved { call: id, queue });
        agent.offer_age = agent.offer_age.wrapping_add(1);
        let (offer, group) = (agent.offer(agent_id), agent.group);
        let due = now.after(self.ring_timeout(group));
        self.timers.start(due, Cause::Ring(offer));
        let made = Event::OfferMade { offer, call: id, queue, was_waiting, is_callback };
        out.push(Output::Event(made));
        out.push(Output::Command(Command::Ring { offer, call: id, since }));
    }

    /// Returns the call and queue of an offer that is still open.
    #[inline]
    fn open_offer(&self, offer: OfferId) -> Option<(CallId, QueueId)> {
        let agent = self.agents.get(offer.agent.index())?;
        let AgentState::Reserved { call, queue } = agent.state else { return None };
        (agent.offer_age == offer.age).then_some((call, queue))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "on the path of every call; see Acd::handle")]
    pub(crate) fn agent_answered(&mut self, offer: OfferId, out: &mut Vec<Output>) {
        let Some((id, queue)) = self.open_offer(offer) else {
            return self.stale(None, Some(offer.agent), out);
        };
        let now = self.now;
        let agent = &mut self.agents[offer.agent.index()];
        let ring = now.since(agent.since);
        agent.become_state(now, AgentState::connected(id, queue));
        agent.calls_answered += 1;
        agent.unanswered = 0;
        agent.had_hold = false;
        let call = self.calls.at(id);
        call.state = CallState::Connected(offer.agent);
        let (wait, is_callback) = (now.since(call.since), call.is_callback);
        if !is_callback {
            self.counts.settle_outcome(Outcome::Answered);
            self.queues[queue.index()].left += 1;
        }
        let answered = Event::CallAnswered { offer, call: id, queue, wait, ring, is_callback };
        out.push(Output::Event(answered));
        self.take_call(id, out);
        out.push(Output::Command(Command::Connect { call: id, offer }));
    }

    pub(crate) fn ring_timed_out(&mut self, offer: OfferId, out: &mut Vec<Output>) {
        self.fail_offer(offer, OfferOutcome::NoAnswer, None, out);
    }

    pub(crate) fn offer_failed(
        &mut self,
        offer: OfferId,
        why: OfferFailure,
        out: &mut Vec<Output>,
    ) {
        match why {
            OfferFailure::NoAnswer => self.fail_offer(offer, OfferOutcome::NoAnswer, None, out),
            OfferFailure::Busy | OfferFailure::Declined => {
                self.fail_offer(offer, OfferOutcome::Failed, None, out);
            }
            OfferFailure::Unreachable => {
                self.fail_offer(offer, OfferOutcome::Failed, Some(Reason::Unreachable), out);
            }
        }
    }

    /// Leaves the agent alone for a while and finds another for the call.
    #[inline(never)]
    fn fail_offer(
        &mut self,
        offer: OfferId,
        outcome: OfferOutcome,
        reason: Option<Reason>,
        out: &mut Vec<Output>,
    ) {
        let Some((id, queue)) = self.open_offer(offer) else {
            return self.stale(None, Some(offer.agent), out);
        };
        let rest = self.back_off(offer, reason);
        let other = if self.is_closed { None } else { self.pick_agent(queue, id) };
        let waits_again = other.is_none() && !self.is_closed;
        out.push(Output::Event(Event::OfferEnded {
            offer,
            call: id,
            queue,
            outcome,
            next: rest.phase(),
            reason: rest.reason(),
            waits_again,
        }));
        out.push(Output::Command(Command::CancelRing { offer }));
        self.tell_if_out(offer.agent, out);
        match other {
            Some(agent) => self.offer(id, agent, false, out),
            None => self.wait_again(id, queue, out),
        }
    }

    /// Decides how the agent rests after an offer that failed.
    fn back_off(&mut self, offer: OfferId, reason: Option<Reason>) -> AgentState {
        let now = self.now;
        let agent = &mut self.agents[offer.agent.index()];
        agent.unanswered = agent.unanswered.saturating_add(1);
        let group = &self.config.groups[agent.group.index()];
        let is_tired =
            group.not_ready_after > 0 && u32::from(agent.unanswered) >= group.not_ready_after;
        let state = match (agent.intent.state(), reason) {
            (Some(state), _) => state,
            (None, Some(reason)) => AgentState::NotReady(reason),
            (None, None) if is_tired => AgentState::NotReady(Reason::NoAnswer),
            (None, None) => AgentState::BackOff,
        };
        if is_tired {
            agent.unanswered = 0;
        }
        agent.intent = crate::agents::Intent::TakeCalls;
        agent.become_state(now, state);
        if state == AgentState::BackOff {
            self.timers.start(now.after(group.back_off), Cause::BackOff(offer.agent, offer.age));
        }
        state
    }

    /// Puts a call whose offer failed back into line, at its old place; sends it away when the centre is closed.
    pub(crate) fn wait_again(&mut self, id: CallId, queue: QueueId, out: &mut Vec<Output>) {
        if self.is_closed {
            return self.close_out_offered(id, out);
        }
        let call = *self.calls.at(id);
        if call.is_callback {
            self.calls.at(id).state = CallState::Listed;
            self.queues[queue.index()].listed.push_front(id);
            self.listed += 1;
            return;
        }
        self.take_call(id, out);
        self.stand_in_line(id, queue, None);
        let music = Command::Music { call: id, queue, since: call.since, on_entry: false };
        out.push(Output::Command(music));
    }

    fn close_out_offered(&mut self, id: CallId, out: &mut Vec<Output>) {
        let is_taken = self.calls.at(id).is_taken;
        self.abandon_offered(id, Outcome::ClosedOut, out);
        self.let_go(id, is_taken, ReleaseCause::ClosedOut, out);
    }

    /// Ends a call that was being offered, its agent still to be freed. A listed callback has its outcome already.
    pub(crate) fn abandon_offered(&mut self, id: CallId, outcome: Outcome, out: &mut Vec<Output>) {
        if self.calls.at(id).is_callback {
            return self.drop_callback(id, out);
        }
        let wait = self.waited(id);
        self.leave_count(id);
        self.leave_queue(id, outcome, (wait, false), out);
    }

    /// Takes an offer back because its call is gone; the agent resumes his place among the idle.
    pub(crate) fn withdraw_offer(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        let agent = &self.agents[agent_id.index()];
        let AgentState::Reserved { call, queue } = agent.state else { return };
        let offer = agent.offer(agent_id);
        let rest = self.rest(agent_id);
        out.push(Output::Event(Event::OfferEnded {
            offer,
            call,
            queue,
            outcome: OfferOutcome::Withdrawn,
            next: rest.phase(),
            reason: rest.reason(),
            waits_again: false,
        }));
        out.push(Output::Command(Command::CancelRing { offer }));
        self.seek_work(agent_id, true, out);
    }

    /// Returns whether a timer still has something to fire for.
    #[inline]
    pub(crate) fn is_live(&self, cause: Cause) -> bool {
        match cause {
            Cause::Ring(offer) => self.open_offer(offer).is_some(),
            Cause::BackOff(agent, age) => {
                let agent = &self.agents[agent.index()];
                agent.state == AgentState::BackOff && agent.offer_age == age
            }
            Cause::MaxWait(call) | Cause::Overflow(call) => {
                self.calls.find(call).is_some_and(|call| matches!(call.state, CallState::Waiting { .. }))
            }
            Cause::Menu(call, step, tries) => self.calls.find(call).is_some_and(|call| {
                matches!(call.state, CallState::Ivr { step: s, tries: t, .. } if s == step && t == tries)
            }),
        }
    }
}

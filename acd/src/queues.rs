//! Queues: entry, the waiting line, overflow, too long a wait, full.

use crate::calls::{Call, CallState};
use crate::config::{Callback, Overflow};
use crate::id::{CallId, QueueId};
use crate::output::{Command, Event, Outcome, Output, ReleaseCause};
use crate::switch::Acd;
use crate::timers::Cause;
use crate::units::Duration;

/// How often one call may move from queue to queue, or leave a full queue into its flow.
pub const HOPS_MAX: u8 = 16;

/// Overflow rules a queue can be given at run time.
pub const OVERFLOW_MAX: usize = 16;

/// What a caller who is asked for a callback gets to answer before an overflow or a limit of no time at all: the shortest time there is.
const ANSWER_TIME: Duration = Duration(1);

impl Acd {
    /// Puts a call into a queue: offers it at once when an agent is ready, else it waits, moves on or is refused.
    #[inline]
    pub(crate) fn enter_queue(
        &mut self,
        id: CallId,
        queue: QueueId,
        from: Option<QueueId>,
        out: &mut Vec<Output>,
    ) {
        let now = self.now;
        let call = self.calls.at(id);
        let from_ivr = matches!(call.state, CallState::Ivr { .. });
        if !call.was_offered {
            call.was_offered = true;
            call.since = now;
            self.counts.offered += 1;
        }
        call.queue = queue;
        let (contact, since) = (call.contact, call.since);
        self.queues[queue.index()].entered += 1;
        out.push(Output::Event(Event::CallEnqueued {
            call: id,
            queue,
            contact,
            from,
            since,
            from_ivr,
        }));
        match self.pick_agent(queue, id) {
            Some(agent) => self.offer(id, agent, false, out),
            None => self.no_agent_ready(id, queue, from.is_none(), out),
        }
    }

    #[inline(never)]
    fn no_agent_ready(
        &mut self,
        id: CallId,
        queue: QueueId,
        on_entry: bool,
        out: &mut Vec<Output>,
    ) {
        let length = self.queues[queue.index()].line.len();
        let is_full =
            self.config.queues[queue.index()].max_length.is_some_and(|most| length >= most);
        if is_full || self.is_closed {
            return self.queue_is_full(id, queue, out);
        }
        out.push(Output::Event(Event::CallWaits { call: id, queue }));
        self.take_call(id, out);
        let asks = match self.queues[queue.index()].callback {
            Callback::None => false,
            Callback::VirtualHold => true,
            Callback::List { if_queue_at_least, .. } => length >= if_queue_at_least,
        };
        self.calls.at(id).is_asked = asks && on_entry;
        self.stand_in_line(id, queue, None);
        if asks && on_entry {
            out.push(Output::Command(Command::OfferCallback { call: id, queue }));
        }
        let since = self.calls.at(id).since;
        out.push(Output::Command(Command::Music { call: id, queue, since, on_entry }));
    }

    /// Puts a call into the line of its queue, at a given place or by its first entry, and starts the clocks of waiting.
    pub(crate) fn stand_in_line(&mut self, id: CallId, queue: QueueId, place: Option<u64>) {
        let call = self.calls.at(id);
        call.queue = queue;
        call.place = place.unwrap_or(call.since.0);
        let line = &mut self.queues[queue.index()].line;
        let returned = line.push(id.slot, &mut self.links, &self.calls);
        self.calls.at(id).state = CallState::Waiting { returned };
        self.waiting += 1;
        self.start_waiting_clocks(id, queue);
    }

    fn start_waiting_clocks(&mut self, id: CallId, queue: QueueId) {
        let &mut Call { since, is_asked, .. } = self.calls.at(id);
        // Who is asked whether he wants to be called back may say yes before the queue sends him on.
        let earliest = if is_asked { self.now.after(ANSWER_TIME) } else { self.now };
        if let Some(most) = self.config.queues[queue.index()].max_wait {
            self.timers.start(since.after(most).max(earliest), Cause::MaxWait(id));
        }
        let rules = self.queues[queue.index()].overflow.iter();
        if let Some(after) = rules.filter_map(|rule| rule.after).min() {
            self.timers.start(since.after(after).max(earliest), Cause::Overflow(id));
        }
    }

    /// Takes a waiting call out of its line.
    #[inline]
    pub(crate) fn step_out_of_line(&mut self, id: CallId) {
        let call = self.calls.at(id);
        let CallState::Waiting { returned } = call.state else { return };
        let (queue, place) = (call.queue, (call.place, call.serial));
        call.is_asked = false;
        let line = &mut self.queues[queue.index()].line;
        line.remove(id.slot, returned.then_some(place), &mut self.links);
        self.waiting -= 1;
    }

    /// Ends a waiting call with an outcome.
    pub(crate) fn leave_line(&mut self, id: CallId, outcome: Outcome, out: &mut Vec<Output>) {
        self.step_out_of_line(id);
        let wait = self.waited(id);
        self.leave_count(id);
        self.leave_queue(id, outcome, (wait, true), out);
    }

    /// Returns how long the call has waited since its first entry.
    #[inline]
    pub(crate) fn waited(&mut self, id: CallId) -> Duration {
        let now = self.now;
        now.since(self.calls.at(id).since)
    }

    #[inline]
    pub(crate) fn leave_count(&mut self, id: CallId) {
        let queue = self.calls.at(id).queue;
        self.queues[queue.index()].left += 1;
    }

    #[inline(never)]
    fn queue_is_full(&mut self, id: CallId, queue: QueueId, out: &mut Vec<Output>) {
        self.leave_count(id);
        let rules = self.queues[queue.index()].overflow.iter();
        let next = rules.filter(|rule| rule.after.is_none()).map(|rule| rule.to).next();
        let call = self.calls.at(id);
        if let (Some(to), true) = (next, call.hops < HOPS_MAX) {
            call.hops += 1;
            out.push(Output::Event(Event::CallMoved { call: id, queue, was_waiting: false }));
            return self.enter_queue(id, to, Some(queue), out);
        }
        let outcome = if self.is_closed { Outcome::ClosedOut } else { Outcome::RefusedFull };
        self.end_or_follow_flow(id, outcome, false, out);
    }

    /// Ends a call that its queue would not keep, or follows the exit of the step that enqueued it.
    fn end_or_follow_flow(
        &mut self,
        id: CallId,
        outcome: Outcome,
        was_waiting: bool,
        out: &mut Vec<Output>,
    ) {
        let wait = self.waited(id);
        let enqueued_by = self.calls.aside(id).enqueued_by;
        let call = self.calls.at(id);
        let (queue, is_taken) = (call.queue, call.is_taken);
        if let (Some((flow, step)), true) = (enqueued_by, call.hops < HOPS_MAX) {
            call.hops += 1;
            self.calls.aside(id).pending = Some((outcome, wait));
            out.push(Output::Event(Event::CallMoved { call: id, queue, was_waiting }));
            return self.follow_queue_exit(id, flow, step, outcome, out);
        }
        let cause = refusal_cause(outcome);
        self.leave_queue(id, outcome, (wait, was_waiting), out);
        self.let_go(id, is_taken, cause, out);
    }

    /// Returns whether the call waits, and for how long, since its first entry.
    fn waits_for(&mut self, id: CallId) -> Option<Duration> {
        let call = self.calls.find(id)?;
        matches!(call.state, CallState::Waiting { .. }).then(|| self.now.since(call.since))
    }

    pub(crate) fn max_wait_reached(&mut self, id: CallId, out: &mut Vec<Output>) {
        let Some(wait) = self.waits_for(id) else { return };
        let call = self.calls.at(id);
        let most = self.config.queues[call.queue.index()].max_wait;
        // A call that moved stands under its new queue's rule; a kept place is a promise.
        if call.is_held_place || most.is_none_or(|most| wait < most) {
            return;
        }
        self.step_out_of_line(id);
        self.leave_count(id);
        self.end_or_follow_flow(id, Outcome::TimedOut, true, out);
    }

    pub(crate) fn overflow_due(&mut self, id: CallId, out: &mut Vec<Output>) {
        let Some(wait) = self.waits_for(id) else { return };
        let (from, hops) = (self.calls.at(id).queue, self.calls.at(id).hops);
        let is_due = |rule: &&Overflow| rule.after.is_some_and(|after| after <= wait);
        let Some(to) = self.queues[from.index()].overflow.iter().find(is_due).map(|rule| rule.to)
        else {
            return;
        };
        if hops >= HOPS_MAX || !self.has_room(to) {
            return;
        }
        self.step_out_of_line(id);
        self.leave_count(id);
        self.calls.at(id).hops += 1;
        out.push(Output::Event(Event::CallMoved { call: id, queue: from, was_waiting: true }));
        self.enter_queue(id, to, Some(from), out);
    }

    /// Returns whether a queue would take one more call.
    fn has_room(&self, queue: QueueId) -> bool {
        let state = &self.queues[queue.index()];
        let most = self.config.queues[queue.index()].max_length;
        state.ready > 0 || most.is_none_or(|most| state.line.len() < most)
    }

    pub(crate) fn add_overflow(
        &mut self,
        from: QueueId,
        to: QueueId,
        after: Duration,
        out: &mut Vec<Output>,
    ) {
        let known = self.queues.len();
        if from.index() >= known || to.index() >= known || from == to {
            return self.stale(None, None, out);
        }
        let rule = Overflow { after: Some(after), to };
        let queue = &mut self.queues[from.index()];
        if queue.overflow.len() >= OVERFLOW_MAX || queue.overflow.contains(&rule) {
            return;
        }
        queue.overflow.push(rule);
        // Waiting calls come under the new rule, too.
        for slot in self.queues[from.index()].line.slots(&self.links) {
            let id = self.calls.id(slot);
            let due = self.calls.at(id).since.after(after).max(self.now);
            self.timers.start(due, Cause::Overflow(id));
        }
    }

    pub(crate) fn close_queues(&mut self, out: &mut Vec<Output>) {
        self.is_closed = true;
        self.is_door_closed = true;
        for queue in 0..self.queues.len() {
            for slot in self.queues[queue].line.slots(&self.links) {
                self.close_out_waiting(self.calls.id(slot), out);
            }
            while let Some(id) = self.queues[queue].listed.pop_front() {
                self.listed -= 1;
                self.drop_callback(id, out);
                self.let_go(id, true, ReleaseCause::ClosedOut, out);
            }
        }
        self.close_flows(out);
    }

    /// Sends a waiting call away because the centre is closed.
    pub(crate) fn close_out_waiting(&mut self, id: CallId, out: &mut Vec<Output>) {
        let is_taken = self.calls.at(id).is_taken;
        self.leave_line(id, Outcome::ClosedOut, out);
        self.let_go(id, is_taken, ReleaseCause::ClosedOut, out);
    }
}

/// Returns the cause told to a caller whom his queue would not keep.
pub(crate) fn refusal_cause(outcome: Outcome) -> ReleaseCause {
    if outcome == Outcome::TimedOut {
        ReleaseCause::TimedOut
    } else if outcome == Outcome::ClosedOut {
        ReleaseCause::ClosedOut
    } else {
        ReleaseCause::Full
    }
}

//! Callbacks: a place kept in line, or a place on the list of calls to be made when agents are idle.

use crate::calls::CallState;
use crate::config::Callback;
use crate::id::{AgentId, CallId, QueueId};
use crate::output::{Event, Outcome, Output, ReleaseCause};
use crate::switch::Acd;

impl Acd {
    pub(crate) fn callback_accepted(&mut self, id: CallId, out: &mut Vec<Output>) {
        let call = self.calls.find(id).copied();
        let Some(call) = call.filter(|call| call.is_asked) else {
            return self.stale(Some(id), None, out);
        };
        match self.queues[call.queue.index()].callback {
            Callback::None => self.stale(Some(id), None, out),
            Callback::VirtualHold => {
                let record = self.calls.at(id);
                record.is_asked = false;
                record.is_held_place = true;
                out.push(Output::Event(Event::CallbackAccepted { call: id, queue: call.queue }));
            }
            Callback::List { .. } => self.list_callback(id, call.queue, out),
        }
    }

    fn list_callback(&mut self, id: CallId, queue: QueueId, out: &mut Vec<Output>) {
        self.step_out_of_line(id);
        let wait = self.waited(id);
        self.leave_count(id);
        self.leave_queue(id, Outcome::CallbackListed, (wait, true), out);
        let now = self.now;
        let call = self.calls.at(id);
        call.state = CallState::Listed;
        call.is_callback = true;
        call.since = now;
        // He hung up: the call out will come over no line of the site he reached.
        call.site = None;
        self.queues[queue.index()].listed.push_back(id);
        self.listed += 1;
        self.let_go(id, true, ReleaseCause::CallbackListed, out);
    }

    /// Makes the first listed callback of a queue of this agent, who has just become idle: only while its line is empty and more than the reserve are idle.
    pub(crate) fn start_listed_callback(&mut self, agent_id: AgentId, out: &mut Vec<Output>) {
        let group = self.agents[agent_id.index()].group;
        let skills = &self.config.groups[group.index()].skills;
        let may_start = |queue: &crate::switch::Queue| {
            let Callback::List { idle_reserve, .. } = queue.callback else { return false };
            !queue.listed.is_empty() && queue.line.len() == 0 && queue.ready > idle_reserve
        };
        let queue =
            skills.iter().map(|skill| skill.queue).find(|q| may_start(&self.queues[q.index()]));
        let Some(queue) = queue else { return };
        let Some(id) = self.queues[queue.index()].listed.pop_front() else { return };
        self.listed -= 1;
        self.leave_ready_sets(agent_id);
        self.offer(id, agent_id, false, out);
    }

    /// Ends a listed callback that will not be made.
    pub(crate) fn drop_callback(&mut self, id: CallId, out: &mut Vec<Output>) {
        let queue = self.calls.at(id).queue;
        self.end_call(id);
        out.push(Output::Event(Event::CallbackDropped { call: id, queue }));
    }

    pub(crate) fn offer_callbacks(&mut self, queue: QueueId, on: bool, out: &mut Vec<Output>) {
        match self.queues.get_mut(queue.index()) {
            // A queue with a list keeps it: what is promised is promised.
            Some(queue) if !matches!(queue.callback, Callback::List { .. }) => {
                queue.callback = if on { Callback::VirtualHold } else { Callback::None };
            }
            Some(_) => {}
            None => self.stale(None, None, out),
        }
    }
}

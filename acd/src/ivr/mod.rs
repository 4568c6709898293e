//! The IVR: flows of named steps with explicit exits, compiled into an arena. One file a kind of step; `Acd::go_to` is the registry.

mod enqueue;
mod graph;
mod menu;
mod play;
mod release;

pub use graph::FlowFault;

use crate::calls::CallState;
use crate::id::{CallId, FlowId, QueueId, StepId};
use crate::output::{DoorOutcome, Event, Outcome, Output, ReleaseCause};
use crate::switch::Acd;
use crate::units::Duration;
use serde::{Deserialize, Serialize};

/// A compiled flow: steps by id, every exit a step that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Flow {
    /// The steps.
    pub steps: Vec<Step>,
    /// Where a call begins.
    pub start: StepId,
}

/// What a step does, and where each of its exits leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Plays a prompt to its end.
    Play {
        /// The next step.
        then: StepId,
    },
    /// Plays a prompt and waits for a key.
    Menu {
        /// Key (ASCII) to step.
        keys: Vec<(u8, StepId)>,
        /// No key within `timeout`; leads nowhere else than back here or on, after at most `tries`.
        no_input: StepId,
        /// A key that leads nowhere.
        no_match: StepId,
        /// How often the menu is played before `failed`.
        tries: u8,
        /// After the last try.
        failed: StepId,
        /// How long it waits for a key, from the step's beginning; `None`: for ever.
        timeout: Option<Duration>,
    },
    /// Puts the call into a queue.
    Enqueue {
        /// The queue.
        queue: QueueId,
        /// Where a full queue sends the call.
        full: StepId,
        /// Where too long a wait sends the call.
        timed_out: StepId,
    },
    /// Lets the call go.
    Release,
}

impl Acd {
    /// Takes the call and starts it on a flow.
    #[inline(never)]
    pub(crate) fn enter_flow(&mut self, id: CallId, flow: FlowId, out: &mut Vec<Output>) {
        self.take_call(id, out);
        out.push(Output::Event(Event::IvrEntered { call: id, flow }));
        let start = self.config.flows[flow.index()].start;
        self.go_to(id, flow, start, 1, out);
    }

    /// Puts the call at a step and does what the step does: the registry of steps.
    pub(crate) fn go_to(
        &mut self,
        id: CallId,
        flow: FlowId,
        step: StepId,
        tries: u8,
        out: &mut Vec<Output>,
    ) {
        self.calls.at(id).state = CallState::Ivr { flow, step, tries };
        out.push(Output::Event(Event::IvrStepEntered { call: id, flow, step }));
        match self.config.flows[flow.index()].steps[step.index()] {
            Step::Play { .. } => self.begin_play(id, flow, step, out),
            Step::Menu { timeout, .. } => self.begin_menu(id, flow, step, (tries, timeout), out),
            Step::Enqueue { queue, .. } => self.begin_enqueue(id, flow, step, queue, out),
            Step::Release => self.begin_release(id, out),
        }
    }

    /// Returns the flow and step a call is at.
    fn step_of(&self, id: CallId) -> Option<(FlowId, StepId, u8)> {
        let CallState::Ivr { flow, step, tries } = self.calls.find(id)?.state else { return None };
        Some((flow, step, tries))
    }

    /// Ends a call that is in a flow: with its pending outcome if it was offered before, else at the door.
    pub(crate) fn leave_flow(&mut self, id: CallId, outcome: DoorOutcome, out: &mut Vec<Output>) {
        match self.calls.aside(id).pending {
            Some((outcome, wait)) => self.leave_queue(id, outcome, (wait, false), out),
            None => self.leave_door(id, outcome, out),
        }
    }

    /// Lets every call go that is in a flow when the centre closes.
    pub(crate) fn close_flows(&mut self, out: &mut Vec<Output>) {
        let in_flow = |call: &crate::calls::Call| matches!(call.state, CallState::Ivr { .. });
        let calls: Vec<CallId> =
            self.calls.in_use().filter(|(_, call)| in_flow(call)).map(|(id, _)| id).collect();
        for id in calls {
            self.leave_flow(id, DoorOutcome::Closed, out);
            self.let_go(id, true, ReleaseCause::ClosedOut, out);
        }
    }

    /// Follows the exit of an enqueue step for a call that its queue would not keep.
    pub(crate) fn follow_queue_exit(
        &mut self,
        id: CallId,
        flow: FlowId,
        step: StepId,
        outcome: Outcome,
        out: &mut Vec<Output>,
    ) {
        let Step::Enqueue { full, timed_out, .. } =
            self.config.flows[flow.index()].steps[step.index()]
        else {
            return;
        };
        out.push(Output::Event(Event::IvrEntered { call: id, flow }));
        let exit = if outcome == Outcome::TimedOut { timed_out } else { full };
        self.take_call(id, out);
        self.go_to(id, flow, exit, 1, out);
    }
}

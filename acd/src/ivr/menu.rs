//! `menu`: a prompt and a key; no key and a wrong key have exits of their own, and a last try.

use super::Step;
use crate::id::{CallId, FlowId, StepId};
use crate::output::{Command, Output};
use crate::switch::Acd;
use crate::timers::Cause;
use crate::units::Duration;

impl Acd {
    pub(super) fn begin_menu(
        &mut self,
        call: CallId,
        flow: FlowId,
        step: StepId,
        (tries, timeout): (u8, Option<Duration>),
        out: &mut Vec<Output>,
    ) {
        if let Some(timeout) = timeout {
            self.timers.start(self.now.after(timeout), Cause::Menu(call, step, tries));
        }
        out.push(Output::Command(Command::Gather { call, flow, step }));
    }

    pub(crate) fn digit_pressed(&mut self, call: CallId, digit: u8, out: &mut Vec<Output>) {
        let at = self.step_of(call);
        let Some((flow, step, tried)) = at else { return self.stale(Some(call), None, out) };
        let Step::Menu { ref keys, no_match, tries, failed, .. } = *self.step(flow, step) else {
            return self.stale(Some(call), None, out);
        };
        match keys.iter().find(|(key, _)| *key == digit) {
            Some((_, next)) => {
                let next = *next;
                self.go_to(call, flow, next, 1, out);
            }
            None => self.try_again(call, (flow, step), (no_match, failed), (tried, tries), out),
        }
    }

    pub(crate) fn menu_timed_out(&mut self, call: CallId, out: &mut Vec<Output>) {
        let Some((flow, step, tried)) = self.step_of(call) else { return };
        if let Step::Menu { no_input, tries, failed, .. } = *self.step(flow, step) {
            self.try_again(call, (flow, step), (no_input, failed), (tried, tries), out);
        }
    }

    fn step(&self, flow: FlowId, step: StepId) -> &Step {
        &self.config.flows[flow.index()].steps[step.index()]
    }

    /// Follows the exit of a missing or wrong key: back to the same menu as long as tries are left.
    fn try_again(
        &mut self,
        call: CallId,
        (flow, step): (FlowId, StepId),
        (exit, failed): (StepId, StepId),
        (tried, tries): (u8, u8),
        out: &mut Vec<Output>,
    ) {
        if exit != step {
            self.go_to(call, flow, exit, 1, out);
        } else if tried < tries {
            self.go_to(call, flow, step, tried + 1, out);
        } else {
            self.go_to(call, flow, failed, 1, out);
        }
    }
}

//! `play`: a prompt to its end, then the next step.

use super::Step;
use crate::id::{CallId, FlowId, StepId};
use crate::output::{Command, Output};
use crate::switch::Acd;

impl Acd {
    pub(super) fn begin_play(
        &mut self,
        call: CallId,
        flow: FlowId,
        step: StepId,
        out: &mut Vec<Output>,
    ) {
        out.push(Output::Command(Command::Play { call, flow, step }));
    }

    pub(crate) fn play_ended(&mut self, call: CallId, step: StepId, out: &mut Vec<Output>) {
        let Some((flow, at, _)) = self.step_of(call).filter(|(_, at, _)| *at == step) else {
            return self.stale(Some(call), None, out);
        };
        match self.config.flows[flow.index()].steps[at.index()] {
            Step::Play { then } => self.go_to(call, flow, then, 1, out),
            // A menu's prompt ended: it goes on waiting for a key.
            Step::Menu { .. } => {}
            Step::Enqueue { .. } | Step::Release => self.stale(Some(call), None, out),
        }
    }
}

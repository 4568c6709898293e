//! `release`: the flow's end. A call that reached no queue was contained.

use crate::id::CallId;
use crate::output::{DoorOutcome, Output, ReleaseCause};
use crate::queues::refusal_cause;
use crate::switch::Acd;

impl Acd {
    pub(super) fn begin_release(&mut self, call: CallId, out: &mut Vec<Output>) {
        let pending = self.calls.aside(call).pending;
        let cause = pending.map_or(ReleaseCause::Finished, |(outcome, _)| refusal_cause(outcome));
        self.leave_flow(call, DoorOutcome::Contained, out);
        self.let_go(call, true, cause, out);
    }
}

//! `enqueue`: into a queue; its exits say where a full queue and too long a wait lead.

use crate::calls::Aside;
use crate::id::{CallId, FlowId, QueueId, StepId};
use crate::output::Output;
use crate::switch::Acd;

impl Acd {
    pub(super) fn begin_enqueue(
        &mut self,
        call: CallId,
        flow: FlowId,
        step: StepId,
        queue: QueueId,
        out: &mut Vec<Output>,
    ) {
        *self.calls.aside(call) = Aside { pending: None, enqueued_by: Some((flow, step)) };
        let record = self.calls.at(call);
        // A call that comes back to a queue by its flow has moved on, as by overflow.
        let from = record.was_offered.then_some(record.queue);
        self.enter_queue(call, queue, from, out);
    }
}

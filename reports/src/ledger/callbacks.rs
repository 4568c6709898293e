//! Callbacks: from the list, or as the place that was kept comes up.

use super::Ledger;
use super::calls::Flags;
use crate::column::Column;
use acd::{CallId, Duration, QueueId};

impl Ledger {
    /// The caller keeps his place and is called back.
    pub(super) fn accept_callback(&mut self, call: CallId) {
        if let Some(state) = self.calls.get(call) {
            state.flags.set(Flags::CALLBACK | Flags::CALLBACK_HERE);
        }
    }

    pub(super) fn start_callback(&mut self, now: u64, call: CallId, queue: QueueId) {
        let Some(state) = self.calls.get(call) else { return };
        if state.flags.clear(Flags::ON_LIST) {
            self.centre.unlist_callback(now, queue.index());
        }
        if !state.flags.has(Flags::IN_SYSTEM) {
            state.flags.set(Flags::IN_SYSTEM);
            self.centre.in_system.up(now);
        }
    }

    /// The call will not be made: it leaves the list, or stops ringing.
    pub(super) fn drop_callback(&mut self, now: u64, call: CallId, queue: QueueId) {
        let Some(state) = self.calls.get(call) else { return };
        if state.flags.clear(Flags::ON_LIST) {
            self.centre.unlist_callback(now, queue.index());
        }
        if state.flags.clear(Flags::IN_SYSTEM) {
            self.centre.in_system.down(now);
        }
    }

    pub(super) fn answer_callback(
        &mut self,
        now: u64,
        call: CallId,
        queue: QueueId,
        ring: Duration,
    ) {
        let Some(state) = self.calls.get(call) else { return };
        let delay = now.saturating_sub(ring.0).saturating_sub(state.since);
        self.count_callback(queue.index(), self.span as usize, [delay, 1]);
    }

    /// Counts a callback started, or (wrapped) takes it back: how long it was in coming, and one.
    pub(super) fn count_callback(&mut self, queue: usize, span: usize, amounts: [u64; 2]) {
        let columns = [Column::CallbackDelay, Column::CallbacksMade];
        for (column, amount) in columns.into_iter().zip(amounts) {
            self.totals.queues.add(queue, span, column, amount);
            self.totals.all.add(0, span, column, amount);
        }
    }
}

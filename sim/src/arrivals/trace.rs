//! Recorded arrivals, replayed.

use super::Making;
use acd::{Duration, SECOND, Timestamp};
use chance::Purpose;
use scenarios::TraceCall;

/// The record being replayed.
pub(super) struct Trace<'s> {
    calls: std::slice::Iter<'s, TraceCall>,
    shift: Duration,
}

impl<'s> Trace<'s> {
    /// Prepares the replay. The usual calls come as recorded; copies that a demand factor adds come some seconds later, all by the same time, or each would meet its original at the door.
    pub(super) fn new(making: &Making<'_>, calls: &'s [TraceCall]) -> Self {
        const SHIFT_MAX_US: f64 = 60.0 * SECOND as f64;
        let shift = match making.replica {
            0 => 0.0,
            _ => making.stream(Purpose::Arrival).draw(0).uniform() * SHIFT_MAX_US,
        };
        Self { calls: calls.iter(), shift: Duration(shift as u64) }
    }

    /// Returns the next arrival.
    pub(super) fn next(&mut self) -> Option<Timestamp> {
        self.calls.next().map(|call| call.at.after(self.shift))
    }
}

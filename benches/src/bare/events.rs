//! The event list: a standard binary heap of packed keys.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Bits of the slot that an event is about.
const SLOT_BITS: u32 = 28;
/// Bits of the kind of event.
const KIND_BITS: u32 = 2;

/// An event that came up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Event {
    /// When, s.
    pub(super) time: f64,
    /// Its number in the order of scheduling, never 0: events of one instant happen in this order, and a timer is
    /// dead when its call has gone on to another.
    pub(super) number: u64,
    /// What happens.
    pub(super) kind: u8,
    /// The slot it is about.
    pub(super) slot: u32,
}

/// Events to come. A key is time (bits of a non-negative float sort as integers) · number · kind · slot.
#[derive(Debug, Default)]
pub(super) struct Events {
    heap: BinaryHeap<Reverse<u128>>,
    scheduled: u64,
}

impl Events {
    /// Schedules an event and returns its number.
    #[inline]
    pub(super) fn schedule(&mut self, time: f64, kind: u8, slot: u32) -> u64 {
        self.scheduled += 1;
        let rest = self.scheduled << (SLOT_BITS + KIND_BITS)
            | u64::from(kind) << SLOT_BITS
            | u64::from(slot);
        self.heap.push(Reverse(u128::from(time.to_bits()) << 64 | u128::from(rest)));
        self.scheduled
    }

    /// Returns the time of the next event; infinite when there is none.
    #[inline]
    pub(super) fn next_time(&self) -> f64 {
        self.heap.peek().map_or(f64::INFINITY, |Reverse(key)| f64::from_bits((key >> 64) as u64))
    }

    /// Takes the next event out.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Event> {
        let Reverse(key) = self.heap.pop()?;
        let rest = key as u64;
        Some(Event {
            time: f64::from_bits((key >> 64) as u64),
            number: rest >> (SLOT_BITS + KIND_BITS),
            kind: (rest >> SLOT_BITS) as u8 & ((1 << KIND_BITS) - 1),
            slot: rest as u32 & ((1 << SLOT_BITS) - 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_then_in_the_order_of_scheduling() {
        let mut events = Events::default();
        events.schedule(2.0, 1, 10);
        events.schedule(1.0, 3, (1 << SLOT_BITS) - 1);
        events.schedule(1.0, 0, 12);
        assert_eq!(events.next_time(), 1.0);
        let order: Vec<_> = std::iter::from_fn(|| events.pop()).collect();
        let expected = [(1.0, 2, 3, (1 << SLOT_BITS) - 1), (1.0, 3, 0, 12), (2.0, 1, 1, 10)];
        let expected =
            expected.map(|(time, number, kind, slot)| Event { time, number, kind, slot });
        assert_eq!(order, expected);
        assert_eq!(events.next_time(), f64::INFINITY);
    }
}

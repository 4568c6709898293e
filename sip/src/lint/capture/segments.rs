//! TCP segments in their order: copies dropped, what came early kept until its turn.

use core::net::SocketAddr;
use std::collections::BTreeMap;

use super::link::Segment;
use crate::lint::limits::STREAMS_MAX;

/// Most bytes kept of one direction while an earlier segment is missing.
const EARLY_MAX: usize = 256 * 1024;

/// The directions of all connections.
#[derive(Debug, Default)]
pub(super) struct Segments {
    directions: BTreeMap<(SocketAddr, SocketAddr), Direction>,
}

#[derive(Debug)]
struct Direction {
    /// The sequence number of the next byte.
    next: u32,
    /// Pieces beyond it, by their distance from the first byte ever: sequence numbers wrap.
    early: BTreeMap<u64, Vec<u8>>,
    early_bytes: usize,
    /// Bytes given out so far.
    given: u64,
}

impl Segments {
    /// Takes a segment, and gives out what is in its turn.
    pub(super) fn take(&mut self, segment: &Segment<'_>, mut give: impl FnMut(&[u8])) {
        let place = (segment.from, segment.to);
        if segment.is_start || !self.directions.contains_key(&place) {
            if !segment.is_start && segment.bytes.is_empty() {
                return;
            }
            if self.directions.len() >= STREAMS_MAX {
                self.directions.pop_first();
            }
            let next = segment.sequence.wrapping_add(u32::from(segment.is_start));
            self.directions.insert(place, Direction::new(next));
        }
        let Some(direction) = self.directions.get_mut(&place) else { return };
        let shift = u32::from(segment.is_start);
        direction.take(segment.sequence.wrapping_add(shift), segment.bytes, &mut give);
        if segment.is_end && direction.early.is_empty() {
            self.directions.remove(&place);
        }
    }
}

impl Direction {
    fn new(next: u32) -> Self {
        Self { next, early: BTreeMap::new(), early_bytes: 0, given: 0 }
    }

    fn take(&mut self, sequence: u32, bytes: &[u8], give: &mut impl FnMut(&[u8])) {
        if bytes.is_empty() {
            return;
        }
        let ahead = sequence.wrapping_sub(self.next);
        if ahead == 0 {
            self.give(bytes, give);
        } else if ahead < 1 << 31 {
            self.keep(ahead, bytes, give);
        } else {
            // A copy; it may hold new bytes at its end.
            let known = self.next.wrapping_sub(sequence) as usize;
            if let Some(fresh) = bytes.get(known..).filter(|fresh| !fresh.is_empty()) {
                self.give(fresh, give);
            }
        }
    }

    fn keep(&mut self, ahead: u32, bytes: &[u8], give: &mut impl FnMut(&[u8])) {
        let at = self.given + u64::from(ahead);
        let old = self.early.insert(at, bytes.to_vec()).map_or(0, |old| old.len());
        self.early_bytes = self.early_bytes + bytes.len() - old;
        if self.early_bytes > EARLY_MAX
            && let Some((&first, _)) = self.early.first_key_value()
        {
            // The capture has lost a segment for good: go on behind the hole.
            let hole = first - self.given;
            self.next = self.next.wrapping_add(hole as u32);
            self.given = first;
            self.give_early(give);
        }
    }

    fn give(&mut self, bytes: &[u8], give: &mut impl FnMut(&[u8])) {
        give(bytes);
        self.next = self.next.wrapping_add(bytes.len() as u32);
        self.given += bytes.len() as u64;
        self.give_early(give);
    }

    fn give_early(&mut self, give: &mut impl FnMut(&[u8])) {
        while let Some(entry) = self.early.first_entry() {
            if *entry.key() > self.given {
                return;
            }
            let (at, bytes) = entry.remove_entry();
            self.early_bytes -= bytes.len();
            let known = usize::try_from(self.given - at).unwrap_or(usize::MAX);
            if let Some(fresh) = bytes.get(known..).filter(|fresh| !fresh.is_empty()) {
                give(fresh);
                self.next = self.next.wrapping_add(fresh.len() as u32);
                self.given += fresh.len() as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of segments, each as (sequence, text).
    fn put_together(start: u32, pieces: &[(u32, &str)]) -> String {
        let from = "192.0.2.1:1".parse().expect("address");
        let to = "192.0.2.2:2".parse().expect("address");
        let mut segments = Segments::default();
        let mut out = Vec::new();
        let segment =
            Segment { from, to, sequence: start, is_start: true, is_end: false, bytes: b"" };
        segments.take(&segment, |bytes| out.extend_from_slice(bytes));
        for (sequence, text) in pieces {
            let bytes = text.as_bytes();
            let sequence = start.wrapping_add(1).wrapping_add(*sequence);
            let segment = Segment { sequence, is_start: false, bytes, ..segment };
            segments.take(&segment, |bytes| out.extend_from_slice(bytes));
        }
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn order_copies_and_overlaps_come_out_as_one_text() {
        for start in [0, u32::MAX - 3, u32::MAX, 1 << 31] {
            assert_eq!(put_together(start, &[(0, "abc"), (3, "def")]), "abcdef");
            assert_eq!(put_together(start, &[(3, "def"), (0, "abc"), (3, "def")]), "abcdef");
            assert_eq!(
                put_together(start, &[(0, "abc"), (0, "abcde"), (6, "g"), (5, "f")]),
                "abcdefg"
            );
            assert_eq!(put_together(start, &[(4, "ef"), (2, "cdef"), (0, "ab")]), "abcdef");
        }
    }

    #[test]
    fn a_hole_is_stepped_over_before_memory_grows() {
        let long = "x".repeat(1000);
        let pieces: Vec<(u32, &str)> = (1..400).map(|at| (at * 1000, long.as_str())).collect();
        assert_eq!(put_together(7, &pieces).len(), 399_000);
    }
}

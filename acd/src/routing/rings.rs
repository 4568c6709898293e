//! Ready agents in rings: a linked list per ring, the lowest ring with an agent is asked first, within it the longest idle.

use super::Standing;

const NONE: u32 = u32::MAX;

/// Kept small and apart from the rest: these are all that picking and leaving touch, so 20,000 seats stay in the cache.
#[derive(Debug, Clone, Copy)]
struct Node {
    previous: u32,
    next: u32,
}

#[derive(Debug, Clone, Copy)]
struct Ends {
    head: u32,
    tail: u32,
}

/// Linked lists through one table of seats. Every operation but [`Rings::first`] with many rings takes constant time.
#[derive(Debug, Default)]
pub(super) struct Rings {
    nodes: Vec<Node>,
    /// The ring of each seat.
    rings: Vec<u32>,
    /// When each seat became ready, as a number that rises.
    ready_since: Vec<u64>,
    ends: Vec<Ends>,
    /// One bit for each ring that has a ready agent.
    filled: Vec<u64>,
}

impl Rings {
    /// Adds a seat to a ring.
    pub(super) fn join(&mut self, ring: u32) {
        self.nodes.push(Node { previous: NONE, next: NONE });
        self.rings.push(ring);
        self.ready_since.push(0);
        while self.ends.len() <= ring as usize {
            self.ends.push(Ends { head: NONE, tail: NONE });
        }
        self.filled.resize(self.ends.len().div_ceil(64), 0);
    }

    /// Appends a seat to its ring, or puts it back at its place when it resumes.
    #[inline]
    pub(super) fn insert(&mut self, seat: u32, standing: Standing) {
        let ring = self.rings[seat as usize] as usize;
        self.ready_since[seat as usize] = standing.ready_sequence;
        if standing.is_resuming && self.ends[ring].head != NONE {
            return self.resume(seat, ring, standing.ready_sequence);
        }
        let tail = std::mem::replace(&mut self.ends[ring].tail, seat);
        if tail == NONE {
            self.ends[ring].head = seat;
            self.filled[ring / 64] |= 1 << (ring % 64);
        } else {
            self.nodes[tail as usize].next = seat;
        }
        self.link(seat, tail, NONE);
    }

    /// Puts a seat before those who became ready after it. Steps over those idle longer: they are few, for he was asked before them.
    fn resume(&mut self, seat: u32, ring: usize, ready_sequence: u64) {
        let (mut previous, mut next) = (NONE, self.ends[ring].head);
        while next != NONE && self.ready_since[next as usize] < ready_sequence {
            (previous, next) = (next, self.nodes[next as usize].next);
        }
        match previous {
            NONE => self.ends[ring].head = seat,
            _ => self.nodes[previous as usize].next = seat,
        }
        match next {
            NONE => self.ends[ring].tail = seat,
            _ => self.nodes[next as usize].previous = seat,
        }
        self.link(seat, previous, next);
    }

    #[inline]
    fn link(&mut self, seat: u32, previous: u32, next: u32) {
        let node = &mut self.nodes[seat as usize];
        (node.previous, node.next) = (previous, next);
    }

    /// Takes a seat out of its ring.
    #[inline]
    pub(super) fn remove(&mut self, seat: u32) {
        let Node { previous, next } = self.nodes[seat as usize];
        let ring = self.rings[seat as usize];
        let ends = &mut self.ends[ring as usize];
        match previous {
            NONE => ends.head = next,
            _ => self.nodes[previous as usize].next = next,
        }
        match next {
            NONE => ends.tail = previous,
            _ => self.nodes[next as usize].previous = previous,
        }
        if ends.head == NONE {
            self.filled[ring as usize / 64] &= !(1 << (ring % 64));
        }
    }

    /// Returns the first agent of the lowest ring that has one.
    #[inline]
    pub(super) fn first(&self) -> Option<u32> {
        let (word, bits) = self.filled.iter().enumerate().find(|(_, bits)| **bits != 0)?;
        let ring = word * 64 + bits.trailing_zeros() as usize;
        Some(self.ends[ring].head)
    }
}

//! Rings by rank: the strategies that differ only in how they rank a seat share this.

use super::rings::Rings;
use super::{Ask, Member, Routing, Standing};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// How a strategy ranks a seat; lower ranks are asked first.
pub(super) trait Rank: Send + 'static {
    /// Returns the rank.
    fn rank(member: Member) -> u64;
}

/// Ready agents ranked by `R`, within a rank the longest idle first.
pub(super) struct Ranked<R> {
    /// The rank of each seat, in the order of joining.
    ranks: Vec<u64>,
    /// Rank to ring; rings are renumbered when a new rank comes between.
    rings_by_rank: BTreeMap<u64, u32>,
    rings: Rings,
    ready: Vec<Option<u64>>,
    marker: PhantomData<R>,
}

impl<R: Rank> Ranked<R> {
    /// Makes the boxed, empty set.
    pub(super) fn boxed() -> Box<dyn Routing> {
        Box::new(Self {
            ranks: Vec::new(),
            rings_by_rank: BTreeMap::new(),
            rings: Rings::default(),
            ready: Vec::new(),
            marker: PhantomData,
        })
    }

    /// Rebuilds the rings after a new rank came between others. Happens only while seats join.
    fn renumber(&mut self) {
        for (ring, slot) in self.rings_by_rank.values_mut().enumerate() {
            *slot = ring as u32;
        }
        self.rings = Rings::default();
        for rank in &self.ranks {
            self.rings.join(self.rings_by_rank[rank]);
        }
        let mut ready: Vec<(u64, u32)> =
            (0..).zip(&self.ready).filter_map(|(seat, since)| Some(((*since)?, seat))).collect();
        ready.sort_unstable();
        for (ready_sequence, seat) in ready {
            let standing = Standing { ready_sequence, calls_answered: 0, is_resuming: false };
            self.rings.insert(seat, standing);
        }
    }
}

impl<R: Rank> Routing for Ranked<R> {
    fn join(&mut self, member: Member) {
        let rank = R::rank(member);
        self.ranks.push(rank);
        self.ready.push(None);
        let is_last = self.rings_by_rank.last_key_value().is_none_or(|(last, _)| *last < rank);
        if let Some(ring) = self.rings_by_rank.get(&rank) {
            self.rings.join(*ring);
        } else {
            self.rings_by_rank.insert(rank, self.rings_by_rank.len() as u32);
            if is_last {
                self.rings.join(self.rings_by_rank.len() as u32 - 1);
            } else {
                self.renumber();
            }
        }
    }

    #[inline]
    fn insert(&mut self, seat: u32, standing: Standing) {
        self.ready[seat as usize] = Some(standing.ready_sequence);
        self.rings.insert(seat, standing);
    }

    #[inline]
    fn remove(&mut self, seat: u32) {
        self.ready[seat as usize] = None;
        self.rings.remove(seat);
    }

    #[inline]
    fn pick(&mut self, _ask: Ask) -> Option<u32> {
        self.rings.first()
    }
}

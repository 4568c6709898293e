//! One lane of the event list: the nearest events in a binary heap and, where there are many, the others in slices of
//! time that are not sorted until their turn comes.
//!
//! With 20,000 agents at work a heap of all events is fourteen steps deep and most of a step is a wait for memory
//! (measured: a sixth of W3). A slice holds about as many events as fit the nearest cache.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Later than every key.
pub(crate) const NEVER: u128 = u128::MAX;

type Keys = Vec<Reverse<u128>>;

/// Keys in order; each is a moment in its upper bits and tells events of one moment apart by its lower ones.
#[derive(Debug)]
pub(crate) struct Lane {
    near: BinaryHeap<Reverse<u128>>,
    /// The top was taken and not yet replaced.
    has_hole: bool,
    /// The earliest key that was not taken.
    first: u128,
    far: Far,
    /// A slice's turn has come.
    has_turned: bool,
    cancelled: usize,
}

impl Default for Lane {
    fn default() -> Self {
        let far = Far::default();
        Self {
            near: BinaryHeap::new(),
            has_hole: false,
            first: NEVER,
            far,
            has_turned: false,
            cancelled: 0,
        }
    }
}

impl Lane {
    /// The most keys that stay in one heap.
    const NEAR_MAX: usize = 4096;

    /// Returns the earliest key, [`NEVER`] if there is none.
    #[inline]
    pub(crate) fn first(&self) -> u128 {
        self.first
    }

    /// Adds a key.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "on the path of every event; see Acd::handle")]
    pub(crate) fn add(&mut self, key: u128) {
        if key >= self.far.from {
            return self.far.add(key);
        }
        self.first = self.first.min(key);
        if self.has_hole
            && let Some(mut top) = self.near.peek_mut()
        {
            // One sift instead of two: the event that came is replaced by the one that follows from it.
            *top = Reverse(key);
            self.has_hole = false;
            return;
        }
        self.near.push(Reverse(key));
        if self.near.len() > Self::NEAR_MAX && self.far.from == NEVER {
            self.spread();
        }
    }

    /// Takes the first key.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "on the path of every event; see Acd::handle")]
    pub(crate) fn take(&mut self) {
        self.close_hole();
        self.has_hole = !self.near.is_empty();
        // Below the hole stands the earliest as one of two; the hole is left for the next event planned.
        self.first = match self.near.as_slice() {
            [_, Reverse(left), Reverse(right), ..] => *left.min(right),
            [_, Reverse(left)] => *left,
            [_] | [] => NEVER,
        };
        if self.first == NEVER && self.far.from != NEVER {
            self.turn_to_next_slice();
        }
    }

    /// Takes the first key, which was cancelled.
    #[inline]
    pub(crate) fn drop_cancelled(&mut self) {
        self.take();
        self.cancelled = self.cancelled.saturating_sub(1);
    }

    /// Notes that a key was cancelled. Returns whether the cancelled keys are the most, and worth a sweep.
    #[inline]
    pub(crate) fn note_cancelled(&mut self) -> bool {
        self.cancelled += 1;
        self.is_worth_a_sweep()
    }

    /// A key swept costs a look; one dropped when its time comes costs a way down the heap.
    #[inline]
    fn is_worth_a_sweep(&self) -> bool {
        const SWEEP_FROM: usize = 32;
        self.cancelled > SWEEP_FROM && self.cancelled * 2 > self.near.len() + self.far.len
    }

    /// Sweeps out the cancelled keys if they are the most.
    pub(crate) fn sweep(&mut self, is_live: &mut impl FnMut(u128) -> bool) {
        if self.is_worth_a_sweep() {
            self.close_hole();
            self.near.retain(|Reverse(key)| is_live(*key));
            self.far.retain(is_live);
            self.look_at_first();
            self.cancelled = 0;
        }
    }

    /// Returns whether a slice's turn has come since this was last asked.
    #[inline]
    pub(crate) fn came_near(&mut self) -> bool {
        std::mem::take(&mut self.has_turned)
    }

    /// Returns the keys of the heap, nearly in order.
    pub(crate) fn near(&self) -> impl Iterator<Item = u128> + '_ {
        self.near.iter().map(|Reverse(key)| *key)
    }

    #[inline]
    fn close_hole(&mut self) {
        if self.has_hole {
            self.has_hole = false;
            if let Some(top) = self.near.peek_mut() {
                PeekMut::pop(top);
            }
        }
    }

    fn look_at_first(&mut self) {
        self.first = self.near.peek().map_or(NEVER, |Reverse(key)| *key);
        if self.first == NEVER && self.far.from != NEVER {
            self.turn_to_next_slice();
        }
    }

    /// Sorts all but the nearest keys into slices.
    #[cold]
    fn spread(&mut self) {
        self.close_hole();
        self.far.spread(std::mem::take(&mut self.near).into_vec());
        self.turn_to_next_slice();
    }

    /// Goes on with the next slice that has a key.
    #[inline(never)]
    fn turn_to_next_slice(&mut self) {
        let mut spare = std::mem::take(&mut self.near).into_vec();
        spare.clear();
        self.near = self.far.next_slice(spare).into();
        (self.has_hole, self.has_turned) = (false, true);
        self.first = self.near.peek().map_or(NEVER, |Reverse(key)| *key);
    }
}

/// The keys that come after those in the heap, by slice.
#[derive(Debug)]
struct Far {
    /// Keys from here on are kept here; [`NEVER`]: none.
    from: u128,
    slices: Vec<Keys>,
    /// Slices whose turn has come.
    turned: usize,
    /// Number of the first slice, if time is counted in slices.
    base: u128,
    /// A slice spans as many keys as a number of so many bits counts.
    bits: u32,
    /// Keys after the last slice.
    beyond: Keys,
    len: usize,
}

impl Default for Far {
    fn default() -> Self {
        let (slices, beyond) = (Vec::new(), Vec::new());
        Self { from: NEVER, slices, turned: 0, base: 0, bits: 0, beyond, len: 0 }
    }
}

impl Far {
    /// How many slices there are.
    const SLICES: usize = 256;
    /// About how many keys the first of them holds; later ones, further off, hold fewer.
    const SLICE_SIZE: usize = 192;
    /// Fewer keys than this are not worth slices.
    const FEW: usize = 1024;

    #[inline]
    fn add(&mut self, key: u128) {
        self.len += 1;
        let slice = (key >> self.bits) - self.base;
        let keys = usize::try_from(slice).ok().and_then(|slice| self.slices.get_mut(slice));
        keys.unwrap_or(&mut self.beyond).push(Reverse(key));
    }

    /// Takes all keys in anew, the earliest of them into the first slice. There is none before.
    fn spread(&mut self, mut keys: Keys) {
        self.slices.resize_with(Self::SLICES, Keys::new);
        self.turned = 0;
        let place = Self::SLICE_SIZE.min(keys.len() - 1);
        // The order is reversed, so the earliest stand last.
        let place = keys.len() - 1 - place;
        keys.select_nth_unstable(place);
        let Reverse(last) = keys[place];
        let Reverse(first) = keys[place..].iter().max().copied().unwrap_or(Reverse(last));
        // Half of all keys that can be is a slice wide enough for everybody.
        self.bits = (u128::BITS - (last - first).leading_zeros()).min(u128::BITS - 1);
        self.base = first >> self.bits;
        self.from = self.start_of(0);
        self.len = 0;
        for Reverse(key) in keys {
            self.add(key);
        }
    }

    /// Returns the first key of a slice; [`NEVER`] beyond the last key that can be.
    fn start_of(&self, slice: usize) -> u128 {
        (self.base + slice as u128).saturating_mul(1 << self.bits)
    }

    /// Hands out the next slice that has a key, in no order; all that is left if that is little, nothing if nothing is.
    /// `spare` takes its place.
    fn next_slice(&mut self, mut spare: Keys) -> Keys {
        loop {
            if let Some(slice) = self.slices.get_mut(self.turned) {
                let keys = std::mem::replace(slice, spare);
                self.turned += 1;
                self.from = self.start_of(self.turned);
                if !keys.is_empty() {
                    self.len -= keys.len();
                    return keys;
                }
                spare = keys;
            } else if self.beyond.len() < Self::FEW {
                self.from = NEVER;
                self.len = 0;
                return std::mem::replace(&mut self.beyond, spare);
            } else {
                let keys = std::mem::take(&mut self.beyond);
                self.spread(keys);
            }
        }
    }

    fn retain(&mut self, is_live: &mut impl FnMut(u128) -> bool) {
        for keys in self.slices.iter_mut().chain([&mut self.beyond]) {
            keys.retain(|Reverse(key)| is_live(*key));
        }
        self.len = self.slices.iter().map(Vec::len).sum::<usize>() + self.beyond.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A step: plan an event so far ahead, and take the first or not.
    fn steps() -> impl Strategy<Value = Vec<(u64, bool)>> {
        let ahead = prop_oneof![0_u64..10, 0_u64..100_000, Just(1 << 50)];
        prop::collection::vec((ahead, prop::bool::weighted(0.4)), 0..30_000)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn keys_come_in_order_however_many_there_are(steps in steps()) {
            let (mut lane, mut plain) = (Lane::default(), BinaryHeap::new());
            let mut now = 0;
            for (number, (ahead, takes)) in steps.into_iter().enumerate() {
                let key = u128::from(now + ahead) << 64 | number as u128;
                lane.add(key);
                plain.push(Reverse(key));
                if takes && let Some(Reverse(first)) = plain.pop() {
                    prop_assert_eq!(lane.first(), first);
                    lane.take();
                    now = (first >> 64) as u64;
                }
            }
            while let Some(Reverse(first)) = plain.pop() {
                prop_assert_eq!(lane.first(), first);
                lane.take();
            }
            prop_assert_eq!(lane.first(), NEVER);
        }
    }

    #[test]
    fn sweeping_reaches_every_slice() {
        let mut lane = Lane::default();
        for key in 0..100_000_u128 {
            lane.add(key << 64);
            lane.note_cancelled();
        }
        lane.sweep(&mut |key| (key >> 64) % 1000 == 7);
        let mut seen = Vec::new();
        while lane.first() != NEVER {
            seen.push(lane.first() >> 64);
            lane.take();
        }
        assert!(seen.iter().copied().eq((7..100_000).step_by(1000)), "{seen:?}");
    }

    #[test]
    fn many_events_of_one_moment_stay_in_order() {
        let mut lane = Lane::default();
        for key in (0..10_000_u128).rev() {
            lane.add(5 << 64 | key);
        }
        for key in 0..10_000 {
            assert_eq!(lane.first(), 5 << 64 | key);
            lane.take();
        }
    }
}

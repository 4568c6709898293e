//! Deadlines of calls: a hierarchical timing wheel (Varghese and Lauck 1987), one deadline a call, O(1) to set and to clear.

use sip::{Duration, Instant};

/// Bits of a level; 256 places each.
const BITS: u32 = 8;
const PLACES: usize = 1 << BITS;
/// Levels of one millisecond, 256, 65,536 and 16,777,216: 49 days in all.
const LEVELS: usize = 4;
/// The furthest deadline, ms; a later one is due then.
const FURTHEST: u64 = (1 << (BITS * LEVELS as u32)) - 1;
const NOWHERE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Link {
    before: u32,
    after: u32,
    /// When it is due, ms.
    due: u64,
    /// Its place, or [`NOWHERE`].
    place: u32,
}

const UNSET: Link = Link { before: NOWHERE, after: NOWHERE, due: 0, place: NOWHERE };

/// Deadlines by a small number, to the millisecond, never early.
#[derive(Debug)]
pub(crate) struct Wheel {
    links: Vec<Link>,
    heads: Box<[u32]>,
    /// Which places of each level hold something.
    taken: [[u64; PLACES / 64]; LEVELS],
    /// The millisecond that was done last.
    done: u64,
    count: usize,
}

impl Default for Wheel {
    fn default() -> Self {
        Self {
            links: Vec::new(),
            heads: vec![NOWHERE; PLACES * LEVELS].into(),
            taken: [[0; PLACES / 64]; LEVELS],
            done: 0,
            count: 0,
        }
    }
}

impl Wheel {
    /// Sets a deadline; one that was set before is forgotten.
    pub(crate) fn set(&mut self, number: u32, due: Instant) {
        self.clear(number);
        if self.links.len() <= number as usize {
            self.links.resize(number as usize + 1, UNSET);
        }
        // Up to the next millisecond, so that nothing is early.
        let due = due.as_micros().div_ceil(1000).max(self.done + 1).min(self.done + FURTHEST);
        self.links[number as usize].due = due;
        self.insert(number);
        self.count += 1;
    }

    /// Forgets a deadline.
    pub(crate) fn clear(&mut self, number: u32) {
        let Some(&Link { before, after, place, .. }) = self.links.get(number as usize) else {
            return;
        };
        if place == NOWHERE {
            return;
        }
        if after != NOWHERE {
            self.links[after as usize].before = before;
        }
        if before != NOWHERE {
            self.links[before as usize].after = after;
        } else {
            self.heads[place as usize] = after;
            if after == NOWHERE {
                let (level, slot) = (place as usize / PLACES, place as usize % PLACES);
                self.taken[level][slot / 64] &= !(1 << (slot % 64));
            }
        }
        self.links[number as usize].place = NOWHERE;
        self.count -= 1;
    }

    /// When to look again: not later than the first deadline.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        if self.count == 0 {
            return None;
        }
        let ahead = (0..LEVELS).filter_map(|level| {
            let unit = 1 << (BITS * level as u32);
            let at = self.done / unit;
            let slot = self.first_after(level, (at % PLACES as u64) as usize)?;
            // Further levels come round where their place begins.
            Some((at + slot) * unit)
        });
        let next = ahead.min().expect("a wheel with deadlines has a place taken");
        Some(Instant::default() + Duration::from_millis(next))
    }

    /// Takes what is due at or before `now`, in the order of its milliseconds.
    pub(crate) fn turn(&mut self, now: Instant, due: &mut Vec<u32>) {
        let now = now.as_micros() / 1000;
        while self.done < now {
            let Some(next) = self.next_timeout().map(|at| at.as_micros() / 1000) else { break };
            if next > now {
                break;
            }
            self.done = next;
            self.cascade();
            let slot = (next % PLACES as u64) as usize;
            let mut number = self.heads[slot];
            while number != NOWHERE {
                let after = self.links[number as usize].after;
                self.clear(number);
                due.push(number);
                number = after;
            }
        }
        self.done = self.done.max(now);
    }

    /// Hands down what further levels hold for the time that begins now, the furthest first.
    fn cascade(&mut self) {
        for level in (1..LEVELS).rev() {
            let unit = 1 << (BITS * level as u32);
            if !self.done.is_multiple_of(unit) {
                continue;
            }
            let slot = (self.done / unit % PLACES as u64) as usize;
            let mut number = self.heads[level * PLACES + slot];
            while number != NOWHERE {
                let after = self.links[number as usize].after;
                self.clear(number);
                self.insert(number);
                self.count += 1;
                number = after;
            }
        }
    }

    fn insert(&mut self, number: u32) {
        let due = self.links[number as usize].due;
        // The level at which it lies in the same round as now, and in a place that is still to come.
        let apart = (due ^ self.done).max(1);
        let level = ((63 - apart.leading_zeros()) / BITS) as usize;
        let level = level.min(LEVELS - 1);
        let slot = (due >> (BITS * level as u32)) as usize % PLACES;
        let place = level * PLACES + slot;
        let after = self.heads[place];
        self.heads[place] = number;
        self.taken[level][slot / 64] |= 1 << (slot % 64);
        if after != NOWHERE {
            self.links[after as usize].before = number;
        }
        let link = &mut self.links[number as usize];
        (link.before, link.after, link.place) = (NOWHERE, after, place as u32);
    }

    /// How many places after `slot` the next taken one is, round the level; its own counts as a whole round.
    fn first_after(&self, level: usize, slot: usize) -> Option<u64> {
        let taken = &self.taken[level];
        if level == 0 && taken[slot / 64] & (1 << (slot % 64)) != 0 {
            return Some(0);
        }
        let mut ahead = 1;
        while ahead <= PLACES {
            let at = (slot + ahead) % PLACES;
            let rest = taken[at / 64] >> (at % 64);
            if rest != 0 {
                let found = ahead + rest.trailing_zeros() as usize;
                return (found <= PLACES).then_some(found as u64);
            }
            ahead += 64 - at % 64;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn at(micros: u64) -> Instant {
        Instant::from_micros(micros)
    }

    #[test]
    fn nothing_is_early_and_nothing_later_than_a_millisecond() {
        // Against a sorted map, through every level and round: a seeded walk.
        let (mut wheel, mut model) = (Wheel::default(), BTreeMap::<u32, u64>::new());
        let mut state = 1_u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let spans = [500, 3_000, 300_000, 70_000_000, 20_000_000_000];
        let (mut now, mut due) = (123_456_789, Vec::new());
        wheel.turn(at(now), &mut due);
        for _ in 0..200_000 {
            let number = random(300) as u32;
            match random(8) {
                0..4 => {
                    let span = spans[random(5) as usize];
                    let when = now + random(span);
                    wheel.set(number, at(when));
                    model.insert(number, when);
                }
                4 => {
                    wheel.clear(number);
                    model.remove(&number);
                }
                _ => {
                    let first = model.values().min().copied();
                    let next = wheel.next_timeout().map(Instant::as_micros);
                    assert_eq!(first.is_some(), next.is_some());
                    let span = spans[random(4) as usize];
                    now += match (random(3), next) {
                        (0, Some(next)) => next.saturating_sub(now),
                        (1, _) => random(2_000),
                        _ => random(span),
                    };
                    wheel.turn(at(now), &mut due);
                    for number in due.drain(..) {
                        let when = model.remove(&number).expect("only what was set is due");
                        assert!(when <= now, "{number} is {} µs early", when - now);
                    }
                    let late = model.values().filter(|when| **when + 1_000 <= now).count();
                    assert_eq!(late, 0, "at {now}");
                }
            }
            assert_eq!(wheel.count, model.len());
        }
    }

    #[test]
    fn an_empty_wheel_waits_for_nothing() {
        let mut wheel = Wheel::default();
        assert_eq!(wheel.next_timeout(), None);
        wheel.set(3, at(1_500));
        assert_eq!(wheel.next_timeout(), Some(at(2_000)));
        wheel.clear(3);
        assert_eq!(wheel.next_timeout(), None);
    }
}

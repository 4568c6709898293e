//! A queue's waiting line. Calls that come in order are linked through their slots; calls that return or overflow into an older place stand in an ordered set beside.

use crate::config::Order;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const NONE: u32 = u32::MAX;

/// The links of a call's slot. A call stands in one line at most, so one table serves every queue.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Link {
    previous: u32,
    next: u32,
}

/// A call's place in line: lower is earlier. The second number, the call's serial, breaks ties by order of arrival.
pub(crate) type Place = (u64, u64);

/// One queue's line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    head: u32,
    tail: u32,
    length: u32,
    order: Order,
    /// Calls that did not come in order of their place.
    returned: BTreeSet<(Place, u32)>,
}

/// What the line needs of the calls: their places.
pub(crate) trait Places {
    /// Returns the place of the call in a slot.
    fn place(&self, slot: u32) -> Place;
}

impl Line {
    /// Makes an empty line.
    pub(crate) fn new(order: Order) -> Self {
        Self { head: NONE, tail: NONE, length: 0, order, returned: BTreeSet::new() }
    }

    /// Returns how many calls wait.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.length
    }

    /// Returns the slot of the call that is next.
    #[inline]
    pub(crate) fn first(&self, places: &impl Places) -> Option<u32> {
        if self.length == 0 {
            return None;
        }
        let listed = match self.order {
            Order::FirstCome => self.head,
            Order::LastCome => self.tail,
        };
        if self.returned.is_empty() {
            return Some(listed);
        }
        let (place, returned) = match self.order {
            Order::FirstCome => self.returned.first()?,
            Order::LastCome => self.returned.last()?,
        };
        if listed == NONE {
            return Some(*returned);
        }
        let is_listed_earlier = places.place(listed) < *place;
        let takes_listed = is_listed_earlier == (self.order == Order::FirstCome);
        Some(if takes_listed { listed } else { *returned })
    }

    /// Returns a place before every waiting call's.
    pub(crate) fn front(&self, places: &impl Places) -> u64 {
        let listed = (self.head != NONE).then(|| places.place(self.head).0);
        let returned = self.returned.first().map(|(place, _)| place.0);
        listed.into_iter().chain(returned).min().map_or(0, |place| place.saturating_sub(1))
    }

    /// Adds a call. Returns whether it stands among the returned.
    #[inline]
    pub(crate) fn push(&mut self, slot: u32, links: &mut Vec<Link>, places: &impl Places) -> bool {
        self.length += 1;
        while links.len() <= slot as usize {
            links.push(Link { previous: NONE, next: NONE });
        }
        let place = places.place(slot);
        if self.tail != NONE && place < places.place(self.tail) {
            self.returned.insert((place, slot));
            return true;
        }
        links[slot as usize] = Link { previous: self.tail, next: NONE };
        match self.tail {
            NONE => self.head = slot,
            tail => links[tail as usize].next = slot,
        }
        self.tail = slot;
        false
    }

    /// Takes a call out.
    #[inline]
    pub(crate) fn remove(&mut self, slot: u32, returned: Option<Place>, links: &mut [Link]) {
        self.length -= 1;
        if let Some(place) = returned {
            self.returned.remove(&(place, slot));
            return;
        }
        let Link { previous, next } = links[slot as usize];
        match previous {
            NONE => self.head = next,
            _ => links[previous as usize].next = next,
        }
        match next {
            NONE => self.tail = previous,
            _ => links[next as usize].previous = previous,
        }
    }

    /// Lists the slots of every waiting call, those in order first.
    pub(crate) fn slots(&self, links: &[Link]) -> Vec<u32> {
        let mut slots = Vec::with_capacity(self.length as usize);
        let mut slot = self.head;
        while slot != NONE && slots.len() < self.length as usize {
            slots.push(slot);
            slot = links[slot as usize].next;
        }
        slots.extend(self.returned.iter().map(|(_, slot)| *slot));
        slots
    }
}

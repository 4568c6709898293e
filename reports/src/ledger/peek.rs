//! A look at the ledger while the run goes on: the sums so far of what somebody looks at.

use super::Ledger;
use super::calls::{Call, Flags, Leaf};
use super::finish::{add_door, add_leaf, add_served, finish_spread, sum_run, waits};
use crate::column::Column;
use crate::frame::Frame;
use crate::totals::Totals;
use acd::kpi::{Scope, Selector};

/// Whose calls are looked at. A centre of hundreds of queues has hundreds of rows, and a look each minute is for a few.
#[derive(Debug)]
pub(crate) struct Regard {
    /// Everybody's.
    all: bool,
    queues: Vec<bool>,
    contacts: Vec<bool>,
    /// Whether the distribution of waits matters.
    waits: bool,
}

impl Regard {
    /// Makes the regard of those who look at these selectors.
    pub(crate) fn new(
        frame: &Frame,
        selectors: impl Iterator<Item = Selector>,
        waits: bool,
    ) -> Self {
        let (queues, contacts) = (vec![false; frame.queues.len()], vec![false; frame.contacts]);
        let mut regard = Self { all: false, queues, contacts, waits };
        for selector in selectors {
            match selector.scope {
                Scope::All => regard.all = true,
                Scope::Queue(queue) => mark(&mut regard.queues, queue.index()),
                Scope::Contact(contact) => mark(&mut regard.contacts, contact.index()),
                // What agents do is no sum over calls.
                Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..) => {}
            }
        }
        regard
    }

    fn has_leaf(&self, leaf: &Leaf) -> bool {
        self.all || self.queues[usize::from(leaf.queue)] || self.contacts[usize::from(leaf.contact)]
    }

    fn has_contact(&self, contact: usize) -> bool {
        self.all || self.contacts[contact]
    }
}

fn mark(marks: &mut [bool], index: usize) {
    if let Some(mark) = marks.get_mut(index) {
        *mark = true;
    }
}

impl Ledger {
    /// Returns the sums up to `now`, in the first interval (attempt kinds: in the run); with the waits if asked for.
    ///
    /// Only the rows in regard are whole. The longest wait and the longest line begin anew.
    pub(crate) fn peek(&mut self, now: u64, regard: &Regard) -> Totals {
        self.totals.all.clear(0, 0, Column::SystemEnd);
        self.settle(now.max(self.since));
        let mut totals = self.totals.clone();
        for leaf in self.leaves.all().iter().filter(|leaf| regard.has_leaf(leaf)) {
            add_leaf(&self.frame, leaf, &mut totals);
            if regard.waits {
                totals.spread.waits.push(waits(&self.frame, leaf));
            }
        }
        add_door(
            &self.frame,
            &self.centre.door,
            |contact| regard.has_contact(contact),
            &mut totals,
        );
        add_served(&self.frame, &self.groups, &self.pairs, &mut totals);
        sum_run(&self.frame, &mut totals.agents);
        sum_run(&self.frame, &mut totals.all);
        totals.times[self.frame.run()] = totals.times[0];
        finish_spread(&self.frame, &mut totals);
        self.leaves.forget_longest();
        self.totals.all.clear(0, 0, Column::MaxQueue);
        for queue in 0..self.frame.queues.len() {
            self.totals.queues.clear(queue, 0, Column::MaxQueue);
        }
        totals
    }

    /// Returns how many calls of a scope wait, or ring, for longer than the level of a slot.
    pub(crate) fn waiting_longer(&self, now: u64, selector: Selector, slot: usize) -> u64 {
        let frame = &self.frame;
        let is_over = |call: &&Call| {
            let flags = call.flags;
            let is_kind = selector.attempt.is_none_or(|kind| kind as u8 == call.kind);
            if !flags.has(Flags::OFFERED) || flags.has(Flags::COUNTED) || !is_kind {
                return false;
            }
            let first = &frame.queues[usize::from(call.first_queue)];
            let level = match selector.scope {
                Scope::Queue(queue) if queue.0 == call.queue => {
                    frame.queues[queue.index()].levels.get(slot)
                }
                Scope::Contact(contact) if contact.0 != call.contact => None,
                Scope::All | Scope::Contact(_) if slot == 0 => {
                    first.levels.first().filter(|_| first.has_own)
                }
                Scope::All | Scope::Contact(_) => frame.common_levels.get(slot - 1),
                Scope::Queue(_) | Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..) => {
                    None
                }
            };
            level.is_some_and(|level| call.earlier + now.saturating_sub(call.since) > *level)
        };
        self.calls.slots().iter().filter(is_over).count() as u64
    }
}

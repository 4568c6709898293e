//! What agents did for calls: by group or by pair of contact and group, by span.

use super::Ledger;
use super::calls::{Flags, NOWHERE, Part};
use super::staff::Work;
use crate::column::{Column, Table};
use acd::{AgentId, CallId, Duration, OfferId};

/// The columns, in the order of a row.
const COLUMNS: [Column; 8] = [
    Column::Answered,
    Column::WaitAnswered,
    Column::Ring,
    Column::CutInTalk,
    Column::Handled,
    Column::Talk,
    Column::Hold,
    Column::Acw,
];
/// Where answers stand in a row, with their waits and ringing.
const ANSWERED: usize = 0;
/// Where calls cut in talk stand.
const CUT: usize = 3;
/// Where handled calls stand, with their talk, hold and after-call work.
const HANDLED: usize = 4;

/// One cache line for each scope and span.
#[derive(Debug)]
pub(crate) struct Served {
    rows: Vec<[u64; COLUMNS.len()]>,
    spans: usize,
}

impl Served {
    pub(crate) fn new(scopes: usize, spans: usize) -> Self {
        Self { rows: vec![[0; COLUMNS.len()]; scopes * spans], spans }
    }

    /// Adds numbers from a place in a row on; wrapped ones take back.
    #[inline]
    fn add<const N: usize>(&mut self, scope: usize, span: usize, from: usize, amounts: [u64; N]) {
        let row = &mut self.rows[scope * self.spans + span];
        for (cell, amount) in row[from..].iter_mut().zip(amounts) {
            *cell = cell.wrapping_add(amount);
        }
    }

    /// Adds everything to a table of totals.
    pub(crate) fn add_to(&self, table: &mut Table) {
        for (place, row) in self.rows.iter().enumerate() {
            for (column, amount) in COLUMNS.into_iter().zip(row) {
                table.add(place / self.spans, place % self.spans, column, *amount);
            }
        }
    }

    /// Adds what groups did to their sites.
    pub(crate) fn add_to_sites(&self, sites: &[Option<usize>], table: &mut Table) {
        for (place, row) in self.rows.iter().enumerate() {
            let Some(site) = sites[place / self.spans] else { continue };
            for (column, amount) in COLUMNS.into_iter().zip(row) {
                table.add(site, place % self.spans, column, *amount);
            }
        }
    }
}

impl Ledger {
    /// Counts an answer (or, wrapped, takes it back) with the agent's group and the pair.
    #[inline]
    pub(super) fn serve(&mut self, offer: OfferId, contact: u16, span: usize, amounts: [u64; 3]) {
        let Some(group) = self.staff.group(offer.agent) else { return };
        self.groups.add(group, span, ANSWERED, amounts);
        if let Some(pair) = self.frame.pair(usize::from(contact), group) {
            self.pairs.add(pair, span, ANSWERED, amounts);
        }
    }

    /// Counts the call whose work an agent just finished.
    #[inline]
    pub(super) fn handled(&mut self, group: usize, work: Work, acw: u64) {
        if work.leaf == NOWHERE {
            return;
        }
        let amounts = [1, work.talk, work.hold, acw];
        let row = self.leaves.get(work.leaf).row(self.span);
        let handled = &mut row[Column::Handled as usize..=Column::Acw as usize];
        for (cell, amount) in handled.iter_mut().zip(amounts) {
            *cell += amount;
        }
        self.groups.add(group, self.span as usize, HANDLED, amounts);
        if work.pair != NOWHERE {
            self.pairs.add(work.pair as usize, self.span as usize, HANDLED, amounts);
        }
    }

    /// An agent finished after-call work: the call is handled.
    #[inline]
    pub(super) fn end_acw(&mut self, agent: AgentId, acw: Duration) {
        if let (Some(group), Some(work)) = (self.staff.group(agent), self.staff.end_acw(agent)) {
            self.handled(group, work, acw.0);
        }
    }

    /// Counts an answered call that was cut.
    pub(super) fn cut_in_talk(&mut self, offer: OfferId, call: CallId) {
        let Some(state) = self.calls.get(call) else { return };
        if !state.flags.has(Flags::OFFERED) {
            return;
        }
        let (contact, first_span) = (state.contact, state.first_span);
        let column = Column::CutInTalk as usize;
        if state.flags.has(Flags::MOVED) {
            let (first_queue, queue, kind, entry_span) =
                (state.first_queue, state.queue, state.kind, state.entry_span);
            let passing = self.leaves.passing(queue);
            self.leaves.get(passing).row(entry_span)[column] += 1;
            let whole = self.leaves.find(contact, first_queue, kind, Part::Moved);
            self.leaves.get(whole).row(first_span)[column] += 1;
        } else {
            self.leaves.get(state.leaf).row(first_span)[column] += 1;
        }
        let Some(group) = self.staff.group(offer.agent) else { return };
        self.groups.add(group, first_span as usize, CUT, [1]);
        if let Some(pair) = self.frame.pair(usize::from(contact), group) {
            self.pairs.add(pair, first_span as usize, CUT, [1]);
        }
    }
}

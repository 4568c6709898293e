//! The columns every count and sum lives in, and the rows made of them. One spelling for the ledger, the totals and the formulas.

use crate::frame::Frame;
use acd::kpi::{Scope, Selector};

macro_rules! columns {
    ($($name:ident $doc:literal,)*) => {
        /// A column: a count, a sum of microseconds or a largest value, always a whole number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Column {
            $(#[doc = $doc] $name,)*
        }

        impl Column {
            /// Every column, in order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

// The outcomes stand in the order of `acd::Outcome`, the door's in that of `acd::DoorOutcome`: the ledger adds the one's number to the first.
columns! {
    Offered "Calls offered.",
    Answered "Of these, answered.",
    Abandoned "Abandoned.",
    RefusedFull "Refused by a full queue.",
    TimedOut "Waited too long.",
    LeftByKey "Left by a key.",
    CallbackListed "Put on the callback list.",
    Voicemail "Left a message.",
    ClosedOut "Sent away at close.",
    Cut "Cut while waiting.",
    Withdrawn "Taken out.",
    ShortAbandoned "Abandoned within `short_abandon`.",
    CutInTalk "Answered, then cut.",
    OverflowedOut "Moves out of a queue.",
    OverflowedIn "Moves into a queue.",
    Callbacks "Callbacks accepted that keep the place.",
    Waited "Got no offer on entry.",
    WaitAnswered "Waits of the answered, to the last answer.",
    Ring "Ringing of the answered, before the answer.",
    WaitAll "Waits of all, summed over sendings back.",
    WaitAbandoned "Waits of the abandoned.",
    WaitIfWaited "Waits of those without an offer on entry.",
    MaxWait "The longest wait: largest within a replication, summed over replications.",
    AnsweredIn "Answers by clock time.",
    AbandonedIn "Abandonments by clock time.",
    Handled "Calls whose after-call work ended, by clock time.",
    Talk "Their talk.",
    Hold "Their hold.",
    Acw "Their after-call work.",
    Attempts "Attempts.",
    Blocked "Blocked.",
    Closed "Refused outside hours.",
    Contained "Ended in the IVR.",
    LeftInIvr "Left in the IVR.",
    CutInIvr "Cut in the IVR.",
    FreshAttempts "Fresh attempts.",
    Redials "Redials.",
    Reconnects "Reconnects.",
    GaveUp "Failed attempts without a redial, by clock time.",
    LostToClose "Callers whose next attempt fell after the close.",
    OrbitTime "Callers who will call again × time.",
    IntervalsMet "Intervals whose service level met the target.",
    IntervalsJudged "Intervals with calls and a target.",
    TargetWeight "Target share in millionths × offered calls.",
    TargetOffered "Offered calls of queues with a target.",
    Ready "Agents ready × time.",
    Reserved "Agents asked × time.",
    Talking "Agents talking × time.",
    Held "Agents with a caller on hold × time.",
    AfterCall "Agents in after-call work × time.",
    BackOff "Agents left alone after a call not answered × time.",
    OnBreak "Agents on a planned break × time.",
    Away "Agents not ready for another reason × time.",
    Scheduled "Agents scheduled × time.",
    Adherent "Of the scheduled, present or on a planned break × time.",
    Available "Of the scheduled, present and not away × time.",
    Overtime "Agents beyond the schedule × time.",
    NoReady "Time without a ready agent.",
    QueueTime "Waiting calls × time.",
    MaxQueue "Largest number of waiting calls, summed over replications.",
    CallbackListTime "Callbacks on the list × time.",
    CallbackDelay "From acceptance to start, of callbacks made.",
    CallbacksMade "Callbacks made: from the list, or as the place came up.",
    TrunkTime "Lines held × time.",
    IvrTime "Calls in the IVR × time.",
    SystemTime "Calls in IVR, queue, ringing and talk × time.",
    SystemEnd "Such calls at the end of the span.",
}

/// How many columns there are.
pub(crate) const COLUMNS: usize = Column::ALL.len();
/// Columns from the first to this one, exclusive, make up a leaf row of the ledger.
pub(crate) const LEAF_COLUMNS: usize = Column::Attempts as usize;

/// The columns of one level (a time at which service level is reported), as held in totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtLevel {
    /// Answered within it.
    InTime,
    /// Abandoned within it.
    AbandonedInTime,
    /// Waits above it, whatever became of the call.
    Over,
    /// Offered calls it applies to.
    Offered,
    /// Answered calls it applies to.
    Answered,
    /// Short abandonments it applies to.
    Short,
}

/// Columns per level in totals.
pub(crate) const LEVEL_COLUMNS: usize = 6;
/// Columns per level in the ledger: the first three.
pub(crate) const LEAF_LEVEL_COLUMNS: usize = 3;

/// Where each column stands in a row of one family of scopes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    offset: [u8; COLUMNS],
    base: usize,
    stride: usize,
}

const ABSENT: u8 = u8::MAX;

impl Layout {
    /// Lays out the columns for which `holds` is true, then `slots` levels.
    fn new(slots: usize, holds: impl Fn(Column) -> bool) -> Self {
        let mut offset = [ABSENT; COLUMNS];
        let mut base = 0_u8;
        for column in Column::ALL {
            if holds(*column) {
                offset[*column as usize] = base;
                base += 1;
            }
        }
        let base = usize::from(base);
        Self { offset, base, stride: base + slots * LEVEL_COLUMNS }
    }

    pub(crate) fn all(slots: usize) -> Self {
        Self::new(slots, |_| true)
    }

    pub(crate) fn queue(slots: usize) -> Self {
        Self::new(slots, |c| is_call(c) || is_met(c) || is_line(c))
    }

    pub(crate) fn contact(slots: usize) -> Self {
        Self::new(slots, |c| is_call(c) || is_met(c) || is_door(c))
    }

    /// Of a contact's attempts of one kind, at the door.
    pub(crate) fn door() -> Self {
        Self::new(0, is_door)
    }

    /// Of groups, sites and pairs.
    pub(crate) fn agents() -> Self {
        Self::new(0, |c| is_served(c) || is_staff(c) || c == Column::TrunkTime)
    }

    /// Of the table that holds a selector's rows; those of one kind of attempt stand in a table of their own.
    pub(crate) fn of(selector: Selector, frame: &Frame) -> Self {
        let shared = frame.common_levels.len() + usize::from(frame.levels_max > 0);
        match selector.scope {
            Scope::All if selector.attempt.is_some() => Self::contact(shared),
            Scope::All => Self::all(shared),
            Scope::Queue(_) => Self::queue(frame.levels_max),
            Scope::Contact(_) => Self::contact(shared),
            Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..) => Self::agents(),
        }
    }

    #[inline]
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// Returns where a column stands; `None` where this family has none.
    #[inline]
    pub(crate) fn position(&self, column: Column) -> Option<usize> {
        let offset = self.offset[column as usize];
        (offset != ABSENT).then_some(usize::from(offset))
    }

    #[inline]
    pub(crate) fn level_position(&self, slot: usize, column: AtLevel) -> usize {
        self.base + slot * LEVEL_COLUMNS + column as usize
    }
}

const fn between(column: Column, first: Column, last: Column) -> bool {
    first as usize <= column as usize && column as usize <= last as usize
}

fn is_call(column: Column) -> bool {
    between(column, Column::Offered, Column::Acw)
}

fn is_door(column: Column) -> bool {
    between(column, Column::Attempts, Column::OrbitTime)
}

fn is_met(column: Column) -> bool {
    between(column, Column::IntervalsMet, Column::TargetOffered)
}

fn is_staff(column: Column) -> bool {
    between(column, Column::Ready, Column::NoReady)
}

fn is_line(column: Column) -> bool {
    between(column, Column::QueueTime, Column::CallbacksMade)
}

fn is_served(column: Column) -> bool {
    between(column, Column::Handled, Column::Acw)
        || matches!(
            column,
            Column::Answered | Column::WaitAnswered | Column::Ring | Column::CutInTalk
        )
}

/// Rows of one family: a row for each scope and span.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) layout: Layout,
    spans: usize,
    cells: Vec<u64>,
}

impl Table {
    pub(crate) fn new(layout: Layout, scopes: usize, spans: usize) -> Self {
        let cells = vec![0; scopes * spans * layout.stride()];
        Self { layout, spans, cells }
    }

    #[inline]
    pub(crate) fn row(&self, scope: usize, span: usize) -> &[u64] {
        let stride = self.layout.stride();
        let start = (scope * self.spans + span) * stride;
        &self.cells[start..start + stride]
    }

    #[inline]
    pub(crate) fn row_mut(&mut self, scope: usize, span: usize) -> &mut [u64] {
        let stride = self.layout.stride();
        let start = (scope * self.spans + span) * stride;
        &mut self.cells[start..start + stride]
    }

    /// Adds to a cell; nothing happens where the family has no such column.
    #[inline]
    pub(crate) fn add(&mut self, scope: usize, span: usize, column: Column, amount: u64) {
        if let Some(position) = self.layout.position(column) {
            let cell = &mut self.row_mut(scope, span)[position];
            *cell = cell.wrapping_add(amount);
        }
    }

    /// Raises a cell to at least `value`.
    pub(crate) fn raise(&mut self, scope: usize, span: usize, column: Column, value: u64) {
        if let Some(position) = self.layout.position(column) {
            let cell = &mut self.row_mut(scope, span)[position];
            *cell = (*cell).max(value);
        }
    }

    pub(crate) fn clear(&mut self, scope: usize, span: usize, column: Column) {
        if let Some(position) = self.layout.position(column) {
            self.row_mut(scope, span)[position] = 0;
        }
    }

    pub(crate) fn get(&self, scope: usize, span: usize, column: Column) -> u64 {
        self.layout.position(column).map_or(0, |position| self.row(scope, span)[position])
    }

    /// Adds another replication's cells.
    pub(crate) fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.cells.len(), other.cells.len(), "tables of one run");
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            *cell = cell.wrapping_add(*more);
        }
    }

    pub(crate) fn scopes(&self) -> usize {
        self.cells.len().checked_div(self.spans * self.layout.stride()).unwrap_or(0)
    }
}

/// One row read by a formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cells<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) row: &'a [u64],
    /// Microseconds the span lasted, over all replications.
    pub(crate) time: u64,
}

impl Cells<'_> {
    /// Reads a column; zero where the family has none.
    #[inline]
    pub(crate) fn get(&self, column: Column) -> f64 {
        self.layout.position(column).map_or(0.0, |position| self.row[position] as f64)
    }

    /// Reads a column of a level.
    #[inline]
    pub(crate) fn at(&self, slot: usize, column: AtLevel) -> f64 {
        self.row[self.layout.level_position(slot, column)] as f64
    }

    /// Reads a sum of microseconds as seconds.
    #[inline]
    pub(crate) fn seconds(&self, column: Column) -> f64 {
        self.get(column) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_and_door_outcomes_stand_in_the_switchs_order() {
        use acd::{DoorOutcome, Outcome};
        assert_eq!(
            Outcome::Withdrawn as usize,
            Column::Withdrawn as usize - Column::Answered as usize
        );
        assert_eq!(
            Outcome::TimedOut as usize,
            Column::TimedOut as usize - Column::Answered as usize
        );
        assert_eq!(
            DoorOutcome::CutInIvr as usize,
            Column::CutInIvr as usize - Column::Blocked as usize
        );
    }

    #[test]
    fn a_familys_columns_do_not_overlap() {
        for layout in [Layout::all(2), Layout::queue(3), Layout::contact(1), Layout::agents()] {
            let mut positions: Vec<usize> =
                Column::ALL.iter().filter_map(|c| layout.position(*c)).collect();
            for slot in 0..(layout.stride - layout.base) / LEVEL_COLUMNS {
                positions.push(layout.level_position(slot, AtLevel::InTime));
                positions.push(layout.level_position(slot, AtLevel::Short));
            }
            let count = positions.len();
            positions.sort_unstable();
            positions.dedup();
            assert_eq!(positions.len(), count);
            assert!(positions.iter().all(|p| *p < layout.stride()));
        }
    }
}

//! Counts of calls and attempts, and shares of them.

use super::Formula::{self, Count, Ratio};
use crate::column::{Cells, Column};
use acd::kpi::Kpi;

pub(super) const FORMULAS: &[(Kpi, Formula)] = &[
    (Kpi::Attempts, Count(|c| c.get(Column::Attempts))),
    (Kpi::Blocked, Count(|c| c.get(Column::Blocked))),
    (Kpi::Closed, Count(|c| c.get(Column::Closed))),
    (Kpi::Contained, Count(|c| c.get(Column::Contained))),
    (Kpi::LeftInIvr, Count(|c| c.get(Column::LeftInIvr))),
    (Kpi::CutInIvr, Count(|c| c.get(Column::CutInIvr))),
    (Kpi::Offered, Count(|c| c.get(Column::Offered))),
    (Kpi::Answered, Count(|c| c.get(Column::Answered))),
    (Kpi::Abandoned, Count(|c| c.get(Column::Abandoned))),
    (Kpi::ShortAbandoned, Count(|c| c.get(Column::ShortAbandoned))),
    (Kpi::RefusedFull, Count(|c| c.get(Column::RefusedFull))),
    (Kpi::TimedOut, Count(|c| c.get(Column::TimedOut))),
    (Kpi::LeftByKey, Count(|c| c.get(Column::LeftByKey))),
    (Kpi::CallbackListed, Count(|c| c.get(Column::CallbackListed))),
    (Kpi::Voicemail, Count(|c| c.get(Column::Voicemail))),
    (Kpi::ClosedOut, Count(|c| c.get(Column::ClosedOut))),
    (Kpi::Cut, Count(|c| c.get(Column::Cut))),
    (Kpi::CutInTalk, Count(|c| c.get(Column::CutInTalk))),
    (Kpi::Withdrawn, Count(|c| c.get(Column::Withdrawn))),
    (Kpi::OverflowedOut, Count(|c| c.get(Column::OverflowedOut))),
    (Kpi::OverflowedIn, Count(|c| c.get(Column::OverflowedIn))),
    (Kpi::Callbacks, Count(|c| c.get(Column::Callbacks))),
    (Kpi::Redials, Count(|c| c.get(Column::Redials))),
    (Kpi::Reconnects, Count(|c| c.get(Column::Reconnects))),
    (Kpi::GaveUp, Count(|c| c.get(Column::GaveUp))),
    (Kpi::LostToClose, Count(|c| c.get(Column::LostToClose))),
    (Kpi::UniqueCallers, Count(|c| c.get(Column::FreshAttempts))),
    (Kpi::AnsweredIn, Count(|c| c.get(Column::AnsweredIn))),
    (Kpi::AbandonedIn, Count(|c| c.get(Column::AbandonedIn))),
    (Kpi::AbandonmentRate, Ratio(|c| (c.get(Column::Abandoned), c.get(Column::Offered)))),
    (Kpi::BlockRate, Ratio(|c| (c.get(Column::Blocked), c.get(Column::Attempts)))),
    (Kpi::Fcr, Ratio(first_contact_resolution)),
];

/// 1 − reconnects ÷ answered, as answered − reconnects over answered.
fn first_contact_resolution(cells: &Cells<'_>) -> (f64, f64) {
    let answered = cells.get(Column::Answered);
    (answered - cells.get(Column::Reconnects), answered)
}

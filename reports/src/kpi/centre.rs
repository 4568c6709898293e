//! What is in the centre on average: queues, lines, IVR, orbit, callbacks.

use super::Formula::{self, Count, Ratio};
use crate::column::{Cells, Column};
use acd::kpi::Kpi;

pub(super) const FORMULAS: &[(Kpi, Formula)] = &[
    (Kpi::MeanQueueLength, Ratio(|c| mean_over_time(c, Column::QueueTime))),
    (Kpi::MaxQueueLength, Count(|c| c.get(Column::MaxQueue))),
    (Kpi::MeanBusyTrunks, Ratio(|c| mean_over_time(c, Column::TrunkTime))),
    (Kpi::MeanInIvr, Ratio(|c| mean_over_time(c, Column::IvrTime))),
    (Kpi::MeanInSystem, Ratio(|c| mean_over_time(c, Column::SystemTime))),
    (Kpi::InSystemEnd, Count(|c| c.get(Column::SystemEnd))),
    (Kpi::MeanOrbit, Ratio(|c| mean_over_time(c, Column::OrbitTime))),
    (Kpi::MeanCallbackList, Ratio(|c| mean_over_time(c, Column::CallbackListTime))),
    (
        Kpi::CallbackDelay,
        Ratio(|c| (c.seconds(Column::CallbackDelay), c.get(Column::CallbacksMade))),
    ),
];

/// The integral over the time it covers.
pub(super) fn mean_over_time(cells: &Cells<'_>, column: Column) -> (f64, f64) {
    (cells.get(column), cells.time as f64)
}

//! Agents: how busy, how present, how long with a call.

use super::Formula::{self, Count, Ratio, Statistic};
use super::centre::mean_over_time;
use crate::column::{Cells, Column};
use crate::spread::Statistic::VarBusy;
use acd::kpi::Kpi;

pub(super) const FORMULAS: &[(Kpi, Formula)] = &[
    (Kpi::MeanBusy, Ratio(|c| (busy(c), c.time as f64))),
    (Kpi::VarBusy, Statistic(VarBusy)),
    (Kpi::AllBusyShare, Ratio(|c| mean_over_time(c, Column::NoReady))),
    (Kpi::Occupancy, Ratio(|c| (busy(c), present(c)))),
    (Kpi::Utilisation, Ratio(|c| (busy(c), c.get(Column::Scheduled)))),
    // On a planned break one keeps to the schedule, but is not available.
    (Kpi::Adherence, Ratio(|c| (c.get(Column::Adherent), c.get(Column::Scheduled)))),
    (
        Kpi::Shrinkage,
        Ratio(|c| (c.get(Column::Scheduled) - c.get(Column::Available), c.get(Column::Scheduled))),
    ),
    (Kpi::Busy, Count(|c| busy(c) / 1e6)),
    (Kpi::Overtime, Count(|c| c.seconds(Column::Overtime))),
    (
        Kpi::Aht,
        Ratio(|c| {
            let worked = c.get(Column::Talk) + c.get(Column::Hold) + c.get(Column::Acw);
            (worked / 1e6, c.get(Column::Handled))
        }),
    ),
    (Kpi::Talk, Ratio(|c| (c.seconds(Column::Talk), c.get(Column::Handled)))),
    (Kpi::Hold, Ratio(|c| (c.seconds(Column::Hold), c.get(Column::Handled)))),
    (Kpi::Acw, Ratio(|c| (c.seconds(Column::Acw), c.get(Column::Handled)))),
];

/// Talk + hold + ACW, agent-microseconds.
fn busy(cells: &Cells<'_>) -> f64 {
    [Column::Talking, Column::Held, Column::AfterCall].iter().map(|c| cells.get(*c)).sum()
}

/// Signed in and not `NotReady`, agent-microseconds.
fn present(cells: &Cells<'_>) -> f64 {
    let idle: f64 =
        [Column::Ready, Column::Reserved, Column::BackOff].iter().map(|c| cells.get(*c)).sum();
    idle + busy(cells)
}

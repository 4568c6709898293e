//! Service level in its five definitions, and how many intervals met it.

use super::Formula::{self, AtLevel, Ratio, Worst};
use crate::column::{self, Cells, Column};
use acd::kpi::{Kpi, ServiceLevelDefinition};

pub(super) const FORMULAS: &[(Kpi, Formula)] = &[
    (Kpi::ServiceLevel, AtLevel(service_level)),
    (Kpi::PWaitGt, AtLevel(|_, cells, slot| over(cells, slot))),
    (Kpi::IntervalsMet, Ratio(|c| (c.get(Column::IntervalsMet), c.get(Column::IntervalsJudged)))),
    (Kpi::WorstInterval, Worst),
];

/// Returns calls served in time, and out of how many, by a definition. Calls that overflowed out stay in as not served in time.
pub(crate) fn service_level(
    definition: ServiceLevelDefinition,
    cells: &Cells<'_>,
    slot: usize,
) -> (f64, f64) {
    let at = |column| cells.at(slot, column);
    let in_time = at(column::AtLevel::InTime);
    let offered = at(column::AtLevel::Offered);
    let abandoned_in_time = at(column::AtLevel::AbandonedInTime);
    match definition {
        ServiceLevelDefinition::OfOffered => (in_time, offered),
        ServiceLevelDefinition::ExcludingAbandonsInTarget => (in_time, offered - abandoned_in_time),
        ServiceLevelDefinition::CountingAbandonsInTarget => (in_time + abandoned_in_time, offered),
        ServiceLevelDefinition::OfAnswered => (in_time, at(column::AtLevel::Answered)),
        ServiceLevelDefinition::ExcludingShortAbandons => {
            (in_time, offered - at(column::AtLevel::Short))
        }
    }
}

fn over(cells: &Cells<'_>, slot: usize) -> (f64, f64) {
    (cells.at(slot, column::AtLevel::Over), cells.at(slot, column::AtLevel::Offered))
}

//! Waits: means, spread, quantiles, and how many waited at all.

use super::Formula::{self, Count, Ratio, Statistic};
use crate::column::Column;
use crate::spread::Statistic::{SdWait, Wait, WaitAll};
use acd::kpi::Kpi;

pub(super) const FORMULAS: &[(Kpi, Formula)] = &[
    (Kpi::Asa, Ratio(|c| (c.seconds(Column::WaitAnswered), c.get(Column::Answered)))),
    (
        Kpi::AsaToOffer,
        Ratio(|c| {
            (c.seconds(Column::WaitAnswered) - c.seconds(Column::Ring), c.get(Column::Answered))
        }),
    ),
    (Kpi::MeanWait, Ratio(|c| (c.seconds(Column::WaitAll), c.get(Column::Offered)))),
    (
        Kpi::MeanWaitAbandoned,
        Ratio(|c| (c.seconds(Column::WaitAbandoned), c.get(Column::Abandoned))),
    ),
    (Kpi::MeanWaitIfWait, Ratio(|c| (c.seconds(Column::WaitIfWaited), c.get(Column::Waited)))),
    (Kpi::SdWait, Statistic(SdWait)),
    (Kpi::PWait, Ratio(|c| (c.get(Column::Waited), c.get(Column::Offered)))),
    (Kpi::WaitP50, Statistic(Wait(0))),
    (Kpi::WaitP90, Statistic(Wait(1))),
    (Kpi::WaitP95, Statistic(Wait(2))),
    (Kpi::WaitP99, Statistic(Wait(3))),
    (Kpi::WaitAllP50, Statistic(WaitAll(0))),
    (Kpi::WaitAllP90, Statistic(WaitAll(1))),
    (Kpi::WaitAllP95, Statistic(WaitAll(2))),
    (Kpi::WaitAllP99, Statistic(WaitAll(3))),
    (Kpi::MaxWait, Count(|c| c.seconds(Column::MaxWait))),
];

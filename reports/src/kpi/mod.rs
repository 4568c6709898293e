//! The formulas: one for every key of `acd::kpi`, as a count, a ratio or a statistic of the ledger's sums. A formula is one line in the list of its file.

pub(crate) mod agents;
pub(crate) mod calls;
pub(crate) mod centre;
pub(crate) mod service;
pub(crate) mod traffic;
pub(crate) mod waits;

use crate::column::Cells;
use crate::frame::Span;
use crate::spread::Statistic;
use crate::traffic::seen::{Family, Seen};
use acd::kpi::{Kpi, Scope, Selector, ServiceLevelDefinition};

/// How a figure follows from sums.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Formula {
    /// A number per replication.
    Count(fn(&Cells<'_>) -> f64),
    /// A ratio of totals: numerator, denominator.
    Ratio(fn(&Cells<'_>) -> (f64, f64)),
    /// A ratio of totals at a time within which calls are served.
    AtLevel(fn(ServiceLevelDefinition, &Cells<'_>, usize) -> (f64, f64)),
    /// A variance or quantile of the run.
    Statistic(Statistic),
    /// The start of the interval with the lowest service level.
    Worst,
    /// A figure of a load run, counted by `traffic`: absent where nothing of its family came, `None` where it was not observed.
    Traffic(Family, fn(&Seen<'_>) -> Option<f64>),
    /// Nothing feeds this figure yet: it is absent everywhere.
    NotFed,
}

/// Figures that nothing feeds yet.
const NOT_FED: &[(Kpi, Formula)] = &[
    (Kpi::TransferRate, Formula::NotFed),
    (Kpi::Csat, Formula::NotFed),
    (Kpi::Cost, Formula::NotFed),
    (Kpi::CostOfRevenue, Formula::NotFed),
    (Kpi::RevenueLost, Formula::NotFed),
    (Kpi::Penalty, Formula::NotFed),
];

/// Every list of formulas.
const LISTS: &[&[(Kpi, Formula)]] = &[
    calls::FORMULAS,
    service::FORMULAS,
    waits::FORMULAS,
    centre::FORMULAS,
    agents::FORMULAS,
    traffic::FORMULAS,
    NOT_FED,
];

/// The formulas by the key's number, laid out when this is compiled.
const TABLE: [Option<Formula>; Kpi::ALL.len()] = {
    let mut table = [None; Kpi::ALL.len()];
    let mut list = 0;
    while list < LISTS.len() {
        let mut line = 0;
        while line < LISTS[list].len() {
            let (kpi, formula) = LISTS[list][line];
            table[kpi as usize] = Some(formula);
            line += 1;
        }
        list += 1;
    }
    table
};

/// Returns a figure's formula.
#[inline]
pub(crate) fn formula(kpi: Kpi) -> Formula {
    TABLE[kpi as usize].expect("every key has a formula, as a test proves")
}

/// Returns whether a figure can be asked for here.
pub(crate) fn applies(kpi: Kpi, selector: Selector, span: Span) -> bool {
    let letters = kpi.applies();
    let by_scope = match selector.scope {
        Scope::All => letters.all,
        Scope::Queue(_) => letters.queue,
        Scope::Contact(_) => letters.contact,
        Scope::Agents(_) => letters.agents,
        Scope::Site(_) => letters.site,
        Scope::ContactAgents(..) => letters.contact && letters.agents,
    };
    // Of one kind of attempt alone, `fcr` would compare the wrong people, and intervals are not judged.
    let by_attempt = selector.attempt.is_none()
        || (letters.contact
            && matches!(selector.scope, Scope::All | Scope::Contact(_))
            && !matches!(kpi, Kpi::Fcr | Kpi::IntervalsMet | Kpi::WorstInterval));
    by_scope && by_attempt && (span == Span::Run || letters.interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use acd::kpi::Applies;

    #[test]
    fn every_key_has_exactly_one_formula() {
        let mut keys: Vec<&str> =
            LISTS.iter().flat_map(|list| list.iter().map(|(kpi, _)| kpi.key())).collect();
        let mut expected: Vec<&str> = Kpi::ALL.iter().map(|kpi| kpi.key()).collect();
        keys.sort_unstable();
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }

    #[test]
    fn a_figure_of_a_load_run_and_no_other_is_computed_from_its_tallies() {
        for kpi in Kpi::ALL {
            let is_traffic = matches!(formula(*kpi), Formula::Traffic(..));
            assert_eq!(is_traffic, kpi.applies().load, "{}", kpi.key());
            let Applies { all, queue, contact, agents, site, .. } = kpi.applies();
            assert_ne!(is_traffic, all || queue || contact || agents || site, "{}", kpi.key());
        }
    }

    #[test]
    fn a_key_is_its_number_in_the_list() {
        for (number, kpi) in Kpi::ALL.iter().enumerate() {
            assert_eq!(*kpi as usize, number);
        }
    }
}

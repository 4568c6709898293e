//! What is reported: every part of the centre, and the numbers of its tables, in order.

use crate::column::Cells;
use crate::frame::{Frame, Span};
use crate::kpi::{self, Formula, service::service_level};
use crate::spread::Statistic;
use acd::kpi::{Kpi, Scope, Selector, ServiceLevelDefinition};
use acd::{AttemptKind, ContactId, Duration, GroupId, QueueId, SiteId};
use std::sync::Arc;

/// How one number of a table is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    Count(fn(&Cells<'_>) -> f64),
    Ratio(fn(&Cells<'_>) -> (f64, f64)),
    /// Service level by a definition, at a slot of levels.
    Service(ServiceLevelDefinition, usize),
    /// Another ratio at a slot of levels.
    AtLevel(fn(ServiceLevelDefinition, &Cells<'_>, usize) -> (f64, f64), usize),
    Statistic(Statistic),
    Worst,
}

/// One number of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) kpi: Kpi,
    pub(crate) threshold: Option<Duration>,
    /// Whether it is judged by each queue's own time.
    pub(crate) is_own: bool,
    pub(crate) rule: Rule,
}

impl Line {
    /// The numerator and denominator; `None` for what is no ratio.
    #[inline]
    pub(crate) fn ratio(&self, cells: &Cells<'_>) -> Option<(f64, f64)> {
        match self.rule {
            Rule::Ratio(ratio) => Some(ratio(cells)),
            Rule::Service(definition, slot) => Some(service_level(definition, cells, slot)),
            Rule::AtLevel(level, slot) => {
                Some(level(ServiceLevelDefinition::default(), cells, slot))
            }
            Rule::Count(_) | Rule::Statistic(_) | Rule::Worst => None,
        }
    }
}

/// Every selector that is reported on: the centre, queues, contacts, groups, sites, kinds of attempts, pairs.
pub(crate) fn selectors(frame: &Frame) -> Vec<Selector> {
    let contacts = || (0..frame.contacts).map(|c| Scope::Contact(ContactId::new(c)));
    let mut selectors = vec![Selector::ALL];
    let scopes = (0..frame.queues.len())
        .map(|q| Scope::Queue(QueueId::new(q)))
        .chain(contacts())
        .chain((0..frame.groups.len()).map(|g| Scope::Agents(GroupId::new(g))))
        .chain((0..frame.sites).map(|s| Scope::Site(SiteId::new(s))));
    selectors.extend(scopes.map(Selector::of));
    for kind in AttemptKind::ALL {
        let scopes = [Scope::All].into_iter().chain(contacts());
        selectors.extend(scopes.map(|scope| Selector { scope, attempt: Some(kind) }));
    }
    let pairs =
        frame.pairs.iter().map(|(c, g)| Scope::ContactAgents(ContactId::new(*c), GroupId::new(*g)));
    selectors.extend(pairs.map(Selector::of));
    selectors
}

/// The numbers reported for a selector over a span (any span but the run stands for all of them).
pub(crate) fn lines(frame: &Frame, selector: Selector, span: Span) -> Arc<[Line]> {
    let mut lines = Vec::new();
    for kpi in Kpi::ALL.iter().copied().filter(|kpi| kpi::applies(*kpi, selector, span)) {
        let line = |rule| Line { kpi, threshold: None, is_own: false, rule };
        match kpi::formula(kpi) {
            Formula::Count(formula) => lines.push(line(Rule::Count(formula))),
            Formula::Ratio(formula) => lines.push(line(Rule::Ratio(formula))),
            Formula::AtLevel(formula) => level_lines(frame, selector, kpi, formula, &mut lines),
            Formula::Statistic(statistic) => lines.push(line(Rule::Statistic(statistic))),
            Formula::Worst => lines.push(line(Rule::Worst)),
            Formula::Traffic(..) | Formula::NotFed => {}
        }
    }
    lines.into()
}

type LevelFormula = fn(ServiceLevelDefinition, &Cells<'_>, usize) -> (f64, f64);

/// The numbers of a figure at each time within which calls are served: each queue's own, then the further ones.
fn level_lines(
    frame: &Frame,
    selector: Selector,
    kpi: Kpi,
    formula: LevelFormula,
    lines: &mut Vec<Line>,
) {
    let scope = selector.scope;
    let own = frame.level_slot(scope, None).map(|slot| (frame.own_threshold(scope), slot, true));
    let further = frame
        .further_thresholds(scope)
        .into_iter()
        .filter_map(|at| Some((Some(at), frame.level_slot(scope, Some(at))?, false)));
    for (threshold, slot, is_own) in own.into_iter().chain(further) {
        if kpi == Kpi::ServiceLevel {
            let by_definition = ServiceLevelDefinition::ALL.map(|definition| Line {
                kpi,
                threshold,
                is_own,
                rule: Rule::Service(definition, slot),
            });
            lines.extend(by_definition);
        } else if threshold.is_some() {
            // Its key names the time, so there is none where queues differ.
            lines.push(Line { kpi, threshold, is_own, rule: Rule::AtLevel(formula, slot) });
        }
    }
}

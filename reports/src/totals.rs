//! Sums of one or several replications. Integers throughout, so that merging in any grouping gives the same bytes.

use crate::column::{Cells, Column, Layout, Table};
use crate::frame::{Frame, Span};
use crate::kpi::{self, Formula};
use crate::spread::{Sample, Spread};
use acd::kpi::{Kpi, Scope, Selector, ServiceLevelDefinition};
use acd::{AttemptKind, Duration};
use std::sync::Arc;

/// Sums of one or several replications, and every figure they hold.
#[derive(Debug, Clone)]
pub struct Totals {
    pub(crate) frame: Arc<Frame>,
    pub(crate) saw_schedule: bool,
    /// Microseconds each span lasted, over all replications.
    pub(crate) times: Vec<u64>,
    pub(crate) all: Table,
    pub(crate) queues: Table,
    pub(crate) contacts: Table,
    pub(crate) agents: Table,
    pub(crate) sites: Table,
    pub(crate) pairs: Table,
    /// By kind of attempt: of the centre, then of each contact; the run only.
    pub(crate) attempts: Table,
    pub(crate) spread: Spread,
}

impl Totals {
    /// Makes empty totals: of no replication.
    pub(crate) fn new(frame: Arc<Frame>) -> Self {
        let spans = frame.spans();
        let shared = frame.common_levels.len() + usize::from(frame.levels_max > 0);
        let kinds = AttemptKind::ALL.len();
        Self {
            saw_schedule: false,
            times: vec![0; spans],
            all: Table::new(Layout::all(shared), 1, spans),
            queues: Table::new(Layout::queue(frame.levels_max), frame.queues.len(), spans),
            contacts: Table::new(Layout::contact(shared), frame.contacts, spans),
            agents: Table::new(Layout::agents(), frame.groups.len(), spans),
            sites: Table::new(Layout::agents(), frame.sites, spans),
            pairs: Table::new(Layout::agents(), frame.pairs.len(), spans),
            attempts: Table::new(Layout::contact(shared), (frame.contacts + 1) * kinds, 1),
            spread: Spread::new(&frame),
            frame,
        }
    }

    /// Adds the sums of other replications of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.saw_schedule |= other.saw_schedule;
        for (time, more) in self.times.iter_mut().zip(&other.times) {
            *time += more;
        }
        self.all.merge(&other.all);
        self.queues.merge(&other.queues);
        self.contacts.merge(&other.contacts);
        self.agents.merge(&other.agents);
        self.sites.merge(&other.sites);
        self.pairs.merge(&other.pairs);
        self.attempts.merge(&other.attempts);
        self.spread.merge(&other.spread);
    }

    /// Returns how many replications are summed.
    #[must_use]
    pub fn replications(&self) -> u32 {
        self.spread.replications
    }

    /// Adds to the integral of busy² of the centre (0) or a group (its number and 1). Only the run's counts.
    pub(crate) fn add_square(&mut self, scope: usize, span: usize, square: u128) {
        if span < self.frame.intervals {
            self.spread.busy[scope].squares += square;
        }
    }

    pub(crate) fn table_mut(&mut self, scope: Scope) -> Option<(&mut Table, usize)> {
        match scope {
            Scope::All => Some((&mut self.all, 0)),
            Scope::Queue(queue) => Some((&mut self.queues, queue.index())),
            Scope::Contact(contact) => Some((&mut self.contacts, contact.index())),
            Scope::Agents(group) => Some((&mut self.agents, group.index())),
            Scope::Site(site) => Some((&mut self.sites, site.index())),
            Scope::ContactAgents(contact, group) => {
                let pair = self.frame.pair(contact.index(), group.index())?;
                Some((&mut self.pairs, pair))
            }
        }
    }

    /// Returns the row of a selector and span; `None` where nothing is kept.
    pub(crate) fn cells(&self, selector: Selector, span: Span) -> Option<Cells<'_>> {
        let position = self.frame.span(span)?;
        let (table, scope, span) = match (selector.attempt, selector.scope) {
            (Some(kind), _) if span == Span::Run => {
                (&self.attempts, self.frame.attempt_scope(selector, kind)?, 0)
            }
            (Some(_), _) => return None,
            (None, Scope::All) => (&self.all, 0, position),
            (None, Scope::Queue(queue)) => (&self.queues, queue.index(), position),
            (None, Scope::Contact(contact)) => (&self.contacts, contact.index(), position),
            (None, Scope::Agents(group)) => (&self.agents, group.index(), position),
            (None, Scope::Site(site)) => (&self.sites, site.index(), position),
            (None, Scope::ContactAgents(contact, group)) => {
                let pair = self.frame.pair(contact.index(), group.index())?;
                (&self.pairs, pair, position)
            }
        };
        if scope >= table.scopes() {
            return None;
        }
        Some(Cells {
            layout: &table.layout,
            row: table.row(scope, span),
            time: self.times[position],
        })
    }

    /// Returns a figure: counts as means per replication, ratios as ratios of totals.
    ///
    /// `threshold` is the time in braces of `p_wait_gt`, and another time than each queue's own for
    /// `service_level`. `None` where the figure does not apply, was not observable or is 0 ÷ 0.
    #[must_use]
    pub fn figure(
        &self,
        kpi: Kpi,
        threshold: Option<Duration>,
        selector: Selector,
        span: Span,
    ) -> Option<f64> {
        if !kpi::applies(kpi, selector, span) || !self.is_observable(kpi) {
            return None;
        }
        match kpi::formula(kpi) {
            Formula::Count(count) => {
                let cells = self.cells(selector, span)?;
                let replications = f64::from(self.spread.replications);
                (replications > 0.0).then(|| count(&cells) / replications)
            }
            Formula::Ratio(ratio) => divide(ratio(&self.cells(selector, span)?)),
            Formula::AtLevel(level) => {
                let slot = self.frame.level_slot(selector.scope, threshold)?;
                let definition = self.frame.definition_of(selector.scope);
                divide(level(definition, &self.cells(selector, span)?, slot))
            }
            Formula::Statistic(statistic) => {
                self.spread.of(selector).statistics(&Sample::default()).get(statistic)
            }
            Formula::Worst => self.worst_interval(selector).map(|(start, _)| start.as_secs()),
            Formula::Traffic(..) | Formula::NotFed => None,
        }
    }

    /// Returns the service level by a given definition; see [`Totals::figure`].
    #[must_use]
    pub fn service_level(
        &self,
        definition: ServiceLevelDefinition,
        threshold: Option<Duration>,
        selector: Selector,
        span: Span,
    ) -> Option<f64> {
        if !kpi::applies(Kpi::ServiceLevel, selector, span) {
            return None;
        }
        let slot = self.frame.level_slot(selector.scope, threshold)?;
        divide(kpi::service::service_level(definition, &self.cells(selector, span)?, slot))
    }

    /// Returns the start and the service level of the interval with the lowest one.
    pub(crate) fn worst_interval(&self, selector: Selector) -> Option<(Duration, f64)> {
        let slot = self.frame.level_slot(selector.scope, None)?;
        let definition = self.frame.definition_of(selector.scope);
        let mut worst: Option<(Duration, f64)> = None;
        for number in 0..self.frame.intervals {
            let Some(cells) = self.cells(selector, Span::Interval(number as u32)) else { continue };
            let Some(level) = divide(kpi::service::service_level(definition, &cells, slot)) else {
                continue;
            };
            if worst.is_none_or(|(_, lowest)| level < lowest) {
                worst = Some((Duration(number as u64 * self.frame.interval), level));
            }
        }
        worst
    }

    /// Returns whether a figure can be known here: a live centre does not see what callers will do.
    pub(crate) fn is_observable(&self, kpi: Kpi) -> bool {
        const OF_SCHEDULE: [Kpi; 4] =
            [Kpi::Utilisation, Kpi::Adherence, Kpi::Shrinkage, Kpi::Overtime];
        const OF_CALLERS: [Kpi; 6] = [
            Kpi::MeanOrbit,
            Kpi::GaveUp,
            Kpi::LostToClose,
            Kpi::Redials,
            Kpi::Reconnects,
            Kpi::UniqueCallers,
        ];
        if OF_SCHEDULE.contains(&kpi) {
            self.saw_schedule
        } else if kpi == Kpi::Fcr {
            // Without callers who come back, nothing tells whether the first call was enough.
            self.all.get(0, self.frame.run(), Column::Reconnects) > 0
        } else {
            !(self.frame.is_live && OF_CALLERS.contains(&kpi))
        }
    }
}

/// Divides; `None` for 0 ÷ 0 and anything ÷ 0.
pub(crate) fn divide((numerator, denominator): (f64, f64)) -> Option<f64> {
    (denominator != 0.0).then(|| numerator / denominator)
}

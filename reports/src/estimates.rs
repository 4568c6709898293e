//! How sure the figures are: replications are added one by one, in order, and only their moments are kept.
//!
//! Counts have Student's interval of a mean, ratios that of the delta method, variances and quantiles that of a
//! jackknife over at most [`GROUPS_MAX`] groups of consecutive replications. Memory does not grow with calls or
//! replications.

use crate::Context;
use crate::frame::{Frame, Span};
use crate::gate;
use crate::lines::{Line, Rule, lines, selectors};
use crate::moments::{Confidence, RatioMoments, Step, jackknife_half_width};
use crate::spread::{Sample, Spread, Statistic, Statistics};
use crate::summary::{
    Estimate, Figure, LawsChecked, ScopeFigures, ServiceAt, ServiceFigures, Source, Summary,
};
use crate::totals::{Totals, divide};
use acd::kpi::{Condition, Kpi, Scope, Selector, Unit};
use acd::{AttemptKind, Timestamp};
use std::sync::Arc;

/// The most groups of replications the jackknife leaves out one by one.
const GROUPS_MAX: usize = 50;
/// The fewest groups that a shortage of memory may leave.
const GROUPS_MIN: usize = 8;
/// The most bytes that the histograms of all groups may take, unless few groups are left.
const GROUPS_SIZE_MAX: usize = 32 << 20;

/// The numbers of one scope over one span, and where their moments are kept.
#[derive(Debug, Clone)]
struct Block {
    selector: Selector,
    span: Span,
    lines: Arc<[Line]>,
    counts_from: usize,
    ratios_from: usize,
}

/// Gathers replications into figures with intervals of confidence.
#[derive(Debug, Clone)]
pub struct Estimates {
    frame: Arc<Frame>,
    rules: Vec<Condition>,
    merged: Totals,
    /// Those of the run come first.
    blocks: Vec<Block>,
    /// How many blocks are of the run, and how many make up each further span.
    run_blocks: usize,
    span_blocks: usize,
    /// How many counts and ratios there are in all blocks.
    sizes: (usize, usize),
    /// Sums of squares about the mean, of counts. Empty until a second replication comes: one has no spread.
    counts: Vec<f64>,
    ratios: Vec<RatioMoments>,
    /// Sum and number of each replication's ratio; of the run only.
    days: Vec<(f64, u32)>,
    groups: Vec<Spread>,
    /// Replications per group.
    group_size: u32,
    /// Of the replications and of the groups, at the end.
    confidence: Confidence,
    group_confidence: Confidence,
}

impl Estimates {
    /// Makes estimates without any replication.
    #[must_use]
    pub fn new(context: &Context) -> Self {
        let frame = Arc::new(Frame::new(context));
        let mut estimates = Self {
            rules: context.gate.clone(),
            merged: Totals::new(Arc::clone(&frame)),
            blocks: Vec::new(),
            run_blocks: 0,
            span_blocks: 0,
            sizes: (0, 0),
            counts: Vec::new(),
            ratios: Vec::new(),
            days: Vec::new(),
            groups: Vec::new(),
            group_size: 1,
            confidence: Confidence::of(0),
            group_confidence: Confidence::of(0),
            frame,
        };
        estimates.lay_out();
        estimates
    }

    /// Makes the list of every number of every table.
    fn lay_out(&mut self) {
        let selectors = selectors(&self.frame);
        for selector in &selectors {
            let lines = lines(&self.frame, *selector, Span::Run);
            self.push_block(*selector, Span::Run, lines);
        }
        self.days = vec![(0.0, 0); self.sizes.1];
        self.run_blocks = self.blocks.len();
        let by_interval: Vec<(Selector, Arc<[Line]>)> = selectors
            .into_iter()
            .filter(|s| s.attempt.is_none() && !matches!(s.scope, Scope::ContactAgents(..)))
            .map(|s| (s, lines(&self.frame, s, Span::AfterClose)))
            .collect();
        self.span_blocks = by_interval.len();
        let intervals = (0..self.frame.intervals).map(|number| Span::Interval(number as u32));
        for span in intervals.chain([Span::AfterClose]).collect::<Vec<_>>() {
            if self.frame.span(span).is_some() {
                for (selector, lines) in &by_interval {
                    self.push_block(*selector, span, Arc::clone(lines));
                }
            }
        }
    }

    fn push_block(&mut self, selector: Selector, span: Span, lines: Arc<[Line]>) {
        let (counts_from, ratios_from) = self.sizes;
        for line in lines.iter() {
            match line.rule {
                Rule::Count(_) => self.sizes.0 += 1,
                Rule::Ratio(_) | Rule::Service(..) | Rule::AtLevel(..) => self.sizes.1 += 1,
                Rule::Statistic(_) | Rule::Worst => {}
            }
        }
        self.blocks.push(Block { selector, span, lines, counts_from, ratios_from });
    }

    /// Adds one replication. Replications must be added in their order: the sums of squares depend on it in the last bits.
    pub fn add(&mut self, totals: Totals) {
        self.add_days(&totals);
        self.add_to_groups(&totals.spread);
        if self.merged.replications() == 0 {
            // A single run of ten million calls has many intervals: its sums are kept once.
            self.merged = totals;
            return;
        }
        self.add_moments(&totals);
        self.merged.merge(&totals);
    }

    /// Adds a replication's own ratios.
    fn add_days(&mut self, totals: &Totals) {
        for block in &self.blocks[..self.run_blocks] {
            let Some(cells) = totals.cells(block.selector, block.span) else { continue };
            let ratios = block.lines.iter().filter_map(|line| line.ratio(&cells));
            for ((sum, days), parts) in self.days[block.ratios_from..].iter_mut().zip(ratios) {
                if let Some(day) = divide(parts) {
                    *sum += day;
                    *days += 1;
                }
            }
        }
    }

    /// Adds what a replication changes in the sums of squares and products.
    fn add_moments(&mut self, totals: &Totals) {
        self.counts.resize(self.sizes.0, 0.0);
        self.ratios.resize(self.sizes.1, RatioMoments::default());
        let step = Step::after(self.merged.replications());
        for block in &self.blocks {
            let (selector, span) = (block.selector, block.span);
            let (Some(cells), Some(before)) =
                (totals.cells(selector, span), self.merged.cells(selector, span))
            else {
                continue;
            };
            let (mut count, mut ratio) = (block.counts_from, block.ratios_from);
            for line in block.lines.iter() {
                if let Rule::Count(formula) = line.rule {
                    self.counts[count] += step.squares(formula(&before), formula(&cells));
                    count += 1;
                } else if let (Some(sums), Some(parts)) = (line.ratio(&before), line.ratio(&cells))
                {
                    self.ratios[ratio].add(step, sums, parts);
                    ratio += 1;
                }
            }
        }
    }

    fn add_to_groups(&mut self, spread: &Spread) {
        match self.groups.last_mut() {
            Some(group) if group.replications < self.group_size => group.merge(spread),
            Some(_) | None => self.groups.push(spread.clone()),
        }
        let is_full = |groups: &[Spread]| {
            groups.len() > GROUPS_MAX
                || groups.len() > 2 * GROUPS_MIN
                    && groups.iter().map(Spread::size).sum::<usize>() > GROUPS_SIZE_MAX
        };
        while is_full(&self.groups) {
            let pairs = self.groups.chunks(2).map(|pair| {
                let mut merged = pair[0].clone();
                pair[1..].iter().for_each(|other| merged.merge(other));
                merged
            });
            self.groups = pairs.collect();
            self.group_size *= 2;
        }
    }

    /// Ends the run: computes every figure and holds the gate's rules against them.
    #[must_use]
    pub fn finish(mut self, laws: LawsChecked) -> Summary {
        self.confidence = Confidence::of(self.merged.replications());
        self.group_confidence = Confidence::of(self.groups.len() as u32);
        let kpis: Vec<ScopeFigures> = self.blocks[..self.run_blocks]
            .iter()
            .filter(|block| self.is_reported(block.selector))
            .map(|block| self.scope_figures(block))
            .collect();
        // Only the intervals are still to be read: they need neither waits nor groups.
        self.groups = Vec::new();
        self.merged.spread.waits = Vec::new();
        let rules = std::mem::take(&mut self.rules);
        let mut summary = Summary {
            version: env!("CARGO_PKG_VERSION"),
            replications: self.merged.replications(),
            valid: laws.broken.is_empty() && self.merged.replications() > 0,
            kpis,
            gate: Vec::new(),
            laws,
            source: Source::Centre(Box::new(self)),
        };
        summary.gate = gate::judge(&rules, &summary);
        summary
    }

    /// Returns the further spans in order: when each begins, and where its blocks do.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (Timestamp, Span)> + '_ {
        let firsts = self.blocks[self.run_blocks..].iter().step_by(self.span_blocks.max(1));
        firsts.map(|block| (self.start_of(block.span), block.span))
    }

    /// Computes the figures of every part of the centre in one of the further spans, counted from 0.
    pub(crate) fn span_figures(&self, number: usize) -> Vec<ScopeFigures> {
        let from = self.run_blocks + number * self.span_blocks;
        let blocks = self.blocks.get(from..from + self.span_blocks).unwrap_or_default();
        blocks.iter().map(|block| self.scope_figures(block)).collect()
    }

    /// Computes some figures of one part of the centre in each of the further spans.
    pub(crate) fn figures_of<'a>(
        &'a self,
        selector: Selector,
        kpis: &'a [Kpi],
    ) -> impl Iterator<Item = ScopeFigures> + 'a {
        let blocks = &self.blocks[self.run_blocks..];
        let first = blocks.iter().take(self.span_blocks).position(|b| b.selector == selector);
        let of_selector = blocks.iter().skip(first.unwrap_or(blocks.len()));
        of_selector
            .step_by(self.span_blocks.max(1))
            .map(|block| self.chosen_figures(block, |kpi| kpis.contains(&kpi)))
    }

    /// Kinds of attempts are reported where there is more than the first kind.
    fn is_reported(&self, selector: Selector) -> bool {
        let attempts = |kind| {
            let selector = Selector { scope: selector.scope, attempt: Some(kind) };
            self.merged.figure(Kpi::Attempts, None, selector, Span::Run).unwrap_or(0.0)
        };
        match selector.attempt {
            None => true,
            Some(AttemptKind::Fresh) => {
                attempts(AttemptKind::Redial) + attempts(AttemptKind::Reconnect) > 0.0
            }
            Some(kind) => attempts(kind) > 0.0,
        }
    }

    fn start_of(&self, span: Span) -> Timestamp {
        match span {
            Span::Run => Timestamp::ZERO,
            Span::Interval(number) => Timestamp(u64::from(number) * self.frame.interval),
            Span::AfterClose => Timestamp(self.frame.length),
        }
    }

    /// When a span ends; what comes after the close ends with the last call.
    pub(crate) fn end_of(&self, span: Span) -> Option<Timestamp> {
        match span {
            Span::Run => Some(Timestamp(self.frame.length)),
            Span::Interval(number) => Some(Timestamp(self.frame.end_of(number as usize))),
            Span::AfterClose => None,
        }
    }

    /// Computes the figures of a block.
    fn scope_figures(&self, block: &Block) -> ScopeFigures {
        self.chosen_figures(block, |_| true)
    }

    fn chosen_figures(&self, block: &Block, is_wanted: impl Fn(Kpi) -> bool) -> ScopeFigures {
        let selector = block.selector;
        let mut scope = ScopeFigures { selector, figures: Vec::new(), service: None };
        let Some(cells) = self.merged.cells(selector, block.span) else { return scope };
        let n = self.merged.replications();
        let jackknife = self.jackknife(block);
        let (mut counts, mut ratios) = (block.counts_from.., block.ratios_from..);
        for line in block.lines.iter() {
            let place = match line.rule {
                Rule::Count(_) => counts.next(),
                Rule::Ratio(_) | Rule::Service(..) | Rule::AtLevel(..) => ratios.next(),
                Rule::Statistic(_) | Rule::Worst => None,
            };
            if !is_wanted(line.kpi) {
                continue;
            }
            let estimate = match line.rule {
                Rule::Count(formula) => {
                    let squares = place.and_then(|place| self.counts.get(place));
                    let half = squares.and_then(|squares| self.confidence.half_width(*squares));
                    (n > 0).then(|| estimate(formula(&cells) / f64::from(n), half, None, line.kpi))
                }
                Rule::Ratio(_) | Rule::Service(..) | Rule::AtLevel(..) => {
                    let sums = line.ratio(&cells);
                    let moments = place.and_then(|place| self.ratios.get(place));
                    let half = moments
                        .zip(sums)
                        .and_then(|(moments, sums)| moments.half_width(sums, self.confidence));
                    let days = place.and_then(|place| self.days.get(place));
                    let days = days.filter(|(_, days)| *days > 0);
                    let days = days.map(|(sum, days)| sum / f64::from(*days));
                    sums.and_then(divide).map(|mean| estimate(mean, half, days, line.kpi))
                }
                Rule::Statistic(statistic) => jackknife.as_ref().and_then(|jackknife| {
                    let mean = jackknife.whole.get(statistic)?;
                    Some(estimate(mean, jackknife.half_width(statistic, mean), None, line.kpi))
                }),
                Rule::Worst => {
                    let worst = self.merged.worst_interval(selector);
                    worst.map(|(start, _)| estimate(start.as_secs(), None, None, line.kpi))
                }
            };
            let is_observed = self.merged.is_observable(line.kpi);
            self.push_figure(&mut scope, line, estimate, is_observed);
        }
        scope
    }

    fn push_figure(
        &self,
        scope: &mut ScopeFigures,
        line: &Line,
        estimate: Option<Estimate>,
        is_observed: bool,
    ) {
        let (kpi, threshold) = (line.kpi, line.threshold);
        if let Rule::Service(definition, _) = line.rule {
            let used = self.frame.definition_of(scope.selector.scope);
            let service = scope.service.get_or_insert_with(|| ServiceFigures {
                definition: used,
                own: None,
                further: Vec::new(),
            });
            let place = definition as usize;
            let at = if line.is_own {
                service.own.get_or_insert(ServiceAt { threshold, by_definition: [None; 5] })
            } else {
                if place == 0 {
                    service.further.push(ServiceAt { threshold, by_definition: [None; 5] });
                }
                service.further.last_mut().expect("the first definition makes the entry")
            };
            at.by_definition[place] = estimate;
        } else if !is_observed {
            scope.figures.push(Figure { kpi, threshold, estimate: None });
        } else if estimate.is_some() {
            scope.figures.push(Figure { kpi, threshold, estimate });
        }
    }

    /// Computes the statistics of a selector as a whole, and without each group of replications.
    fn jackknife(&self, block: &Block) -> Option<Jackknife> {
        let has_statistics = |line: &Line| matches!(line.rule, Rule::Statistic(_));
        if block.span != Span::Run || !block.lines.iter().any(has_statistics) {
            return None;
        }
        let whole = self.merged.spread.of(block.selector);
        let groups = self.groups.iter().filter(|_| self.groups.len() > 1).map(|group| {
            let without = whole.statistics(&group.of(block.selector));
            (group.replications, without)
        });
        let confidence = self.group_confidence;
        Some(Jackknife {
            groups: groups.collect(),
            whole: whole.statistics(&Sample::default()),
            confidence,
        })
    }
}

/// The statistics of a selector as a whole, and without each group.
struct Jackknife {
    whole: Statistics,
    groups: Vec<(u32, Statistics)>,
    confidence: Confidence,
}

impl Jackknife {
    fn half_width(&self, statistic: Statistic, figure: f64) -> Option<f64> {
        let groups: Option<Vec<(u32, f64)>> = self
            .groups
            .iter()
            .map(|(size, without)| without.get(statistic).map(|without| (*size, without)))
            .collect();
        jackknife_half_width(figure, &groups?, self.confidence)
    }
}

/// Puts an estimate together; its interval is clipped to what the figure can be.
fn estimate(mean: f64, half_width: Option<f64>, mean_of_days: Option<f64>, kpi: Kpi) -> Estimate {
    let most = if kpi.unit() == Unit::Share { 1.0 } else { f64::INFINITY };
    let clip = |bound: f64| bound.clamp(0.0, most);
    let ci95 = half_width
        .filter(|half| half.is_finite())
        .map(|half| (clip(mean - half).min(mean), clip(mean + half).max(mean)));
    Estimate { mean, ci95, mean_of_days }
}

//! Gathers the tallies of every thread, by interval and for the whole run.

use super::counts::Counts;
use super::delays::{Delay, Statistics, Thin};
use super::fact::Health;
use super::quality::EModel;
use super::report::LoadReport;
use super::seen::Seen;
use super::tally::Tally;
use crate::frame::Span;
use crate::gate;
use crate::kpi::{self, Formula};
use crate::summary::{Estimate, Figure, IntervalFigures, ScopeFigures, Source, Summary};
use crate::{Context, LawsChecked};
use acd::kpi::{Kpi, Selector};
use acd::{Duration, Timestamp};

/// The most intervals that are kept. One more, and every two become one of twice the length.
pub const INTERVALS_MAX: usize = 600;
/// The most lines of [`TrafficLedger::state`].
pub const STATEMENTS_MAX: usize = 64;

/// Gathers what the threads of a generator saw, by interval and for the whole run, in bounded memory.
///
/// ```
/// use acd::Duration;
/// use reports::traffic::{Tally, TrafficFact, TrafficLedger};
/// let mut ledger = TrafficLedger::new(Duration::from_secs(1));
/// let mut tally = Tally::new();
/// tally.record(&TrafficFact::Placed { lag: Duration(40) });
/// ledger.add(Duration::from_secs(3), &tally);
/// ledger.note(Duration::from_secs(3), 1);
/// ```
#[derive(Debug, Clone)]
pub struct TrafficLedger {
    asked: Duration,
    interval: u64,
    stretches: Vec<Stretch>,
    whole: Tally,
    in_progress_max: Option<u64>,
    in_progress: u64,
    /// The last moment that was noted.
    latest: u64,
    statements: Vec<(String, String)>,
    model: Option<EModel>,
}

/// One interval.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stretch {
    pub(crate) counts: Counts,
    delays: [Thin; Delay::BY_INTERVAL],
    in_progress_max: Option<u64>,
}

impl Stretch {
    fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        for (ours, theirs) in self.delays.iter_mut().zip(&other.delays) {
            ours.merge(theirs);
        }
        self.in_progress_max = self.in_progress_max.max(other.in_progress_max);
    }

    pub(crate) fn statistics(&self) -> [Statistics; Delay::ALL.len()] {
        let mut statistics = [Statistics::default(); Delay::ALL.len()];
        for (place, thin) in statistics.iter_mut().zip(&self.delays) {
            *place = thin.statistics();
        }
        statistics
    }
}

impl TrafficLedger {
    /// Makes a ledger that reports by interval; an interval of nothing becomes a second.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        let interval = if interval == Duration::ZERO { Duration(acd::SECOND) } else { interval };
        Self {
            asked: interval,
            interval: interval.0,
            stretches: Vec::new(),
            whole: Tally::new(),
            in_progress_max: None,
            in_progress: 0,
            latest: 0,
            statements: Vec::new(),
            model: None,
        }
    }

    /// Adds what a thread saw in a stretch of time that began, or was within its interval, at `at` since the run's beginning.
    ///
    /// A thread cuts its stretches at least once an interval. Tallies may come late and in any order.
    pub fn add(&mut self, at: Duration, tally: &Tally) {
        self.whole.merge(tally);
        let stretch = self.stretch(at);
        stretch.counts.merge(&tally.counts);
        for (thin, delays) in stretch.delays.iter_mut().zip(&tally.delays) {
            thin.add(delays);
        }
    }

    /// Notes how many calls are up. The last note also says until when the run went on.
    pub fn note(&mut self, at: Duration, in_progress: u64) {
        self.latest = self.latest.max(at.0);
        let stretch = self.stretch(at);
        stretch.in_progress_max = stretch.in_progress_max.max(Some(in_progress));
        self.in_progress_max = self.in_progress_max.max(Some(in_progress));
        self.in_progress = in_progress;
    }

    /// States how the run was made, for the report: `target`, `arrivals`, `transport`, `session duration`,
    /// `establishment threshold time` and whatever else RFC 7502 wants to be said with a result. At most [`STATEMENTS_MAX`] lines;
    /// a second one of the same name replaces the first.
    pub fn state(&mut self, what: &str, value: impl Into<String>) {
        let value = value.into();
        match self.statements.iter().position(|(name, _)| name == what) {
            Some(place) => self.statements[place].1 = value,
            None if self.statements.len() < STATEMENTS_MAX => {
                self.statements.push((what.to_owned(), value));
            }
            None => {}
        }
    }

    /// Says by which model the MOS of streams is estimated: its constants are printed beside the figures.
    pub fn judge_speech_by(&mut self, model: EModel) {
        self.model = Some(model);
    }

    /// Returns the interval's present length: that asked for, or twice, four times it and so on in a long run.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration(self.interval)
    }

    fn stretch(&mut self, at: Duration) -> &mut Stretch {
        while at.0 / self.interval >= INTERVALS_MAX as u64 {
            self.halve();
        }
        let number = (at.0 / self.interval) as usize;
        if self.stretches.len() <= number {
            self.stretches.resize_with(number + 1, Stretch::default);
        }
        &mut self.stretches[number]
    }

    /// Makes one interval of every two.
    fn halve(&mut self) {
        self.interval = self.interval.saturating_mul(2);
        let pairs = self.stretches.chunks(2).map(|pair| {
            let mut merged = pair[0].clone();
            pair[1..].iter().for_each(|other| merged.merge(other));
            merged
        });
        self.stretches = pairs.collect();
    }

    pub(super) fn whole(&self) -> &Tally {
        &self.whole
    }

    pub(super) fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    pub(super) fn in_progress(&self) -> u64 {
        self.in_progress
    }

    /// Computes every figure and holds the gate's rules against them. A generator that was not well makes the run
    /// invalid: its figures are no finding about the target.
    #[must_use]
    pub fn summary(&self, context: &Context, health: Health) -> Summary {
        let laws = self.laws();
        let whole = self.whole_run(context, &health);
        let report = LoadReport {
            tables: self.whole.kinds.clone(),
            established: self.whole.counts.established,
            interval: Duration(self.interval),
            asked_interval: self.asked,
            end: Duration(self.end()),
            placing: Duration::from_secs_f64(whole.placing_s),
            statements: self.statements.clone(),
            model: self.model,
            intervals: self.intervals(),
            health: health.clone(),
        };
        let mut summary = Summary {
            version: env!("CARGO_PKG_VERSION"),
            replications: 1,
            valid: laws.broken.is_empty() && health.faults.is_empty(),
            kpis: vec![figures(&whole, &self.whole.counts, Span::Run)],
            gate: Vec::new(),
            laws,
            source: Source::Load(Box::new(report)),
        };
        summary.gate = gate::judge(&context.gate, &summary);
        summary
    }

    fn whole_run<'a>(&self, context: &Context, health: &'a Health) -> Seen<'a> {
        let mut delays = [Statistics::default(); Delay::ALL.len()];
        for (place, delay) in delays.iter_mut().zip(&self.whole.delays) {
            *place = delay.statistics();
        }
        Seen {
            counts: self.whole.counts,
            delays,
            in_progress_max: self.in_progress_max,
            placing_s: Duration(self.placed_until().min(context.length.0)).as_secs(),
            health: Some(health),
        }
    }

    fn intervals(&self) -> Vec<IntervalFigures> {
        let spans = self.stretches.iter().enumerate().map(|(number, stretch)| {
            let (start, end) = self.span(number);
            let seen = Seen {
                counts: stretch.counts,
                delays: stretch.statistics(),
                in_progress_max: stretch.in_progress_max,
                placing_s: Duration(end - start).as_secs(),
                health: None,
            };
            let span = Span::Interval(number as u32);
            IntervalFigures {
                start: Timestamp(start),
                end: Some(Timestamp(end)),
                span,
                kpis: vec![figures(&seen, &self.whole.counts, span)],
            }
        });
        spans.collect()
    }

    /// When an interval begins and ends, µs; the last one may have been cut short.
    pub(super) fn span(&self, number: usize) -> (u64, u64) {
        let start = self.interval.saturating_mul(number as u64);
        let end = start.saturating_add(self.interval);
        let is_last = number + 1 == self.stretches.len();
        // Of a last interval whose end nobody noted, all counts.
        (start, if is_last && self.latest > start { self.latest.min(end) } else { end })
    }

    fn end(&self) -> u64 {
        self.stretches.len().checked_sub(1).map_or(0, |last| self.span(last).1)
    }

    /// The end of the last interval in which a call was placed.
    fn placed_until(&self) -> u64 {
        let last = self.stretches.iter().rposition(|stretch| stretch.counts.placed > 0);
        last.map_or(0, |last| self.span(last).1)
    }

    /// Holds the sums against each other: a generator that says more ends than beginnings has miscounted.
    fn laws(&self) -> LawsChecked {
        let counts = &self.whole.counts;
        let laws = [
            ("established + failed <= placed", counts.established + counts.failed, counts.placed),
            ("ended <= established", counts.ended, counts.established),
            ("passed + spoilt <= placed", counts.passed + counts.spoilt, counts.placed),
        ];
        let broken = laws.iter().filter(|(_, part, whole)| part > whole);
        let broken = broken.map(|(law, part, whole)| format!("{law}: {part} and {whole}"));
        LawsChecked { checked: laws.len() as u64, broken: broken.collect() }
    }
}

/// Returns the figures of the whole run or an interval; what nothing was done for is absent.
fn figures(seen: &Seen<'_>, whole: &Counts, span: Span) -> ScopeFigures {
    let mut figures = Vec::new();
    let applies = |kpi: &Kpi| kpi.applies().load && (span == Span::Run || kpi.applies().interval);
    for kpi in Kpi::ALL.iter().copied().filter(applies) {
        if let Formula::Traffic(family, formula) = kpi::formula(kpi)
            && whole.has(family)
        {
            let exact = |mean| Estimate { mean, ci95: None, mean_of_days: None };
            figures.push(Figure { kpi, threshold: None, estimate: formula(seen).map(exact) });
        }
    }
    ScopeFigures { selector: Selector::ALL, figures, service: None }
}

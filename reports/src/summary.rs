//! What a run comes to: every figure with how sure it is, the gate, the laws. Plain data; `render` turns it into bytes.

use crate::estimates::Estimates;
use crate::frame::Span;
use crate::traffic::LoadReport;
use acd::kpi::{Kpi, Selector, ServiceLevelDefinition};
use acd::{Duration, Timestamp};

/// What a run comes to.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The version that computed it.
    pub version: &'static str,
    /// How many replications it rests on.
    pub replications: u32,
    /// Whether the numbers can be relied on: no law was broken, there is at least one replication, and a load generator was well.
    pub valid: bool,
    /// Figures of the whole run, by scope.
    pub kpis: Vec<ScopeFigures>,
    /// The gate's rules, in order.
    pub gate: Vec<GateResult>,
    /// The laws.
    pub laws: LawsChecked,
    /// What the figures by interval are made of.
    pub(crate) source: Source,
}

/// What a summary was made of.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A centre: figures by interval are computed when they are read, for a large one has millions.
    Centre(Box<Estimates>),
    /// A load run.
    Load(Box<LoadReport>),
}

/// The figures of one scope.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeFigures {
    /// Whose figures.
    pub selector: Selector,
    /// The figures that apply, in the order of the KPI table; service level apart.
    pub figures: Vec<Figure>,
    /// Service level.
    pub service: Option<ServiceFigures>,
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Which.
    pub kpi: Kpi,
    /// The time in braces, of `p_wait_gt`.
    pub threshold: Option<Duration>,
    /// Its value; `None`: not observed.
    pub estimate: Option<Estimate>,
}

/// A value and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Counts: mean per replication. Ratios: ratio of totals.
    pub mean: f64,
    /// Interval of 95 % confidence; `None` below two replications and where there is none.
    pub ci95: Option<(f64, f64)>,
    /// Of a ratio: the mean over replications of each one's ratio.
    pub mean_of_days: Option<f64>,
}

/// Service level of a scope.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceFigures {
    /// The definition used.
    pub definition: ServiceLevelDefinition,
    /// At each queue's own time.
    pub own: Option<ServiceAt>,
    /// At further times, ascending.
    pub further: Vec<ServiceAt>,
}

/// Service level at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceAt {
    /// The time; `None` where queues differ.
    pub threshold: Option<Duration>,
    /// By definition, in the order of [`ServiceLevelDefinition::ALL`]; `None` for 0 ÷ 0.
    pub by_definition: [Option<Estimate>; 5],
}

impl ServiceAt {
    /// Returns the value by a definition.
    #[must_use]
    pub fn by(&self, definition: ServiceLevelDefinition) -> Option<Estimate> {
        self.by_definition[definition as usize]
    }
}

/// The figures of one interval.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalFigures {
    /// When it begins, from the run's beginning.
    pub start: Timestamp,
    /// When it ends; `None` for what goes on to the end of the last call.
    pub end: Option<Timestamp>,
    /// Which span it is.
    pub span: Span,
    /// Its figures, by scope; service level at each queue's own and further times.
    pub kpis: Vec<ScopeFigures>,
}

/// How a rule of the gate came out.
#[derive(Debug, Clone, PartialEq)]
pub struct GateResult {
    /// The rule as written.
    pub text: String,
    /// The figure it is about.
    pub kpi: Kpi,
    /// Whether it holds.
    pub passed: bool,
    /// The value that was compared: the point estimate, or with `sure` the bound on the bad side.
    pub value: Option<f64>,
    /// Why it failed, in words.
    pub reason: Option<String>,
}

/// How many times laws were checked, and which were broken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LawsChecked {
    /// How many checks were made.
    pub checked: u64,
    /// What was broken, in words.
    pub broken: Vec<String>,
}

impl Summary {
    /// Returns what a load run comes to besides its figures; `None` for a centre.
    #[must_use]
    pub fn load(&self) -> Option<&LoadReport> {
        match &self.source {
            Source::Load(report) => Some(report),
            Source::Centre(_) => None,
        }
    }

    fn centre(&self) -> Option<&Estimates> {
        match &self.source {
            Source::Centre(estimates) => Some(estimates),
            Source::Load(_) => None,
        }
    }

    /// Returns the figures by interval, in order; the time after the close comes last.
    pub fn intervals(&self) -> impl Iterator<Item = IntervalFigures> + '_ {
        let of_centre = self.centre().into_iter().flat_map(|estimates| {
            estimates.spans().enumerate().map(|(number, (start, span))| IntervalFigures {
                start,
                end: estimates.end_of(span),
                span,
                kpis: estimates.span_figures(number),
            })
        });
        let of_load = self.load().into_iter().flat_map(|load| load.intervals.iter().cloned());
        of_centre.chain(of_load)
    }

    /// Returns some figures of one part of a centre by interval; those of kinds of attempts and pairs are of the run only.
    pub fn intervals_of<'a>(
        &'a self,
        selector: Selector,
        kpis: &'a [Kpi],
    ) -> impl Iterator<Item = (Timestamp, Span, ScopeFigures)> + 'a {
        self.centre().into_iter().flat_map(move |estimates| {
            let figures = estimates.figures_of(selector, kpis);
            estimates.spans().zip(figures).map(|((start, span), figures)| (start, span, figures))
        })
    }

    /// Returns why the numbers cannot be relied on: broken laws, faults of a load generator.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        let of_generator = self.load().into_iter().flat_map(|load| &load.health.faults);
        self.laws.broken.iter().chain(of_generator).map(String::as_str)
    }

    /// Returns the figures of a scope for the whole run.
    #[must_use]
    pub fn scope(&self, selector: Selector) -> Option<&ScopeFigures> {
        self.kpis.iter().find(|scope| scope.selector == selector)
    }

    /// Returns a figure of the whole run; `None` where it does not apply or was not observed.
    #[must_use]
    pub fn figure(
        &self,
        kpi: Kpi,
        threshold: Option<Duration>,
        selector: Selector,
    ) -> Option<Estimate> {
        self.scope(selector)?.figure(kpi, threshold)
    }
}

impl ScopeFigures {
    /// Returns a figure; `threshold` as in [`crate::Totals::figure`].
    #[must_use]
    pub fn figure(&self, kpi: Kpi, threshold: Option<Duration>) -> Option<Estimate> {
        if kpi == Kpi::ServiceLevel {
            let service = self.service.as_ref()?;
            return service.at(threshold)?.by(service.definition);
        }
        self.line(kpi, threshold)?.estimate
    }

    /// Returns a figure's line, also where it was not observed.
    #[must_use]
    pub fn line(&self, kpi: Kpi, threshold: Option<Duration>) -> Option<&Figure> {
        self.figures.iter().find(|figure| {
            figure.kpi == kpi && (threshold.is_none() || figure.threshold == threshold)
        })
    }
}

impl ServiceFigures {
    /// Returns the service level at a time; `None` asks for each queue's own.
    #[must_use]
    pub fn at(&self, threshold: Option<Duration>) -> Option<&ServiceAt> {
        match threshold {
            None => self.own.as_ref(),
            Some(_) => self.own.iter().chain(&self.further).find(|at| at.threshold == threshold),
        }
    }
}

//! What the numbers come to, in words. Every number said here stands in a table, too.

use super::{clock, scope_name, words};
use crate::summary::{Estimate, ScopeFigures, Summary};
use crate::{Context, Span};
use acd::kpi::{Kpi, Scope, Selector};
use acd::{Duration, QueueId, Timestamp};

/// How a queue stands to its target; what needs attention first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// No part of the interval of confidence meets the target.
    Missed,
    /// Too few replications for an interval; the point estimate meets it, or does not.
    OneDay(bool),
    /// The interval spans the target.
    Uncertain,
    /// All of it meets the target.
    Met,
    /// No call was offered.
    NoCalls,
}

/// With more queues than this those that need attention come first, and only so many are spoken of.
const QUEUES_MAX: usize = 12;
/// The most queues whose worst interval is told in a sentence.
const WORST_MAX: usize = 4;

impl Standing {
    fn of(level: Option<Estimate>, target: f64) -> Self {
        match level.map(|level| (level.mean, level.ci95)) {
            None => Self::NoCalls,
            Some((_, Some((low, _)))) if low >= target => Self::Met,
            Some((_, Some((_, high)))) if high < target => Self::Missed,
            Some((_, Some(_))) => Self::Uncertain,
            Some((mean, None)) => Self::OneDay(mean >= target),
        }
    }

    /// Returns one word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Met | Self::OneDay(true) => "MET",
            Self::Missed | Self::OneDay(false) => "MISSED",
            Self::Uncertain => "UNCERTAIN",
            Self::NoCalls => "NO CALLS",
        }
    }
}

/// A queue with a target, and how it stands.
#[derive(Debug, Clone)]
pub(crate) struct QueueVerdict {
    pub(crate) queue: QueueId,
    pub(crate) name: String,
    pub(crate) target: (f64, Duration),
    pub(crate) standing: Standing,
    /// `You meet 80% in 20s in sales: 83.1% (82.0–84.2).`
    pub(crate) sentence: String,
    /// How many intervals had calls.
    pub(crate) intervals: usize,
    /// Those below the target, the lowest first.
    pub(crate) missed: Vec<MissedInterval>,
    pub(crate) abandonment: Abandonment,
}

impl QueueVerdict {
    /// How far the worst interval is below the target.
    fn shortfall(&self) -> f64 {
        self.missed.first().map_or(0.0, |worst| self.target.0 - worst.level.mean)
    }
}

/// Abandonment in intervals that meet the target and in those that miss it: mean calls per replication.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Abandonment {
    abandoned_met: f64,
    offered_met: f64,
    abandoned_missed: f64,
    offered_missed: f64,
}

impl Abandonment {
    fn add(&mut self, other: &Self) {
        self.abandoned_met += other.abandoned_met;
        self.offered_met += other.offered_met;
        self.abandoned_missed += other.abandoned_missed;
        self.offered_missed += other.offered_missed;
    }

    /// Returns the abandonment rate in intervals that meet the target.
    pub(crate) fn where_met(&self) -> Option<f64> {
        (self.offered_met > 0.0).then(|| self.abandoned_met / self.offered_met)
    }

    /// Returns the abandonment rate in intervals that miss the target.
    pub(crate) fn where_missed(&self) -> Option<f64> {
        (self.offered_missed > 0.0).then(|| self.abandoned_missed / self.offered_missed)
    }
}

/// An interval whose service level is below the target.
#[derive(Debug, Clone)]
pub(crate) struct MissedInterval {
    /// `10:00–10:30`
    pub(crate) clock: String,
    pub(crate) level: Estimate,
    pub(crate) abandonment_rate: Option<Estimate>,
    pub(crate) mean_wait: Option<Estimate>,
    pub(crate) offered: Option<Estimate>,
}

/// What a run comes to.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) queues: Vec<QueueVerdict>,
    /// Further sentences, in the order in which they should be read.
    pub(crate) sentences: Vec<String>,
    /// Of every queue with a target.
    pub(crate) abandonment: Abandonment,
}

impl Verdict {
    /// Returns one word for the whole: that of the worst queue.
    pub(crate) fn word(&self) -> &'static str {
        let has = |wanted: &[Standing]| self.queues.iter().any(|q| wanted.contains(&q.standing));
        if has(&[Standing::Missed, Standing::OneDay(false)]) {
            Standing::Missed.word()
        } else if has(&[Standing::Uncertain]) {
            Standing::Uncertain.word()
        } else if has(&[Standing::Met, Standing::OneDay(true)]) {
            Standing::Met.word()
        } else {
            "NO TARGET"
        }
    }
}

/// Derives the verdict from the figures.
pub(crate) fn verdict(context: &Context, summary: &Summary) -> Verdict {
    let mut queues: Vec<QueueVerdict> = (0..context.queues.len())
        .filter_map(|number| queue_verdict(context, summary, QueueId::new(number)))
        .collect();
    if queues.len() > QUEUES_MAX {
        queues.sort_by_key(|queue| queue.standing);
    }
    let mut sentences = Vec::new();
    if !summary.valid {
        sentences.push(invalid(summary));
    }
    let mut worst: Vec<&QueueVerdict> =
        queues.iter().filter(|queue| !queue.missed.is_empty()).collect();
    worst.sort_by(|a, b| b.shortfall().total_cmp(&a.shortfall()));
    sentences.extend(worst.iter().take(WORST_MAX).filter_map(|queue| worst_intervals(queue)));
    if let Some(more @ 1..) = worst.len().checked_sub(WORST_MAX) {
        let which = if more == 1 { "One more queue has" } else { "Other queues have" };
        sentences.push(format!("{which} intervals below target, too; the tables have them."));
    }
    let mut abandonment = Abandonment::default();
    queues.iter().for_each(|queue| abandonment.add(&queue.abandonment));
    sentences.extend(outcome(summary, &abandonment));
    sentences.extend(people(summary));
    sentences.extend(turned_away(summary));
    sentences.extend(agents(context, summary));
    Verdict { queues, sentences, abandonment }
}

fn invalid(summary: &Summary) -> String {
    match summary.laws.broken.len() {
        0 => "INVALID: nothing was run, so there is no number to rely on.".to_owned(),
        1 => "INVALID: a law of the switch was broken, so no number here can be relied on."
            .to_owned(),
        n => format!(
            "INVALID: laws of the switch were broken {n} times, so no number here can be relied on."
        ),
    }
}

fn queue_verdict(context: &Context, summary: &Summary, queue: QueueId) -> Option<QueueVerdict> {
    let target = context.queues[queue.index()].target?;
    let name = words::plain(&scope_name(context, Scope::Queue(queue)));
    let selector = Selector::of(Scope::Queue(queue));
    let level = summary.figure(Kpi::ServiceLevel, None, selector);
    let standing = Standing::of(level, target.0);
    let goal = words::target(target);
    let value = level.map(|level| words::estimate(Kpi::ServiceLevel, level)).unwrap_or_default();
    let sentence = match standing {
        Standing::Met => format!("You meet {goal} in {name}: {value}."),
        Standing::Missed => format!("You miss {goal} in {name}: {value}."),
        Standing::Uncertain => format!(
            "It is uncertain whether you meet {goal} in {name}: {value}. More replications would tell."
        ),
        Standing::OneDay(is_met) => format!(
            "You {} {goal} in {name}: {value} in one replication, which cannot tell how sure that is.",
            if is_met { "meet" } else { "miss" }
        ),
        Standing::NoCalls => format!("No call was offered to {name}, so {goal} cannot be judged."),
    };
    let mut verdict = QueueVerdict {
        queue,
        name,
        target,
        standing,
        sentence,
        intervals: 0,
        missed: Vec::new(),
        abandonment: Abandonment::default(),
    };
    judge_intervals(context, summary, &mut verdict);
    Some(verdict)
}

/// What is said of an interval.
const BY_INTERVAL: [Kpi; 5] =
    [Kpi::ServiceLevel, Kpi::Offered, Kpi::Abandoned, Kpi::AbandonmentRate, Kpi::MeanWait];

/// Finds the intervals below a queue's target.
fn judge_intervals(context: &Context, summary: &Summary, verdict: &mut QueueVerdict) {
    let selector = Selector::of(Scope::Queue(verdict.queue));
    for (start, span, scope) in summary.intervals_of(selector, &BY_INTERVAL) {
        let Some(level) = scope.figure(Kpi::ServiceLevel, None) else { continue };
        if span == Span::AfterClose {
            continue;
        }
        let figure = |kpi| scope.figure(kpi, None);
        let count = |kpi| figure(kpi).map_or(0.0, |estimate: Estimate| estimate.mean);
        let (offered, abandoned) = (count(Kpi::Offered), count(Kpi::Abandoned));
        verdict.intervals += 1;
        let abandonment = &mut verdict.abandonment;
        if level.mean >= verdict.target.0 {
            abandonment.offered_met += offered;
            abandonment.abandoned_met += abandoned;
            continue;
        }
        abandonment.offered_missed += offered;
        abandonment.abandoned_missed += abandoned;
        verdict.missed.push(MissedInterval {
            clock: span_of_clock(context, start),
            level,
            abandonment_rate: figure(Kpi::AbandonmentRate),
            mean_wait: figure(Kpi::MeanWait),
            offered: figure(Kpi::Offered),
        });
    }
    verdict.missed.sort_by(|a, b| a.level.mean.total_cmp(&b.level.mean));
}

/// `10:00–10:30`
pub(crate) fn span_of_clock(context: &Context, start: Timestamp) -> String {
    let end = start.after(context.interval).min(Timestamp(context.length.0));
    format!("{}–{}", clock(context, start), clock(context, end))
}

/// Names the worst interval of a queue.
fn worst_intervals(queue: &QueueVerdict) -> Option<String> {
    let QueueVerdict { name, intervals, missed, target, .. } = queue;
    let worst = missed.first()?;
    let goal = words::target(*target);
    let which = match (missed.len(), *intervals) {
        (1, 1) => format!("the only interval misses {goal}"),
        (1, all) => format!("one of {all} intervals misses {goal}"),
        (n, all) if n == all => format!("every one of {all} intervals misses {goal}"),
        (n, all) => format!("{n} of {all} intervals miss {goal}"),
    };
    let is = if missed.len() == 1 { "it is" } else { "the worst is" };
    let level = words::estimate(Kpi::ServiceLevel, worst.level);
    let rate = worst.abandonment_rate.filter(|rate| rate.mean > 0.0).map(|rate| {
        format!(", and {} of its calls abandon", words::estimate(Kpi::AbandonmentRate, rate))
    });
    let rate = rate.unwrap_or_default();
    Some(format!("In {name} {which}; {is} {} with {level}{rate}.", worst.clock))
}

fn all_figure(summary: &Summary, kpi: Kpi) -> Option<Estimate> {
    summary.figure(kpi, None, Selector::ALL)
}

/// A figure of the centre, said only when there is something to say.
fn some(summary: &Summary, kpi: Kpi) -> Option<String> {
    let estimate = all_figure(summary, kpi).filter(|estimate| estimate.mean > 0.0)?;
    Some(words::estimate(kpi, estimate))
}

/// Abandonment, as what comes of waits.
fn outcome(summary: &Summary, abandonment: &Abandonment) -> Option<String> {
    let rate = all_figure(summary, Kpi::AbandonmentRate)?;
    let asa = all_figure(summary, Kpi::Asa).map(|asa| words::estimate(Kpi::Asa, asa));
    let wait =
        asa.map(|asa| format!("Answered callers wait {asa} on average; ")).unwrap_or_default();
    let rate = words::estimate(Kpi::AbandonmentRate, rate);
    let share = |share: f64| words::value(Kpi::AbandonmentRate, share);
    let cause = match (abandonment.where_missed(), abandonment.where_met()) {
        // Only where the waits of the intervals below target explain who leaves.
        (Some(missed), Some(met)) if missed > met => format!(
            ": {} in the intervals below target, {} in the others. You do not have an abandonment problem, \
             you have a service-level problem in those intervals",
            share(missed),
            share(met)
        ),
        (Some(missed), Some(met)) => format!(
            ": {} in the intervals below target, {} in the others, so more than waits drives people away",
            share(missed),
            share(met)
        ),
        (Some(missed), None) if missed > 0.0 => {
            ". That is the outcome of service below target: you do not have \
             an abandonment problem, you have a service-level problem"
                .to_owned()
        }
        (Some(_), None) | (None, Some(_)) | (None, None) => String::new(),
    };
    Some(format!("{wait}{rate} of calls abandon{cause}."))
}

/// How many people are behind the calls, and how many get nothing.
fn people(summary: &Summary) -> Option<String> {
    let redials = some(summary, Kpi::Redials);
    let gave_up = some(summary, Kpi::GaveUp);
    let callers = words::estimate(Kpi::UniqueCallers, all_figure(summary, Kpi::UniqueCallers)?);
    let mut parts = Vec::new();
    if let Some(redials) = redials {
        parts.push(format!("redial {redials} times"));
    }
    if let Some(gave_up) = gave_up {
        parts.push(format!("give up for good {gave_up} times"));
    }
    if let Some(lost) = some(summary, Kpi::LostToClose) {
        parts.push(format!("find the centre closed {lost} times when they would call again"));
    }
    (!parts.is_empty()).then(|| {
        format!("Each replication brings {callers} callers; they {}.", words::list(&parts))
    })
}

/// Calls that did not reach, or lost, their chance of an agent by no wish of their own.
fn turned_away(summary: &Summary) -> Option<String> {
    let parts: Vec<String> = [
        (Kpi::BlockRate, "of attempts find no line"),
        (Kpi::RefusedFull, "calls are refused by a full queue"),
        (Kpi::TimedOut, "calls wait too long and are let go"),
        (Kpi::Cut, "calls are cut while waiting"),
        (Kpi::CutInTalk, "calls are cut while talking"),
        (Kpi::ClosedOut, "calls are sent away at close"),
    ]
    .into_iter()
    .filter_map(|(kpi, what)| some(summary, kpi).map(|value| format!("{value} {what}")))
    .collect();
    (!parts.is_empty()).then(|| format!("Turned away: {}.", words::list(&parts)))
}

fn agents(context: &Context, summary: &Summary) -> Option<String> {
    let all = words::estimate(Kpi::Occupancy, all_figure(summary, Kpi::Occupancy)?);
    let groups: Vec<(&ScopeFigures, Estimate)> = summary
        .kpis
        .iter()
        .filter(|scope| matches!(scope.selector.scope, Scope::Agents(_)))
        .filter_map(|scope| Some((scope, scope.figure(Kpi::Occupancy, None)?)))
        .collect();
    let busiest = groups.iter().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean));
    let of_group = busiest.filter(|_| groups.len() > 1).map(|(scope, occupancy)| {
        let name = words::plain(&scope_name(context, scope.selector.scope));
        format!(
            "; the busiest group is {name} with {}",
            words::estimate(Kpi::Occupancy, *occupancy)
        )
    });
    Some(format!("Agents are occupied {all} of their time{}.", of_group.unwrap_or_default()))
}

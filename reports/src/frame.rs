//! The context, compiled: microseconds and positions instead of names, shared by everything that counts.

use crate::Context;
use acd::kpi::{Condition, Scope, Selector, ServiceLevelDefinition};
use acd::{AttemptKind, Duration};

/// A part of the run's time that figures are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// From the end of the warm-up to the length; calls offered later count in it, too.
    Run,
    /// One interval, numbered from the run's beginning.
    Interval(u32),
    /// From the length to the end of the last call.
    AfterClose,
}

/// A queue, compiled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueueFrame {
    /// Times at which service level is counted, µs; the queue's own first, if it has one.
    pub(crate) levels: Vec<u64>,
    /// Whether the first level is the queue's own, not only one that a condition asks for.
    pub(crate) has_own: bool,
    /// An abandonment within this is short, µs.
    pub(crate) short: u64,
    /// Share to serve, in millionths, so that sums stay whole.
    pub(crate) target: Option<u64>,
    pub(crate) definition: ServiceLevelDefinition,
}

impl QueueFrame {
    /// The time within which this queue's calls are to be served.
    pub(crate) fn own(&self) -> Option<u64> {
        self.levels.first().copied().filter(|_| self.has_own)
    }
}

/// The frame of a run, compiled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) is_live: bool,
    pub(crate) length: u64,
    pub(crate) warm_up: u64,
    pub(crate) interval: u64,
    /// How many intervals there are.
    pub(crate) intervals: usize,
    pub(crate) queues: Vec<QueueFrame>,
    /// The most levels any queue has.
    pub(crate) levels_max: usize,
    /// Levels that every queue has: those at which `all` and contacts can be judged besides each queue's own, µs.
    pub(crate) common_levels: Vec<u64>,
    /// The definition where several queues are taken together: theirs, or the usual one where they differ.
    pub(crate) definition: ServiceLevelDefinition,
    pub(crate) contacts: usize,
    /// The site of each group.
    pub(crate) groups: Vec<Option<usize>>,
    pub(crate) sites: usize,
    pub(crate) pairs: Vec<(usize, usize)>,
}

impl Frame {
    pub(crate) fn new(context: &Context) -> Self {
        let mut queues: Vec<QueueFrame> = context
            .queues
            .iter()
            .map(|queue| QueueFrame {
                levels: queue.levels.iter().map(|level| level.0).collect(),
                has_own: !queue.levels.is_empty(),
                short: queue.short_abandon.0,
                target: queue.target.map(|(share, _)| (share * 1e6 + 0.5) as u64),
                definition: queue.definition,
            })
            .collect();
        add_thresholds(&mut queues, &context.gate);
        let common_levels = common_levels(&queues);
        let interval =
            if context.interval.0 == 0 { context.length.0.max(1) } else { context.interval.0 };
        Self {
            is_live: context.mode == "live",
            length: context.length.0,
            warm_up: context.warm_up.0.min(context.length.0),
            interval,
            intervals: context.length.0.div_ceil(interval).max(1) as usize,
            levels_max: queues.iter().map(|queue| queue.levels.len()).max().unwrap_or(0),
            common_levels,
            definition: common_definition(&queues),
            queues,
            contacts: context.contacts.len(),
            groups: context
                .groups
                .iter()
                .map(|group| group.site.map(|site| site.index()))
                .collect(),
            sites: context.sites.len(),
            pairs: context.pairs.iter().map(|(c, g)| (c.index(), g.index())).collect(),
        }
    }

    /// The frame of a watch: one span without end, the thresholds of its conditions in every queue, and their pairs.
    pub(crate) fn for_watch(context: &Context, conditions: &[Condition]) -> Self {
        let mut frame = Self::new(context);
        add_thresholds(&mut frame.queues, conditions);
        let pairs = conditions.iter().filter_map(|condition| match condition.selector.scope {
            Scope::ContactAgents(contact, group) => Some((contact.index(), group.index())),
            Scope::All
            | Scope::Queue(_)
            | Scope::Contact(_)
            | Scope::Agents(_)
            | Scope::Site(_) => None,
        });
        frame.pairs = pairs.collect();
        frame.levels_max = frame.queues.iter().map(|queue| queue.levels.len()).max().unwrap_or(0);
        frame.common_levels = common_levels(&frame.queues);
        (frame.warm_up, frame.length, frame.interval, frame.intervals) = (0, u64::MAX, u64::MAX, 1);
        frame
    }

    /// Position of the span after the length.
    pub(crate) fn after_close(&self) -> usize {
        self.intervals
    }

    /// Position of the whole run, in totals.
    pub(crate) fn run(&self) -> usize {
        self.intervals + 1
    }

    /// How many spans totals hold.
    pub(crate) fn spans(&self) -> usize {
        self.intervals + 2
    }

    /// Position of a span; `None` for an interval that does not exist or lies in the warm-up.
    pub(crate) fn span(&self, span: Span) -> Option<usize> {
        match span {
            Span::Run => Some(self.run()),
            Span::AfterClose => Some(self.after_close()),
            Span::Interval(number) => {
                let number = number as usize;
                (number < self.intervals && self.end_of(number) > self.warm_up).then_some(number)
            }
        }
    }

    /// When an interval ends, µs: a last one may be short.
    pub(crate) fn end_of(&self, interval: usize) -> u64 {
        ((interval as u64 + 1).saturating_mul(self.interval)).min(self.length)
    }

    /// Position of the levels of a scope at a threshold; `None` for the threshold asks for each queue's own.
    pub(crate) fn level_slot(&self, scope: Scope, threshold: Option<Duration>) -> Option<usize> {
        match (scope, threshold) {
            (Scope::Queue(queue), None) => self.queues[queue.index()].has_own.then_some(0),
            (Scope::Queue(queue), Some(at)) => {
                self.queues[queue.index()].levels.iter().position(|level| *level == at.0)
            }
            (Scope::All | Scope::Contact(_), None) => {
                self.queues.iter().any(|queue| queue.has_own).then_some(0)
            }
            (Scope::All | Scope::Contact(_), Some(at)) => {
                self.common_levels.iter().position(|level| *level == at.0).map(|slot| slot + 1)
            }
            (Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..), _) => None,
        }
    }

    /// The definition of service level used for a scope.
    pub(crate) fn definition_of(&self, scope: Scope) -> ServiceLevelDefinition {
        match scope {
            Scope::Queue(queue) => self.queues[queue.index()].definition,
            Scope::All
            | Scope::Contact(_)
            | Scope::Agents(_)
            | Scope::Site(_)
            | Scope::ContactAgents(..) => self.definition,
        }
    }

    /// The own threshold of a scope; `None` where queues differ or none has one.
    pub(crate) fn own_threshold(&self, scope: Scope) -> Option<Duration> {
        if let Scope::Queue(queue) = scope {
            return self.queues[queue.index()].own().map(Duration);
        }
        let mut own = self.queues.iter().filter_map(QueueFrame::own);
        let first = own.next()?;
        own.all(|level| level == first).then_some(Duration(first))
    }

    /// The thresholds at which a scope is reported besides its own, ascending.
    pub(crate) fn further_thresholds(&self, scope: Scope) -> Vec<Duration> {
        let own = self.own_threshold(scope);
        let levels = match scope {
            Scope::Queue(queue) => &self.queues[queue.index()].levels,
            Scope::All
            | Scope::Contact(_)
            | Scope::Agents(_)
            | Scope::Site(_)
            | Scope::ContactAgents(..) => &self.common_levels,
        };
        let mut levels: Vec<Duration> = levels.iter().map(|level| Duration(*level)).collect();
        levels.retain(|level| Some(*level) != own);
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// Position of a selector's scope in the tables of attempt kinds.
    pub(crate) fn attempt_scope(&self, selector: Selector, kind: AttemptKind) -> Option<usize> {
        let kind = kind as usize;
        match selector.scope {
            Scope::All => Some(kind),
            Scope::Contact(contact) => Some((contact.index() + 1) * AttemptKind::ALL.len() + kind),
            Scope::Queue(_) | Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..) => None,
        }
    }

    /// Position of a pair.
    pub(crate) fn pair(&self, contact: usize, group: usize) -> Option<usize> {
        self.pairs.iter().position(|pair| *pair == (contact, group))
    }
}

/// Adds the times that conditions name to every queue's levels.
fn add_thresholds(queues: &mut [QueueFrame], conditions: &[Condition]) {
    for threshold in conditions.iter().filter_map(|condition| condition.threshold) {
        for queue in queues.iter_mut().filter(|queue| !queue.levels.contains(&threshold.0)) {
            queue.levels.push(threshold.0);
        }
    }
}

fn common_levels(queues: &[QueueFrame]) -> Vec<u64> {
    let mut judged = queues.iter().filter(|queue| !queue.levels.is_empty());
    let Some(first) = judged.next() else { return Vec::new() };
    let mut common = first.levels.clone();
    for queue in judged {
        common.retain(|level| queue.levels.contains(level));
    }
    common.sort_unstable();
    common.dedup();
    common
}

fn common_definition(queues: &[QueueFrame]) -> ServiceLevelDefinition {
    let mut definitions =
        queues.iter().filter(|queue| !queue.levels.is_empty()).map(|queue| queue.definition);
    let Some(first) = definitions.next() else { return ServiceLevelDefinition::default() };
    if definitions.all(|definition| definition == first) {
        first
    } else {
        ServiceLevelDefinition::default()
    }
}

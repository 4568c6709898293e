//! What a report must know besides the facts: names, targets, spans. Neutral, so that simulation and live fill it alike.

use acd::kpi::{Condition, ServiceLevelDefinition};
use acd::{ContactId, Duration, GroupId, SiteId, Timestamp};

/// The frame of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// `sim` or `live`.
    pub mode: &'static str,
    /// The scenario's title.
    pub title: String,
    /// The question it answers.
    pub question: String,
    /// The scenario's file name.
    pub file: String,
    /// Hash of the merged scenario, 16 hexadecimal digits.
    pub hash: String,
    /// The seed.
    pub seed: u64,
    /// Seconds from local midnight to the run's beginning, for clock times.
    pub start_of_day: Duration,
    /// Date and time of the beginning, if known.
    pub start: Option<String>,
    /// How long attempts are let in.
    pub length: Duration,
    /// Length of a reporting interval.
    pub interval: Duration,
    /// Calls offered before this count in no KPI.
    pub warm_up: Duration,
    /// The queues.
    pub queues: Vec<QueueContext>,
    /// The contacts' names.
    pub contacts: Vec<String>,
    /// The groups.
    pub groups: Vec<GroupContext>,
    /// The sites' names.
    pub sites: Vec<String>,
    /// Pairs reported on.
    pub pairs: Vec<(ContactId, GroupId)>,
    /// What to mark on charts: from, to, label.
    pub marks: Vec<Mark>,
    /// The gate.
    pub gate: Vec<Condition>,
    /// The command that reproduces the run.
    pub reproduce: String,
}

/// A queue's frame.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueContext {
    /// The name.
    pub name: String,
    /// Share to serve, and within what time.
    pub target: Option<(f64, Duration)>,
    /// The definition of service level used.
    pub definition: ServiceLevelDefinition,
    /// Times at which service level and `p_wait_gt` are reported; the target's time first. At most [`LEVELS_MAX`].
    pub levels: Vec<Duration>,
    /// An abandonment within this is short.
    pub short_abandon: Duration,
}

/// The most times at which one queue's service level is reported.
pub const LEVELS_MAX: usize = 8;

/// A group's frame.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupContext {
    /// The name.
    pub name: String,
    /// Its site.
    pub site: Option<SiteId>,
}

/// Something to mark on the time axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
    /// What it was.
    pub label: String,
    /// Whether it is something done (a play), not something suffered.
    pub is_action: bool,
}

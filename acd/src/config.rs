//! What the switch is set up with. Plain data, checked where it is made (`scenarios`): inside, every id points somewhere.

use crate::id::{FlowId, QueueId, SiteId};
use crate::ivr::Flow;
use crate::units::Duration;
use serde::{Deserialize, Serialize};

/// The switch's set-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct AcdConfig {
    /// Seed of the hash that breaks ties where a strategy asks for chance.
    pub tie_break_seed: u64,
    /// Lines of the centre; `None` for unlimited.
    pub lines: Option<u32>,
    /// Where each contact enters.
    pub contacts: Vec<Entry>,
    /// The queues.
    pub queues: Vec<QueueConfig>,
    /// The groups of agents.
    pub groups: Vec<GroupConfig>,
    /// The sites.
    pub sites: Vec<SiteConfig>,
    /// The IVR's flows.
    pub flows: Vec<Flow>,
}

/// Where a contact's calls enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// Straight into a queue.
    Queue(QueueId),
    /// Into an IVR flow.
    Flow(FlowId),
}

/// In which order a queue's calls are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Order {
    /// The longest wait first.
    #[default]
    FirstCome,
    /// The shortest wait first; for study.
    LastCome,
}

/// A queue's set-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueConfig {
    /// The routing strategy's name in the registry ([`crate::routing::NAMES`]).
    pub routing: String,
    /// Order of waiting calls.
    pub order: Order,
    /// Higher is served first.
    pub priority: i32,
    /// Priority gained by waiting, in thousandths of a point per minute.
    pub ageing_milli_per_min: u32,
    /// Calls that may wait; `None` for no limit, 0 for none at all.
    pub max_length: Option<u32>,
    /// The longest wait, from the first queue entry.
    pub max_wait: Option<Duration>,
    /// When calls move to another queue; the first rule that applies wins.
    pub overflow: Vec<Overflow>,
    /// Whether callers are offered to be called back.
    pub callback: Callback,
    /// Whether agents do after-call work, ended by them.
    pub wrap_up: bool,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            routing: "longest-idle".to_owned(),
            order: Order::FirstCome,
            priority: 0,
            ageing_milli_per_min: 0,
            max_length: None,
            max_wait: None,
            overflow: Vec::new(),
            callback: Callback::None,
            wrap_up: true,
        }
    }
}

/// A rule by which calls move on to another queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overflow {
    /// The wait from the first queue entry after which a call moves; `None`: on entry when the queue is full.
    pub after: Option<Duration>,
    /// The queue it moves to.
    pub to: QueueId,
}

/// Whether callers are offered to be called back, at the moment they get no offer on entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Callback {
    /// Never.
    #[default]
    None,
    /// The caller keeps his place and cannot abandon.
    VirtualHold,
    /// The call ends; it is made again when agents are idle.
    List {
        /// Asked only when at least this many calls wait already.
        if_queue_at_least: u32,
        /// Made only while more than this many agents of the queue are idle.
        idle_reserve: u32,
    },
}

/// Which waiting call an agent takes when he becomes ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Takes {
    /// Priority, then skill level, then wait.
    #[default]
    Priority,
    /// Skill level, then priority, then wait.
    Level,
    /// The longest wait.
    LongestWait,
}

/// A group of agents alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct GroupConfig {
    /// The site they sit at.
    pub site: Option<SiteId>,
    /// What they can do.
    pub skills: Vec<Skill>,
    /// Which call they take first.
    pub takes: Takes,
    /// How long an offer rings; `None`: for ever is not allowed, so 1 h.
    pub ring_timeout: Option<Duration>,
    /// How long an agent is left alone after an unanswered offer.
    pub back_off: Duration,
    /// Unanswered offers in a row after which an agent is not ready; 0: never.
    pub not_ready_after: u32,
}

/// One skill of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// The queue they can serve.
    pub queue: QueueId,
    /// How well: 1 is best.
    pub level: u8,
    /// Expected handling time, for the strategy `fastest-first`.
    pub handling: Duration,
}

/// A site's set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SiteConfig {
    /// The site's lines; `None`: calls do not belong to this site.
    pub lines: Option<u32>,
}

//! The scenario as the rest of the house sees it: parsed once, valid inside. Times are from the run's beginning.

mod live;
pub mod traffic;

pub(crate) use live::RTP_PORTS;
pub use live::{Answer, Codec, Digest, Keying, Live, LiveAgent, LiveTrunk, Secret, Tls};

use acd::kpi::{Condition, ServiceLevelDefinition};
use acd::{ContactId, Duration, GroupId, Order, Outcome, QueueId, Rate, SiteId, Takes, Timestamp};
use chance::Law;

/// A whole scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file's name as given, for reports.
    pub file: String,
    /// Hash of the merged scenario text, 16 hexadecimal digits.
    pub hash: String,
    /// What it is called.
    pub title: String,
    /// The question it answers; may be empty.
    pub question: String,
    /// Local date and time of the beginning, ISO 8601 without zone; `None`: times count from midnight of no day.
    pub start: Option<String>,
    /// Seconds from local midnight to the beginning, for clock times on axes.
    pub start_of_day: Duration,
    /// How long attempts are let in.
    pub length: Duration,
    /// Length of a reporting interval.
    pub interval: Duration,
    /// How it is run.
    pub run: Run,
    /// Lines of the centre; `None`: unlimited.
    pub lines: Option<u32>,
    /// Factor on every arrival rate.
    pub demand_scale: f64,
    /// The kinds of calls, in file order.
    pub contacts: Vec<Contact>,
    /// The queues, in file order.
    pub queues: Vec<Queue>,
    /// The groups of agents, in file order.
    pub groups: Vec<Group>,
    /// The sites, in file order.
    pub sites: Vec<Site>,
    /// The IVR flows, in file order.
    pub flows: Vec<IvrFlow>,
    /// What happens to the centre.
    pub timeline: Vec<TimelineEntry>,
    /// What is done about it.
    pub playbook: Vec<Play>,
    /// What fails the build.
    pub gate: Vec<Condition>,
    /// Pairs of contact and group reported on.
    pub pairs: Vec<(ContactId, GroupId)>,
    /// How real calls are answered.
    pub live: Live,
}

/// How the scenario is run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Seed of everything random.
    pub seed: u64,
    /// Independent repetitions.
    pub replications: u32,
    /// Calls before this are in no KPI.
    pub warm_up: Duration,
    /// What happens to agents who are too many when a schedule row has fewer.
    pub when_staff_shrinks: StaffRule,
    /// What happens to the queue at the end.
    pub close: Close,
    /// How long after the end calls may still be served.
    pub drain_limit: Duration,
}

/// Who leaves when staff shrinks (DESIGN §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StaffRule {
    /// Idle leave first, longest idle first; then busy agents are marked and leave when they finish.
    #[default]
    NamedFinish,
    /// Nobody takes a call while as many are busy as there is staff; the first to finish leave.
    FirstToFinish,
    /// Surplus calls go back to the head of their queue.
    Requeue,
    /// Surplus calls are cut.
    Cut,
}

/// What happens to waiting calls at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Close {
    /// They are served by the last row of staff, until `drain_limit`.
    #[default]
    Serve,
    /// They are sent away.
    Disconnect,
}

/// A kind of call and the people who make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// Where its calls enter.
    pub entry: acd::Entry,
    /// When they come.
    pub arrivals: Arrivals,
    /// Talk time, s.
    pub talk: Law,
    /// Time on hold within a call, s.
    pub hold: Law,
    /// After-call work, s.
    pub acw: Law,
    /// Patience, s.
    pub patience: Law,
    /// Share that leaves at once when it has to wait.
    pub balk: f64,
    /// Moods; empty: one mood with every factor 1.
    pub mood: Vec<Mood>,
    /// When callers try again; the first rule that names the outcome counts.
    pub redial: Vec<Redial>,
    /// Whether a redial draws new patience and talk, or keeps its own.
    pub redial_draws: RedialDraws,
    /// Callers who were served and call again.
    pub reconnect: Option<Reconnect>,
    /// What callers want from the flow: step and share. Empty when the contact enters a queue.
    pub choices: Vec<(acd::StepId, f64)>,
    /// Numbers that lead here; `*` stands for every number that nobody else has.
    pub numbers: Vec<String>,
}

/// A mood: a frailty that moves patience, talk and redial of one caller together.
#[derive(Debug, Clone, PartialEq)]
pub struct Mood {
    /// The name.
    pub name: String,
    /// Share of callers.
    pub share: f64,
    /// Factor on patience.
    pub patience: f64,
    /// Factor on talk.
    pub talk: f64,
    /// Factor on the share that redials (capped at 1).
    pub redial: f64,
}

/// How an attempt failed, as its caller sees it: why he may try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No line was free.
    Blocked,
    /// The centre was closed.
    Closed,
    /// He hung up in the IVR.
    LeftInIvr,
    /// The call was cut in the IVR.
    CutInIvr,
    /// The call was cut while talking.
    CutInTalk,
    /// The call left its queue without an answer.
    Queue(Outcome),
}

/// A rule of redialling.
#[derive(Debug, Clone, PartialEq)]
pub struct Redial {
    /// After which failures.
    pub after: Vec<Failure>,
    /// The share that tries again.
    pub share: f64,
    /// How long until then, s.
    pub delay: Law,
}

/// What a redial keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RedialDraws {
    /// New patience and talk at each attempt.
    #[default]
    Fresh,
    /// The first attempt's.
    Kept,
}

/// Callers who were served and call again.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconnect {
    /// The share.
    pub share: f64,
    /// How long until then, s.
    pub delay: Law,
}

/// An arrival model, before `[demand] scale`.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// Poisson with a rate that may change in time and a busyness that may be random.
    Poisson(Poisson),
    /// Recorded arrivals: times, in order. `caller` tells people apart where the file does.
    Trace(Vec<TraceCall>),
    /// Independent gaps.
    Renewal {
        /// The law of the gaps, s.
        gap: Law,
    },
    /// Poisson whose rate jumps between states.
    Mmpp {
        /// The rate in each state.
        rates: Vec<Rate>,
        /// Mean stay in each state, s; exponential; states follow in a circle. The first state is drawn from the long-run shares.
        stay: Vec<Duration>,
    },
    /// Poisson batches.
    Batch {
        /// Batches per hour.
        rate: Rate,
        /// Calls per batch: rounded to a whole number, at least 1.
        size: Law,
    },
}

/// A call of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceCall {
    /// When it comes.
    pub at: Timestamp,
    /// Who calls, where the file tells.
    pub caller: Option<u64>,
}

/// Poisson arrivals.
#[derive(Debug, Clone, PartialEq)]
pub struct Poisson {
    /// The rate in time.
    pub rate: RateCurve,
    /// Random busyness.
    pub busyness: Option<Busyness>,
}

/// A rate in time.
#[derive(Debug, Clone, PartialEq)]
pub enum RateCurve {
    /// Always the same.
    Constant(Rate),
    /// Constant from each time to the next (steps and profiles); zero before the first. Covers `length`.
    Steps(Vec<(Timestamp, Rate)>),
    /// mean + amplitude · sin(2π · t / period + phase), with t from the run's beginning; never negative.
    Wave {
        /// The mean.
        mean: Rate,
        /// The amplitude; at most the mean.
        amplitude: Rate,
        /// The period.
        period: Duration,
        /// The phase as a time: t is counted from −phase.
        phase: Duration,
    },
}

/// A random factor with mean 1 on the rate, gamma distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Busyness {
    /// Coefficient of variation.
    pub cv: f64,
    /// How often it is drawn.
    pub each: Each,
}

/// How often a random level is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// For each day (24 h from the run's local midnight).
    Day,
    /// Once for the whole run.
    Run,
}

/// A queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// The name.
    pub name: String,
    /// Share to serve within a time, if a target is set.
    pub target: Option<Target>,
    /// The definition of service level used.
    pub definition: ServiceLevelDefinition,
    /// Further times at which service level is reported.
    pub service_level_at: Vec<Duration>,
    /// An abandonment within this is short.
    pub short_abandon: Duration,
    /// The routing strategy.
    pub routing: String,
    /// Order of waiting calls.
    pub order: Order,
    /// Higher first.
    pub priority: i32,
    /// Priority gained by waiting, thousandths of a point per minute.
    pub ageing_milli_per_min: u32,
    /// Calls that may wait.
    pub max_length: Option<u32>,
    /// The longest wait.
    pub max_wait: Option<Duration>,
    /// Rules of overflow.
    pub overflow: Vec<acd::Overflow>,
    /// Callback.
    pub callback: acd::Callback,
    /// The share that accepts a callback when asked (also when a playbook starts asking).
    pub callback_accept: f64,
}

/// A service-level target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The share.
    pub share: f64,
    /// The time.
    pub within: Duration,
}

/// A group of agents.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// The site.
    pub site: Option<SiteId>,
    /// Queue and level, in file order.
    pub skills: Vec<(QueueId, u8)>,
    /// Which call they take first.
    pub takes: Takes,
    /// Who is there when: number of agents from each time on; first at 0; covers `length`. Zero where a playbook brings them.
    pub schedule: Vec<(Timestamp, u32)>,
    /// Shifts with breaks, as an alternative to `schedule` (which then is empty).
    pub shifts: Vec<Shift>,
    /// Talk, hold and ACW are divided by this.
    pub speed: f64,
    /// Laws that override a contact's in this group, s: contact, law.
    pub talk: Vec<(ContactId, Law)>,
    /// Likewise.
    pub hold: Vec<(ContactId, Law)>,
    /// Likewise.
    pub acw: Vec<(ContactId, Law)>,
    /// Time to answer an offer, s.
    pub pick_up: Law,
    /// How long an offer rings.
    pub ring_timeout: Duration,
    /// Offers not answered.
    pub no_answer: NoAnswer,
    /// Share of agents who do not come, drawn for each seat and run.
    pub no_show: f64,
    /// Limit of after-call work of a live agent; `None`: he ends it himself.
    pub wrap_up: Option<Duration>,
}

/// Offers not answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoAnswer {
    /// Share of offers the agent lets ring.
    pub share: f64,
    /// How long he is left alone then.
    pub back_off: Duration,
    /// Unanswered offers in a row after which he is not ready; 0: never.
    pub not_ready_after: u32,
    /// How long he is not ready then.
    pub returns_after: Duration,
}

/// A shift worked by some agents.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
    /// Agents who work it.
    pub count: u32,
    /// Breaks: from, to. Not ready meanwhile.
    pub breaks: Vec<(Timestamp, Timestamp)>,
}

/// A site.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The name.
    pub name: String,
    /// Its lines; `None`: calls do not belong to this site.
    pub lines: Option<u32>,
}

/// An IVR flow with the callers' times.
#[derive(Debug, Clone, PartialEq)]
pub struct IvrFlow {
    /// The name.
    pub name: String,
    /// The compiled graph.
    pub flow: acd::Flow,
    /// Each step's name.
    pub step_names: Vec<String>,
    /// Each step's time, s: a prompt's length; a caller's time until he presses a key.
    pub step_times: Vec<Law>,
    /// Each step's prompt file; may be empty.
    pub prompts: Vec<String>,
    /// How each step collects keys, where it does.
    pub keying: Vec<Option<Keying>>,
}

/// What happens to the centre.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEntry {
    /// The name.
    pub name: String,
    /// When it begins.
    pub at: Timestamp,
    /// What happens.
    pub happening: Happening,
}

/// What may happen; one settings file each, one behaviour file each in `sim`.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// Demand changes.
    Demand {
        /// Factor on arrivals.
        factor: f64,
        /// Only these contacts; empty: all.
        contacts: Vec<ContactId>,
        /// For how long.
        lasts: Duration,
    },
    /// Agents are absent.
    Absence {
        /// Only these groups; empty: all.
        groups: Vec<GroupId>,
        /// The share that is away, rounded to whole agents of the schedule.
        share: f64,
        /// For how long.
        lasts: Duration,
    },
    /// A site is lost.
    SiteOutage {
        /// The site.
        site: SiteId,
        /// For how long.
        lasts: Duration,
    },
    /// Lines are lost.
    TrunkLoss {
        /// The site; `None`: the centre's lines.
        site: Option<SiteId>,
        /// The share lost.
        share: f64,
        /// For how long.
        lasts: Duration,
    },
}

/// What is done about it: a trigger and actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Play {
    /// The name.
    pub name: String,
    /// The trigger; its `last` is set.
    pub when: Condition,
    /// How long the trigger must hold.
    pub holds_for: Duration,
    /// How late the figures reach the duty manager.
    pub report_delay: Duration,
    /// What is done.
    pub actions: Vec<Action>,
}

/// What may be done; one settings file each, one behaviour file each in `sim`.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Agents come.
    AddAgents {
        /// The group.
        group: GroupId,
        /// How many.
        count: u32,
        /// When, after the decision.
        lead_time: Duration,
        /// For how long; `None`: to the end.
        lasts: Option<Duration>,
    },
    /// A queue overflows to another.
    Overflow {
        /// From.
        from: QueueId,
        /// To.
        to: QueueId,
        /// After this wait.
        after: Duration,
    },
    /// Callers are offered to be called back and keep their place.
    OfferCallback {
        /// The queue.
        queue: QueueId,
        /// The share that accepts.
        accept: f64,
    },
}

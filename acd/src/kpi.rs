//! The KPI vocabulary: every key, its unit, the selectors it allows and one line of meaning. Formulas live in `reports`; a test there proves the lists equal.

use crate::id::{ContactId, GroupId, QueueId, SiteId};
use crate::input::AttemptKind;
use crate::units::Duration;

/// What a KPI counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Calls, people or times: a number per replication.
    Count,
    /// A fraction from 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// Agent-seconds.
    AgentSeconds,
    /// A mean number over time.
    Level,
    /// A variance of a number over time.
    Variance,
    /// Money.
    Money,
}

/// Where a KPI can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies {
    /// By `all`.
    pub all: bool,
    /// By queue.
    pub queue: bool,
    /// By contact, and so by attempt kind.
    pub contact: bool,
    /// By agent group.
    pub agents: bool,
    /// By site.
    pub site: bool,
    /// By interval.
    pub interval: bool,
}

const fn applies(letters: &str) -> Applies {
    let bytes = letters.as_bytes();
    let mut result = Applies {
        all: false,
        queue: false,
        contact: false,
        agents: false,
        site: false,
        interval: false,
    };
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'A' => result.all = true,
            b'q' => result.queue = true,
            b'c' => result.contact = true,
            b'g' => result.agents = true,
            b's' => result.site = true,
            b'i' => result.interval = true,
            _ => panic!("letters are A q c g s i"),
        }
        i += 1;
    }
    result
}

macro_rules! kpis {
    ($($name:ident $key:literal $unit:ident $letters:literal $doc:literal;)*) => {
        /// A key figure. [`Kpi::key`] is its one spelling, in TOML, JSON, CSV and on the page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kpi {
            $(#[doc = $doc] $name,)*
        }

        impl Kpi {
            /// Every key figure, in the order of the tables.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the key.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// Returns the unit.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)* }
            }

            /// Returns where the figure can be asked for.
            #[must_use]
            pub const fn applies(self) -> Applies {
                match self { $(Self::$name => const { applies($letters) },)* }
            }

            /// Returns one line of meaning.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }
        }
    };
}

// Letters: A all, q queue, c contact (and attempt kind), g agent group, s site, i interval.
kpis! {
    Attempts "attempts" Count "Aci" "Calls that reached the door: fresh, redial and reconnect.";
    Blocked "blocked" Count "Aci" "Attempts refused for want of a line.";
    Closed "closed" Count "Aci" "Attempts refused outside hours.";
    Contained "contained" Count "Aci" "Attempts that ended in the IVR, wanting no agent.";
    LeftInIvr "left_in_ivr" Count "Aci" "Attempts whose caller hung up in the IVR.";
    CutInIvr "cut_in_ivr" Count "Aci" "Attempts lost with their site while in the IVR.";
    Offered "offered" Count "Aqci" "Attempts that reached a queue; by queue, calls that entered it.";
    Answered "answered" Count "Aqcgsi" "Offered attempts connected to an agent.";
    Abandoned "abandoned" Count "Aqci" "Offered attempts whose caller hung up waiting.";
    ShortAbandoned "short_abandoned" Count "Aqci" "Abandoned within `short_abandon`.";
    RefusedFull "refused_full" Count "Aqci" "Offered attempts refused by a full queue.";
    TimedOut "timed_out" Count "Aqci" "Offered attempts that waited longer than `max_wait`.";
    LeftByKey "left_by_key" Count "Aqci" "Offered attempts that left the queue by a key.";
    CallbackListed "callback_listed" Count "Aqci" "Offered attempts put on the callback list.";
    Voicemail "voicemail" Count "Aqci" "Offered attempts that left a message.";
    ClosedOut "closed_out" Count "Aqci" "Offered attempts sent away at close or at the drain limit.";
    Cut "cut" Count "Aqci" "Offered attempts lost with their site or line while waiting.";
    CutInTalk "cut_in_talk" Count "Aqcgsi" "Answered calls cut while talking.";
    Withdrawn "withdrawn" Count "Aqci" "Offered attempts taken out by an administrator.";
    OverflowedOut "overflowed_out" Count "Aqci" "Calls that left a queue by overflow.";
    OverflowedIn "overflowed_in" Count "Aqci" "Calls that entered a queue by overflow.";
    Callbacks "callbacks" Count "Aqci" "Callers who accepted a callback that keeps their place.";
    Redials "redials" Count "Aci" "Attempts after a failed one.";
    Reconnects "reconnects" Count "Aci" "Attempts after a served one.";
    GaveUp "gave_up" Count "Aci" "Failed attempts that drew no redial.";
    LostToClose "lost_to_close" Count "Ac" "Redials and reconnects that fell after the close.";
    UniqueCallers "unique_callers" Count "Aci" "Callers behind the attempts: the fresh ones.";
    ServiceLevel "service_level" Share "Aqci" "Share served within the target, by the definition named beside it.";
    AbandonmentRate "abandonment_rate" Share "Aqci" "Abandoned ÷ offered.";
    BlockRate "block_rate" Share "Aci" "Blocked ÷ attempts.";
    Asa "asa_s" Seconds "Aqcgsi" "Mean wait of answered calls, to the agent's answer.";
    AsaToOffer "asa_to_offer_s" Seconds "Aqcgsi" "Mean wait of answered calls, to the last offer: ringing left out.";
    MeanWait "mean_wait_s" Seconds "Aqci" "Mean wait of all offered calls, whatever became of them.";
    MeanWaitAbandoned "mean_wait_abandoned_s" Seconds "Aqci" "Mean wait of abandoned calls.";
    MeanWaitIfWait "mean_wait_if_wait_s" Seconds "Aqci" "Mean wait of the calls that got no offer on entry.";
    SdWait "sd_wait_s" Seconds "Aqc" "Standard deviation of the wait of all offered calls.";
    PWait "p_wait" Share "Aqci" "Share of offered calls that got no offer in the event that enqueued them.";
    PWaitGt "p_wait_gt" Share "Aqci" "Share of offered calls, whatever became of them, with a wait above the time in braces.";
    WaitP50 "wait_p50_s" Seconds "Aqc" "Median wait of answered calls.";
    WaitP90 "wait_p90_s" Seconds "Aqc" "90th percentile of the wait of answered calls.";
    WaitP95 "wait_p95_s" Seconds "Aqc" "95th percentile of the wait of answered calls.";
    WaitP99 "wait_p99_s" Seconds "Aqc" "99th percentile of the wait of answered calls.";
    WaitAllP50 "wait_all_p50_s" Seconds "Aqc" "Median wait of all offered calls.";
    WaitAllP90 "wait_all_p90_s" Seconds "Aqc" "90th percentile of the wait of all offered calls.";
    WaitAllP95 "wait_all_p95_s" Seconds "Aqc" "95th percentile of the wait of all offered calls.";
    WaitAllP99 "wait_all_p99_s" Seconds "Aqc" "99th percentile of the wait of all offered calls.";
    MaxWait "max_wait_s" Seconds "Aqci" "Longest wait of any offered call.";
    AnsweredIn "answered_in" Count "Aqci" "Calls answered in this span of clock time.";
    AbandonedIn "abandoned_in" Count "Aqci" "Calls abandoned in this span of clock time.";
    MeanQueueLength "mean_queue_length" Level "Aqi" "Mean number of waiting calls.";
    MaxQueueLength "max_queue_length" Count "Aqi" "Largest number of waiting calls.";
    MeanBusy "mean_busy" Level "Agsi" "Mean number of agents in talk, hold or ACW.";
    VarBusy "var_busy" Variance "Ag" "Variance over time of the number of busy agents.";
    AllBusyShare "all_busy_share" Share "Agsi" "Share of time with no ready agent.";
    MeanBusyTrunks "mean_busy_trunks" Level "Asi" "Mean number of lines held.";
    MeanInIvr "mean_in_ivr" Level "Ai" "Mean number of calls in the IVR.";
    MeanInSystem "mean_in_system" Level "Ai" "Mean number of calls in IVR, queue, ringing and talk.";
    InSystemEnd "in_system_end" Count "Ai" "Calls in IVR, queue, ringing and talk at the end of the span.";
    MeanOrbit "mean_orbit" Level "Aci" "Mean number of callers who will call again.";
    MeanCallbackList "mean_callback_list" Level "Aqi" "Mean number of callbacks on the list.";
    CallbackDelay "callback_delay_s" Seconds "Aq" "Mean time from accepting a callback to its start, from the list or in the place kept.";
    Occupancy "occupancy" Share "Agsi" "(Talk + hold + ACW) ÷ (signed in − not ready).";
    Utilisation "utilisation" Share "Agsi" "(Talk + hold + ACW) ÷ paid time.";
    Adherence "adherence" Share "Agsi" "Scheduled time signed in and not away ÷ scheduled time.";
    Shrinkage "shrinkage" Share "Agsi" "Paid time not available ÷ paid time.";
    Busy "busy_s" AgentSeconds "Agsi" "Agent-seconds of talk, hold and ACW.";
    Overtime "overtime_s" AgentSeconds "Agsi" "Agent-seconds signed in beyond the schedule.";
    Aht "aht_s" Seconds "Aqcgsi" "(Talk + hold + ACW) ÷ calls handled.";
    Talk "talk_s" Seconds "Aqcgsi" "Mean talk of calls handled.";
    Hold "hold_s" Seconds "Aqcgsi" "Mean hold of calls handled.";
    Acw "acw_s" Seconds "Aqcgsi" "Mean after-call work of calls handled.";
    TransferRate "transfer_rate" Share "Aqcgsi" "Transferred ÷ answered.";
    Fcr "fcr" Share "Aci" "1 − reconnects ÷ answered.";
    Csat "csat" Share "Aqcgsi" "Satisfied callers ÷ callers asked.";
    IntervalsMet "intervals_met" Share "Aqc" "Share of intervals with calls whose service level met the target.";
    WorstInterval "worst_interval" Seconds "Aqc" "Start of the interval with the lowest service level, from the run's beginning.";
    Cost "cost" Money "Agsi" "Cost of agents and lines.";
    CostOfRevenue "cost_of_revenue" Share "A" "Cost ÷ revenue.";
    RevenueLost "revenue_lost" Money "Aci" "Revenue of callers who were never served.";
    Penalty "penalty" Money "Aqc" "Contract penalties due.";
}

impl Kpi {
    /// Returns the figure with this key, `p_wait_gt` without its braces.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kpi| kpi.key() == key)
    }

    /// Returns whether a larger value is the better one; `None` where neither is.
    #[must_use]
    pub fn is_better_high(self) -> Option<bool> {
        const HIGH: &[Kpi] = &[
            Kpi::ServiceLevel,
            Kpi::IntervalsMet,
            Kpi::Answered,
            Kpi::Contained,
            Kpi::Adherence,
            Kpi::Fcr,
            Kpi::Csat,
        ];
        const LOW: &[Kpi] = &[
            Kpi::Abandoned,
            Kpi::AbandonmentRate,
            Kpi::Blocked,
            Kpi::BlockRate,
            Kpi::Cut,
            Kpi::GaveUp,
            Kpi::LostToClose,
            Kpi::RefusedFull,
            Kpi::TimedOut,
            Kpi::Penalty,
        ];
        let is_delay = self.unit() == Unit::Seconds && self != Self::WorstInterval;
        HIGH.contains(&self).then_some(true).or((is_delay || LOW.contains(&self)).then_some(false))
    }
}

/// The five definitions of service level. T is the target, L_T the calls abandoned within T, L_s those within `short_abandon`, all inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ServiceLevelDefinition {
    /// S_T / A.
    OfOffered,
    /// S_T / (A − L_T).
    #[default]
    ExcludingAbandonsInTarget,
    /// (S_T + L_T) / A.
    CountingAbandonsInTarget,
    /// S_T / S.
    OfAnswered,
    /// S_T / (A − L_s).
    ExcludingShortAbandons,
}

impl ServiceLevelDefinition {
    /// Every definition, in the order in which they are printed.
    pub const ALL: [Self; 5] = [
        Self::OfOffered,
        Self::ExcludingAbandonsInTarget,
        Self::CountingAbandonsInTarget,
        Self::OfAnswered,
        Self::ExcludingShortAbandons,
    ];

    /// Returns the name used in files and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OfOffered => "of-offered",
            Self::ExcludingAbandonsInTarget => "excluding-abandons-in-target",
            Self::CountingAbandonsInTarget => "counting-abandons-in-target",
            Self::OfAnswered => "of-answered",
            Self::ExcludingShortAbandons => "excluding-short-abandons",
        }
    }
}

/// What part of the centre a figure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole centre, each call once.
    All,
    /// A queue.
    Queue(QueueId),
    /// A contact.
    Contact(ContactId),
    /// An agent group.
    Agents(GroupId),
    /// A site.
    Site(SiteId),
    /// The calls of a contact served by a group; asked for in `[report] pairs`.
    ContactAgents(ContactId, GroupId),
}

/// A scope, and within it perhaps one kind of attempt only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    /// The part of the centre.
    pub scope: Scope,
    /// Only attempts of this kind (`all` and contacts).
    pub attempt: Option<AttemptKind>,
}

impl Selector {
    /// The whole centre.
    pub const ALL: Self = Self { scope: Scope::All, attempt: None };

    /// Selects a scope with every kind of attempt.
    #[must_use]
    pub const fn of(scope: Scope) -> Self {
        Self { scope, attempt: None }
    }
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Returns whether `left` compares with `right` as asked. NaN never does.
    #[must_use]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }

    /// Returns the sign.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A figure held against a number: `service_level{queue=sales, last=15m} < 0.5`. Used by the gate and by playbooks.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The text as written.
    pub text: String,
    /// The figure.
    pub kpi: Kpi,
    /// Whose figure.
    pub selector: Selector,
    /// The time in braces: of `p_wait_gt`, or another threshold for `service_level` (`within=30s`).
    pub threshold: Option<Duration>,
    /// Only the last part of the run up to now; playbooks only.
    pub last: Option<Duration>,
    /// How to compare.
    pub comparison: Comparison,
    /// The number to compare with, in the figure's unit (`80%` is 0.8, `20s` is 20).
    pub value: f64,
    /// Whether the confidence bound must hold, not only the point estimate; gates only.
    pub is_sure: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_spelled_once_and_found_again() {
        for kpi in Kpi::ALL {
            assert_eq!(Kpi::from_key(kpi.key()), Some(*kpi));
            assert!(kpi.meaning().ends_with('.'));
        }
    }

    #[test]
    fn keys_that_count_outcomes_are_the_outcomes_names() {
        for outcome in crate::Outcome::ALL {
            assert!(Kpi::from_key(outcome.name()).is_some(), "{}", outcome.name());
        }
    }
}

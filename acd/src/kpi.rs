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
    /// Estimated quality of speech, from 1 to 4.5 (MOS).
    Score,
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
    /// Of a load run, which sees its target from outside and has no parts.
    pub load: bool,
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
        load: false,
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
            b'l' => result.load = true,
            _ => panic!("letters are A q c g s i l"),
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

// Letters: A all, q queue, c contact (and attempt kind), g agent group, s site, i interval, l load run.
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
    // What a load run sees of its target, and of itself.
    Placed "placed" Count "li" "Calls whose INVITE was sent.";
    MissedArrivals "missed_arrivals" Count "li" "Calls that were due and could not be started: the generator's failure, not the target's.";
    Established "established" Count "li" "Calls answered by a 2xx.";
    Failed "failed" Count "li" "Calls that were not established.";
    Completed "completed" Count "li" "Established calls that ended as their flow wanted, by a BYE that was answered.";
    Unfinished "unfinished" Count "l" "Calls placed that had neither failed nor ended when the run was over.";
    Passed "passed" Count "li" "Calls that went as their flow wanted to the end.";
    Spoilt "spoilt" Count "li" "Calls that did not go as their flow wanted.";
    InProgressMax "in_progress_max" Count "li" "Largest number of calls up at once.";
    PlacedPerS "placed_per_s" Level "li" "Calls placed a second, while calls were placed.";
    EstablishedPerS "established_per_s" Level "li" "Calls established a second, while calls were placed.";
    EstablishedShare "established_share" Share "l" "Established ÷ placed.";
    Ser "ser" Share "l" "Session establishment ratio: established ÷ (placed − answered by a 3xx) (RFC 6076 §4.6).";
    Seer "seer" Share "l" "Session establishment effectiveness ratio: as `ser`, but 480, 486, 600 and 603 are counted as effective (RFC 6076 §4.7).";
    Isa "isa" Share "l" "Ineffective session attempts: ended by 408, 500, 503, 504, a time-out (a 408) or a transport error (a 503), ÷ placed (RFC 6076 §4.8).";
    Scr "scr" Share "l" "Session completion ratio: completed ÷ placed (RFC 6076 §4.9).";
    AnswerP50 "answer_p50_s" Seconds "li" "Answer delay, from the moment the call was due to its 2xx: median.";
    AnswerP90 "answer_p90_s" Seconds "l" "Answer delay: 90th percentile.";
    AnswerP95 "answer_p95_s" Seconds "l" "Answer delay: 95th percentile.";
    AnswerP99 "answer_p99_s" Seconds "li" "Answer delay: 99th percentile.";
    AnswerP999 "answer_p999_s" Seconds "l" "Answer delay: 99.9th percentile.";
    AnswerMax "answer_max_s" Seconds "li" "Answer delay: longest.";
    AnswerMean "answer_mean_s" Seconds "l" "Answer delay: mean.";
    AnswerFromSendP50 "answer_from_send_p50_s" Seconds "li" "Answer delay from the send: from the first INVITE to its 2xx, median.";
    AnswerFromSendP90 "answer_from_send_p90_s" Seconds "l" "Answer delay from the send: 90th percentile.";
    AnswerFromSendP95 "answer_from_send_p95_s" Seconds "l" "Answer delay from the send: 95th percentile.";
    AnswerFromSendP99 "answer_from_send_p99_s" Seconds "li" "Answer delay from the send: 99th percentile.";
    AnswerFromSendP999 "answer_from_send_p999_s" Seconds "l" "Answer delay from the send: 99.9th percentile.";
    AnswerFromSendMax "answer_from_send_max_s" Seconds "li" "Answer delay from the send: longest.";
    AnswerFromSendMean "answer_from_send_mean_s" Seconds "l" "Answer delay from the send: mean.";
    SrdP50 "srd_p50_s" Seconds "li" "Session request delay, from the first INVITE to the first answer that says how the call stands (RFC 6076 §4.3.1): median.";
    SrdP90 "srd_p90_s" Seconds "l" "Session request delay: 90th percentile.";
    SrdP95 "srd_p95_s" Seconds "l" "Session request delay: 95th percentile.";
    SrdP99 "srd_p99_s" Seconds "li" "Session request delay: 99th percentile.";
    SrdP999 "srd_p999_s" Seconds "l" "Session request delay: 99.9th percentile.";
    SrdMax "srd_max_s" Seconds "li" "Session request delay: longest.";
    SrdMean "srd_mean_s" Seconds "l" "Session request delay: mean.";
    SrdFailedP50 "srd_failed_p50_s" Seconds "l" "Session request delay of failed calls, from the first INVITE to the 4xx, 5xx or 6xx (RFC 6076 §4.3.2): median.";
    SrdFailedP90 "srd_failed_p90_s" Seconds "l" "Session request delay of failed calls: 90th percentile.";
    SrdFailedP95 "srd_failed_p95_s" Seconds "l" "Session request delay of failed calls: 95th percentile.";
    SrdFailedP99 "srd_failed_p99_s" Seconds "l" "Session request delay of failed calls: 99th percentile.";
    SrdFailedP999 "srd_failed_p999_s" Seconds "l" "Session request delay of failed calls: 99.9th percentile.";
    SrdFailedMax "srd_failed_max_s" Seconds "l" "Session request delay of failed calls: longest.";
    SrdFailedMean "srd_failed_mean_s" Seconds "l" "Session request delay of failed calls: mean.";
    SddP50 "sdd_p50_s" Seconds "li" "Session disconnect delay, from our BYE to its 2xx (RFC 6076 §4.4): median.";
    SddP90 "sdd_p90_s" Seconds "l" "Session disconnect delay: 90th percentile.";
    SddP95 "sdd_p95_s" Seconds "l" "Session disconnect delay: 95th percentile.";
    SddP99 "sdd_p99_s" Seconds "li" "Session disconnect delay: 99th percentile.";
    SddP999 "sdd_p999_s" Seconds "l" "Session disconnect delay: 99.9th percentile.";
    SddMax "sdd_max_s" Seconds "li" "Session disconnect delay: longest.";
    SddMean "sdd_mean_s" Seconds "l" "Session disconnect delay: mean.";
    SdtMean "sdt_mean_s" Seconds "l" "Session duration time, from the 2xx to the first BYE: mean (RFC 6076 §4.5).";
    Registered "registered" Count "li" "Registrations that were accepted, challenges answered included.";
    NotRegistered "not_registered" Count "li" "Registrations that failed.";
    Ira "ira" Share "l" "Ineffective registration attempts: ended by a 4xx, 5xx or 6xx, a time-out or a transport error, ÷ all (RFC 6076 §4.2).";
    RrdP50 "rrd_p50_s" Seconds "li" "Registration request delay, from the first REGISTER to its 2xx, challenges included (RFC 6076 §4.1): median.";
    RrdP90 "rrd_p90_s" Seconds "l" "Registration request delay: 90th percentile.";
    RrdP95 "rrd_p95_s" Seconds "l" "Registration request delay: 95th percentile.";
    RrdP99 "rrd_p99_s" Seconds "li" "Registration request delay: 99th percentile.";
    RrdP999 "rrd_p999_s" Seconds "l" "Registration request delay: 99.9th percentile.";
    RrdMax "rrd_max_s" Seconds "li" "Registration request delay: longest.";
    RrdMean "rrd_mean_s" Seconds "l" "Registration request delay: mean.";
    Pong "pong" Count "li" "OPTIONS that were answered, by any status.";
    NoPong "no_pong" Count "li" "OPTIONS that were never answered.";
    OptionsP50 "options_p50_s" Seconds "li" "Delay from the first OPTIONS to its answer: median.";
    OptionsP90 "options_p90_s" Seconds "l" "Delay from the first OPTIONS to its answer: 90th percentile.";
    OptionsP95 "options_p95_s" Seconds "l" "Delay from the first OPTIONS to its answer: 95th percentile.";
    OptionsP99 "options_p99_s" Seconds "li" "Delay from the first OPTIONS to its answer: 99th percentile.";
    OptionsP999 "options_p999_s" Seconds "l" "Delay from the first OPTIONS to its answer: 99.9th percentile.";
    OptionsMax "options_max_s" Seconds "li" "Delay from the first OPTIONS to its answer: longest.";
    OptionsMean "options_mean_s" Seconds "l" "Delay from the first OPTIONS to its answer: mean.";
    StartLagP50 "start_lag_p50_s" Seconds "li" "Lateness of calls, from the moment one was due to its first INVITE: median.";
    StartLagP90 "start_lag_p90_s" Seconds "l" "Lateness of calls: 90th percentile.";
    StartLagP95 "start_lag_p95_s" Seconds "l" "Lateness of calls: 95th percentile.";
    StartLagP99 "start_lag_p99_s" Seconds "li" "Lateness of calls: 99th percentile.";
    StartLagP999 "start_lag_p999_s" Seconds "l" "Lateness of calls: 99.9th percentile.";
    StartLagMax "start_lag_max_s" Seconds "li" "Lateness of calls: longest.";
    StartLagMean "start_lag_mean_s" Seconds "l" "Lateness of calls: mean.";
    Retransmissions "retransmissions" Count "li" "Messages that we had to send again.";
    RetransmissionShare "retransmission_share" Share "l" "Retransmissions ÷ messages sent.";
    RepeatsCame "repeats_came" Count "li" "Messages that came again.";
    Unexpected "unexpected" Count "li" "Messages that no call's flow expected.";
    RtpStreams "rtp_streams" Count "li" "Streams of audio that are over.";
    RtpSilent "rtp_silent" Count "li" "Streams of audio in which nothing came.";
    RtpSent "rtp_sent" Count "li" "Packets of audio sent.";
    RtpReceived "rtp_received" Count "li" "Packets of audio that came.";
    RtpLoss "rtp_loss" Share "li" "Packets of audio that did not come ÷ those that should have (RFC 3550 §A.3).";
    RtpDiscard "rtp_discard" Share "li" "Packets of audio too late for the simulated buffer ÷ those that should have come (RFC 3611 §4.7.1).";
    RtpJitterP50 "rtp_jitter_p50_s" Seconds "l" "Interarrival jitter at the end of a stream (RFC 3550 §A.8): median over the streams.";
    RtpJitterP99 "rtp_jitter_p99_s" Seconds "l" "Interarrival jitter at the end of a stream: 99th percentile over the streams.";
    RtpJitterMax "rtp_jitter_max_s" Seconds "l" "Interarrival jitter at the end of a stream: largest.";
    MosMean "mos_mean" Score "li" "Estimated quality of speech (ITU-T G.107): mean over the streams in which something came.";
    MosMin "mos_min" Score "li" "Estimated quality of speech (ITU-T G.107): of the worst stream in which something came.";
    GeneratorCpu "generator_cpu" Share "l" "CPU used by the busiest thread of the generator ÷ the time of one core.";
    GeneratorStarved "generator_starved" Share "l" "Share of the run in which the generator wanted to run and was not let.";
    LoopLagP999 "loop_lag_p999_s" Seconds "l" "How late the generator's loop came round: 99.9th percentile.";
    AudioLagP99 "audio_lag_p99_s" Seconds "l" "How late packets of audio were sent: 99th percentile.";
    ReceiveOverflows "receive_overflows" Count "l" "Datagrams lost because the generator did not read them in time.";
    SendFailures "send_failures" Count "l" "Datagrams that the system would not send.";
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
            Kpi::Established,
            Kpi::EstablishedPerS,
            Kpi::EstablishedShare,
            Kpi::Completed,
            Kpi::Passed,
            Kpi::Ser,
            Kpi::Seer,
            Kpi::Scr,
            Kpi::Registered,
            Kpi::Pong,
            Kpi::MosMean,
            Kpi::MosMin,
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
            Kpi::MissedArrivals,
            Kpi::Failed,
            Kpi::Unfinished,
            Kpi::Spoilt,
            Kpi::Isa,
            Kpi::NotRegistered,
            Kpi::Ira,
            Kpi::NoPong,
            Kpi::Retransmissions,
            Kpi::RetransmissionShare,
            Kpi::RepeatsCame,
            Kpi::Unexpected,
            Kpi::RtpSilent,
            Kpi::RtpLoss,
            Kpi::RtpDiscard,
            Kpi::GeneratorCpu,
            Kpi::GeneratorStarved,
            Kpi::ReceiveOverflows,
            Kpi::SendFailures,
        ];
        // When something happened, and how long our own flow talks, are no delays.
        let is_delay =
            self.unit() == Unit::Seconds && !matches!(self, Self::WorstInterval | Self::SdtMean);
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

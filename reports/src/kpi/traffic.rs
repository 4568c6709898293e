//! Figures of a load run: what a target did as a load generator saw it, and whether the generator was well.
//!
//! Ratios are those of RFC 6076 §4; [`crate::traffic`] counts what they are made of.

use super::Formula::{self, Traffic};
use crate::traffic::seen::Family;
use crate::traffic::{Delay, Statistic};
use acd::kpi::Kpi;

pub(super) const FORMULAS: &[(Kpi, Formula)] = &[
    (Kpi::Placed, Traffic(Family::Calls, |s| Some(s.counts.placed as f64))),
    (Kpi::MissedArrivals, Traffic(Family::Calls, |s| Some(s.counts.missed as f64))),
    (Kpi::Established, Traffic(Family::Calls, |s| Some(s.counts.established as f64))),
    (Kpi::Failed, Traffic(Family::Calls, |s| Some(s.counts.failed as f64))),
    (Kpi::Completed, Traffic(Family::Calls, |s| Some(s.counts.completed as f64))),
    (Kpi::Unfinished, Traffic(Family::Calls, |s| Some(s.counts.unfinished() as f64))),
    (Kpi::Passed, Traffic(Family::Calls, |s| Some(s.counts.passed as f64))),
    (Kpi::Spoilt, Traffic(Family::Calls, |s| Some(s.counts.spoilt as f64))),
    (Kpi::InProgressMax, Traffic(Family::Calls, |s| s.in_progress_max.map(|calls| calls as f64))),
    (Kpi::PlacedPerS, Traffic(Family::Calls, |s| share(s.counts.placed as f64, s.placing_s))),
    (
        Kpi::EstablishedPerS,
        Traffic(Family::Calls, |s| share(s.counts.established as f64, s.placing_s)),
    ),
    (
        Kpi::EstablishedShare,
        Traffic(Family::Calls, |s| ratio(s.counts.established, s.counts.placed)),
    ),
    (Kpi::Ser, Traffic(Family::Calls, |s| ratio(s.counts.established, s.counts.not_redirected()))),
    (
        Kpi::Seer,
        Traffic(Family::Calls, |s| {
            ratio(s.counts.established + s.counts.effective, s.counts.not_redirected())
        }),
    ),
    (Kpi::Isa, Traffic(Family::Calls, |s| ratio(s.counts.ineffective, s.counts.placed))),
    (Kpi::Scr, Traffic(Family::Calls, |s| ratio(s.counts.completed, s.counts.placed))),
    (Kpi::SdtMean, Traffic(Family::Calls, |s| s.counts.mean_lasted())),
    (Kpi::AnswerP50, Traffic(Family::Calls, |s| s.delay(Delay::Answer, Statistic::P50))),
    (Kpi::AnswerP90, Traffic(Family::Calls, |s| s.delay(Delay::Answer, Statistic::P90))),
    (Kpi::AnswerP95, Traffic(Family::Calls, |s| s.delay(Delay::Answer, Statistic::P95))),
    (Kpi::AnswerP99, Traffic(Family::Calls, |s| s.delay(Delay::Answer, Statistic::P99))),
    (Kpi::AnswerP999, Traffic(Family::Calls, |s| s.delay(Delay::Answer, Statistic::P999))),
    (Kpi::AnswerMax, Traffic(Family::Calls, |s| s.delay(Delay::Answer, Statistic::Max))),
    (Kpi::AnswerMean, Traffic(Family::Calls, |s| s.delay(Delay::Answer, Statistic::Mean))),
    (
        Kpi::AnswerFromSendP50,
        Traffic(Family::Calls, |s| s.delay(Delay::AnswerFromSend, Statistic::P50)),
    ),
    (
        Kpi::AnswerFromSendP90,
        Traffic(Family::Calls, |s| s.delay(Delay::AnswerFromSend, Statistic::P90)),
    ),
    (
        Kpi::AnswerFromSendP95,
        Traffic(Family::Calls, |s| s.delay(Delay::AnswerFromSend, Statistic::P95)),
    ),
    (
        Kpi::AnswerFromSendP99,
        Traffic(Family::Calls, |s| s.delay(Delay::AnswerFromSend, Statistic::P99)),
    ),
    (
        Kpi::AnswerFromSendP999,
        Traffic(Family::Calls, |s| s.delay(Delay::AnswerFromSend, Statistic::P999)),
    ),
    (
        Kpi::AnswerFromSendMax,
        Traffic(Family::Calls, |s| s.delay(Delay::AnswerFromSend, Statistic::Max)),
    ),
    (
        Kpi::AnswerFromSendMean,
        Traffic(Family::Calls, |s| s.delay(Delay::AnswerFromSend, Statistic::Mean)),
    ),
    (Kpi::SrdP50, Traffic(Family::Calls, |s| s.delay(Delay::Srd, Statistic::P50))),
    (Kpi::SrdP90, Traffic(Family::Calls, |s| s.delay(Delay::Srd, Statistic::P90))),
    (Kpi::SrdP95, Traffic(Family::Calls, |s| s.delay(Delay::Srd, Statistic::P95))),
    (Kpi::SrdP99, Traffic(Family::Calls, |s| s.delay(Delay::Srd, Statistic::P99))),
    (Kpi::SrdP999, Traffic(Family::Calls, |s| s.delay(Delay::Srd, Statistic::P999))),
    (Kpi::SrdMax, Traffic(Family::Calls, |s| s.delay(Delay::Srd, Statistic::Max))),
    (Kpi::SrdMean, Traffic(Family::Calls, |s| s.delay(Delay::Srd, Statistic::Mean))),
    (Kpi::SrdFailedP50, Traffic(Family::Calls, |s| s.delay(Delay::SrdFailed, Statistic::P50))),
    (Kpi::SrdFailedP90, Traffic(Family::Calls, |s| s.delay(Delay::SrdFailed, Statistic::P90))),
    (Kpi::SrdFailedP95, Traffic(Family::Calls, |s| s.delay(Delay::SrdFailed, Statistic::P95))),
    (Kpi::SrdFailedP99, Traffic(Family::Calls, |s| s.delay(Delay::SrdFailed, Statistic::P99))),
    (Kpi::SrdFailedP999, Traffic(Family::Calls, |s| s.delay(Delay::SrdFailed, Statistic::P999))),
    (Kpi::SrdFailedMax, Traffic(Family::Calls, |s| s.delay(Delay::SrdFailed, Statistic::Max))),
    (Kpi::SrdFailedMean, Traffic(Family::Calls, |s| s.delay(Delay::SrdFailed, Statistic::Mean))),
    (Kpi::SddP50, Traffic(Family::Calls, |s| s.delay(Delay::Sdd, Statistic::P50))),
    (Kpi::SddP90, Traffic(Family::Calls, |s| s.delay(Delay::Sdd, Statistic::P90))),
    (Kpi::SddP95, Traffic(Family::Calls, |s| s.delay(Delay::Sdd, Statistic::P95))),
    (Kpi::SddP99, Traffic(Family::Calls, |s| s.delay(Delay::Sdd, Statistic::P99))),
    (Kpi::SddP999, Traffic(Family::Calls, |s| s.delay(Delay::Sdd, Statistic::P999))),
    (Kpi::SddMax, Traffic(Family::Calls, |s| s.delay(Delay::Sdd, Statistic::Max))),
    (Kpi::SddMean, Traffic(Family::Calls, |s| s.delay(Delay::Sdd, Statistic::Mean))),
    (Kpi::StartLagP50, Traffic(Family::Calls, |s| s.delay(Delay::StartLag, Statistic::P50))),
    (Kpi::StartLagP90, Traffic(Family::Calls, |s| s.delay(Delay::StartLag, Statistic::P90))),
    (Kpi::StartLagP95, Traffic(Family::Calls, |s| s.delay(Delay::StartLag, Statistic::P95))),
    (Kpi::StartLagP99, Traffic(Family::Calls, |s| s.delay(Delay::StartLag, Statistic::P99))),
    (Kpi::StartLagP999, Traffic(Family::Calls, |s| s.delay(Delay::StartLag, Statistic::P999))),
    (Kpi::StartLagMax, Traffic(Family::Calls, |s| s.delay(Delay::StartLag, Statistic::Max))),
    (Kpi::StartLagMean, Traffic(Family::Calls, |s| s.delay(Delay::StartLag, Statistic::Mean))),
    (Kpi::Registered, Traffic(Family::Registrations, |s| Some(s.counts.registered as f64))),
    (Kpi::NotRegistered, Traffic(Family::Registrations, |s| Some(s.counts.not_registered as f64))),
    (
        Kpi::Ira,
        Traffic(Family::Registrations, |s| {
            ratio(
                s.counts.not_registered_ineffective,
                s.counts.registered + s.counts.not_registered,
            )
        }),
    ),
    (Kpi::RrdP50, Traffic(Family::Registrations, |s| s.delay(Delay::Rrd, Statistic::P50))),
    (Kpi::RrdP90, Traffic(Family::Registrations, |s| s.delay(Delay::Rrd, Statistic::P90))),
    (Kpi::RrdP95, Traffic(Family::Registrations, |s| s.delay(Delay::Rrd, Statistic::P95))),
    (Kpi::RrdP99, Traffic(Family::Registrations, |s| s.delay(Delay::Rrd, Statistic::P99))),
    (Kpi::RrdP999, Traffic(Family::Registrations, |s| s.delay(Delay::Rrd, Statistic::P999))),
    (Kpi::RrdMax, Traffic(Family::Registrations, |s| s.delay(Delay::Rrd, Statistic::Max))),
    (Kpi::RrdMean, Traffic(Family::Registrations, |s| s.delay(Delay::Rrd, Statistic::Mean))),
    (Kpi::Pong, Traffic(Family::Options, |s| Some(s.counts.pong as f64))),
    (Kpi::NoPong, Traffic(Family::Options, |s| Some(s.counts.no_pong as f64))),
    (Kpi::OptionsP50, Traffic(Family::Options, |s| s.delay(Delay::Options, Statistic::P50))),
    (Kpi::OptionsP90, Traffic(Family::Options, |s| s.delay(Delay::Options, Statistic::P90))),
    (Kpi::OptionsP95, Traffic(Family::Options, |s| s.delay(Delay::Options, Statistic::P95))),
    (Kpi::OptionsP99, Traffic(Family::Options, |s| s.delay(Delay::Options, Statistic::P99))),
    (Kpi::OptionsP999, Traffic(Family::Options, |s| s.delay(Delay::Options, Statistic::P999))),
    (Kpi::OptionsMax, Traffic(Family::Options, |s| s.delay(Delay::Options, Statistic::Max))),
    (Kpi::OptionsMean, Traffic(Family::Options, |s| s.delay(Delay::Options, Statistic::Mean))),
    (Kpi::Retransmissions, Traffic(Family::Any, |s| Some(s.counts.repeated as f64))),
    (
        Kpi::RetransmissionShare,
        Traffic(Family::Any, |s| s.health.and_then(|health| ratio(s.counts.repeated, health.sent))),
    ),
    (Kpi::RepeatsCame, Traffic(Family::Any, |s| Some(s.counts.repeats_came as f64))),
    (Kpi::Unexpected, Traffic(Family::Any, |s| Some(s.counts.unexpected as f64))),
    (Kpi::RtpStreams, Traffic(Family::Audio, |s| Some(s.counts.streams.count as f64))),
    (Kpi::RtpSilent, Traffic(Family::Audio, |s| Some(s.counts.streams.silent as f64))),
    (Kpi::RtpSent, Traffic(Family::Audio, |s| Some(s.counts.streams.sent as f64))),
    (Kpi::RtpReceived, Traffic(Family::Audio, |s| Some(s.counts.streams.received as f64))),
    (
        Kpi::RtpLoss,
        Traffic(Family::Audio, |s| ratio(s.counts.streams.lost, s.counts.streams.expected)),
    ),
    (
        Kpi::RtpDiscard,
        Traffic(Family::Audio, |s| ratio(s.counts.streams.discarded, s.counts.streams.expected)),
    ),
    (Kpi::RtpJitterP50, Traffic(Family::Audio, |s| s.delay(Delay::Jitter, Statistic::P50))),
    (Kpi::RtpJitterP99, Traffic(Family::Audio, |s| s.delay(Delay::Jitter, Statistic::P99))),
    (Kpi::RtpJitterMax, Traffic(Family::Audio, |s| s.delay(Delay::Jitter, Statistic::Max))),
    (Kpi::MosMean, Traffic(Family::Audio, |s| s.counts.streams.mos_mean())),
    (Kpi::MosMin, Traffic(Family::Audio, |s| s.counts.streams.mos_least())),
    (
        Kpi::GeneratorCpu,
        Traffic(Family::Any, |s| s.health.and_then(|h| h.cpu.iter().copied().reduce(f64::max))),
    ),
    (Kpi::GeneratorStarved, Traffic(Family::Any, |s| s.health.and_then(|h| h.starved))),
    (Kpi::LoopLagP999, Traffic(Family::Any, |s| s.health.map(|h| h.loop_lag.as_secs()))),
    (Kpi::AudioLagP99, Traffic(Family::Audio, |s| s.health?.audio_lag.map(|lag| lag.as_secs()))),
    (Kpi::ReceiveOverflows, Traffic(Family::Any, |s| s.health.map(|h| h.overflows as f64))),
    (Kpi::SendFailures, Traffic(Family::Any, |s| s.health.map(|h| h.send_failures as f64))),
];

fn ratio(part: u64, of: u64) -> Option<f64> {
    share(part as f64, of as f64)
}

/// What is held against nothing was not observed.
fn share(part: f64, of: f64) -> Option<f64> {
    (of > 0.0).then_some(part / of)
}

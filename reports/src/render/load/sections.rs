//! The tables of a load run.

use super::{applies, figure};
use crate::render::words;
use crate::summary::Summary;
use crate::traffic::{Failure, Kinds, LoadReport, MessageKind};
use acd::kpi::Kpi;
use std::collections::BTreeMap;

/// A table: the first column is text, the others are numbers.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
    /// What the numbers rest on.
    pub(super) note: Option<String>,
}

/// Lines listed of one table by kind; `summary.json` has them all.
const KINDS_LISTED: usize = 12;

/// Returns every table that has something to say.
pub(super) fn sections(summary: &Summary, load: &LoadReport) -> Vec<Section> {
    let sections = [
        Some(calls(summary)),
        Some(delays(summary)),
        Some(ratios(summary)),
        failures("calls that failed", figure(summary, Kpi::Failed), &load.tables.calls),
        failures(
            "registrations that failed",
            figure(summary, Kpi::NotRegistered),
            &load.tables.registrations,
        ),
        messages(load),
        audio(summary, load),
        Some(generator(summary, load)),
    ];
    sections.into_iter().flatten().filter(|section| !section.rows.is_empty()).collect()
}

/// Writes a figure of the run; what was not observed says so.
fn cell(summary: &Summary, kpi: Kpi) -> String {
    figure(summary, kpi).map_or_else(|| "not observed".to_owned(), |v| words::value(kpi, v))
}

/// Rows of figures that have their place in this run.
fn rows(summary: &Summary, lines: &[(Kpi, &str)]) -> Vec<Vec<String>> {
    let present = lines.iter().filter(|(kpi, _)| applies(summary, *kpi));
    present.map(|(kpi, what)| vec![(*what).to_owned(), cell(summary, *kpi)]).collect()
}

fn calls(summary: &Summary) -> Section {
    let lines = [
        (Kpi::Placed, "calls placed"),
        (Kpi::PlacedPerS, "placed a second"),
        (Kpi::Established, "established"),
        (Kpi::EstablishedShare, "established ÷ placed"),
        (Kpi::Failed, "failed"),
        (Kpi::Completed, "ended as wanted, BYE answered"),
        (Kpi::Unfinished, "neither failed nor ended at the end"),
        (Kpi::Spoilt, "did not go as their flow wanted"),
        (Kpi::MissedArrivals, "due, but never started"),
        (Kpi::InProgressMax, "up at once, at most"),
        (Kpi::SdtMean, "mean duration (SDT)"),
        (Kpi::Registered, "registrations accepted"),
        (Kpi::NotRegistered, "registrations failed"),
        (Kpi::Pong, "OPTIONS answered"),
        (Kpi::NoPong, "OPTIONS never answered"),
    ];
    Section {
        title: "traffic",
        header: vec!["traffic", ""],
        rows: rows(summary, &lines),
        note: None,
    }
}

fn delays(summary: &Summary) -> Section {
    use Kpi::*;
    let lines = [
        ("answer, from due", [AnswerP50, AnswerP90, AnswerP95, AnswerP99, AnswerP999, AnswerMax]),
        (
            "answer, from send",
            [
                AnswerFromSendP50,
                AnswerFromSendP90,
                AnswerFromSendP95,
                AnswerFromSendP99,
                AnswerFromSendP999,
                AnswerFromSendMax,
            ],
        ),
        ("first status (SRD)", [SrdP50, SrdP90, SrdP95, SrdP99, SrdP999, SrdMax]),
        (
            "failure (SRD)",
            [SrdFailedP50, SrdFailedP90, SrdFailedP95, SrdFailedP99, SrdFailedP999, SrdFailedMax],
        ),
        ("hanging up (SDD)", [SddP50, SddP90, SddP95, SddP99, SddP999, SddMax]),
        ("registering (RRD)", [RrdP50, RrdP90, RrdP95, RrdP99, RrdP999, RrdMax]),
        ("OPTIONS", [OptionsP50, OptionsP90, OptionsP95, OptionsP99, OptionsP999, OptionsMax]),
        (
            "our own lateness",
            [StartLagP50, StartLagP90, StartLagP95, StartLagP99, StartLagP999, StartLagMax],
        ),
    ];
    let present = lines.iter().filter(|(_, kpis)| applies(summary, kpis[0]));
    let rows = present.map(|(what, kpis)| {
        let first = std::iter::once((*what).to_owned());
        if figure(summary, kpis[0]).is_none() {
            let others = std::iter::repeat_n(String::new(), kpis.len() - 1);
            return first.chain(["not observed".to_owned()]).chain(others).collect();
        }
        first.chain(kpis.iter().map(|kpi| cell(summary, *kpi))).collect()
    });
    Section {
        title: "delays",
        header: vec!["delays", "p50", "p90", "p95", "p99", "p99.9", "longest"],
        rows: rows.collect(),
        note: None,
    }
}

fn ratios(summary: &Summary) -> Section {
    let lines = [
        (Kpi::Ser, "session establishment (SER)"),
        (Kpi::Seer, "establishment effectiveness (SEER)"),
        (Kpi::Isa, "ineffective session attempts (ISA)"),
        (Kpi::Scr, "session completion (SCR)"),
        (Kpi::Ira, "ineffective registrations (IRA)"),
    ];
    Section {
        title: "ratios of RFC 6076",
        header: vec!["ratios of RFC 6076", ""],
        rows: rows(summary, &lines),
        note: None,
    }
}

fn failures(title: &'static str, failed: Option<f64>, reasons: &Kinds<Failure>) -> Option<Section> {
    let all = failed.filter(|all| *all > 0.0)?;
    let row = |what: String, count: u64| {
        let count = count as f64;
        let share = words::value(Kpi::EstablishedShare, count / all);
        vec![what, words::value(Kpi::Failed, count), share]
    };
    let frequent = reasons.most_frequent();
    let (listed, others) = frequent.split_at(frequent.len().min(KINDS_LISTED));
    let mut rows: Vec<_> = listed.iter().map(|(why, count)| row(reason(*why), *count)).collect();
    let others = others.iter().map(|(_, count)| count).sum::<u64>() + reasons.others();
    if others > 0 {
        rows.push(row("others".to_owned(), others));
    }
    Some(Section { title, header: vec![title, "number", "share"], rows, note: None })
}

/// Names a reason for people: `486 Busy Here`.
pub(super) fn reason(why: Failure) -> String {
    match why {
        Failure::Status(status) => format!("{status} {}", phrase(status)).trim_end().to_owned(),
        Failure::TimedOut => "no answer in time".to_owned(),
        Failure::Unreachable => "could not be sent".to_owned(),
        Failure::Withdrawn => "withdrawn by us".to_owned(),
    }
}

/// The usual phrase of a status (RFC 3261 §21); empty for a rare one.
fn phrase(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => "",
    }
}

fn messages(load: &LoadReport) -> Option<Section> {
    let tables = [&load.tables.repeated, &load.tables.repeats_came, &load.tables.unexpected];
    let mut kinds: BTreeMap<MessageKind, [u64; 3]> = BTreeMap::new();
    for (column, table) in tables.iter().enumerate() {
        for (kind, count) in table.iter() {
            kinds.entry(kind).or_default()[column] = count;
        }
    }
    let count = |count: u64| match count {
        0 => "–".to_owned(),
        count => words::value(Kpi::Retransmissions, count as f64),
    };
    let row = |name: String, counts: [u64; 3]| {
        std::iter::once(name).chain(counts.map(count)).collect::<Vec<_>>()
    };
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(kind, counts)| (std::cmp::Reverse(counts.iter().sum::<u64>()), *kind));
    let rest = kinds.split_off(kinds.len().min(KINDS_LISTED));
    let mut others = tables.map(|table| table.others());
    for (_, counts) in &rest {
        others.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let mut rows: Vec<_> =
        kinds.into_iter().map(|(kind, counts)| row(kind.to_string(), counts)).collect();
    if others.iter().any(|count| *count > 0) {
        rows.push(row("others".to_owned(), others));
    }
    (!rows.is_empty()).then(|| Section {
        title: "messages out of the ordinary",
        header: vec!["messages out of the ordinary", "sent again", "came again", "unexpected"],
        rows,
        note: None,
    })
}

fn audio(summary: &Summary, load: &LoadReport) -> Option<Section> {
    let lines = [
        (Kpi::RtpStreams, "streams"),
        (Kpi::RtpSilent, "streams in which nothing came"),
        (Kpi::RtpSent, "packets sent"),
        (Kpi::RtpReceived, "packets that came"),
        (Kpi::RtpLoss, "lost"),
        (Kpi::RtpDiscard, "too late for the buffer"),
        (Kpi::RtpJitterP50, "jitter, median over the streams"),
        (Kpi::RtpJitterP99, "jitter, 99% of the streams within"),
        (Kpi::MosMean, "estimated quality (MOS), mean"),
        (Kpi::MosMin, "estimated quality (MOS), worst stream"),
    ];
    applies(summary, Kpi::RtpStreams).then(|| Section {
        title: "audio",
        header: vec!["audio", ""],
        rows: rows(summary, &lines),
        note: load.model.map(|model| format!("MOS: {model}")),
    })
}

fn generator(summary: &Summary, load: &LoadReport) -> Section {
    let lines = [
        (Kpi::StartLagP99, "calls sent late, 99% within"),
        (Kpi::LoopLagP999, "loop late, 99.9% within"),
        (Kpi::AudioLagP99, "audio sent late, 99% within"),
        (Kpi::GeneratorCpu, "busiest thread, of one core"),
        (Kpi::GeneratorStarved, "wanted to run and was not let"),
        (Kpi::ReceiveOverflows, "datagrams lost unread"),
        (Kpi::SendFailures, "datagrams not sent"),
        (Kpi::Retransmissions, "messages sent again"),
        (Kpi::RetransmissionShare, "of all messages sent"),
    ];
    let mut rows = rows(summary, &lines);
    if load.health.cpu.len() > 1 {
        let threads: f64 = load.health.cpu.iter().sum();
        let all = format!("{} threads together, in cores", load.health.cpu.len());
        rows.push(vec![all, words::value(Kpi::PlacedPerS, threads)]);
    }
    Section {
        title: "the generator itself",
        header: vec!["the generator itself", ""],
        rows,
        note: None,
    }
}

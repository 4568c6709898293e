//! What a load run comes to, in words. Every number said here stands in a table, too.

use super::{applies, figure, sections::reason};
use crate::render::words;
use crate::summary::{IntervalFigures, Summary};
use crate::traffic::LoadReport;
use acd::kpi::Kpi;
use acd::{Duration, Timestamp};

/// How many reasons for failures are told in the sentence.
const REASONS_TOLD: usize = 3;

/// An interval stands out when its delays are so many times the usual ones.
const STANDS_OUT: f64 = 3.0;

/// Whether the run says anything about its target, why not, and what.
pub(super) struct Verdict {
    /// `VALID` or `INVALID`.
    pub(super) word: &'static str,
    /// What the word means.
    pub(super) meaning: &'static str,
    /// Why the run is invalid.
    pub(super) faults: Vec<String>,
    /// What was seen, in the order in which it should be read.
    pub(super) sentences: Vec<String>,
}

pub(super) fn verdict(summary: &Summary, load: &LoadReport) -> Verdict {
    let (word, meaning) = if summary.valid {
        ("VALID", "The generator was well: the figures are about the target.")
    } else {
        ("INVALID", "The generator was not well: nothing below is a finding about the target.")
    };
    let sentences = [
        traffic(summary, load),
        answers(summary),
        slowest(summary),
        failures(summary, load),
        fell_silent(summary),
        missed(summary),
        left_over(summary),
        registrations(summary),
        options(summary),
        repeats(summary),
        audio(summary),
    ];
    Verdict {
        word,
        meaning,
        faults: summary.faults().map(words::plain).collect(),
        sentences: sentences.into_iter().flatten().collect(),
    }
}

/// A count as text, when there is any.
fn some(summary: &Summary, kpi: Kpi) -> Option<String> {
    figure(summary, kpi).filter(|count| *count > 0.0).map(|count| words::value(kpi, count))
}

fn text(summary: &Summary, kpi: Kpi) -> Option<String> {
    figure(summary, kpi).map(|value| words::value(kpi, value))
}

/// What the target stood.
fn traffic(summary: &Summary, load: &LoadReport) -> Option<String> {
    if !applies(summary, Kpi::Placed) {
        return None;
    }
    let target = load.statement("target").map(words::plain);
    let target = target.unwrap_or_else(|| "the target".to_owned());
    let Some(placed) = some(summary, Kpi::Placed) else {
        return Some(format!("No call was placed to {target}."));
    };
    let rate = text(summary, Kpi::PlacedPerS).map(|rate| format!(", {rate} a second"));
    let at_once = some(summary, Kpi::InProgressMax);
    let at_once = at_once.map(|calls| format!(", at most {calls} up at once"));
    let established = text(summary, Kpi::Established).unwrap_or_default();
    let share = text(summary, Kpi::EstablishedShare).unwrap_or_default();
    Some(format!(
        "{placed} calls were placed to {target} in {}{}{}: {established} were established, {share}.",
        load.placing,
        rate.unwrap_or_default(),
        at_once.unwrap_or_default()
    ))
}

fn answers(summary: &Summary) -> Option<String> {
    if figure(summary, Kpi::Placed)? == 0.0 {
        return None;
    }
    let of = |kpi| text(summary, kpi);
    let found = (of(Kpi::AnswerP50), of(Kpi::AnswerP99), of(Kpi::AnswerMax));
    let (Some(half), Some(most), Some(longest)) = found else {
        return Some("No call was established, so no delay of an answer was observed.".to_owned());
    };
    Some(format!(
        "From the moment they were due, half of them were answered within {half}, 99% within {most}; the longest took {longest}."
    ))
}

/// Time since the run's beginning, as people write it: `1m30s`.
fn since(at: Timestamp) -> Duration {
    at.since(Timestamp::ZERO)
}

/// A count of an interval.
fn count(interval: &IntervalFigures, kpi: Kpi) -> f64 {
    interval.kpis.first().and_then(|all| all.figure(kpi, None)).map_or(0.0, |count| count.mean)
}

/// Names the slowest interval where it stands out: a run that is slow all the time has none.
fn slowest(summary: &Summary) -> Option<String> {
    let of = |interval: &IntervalFigures, kpi| {
        interval.kpis.first().and_then(|all| all.figure(kpi, None)).map(|found| found.mean)
    };
    let slow = |interval: &IntervalFigures| of(interval, Kpi::AnswerP99);
    let mut delays: Vec<f64> = summary.intervals().filter_map(|i| slow(&i)).collect();
    delays.sort_by(f64::total_cmp);
    let (usual, most) = (*delays.get(delays.len() / 2)?, *delays.last()?);
    if delays.len() < 3 || most < STANDS_OUT * usual {
        return None;
    }
    let worst = summary.intervals().find(|interval| slow(interval) == Some(most))?;
    let half = of(&worst, Kpi::AnswerP50)?;
    let (half, most) = (words::delay(half), words::delay(most));
    let (from, to) = (since(worst.start), since(worst.end?));
    let usual = words::delay(usual);
    Some(format!(
        "It was slowest from {from} to {to}: half within {half}, 99% within {most}; in an interval like most, 99% within {usual}."
    ))
}

/// Says when a target stopped answering, if it did and more was asked of it.
fn fell_silent(summary: &Summary) -> Option<String> {
    let intervals: Vec<IntervalFigures> = summary.intervals().collect();
    let last = intervals.iter().rposition(|interval| count(interval, Kpi::Established) > 0.0)?;
    let after = &intervals[last + 1..];
    let placed: f64 = after.iter().map(|interval| count(interval, Kpi::Placed)).sum();
    let failed: f64 = after.iter().map(|interval| count(interval, Kpi::Failed)).sum();
    if placed == 0.0 || failed < placed {
        return None;
    }
    let (from, placed) = (since(intervals[last].end?), words::value(Kpi::Placed, placed));
    Some(format!("From {from} on, none of {placed} further calls was established."))
}

fn failures(summary: &Summary, load: &LoadReport) -> Option<String> {
    let failed = some(summary, Kpi::Failed)?;
    let reasons = load.tables.calls.most_frequent();
    let mut told: Vec<String> = reasons
        .iter()
        .take(REASONS_TOLD)
        .map(|(why, count)| {
            format!("{} with “{}”", words::value(Kpi::Failed, *count as f64), reason(*why))
        })
        .collect();
    let others = reasons.iter().skip(REASONS_TOLD).map(|(_, count)| count).sum::<u64>()
        + load.tables.calls.others();
    if others > 0 {
        told.push(format!("{} for other reasons", words::value(Kpi::Failed, others as f64)));
    }
    Some(match (reasons.as_slice(), others) {
        ([(why, _)], 0) => format!("{failed} failed, all with “{}”.", reason(*why)),
        (_, _) => format!("{failed} failed: {}.", words::list(&told)),
    })
}

fn missed(summary: &Summary) -> Option<String> {
    let missed = some(summary, Kpi::MissedArrivals)?;
    Some(format!("{missed} more were due but never started: the load was lower than asked for."))
}

fn left_over(summary: &Summary) -> Option<String> {
    let parts: Vec<String> = [
        (Kpi::Spoilt, "did not go as their flow wanted"),
        (Kpi::Unfinished, "had neither failed nor ended when the run was over"),
    ]
    .into_iter()
    // That failed calls did not go as wanted goes without saying.
    .filter(|(kpi, _)| *kpi != Kpi::Spoilt || figure(summary, *kpi) != figure(summary, Kpi::Failed))
    .filter_map(|(kpi, what)| some(summary, kpi).map(|count| format!("{count} {what}")))
    .collect();
    (!parts.is_empty()).then(|| format!("Of the calls placed, {}.", words::list(&parts)))
}

fn registrations(summary: &Summary) -> Option<String> {
    let accepted = text(summary, Kpi::Registered)?;
    let failed = text(summary, Kpi::NotRegistered)?;
    let delays = text(summary, Kpi::RrdP50).zip(text(summary, Kpi::RrdP99));
    let delays = delays.map(|(half, most)| format!(", half within {half}, 99% within {most}"));
    let delays = delays.unwrap_or_default();
    Some(format!("{accepted} registrations were accepted{delays}; {failed} failed."))
}

fn options(summary: &Summary) -> Option<String> {
    let answered = text(summary, Kpi::Pong)?;
    let silent = text(summary, Kpi::NoPong)?;
    let delays = text(summary, Kpi::OptionsP50).zip(text(summary, Kpi::OptionsP99));
    let delays = delays.map(|(half, most)| format!(", half within {half}, 99% within {most}"));
    let delays = delays.unwrap_or_default();
    Some(format!("{answered} OPTIONS were answered{delays}; {silent} never were."))
}

fn repeats(summary: &Summary) -> Option<String> {
    let parts: Vec<String> = [
        (Kpi::Retransmissions, "were sent again"),
        (Kpi::RepeatsCame, "came again"),
        (Kpi::Unexpected, "came that no call expected"),
    ]
    .into_iter()
    .filter_map(|(kpi, what)| some(summary, kpi).map(|count| format!("{count} {what}")))
    .collect();
    (!parts.is_empty()).then(|| format!("Of messages, {}.", words::list(&parts)))
}

fn audio(summary: &Summary) -> Option<String> {
    let streams = some(summary, Kpi::RtpStreams)?;
    let silent = some(summary, Kpi::RtpSilent).map(|count| format!("; nothing came in {count}"));
    let heard = text(summary, Kpi::RtpLoss).zip(text(summary, Kpi::MosMean));
    let heard = heard.map(|(loss, mos)| {
        let worst = text(summary, Kpi::MosMin).unwrap_or_default();
        format!(": {loss} of their packets were lost, estimated MOS {mos}, {worst} at worst")
    });
    let heard = heard.unwrap_or_else(|| ": no quality was observed".to_owned());
    Some(format!("{streams} streams of audio were held{heard}{}.", silent.unwrap_or_default()))
}

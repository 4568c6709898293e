//! The summary on the terminal: the verdict first, then the tables its numbers come from. Fits 80 columns, needs no colour.

use super::page::Page;
use super::verdict::{QueueVerdict, Verdict, verdict};
use super::{scope_name, words};
use crate::Context;
use crate::summary::{ScopeFigures, Summary};
use acd::kpi::{Kpi, Scope, Selector};

/// The most queues, groups and missed intervals listed one by one; the files have them all.
const LINES_MAX: usize = 12;
/// The most missed intervals listed for one queue, where up to two miss some and where more do.
const MISSED_MAX: [usize; 2] = [5, 3];

/// Writes the summary of a centre for a terminal, ending in a newline.
pub(super) fn terminal(context: &Context, summary: &Summary) -> String {
    let verdict = verdict(context, summary);
    let mut page = Page::default();
    page.wrapped(&words::plain(&context.title), "", "");
    if !context.question.is_empty() {
        page.wrapped(&words::plain(&context.question), "", "");
    }
    page.gap();
    write_verdict(&mut page, &verdict);
    write_queues(&mut page, summary, &verdict);
    write_missed(&mut page, &verdict);
    write_calls(&mut page, summary, &verdict);
    write_agents(&mut page, context, summary);
    write_laws(&mut page, summary);
    write_gate(&mut page, summary);
    write_method(&mut page, context, summary);
    page.text
}

fn write_verdict(page: &mut Page, verdict: &Verdict) {
    if verdict.queues.is_empty() {
        page.wrapped("No queue has a target, so there is nothing to meet or miss.", "", "");
    }
    for queue in verdict.queues.iter().take(LINES_MAX) {
        page.wrapped(&queue.sentence, &format!("{:<11}", queue.standing.word()), &" ".repeat(11));
    }
    page.left_out(verdict.queues.len());
    page.gap();
    for sentence in &verdict.sentences {
        page.wrapped(sentence, "* ", "  ");
    }
    page.gap();
}

/// Writes a figure of a scope as text; empty where there is none.
fn cell(scope: Option<&ScopeFigures>, kpi: Kpi) -> String {
    let Some(line) = scope.and_then(|scope| scope.line(kpi, None)) else {
        let estimate = scope.and_then(|scope| scope.figure(kpi, None));
        return estimate.map(|estimate| words::estimate(kpi, estimate)).unwrap_or_default();
    };
    match line.estimate {
        Some(estimate) => words::estimate(kpi, estimate),
        None => "not observed".to_owned(),
    }
}

fn write_queues(page: &mut Page, summary: &Summary, verdict: &Verdict) {
    let header = ["queue", "target", "service level", "abandonment", "intervals met"];
    let mut rows = vec![header.map(str::to_owned)];
    for queue in verdict.queues.iter().take(LINES_MAX) {
        let scope = summary.scope(Selector::of(Scope::Queue(queue.queue)));
        rows.push([
            queue.name.clone(),
            words::target(queue.target),
            cell(scope, Kpi::ServiceLevel),
            cell(scope, Kpi::AbandonmentRate),
            cell(scope, Kpi::IntervalsMet),
        ]);
    }
    let all = summary.scope(Selector::ALL);
    rows.push([
        "all".to_owned(),
        common_target(verdict),
        cell(all, Kpi::ServiceLevel),
        cell(all, Kpi::AbandonmentRate),
        cell(all, Kpi::IntervalsMet),
    ]);
    page.table(&rows, 2);
    page.gap();
}

/// The target of every queue, where they share one.
fn common_target(verdict: &Verdict) -> String {
    match verdict.queues.split_first() {
        None => String::new(),
        Some((first, others)) if others.iter().all(|queue| queue.target == first.target) => {
            words::target(first.target)
        }
        Some(_) => "each its own".to_owned(),
    }
}

fn write_missed(page: &mut Page, verdict: &Verdict) {
    let missing = || verdict.queues.iter().filter(|queue| !queue.missed.is_empty());
    for QueueVerdict { name, target, missed, intervals, .. } in missing().take(LINES_MAX) {
        let (count, target) = (missed.len(), words::target(*target));
        page.wrapped(&format!("{name}: {count} of {intervals} intervals miss {target}"), "", "");
        let header = ["lowest first", "service level", "abandonment", "mean wait", "offered"];
        let mut rows = vec![header.map(str::to_owned)];
        for interval in missed.iter().take(MISSED_MAX[usize::from(missing().count() > 2)]) {
            let text = |kpi, estimate: Option<_>| {
                estimate.map(|estimate| words::estimate(kpi, estimate)).unwrap_or_default()
            };
            let mean = |kpi, estimate: Option<crate::Estimate>| {
                estimate.map(|estimate| words::value(kpi, estimate.mean)).unwrap_or_default()
            };
            rows.push([
                interval.clock.clone(),
                words::estimate(Kpi::ServiceLevel, interval.level),
                text(Kpi::AbandonmentRate, interval.abandonment_rate),
                mean(Kpi::MeanWait, interval.mean_wait),
                mean(Kpi::Offered, interval.offered),
            ]);
        }
        page.table(&rows, 2);
        page.gap();
    }
    page.left_out(missing().count());
}

/// What the table of all calls shows, in this order; lines that are zero are left out, but for the first ones.
const CALLS: [(Kpi, &str, bool); 19] = [
    (Kpi::UniqueCallers, "callers", true),
    (Kpi::Attempts, "attempts", true),
    (Kpi::Offered, "offered", true),
    (Kpi::Answered, "answered", true),
    (Kpi::Abandoned, "abandoned", true),
    (Kpi::AbandonmentRate, "abandonment", true),
    (Kpi::Asa, "average speed of answer", true),
    (Kpi::WaitP90, "90% are answered within", true),
    (Kpi::Redials, "redials", false),
    (Kpi::GaveUp, "gave up for good", false),
    (Kpi::LostToClose, "would call after the close", false),
    (Kpi::Contained, "served by the IVR", false),
    (Kpi::BlockRate, "found no line", false),
    (Kpi::RefusedFull, "refused by a full queue", false),
    (Kpi::TimedOut, "waited too long", false),
    (Kpi::CallbackListed, "callbacks listed", false),
    (Kpi::Cut, "cut while waiting", false),
    (Kpi::CutInTalk, "cut while talking", false),
    (Kpi::ClosedOut, "sent away at close", false),
];

fn write_calls(page: &mut Page, summary: &Summary, verdict: &Verdict) {
    let all = summary.scope(Selector::ALL);
    let mut rows = vec![["calls, per replication".to_owned(), String::new()]];
    for (kpi, what, always) in CALLS {
        let is_some = all.and_then(|all| all.figure(kpi, None)).is_some_and(|e| e.mean > 0.0);
        let text = cell(all, kpi);
        if is_some || always && !text.is_empty() {
            rows.push([what.to_owned(), text]);
        }
    }
    let abandonment = &verdict.abandonment;
    let split = [
        ("abandonment, intervals below target", abandonment.where_missed()),
        ("abandonment, intervals at target", abandonment.where_met()),
    ];
    for (what, rate) in split {
        if let Some(rate) = rate {
            rows.push([what.to_owned(), words::value(Kpi::AbandonmentRate, rate)]);
        }
    }
    page.table(&rows, 1);
    page.gap();
}

fn write_agents(page: &mut Page, context: &Context, summary: &Summary) {
    let is_of_agents = |scope: &&ScopeFigures| match scope.selector.scope {
        Scope::All => scope.selector.attempt.is_none(),
        Scope::Agents(_) => true,
        Scope::Queue(_) | Scope::Contact(_) | Scope::Site(_) | Scope::ContactAgents(..) => false,
    };
    let header = ["agents", "occupancy", "handling time", "mean busy", "nobody ready"];
    let mut rows = vec![header.map(str::to_owned)];
    for scope in summary.kpis.iter().filter(is_of_agents).take(LINES_MAX + 1) {
        rows.push([
            words::plain(&scope_name(context, scope.selector.scope)),
            cell(Some(scope), Kpi::Occupancy),
            cell(Some(scope), Kpi::Aht),
            scope
                .figure(Kpi::MeanBusy, None)
                .map_or(String::new(), |e| words::value(Kpi::MeanBusy, e.mean)),
            scope
                .figure(Kpi::AllBusyShare, None)
                .map_or(String::new(), |e| words::value(Kpi::AllBusyShare, e.mean)),
        ]);
    }
    page.table(&rows, 1);
    page.left_out(context.groups.len());
    page.gap();
}

fn write_laws(page: &mut Page, summary: &Summary) {
    for law in &summary.laws.broken {
        page.wrapped(&format!("law broken: {}", words::plain(law)), "", "  ");
    }
}

/// Writes how the rules of the gate came out.
pub(super) fn write_gate(page: &mut Page, summary: &Summary) {
    if summary.gate.is_empty() {
        return;
    }
    page.line("gate");
    for rule in &summary.gate {
        let word = if rule.passed { "  pass  " } else { "  FAIL  " };
        let reason = match (&rule.reason, rule.value) {
            (Some(reason), _) => format!(": {reason}"),
            (None, Some(value)) => format!(": it is {}", words::value(rule.kpi, value)),
            (None, None) => String::new(),
        };
        page.wrapped(&format!("{}{reason}", words::plain(&rule.text)), word, "        ");
    }
    page.gap();
}

fn write_method(page: &mut Page, context: &Context, summary: &Summary) {
    let replications = match summary.replications {
        1 => "1 replication, which has no interval of confidence".to_owned(),
        n => format!("{n} replications, 95% confidence in brackets"),
    };
    let (seed, hash, version) = (context.seed, words::plain(&context.hash), summary.version);
    page.wrapped(
        &format!("{replications}; seed {seed}, scenario {hash}, callstorm {version}"),
        "",
        "",
    );
    if let Some(service) = summary.scope(Selector::ALL).and_then(|all| all.service.as_ref()) {
        let name = service.definition.name();
        page.wrapped(&format!("service level is `{name}`; summary.json has all five"), "", "");
    }
    page.line(&format!("reproduce with: {}", words::plain(&context.reproduce)));
}

impl Page {
    /// Says that not everything is listed.
    fn left_out(&mut self, count: usize) {
        if count > LINES_MAX {
            self.line(&format!("… and {} more in summary.json", count - LINES_MAX));
        }
    }
}

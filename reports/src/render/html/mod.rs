//! `report.html`: one file that needs nothing else. The verdict, the charts, the tables, how it was made.

#[cfg(feature = "charts")]
pub(super) mod charts;
#[cfg(feature = "charts")]
pub(super) mod plot;
pub(super) mod tables;

use super::verdict::verdict;
use super::words::{self, escape};
use crate::Context;
use crate::summary::Summary;
use acd::kpi::Selector;

/// The most queues listed in the verdict.
const QUEUES_MAX: usize = 12;

const STYLE: &str = include_str!("page.css");

/// Writes the report of a centre.
pub(super) fn html(context: &Context, summary: &Summary) -> String {
    document(&context.title, |page| {
        write_head(page, context, summary);
        #[cfg(feature = "charts")]
        charts::write(page, context, summary);
        tables::write(page, context, summary);
        write_method(page, context, summary);
    })
}

/// Writes a page that needs nothing else around its content.
pub(super) fn document(title: &str, content: impl FnOnce(&mut String)) -> String {
    let title = escape(title);
    let mut page = String::with_capacity(64 * 1024);
    page.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    page.push_str(&format!(
        "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    ));
    content(&mut page);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// The title, the question, the verdict and the gate.
fn write_head(page: &mut String, context: &Context, summary: &Summary) {
    let verdict = verdict(context, summary);
    page.push_str(&format!("<header>\n<h1>{}</h1>\n", escape(&context.title)));
    if !context.question.is_empty() {
        page.push_str(&format!("<p class=\"question\">{}</p>\n", escape(&context.question)));
    }
    page.push_str("</header>\n<section class=\"verdict\">\n");
    let word = if summary.valid { verdict.word() } else { "INVALID" };
    page.push_str(&format!(
        "<p class=\"word {}\">{word}</p>\n<ul class=\"queues\">\n",
        class(word)
    ));
    for queue in verdict.queues.iter().take(QUEUES_MAX) {
        let word = queue.standing.word();
        let sentence = escape(&queue.sentence);
        page.push_str(&format!("<li><b class=\"{}\">{word}</b> {sentence}</li>\n", class(word)));
    }
    if let Some(more @ 1..) = verdict.queues.len().checked_sub(QUEUES_MAX) {
        page.push_str(&format!(
            "<li>… and {more} more queues in <code>summary.json</code>.</li>\n"
        ));
    }
    page.push_str("</ul>\n");
    if verdict.queues.is_empty() {
        page.push_str("<p>No queue has a target, so there is nothing to meet or miss.</p>\n");
    }
    page.push_str("<ul>\n");
    for sentence in &verdict.sentences {
        page.push_str(&format!("<li>{}</li>\n", escape(sentence)));
    }
    page.push_str("</ul>\n</section>\n");
    write_gate(page, summary);
}

fn class(word: &str) -> &'static str {
    match word {
        "MET" => "good",
        "MISSED" | "INVALID" => "bad",
        "UNCERTAIN" => "unsure",
        _ => "none",
    }
}

/// Writes how the rules of the gate came out.
pub(super) fn write_gate(page: &mut String, summary: &Summary) {
    if summary.gate.is_empty() {
        return;
    }
    page.push_str("<section>\n<h2>Gate</h2>\n<ul class=\"gate\">\n");
    for rule in &summary.gate {
        let (class, word) = if rule.passed { ("good", "pass") } else { ("bad", "FAIL") };
        let reason = match (&rule.reason, rule.value) {
            (Some(reason), _) => format!(": {}", escape(reason)),
            (None, Some(value)) => format!(": it is {}", words::value(rule.kpi, value)),
            (None, None) => String::new(),
        };
        let text = escape(&rule.text);
        page.push_str(&format!(
            "<li><b class=\"{class}\">{word}</b> <code>{text}</code>{reason}</li>\n"
        ));
    }
    page.push_str("</ul>\n</section>\n");
}

/// What one needs to get the same numbers again.
fn write_method(page: &mut String, context: &Context, summary: &Summary) {
    let definition = summary
        .scope(Selector::ALL)
        .and_then(|all| all.service.as_ref())
        .map_or("none: no queue has a time to serve within", |service| service.definition.name());
    let start = context.start.clone().unwrap_or_else(|| "midnight of no day".to_owned());
    let rows = [
        ("scenario", format!("{} ({})", context.file, context.hash)),
        ("begins", start),
        ("length", format!("{}, in intervals of {}", context.length, context.interval)),
        ("warm-up", context.warm_up.to_string()),
        ("mode", context.mode.to_owned()),
        ("seed", context.seed.to_string()),
        ("replications", summary.replications.to_string()),
        ("service level", definition.to_owned()),
        ("laws", laws(summary)),
        ("version", format!("callstorm {}", summary.version)),
    ];
    page.push_str("<section class=\"method\">\n<h2>How this was made</h2>\n<dl>\n");
    for (what, value) in rows {
        page.push_str(&format!("<dt>{what}</dt><dd>{}</dd>\n", escape(&value)));
    }
    page.push_str("</dl>\n<p>Counts are means per replication, ratios are ratios of totals. In brackets: 95% ");
    page.push_str("confidence. A call counts in the interval in which it was offered; states by the clock.</p>\n");
    write_reproduce(page, context);
    page.push_str("</section>\n");
}

/// Writes the command that does it again.
pub(super) fn write_reproduce(page: &mut String, context: &Context) {
    let reproduce = escape(&words::plain(&context.reproduce));
    page.push_str(&format!("<p>To reproduce it:</p>\n<pre><code>{reproduce}</code></pre>\n"));
}

fn laws(summary: &Summary) -> String {
    let checked = format!("checked {} times", summary.laws.checked);
    match summary.laws.broken.as_slice() {
        [] => format!("{checked}, none broken"),
        broken => format!("{checked}; BROKEN: {}", broken.join("; ")),
    }
}

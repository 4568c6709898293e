//! The page of a load run: whether it holds, what the target did, the charts, the tables, how it was made.

use super::sections::{Section, sections};
use super::verdict::verdict;
use crate::Context;
use crate::render::html::{document, write_gate, write_reproduce};
use crate::render::words::{self, escape};
use crate::render::{clock, html::tables};
use crate::summary::{IntervalFigures, Summary};
use crate::traffic::LoadReport;
use acd::kpi::{Kpi, Selector};

/// Writes the report as one self-contained page.
pub(in crate::render) fn html(context: &Context, summary: &Summary, load: &LoadReport) -> String {
    document(&context.title, |page| {
        write_head(page, context, summary, load);
        #[cfg(feature = "charts")]
        super::charts::write(page, context, summary, load);
        page.push_str("<section>\n<h2>The whole run</h2>\n<div class=\"cards\">\n");
        for section in sections(summary, load) {
            write_section(page, section);
        }
        page.push_str("</div>\n</section>\n");
        write_intervals(page, context, summary, load);
        page.push_str("<section>\n<h2>All figures</h2>\n<details>\n<summary>By key</summary>\n");
        let all: Vec<_> = summary.scope(Selector::ALL).into_iter().collect();
        tables::write_table(page, &["the run".to_owned()], &all);
        page.push_str("</details>\n</section>\n");
        write_method(page, context, summary, load);
    })
}

fn write_head(page: &mut String, context: &Context, summary: &Summary, load: &LoadReport) {
    let verdict = verdict(summary, load);
    page.push_str(&format!("<header>\n<h1>{}</h1>\n", escape(&context.title)));
    if !context.question.is_empty() {
        page.push_str(&format!("<p class=\"question\">{}</p>\n", escape(&context.question)));
    }
    let class = if summary.valid { "good" } else { "bad" };
    let (word, meaning) = (verdict.word, verdict.meaning);
    page.push_str("</header>\n<section class=\"verdict\">\n");
    page.push_str(&format!("<p class=\"word {class}\">{word}</p>\n<p>{meaning}</p>\n"));
    list(page, "bad", &verdict.faults);
    list(page, "", &verdict.sentences);
    page.push_str("</section>\n");
    write_gate(page, summary);
}

fn list(page: &mut String, class: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    page.push_str(&format!("<ul class=\"{class}\">\n"));
    for item in items {
        page.push_str(&format!("<li>{}</li>\n", escape(item)));
    }
    page.push_str("</ul>\n");
}

fn write_section(page: &mut String, section: Section) {
    let wide = if section.header.len() > 4 { " class=\"whole\"" } else { "" };
    page.push_str(&format!("<div{wide}>\n<h3>{}</h3>\n", escape(&capitalised(section.title))));
    page.push_str("<div class=\"scroll\"><table>\n");
    if section.header.iter().skip(1).any(|name| !name.is_empty()) {
        page.push_str("<thead><tr><th></th>");
        for name in &section.header[1..] {
            page.push_str(&format!("<th>{name}</th>"));
        }
        page.push_str("</tr></thead>\n");
    }
    page.push_str("<tbody>\n");
    for row in &section.rows {
        let mut cells = row.iter();
        let first = cells.next().map(|cell| escape(cell)).unwrap_or_default();
        page.push_str(&format!("<tr><th scope=\"row\">{first}</th>"));
        cells.for_each(|cell| page.push_str(&format!("<td>{}</td>", escape(cell))));
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
    if let Some(note) = &section.note {
        page.push_str(&format!("<p class=\"note\">{}</p>\n", escape(note)));
    }
    page.push_str("</div>\n");
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// What the table of intervals shows, where it has its place in the run.
const BY_INTERVAL: [(Kpi, &str); 13] = [
    (Kpi::Placed, "placed"),
    (Kpi::Established, "established"),
    (Kpi::Failed, "failed"),
    (Kpi::MissedArrivals, "missed"),
    (Kpi::InProgressMax, "up at once"),
    (Kpi::AnswerP50, "answer p50"),
    (Kpi::AnswerP99, "answer p99"),
    (Kpi::StartLagP99, "our lateness p99"),
    (Kpi::Registered, "registered"),
    (Kpi::NotRegistered, "not registered"),
    (Kpi::Pong, "OPTIONS answered"),
    (Kpi::Retransmissions, "sent again"),
    (Kpi::MosMean, "MOS"),
];

fn write_intervals(page: &mut String, context: &Context, summary: &Summary, load: &LoadReport) {
    let columns: Vec<_> =
        BY_INTERVAL.into_iter().filter(|(kpi, _)| super::applies(summary, *kpi)).collect();
    let interval = load.interval;
    page.push_str("<section>\n<h2>Interval by interval</h2>\n<details>\n");
    page.push_str(&format!("<summary>Every {interval}</summary>\n<div class=\"scroll\"><table>\n"));
    page.push_str("<thead><tr><th>from</th>");
    for (kpi, name) in &columns {
        page.push_str(&format!("<th title=\"{}\">{name}</th>", escape(kpi.meaning())));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for IntervalFigures { start, kpis, .. } in summary.intervals() {
        page.push_str(&format!("<tr><th scope=\"row\">{}</th>", clock(context, start)));
        let all = kpis.first();
        for (kpi, _) in &columns {
            let figure = all.and_then(|all| all.figure(*kpi, None));
            // Where nothing was seen in an interval, a word in every cell would hide what was.
            let text = figure.map_or_else(|| "–".to_owned(), |e| words::value(*kpi, e.mean));
            page.push_str(&format!("<td>{text}</td>"));
        }
        page.push_str("</tr>\n");
    }
    page.push_str(
        "</tbody>\n</table></div>\n<p class=\"note\">–: not observed in that interval.</p>\n",
    );
    page.push_str("</details>\n</section>\n");
}

fn write_method(page: &mut String, context: &Context, summary: &Summary, load: &LoadReport) {
    let file = (!context.file.is_empty())
        .then(|| ("file", format!("{} ({})", context.file, context.hash)));
    let begins = context.start.clone().map(|start| ("begins", start));
    let rows = [
        ("calls placed for", load.placing.to_string()),
        ("over after", format!("{}, in intervals of {}", load.end, load.interval)),
        ("seed", context.seed.to_string()),
        ("version", format!("callstorm {}", summary.version)),
    ];
    page.push_str("<section class=\"method\">\n<h2>How this was made</h2>\n<dl>\n");
    let stated = load.statements.iter().map(|(what, value)| (what.as_str(), value.clone()));
    for (what, value) in stated.chain(file).chain(begins).chain(rows) {
        let (what, value) = (escape(what), escape(&value));
        page.push_str(&format!("<dt>{what}</dt><dd>{value}</dd>\n"));
    }
    page.push_str("</dl>\n<p>Delays “from due” run from the moment a call was to begin, whatever held the generator up; ");
    page.push_str("those “from send” from the first INVITE. Ratios are those of RFC 6076. Counts and delays of an interval ");
    page.push_str("are of what happened in it.</p>\n");
    write_reproduce(page, context);
    page.push_str("</section>\n");
}

//! The summary of a load run on the terminal: whether it holds, what the target did, then the tables.

use super::sections::{Section, sections};
use super::verdict::verdict;
use crate::Context;
use crate::render::page::Page;
use crate::render::terminal::write_gate;
use crate::render::words;
use crate::summary::Summary;
use crate::traffic::LoadReport;

/// Writes the summary for a terminal, ending in a newline.
pub(in crate::render) fn terminal(
    context: &Context,
    summary: &Summary,
    load: &LoadReport,
) -> String {
    let mut page = Page::default();
    page.wrapped(&words::plain(&context.title), "", "");
    if !context.question.is_empty() {
        page.wrapped(&words::plain(&context.question), "", "");
    }
    page.gap();
    let verdict = verdict(summary, load);
    let indent = " ".repeat(verdict.word.len() + 2);
    page.wrapped(verdict.meaning, &format!("{}  ", verdict.word), &indent);
    for fault in &verdict.faults {
        page.wrapped(fault, &format!("{indent}- "), &format!("{indent}  "));
    }
    page.gap();
    for sentence in &verdict.sentences {
        page.wrapped(sentence, "* ", "  ");
    }
    page.gap();
    for section in sections(summary, load) {
        write_section(&mut page, section);
    }
    write_gate(&mut page, summary);
    write_method(&mut page, context, summary, load);
    page.text
}

fn write_section(page: &mut Page, section: Section) {
    let header: Vec<String> = section.header.into_iter().map(str::to_owned).collect();
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(section.rows).collect();
    page.table(&rows, 1);
    if let Some(note) = section.note {
        page.wrapped(&note, "", "");
    }
    page.gap();
}

fn write_method(page: &mut Page, context: &Context, summary: &Summary, load: &LoadReport) {
    for (what, value) in &load.statements {
        let (what, value) = (words::plain(what), words::plain(value));
        page.wrapped(&value, &format!("{what}: "), "  ");
    }
    let (seed, version) = (context.seed, summary.version);
    let (end, interval) = (load.end, load.interval);
    page.wrapped(
        &format!("over after {end}, in intervals of {interval}; seed {seed}, callstorm {version}"),
        "",
        "",
    );
    page.line(&format!("reproduce with: {}", words::plain(&context.reproduce)));
}

//! The report of a run, simulated or live: files, summary, exit code.

use crate::exit::{Exit, Failure};
use crate::folder::{self, Folder};
use crate::say;
use reports::{Context, Summary, render};
use std::path::Path;

/// Writes the files, puts the folder in its place, and prints the summary.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(
    context: &Context,
    summary: &Summary,
    folder: Folder,
    junit: Option<&Path>,
    is_quiet: bool,
) -> Result<(), Failure> {
    folder.write("summary.json", |to| render::write_json(context, summary, to))?;
    folder.write("intervals.csv", |to| render::write_intervals_csv(context, summary, to))?;
    folder.write("report.html", |to| to.write_all(render::html(context, summary).as_bytes()))?;
    let target = folder.target().to_owned();
    folder.finish()?;
    if let Some(path) = junit {
        folder::write_xml(path, &render::junit(context, summary))?;
    }
    if !is_quiet {
        say::talk(&format!("report: {}\n", target.join("report.html").display()));
    }
    say::data(&render::terminal(context, summary))
}

/// A broken law or an unwell generator makes every number worthless; an interrupted run has judged only a part.
pub(crate) fn exit(summary: &Summary, was_interrupted: bool) -> Exit {
    let has_crossed = summary.gate.iter().any(|rule| !rule.passed);
    match (summary.faults().next().is_none(), was_interrupted, has_crossed) {
        (false, _, _) => Exit::Invalid,
        (true, true, _) => Exit::Interrupted,
        (true, false, true) => Exit::GateCrossed,
        (true, false, false) => Exit::Ok,
    }
}

//! `callstorm lint`: what the RFCs say of a capture.

use crate::arguments::LintArguments;
use crate::exit::{Exit, Failure};
use crate::say;
use sip::lint::capture::{CaptureFault, Packets, read};
use sip::lint::{Counters, Finding, Lint, Options, rules};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Findings shown of each rule without `--all`.
const SHOWN_OF_A_RULE: usize = 3;

/// Checks a capture, or lists the rules.
pub(crate) fn run(arguments: &LintArguments) -> Result<Exit, Failure> {
    let Some(path) = &arguments.capture else {
        say::data(&list())?;
        return Ok(Exit::Ok);
    };
    let file = File::open(path).map_err(|error| Failure::BadInput(unreadable(path, &error)))?;
    let mut lint = Lint::new(Options {
        is_whole: arguments.whole,
        is_lossless: arguments.lossless,
        ours: arguments.ours.clone(),
        ..Options::default()
    });
    let packets = read(BufReader::new(file), &mut lint).map_err(|fault| failure(path, &fault))?;
    let findings = lint.finish();
    let counters = lint.counters();
    say::talk(&summary(packets, counters, findings.len()));
    say::data(&told(&findings, arguments.all))?;
    Ok(if findings.is_empty() { Exit::Ok } else { Exit::GateCrossed })
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> String {
    format!("error: cannot read `{}`: {why}", path.display())
}

fn failure(path: &Path, fault: &CaptureFault) -> Failure {
    let text = unreadable(path, fault);
    match fault {
        CaptureFault::Read(_) => Failure::Machine(text),
        CaptureFault::NotACapture
        | CaptureFault::Length { .. }
        | CaptureFault::Interface { .. }
        | CaptureFault::Link { .. } => Failure::BadInput(text),
    }
}

/// The rules, one a line.
fn list() -> String {
    rules().fold(String::new(), |mut text, rule| {
        writeln!(text, "{:24} {:22} {}", rule.id, rule.source, rule.expects)
            .expect("a string takes all");
        text
    })
}

/// What was read, and what of it was not looked at.
fn summary(packets: Packets, counters: Counters, findings: usize) -> String {
    let Packets { all, cut, fragments, ends_early, .. } = packets;
    let Counters { messages, media, calls, findings_left_out, .. } = counters;
    let mut text = format!(
        "{all} packets: {messages} SIP messages of {calls} Call-IDs, {media} RTP packets; {} findings",
        findings as u64 + findings_left_out
    );
    let notes = [
        (cut, "packets cut by the snap length were skipped"),
        (fragments, "IP fragments were skipped"),
        (findings_left_out, "findings are not shown"),
        (u64::from(ends_early), "record at the end is incomplete"),
    ];
    for (count, what) in notes.into_iter().filter(|(count, _)| *count > 0) {
        write!(text, "\nnote: {count} {what}").expect("a string takes all");
    }
    text
}

/// The findings in the order of their packets, of each rule the first ones.
fn told(findings: &[Finding], all: bool) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut text = String::new();
    for finding in findings {
        let count = counts.entry(finding.rule).or_default();
        *count += 1;
        if all || *count <= SHOWN_OF_A_RULE {
            writeln!(text, "{finding}\n").expect("a string takes all");
        }
    }
    for (rule, count) in counts.iter().filter(|(_, count)| !all && **count > SHOWN_OF_A_RULE) {
        let more = count - SHOWN_OF_A_RULE;
        writeln!(text, "{rule}: {more} more; --all shows them").expect("a string takes all");
    }
    text
}

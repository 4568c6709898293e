//! `callstorm run`: a scenario, simulated and reported on.

use crate::arguments::RunArguments;
use crate::exit::{Exit, Failure};
use crate::folder::{self, Folder};
use crate::interrupt::{self, Stop};
use crate::library::Source;
use crate::progress::Progress;
use crate::report;
use reports::{Context, Estimates, LawsChecked, Summary};
use scenarios::{LoadOptions, Scenario};
use sim::{Decisions, Options, Replication, SimError};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// The logs of single calls and events, written as the run goes on.
struct Logs {
    calls: Option<BufWriter<File>>,
    events: Option<BufWriter<File>>,
}

/// Simulates a scenario and writes its report.
pub(crate) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let source = Source::find(&arguments.scenario)?;
    let options =
        LoadOptions { set: arguments.set.clone(), allow_paths: arguments.allow_path.clone() };
    let mut scenario = source.load(&options, arguments.quiet)?.scenario;
    scenario.run.seed = arguments.seed.unwrap_or(scenario.run.seed);
    scenario.run.replications = arguments.replications.unwrap_or(scenario.run.replications);

    if let Some(path) = &arguments.junit {
        // Better now than after an hour.
        folder::refuse_what_is_not_xml(path)?;
    }
    let mut context = sim::context(&scenario);
    let stop = interrupt::listen();
    let folder = Folder::begin(&target(arguments, &source, &scenario))?;
    let (summary, decisions) = simulate(&scenario, &context, arguments, &folder, &stop)?;
    context.marks.extend(decisions.marks());
    context.reproduce = reproduce(arguments, &source, scenario.run.seed, summary.replications);

    report::write(&context, &summary, folder, arguments.junit.as_deref(), arguments.quiet)?;
    Ok(report::exit(&summary, stop.load(Ordering::Relaxed)))
}

/// Returns where the report goes.
fn target(arguments: &RunArguments, source: &Source, scenario: &Scenario) -> PathBuf {
    let default = || Path::new("out").join(format!("{}-{}", source.stem(), scenario.run.seed));
    arguments.out.clone().unwrap_or_else(default)
}

/// Runs every replication and adds it to the estimates.
fn simulate(
    scenario: &Scenario,
    context: &Context,
    arguments: &RunArguments,
    folder: &Folder,
    stop: &Stop,
) -> Result<(Summary, Decisions), Failure> {
    let options = Options {
        threads: threads(arguments),
        calls: arguments.calls,
        events: arguments.events,
        stop: Some(stop),
    };
    let mut logs = Logs {
        calls: arguments.calls.then(|| folder.create("calls.csv")).transpose()?,
        events: arguments.events.then(|| folder.create("events.jsonl")).transpose()?,
    };
    let progress = Progress::begin(scenario.run.replications, arguments.quiet);
    let mut estimates = Estimates::new(context);
    let mut decisions = Decisions::new(scenario);
    let mut laws = LawsChecked::default();
    let mut written = Ok(());
    sim::run(scenario, &options, &mut |replication: Replication| {
        if written.is_ok() {
            written = logs.write(&replication);
        }
        decisions.add(&replication.decisions);
        laws.checked += replication.laws_checked;
        laws.broken.extend(replication.broken);
        estimates.add(replication.totals);
        if written.is_err() {
            // The disk is full or gone: there is no use in going on.
            stop.store(true, Ordering::Relaxed);
        }
        progress.step();
    })
    .map_err(|error| failed(&error))?;
    written
        .and_then(|()| logs.flush())
        .map_err(|error| Failure::file("write the log into", folder.target(), &error))?;
    Ok((estimates.finish(laws), decisions))
}

fn threads(arguments: &RunArguments) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    arguments.threads.map_or_else(cores, usize::from)
}

/// A scenario that grows beyond the limits is the file's fault, a thread that cannot start is not.
fn failed(error: &SimError) -> Failure {
    match error {
        SimError::Limit { .. } => Failure::BadInput(format!(
            "error: {error}\n\nhint: the load grows without bound; is anybody patient for ever, or is staff missing?"
        )),
        SimError::Thread(_) => Failure::Machine(format!("error: {error}")),
    }
}

impl Logs {
    fn write(&mut self, replication: &Replication) -> io::Result<()> {
        if let Some(calls) = &mut self.calls {
            calls.write_all(&replication.calls_csv)?;
        }
        if let Some(events) = &mut self.events {
            events.write_all(&replication.events_jsonl)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.calls.as_mut().map_or(Ok(()), BufWriter::flush)?;
        self.events.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

/// Returns the command that gives the same numbers again.
fn reproduce(arguments: &RunArguments, source: &Source, seed: u64, replications: u32) -> String {
    let mut command = format!("callstorm run {}", quoted(&source.shown()));
    let mut add = |flag: &str, value: &str| {
        write!(command, " {flag} {}", quoted(value)).expect("a string takes all");
    };
    add("--seed", &seed.to_string());
    add("--replications", &replications.to_string());
    arguments.set.iter().for_each(|set| add("--set", set));
    arguments.allow_path.iter().for_each(|path| add("--allow-path", &path.to_string_lossy()));
    command
}

/// Quotes a word for a POSIX shell where it needs it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-=+:,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell_where_they_need_it() {
        assert_eq!(quoted("demand.scale=1.2"), "demand.scale=1.2");
        assert_eq!(quoted("run.seed*=2"), "'run.seed*=2'");
        assert_eq!(quoted("title=Ann's day"), r"'title=Ann'\''s day'");
    }
}

//! `callstorm load`: real calls on a target, counted honestly.

pub(crate) mod arguments;
mod asked;
mod reflector;
mod search;

use crate::exit::{Exit, Failure};
use crate::folder::{self, Folder};
use crate::interrupt::{self, Stop};
use crate::report;
use crate::run::quoted;
use crate::say;
use arguments::LoadArguments;
use loadgen::{Cut, Limits, NewTokens, Outlets, Plan, Run, Watch, self_test};
use reports::Context;
use reports::traffic::Live;
use sip::Duration;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How often the threads' reports are looked for, and how often a line says how it goes.
const STEP: Duration = Duration::from_millis(100);
const SAY_EVERY: Duration = Duration::from_secs(5);

/// Places calls, then writes the report.
pub(crate) fn run(arguments: &LoadArguments) -> Result<Exit, Failure> {
    if arguments.answer {
        return reflector::run(arguments);
    }
    let plan = asked::plan(arguments)?;
    let outlets = asked::outlets(arguments, &plan);
    let limits = Limits { start_lag: arguments.max_lag.0, drain: arguments.drain.0 };
    let context = context(&plan, arguments);
    if let Some(path) = &arguments.junit {
        folder::refuse_what_is_not_xml(path)?;
    }
    let stop = interrupt::listen();
    let folder = Folder::begin(&target(arguments, &plan))?;
    if !arguments.no_self_test {
        test_ourselves(arguments, &plan, &outlets, limits, &context)?;
    }
    let mut watch = match arguments.search {
        true => search::run(arguments, &plan, &outlets, limits, &context, &stop)?,
        false => place(arguments, &Arc::new(plan.clone()), &outlets, limits, &stop)?,
    };
    asked::state(&plan, &outlets, watch.ledger());
    conclude(arguments, &plan, &context, &watch, folder, &stop)
}

/// Places the calls, and says now and then how it goes.
fn place(
    arguments: &LoadArguments,
    plan: &Arc<Plan>,
    outlets: &Outlets,
    limits: Limits,
    stop: &Stop,
) -> Result<Watch, Failure> {
    let run = Run::start(plan, outlets, TOKENS).map_err(|error| no_socket(&error))?;
    if !arguments.quiet {
        let from: Vec<String> = run.addresses().iter().take(3).map(ToString::to_string).collect();
        let more = if run.addresses().len() > 3 { ", …" } else { "" };
        say::talk(&format!(
            "calling {} from {}{more}; Ctrl-C ends it",
            plan.target.uri,
            from.join(", ")
        ));
    }
    let mut watch = Watch::new(plan.traffic.interval, plan.shards, limits);
    let mut said = Duration::ZERO;
    while watch.step(&run, stop, STEP) {
        let now = watch.now();
        if !arguments.quiet && now.saturating_sub(said) >= SAY_EVERY {
            said = now;
            say::talk(&line(now, &watch.live(&watch.health())));
        }
    }
    run.join().map_err(|error| Failure::Machine(format!("error: the network failed: {error}")))?;
    Ok(watch)
}

/// A line that says how it goes.
fn line(now: Duration, live: &Live) -> String {
    let answer = live
        .answer
        .map_or_else(String::new, |(p50, p99)| format!(", answered in {p50} (99 %: {p99})"));
    format!(
        "{:>5} s  {} calls up, {} placed, {:.0}/s{answer}; {} failed, {} missed",
        now.as_secs(),
        live.in_progress,
        live.placed,
        live.placed_per_s,
        live.failed,
        live.missed
    )
}

/// Tries whether this machine makes such a load at all.
fn test_ourselves(
    arguments: &LoadArguments,
    plan: &Plan,
    outlets: &Outlets,
    limits: Limits,
    context: &Context,
) -> Result<(), Failure> {
    let Some(peak) = asked::peak(plan).filter(|peak| *peak > 0.0) else { return Ok(()) };
    let seen = self_test(plan, peak, outlets, limits, context, TOKENS)
        .map_err(|error| no_socket(&error))?;
    if !arguments.quiet {
        say::talk(&format!(
            "self-test: {:.0} calls/s for 1 s against ourselves, {:.1} ms late (99 %), {:.0} % of a core",
            seen.rate,
            seen.start_lag.as_secs_f64() * 1e3,
            seen.cpu * 100.0
        ));
        for fault in &seen.faults {
            say::talk(&format!("warning: in the self-test {fault}"));
        }
    }
    Ok(())
}

fn conclude(
    arguments: &LoadArguments,
    plan: &Plan,
    context: &Context,
    watch: &Watch,
    folder: Folder,
    stop: &Stop,
) -> Result<Exit, Failure> {
    if !arguments.quiet {
        match watch.cut() {
            Some(Cut::Silent) => say::talk(&format!(
                "note: {} said nothing for half a minute while calls waited for it; the run was ended",
                plan.target.uri
            )),
            Some(Cut::Drained) => say::talk(
                "note: calls went on for too long after the last one was started and were hung up (`--drain`)",
            ),
            Some(Cut::Asked) | None => {}
        }
        watch.warnings().iter().for_each(|warning| say::talk(&format!("warning: {warning}")));
    }
    let summary = watch.summary(context);
    report::write(context, &summary, folder, arguments.junit.as_deref(), arguments.quiet)?;
    Ok(report::exit(&summary, stop.load(Ordering::Relaxed)))
}

/// The frame of the report.
fn context(plan: &Plan, arguments: &LoadArguments) -> Context {
    let traffic = &plan.traffic;
    Context {
        mode: "load",
        title: traffic.title.clone(),
        question: traffic.question.clone(),
        file: traffic.file.clone(),
        hash: traffic.hash.clone(),
        seed: traffic.seed,
        start_of_day: acd::Duration::ZERO,
        start: None,
        length: micros(plan.length),
        interval: traffic.interval,
        warm_up: acd::Duration::ZERO,
        queues: Vec::new(),
        contacts: Vec::new(),
        groups: Vec::new(),
        sites: Vec::new(),
        pairs: Vec::new(),
        marks: Vec::new(),
        gate: traffic.gate.clone(),
        reproduce: reproduce(arguments, traffic.seed),
    }
}

/// The command that makes the same load again: the words of this one, and the seed if it was not among them.
fn reproduce(arguments: &LoadArguments, seed: u64) -> String {
    let mut words: Vec<String> =
        std::env::args_os().skip(1).map(|word| quoted(&word.to_string_lossy())).collect();
    if arguments.seed.is_none() {
        words.extend(["--seed".to_owned(), seed.to_string()]);
    }
    format!("callstorm {}", words.join(" "))
}

fn target(arguments: &LoadArguments, plan: &Plan) -> PathBuf {
    let stem =
        Path::new(&plan.traffic.file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_else(|| "load".to_owned());
    let default = || Path::new("out").join(format!("{stem}-{}", plan.traffic.seed));
    arguments.out.clone().unwrap_or_else(default)
}

fn no_socket(error: &io::Error) -> Failure {
    Failure::Machine(format!("error: cannot open a socket: {error}"))
}

/// Each thread has its own source of unpredictable numbers.
const TOKENS: NewTokens<'static> = &|| crate::serve::tokens();

fn micros(duration: Duration) -> acd::Duration {
    acd::Duration(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

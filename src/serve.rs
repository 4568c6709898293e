//! `callstorm serve`: a scenario's switch, answering real calls until it is told to stop.

use crate::arguments::ServeArguments;
use crate::exit::{Exit, Failure};
use crate::folder::{self, Folder};
use crate::interrupt::{self, Stop};
use crate::library::Source;
use crate::report;
use crate::run::quoted;
use crate::say;
use live::reach::{Caps, Policy};
use live::shell::{Listen, Shell, is_tellable};
use live::{
    Exchange, Finished, Load, Means, Medium, NewRecording, Options, Quality, SetupError, Tokens,
};
use reports::{Context, Estimates};
use scenarios::{LiveAgent, LoadOptions, Scenario, Secret};
use sip::{Duration, Instant};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// How long the last messages may take after everybody was hung up.
const FAREWELL_MAX: Duration = Duration::from_secs(5);

/// Serves a scenario, then writes its report.
pub(crate) fn run(arguments: &ServeArguments) -> Result<Exit, Failure> {
    let source = Source::find(&arguments.scenario)?;
    let load =
        LoadOptions { set: arguments.set.clone(), allow_paths: arguments.allow_path.clone() };
    let mut scenario = source.load(&load, arguments.quiet)?.scenario;
    scenario.run.seed = arguments.seed.unwrap_or(scenario.run.seed);
    let context = context(&scenario, &source, arguments);
    if !is_tellable(arguments.listen.ip()) {
        return Err(Failure::BadInput(format!(
            "error: `--listen {}` names no single address\n\nhint: telephones are told this address \
             for their audio: name the one they reach you by",
            arguments.listen
        )));
    }
    if let Some(path) = &arguments.junit {
        folder::refuse_what_is_not_xml(path)?;
    }
    let stop = interrupt::listen();
    let folder = Folder::begin(&target(arguments, &source))?;
    let mut shell = open(arguments, &scenario)?;
    let means = means(arguments, &folder, &shell)?;
    let prompts = |name: &str| source.read_prompt(name);
    let passwords = |agent: &LiveAgent| password(&source, agent);
    let options = Options {
        robots: arguments.robots,
        host: shell.address().ip().to_string(),
        speed: arguments.speed,
        calls_max: arguments.max_calls as usize,
        accepts_ids: arguments.accept_ids,
        policy: Policy {
            allow_private: arguments.allow_private,
            hosts: arguments.allow_host.clone(),
        },
        caps: Caps {
            dials_per_second: arguments.max_agent_rate,
            dialled: arguments.max_agent_calls,
        },
        prompts: &prompts,
        passwords: &passwords,
    };
    let mut exchange = Exchange::new(shell.now(), &scenario, &context, &options, means)
        .map_err(|error| refused(&source, &error))?;
    if !arguments.quiet {
        say::talk(&format!("serving {} at {}; Ctrl-C ends it", source.shown(), shell.address()));
    }
    serve(&mut shell, &mut exchange, &stop)?;
    notes(&exchange, arguments.quiet);
    let finished = exchange.finish(shell.now());
    conclude(&context, finished, folder, arguments)
}

/// Serves until the user ends it, hangs up on everybody, and waits for the last messages.
fn serve(shell: &mut Shell, exchange: &mut Exchange, stop: &Stop) -> Result<(), Failure> {
    let mut ends_at: Option<Instant> = None;
    let mut is_over = |exchange: &mut Exchange, now: Instant| {
        if ends_at.is_none() && stop.load(Ordering::Relaxed) {
            exchange.hang_up_all(now);
            ends_at = Some(now + FAREWELL_MAX);
        }
        let Load { calls, parties, .. } = exchange.load();
        ends_at.is_some_and(|end| now >= end || calls + parties == 0)
    };
    shell
        .serve(exchange, &mut is_over)
        .map_err(|error| Failure::Machine(format!("error: the network failed: {error}")))
}

/// Says what was refused.
fn notes(exchange: &Exchange, is_quiet: bool) {
    if is_quiet {
        return;
    }
    let mut text = String::new();
    for (name, count) in exchange.counters().into_iter().flat_map(live::Counters::occurred) {
        write!(text, " {name} {count}").expect("a string takes all");
    }
    for why in sip::endpoint::Refused::ALL {
        let count = exchange.sip_counters().get(*why);
        if count > 0 {
            write!(text, " sip.{} {count}", why.name()).expect("a string takes all");
        }
    }
    if !text.is_empty() {
        say::talk(&format!("refused:{text}"));
    }
    audio_notes(&exchange.quality());
}

/// Says how good the audio was, if there was any.
fn audio_notes(quality: &Quality) {
    let Quality { received, lost, sent, lost_by_peers, reports_received, .. } = quality;
    if received + sent == 0 {
        return;
    }
    let trip = quality.round_trip().map_or_else(
        || "not observed".to_owned(),
        |mean| {
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            format!("{:.1} ms on average, {:.1} ms at most", ms(mean), ms(quality.round_trip_max))
        },
    );
    say::talk(&format!(
        "audio: {received} packets heard and {lost} lost on their way here; {sent} sent, {lost_by_peers} lost by \
         {reports_received} reports of telephones; round trip {trip}"
    ));
}

/// Sums the run up and writes its report. That it was ended by hand is how it ends.
fn conclude(
    context: &Context,
    finished: Finished,
    folder: Folder,
    arguments: &ServeArguments,
) -> Result<Exit, Failure> {
    let failed = |what: &str, path: &Path, error: Option<io::Error>| {
        error.map_or(Ok(()), |error| Err(Failure::file(what, path, &error)))
    };
    failed("write the event log into", folder.target(), finished.log_error)?;
    let recording = arguments.record.as_deref().unwrap_or(Path::new(""));
    failed("write the recording", recording, finished.tape_error)?;
    let mut estimates = Estimates::new(context);
    estimates.add(finished.totals);
    let summary = estimates.finish(finished.laws);
    report::write(context, &summary, folder, arguments.junit.as_deref(), arguments.quiet)?;
    Ok(report::exit(&summary, false))
}

/// The frame of the report: the scenario's, live.
fn context(scenario: &Scenario, source: &Source, arguments: &ServeArguments) -> Context {
    let mut reproduce =
        format!("callstorm serve {} --listen {}", quoted(&source.shown()), arguments.listen);
    if arguments.robots {
        reproduce.push_str(" --robots");
    }
    Context {
        mode: "live",
        warm_up: acd::Duration::ZERO,
        marks: Vec::new(),
        reproduce,
        ..sim::context(scenario)
    }
}

fn target(arguments: &ServeArguments, source: &Source) -> PathBuf {
    let default = || Path::new("out").join(format!("{}-live", source.stem()));
    arguments.out.clone().unwrap_or_else(default)
}

fn open(arguments: &ServeArguments, scenario: &Scenario) -> Result<Shell, Failure> {
    let ports = &scenario.live.rtp_ports;
    let audio = format!("{}-{}", ports.start(), ports.end());
    let audio = audio.parse().map_err(|error| Failure::BadInput(format!("error: {error}")))?;
    let listen = Listen { address: arguments.listen, audio, drop_plan: arguments.drop };
    Shell::open(&listen).map_err(|error| {
        Failure::Machine(format!("error: cannot listen at {}: {error}", arguments.listen))
    })
}

fn means(arguments: &ServeArguments, folder: &Folder, shell: &Shell) -> Result<Means, Failure> {
    let events = arguments.events.then(|| folder.create("events.jsonl")).transpose()?;
    let record = |path: &PathBuf| {
        File::create(path)
            .map(|file| Box::new(BufWriter::new(file)) as Box<dyn Write + Send>)
            .map_err(|error| Failure::file("write the recording", path, &error))
    };
    Ok(Means {
        tokens: tokens(),
        endpoint_tokens: tokens(),
        ports: shell.ports(),
        ntp: shell.ntp(),
        events: events.map(|file| Box::new(file) as Box<dyn Write + Send>),
        call_recordings: arguments.record_calls.as_deref().map(call_recordings).transpose()?,
        recording: arguments.record.as_ref().map(record).transpose()?,
    })
}

/// Opens the files of recorded talks, one for each call, never over another.
fn call_recordings(folder: &Path) -> Result<NewRecording, Failure> {
    std::fs::create_dir_all(folder).map_err(|e| Failure::file("make the folder", folder, &e))?;
    let folder = folder.to_owned();
    Ok(Box::new(move |call| {
        let file = File::create_new(folder.join(format!("call-{call:06}.wav")))?;
        Ok(Box::new(BufWriter::new(file)) as Box<dyn Medium>)
    }))
}

/// Unpredictable numbers of the operating system, asked for in bulk.
pub(crate) fn tokens() -> Tokens {
    const AT_ONCE: usize = 4096;
    let mut bytes = vec![0; AT_ONCE];
    let mut used = AT_ONCE;
    Box::new(move || {
        if used == AT_ONCE {
            getrandom::fill(&mut bytes)
                .expect("the system gives random numbers once it has booted");
            used = 0;
        }
        let number = bytes[used..used + 8].try_into().expect("eight bytes");
        used += 8;
        u64::from_ne_bytes(number)
    })
}

/// Finds an agent's password where the scenario says.
fn password(source: &Source, agent: &LiveAgent) -> Result<Vec<u8>, String> {
    secret(Some(source), &agent.password)
}

/// Finds a secret; a file's name counts from the folder of the source.
pub(crate) fn secret(source: Option<&Source>, secret: &Secret) -> Result<Vec<u8>, String> {
    match secret {
        Secret::Environment(name) => std::env::var(name)
            .map(String::into_bytes)
            .map_err(|_| format!("no password: the variable `{name}` is not set")),
        Secret::File(path) => {
            let path = source.and_then(Source::folder).unwrap_or(Path::new("")).join(path);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("no password: `{}`: {error}", path.display()))?;
            Ok(text.lines().next().unwrap_or_default().as_bytes().to_vec())
        }
    }
}

fn refused(source: &Source, error: &SetupError) -> Failure {
    Failure::BadInput(format!("error: `{}` cannot be served: {error}", source.shown()))
}

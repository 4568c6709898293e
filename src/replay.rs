//! `callstorm replay`: what was said to a live switch, said again.

use crate::arguments::ReplayArguments;
use crate::exit::{Exit, Failure};
use crate::say;
use acd::{Output, Repeated, Replay, ReplayError};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Bytes of a recording; a call takes about two hundred.
const RECORDING_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
/// Differing steps that are shown.
const DIFFERENCES_SHOWN: u64 = 5;
/// Text gathered before it is written.
const TEXT_AT_ONCE: usize = 64 * 1024;

/// What a replay came to.
#[derive(Debug, Default)]
struct Tally {
    steps: u64,
    commands: u64,
    events: u64,
    differing: u64,
    differing_snapshots: u64,
    left_over: usize,
    last: acd::Timestamp,
}

/// Repeats a recording and says whether the switch decided the same.
pub(crate) fn run(arguments: &ReplayArguments) -> Result<Exit, Failure> {
    let path = &arguments.recording;
    let bytes = read(path)?;
    let bad = |error: ReplayError| {
        let hint = match error {
            ReplayError::NotARecording => "\nhint: `callstorm serve --record FILE` writes one",
            ReplayError::Damaged { .. } | ReplayError::Snapshot { .. } => "",
        };
        Failure::BadInput(format!("error: `{}`: {error}{hint}", path.display()))
    };
    let begin = if arguments.newest { Replay::from_newest } else { Replay::new };
    let mut replay = begin(&bytes).map_err(bad)?;
    let tally = repeat(&mut replay, arguments.steps, bad)?;
    say::data(&verdict(&tally))?;
    Ok(match tally.differing + tally.differing_snapshots {
        0 => Exit::Ok,
        _ => Exit::Invalid,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::file("read", path, &error);
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > RECORDING_BYTES_MAX {
        let message = "is too large for a recording: at most 8 GiB";
        return Err(Failure::BadInput(format!("error: `{}` {message}", path.display())));
    }
    fs::read(path).map_err(failed)
}

fn repeat(
    replay: &mut Replay<'_>,
    is_shown: bool,
    bad: impl Fn(ReplayError) -> Failure,
) -> Result<Tally, Failure> {
    let (mut tally, mut out, mut text) = (Tally::default(), Vec::new(), String::new());
    while let Some(step) = replay.step(&mut out).map_err(&bad)? {
        tally.add(&step, &out);
        if is_shown || (!step.agrees && tally.differing <= DIFFERENCES_SHOWN) {
            show(&step, &out, &mut text);
        }
        if text.len() >= TEXT_AT_ONCE {
            say::data(&text)?;
            text.clear();
        }
    }
    say::data(&text)?;
    tally.differing_snapshots = replay.differing_snapshots();
    tally.left_over = replay.left_over();
    Ok(tally)
}

impl Tally {
    fn add(&mut self, step: &Repeated, out: &[Output]) {
        let commands = out.iter().filter(|output| matches!(output, Output::Command(_))).count();
        self.steps += 1;
        self.commands += commands as u64;
        self.events += (out.len() - commands) as u64;
        self.differing += u64::from(!step.agrees);
        self.last = step.at;
    }
}

/// Writes a step and what the switch said to it.
fn show(step: &Repeated, out: &[Output], text: &mut String) {
    let mark = if step.agrees { "" } else { "  DIFFERS" };
    let said = match step.input {
        Some(input) => format!("{input:?}"),
        None => "woken".to_owned(),
    };
    writeln!(text, "{:>8}  {}  {said}{mark}", step.number, step.at).expect("a string takes all");
    for output in out {
        match output {
            Output::Command(command) => writeln!(text, "          do   {command:?}"),
            Output::Event(event) => writeln!(text, "          was  {event:?}"),
        }
        .expect("a string takes all");
    }
}

fn verdict(tally: &Tally) -> String {
    let Tally { steps, commands, events, differing, .. } = tally;
    let mut text = match differing + tally.differing_snapshots {
        0 => "The switch decides the same again.\n".to_owned(),
        _ => format!("The switch decides otherwise at {differing} of {steps} steps.\n"),
    };
    let _ = writeln!(
        text,
        "{steps} steps, {commands} commands, {events} events, up to {}.",
        tally.last
    );
    if tally.differing_snapshots > 0 {
        let _ = writeln!(text, "{} snapshots differ.", tally.differing_snapshots);
    }
    if tally.left_over > 0 {
        let _ = writeln!(text, "The last {} bytes are cut short: left out.", tally.left_over);
    }
    text
}

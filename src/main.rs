//! The command `callstorm`: arguments, wiring, exit codes. What it wires is in the other crates.

mod arguments;
mod check;
mod exit;
mod folder;
mod interrupt;
mod library;
mod lint;
mod load;
mod new;
mod progress;
mod replay;
mod report;
mod run;
mod say;
mod serve;

use arguments::{Arguments, Command};
use clap::Parser as _;
use exit::{Exit, Failure};
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

fn main() -> ExitCode {
    panic::set_hook(Box::new(report_bug));
    // The hook has spoken already; here only the exit code is left to give.
    let exit = panic::catch_unwind(command_line).unwrap_or(Exit::Other);
    ExitCode::from(exit.code())
}

/// Reads the command line and does what it asks.
fn command_line() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return explain_arguments(&error),
    };
    let result = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Load(arguments) => load::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
    };
    result.unwrap_or_else(|failure| {
        if !matches!(failure, Failure::ReaderGone) {
            say::talk(&failure.to_string());
        }
        failure.exit()
    })
}

/// Prints help or version to stdout, or what is wrong with the arguments to stderr.
fn explain_arguments(error: &clap::Error) -> Exit {
    // That nobody reads it changes nothing.
    let _ = error.print();
    match error.use_stderr() {
        true => Exit::BadInput,
        false => Exit::Ok,
    }
}

/// Says that this is our fault, and what to report. A backtrace would only hide it.
fn report_bug(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map_or_else(String::new, |at| format!(" at {at}"));
    let command: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    say::talk(&format!(
        "error: callstorm {} has a bug: {message}{place}\n\n\
         Please report it with the scenario file and this command:\n  {}",
        env!("CARGO_PKG_VERSION"),
        command.join(" "),
    ));
}

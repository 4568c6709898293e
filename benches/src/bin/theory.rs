//! Holds the simulator against exact answers: `theory FILE.csv`.
//!
//! Every row of the file becomes a scenario and an expectation; the exit code is 1 when a row fails and 104 when the
//! file or an argument is bad.

use benches::theory::case::{Case, read_cases};
use benches::theory::plan::{Experiment, Plan, plan_all};
use benches::theory::run::{Settings, run};
use benches::theory::table::{Tally, write_head, write_report};
use clap::Parser;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// Runs exact queueing models as scenarios and judges every figure.
#[derive(Debug, Parser)]
#[command(name = "theory")]
struct Arguments {
    /// Cases in long form: one row for each expected figure.
    file: PathBuf,
    /// Writes each scenario file into this folder.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Factor on the standard errors allowed: 2 needs a quarter of the calls.
    #[arg(long, default_value_t = 1.0, value_name = "F", value_parser = factor)]
    precision: f64,
    /// Mixed into the seed of every case.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Threads; as many as there are cores when left out.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Only cases whose name begins so.
    #[arg(long, value_name = "PREFIX")]
    only: Vec<String>,
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (0.1..=100.0).contains(&factor) => Ok(factor),
        Ok(_) | Err(_) => Err("expected a number from 0.1 to 100".to_owned()),
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 104 } else { 0 };
            // Nothing is left to do when even the message cannot be written.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match plans(&arguments) {
        Ok(plans) => judge(&plans, &arguments),
        Err(message) => {
            complain(&message);
            ExitCode::from(104)
        }
    }
}

fn judge(plans: &[Plan], arguments: &Arguments) -> ExitCode {
    match run_all(plans, arguments) {
        Ok(tally) if tally.failed == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(2)
        }
    }
}

fn complain(message: &str) {
    // Nothing is left to do when standard error is gone.
    let _ = writeln!(io::stderr(), "error: {message}");
}

fn plans(arguments: &Arguments) -> Result<Vec<Plan>, String> {
    let path = &arguments.file;
    let file = fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let cases = read_cases(file).map_err(|faults| list(path, &faults))?;
    let chosen: Vec<Case> = cases.into_iter().filter(|case| is_chosen(case, arguments)).collect();
    if chosen.is_empty() {
        return Err(format!("{}: no case is left to run", path.display()));
    }
    plan_all(&chosen, arguments.precision).map_err(|faults| list(path, &faults))
}

fn list(path: &Path, faults: &[impl std::fmt::Display]) -> String {
    let lines: Vec<_> = faults.iter().map(|fault| format!("{}: {fault}", path.display())).collect();
    lines.join("\nerror: ")
}

fn is_chosen(case: &Case, arguments: &Arguments) -> bool {
    let only = &arguments.only;
    only.is_empty() || only.iter().any(|prefix| case.id.starts_with(prefix.as_str()))
}

fn run_all(plans: &[Plan], arguments: &Arguments) -> Result<Tally, Box<dyn Error>> {
    let settings = Settings {
        seed: arguments.seed,
        threads: arguments.threads.unwrap_or_else(cores),
        precision: arguments.precision,
    };
    let mut out = io::stdout().lock();
    write_head(&mut out)?;
    let (mut tally, begin) = (Tally::default(), clock());
    for experiment in plans.iter().flat_map(|plan| &plan.experiments) {
        if let Some(folder) = &arguments.keep {
            keep(folder, experiment)?;
        }
        let start = clock();
        let report = run(experiment, &settings)?;
        write_report(&mut out, &report, since(start).as_secs_f64())?;
        out.flush()?;
        tally.add(&report);
    }
    writeln!(out, "{}", tally.closing(plans.len(), since(begin).as_secs_f64()))?;
    Ok(tally)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn keep(folder: &Path, experiment: &Experiment) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{}.toml", experiment.name)), &experiment.toml)
}

#[expect(clippy::disallowed_methods, reason = "the table tells how long a case took")]
fn clock() -> Instant {
    Instant::now()
}

fn since(start: Instant) -> Duration {
    clock().duration_since(start)
}

//! Runs an experiment until every row is sure enough, and judges the rows.

use super::plan::{Check, Experiment};
use super::pool::Pool;
use super::statistics::{Estimate, Verdict, jackknife, judge};
use reports::Totals;
use scenarios::Scenario;

/// Groups of replications that the jackknife leaves out in turn. More replications come in rounds of so many.
pub const GROUPS: usize = 50;

/// Replications of the first batch.
const REPLICATIONS_MIN: u64 = 100;

/// Calls that one experiment may cost at precision 1; above it a row is unsure.
const CALLS_MAX: f64 = 3e9;

/// Batches after the first.
const BATCHES_MAX: u32 = 10;

/// By how much a batch may multiply the replications at most: the first errors are too rough to go by for long.
const GROWTH_MAX: f64 = 6.0;

/// How experiments are run.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Mixed into every case's seed.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// Factor on the standard errors allowed.
    pub precision: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 1, threads: 1, precision: 1.0 }
    }
}

/// A row and how it came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The row.
    pub check: Check,
    /// The run's figure.
    pub estimate: Option<Estimate>,
    /// Difference ÷ standard error.
    pub t: f64,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// An experiment's rows and what they cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The experiment's name.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Judged>,
    /// Replications run.
    pub replications: u64,
    /// Attempts, those of the warm-up included.
    pub calls: u64,
}

/// Why an experiment could not be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The scenario made of the case was refused.
    #[error("{name}: the scenario is refused:\n{message}")]
    Scenario {
        /// The experiment.
        name: String,
        /// The diagnostics.
        message: String,
    },
    /// A replication exceeded a limit.
    #[error("{name}: {message}")]
    Ended {
        /// The experiment.
        name: String,
        /// The limit.
        message: String,
    },
    /// A law of the switch or of the ledger was broken.
    #[error("{name}: a law is broken: {law}")]
    Law {
        /// The experiment.
        name: String,
        /// Which, and how.
        law: String,
    },
}

/// Runs an experiment: 100 replications, then as many more as its worst row needs.
///
/// # Errors
/// The scenario is refused, or a law is broken on the way.
pub fn run(experiment: &Experiment, settings: &Settings) -> Result<Report, RunError> {
    run_altered(experiment, &[], settings)
}

/// Runs an experiment whose scenario is altered by `--set` overrides first: what must not go unnoticed.
///
/// # Errors
/// As [`run`].
pub fn run_altered(
    experiment: &Experiment,
    set: &[String],
    settings: &Settings,
) -> Result<Report, RunError> {
    let mut scenario = load(experiment, set)?;
    let limit = CALLS_MAX / (settings.precision * settings.precision);
    let mut groups = vec![Pool::default(); GROUPS];
    let (mut done, mut next, mut calls) = (0_u64, REPLICATIONS_MIN, 0);
    let mut rows = Vec::new();
    for batch in 0..=BATCHES_MAX {
        scenario.run.seed = seed(&experiment.name, settings.seed, batch);
        scenario.run.replications = next as u32;
        let mut place = 0;
        calls += replicate(&scenario, settings, &experiment.name, &mut |totals| {
            groups[place % GROUPS].add(totals, &experiment.checks, experiment.hours);
            place += 1;
        })?;
        done += next;
        rows = judge_all(experiment, &groups);
        let wanted = wanted(done, &rows).min((limit / experiment.calls) as u64);
        if wanted <= done {
            break;
        }
        // Whole rounds keep the groups alike.
        next = (wanted - done).div_ceil(GROUPS as u64) * GROUPS as u64;
    }
    Ok(Report { name: experiment.name.clone(), rows, replications: done, calls })
}

fn judge_all(experiment: &Experiment, groups: &[Pool]) -> Vec<Judged> {
    let read = |pool: &Pool| pool.read(&experiment.checks, experiment.hours);
    let estimates = jackknife(groups, &Pool::merge, &read);
    let judged = |(check, estimate): (&Check, Option<Estimate>)| {
        let (t, verdict) = judge(estimate, check.expected, check.demand);
        Judged { check: check.clone(), estimate, t, verdict }
    };
    experiment.checks.iter().zip(estimates).map(judged).collect()
}

/// How many replications the worst row needs, by the errors after `done` of them; errors fall with their root.
fn wanted(done: u64, rows: &[Judged]) -> u64 {
    let ratio = |row: &Judged| row.estimate.map_or(0.0, |e| e.error / row.check.demand.error_max);
    let worst = rows.iter().map(ratio).fold(0.0, f64::max);
    if worst <= 1.0 {
        return done;
    }
    // A tenth more, as the error is itself an estimate.
    (done as f64 * f64::min(worst * worst * 1.1, GROWTH_MAX)).ceil() as u64
}

fn load(experiment: &Experiment, set: &[String]) -> Result<Scenario, RunError> {
    let options = scenarios::LoadOptions { set: set.to_vec(), ..Default::default() };
    let file = format!("{}.toml", experiment.name);
    match scenarios::load_str(&file, &experiment.toml, &options) {
        Ok(loaded) => Ok(loaded.scenario),
        Err(diagnostics) => Err(RunError::Scenario {
            name: experiment.name.clone(),
            message: diagnostics.to_string(),
        }),
    }
}

/// Runs replications of a scenario and hands on each one's sums, in order. Returns how many calls there were.
fn replicate(
    scenario: &Scenario,
    settings: &Settings,
    name: &str,
    observe: &mut dyn FnMut(Totals),
) -> Result<u64, RunError> {
    let options = sim::Options { threads: settings.threads, ..sim::Options::default() };
    let (mut calls, mut broken) = (0, None);
    let mut each = |replication: sim::Replication| {
        calls += replication.attempts;
        broken = broken.take().or(replication.broken.into_iter().next());
        observe(replication.totals);
    };
    let ended = sim::run(scenario, &options, &mut each);
    ended.map_err(|error| RunError::Ended { name: name.to_owned(), message: error.to_string() })?;
    match broken {
        Some(law) => Err(RunError::Law { name: name.to_owned(), law }),
        None => Ok(calls),
    }
}

/// The seed of a case: its name's FNV-1a hash, mixed with the seed asked for and the batch.
#[must_use]
pub fn seed(name: &str, base: u64, batch: u32) -> u64 {
    let mixed = [base, u64::from(batch)].into_iter().flat_map(u64::to_le_bytes);
    let bytes = name.bytes().chain(mixed);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    // Seeds are written in TOML, whose integers are signed.
    hash >> 1
}

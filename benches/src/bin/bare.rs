//! Runs a bare loop and prints what it found and what a call cost.
//!
//! `cargo run --release -p callstorm-benches --bin bare -- w1 [calls]`, the same for `w2` and `w3`.

use benches::bare::{self, Pool, Tally};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

const SEED: u64 = 1;
const USAGE: &str = "usage: bare w1|w2|w3 [calls]";

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let workload = arguments.next().unwrap_or_default();
    let calls = arguments.next().map(|text| text.parse::<u64>()).transpose();
    let started = std::time::Instant::now();
    let Some(tallies) = calls.ok().and_then(|calls| run(&workload, calls)) else {
        let _ = writeln!(std::io::stderr(), "{USAGE}");
        return ExitCode::from(104);
    };
    let elapsed = started.elapsed();
    let mut text = String::new();
    for tally in &tallies {
        let _ = writeln!(
            text,
            "{} calls, {:.3} % abandoned, mean wait {:.4} s, {:.2} % within 20 s, p95 {:.1} s, p99 {:.1} s, {} intervals",
            tally.offered,
            100.0 * tally.abandonment(),
            tally.mean_wait(),
            100.0 * tally.service_level(),
            tally.wait_quantile(0.95),
            tally.wait_quantile(0.99),
            tally.intervals.len(),
        );
    }
    let total: u64 = tallies.iter().map(|tally| tally.offered).sum();
    let nanoseconds = elapsed.as_secs_f64() * 1e9 / total as f64;
    let _ = writeln!(text, "{total} calls in all, {nanoseconds:.1} ns per call (wall clock)");
    let written = std::io::stdout().write_all(text.as_bytes());
    ExitCode::from(u8::from(written.is_err()))
}

/// Runs a workload by name, with another number of calls if given (W2: whole days of 100,000).
fn run(workload: &str, calls: Option<u64>) -> Option<Vec<Tally>> {
    let pool = match workload {
        "w1" => Pool::w1(),
        "w3" => Pool::w3(),
        "w2" => {
            let days = calls.unwrap_or(1_000_000).div_ceil(100_000).max(1);
            return Some(bare::run_skills(u32::try_from(days).ok()?, SEED).to_vec());
        }
        _ => return None,
    };
    Some(vec![bare::run_pool(Pool { calls: calls.unwrap_or(pool.calls), ..pool }, SEED)])
}

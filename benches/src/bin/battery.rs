//! The statistical battery on `chance` at full size.
//!
//! `cargo run --release -p callstorm-benches --bin battery -- [words] [seed]` reads 10⁹ words by default, prints every
//! finding, and exits 1 when one is too improbable.

use chance::battery;
use std::io::Write;
use std::process::ExitCode;

const WORDS: u64 = 1_000_000_000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let (Ok(words), Ok(seed)) =
        (arguments.next().unwrap_or(Ok(WORDS)), arguments.next().unwrap_or(Ok(1)))
    else {
        eprint_line("usage: battery [words] [seed]");
        return ExitCode::from(104);
    };
    let findings = battery::run(seed, words);
    let failures = battery::failures(&findings);
    let mut table = format!("{:<26}{:<34}{:>14}{:>12}\n", "order", "test", "words", "p");
    for finding in &findings {
        let mark = if failures.contains(&finding) { "  FAILS" } else { "" };
        let battery::Finding { order, test, words, p } = finding;
        table += &format!("{order:<26}{test:<34}{words:>14}{p:>12.6}{mark}\n");
    }
    table += &format!("{} of {} tests fail\n", failures.len(), findings.len());
    let written = std::io::stdout().write_all(table.as_bytes());
    ExitCode::from(u8::from(written.is_err() || !failures.is_empty()))
}

fn eprint_line(text: &str) {
    // Nothing is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

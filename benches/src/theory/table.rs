//! The printed table of rows and verdicts.

use super::run::{Judged, Report};
use super::statistics::Verdict;
use std::io::{self, Write};

/// Writes the table's head.
///
/// # Errors
/// The output cannot be written.
pub fn write_head(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<22} {:<42} {:>14} {:>14} {:>11} {:>7} {:<8} {:>8}",
        "case", "metric", "expected", "measured", "s.e.", "t", "verdict", "seconds"
    )
}

/// Writes an experiment's rows.
///
/// # Errors
/// The output cannot be written.
pub fn write_report(out: &mut impl Write, report: &Report, seconds: f64) -> io::Result<()> {
    for row in &report.rows {
        writeln!(out, "{}", line(&report.name, row, seconds))?;
    }
    Ok(())
}

/// Writes one row as a line.
#[must_use]
pub fn line(name: &str, row: &Judged, seconds: f64) -> String {
    let (measured, error) = match row.estimate {
        Some(estimate) => (number(estimate.value), number(estimate.error)),
        None => ("-".to_owned(), "-".to_owned()),
    };
    let t = if row.t.is_finite() { format!("{:.2}", row.t) } else { "-".to_owned() };
    format!(
        "{:<22} {:<42} {:>14} {:>14} {:>11} {:>7} {:<8} {:>8.1}",
        name,
        row.check.metric,
        number(row.check.expected),
        measured,
        error,
        t,
        row.verdict.word(),
        seconds
    )
}

/// Six significant digits; numerical noise as zero.
fn number(value: f64) -> String {
    let size = value.abs();
    if size < 1e-9 {
        return "0".to_owned();
    }
    let before = libm::floor(libm::log10(size)) as i32 + 1;
    let decimals = (6 - before).clamp(0, 9) as usize;
    format!("{value:.decimals$}")
}

/// Sums over reports, for the closing line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Rows in all.
    pub rows: usize,
    /// Rows that do not hold.
    pub failed: usize,
    /// Replications.
    pub replications: u64,
    /// Attempts.
    pub calls: u64,
}

impl Tally {
    /// Counts a report in.
    pub fn add(&mut self, report: &Report) {
        self.rows += report.rows.len();
        self.failed += report.rows.iter().filter(|row| row.verdict != Verdict::Holds).count();
        self.replications += report.replications;
        self.calls += report.calls;
    }

    /// Returns the closing line.
    #[must_use]
    pub fn closing(&self, cases: usize, seconds: f64) -> String {
        let (rows, calls) = (self.rows, self.calls as f64 / 1e6);
        let cost =
            format!("{} replications, {calls:.0} million calls, {seconds:.0} s", self.replications);
        match self.failed {
            0 => format!("all {rows} rows of {cases} cases hold ({cost})"),
            failed => format!("{failed} of {rows} rows of {cases} cases FAIL ({cost})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_six_digits() {
        assert_eq!(number(0.123_456_78), "0.123457");
        assert_eq!(number(-12.345_678_9), "-12.3457");
        assert_eq!(number(74_687.158_922), "74687.2");
        assert_eq!(number(0.001_234_567_8), "0.00123457");
        assert_eq!(number(6.7e-260), "0");
    }

    #[test]
    fn the_closing_line_says_what_failed() {
        let tally = Tally { rows: 7, failed: 2, replications: 100, calls: 3_000_000 };
        let line = tally.closing(3, 1.0);
        assert!(line.starts_with("2 of 7 rows of 3 cases FAIL"), "{line}");
    }
}

//! Writes the profiles and the schedule of `w2.toml` into a folder: `w2-<contact>.csv`, `w2-schedule.csv`.
//!
//! `cargo run --release -p callstorm-benches --bin w2 -- benches`. The numbers are those of the bare loop
//! (`benches::bare`): calls in each half-hour to three decimals, staff rounded up.

use benches::bare::{CONTACTS, GROUPS, HALF_HOURS, calls_per_half_hour, staff};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        let _ = writeln!(std::io::stderr(), "usage: w2 FOLDER");
        return ExitCode::from(104);
    };
    match write(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: cannot write into {folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> std::io::Result<()> {
    for contact in CONTACTS {
        let rows =
            (0..HALF_HOURS).map(|h| format!("{:.3}", calls_per_half_hour(h) * contact.share));
        std::fs::write(folder.join(format!("w2-{}.csv", contact.name)), table("calls", rows))?;
    }
    let header = GROUPS.map(|group| group.name).join(",");
    let rows = (0..HALF_HOURS).map(|h| staff(h).map(|agents| agents.to_string()).join(","));
    std::fs::write(folder.join("w2-schedule.csv"), table(&header, rows))
}

/// Puts a clock time before each row.
fn table(header: &str, rows: impl Iterator<Item = String>) -> String {
    let mut text = format!("start,{header}\n");
    for (half_hour, row) in rows.enumerate() {
        let _ = writeln!(text, "{:02}:{:02},{row}", half_hour / 2, half_hour % 2 * 30);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_files_in_the_repository_are_those_it_writes() {
        let folder = std::env::temp_dir().join(format!("callstorm-w2-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        super::write(&folder).expect("the folder is writable");
        for name in ["w2-orders.csv", "w2-billing.csv", "w2-faults.csv", "w2-schedule.csv"] {
            let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            let [kept, written] = [kept, folder.join(name)]
                .map(|path| std::fs::read_to_string(path).expect("the file is there"));
            assert_eq!(kept, written, "{name}");
        }
        std::fs::remove_dir_all(&folder).expect("the folder is ours");
    }
}

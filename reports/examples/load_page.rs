//! Writes the report of a made-up load run, to be looked at: `cargo run -p callstorm-reports --example load_page -- DIR`.

#[path = "../tests/load/run.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod run;

use reports::render;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let context = run::context();
    let mut health = run::health();
    for name in ["valid", "invalid"] {
        let summary = run::minute().summary(&context, health.clone());
        let write =
            |what: &str, text: String| std::fs::write(folder.join(format!("{name}-{what}")), text);
        write("report.html", render::html(&context, &summary))?;
        write("terminal.txt", render::terminal(&context, &summary))?;
        write("summary.json", render::json(&context, &summary))?;
        let fault = "calls went out late: 99% within 80ms, at most 10ms are allowed";
        health.faults.push(fault.to_owned());
    }
    Ok(())
}

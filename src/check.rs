//! `callstorm check`: every fault of every file, without a run.

use crate::arguments::CheckArguments;
use crate::exit::{Exit, Failure};
use crate::folder;
use crate::library::Source;
use crate::say;
use reports::render;
use scenarios::LoadOptions;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

/// Checks scenario files, or prints their schema.
pub(crate) fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    if arguments.schema {
        say::data(&format!("{:#}\n", scenarios::json_schema()))?;
        return Ok(Exit::Ok);
    }
    let mut cases = Vec::new();
    let mut text = String::new();
    for path in &arguments.files {
        if path.file_name() == Some(OsStr::new("Cargo.toml")) {
            // `scenarios/*.toml` of this repository names its own crate's manifest, too.
            say::talk(&format!("skipped: {}: a manifest, not a scenario", path.display()));
            continue;
        }
        let fault = check(path, arguments).err();
        if let Some(fault) = &fault {
            say::talk(&format!("{fault}\n"));
        } else {
            writeln!(text, "ok: {}", path.display()).expect("a string takes all");
        }
        cases.push((path.display().to_string(), fault.map(|fault| fault.to_string())));
    }
    if let Some(junit) = &arguments.junit {
        folder::write_xml(junit, &render::junit_cases("callstorm check", &cases))?;
    }
    say::data(&text)?;
    Ok(match cases.iter().all(|(_, fault)| fault.is_none()) {
        true => Exit::Ok,
        false => Exit::BadInput,
    })
}

fn check(path: &Path, arguments: &CheckArguments) -> Result<(), Failure> {
    let options = LoadOptions { set: Vec::new(), allow_paths: arguments.allow_path.clone() };
    Source::find(path)?.load(&options, false).map(|_| ())
}

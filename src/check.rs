//! `callstorm check`: every fault of every scenario and load file, without a run.

use crate::arguments::{CheckArguments, SchemaKind};
use crate::exit::{Exit, Failure};
use crate::folder;
use crate::library::Source;
use crate::say;
use reports::render;
use scenarios::LoadOptions;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

/// Checks files, or prints the schema of one kind.
pub(crate) fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    if let Some(kind) = arguments.schema {
        let schema = match kind {
            SchemaKind::Scenario => scenarios::json_schema(),
            SchemaKind::Load => scenarios::traffic_json_schema(),
        };
        say::data(&format!("{schema:#}\n"))?;
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
    Source::find(path)?.load_any(&options, false).map(|_| ())
}

//! `callstorm check`: every fault of every scenario and load file, without a run.

use crate::arguments::{CheckArguments, SchemaKind};
use crate::exit::{Exit, Failure};
use crate::folder;
use crate::library::Source;
use crate::say;
use live::{NoPrompt, Prompts};
use reports::render;
use scenarios::{Diagnostic, Diagnostics, LoadOptions, Loaded, LoadedFile, PromptUse, Severity};
use sip::Duration;
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
    let source = Source::find(path)?;
    match source.load_any(&options, false)? {
        LoadedFile::Scenario(loaded) => check_prompts(&source, &loaded),
        LoadedFile::Traffic(_) => Ok(()),
    }
}

/// Listens to the prompts: only the live switch plays them, so only a scenario that can be called is judged by their lengths.
fn check_prompts(source: &Source, loaded: &Loaded) -> Result<(), Failure> {
    let is_called = loaded.scenario.contacts.iter().any(|contact| !contact.numbers.is_empty());
    let find = |name: &str| source.read_prompt(name);
    let mut prompts = Prompts::default();
    let found = loaded.prompts.iter().filter_map(|prompt| {
        let wrong = judge(prompt, prompts.length(&prompt.name, &find))?;
        Some(wrong).filter(|wrong| is_called || wrong.severity == Severity::Error)
    });
    let (errors, warnings): (Vec<_>, Vec<_>) =
        found.partition(|wrong| wrong.severity == Severity::Error);
    let render = |list: Vec<Diagnostic>| Diagnostics { list }.render(say::has_colour());
    if !warnings.is_empty() {
        say::talk(&render(warnings));
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::BadInput(render(errors))) }
}

/// How far a prompt and the time of its step may be apart. Unit: seconds.
const APART_MAX: f64 = 0.5;

/// What is wrong with a prompt, if anything is.
fn judge(prompt: &PromptUse, length: Result<Duration, NoPrompt>) -> Option<Diagnostic> {
    let name = &prompt.name;
    let wrong = |severity, message: String, label: &str, hint: Option<String>| Diagnostic {
        severity,
        message,
        place: Some(prompt.place.clone()),
        label: label.to_owned(),
        hint,
    };
    match length {
        Ok(length) => {
            let (length, time) = (length.as_secs_f64(), prompt.time_s?);
            let is_apart = (length - time).abs() > APART_MAX;
            is_apart.then(|| {
                let message = format!("prompt `{name}` takes {length:.2} s, and its step {time} s");
                let hint = format!("`time = \"{length:.2}s\"` has the simulation wait as long");
                wrong(Severity::Warning, message, "longer or shorter than `time`", Some(hint))
            })
        }
        Err(error @ NoPrompt::NotFound { .. }) => {
            let label = "expected a WAV file beside the scenario, or the name of a shipped one";
            Some(wrong(Severity::Warning, error.to_string(), label, None))
        }
        Err(error @ NoPrompt::Fault { .. }) => {
            let label = "expected a WAV file: mono, 16-bit integers, 8,000 or 16,000 Hz";
            Some(wrong(Severity::Error, error.to_string(), label, None))
        }
    }
}

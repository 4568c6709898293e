//! `callstorm new`: a scenario or a load file to start from.

use crate::arguments::NewArguments;
use crate::exit::{Exit, Failure};
use crate::library::{self, Source};
use crate::say;
use scenarios::LoadOptions;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Writes a new scenario, or lists the library.
pub(crate) fn run(arguments: &NewArguments) -> Result<Exit, Failure> {
    match &arguments.name {
        Some(name) if !arguments.list => write(name, arguments.from.as_deref()),
        Some(_) | None => list(),
    }
}

/// Lists the library with the questions it answers.
fn list() -> Result<Exit, Failure> {
    let width = library::names().chain(library::load_names()).map(str::len).max().unwrap_or(0);
    let options = LoadOptions::default();
    let mut text = String::from("Scenarios, for `callstorm run` and `callstorm serve`:\n\n");
    for name in library::names() {
        let loaded = Source::find(Path::new(name))?.load(&options, true)?;
        writeln!(text, "{name:width$}  {}", loaded.scenario.question).expect("a string takes all");
    }
    text.push_str("\nLoad files, for `callstorm load`:\n\n");
    for name in library::load_names() {
        let traffic = Source::find(Path::new(name))?.load_traffic(&options, true)?;
        writeln!(text, "{name:width$}  {}", traffic.question).expect("a string takes all");
    }
    say::data(&text)?;
    Ok(Exit::Ok)
}

/// Writes `NAME.toml`, and beside it what it needs from the library.
fn write(name: &Path, from: Option<&str>) -> Result<Exit, Failure> {
    let path = match name.extension() {
        Some(extension) if extension == "toml" => name.to_owned(),
        Some(_) | None => PathBuf::from(format!("{}.toml", name.display())),
    };
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()).filter(|s| !s.is_empty())
    else {
        return Err(Failure::BadInput(format!("error: `{}` is no name", name.display())));
    };
    match from {
        None => write_new(&path, &scenarios::starter(stem))?,
        Some(from) => write_from(&path, from)?,
    }
    let verb = if from.is_some_and(library::is_load_file) { "load" } else { "run" };
    say::talk(&format!("wrote {}\n\nnext: callstorm {verb} {}", path.display(), path.display()));
    Ok(Exit::Ok)
}

/// Copies a file of the library under its new name, and the files it names under their own.
fn write_from(path: &Path, from: &str) -> Result<(), Failure> {
    let files = library::with_needs(from)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let places: Vec<(PathBuf, &str)> = files
        .into_iter()
        .enumerate()
        .map(|(index, (file, text))| match index {
            0 => (path.to_owned(), text),
            _ => (folder.join(file), text),
        })
        .collect();
    // All or nothing: look at every place before the first is written.
    let mut missing = Vec::new();
    for (place, text) in &places {
        match fs::read(place) {
            Ok(old) if old == text.as_bytes() && place != path => {}
            Ok(_) => return Err(stands(place)),
            Err(error) if error.kind() == ErrorKind::NotFound => missing.push((place, text)),
            Err(error) => return Err(Failure::file("read", place, &error)),
        }
    }
    missing.into_iter().try_for_each(|(place, text)| write_new(place, text))
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| match error.kind() == ErrorKind::AlreadyExists {
        true => stands(path),
        false => Failure::file("write", path, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| Failure::file("write", path, &error))
}

fn stands(path: &Path) -> Failure {
    Failure::BadInput(format!("error: `{}` exists: nothing was overwritten", path.display()))
}

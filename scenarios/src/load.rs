//! From a path or a text to a scenario or a load file: read, merge, set, resolve, check.

use crate::diagnostic::{Diagnostics, Place};
use crate::document::Document;
use crate::files::Library;
use crate::loader::{FileKind, Merged, in_library, in_text, on_disk};
use crate::model::Scenario;
use crate::model::traffic::Traffic;
use crate::read::Read as _;
use crate::resolve::Resolver;
use crate::traffic_file::TrafficDocument;
use crate::world::World;
use std::path::{Path, PathBuf};

/// How a file is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Values that replace those of the file: `path=value`, `path*=factor`.
    pub set: Vec<String>,
    /// Folders that named files may come from, besides the scenario's own.
    pub allow_paths: Vec<PathBuf>,
}

/// A scenario that was loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The scenario; every id in it points somewhere.
    pub scenario: Scenario,
    /// What may not be as meant.
    pub warnings: Diagnostics,
    /// The prompts of all flows where they are named, each with each time once; the first 500.
    pub prompts: Vec<PromptUse>,
}

/// A prompt that a step names. Its file is another room's to read; what is wrong with it has a place here.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptUse {
    /// The name.
    pub name: String,
    /// The step's `time` where it is the same for every caller. Unit: seconds.
    pub time_s: Option<f64>,
    /// Where the name stands.
    pub place: Place,
}

/// A load file that was loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedTraffic {
    /// What is sent; every step and column in it is there.
    pub traffic: Traffic,
    /// What may not be as meant.
    pub warnings: Diagnostics,
}

/// A file of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadedFile {
    /// A scenario.
    Scenario(Box<Loaded>),
    /// A load file.
    Traffic(Box<LoadedTraffic>),
}

impl LoadedFile {
    /// Returns what may not be as meant.
    #[must_use]
    pub fn warnings(&self) -> &Diagnostics {
        match self {
            Self::Scenario(loaded) => &loaded.warnings,
            Self::Traffic(loaded) => &loaded.warnings,
        }
    }
}

/// Loads a scenario file and the files it names.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
    scenario(on_disk(path, options, Some(FileKind::Scenario))?)
}

/// Loads a scenario from a text. It may name files only below the first of `allow_paths`.
///
/// # Errors
///
/// Every fault found, with its place.
///
/// ```
/// let faults = scenarios::load_str("day.toml", "length = 10", &Default::default());
/// let message = faults.expect_err("a number is no length").to_string();
/// assert!(message.contains("error: 10 needs a unit\n --> day.toml:1:10"), "{message}");
/// ```
pub fn load_str(name: &str, text: &str, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
    scenario(in_text(name, text, options, Some(FileKind::Scenario))?)
}

/// Loads a scenario of a library; the files it names come from there too.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load_embedded(
    name: &str,
    library: Library,
    options: &LoadOptions,
) -> Result<Loaded, Diagnostics> {
    scenario(in_library(name, library, options, Some(FileKind::Scenario))?)
}

/// Loads a load file and the files it names.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load_traffic(path: &Path, options: &LoadOptions) -> Result<LoadedTraffic, Diagnostics> {
    traffic(on_disk(path, options, Some(FileKind::Traffic))?)
}

/// Loads a load file from a text. It may name files only below the first of `allow_paths`.
///
/// # Errors
///
/// Every fault found, with its place.
///
/// ```
/// let text = "[load]\nrate = \"10/s for 1m\"\n[[step]]\nsend = \"OPTIONS\"\n[[step]]\nexpect = \"2xx\"\n";
/// let loaded = scenarios::load_traffic_str("ping.toml", text, &Default::default())?;
/// assert_eq!(loaded.traffic.title, "ping");
/// # Ok::<(), scenarios::Diagnostics>(())
/// ```
pub fn load_traffic_str(
    name: &str,
    text: &str,
    options: &LoadOptions,
) -> Result<LoadedTraffic, Diagnostics> {
    traffic(in_text(name, text, options, Some(FileKind::Traffic))?)
}

/// Loads a load file of a library; the files it names come from there too.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load_traffic_embedded(
    name: &str,
    library: Library,
    options: &LoadOptions,
) -> Result<LoadedTraffic, Diagnostics> {
    traffic(in_library(name, library, options, Some(FileKind::Traffic))?)
}

/// Loads a file of either kind: its keys tell which it is. One that could be both is a scenario.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load_any(path: &Path, options: &LoadOptions) -> Result<LoadedFile, Diagnostics> {
    either(on_disk(path, options, None)?)
}

/// Loads a text of either kind, as [`load_any`] a file.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load_any_str(
    name: &str,
    text: &str,
    options: &LoadOptions,
) -> Result<LoadedFile, Diagnostics> {
    either(in_text(name, text, options, None)?)
}

/// Loads a file of either kind of a library, as [`load_any`] one of the disk.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load_any_embedded(
    name: &str,
    library: Library,
    options: &LoadOptions,
) -> Result<LoadedFile, Diagnostics> {
    either(in_library(name, library, options, None)?)
}

fn either(merged: Merged) -> Result<LoadedFile, Diagnostics> {
    Ok(match merged.kind {
        FileKind::Scenario => LoadedFile::Scenario(Box::new(scenario(merged)?)),
        FileKind::Traffic => LoadedFile::Traffic(Box::new(traffic(merged)?)),
    })
}

/// Turns a merged file into a scenario.
fn scenario(merged: Merged) -> Result<Loaded, Diagnostics> {
    let Merged { mut faults, sources, files, name, hash, node, .. } = merged;
    let Some(document) = Document::read(&node, &mut faults) else {
        return Err(faults.finish(&sources).0);
    };
    let clock = document.clock(&mut faults);
    let mut resolver = Resolver {
        names: document.names(),
        demand_scale: document.scale(),
        has_lines: document.has_lines(),
        sites_with_lines: document.sites_with_lines(),
        brought: document.brought(),
        ..Resolver::new(faults, sources, files, clock)
    };
    let scenario = document.resolve(&name, &mut resolver);
    crate::check::settings(&document, &mut resolver);
    if let Some(scenario) = &scenario {
        crate::check::scenario(scenario, &document, &mut resolver);
        crate::bounds::scenario(scenario, &document, &mut resolver);
    }
    let data = resolver.data;
    let prompts = std::mem::take(&mut resolver.prompts);
    let (scenario, warnings) = finish(scenario, resolver)?;
    let hash = format!("{:016x}", hash ^ data);
    Ok(Loaded { scenario: Scenario { hash, ..scenario }, warnings, prompts })
}

/// Turns a merged file into what is sent.
fn traffic(merged: Merged) -> Result<LoadedTraffic, Diagnostics> {
    let Merged { mut faults, sources, files, name, hash, node, .. } = merged;
    let Some(document) = TrafficDocument::read(&node, &mut faults) else {
        return Err(faults.finish(&sources).0);
    };
    let mut resolver =
        Resolver { world: World::Load, ..Resolver::new(faults, sources, files, document.clock()) };
    let traffic = document.resolve(&name, &mut resolver);
    let data = resolver.data;
    let (traffic, warnings) = finish(traffic, resolver)?;
    let hash = format!("{:016x}", hash ^ data);
    Ok(LoadedTraffic { traffic: Traffic { hash, ..traffic }, warnings })
}

/// Returns what came of a file and the warnings, or all that is wrong.
fn finish<T>(made: Option<T>, resolver: Resolver) -> Result<(T, Diagnostics), Diagnostics> {
    let has_failed = resolver.faults.errors() > 0;
    let (errors, warnings) = resolver.faults.finish(&resolver.sources);
    match made {
        Some(made) if !has_failed => Ok((made, warnings)),
        Some(_) | None => Err(errors),
    }
}

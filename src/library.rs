//! Scenarios and load files by path or by name: the library is embedded, so that an installed binary works alone.

use crate::exit::Failure;
use crate::say;
use scenarios::{Diagnostics, Library, LoadOptions, Loaded, LoadedFile, Traffic};
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Lists embedded files by name: one line each adds a file to the library.
macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../scenarios/", $name)))),*]
    };
}

/// Every file of `scenarios/` and `scenarios/load/` that one may need.
const LIBRARY: Library = Library {
    files: files! {
        "absence-only.toml"
        "bank-1999.toml"
        "base-bank.toml"
        "callback-rollout.toml"
        "front-desk.toml"
        "how-many-lines.toml"
        "ivr-failure.toml"
        "marketing-surge.toml"
        "marketing-surge-with-plan.toml"
        "monday-peak.toml"
        "monday-peak-with-shift.toml"
        "pandemic-peak.toml"
        "raise-target-to-90-20.toml"
        "site-outage.toml"
        "site-outage-with-plan.toml"
        "trunk-outage.toml"
        "vip-priority.toml"
        "northwind-profile.csv"
        "northwind-staff.csv"
        "load/busy-or-answered.toml"
        "load/menu-digits.toml"
        "load/options-ping.toml"
        "load/plain-call.toml"
        "load/ramp-and-spike.toml"
        "load/registration-storm.toml"
        "load/telephones.csv"
    },
};

/// The folder of the library's load files.
const LOAD: &str = "load/";

/// Where a scenario or a load file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file of the user's.
    File(PathBuf),
    /// A file of the library.
    Embedded(&'static str),
}

impl Source {
    /// Finds a file by its path, or by its name in the library: a bare word that is no file.
    ///
    /// # Errors
    /// [`Failure::BadInput`] for a name that the library does not know.
    pub(crate) fn find(argument: &Path) -> Result<Self, Failure> {
        let is_word = argument.extension().is_none() && argument.components().count() == 1;
        match argument.to_str() {
            Some(name) if is_word && !name.contains(['/', '.']) && !argument.exists() => {
                file_of(name).map(Self::Embedded)
            }
            Some(_) | None => Ok(Self::File(argument.to_owned())),
        }
    }

    /// Returns how to name the file on the command line.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Embedded(file) => stem(Path::new(file)),
        }
    }

    /// Returns the folder of a file of the user's: what it names lies there.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(path) => path.parent(),
            Self::Embedded(_) => None,
        }
    }

    /// Reads a prompt's file from the scenario's folder; a name that leaves it is not followed.
    ///
    /// # Errors
    /// When it is not there, or not to be read.
    pub(crate) fn read_prompt(&self, name: &str) -> io::Result<Vec<u8>> {
        let is_inside =
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_inside {
            let why = "leaves the scenario's folder";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let folder = self.folder().ok_or(io::ErrorKind::NotFound)?;
        std::fs::read(folder.join(name))
    }

    /// Returns the name without folder and ending.
    pub(crate) fn stem(&self) -> String {
        match self {
            Self::File(path) => stem(path),
            Self::Embedded(file) => stem(Path::new(file)),
        }
    }

    /// Loads the scenario; its warnings go to stderr unless `is_quiet`.
    ///
    /// # Errors
    /// [`Failure::BadInput`] with every fault of the file.
    pub(crate) fn load(&self, options: &LoadOptions, is_quiet: bool) -> Result<Loaded, Failure> {
        let loaded = match self {
            Self::File(path) => scenarios::load(path, options),
            Self::Embedded(file) => scenarios::load_embedded(file, LIBRARY, options),
        };
        let loaded = loaded.map_err(|faults| self.refused(&faults))?;
        warn(&loaded.warnings, is_quiet);
        Ok(loaded)
    }

    /// Loads the load file; its warnings go to stderr unless `is_quiet`.
    ///
    /// # Errors
    /// [`Failure::BadInput`] with every fault of the file.
    pub(crate) fn load_traffic(
        &self,
        options: &LoadOptions,
        is_quiet: bool,
    ) -> Result<Traffic, Failure> {
        let loaded = match self {
            Self::File(path) => scenarios::load_traffic(path, options),
            Self::Embedded(file) => scenarios::load_traffic_embedded(file, LIBRARY, options),
        };
        let loaded = loaded.map_err(|faults| self.refused(&faults))?;
        warn(&loaded.warnings, is_quiet);
        Ok(loaded.traffic)
    }

    /// Loads a file of either kind; its warnings go to stderr unless `is_quiet`.
    ///
    /// # Errors
    /// [`Failure::BadInput`] with every fault of the file.
    pub(crate) fn load_any(
        &self,
        options: &LoadOptions,
        is_quiet: bool,
    ) -> Result<LoadedFile, Failure> {
        let loaded = match self {
            Self::File(path) => scenarios::load_any(path, options),
            Self::Embedded(file) => scenarios::load_any_embedded(file, LIBRARY, options),
        };
        let loaded = loaded.map_err(|faults| self.refused(&faults))?;
        warn(loaded.warnings(), is_quiet);
        Ok(loaded)
    }

    fn refused(&self, faults: &Diagnostics) -> Failure {
        Failure::BadInput(faults.render(say::has_colour()) + &self.hint())
    }

    /// Points from a file that is missing to its namesake in the library.
    fn hint(&self) -> String {
        match self {
            Self::File(path) if !path.exists() => {
                let is_meant = |name: &&str| path.file_stem() == Some(OsStr::new(name));
                let run = names().find(is_meant).map(|name| ("run", name));
                let found = run.or_else(|| load_names().find(is_meant).map(|name| ("load", name)));
                found.map_or_else(String::new, |(verb, name)| {
                    format!("\nhint: the library has one of that name: `callstorm {verb} {name}`\n")
                })
            }
            Self::File(_) | Self::Embedded(_) => String::new(),
        }
    }
}

/// Says what may not be as meant.
fn warn(warnings: &Diagnostics, is_quiet: bool) {
    if !warnings.is_empty() && !is_quiet {
        say::talk(&warnings.render(say::has_colour()));
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "scenario".to_owned(), |s| s.to_string_lossy().into_owned())
}

/// Returns the names of the library's scenarios, in order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let files = LIBRARY.files.iter().filter(|(file, _)| !file.starts_with(LOAD));
    files.filter_map(|(file, _)| file.strip_suffix(".toml"))
}

/// Returns the names of the library's load files, in order.
pub(crate) fn load_names() -> impl Iterator<Item = &'static str> {
    LIBRARY.files.iter().filter_map(|(file, _)| file.strip_prefix(LOAD)?.strip_suffix(".toml"))
}

/// Returns a file of the library and every file it needs, each by its name alone with its text; itself first.
///
/// # Errors
/// [`Failure::BadInput`] for a name that the library does not know.
pub(crate) fn with_needs(name: &str) -> Result<Vec<(&'static str, &'static str)>, Failure> {
    let file = file_of(name)?;
    let folder = if file.starts_with(LOAD) { LOAD } else { "" };
    // Files name only those of their own folder.
    let beside = || {
        let names = LIBRARY
            .files
            .iter()
            .filter_map(|(file, text)| file.strip_prefix(folder).map(|name| (name, *text)));
        names.filter(|(name, _)| !name.contains('/'))
    };
    let mut needed: Vec<(&str, &str)> =
        beside().filter(|(name, _)| file.strip_prefix(folder) == Some(*name)).collect();
    let mut looked_at = 0;
    while let Some((_, text)) = needed.get(looked_at).copied() {
        looked_at += 1;
        for (name, content) in beside() {
            let is_named = text.contains(&format!("\"{name}\""));
            if is_named && needed.iter().all(|(known, _)| *known != name) {
                needed.push((name, content));
            }
        }
    }
    Ok(needed)
}

/// Returns whether a name of the library is a load file's.
pub(crate) fn is_load_file(name: &str) -> bool {
    load_names().any(|known| known == name.strip_suffix(".toml").unwrap_or(name))
}

/// Returns the file of a scenario or a load file of the library.
fn file_of(name: &str) -> Result<&'static str, Failure> {
    let bare = name.strip_suffix(".toml").unwrap_or(name);
    let is_meant =
        |file: &str| file.strip_prefix(LOAD).unwrap_or(file).strip_suffix(".toml") == Some(bare);
    let known = LIBRARY.files.iter().find(|(file, _)| is_meant(file));
    known.map(|(file, _)| *file).ok_or_else(|| {
        let list = |names: &mut dyn Iterator<Item = &str>| {
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        Failure::BadInput(format!(
            "error: no file and nothing of the library is called `{name}`\n\n\
             hint: the library has the scenarios {}, and the load files {}",
            list(&mut names()),
            list(&mut load_names())
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn every_file_of_the_library_is_embedded() {
        let mut on_disk = BTreeSet::new();
        for folder in ["", LOAD] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(folder);
            let names = fs::read_dir(path)
                .expect("the library is part of the source")
                .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned());
            let is_ours = |name: &String| name.ends_with(".csv") || name.ends_with(".toml");
            let names = names.filter(is_ours).filter(|name| name != "Cargo.toml");
            on_disk.extend(names.map(|name| format!("{folder}{name}")));
        }
        let embedded: BTreeSet<String> =
            LIBRARY.files.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(on_disk, embedded);
    }

    #[test]
    fn every_name_of_the_library_is_of_one_file() {
        let names: Vec<&str> = names().chain(load_names()).collect();
        let different: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), different.len());
        for name in load_names() {
            let source = Source::find(Path::new(name)).expect("it is in the library");
            let traffic = source.load_traffic(&LoadOptions::default(), true).expect("it is good");
            assert!(!traffic.flow.is_empty() && is_load_file(name), "{name}");
        }
    }

    #[test]
    fn names_are_words_and_paths_are_not() {
        let found = |argument: &str| Source::find(Path::new(argument)).expect("found");
        assert_eq!(found("monday-peak"), Source::Embedded("monday-peak.toml"));
        for path in ["./monday-peak", "monday-peak.toml", "scenarios/monday-peak", "."] {
            assert_eq!(found(path), Source::File(PathBuf::from(path)));
        }
    }

    #[test]
    fn unknown_name_is_told_what_there_is() {
        let failure = Source::find(Path::new("mondey-peak")).expect_err("no such scenario");
        assert_eq!(failure.exit().code(), 104);
        assert!(failure.to_string().contains("`base-bank`"), "{failure}");
    }

    #[test]
    fn missing_file_is_pointed_to_its_namesake() {
        let source = Source::File(PathBuf::from("nowhere/monday-peak.toml"));
        let failure = source.load(&LoadOptions::default(), true).expect_err("no such file");
        assert!(failure.to_string().contains("`callstorm run monday-peak`"), "{failure}");
    }

    #[test]
    fn a_file_comes_with_the_files_it_names() {
        let files = with_needs("monday-peak").expect("it is in the library");
        let files: Vec<&str> = files.into_iter().map(|(name, _)| name).collect();
        let needed =
            ["monday-peak.toml", "base-bank.toml", "northwind-profile.csv", "northwind-staff.csv"];
        assert_eq!(files, needed);
        let files = with_needs("registration-storm").expect("it is in the library");
        let files: Vec<&str> = files.into_iter().map(|(name, _)| name).collect();
        assert_eq!(files, ["registration-storm.toml", "telephones.csv"]);
    }
}

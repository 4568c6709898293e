//! Every mistake in `tests/bad` and its message, side by side.
//!
//! `UPDATE=1 cargo test -p callstorm-scenarios --test messages` writes the messages anew: read them
//! before you commit them.

use scenarios::{LoadOptions, load_any};
use std::fs;
use std::path::{Path, PathBuf};

/// Lists the bad files.
fn bad_files() -> Vec<PathBuf> {
    let folder = fs::read_dir("tests/bad").expect("the folder is part of the source");
    let mut files: Vec<PathBuf> = folder
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

/// Loads a file; its comments `# set: path=value` are handed over as `--set` would.
fn message(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("readable");
    let set = text.lines().filter_map(|line| line.strip_prefix("# set: ")).map(str::to_owned);
    let options = LoadOptions { set: set.collect(), allow_paths: Vec::new() };
    match load_any(path, &options) {
        Ok(loaded) => panic!("{} loads, with warnings:\n{}", path.display(), loaded.warnings()),
        Err(faults) => faults.to_string(),
    }
}

#[test]
fn every_bad_file_gets_its_message() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in bad_files() {
        let found = message(&path);
        let beside = path.with_extension("txt");
        if update {
            fs::write(&beside, &found).expect("writable");
        } else if fs::read_to_string(&beside).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "other messages than beside the files:\n\n{}", wrong.join("\n"));
}

#[test]
fn there_are_many_bad_files_and_each_message_has_a_bad_file() {
    let files = bad_files();
    assert!(files.len() >= 40, "{}", files.len());
    for entry in fs::read_dir("tests/bad").expect("the folder is part of the source") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            assert!(path.with_extension("toml").exists(), "{} has no file", path.display());
        }
    }
}

#[test]
fn messages_point_and_explain() {
    for path in bad_files() {
        let text = message(&path);
        for part in text.split("\nerror: ") {
            let first = part.lines().next().unwrap_or("").trim_start_matches("error: ");
            assert!(!first.ends_with('.'), "{}: {first}", path.display());
            assert!(
                !first.starts_with(char::is_uppercase) || first.starts_with("Poisson"),
                "{first}"
            );
            assert!(
                part.contains("-->") && part.contains('^'),
                "{}: no place: {part}",
                path.display()
            );
        }
    }
}

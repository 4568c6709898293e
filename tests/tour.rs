//! The tour of the README works: its commands are run, in order, and say what the README shows.
//!
//! A ` ```console ` block holds commands after `$ ` and, below each, lines of its output. `…` alone on a line stands for
//! any lines left out; so does the end of the block. A line `? 99` gives the exit code, 0 without one.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A command of the README.
struct Step {
    line: usize,
    words: Vec<String>,
    shown: Vec<String>,
    exit: i32,
}

#[test]
fn commands_of_the_readme_do_what_it_shows() {
    let room = a_clone();
    let steps = steps(&read("README.md"));
    assert!(steps.len() >= 6, "the tour has {} commands", steps.len());
    for step in steps {
        let output = run(&step, room.path());
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let place = format!("README.md:{}: {}", step.line, step.words.join(" "));
        assert_eq!(output.status.code(), Some(step.exit), "{place}\n{stdout}{stderr}");
        let missing = first_missing(&step.shown, &stdout, &stderr);
        assert!(
            missing.is_none(),
            "{place}\nnot printed: {}\n\n{stdout}{stderr}",
            missing.unwrap_or("")
        );
    }
}

#[test]
fn readme_gives_the_two_commands() {
    let text = read("README.md");
    assert!(text.contains("cargo run --release -- run scenarios/monday-peak.toml"));
    assert!(text.contains("cargo test"));
    // The workspace has several programs: `cargo run` must know which one is meant.
    assert!(read("Cargo.toml").contains("\ndefault-run = \"callstorm\"\n"));
}

#[test]
fn scenario_of_the_readme_runs() {
    let room = a_clone();
    let text = read("README.md");
    let (_, rest) = text.split_once("```toml\n").expect("the README shows a scenario");
    let (toml, _) = rest.split_once("```").expect("the block ends");
    fs::write(room.path().join("scenarios/flu.toml"), toml).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(["run", "scenarios/flu.toml", "--replications", "10"])
        .current_dir(room.path())
        .output()
        .expect("the binary was built for this test");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 99)), "{stderr}");
}

/// Makes a folder with what the tour needs of a clone.
fn a_clone() -> tempfile::TempDir {
    let room = tempfile::tempdir().expect("a temporary folder");
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let target = room.path().join("scenarios");
    fs::create_dir(&target).expect("a new folder");
    for entry in fs::read_dir(library).expect("the library is part of the source") {
        let path = entry.expect("readable").path();
        if path.is_file() {
            let name = path.file_name().expect("a file has a name");
            fs::copy(&path, target.join(name)).expect("copied");
        }
    }
    room
}

fn run(step: &Step, folder: &Path) -> Output {
    let words: Vec<&str> = step.words.iter().map(String::as_str).collect();
    let (["cargo", "run", "--release", "--", arguments @ ..] | ["callstorm", arguments @ ..]) =
        words.as_slice()
    else {
        panic!("README.md:{}: the tour runs callstorm only", step.line)
    };
    Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

/// Returns the first line shown that does not follow, in order, in stdout or stderr.
fn first_missing<'a>(shown: &'a [String], stdout: &str, stderr: &str) -> Option<&'a str> {
    let mut rest = stdout.lines().chain(stderr.lines());
    shown
        .iter()
        .find(|line| !rest.any(|printed| printed.trim_end() == line.trim_end()))
        .map(String::as_str)
}

/// Reads the steps out of the blocks.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_inside = line == "```console";
        } else if is_inside && let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { line: index + 1, words: words(command), shown: Vec::new(), exit: 0 });
        } else if is_inside && let Some(step) = steps.last_mut() {
            match line.strip_prefix("? ") {
                Some(code) => step.exit = code.parse().expect("an exit code"),
                None if line == "…" || line.is_empty() => {}
                None => step.shown.push(line.to_owned()),
            }
        }
    }
    steps
}

/// Splits a command at blanks; single quotes keep words together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

fn read(path: &str) -> String {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&full).unwrap_or_else(|error| panic!("{path}: {error}"))
}

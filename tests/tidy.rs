//! The house keeps its rules (DESIGN §1, CONVENTIONS): doors, imports, sizes, words. A failure says file, line and rule.

mod source;

use source::{SourceFile, Token, functions, rust_files, text_files, tokens};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The most lines of a file.
const FILE_LINES_MAX: usize = 600;
/// The most lines of a function.
const FUNCTION_LINES_MAX: usize = 70;

/// Files that may be longer: path and reason.
const LONG_FILES: [(&str, &str); 0] = [];
/// Functions that may be longer: path, name and reason.
const LONG_FUNCTIONS: [(&str, &str, &str); 0] = [];

/// Files that may `allow` where others `expect`: path and reason.
const ALLOW: [(&str, &str); 2] = [
    ("sim/tests/common/mod.rs", "each test file uses its part"),
    ("tests/serving/mod.rs", "each test file uses its part"),
];

/// Who may import whom. The root package and `benches` may import everybody.
const IMPORTS: [(&str, &[&str]); 8] = [
    ("acd", &[]),
    ("chance", &[]),
    ("scenarios", &["acd", "chance"]),
    ("reports", &["acd"]),
    ("sim", &["acd", "chance", "scenarios", "reports"]),
    ("sip", &[]),
    ("live", &["acd", "chance", "scenarios", "reports", "sip"]),
    ("loadgen", &["acd", "chance", "scenarios", "reports", "sim", "sip", "live"]),
];
/// The crates of the house, the root package among them.
const CRATES: [&str; 10] = [
    "acd",
    "chance",
    "scenarios",
    "reports",
    "sim",
    "sip",
    "live",
    "loadgen",
    "benches",
    "callstorm",
];
/// The crates that are the same on every machine: no features, so that no build has other numbers.
const WITHOUT_FEATURES: [&str; 3] = ["acd", "scenarios", "sim"];
/// Where sockets, an executor and the wall clock may be named.
const OUTSIDE: &[&str] = &["src/", "sip/src/net/", "live/", "loadgen/"];
/// Likewise, and benchmarks, which measure time.
const OUTSIDE_AND_BENCHES: &[&str] = &["src/", "sip/src/net/", "live/", "loadgen/", "benches/"];

/// A word that only some places may use in their sources.
struct Door {
    /// What the word opens, for the message.
    what: &'static str,
    /// The word as it stands in the code.
    word: &'static str,
    /// Beginnings of the paths of files that may use it.
    allowed: &'static [&'static str],
}

const DOORS: [Door; 19] = [
    Door { what: "an executor", word: "tokio", allowed: OUTSIDE },
    Door { what: "a socket", word: "std::net", allowed: OUTSIDE },
    Door { what: "a socket", word: "TcpStream", allowed: OUTSIDE },
    Door { what: "a socket", word: "TcpListener", allowed: OUTSIDE },
    Door { what: "a socket", word: "UdpSocket", allowed: OUTSIDE },
    Door { what: "a clock", word: "Instant::now", allowed: OUTSIDE_AND_BENCHES },
    Door { what: "a clock", word: "SystemTime::now", allowed: OUTSIDE_AND_BENCHES },
    Door { what: "a clock", word: "std::time", allowed: OUTSIDE_AND_BENCHES },
    Door { what: "the environment", word: "std::env", allowed: OUTSIDE_AND_BENCHES },
    Door { what: "the environment", word: "env::var", allowed: OUTSIDE_AND_BENCHES },
    Door {
        what: "a thread",
        word: "std::thread",
        allowed: &["src/", "sim/src/run.rs", "live/", "loadgen/", "benches/"],
    },
    Door { what: "chance", word: "rand::", allowed: &["chance/"] },
    Door { what: "chance", word: "rand_core", allowed: &["chance/"] },
    Door { what: "chance", word: "rand_distr", allowed: &["chance/"] },
    Door { what: "TOML", word: "toml::", allowed: &["scenarios/", "benches/"] },
    Door { what: "reading CSV", word: "csv::Reader", allowed: &["scenarios/", "benches/"] },
    Door { what: "reading CSV", word: "csv::ReaderBuilder", allowed: &["scenarios/", "benches/"] },
    Door { what: "writing CSV", word: "csv::Writer", allowed: &["reports/", "benches/"] },
    Door { what: "charts", word: "plotters", allowed: &["reports/"] },
];

/// Packages that only some manifests may name (outside `[dev-dependencies]`).
const PACKAGES: [(&str, &[&str]); 8] = [
    ("toml", &["scenarios"]),
    ("csv", &["scenarios", "reports", "benches"]),
    ("plotters", &["reports"]),
    ("rand", &["chance"]),
    ("rand_core", &["chance"]),
    ("rand_distr", &["chance"]),
    ("tokio", &["sip", "live", "loadgen", "callstorm"]),
    ("clap", &["callstorm", "benches"]),
];

#[test]
fn crates_import_only_whom_they_may() {
    let mut faults = Vec::new();
    for (name, allowed) in IMPORTS.into_iter().filter(|(name, _)| exists(name)) {
        for package in dependencies(name) {
            let is_ours = CRATES.contains(&package.as_str()) || package.starts_with("callstorm-");
            if is_ours && !allowed.contains(&package.as_str()) {
                faults.push(format!("{name}/Cargo.toml: `{name}` may not import `{package}`"));
            }
        }
    }
    none(&faults);
}

#[test]
fn packages_are_named_only_where_they_have_their_door() {
    let mut faults = Vec::new();
    for name in CRATES.into_iter().filter(|name| exists(name)) {
        for package in dependencies(name) {
            let rule = PACKAGES.iter().find(|(ruled, _)| *ruled == package);
            if rule.is_some_and(|(_, allowed)| !allowed.contains(&name)) {
                faults.push(format!("{name}/Cargo.toml: `{package}` has its door elsewhere"));
            }
        }
    }
    none(&faults);
}

#[test]
fn doors_are_opened_only_where_they_may() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_library_code()) {
        let code = tokens(file.code_without_tests());
        let is_closed = |door: &&Door| !door.allowed.iter().any(|at| file.path.starts_with(at));
        for door in DOORS.iter().filter(is_closed) {
            let word = tokens(door.word);
            for at in code.windows(word.len()).filter(|at| same(at, &word)) {
                faults
                    .push(format!("{}:{}: {} (`{}`)", file.path, at[0].line, door.what, door.word));
            }
        }
    }
    none(&faults);
}

fn same(code: &[Token<'_>], word: &[Token<'_>]) -> bool {
    code.iter().zip(word).all(|(a, b)| a.text == b.text)
}

#[test]
fn files_and_functions_are_short() {
    let mut faults = Vec::new();
    for file in rust_files() {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX && !LONG_FILES.iter().any(|(path, _)| *path == file.path) {
            faults.push(format!("{}: {lines} lines, more than {FILE_LINES_MAX}", file.path));
        }
        for function in functions(&tokens(&file.code)) {
            let is_excused = LONG_FUNCTIONS
                .iter()
                .any(|(path, name, _)| *path == file.path && *name == function.name);
            if function.lines > FUNCTION_LINES_MAX && !is_excused {
                faults.push(format!(
                    "{}:{}: `{}` has {} lines, more than {FUNCTION_LINES_MAX}",
                    file.path, function.line, function.name, function.lines
                ));
            }
        }
    }
    none(&faults);
}

#[test]
fn excuses_are_still_needed() {
    for (path, reason) in LONG_FILES {
        let lines = read(path).lines().count();
        assert!(lines > FILE_LINES_MAX, "{path} needs no excuse any more ({reason})");
    }
    for (path, name, reason) in LONG_FUNCTIONS {
        let file = rust_files().into_iter().find(|file| file.path == path);
        let file = file.unwrap_or_else(|| panic!("{path} is excused ({reason}) but gone"));
        let is_long = functions(&tokens(&file.code))
            .iter()
            .any(|f| f.name == name && f.lines > FUNCTION_LINES_MAX);
        assert!(is_long, "`{name}` in {path} needs no excuse any more ({reason})");
    }
    for (path, reason) in ALLOW {
        let file = rust_files().into_iter().find(|file| file.path == path);
        let file = file.unwrap_or_else(|| panic!("{path} is excused ({reason}) but gone"));
        let allows = tokens(&file.code).windows(3).any(|t| is_attribute(t, "allow"));
        assert!(allows, "{path} has no `allow` any more ({reason})");
    }
}

/// Returns whether these tokens begin an attribute of that name.
fn is_attribute(tokens: &[Token<'_>], name: &str) -> bool {
    tokens[0].text == "[" && tokens[1].text == name && tokens[2].text == "("
}

#[test]
fn every_file_says_what_it_is_for() {
    let undocumented: Vec<String> = rust_files()
        .iter()
        .filter(|file| !file.text.trim_start_matches("#![no_main]\n").starts_with("//!"))
        .map(|file| format!("{}: no `//!` at its head", file.path))
        .collect();
    none(&undocumented);
}

#[test]
fn nothing_is_left_undone() {
    let mut faults = Vec::new();
    for file in rust_files() {
        for (number, comment) in file.comments() {
            let is_open =
                ["TODO", "FIXME", "XXX", "HACK"].iter().any(|word| comment.contains(word));
            if is_open && !names_an_issue(comment) {
                faults.push(format!("{}:{number}: open end without an issue", file.path));
            }
        }
        let tokens = tokens(&file.code);
        for at in tokens.windows(2).filter(|at| at[1].text == "!") {
            if ["todo", "unimplemented", "dbg"].contains(&at[0].text) {
                faults.push(format!("{}:{}: `{}!`", file.path, at[0].line, at[0].text));
            }
        }
    }
    none(&faults);
}

fn names_an_issue(comment: &str) -> bool {
    comment.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[test]
fn exceptions_to_lints_are_expected_and_give_a_reason() {
    let mut faults = Vec::new();
    for file in rust_files() {
        let tokens = tokens(&file.code);
        for (at, pair) in tokens.windows(3).enumerate() {
            let inside = tokens[at..].iter().take_while(|token| token.text != ")");
            let has_reason = inside.map(|token| token.text).any(|word| word == "reason");
            let (is_allow, is_expect) = (is_attribute(pair, "allow"), is_attribute(pair, "expect"));
            if (is_allow || is_expect) && !has_reason {
                faults.push(format!("{}:{}: without a reason", file.path, pair[1].line));
            }
            if is_allow && !ALLOW.iter().any(|(path, _)| *path == file.path) {
                faults.push(format!("{}:{}: `allow`, not `expect`", file.path, pair[1].line));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_crate_obeys_the_lints_of_the_house() {
    for name in CRATES.into_iter().filter(|name| exists(name)) {
        let manifest = manifest(name);
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{name}: no `[lints] workspace = true`"
        );
        for key in ["license", "edition", "rust-version", "publish"] {
            assert!(
                manifest.contains(&format!("{key}.workspace = true")),
                "{name}: `{key}` is not the workspace's"
            );
        }
    }
}

#[test]
fn names_of_files_say_something() {
    let empty =
        ["utils.rs", "util.rs", "helpers.rs", "helper.rs", "common.rs", "misc.rs", "data.rs"];
    let faults: Vec<String> = rust_files()
        .iter()
        .filter(|file| file.is_library_code())
        .filter(|file| empty.iter().any(|name| file.path.ends_with(&format!("/{name}"))))
        .map(|file| format!("{}: the name says nothing", file.path))
        .collect();
    none(&faults);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    // Put together here, so that this file passes its own test.
    let places = ["work/", "tmp/t-", "root/", "home/"].map(|place| format!("/{place}"));
    let mut faults = Vec::new();
    for (path, text) in text_files() {
        for (number, line) in text.lines().enumerate() {
            for place in &places {
                let is_place = line.match_indices(place.as_str()).any(|(at, _)| {
                    // `a/work/b` is somebody's path, but not one from the root of this machine.
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || "./_-".contains(c))
                });
                if is_place {
                    faults.push(format!("{path}:{}: `{place}`", number + 1));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn crates_whose_numbers_count_have_no_features() {
    for name in WITHOUT_FEATURES {
        assert!(!manifest(name).contains("[features]"), "`{name}` has features");
    }
}

/// Fails with every fault, not only the first.
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Returns the text of a file of the repository.
fn read(path: &str) -> String {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&full).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Returns a crate's manifest; of the root package, the part that is about it.
fn manifest(name: &str) -> String {
    match name {
        "callstorm" => {
            let text = read("Cargo.toml");
            let start = text.find("\n[package]").expect("the root is a package");
            text[start..].to_owned()
        }
        _ => read(&format!("{name}/Cargo.toml")),
    }
}

/// Returns whether a crate was built already: rooms are named here before they are furnished.
fn exists(name: &str) -> bool {
    name == "callstorm" || Path::new(env!("CARGO_MANIFEST_DIR")).join(name).is_dir()
}

/// Returns the packages under `[dependencies]` of a crate.
fn dependencies(name: &str) -> BTreeSet<String> {
    let manifest = manifest(name);
    let mut packages = BTreeSet::new();
    let mut section = String::new();
    for line in manifest.lines() {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']').to_owned();
            if let Some(package) = section.strip_prefix("dependencies.") {
                packages.insert(package.to_owned());
            }
        } else if section == "dependencies" {
            let end = line.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
            let package = &line[..end.unwrap_or(line.len())];
            if !package.is_empty() {
                packages.insert(package.to_owned());
            }
        }
    }
    packages
}

#[test]
fn reader_of_sources_sees_code_and_not_what_looks_like_it() {
    let text =
        "fn a() { // fn b() {\n    let s = \"} fn c() {\"; let t = r#\"}\"#; let u = '}';\n}\n";
    let file = SourceFile::new("acd/src/x.rs".to_owned(), text.to_owned());
    let found = functions(&tokens(&file.code));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].name, found[0].lines), ("a", 3));
    assert_eq!(file.comments().count(), 1);
}

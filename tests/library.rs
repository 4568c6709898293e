//! Every scenario of the library runs, and ends as its comment says.

use std::fs;
use std::path::Path;
use std::process::Command;

/// How each scenario ends: 0, or 99 where the gate fails on purpose.
const ENDS: [(&str, i32); 17] = [
    ("absence-only", 99),
    ("bank-1999", 0),
    ("base-bank", 0),
    ("callback-rollout", 0),
    ("front-desk", 0),
    ("how-many-lines", 0),
    ("ivr-failure", 99),
    ("marketing-surge", 99),
    ("marketing-surge-with-plan", 0),
    ("monday-peak", 0),
    ("monday-peak-with-shift", 0),
    ("pandemic-peak", 99),
    ("raise-target-to-90-20", 0),
    ("site-outage", 99),
    ("site-outage-with-plan", 0),
    ("trunk-outage", 99),
    ("vip-priority", 0),
];

#[test]
fn every_scenario_ends_as_it_says() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let mut faults = Vec::new();
    for (name, code) in ENDS {
        let output = Command::new(env!("CARGO_BIN_EXE_callstorm"))
            .args(["run", name, "--quiet"])
            .current_dir(room.path())
            .output()
            .expect("the binary was built for this test");
        if output.status.code() != Some(code) {
            let stdout = String::from_utf8_lossy(&output.stdout);
            let stderr = String::from_utf8_lossy(&output.stderr);
            faults.push(format!("{name}: {}, not {code}\n{stdout}{stderr}", output.status));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn no_scenario_of_ours_is_warned_about() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["scenarios", "scenarios/load", "benches"].into_iter().flat_map(|folder| {
        fs::read_dir(root.join(folder))
            .expect("a folder of the source")
            .map(|entry| entry.expect("readable").path())
    });
    let files = files.filter(|path| {
        path.extension().is_some_and(|e| e == "toml") && !path.ends_with("Cargo.toml")
    });
    let output = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .arg("check")
        .args(files)
        .output()
        .expect("the binary was built for this test");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !told.contains("warning"), "{told}");
}

/// Holds a file of the library to its manners.
fn says_what_it_answers(path: &Path, text: &str) {
    let name = path.display();
    assert!(text.starts_with("# "), "{name} begins with a comment");
    assert!(text.contains("\ntitle = \""), "{name} has a title");
    assert!(text.contains("\nquestion = \"") && text.contains("?\"\n"), "{name} asks a question");
    assert!(text.contains("\n[gate]\n"), "{name} has a gate");
}

#[test]
fn every_scenario_says_what_it_answers_and_where_its_numbers_come_from() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the library is part of the source") {
        let path = entry.expect("readable").path();
        let is_scenario =
            path.extension().is_some_and(|e| e == "toml") && !path.ends_with("Cargo.toml");
        if is_scenario {
            let text = fs::read_to_string(&path).expect("readable");
            let name = path.display();
            says_what_it_answers(&path, &text);
            let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            assert!(ENDS.iter().any(|(known, _)| *known == stem), "{name} has no line in ENDS");
            let fails = ENDS.iter().any(|(known, code)| *known == stem && *code != 0);
            assert_eq!(text.contains("fails on purpose"), fails, "{name}: its comment on the gate");
            count += 1;
        }
    }
    assert_eq!(count, ENDS.len());
}

#[test]
fn every_load_file_says_what_it_answers_and_has_a_gate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/load");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the library is part of the source") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        let name = path.display();
        says_what_it_answers(&path, &text);
        assert!(text.contains("@127.0.0.1") || text.contains("sip:127.0.0.1"), "{name}: loopback");
        count += 1;
    }
    assert_eq!(count, 6);
}

//! Which kind of file is which.

use crate::help::SMALL;
use scenarios::{LoadOptions, LoadedFile, load_any_str, load_str, load_traffic_str};
use std::fs;

fn options() -> LoadOptions {
    LoadOptions::default()
}

#[test]
fn files_are_told_apart_by_their_keys() {
    let any = load_any_str("a.toml", SMALL, &options()).expect("good");
    assert!(matches!(any, LoadedFile::Traffic(_)));
    let any = load_any_str("a.toml", &scenarios::starter("a"), &options()).expect("good");
    assert!(matches!(any, LoadedFile::Scenario(_)));
    let faults = load_any_str("a.toml", "", &options()).expect_err("empty");
    assert!(faults.to_string().contains("`length` is missing"), "{faults}");
}

#[test]
fn a_file_of_the_other_kind_is_one_fault() {
    let faults = load_str("a.toml", SMALL, &options()).expect_err("no scenario");
    assert_eq!(faults.list.len(), 1, "{faults}");
    assert!(faults.to_string().contains("this is a load file, not a scenario"), "{faults}");
    let scenario = scenarios::starter("a");
    let faults = load_traffic_str("a.toml", &scenario, &options()).expect_err("no load file");
    assert_eq!(faults.list.len(), 1, "{faults}");
    assert!(faults.to_string().contains("this is a scenario, not a load file"), "{faults}");
}

#[test]
fn a_slip_towards_the_other_kind_stays_a_slip() {
    let scenario = format!("target = \"sip:x\"\n{}", scenarios::starter("a"));
    for loaded in [
        load_str("a.toml", &scenario, &options()).map(|_| ()),
        load_any_str("a.toml", &scenario, &options()).map(|_| ()),
    ] {
        let faults = loaded.expect_err("an unknown key").to_string();
        assert!(faults.contains("unknown key `target`"), "{faults}");
    }
}

#[test]
fn a_key_of_a_scenario_does_not_make_a_load_file_one() {
    let faults = load_any_str("a.toml", &format!("interval = \"1m\"\n{SMALL}"), &options());
    let faults = faults.expect_err("an unknown key");
    assert_eq!(faults.list.len(), 1, "{faults}");
    assert!(faults.to_string().contains("unknown key `interval`"), "{faults}");
}

#[test]
fn a_file_is_of_the_kind_that_it_extends_and_its_steps_replace_the_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("small.toml"), SMALL).expect("writable");
    let path = folder.path().join("changed.toml");
    let load = |text: &str| {
        fs::write(&path, format!("extends = \"small.toml\"\n{text}")).expect("writable");
        match scenarios::load_any(&path, &options()).unwrap_or_else(|faults| panic!("{faults}")) {
            LoadedFile::Traffic(loaded) => loaded.traffic,
            LoadedFile::Scenario(_) => panic!("it extends a load file"),
        }
    };
    assert_eq!(load("title = \"other\"\n").flow.len(), 5);
    let faster = load("[load]\nrate = \"99/s for 1m\"\n");
    assert_eq!(faster.flow.len(), 5);
    let options = "[[step]]\nsend = \"OPTIONS\"\n[[step]]\nexpect = \"2xx\"\n";
    assert_eq!(load(options).flow.len(), 3);
}

//! Good files: every key of the format, and what it becomes.

use scenarios::{LoadOptions, Loaded, load_str};
use std::path::PathBuf;

fn load(text: &str) -> Loaded {
    load_str("test.toml", text, &options(&[])).unwrap_or_else(|faults| panic!("{faults}"))
}

fn options(set: &[&str]) -> LoadOptions {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/good");
    LoadOptions {
        set: set.iter().map(|text| (*text).to_owned()).collect(),
        allow_paths: vec![data],
    }
}

#[test]
fn the_whole_format_loads() {
    let text = include_str!("good/everything.toml");
    let loaded = load(text);
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    assert_eq!(loaded.scenario.contacts.len(), 7);
}

//! A small centre to change, and loading that prints what is wrong.

use scenarios::{LoadOptions, Loaded, load_str};
use std::path::PathBuf;

/// A centre with one contact, one queue and one group.
pub(crate) const SMALL: &str = "\
start = \"2026-03-02T08:00\"
length = \"10h\"

[contact.sales]
queue = \"sales\"
arrivals.poisson.rate = \"120/h\"
talk = \"200s\"

[queue.sales]
target = \"80% in 20s\"

[agents.team]
count = 12
skills.sales = 1
";

/// Loads a text that must be good.
pub(crate) fn load(text: &str) -> Loaded {
    load_with(text, &[])
}

/// Loads a text with values set as on the command line.
pub(crate) fn load_with(text: &str, set: &[&str]) -> Loaded {
    load_str("test.toml", text, &options(set)).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// Returns the messages of a text that must be bad.
pub(crate) fn refused(text: &str, set: &[&str]) -> String {
    match load_str("test.toml", text, &options(set)) {
        Ok(loaded) => panic!("it loads: {:?}", loaded.scenario),
        Err(faults) => faults.to_string(),
    }
}

/// Loads the small centre with tables merged over it: a line in a known table replaces its key.
pub(crate) fn small(changes: &str) -> Loaded {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("small.toml"), SMALL).expect("writable");
    let path = folder.path().join("changed.toml");
    // Data files of `tests/good` are named by their whole path.
    let changes = changes.replace("\"values.csv\"", &format!("{:?}", good("values.csv")));
    std::fs::write(&path, format!("extends = \"small.toml\"\n{changes}")).expect("writable");
    let options = LoadOptions { set: Vec::new(), allow_paths: vec![good("")] };
    scenarios::load(&path, &options).unwrap_or_else(|faults| panic!("{faults}\n{changes}"))
}

/// Returns the path of a data file.
pub(crate) fn good(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/good").join(name)
}

fn options(set: &[&str]) -> LoadOptions {
    let set = set.iter().map(|text| (*text).to_owned()).collect();
    LoadOptions { set, allow_paths: vec![good("")] }
}

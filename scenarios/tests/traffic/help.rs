//! Loading that prints what is wrong, and a small flow to change.

use scenarios::traffic::Traffic;
use scenarios::{LoadOptions, LoadedTraffic, load_traffic_str};

/// A load file with one call of six messages.
pub(crate) const SMALL: &str = "\
[load]
rate = \"10/s for 1m\"

[[step]]
send = \"INVITE\"

[[step]]
expect = \"2xx\"

[[step]]
send = \"BYE\"

[[step]]
expect = \"2xx\"
";

/// Loads a text whose files lie in `tests/good`.
pub(crate) fn load(text: &str) -> LoadedTraffic {
    load_with(text, &[]).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// Loads a text of which nothing is to be warned.
pub(crate) fn traffic(text: &str) -> Traffic {
    let loaded = load(text);
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    loaded.traffic
}

/// Loads a text with values set.
pub(crate) fn load_with(text: &str, set: &[&str]) -> Result<LoadedTraffic, String> {
    let set = set.iter().map(|set| (*set).to_owned()).collect();
    let options = LoadOptions { set, allow_paths: vec!["tests/good".into()] };
    load_traffic_str("load.toml", text, &options).map_err(|faults| faults.to_string())
}

/// Returns what is said about a text that is not taken.
pub(crate) fn refused(text: &str) -> String {
    match load_with(text, &[]) {
        Ok(loaded) => panic!("it loads: {:?}\n{text}", loaded.traffic),
        Err(faults) => faults,
    }
}

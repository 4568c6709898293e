#![no_main]
//! Any bytes as a scenario file: a scenario or diagnostics, and the diagnostics can be printed.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match scenarios::load_str("fuzz.toml", text, &scenarios::LoadOptions::default()) {
        Ok(loaded) => assert!(loaded.scenario.length.0 > 0, "a run has a length"),
        Err(diagnostics) => assert!(diagnostics.to_string().contains("error")),
    }
});

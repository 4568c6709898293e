#![no_main]
//! Any bytes as a scenario or a load file, as their keys tell: a model or diagnostics, and the diagnostics can be printed.

use libfuzzer_sys::fuzz_target;
use scenarios::LoadedFile;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match scenarios::load_any_str("fuzz.toml", text, &scenarios::LoadOptions::default()) {
        Ok(LoadedFile::Scenario(loaded)) => {
            assert!(loaded.scenario.length.0 > 0, "a run has a length");
        }
        Ok(LoadedFile::Traffic(loaded)) => {
            assert!(!loaded.traffic.flow.is_empty(), "a call has steps");
        }
        Err(diagnostics) => assert!(diagnostics.to_string().contains("error")),
    }
});

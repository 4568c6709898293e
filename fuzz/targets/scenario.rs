#![no_main]
//! Any bytes as a scenario or a load file, as their keys tell: a model or diagnostics, and the diagnostics can be printed.

use libfuzzer_sys::fuzz_target;
use scenarios::LoadedFile;

/// Something rare that a good search reaches within a minute: without it a target that looks at nothing looks clean.
fn canary(told: &str) {
    let is_rare = told.matches("error: ").count() > 24;
    assert!(!cfg!(feature = "canary") || !is_rare, "canary");
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match scenarios::load_any_str("fuzz.toml", text, &scenarios::LoadOptions::default()) {
        Ok(LoadedFile::Scenario(loaded)) => {
            assert!(loaded.scenario.length.0 > 0, "a run has a length");
        }
        Ok(LoadedFile::Traffic(loaded)) => {
            assert!(!loaded.traffic.flow.is_empty(), "a call has steps");
        }
        Err(diagnostics) => {
            let told = diagnostics.to_string();
            assert!(told.contains("error"));
            canary(&told);
        }
    }
});

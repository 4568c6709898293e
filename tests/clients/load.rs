//! `callstorm load` calling others' targets.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// SIPp's own target: rings, answers, and ends when so many calls are over.
pub(crate) fn sipp_answers(port: u16, calls: u32) -> Child {
    Command::new("sipp")
        .args(["-sn", "uas", "-i", "127.0.0.1", "-p", &port.to_string(), "-m", &calls.to_string()])
        .args(["-nostdin", "-timeout", "60s", "-timeout_error"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("SIPp is installed (Debian: sip-tester)")
}

/// Places calls, 100 a second, each up for a third of a second; returns the report's figures of all calls.
pub(crate) fn calls(
    room: &Path,
    target: SocketAddr,
    calls: u32,
    more: &[&str],
) -> serde_json::Value {
    let run = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(["load", "--target", &format!("sip:100@{target}"), "--calls", &calls.to_string()])
        .args(["--rate", "100/s", "--length", "30s", "--hold", "300ms", "--out", "out"])
        // A test is no place to judge how fast a machine is.
        .args(["--no-self-test", "--max-lag", "10s"])
        .args(more)
        .current_dir(room)
        .output()
        .expect("the binary was built for this test");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let summary = std::fs::read_to_string(room.join("out/summary.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    summary["kpis"]["all"].clone()
}

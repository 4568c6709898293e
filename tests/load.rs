//! `callstorm load` as its users run it: against its own reflector and a running server, on loopback.

mod serving;

use serde_json::Value;
use serving::Serving;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A running `callstorm load --answer`.
struct Reflector {
    address: SocketAddr,
    child: Child,
}

impl Reflector {
    fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    fn start_at(listen: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_callstorm"))
            .args(["load", "--answer", "--listen", listen])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built for this test");
        let mut line = String::new();
        let stderr = child.stderr.take().expect("piped");
        BufReader::new(stderr).read_line(&mut line).expect("text");
        let address = line.split(" at ").nth(1).and_then(|rest| rest.split(';').next());
        let address = address.and_then(|text| text.trim().parse().ok());
        Self { address: address.unwrap_or_else(|| panic!("no address in {line:?}")), child }
    }

    /// Ends it; returns how many calls came.
    fn calls(mut self) -> u64 {
        interrupt(&self.child);
        let mut said = String::new();
        self.child.stdout.take().expect("piped").read_to_string(&mut said).expect("text");
        assert!(self.child.wait().expect("it ends").success());
        said.split(' ').next().and_then(|count| count.parse().ok()).expect("a count")
    }

    fn target(&self) -> String {
        format!("sip:{}", self.address)
    }
}

impl Drop for Reflector {
    fn drop(&mut self) {
        // A test that failed leaves no target behind; one that asked for the calls has waited for its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status().expect("kill runs");
}

/// Runs `callstorm load` in a folder of its own. A test is no place to judge how fast a machine is.
fn load(room: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(["load", "--out", "out", "--max-lag", "10s"])
        .args(arguments)
        .current_dir(room)
        .output()
        .expect("the binary was built for this test")
}

fn room() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn summary(room: &Path) -> Value {
    let text = fs::read_to_string(room.join("out/summary.json")).expect("a summary");
    serde_json::from_str(&text).expect("JSON")
}

fn kpi(summary: &Value, key: &str) -> f64 {
    summary["kpis"]["all"][key]["mean"].as_f64().unwrap_or_else(|| panic!("no {key}"))
}

fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_call_that_is_placed_comes_and_is_counted() {
    let (room, reflector) = (room(), Reflector::start(&[]));
    let target = reflector.target();
    let run = load(
        room.path(),
        &["--target", &target, "--rate", "100/s", "--length", "2s", "--hold", "200ms"],
    );
    assert_eq!(run.status.code(), Some(0), "{}", talk(&run));
    let summary = summary(room.path());
    let placed = kpi(&summary, "placed");
    assert!((130.0..280.0).contains(&placed), "{placed}");
    for key in ["established", "completed", "passed"] {
        assert_eq!(kpi(&summary, key), placed, "{key}");
    }
    assert_eq!((kpi(&summary, "failed"), kpi(&summary, "ser")), (0.0, 1.0));
    assert_eq!((summary["mode"].as_str(), summary["valid"].as_bool()), (Some("load"), Some(true)));
    // The self-test has a target of its own: none of its calls came to ours.
    assert!(talk(&run).contains("self-test: 150 calls/s"), "{}", talk(&run));
    assert_eq!(reflector.calls() as f64, placed);
}

#[test]
fn tcp_and_ipv6_carry_calls_too() {
    for (listen, suffix) in [("127.0.0.1:0", ";transport=tcp"), ("[::1]:0", "")] {
        let (room, reflector) = (room(), Reflector::start_at(listen, &[]));
        let target = format!("{}{suffix}", reflector.target());
        let arguments = ["--rate", "50/s", "--length", "1s", "--hold", "100ms", "--no-self-test"];
        let run = load(room.path(), &[&["--target", target.as_str()], &arguments[..]].concat());
        assert_eq!(run.status.code(), Some(0), "{target}: {}", talk(&run));
        let summary = summary(room.path());
        assert!(kpi(&summary, "placed") > 20.0, "{target}");
        assert_eq!(kpi(&summary, "passed"), kpi(&summary, "placed"), "{target}");
    }
}

#[test]
fn refusals_are_told_by_their_status_and_cross_the_gate() {
    let (room, reflector) = (room(), Reflector::start(&["--refuse", "486@50%"]));
    let file = "schema = 1\ntitle = \"half\"\n[load]\nrate = \"40/s\"\nlength = \"1s\"\n\
        [[step]]\nsend = \"INVITE\"\n[[step]]\nexpect = \"200\"\n[[step]]\nsend = \"BYE\"\n[[step]]\nexpect = \"200\"\n\
        [gate]\nmust = [\"established_share >= 99%\"]\n";
    fs::write(room.path().join("half.toml"), file).expect("written");
    let run = load(room.path(), &["half.toml", "--target", &reflector.target(), "--no-self-test"]);
    assert_eq!(run.status.code(), Some(99), "{}", talk(&run));
    let summary = summary(room.path());
    let (placed, failed) = (kpi(&summary, "placed"), kpi(&summary, "failed"));
    assert!((failed - placed / 2.0).abs() <= 1.0, "{failed} of {placed}");
    // RFC 6076 §4.7: that somebody is busy is no failure of the network.
    assert_eq!(kpi(&summary, "seer"), 1.0);
}

#[test]
fn caps_are_lifted_by_flags_only_and_load_stays_at_home() {
    let room = room();
    let refused = |arguments: &[&str], hint: &str| {
        let run = load(room.path(), arguments);
        assert_eq!(run.status.code(), Some(104), "{arguments:?}: {}", talk(&run));
        assert!(talk(&run).contains(hint), "{arguments:?}: {}", talk(&run));
    };
    refused(&["--target", "sip:192.0.2.1", "--rate", "1/s"], "--allow-host 192.0.2.1");
    refused(&["--target", "sip:10.1.2.3", "--rate", "1/s"], "--allow-private");
    refused(
        &["--target", "sip:127.0.0.1:9", "--rate", "100/s", "--hold", "30s", "--length", "60s"],
        "--max-calls",
    );
    refused(&["--target", "sip:127.0.0.1:9", "--rate", "10/s for 11m"], "--max-length");
    refused(&["--target", "sip:127.0.0.1:9"], "--rate 10/s");
    refused(&["--rate", "10/s"], "--target");
    refused(&["--target", "sip:127.0.0.1:9", "--rate", "ten"], "expected");
    let file = "schema = 1\ntitle = \"fast\"\n[load]\nrate = \"80/s\"\nlength = \"1s\"\n[[step]]\nsend = \"OPTIONS\"\n[[step]]\nexpect = \"200\"\n";
    fs::write(room.path().join("fast.toml"), file).expect("written");
    refused(&["fast.toml", "--target", "sip:127.0.0.1:9"], "--max-rate 80/s");
    assert!(!room.path().join("out").exists());
}

#[test]
fn the_highest_rate_without_a_failure_is_searched_for() {
    // The target refuses one call in a hundred: forty calls pass, eighty do not.
    let (room, reflector) = (room(), Reflector::start(&["--refuse", "503@1%"]));
    let target = reflector.target();
    let search =
        ["--search", "--rate", "40/s", "--max-rate", "160/s", "--length", "1s", "--hold", "50ms"];
    let run = load(
        room.path(),
        &[&["--target", target.as_str(), "--gaps", "even", "--no-self-test"], &search[..]].concat(),
    );
    assert_eq!(run.status.code(), Some(0), "{}", talk(&run));
    let said = talk(&run);
    assert!(said.contains("40.0 calls/s: nothing failed"), "{said}");
    assert!(said.contains("no: 1 calls failed"), "{said}");
    assert!(said.contains("highest rate without a failure"), "{said}");
    assert_eq!(kpi(&summary(room.path()), "failed"), 0.0, "the report is that of the best trial");
}

#[test]
fn an_interrupted_run_hangs_up_and_still_reports() {
    let (room, reflector) = (room(), Reflector::start(&[]));
    let mut child = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args([
            "load",
            "--out",
            "out",
            "--target",
            &reflector.target(),
            "--rate",
            "30/s",
            "--hold",
            "5s",
            "--length",
            "30s",
        ])
        .args(["--no-self-test", "--max-lag", "10s"])
        .current_dir(room.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary was built for this test");
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut said = String::new();
    // The line that tells how it goes comes after five seconds of calls.
    while !said.contains(" placed, ") {
        assert!(stderr.read_line(&mut said).expect("text") > 0, "{said}");
    }
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let summary = summary(room.path());
    let placed = kpi(&summary, "placed");
    assert!(placed > 100.0, "{placed}");
    assert_eq!(kpi(&summary, "established"), placed);
    assert_eq!(kpi(&summary, "completed"), placed, "every call got its BYE");
    assert_eq!(reflector.calls() as f64, placed);
}

#[test]
fn our_server_counts_the_same_calls() {
    let scenario =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/live/robots.toml"))
            .expect("a scenario with robots");
    let serving = Serving::start(&scenario, &["--robots"], &[]);
    let (room, target) = (room(), format!("sip:100@{}", serving.address));
    let run = load(
        room.path(),
        &["--target", &target, "--rate", "50/s", "--length", "3s", "--hold", "500ms"],
    );
    assert_eq!(run.status.code(), Some(0), "{}", talk(&run));
    let ours = summary(room.path());
    let ended = serving.interrupt();
    let theirs = fs::read_to_string(ended.room.path().join("out/summary.json")).expect("a summary");
    let theirs: Value = serde_json::from_str(&theirs).expect("JSON");
    assert_eq!(kpi(&theirs, "attempts"), kpi(&ours, "placed"));
    assert_eq!(kpi(&theirs, "answered"), kpi(&ours, "established"));
}

#[test]
fn digits_and_audio_go_out_and_come_back() {
    let (room, reflector) = (room(), Reflector::start(&[]));
    let file = "schema = 1\ntitle = \"talk\"\n[load]\nrate = \"10/s\"\nlength = \"1s\"\n\
        [[step]]\nsend = \"INVITE\"\n[[step]]\nexpect = \"200\"\n\
        [[step]]\nplay = { tone = \"440Hz\" }\n[[step]]\ndigits = \"12#\"\n[[step]]\npause = \"1s\"\n\
        [[step]]\nsend = \"BYE\"\n[[step]]\nexpect = \"200\"\n";
    fs::write(room.path().join("talk.toml"), file).expect("written");
    let run = load(room.path(), &["talk.toml", "--target", &reflector.target(), "--no-self-test"]);
    assert_eq!(run.status.code(), Some(0), "{}", talk(&run));
    let summary = summary(room.path());
    let (placed, sent) = (kpi(&summary, "placed"), kpi(&summary, "rtp_sent"));
    // A call of 1.6 s has eighty packets; the reflector sends each back.
    assert!(sent > placed * 70.0, "{sent} packets of {placed} calls");
    assert!(kpi(&summary, "rtp_loss") < 0.02);
    assert!(kpi(&summary, "mos_mean") > 4.0);
}

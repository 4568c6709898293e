//! The command line as a script meets it: exit codes, streams, files.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A small centre that is done in milliseconds.
const SMALL: &str = r#"
schema = 1
title = "Small"
length = "1h"

[run]
replications = 4

[contact.sales]
queue = "sales"
arrivals.poisson = { rate = "120/h" }
talk = { exponential = { mean = "120s" } }
patience = { exponential = { mean = "2m" } }

[queue.sales]
target = "80% in 20s"

[agents.all]
count = 6
skills = { sales = 1 }
"#;

fn room(gate: &str) -> TempDir {
    let room = tempfile::tempdir().expect("a temporary folder");
    let gate = match gate {
        "" => String::new(),
        must => format!("\n[gate]\nmust = [{must:?}]\n"),
    };
    fs::write(room.path().join("small.toml"), format!("{SMALL}{gate}")).expect("written");
    room
}

fn callstorm(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn exits(output: &Output, code: i32) {
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout:\n{stdout}\nstderr:\n{stderr}");
}

#[test]
fn run_writes_its_report_and_nothing_else() {
    let room = room("");
    exits(&callstorm(room.path(), &["run", "small.toml"]), 0);
    let mut names: Vec<String> = fs::read_dir(room.path().join("out/small-1"))
        .expect("the default folder")
        .map(|entry| text(entry.expect("readable").file_name().as_encoded_bytes()))
        .collect();
    names.sort();
    assert_eq!(names, ["intervals.csv", "report.html", "summary.json"]);
    assert_eq!(fs::read_dir(room.path().join("out")).expect("readable").count(), 1);
}

#[test]
fn calls_and_events_are_written_when_asked_for() {
    let room = room("");
    let arguments = ["run", "small.toml", "--out", "here", "--calls", "--events"];
    exits(&callstorm(room.path(), &arguments), 0);
    for name in ["calls.csv", "events.jsonl"] {
        let content = fs::read_to_string(room.path().join("here").join(name)).expect(name);
        assert!(content.lines().count() > 100, "{name} has {} lines", content.lines().count());
    }
}

#[test]
fn summary_goes_to_stdout_and_talk_to_stderr() {
    let room = room("");
    let output = callstorm(room.path(), &["run", "small.toml"]);
    assert!(text(&output.stdout).contains("Small"));
    assert!(text(&output.stderr).contains("out/small-1"));
    let quiet = callstorm(room.path(), &["run", "small.toml", "--quiet"]);
    assert_eq!(text(&quiet.stderr), "");
    assert_eq!(quiet.stdout, output.stdout);
}

#[test]
fn same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let room = room("");
    for threads in ["1", "2", "4"] {
        let arguments = ["run", "small.toml", "--calls", "--threads", threads, "--out", threads];
        exits(&callstorm(room.path(), &arguments), 0);
    }
    for name in ["summary.json", "intervals.csv", "calls.csv", "report.html"] {
        let of = |threads: &str| fs::read(room.path().join(threads).join(name)).expect(name);
        assert_eq!(of("1"), of("2"), "{name}");
        assert_eq!(of("1"), of("4"), "{name}");
    }
}

#[test]
fn time_zones_of_the_machine_change_nothing() {
    // A night in which the clock of Berlin goes forward, so that the steps move by an hour.
    let room = room("");
    let night = SMALL
        .replace(
            "length = \"1h\"",
            "start = \"2026-03-28T20:00\"\ntimezone = \"Europe/Berlin\"\nlength = \"12h\"",
        )
        .replace(
            "rate = \"120/h\"",
            "steps = [{ at = \"20:00\", rate = \"60/h\" }, { at = \"04:00\", rate = \"240/h\" }]",
        );
    fs::write(room.path().join("night.toml"), night).expect("written");
    let zones = room.path().join("zones/Europe");
    fs::create_dir_all(&zones).expect("a new folder");
    fs::write(zones.join("Berlin"), "no time zone at all").expect("written");
    let run = |out: &str, zones: &str, zone: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_callstorm"))
            .args(["run", "night.toml", "--calls", "--out", out])
            .env("TZDIR", room.path().join(zones))
            .env("TZ", zone)
            .current_dir(room.path())
            .output()
            .expect("the binary was built for this test");
        exits(&output, 0);
        let files = ["summary.json", "intervals.csv", "calls.csv", "report.html"];
        files.map(|name| fs::read(room.path().join(out).join(name)).expect(name))
    };
    // Damaged zones and none at all: what counts is the table that the program brings along.
    assert!(run("a", "zones", "Asia/Tokyo") == run("b", "nowhere", "America/Lima"));
    let calls = fs::read_to_string(room.path().join("a/calls.csv")).expect("written");
    let arrivals =
        calls.lines().skip(1).filter_map(|row| row.split(',').nth(7)?.parse::<f64>().ok());
    // 04:00 is seven hours after 20:00 in this night, not eight.
    let busy = arrivals.filter(|at| (7.0 * 3600.0..8.0 * 3600.0).contains(at)).count();
    assert!(busy > 4 * 180, "{busy} calls in four replications of the hour from 04:00");
}

#[test]
fn seed_and_replications_override_the_file() {
    let room = room("");
    let arguments = ["run", "small.toml", "--seed", "7", "--replications", "2"];
    exits(&callstorm(room.path(), &arguments), 0);
    let path = room.path().join("out/small-7/summary.json");
    let summary: serde_json::Value =
        serde_json::from_slice(&fs::read(path).expect("written")).expect("JSON");
    assert_eq!(summary["seed"], 7);
    assert_eq!(summary["replications"], 2);
}

#[test]
fn set_changes_a_key_and_an_unknown_key_is_refused() {
    let room = room("service_level >= 0.99");
    exits(&callstorm(room.path(), &["run", "small.toml"]), 99);
    let staffed = ["run", "small.toml", "--set", "agents.all.count=20", "--out", "b"];
    exits(&callstorm(room.path(), &staffed), 0);
    let output = callstorm(room.path(), &["run", "small.toml", "--set", "agents.al.count=20"]);
    exits(&output, 104);
    assert!(text(&output.stderr).contains("error"), "{}", text(&output.stderr));
}

#[test]
fn crossed_gate_exits_99_after_writing_the_report() {
    let room = room("service_level >= 0.99");
    exits(&callstorm(room.path(), &["run", "small.toml", "--junit", "ci/junit.xml"]), 99);
    assert!(room.path().join("out/small-1/summary.json").exists());
    let junit = fs::read_to_string(room.path().join("ci/junit.xml")).expect("written");
    assert!(junit.contains("failures=\"1\""), "{junit}");
}

#[test]
fn bad_files_and_bad_arguments_exit_104() {
    let room = room("");
    fs::write(room.path().join("bad.toml"), "schema = 1\nlenght = \"1h\"\n").expect("written");
    for arguments in [
        &["run", "bad.toml"][..],
        &["run", "missing.toml"],
        &["run", "no-such-scenario"],
        &["run", "."],
        &["run", "small.toml", "--replications", "0"],
        &["run", "small.toml", "--threads", "0"],
        &["run", "small.toml", "--no-such-flag"],
        &["run"],
        &[],
        &["check"],
        &["check", "bad.toml"],
        &["fly"],
    ] {
        let output = callstorm(room.path(), arguments);
        exits(&output, 104);
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        assert_ne!(text(&output.stderr), "", "{arguments:?}");
    }
    assert!(!room.path().join("out").exists());
}

#[test]
fn help_and_version_are_data() {
    let room = room("");
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"]] {
        let output = callstorm(room.path(), arguments);
        exits(&output, 0);
        assert_ne!(text(&output.stdout), "");
        assert_eq!(text(&output.stderr), "");
    }
}

#[test]
fn foreign_folder_is_never_overwritten() {
    let room = room("");
    let target = room.path().join("mine");
    fs::create_dir(&target).expect("a new folder");
    fs::write(target.join("thesis.txt"), "three years").expect("written");
    let output = callstorm(room.path(), &["run", "small.toml", "--out", "mine"]);
    exits(&output, 104);
    assert!(text(&output.stderr).contains("it holds `thesis.txt`"), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(&target).expect("readable").count(), 1);
}

#[test]
fn reader_who_leaves_early_is_no_error() {
    let room = room("");
    let mut child = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(["check", "--schema"])
        .current_dir(room.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    // Closed before anything was read, as `| head -0` does.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    exits(&output, 0);
    assert_eq!(text(&output.stderr), "");
}

#[cfg(unix)]
#[test]
fn interrupted_run_reports_what_is_done() {
    let room = room("");
    let mut child = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(["run", "small.toml", "--replications", "100000", "--set", "length=1000h"])
        .current_dir(room.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    // Ctrl-C is listened to before the draft of the report is begun.
    while fs::read_dir(room.path().join("out")).is_err() {
        assert!(child.try_wait().expect("it is ours").is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("a Unix system can kill").success());
    let output = child.wait_with_output().expect("it ends");
    exits(&output, 130);
    assert!(room.path().join("out/small-1/summary.json").exists());
}

#[test]
fn check_names_every_fault_of_every_file() {
    let room = room("");
    fs::write(room.path().join("a.toml"), "schema = 1\nlenght = \"1h\"\n").expect("written");
    fs::write(room.path().join("b.toml"), "schema = 1\nlength = 60\n").expect("written");
    let arguments = ["check", "a.toml", "small.toml", "b.toml", "--junit", "junit.xml"];
    let output = callstorm(room.path(), &arguments);
    exits(&output, 104);
    let stderr = text(&output.stderr);
    assert!(stderr.contains("a.toml:2:1") && stderr.contains("b.toml:2:"), "{stderr}");
    assert!(text(&output.stdout).contains("small.toml"), "{}", text(&output.stdout));
    let junit = fs::read_to_string(room.path().join("junit.xml")).expect("written");
    assert!(junit.contains("tests=\"3\"") && junit.contains("failures=\"2\""), "{junit}");
}

#[test]
fn schema_is_json() {
    let output = callstorm(Path::new("."), &["check", "--schema"]);
    exits(&output, 0);
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(schema["$schema"].as_str().is_some_and(|s| s.contains("json-schema.org")));
    let output = callstorm(Path::new("."), &["check", "--schema=load"]);
    exits(&output, 0);
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(schema["title"], "Callstorm load file");
}

#[test]
fn new_scenario_runs_as_it_is() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let output = callstorm(room.path(), &["new", "ours"]);
    exits(&output, 0);
    assert!(text(&output.stderr).contains("callstorm run ours.toml"), "{}", text(&output.stderr));
    exits(&callstorm(room.path(), &["check", "ours.toml"]), 0);
    exits(&callstorm(room.path(), &["run", "ours.toml"]), 0);
}

#[test]
fn new_scenario_out_of_the_library_brings_the_files_it_needs() {
    let room = tempfile::tempdir().expect("a temporary folder");
    exits(&callstorm(room.path(), &["new", "ours", "--from", "monday-peak"]), 0);
    exits(&callstorm(room.path(), &["check", "ours.toml"]), 0);
    assert!(room.path().join("base-bank.toml").exists());
    assert!(room.path().join("northwind-profile.csv").exists());
}

#[test]
fn new_scenario_never_overwrites() {
    let room = room("");
    let output = callstorm(room.path(), &["new", "small"]);
    exits(&output, 104);
    let kept = fs::read_to_string(room.path().join("small.toml")).expect("kept");
    assert!(kept.starts_with(SMALL));
}

#[test]
fn library_is_listed_with_its_questions() {
    let output = callstorm(Path::new("."), &["new", "--list"]);
    exits(&output, 0);
    let stdout = text(&output.stdout);
    assert!(stdout.contains("monday-peak") && stdout.contains("Do we need an extra Monday shift?"));
    let (scenarios, load_files) = stdout.split_once("\nLoad files").expect("a part of their own");
    assert!(!scenarios.contains("plain-call") && load_files.contains("plain-call"), "{stdout}");
    assert!(load_files.contains("establish before it answers late?"), "{load_files}");
}

/// A flow that plays prompts: the name and the time of each.
fn spoken(prompts: &[(&str, &str)]) -> String {
    let mut flow = String::from("\n[ivr.main]\nstart = \"p0\"\n");
    for (at, (prompt, time)) in prompts.iter().enumerate() {
        let then = if at + 1 == prompts.len() { "q".to_owned() } else { format!("p{}", at + 1) };
        flow += &format!(
            "[ivr.main.step.p{at}]\nplay = {{ prompt = \"{prompt}\", time = \"{time}\", then = \"{then}\" }}\n"
        );
    }
    flow += "[ivr.main.step.q]\nenqueue = { queue = \"sales\", full = \"end\", timed_out = \"end\" }\n\
             [ivr.main.step.end]\nrelease = {}\n";
    SMALL.replace("queue = \"sales\"\narrivals", "ivr = \"main\"\nnumbers = [\"100\"]\narrivals")
        + &flow
}

/// A second of silence: 16-bit integers at 8,000 Hz.
fn wav(channels: u16) -> Vec<u8> {
    let bytes = 16_000 * u32::from(channels);
    let mut wav = [&b"RIFF"[..], &(36 + bytes).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0"].concat();
    wav.extend(channels.to_le_bytes());
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend(bytes.to_le_bytes());
    wav.extend((2 * channels).to_le_bytes());
    wav.extend(b"\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(wav.len() + bytes as usize, 0);
    wav
}

#[test]
fn check_listens_to_the_prompts_of_a_scenario_that_can_be_called() {
    let room = room("");
    fs::write(room.path().join("mono.wav"), wav(1)).expect("written");
    fs::write(room.path().join("stereo.wav"), wav(2)).expect("written");
    let check = |prompts: &[(&str, &str)], replaced: &str| {
        let text = spoken(prompts).replace(replaced, "");
        fs::write(room.path().join("ivr.toml"), text).expect("written");
        callstorm(room.path(), &["check", "ivr.toml"])
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();

    let good = check(&[("mono.wav", "1.4s"), ("goodbye.wav", "0.6s")], "-");
    exits(&good, 0);
    assert_eq!(said(&good), "");

    let apart = check(&[("mono.wav", "5s"), ("gone.wav", "1s")], "-");
    exits(&apart, 0);
    let talk = said(&apart);
    assert!(talk.contains("warning: prompt `mono.wav` takes 1.00 s, and its step 5 s"), "{talk}");
    assert!(talk.contains(" --> ivr.toml:26:19"), "{talk}");
    assert!(talk.contains("warning: prompt `gone.wav`: "), "{talk}");

    let stereo = check(&[("mono.wav", "1s"), ("stereo.wav", "1s")], "-");
    exits(&stereo, 104);
    let talk = said(&stereo);
    assert!(talk.contains("error: prompt `stereo.wav`: 2 channels of 16-bit integers"), "{talk}");
    assert!(talk.contains(" --> ivr.toml:28:19"), "{talk}");

    // Nobody can call it: its prompts are never played, and their times are the simulation's own.
    let uncalled = check(&[("mono.wav", "5s"), ("gone.wav", "1s")], "numbers = [\"100\"]\n");
    exits(&uncalled, 0);
    assert_eq!(said(&uncalled), "");
}

#[test]
fn load_files_are_checked_and_written_like_scenarios() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let output = callstorm(room.path(), &["new", "storm", "--from", "registration-storm"]);
    exits(&output, 0);
    assert!(text(&output.stderr).contains("next: callstorm load storm.toml"));
    assert!(room.path().join("telephones.csv").exists());
    let output = callstorm(room.path(), &["check", "storm.toml", "plain-call", "monday-peak"]);
    exits(&output, 0);
    assert_eq!(text(&output.stdout), "ok: storm.toml\nok: plain-call\nok: monday-peak\n");
    let output = callstorm(room.path(), &["run", "storm.toml"]);
    exits(&output, 104);
    let told = text(&output.stderr);
    assert!(told.contains("this is a load file, not a scenario"), "{told}");
    assert!(told.contains("storm.toml:"), "{told}");
}

#[test]
fn library_scenario_runs_without_any_file() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let arguments = ["run", "monday-peak", "--replications", "2"];
    exits(&callstorm(room.path(), &arguments), 0);
    assert!(room.path().join("out/monday-peak-1/summary.json").exists());
    assert_eq!(fs::read_dir(room.path()).expect("readable").count(), 1);
}

/// A recording of a centre that takes a call and lets it go; where it is not complete, what the switch said last is missing.
fn recording(is_complete: bool) -> Vec<u8> {
    use acd::{AttemptKind, CallId, ContactId, Input, Output, Timestamp};
    let config = acd::AcdConfig {
        contacts: vec![acd::Entry::Queue(acd::QueueId(0))],
        queues: vec![acd::QueueConfig::default()],
        ..acd::AcdConfig::default()
    };
    let mut acd = acd::Acd::new(config);
    let mut recorder = acd::Recorder::new(Timestamp::ZERO, &acd);
    let call = CallId { slot: 0, age: 0 };
    let (contact, kind) = (ContactId(0), AttemptKind::Fresh);
    let inputs = [
        Input::CallOffered { call, contact, kind, attempt: 0, caller: 7 },
        Input::CallerGone { call },
    ];
    for (second, input) in inputs.into_iter().enumerate() {
        let (now, mut out) = (Timestamp(second as u64 * 1_000_000), Vec::new());
        recorder.input(now, input);
        acd.handle(now, input, &mut out);
        for output in out.iter().filter(|_| is_complete || second == 0) {
            match output {
                Output::Command(command) => recorder.command(command),
                Output::Event(event) => recorder.event(event),
            }
        }
    }
    let mut bytes = Vec::new();
    recorder.flush(&mut bytes);
    bytes
}

#[test]
fn replay_says_whether_the_switch_decides_the_same() {
    let room = room("");
    let good = recording(true);
    fs::write(room.path().join("day.rec"), &good).expect("written");
    let output = callstorm(room.path(), &["replay", "day.rec", "--steps"]);
    exits(&output, 0);
    let shown = text(&output.stdout);
    assert!(shown.contains("was  CallEnqueued") && shown.contains("CallerGone"), "{shown}");
    assert!(shown.contains("decides the same again.\n2 steps"), "{shown}");

    fs::write(room.path().join("cut.rec"), &good[..good.len() - 1]).expect("written");
    let output = callstorm(room.path(), &["replay", "cut.rec"]);
    exits(&output, 0);
    assert!(text(&output.stdout).contains("cut short"), "{}", text(&output.stdout));

    let mut damaged = good.clone();
    *damaged.last_mut().expect("not empty") ^= 1;
    fs::write(room.path().join("damaged.rec"), damaged).expect("written");
    let output = callstorm(room.path(), &["replay", "damaged.rec"]);
    exits(&output, 104);
    assert!(text(&output.stderr).contains("damaged at byte"), "{}", text(&output.stderr));

    fs::write(room.path().join("other.rec"), recording(false)).expect("written");
    let output = callstorm(room.path(), &["replay", "other.rec"]);
    exits(&output, 2);
    let shown = text(&output.stdout);
    assert!(shown.contains("DIFFERS") && shown.contains("otherwise at 1 of 2 steps"), "{shown}");

    let output = callstorm(room.path(), &["replay", "small.toml"]);
    exits(&output, 104);
    assert!(text(&output.stderr).contains("--record"), "{}", text(&output.stderr));
}

//! Whatever a file holds: a scenario or messages, never a panic, and soon.

use proptest::prelude::*;
use scenarios::traffic::{Step, Traffic};
use scenarios::{LoadOptions, LoadedFile, Scenario, json_schema, load_any_str};

const GOOD: &str = include_str!("good/everything.toml");
const GOOD_LOAD: &str = include_str!("good/load-everything.toml");

/// Loads a text, prints its messages, makes the switch's set-up: all that a file's text can reach.
fn survives(text: &str, set: &[String]) {
    let options = LoadOptions { set: set.to_vec(), allow_paths: vec!["tests/good".into()] };
    match load_any_str("any.toml", text, &options) {
        Ok(LoadedFile::Scenario(loaded)) => scenario_is_sound(&loaded.scenario),
        Ok(LoadedFile::Traffic(loaded)) => traffic_is_sound(&loaded.traffic),
        Err(faults) => {
            assert!(!faults.is_empty(), "a failure without a message");
            assert!(faults.render(true).len() >= faults.render(false).len());
        }
    }
}

fn scenario_is_sound(scenario: &Scenario) {
    let config = scenarios::acd_config(scenario);
    assert_eq!(config.queues.len(), scenario.queues.len());
    assert!(scenario.length.0 > 0);
}

/// A generator may go by every step without looking whether it is there.
fn traffic_is_sound(traffic: &Traffic) {
    let steps = traffic.flow.len();
    assert!(matches!(traffic.flow.last(), Some(Step::End { .. } | Step::Goto(_))));
    for step in &traffic.flow {
        match step {
            Step::Goto(to) => assert!(*to < steps),
            Step::Expect(expect) => {
                assert!(expect.branches.iter().all(|branch| branch.to < steps));
            }
            Step::Send(_) | Step::Pause(_) | Step::Digits { .. } => {}
            Step::Play { .. } | Step::End { .. } => {}
        }
    }
    assert!(traffic.rows.as_ref().is_none_or(|rows| !rows.is_empty()));
}

/// Returns the nearest beginning of a character at or before a byte.
fn boundary(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0)
}

/// Values that a reader may trip over.
const VALUES: &[&str] = &[
    "nan",
    "-inf",
    "1e400",
    "-1",
    "0",
    "\"\"",
    "\"0s\"",
    "\"-5s\"",
    "\"99999999999d\"",
    "\"1e9/h\"",
    "[]",
    "{}",
    "[[]]",
    "{ a = {} }",
    "true",
    "2026-13-41T99:99",
    "2026-03-29T02:30:00",
    "24:00:00",
    "9223372036854775807",
    "-9223372036854775808",
    "\"day 9999 23:59\"",
    "\"+3650d\"",
    "\"24:00\"",
    "\"2026-03-29T02:30\"",
    "\"unlimited\"",
    "\"sales\"",
    "\"../../x\"",
    "\"/dev/zero\"",
    "\".\"",
    "\"100%\"",
    "\"0/min\"",
    "\"\\u0000\"",
    "\"north\"",
    "{ exponential = { mean = \"0s\" } }",
    "{ mixture = [] }",
    "{ empirical = { values = [] } }",
    "\"sure asa_s{last=1s} < 1s sure\"",
    "\"{number}\"",
    "\"{{\"",
    "\"2xx\"",
    "\"BYE\"",
    "\"CANCEL\"",
    "\"ramp to 1/s in 1s\"",
];

/// A change of a good file.
#[derive(Debug, Clone)]
enum Mutation {
    /// Puts characters somewhere.
    Insert(usize, String),
    /// Cuts bytes out.
    Cut(usize, usize),
    /// Copies a line to another place.
    Move(usize, usize),
    /// Gives a line's key another value.
    Value(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let byte = 0..GOOD.len().max(GOOD_LOAD.len());
    let lines = GOOD.lines().count().max(GOOD_LOAD.lines().count());
    prop_oneof![
        (byte.clone(), "\\PC{0,4}|[\\[\\]{}=\",.#\n]{1,3}")
            .prop_map(|(at, text)| Mutation::Insert(at, text)),
        (byte, 0..200_usize).prop_map(|(at, length)| Mutation::Cut(at, length)),
        (0..lines, 0..lines).prop_map(|(from, to)| Mutation::Move(from, to)),
        (0..lines, 0..VALUES.len()).prop_map(|(line, value)| Mutation::Value(line, value)),
    ]
}

fn mutate(text: &mut String, mutation: &Mutation) {
    match mutation {
        Mutation::Insert(at, inserted) => text.insert_str(boundary(text, *at), inserted),
        Mutation::Cut(at, length) => {
            let (start, end) = (boundary(text, *at), boundary(text, at + length));
            text.replace_range(start..end.max(start), "");
        }
        Mutation::Move(from, to) => {
            let mut lines: Vec<&str> = text.lines().collect();
            if let Some(line) = lines.get(*from).copied() {
                lines.insert((*to).min(lines.len()), line);
            }
            *text = lines.join("\n");
        }
        Mutation::Value(line, value) => {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            if let Some(line) = lines.get_mut(*line)
                && let Some((key, _)) = line.split_once('=')
            {
                *line = format!("{key}= {}", VALUES[*value]);
            }
            *text = lines.join("\n");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,300}") {
        survives(&text, &[]);
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        survives(&String::from_utf8_lossy(&bytes), &[]);
    }

    #[test]
    fn good_file_gone_bad_gets_an_answer(changes in prop::collection::vec(mutation(), 1..4)) {
        let mut text = GOOD.to_owned();
        for change in &changes {
            mutate(&mut text, change);
        }
        survives(&text, &[]);
    }

    #[test]
    fn good_load_file_gone_bad_gets_an_answer(changes in prop::collection::vec(mutation(), 1..4)) {
        let mut text = GOOD_LOAD.to_owned();
        for change in &changes {
            mutate(&mut text, change);
        }
        survives(&text, &[]);
    }

    #[test]
    fn any_override_of_a_load_file_gets_an_answer(
        path in prop::sample::select(LOAD_PATHS),
        sign in prop::sample::select(&["=", "*="][..]),
        value in prop_oneof![prop::sample::select(VALUES).prop_map(str::to_owned), "\\PC{0,20}"],
    ) {
        survives(GOOD_LOAD, &[format!("{path}{sign}{value}")]);
    }

    #[test]
    fn any_override_gets_an_answer(
        path in prop::sample::select(PATHS),
        sign in prop::sample::select(&["=", "*=", "==", ""][..]),
        value in prop_oneof![prop::sample::select(VALUES).prop_map(str::to_owned), "\\PC{0,20}"],
    ) {
        survives(GOOD, &[format!("{path}{sign}{value}")]);
    }
}

/// Paths that lead somewhere, or nearly.
const PATHS: &[&str] = &[
    "",
    ".",
    "run",
    "run.seed",
    "run.seed.x",
    "contact",
    "contact.sales",
    "contact.sales.talk",
    "contact.sales.talk.exponential.mean",
    "contact.sales.arrivals.poisson.rate",
    "live.a.b.c",
    "contact.sales.mood",
    "contact.sales.mood.calm.share",
    "queue.sales.routing.random",
    "length",
    "timeline.power",
    "timeline.power.at",
    "timeline.power.site_outage.lasts",
    "timeline.x.at",
    "playbook.bpo.actions",
    "agents.generalists.talk.support",
    "agents.generalists.talk",
    "agents.generalists.skills.sales",
    "ivr.main.step.menu.menu.keys.1",
    "gate.must",
    "start",
    "queue.sales.target",
    "trunks.lines",
    "demand.scale",
    "contact.nobody.talk",
    "extends",
];

/// Paths of a load file that lead somewhere, or nearly.
const LOAD_PATHS: &[&str] = &[
    "target",
    "load",
    "load.rate",
    "load.callers",
    "load.interval",
    "load.length",
    "load.calls",
    "rows.file",
    "rows.order",
    "account.user",
    "account.password",
    "step",
    "step.wait.play",
    "step.wait.play.tone",
    "step.sorry.end",
    "step.done.goto",
    "step.nobody.end",
    "gate.must",
];

/// Texts of megabytes: each takes a fraction of a second, or the test suite would stall here.
#[test]
fn megabytes_of_anything_get_an_answer() {
    let long = |part: &str| part.repeat(4_000_000 / part.len());
    for part in ["=", "[", "{a=", "\"", "\n", "a.", "x", "[[a]]\n", "é", "\0", "a=1\n", "#"] {
        survives(&long(part), &[]);
    }
    survives(&long("garbage ").repeat(3), &[]);
    let groups: String =
        (0..50_000).map(|n| format!("[agents.g{n}]\nskills.nothing = 1\n")).collect();
    survives(&format!("{GOOD}{groups}"), &[]);
    let entries: String =
        (0..100_000).map(|n| format!("[[timeline]]\nname = \"t{n}\"\n")).collect();
    survives(&format!("{GOOD}{entries}"), &[]);
    let load = |steps: &str| format!("[load]\nrate = \"1/s\"\n{steps}");
    survives(&load(&"[[step]]\nsend = \"OPTIONS\"\n".repeat(100_000)), &[]);
    survives(&load(&"[[step]]\nsend = \"OPTIONS\"\n[[step]]\nexpect = 200\n".repeat(500)), &[]);
    survives(&load(&format!("[rows]\nfile = \"{}\"\n", long("x"))), &[]);
    survives(&format!("[load]\nrate = \"{}\"\n", long("1/s for 1s,")), &[]);
}

/// The largest flow there may be, with all that can be open at once and every way from step to step.
#[test]
fn a_flow_with_every_branch_is_looked_at_in_a_moment() {
    let branches: String =
        (0..20).map(|n| format!("{{ header = \"X-{n}\", to = \"s{}\" }},", n * 45)).collect();
    let sends = ["INVITE", "REGISTER", "OPTIONS", "CANCEL", "INFO", "REINVITE"];
    let mut text = String::from("[load]\nrate = \"1/s\"\n");
    for step in 0..999 {
        text.push_str(&format!("[[step]]\nname = \"s{step}\"\n"));
        match sends.get(step) {
            Some(request) => text.push_str(&format!("send = \"{request}\"\n")),
            None => text.push_str(&format!("expect = 200\nbranch = [{branches}]\n")),
        }
    }
    survives(&text, &[]);
}

#[test]
fn schema_is_made_of_the_same_keys_in_the_same_order_each_time() {
    assert_eq!(json_schema().to_string(), json_schema().to_string());
}

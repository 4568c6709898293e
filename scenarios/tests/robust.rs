//! Whatever a file holds: a scenario or messages, never a panic, and soon.

use proptest::prelude::*;
use scenarios::{LoadOptions, json_schema, load_str};

const GOOD: &str = include_str!("good/everything.toml");

/// Loads a text, prints its messages, makes the switch's set-up: all that a file's text can reach.
fn survives(text: &str, set: &[String]) {
    let options = LoadOptions { set: set.to_vec(), allow_paths: vec!["tests/good".into()] };
    match load_str("any.toml", text, &options) {
        Ok(loaded) => {
            let config = scenarios::acd_config(&loaded.scenario);
            assert_eq!(config.queues.len(), loaded.scenario.queues.len());
            assert!(loaded.scenario.length.0 > 0);
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "a failure without a message");
            assert!(faults.render(true).len() >= faults.render(false).len());
        }
    }
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
    let byte = 0..GOOD.len();
    let lines = GOOD.lines().count();
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
}

#[test]
fn schema_is_made_of_the_same_keys_in_the_same_order_each_time() {
    assert_eq!(json_schema().to_string(), json_schema().to_string());
}

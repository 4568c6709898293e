//! The exact answers have power: a centre that differs in one rule fails at least one of them.

use benches::theory::case::read_cases;
use benches::theory::plan::{Experiment, plan};
use benches::theory::run::{Report, Settings, run_altered};
use benches::theory::statistics::Verdict;
use benches::theory::table::line;

const EXACT: &str = include_str!("../data/exact.csv");

/// Three times the error of a full run is enough: altered centres are far off.
const SETTINGS: Settings = Settings { seed: 1, threads: 1, precision: 3.0 };

/// Finds the first centre of a case.
fn experiment(id: &str, settings: &Settings) -> Experiment {
    let cases = read_cases(EXACT.as_bytes()).expect("the file is read");
    let case = cases.iter().find(|case| case.id == id).expect("a case of the file");
    let mut plan = plan(case, settings.precision).unwrap_or_else(|faults| panic!("{faults:#?}"));
    plan.experiments.remove(0)
}

fn altered(experiment: &Experiment, set: &[&str], settings: &Settings) -> Report {
    let set: Vec<String> = set.iter().map(|one| (*one).to_owned()).collect();
    run_altered(experiment, &set, settings).unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts that a case does not hold once its scenario is altered so.
fn fails(id: &str, set: &[&str]) {
    fails_within(id, set, &SETTINGS);
}

fn fails_within(id: &str, set: &[&str], settings: &Settings) {
    let report = altered(&experiment(id, settings), set, settings);
    let lines: Vec<_> = report.rows.iter().map(|row| line(&report.name, row, 0.0)).collect();
    let is_noticed = report.rows.iter().any(|row| row.verdict == Verdict::Differs);
    assert!(is_noticed, "{set:?} goes unnoticed:\n{}", lines.join("\n"));
}

#[test]
fn last_come_first_served_is_noticed() {
    fails("EA1", &["queue.calls.order=\"last-come\""]);
}

#[test]
fn five_per_cent_more_patience_is_noticed() {
    // The mean wait grows by three per cent only.
    let fine = Settings { precision: 1.0, ..SETTINGS };
    fails_within("EA1", &["contact.calls.patience.exponential.mean*=1.05"], &fine);
}

#[test]
fn after_call_work_left_out_is_noticed() {
    fails("AW1", &["contact.calls.acw=\"0s\""]);
}

#[test]
fn lines_held_through_after_call_work_are_noticed() {
    // Talk as long as talk and work together holds the line as long.
    fails("AW1", &["contact.calls.acw=\"0s\"", "contact.calls.talk.exponential.mean=\"210s\""]);
}

#[test]
fn another_staff_rule_is_noticed() {
    fails("TV1-counter", &["run.when_staff_shrinks=\"named-finish\""]);
    fails("TV1-marked", &["run.when_staff_shrinks=\"requeue\""]);
    fails("TV1-preempt", &["run.when_staff_shrinks=\"first-to-finish\""]);
}

#[test]
fn redials_with_kept_draws_are_noticed() {
    fails("RD1", &["contact.calls.redial_draws=\"kept\""]);
}

#[test]
fn callers_who_give_up_one_time_in_twenty_are_noticed() {
    let redial = "[{ after = [\"refused_full\"], share = 0.95, \
                  delay = { exponential = { mean = \"300s\" } } }]";
    fails("RT2", &[&format!("contact.calls.redial={redial}")]);
}

#[test]
fn another_choice_among_idle_agents_is_noticed() {
    fails("HA2", &["queue.calls.routing={ longest-idle = {} }"]);
    fails("HA1", &["queue.calls.routing={ fastest-first = {} }"]);
}

#[test]
fn equal_priorities_are_noticed() {
    fails("PA2", &["queue.q1.priority=0", "queue.q2.priority=0"]);
}

#[test]
fn a_helping_group_with_the_other_preference_is_noticed() {
    fails("NM1", &["agents.g2.skills={ q1 = 1, q2 = 2 }"]);
}

#[test]
fn exponential_instead_of_fixed_service_is_noticed() {
    fails("MD1", &["contact.calls.talk={ exponential = { mean = \"180s\" } }"]);
}

#[test]
fn balkers_who_stay_are_noticed() {
    fails("EG9", &["contact.calls.balk=0.0"]);
}

#[test]
fn one_idle_agent_more_in_reserve_is_noticed() {
    fails("CQ1", &["queue.calls.callback.list.idle_reserve=1"]);
}

#[test]
fn smooth_arrivals_instead_of_bursts_are_noticed() {
    fails("BU1", &["contact.calls.arrivals={ poisson = { rate = \"213.333333333/h\" } }"]);
}

/// The centre of EA1 with a second queue that takes over what waits long.
fn with_second_queue() -> Experiment {
    let mut experiment = experiment("EA1", &SETTINGS);
    experiment.toml.push_str("\n[queue.second]\ntarget = \"80% in 20s\"\n");
    experiment
}

const BOTH: [&str; 2] =
    ["agents.team.skills={ calls = 1, second = 1 }", "agents.team.takes=\"longest-wait\""];

#[test]
fn overflow_that_keeps_the_wait_changes_nothing() {
    let mut set = BOTH.to_vec();
    set.push("queue.calls.overflow=[{ after = \"15s\", to = \"second\" }]");
    let report = altered(&with_second_queue(), &set, &SETTINGS);
    let wrong = report.rows.iter().filter(|row| row.verdict != Verdict::Holds);
    // Queues are the file's own, so only their names differ: every row of the centre must hold.
    let lines: Vec<_> = wrong.map(|row| line(&report.name, row, 0.0)).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn overflow_that_forgets_the_wait_is_noticed() {
    let again = "contact.calls.redial=[{ after = [\"timed_out\"], share = 1.0, delay = \"1s\" }]";
    // The call leaves after fifteen seconds and comes in again a second later, behind those who wait.
    fails("EA1", &["queue.calls.max_wait=\"15s\"", again]);
}

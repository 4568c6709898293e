//! The checker of captures: clean flows are clean, every planted fault is found by its rule and by
//! nothing else, hostile captures end.

mod captures;
mod faults;
mod flow;
mod media;

use faults::FAULTS;
use sip::lint::{Finding, rules};
use std::collections::BTreeSet;

const FLOWS: [&str; 14] = [
    "busy",
    "cancel",
    "glare",
    "lossy",
    "offerless",
    "proxies",
    "refusals",
    "register",
    "reliable",
    "session",
    "silence",
    "tcp",
    "timer",
    "update",
];

fn told(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

#[test]
fn clean_flows_have_no_findings() {
    for name in FLOWS {
        let findings = flow::lint(&flow::read(name), flow::options(name));
        assert!(findings.is_empty(), "{name}:\n{}", told(&findings));
    }
}

#[test]
fn every_planted_fault_is_found_by_its_rule_and_nothing_else_is_said() {
    let mut wrong = String::new();
    for (number, (rule, name, edits)) in FAULTS.iter().enumerate() {
        let mut messages = flow::read(name);
        flow::edit(&mut messages, edits);
        let findings = flow::lint(&messages, flow::options(name));
        let is_right = !findings.is_empty() && findings.iter().all(|found| found.rule == *rule);
        if !is_right {
            wrong += &format!("{number}: {rule} in {name}:\n{}\n", told(&findings));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn who_owed_what_never_came_is_named() {
    let caller = "192.0.2.101:5060".parse().expect("address");
    let callee = "192.0.2.201:5060".parse().expect("address");
    for (rule, by) in [("ack-missing", caller), ("final-repeated", callee), ("ack-branch", caller)]
    {
        let (_, name, edits) =
            FAULTS.iter().find(|(planted, _, _)| *planted == rule).expect("planted");
        let mut messages = flow::read(name);
        flow::edit(&mut messages, edits);
        let findings = flow::lint(&messages, flow::options(name));
        assert!(findings.iter().all(|found| found.by == by), "{}", told(&findings));
    }
}

#[test]
fn every_rule_has_a_planted_fault() {
    let planted: BTreeSet<&str> =
        FAULTS.iter().map(|(rule, _, _)| *rule).chain(media::PLANTED).collect();
    let missing: Vec<&str> =
        rules().map(|rule| rule.id).filter(|id| !planted.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

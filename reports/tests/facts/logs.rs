//! One line for each call and each fact.

use crate::story::*;
use acd::{AgentPhase, AttemptKind, DoorOutcome, Outcome};
use reports::{CallLog, EventLog, PersonFact};

fn story() -> Story {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    story.waits_in_sales(10, 0).offered(32, 0, 0, SALES, true).answered(35, 0, 0, SALES, 25, 3);
    story.arrives(40, 1, OWNERS, AttemptKind::Redial).leaves_door(40, 1, DoorOutcome::Blocked);
    story.person(40, PersonFact::GaveUp { contact: OWNERS, kind: AttemptKind::Redial });
    story.waits_in_sales(50, 2).leaves(62, 2, SALES, Outcome::Abandoned, 12);
    story.talk_ends(100, 0, 0, 65, AgentPhase::Acw).acw_ends(110, 0, 0, 10);
    story
}

#[test]
fn every_attempt_has_a_row_and_the_first_log_a_header() {
    let mut log = CallLog::new(&context(), 0);
    for (at, told) in &story().facts {
        log.record(*at, &told.fact());
    }
    let text = String::from_utf8(log.into_bytes()).expect("text");
    insta::assert_snapshot!(text);
    let empty = CallLog::new(&context(), 1).into_bytes();
    assert!(empty.is_empty());
}

#[test]
fn names_cannot_become_formulas() {
    let mut context = context();
    context.contacts[0] = "=HYPERLINK(\"evil\"),x".to_owned();
    let mut log = CallLog::new(&context, 1);
    for (at, told) in &story().facts {
        log.record(*at, &told.fact());
    }
    let text = String::from_utf8(log.into_bytes()).expect("text");
    assert!(text.starts_with("1,0,7,0,fresh,\"'=HYPERLINK(\"\"evil\"\"),x\","), "{text}");
}

#[test]
fn every_fact_is_a_line_of_json_with_names_and_seconds() {
    let mut log = EventLog::new(&context(), 3);
    for (at, told) in &story().facts {
        log.record(*at, &told.fact());
    }
    let text = String::from_utf8(log.into_bytes()).expect("text");
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(value["replication"], 3);
    }
    insta::assert_snapshot!(text);
}

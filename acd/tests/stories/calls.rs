//! One call and one queue: offers, waits, overflow, priorities.

use crate::story::{Story, billing, group, queue, seconds};
use acd::{
    AcdConfig, GroupConfig, Input, OfferFailure, OfferId, Overflow, QueueConfig, QueueId, Takes,
};

#[test]
fn longest_idle_agent_gets_the_call() {
    let mut story = billing(queue());
    story.at("09:00:00").ready("ben", 0);
    story.at("09:00:05").ready("cleo", 0);
    story.at("09:00:10").call("ada", 0).answers("ben");
    story.at("09:01:10").hangs_up("ada");
    story.at("09:02:00").call("dan", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    09:00:00  ben SignedOut to Ready
    09:00:05  cleo SignedOut to Ready
    09:00:10  ada offered billing
    09:00:10  ada rings ben
    09:00:10  ada answered ben waited 0s
    09:01:10  ada talked 1m hold 0s, ben Ready
    09:02:00  dan offered billing
    09:02:00  dan rings cleo
    ");
}

#[test]
fn a_freed_agent_takes_the_longest_waiting_call_in_the_same_event() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben");
    story.at("00:00:10").call("dan", 0);
    story.at("00:00:20").call("eve", 0);
    story.timeline();
    story.at("00:01:00").hangs_up("ada").answers("ben");
    insta::assert_snapshot!(story.timeline(), @r"
    00:01:00  ada talked 1m hold 0s, ben Ready
    00:01:00  dan rings ben
    00:01:00  dan answered ben waited 50s
    ");
}

#[test]
fn caller_who_hangs_up_while_ringing_frees_the_agent_at_his_old_place() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0);
    story.at("00:00:01").ready("cleo", 0);
    story.at("00:00:10").call("ada", 0);
    story.at("00:00:13").hangs_up("ada").call("dan", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ben SignedOut to Ready
    00:00:01  cleo SignedOut to Ready
    00:00:10  ada offered billing
    00:00:10  ada rings ben
    00:00:13  ada abandoned after 3s
    00:00:13  ada ben Withdrawn, then Ready
    00:00:13  dan offered billing
    00:00:13  dan rings ben
    ");
}

#[test]
fn an_unanswered_offer_goes_to_the_next_agent_and_the_first_is_left_alone() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0);
    story.at("00:00:01").ready("cleo", 0);
    story.at("00:00:10").call("ada", 0);
    story.at("00:00:30").answers("cleo").at("00:01:00");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ben SignedOut to Ready
    00:00:01  cleo SignedOut to Ready
    00:00:10  ada offered billing
    00:00:10  ada rings ben
    00:00:25  ada ben NoAnswer, then BackOff
    00:00:25  ada rings cleo
    00:00:30  ada answered cleo waited 20s
    00:00:35  ben BackOff to Ready
    ");
}

#[test]
fn a_call_nobody_answers_keeps_its_place_at_the_head() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0);
    story.at("00:00:05").call("dan", 0);
    story.timeline();
    story.at("00:00:26").answers("ben");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:15  ada ben NoAnswer, then BackOff
    00:00:25  ben BackOff to Ready
    00:00:25  ada rings ben
    00:00:26  ada answered ben waited 26s
    ");
}

#[test]
fn three_unanswered_offers_in_a_row_make_an_agent_not_ready() {
    let tired = GroupConfig { not_ready_after: 2, ..group(&[(0, 1)]) };
    let config = AcdConfig { queues: vec![queue()], groups: vec![tired], ..AcdConfig::default() };
    let mut story = Story::new(&["billing"], config);
    story.at("00:00:00").ready("ben", 0).call("ada", 0).at("00:01:00");
    let ben = story.agent("ben");
    story.at("00:02:00").say(Input::Ready { agent: ben });
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ben SignedOut to Ready
    00:00:00  ada offered billing
    00:00:00  ada rings ben
    00:00:15  ada ben NoAnswer, then BackOff
    00:00:25  ben BackOff to Ready
    00:00:25  ada rings ben
    00:00:40  ada ben NoAnswer, then NotReady
    00:02:00  ben NotReady to Ready
    00:02:00  ada rings ben
    ");
}

#[test]
fn a_late_answer_is_stale_and_changes_nothing() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).hangs_up("ada");
    story.timeline();
    story.at("00:00:01").answers("ben").hangs_up("ada");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:01  stale
    00:00:01  stale
    ");
}

#[test]
fn after_call_work_keeps_the_agent_until_he_says_so() {
    let mut story = billing(QueueConfig::default());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben");
    story.at("00:00:30").call("dan", 0).hangs_up("ada");
    let ben = story.agent("ben");
    story.at("00:00:50").say(Input::WrapUpDone { agent: ben });
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ben SignedOut to Ready
    00:00:00  ada offered billing
    00:00:00  ada rings ben
    00:00:00  ada answered ben waited 0s
    00:00:30  dan offered billing
    00:00:30  dan waits
    00:00:30  ada talked 30s hold 0s, ben Acw
    00:00:50  ben acw 20s, Ready
    00:00:50  dan rings ben
    ");
}

#[test]
fn hold_is_counted_apart_from_talk() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben");
    let offer = OfferId { agent: story.agent("ben"), age: 1 };
    story.at("00:00:10").say(Input::AgentHeld { offer, on: true });
    story.at("00:00:25").say(Input::AgentHeld { offer, on: false });
    story.timeline();
    story.at("00:01:00").hangs_up("ada");
    insta::assert_snapshot!(story.timeline(), @"00:01:00  ada talked 45s hold 15s, ben Ready");
}

#[test]
fn overflow_moves_the_call_and_its_wait_runs_on() {
    let first = QueueConfig {
        overflow: vec![Overflow { after: Some(seconds(60)), to: QueueId(1) }],
        ..queue()
    };
    let groups = vec![group(&[(0, 1)]), group(&[(1, 1)])];
    let config = AcdConfig { queues: vec![first, queue()], groups, ..AcdConfig::default() };
    let mut story = Story::new(&["sales", "support"], config);
    story.at("00:00:00").call("ada", 0);
    story.at("00:00:30").ready("ben", 1);
    story.at("00:01:00").answers("ben");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada offered sales
    00:00:00  ada waits
    00:00:30  ben SignedOut to Ready
    00:01:00  ada overflowed sales to support
    00:01:00  ada rings ben
    00:01:00  ada answered ben waited 1m
    ");
}

#[test]
fn a_full_queue_overflows_at_once_or_refuses() {
    let first = QueueConfig {
        max_length: Some(0),
        overflow: vec![Overflow { after: None, to: QueueId(1) }],
        ..queue()
    };
    let second = QueueConfig { max_length: Some(1), ..queue() };
    let config = AcdConfig {
        queues: vec![first, second],
        groups: vec![group(&[(0, 1)])],
        ..AcdConfig::default()
    };
    let mut story = Story::new(&["sales", "support"], config);
    story.at("00:00:00").call("ada", 0).call("dan", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada offered sales
    00:00:00  ada overflowed sales to support
    00:00:00  ada waits
    00:00:00  dan offered sales
    00:00:00  dan overflowed sales to support
    00:00:00  dan refused_full after 0s
    ");
}

#[test]
fn an_overflowed_call_stands_where_its_first_entry_puts_it() {
    let first = QueueConfig {
        overflow: vec![Overflow { after: Some(seconds(30)), to: QueueId(1) }],
        ..queue()
    };
    let groups = vec![group(&[(1, 1)])];
    let config = AcdConfig { queues: vec![first, queue()], groups, ..AcdConfig::default() };
    let mut story = Story::new(&["sales", "support"], config);
    story.at("00:00:00").call("ada", 0);
    story.at("00:00:10").call("dan", 1);
    story.at("00:00:40");
    story.timeline();
    story.ready("ben", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:40  ben SignedOut to Ready
    00:00:40  ada rings ben
    ");
}

#[test]
fn too_long_a_wait_ends_the_call() {
    let mut story = billing(QueueConfig { max_wait: Some(seconds(90)), ..queue() });
    story.at("00:00:00").call("ada", 0).at("00:02:00");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada offered billing
    00:00:00  ada waits
    00:01:30  ada timed_out after 1m30s
    ");
}

#[test]
fn a_higher_priority_goes_first_until_waiting_has_made_up_for_it() {
    let gold = QueueConfig { priority: 2, ..queue() };
    let plain = QueueConfig { ageing_milli_per_min: 1000, ..queue() };
    let config = AcdConfig {
        queues: vec![gold, plain],
        groups: vec![group(&[(0, 1), (1, 1)])],
        ..AcdConfig::default()
    };
    let mut story = Story::new(&["gold", "plain"], config);
    story.at("00:00:00").call("ada", 1);
    story.at("00:01:00").call("dan", 0).ready("ben", 0);
    story.at("00:02:30").call("eve", 0).ready("cleo", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada offered plain
    00:00:00  ada waits
    00:01:00  dan offered gold
    00:01:00  dan waits
    00:01:00  ben SignedOut to Ready
    00:01:00  dan rings ben
    00:01:15  dan ben NoAnswer, then BackOff
    00:01:25  ben BackOff to Ready
    00:01:25  dan rings ben
    00:01:40  dan ben NoAnswer, then BackOff
    00:01:50  ben BackOff to Ready
    00:01:50  dan rings ben
    00:02:05  dan ben NoAnswer, then BackOff
    00:02:15  ben BackOff to Ready
    00:02:15  ada rings ben
    00:02:30  ada ben NoAnswer, then BackOff
    00:02:30  eve offered gold
    00:02:30  eve waits
    00:02:30  cleo SignedOut to Ready
    00:02:30  ada rings cleo
    ");
}

#[test]
fn takes_level_prefers_the_better_skill_over_the_longer_wait() {
    let mut experts = group(&[(0, 2), (1, 1)]);
    experts.takes = Takes::Level;
    let config =
        AcdConfig { queues: vec![queue(), queue()], groups: vec![experts], ..AcdConfig::default() };
    let mut story = Story::new(&["sales", "support"], config);
    story.at("00:00:00").call("ada", 0);
    story.at("00:00:10").call("dan", 1).ready("ben", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada offered sales
    00:00:00  ada waits
    00:00:10  dan offered support
    00:00:10  dan waits
    00:00:10  ben SignedOut to Ready
    00:00:10  dan rings ben
    ");
}

#[test]
fn a_telephone_out_of_reach_makes_the_agent_not_ready_and_the_call_moves_on() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).ready("cleo", 0).call("ada", 0);
    story.timeline();
    let offer = OfferId { agent: story.agent("ben"), age: 1 };
    story.say(Input::OfferFailed { offer, why: OfferFailure::Unreachable });
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada ben Failed, then NotReady
    00:00:00  ada rings cleo
    ");
}

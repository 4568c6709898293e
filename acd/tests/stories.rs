//! Told calls: each a small scene whose timeline reads as it happened.

mod common;

use acd::{
    AcdConfig, Callback, Duration, Entry, Flow, FlowId, GroupConfig, GroupId, Input, OfferFailure,
    Overflow, QueueConfig, QueueId, Reason, SiteConfig, SiteId, Step, StepId, Takes,
};
use common::{Story, group, queue};

fn billing(queue: QueueConfig) -> Story {
    Story::new(
        &["billing"],
        AcdConfig { queues: vec![queue], groups: vec![group(&[(0, 1)])], ..AcdConfig::default() },
    )
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

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
    let offer = acd::OfferId { agent: story.agent("ben"), age: 1 };
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
fn a_kept_place_cannot_abandon_and_is_served_in_turn() {
    let mut story = billing(QueueConfig { callback: Callback::VirtualHold, ..queue() });
    story.at("00:00:00").call("ada", 0);
    let ada = story.caller("ada");
    story.say(Input::CallbackAccepted { call: ada });
    story.at("00:00:20").call("dan", 0).hangs_up("ada");
    story.at("00:01:00").ready("ben", 0).answers("ben");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada offered billing
    00:00:00  ada waits
    00:00:00  ada keeps the place
    00:00:20  dan offered billing
    00:00:20  dan waits
    00:01:00  ben SignedOut to Ready
    00:01:00  ada rings ben
    00:01:00  ada answered ben waited 1m
    ");
}

#[test]
fn a_listed_callback_starts_when_the_queue_is_empty_and_more_than_the_reserve_are_idle() {
    let list = Callback::List { if_queue_at_least: 0, idle_reserve: 1 };
    let mut story = billing(QueueConfig { callback: list, ..queue() });
    story.at("00:00:00").call("ada", 0);
    let ada = story.caller("ada");
    story.say(Input::CallbackAccepted { call: ada });
    story.at("00:01:00").ready("ben", 0);
    story.at("00:02:00").ready("cleo", 0).answers("cleo");
    story.at("00:03:00").hangs_up("ada");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada offered billing
    00:00:00  ada waits
    00:00:00  ada callback_listed after 0s
    00:01:00  ben SignedOut to Ready
    00:02:00  cleo SignedOut to Ready
    00:02:00  ada rings cleo
    00:02:00  ada answered cleo waited 2m
    00:03:00  ada talked 1m hold 0s, cleo Ready
    ");
}

#[test]
fn calls_without_a_line_are_blocked_and_lines_are_free_at_acw() {
    let config = AcdConfig {
        lines: Some(1),
        queues: vec![QueueConfig::default()],
        groups: vec![group(&[(0, 1)])],
        ..AcdConfig::default()
    };
    let mut story = Story::new(&["billing"], config);
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben").call("dan", 0);
    story.at("00:00:10").hangs_up("ada").call("eve", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ben SignedOut to Ready
    00:00:00  ada offered billing
    00:00:00  ada rings ben
    00:00:00  ada answered ben waited 0s
    00:00:00  dan blocked
    00:00:10  ada talked 10s hold 0s, ben Acw
    00:00:10  eve offered billing
    00:00:10  eve waits
    ");
}

#[test]
fn a_lost_site_cuts_its_calls_and_signs_its_agents_out() {
    let north = GroupConfig { site: Some(SiteId(0)), ..group(&[(0, 1)]) };
    let south = GroupConfig { site: Some(SiteId(1)), ..group(&[(0, 1)]) };
    let config = AcdConfig {
        queues: vec![queue()],
        groups: vec![north, south],
        sites: vec![SiteConfig { lines: Some(2) }, SiteConfig { lines: Some(2) }],
        ..AcdConfig::default()
    };
    let mut story = Story::new(&["billing"], config);
    story.at("00:00:00").ready("ben", 0).ready("cleo", 1);
    story
        .call("ada", 0)
        .answers("ben")
        .call("dan", 0)
        .answers("cleo")
        .call("eve", 0)
        .call("fay", 0);
    story.timeline();
    story.at("00:01:00").say(Input::SiteLost { site: SiteId(0) });
    insta::assert_snapshot!(story.timeline(), @r"
    00:01:00  eve cut after 1m
    00:01:00  ada cut 1m hold 0s, ben SignedOut
    ");
    story.at("00:02:00").call("gil", 0).call("hal", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:02:00  gil blocked
    00:02:00  hal blocked
    ");
}

#[test]
fn lines_lost_cut_the_newest_calls() {
    let config = AcdConfig {
        lines: Some(3),
        queues: vec![queue()],
        groups: vec![group(&[(0, 1)])],
        ..AcdConfig::default()
    };
    let mut story = Story::new(&["billing"], config);
    story
        .at("00:00:00")
        .ready("ben", 0)
        .call("ada", 0)
        .answers("ben")
        .call("dan", 0)
        .call("eve", 0);
    story.timeline();
    story.at("00:00:30").say(Input::SetLines { site: None, lines: Some(1) });
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:30  eve cut after 30s
    00:00:30  dan cut after 30s
    ");
}

#[test]
fn a_call_sent_back_waits_at_the_head_and_is_unanswered() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben");
    story.at("00:00:10").call("dan", 0);
    let ben = story.agent("ben");
    story.at("00:00:30").say(Input::SendBack { agent: ben });
    story.at("00:00:40").ready("cleo", 0).answers("cleo");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ben SignedOut to Ready
    00:00:00  ada offered billing
    00:00:00  ada rings ben
    00:00:00  ada answered ben waited 0s
    00:00:10  dan offered billing
    00:00:10  dan waits
    00:00:30  ada sent back by ben
    00:00:30  ben Talking to SignedOut
    00:00:40  cleo SignedOut to Ready
    00:00:40  ada rings cleo
    00:00:40  ada answered cleo waited 10s
    ");
}

#[test]
fn the_first_to_finish_leave_when_a_group_shrinks() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).ready("cleo", 0);
    story.call("ada", 0).answers("ben").call("dan", 0).answers("cleo").call("eve", 0);
    story.timeline();
    story.at("00:00:10").say(Input::SignOutNext { group: GroupId(0), count: 1 });
    story.at("00:00:20").hangs_up("dan").hangs_up("ada");
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:20  dan talked 20s hold 0s, cleo SignedOut
    00:00:20  ada talked 20s hold 0s, ben Ready
    00:00:20  eve rings ben
    ");
}

#[test]
fn a_marked_agent_finishes_his_call_and_leaves() {
    let mut story = billing(QueueConfig::default());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben").call("dan", 0);
    let ben = story.agent("ben");
    story.say(Input::SignOut { agent: ben });
    story.timeline();
    story.at("00:01:00").hangs_up("ada");
    story.at("00:01:20").say(Input::WrapUpDone { agent: ben });
    insta::assert_snapshot!(story.timeline(), @r"
    00:01:00  ada talked 1m hold 0s, ben Acw
    00:01:20  ben acw 20s, SignedOut
    ");
}

#[test]
fn a_break_begins_after_the_call_and_ends_with_ready() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben");
    let ben = story.agent("ben");
    story.say(Input::NotReady { agent: ben, reason: Reason::Break }).call("dan", 0);
    story.timeline();
    story.at("00:01:00").hangs_up("ada");
    story.at("00:05:00").say(Input::Ready { agent: ben });
    insta::assert_snapshot!(story.timeline(), @r"
    00:01:00  ada talked 1m hold 0s, ben NotReady
    00:05:00  ben NotReady to Ready
    00:05:00  dan rings ben
    ");
}

#[test]
fn a_telephone_out_of_reach_makes_the_agent_not_ready_and_the_call_moves_on() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).ready("cleo", 0).call("ada", 0);
    story.timeline();
    let offer = acd::OfferId { agent: story.agent("ben"), age: 1 };
    story.say(Input::OfferFailed { offer, why: OfferFailure::Unreachable });
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada ben Failed, then NotReady
    00:00:00  ada rings cleo
    ");
}

fn menu_flow() -> Flow {
    let menu = Step::Menu {
        keys: vec![(b'1', StepId(1)), (b'2', StepId(2))],
        no_input: StepId(0),
        no_match: StepId(0),
        tries: 2,
        failed: StepId(1),
        timeout: Some(seconds(5)),
    };
    let enqueue = Step::Enqueue { queue: QueueId(0), full: StepId(3), timed_out: StepId(3) };
    let play = Step::Play { then: StepId(3) };
    Flow { steps: vec![menu, enqueue, play, Step::Release], start: StepId(0) }
}

fn ivr_story(queue: QueueConfig) -> Story {
    let config = AcdConfig {
        contacts: vec![Entry::Flow(FlowId(0))],
        queues: vec![queue],
        groups: vec![group(&[(0, 1)])],
        flows: vec![menu_flow()],
        ..AcdConfig::default()
    };
    Story::new(&["billing"], config)
}

#[test]
fn a_menu_leads_by_key_by_tries_and_to_containment() {
    let mut story = ivr_story(queue());
    story.at("00:00:00").call("ada", 0).call("dan", 0).call("eve", 0);
    story.timeline();
    let (ada, dan, eve) = (story.caller("ada"), story.caller("dan"), story.caller("eve"));
    story.at("00:00:02").say(Input::DigitPressed { call: ada, digit: b'2' });
    story.at("00:00:03").say(Input::DigitPressed { call: eve, digit: b'9' });
    story.at("00:00:04").say(Input::PlayEnded { call: ada, step: StepId(2) });
    story.at("00:00:06").hangs_up("eve");
    story.at("00:00:12");
    assert_eq!(dan.slot, 1);
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:02  ada step 2
    00:00:03  eve step 0
    00:00:04  ada step 3
    00:00:04  ada contained
    00:00:05  dan step 0
    00:00:06  eve left_in_ivr
    00:00:10  dan step 1
    00:00:10  dan offered billing
    00:00:10  dan waits
    ");
}

#[test]
fn a_full_queue_leads_back_into_the_flow_and_is_counted_once() {
    let mut story = ivr_story(QueueConfig { max_length: Some(0), ..queue() });
    story.at("00:00:00").call("ada", 0);
    let ada = story.caller("ada");
    story.at("00:00:02").say(Input::DigitPressed { call: ada, digit: b'1' });
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:00  ada step 0
    00:00:02  ada step 1
    00:00:02  ada offered billing
    00:00:02  ada step 3
    00:00:02  ada refused_full after 0s
    ");
}

#[test]
fn closing_sends_waiting_calls_away_and_lets_talks_go_on() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben").call("dan", 0);
    story.timeline();
    story.at("00:01:00").say(Input::CloseQueues).call("eve", 0);
    story.at("00:02:00").hangs_up("ada");
    insta::assert_snapshot!(story.timeline(), @r"
    00:01:00  dan closed_out after 1m
    00:01:00  eve closed
    00:02:00  ada talked 2m hold 0s, ben Ready
    ");
}

#[test]
fn an_overflow_added_later_moves_calls_that_wait_already() {
    let groups = vec![group(&[(1, 1)])];
    let config = AcdConfig { queues: vec![queue(), queue()], groups, ..AcdConfig::default() };
    let mut story = Story::new(&["sales", "bpo"], config);
    story.at("00:00:00").ready("ben", 0).call("ada", 0);
    story.timeline();
    story.at("00:01:00").say(Input::AddOverflow {
        from: QueueId(0),
        to: QueueId(1),
        after: seconds(30),
    });
    story.at("00:01:00");
    insta::assert_snapshot!(story.timeline(), @r"
    00:01:00  ada overflowed sales to bpo
    00:01:00  ada rings ben
    ");
}

#[test]
fn nonsense_is_stale_not_a_panic() {
    let mut story = billing(queue());
    let offer = acd::OfferId { agent: acd::AgentId(9), age: 4 };
    let call = acd::CallId { slot: 4_000_000_000, age: 0 };
    for input in [
        Input::AgentAnswered { offer },
        Input::AgentGone { offer },
        Input::AgentHeld { offer, on: true },
        Input::WrapUpDone { agent: acd::AgentId(7) },
        Input::SignOut { agent: acd::AgentId(7) },
        Input::SendBack { agent: acd::AgentId(7) },
        Input::CutOff { agent: acd::AgentId(7) },
        Input::Ready { agent: acd::AgentId(7) },
        Input::SignIn { agent: acd::AgentId(7), group: GroupId(0) },
        Input::SignIn { agent: acd::AgentId(0), group: GroupId(9) },
        Input::SignOutNext { group: GroupId(9), count: 3 },
        Input::CallerGone { call },
        Input::PlayEnded { call, step: StepId(0) },
        Input::DigitPressed { call, digit: 0 },
        Input::CallbackAccepted { call },
        Input::SiteLost { site: SiteId(3) },
        Input::SetLines { site: Some(SiteId(3)), lines: None },
        Input::AddOverflow { from: QueueId(0), to: QueueId(5), after: Duration::ZERO },
        Input::OfferCallbacks { queue: QueueId(5), on: true },
    ] {
        story.timeline();
        story.say(input);
        assert!(story.timeline().contains("stale"), "{input:?}");
    }
}

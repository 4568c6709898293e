//! Flows and callbacks.

use crate::story::{Story, billing, group, queue, seconds};
use acd::{
    AcdConfig, Callback, Entry, Flow, FlowId, Input, Overflow, QueueConfig, QueueId, SiteConfig,
    SiteId, Step, StepId,
};

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

fn listed_ada(idle_reserve: u32) -> Story {
    let list = Callback::List { if_queue_at_least: 0, idle_reserve };
    let mut story = billing(QueueConfig { callback: list, ..queue() });
    story.at("00:00:00").call("ada", 0);
    let ada = story.caller("ada");
    story.say(Input::CallbackAccepted { call: ada });
    story
}

#[test]
fn a_listed_callback_that_the_close_drops_is_told() {
    let mut story = listed_ada(0);
    story.timeline();
    story.at("00:10:00").say(Input::CloseQueues);
    insta::assert_snapshot!(story.timeline(), @"00:10:00  ada will not be called back");
    assert!(story.acd.is_empty());
}

#[test]
fn a_listed_callback_nobody_answers_when_the_centre_is_closed_is_dropped() {
    let mut story = listed_ada(0);
    story.at("00:01:00").ready("ben", 0);
    story.timeline();
    story.at("00:01:05").say(Input::CloseQueues);
    story.at("00:01:15");
    insta::assert_snapshot!(story.timeline(), @r"
    00:01:15  ada ben NoAnswer, then BackOff
    00:01:15  ada will not be called back
    ");
    assert!(story.acd.is_empty());
}

#[test]
fn a_promised_callback_is_kept_when_the_site_is_lost_whose_line_the_caller_had() {
    let list = Callback::List { if_queue_at_least: 0, idle_reserve: 0 };
    let config = AcdConfig {
        queues: vec![QueueConfig { callback: list, ..queue() }],
        groups: vec![group(&[(0, 1)])],
        sites: vec![SiteConfig { lines: Some(1) }],
        ..AcdConfig::default()
    };
    let mut story = Story::new(&["billing"], config);
    story.at("00:00:00").call("ada", 0);
    let ada = story.caller("ada");
    story.say(Input::CallbackAccepted { call: ada });
    story.timeline();
    story.at("00:01:00").say(Input::SiteLost { site: SiteId(0) });
    story.at("00:02:00").ready("ben", 0);
    insta::assert_snapshot!(story.timeline(), @r"
    00:02:00  ben SignedOut to Ready
    00:02:00  ada rings ben
    ");
}

#[test]
fn a_promise_is_kept_although_the_queue_overflows_at_once() {
    for callback in
        [Callback::VirtualHold, Callback::List { if_queue_at_least: 0, idle_reserve: 0 }]
    {
        let overflow = vec![Overflow { after: Some(seconds(0)), to: QueueId(1) }];
        let config = AcdConfig {
            queues: vec![QueueConfig { callback, overflow, ..queue() }, queue()],
            groups: vec![group(&[(0, 1)])],
            ..AcdConfig::default()
        };
        let mut story = Story::new(&["sales", "bpo"], config);
        story.at("00:00:00").call("ada", 0);
        let ada = story.caller("ada");
        story.say(Input::CallbackAccepted { call: ada });
        story.at("00:00:01");
        let told = story.timeline();
        assert!(!told.contains("stale"), "{callback:?}\n{told}");
        // A place is kept in the next queue, too; who is on the list does not wait any more.
        assert_eq!(told.contains("overflowed"), callback == Callback::VirtualHold, "{told}");
    }
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

//! The centre around the calls: staff, lines, sites, closing, nonsense.

use crate::story::{Story, billing, group, queue, seconds};
use acd::{
    AcdConfig, AgentId, AgentPhase, CallId, Duration, Event, GroupConfig, GroupId, Input, OfferId,
    QueueConfig, QueueId, Reason, SiteConfig, SiteId, StepId,
};

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

/// Two sites with a line each agent, and one queue.
fn two_sites(seats: u32) -> Story {
    let at = |site| GroupConfig { site: Some(SiteId(site)), ..group(&[(0, 1)]) };
    let lines = SiteConfig { lines: Some(seats) };
    let config = AcdConfig {
        queues: vec![queue()],
        groups: vec![at(0), at(1)],
        sites: vec![lines, lines],
        ..AcdConfig::default()
    };
    Story::new(&["billing"], config)
}

#[test]
fn no_agent_is_offered_a_call_that_the_lost_site_takes_along() {
    let mut story = two_sites(3);
    // Lines go to the sites in turn: ada and eve come in over the first, dan and fay over the second.
    story.at("00:00:00").ready("cleo", 1).call("ada", 0).answers("cleo");
    story.ready("ben", 0).call("dan", 0);
    story.call("eve", 0).call("fay", 0);
    story.timeline();
    story.at("00:00:05").say(Input::SiteLost { site: SiteId(0) });
    // Cleo loses ada and takes the longest waiting of the calls that are left.
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:05  eve cut after 5s
    00:00:05  dan ben Withdrawn, then SignedOut
    00:00:05  ada cut 5s hold 0s, cleo Ready
    00:00:05  dan rings cleo
    ");
}

#[test]
fn an_agent_marked_for_a_break_leaves_with_his_lost_site() {
    let mut story = two_sites(1);
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben");
    let ben = story.agent("ben");
    story.say(Input::NotReady { agent: ben, reason: Reason::Break });
    story.timeline();
    story.at("00:01:00").say(Input::SiteLost { site: SiteId(0) });
    insta::assert_snapshot!(story.timeline(), @"00:01:00  ada cut 1m hold 0s, ben SignedOut");
}

#[test]
fn a_call_sent_back_into_a_closed_centre_is_closed_out() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).answers("ben");
    let ben = story.agent("ben");
    story.at("00:01:00").say(Input::CloseQueues);
    story.timeline();
    story.at("00:02:00").say(Input::SendBack { agent: ben });
    insta::assert_snapshot!(story.timeline(), @r"
    00:02:00  ada sent back by ben
    00:02:00  ben Talking to SignedOut
    00:02:00  ada closed_out after 0s
    ");
    assert!(story.acd.is_empty());
}

#[test]
fn a_call_that_rings_at_an_agent_cut_off_from_a_closed_centre_is_closed_out() {
    let mut story = billing(queue());
    story.at("00:00:00").ready("ben", 0).call("ada", 0).ready("cleo", 0);
    let ben = story.agent("ben");
    story.say(Input::CloseQueues);
    story.timeline();
    story.at("00:00:02").say(Input::CutOff { agent: ben });
    insta::assert_snapshot!(story.timeline(), @r"
    00:00:02  ada ben Withdrawn, then SignedOut
    00:00:02  ada closed_out after 2s
    ");
    assert!(story.acd.is_empty());
}

#[test]
fn who_becomes_not_ready_after_a_call_says_why() {
    let mut story = billing(QueueConfig::default());
    let reasons = |story: &Story| -> Vec<(Duration, Option<Reason>)> {
        let told = story.events.iter().filter_map(|(at, event)| {
            let (Event::OfferEnded { next: AgentPhase::NotReady, reason, .. }
            | Event::TalkEnded { next: AgentPhase::NotReady, reason, .. }
            | Event::AcwEnded { next: AgentPhase::NotReady, reason, .. }) = event
            else {
                return None;
            };
            Some((Duration(at.0), *reason))
        });
        told.collect()
    };
    story.at("00:00:00").ready("ben", 0).call("ada", 0);
    let ben = story.agent("ben");
    story.at("00:00:05").say(Input::NotReady { agent: ben, reason: Reason::Break });
    story.at("00:00:15").say(Input::Ready { agent: ben }).answers("ben");
    story.say(Input::NotReady { agent: ben, reason: Reason::OtherWork }).hangs_up("ada");
    story.at("00:00:20").say(Input::WrapUpDone { agent: ben });
    let expected = [(seconds(15), Some(Reason::Break)), (seconds(20), Some(Reason::OtherWork))];
    assert_eq!(reasons(&story), expected);
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
    let offer = OfferId { agent: AgentId(9), age: 4 };
    let call = CallId { slot: 4_000_000_000, age: 0 };
    for input in [
        Input::AgentAnswered { offer },
        Input::AgentGone { offer },
        Input::AgentHeld { offer, on: true },
        Input::WrapUpDone { agent: AgentId(7) },
        Input::SignOut { agent: AgentId(7) },
        Input::SendBack { agent: AgentId(7) },
        Input::CutOff { agent: AgentId(7) },
        Input::Ready { agent: AgentId(7) },
        Input::SignIn { agent: AgentId(7), group: GroupId(0) },
        Input::SignIn { agent: AgentId(0), group: GroupId(9) },
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

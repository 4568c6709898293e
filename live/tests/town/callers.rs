//! The caller's leg: every way in, every way out, and what is refused at the door.

use crate::town::{NAMED, Town, description, scenario};
use sip::Duration;
use sip::endpoint::{End, Event};
use sip::message::Name;

const ROBOT: &str = "count = 1\npick_up = \"2s\"\n";

/// How a peer's leg ended: by what, and with which Reason.
fn end_of(town: &mut Town, peer: usize) -> (End, String) {
    town.pass_millis(50);
    let events = std::mem::take(&mut town.peers[peer].events);
    let mut ends = events.into_iter().filter_map(|event| match event {
        Event::Ended { why, message, .. } => {
            let reason = message.and_then(|message| {
                let reason = message.message().first_named(b"Reason")?.to_vec();
                String::from_utf8(reason).ok()
            });
            Some((why, reason.unwrap_or_default()))
        }
        _ => None,
    });
    ends.next().expect("the leg has ended")
}

fn is_answered(town: &Town, peer: usize) -> bool {
    town.peers[peer].events.iter().any(|event| matches!(event, Event::Answered { .. }))
}

#[test]
fn a_robot_answers_talks_as_long_as_the_law_says_and_hangs_up() {
    let mut town = Town::new(&scenario(ROBOT, ""), true);
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass_millis(100);
    assert!(is_answered(&town, caller), "answered at once, while the robot's telephone rings");
    town.pass(Duration::from_secs(61));
    assert!(!town.peers[caller].events.iter().any(|event| matches!(event, Event::Ended { .. })));
    town.pass(Duration::from_millis(1200));
    assert_eq!(end_of(&mut town, caller).0, End::Hangup);
    let told = town.told();
    let calls: Vec<&str> =
        told.iter().map(String::as_str).filter(|name| name.starts_with("call")).collect();
    assert_eq!(calls, ["call_arrived", "call_enqueued", "call_answered"]);
    town.close();
}

#[test]
fn a_caller_who_hangs_up_while_it_rings_has_abandoned_and_frees_the_robot() {
    let mut town = Town::new(&scenario(ROBOT, ""), true);
    let caller = town.move_in();
    let leg = town.dial(caller, "100");
    town.pass_millis(1000);
    town.hang_up(caller, leg);
    town.pass_millis(3000);
    assert!(town.told().contains(&"call_left".to_owned()));
    let next = town.move_in();
    town.dial(next, "100");
    town.pass_millis(2500);
    assert!(town.told().contains(&"call_answered".to_owned()), "the robot takes the next call");
    town.close();
}

#[test]
fn a_caller_who_waits_hears_music_and_leaves_the_queue_when_he_hangs_up() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let caller = town.move_in();
    let leg = town.dial(caller, "100");
    town.pass_millis(1000);
    assert_eq!(town.exchange.switch().waiting_calls(acd::QueueId(0)), 1);
    assert!(town.audio.len() > 40, "a frame every 20 ms: {}", town.audio.len());
    town.hang_up(caller, leg);
    town.pass_millis(100);
    assert_eq!(town.exchange.switch().waiting_calls(acd::QueueId(0)), 0);
    assert_eq!(town.exchange.load().ports, 0, "the port is free with the leg");
    town.close();
}

#[test]
fn unknown_numbers_and_offers_without_a_codec_of_ours_never_reach_the_switch() {
    let mut town = Town::new(&scenario(ROBOT, ""), true);
    let caller = town.move_in();
    let home = town.audio_of(caller);
    town.dial(caller, "999");
    assert_eq!(end_of(&mut town, caller).0, End::Refused(404));
    for (sdp, status) in [
        (description(home, "18"), 488),
        (b"not SDP".to_vec(), 488),
        (description("10.1.2.3:4000".parse().expect("address"), "8"), 488),
        (
            String::from_utf8(description(home, "8")).expect("text").replace("AVP", "SAVP").into(),
            488,
        ),
    ] {
        town.dial_with(caller, "100", Some(&sdp), None);
        assert_eq!(end_of(&mut town, caller).0, End::Refused(status));
    }
    assert_eq!(town.told().iter().filter(|name| name.starts_with("call")).count(), 0);
    let [refused, _] = town.exchange.counters();
    assert_eq!(refused.get(live::Refused::UnknownNumber), 1);
    assert_eq!(refused.get(live::Refused::Codec), 3);
    assert_eq!(refused.get(live::Refused::Reach), 1);
    town.close();
}

#[test]
fn the_wire_says_why_the_switch_refuses() {
    let blocked = scenario("count = 0\n", "[trunks]\nlines = 1\n");
    let mut town = Town::new(&blocked, true);
    let (first, second) = (town.move_in(), town.move_in());
    town.dial(first, "100");
    town.pass_millis(100);
    town.dial(second, "100");
    let (why, reason) = end_of(&mut town, second);
    assert_eq!(why, End::Refused(486));
    assert!(reason.contains("Q.850;cause=34"), "{reason}");
    town.close();

    let mut full = scenario("count = 0\n", "");
    full.queues[0].max_length = Some(0);
    let mut town = Town::new(&full, true);
    let caller = town.move_in();
    town.dial(caller, "100");
    let (why, reason) = end_of(&mut town, caller);
    assert_eq!(why, End::Refused(486));
    assert!(reason.contains("Q.850;cause=17"), "{reason}");
    town.close();
}

#[test]
fn too_long_a_wait_ends_with_a_bye_that_says_so() {
    let mut impatient = scenario("count = 0\n", "");
    impatient.queues[0].max_wait = Some(acd::Duration::from_secs(5));
    let mut town = Town::new(&impatient, true);
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass(Duration::from_millis(5500));
    let (why, reason) = end_of(&mut town, caller);
    assert_eq!(why, End::Hangup);
    assert!(reason.contains("timed out"), "{reason}");
    town.close();
}

#[test]
fn the_end_lets_waiting_callers_go_and_sends_new_ones_away() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let (waiting, late) = (town.move_in(), town.move_in());
    town.dial(waiting, "100");
    town.pass_millis(500);
    town.exchange.drain(town.now);
    town.collect();
    assert!(end_of(&mut town, waiting).1.contains("closed out"));
    town.dial(late, "100");
    assert_eq!(end_of(&mut town, late).0, End::Refused(503));
    town.close();
}

#[test]
fn an_answer_that_is_never_acknowledged_is_hung_up() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    // A caller who sends one INVITE and then nothing: not even an ACK.
    let invite = "INVITE sip:100@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9999;branch=z9hG4bKx\r\n\
        From: <sip:a@b>;tag=1\r\nTo: <sip:100@b>\r\nCall-ID: dumb\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n\
        Contact: <sip:a@127.0.0.1:9999>\r\nContent-Length: 0\r\n\r\n";
    let mut flow = town.flow();
    flow.remote = "127.0.0.1:9999".parse().expect("address");
    town.exchange.handle_message(town.now, flow, invite.as_bytes());
    town.exchange.work(town.now);
    town.pass(Duration::from_secs(31));
    assert_eq!(town.exchange.switch().waiting_calls(acd::QueueId(0)), 1);
    town.pass(Duration::from_secs(40));
    assert_eq!(town.exchange.switch().waiting_calls(acd::QueueId(0)), 0);
    town.close();
}

#[test]
fn an_invite_without_an_offer_gets_ours_and_answers_in_the_ack() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let caller = town.move_in();
    let leg = town.dial_with(caller, "100", None, None);
    town.pass_millis(20);
    let events = std::mem::take(&mut town.peers[caller].events);
    let offer = events.iter().find_map(|event| match event {
        Event::Answered { response, .. } => response.sdp().map(<[u8]>::to_vec),
        _ => None,
    });
    assert!(String::from_utf8(offer.expect("an offer in the 200")).expect("text").contains("PCMA"));
    let answer = description(town.audio_of(caller), "0");
    town.peers[caller].endpoint.acknowledge(town.now, leg, &answer).expect("the ACK is ours");
    town.collect();
    town.pass_millis(500);
    let music = town.audio.last().expect("music");
    assert_eq!(music.bytes[1] & 0x7F, 0, "in the codec of the answer");
    town.hang_up(caller, leg);
    town.close();
}

#[test]
fn early_hears_music_before_the_answer_and_at_agent_only_rings() {
    for (answer, status) in [("early", 183), ("at-agent", 180)] {
        let mut late = scenario(NAMED, "");
        late.live.answer = match answer {
            "early" => scenarios::Answer::Early,
            _ => scenarios::Answer::AtAgent,
        };
        let mut town = Town::new(&late, false);
        let ana = town.agent("201");
        let caller = town.move_in();
        town.dial(caller, "100");
        town.pass_millis(500);
        assert!(!is_answered(&town, caller), "{answer}");
        let first = town.peers[caller].events.iter().find_map(|event| match event {
            Event::Progress { status, .. } => Some(*status),
            _ => None,
        });
        // A telephone rings at once: there is nothing to be heard before the answer.
        assert_eq!(first, Some(180), "{answer}, {status}");
        let leg = town.rings(ana).expect("ana's telephone rings");
        town.answer(ana, leg);
        town.pass_millis(100);
        assert!(is_answered(&town, caller), "{answer}");
        town.close();
    }
}

#[test]
fn a_recording_of_many_pieces_repeats() {
    let mut town = Town::new(&scenario("count = 12000\n", ""), true);
    town.pass_millis(100);
    assert!(town.recording.bytes().len() > 64 * 1024, "longer than what is written at a time");
    town.close();
}

#[test]
fn a_refer_by_a_caller_is_refused() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let caller = town.move_in();
    let leg = town.dial(caller, "100");
    town.pass_millis(100);
    let call_id = town.peers[caller].endpoint.call_id(leg).expect("the leg is up").to_vec();
    let events = std::mem::take(&mut town.peers[caller].events);
    let (from, to) = events
        .iter()
        .find_map(|event| match event {
            Event::Answered { response, .. } => {
                let message = response.message();
                let text = |name| String::from_utf8(message.first(name).expect("there").to_vec());
                Some((text(Name::From).expect("text"), text(Name::To).expect("text")))
            }
            _ => None,
        })
        .expect("answered");
    let refer = format!(
        "REFER sip:acd@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bKr\r\n\
         From: {from}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: 77 REFER\r\nMax-Forwards: 70\r\n\
         Contact: <sip:cal@127.0.0.1:6000>\r\nRefer-To: <sip:other@127.0.0.1>\r\n\
         Content-Length: 0\r\n\r\n",
        String::from_utf8(call_id).expect("text")
    );
    let mut flow = town.flow();
    flow.remote = "127.0.0.1:6000".parse().expect("address");
    town.exchange.handle_message(town.now, flow, refer.as_bytes());
    town.exchange.work(town.now);
    assert_eq!(town.exchange.counters()[0].get(live::Refused::Transfer), 1);
    let mut answer = Vec::new();
    town.exchange.poll_transmit(&mut answer).expect("an answer");
    assert!(answer.starts_with(b"SIP/2.0 403"), "{}", answer.escape_ascii());
    town.hang_up(caller, leg);
    town.close();
}

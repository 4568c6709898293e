//! Requests within a call: changes, glare, digits, transfers.

use sip::Duration;
use sip::endpoint::{CommandError, End, Event, Refusal, Refused};

use crate::desk::{ANSWER, Desk, OFFER, field, first_word, response, status_of, within};
use crate::outgoing::{ended, up};

const HOLD: &str = "v=0\r\no=- 1 2 IN IP4 192.0.2.9\r\ns=-\r\na=sendonly\r\n";

fn change(desk: &mut Desk) -> sip::message::Kept {
    match desk.event() {
        Event::Change { request, .. } => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reinvite_is_answered_by_the_owner_and_moves_the_target() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    let hold = within("INVITE", "2", 2, &tag, "", HOLD).replace("ben@192.0.2.9>", "ben@192.0.2.8>");
    desk.receive(&hold);
    assert_eq!(desk.rest(), ["100"]);
    assert_eq!(change(&mut desk).sdp(), Some(HOLD.as_bytes()));
    desk.endpoint.answer_change(desk.now, leg, ANSWER).expect("it waits");
    let ok = desk.sent();
    assert!(status_of(&ok) == 200 && field(&ok, "Contact").is_some(), "{ok}");
    desk.pass(Duration::from_millis(500));
    assert_eq!(desk.rest(), ["200"], "repeated until the ACK");
    desk.receive(&within("ACK", "a2", 2, &tag, "", ""));
    assert!(matches!(desk.event(), Event::Acknowledged { .. }));
    desk.endpoint.hang_up(desk.now, leg, &[]).expect("up");
    assert!(desk.sent().starts_with("BYE sip:ben@192.0.2.8 "));
}

#[test]
fn a_refused_change_leaves_the_call_up() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    desk.receive(&within("INVITE", "2", 2, &tag, "", HOLD));
    desk.endpoint.refuse_change(desk.now, leg, &Refusal::status(488)).expect("it waits");
    assert_eq!(desk.rest(), ["100", "488"]);
    desk.receive(&within("ACK", "2", 2, &tag, "", ""));
    change(&mut desk);
    desk.no_event();
    desk.receive(&within("BYE", "3", 3, &tag, "", ""));
    assert_eq!(ended(&mut desk), End::Hangup);
    desk.is_clean();
}

#[test]
fn a_second_change_during_one_is_500_with_a_time_to_wait() {
    let mut desk = Desk::new();
    let (_, tag) = desk.call();
    desk.receive(&within("INVITE", "2", 2, &tag, "", HOLD));
    for (branch, method, cseq) in [("3", "INVITE", 3), ("4", "UPDATE", 4)] {
        desk.rest();
        desk.receive(&within(method, branch, cseq, &tag, "", OFFER));
        let busy = desk.sent();
        let wait: u32 = field(&busy, "Retry-After").expect("a time").parse().expect("seconds");
        assert!(status_of(&busy) == 500 && wait <= 10, "{busy}");
    }
    assert_eq!(desk.endpoint.counters().get(Refused::ChangePending), 2);
}

#[test]
fn a_request_refused_within_a_call_gets_the_same_answer_however_late_its_copy_comes() {
    let mut desk = Desk::new();
    let (_, tag) = desk.call();
    let pending = within("INVITE", "2", 2, &tag, "", HOLD);
    let refused = within("UPDATE", "3", 3, &tag, "", OFFER);
    let old = within("INFO", "4", 1, &tag, "", "");
    let options = within("OPTIONS", "5", 5, &tag, "", "");
    for text in [&pending, &refused, &old, &options] {
        desk.receive(text);
    }
    assert_eq!(desk.rest(), ["100", "500", "500", "200"]);
    desk.receive(&within("BYE", "6", 6, &tag, "", ""));
    assert_eq!(desk.rest(), ["200", "487"]);
    for text in [&refused, &old, &options] {
        desk.receive(text);
    }
    assert_eq!(desk.rest(), ["500", "500", "200"], "no 481, though the call is over");
    desk.pass(Duration::from_secs(32));
    desk.rest();
    desk.receive(&refused);
    assert_eq!(desk.rest(), ["481"], "timer J has passed");
}

#[test]
fn a_change_withdrawn_or_hung_up_is_487() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    desk.receive(&within("INVITE", "2", 2, &tag, "", HOLD));
    desk.receive(&within("CANCEL", "2", 2, &tag, "", ""));
    assert_eq!(desk.rest(), ["100", "200", "487"]);
    change(&mut desk);
    assert!(matches!(desk.event(), Event::ChangeWithdrawn { .. }));
    let late = desk.endpoint.answer_change(desk.now, leg, ANSWER);
    assert_eq!(late, Err(CommandError::WrongState));
    desk.receive(&within("INVITE", "3", 3, &tag, "", HOLD));
    desk.receive(&within("BYE", "4", 4, &tag, "", ""));
    assert_eq!(desk.rest(), ["100", "200", "487"]);
    change(&mut desk);
    assert_eq!(ended(&mut desk), End::Hangup);
    desk.is_clean();
}

#[test]
fn glare_is_491_for_the_peer_and_a_wait_for_us() {
    let mut desk = Desk::new();
    let (leg, invite) = up(&mut desk);
    let tag = field(&invite, "From").expect("From").split("tag=").nth(1).expect("tag").to_owned();
    let call_id = field(&invite, "Call-ID").expect("Call-ID");
    let peers = |method: &str, branch: &str, cseq| {
        within(method, branch, cseq, &tag, "", HOLD)
            .replace("c1@example.com", &call_id)
            .replace("tag=b1", "tag=p1")
    };
    desk.endpoint.change(desk.now, leg, ANSWER).expect("up");
    assert_eq!(desk.endpoint.change(desk.now, leg, ANSWER), Err(CommandError::Busy));
    let ours = desk.sent();
    assert_eq!(field(&ours, "CSeq").as_deref(), Some("2 INVITE"));
    desk.receive(&peers("INVITE", "2", 1));
    assert_eq!(desk.status(), 491);
    desk.receive(&peers("ACK", "2", 1));
    desk.receive(&response(&ours, 491, "", "", ""));
    assert_eq!(desk.rest(), ["ACK"]);
    // We own the Call-ID: 2.1 to 4 s.
    desk.pass(Duration::from_millis(2099));
    assert_eq!(desk.rest(), [""; 0]);
    desk.receive(&peers("UPDATE", "3", 2));
    assert!(matches!(desk.event(), Event::Change { .. }), "ours waits: the peer's may come");
    desk.endpoint.answer_change(desk.now, leg, ANSWER).expect("it waits");
    assert_eq!(desk.rest(), ["200"]);
    desk.pass_until_sent(Duration::from_millis(1901));
    let again = desk.sent();
    assert_eq!(field(&again, "CSeq").as_deref(), Some("3 INVITE"));
    assert!(again.ends_with("192.0.2.1\r\ns=-\r\n"));
    desk.receive(&response(&again, 200, "", "", OFFER));
    assert_eq!(desk.rest(), ["ACK"]);
    assert!(matches!(desk.event(), Event::ChangeAnswered { .. }));
    assert_eq!(desk.endpoint.counters().get(Refused::Glare), 1);
}

#[test]
fn glare_is_tried_five_times_within_two_seconds_by_the_called_side() {
    let mut desk = Desk::new();
    let (leg, _) = desk.call();
    desk.endpoint.change(desk.now, leg, ANSWER).expect("up");
    for tried in 1..=5 {
        let reinvite = desk.sent();
        assert_eq!(first_word(&reinvite), "INVITE", "{tried}");
        desk.receive(&response(&reinvite, 491, "", "", ""));
        assert_eq!(desk.rest(), ["ACK"]);
        if tried < 5 {
            desk.no_event();
            desk.pass_until_sent(Duration::from_secs(2));
        }
    }
    assert!(matches!(desk.event(), Event::ChangeRefused { status: 491, .. }));
    desk.pass(Duration::from_secs(5));
    assert_eq!(desk.rest(), [""; 0]);
}

#[test]
fn a_peer_that_knows_the_call_no_more_ends_it() {
    for status in [481, 408] {
        let mut desk = Desk::new();
        let (leg, _) = desk.call();
        desk.endpoint.send_info(desk.now, leg, b"application/dtmf-relay", b"Signal=1").expect("up");
        let info = desk.sent();
        assert!(info.starts_with("INFO ") && info.ends_with("Signal=1"), "{info}");
        desk.receive(&response(&info, status, "", "", ""));
        let bye = desk.sent();
        desk.receive(&response(&bye, 481, "", "", ""));
        assert_eq!(ended(&mut desk), End::PeerGone);
        desk.is_clean();
    }
    let mut desk = Desk::new();
    let (leg, _) = desk.call();
    desk.endpoint.change(desk.now, leg, ANSWER).expect("up");
    desk.pass(Duration::from_secs(64));
    assert_eq!(ended(&mut desk), End::PeerGone);
    desk.is_clean();
}

#[test]
fn a_change_refused_is_told_and_the_call_goes_on() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    desk.endpoint.change(desk.now, leg, ANSWER).expect("up");
    let reinvite = desk.sent();
    desk.receive(&response(&reinvite, 488, "", "", ""));
    assert!(matches!(desk.event(), Event::ChangeRefused { status: 488, .. }));
    desk.endpoint.change(desk.now, leg, ANSWER).expect("the last is over");
    desk.rest();
    desk.receive(&within("BYE", "2", 2, &tag, "", ""));
    assert_eq!(ended(&mut desk), End::Hangup);
    desk.is_clean();
}

#[test]
fn digits_by_info_are_answered_and_told() {
    let mut desk = Desk::new();
    let (_, tag) = desk.call();
    let relay = "Content-Type: application/dtmf-relay\r\n";
    desk.receive(&within("INFO", "2", 2, &tag, relay, "Signal=5\r\nDuration=160\r\n"));
    assert_eq!(desk.status(), 200);
    match desk.event() {
        Event::Info { request, .. } => assert!(request.body().starts_with(b"Signal=5")),
        other => panic!("{other:?}"),
    }
    desk.receive(&within("INFO", "3", 3, &tag, "", ""));
    assert_eq!(desk.status(), 200);
    desk.no_event();
}

#[test]
fn a_transfer_is_accepted_reported_and_over() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    let refer = within("REFER", "2", 2, &tag, "Refer-To: <sip:200@192.0.2.1>\r\n", "");
    desk.receive(&refer);
    assert!(matches!(desk.event(), Event::Refer { .. }));
    desk.endpoint.accept_transfer(desk.now, leg).expect("it waits");
    assert_eq!(desk.status(), 202);
    let trying = desk.sent();
    assert!(trying.ends_with("\r\n\r\nSIP/2.0 100 Trying\r\n"), "{trying}");
    assert_eq!(field(&trying, "Event").as_deref(), Some("refer;id=2"));
    assert_eq!(field(&trying, "Subscription-State").as_deref(), Some("active;expires=180"));
    desk.receive(&response(&trying, 200, "", "", ""));
    let second = within("REFER", "3", 3, &tag, "Refer-To: <sip:201@192.0.2.1>\r\n", "");
    desk.receive(&second);
    assert_eq!(desk.status(), 500);
    desk.endpoint.report_transfer(desk.now, leg, 200).expect("accepted");
    let done = desk.sent();
    assert!(done.ends_with("SIP/2.0 200 OK\r\n"), "{done}");
    let state = field(&done, "Subscription-State");
    assert_eq!(state.as_deref(), Some("terminated;reason=noresource"));
    let late = desk.endpoint.report_transfer(desk.now, leg, 200);
    assert_eq!(late, Err(CommandError::WrongState));
    desk.no_event();
}

#[test]
fn a_transfer_may_be_refused_or_forgotten() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    desk.receive(&within("REFER", "2", 2, &tag, "Refer-To: <sip:200@192.0.2.1>\r\n", ""));
    desk.endpoint.refuse_transfer(desk.now, leg, &Refusal::status(403)).expect("it waits");
    assert_eq!(desk.rest(), ["403"]);
    desk.receive(&within("REFER", "3", 3, &tag, "Refer-To: <sip:200@192.0.2.1>\r\n", ""));
    desk.pass(Duration::from_secs(33));
    assert_eq!(desk.rest(), [""; 0], "RFC 4320: too late to answer");
    assert_eq!(desk.endpoint.accept_transfer(desk.now, leg), Err(CommandError::WrongState));
}

#[test]
fn byes_that_cross_are_both_answered_and_the_leg_ends_once() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    desk.endpoint.hang_up(desk.now, leg, &[]).expect("up");
    let ours = desk.sent();
    desk.receive(&within("BYE", "2", 2, &tag, "", ""));
    assert_eq!(desk.rest(), ["200"]);
    assert_eq!(ended(&mut desk), End::Ours);
    desk.receive(&response(&ours, 481, "", "", ""));
    desk.no_event();
    desk.is_clean();
}

#[test]
fn a_bye_nobody_answers_ends_the_leg_all_the_same() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    desk.endpoint.hang_up(desk.now, leg, &[]).expect("up");
    desk.receive(&within("INFO", "2", 2, &tag, "", ""));
    assert_eq!(desk.rest(), ["BYE", "481"], "nothing but BYE is left to say");
    desk.pass(Duration::from_secs(32));
    assert_eq!(ended(&mut desk), End::Ours);
    desk.is_clean();
}

#[test]
fn the_way_of_requests_is_the_owners_to_change() {
    let mut desk = Desk::new();
    let (leg, _) = up(&mut desk);
    let (transport, address) = desk.endpoint.next_hop(leg).expect("a literal address");
    assert_eq!((transport.text(), address.to_string().as_str()), ("UDP", "192.0.2.9:5070"));
    let flow = sip::flow::Flow { remote: address, ..crate::desk::flow() };
    desk.endpoint.set_flow(leg, flow).expect("a known socket");
    desk.endpoint.hang_up(desk.now, leg, &[]).expect("up");
    let mut buffer = Vec::new();
    assert_eq!(desk.endpoint.poll_transmit(&mut buffer), Some(flow));
}

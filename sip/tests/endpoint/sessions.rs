//! Session timers (RFC 4028), both roles on both sides.

use sip::Duration;
use sip::endpoint::{End, Event, SessionPolicy, Settings};

use crate::desk::{ANSWER, Desk, OFFER, field, first_word, invite, response, to_tag, within};
use crate::outgoing::{dial, ended};

fn desk(expires: Option<u64>) -> Desk {
    let session =
        SessionPolicy { expires: expires.map(Duration::from_secs), min: Duration::from_secs(90) };
    Desk::with(Settings { session, product: Vec::new(), ..Settings::default() })
}

/// Answers an INVITE with these fields; gives the leg, our tag and the terms of the 2xx.
fn answered(desk: &mut Desk, fields: &str) -> (sip::endpoint::Leg, String, Option<String>) {
    let leg = desk.incoming(&invite("1", 1, fields, OFFER));
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    let ok = desk.sent();
    let tag = to_tag(&ok);
    desk.receive(&within("ACK", "a1", 1, &tag, "", ""));
    assert!(matches!(desk.event(), Event::Acknowledged { .. }));
    (leg, tag, field(&ok, "Session-Expires"))
}

#[test]
fn a_peer_that_refreshes_keeps_the_session_and_one_that_stops_loses_it() {
    let mut desk = desk(Some(1800));
    let asks = "Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n";
    let (_, tag, terms) = answered(&mut desk, asks);
    assert_eq!(terms.as_deref(), Some("120;refresher=uac"));
    desk.pass(Duration::from_secs(60));
    desk.receive(&within("UPDATE", "2", 2, &tag, asks, ""));
    let ok = desk.sent();
    assert_eq!(field(&ok, "Session-Expires").as_deref(), Some("120;refresher=uac"));
    assert_eq!(field(&ok, "Require").as_deref(), Some("timer"));
    desk.no_event();
    // RFC 4028 §10: 32 s before the end.
    desk.pass(Duration::from_secs(87));
    assert_eq!(desk.rest(), [""; 0]);
    desk.pass(Duration::from_secs(1));
    let bye = desk.sent();
    assert_eq!(first_word(&bye), "BYE");
    desk.receive(&response(&bye, 200, "", "", ""));
    assert_eq!(ended(&mut desk), End::SessionExpired);
    desk.is_clean();
}

#[test]
fn we_refresh_by_update_when_the_peer_allows_it() {
    let mut desk = desk(Some(1800));
    let asks =
        "Supported: timer\r\nAllow: INVITE, UPDATE\r\nSession-Expires: 120;refresher=uas\r\n";
    let (_, _, terms) = answered(&mut desk, asks);
    assert_eq!(terms.as_deref(), Some("120;refresher=uas"));
    for _ in 0..3 {
        desk.pass(Duration::from_secs(60));
        let update = desk.sent();
        assert_eq!(first_word(&update), "UPDATE");
        assert_eq!(field(&update, "Session-Expires").as_deref(), Some("120;refresher=uac"));
        let terms = "Session-Expires: 120;refresher=uac\r\nAllow: UPDATE\r\n";
        desk.receive(&response(&update, 200, "", terms, ""));
    }
    desk.no_event();
    desk.pass(Duration::from_secs(60));
    let update = desk.sent();
    desk.receive(&response(&update, 481, "", "", ""));
    let bye = desk.sent();
    desk.receive(&response(&bye, 481, "", "", ""));
    assert_eq!(ended(&mut desk), End::PeerGone);
    desk.is_clean();
}

#[test]
fn without_update_the_owner_is_asked_and_its_reinvite_refreshes() {
    // As baresip: it knows neither session timers nor UPDATE.
    let mut desk = desk(Some(120));
    let (leg, _, terms) = answered(&mut desk, "Allow: INVITE, ACK, BYE\r\n");
    assert_eq!(terms, None);
    desk.pass(Duration::from_secs(60));
    assert!(matches!(desk.event(), Event::RefreshDue { .. }));
    desk.endpoint.change(desk.now, leg, ANSWER).expect("up");
    let reinvite = desk.sent();
    desk.receive(&response(&reinvite, 200, "", "Allow: INVITE\r\n", OFFER));
    assert_eq!(desk.rest(), ["ACK"]);
    assert!(matches!(desk.event(), Event::ChangeAnswered { .. }));
    desk.pass(Duration::from_secs(60));
    assert!(matches!(desk.event(), Event::RefreshDue { .. }));
    // An owner that does nothing loses the call.
    desk.pass(Duration::from_secs(41));
    assert_eq!(first_word(&desk.sent()), "BYE");
}

#[test]
fn a_422_is_answered_with_the_interval_it_demands_once() {
    let mut desk = desk(Some(100));
    desk.endpoint.dial(desk.now, &dial()).expect("dialable");
    let first = desk.sent();
    assert_eq!(field(&first, "Session-Expires").as_deref(), Some("100"));
    desk.receive(&response(&first, 422, "p0", "Min-SE: 600\r\n", ""));
    assert_eq!(first_word(&desk.sent()), "ACK");
    let second = desk.sent();
    assert_eq!(field(&second, "Session-Expires").as_deref(), Some("600"));
    assert_eq!(field(&second, "Min-SE").as_deref(), Some("600"));
    assert_eq!(field(&second, "CSeq").as_deref(), Some("2 INVITE"));
    desk.no_event();
    desk.receive(&response(&second, 422, "p0", "Min-SE: 700\r\n", ""));
    assert_eq!(ended(&mut desk), End::Refused(422));
    desk.is_clean();
}

#[test]
fn the_callers_side_follows_the_2xx() {
    for (terms, first) in [("100;refresher=uac", "UPDATE"), ("100;refresher=uas", "BYE")] {
        let mut desk = desk(Some(1800));
        desk.endpoint.dial(desk.now, &dial()).expect("dialable");
        let invite = desk.sent();
        let fields = format!(
            "Contact: <sip:a@b>\r\nAllow: UPDATE\r\nRequire: timer\r\nSession-Expires: {terms}\r\n"
        );
        desk.receive(&response(&invite, 200, "p1", &fields, OFFER));
        assert_eq!(first_word(&desk.sent()), "ACK");
        // Half the interval, or the interval less the margin of a third.
        desk.pass(Duration::from_secs(if first == "UPDATE" { 50 } else { 68 }));
        assert_eq!(first_word(&desk.sent()), first);
    }
}

#[test]
fn without_a_policy_no_timer_is_asked_for() {
    let mut desk = desk(None);
    desk.endpoint.dial(desk.now, &dial()).expect("dialable");
    let invite = desk.sent();
    assert_eq!(field(&invite, "Session-Expires"), None);
    assert_eq!(field(&invite, "Supported").as_deref(), Some("timer"));
}

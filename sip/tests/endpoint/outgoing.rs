//! Calls made, message by message.

use sip::Duration;
use sip::endpoint::{CommandError, Credentials, Dial, End, Event, Leg, Refused};

use crate::desk::{ANSWER, Desk, OFFER, field, first_word, flow, response};

const T1: Duration = Duration::from_millis(500);

pub(crate) fn dial() -> Dial<'static> {
    Dial {
        flow: flow(),
        uri: b"sip:ana@192.0.2.9",
        from: b"\"Ben\" <sip:ben@example.com>",
        to: b"<sip:ana@example.com>",
        contact_user: b"centre",
        routes: &[],
        headers: &[],
        sdp: Some(ANSWER),
        credentials: None,
    }
}

/// Sends an INVITE; gives it.
fn invite(desk: &mut Desk, dial: &Dial<'_>) -> (Leg, String) {
    let leg = desk.endpoint.dial(desk.now, dial).expect("dialable");
    (leg, desk.sent())
}

const CONTACT: &str = "Contact: <sip:ana@192.0.2.9:5070>\r\n";

/// A call that the peer answered.
pub(crate) fn up(desk: &mut Desk) -> (Leg, String) {
    let (leg, invite) = invite(desk, &dial());
    desk.receive(&response(&invite, 200, "p1", CONTACT, OFFER));
    assert_eq!(first_word(&desk.sent()), "ACK");
    assert!(matches!(desk.event(), Event::Answered { .. }));
    (leg, invite)
}

pub(crate) fn ended(desk: &mut Desk) -> End {
    match desk.event() {
        Event::Ended { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_rings_is_answered_and_hung_up_by_us() {
    // RFC 3665 §3.1, seen from Alice.
    let mut desk = Desk::new();
    let (leg, invite) = invite(&mut desk, &dial());
    insta::assert_snapshot!(invite.replace("\r\n", "\n"), @r#"
    INVITE sip:ana@192.0.2.9 SIP/2.0
    Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK71bb54d8d101b5b9
    Max-Forwards: 70
    From: "Ben" <sip:ben@example.com>;tag=71c18690ee42c90b
    To: <sip:ana@example.com>
    Call-ID: beeb8da1658eec67f893a2eefb32555e
    CSeq: 1 INVITE
    Contact: <sip:centre@192.0.2.1:5060>
    Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER
    Supported: timer
    Session-Expires: 1800
    Min-SE: 90
    Content-Type: application/sdp
    Content-Length: 36

    v=0
    o=- 2 1 IN IP4 192.0.2.1
    s=-
    "#);
    desk.receive(&response(&invite, 100, "", "", ""));
    desk.no_event();
    desk.receive(&response(&invite, 180, "p1", "", ""));
    assert!(matches!(desk.event(), Event::Progress { status: 180, .. }));
    desk.receive(&response(&invite, 200, "p1", CONTACT, OFFER));
    let ack = desk.sent();
    insta::assert_snapshot!(ack.replace("\r\n", "\n"), @r#"
    ACK sip:ana@192.0.2.9:5070 SIP/2.0
    Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKc34d0bff90150280
    Max-Forwards: 70
    From: "Ben" <sip:ben@example.com>;tag=71c18690ee42c90b
    To: <sip:ana@example.com>;tag=p1
    Call-ID: beeb8da1658eec67f893a2eefb32555e
    CSeq: 1 ACK
    Content-Length: 0
    "#);
    match desk.event() {
        Event::Answered { response, .. } => assert_eq!(response.sdp(), Some(OFFER.as_bytes())),
        other => panic!("{other:?}"),
    }
    desk.receive(&response(&invite, 200, "p1", CONTACT, OFFER));
    assert_eq!(desk.rest(), ["ACK"]);
    desk.no_event();
    desk.endpoint.hang_up(desk.now, leg, &[]).expect("up");
    let bye = desk.sent();
    assert!(bye.starts_with("BYE sip:ana@192.0.2.9:5070 SIP/2.0\r\n"), "{bye}");
    assert_eq!(field(&bye, "CSeq").as_deref(), Some("2 BYE"));
    desk.receive(&response(&bye, 200, "", "", ""));
    assert_eq!(ended(&mut desk), End::Ours);
    desk.receive(&response(&invite, 200, "p1", CONTACT, OFFER));
    assert_eq!(desk.rest(), ["ACK"], "the peer still repeats its 2xx");
    desk.is_clean();
}

#[test]
fn requests_follow_the_recorded_route_loose_or_strict() {
    for (routes, uri, expected) in [
        (
            "Record-Route: <sip:p2;lr>\r\nRecord-Route: <sip:p1;lr>\r\n",
            "sip:ana@192.0.2.9:5070",
            "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n",
        ),
        (
            "Record-Route: <sip:p2>, <sip:p1>\r\n",
            "sip:p1",
            "Route: <sip:p2>\r\nRoute: <sip:ana@192.0.2.9:5070>\r\n",
        ),
    ] {
        let mut desk = Desk::new();
        let (_, invite) = invite(&mut desk, &dial());
        desk.receive(&response(&invite, 200, "p1", &format!("{routes}{CONTACT}"), OFFER));
        let ack = desk.sent();
        assert!(ack.starts_with(&format!("ACK {uri} SIP/2.0\r\n")), "{ack}");
        assert!(ack.contains(expected), "{ack}");
    }
}

#[test]
fn failures_are_told_with_their_message_and_not_followed() {
    for status in [302, 404, 486, 487, 503, 603] {
        let mut desk = Desk::new();
        let (_, invite) = invite(&mut desk, &dial());
        desk.receive(&response(&invite, status, "p1", CONTACT, ""));
        assert_eq!(desk.rest(), ["ACK"]);
        match desk.event() {
            Event::Ended { why: End::Refused(told), message: Some(message), .. } => {
                assert_eq!((told, message.message().status()), (status, Some(status)));
            }
            other => panic!("{other:?}"),
        }
        desk.is_clean();
    }
}

#[test]
fn no_answer_at_all_times_out() {
    let mut desk = Desk::new();
    invite(&mut desk, &dial());
    desk.pass(T1 * 64);
    assert_eq!(desk.rest(), ["INVITE"; 6]);
    assert_eq!(ended(&mut desk), End::TimedOut);
    desk.is_clean();
}

#[test]
fn a_cancel_waits_for_a_provisional_and_the_487_ends_it() {
    let mut desk = Desk::new();
    let (leg, invite) = invite(&mut desk, &dial());
    let elsewhere = b"SIP;cause=200;text=\"Call completed elsewhere\"";
    desk.endpoint.hang_up(desk.now, leg, &[("Reason", elsewhere)]).expect("calling");
    assert_eq!(desk.endpoint.hang_up(desk.now, leg, &[]), Err(CommandError::WrongState));
    assert_eq!(desk.rest(), [""; 0]);
    desk.receive(&response(&invite, 180, "p1", "", ""));
    let cancel = desk.sent();
    assert!(cancel.starts_with("CANCEL sip:ana@192.0.2.9 SIP/2.0\r\n"), "{cancel}");
    assert_eq!(field(&cancel, "Via"), field(&invite, "Via"));
    let reason = field(&cancel, "Reason").expect("the owner's field");
    assert_eq!(reason.as_bytes(), elsewhere);
    desk.receive(&response(&cancel, 200, "p1", "", ""));
    desk.no_event();
    desk.receive(&response(&invite, 487, "p1", "", ""));
    assert_eq!(desk.rest(), ["ACK"]);
    assert_eq!(ended(&mut desk), End::Ours);
    desk.is_clean();
}

#[test]
fn a_2xx_that_crosses_a_cancel_is_acknowledged_and_hung_up() {
    let mut desk = Desk::new();
    let (leg, invite) = invite(&mut desk, &dial());
    desk.endpoint.hang_up(desk.now, leg, &[]).expect("calling");
    desk.receive(&response(&invite, 200, "p1", CONTACT, OFFER));
    assert_eq!(first_word(&desk.sent()), "ACK");
    let bye = desk.sent();
    desk.no_event();
    desk.receive(&response(&bye, 200, "", "", ""));
    assert_eq!(ended(&mut desk), End::Ours);
    assert_eq!(desk.endpoint.counters().get(Refused::Late), 1);
    desk.is_clean();
}

#[test]
fn the_first_of_two_forks_wins_and_the_other_is_hung_up_once() {
    let mut desk = Desk::new();
    let (_, invite) = invite(&mut desk, &dial());
    desk.receive(&response(&invite, 200, "p1", CONTACT, OFFER));
    assert_eq!(desk.rest(), ["ACK"]);
    let other = response(&invite, 200, "p2", "Contact: <sip:other@192.0.2.8>\r\n", OFFER);
    desk.receive(&other);
    let (ack, bye) = (desk.sent(), desk.sent());
    assert!(ack.starts_with("ACK sip:other@192.0.2.8 ") && ack.contains("tag=p2\r\n"), "{ack}");
    assert!(bye.starts_with("BYE sip:other@192.0.2.8 ") && bye.contains("tag=p2\r\n"), "{bye}");
    desk.receive(&response(&bye, 200, "", "", ""));
    desk.receive(&other);
    assert_eq!(desk.rest(), ["ACK"]);
    assert!(matches!(desk.event(), Event::Answered { .. }));
    desk.no_event();
    assert_eq!(desk.endpoint.counters().get(Refused::Fork), 1);
}

#[test]
fn a_challenge_is_answered_once() {
    let credentials = Some(Credentials::new(b"ben", b"secret"));
    for (status, asks, answers) in [
        (401, "WWW-Authenticate", "Authorization"),
        (407, "Proxy-Authenticate", "Proxy-Authorization"),
    ] {
        let mut desk = Desk::new();
        let (_, first) = invite(&mut desk, &Dial { credentials: credentials.clone(), ..dial() });
        let challenge = format!("{asks}: Digest realm=\"x\", nonce=\"n1\", qop=\"auth\"\r\n");
        desk.receive(&response(&first, status, "p0", &challenge, ""));
        assert_eq!(first_word(&desk.sent()), "ACK");
        let second = desk.sent();
        assert_eq!(field(&second, "CSeq").as_deref(), Some("2 INVITE"));
        assert_ne!(field(&second, "Via"), field(&first, "Via"));
        assert_eq!(field(&second, "Call-ID"), field(&first, "Call-ID"));
        let sent = field(&second, answers).expect("credentials");
        assert!(sent.contains("username=\"ben\"") && sent.contains("nc=00000001"), "{sent}");
        assert!(second.ends_with(core::str::from_utf8(ANSWER).expect("text")));
        desk.no_event();
        desk.receive(&response(&second, 200, "p1", CONTACT, OFFER));
        let ack = desk.sent();
        assert_eq!(field(&ack, answers), Some(sent), "RFC 3261 §13.2.2.4");
        assert_eq!(field(&ack, "CSeq").as_deref(), Some("2 ACK"));
        assert!(matches!(desk.event(), Event::Answered { .. }));
        let mut desk = Desk::new();
        let (_, first) = invite(&mut desk, &Dial { credentials: credentials.clone(), ..dial() });
        desk.receive(&response(&first, status, "p0", &challenge, ""));
        desk.sent();
        let second = desk.sent();
        desk.receive(&response(&second, status, "p0", &challenge, ""));
        assert_eq!(ended(&mut desk), End::Refused(status));
        desk.is_clean();
    }
}

#[test]
fn without_credentials_a_challenge_is_a_failure() {
    let mut desk = Desk::new();
    let (_, invite) = invite(&mut desk, &dial());
    let challenge = "WWW-Authenticate: Digest realm=\"x\", nonce=\"n1\"\r\n";
    desk.receive(&response(&invite, 401, "p1", challenge, ""));
    assert_eq!(ended(&mut desk), End::Refused(401));
}

#[test]
fn a_late_offer_is_answered_in_the_ack() {
    let mut desk = Desk::new();
    let (leg, invite) = invite(&mut desk, &Dial { sdp: None, ..dial() });
    let answer = response(&invite, 200, "p1", CONTACT, OFFER);
    desk.receive(&answer);
    desk.receive(&answer);
    assert_eq!(desk.rest(), [""; 0], "nothing to acknowledge with yet");
    assert!(matches!(desk.event(), Event::Answered { .. }));
    desk.no_event();
    desk.endpoint.acknowledge(desk.now, leg, ANSWER).expect("an offer waits");
    let ack = desk.sent();
    assert!(ack.starts_with("ACK ") && ack.ends_with("192.0.2.1\r\ns=-\r\n"), "{ack}");
    desk.receive(&answer);
    assert_eq!(desk.sent().split("\r\n\r\n").nth(1), ack.split("\r\n\r\n").nth(1));
}

#[test]
fn what_cannot_stand_in_an_invite_is_refused() {
    let mut desk = Desk::new();
    let refused = |desk: &mut Desk, dial: &Dial<'_>| desk.endpoint.dial(desk.now, dial).err();
    let bad: [Dial<'_>; 7] = [
        Dial { uri: b"http://x", ..dial() },
        Dial { uri: b"sip:a b@c", ..dial() },
        Dial { from: b"<sip:a@b>;tag=1", ..dial() },
        Dial { to: b"nobody", ..dial() },
        Dial { contact_user: b"a@b", ..dial() },
        Dial { routes: &[b"<sip:p"], ..dial() },
        Dial { headers: &[("X\r\nVia", b"x")], ..dial() },
    ];
    for dial in &bad {
        assert_eq!(refused(&mut desk, dial), Some(CommandError::Malformed), "{dial:?}");
    }
    let mut unknown = dial();
    unknown.flow.socket = 9;
    assert_eq!(refused(&mut desk, &unknown), Some(CommandError::NoSocket));
    assert_eq!(desk.rest(), [""; 0]);
    assert_eq!(desk.endpoint.usage(), sip::endpoint::Usage::default());
}

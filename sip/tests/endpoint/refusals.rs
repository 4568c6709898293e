//! Everything that is refused without asking the owner, and that it is counted.

use sip::Duration;
use sip::endpoint::{Event, Refused, Settings};
use sip::transaction;

use crate::desk::{ANSWER, Desk, OFFER, field, from, invite, request, status_of, within};

/// Receives one message and gives the answer.
fn answer(desk: &mut Desk, text: &str) -> String {
    desk.receive(text);
    desk.sent()
}

/// One message, its status, what is counted, and what the answer must carry.
fn refused(text: &str, status: u16, why: Refused, carries: &str) {
    let mut desk = Desk::new();
    let answer = answer(&mut desk, text);
    assert_eq!(status_of(&answer), status, "{text}\n{answer}");
    assert!(answer.contains(carries), "{carries} in {answer}");
    assert_eq!((desk.endpoint.counters().get(why), desk.endpoint.counters().total()), (1, 1));
    desk.no_event();
    assert_eq!(desk.endpoint.usage(), sip::endpoint::Usage::default(), "nothing is kept");
}

fn outside(method: &str, fields: &str) -> String {
    request(method, "sip:100@192.0.2.1", "1", 1, "", fields, "")
}

#[test]
fn methods_are_refused_by_what_they_are() {
    let allow = "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER\r\n";
    for method in ["MESSAGE", "PUBLISH", "REGISTER"] {
        refused(&outside(method, ""), 405, Refused::Method, allow);
    }
    refused(&outside("DANCE", ""), 501, Refused::Method, allow);
    refused(&outside("SUBSCRIBE", "Event: presence\r\n"), 489, Refused::Package, "Allow-Events");
    for method in ["BYE", "INFO", "UPDATE", "PRACK", "NOTIFY"] {
        refused(&outside(method, ""), 481, Refused::NoDialog, "");
    }
    refused(&outside("REFER", "Refer-To: <sip:x@y>\r\n"), 403, Refused::NoDialog, "");
}

#[test]
fn an_invite_is_refused_for_its_scheme_hops_extensions_and_body() {
    let other = invite("1", 1, "", OFFER).replace("INVITE sip:100@192.0.2.1", "INVITE mailto:a@b");
    refused(&other, 416, Refused::Scheme, "");
    let hops = invite("1", 1, "", OFFER).replace("Max-Forwards: 70", "Max-Forwards: 0");
    refused(&hops, 483, Refused::TooManyHops, "");
    let require = invite("1", 1, "Require: timer, 100rel\r\nRequire: foo\r\n", OFFER);
    refused(&require, 420, Refused::Extension, "Unsupported: 100rel\r\nUnsupported: foo\r\n");
    let html = invite("1", 1, "Content-Type: text/html\r\n", "<p>");
    refused(&html, 415, Refused::MediaType, "\r\nAccept: application/sdp\r\n");
    let packed = invite("1", 1, "Content-Encoding: gzip\r\n", OFFER);
    refused(&packed, 415, Refused::MediaType, "\r\nAccept-Encoding: identity\r\n");
    refused(&invite("1", 1, "Accept: text/html\r\n", OFFER), 406, Refused::MediaType, "");
    let brief = invite("1", 1, "Supported: timer\r\nSession-Expires: 60\r\n", OFFER);
    refused(&brief, 422, Refused::Interval, "\r\nMin-SE: 90\r\n");
    let routes = "Record-Route: <sip:p;lr>\r\n".repeat(17);
    refused(&invite("1", 1, &routes, OFFER), 513, Refused::Malformed, "");
    let contact = invite("1", 1, "", OFFER).replace("<sip:ben@192.0.2.9>", "<sip:a b>");
    refused(&contact, 400, Refused::Malformed, "");
    refused(
        &invite("1", 1, "Call-ID: two\r\n", OFFER),
        400,
        Refused::Malformed,
        "Repeated Call-ID",
    );
}

#[test]
fn a_tel_uri_may_be_called() {
    let mut desk = Desk::new();
    desk.incoming(&invite("1", 1, "", OFFER).replace("INVITE sip:100@192.0.2.1", "INVITE tel:100"));
}

#[test]
fn what_cannot_be_answered_is_dropped_and_counted() {
    let mut desk = Desk::new();
    for text in ["SIP/2.0 200 OK\r\n\r\n", "ACK sip:a SIP/2.0\r\n\r\n", "junk", "\u{1}\u{2}"] {
        desk.receive(text);
    }
    desk.receive("\r\n\r\n");
    assert_eq!(desk.rest(), [""; 0]);
    assert_eq!(desk.endpoint.counters().get(Refused::Dropped), 4);
    desk.receive(&within("ACK", "a1", 1, "00000000000000ab", "", ""));
    desk.receive(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\n\
         Call-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n",
    );
    assert_eq!(desk.endpoint.counters().get(Refused::StrayAck), 1);
    assert_eq!(desk.endpoint.counters().get(Refused::StrayResponse), 1);
    assert_eq!(desk.endpoint.counters().total(), 6);
    assert_eq!(desk.rest(), [""; 0]);
}

#[test]
fn a_refusal_repeated_has_the_same_tag() {
    let mut desk = Desk::new();
    let text = outside("MESSAGE", "");
    assert_eq!(answer(&mut desk, &text), answer(&mut desk, &text));
}

#[test]
fn the_same_request_by_another_way_is_merged() {
    let mut desk = Desk::new();
    desk.incoming(&invite("1", 1, "", OFFER));
    let merged = answer(&mut desk, &invite("2", 1, "", OFFER));
    assert_eq!(status_of(&merged), 482);
    assert_eq!(desk.endpoint.counters().get(Refused::Merged), 1);
    desk.no_event();
    let next = invite("3", 2, "", OFFER);
    desk.receive(&next);
    assert!(matches!(desk.event(), Event::Incoming { .. }), "another CSeq is another request");
}

#[test]
fn options_are_answered_inside_and_outside_a_call() {
    let mut desk = Desk::new();
    let text = outside("OPTIONS", "").replace("Max-Forwards: 70", "Max-Forwards: 0");
    let ok = answer(&mut desk, &text);
    assert_eq!(status_of(&ok), 200);
    for name in ["Allow", "Accept", "Supported", "Allow-Events"] {
        assert!(field(&ok, name).is_some(), "{name} in {ok}");
    }
    assert_eq!(desk.endpoint.usage(), sip::endpoint::Usage::default(), "a flood keeps nothing");
    let (_, tag) = desk.call();
    assert_eq!(status_of(&answer(&mut desk, &within("OPTIONS", "2", 2, &tag, "", ""))), 200);
    desk.no_event();
}

#[test]
fn beyond_its_limits_or_closed_it_is_unavailable() {
    let mut desk = Desk::with(Settings { legs_max: 1, product: Vec::new(), ..Settings::default() });
    desk.incoming(&invite("1", 1, "", OFFER));
    let full = answer(&mut desk, &invite("2", 1, "", OFFER).replace("c1@", "c2@"));
    assert_eq!((status_of(&full), field(&full, "Retry-After").as_deref()), (503, Some("5")));
    desk.endpoint.set_closed(Some(Duration::from_secs(60)));
    let closed = answer(&mut desk, &invite("3", 1, "", OFFER).replace("c1@", "c3@"));
    assert_eq!(field(&closed, "Retry-After").as_deref(), Some("60"));
    assert_eq!(desk.endpoint.counters().get(Refused::Overload), 2);
    desk.no_event();

    let transactions =
        transaction::Settings { transactions_max: 1, ..transaction::Settings::default() };
    let mut desk =
        Desk::with(Settings { transactions, product: Vec::new(), ..Settings::default() });
    desk.incoming(&invite("1", 1, "", OFFER));
    let full = answer(&mut desk, &invite("2", 1, "", OFFER).replace("c1@", "c2@"));
    assert_eq!(status_of(&full), 503);
    assert_eq!(desk.endpoint.usage().legs, 1);
}

#[test]
fn a_spoofed_bye_ends_nothing() {
    let mut desk = Desk::new();
    let (leg, tag) = desk.call();
    let bye = within("BYE", "s1", 2, &tag, "", "");
    for spoofed in [
        bye.replace(&tag, "00000000000000ab"),
        bye.replace(&tag, &tag.to_uppercase()),
        bye.replace("tag=b1", "tag=b2"),
        bye.replace("c1@", "c2@"),
        bye.replace(";tag=b1", ""),
    ] {
        let before = desk.endpoint.counters().get(Refused::NoDialog);
        desk.receive_from(from("198.51.100.7:5060"), &spoofed);
        assert_eq!(desk.status(), 481, "{spoofed}");
        assert_eq!(desk.endpoint.counters().get(Refused::NoDialog), before + 1);
    }
    desk.no_event();
    assert!(desk.endpoint.flow_of(leg).is_some());
}

#[test]
fn requests_within_a_call_are_checked_too() {
    for (method, fields, body, status, why) in [
        ("INFO", "Content-Type: text/plain\r\n", "x", 415, Refused::MediaType),
        ("INFO", "Info-Package: foo\r\n", "", 469, Refused::Package),
        ("INFO", "Require: foo\r\n", "", 420, Refused::Extension),
        ("SUBSCRIBE", "Event: dialog\r\n", "", 489, Refused::Package),
        ("NOTIFY", "Event: refer\r\n", "", 481, Refused::NoDialog),
        ("PRACK", "RAck: 1 1 INVITE\r\n", "", 481, Refused::NoDialog),
        ("MESSAGE", "", "", 405, Refused::Method),
        ("DANCE", "", "", 501, Refused::Method),
        ("REFER", "", "", 400, Refused::Malformed),
        ("UPDATE", "Content-Type: text/plain\r\n", "x", 415, Refused::MediaType),
    ] {
        let mut desk = Desk::new();
        let (_, tag) = desk.call();
        desk.receive(&within(method, "2", 2, &tag, fields, body));
        assert_eq!(desk.status(), status, "{method}");
        assert_eq!(desk.endpoint.counters().get(why), 1, "{method}");
        desk.no_event();
    }
}

#[test]
fn an_old_request_is_out_of_order() {
    let mut desk = Desk::new();
    let (_, tag) = desk.call();
    desk.receive(&within("OPTIONS", "2", 5, &tag, "", ""));
    desk.receive(&within("BYE", "3", 4, &tag, "", ""));
    desk.receive(&within("BYE", "4", 5, &tag, "", ""));
    assert_eq!(desk.rest(), ["200", "500", "500"]);
    assert_eq!(desk.endpoint.counters().get(Refused::OutOfOrder), 2);
    desk.no_event();
    desk.receive(&within("BYE", "5", 6, &tag, "", ""));
    assert_eq!(desk.rest(), ["200"]);
}

#[test]
fn a_cancel_of_nothing_is_481() {
    let mut desk = Desk::new();
    desk.receive(&outside("CANCEL", ""));
    assert_eq!(desk.rest(), ["481"]);
    assert_eq!(desk.endpoint.counters().get(Refused::NoDialog), 1);
    desk.incoming(&invite("2", 1, "", OFFER));
    let spoofed = outside("CANCEL", "").replace("z9hG4bK1", "z9hG4bK2").replace("=b1", "=b2");
    desk.receive(&spoofed);
    assert_eq!(desk.rest(), ["481"], "the branch alone is not enough");
    desk.no_event();
}

#[test]
fn a_broken_stream_is_answered_before_it_closes() {
    let mut desk = Desk::new();
    let mut flow = crate::desk::flow();
    flow.transport = sip::flow::Transport::Tcp;
    let mut framer = sip::stream::Framer::default();
    framer.handle_bytes(
        b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\n\
          To: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 1\r\n\
          Content-Length: 2\r\n\r\n",
    );
    let Some(sip::stream::Piece::Broken { fault, head }) = framer.poll_piece() else {
        panic!("two lengths have no end");
    };
    desk.endpoint.handle_broken(desk.now, flow, fault, head);
    assert_eq!(desk.status(), 400);
    assert_eq!(desk.endpoint.counters().get(Refused::Malformed), 1);
}

#[test]
fn a_leg_answers_only_its_peer() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    let tag = crate::desk::to_tag(&desk.sent());
    desk.receive(&within("ACK", "a1", 1, &tag, "", "").replace("tag=b1", "tag=b2"));
    desk.no_event();
    desk.receive(&within("ACK", "a1", 2, &tag, "", ""));
    desk.no_event();
    assert_eq!(desk.endpoint.counters().get(Refused::StrayAck), 1);
}

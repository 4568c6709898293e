//! Calls received, message by message.

use sip::Duration;
use sip::endpoint::{CommandError, End, Event, Refusal};

use crate::desk::{ANSWER, Desk, OFFER, field, invite, to_tag, within};

const T1: Duration = Duration::from_millis(500);

fn ended(desk: &mut Desk) -> End {
    match desk.event() {
        Event::Ended { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_rings_is_answered_acknowledged_and_hung_up_by_the_caller() {
    // RFC 3665 §3.1, seen from Bob.
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.endpoint.progress(desk.now, leg, 180, None).expect("open");
    let ringing = desk.sent();
    assert!(ringing.starts_with("SIP/2.0 180 Ringing\r\n"), "{ringing}");
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    let answer = desk.sent();
    let tag = to_tag(&answer);
    assert_eq!(to_tag(&ringing), tag);
    assert_eq!(field(&answer, "Contact").as_deref(), Some("<sip:100@192.0.2.1:5060>"));
    assert!(answer.ends_with("s=-\r\n") && field(&answer, "Allow").is_some(), "{answer}");
    desk.receive(&within("ACK", "a1", 1, &tag, "", ""));
    assert!(matches!(desk.event(), Event::Acknowledged { ack: None, .. }));
    desk.receive(&within("BYE", "2", 2, &tag, "Reason: Q.850;cause=16\r\n", ""));
    assert_eq!(desk.status(), 200);
    match desk.event() {
        Event::Ended { why: End::Hangup, message: Some(bye), .. } => {
            assert_eq!(bye.message().reasons().count(), 1);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.endpoint.progress(desk.now, leg, 180, None), Err(CommandError::Gone));
    desk.is_clean();
}

#[test]
fn a_2xx_is_repeated_until_its_ack() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    let tag = to_tag(&desk.sent());
    desk.pass(T1 * 3);
    assert_eq!(desk.rest(), ["200", "200"]);
    desk.receive(&within("ACK", "a1", 1, &tag, "", ""));
    desk.receive(&within("ACK", "a1", 1, &tag, "", ""));
    assert!(matches!(desk.event(), Event::Acknowledged { .. }));
    desk.no_event();
    desk.pass(T1 * 20);
    assert_eq!(desk.rest(), [""; 0]);
}

#[test]
fn a_2xx_without_ack_is_told_after_64_t1_and_then_hung_up() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    desk.pass(T1 * 64);
    assert!(matches!(desk.event(), Event::NoAck { .. }));
    desk.no_event();
    // 0.5, 1.5, 3.5, then every 4 s up to 31.5 s, and the first.
    assert_eq!(desk.rest(), ["200"; 11]);
    desk.endpoint.hang_up(desk.now, leg, &[]).expect("up");
    let bye = desk.sent();
    assert!(bye.starts_with("BYE sip:ben@192.0.2.9 SIP/2.0\r\n"), "{bye}");
    desk.receive(&crate::desk::response(&bye, 481, "", "", ""));
    assert_eq!(ended(&mut desk), End::Ours);
    desk.is_clean();
}

#[test]
fn a_hang_up_before_the_ack_waits_for_it() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    let tag = to_tag(&desk.sent());
    desk.endpoint.hang_up(desk.now, leg, &[("Reason", b"Q.850;cause=16")]).expect("answered");
    assert_eq!(desk.rest(), [""; 0]);
    desk.receive(&within("ACK", "a1", 1, &tag, "", ""));
    let bye = desk.sent();
    assert_eq!(field(&bye, "Reason").as_deref(), Some("Q.850;cause=16"));
    desk.receive(&crate::desk::response(&bye, 200, "", "", ""));
    assert_eq!(ended(&mut desk), End::Ours);
    desk.is_clean();
}

#[test]
fn a_refusal_carries_what_the_owner_says() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    let refusal = Refusal {
        status: 486,
        retry_after: Some(Duration::from_secs(7)),
        headers: &[("Reason", b"Q.850;cause=17")],
    };
    desk.endpoint.refuse(desk.now, leg, &refusal).expect("open");
    let busy = desk.sent();
    assert!(busy.starts_with("SIP/2.0 486 Busy Here\r\n"), "{busy}");
    assert_eq!(field(&busy, "Retry-After").as_deref(), Some("7"));
    assert_eq!(field(&busy, "Reason").as_deref(), Some("Q.850;cause=17"));
    assert_eq!(ended(&mut desk), End::Ours);
    desk.receive(&within("ACK", "1", 1, &to_tag(&busy), "", ""));
    desk.is_clean();
}

#[test]
fn a_cancel_ends_an_open_call_and_does_nothing_to_an_answered_one() {
    let mut desk = Desk::new();
    let cancel = |tag| within("CANCEL", "1", 1, tag, "", "").replace(";tag=\r\n", "\r\n");
    desk.incoming(&invite("1", 1, "", OFFER));
    desk.receive(&cancel(""));
    let (ok, terminated) = (desk.sent(), desk.sent());
    assert!(ok.starts_with("SIP/2.0 200 ") && terminated.starts_with("SIP/2.0 487 "));
    assert_eq!(to_tag(&ok), to_tag(&terminated));
    assert_eq!(ended(&mut desk), End::Cancelled);
    desk.receive(&within("ACK", "1", 1, &to_tag(&terminated), "", ""));
    desk.is_clean();

    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    assert_eq!(desk.status(), 200);
    desk.receive(&cancel(""));
    assert_eq!(desk.rest(), ["200"]);
    desk.no_event();
}

#[test]
fn a_bye_in_an_early_dialog_ends_it() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.endpoint.progress(desk.now, leg, 180, None).expect("open");
    let tag = to_tag(&desk.sent());
    desk.receive(&within("BYE", "2", 2, &tag, "", ""));
    assert_eq!(desk.rest(), ["200", "487"]);
    assert_eq!(ended(&mut desk), End::Cancelled);
    desk.is_clean();
}

#[test]
fn without_an_offer_the_2xx_makes_it_and_the_ack_answers() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", ""));
    desk.endpoint.answer(desk.now, leg, ANSWER).expect("open");
    let tag = to_tag(&desk.sent());
    desk.receive(&within("ACK", "a1", 1, &tag, "", OFFER));
    match desk.event() {
        Event::Acknowledged { ack: Some(ack), .. } => {
            assert_eq!(ack.sdp(), Some(OFFER.as_bytes()));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_invite_repeated_is_one_call() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.receive(&invite("1", 1, "", OFFER));
    assert_eq!(desk.rest(), ["100"]);
    desk.endpoint.progress(desk.now, leg, 180, None).expect("open");
    desk.receive(&invite("1", 1, "", OFFER));
    assert_eq!(desk.rest(), ["180", "180"]);
    desk.no_event();
}

#[test]
fn a_call_that_rings_long_is_said_to_ring_every_minute() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    desk.pass(Duration::from_secs(200));
    assert_eq!(desk.rest(), [""; 0], "a 100 is hop by hop");
    desk.endpoint.progress(desk.now, leg, 180, None).expect("open");
    desk.pass(Duration::from_secs(185));
    assert_eq!(desk.rest(), ["180"; 4]);
    desk.endpoint.refuse(desk.now, leg, &Refusal::status(480)).expect("open");
    assert_eq!(ended(&mut desk), End::Ours);
    desk.is_clean();
}

#[test]
fn commands_that_do_not_fit_are_refused_and_send_nothing() {
    let mut desk = Desk::new();
    let leg = desk.incoming(&invite("1", 1, "", OFFER));
    let now = desk.now;
    let endpoint = &mut desk.endpoint;
    assert_eq!(endpoint.progress(now, leg, 100, None), Err(CommandError::Malformed));
    assert_eq!(endpoint.progress(now, leg, 200, None), Err(CommandError::Malformed));
    assert_eq!(endpoint.refuse(now, leg, &Refusal::status(200)), Err(CommandError::Malformed));
    assert_eq!(endpoint.change(now, leg, ANSWER), Err(CommandError::WrongState));
    assert_eq!(endpoint.answer_change(now, leg, ANSWER), Err(CommandError::WrongState));
    assert_eq!(endpoint.acknowledge(now, leg, ANSWER), Err(CommandError::WrongState));
    assert_eq!(endpoint.accept_transfer(now, leg), Err(CommandError::WrongState));
    assert_eq!(endpoint.send_info(now, leg, b"a/b", b"x"), Err(CommandError::WrongState));
    assert_eq!(endpoint.challenge(now, leg), Err(CommandError::WrongState));
    assert_eq!(desk.rest(), [""; 0]);
    desk.endpoint.answer(now, leg, ANSWER).expect("open");
    assert_eq!(desk.endpoint.answer(now, leg, ANSWER), Err(CommandError::WrongState));
    assert_eq!(
        desk.endpoint.refuse(now, leg, &Refusal::status(486)),
        Err(CommandError::WrongState)
    );
    assert_eq!(desk.rest(), ["200"]);
}

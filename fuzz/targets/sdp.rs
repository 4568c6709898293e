#![no_main]
//! Any bytes as a session description: no panic; an answer to what is accepted is read by its own reader, has the
//! offer's sections, and agrees with what we said.

use libfuzzer_sys::fuzz_target;
use sip::sdp::Session;
use sip::sdp::negotiate::{Codec, Local, write_answer, write_offer};

fuzz_target!(|bytes: &[u8]| {
    let Ok(offer) = Session::parse(bytes) else { return };
    for media in &offer.media {
        let _ = (offer.connection_of(media), offer.direction_of(media));
    }
    let local = Local {
        address: "192.0.2.1:20000".parse().expect("address"),
        codecs: &[Codec::Pcma, Codec::Pcmu],
        event_payload_type: 101,
        session_id: 1,
        version: 1,
        direction: sip::sdp::Direction::SendRecv,
    };
    let mut ours = Vec::new();
    write_offer(&local, &mut ours);
    Session::parse(&ours).expect("our own writing");
    let mut answer = Vec::new();
    let Ok(agreed) = write_answer(&offer, &local, &mut answer) else { return };
    #[cfg(feature = "canary")]
    assert!(agreed.event_in.is_none() || agreed.codec.codec != Codec::Pcmu, "canary");
    let read = Session::parse(&answer).expect("our own writing");
    // RFC 3264 §6: one section for each of the offer's.
    assert_eq!(read.media.len(), offer.media.len());
    assert!(!agreed.direction.sends() || local.direction.sends());
});

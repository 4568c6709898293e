//! Properties: no bytes panic, what is written is read back, and `rsip` agrees.

mod differential;
mod generate;
mod operations;
mod roundtrip;

use proptest::prelude::*;
use sip::message::{AuthParams, Carrier, Index, Message, Name, NameAddr, Uri, Values, Via};
use sip::sdp::Session;
use sip::stream::Framer;
use sip::write::{ReplyPlan, respond};

/// Reads everything there is to read.
fn read_all(bytes: &[u8]) {
    let mut index = Index::default();
    for carrier in [Carrier::Datagram, Carrier::Stream] {
        // What could be read of a rejected request is looked at too: it is answered from.
        let message = match Message::parse(bytes, carrier, &mut index) {
            Ok(message) => Some(message),
            Err(rejected) => {
                let _ = (rejected.verdict(), rejected.fault.reason());
                rejected.message
            }
        };
        let Some(message) = message else { continue };
        let _ = message.audit();
        for &name in Name::ALL {
            message.addresses(name).for_each(drop);
            let _ = (message.auth(name), message.tokens(name));
        }
        let _ = Session::parse(message.body()).map(|session| session.audio());
        let source = "[2001:db8::9]:5060".parse().ok();
        let mut answer = Vec::new();
        respond(&message, source, 400, b"Bad Request", ReplyPlan::default(), &mut answer).finish();
        let mut other = Index::default();
        let is_framed = Message::parse(&answer, Carrier::Stream, &mut other).is_ok();
        assert!(is_framed, "an answer is well framed: {}", answer.escape_ascii());
    }
    let _ =
        (Uri::parse(bytes), Via::parse(bytes), NameAddr::parse(bytes), AuthParams::parse(bytes));
    Values::new(bytes).for_each(drop);
    let _ = Session::parse(bytes).map(|session| session.audio());
    let mut framer = Framer::default();
    for chunk in bytes.chunks(7) {
        framer.handle_bytes(chunk);
        while framer.poll_piece().is_some() {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes);
    }

    #[test]
    fn no_damaged_message_panics(bytes in generate::damaged()) {
        read_all(&bytes);
    }
}

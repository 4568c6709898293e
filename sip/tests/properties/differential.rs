//! `rsip` reads plain messages too: where it can, both must agree.
//!
//! Plain means what rsip 0.4 knows: full header names, no folds, known methods, host names and IPv4.

use proptest::prelude::*;
use rsip::prelude::{HeadersExt, ToTypedHeader, UntypedHeader};
use sip::message::{Carrier, Index, Message};

use crate::generate;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rsip_reads_the_same_from_what_we_write(mut plain in generate::plain()) {
        // rsip reads bodies of any bytes, but fails on quotes and semicolons in display names.
        plain.display.retain(|letter| letter.is_ascii_alphanumeric() || letter == ' ');
        plain.user.retain(|letter| letter.is_ascii_alphanumeric());
        plain.uri = format!("sip:{}@example.com", plain.user);
        let mut bytes = Vec::new();
        plain.write(&mut bytes);
        let theirs = rsip::Request::try_from(bytes.as_slice()).expect("rsip reads it");
        let mut index = Index::default();
        let ours = Message::parse(&bytes, Carrier::Datagram, &mut index).expect("we read it");
        let essentials = ours.check().expect("complete");
        prop_assert_eq!(theirs.method.to_string(), ours.method().expect("a request").to_string());
        prop_assert_eq!(theirs.uri.to_string(), plain.uri.as_str());
        prop_assert_eq!(theirs.headers.iter().count(), ours.headers().count());
        let call_id = theirs.call_id_header().expect("Call-ID").value().as_bytes();
        prop_assert_eq!(call_id, essentials.call_id);
        let cseq = theirs.cseq_header().expect("CSeq").typed().expect("good");
        prop_assert_eq!(cseq.seq, essentials.cseq.number);
        let from = theirs.from_header().expect("From").typed().expect("good");
        let tag = from.tag().map(|tag| tag.value().as_bytes().to_vec());
        prop_assert_eq!(tag.as_deref(), essentials.from_tag);
        let via = theirs.via_header().expect("Via").typed().expect("good");
        let branch = via.branch().map(|branch| branch.value().as_bytes().to_vec());
        prop_assert_eq!(branch.as_deref(), essentials.via.branch());
        prop_assert_eq!(theirs.body.as_slice(), ours.body());
    }
}

#[test]
fn rsip_and_we_agree_on_the_start_of_every_torture_message_both_accept() {
    let mut both = 0;
    for bytes in generate::corpus() {
        let mut index = Index::default();
        let ours = Message::parse(bytes, Carrier::Datagram, &mut index);
        let theirs = rsip::SipMessage::try_from(bytes.as_slice());
        let (Ok(ours), Ok(theirs)) = (ours, theirs) else { continue };
        both += 1;
        match theirs {
            rsip::SipMessage::Request(request) => {
                let method = ours.method().expect("a request").to_string();
                assert_eq!(request.method.to_string(), method);
            }
            rsip::SipMessage::Response(response) => {
                assert_eq!(Some(response.status_code.code()), ours.status());
            }
        }
    }
    // 61 messages, most of which rsip refuses: folds, compact names, unknown methods.
    assert!(both > 15, "{both} compared");
}

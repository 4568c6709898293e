//! What is written is read back as it was.

use proptest::prelude::*;
use sip::message::{Carrier, Index, Message, Method, Name, StartLine};
use sip::write::Writer;

use crate::generate::{self, Plain};

/// Writes a message again, field by field.
fn rewrite(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = match message.start() {
        StartLine::Request { method, uri } => Writer::request(&mut out, method, uri),
        StartLine::Status { code, reason } => Writer::response(&mut out, code, reason),
    };
    let framing = |name| matches!(name, Name::ContentLength | Name::ContentType);
    for header in message.headers().filter(|header| !framing(header.name)) {
        writer.named(header.raw_name, &[header.value]);
    }
    match message.first(Name::ContentType) {
        Some(kind) => writer.finish_with(kind, message.body()),
        None => writer.finish(),
    }
    out
}

fn with<T>(bytes: &[u8], look: impl FnOnce(&Message<'_>) -> T) -> T {
    let mut index = Index::default();
    let parsed = Message::parse(bytes, Carrier::Stream, &mut index);
    look(&parsed.unwrap_or_else(|rejected| panic!("{}: {}", rejected.fault, bytes.escape_ascii())))
}

fn check_fields(plain: &Plain, message: &Message<'_>) {
    let essentials = message.check().expect("complete");
    assert_eq!(message.method(), Some(Method::from_bytes(plain.method.as_bytes())));
    assert_eq!(essentials.via.host.to_string(), plain.host);
    let branch = format!("z9hG4bK{}", plain.branch);
    assert_eq!(essentials.via.rfc3261_branch(), Some(branch.as_bytes()));
    assert_eq!(essentials.from.display().as_ref(), plain.display.as_bytes());
    assert_eq!(essentials.from_tag, Some(plain.from_tag.as_bytes()));
    let uri = essentials.to.uri().expect("good");
    assert_eq!(uri.as_sip().and_then(|uri| uri.user), Some(plain.user.as_bytes()));
    assert!(uri.matches(&message.request_uri().expect("good")));
    assert_eq!(essentials.call_id, plain.call_id.as_bytes());
    assert_eq!(essentials.cseq.number, plain.cseq);
    assert_eq!(message.first(Name::Subject), Some(plain.subject.as_bytes()));
    assert_eq!(message.body(), plain.body);
    message.audit().expect("every field good");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(plain in generate::plain()) {
        let mut bytes = Vec::new();
        plain.write(&mut bytes);
        with(&bytes, |message| {
            check_fields(&plain, message);
            let again = rewrite(message);
            with(&again, |message| check_fields(&plain, message));
            prop_assert_eq!(with(&again, rewrite), again);
            Ok(())
        })?;
    }

    #[test]
    fn an_accepted_message_stays_accepted_when_rewritten(bytes in generate::damaged()) {
        let mut index = Index::default();
        if let Ok(message) = Message::parse(&bytes, Carrier::Datagram, &mut index)
            && message.audit().is_ok()
        {
            let once = rewrite(&message);
            let twice = with(&once, |message| {
                message.audit().expect("still good");
                rewrite(message)
            });
            prop_assert_eq!(once, twice);
        }
    }
}

#[test]
fn torture_messages_keep_their_meaning_when_unfolded() {
    for bytes in generate::corpus() {
        let mut index = Index::default();
        let Ok(message) = Message::parse(bytes, Carrier::Datagram, &mut index) else { continue };
        let Ok(essentials) = message.check() else { continue };
        let again = rewrite(&message);
        with(&again, |message| {
            let rewritten = message.check().expect("still complete");
            assert_eq!(rewritten.cseq, essentials.cseq);
            assert_eq!(rewritten.call_id, essentials.call_id);
            assert_eq!(rewritten.from_tag, essentials.from_tag);
            assert_eq!(rewritten.to_tag, essentials.to_tag);
            assert_eq!(rewritten.via.branch(), essentials.via.branch());
            assert_eq!(rewritten.via.host, essentials.via.host);
        });
    }
}

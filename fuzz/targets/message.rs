#![no_main]
//! Any bytes as a SIP message: no panic; what is accepted stays accepted when it is written again, and the writing is
//! stable; a copy reads as its original; a stream cut anywhere gives the same messages.

use libfuzzer_sys::fuzz_target;
use sip::message::{Carrier, Index, Kept, Message, Name, StartLine};
use sip::stream::{Framer, Piece};
use sip::write::Writer;

/// Writes a message again, field by field.
fn rewrite(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = match message.start() {
        StartLine::Request { method, uri } => Writer::request(&mut out, method, uri),
        StartLine::Status { code, reason } => Writer::response(&mut out, code, reason),
    };
    let is_framing = |name| matches!(name, Name::ContentLength | Name::ContentType);
    for header in message.headers().filter(|header| !is_framing(header.name)) {
        writer.named(header.raw_name, &[header.value]);
    }
    match message.first(Name::ContentType) {
        Some(kind) => writer.finish_with(kind, message.body()),
        None => writer.finish(),
    }
    out
}

/// The messages of a stream that arrives in pieces of this size.
fn framed(bytes: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (mut framer, mut messages) = (Framer::default(), Vec::new());
    for piece in bytes.chunks(size) {
        framer.handle_bytes(piece);
        while let Some(piece) = framer.poll_piece() {
            if let Piece::Message(message) = piece {
                messages.push(message.to_vec());
            }
        }
    }
    messages
}

/// Something rare that a good search reaches within a minute: without it a target that looks at nothing looks clean.
#[cfg(feature = "canary")]
fn canary(message: &Message<'_>) {
    let rare = message
        .check()
        .is_ok_and(|essentials| essentials.from_tag.is_none() && message.vias().count() > 1);
    assert!(!rare, "canary");
}

#[cfg(not(feature = "canary"))]
fn canary(_: &Message<'_>) {}

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(framed(bytes, 1), framed(bytes, 4096), "cuts do not matter");
    let mut index = Index::default();
    let message = match Message::parse(bytes, Carrier::Datagram, &mut index) {
        Ok(message) => message,
        Err(rejected) => {
            rejected.verdict();
            return;
        }
    };
    canary(&message);
    let kept = Kept::of(&message);
    assert!(kept.message().headers().eq(message.headers()), "a copy has the same fields");
    assert_eq!((kept.body(), kept.message().start() == message.start()), (message.body(), true));
    if message.audit().is_err() {
        return;
    }
    let once = rewrite(&message);
    let mut index = Index::default();
    let again = Message::parse(&once, Carrier::Stream, &mut index).expect("accepted once");
    again.audit().expect("good once");
    assert_eq!(rewrite(&again), once, "writing is stable");
});

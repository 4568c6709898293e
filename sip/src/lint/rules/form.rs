//! Each message by itself: fields, grammar, lengths.

use super::super::finding::Complaint;
use super::{Check, Look, Rule};
use crate::message::{Fault, Name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "well-formed",
        source: "RFC 3261 §7",
        expects: "a start line, header fields and an empty line, each ended by CRLF",
        check: Check::Parser(|fault| !is_of_another_rule(fault)),
    },
    Rule {
        id: "body-length",
        source: "RFC 3261 §18.3",
        expects: "a Content-Length on a stream, and a body as long as Content-Length says",
        check: Check::Parser(is_length),
    },
    Rule {
        id: "mandatory-fields",
        source: "RFC 3261 §8.1.1",
        expects: "To, From, CSeq, Call-ID and Via in every message",
        check: Check::Parser(is_missing),
    },
    Rule {
        id: "single-fields",
        source: "RFC 3261 §7.3.1",
        expects: "one line of a field that is not a list",
        check: Check::Parser(is_repeated),
    },
    Rule {
        id: "field-grammar",
        source: "RFC 3261 §25.1",
        expects: "a value by the grammar of its field",
        check: Check::Parser(is_malformed),
    },
    Rule {
        id: "cseq-method",
        source: "RFC 3261 §8.1.1.5",
        expects: "the method of the request in its CSeq",
        check: Check::Parser(is_cseq_method),
    },
    Rule {
        id: "body-surplus",
        source: "RFC 3261 §20.14",
        expects: "nothing behind the body: Content-Length is its size in bytes",
        check: Check::Message(body_surplus),
    },
    Rule {
        id: "field-text",
        source: "RFC 3261 §25.1",
        expects: "field values of UTF-8 text without control characters",
        check: Check::Message(field_text),
    },
    Rule {
        id: "content-type",
        source: "RFC 3261 §20.15",
        expects: "Content-Type wherever there is a body",
        check: Check::Message(content_type),
    },
    Rule {
        id: "from-tag",
        source: "RFC 3261 §8.1.1.3",
        expects: "a tag in From",
        check: Check::Request(from_tag),
    },
    Rule {
        id: "branch-cookie",
        source: "RFC 3261 §8.1.1.7",
        expects: "a branch that begins with z9hG4bK and goes on",
        check: Check::Request(branch_cookie),
    },
    Rule {
        id: "cseq-range",
        source: "RFC 3261 §8.1.1.5",
        expects: "a CSeq number below 2^31",
        check: Check::Request(cseq_range),
    },
    Rule {
        id: "max-forwards",
        source: "RFC 3261 §8.1.1.6",
        expects: "Max-Forwards in every request",
        check: Check::Request(max_forwards),
    },
    Rule {
        id: "via-transport",
        source: "RFC 3261 §18.1.1",
        expects: "in the topmost Via the transport that carries the request",
        check: Check::Request(via_transport),
    },
];

fn is_of_another_rule(fault: Fault) -> bool {
    is_length(fault)
        || is_missing(fault)
        || is_repeated(fault)
        || is_malformed(fault)
        || is_cseq_method(fault)
}

fn is_length(fault: Fault) -> bool {
    matches!(fault, Fault::ShortBody | Fault::Missing(Name::ContentLength))
}

fn is_missing(fault: Fault) -> bool {
    matches!(fault, Fault::Missing(name) if name != Name::ContentLength)
}

fn is_repeated(fault: Fault) -> bool {
    matches!(fault, Fault::Repeated(_))
}

fn is_malformed(fault: Fault) -> bool {
    matches!(fault, Fault::Malformed(_))
}

fn is_cseq_method(fault: Fault) -> bool {
    matches!(fault, Fault::CSeqMethod | Fault::CSeqUnknownMethod)
}

fn body_surplus(look: &Look<'_>) -> Option<Complaint> {
    let surplus = look.seen.surplus;
    (surplus > 0).then(|| {
        look.seen.complain(Name::ContentLength).detail(format!("{surplus} bytes follow the body"))
    })
}

fn field_text(look: &Look<'_>) -> Option<Complaint> {
    // CR and LF inside a value are folds: the parser has proved it.
    let is_bad =
        |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n')) || *byte == 0x7F;
    let mut headers = look.seen.message().headers();
    let bad = headers.find(|header| {
        header.value.iter().any(is_bad) || core::str::from_utf8(header.value).is_err()
    })?;
    let name = String::from_utf8_lossy(bad.raw_name).into_owned();
    Some(
        look.seen
            .complain_body(&[bad.raw_name, b": ", bad.value].concat())
            .detail(format!("{name} holds a control character or bytes that are no UTF-8")),
    )
}

fn content_type(look: &Look<'_>) -> Option<Complaint> {
    let is_missing = !look.seen.message().body().is_empty() && !look.seen.has(Name::ContentType);
    is_missing.then(|| look.seen.complain_start())
}

fn from_tag(look: &Look<'_>) -> Option<Complaint> {
    look.seen.from_tag.is_empty().then(|| look.seen.complain(Name::From))
}

fn branch_cookie(look: &Look<'_>) -> Option<Complaint> {
    let via = look.seen.message().top_via().ok()?;
    via.rfc3261_branch().is_none().then(|| look.seen.complain(Name::Via))
}

fn cseq_range(look: &Look<'_>) -> Option<Complaint> {
    (look.seen.cseq >= 1 << 31).then(|| look.seen.complain(Name::CSeq))
}

fn max_forwards(look: &Look<'_>) -> Option<Complaint> {
    (!look.seen.has(Name::MaxForwards)).then(|| look.seen.complain_start())
}

fn via_transport(look: &Look<'_>) -> Option<Complaint> {
    let via = look.seen.message().top_via().ok()?;
    let carrier = look.seen.passage.transport;
    let fits = via.transport.eq_ignore_ascii_case(carrier.text().as_bytes());
    // A proxy that terminates TLS before the capture still writes TLS.
    let is_tls = via.transport.eq_ignore_ascii_case(b"TLS");
    (!fits && !is_tls)
        .then(|| look.seen.complain(Name::Via).detail(format!("it came by {}", carrier.text())))
}

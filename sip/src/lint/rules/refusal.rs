//! Responses that must say what would have been right.

use super::super::call::Transaction;
use super::super::finding::Complaint;
use super::{Check, Look, Rule};
use crate::message::Name;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "redirect-contact",
        source: "RFC 3261 §21.3",
        expects: "Contact in 301, 302 and 305: where to go instead",
        check: Check::Response(|look, _| needs(look, &[301, 302, 305], &[Name::Contact])),
    },
    Rule {
        id: "challenge-401",
        source: "RFC 3261 §20.44",
        expects: "WWW-Authenticate in a 401",
        check: Check::Response(|look, _| needs(look, &[401], &[Name::WwwAuthenticate])),
    },
    Rule {
        id: "challenge-407",
        source: "RFC 3261 §20.27",
        expects: "Proxy-Authenticate in a 407",
        check: Check::Response(|look, _| needs(look, &[407], &[Name::ProxyAuthenticate])),
    },
    Rule {
        id: "allow-405",
        source: "RFC 3261 §21.4.6",
        expects: "Allow in a 405",
        check: Check::Response(|look, _| needs(look, &[405], &[Name::Allow])),
    },
    Rule {
        id: "accept-415",
        source: "RFC 3261 §21.4.13",
        expects: "Accept, Accept-Encoding or Accept-Language in a 415",
        check: Check::Response(|look, _| {
            needs(look, &[415], &[Name::Accept, Name::AcceptEncoding, Name::AcceptLanguage])
        }),
    },
    Rule {
        id: "unsupported-420",
        source: "RFC 3261 §21.4.15",
        expects: "Unsupported in a 420",
        check: Check::Response(|look, _| needs(look, &[420], &[Name::Unsupported])),
    },
    Rule {
        id: "require-421",
        source: "RFC 3261 §21.4.16",
        expects: "Require in a 421",
        check: Check::Response(|look, _| needs(look, &[421], &[Name::Require])),
    },
    Rule {
        id: "min-se-422",
        source: "RFC 4028 §6",
        expects: "Min-SE in a 422",
        check: Check::Response(|look, _| needs(look, &[422], &[Name::MinSe])),
    },
    Rule {
        id: "min-expires-423",
        source: "RFC 3261 §21.4.17",
        expects: "Min-Expires in a 423",
        check: Check::Response(|look, _| needs(look, &[423], &[Name::MinExpires])),
    },
    Rule {
        id: "unsupported-names",
        source: "RFC 3261 §8.2.2.3",
        expects: "in the Unsupported of a 420 only options that the request asked for",
        check: Check::Response(unsupported_names),
    },
];

/// A response of these statuses has one of these fields.
fn needs(look: &Look<'_>, statuses: &[u16], fields: &[Name]) -> Option<Complaint> {
    let is_asked = statuses.contains(&look.seen.status());
    let is_there = fields.iter().any(|&name| look.seen.has(name));
    (is_asked && !is_there).then(|| look.seen.complain_start())
}

fn unsupported_names(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let message = look.seen.message();
    let named = message.tokens(Name::Unsupported).ok()?;
    let request = &transaction.request;
    let was_asked =
        |tag: &[u8]| request.lists(Name::Require, tag) || request.lists(Name::ProxyRequire, tag);
    let is_wrong = look.seen.status() == 420 && named.iter().any(|tag| !was_asked(tag));
    is_wrong.then(|| look.seen.complain(Name::Unsupported))
}

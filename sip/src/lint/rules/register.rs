//! REGISTER.

use core::time::Duration;

use super::super::call::Transaction;
use super::super::finding::Complaint;
use super::super::seen::{Seen, same_uri};
use super::{Check, Look, Rule};
use crate::message::{Method, Name, Uri};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "register-uri",
        source: "RFC 3261 §10.2",
        expects: "a REGISTER to a domain: no user in its Request-URI",
        check: Check::Request(uri),
    },
    Rule {
        id: "register-star",
        source: "RFC 3261 §10.2.2",
        expects: "Contact * alone and with Expires 0",
        check: Check::Request(star),
    },
    Rule {
        id: "register-cseq",
        source: "RFC 3261 §10.2",
        expects: "in each REGISTER of a Call-ID a CSeq number higher than in the one before",
        check: Check::Request(cseq),
    },
    Rule {
        id: "register-call-id",
        source: "RFC 3261 §10.2",
        expects: "one Call-ID for all registrations of a contact (a SHOULD)",
        check: Check::Request(call_id),
    },
    Rule {
        id: "register-expires",
        source: "RFC 3261 §10.3",
        expects: "an expires parameter on each Contact of a 2xx to REGISTER",
        check: Check::Response(expires),
    },
    Rule {
        id: "register-longer",
        source: "RFC 3261 §10.2.1.1",
        expects: "a registration no longer than was asked for",
        check: Check::Response(longer),
    },
];

fn is_register(seen: &Seen) -> bool {
    seen.is(Method::Register)
}

fn uri(look: &Look<'_>) -> Option<Complaint> {
    let Some(Uri::Sip(uri)) = look.seen.message().request_uri() else { return None };
    let has_user = is_register(look.seen) && uri.user.is_some();
    has_user.then(|| look.seen.complain_start())
}

fn star(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let message = seen.message();
    let has_star = message.values(Name::Contact).any(|value| value == b"*");
    let is_alone = message.values(Name::Contact).count() == 1;
    let is_zero = message.expires().ok().flatten() == Some(Duration::ZERO);
    (is_register(seen) && has_star && !(is_alone && is_zero)).then(|| seen.complain(Name::Contact))
}

fn cseq(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    if !is_register(seen) || !seen.is_first_hop() {
        return None;
    }
    let earlier = look.call.originals().filter(|earlier| is_register(&earlier.request));
    let last = earlier.map(|earlier| earlier.request.cseq).max()?;
    // The same number is `retry-cseq`.
    (seen.cseq < last).then(|| seen.complain(Name::CSeq).detail(format!("{last} was the last")))
}

/// The address of record with the contact: what a Call-ID stands for.
pub(in super::super) fn binding(seen: &Seen) -> Option<Vec<u8>> {
    if !is_register(seen) || !seen.is_first_hop() {
        return None;
    }
    let to = seen.message().address(Name::To).ok().flatten()?;
    Some([to.raw_uri, b" ", seen.contact()?.raw_uri].concat())
}

fn call_id(look: &Look<'_>) -> Option<Complaint> {
    let known = look.memory.registrations.get(&binding(look.seen)?)?;
    (*known != look.seen.call_id).then(|| look.seen.complain(Name::CallId))
}

fn expires(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    let mut contacts = seen.message().addresses(Name::Contact).filter_map(Result::ok);
    let lacks = contacts.any(|contact| contact.params.find(b"expires").is_none());
    (is_register(&transaction.request) && seen.is_success() && lacks)
        .then(|| seen.complain(Name::Contact))
}

fn longer(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let (seen, request) = (look.seen, &transaction.request);
    if !is_register(request) || !seen.is_success() {
        return None;
    }
    let asked_by = request.contact()?;
    let seconds = |value: &[u8]| core::str::from_utf8(value).ok()?.parse::<u64>().ok();
    let header = request.message().expires().ok().flatten().map(|asked| asked.as_secs());
    let asked = asked_by.params.get(b"expires").and_then(seconds).or(header)?;
    let is_too_long = seen.message().addresses(Name::Contact).filter_map(Result::ok).any(|given| {
        same_uri(given.raw_uri, asked_by.raw_uri)
            && given.params.get(b"expires").and_then(seconds).is_some_and(|given| given > asked)
    });
    is_too_long.then(|| seen.complain(Name::Contact).detail(format!("{asked} s were asked for")))
}

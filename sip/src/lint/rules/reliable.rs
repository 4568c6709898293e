//! Reliable provisional responses (RFC 3262).

use super::super::call::Transaction;
use super::super::finding::Complaint;
use super::super::seen::Seen;
use super::{Check, Look, Rule};
use crate::message::{Method, Name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "rseq-with-100rel",
        source: "RFC 3262 §3",
        expects: "RSeq and Require: 100rel together, on responses 101 to 199",
        check: Check::Response(together),
    },
    Rule {
        id: "100rel-required",
        source: "RFC 3262 §3",
        expects: "reliable provisional responses where the INVITE requires 100rel",
        check: Check::Response(required),
    },
    Rule {
        id: "rseq-increasing",
        source: "RFC 3262 §3",
        expects: "an RSeq from 1 to 2^31-1 first, then one more each",
        check: Check::Response(increasing),
    },
    Rule {
        id: "rack-matches",
        source: "RFC 3262 §4",
        expects: "in a PRACK the RSeq and CSeq of a reliable provisional response",
        check: Check::Request(rack),
    },
    Rule {
        id: "success-before-prack",
        source: "RFC 3262 §3",
        expects: "no 2xx while a reliable response with a session description waits for its PRACK",
        check: Check::Response(success_before_prack),
    },
];

fn rseq(seen: &Seen) -> Option<u32> {
    seen.message().rseq().ok().flatten()
}

fn together(look: &Look<'_>, _: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    let has_number = rseq(seen).is_some();
    let is_required = seen.lists(Name::Require, b"100rel");
    let is_provisional = (101..200).contains(&seen.status());
    let is_reliable = has_number || (is_required && is_provisional);
    let is_right = has_number && is_required && is_provisional;
    (is_reliable && !is_right)
        .then(|| seen.complain(if has_number { Name::RSeq } else { Name::Require }))
}

fn required(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    let is_asked = transaction.is_invite()
        && transaction.request.lists(Name::Require, b"100rel")
        && (101..200).contains(&seen.status());
    let is_reliable = rseq(seen).is_some() || seen.lists(Name::Require, b"100rel");
    (is_asked && !is_reliable).then(|| seen.complain_start())
}

fn increasing(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let number = rseq(look.seen)?;
    let of_dialog = |seen: &&Seen| seen.to_tag == look.seen.to_tag;
    let last = transaction.responses().filter(of_dialog).filter_map(rseq).last();
    let is_right = match last {
        None => (1..1 << 31).contains(&number),
        Some(last) => number == last.wrapping_add(1),
    };
    (!is_right).then(|| look.seen.complain(Name::RSeq))
}

/// Whether a PRACK confirms this response to the INVITE.
fn confirms(prack: &Seen, invite: &Transaction, response: &Seen) -> bool {
    prack.message().rack().ok().flatten().is_some_and(|rack| {
        Some(rack.response) == rseq(response)
            && rack.cseq.number == invite.request.cseq
            && rack.cseq.method == invite.request.method()
    })
}

fn rack(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    if !seen.is(Method::Prack) || !look.call.is_complete() {
        return None;
    }
    let mut invites = look.call.transactions.iter().filter(|other| other.is_invite());
    let fits =
        invites.any(|invite| invite.responses().any(|response| confirms(seen, invite, response)));
    (!fits).then(|| seen.complain(Name::RAck))
}

fn success_before_prack(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    if !transaction.is_invite() || !look.seen.is_success() || !look.call.is_complete() {
        return None;
    }
    let waits = |response: &&Seen| {
        let is_confirmed = look.call.transactions.iter().any(|other| {
            other.request.is(Method::Prack) && confirms(&other.request, transaction, response)
        });
        rseq(response).is_some()
            && response.sdp().is_some()
            && response.to_tag == look.seen.to_tag
            && !is_confirmed
    };
    let open = transaction.responses().find(waits)?;
    Some(look.seen.complain_start().detail(format!("{} waits", open.start_line())))
}

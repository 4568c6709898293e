//! Each new request: what its method asks for, and identifiers used once.

use super::super::finding::{Complaint, shown};
use super::{Check, Look, Rule};
use crate::message::{Method, Name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "request-contact",
        source: "RFC 3261 §8.1.1.8",
        expects: "exactly one Contact in a request that makes a dialog or refreshes its target",
        check: Check::Request(contact),
    },
    Rule {
        id: "branch-unique",
        source: "RFC 3261 §8.1.1.7",
        expects: "a branch no other request has used, but for CANCEL and the ACK of a refusal",
        check: Check::Request(branch_unique),
    },
    Rule {
        id: "tag-unique",
        source: "RFC 3261 §19.3",
        expects: "a tag no other call has used",
        check: Check::Message(tag_unique),
    },
    Rule {
        id: "credentials-cseq",
        source: "RFC 3261 §22.2",
        expects: "a higher CSeq number in a request sent again with credentials",
        check: Check::Request(credentials_cseq),
    },
    Rule {
        id: "retry-cseq",
        source: "RFC 3261 §8.1.3.5",
        expects: "a CSeq number of its own in a new request of the same Call-ID and From tag (a SHOULD)",
        check: Check::Request(retry_cseq),
    },
];

fn contact(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let needs = match seen.method() {
        // RFC 3311 §5.1, RFC 6665 §4.1.2.1, RFC 3515 §2.2.
        Method::Invite | Method::Update | Method::Subscribe | Method::Refer => true,
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Register
        | Method::Options
        | Method::Prack
        | Method::Info
        | Method::Notify
        | Method::Message
        | Method::Publish
        | Method::Other(_) => false,
    };
    let count = seen.message().values(Name::Contact).count();
    (needs && count != 1).then(|| seen.complain(Name::Contact).detail(format!("it has {count}")))
}

fn branch_unique(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    if seen.branch.is_empty() || seen.is(Method::Ack) || seen.is(Method::Cancel) {
        return None;
    }
    let used_here = look.call.transactions.iter().any(|earlier| {
        earlier.request.branch == seen.branch && !earlier.request.is(Method::Cancel)
    });
    let owner = look.memory.branches.get(&seen.branch);
    let used_elsewhere = owner.is_some_and(|call_id| *call_id != seen.call_id);
    (used_here || used_elsewhere).then(|| seen.complain(Name::Via))
}

fn tag_unique(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let owner = |tag: &Vec<u8>| look.memory.tags.get(tag).filter(|owner| **owner != seen.call_id);
    // Only the message that makes a tag: From of a request outside a dialog, To of a response.
    let (name, tag) = match (seen.is_request(), &seen.to_tag) {
        (true, None) if !seen.from_tag.is_empty() => (Name::From, &seen.from_tag),
        (false, Some(tag)) => (Name::To, tag),
        (true, None | Some(_)) | (false, None) => return None,
    };
    let owner = owner(tag)?;
    // The other end of a call that was named already says nothing new.
    Some(seen.complain(name).detail(format!("it was made for the call {}", shown(owner))))
}

fn credentials_cseq(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let has_credentials = seen.has(Name::Authorization) || seen.has(Name::ProxyAuthorization);
    let challenged = same_cseq(look)?;
    let was_challenged =
        challenged.outcome().is_some_and(|seen| matches!(seen.status(), 401 | 407));
    (has_credentials && was_challenged).then(|| seen.complain(Name::CSeq))
}

fn retry_cseq(look: &Look<'_>) -> Option<Complaint> {
    if credentials_cseq(look).is_some() || branch_unique(look).is_some() {
        return None;
    }
    // Inside a dialog the rule is `cseq-increasing`.
    same_cseq(look)
        .filter(|_| look.seen.to_tag.is_none() && look.seen.is_first_hop())
        .map(|_| look.seen.complain(Name::CSeq))
}

/// An earlier request with the same From tag, CSeq number and method, that is no hop of this one.
fn same_cseq<'a>(look: &Look<'a>) -> Option<&'a super::Transaction> {
    let seen = look.seen;
    if seen.is(Method::Ack) || seen.is(Method::Cancel) {
        return None;
    }
    look.call.originals().find(|earlier| {
        let request = &earlier.request;
        request.cseq == seen.cseq
            && request.from_tag == seen.from_tag
            && request.is(seen.method())
            && request.vias == seen.vias
    })
}

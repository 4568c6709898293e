//! CANCEL: what it must repeat of its INVITE, and when it may be sent.

use core::time::Duration;

use super::super::call::Transaction;
use super::super::finding::Complaint;
use super::super::seen::same_uri;
use super::{Check, Look, Rule};
use crate::message::{Method, Name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "cancel-matches",
        source: "RFC 3261 §9.1",
        expects: "in a CANCEL the branch and the CSeq number of the request it cancels",
        check: Check::Request(matches_invite),
    },
    Rule {
        id: "cancel-copies",
        source: "RFC 3261 §9.1",
        expects: "in a CANCEL the Request-URI, To, From and Route of the request, and one Via",
        check: Check::Request(copies),
    },
    Rule {
        id: "cancel-too-early",
        source: "RFC 3261 §9.1",
        expects: "a provisional response before the CANCEL",
        check: Check::Request(too_early),
    },
    Rule {
        id: "cancel-too-late",
        source: "RFC 3261 §9.1",
        expects: "no CANCEL after the final response (a SHOULD)",
        check: Check::Request(too_late),
    },
    Rule {
        id: "cancel-require",
        source: "RFC 3261 §9.1",
        expects: "neither Require nor Proxy-Require in a CANCEL",
        check: Check::Request(require),
    },
    Rule {
        id: "cancel-answer",
        source: "RFC 3261 §9.2",
        expects: "200 to a CANCEL whose INVITE is pending",
        check: Check::Response(answer),
    },
    Rule {
        id: "cancel-487",
        source: "RFC 3261 §9.2",
        expects: "487 to the INVITE after 200 to its CANCEL (a SHOULD)",
        check: Check::Response(terminated),
    },
];

/// A final response and a CANCEL cross: how far apart they may be seen.
const CROSSING: Duration = Duration::from_millis(500);

/// The request a CANCEL is for: the same branch, another method.
fn cancelled<'a>(look: &Look<'a>, branch: &[u8]) -> Option<&'a Transaction> {
    look.call.transactions.iter().rfind(|candidate| {
        candidate.request.branch == branch && !candidate.request.is(Method::Cancel)
    })
}

fn invite_of<'a>(look: &Look<'a>) -> Option<&'a Transaction> {
    let is_cancel = look.seen.is(Method::Cancel) && look.seen.is_request();
    is_cancel.then(|| cancelled(look, &look.seen.branch)).flatten()
}

fn matches_invite(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    if !seen.is(Method::Cancel) || !look.call.is_complete() {
        return None;
    }
    match invite_of(look) {
        None => Some(seen.complain(Name::Via)),
        Some(invite) if invite.request.cseq != seen.cseq => Some(seen.complain(Name::CSeq)),
        Some(_) => None,
    }
}

fn copies(look: &Look<'_>) -> Option<Complaint> {
    let (seen, request) = (look.seen, &invite_of(look)?.request);
    if !same_uri(seen.target(), request.target()) {
        return Some(seen.complain_start());
    }
    let wrong = [
        (Name::Via, seen.vias != 1),
        (Name::From, seen.from_tag != request.from_tag),
        (Name::To, seen.to_tag != request.to_tag),
        (Name::Route, seen.uris(Name::Route) != request.uris(Name::Route)),
    ];
    let (name, _) = wrong.into_iter().find(|(_, is_wrong)| *is_wrong)?;
    Some(seen.complain(name))
}

fn too_early(look: &Look<'_>) -> Option<Complaint> {
    let invite = invite_of(look)?;
    invite.answers.is_empty().then(|| look.seen.complain_start())
}

fn too_late(look: &Look<'_>) -> Option<Complaint> {
    let outcome = invite_of(look)?.outcome()?;
    let since = look.seen.passage.at.saturating_since(outcome.passage.at);
    (since > CROSSING).then(|| {
        let detail = format!("{} came {} ms before", outcome.status(), since.as_millis());
        look.seen.complain_start().detail(detail)
    })
}

fn require(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let has = [Name::Require, Name::ProxyRequire].into_iter().find(|&name| seen.has(name))?;
    seen.is(Method::Cancel).then(|| seen.complain(has))
}

fn answer(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    if !transaction.request.is(Method::Cancel) || look.seen.is_success() {
        return None;
    }
    let invite = cancelled(look, &transaction.request.branch)?;
    let was_pending = invite.outcome().is_none();
    (was_pending && look.seen.is_final()).then(|| look.seen.complain_start())
}

fn terminated(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    if !transaction.is_invite() || seen.status() < 300 || seen.status() == 487 {
        return None;
    }
    let was_cancelled = look.call.transactions.iter().any(|other| {
        other.request.is(Method::Cancel)
            && other.request.branch == transaction.request.branch
            && other.success().is_some_and(|ok| ok.passage.from == seen.passage.from)
    });
    was_cancelled.then(|| seen.complain_start())
}

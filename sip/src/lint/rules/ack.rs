//! ACK: hop by hop for a refusal, end to end for a success.

use super::super::call::Transaction;
use super::super::finding::Complaint;
use super::super::seen::{Seen, same_uri};
use super::{Check, Look, Rule};
use crate::message::{Method, Name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "ack-cseq",
        source: "RFC 3261 §13.2.2.4",
        expects: "in an ACK the CSeq number of an INVITE that was sent",
        check: Check::Request(cseq),
    },
    Rule {
        id: "ack-unasked",
        source: "RFC 3261 §17.1.1.3",
        expects: "an ACK only after a final response",
        check: Check::Ack(unasked),
    },
    Rule {
        id: "ack-branch",
        source: "RFC 3261 §17.1.1.3",
        expects: "the INVITE's branch in the ACK of a refusal",
        check: Check::Ack(branch_of_refusal),
    },
    Rule {
        id: "ack-new-branch",
        source: "RFC 3261 §8.1.1.7",
        expects: "a branch of its own in the ACK of a 2xx: it is a transaction of its own",
        check: Check::Ack(branch_of_success),
    },
    Rule {
        id: "ack-copies",
        source: "RFC 3261 §17.1.1.3",
        expects: "in the ACK of a refusal the Request-URI, From, Route and single Via of the INVITE",
        check: Check::Ack(copies),
    },
    Rule {
        id: "ack-to",
        source: "RFC 3261 §17.1.1.3",
        expects: "the To tag of the final response in its ACK",
        check: Check::Ack(to),
    },
    Rule {
        id: "ack-answer",
        source: "RFC 3261 §13.2.1",
        expects: "an answer in the ACK when the 2xx made the offer",
        check: Check::Ack(answer),
    },
    Rule {
        id: "ack-surplus-answer",
        source: "RFC 3264 §4",
        expects: "no description in the ACK when the 2xx was the answer",
        check: Check::Ack(surplus_answer),
    },
    Rule {
        id: "ack-require",
        source: "RFC 3261 §8.2.2.3",
        expects: "in an ACK only the Require values of the INVITE",
        check: Check::Ack(require),
    },
];

/// The final response an ACK of this To tag confirms, else the first.
fn confirmed<'a>(transaction: &'a Transaction, ack: &Seen) -> Option<&'a Seen> {
    let of_tag = |seen: &&Seen| seen.is_final() && seen.to_tag == ack.to_tag;
    transaction.responses().find(of_tag).or_else(|| transaction.outcome())
}

fn cseq(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let is_stray = seen.is(Method::Ack) && look.call.find_acknowledged(seen).is_none();
    (is_stray && look.call.is_complete()).then(|| seen.complain(Name::CSeq))
}

fn unasked(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let is_sure = look.call.is_complete();
    (is_sure && transaction.outcome().is_none()).then(|| look.seen.complain_start())
}

fn branch_of_refusal(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let outcome = confirmed(transaction, look.seen)?;
    let differs = look.seen.branch != transaction.request.branch;
    (!outcome.is_success() && differs).then(|| look.seen.complain(Name::Via))
}

fn branch_of_success(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let outcome = confirmed(transaction, look.seen)?;
    let is_same = look.seen.branch == transaction.request.branch;
    (outcome.is_success() && is_same).then(|| look.seen.complain(Name::Via))
}

fn copies(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let (seen, request) = (look.seen, &transaction.request);
    if confirmed(transaction, seen)?.is_success() || seen.branch != request.branch {
        return None;
    }
    if !same_uri(seen.target(), request.target()) {
        return Some(seen.complain_start());
    }
    let wrong = [
        (Name::Via, seen.vias != 1),
        (Name::From, seen.from_tag != request.from_tag),
        (Name::Route, seen.uris(Name::Route) != request.uris(Name::Route)),
    ];
    let (name, _) = wrong.into_iter().find(|(_, is_wrong)| *is_wrong)?;
    Some(seen.complain(name))
}

fn to(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let finals = || transaction.responses().filter(|seen| seen.is_final());
    let fits = finals().any(|seen| seen.to_tag == look.seen.to_tag);
    (finals().next().is_some() && !fits).then(|| look.seen.complain(Name::To))
}

fn answer(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let outcome = confirmed(transaction, look.seen)?;
    let offers = transaction.request.sdp().is_none()
        && outcome.is_success()
        && outcome.sdp().is_some()
        // RFC 3262 §5: the offer may have been in a reliable provisional response.
        && !transaction.responses().any(|seen| seen.has(Name::RSeq) && seen.sdp().is_some());
    (offers && look.seen.sdp().is_none()).then(|| look.seen.complain_start())
}

fn surplus_answer(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let outcome = confirmed(transaction, look.seen)?;
    let is_answered = transaction.request.sdp().is_some() && outcome.is_success();
    (is_answered && look.seen.sdp().is_some()).then(|| look.seen.complain(Name::ContentType))
}

fn require(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let message = look.seen.message();
    let required = message.tokens(Name::Require).ok()?;
    let is_new = |tag: &[u8]| !transaction.request.lists(Name::Require, tag);
    required.iter().any(is_new).then(|| look.seen.complain(Name::Require))
}

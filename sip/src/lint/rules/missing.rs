//! What never came: asked when a call is over.

use super::super::call::{Call, Transaction};
use super::super::finding::Complaint;
use super::super::seen::Seen;
use super::{Check, End, Rule};
use crate::message::{Method, Name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "ack-missing",
        source: "RFC 3261 §13.2.2.4",
        expects: "an ACK for each final response to INVITE",
        check: Check::End(ack),
    },
    Rule {
        id: "request-repeated",
        source: "RFC 3261 §17.1.1.2",
        expects: "a request over UDP sent again while nothing answers",
        check: Check::End(request_repeated),
    },
    Rule {
        id: "final-repeated",
        source: "RFC 3261 §13.3.1.4",
        expects: "a final response to INVITE sent again until the ACK comes",
        check: Check::End(final_repeated),
    },
    Rule {
        id: "cancelled-ends",
        source: "RFC 3261 §9.2",
        expects: "a final response to an INVITE whose CANCEL was answered 200",
        check: Check::End(cancelled_ends),
    },
    Rule {
        id: "prack-missing",
        source: "RFC 3262 §4",
        expects: "a PRACK for each reliable provisional response",
        check: Check::End(prack),
    },
];

fn finals(invite: &Transaction) -> impl Iterator<Item = &Seen> {
    invite.responses().filter(|seen| seen.is_final())
}

/// Whether the ACK is meant for the response; a wrong To tag is another rule.
fn confirms(ack: &Seen, invite: &Transaction, response: &Seen) -> bool {
    ack.to_tag == response.to_tag || ack.branch == invite.request.branch
}

/// INVITE transactions on which silence means something.
fn invites(call: &Call) -> impl Iterator<Item = &Transaction> {
    let is_sure = call.is_complete();
    call.transactions.iter().filter(move |transaction| is_sure && transaction.is_invite())
}

/// Final responses without an ACK. Past a proxy the ACK of a 2xx goes its own way.
fn unacknowledged(call: &Call) -> impl Iterator<Item = (&Transaction, &Seen)> {
    let open = |invite: &Transaction, seen: &Seen| {
        let is_acknowledged = invite.acks.iter().any(|ack| confirms(ack, invite, seen));
        let goes_past = seen.is_success() && (invite.is_forwarded || invite.is_relayed);
        !is_acknowledged && !goes_past
    };
    invites(call).flat_map(move |invite| {
        finals(invite).filter(move |seen| open(invite, seen)).map(move |seen| (invite, seen))
    })
}

fn ack(call: &Call, end: &End<'_>) -> Vec<Complaint> {
    // Any ACK of the INVITE is judged by its own rules; a refusal after timer B meets nobody.
    let never = |invite: &Transaction, seen: &Seen| {
        let age = seen.passage.at.saturating_since(invite.request.passage.at);
        let is_late = !seen.is_success() && age >= end.options.t1 * 64;
        invite.acks.is_empty() && end.is_over(seen.passage.at) && !is_late
    };
    let open = unacknowledged(call).filter(|(invite, seen)| never(invite, seen));
    // The caller owes it, whose message would be the ACK.
    open.map(|(_, seen)| seen.complain_start().by(seen.passage.to)).collect()
}

fn request_repeated(call: &Call, end: &End<'_>) -> Vec<Complaint> {
    let is_lonely = |transaction: &&Transaction| {
        let request = &transaction.request;
        transaction.answers.is_empty()
            && transaction.repeats.is_empty()
            && !request.passage.transport.is_reliable()
            && !request.is(Method::Ack)
            && end.has_passed(request.passage.at, 3)
            && call.is_complete()
    };
    let lonely = call.transactions.iter().filter(is_lonely);
    lonely.map(|transaction| transaction.request.complain_start()).collect()
}

fn final_repeated(call: &Call, end: &End<'_>) -> Vec<Complaint> {
    let is_silent = |invite: &Transaction, seen: &Seen| {
        let repeats = invite.known_answer(seen).map_or(0, |answer| answer.repeats.len());
        let is_hop = invite.is_forwarded || invite.is_relayed;
        // RFC 3261 §17.2.1: timer G runs only where the transport may lose.
        let lossy = seen.is_success() || !seen.passage.transport.is_reliable();
        // RFC 3261 §8.2.7: a stateless server repeats nothing; one that said 100 is none.
        let is_stateless = !seen.is_success() && invite.answers.len() == 1;
        let must = lossy && !is_stateless;
        let ack = invite.acks.iter().find(|ack| confirms(ack, invite, seen));
        // Once one hangs up nobody waits for the ACK any more.
        let tags = [Some(&invite.request.from_tag), seen.to_tag.as_ref()];
        let bye = call
            .transactions
            .iter()
            .map(|other| &other.request)
            .find(|other| other.is(Method::Bye) && tags.contains(&Some(&other.from_tag)));
        let ends = [ack, bye.filter(|_| seen.is_success())];
        let settled = ends.into_iter().flatten().map(|end| end.passage.at).min();
        let waited = settled.map_or_else(
            || end.has_passed(seen.passage.at, 3),
            |settled| settled.saturating_since(seen.passage.at) > end.options.t1 * 3,
        );
        must && repeats == 0 && !is_hop && waited
    };
    let both = |invite| finals(invite).map(move |seen| (invite, seen));
    let open = invites(call).flat_map(both).filter(|(invite, seen)| is_silent(invite, seen));
    open.map(|(_, seen)| seen.complain_start()).collect()
}

fn cancelled_ends(call: &Call, end: &End<'_>) -> Vec<Complaint> {
    let is_open = |invite: &&Transaction| {
        let answered = call.transactions.iter().any(|other| {
            other.request.is(Method::Cancel)
                && other.request.branch == invite.request.branch
                && other.success().is_some_and(|seen| end.is_over(seen.passage.at))
        });
        answered && invite.outcome().is_none()
    };
    let silent = |request: &Seen| request.complain_start().by(request.passage.to);
    invites(call).filter(is_open).map(|invite| silent(&invite.request)).collect()
}

fn prack(call: &Call, end: &End<'_>) -> Vec<Complaint> {
    let number = |seen: &Seen| {
        let rseq = seen.message().rseq().ok().flatten();
        rseq.filter(|_| seen.lists(Name::Require, b"100rel"))
    };
    let is_confirmed = |response: u32| {
        call.transactions.iter().any(|other| {
            let rack = other.request.message().rack().ok().flatten();
            rack.is_some_and(|rack| rack.response == response)
        })
    };
    let mut open = Vec::new();
    for invite in invites(call).filter(|invite| !invite.is_relayed && !invite.is_forwarded) {
        for seen in invite.responses() {
            // RFC 3262 §4: once the final response is there a PRACK is no longer worth it.
            let is_settled = invite.outcome().is_some_and(|outcome| !outcome.is_success());
            let is_open = number(seen).is_some_and(|response| !is_confirmed(response));
            if is_open && !is_settled && end.is_over(seen.passage.at) {
                open.push(seen.complain(Name::RSeq).by(seen.passage.to));
            }
        }
    }
    open
}

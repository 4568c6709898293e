//! Inside a dialog: order, targets, routes, BYE and re-INVITE.

use core::time::Duration;

use super::super::call::{Dialog, Side, Transaction};
use super::super::finding::{Complaint, shown};
use super::super::seen::{Seen, same_uri};
use super::{Check, Look, Rule};
use crate::message::{Method, Name, Uri};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "cseq-increasing",
        source: "RFC 3261 §12.2.1.1",
        expects: "in each request of a dialog a CSeq number one higher than in the one before of the same side",
        check: Check::Request(cseq_increasing),
    },
    Rule {
        id: "dialog-tags",
        source: "RFC 3261 §12.2.1.1",
        expects: "the tags of a dialog in a request inside it",
        check: Check::Request(tags),
    },
    Rule {
        id: "remote-target",
        source: "RFC 3261 §12.2.1.1",
        expects: "the peer's Contact as Request-URI inside a dialog",
        check: Check::Request(remote_target),
    },
    Rule {
        id: "route-set",
        source: "RFC 3261 §12.2.1.1",
        expects: "the route set of the dialog as Route: Record-Route, reversed on the caller's side",
        check: Check::Request(route_set),
    },
    Rule {
        id: "bye-in-dialog",
        source: "RFC 3261 §15",
        expects: "BYE only inside a dialog that a response with a To tag has made",
        check: Check::Request(bye_in_dialog),
    },
    Rule {
        id: "bye-before-ack",
        source: "RFC 3261 §15",
        expects: "from the callee no BYE before the ACK, or the end of waiting for it",
        check: Check::Request(bye_before_ack),
    },
    Rule {
        id: "request-after-bye",
        source: "RFC 3261 §15.1.1",
        expects: "nothing new in a dialog that BYE has ended",
        check: Check::Request(after_bye),
    },
    Rule {
        id: "success-after-bye",
        source: "RFC 3261 §12.2.2",
        expects: "481 to a request in a dialog that is over",
        check: Check::Response(success_after_bye),
    },
    Rule {
        id: "481-in-dialog",
        source: "RFC 3261 §12.2.2",
        expects: "481 only where there is no such dialog",
        check: Check::Response(unfounded_481),
    },
    Rule {
        id: "reinvite-pending",
        source: "RFC 3261 §14.1",
        expects: "no new INVITE inside a dialog while one of the same side is pending",
        check: Check::Request(reinvite_pending),
    },
    Rule {
        id: "reinvite-glare",
        source: "RFC 3261 §14.2",
        expects: "491 to an INVITE while the own one is pending, 500 with Retry-After to a second of the peer",
        check: Check::Response(glare),
    },
    Rule {
        id: "wait-after-491",
        source: "RFC 3261 §14.1",
        expects: "after 491 a wait of 2.1 to 4 s where the side made the Call-ID, of 0 to 2 s else (a SHOULD)",
        check: Check::Request(wait_after_491),
    },
];

/// A request inside a dialog that is neither ACK nor CANCEL.
fn inside<'a>(look: &Look<'a>) -> Option<(Dialog<'a>, Side)> {
    let seen = look.seen;
    let counts = seen.is_request() && !seen.is(Method::Ack) && !seen.is(Method::Cancel);
    if counts { look.call.dialog(seen) } else { None }
}

fn cseq_increasing(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let (dialog, side) = inside(look).filter(|_| !is_hop(look))?;
    let of_side = |earlier: &&Transaction| earlier.request.from_tag == seen.from_tag;
    let last = look.call.inside(dialog).filter(of_side).map(|earlier| earlier.request.cseq).max();
    // The callee may begin anywhere.
    let first = (side == Side::Caller).then_some(dialog.invite.request.cseq);
    // A PRACK or a re-sent INVITE between them counts, whichever dialog of the fork it was in.
    let last = last.max(first)?;
    (seen.cseq != last.saturating_add(1))
        .then(|| seen.complain(Name::CSeq).detail(format!("{last} was the last")))
}

/// Whether a proxy in this capture passes on what was seen before.
fn is_hop(look: &Look<'_>) -> bool {
    let seen = look.seen;
    let message = seen.message();
    let below = message.vias().skip(1).filter_map(|via| via.ok()?.branch());
    let mut below = below;
    below.any(|branch| look.call.transactions.iter().any(|known| known.request.branch == branch))
}

fn tags(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let knows_all = look.call.is_complete() && look.call.dialogs().next().is_some();
    let is_inside = seen.to_tag.is_some()
        && !seen.is(Method::Cancel)
        && !is_ack_of_refusal(look)
        && !seen.is(Method::Notify);
    if !knows_all || !is_inside || look.call.dialog(seen).is_some() {
        return None;
    }
    // Of the two tags the one that no dialog has.
    let knows_from = look.call.dialogs().any(|dialog| {
        *dialog.caller_tag() == seen.from_tag || dialog.callee_tag() == Some(&seen.from_tag)
    });
    Some(seen.complain(if knows_from { Name::To } else { Name::From }))
}

fn is_ack_of_refusal(look: &Look<'_>) -> bool {
    let refused = |invite: &Transaction| !invite.outcome().is_some_and(Seen::is_success);
    look.seen.is(Method::Ack) && look.transaction.is_some_and(refused)
}

/// Requests inside a dialog whose target and route can be judged: sent by the user agent itself,
/// ACK for a 2xx among them.
fn routed<'a>(look: &Look<'a>) -> Option<(Dialog<'a>, Side)> {
    let seen = look.seen;
    let counts = seen.is_first_hop() && !seen.is(Method::Cancel) && !is_ack_of_refusal(look);
    look.call.dialog(seen).filter(|(dialog, _)| counts && !dialog.is_refused())
}

fn remote_target(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let (dialog, side) = routed(look)?;
    let first_route_is_strict = dialog.route_set(side).first().is_some_and(|uri| !is_loose(uri));
    if first_route_is_strict {
        return None;
    }
    let peer = peer_contacts(look, dialog, side);
    let fits = peer.iter().any(|contact| same_uri(contact, seen.target()));
    let latest = peer.last()?;
    (!fits)
        .then(|| seen.complain_start().detail(format!("the peer's Contact is {}", shown(latest))))
}

fn is_loose(uri: &[u8]) -> bool {
    matches!(Uri::parse(uri), Ok(Uri::Sip(uri)) if uri.is_loose_router())
}

/// Every Contact the peer gave in this dialog, the first first.
///
/// Not only the last: a target refresh and a request may cross.
fn peer_contacts<'a>(look: &Look<'a>, dialog: Dialog<'a>, side: Side) -> Vec<&'a [u8]> {
    let peer_tag = match side {
        Side::Caller => dialog.callee_tag(),
        Side::Callee => Some(dialog.caller_tag()),
    };
    let first = match side {
        Side::Caller => dialog.answer,
        Side::Callee => &dialog.invite.request,
    };
    let refreshes = look.call.inside(dialog).filter(|transaction| {
        matches!(transaction.request.method(), Method::Invite | Method::Update)
    });
    let later = refreshes.flat_map(|transaction| {
        let own = transaction.request.to_tag.as_ref() == peer_tag;
        let answers = transaction.responses().filter(move |_| own);
        let request =
            (Some(&transaction.request.from_tag) == peer_tag).then_some(&transaction.request);
        request.into_iter().chain(answers)
    });
    core::iter::once(first)
        .chain(later)
        .filter_map(|seen| seen.contact().map(|contact| contact.raw_uri))
        .collect()
}

fn route_set(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let (dialog, side) = routed(look)?;
    let routes = dialog.route_set(side);
    if routes.first().is_some_and(|uri| !is_loose(uri)) || !dialog.is_confirmed() {
        return None;
    }
    let given = seen.uris(Name::Route);
    let fits =
        given.len() == routes.len() && given.iter().zip(&routes).all(|(a, b)| same_uri(a, b));
    (!fits).then(|| seen.complain(Name::Route))
}

fn bye_in_dialog(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    if !seen.is(Method::Bye) || !look.call.is_complete() {
        return None;
    }
    let has_none = look.call.dialogs().all(|dialog| dialog.is_refused());
    (seen.to_tag.is_none() || has_none).then(|| seen.complain(Name::To))
}

fn bye_before_ack(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let (dialog, side) = inside(look)?;
    let counts = seen.is(Method::Bye) && side == Side::Callee && look.call.is_complete();
    if !counts || is_hop(look) {
        return None;
    }
    if !dialog.is_confirmed() {
        return Some(seen.complain_start().detail("the callee has not answered yet"));
    }
    let waited = seen.passage.at.saturating_since(dialog.answer.passage.at);
    // An ACK of a later INVITE tells as much: the caller has the 2xx that made the dialog.
    let confirms = |ack: &Seen| ack.to_tag == dialog.answer.to_tag;
    let mut invites = core::iter::once(dialog.invite).chain(look.call.inside(dialog));
    let is_acknowledged = invites.any(|invite| invite.acks.iter().any(confirms));
    (!is_acknowledged && waited < look.options.t1 * 63).then(|| seen.complain_start())
}

/// BYE of a dialog that was answered 2xx or 481, before this moment.
fn ended<'a>(look: &Look<'a>, dialog: Dialog<'a>) -> Option<&'a Transaction> {
    look.call.inside(dialog).find(|transaction| {
        let is_end = |seen: &Seen| seen.is_success() || matches!(seen.status(), 408 | 481);
        transaction.request.is(Method::Bye) && transaction.outcome().is_some_and(is_end)
    })
}

fn after_bye(look: &Look<'_>) -> Option<Complaint> {
    let (dialog, _) = inside(look).filter(|_| !is_hop(look))?;
    let bye = ended(look, dialog)?;
    // Who answered the BYE knew at once; who sent it knew before. Only another BYE crosses.
    let crosses = look.seen.is(Method::Bye)
        && look.seen.from_tag != bye.request.from_tag
        && look.seen.passage.at.saturating_since(bye.request.passage.at) < look.options.t1;
    (!crosses).then(|| look.seen.complain_start())
}

fn success_after_bye(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let request = &transaction.request;
    let (dialog, _) = look.call.dialog(request)?;
    let bye = ended(look, dialog)?;
    let is_later = request.passage.number > bye.outcome()?.passage.number;
    let is_same = core::ptr::eq(bye, transaction) || request.is(Method::Ack);
    (is_later && !is_same && look.seen.is_success()).then(|| look.seen.complain_start())
}

fn unfounded_481(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let (dialog, _) = look.call.dialog(&transaction.request)?;
    let is_live = dialog.is_confirmed()
        && !look
            .call
            .inside(dialog)
            .any(|other| other.request.is(Method::Bye) && !core::ptr::eq(other, transaction));
    // RFC 3262 §3: 481 to a PRACK is about its RAck, not about the dialog.
    let is_about_dialog = !transaction.request.is(Method::Prack);
    let is_forgotten = super::is_forgotten(look, transaction);
    (look.seen.status() == 481 && is_live && is_about_dialog && !is_forgotten)
        .then(|| look.seen.complain_start())
}

/// Other INVITEs of the dialog that had no final response when this one was sent.
fn pending<'a>(look: &Look<'a>, dialog: Dialog<'a>, invite: &Seen) -> Vec<&'a Transaction> {
    let moment = invite.passage.number;
    let is_hop = |other: &Seen| other.cseq == invite.cseq && other.from_tag == invite.from_tag;
    let is_open = |other: &&Transaction| {
        other.is_invite()
            && other.request.passage.number < moment
            && !is_hop(&other.request)
            && other.outcome().is_none_or(|outcome| outcome.passage.number > moment)
    };
    look.call.inside(dialog).filter(is_open).collect()
}

fn reinvite_pending(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let (dialog, _) = inside(look).filter(|_| seen.is(Method::Invite) && !is_hop(look))?;
    let own = |other: &&Transaction| other.request.from_tag == seen.from_tag;
    let earlier = pending(look, dialog, seen).into_iter().find(own)?;
    Some(seen.complain_start().detail(format!("CSeq {} is pending", earlier.request.cseq)))
}

fn glare(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let (seen, request) = (look.seen, &transaction.request);
    let (dialog, _) = look.call.dialog(request)?;
    if !transaction.is_invite() || !seen.is_final() {
        return None;
    }
    let open = pending(look, dialog, request);
    let of_peer = |other: &&Transaction| other.request.from_tag == request.from_tag;
    let is_second = open.iter().any(of_peer);
    let is_glare = open.iter().any(|other| !of_peer(other));
    let is_right = match (is_glare, is_second) {
        // Whether the dialog is over is judged by a rule of its own.
        _ if seen.status() == 481 => true,
        (true, _) => matches!(seen.status(), 491 | 500),
        (false, true) => seen.status() == 500 && seen.has(Name::RetryAfter),
        (false, false) => true,
    };
    (!is_right).then(|| seen.complain_start())
}

fn wait_after_491(look: &Look<'_>) -> Option<Complaint> {
    /// What a capture may show early or late.
    const SLACK: Duration = Duration::from_millis(50);
    let seen = look.seen;
    let (dialog, side) = inside(look).filter(|_| seen.is(Method::Invite) && !is_hop(look))?;
    let refused = look
        .call
        .inside(dialog)
        .filter(|earlier| earlier.is_invite() && earlier.request.from_tag == seen.from_tag);
    let refused = refused.last()?.outcome().filter(|outcome| outcome.status() == 491)?;
    let waited = seen.passage.at.saturating_since(refused.passage.at) + SLACK;
    let is_early = side == Side::Caller && waited < Duration::from_millis(2100);
    is_early.then(|| {
        seen.complain_start().detail(format!("{} ms have passed", (waited - SLACK).as_millis()))
    })
}

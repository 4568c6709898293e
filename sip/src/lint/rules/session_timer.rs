//! Session timers (RFC 4028).

use core::time::Duration;

use super::super::call::{Call, Dialog, Transaction};
use super::super::finding::Complaint;
use super::super::seen::Seen;
use super::{Check, End, Look, Rule};
use crate::message::{Method, Name, Refresher, SessionExpires};
use crate::time::Instant;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "session-expires-least",
        source: "RFC 4028 §4",
        expects: "a Session-Expires of at least 90 s, and not below Min-SE",
        check: Check::Message(least),
    },
    Rule {
        id: "refresher-named",
        source: "RFC 4028 §9",
        expects: "a refresher in the Session-Expires of a 2xx",
        check: Check::Response(refresher),
    },
    Rule {
        id: "timer-required",
        source: "RFC 4028 §9",
        expects: "Require: timer in a 2xx that makes the caller refresh",
        check: Check::Response(required),
    },
    Rule {
        id: "refresher-supports",
        source: "RFC 4028 §9",
        expects: "refresher=uas where the request does not support timer",
        check: Check::Response(supports),
    },
    Rule {
        id: "session-expires-raised",
        source: "RFC 4028 §9",
        expects: "in a 2xx no Session-Expires above the request's",
        check: Check::Response(raised),
    },
    Rule {
        id: "min-se-after-422",
        source: "RFC 4028 §7.3",
        expects: "after a 422 a Min-SE and a Session-Expires not below the one it names",
        check: Check::Request(after_422),
    },
    Rule {
        id: "session-refreshed",
        source: "RFC 4028 §10",
        expects: "a refresh or a BYE before the session expires",
        check: Check::End(refreshed),
    },
];

fn expires(seen: &Seen) -> Option<SessionExpires> {
    seen.message().session_expires().ok().flatten()
}

fn min_se(seen: &Seen) -> Option<Duration> {
    seen.message().min_se().ok().flatten()
}

fn starts_session(transaction: &Transaction) -> bool {
    matches!(transaction.request.method(), Method::Invite | Method::Update)
}

fn least(look: &Look<'_>) -> Option<Complaint> {
    let interval = expires(look.seen)?.interval;
    let least = min_se(look.seen).unwrap_or_default().max(Duration::from_secs(90));
    (interval < least).then(|| look.seen.complain(Name::SessionExpires))
}

/// The Session-Expires of a 2xx that starts or refreshes a session.
fn granted(seen: &Seen, transaction: &Transaction) -> Option<SessionExpires> {
    if starts_session(transaction) && seen.is_success() { expires(seen) } else { None }
}

fn refresher(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let granted = granted(look.seen, transaction)?;
    granted.refresher.is_none().then(|| look.seen.complain(Name::SessionExpires))
}

fn required(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let granted = granted(look.seen, transaction)?;
    let is_missing = granted.refresher == Some(Refresher::Uac)
        && transaction.request.lists(Name::Supported, b"timer")
        && !look.seen.lists(Name::Require, b"timer");
    is_missing.then(|| look.seen.complain(Name::SessionExpires))
}

fn supports(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let granted = granted(look.seen, transaction)?;
    let request = &transaction.request;
    let is_able =
        request.lists(Name::Supported, b"timer") || request.lists(Name::Require, b"timer");
    (granted.refresher == Some(Refresher::Uac) && !is_able)
        .then(|| look.seen.complain(Name::SessionExpires))
}

fn raised(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let granted = granted(look.seen, transaction)?;
    let asked = expires(&transaction.request)?;
    (granted.interval > asked.interval).then(|| look.seen.complain(Name::SessionExpires))
}

fn after_422(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let mut earlier = look.call.originals().rev();
    let refused = earlier.find(|earlier| {
        earlier.request.is(seen.method()) && earlier.request.from_tag == seen.from_tag
    })?;
    let named = refused.outcome().filter(|outcome| outcome.status() == 422).and_then(min_se)?;
    let fits = min_se(seen).is_some_and(|given| given >= named)
        && expires(seen).is_none_or(|given| given.interval >= named);
    (!fits).then(|| seen.complain(Name::SessionExpires))
}

/// When the session of a dialog was last agreed, for how long, and by which message.
fn agreed<'a>(call: &'a Call, dialog: Dialog<'a>) -> Vec<(&'a Seen, Option<Duration>)> {
    let first = core::iter::once(dialog.invite);
    let refreshes = call.inside(dialog).filter(|transaction| starts_session(transaction));
    let of = |transaction: &'a Transaction| {
        let success = transaction.responses().filter(|seen| seen.is_success()).last()?;
        Some((success, expires(success).map(|granted| granted.interval)))
    };
    first.chain(refreshes).filter_map(of).collect()
}

fn refreshed(call: &Call, end: &End<'_>) -> Vec<Complaint> {
    let dialogs = call.dialogs().filter(Dialog::is_confirmed);
    dialogs.filter_map(|dialog| overdue(call, dialog, end)).collect()
}

fn overdue(call: &Call, dialog: Dialog<'_>, end: &End<'_>) -> Option<Complaint> {
    let agreed = agreed(call, dialog);
    let is_bye = |other: &&Transaction| other.request.is(Method::Bye);
    let bye = call.inside(dialog).find(is_bye).map(|bye| bye.request.passage.at);
    let next = |place: usize| -> Instant {
        let later = agreed.get(place + 1).map(|(seen, _)| seen.passage.at);
        later.or(bye).unwrap_or(end.now)
    };
    let (late, granted) = agreed.iter().enumerate().find_map(|(place, (seen, granted))| {
        let granted = (*granted)?;
        let passed = next(place).saturating_since(seen.passage.at);
        (passed > granted).then_some((*seen, granted))
    })?;
    // What began before the capture may go on outside it.
    call.is_complete().then(|| {
        let detail = format!("{} s passed without one", granted.as_secs());
        let is_callers =
            expires(late).is_some_and(|granted| granted.refresher == Some(Refresher::Uac));
        let by = if is_callers { late.passage.to } else { late.passage.from };
        late.complain(Name::SessionExpires).detail(detail).by(by)
    })
}

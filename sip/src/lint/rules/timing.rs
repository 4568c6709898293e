//! Copies: when a message may be sent again, and when it must not.

use core::time::Duration;

use super::super::call::Transaction;
use super::super::finding::Complaint;
use super::super::seen::Seen;
use super::{Check, Look, Rule};
use crate::message::{Method, Name};
use crate::time::Instant;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "repeat-interval",
        source: "RFC 3261 §17.1.1.2",
        expects: "copies of a request after T1, then twice as long each, at most T2 where the method is not INVITE",
        check: Check::Repeat(request_interval),
    },
    Rule {
        id: "repeat-reliable",
        source: "RFC 3261 §17.1.1.2",
        expects: "no copies over a reliable transport, but of the 2xx to INVITE",
        check: Check::Repeat(reliable),
    },
    Rule {
        id: "repeat-too-late",
        source: "RFC 3261 §17.1.1.2",
        expects: "no copy of a request once 64*T1 has passed",
        check: Check::Repeat(too_late),
    },
    Rule {
        id: "repeat-without-need",
        source: "RFC 3261 §17.1.1.2",
        expects: "no copy of a request that was answered (asked only where the line loses nothing)",
        check: Check::Repeat(without_need),
    },
    Rule {
        id: "repeat-identical",
        source: "RFC 3261 §17.1.1.2",
        expects: "copies of a request with the same Request-URI and body",
        check: Check::Repeat(identical),
    },
    Rule {
        id: "final-interval",
        source: "RFC 3261 §17.2.1",
        expects: "copies of a final response to INVITE after T1, doubled up to T2, or when the request comes again",
        check: Check::Repeat(final_interval),
    },
    Rule {
        id: "final-after-ack",
        source: "RFC 3261 §13.3.1.4",
        expects: "no copy of a final response after its ACK (asked only where the line loses nothing)",
        check: Check::Repeat(final_after_ack),
    },
];

/// What a capture may show early: a tenth, for the sender's clock and the capture's.
const fn early(interval: Duration) -> Duration {
    Duration::from_micros(interval.as_micros() as u64 / 10 * 9)
}

/// What may be on its way when something crosses it.
const CROSSING: Duration = Duration::from_millis(100);

fn doubled(t1: Duration, times: usize) -> Duration {
    t1.saturating_mul(1 << times.min(16))
}

fn request_interval(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    if !seen.is_request() || seen.is(Method::Ack) || seen.passage.transport.is_reliable() {
        return None;
    }
    let last = transaction.repeats.last().map_or(transaction.request.passage.at, |copy| copy.at);
    let free = doubled(look.options.t1, transaction.repeats.len());
    let least = if transaction.is_invite() { free } else { free.min(look.options.t2) };
    too_soon(seen, last, least)
}

fn too_soon(seen: &Seen, last: Instant, least: Duration) -> Option<Complaint> {
    let waited = seen.passage.at.saturating_since(last);
    (waited < early(least)).then(|| {
        let detail = format!(
            "{} ms after the last copy, {} ms was the least",
            waited.as_millis(),
            least.as_millis()
        );
        seen.complain_start().detail(detail)
    })
}

fn reliable(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    // RFC 3261 §13.3.1.4: a 2xx to INVITE is repeated end to end, whatever carries it.
    let is_end_to_end = transaction.is_invite() && (seen.is_success() || seen.is(Method::Ack));
    let is_reliable_provisional = seen.has(Name::RSeq);
    let may = is_end_to_end || is_reliable_provisional || (100..200).contains(&seen.status());
    (seen.passage.transport.is_reliable() && !may).then(|| seen.complain_start())
}

fn too_late(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    let age = seen.passage.at.saturating_since(transaction.request.passage.at);
    let is_late = age > look.options.t1 * 64 + look.options.t1;
    (seen.is_request() && !seen.is(Method::Ack) && is_late)
        .then(|| seen.complain_start().detail(format!("{} s after the first", age.as_secs())))
}

fn without_need(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    if !look.options.is_lossless || !seen.is_request() || seen.is(Method::Ack) {
        return None;
    }
    // RFC 3261 §17.1.1.2: any response stops an INVITE; §17.1.2.2: only a final one stops others.
    let stops = |answer: &&Seen| transaction.is_invite() || answer.is_final();
    let answer = transaction.responses().find(stops)?;
    let since = seen.passage.at.saturating_since(answer.passage.at);
    (since > CROSSING).then(|| {
        let detail = format!("{} came {} ms before", answer.status(), since.as_millis());
        seen.complain_start().detail(detail)
    })
}

fn identical(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let (seen, first) = (look.seen, &transaction.request);
    let is_copy = seen.is_request() && !seen.is(Method::Ack);
    let is_same =
        seen.target() == first.target() && seen.message().body() == first.message().body();
    (is_copy && !is_same).then(|| seen.complain_start())
}

fn final_interval(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    if seen.is_request() || !seen.is_final() || !transaction.is_invite() {
        return None;
    }
    let known = transaction.known_answer(seen)?;
    // RFC 3261 §17.2.1: a copy of the request draws a copy of the response, beside the timer's.
    let is_drawn = |after: Instant, until: Instant| {
        transaction.repeats.iter().any(|copy| copy.at >= after && copy.at <= until)
    };
    let (mut before, mut last, mut timed) = (known.seen.passage.at, known.seen.passage.at, 0);
    for copy in &known.repeats {
        if !is_drawn(before, copy.at) {
            (last, timed) = (copy.at, timed + 1);
        }
        before = copy.at;
    }
    if is_drawn(before, seen.passage.at) {
        return None;
    }
    too_soon(seen, last, doubled(look.options.t1, timed).min(look.options.t2))
}

fn final_after_ack(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let seen = look.seen;
    if !look.options.is_lossless
        || seen.is_request()
        || !seen.is_final()
        || !transaction.is_invite()
    {
        return None;
    }
    let ack = transaction.acks.iter().find(|ack| ack.to_tag == seen.to_tag)?;
    let since = seen.passage.at.saturating_since(ack.passage.at);
    (since > CROSSING).then(|| {
        seen.complain_start().detail(format!("the ACK came {} ms before", since.as_millis()))
    })
}

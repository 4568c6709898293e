//! Session descriptions: who sent which, and which answers which (RFC 3264).

use super::call::{Call, Transaction};
use super::seen::Seen;
use crate::message::{Method, Name};
use crate::sdp::Session;

/// An offer and its answer, read.
pub(super) struct Exchange<'a> {
    pub(super) offer: Session<'a>,
    pub(super) answer: Session<'a>,
    pub(super) offered: &'a [u8],
    pub(super) answered: &'a [u8],
}

/// The offer this message answers, if its description is an answer.
pub(super) fn offer_of<'a>(
    call: &'a Call,
    transaction: Option<&'a Transaction>,
    seen: &Seen,
) -> Option<&'a Seen> {
    let transaction = transaction?;
    let request = &transaction.request;
    if !seen.is_request() {
        let is_answer = request.sdp().is_some() && !is_answering_prack(call, request);
        return is_answer.then_some(request).filter(|_| seen.status() < 300);
    }
    // RFC 3261 §13.2.1: the ACK answers the offer of a 2xx.
    let success = transaction.success().filter(|_| seen.is(Method::Ack))?;
    let was_offered = request.sdp().is_none()
        && success.sdp().is_some()
        && !transaction.responses().any(|other| other.has(Name::RSeq) && other.sdp().is_some());
    was_offered.then_some(success)
}

/// Whether the description of a PRACK answers the offer of a reliable response (RFC 3262 §5).
fn is_answering_prack(call: &Call, prack: &Seen) -> bool {
    let is_offerless = |other: &Transaction| {
        other.is_invite()
            && other.request.sdp().is_none()
            && other.responses().any(|seen| seen.has(Name::RSeq) && seen.sdp().is_some())
    };
    prack.is(Method::Prack) && call.transactions.iter().any(is_offerless)
}

/// The tags of who sends and who receives.
fn sides(seen: &Seen) -> (Option<&Vec<u8>>, Option<&Vec<u8>>) {
    let (from, to) = (Some(&seen.from_tag), seen.to_tag.as_ref());
    if seen.is_request() { (from, to) } else { (to, from) }
}

/// The description the sender of this one sent last, before it and in the same dialog.
pub(super) fn last_of_sender<'a>(call: &'a Call, seen: &Seen) -> Option<&'a Seen> {
    let (sender, receiver) = sides(seen);
    let of_dialog = |earlier: &&Seen| {
        let (earlier_sender, earlier_receiver) = sides(earlier);
        earlier.sdp().is_some()
            && earlier_sender == sender
            && (earlier_receiver == receiver || earlier_receiver.is_none())
            && earlier.passage.number != seen.passage.number
    };
    let all = call.originals().flat_map(|transaction| {
        let request = core::iter::once(&transaction.request);
        request.chain(transaction.responses()).chain(&transaction.acks)
    });
    all.filter(of_dialog).max_by_key(|earlier| earlier.passage.number)
}

/// The first line of a description that begins so.
pub(super) fn line<'a>(text: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    lines(text).find(|line| line.starts_with(start))
}

/// The lines of a description without their ends.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

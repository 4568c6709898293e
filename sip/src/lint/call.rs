//! Transactions and dialogs of one Call-ID, tracked on their own: nothing here knows
//! [`crate::transaction`] or [`crate::endpoint`].

use super::limits::{ANSWERS_MAX, REPEATS_MAX, TRANSACTIONS_MAX};
use super::seen::{Passage, Seen};
use crate::message::{Method, Name};
use crate::time::Instant;

/// A response and its copies.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) seen: Seen,
    pub(super) repeats: Vec<Passage>,
}

/// A request with everything that belongs to it on one hop.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) request: Seen,
    pub(super) repeats: Vec<Passage>,
    /// Responses that differ by status or To tag, in their order.
    pub(super) answers: Vec<Answer>,
    /// ACKs that differ by branch.
    pub(super) acks: Vec<Seen>,
    /// A proxy made it of another one in this capture.
    pub(super) is_forwarded: bool,
    /// A proxy in this capture made another one of it.
    pub(super) is_relayed: bool,
}

/// Everything seen with one Call-ID.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) transactions: Vec<Transaction>,
    /// The first message was a request outside a dialog: nothing happened before the capture.
    pub(super) is_from_start: bool,
    /// A message could not be read, or limits cut something: what is missing proves nothing.
    pub(super) is_blind: bool,
    pub(super) last: Instant,
    pub(super) memory: usize,
}

/// Which side of a dialog sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Caller,
    Callee,
}

/// A dialog: the INVITE that made it, and the response with the other tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialog<'a> {
    pub(super) invite: &'a Transaction,
    pub(super) answer: &'a Seen,
}

impl Transaction {
    pub(super) fn new(request: Seen) -> Self {
        Self {
            request,
            repeats: Vec::new(),
            answers: Vec::new(),
            acks: Vec::new(),
            is_forwarded: false,
            is_relayed: false,
        }
    }

    pub(super) fn is_invite(&self) -> bool {
        self.request.is(Method::Invite)
    }

    pub(super) fn responses(&self) -> impl Iterator<Item = &Seen> {
        self.answers.iter().map(|answer| &answer.seen)
    }

    /// The first final response.
    pub(super) fn outcome(&self) -> Option<&Seen> {
        self.responses().find(|seen| seen.is_final())
    }

    pub(super) fn success(&self) -> Option<&Seen> {
        self.responses().find(|seen| seen.is_success())
    }

    /// The same response, seen before.
    pub(super) fn known_answer(&self, seen: &Seen) -> Option<&Answer> {
        self.answers.iter().find(|answer| is_copy(&answer.seen, seen))
    }

    pub(super) fn repeat(&mut self, passage: Passage) {
        if self.repeats.len() < REPEATS_MAX {
            self.repeats.push(passage);
        }
    }

    /// Takes a response in; true when a limit cut it.
    pub(super) fn answer(&mut self, seen: Seen) -> bool {
        if let Some(known) = self.answers.iter_mut().find(|answer| is_copy(&answer.seen, &seen)) {
            if known.repeats.len() < REPEATS_MAX {
                known.repeats.push(seen.passage);
            }
            return false;
        }
        if self.answers.len() < ANSWERS_MAX {
            self.answers.push(Answer { seen, repeats: Vec::new() });
            return false;
        }
        true
    }

    fn knows_ack(&self, seen: &Seen) -> bool {
        self.acks.iter().any(|ack| ack.branch == seen.branch && ack.to_tag == seen.to_tag)
    }

    /// Takes an ACK in.
    pub(super) fn acknowledge(&mut self, seen: Seen) {
        if !self.knows_ack(&seen) && self.acks.len() < ANSWERS_MAX {
            self.acks.push(seen);
        }
    }

    fn memory(&self) -> usize {
        let answers: usize = self.responses().map(Seen::memory).sum();
        let acks: usize = self.acks.iter().map(Seen::memory).sum();
        self.request.memory() + answers + acks
    }
}

/// Whether a response is another copy of one: reliable provisional ones differ by RSeq.
fn is_copy(a: &Seen, b: &Seen) -> bool {
    let rseq = |seen: &Seen| seen.message().rseq().ok().flatten();
    a.status() == b.status() && a.to_tag == b.to_tag && rseq(a) == rseq(b)
}

impl Call {
    pub(super) fn new(first: &Seen) -> Self {
        Self {
            transactions: Vec::new(),
            is_from_start: first.is_request()
                && first.to_tag.is_none()
                && !first.is(Method::Ack)
                && !first.is(Method::Cancel),
            is_blind: false,
            last: first.passage.at,
            memory: 0,
        }
    }

    /// Whether what is missing here was never sent.
    pub(super) fn is_complete(&self) -> bool {
        self.is_from_start && !self.is_blind
    }

    /// The transaction of a message that is no ACK for a 2xx (RFC 3261 §17.1.3, §17.2.3).
    pub(super) fn find(&self, seen: &Seen) -> Option<usize> {
        let method =
            if seen.is_request() && seen.is(Method::Ack) { Method::Invite } else { seen.method() };
        self.transactions.iter().rposition(|candidate| {
            let request = &candidate.request;
            request.branch == seen.branch && request.is(method) && request.cseq == seen.cseq
        })
    }

    /// The INVITE an ACK belongs to: by branch, else by CSeq and From tag.
    pub(super) fn find_acknowledged(&self, ack: &Seen) -> Option<usize> {
        self.find(ack).or_else(|| {
            let fits = |candidate: &Transaction| {
                let request = &candidate.request;
                candidate.is_invite()
                    && request.cseq == ack.cseq
                    && request.from_tag == ack.from_tag
            };
            let same_hop = |candidate: &Transaction| {
                fits(candidate) && candidate.request.passage.from == ack.passage.from
            };
            let all = &self.transactions;
            all.iter().rposition(same_hop).or_else(|| all.iter().rposition(fits))
        })
    }

    /// Takes a new request in.
    fn begin(&mut self, request: Seen) {
        let upstream = self.upstream(&request);
        let mut transaction = Transaction::new(request);
        if let Some(upstream) = upstream {
            self.transactions[upstream].is_relayed = true;
            transaction.is_forwarded = true;
        }
        if self.transactions.len() == TRANSACTIONS_MAX {
            // The first one made the dialog: routes, targets and tags are read from it.
            self.transactions.remove(1);
            // A late copy of its response would look like one to nothing.
            self.is_blind = true;
        }
        self.transactions.push(transaction);
    }

    /// Counts memory anew.
    pub(super) fn weigh(&mut self) -> usize {
        self.memory = self.transactions.iter().map(Transaction::memory).sum();
        self.memory
    }

    /// Requests as their user agents sent them, copies by proxies left out.
    pub(super) fn originals(&self) -> impl DoubleEndedIterator<Item = &Transaction> {
        self.transactions.iter().filter(|transaction| !transaction.is_forwarded)
    }

    /// The dialog an in-dialog request belongs to, and who sends.
    pub(super) fn dialog(&self, request: &Seen) -> Option<(Dialog<'_>, Side)> {
        let to_tag = request.to_tag.as_ref()?;
        self.dialogs().find_map(|dialog| {
            let (caller, callee) = (dialog.caller_tag(), dialog.callee_tag());
            if (caller, callee) == (&request.from_tag, Some(to_tag)) {
                Some((dialog, Side::Caller))
            } else if (caller, callee) == (to_tag, Some(&request.from_tag)) {
                Some((dialog, Side::Callee))
            } else {
                None
            }
        })
    }

    /// All dialogs, each with its 2xx where there is one.
    pub(super) fn dialogs(&self) -> impl Iterator<Item = Dialog<'_>> {
        let invites = self
            .originals()
            .filter(|transaction| transaction.is_invite() && transaction.request.to_tag.is_none());
        invites.flat_map(|invite| {
            let makes_one =
                |seen: &&Seen| (101..300).contains(&seen.status()) && seen.to_tag.is_some();
            let is_best = move |answer: &Seen| {
                let better = |other: &Seen| other.is_success() && other.to_tag == answer.to_tag;
                answer.is_success() || !invite.responses().any(better)
            };
            let answers = invite.responses().filter(makes_one);
            answers
                .filter(move |answer| is_best(answer))
                .map(move |answer| Dialog { invite, answer })
        })
    }

    /// The transactions inside a dialog, in their order.
    pub(super) fn inside<'a>(
        &'a self,
        dialog: Dialog<'a>,
    ) -> impl Iterator<Item = &'a Transaction> {
        self.originals().filter(move |transaction| {
            let request = &transaction.request;
            let (from, to) = (Some(&request.from_tag), request.to_tag.as_ref());
            let (caller, callee) = (Some(dialog.caller_tag()), dialog.callee_tag());
            (from, to) == (caller, callee) || (from, to) == (callee, caller)
        })
    }

    /// Where a message belongs.
    pub(super) fn place(&self, seen: &Seen) -> Place {
        if !seen.is_request() {
            return match self.find(seen) {
                Some(index) if self.transactions[index].known_answer(seen).is_some() => {
                    Place::CopyOfResponse(index)
                }
                Some(index) => Place::NewResponse(index),
                None => Place::Stray,
            };
        }
        if seen.is(Method::Ack) {
            return match self.find_acknowledged(seen) {
                Some(index) if self.transactions[index].knows_ack(seen) => Place::CopyOfAck(index),
                Some(index) => Place::NewAck(index),
                None => Place::Stray,
            };
        }
        match self.find(seen) {
            Some(index) => Place::CopyOfRequest(index),
            None => Place::NewRequest { is_hop: self.upstream(seen).is_some() },
        }
    }

    /// Takes a message in at its place.
    pub(super) fn take(&mut self, seen: Seen, place: Place) {
        match place {
            Place::NewRequest { .. } => self.begin(seen),
            Place::CopyOfRequest(index) => self.transactions[index].repeat(seen.passage),
            Place::NewAck(index) | Place::CopyOfAck(index) => {
                self.transactions[index].acknowledge(seen);
            }
            Place::NewResponse(index) | Place::CopyOfResponse(index) => {
                self.is_blind |= self.transactions[index].answer(seen);
            }
            // Its INVITE stays without an ACK: that says nothing new.
            Place::Stray => self.is_blind |= seen.is_request(),
        }
    }

    /// Whether nothing is expected any more: no dialog is up, nothing waits for an answer.
    pub(super) fn is_over(&self) -> bool {
        let is_up = |dialog: Dialog<'_>| {
            let is_bye = |other: &Transaction| other.request.is(Method::Bye);
            dialog.is_confirmed() && !self.inside(dialog).any(is_bye)
        };
        let waits = |transaction: &Transaction| transaction.outcome().is_none();
        !self.dialogs().any(is_up) && !self.transactions.iter().any(waits)
    }

    /// The transaction a proxy in this capture made this request of.
    fn upstream(&self, request: &Seen) -> Option<usize> {
        let message = request.message();
        let below: Vec<&[u8]> =
            message.vias().skip(1).filter_map(|via| via.ok()?.branch()).collect();
        self.transactions.iter().rposition(|candidate| {
            candidate.request.is(request.method())
                && below.contains(&candidate.request.branch.as_slice())
        })
    }
}

/// Where a message belongs: the numbers are of transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    NewRequest {
        /// A proxy in this capture made it of another.
        is_hop: bool,
    },
    CopyOfRequest(usize),
    NewAck(usize),
    CopyOfAck(usize),
    NewResponse(usize),
    CopyOfResponse(usize),
    /// A response or an ACK to nothing that was seen.
    Stray,
}

impl Place {
    /// The transaction it belongs to already.
    pub(super) fn index(self) -> Option<usize> {
        match self {
            Self::NewRequest { .. } | Self::Stray => None,
            Self::CopyOfRequest(index)
            | Self::NewAck(index)
            | Self::CopyOfAck(index)
            | Self::NewResponse(index)
            | Self::CopyOfResponse(index) => Some(index),
        }
    }

    pub(super) fn is_copy(self) -> bool {
        match self {
            Self::CopyOfRequest(_) | Self::CopyOfAck(_) | Self::CopyOfResponse(_) => true,
            Self::NewRequest { .. } | Self::NewAck(_) | Self::NewResponse(_) | Self::Stray => false,
        }
    }

    pub(super) fn is_new_ack(self) -> bool {
        matches!(self, Self::NewAck(_))
    }
}

impl<'a> Dialog<'a> {
    pub(super) fn caller_tag(&self) -> &'a Vec<u8> {
        &self.invite.request.from_tag
    }

    pub(super) fn callee_tag(&self) -> Option<&'a Vec<u8>> {
        self.answer.to_tag.as_ref()
    }

    /// Whether the INVITE was refused: that ends its early dialogs (RFC 3261 §12.3).
    pub(super) fn is_refused(&self) -> bool {
        !self.is_confirmed() && self.invite.outcome().is_some_and(|seen| !seen.is_success())
    }

    pub(super) fn is_confirmed(&self) -> bool {
        self.answer.is_success()
    }

    /// The route set of a side (RFC 3261 §12.1.1, §12.1.2).
    pub(super) fn route_set(&self, side: Side) -> Vec<&'a [u8]> {
        let mut routes = self.answer.uris(Name::RecordRoute);
        if side == Side::Caller {
            routes.reverse();
        }
        routes
    }
}

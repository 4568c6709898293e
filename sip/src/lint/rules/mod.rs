//! The rules: a function each, and a line in the list of its file.

mod ack;
mod auth;
mod cancel;
mod dialog;
mod form;
mod missing;
mod offer;
mod refusal;
mod register;
mod reliable;
mod request;
mod response;
mod session_timer;
mod timing;

pub(super) use auth::nonces;
pub(super) use register::binding;

use super::Options;
use super::call::{Call, Transaction};
use super::description::Exchange;
use super::finding::Complaint;
use super::recent::Memory;
use super::seen::Seen;
use crate::message::Fault;
use crate::sdp::Session;
use crate::time::Instant;

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, as findings give it.
    pub id: &'static str,
    /// The section that decides.
    pub source: &'static str,
    /// What it expects, as a sentence without a full stop.
    pub expects: &'static str,
    pub(super) check: Check,
}

/// When a rule is asked, and its function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    /// Whether this fault of the parser breaks it.
    Parser(fn(Fault) -> bool),
    /// Each message but copies, known to belong to something or not.
    Message(fn(&Look<'_>) -> Option<Complaint>),
    /// Each new request.
    Request(fn(&Look<'_>) -> Option<Complaint>),
    /// Each ACK with its INVITE.
    Ack(fn(&Look<'_>, &Transaction) -> Option<Complaint>),
    /// Each new response with its request.
    Response(fn(&Look<'_>, &Transaction) -> Option<Complaint>),
    /// A response to nothing that was seen.
    Stray(fn(&Look<'_>) -> Option<Complaint>),
    /// A copy of a request or response.
    Repeat(fn(&Look<'_>, &Transaction) -> Option<Complaint>),
    /// A session description, with the one the same side sent before in this dialog.
    Description(fn(&Look<'_>, &Session<'_>, Option<&Seen>) -> Option<Complaint>),
    /// An answer with its offer.
    Answer(fn(&Look<'_>, &Exchange<'_>) -> Option<Complaint>),
    /// A call of which nothing more comes.
    End(fn(&Call, &End<'_>) -> Vec<Complaint>),
    /// An RTP stream; asked by [`super::media`].
    Media,
}

/// A message and what was known before it.
pub(super) struct Look<'a> {
    pub(super) seen: &'a Seen,
    pub(super) call: &'a Call,
    pub(super) transaction: Option<&'a Transaction>,
    pub(super) memory: &'a Memory,
    pub(super) options: &'a Options,
}

/// Whether a copy of the request that came late may be a new request to its server: timer J, or H, has passed since the
/// first final response.
fn is_forgotten(look: &Look<'_>, transaction: &Transaction) -> bool {
    let answered = transaction.outcome().map(|outcome| outcome.passage.at);
    answered.is_some_and(|answered| {
        let forgets = answered + look.options.t1 * 64;
        transaction.repeats.iter().any(|copy| copy.at >= forgets)
    })
}

/// The end of a call, or of the capture.
pub(super) struct End<'a> {
    pub(super) now: Instant,
    pub(super) options: &'a Options,
}

impl End<'_> {
    /// Whether what should have followed this moment has had all the time there is (64*T1).
    pub(super) fn is_over(&self, since: Instant) -> bool {
        self.has_passed(since, 64)
    }

    /// Whether so many T1 have passed, or nothing more comes.
    pub(super) fn has_passed(&self, since: Instant, times: u32) -> bool {
        self.options.is_whole || self.now.saturating_since(since) > self.options.t1 * times
    }
}

/// Every rule, by the file that holds it.
const GROUPS: [&[Rule]; 15] = [
    form::RULES,
    request::RULES,
    response::RULES,
    refusal::RULES,
    timing::RULES,
    ack::RULES,
    cancel::RULES,
    dialog::RULES,
    register::RULES,
    auth::RULES,
    reliable::RULES,
    session_timer::RULES,
    offer::RULES,
    missing::RULES,
    super::media::RULES,
];

/// All rules.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    GROUPS.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn rules_have_names_of_their_own_and_name_their_source() {
        let mut names = BTreeSet::new();
        for rule in rules() {
            assert!(names.insert(rule.id), "{} stands twice", rule.id);
            assert!(rule.source.starts_with("RFC "), "{}: {}", rule.id, rule.source);
            assert!(!rule.expects.ends_with('.'), "{}", rule.id);
        }
        assert!(names.len() >= 40, "{} rules", names.len());
    }
}

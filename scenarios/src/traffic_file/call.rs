//! What a call can be at one step of a flow, how steps change it, and what steps it cannot take.

use crate::model::traffic::{DigitsBy, Expect, Expected, Request, Step, Test};

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// There was no INVITE.
    Fresh,
    /// There was one.
    Calling,
    /// It has a provisional response: it rings.
    Early,
    /// It was answered.
    Up,
    /// It is over.
    Over,
}

/// What a call can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    phase: Phase,
    /// Whether its INVITE offered audio.
    offers: bool,
    /// Requests without a final response, a bit each.
    open: u8,
}

const INVITE: u8 = 1;
const CANCEL: u8 = 2;
const BYE: u8 = 4;
const REGISTER: u8 = 8;
const OPTIONS: u8 = 16;
const INFO: u8 = 32;
const REINVITE: u8 = 64;

/// Requests that a response may answer, in turn.
const REQUESTS: [u8; 7] = [INVITE, CANCEL, BYE, REGISTER, OPTIONS, INFO, REINVITE];

/// What is wrong with a step for a call, and what was expected.
pub(crate) type Objection = (&'static str, &'static str);

fn bit(request: &Request) -> u8 {
    match request {
        Request::Invite { .. } => INVITE,
        Request::Cancel => CANCEL,
        Request::Bye => BYE,
        Request::Register { .. } => REGISTER,
        Request::Options => OPTIONS,
        Request::Info { .. } => INFO,
        Request::Reinvite { .. } => REINVITE,
    }
}

impl Call {
    /// A call before its first step.
    pub(crate) const NEW: Self = Self { phase: Phase::Fresh, offers: false, open: 0 };

    /// How many different ones there are.
    pub(crate) const COUNT: usize = 5 * 256;

    /// Returns a number below [`Self::COUNT`], different for each.
    pub(crate) fn index(self) -> usize {
        (self.phase as usize) << 8 | usize::from(self.offers) << 7 | usize::from(self.open)
    }

    /// Says why a step can never go well for this call; `None` where it can.
    pub(crate) fn objection(self, step: &Step) -> Option<Objection> {
        match step {
            Step::Send(send) => self.objection_to_request(&send.request),
            Step::Expect(expect) => self.objection_to_expecting(expect.what),
            Step::Digits { by: DigitsBy::Info, .. } => self.objection_within_call(),
            Step::Digits { by: DigitsBy::Rtp | DigitsBy::Tone, .. } | Step::Play { .. } => {
                self.objection_to_audio()
            }
            Step::Pause(_) | Step::Goto(_) | Step::End { .. } => None,
        }
    }

    fn objection_to_request(self, request: &Request) -> Option<Objection> {
        match request {
            Request::Invite { .. } if self.phase != Phase::Fresh => Some((
                "this call has its INVITE already",
                "expected `REINVITE` within the call; `[load]` makes the next call",
            )),
            Request::Cancel if self.open & INVITE == 0 => Some((
                "there is no INVITE to cancel",
                "expected an INVITE without its answer before",
            )),
            Request::Bye | Request::Info { .. } | Request::Reinvite { .. }
                if self.phase != Phase::Up =>
            {
                self.objection_within_call()
            }
            Request::Cancel
            | Request::Register { .. }
            | Request::Options
            | Request::Info { .. }
            | Request::Reinvite { .. }
                if self.open & bit(request) != 0 =>
            {
                Some((
                    "the one before it has no answer yet",
                    "expected its answer by an `expect` between them",
                ))
            }
            Request::Invite { .. }
            | Request::Cancel
            | Request::Bye
            | Request::Register { .. }
            | Request::Options
            | Request::Info { .. }
            | Request::Reinvite { .. } => None,
        }
    }

    fn objection_within_call(self) -> Option<Objection> {
        match self.phase {
            Phase::Fresh => {
                Some(("there is no call yet", "expected an INVITE and its `2xx` before"))
            }
            Phase::Calling | Phase::Early => {
                Some(("the call is not up yet", "expected the INVITE's `2xx` before"))
            }
            Phase::Up => None,
            Phase::Over => Some(("the call is over here", "expected it before the call's end")),
        }
    }

    fn objection_to_expecting(self, what: Expected) -> Option<Objection> {
        match what {
            Expected::Bye => self.objection_within_call(),
            Expected::Status { .. } if self.open == 0 => Some((
                "nothing waits for an answer here",
                "expected a request before that has no final answer yet",
            )),
            Expected::Status { .. } => None,
        }
    }

    fn objection_to_audio(self) -> Option<Objection> {
        match self.phase {
            Phase::Early if self.offers => None,
            Phase::Early => Some((
                "no audio flows before the answer",
                "expected the INVITE's `2xx` before: it came with `offer = false`",
            )),
            Phase::Calling => Some((
                "no audio flows yet",
                "expected the INVITE's `2xx` before, or a `183` with early media",
            )),
            Phase::Fresh | Phase::Up | Phase::Over => self.objection_within_call(),
        }
    }

    /// Calls `go` with every step that may follow, and what the call is then. A step that cannot go
    /// well is taken as if it did: the steps after it are looked at, too.
    pub(crate) fn follow(self, at: usize, step: &Step, mut go: impl FnMut(usize, Self)) {
        match step {
            Step::Send(send) => go(at + 1, self.sent(&send.request)),
            Step::Expect(expect) => self.follow_expecting(at, expect, go),
            Step::Goto(to) => go(*to, self),
            Step::End { .. } => {}
            Step::Pause(_) | Step::Digits { .. } | Step::Play { .. } => go(at + 1, self),
        }
    }

    fn sent(self, request: &Request) -> Self {
        let mut next = Self { open: self.open | bit(request), ..self };
        match request {
            Request::Invite { has_offer } => {
                next.phase = Phase::Calling;
                next.offers = *has_offer;
            }
            Request::Bye => next.phase = Phase::Over,
            Request::Cancel
            | Request::Register { .. }
            | Request::Options
            | Request::Info { .. }
            | Request::Reinvite { .. } => {}
        }
        next
    }

    fn follow_expecting(self, at: usize, expect: &Expect, mut go: impl FnMut(usize, Self)) {
        match expect.what {
            Expected::Status { low, .. } => self.answered(low, &mut |next| go(at + 1, next)),
            Expected::Bye => go(at + 1, self.hung_up()),
        }
        if expect.is_optional {
            go(at + 1, self);
        }
        for branch in &expect.branches {
            match &branch.test {
                Test::Status { low, .. } => self.answered(*low, &mut |next| go(branch.to, next)),
                Test::Header { .. } => {
                    for status in [180, 200, 400] {
                        self.answered(status, &mut |next| go(branch.to, next));
                    }
                }
                Test::TimedOut => go(branch.to, self),
                Test::Bye => go(branch.to, self.hung_up()),
            }
        }
    }

    fn hung_up(self) -> Self {
        Self { phase: Phase::Over, ..self }
    }

    /// Calls `then` with all that the call may be after a response of this status.
    fn answered(self, status: u16, then: &mut impl FnMut(Self)) {
        if self.open == 0 {
            return then(self);
        }
        for request in REQUESTS.into_iter().filter(|request| self.open & request != 0) {
            then(self.answered_to(request, status));
        }
    }

    fn answered_to(self, request: u8, status: u16) -> Self {
        if status < 200 {
            let rings = request == INVITE && self.phase == Phase::Calling;
            return if rings { Self { phase: Phase::Early, ..self } } else { self };
        }
        let phase = match request {
            INVITE if status < 300 => Phase::Up,
            INVITE => Phase::Over,
            _ => self.phase,
        };
        Self { phase, open: self.open & !request, ..self }
    }
}

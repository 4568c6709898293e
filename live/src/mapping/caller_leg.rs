//! `Answer`, `Refuse`, `Release`, `CallerGone`: the caller's leg.

use super::outcome::{Farewell, farewell};
use crate::board::calls::Stage;
use crate::board::{Board, Party};
use acd::{CallId, Input, ReleaseCause};
use scenarios::Answer;
use sip::endpoint::{End, Extra, Leg, Refusal};
use sip::message::Kept;

impl Board {
    /// The switch takes the call: answered now, heard early, or ringing until an agent answers.
    pub(super) fn answer(&mut self, call: CallId) {
        match self.plan.answer {
            Answer::AtOnce => self.accept(call),
            Answer::Early => self.be_heard(call),
            Answer::AtAgent => self.ring_back(call),
        }
    }

    /// Sends the 200 unless it was sent.
    pub(super) fn accept(&mut self, call: CallId) {
        let Some((leg, media)) = self.step_up(call, Stage::Answered) else { return };
        let sdp = self.media.get(media).map_or(&[][..], |session| session.terms.ours());
        if self.endpoint.answer(self.now, leg, sdp).is_ok() {
            self.media.await_ack(media);
        }
    }

    /// Sends 183 with our description, so that the caller hears us before the answer.
    fn be_heard(&mut self, call: CallId) {
        let Some((leg, media)) = self.step_up(call, Stage::Early) else { return };
        let sdp = self.media.get(media).map(|session| session.terms.ours());
        // A caller who has gone meanwhile is told by the leg's end.
        let _ = self.endpoint.progress(self.now, leg, 183, sdp);
    }

    /// Sends 180: the telephone of the caller makes the tone.
    pub(super) fn ring_back(&mut self, call: CallId) {
        if let Some((leg, _)) = self.step_up(call, Stage::Ringing) {
            let _ = self.endpoint.progress(self.now, leg, 180, None);
        }
    }

    /// Moves a call to a later stage; `None` when it is there or beyond, or its leg is over.
    fn step_up(&mut self, call: CallId, stage: Stage) -> Option<(Leg, crate::media::MediaId)> {
        let record = self.calls.get_mut(call).filter(|record| record.stage < stage)?;
        let both = record.leg.zip(record.media)?;
        record.stage = stage;
        Some(both)
    }

    /// The switch lets the call go: a final status before the answer, BYE after it.
    pub(super) fn let_go(&mut self, call: CallId, cause: ReleaseCause) {
        let Some(record) = self.calls.get_mut(call) else { return };
        record.is_in_switch = false;
        let (leg, is_answered) = (record.leg, record.stage == Stage::Answered);
        let Farewell { status, reason, retry_after } = farewell(cause);
        let reason = reason.map(|reason| ("Reason", reason.as_bytes()));
        let headers: &[Extra<'_>] = reason.as_slice();
        if let Some(leg) = leg {
            if is_answered {
                self.hang_up(leg, headers);
            } else {
                // A CANCEL that crossed has ended the leg: 487 was sent.
                let refusal = Refusal { status, retry_after, headers };
                let _ = self.endpoint.refuse(self.now, leg, &refusal);
            }
        }
        self.calls.close_if_over(call);
    }

    /// Our 2xx was acknowledged: the caller is where he says, and prompts begin.
    pub(super) fn acknowledged(&mut self, leg: Leg, ack: Option<&Kept>) {
        let media = match self.party(leg) {
            Some(Party::Caller(call)) => self.media_of(call),
            Some(Party::Service(media)) => Some(media),
            Some(Party::Agent(agent, _)) => self.seats.get(agent).and_then(|seat| seat.media),
            None => None,
        };
        let Some(media) = media else { return };
        if !self.take_late_answer(media, ack.and_then(Kept::sdp)) {
            return self.hang_up(leg, &[]);
        }
        self.media.acknowledge(self.now, media, (self.tokens)());
    }

    /// The answer to an offer that stood in our 2xx comes in the ACK (RFC 3261 §13.2.1); returns whether there are terms now.
    fn take_late_answer(&mut self, media: crate::media::MediaId, answer: Option<&[u8]>) -> bool {
        let Some(session) = self.media.get_mut(media) else { return true };
        if let Some(answer) = answer {
            if session.terms.accept(answer, &self.plan.codecs).is_err() {
                return false;
            }
            self.media.describe(media);
            return true;
        }
        session.agreed().is_some()
    }

    /// A leg is over: its audio with it, and the switch hears of it if it was in use.
    pub(super) fn ended(&mut self, leg: Leg, why: End) {
        match self.parties.remove(&leg) {
            Some(Party::Caller(call)) => self.caller_gone(call),
            Some(Party::Agent(agent, offer)) => self.agent_leg_ended(leg, agent, offer, why),
            Some(Party::Service(media)) => self.close_media(Some(media)),
            // Turned away before it was anybody's.
            None => {}
        }
    }

    fn caller_gone(&mut self, call: CallId) {
        let Some(record) = self.calls.get_mut(call) else { return };
        record.leg = None;
        let media = record.media.take();
        if record.is_in_switch {
            self.tell(Input::CallerGone { call });
        }
        self.close_media(media);
        self.calls.close_if_over(call);
    }
}

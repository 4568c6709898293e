//! Re-INVITE, UPDATE, refresh and REFER: answered on their leg, never passed across the bridge (LIVE policy 3).

use crate::board::seats::Seat;
use crate::board::{Board, Party};
use crate::counters::Refused;
use crate::media::MediaId;
use acd::Input;
use sip::endpoint::{Leg, Refusal};
use sip::message::Kept;

impl Board {
    /// Answers a change on its leg: the same description again gets the same answer, a new one is negotiated.
    pub(super) fn change(&mut self, leg: Leg, request: &Kept) {
        let Some(media) = self.media_of_leg(leg) else {
            let gone = Refusal::status(481);
            let _ = self.endpoint.refuse_change(self.now, leg, &gone);
            return;
        };
        let was_held = self.media.get(media).is_some_and(|session| session.is_held());
        let codecs = &self.plan.codecs;
        let session = self.media.get_mut(media).expect("a leg's audio is open");
        let taken = match request.sdp() {
            Some(offer) => session.terms.answer(offer, codecs),
            // Asked for an offer: what is in force.
            None => Ok(()),
        };
        if taken.is_err() {
            self.refuse(Refused::Change);
            let _ = self.endpoint.refuse_change(self.now, leg, &Refusal::status(488));
            return;
        }
        let _ = self.endpoint.answer_change(self.now, leg, session.terms.ours());
        self.media.describe(media);
        self.tell_of_hold(leg, media, was_held);
    }

    /// An agent who holds or takes back is a fact of the switch; a caller who does is none.
    fn tell_of_hold(&mut self, leg: Leg, media: MediaId, was_held: bool) {
        let is_held = self.media.get(media).is_some_and(|session| session.is_held());
        let Some(Party::Agent(agent, offer)) = self.party(leg) else { return };
        let is_talking = |seat: &Seat| seat.leg == Some(leg) && seat.talk(offer).is_some();
        if is_held != was_held && self.seats.get(agent).is_some_and(is_talking) {
            self.tell(Input::AgentHeld { offer, on: is_held });
        }
    }

    /// The peer took a change of ours: only refreshes are asked for, so the terms stay unless it says otherwise.
    pub(super) fn change_answered(&mut self, leg: Leg, answer: Option<&[u8]>) {
        let Some(media) = self.media_of_leg(leg) else { return };
        let Some(session) = self.media.get_mut(media) else { return };
        if let Some(answer) = answer {
            // Terms that cannot be read leave those in force.
            let _ = session.terms.accept(answer, &self.plan.codecs);
            self.media.describe(media);
        }
    }

    /// The session is to be refreshed: the description in force again.
    pub(super) fn refresh(&mut self, leg: Leg) {
        let Some(media) = self.media_of_leg(leg) else { return };
        let Some(session) = self.media.get(media) else { return };
        // While another change is under way that one refreshes.
        let _ = self.endpoint.change(self.now, leg, session.terms.ours());
    }

    /// A REFER by a caller is refused; an agent's transfer is not served yet.
    pub(super) fn refer(&mut self, leg: Leg) {
        self.refuse(Refused::Transfer);
        let status = match self.party(leg) {
            Some(Party::Agent(..)) => 603,
            Some(Party::Caller(_) | Party::Service(_)) | None => 403,
        };
        let _ = self.endpoint.refuse_transfer(self.now, leg, &Refusal::status(status));
    }

    /// The audio of a leg that is in use.
    fn media_of_leg(&self, leg: Leg) -> Option<MediaId> {
        match self.party(leg)? {
            Party::Caller(call) => self.media_of(call),
            Party::Agent(agent, _) => {
                self.seats.get(agent).filter(|seat| seat.leg == Some(leg))?.media
            }
            Party::Service(media) => Some(media),
        }
    }
}

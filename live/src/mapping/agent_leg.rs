//! `Ring`, `CancelRing`, `AgentAnswered`, `OfferFailed`, `AgentGone`: the leg to an agent's telephone.

use super::outcome::failure;
use crate::board::seats::{Duty, Who};
use crate::board::{Board, Party};
use crate::counters::Refused;
use crate::media::terms::ordered;
use crate::media::{MediaId, Owner};
use crate::reach::Barred;
use acd::{AgentId, CallId, Input, OfferFailure, OfferId, Timestamp};
use scenarios::Answer;
use sip::endpoint::{Dial, End, Leg};

impl Board {
    /// Asks an agent: his telephone rings, or the robot hears it.
    pub(super) fn ring(&mut self, at: Timestamp, offer: OfferId, call: CallId) {
        let Some(seat) = self.seats.get_mut(offer.agent) else { return };
        seat.duty = Duty::Ringing { offer, call };
        let who = seat.who;
        match self.plan.answer {
            Answer::AtOnce => self.accept(call),
            Answer::Early | Answer::AtAgent => self.ring_back(call),
        }
        match who {
            Who::Robot => self.ring_robot(at, offer, call),
            Who::Named(agent) => {
                self.hear_ringing(call);
                if let Err(why) = self.ring_telephone(agent, offer, call) {
                    self.tell(Input::OfferFailed { offer, why });
                }
            }
        }
    }

    /// Sends the INVITE to the flow that registered last.
    fn ring_telephone(
        &mut self,
        agent: usize,
        offer: OfferId,
        call: CallId,
    ) -> Result<(), OfferFailure> {
        let account = self.agents.account(agent);
        let binding = self.endpoint.bindings(account).next().ok_or(OfferFailure::Unreachable)?;
        let (flow, contact) = (binding.flow, binding.contact.to_vec());
        self.reach.dial(self.now, flow.remote.ip()).map_err(|barred| self.barred(barred))?;
        let dialled = self.dial_agent(flow, &contact, call);
        let Some((leg, media)) = dialled else {
            self.reach.hung_up();
            return Err(OfferFailure::Busy);
        };
        self.media.give_to(media, Owner::Agent(offer.agent, offer));
        self.parties.insert(leg, Party::Agent(offer.agent, offer));
        if let Some(seat) = self.seats.get_mut(offer.agent) {
            (seat.leg, seat.media) = (Some(leg), Some(media));
        }
        Ok(())
    }

    fn barred(&mut self, barred: Barred) -> OfferFailure {
        match barred {
            Barred::Address => {
                self.refuse(Refused::Reach);
                OfferFailure::Unreachable
            }
            Barred::Rate | Barred::Calls => {
                self.refuse(Refused::Caps);
                OfferFailure::Busy
            }
        }
    }

    /// Opens the agent's audio and makes the INVITE: the caller's codec first, his words cleaned.
    fn dial_agent(
        &mut self,
        flow: sip::flow::Flow,
        contact: &[u8],
        call: CallId,
    ) -> Option<(Leg, MediaId)> {
        let media = self.open_media(flow.remote.ip())?;
        let caller = self.calls.get(call);
        let heard = caller.and_then(|record| self.media.get(record.media?)?.agreed());
        let codecs = ordered(&self.plan.codecs, heard.map(|agreed| agreed.codec.codec));
        let mut from = Vec::with_capacity(64);
        let identity = caller.map(|record| record.identity.clone()).unwrap_or_default();
        identity.write_from(&self.plan.host, &mut from);
        let to = [b"<", contact, b">"].concat();
        let session = self.media.get_mut(media).expect("opened just now");
        session.terms.offer(&codecs);
        let dial = Dial {
            flow,
            uri: contact,
            from: &from,
            to: &to,
            contact_user: b"acd",
            routes: &[],
            headers: &[],
            sdp: Some(session.terms.ours()),
            credentials: None,
        };
        match self.endpoint.dial(self.now, &dial) {
            Ok(leg) => Some((leg, media)),
            Err(_) => {
                self.close_media(Some(media));
                None
            }
        }
    }

    /// Stops the ringing; an answer that crosses is hung up by the endpoint (LIVE policy 8).
    pub(super) fn cancel_ring(&mut self, offer: OfferId) {
        let Some(seat) = self.seats.get_mut(offer.agent) else { return };
        // Also when he has answered, and the switch took the offer back before it heard of it.
        if seat.offer().is_some_and(|(open, _)| open == offer) {
            seat.duty = Duty::Free;
            self.drop_agent_leg(offer.agent);
        }
    }

    /// Hangs up the leg to an agent's telephone, if there is one.
    pub(super) fn drop_agent_leg(&mut self, agent: AgentId) {
        let Some(seat) = self.seats.get_mut(agent) else { return };
        let (leg, media) = (seat.leg.take(), seat.media.take());
        if let Some(leg) = leg {
            self.hang_up(leg, &[]);
        }
        self.close_media(media);
    }

    /// The telephone answered: the agent has the call, if the offer is still his and we can talk.
    pub(super) fn agent_answered(&mut self, leg: Leg, sdp: Option<&[u8]>) {
        let Some(Party::Agent(agent, offer)) = self.party(leg) else {
            return self.hang_up(leg, &[]);
        };
        let media = self.current_media(agent, leg);
        let Some(media) = media else { return self.hang_up(leg, &[]) };
        let codecs = &self.plan.codecs;
        let session = self.media.get_mut(media).expect("a seat's audio is open");
        if sdp.is_none_or(|sdp| session.terms.accept(sdp, codecs).is_err()) {
            if let Some(seat) = self.seats.get_mut(agent) {
                seat.leg = None;
                self.tell(Input::OfferFailed { offer, why: OfferFailure::Declined });
            }
            return self.hang_up(leg, &[]);
        }
        self.media.describe(media);
        self.media.acknowledge(self.now, media, (self.tokens)());
        self.has_answered(offer);
    }

    /// The agent has taken the call; what ends his leg from now on is the end of a talk.
    pub(super) fn has_answered(&mut self, offer: OfferId) {
        let Some(seat) = self.seats.get_mut(offer.agent) else { return };
        if let Some(call) = seat.ringing(offer) {
            seat.duty = Duty::Talking { offer, call };
            self.tell(Input::AgentAnswered { offer });
        }
    }

    /// The audio of the seat, if this leg is the one that rings or talks there.
    fn current_media(&self, agent: AgentId, leg: Leg) -> Option<MediaId> {
        self.seats.get(agent).filter(|seat| seat.leg == Some(leg))?.media
    }

    /// The leg is over: the offer failed, or the agent hung up. One that we let go before is nobody's any more.
    pub(super) fn agent_leg_ended(&mut self, leg: Leg, agent: AgentId, of: OfferId, why: End) {
        self.reach.hung_up();
        let Some(seat) = self.seats.get_mut(agent).filter(|seat| seat.leg == Some(leg)) else {
            return;
        };
        seat.leg = None;
        let media = seat.media.take();
        if seat.ringing(of).is_some() {
            self.tell(Input::OfferFailed { offer: of, why: failure(why) });
        } else if seat.talk(of).is_some() {
            self.tell(Input::AgentGone { offer: of });
        }
        self.close_media(media);
    }
}

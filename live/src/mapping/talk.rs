//! `Connect`, `Hold`, `Retrieve`, `ReleaseAgent`, `AgentOut`: from the answer to the end of after-call work.

use crate::board::Board;
use crate::board::seats::{Duty, Who};
use crate::media::{Playing, Source};
use crate::robots::Doing;
use acd::{AgentId, CallId, OfferId, QueueId, Reason, Timestamp};

impl Board {
    /// Lets caller and agent hear each other.
    pub(super) fn connect(&mut self, at: Timestamp, call: CallId, offer: OfferId) {
        self.accept(call);
        let Some(record) = self.calls.get_mut(call) else { return };
        record.with = Some(offer);
        record.gathers = None;
        let (caller, number) = (record.media, record.number);
        let Some(seat) = self.seats.get(offer.agent) else { return };
        let (who, agent) = (seat.who, seat.media);
        match (who, caller, agent) {
            (Who::Robot, caller, _) => {
                if let Some(caller) = caller {
                    self.media.play(self.now, caller, Source::Silence { once_heard: true });
                }
                self.robot_talks(at, offer, call);
            }
            (Who::Named(_), Some(caller), Some(agent)) => {
                self.media.bridge(self.now, caller, agent);
                self.media.record(self.now, number, caller, agent);
            }
            // One of them has gone; the switch is about to hear of it.
            (Who::Named(_), _, _) => {}
        }
    }

    /// The caller hears music; what the agent says stays with him.
    pub(super) fn hold(&mut self, call: CallId) {
        let Some(media) = self.media_of(call) else { return };
        let music = self.plan.music(QueueId::default()).clone();
        self.media.play(self.now, media, Source::Voice(Playing::again_and_again(music)));
    }

    /// They hear each other again.
    pub(super) fn retrieve(&mut self, call: CallId) {
        if let Some(media) = self.media_of(call) {
            self.media.play(self.now, media, Source::Peer);
        }
    }

    /// The talk is over for the agent; after-call work begins where there is any.
    pub(super) fn release_agent(
        &mut self,
        at: Timestamp,
        offer: OfferId,
        call: CallId,
        wrap_up: bool,
    ) {
        if let Some(record) = self.calls.get_mut(call) {
            record.with = None;
        }
        let Some(seat) = self.seats.get_mut(offer.agent) else { return };
        if seat.talk(offer).is_none() {
            return;
        }
        seat.duty = if wrap_up { Duty::WrapUp { offer } } else { Duty::Free };
        let (who, group) = (seat.who, seat.group);
        self.drop_agent_leg(offer.agent);
        if !wrap_up {
            return;
        }
        let work = match who {
            Who::Robot => Some(self.take_drawn_work(offer.agent)),
            Who::Named(_) => self.plan.wrap_up(group),
        };
        if let Some(work) = work {
            self.robots.plan(at.after(work), Doing::FinishesWork(offer));
        }
    }

    /// The switch signed an agent out or sends him no calls.
    pub(super) fn agent_out(&mut self, at: Timestamp, agent: AgentId, reason: Option<Reason>) {
        let Some(seat) = self.seats.get_mut(agent) else { return };
        seat.is_in = reason.is_some();
        seat.not_ready = reason;
        let (who, group) = (seat.who, seat.group);
        match (who, reason) {
            (Who::Robot, Some(Reason::NoAnswer | Reason::Unreachable)) => {
                let back = at.after(self.robots.returns_after(group));
                self.robots.plan(back, Doing::Returns(agent));
            }
            (Who::Robot, Some(Reason::Break | Reason::OtherWork) | None) => {}
            (Who::Named(named), _) => self.agents.is_out(named, reason),
        }
    }
}

//! What robots do: answer, talk, work, come and go.

use crate::board::Board;
use crate::board::seats::{Duty, Seat, Who};
use crate::robots::{Doing, Row};
use acd::{AgentId, CallId, Duration, Input, OfferId, Timestamp};

impl Board {
    /// The robot hears it ring: answers at once, later, or not at all.
    pub(super) fn ring_robot(&mut self, at: Timestamp, offer: OfferId, call: CallId) {
        let Some(seat) = self.seats.get(offer.agent) else { return };
        let number = self.calls.get(call).map_or(0, |record| record.number);
        let drawn = self.robots.pick_up(seat.group, offer.agent, number, offer.age.into());
        match drawn {
            Some(Duration::ZERO) => self.has_answered(offer),
            Some(after) => {
                self.hear_ringing(call);
                self.robots.plan(at.after(after), Doing::PicksUp(offer));
            }
            None => self.hear_ringing(call),
        }
    }

    pub(crate) fn robot_picks_up(&mut self, offer: OfferId) {
        self.has_answered(offer);
    }

    /// Draws how long robot and caller talk, and how long the robot works afterwards.
    pub(super) fn robot_talks(&mut self, at: Timestamp, offer: OfferId, call: CallId) {
        let Some(seat) = self.seats.get_mut(offer.agent) else { return };
        let Some(record) = self.calls.get(call) else { return };
        let talk = self.robots.talk(seat.group, record.contact, record.number);
        seat.drawn_work = self.robots.acw(seat.group, record.contact, record.number);
        self.robots.plan(at.after(talk), Doing::HangsUp(offer));
    }

    pub(crate) fn robot_hangs_up(&mut self, offer: OfferId) {
        let is_talking = self.seats.get(offer.agent).is_some_and(|s| s.talk(offer).is_some());
        if is_talking {
            self.tell(Input::AgentGone { offer });
        }
    }

    /// Returns the after-call work drawn when the talk began.
    pub(super) fn take_drawn_work(&mut self, agent: AgentId) -> Duration {
        self.seats
            .get_mut(agent)
            .map_or(Duration::ZERO, |seat| std::mem::take(&mut seat.drawn_work))
    }

    /// After-call work has come to its end, or to its limit.
    pub(crate) fn finish_work(&mut self, offer: OfferId) {
        let Some(seat) = self.seats.get_mut(offer.agent) else { return };
        if seat.duty == (Duty::WrapUp { offer }) {
            seat.duty = Duty::Free;
            self.tell(Input::WrapUpDone { agent: offer.agent });
        }
    }

    pub(crate) fn robot_returns(&mut self, _at: Timestamp, agent: AgentId) {
        let Some(seat) = self.seats.get_mut(agent) else { return };
        if seat.is_in && seat.not_ready.take().is_some() {
            self.tell(Input::Ready { agent });
        }
    }

    /// Brings a group's robots to the number of a row: the first come, the last go.
    pub(crate) fn change_shift(&mut self, row: usize) {
        let Row { group, count, .. } = self.robots.row(row);
        let count = count as usize;
        let of_group = |seat: &Seat| seat.who == Who::Robot && seat.group == group;
        let seats: Vec<(AgentId, bool)> = self
            .seats
            .iter()
            .filter(|(_, seat)| of_group(seat))
            .map(|(agent, seat)| (agent, seat.is_in))
            .collect();
        for (place, (agent, is_in)) in seats.iter().enumerate() {
            match (place < count, *is_in) {
                (true, false) => self.sign_in(*agent),
                (false, true) => self.tell(Input::SignOut { agent: *agent }),
                (true, true) | (false, false) => {}
            }
        }
        for _ in seats.len()..count {
            let agent = self.seats.add(Seat::new(group, Who::Robot));
            self.sign_in(agent);
        }
    }

    /// Signs a seat in.
    pub(crate) fn sign_in(&mut self, agent: AgentId) {
        let Some(seat) = self.seats.get_mut(agent) else { return };
        (seat.is_in, seat.not_ready) = (true, None);
        let group = seat.group;
        self.tell(Input::SignIn { agent, group });
    }
}

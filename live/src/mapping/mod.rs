//! The mapping between the switch and the wire: one small function for each command and each input (LIVE, "Mapping").
//!
//! [`Board::carry_out`] is the registry of commands, [`Board::hear`] that of the endpoint's events.

mod agent_leg;
mod audio;
mod caller_leg;
mod change;
mod door;
mod listen;
mod outcome;
mod robot;
mod talk;

use crate::board::{Board, Party};
use acd::{Command, Timestamp};
use sip::endpoint::{Event, Leg};

impl Board {
    /// Does what the switch commanded.
    pub(crate) fn carry_out(&mut self, at: Timestamp, command: Command) {
        match command {
            Command::Answer { call } => self.answer(call),
            Command::Refuse { call, cause } | Command::Release { call, cause } => {
                self.let_go(call, cause);
            }
            Command::Play { call, flow, step } => self.play(call, flow, step),
            Command::Gather { call, flow, step } => self.gather(call, flow, step),
            Command::Music { call, queue, .. } => self.music(call, queue),
            Command::Ring { offer, call, .. } => self.ring(at, offer, call),
            Command::CancelRing { offer } => self.cancel_ring(offer),
            Command::Connect { call, offer } => self.connect(at, call, offer),
            Command::Hold { call } => self.hold(call),
            Command::Retrieve { call } => self.retrieve(call),
            Command::ReleaseAgent { offer, call, wrap_up } => {
                self.release_agent(at, offer, call, wrap_up);
            }
            Command::AgentOut { agent, reason } => self.agent_out(at, agent, reason),
            // Live asks nobody yet: who is not asked just waits.
            Command::OfferCallback { .. } => {}
        }
    }

    /// Does what follows from something on the wire.
    pub(crate) fn hear(&mut self, event: Event) {
        match event {
            Event::Incoming { leg, flow, caller, request } => {
                self.incoming(leg, flow, caller, &request);
                self.endpoint.recycle(request);
            }
            Event::Progress { response, .. } => self.endpoint.recycle(response),
            Event::Answered { leg, response } => {
                self.agent_answered(leg, response.sdp());
                self.endpoint.recycle(response);
            }
            Event::Acknowledged { leg, ack } => {
                self.acknowledged(leg, ack.as_ref());
                ack.into_iter().for_each(|ack| self.endpoint.recycle(ack));
            }
            Event::NoAck { leg } => self.hang_up(leg, &[]),
            Event::Change { leg, request } => {
                self.change(leg, &request);
                self.endpoint.recycle(request);
            }
            Event::ChangeWithdrawn { .. }
            | Event::ChangeRefused { .. }
            | Event::InfoAnswered { .. } => {}
            Event::ChangeAnswered { leg, response } => {
                self.change_answered(leg, response.sdp());
                self.endpoint.recycle(response);
            }
            Event::RefreshDue { leg } => self.refresh(leg),
            Event::Info { leg, request } => {
                self.info(leg, &request);
                self.endpoint.recycle(request);
            }
            Event::Refer { leg, request } => {
                self.refer(leg);
                self.endpoint.recycle(request);
            }
            Event::Ended { leg, why, message } => {
                self.ended(leg, why);
                message.into_iter().for_each(|message| self.endpoint.recycle(message));
            }
            Event::Registered { account, binding, .. } => self.registered(account, binding),
            Event::Unregistered { account, .. } => self.unregistered(account),
            Event::Pong { ping, status } => self.pong(ping, status.is_some()),
            // We register nowhere.
            Event::Registration { .. } => {}
        }
    }

    /// Hangs up; the leg's end is told by the endpoint.
    pub(crate) fn hang_up(&mut self, leg: Leg, headers: &[sip::endpoint::Extra<'_>]) {
        // A leg that is gone already needs no hanging up.
        let _ = self.endpoint.hang_up(self.now, leg, headers);
    }

    /// Who is at the other end of a leg.
    pub(crate) fn party(&self, leg: Leg) -> Option<Party> {
        self.parties.get(&leg).copied()
    }
}

//! What the endpoint tells: facts for the tally, and what a call's step may wait for.

use super::Crowd;
use super::call::{Came, Verdict, Wait};
use super::expect::{Outcome, judge};
use super::steps::local;
use crate::description;
use crate::units::micros;
use reports::traffic::{Failure, MessageKind, MethodKind, TrafficFact};
use sip::Instant;
use sip::endpoint::{End, Event, Leg, Ping, Refusal, Registration, Standing};
use sip::message::{Kept, Message};
use sip::sdp::negotiate::write_answer;
use sip::sdp::{Direction, Session};
use sip::transaction::Repeated;
use std::sync::Arc;

impl Crowd {
    /// Takes every event there is.
    pub(super) fn settle(&mut self, at: Instant) {
        while let Some(event) = self.endpoint.poll_event() {
            self.take(at, event);
        }
        while let Some(repeat) = self.endpoint.poll_repeat() {
            let method = kind(repeat.method);
            let message = match repeat.status {
                Some(status) => MessageKind::Response(status, method),
                None => MessageKind::Request(method),
            };
            self.tally.record(&match repeat.is_ours {
                true => TrafficFact::Repeated { message },
                false => TrafficFact::RepeatCame { message },
            });
        }
    }

    fn take(&mut self, at: Instant, event: Event) {
        match event {
            Event::Progress { leg, status, response } => {
                self.requested(at, leg);
                self.come_to(at, leg, Came::Status(status), Some(response));
            }
            Event::Answered { leg, response } => self.answered(at, leg, response),
            Event::Ended { leg, why, message } => self.ended(at, leg, why, message),
            Event::Change { leg, request } => self.change(at, leg, request),
            Event::ChangeAnswered { leg, response } => {
                self.come_to(at, leg, Came::Status(200), Some(response));
            }
            Event::ChangeRefused { leg, status } => {
                self.come_to(at, leg, Came::Status(status), None);
            }
            Event::InfoAnswered { leg, status } => {
                self.come_to(at, leg, Came::Status(status), None);
            }
            Event::RefreshDue { leg } => {
                let Some(id) = self.of(leg) else { return };
                self.offer(id, Direction::SendRecv);
                // A change under way refreshes the session as well.
                let _ = self.endpoint.change(at, leg, &self.sdp);
            }
            Event::Incoming { leg, request, .. } => {
                self.unexpected(MethodKind::Invite);
                self.endpoint.recycle(request);
                // Nobody here takes calls; that the leg may be gone already changes nothing.
                let _ = self.endpoint.refuse(at, leg, &Refusal::status(480));
            }
            Event::Refer { leg, request } => {
                self.unexpected(MethodKind::Other);
                self.endpoint.recycle(request);
                // A target must not send our callers elsewhere.
                let _ = self.endpoint.refuse_transfer(at, leg, &Refusal::status(603));
            }
            Event::Info { request, .. } => {
                self.unexpected(MethodKind::Info);
                self.endpoint.recycle(request);
            }
            Event::NoAck { leg } => {
                // Our 2xx to a change was never acknowledged (RFC 3261 §14.2).
                let _ = self.endpoint.hang_up(at, leg, &[]);
            }
            Event::Acknowledged { ack, .. } => {
                if let Some(ack) = ack {
                    self.endpoint.recycle(ack);
                }
            }
            Event::Registration { registration, state } => self.enrolled(at, registration, state),
            Event::Pong { ping, status } => self.ponged(at, ping, status),
            // No registrar here, and a change that was withdrawn leaves all as it was.
            Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::ChangeWithdrawn { .. } => {}
        }
    }

    /// The call of a leg.
    pub(super) fn of(&self, leg: Leg) -> Option<u32> {
        let id = *self.by_leg.get(leg.index())?;
        let call = self.calls.get(id as usize)?.as_ref()?;
        (call.leg == Some(leg)).then_some(id)
    }

    fn unexpected(&mut self, method: MethodKind) {
        self.tally.record(&TrafficFact::Unexpected { message: MessageKind::Request(method) });
    }

    /// The first word on how a call stands (RFC 6076 §4.3.1).
    fn requested(&mut self, at: Instant, leg: Leg) {
        let Some(call) = self.of(leg).and_then(|id| self.calls[id as usize].as_mut()) else {
            return;
        };
        if !call.is_requested {
            call.is_requested = true;
            self.tally.record(&TrafficFact::Requested { delay: delay(call.sent, at) });
        }
    }

    fn answered(&mut self, at: Instant, leg: Leg, response: Kept) {
        self.requested(at, leg);
        let Some(id) = self.of(leg) else { return self.endpoint.recycle(response) };
        let Some(call) = self.call(id) else { return };
        call.answered = Some(at);
        let (from_intended, from_send) = (delay(call.intended, at), delay(call.sent, at));
        self.tally.record(&TrafficFact::Established { from_intended, from_send });
        self.acknowledge(at, id, leg, &response);
        let status = response.message().status().unwrap_or(200);
        self.come_to(at, leg, Came::Status(status), Some(response));
    }

    /// Takes the audio that both sides agreed on; answers the target's offer when we made none.
    fn acknowledge(&mut self, at: Instant, id: u32, leg: Leg, response: &Kept) {
        let Some(session) = response.sdp().and_then(|sdp| Session::parse(sdp).ok()) else { return };
        let Some(call) = self.calls[id as usize].as_mut() else { return };
        let audio = self.studio.address(id).unwrap_or(self.places[call.line].audio);
        if call.descriptions > 0 {
            let local = local(call, audio, Direction::SendRecv);
            self.studio.agree(at, id, &session, &local);
            return;
        }
        call.descriptions = 1;
        let local = local(call, audio, Direction::SendRecv);
        if write_answer(&session, &local, &mut self.sdp).is_err() {
            // An offer nobody can take is answered with a refusal of its audio, and hung up.
            self.sdp.clear();
        }
        let _ = self.endpoint.acknowledge(at, leg, &self.sdp);
    }

    /// The target changes the session: taken as it is, answered on this leg.
    fn change(&mut self, at: Instant, leg: Leg, request: Kept) {
        let Some(id) = self.of(leg) else { return self.endpoint.recycle(request) };
        let Some(call) = self.calls[id as usize].as_mut() else { return };
        call.descriptions += 1;
        let audio = self.studio.address(id).unwrap_or(self.places[call.line].audio);
        let local = local(call, audio, Direction::SendRecv);
        let written = description::respond(&request, &local, &mut self.sdp);
        // Either way the request is answered; a leg that is gone needs no answer.
        let _ = match written {
            true => self.endpoint.answer_change(at, leg, &self.sdp),
            false => self.endpoint.refuse_change(at, leg, &Refusal::status(488)),
        };
        self.endpoint.recycle(request);
    }

    fn ended(&mut self, at: Instant, leg: Leg, why: End, message: Option<Kept>) {
        let Some(id) = self.of(leg) else { return };
        self.studio.close(id, &mut self.tally);
        let Some(call) = self.call(id) else { return };
        call.leg = None;
        let status = message.as_ref().and_then(|message| message.message().status());
        let came = match why {
            End::Hangup | End::Cancelled => Came::Bye,
            End::Refused(status) => Came::Status(status),
            End::Ours => status.map_or(Came::Nothing, Came::Status),
            End::TimedOut | End::Unreachable | End::PeerGone | End::SessionExpired => Came::Nothing,
        };
        match call.answered {
            Some(answered) => {
                let ended = call.hung_up.filter(|_| why != End::Hangup);
                let lasted = delay(answered, ended.unwrap_or(at));
                let is_complete = why == End::Hangup || matches!(came, Came::Status(200..300));
                let disconnect = ended.filter(|_| is_complete).map(|sent| delay(sent, at));
                self.tally.record(&TrafficFact::Ended { lasted, disconnect, is_complete });
            }
            None => {
                let why = match why {
                    End::Refused(status) => Failure::Status(status),
                    End::Unreachable => Failure::Unreachable,
                    End::Ours if call.is_withdrawn => Failure::Withdrawn,
                    End::Ours | End::TimedOut => Failure::TimedOut,
                    End::Hangup | End::Cancelled | End::PeerGone | End::SessionExpired => {
                        Failure::Withdrawn
                    }
                };
                let delay = delay(call.sent, at);
                self.tally.record(&TrafficFact::Failed { why, delay });
            }
        }
        let kept = message.as_ref().map(Kept::message);
        self.come(at, id, came, kept.as_ref());
        if let Some(message) = message {
            self.endpoint.recycle(message);
        }
    }

    fn enrolled(&mut self, at: Instant, enrolment: Registration, state: Standing) {
        let id = self.by_enrolment.get(enrolment.index()).copied();
        let Some(call) = id.and_then(|id| self.call(id)) else { return };
        if call.enrolment != Some(enrolment) {
            return;
        }
        let delay = delay(call.sent, at);
        let (came, fact) = match state {
            Standing::Registered(_) => (Came::Status(200), Some(TrafficFact::Registered { delay })),
            Standing::Failed(status @ (408 | 503)) => {
                let why = if status == 408 { Failure::TimedOut } else { Failure::Status(status) };
                (Came::Status(status), Some(TrafficFact::NotRegistered { why }))
            }
            Standing::Failed(status) => {
                let why = Failure::Status(status);
                (Came::Status(status), Some(TrafficFact::NotRegistered { why }))
            }
            Standing::Removed => {
                call.enrolment = None;
                (Came::Status(200), None)
            }
        };
        if let Some(fact) = fact {
            self.tally.record(&fact);
        }
        self.come(at, id.unwrap_or_default(), came, None);
    }

    fn ponged(&mut self, at: Instant, ping: Ping, status: Option<u16>) {
        let Some(id) = self.by_ping.remove(&ping) else { return };
        let Some(call) = self.call(id) else { return };
        call.ping = None;
        let fact = match status {
            Some(_) => TrafficFact::Pong { delay: delay(call.sent, at) },
            None => TrafficFact::NoPong,
        };
        self.tally.record(&fact);
        self.come(at, id, status.map_or(Came::Nothing, Came::Status), None);
    }

    fn come_to(&mut self, at: Instant, leg: Leg, came: Came, message: Option<Kept>) {
        if let Some(id) = self.of(leg) {
            let read = message.as_ref().map(Kept::message);
            self.come(at, id, came, read.as_ref());
        }
        if let Some(message) = message {
            self.endpoint.recycle(message);
        }
    }

    /// Something came for a call, or did not come in time.
    pub(super) fn come(&mut self, at: Instant, id: u32, came: Came, message: Option<&Message<'_>>) {
        let plan = Arc::clone(&self.plan);
        let Some(call) = self.call(id) else { return };
        let outcome = match call.wait {
            Wait::Leaving(verdict) => {
                if call.leg.is_none() {
                    self.finish(at, id, verdict);
                }
                return;
            }
            Wait::Message => judge(&plan.traffic.flow, call.step, came, message),
            Wait::Pause if came == Came::Bye || call.leg.is_none() => {
                // Nobody is there any more to pause for: the step behind may know what to do.
                judge(&plan.traffic.flow, call.step + 1, came, message)
            }
            Wait::Nothing | Wait::Pause => return call.keep(came),
            Wait::Resting => return,
        };
        match outcome {
            Outcome::Waits => {}
            Outcome::Goes(to) => {
                call.step = to;
                call.keys = None;
                self.wheel.clear(id);
                self.run(at, id);
            }
            Outcome::Spoils => {
                if came == Came::Bye {
                    self.unexpected(MethodKind::Bye);
                }
                self.leave(at, id, Verdict::Spoilt);
            }
        }
    }
}

/// A method, as figures name it.
fn kind(method: Repeated) -> MethodKind {
    match method {
        Repeated::Invite => MethodKind::Invite,
        Repeated::Ack => MethodKind::Ack,
        Repeated::Bye => MethodKind::Bye,
        Repeated::Cancel => MethodKind::Cancel,
        Repeated::Register => MethodKind::Register,
        Repeated::Options => MethodKind::Options,
        Repeated::Info => MethodKind::Info,
        Repeated::Update => MethodKind::Update,
        Repeated::Other => MethodKind::Other,
    }
}

/// The time between two moments.
pub(super) fn delay(from: Instant, to: Instant) -> acd::Duration {
    micros(to.saturating_since(from))
}

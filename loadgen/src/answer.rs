//! A target of our own: rings, answers, waits for the BYE. For self-tests and measurements.

use crate::description;
use crate::wheel::Wheel;
use sip::endpoint::{Endpoint, Event, Leg, Refusal, Settings, Usage};
use sip::flow::Flow;
use sip::message::Kept;
use sip::sdp::Direction;
use sip::{Duration, Instant};
use std::net::SocketAddr;

/// How calls are answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manners {
    /// From the INVITE to the 200.
    pub ring: Duration,
    /// A status with which this share of calls is refused.
    pub refuse: Option<(u16, f64)>,
}

impl Default for Manners {
    fn default() -> Self {
        Self { ring: Duration::ZERO, refuse: None }
    }
}

/// Answers calls.
pub struct Answerer {
    endpoint: Endpoint,
    manners: Manners,
    audio: SocketAddr,
    /// Calls that ring, by their legs' places.
    ringing: Vec<Option<(Leg, Kept)>>,
    wheel: Wheel,
    due: Vec<u32>,
    calls: u64,
    /// Share of calls owed to refusal, in calls.
    owed: f64,
    sdp: Vec<u8>,
}

impl Answerer {
    /// Makes one that is reached at an address; `audio` stands in its answers.
    #[must_use]
    pub fn new(
        manners: Manners,
        socket: u32,
        local: SocketAddr,
        audio: SocketAddr,
        tokens: Box<dyn FnMut() -> u64 + Send>,
    ) -> Self {
        let mut settings = Settings { legs_max: 1 << 20, ..Settings::default() };
        settings.transactions.transactions_max = 1 << 22;
        let mut endpoint = Endpoint::new(settings, tokens);
        endpoint.bind(socket, local);
        Self {
            endpoint,
            manners,
            audio,
            ringing: Vec::new(),
            wheel: Wheel::default(),
            due: Vec::new(),
            calls: 0,
            owed: 0.0,
            sdp: Vec::new(),
        }
    }

    /// Names a connection's local address.
    pub fn bind(&mut self, socket: u32, local: SocketAddr) {
        self.endpoint.bind(socket, local);
    }

    /// Takes a message.
    pub fn handle_message(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        self.endpoint.handle_message(now, flow, bytes);
        self.settle(now);
    }

    /// Takes the news that a flow does not work.
    pub fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.endpoint.handle_unreachable(now, flow);
        self.settle(now);
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        let mut due = std::mem::take(&mut self.due);
        self.wheel.turn(now, &mut due);
        for place in due.drain(..) {
            if let Some((leg, request)) = self.ringing[place as usize].take() {
                self.answer(now, leg, &request);
                self.endpoint.recycle(request);
            }
        }
        self.due = due;
        self.settle(now);
    }

    /// When [`Self::handle_timeout`] is to be called next.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        [self.endpoint.next_timeout(), self.wheel.next_timeout()].into_iter().flatten().min()
    }

    /// The next message to send: its bytes replace those of `buffer`.
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        self.endpoint.poll_transmit(buffer)
    }

    /// Calls that came.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// What the endpoint holds.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.endpoint.usage()
    }

    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.endpoint.poll_event() {
            self.take(now, event);
        }
    }

    fn take(&mut self, now: Instant, event: Event) {
        match event {
            Event::Incoming { leg, request, .. } => self.ring(now, leg, request),
            Event::Ended { leg, message, .. } => {
                self.forget(leg);
                if let Some(message) = message {
                    self.endpoint.recycle(message);
                }
            }
            Event::Change { leg, request } => {
                // A change that cannot be taken is refused; a leg that is gone needs no answer.
                let _ = match self.describe(&request) {
                    true => self.endpoint.answer_change(now, leg, &self.sdp),
                    false => self.endpoint.refuse_change(now, leg, &Refusal::status(488)),
                };
                self.endpoint.recycle(request);
            }
            Event::NoAck { leg } => {
                // RFC 3261 §13.3.1.4; a leg that is ending already needs no second word.
                let _ = self.endpoint.hang_up(now, leg, &[]);
            }
            Event::Refer { leg, request } => {
                let _ = self.endpoint.refuse_transfer(now, leg, &Refusal::status(603));
                self.endpoint.recycle(request);
            }
            Event::Acknowledged { ack: Some(message), .. }
            | Event::Info { request: message, .. }
            | Event::Progress { response: message, .. }
            | Event::Answered { response: message, .. }
            | Event::ChangeAnswered { response: message, .. } => self.endpoint.recycle(message),
            // It calls nobody and registers nobody.
            Event::Acknowledged { ack: None, .. }
            | Event::ChangeWithdrawn { .. }
            | Event::ChangeRefused { .. }
            | Event::RefreshDue { .. }
            | Event::InfoAnswered { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Registration { .. }
            | Event::Pong { .. } => {}
        }
    }

    fn ring(&mut self, now: Instant, leg: Leg, request: Kept) {
        self.calls += 1;
        if let Some((status, share)) = self.manners.refuse {
            self.owed += share;
            if self.owed >= 1.0 {
                self.owed -= 1.0;
                let _ = self.endpoint.refuse(now, leg, &Refusal::status(status));
                return self.endpoint.recycle(request);
            }
        }
        // That the caller has gone meanwhile is told by an event of its own.
        let _ = self.endpoint.progress(now, leg, 180, None);
        if self.manners.ring.is_zero() {
            self.answer(now, leg, &request);
            return self.endpoint.recycle(request);
        }
        let place = leg.index();
        if self.ringing.len() <= place {
            self.ringing.resize_with(place + 1, || None);
        }
        self.ringing[place] = Some((leg, request));
        self.wheel.set(place as u32, now + self.manners.ring);
    }

    fn answer(&mut self, now: Instant, leg: Leg, request: &Kept) {
        let _ = match self.describe(request) {
            true => self.endpoint.answer(now, leg, &self.sdp),
            false => self.endpoint.refuse(now, leg, &Refusal::status(488)),
        };
    }

    /// Writes our description: the answer to an offer, or an offer.
    fn describe(&mut self, request: &Kept) -> bool {
        let local = description::local(self.audio, self.calls, 1, Direction::SendRecv);
        description::respond(request, &local, &mut self.sdp)
    }

    fn forget(&mut self, leg: Leg) {
        let place = leg.index();
        let Some(ringing) = self.ringing.get_mut(place) else { return };
        if ringing.as_ref().is_some_and(|(known, _)| *known == leg)
            && let Some((_, request)) = ringing.take()
        {
            self.endpoint.recycle(request);
            self.wheel.clear(place as u32);
        }
    }
}

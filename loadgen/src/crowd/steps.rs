//! What a call does: its steps, one after the other, until one of them waits.

use super::call::{Call, Came, Verdict, Wait};
use super::events::delay;
use super::expect::{Outcome, judge};
use super::fill::Places;
use super::{Crowd, seconds};
use crate::plan::Plan;
use crate::{description, table};
use reports::traffic::TrafficFact;
use scenarios::traffic::{DigitsBy, Password, Request, Send, Step, Template};
use sip::Instant;
use sip::dtmf::{Digit, info};
use sip::endpoint::{CommandError, Credentials, Dial, Enrol, Extra};
use sip::sdp::Direction;
use sip::sdp::negotiate::{Local, write_offer};
use std::sync::Arc;

/// How long a key is held, and how long it is from one key to the next.
const KEY: sip::Duration = sip::Duration::from_millis(100);
const KEY_TO_KEY: sip::Duration = sip::Duration::from_millis(200);
const COMMA: sip::Duration = sip::Duration::from_millis(500);

/// Most steps that a call takes without waiting; the reader of flows lets no such loop pass.
const STEPS_AT_ONCE: usize = 10_000;

impl Crowd {
    /// Takes steps until one waits.
    pub(super) fn run(&mut self, now: Instant, id: u32) {
        let plan = Arc::clone(&self.plan);
        for _ in 0..STEPS_AT_ONCE {
            let Some(call) = self.call(id) else { return };
            call.wait = Wait::Nothing;
            let at = call.step;
            match plan.traffic.flow.get(at) {
                None => return self.leave(now, id, Verdict::Passed),
                Some(Step::End { is_good }) => {
                    let verdict = if *is_good { Verdict::Passed } else { Verdict::Spoilt };
                    return self.leave(now, id, verdict);
                }
                Some(Step::Goto(to)) => call.step = *to,
                Some(Step::Send(send)) => {
                    if self.send(now, id, &plan, send).is_err() {
                        return self.leave(now, id, Verdict::Spoilt);
                    }
                    self.step_to(id, at + 1);
                }
                Some(Step::Expect(expect)) => match self.look_back(id, &plan) {
                    Outcome::Goes(to) => self.step_to(id, to),
                    Outcome::Spoils => return self.leave(now, id, Verdict::Spoilt),
                    Outcome::Waits => {
                        let within = sip::Duration::from_micros(expect.within.0);
                        return self.wait(id, Wait::Message, now + within);
                    }
                },
                Some(Step::Pause(_)) => {
                    let pause = self.draw_pause(id, at);
                    return self.wait(id, Wait::Pause, now + pause);
                }
                Some(Step::Digits { keys, by }) => match self.press(now, id, &plan, keys, *by) {
                    Some(next) => return self.wait(id, Wait::Pause, next),
                    None => self.step_to(id, at + 1),
                },
                Some(Step::Play { waits, .. }) => {
                    let number = call.number;
                    let ends = self.studio.play(now, id, at, number);
                    self.step_to(id, at + 1);
                    if let Some(ends) = ends.filter(|_| *waits) {
                        return self.wait(id, Wait::Pause, ends);
                    }
                }
            }
        }
        debug_assert!(false, "a flow goes round without waiting");
        self.leave(now, id, Verdict::Spoilt);
    }

    /// A deadline has come: the end of a pause, or of waiting for a message.
    pub(super) fn wake(&mut self, now: Instant, id: u32) {
        let plan = Arc::clone(&self.plan);
        let Some(call) = self.call(id) else { return };
        match call.wait {
            Wait::Resting => self.call_again(now, id),
            Wait::Message => self.come(now, id, Came::Nothing, None),
            Wait::Pause => {
                // A step of keys goes on with the next key; a pause is over.
                if let Some(Step::Pause(_)) = plan.traffic.flow.get(call.step) {
                    call.step += 1;
                }
                self.run(now, id);
            }
            Wait::Nothing | Wait::Leaving(_) => {}
        }
    }

    fn wait(&mut self, id: u32, wait: Wait, until: Instant) {
        if let Some(call) = self.call(id) {
            call.wait = wait;
            self.wheel.set(id, until);
        }
    }

    fn step_to(&mut self, id: u32, step: usize) {
        if let Some(call) = self.call(id) {
            call.step = step;
        }
    }

    /// Judges what came before its step did.
    fn look_back(&mut self, id: u32, plan: &Plan) -> Outcome {
        let Some(call) = self.call(id) else { return Outcome::Waits };
        while let Some(came) = call.early.pop_front() {
            match judge(&plan.traffic.flow, call.step, came, None) {
                Outcome::Waits => {}
                outcome @ (Outcome::Goes(_) | Outcome::Spoils) => return outcome,
            }
        }
        Outcome::Waits
    }

    fn draw_pause(&mut self, id: u32, step: usize) -> sip::Duration {
        let Some(call) = self.calls[id as usize].as_mut() else { return sip::Duration::ZERO };
        let (sampler, stream) = self.pauses[step].as_ref().expect("every pause has its law");
        call.pauses += 1;
        seconds(sampler.sample(&mut stream.draw_again(call.number, call.pauses - 1)))
    }

    /// Presses the next key of a step; `None` when all are pressed, else when to go on.
    fn press(
        &mut self,
        now: Instant,
        id: u32,
        plan: &Plan,
        keys: &Template,
        by: DigitsBy,
    ) -> Option<Instant> {
        let mut keys = match self.call(id)?.keys.take() {
            Some(keys) => keys,
            None => {
                let mut keys = self.places(id, plan).fill(keys);
                keys.reverse();
                keys
            }
        };
        let key = keys.pop()?;
        let pause = if key == b',' { COMMA } else { KEY_TO_KEY };
        if let Some(digit) = Digit::from_char(char::from(key)) {
            self.press_key(now, id, digit, by);
        }
        self.call(id)?.keys = Some(keys);
        Some(now + pause)
    }

    fn press_key(&mut self, now: Instant, id: u32, digit: Digit, by: DigitsBy) {
        let Some(leg) = self.call(id).and_then(|call| call.leg) else { return };
        match by {
            DigitsBy::Info => {
                let mut body = Vec::new();
                info::write_relay(digit, KEY, &mut body);
                // A leg that is ending hears no keys.
                let _ = self.endpoint.send_info(now, leg, b"application/dtmf-relay", &body);
            }
            DigitsBy::Rtp => self.studio.press(id, digit, KEY),
            DigitsBy::Tone => self.studio.sound(id, digit),
        }
    }

    /// Sends a request.
    fn send(
        &mut self,
        now: Instant,
        id: u32,
        plan: &Plan,
        send: &Send,
    ) -> Result<(), CommandError> {
        let Some(call) = self.call(id) else { return Err(CommandError::Gone) };
        let leg = call.leg;
        match &send.request {
            Request::Invite { has_offer } => self.dial(now, id, plan, send, *has_offer),
            Request::Register { expires } => self.register(now, id, plan, send, *expires),
            Request::Options => self.ask(now, id, plan, send),
            Request::Bye | Request::Cancel => {
                call.hung_up = Some(now);
                call.is_withdrawn = true;
                let leg = leg.ok_or(CommandError::Gone)?;
                let headers = self.headers(id, plan, send);
                self.endpoint.hang_up(now, leg, &extras(&headers))?;
                self.settle(now);
                Ok(())
            }
            Request::Info { content_type, body } => {
                let body = self.places(id, plan).fill(body);
                let leg = leg.ok_or(CommandError::Gone)?;
                self.endpoint.send_info(now, leg, content_type.as_bytes(), &body)
            }
            Request::Reinvite { is_hold } => {
                let direction = if *is_hold { Direction::SendOnly } else { Direction::SendRecv };
                self.offer(id, direction);
                self.endpoint.change(now, leg.ok_or(CommandError::Gone)?, &self.sdp)
            }
        }
    }

    fn dial(
        &mut self,
        now: Instant,
        id: u32,
        plan: &Plan,
        send: &Send,
        has_offer: bool,
    ) -> Result<(), CommandError> {
        let peer = plan.target.address.ip();
        if self.studio.has_audio() && self.studio.open(id, peer).is_none() {
            return Err(CommandError::Full);
        }
        if has_offer {
            self.offer(id, Direction::SendRecv);
        }
        let headers = self.headers(id, plan, send);
        let call = self.calls[id as usize].as_ref().ok_or(CommandError::Gone)?;
        let place = &self.places[call.line];
        let places = self.places(id, plan);
        let uri = send.to.as_ref().map(|to| places.fill(to));
        let uri = uri.as_deref().unwrap_or(plan.target.uri.as_bytes());
        let from = send.from.as_ref().map(|from| [b"<", &*places.fill(from), b">"].concat());
        let dial = Dial {
            flow: place.flow,
            uri,
            from: from.as_deref().unwrap_or(&place.from),
            to: &[b"<", uri, b">"].concat(),
            contact_user: b"callstorm",
            routes: &[],
            headers: &extras(&headers),
            sdp: has_offer.then_some(&*self.sdp),
            credentials: credentials(plan, &places),
        };
        let leg = self.endpoint.dial(now, &dial)?;
        table::put(&mut self.by_leg, leg.index(), id);
        let call = self.call(id).ok_or(CommandError::Gone)?;
        let lag = delay(call.intended, now);
        (call.leg, call.sent, call.is_requested) = (Some(leg), now, false);
        (call.answered, call.hung_up) = (None, None);
        self.tally.record(&TrafficFact::Placed { lag });
        Ok(())
    }

    fn register(
        &mut self,
        now: Instant,
        id: u32,
        plan: &Plan,
        send: &Send,
        expires: acd::Duration,
    ) -> Result<(), CommandError> {
        let call = self.calls[id as usize].as_mut().ok_or(CommandError::Gone)?;
        call.sent = now;
        if let Some(enrolment) = call.enrolment.filter(|_| expires == acd::Duration::ZERO) {
            return self.endpoint.unregister(now, enrolment);
        }
        let call = self.calls[id as usize].as_ref().ok_or(CommandError::Gone)?;
        let place = &self.places[call.line];
        let places = self.places(id, plan);
        let registrar = format!("sip:{}", plan.target.authority);
        // Who is registered, and by whom: of a telephone's own they are one.
        let address = send.from.as_ref().or(send.to.as_ref()).map(|who| places.fill(who));
        let address = address.as_deref().unwrap_or(plan.target.uri.as_bytes());
        let headers = self.headers(id, plan, send);
        let enrol = Enrol {
            headers: &extras(&headers),
            flow: place.flow,
            registrar: registrar.as_bytes(),
            address: &[b"<", address, b">"].concat(),
            contact_user: b"callstorm",
            expires: sip::Duration::from_micros(expires.0),
            credentials: credentials(plan, &places),
        };
        let enrolment = self.endpoint.register(now, &enrol)?;
        table::put(&mut self.by_enrolment, enrolment.index(), id);
        if let Some(call) = self.call(id) {
            call.enrolment = Some(enrolment);
        }
        Ok(())
    }

    fn ask(&mut self, now: Instant, id: u32, plan: &Plan, send: &Send) -> Result<(), CommandError> {
        let headers = self.headers(id, plan, send);
        let call = self.calls[id as usize].as_ref().ok_or(CommandError::Gone)?;
        let flow = self.places[call.line].flow;
        let uri = send.to.as_ref().map(|to| self.places(id, plan).fill(to));
        let uri = uri.as_deref().unwrap_or(plan.target.uri.as_bytes());
        let ping = self.endpoint.ping(now, flow, uri, &extras(&headers))?;
        self.by_ping.insert(ping, id);
        if let Some(call) = self.call(id) {
            (call.ping, call.sent) = (Some(ping), now);
        }
        Ok(())
    }

    /// Writes our description of a call's audio.
    pub(super) fn offer(&mut self, id: u32, direction: Direction) {
        let Some(call) = self.calls[id as usize].as_mut() else { return };
        call.descriptions += 1;
        let audio = self.studio.address(id).unwrap_or(self.places[call.line].audio);
        let local = local(call, audio, direction);
        write_offer(&local, &mut self.sdp);
    }

    fn headers(&self, id: u32, plan: &Plan, send: &Send) -> Vec<(String, Vec<u8>)> {
        let places = self.places(id, plan);
        send.headers.iter().map(|(name, value)| (name.clone(), places.fill(value))).collect()
    }

    fn places<'a>(&'a self, id: u32, plan: &'a Plan) -> Places<'a> {
        let call = self.calls[id as usize].as_ref();
        let (number, line) = call.map_or((1, 0), |call| (call.number, call.line));
        let rows = plan.traffic.rows.as_ref().map(|rows| {
            let count = rows.len() as u64;
            let row = match rows.is_random {
                true => (self.rows.draw(number).uniform() * count as f64) as u64,
                false => (number.max(1) - 1) % count,
            };
            (rows, row.min(count - 1) as usize)
        });
        let local = self.places[line].local.as_str();
        Places { rows, call: number, target: &plan.target.authority, local }
    }
}

/// Our side of a call's audio.
pub(super) fn local(
    call: &Call,
    audio: std::net::SocketAddr,
    direction: Direction,
) -> Local<'static> {
    description::local(audio, call.number, call.descriptions, direction)
}

fn extras(headers: &[(String, Vec<u8>)]) -> Vec<Extra<'_>> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
}

/// What answers a challenge of a call.
fn credentials(plan: &Plan, places: &Places<'_>) -> Option<Credentials> {
    let account = plan.traffic.account.as_ref()?;
    let user = places.fill(&account.user);
    let password = match &account.password {
        Password::Secret(_) => plan.password.clone().unwrap_or_default(),
        Password::Column(column) => places.column(*column).as_bytes().to_vec(),
    };
    Some(Credentials::new(&user, &password))
}

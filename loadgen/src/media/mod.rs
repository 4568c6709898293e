//! Audio of calls: one stream out whatever is heard, paced over the 20 ms; statistics of what comes in.
//!
//! Sans-IO: datagrams and time come in, [`Studio::packets`] hold what is to be sent.

mod buffer;
mod stream;
mod voices;

pub use voices::Voices;

use crate::table;
use crate::wheel::Wheel;
use live::reach::Policy;
use live::{Outbox, Ports};
use reports::traffic::{Tally, TrafficFact};
use sip::dtmf::Digit;
use sip::rtp::{Header, is_rtcp};
use sip::sdp::Session;
use sip::sdp::negotiate::{Local, read_answer};
use sip::{Duration, Instant};
use std::net::{IpAddr, SocketAddr};
use stream::Stream;

/// From one frame to the next.
const FRAME: Duration = Duration::from_millis(20);

/// A frame later than this is left out: a receiver has no use for it.
const LATE_MAX: Duration = Duration::from_millis(60);

/// Lateness of frames is counted in steps of 50 µs up to 20 ms, and one for what is later.
const LATENESS_STEP: u128 = 50;
const LATENESS_STEPS: usize = 400;

/// The audio of every call of one thread.
pub(crate) struct Studio {
    ports: Option<Box<dyn Ports>>,
    policy: Policy,
    voices: Voices,
    /// By the call's place.
    streams: Vec<Option<Box<Stream>>>,
    /// The call's place by the port's number.
    by_port: Vec<u32>,
    wheel: Wheel,
    due: Vec<u32>,
    out: Outbox,
    lateness: Vec<u64>,
    tokens: Box<dyn FnMut() -> u64 + Send>,
}

impl Studio {
    /// Makes a studio; without ports no call has audio.
    pub(crate) fn new(
        ports: Option<Box<dyn Ports>>,
        policy: Policy,
        voices: Voices,
        tokens: Box<dyn FnMut() -> u64 + Send>,
    ) -> Self {
        Self {
            ports,
            policy,
            voices,
            streams: Vec::new(),
            by_port: Vec::new(),
            wheel: Wheel::default(),
            due: Vec::new(),
            out: Outbox::default(),
            lateness: vec![0; LATENESS_STEPS + 1],
            tokens,
        }
    }

    /// Takes a port for a call: where it receives. `None` when calls have no audio, or no port is left.
    pub(crate) fn open(&mut self, id: u32, peer: IpAddr) -> Option<SocketAddr> {
        if let Some(stream) = self.stream(id) {
            return Some(stream.port.address);
        }
        let port = self.ports.as_mut()?.take(peer)?;
        if self.streams.len() <= id as usize {
            self.streams.resize_with(id as usize + 1, || None);
        }
        table::put(&mut self.by_port, port.number as usize, id);
        self.streams[id as usize] = Some(Box::new(Stream::new(port, &mut *self.tokens)));
        Some(port.address)
    }

    /// Where a call receives audio, if it has any.
    pub(crate) fn address(&self, id: u32) -> Option<SocketAddr> {
        Some(self.streams.get(id as usize)?.as_ref()?.port.address)
    }

    /// Whether calls have audio.
    pub(crate) fn has_audio(&self) -> bool {
        self.ports.is_some()
    }

    /// Takes the target's answer: from now on the call sends, silence first, where the policy lets it.
    pub(crate) fn agree(&mut self, now: Instant, id: u32, answer: &Session<'_>, local: &Local<'_>) {
        let Some(stream) = self.streams.get_mut(id as usize).and_then(Option::as_mut) else {
            return;
        };
        let agreed = read_answer(answer, local).ok();
        let allowed = |agreed: &sip::sdp::negotiate::Agreed| {
            agreed.remote.is_some_and(|remote| self.policy.allows(remote.ip()))
        };
        stream.agreed = agreed.filter(allowed);
        if stream.agreed.is_some() && stream.due.is_none() {
            stream.due = Some(now);
            self.wheel.set(id, now);
        }
    }

    /// Lets a call be heard with what a step of its flow plays; returns when that ends, if it does.
    pub(crate) fn play(
        &mut self,
        now: Instant,
        id: u32,
        step: usize,
        call: u64,
    ) -> Option<Instant> {
        let voice = self.voices.of_step(step, call);
        let ends = voice.length().map(|length| now + length);
        self.stream(id)?.play(voice);
        ends
    }

    /// Presses a key as a telephone event.
    pub(crate) fn press(&mut self, id: u32, digit: Digit, length: Duration) {
        if let Some(stream) = self.stream(id) {
            // More keys than a person presses in ten seconds are not sent.
            let _ = stream.keys.press(digit, length);
        }
    }

    /// Presses a key as a tone.
    pub(crate) fn sound(&mut self, id: u32, digit: Digit) {
        let voice = self.voices.of_key(digit);
        if let Some(stream) = self.stream(id) {
            stream.interrupt(voice);
        }
    }

    /// A call is over: its port is free, and its figures are counted.
    pub(crate) fn close(&mut self, id: u32, tally: &mut Tally) {
        let Some(stream) = self.streams.get_mut(id as usize).and_then(Option::take) else { return };
        self.wheel.clear(id);
        self.by_port[stream.port.number as usize] = u32::MAX;
        if stream.agreed.is_some() {
            tally.record(&TrafficFact::Streamed(stream.figures()));
        }
        if let Some(ports) = &mut self.ports {
            ports.give_back(stream.port);
        }
    }

    /// Takes a datagram that came to a port.
    pub(crate) fn handle(&mut self, at: Instant, port: u32, from: SocketAddr, datagram: &[u8]) {
        let Some(&id) = self.by_port.get(port as usize) else { return };
        let Some(stream) = self.stream(id) else { return };
        let is_theirs = stream
            .agreed
            .and_then(|agreed| agreed.remote)
            .is_some_and(|remote| remote.ip() == from.ip());
        if !is_theirs || is_rtcp(datagram) {
            return;
        }
        if let Ok(header) = Header::parse(datagram) {
            stream.receive(at, &header);
        }
    }

    /// Sends the frames that are due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let mut due = std::mem::take(&mut self.due);
        self.wheel.turn(now, &mut due);
        for id in due.drain(..) {
            let Some(stream) = self.streams.get_mut(id as usize).and_then(Option::as_mut) else {
                continue;
            };
            let Some(wanted) = stream.due else { continue };
            let late = now.saturating_since(wanted);
            let step = (late.as_micros() / LATENESS_STEP) as usize;
            self.lateness[step.min(LATENESS_STEPS)] += 1;
            if late <= LATE_MAX {
                stream.send(now, &mut self.out);
            }
            let next = if late <= LATE_MAX { wanted + FRAME } else { now + FRAME };
            stream.due = Some(next);
            self.wheel.set(id, next);
        }
        self.due = due;
    }

    /// When the next frame is due.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.wheel.next_timeout()
    }

    /// What is to be sent; to be cleared by whoever sends it.
    pub(crate) fn packets(&mut self) -> &mut Outbox {
        &mut self.out
    }

    /// How late frames were sent in this share of cases; `None` without audio.
    pub(crate) fn lateness(&self, share: f64) -> Option<Duration> {
        let total: u64 = self.lateness.iter().sum();
        let mut left = ((total as f64 * share).ceil() as u64).max(1);
        let step = self.lateness.iter().position(|count| {
            left = left.saturating_sub(*count);
            left == 0
        })?;
        Some(Duration::from_micros((step as u64 + 1) * LATENESS_STEP as u64))
    }

    fn stream(&mut self, id: u32) -> Option<&mut Stream> {
        self.streams.get_mut(id as usize)?.as_deref_mut()
    }
}

//! The audio of all legs, sans-IO: datagrams in, datagrams out, and what was heard.
//!
//! A session is opened for a leg when it is answered, fed by one [`Source`] at a time, and closed with the leg. Packets from
//! the wire are relayed as they come; what we play ourselves is paced by the wheel.

mod control;
mod outbox;
mod ports;
mod recorder;
mod session;
pub(crate) mod terms;
mod voice;
mod wheel;

pub use control::Quality;
pub use outbox::{Channel, Outbox, Packet};
pub use ports::{Port, Ports};
pub use recorder::{Medium, NewRecording};
pub(crate) use session::{MediaId, Owner, Session, Source};
pub(crate) use voice::Playing;

use crate::counters::{Counters, Refused};
use crate::reach::Policy;
use acd::StepId;
use control::Reports;
use recorder::Recorder;
use sip::audio::g711::{convert, silence};
use sip::dtmf::Digit;
use sip::rtp::{FRAME, Header, Heard, RtpFault};
use sip::sdp::Control;
use sip::sdp::negotiate::Codec;
use sip::{Duration, Instant};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use wheel::Wheel;

/// How often silent legs are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// What was heard on a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// A key was pressed: its ASCII character.
    Digit(Owner, u8),
    /// A prompt came to its end.
    PlayEnded(Owner, StepId),
    /// Nothing came for the media time-out.
    Lost(Owner),
}

/// The audio of all legs.
#[derive(Debug)]
pub(crate) struct Media {
    slots: Vec<(u32, Option<Session>)>,
    free: Vec<u32>,
    /// Which session a port belongs to.
    by_port: Vec<Option<MediaId>>,
    wheel: Wheel,
    policy: Arc<Policy>,
    timeout: Duration,
    swept: Instant,
    recorder: Recorder,
    reports: Reports,
    said: VecDeque<Said>,
    pub(crate) outbox: Outbox,
    pub(crate) refused: Counters,
}

impl Media {
    /// Makes an empty room; a leg is taken for dead after `timeout` without audio. `wall` is the wall clock in the form of
    /// NTP at a moment.
    pub(crate) fn new(
        policy: Arc<Policy>,
        timeout: Duration,
        recordings: Option<NewRecording>,
        wall: (Instant, u64),
    ) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_port: Vec::new(),
            wheel: Wheel::new(),
            policy,
            timeout,
            swept: Instant::default(),
            recorder: Recorder::new(recordings),
            reports: Reports::new(wall),
            said: VecDeque::new(),
            outbox: Outbox::default(),
            refused: Counters::default(),
        }
    }

    /// Opens the audio of a leg on a port. Packets go nowhere until an address is proven.
    pub(crate) fn open(
        &mut self,
        port: Port,
        signalling: IpAddr,
        tokens: &mut dyn FnMut() -> u64,
    ) -> MediaId {
        let session = Session::new(port, signalling, tokens);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, None));
            u32::try_from(self.slots.len() - 1).expect("ports are fewer")
        });
        let (age, place) = &mut self.slots[slot as usize];
        *place = Some(session);
        let id = MediaId { slot, age: *age };
        let at = port.number as usize;
        if self.by_port.len() <= at {
            self.by_port.resize(at + 1, None);
        }
        self.by_port[at] = Some(id);
        id
    }

    /// Closes a leg's audio; returns the port to be given back.
    pub(crate) fn close(&mut self, now: Instant, id: MediaId) -> Option<Port> {
        self.end_recording(now, id);
        self.end_reports(now, id);
        self.unbridge(id);
        let (age, place) = self.slots.get_mut(id.slot as usize)?;
        let session = place.take_if(|_| *age == id.age)?;
        *age = age.wrapping_add(1);
        self.free.push(id.slot);
        self.by_port[session.port.number as usize] = None;
        Some(session.port)
    }

    pub(crate) fn get(&self, id: MediaId) -> Option<&Session> {
        let (age, session) = self.slots.get(id.slot as usize)?;
        session.as_ref().filter(|_| *age == id.age)
    }

    pub(crate) fn get_mut(&mut self, id: MediaId) -> Option<&mut Session> {
        let (age, session) = self.slots.get_mut(id.slot as usize)?;
        session.as_mut().filter(|_| *age == id.age)
    }

    /// Says whose audio it is, once that has a name.
    pub(crate) fn give_to(&mut self, id: MediaId, owner: Owner) {
        if let Some(session) = self.get_mut(id) {
            session.owner = owner;
        }
    }

    /// Returns how many legs have audio.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Takes over where the peer wants audio, after its description was taken.
    pub(crate) fn describe(&mut self, id: MediaId) {
        let policy = Arc::clone(&self.policy);
        let Some(session) = self.get_mut(id) else { return };
        let remote = session.agreed().and_then(|agreed| agreed.remote);
        let is_allowed = remote.is_none_or(|remote| policy.allows(remote.ip()));
        session.proof.describe(remote.filter(|_| is_allowed));
        session.control.forget_address();
        if !is_allowed {
            self.refused.count(Refused::Reach);
        }
    }

    /// Whether nothing has been played on a leg yet.
    pub(crate) fn is_fed_by_nothing(&self, id: MediaId) -> bool {
        self.get(id).is_some_and(|session| matches!(session.source, Source::Nothing))
    }

    /// Our 2xx is on its way: prompts wait for its ACK.
    pub(crate) fn await_ack(&mut self, id: MediaId) {
        if let Some(session) = self.get_mut(id) {
            session.awaits_ack = true;
        }
    }

    /// Our 2xx was acknowledged, or the peer's came: its own address is proven. `chance` is random.
    pub(crate) fn acknowledge(&mut self, now: Instant, id: MediaId, chance: u64) {
        if let Some(session) = self.get_mut(id) {
            session.awaits_ack = false;
            session.proof.acknowledge();
        }
        self.start_reports(now, id, high(chance));
    }

    /// Feeds a leg from another source from now on.
    pub(crate) fn play(&mut self, now: Instant, id: MediaId, source: Source) {
        let Some(session) = self.get_mut(id) else { return };
        session.outgoing.change();
        session.source = source;
        self.pace(now, id);
    }

    /// Lets two legs hear each other.
    pub(crate) fn bridge(&mut self, now: Instant, one: MediaId, other: MediaId) {
        for (id, to) in [(one, other), (other, one)] {
            if let Some(session) = self.get_mut(id) {
                session.feeds = Some(to);
            }
            self.play(now, id, Source::Peer);
        }
    }

    /// Records a talk, where recordings are made.
    pub(crate) fn record(&mut self, now: Instant, number: u64, caller: MediaId, agent: MediaId) {
        if !self.recorder.begin(now, number, (caller, agent)) {
            self.refused.count(Refused::Recording);
        }
    }

    fn end_recording(&mut self, now: Instant, leg: MediaId) {
        if !self.recorder.end(now, leg) {
            self.refused.count(Refused::Recording);
        }
    }

    /// Ends what a leg gives to another and gets from it; the other is fed by nothing until it is told.
    pub(crate) fn unbridge(&mut self, id: MediaId) {
        let Some(session) = self.get_mut(id) else { return };
        let other = session.feeds.take();
        if let Some(other) = other.and_then(|other| self.get_mut(other)) {
            other.feeds = None;
        }
    }

    /// Takes a datagram that came to a port; it may be changed and sent on.
    pub(crate) fn handle(
        &mut self,
        now: Instant,
        port: u32,
        from: SocketAddr,
        datagram: &mut [u8],
    ) {
        let id = self.by_port.get(port as usize).copied().flatten();
        let Some(id) = id else { return self.refused.count(Refused::StrayAudio) };
        let header = match Header::parse(datagram) {
            Ok(header) => header,
            Err(fault) => return self.handle_no_audio(now, (id, from), fault, datagram),
        };
        let is_allowed = self.policy.allows(from.ip());
        let session = self.get_mut(id).expect("a port's session is open");
        if session.proof.receive(from, is_allowed) == Heard::Refused {
            return self.refused.count(Refused::ForeignAudio);
        }
        let is_first = session.heard.replace(now).is_none();
        session.is_lost = false;
        let verdict = session.incoming.receive(now, &header);
        let Some(agreed) = session.agreed() else { return };
        let (owner, feeds) = (session.owner, session.feeds);
        if let Some(digit) = session.hear_digit(&header, verdict, datagram) {
            self.said.push_back(Said::Digit(owner, digit));
        }
        if agreed.event_in == Some(header.payload_type)
            && let Some(to) = feeds
        {
            self.relay_event(now, to, &header, datagram);
        }
        if header.payload_type == agreed.codec.payload_type
            && verdict.is_playable()
            && let Some(to) = feeds
        {
            let codec = agreed.codec.codec;
            self.recorder.take(now, id, &header, (codec, header.payload(datagram)));
            self.relay(now, (codec, to), &header, datagram);
        }
        if is_first {
            self.pace(now, id);
        }
    }

    /// Takes what came to an audio socket and is no audio: control, where a leg's peer shares the port.
    fn handle_no_audio(
        &mut self,
        now: Instant,
        (id, from): (MediaId, SocketAddr),
        fault: RtpFault,
        datagram: &[u8],
    ) {
        let session = self.get(id).expect("a port's session is open");
        let is_shared = session.agreed().is_some_and(|agreed| agreed.control == Control::Shared);
        if fault != RtpFault::Control || !is_shared {
            return self.refused.count(Refused::BadAudio);
        }
        if session.proof.target() != Some(from) {
            return self.refused.count(Refused::ForeignControl);
        }
        self.take_control(now, id, datagram);
    }

    /// Passes audio on as the other leg speaks: its payload type, its law, its stream.
    fn relay(
        &mut self,
        now: Instant,
        (from, to): (Codec, MediaId),
        header: &Header,
        datagram: &mut [u8],
    ) {
        let Some(session) = self.get_mut(to) else { return };
        let Source::Peer = session.source else { return };
        let Some((target, agreed)) = session.target() else { return };
        let Ok(fresh) = session.outgoing.relay(now, header, agreed.codec.payload_type) else {
            return;
        };
        if from != agreed.codec.codec {
            convert(from, agreed.codec.codec, header.payload_mut(datagram));
        }
        let port = session.port.number;
        self.outbox.push(port, target, header.rewrite(datagram, fresh));
    }

    /// Passes a key on as it comes, under the other leg's payload type; to a leg without telephone-event it is not passed.
    fn relay_event(&mut self, now: Instant, to: MediaId, header: &Header, datagram: &mut [u8]) {
        let Some(session) = self.get_mut(to) else { return };
        let Source::Peer = session.source else { return };
        let Some((target, agreed)) = session.target() else { return };
        let Some(payload_type) = agreed.event_out else { return };
        let Ok(fresh) = session.outgoing.relay_event(now, header, payload_type) else { return };
        let port = session.port.number;
        self.outbox.push(port, target, header.rewrite(datagram, fresh));
    }

    /// Puts a leg into the wheel when its source is to be paced.
    fn pace(&mut self, now: Instant, id: MediaId) {
        let Some(session) = self.get_mut(id) else { return };
        let wants = match session.source {
            Source::Voice(_) | Source::Silence { once_heard: false } => true,
            Source::Silence { once_heard: true } => session.heard.is_some(),
            Source::Nothing | Source::Peer => false,
        };
        if wants && !std::mem::replace(&mut session.is_paced, true) {
            self.wheel.add(now, id);
        }
    }

    /// Sends what is due, and looks for legs that have fallen silent; `chance` gives random numbers.
    pub(crate) fn handle_timeout(&mut self, now: Instant, chance: &mut dyn FnMut() -> u64) {
        self.send_reports(now, &mut || high(chance()));
        let mut wheel = std::mem::replace(&mut self.wheel, Wheel::new());
        wheel.turn(now, |id| self.send_frame(now, id));
        self.wheel = wheel;
        if now.saturating_since(self.swept) >= SWEEP {
            self.swept = now;
            for _ in 0..self.recorder.write(now) {
                self.refused.count(Refused::Recording);
            }
            self.sweep(now);
        }
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let sweep = (self.len() > 0).then(|| self.swept + SWEEP);
        let due = [self.wheel.next_timeout(), self.reports.next_timeout(), sweep];
        due.into_iter().flatten().min()
    }

    /// What was heard next.
    pub(crate) fn poll_said(&mut self) -> Option<Said> {
        self.said.pop_front()
    }

    /// Sends a leg's next frame; returns whether there will be another.
    fn send_frame(&mut self, now: Instant, id: MediaId) -> bool {
        let Some((_, Some(session))) =
            self.slots.get_mut(id.slot as usize).filter(|(age, _)| *age == id.age)
        else {
            return false;
        };
        if session.awaits_ack {
            return true;
        }
        let target = session.target();
        // Where nobody hears it yet time goes on all the same.
        let codec = target.map_or(Codec::Pcma, |(_, agreed)| agreed.codec.codec);
        let mut ended = None;
        let frame = match &mut session.source {
            Source::Nothing | Source::Peer => {
                session.is_paced = false;
                return false;
            }
            Source::Silence { .. } => &silence(codec)[..],
            Source::Voice(playing) => {
                ended = playing.end.filter(|_| playing.is_last());
                playing.next_frame(codec).unwrap_or(silence(codec))
            }
        };
        if let Some((target, agreed)) = target {
            let header = session.outgoing.frame(now, agreed.codec.payload_type, FRAME);
            self.outbox.push_frame(session.port.number, target, header, frame);
        }
        if let Some(step) = ended {
            self.said.push_back(Said::PlayEnded(session.owner, step));
            session.outgoing.change();
            session.source = Source::Silence { once_heard: false };
        }
        true
    }

    /// LIVE policy 7: the time-out counts from the first packet and sleeps while the peer holds.
    fn sweep(&mut self, now: Instant) {
        for (_, session) in &mut self.slots {
            let Some(session) = session else { continue };
            let Some(heard) = session.heard else { continue };
            if session.is_held() {
                session.heard = Some(now);
            } else if !session.is_lost && now.saturating_since(heard) >= self.timeout {
                session.is_lost = true;
                self.said.push_back(Said::Lost(session.owner));
            }
        }
    }
}

/// Half of a random number.
fn high(number: u64) -> u32 {
    u32::try_from(number >> 32).expect("32 bits are left")
}

/// The key in the body of an INFO, as an ASCII character.
pub(crate) fn info_digit(request: &sip::message::Kept) -> Option<u8> {
    let message = request.message();
    let kind = message.first(sip::message::Name::ContentType)?;
    let (digit, _) = sip::dtmf::info::read(kind, message.body()).ok()?;
    Some(key(digit))
}

/// A key as an ASCII character.
pub(crate) fn key(digit: Digit) -> u8 {
    u8::try_from(digit.to_char()).expect("keys are ASCII")
}

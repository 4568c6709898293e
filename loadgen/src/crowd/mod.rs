//! The callers of one thread: what each does next, and what came of it. Sans-IO.
//!
//! ```text
//! message, time ─► Crowd ─► endpoint ─► events ─► expect ─► steps ─► endpoint ─► messages
//!                     └─► tally: every fact, once
//! ```
//!
//! A call is due by the seed alone, takes the steps of the flow one after the other, and is over when its last message is.
//! Moments are those of the kernel where something came, and of the owner's clock where something was sent.

mod call;
mod events;
mod expect;
mod fill;
mod steps;

use crate::arrivals::Arrivals;
use crate::media::Studio;
use crate::plan::Plan;
use crate::wheel::Wheel;
use call::{Call, Verdict, Wait};
use chance::{Chance, Purpose, Sampler, Stream};
use live::{Outbox, Ports};
use reports::traffic::{Tally, TrafficFact};
use scenarios::traffic::{Shape, Step};
use sip::endpoint::{Endpoint, Ping, Settings, Usage};
use sip::flow::Flow;
use sip::{Duration, Instant};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// Most calls started before the wire has its turn: what is sent is stamped before it is.
const STARTS_MAX: usize = 32;

/// A call that is later than this is not started any more: it would be another load than the one that was asked for.
const LATE_MAX: Duration = Duration::from_secs(1);

/// How a draw for a step is addressed: no contact of a scenario has these groups.
const STEPS: u32 = u32::MAX - 0xFFFF;

/// One of our sockets, or a connection.
#[derive(Debug, Clone)]
pub struct Line {
    /// The way to the target.
    pub flow: Flow,
    /// Our address on it, as it stands in messages.
    pub local: SocketAddr,
    /// Where we receive audio.
    pub audio: SocketAddr,
}

/// A line with what calls on it say of themselves.
#[derive(Debug)]
struct Place {
    flow: Flow,
    local: String,
    from: Vec<u8>,
    audio: SocketAddr,
}

/// Where calls come from.
#[derive(Debug)]
enum Source {
    Open(Arrivals),
    Closed { between: Sampler, stream: Stream },
}

/// How much is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Going {
    /// Calls that are not over.
    pub calls: usize,
    /// Calls started so far.
    pub placed: u64,
    /// Calls that were not started because the generator was too late for them.
    pub late: u64,
    /// Whether no call will start any more.
    pub is_over: bool,
    /// How long nothing has come while calls went on.
    pub unheard: Duration,
}

/// The callers of one thread.
pub struct Crowd {
    plan: Arc<Plan>,
    /// Which of the threads' it is.
    shard: usize,
    endpoint: Endpoint,
    start: Instant,
    source: Source,
    places: Vec<Place>,
    next_place: usize,
    calls: Vec<Option<Call>>,
    free: Vec<u32>,
    /// Calls that are not over, callers at rest left out.
    going: usize,
    placed: u64,
    late: u64,
    is_over: bool,
    /// When something came last, or the first call began that nothing has come for.
    heard: Instant,
    by_leg: Vec<u32>,
    by_enrolment: Vec<u32>,
    by_ping: BTreeMap<Ping, u32>,
    wheel: Wheel,
    due: Vec<u32>,
    pauses: Vec<Option<(Sampler, Stream)>>,
    rows: Stream,
    tally: Tally,
    sdp: Vec<u8>,
    studio: Studio,
}

/// What comes in, and what goes out.
impl Crowd {
    /// Makes the callers of one thread. `audio` gives ports to flows with audio, `tokens` unpredictable numbers: for SIP
    /// and for audio.
    ///
    /// # Panics
    /// Without a line.
    #[must_use]
    pub fn new(
        plan: Arc<Plan>,
        shard: usize,
        lines: &[Line],
        audio: Option<Box<dyn Ports>>,
        tokens: [Box<dyn FnMut() -> u64 + Send>; 2],
    ) -> Self {
        assert!(!lines.is_empty(), "calls go by a line");
        let mut settings = Settings { legs_max: usize::MAX / 2, ..Settings::default() };
        settings.session.expires = None;
        settings.transactions.transactions_max = TRANSACTIONS_MAX;
        settings.transactions.tells_repeats = true;
        let [sip_tokens, audio_tokens] = tokens;
        let mut endpoint = Endpoint::new(settings, sip_tokens);
        let places: Vec<Place> = lines.iter().map(place).collect();
        for line in lines {
            endpoint.bind(line.flow.socket, line.local);
        }
        let chance = Chance::new(plan.traffic.seed, 0);
        let pauses = plan.traffic.flow.iter().enumerate().map(|(number, step)| match step {
            Step::Pause(law) => {
                let group = STEPS + u32::try_from(number).expect("flows are short");
                Some((law.sampler(), chance.stream(Purpose::Talk, group)))
            }
            Step::Send(_)
            | Step::Expect(_)
            | Step::Digits { .. }
            | Step::Play { .. }
            | Step::Goto(_)
            | Step::End { .. } => None,
        });
        let (traffic, pauses) = (&plan.traffic, pauses.collect());
        let source = match &traffic.shape {
            Shape::Open { profile, gaps } => {
                Source::Open(Arrivals::new(profile, *gaps, traffic.seed))
            }
            Shape::Closed { between, .. } => Source::Closed {
                between: between.sampler(),
                stream: chance.stream(Purpose::RedialDelay, STEPS),
            },
        };
        Self {
            shard,
            endpoint,
            start: Instant::default(),
            source,
            places,
            next_place: 0,
            calls: Vec::new(),
            free: Vec::new(),
            going: 0,
            placed: 0,
            late: 0,
            is_over: false,
            heard: Instant::default(),
            by_leg: Vec::new(),
            by_enrolment: Vec::new(),
            by_ping: BTreeMap::new(),
            wheel: Wheel::default(),
            due: Vec::new(),
            pauses,
            rows: chance.stream(Purpose::Choice, STEPS),
            tally: Tally::new(),
            sdp: Vec::new(),
            studio: Studio::new(audio, plan.policy.clone(), plan.voices.clone(), audio_tokens),
            plan,
        }
    }

    /// Lets the run begin: arrivals count from now.
    pub fn begin(&mut self, now: Instant) {
        self.start = now;
        let Shape::Closed { callers, .. } = self.plan.traffic.shape else {
            return self.skip_others();
        };
        let (shard, shards) = (self.shard as u64, self.plan.shards as u64);
        for caller in (0..u64::from(callers)).filter(|caller| caller % shards == shard) {
            // Spread over a second: together they would be a spike nobody asked for.
            let spread = Duration::from_secs(1).mul_f64(caller as f64 / f64::from(callers));
            let id = self.insert(Call::new(0, now, 0));
            self.rest(id, now + spread);
        }
    }

    /// Takes a message that came at a moment.
    pub fn handle_message(&mut self, at: Instant, flow: Flow, bytes: &[u8]) {
        self.heard = self.heard.max(at);
        self.endpoint.handle_message(at, flow, bytes);
        self.settle(at);
    }

    /// Takes the news that a flow does not work.
    pub fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.endpoint.handle_unreachable(now, flow);
        self.settle(now);
    }

    /// Fires what is due: the protocol's timers, calls' deadlines, new calls.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.endpoint.next_timeout().is_some_and(|due| due <= now) {
            self.endpoint.handle_timeout(now);
            self.settle(now);
        }
        let mut due = std::mem::take(&mut self.due);
        self.wheel.turn(now, &mut due);
        for id in due.drain(..) {
            self.wake(now, id);
        }
        self.due = due;
        if self.studio.next_timeout().is_some_and(|due| due <= now) {
            self.studio.handle_timeout(now);
        }
        self.start_due(now);
        self.settle(now);
    }

    /// When [`Self::handle_timeout`] is to be called next.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let all = [
            self.endpoint.next_timeout(),
            self.wheel.next_timeout(),
            self.studio.next_timeout(),
            self.next_start(),
        ];
        all.into_iter().flatten().min()
    }

    /// The next message to send: its bytes replace those of `buffer`.
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        self.endpoint.poll_transmit(buffer)
    }

    /// Takes a datagram that came to an audio port.
    pub fn handle_audio(&mut self, at: Instant, port: u32, from: SocketAddr, datagram: &[u8]) {
        self.studio.handle(at, port, from, datagram);
    }

    /// The packets of audio to send; to be cleared by whoever sends them.
    pub fn packets(&mut self) -> &mut Outbox {
        self.studio.packets()
    }

    /// How late frames of audio were sent in this share of cases; `None` without audio.
    #[must_use]
    pub fn audio_lateness(&self, share: f64) -> Option<Duration> {
        self.studio.lateness(share)
    }

    /// Multiplies the rate of an open model from now on; zero pauses it.
    pub fn scale(&mut self, now: Instant, factor: f64) {
        if let Source::Open(arrivals) = &mut self.source {
            arrivals.scale(now.saturating_since(self.start), factor);
        }
    }

    /// Starts no more calls.
    pub fn stop(&mut self) {
        self.is_over = true;
        for id in 0..self.calls.len() as u32 {
            if self.call(id).is_some_and(|call| call.wait == Wait::Resting) {
                self.remove(id);
            }
        }
    }

    /// Hangs up every call, and starts no more.
    pub fn hang_up_all(&mut self, now: Instant) {
        self.stop();
        for id in 0..self.calls.len() as u32 {
            if self.calls[id as usize].is_some() {
                self.leave(now, id, Verdict::Stopped);
            }
        }
        self.settle(now);
    }

    /// How much is going on at a moment.
    #[must_use]
    pub fn going(&self, now: Instant) -> Going {
        Going {
            calls: self.going,
            placed: self.placed,
            late: self.late,
            is_over: self.is_over,
            unheard: now.saturating_since(self.heard),
        }
    }

    /// What the endpoint holds.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.endpoint.usage()
    }

    /// Takes what was counted since it was taken last.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }
}

/// Most transactions at once, those that only wait for late messages included: half a minute of 30,000 calls a second.
const TRANSACTIONS_MAX: usize = 1 << 22;

fn place(line: &Line) -> Place {
    let local = line.local.to_string();
    let from = format!("<sip:callstorm@{local}>").into_bytes();
    Place { flow: line.flow, local, from, audio: line.audio }
}

/// From the moment it is due to the end of its last message.
impl Crowd {
    fn next_start(&self) -> Option<Instant> {
        let Source::Open(arrivals) = &self.source else { return None };
        let at = arrivals.next().filter(|at| *at < self.plan.length && !self.is_over)?;
        Some(self.start + at)
    }

    /// Whether the arrival that is next is another thread's.
    fn skip_others(&mut self) {
        let (shard, shards) = (self.shard as u64, self.plan.shards as u64);
        if let Source::Open(arrivals) = &mut self.source {
            while arrivals.count() % shards != shard {
                arrivals.take();
            }
        }
    }

    /// Starts the calls of an open model that are due.
    fn start_due(&mut self, now: Instant) {
        for _ in 0..STARTS_MAX {
            let Some(intended) = self.next_start().filter(|at| *at <= now) else { break };
            let Source::Open(arrivals) = &mut self.source else { break };
            let number = arrivals.count() + 1;
            arrivals.take();
            self.skip_others();
            if self.plan.calls.is_some_and(|most| number > most) {
                self.is_over = true;
                break;
            }
            let is_late = now.saturating_since(intended) > LATE_MAX;
            self.late += u64::from(is_late);
            if is_late || self.going >= self.plan.calls_max.div_ceil(self.plan.shards) {
                self.tally.record(&TrafficFact::Missed);
                continue;
            }
            let id = self.insert(Call::new(number, intended, 0));
            self.begin_call(now, id);
        }
        let has_ended = now.saturating_since(self.start) >= self.plan.length;
        let has_more = match &self.source {
            Source::Open(arrivals) => arrivals.next().is_some() || self.is_paused(),
            Source::Closed { .. } => true,
        };
        if !self.is_over && (has_ended || !has_more) {
            self.stop();
        }
    }

    fn is_paused(&self) -> bool {
        let Source::Open(arrivals) = &self.source else { return false };
        arrivals.is_paused()
    }

    /// Lets a caller of a closed model call (again).
    fn call_again(&mut self, now: Instant, id: u32) {
        let shards = self.plan.shards as u64;
        let number = self.placed * shards + self.shard as u64 + 1;
        if self.is_over || self.plan.calls.is_some_and(|most| number > most) {
            self.is_over = true;
            return self.remove(id);
        }
        self.calls[id as usize] = Some(Call::new(number, now, 0));
        self.begin_call(now, id);
    }

    fn begin_call(&mut self, now: Instant, id: u32) {
        if self.going == 0 {
            self.heard = self.heard.max(now);
        }
        self.going += 1;
        self.placed += 1;
        let line = self.next_place;
        self.next_place = (line + 1) % self.places.len();
        if let Some(call) = self.call(id) {
            (call.line, call.sent) = (line, now);
        }
        self.run(now, id);
    }

    fn insert(&mut self, call: Call) -> u32 {
        if let Some(id) = self.free.pop() {
            self.calls[id as usize] = Some(call);
            return id;
        }
        self.calls.push(Some(call));
        u32::try_from(self.calls.len() - 1).expect("calls at once are limited")
    }

    fn call(&mut self, id: u32) -> Option<&mut Call> {
        self.calls.get_mut(id as usize)?.as_mut()
    }

    fn remove(&mut self, id: u32) {
        self.wheel.clear(id);
        if let Some(call) = self.calls[id as usize].take() {
            self.going -= usize::from(call.wait != Wait::Resting);
            self.free.push(id);
        }
    }

    fn rest(&mut self, id: u32, until: Instant) {
        if let Some(call) = self.call(id) {
            call.wait = Wait::Resting;
            self.wheel.set(id, until);
        }
    }

    /// The steps of a call are over: hangs up what is still up.
    fn leave(&mut self, now: Instant, id: u32, verdict: Verdict) {
        self.wheel.clear(id);
        let Some(call) = self.call(id) else { return };
        call.wait = Wait::Leaving(verdict);
        call.is_withdrawn |= verdict == Verdict::Stopped;
        if let Some(enrolment) = call.enrolment.take() {
            self.endpoint.forget_registration(enrolment);
        }
        let Some(call) = self.call(id) else { return };
        let Some(leg) = call.leg else { return self.finish(now, id, verdict) };
        call.hung_up.get_or_insert(now);
        // A leg that is ending already needs no second word.
        let _ = self.endpoint.hang_up(now, leg, &[]);
    }

    /// A call is over.
    fn finish(&mut self, now: Instant, id: u32, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.tally.record(&TrafficFact::Passed),
            Verdict::Spoilt => self.tally.record(&TrafficFact::Spoilt),
            Verdict::Stopped => {}
        }
        if let Some(ping) = self.call(id).and_then(|call| call.ping.take()) {
            self.by_ping.remove(&ping);
        }
        let Source::Closed { between, stream } = &self.source else { return self.remove(id) };
        if self.is_over {
            return self.remove(id);
        }
        let number = self.calls[id as usize].as_ref().map_or(0, |call| call.number);
        let pause = between.sample(&mut stream.draw(number)).max(0.0);
        self.going -= 1;
        self.rest(id, now + seconds(pause));
    }
}

/// A drawn number of seconds as a time, at most a year: nobody waits longer.
fn seconds(drawn: f64) -> Duration {
    Duration::from_secs_f64(drawn.clamp(0.0, 365.0 * 86_400.0))
}

//! The telephones' signalling: agents who register, sign in and answer, callers who call, all behind one socket.

use super::scenario::extension;
use core::net::{IpAddr, SocketAddr};
use sip::endpoint::{Credentials, Dial, Endpoint, Enrol, Event, Leg, Settings, Standing};
use sip::flow::{Flow, Transport};
use sip::message::Kept;
use sip::net::{Clock, Inbox, Interest, Outbox, Poller, Token, Udp, UdpOptions};
use sip::sdp;
use sip::sdp::negotiate::{Codec, Local, write_answer, write_offer};
use sip::{Duration, Instant};
use std::hash::{BuildHasher, RandomState};
use std::io;

/// How many requests of the preparation may be unanswered.
const AT_ONCE: usize = 20;

/// How long the preparation may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The end of the world of a registration.
const REGISTERED: Duration = Duration::from_secs(3600);

/// Why the telephones are not all up.
#[derive(Debug, thiserror::Error)]
pub enum NotUp {
    /// A socket broke.
    #[error("the network failed: {0}")]
    Network(#[from] io::Error),
    /// Something did not happen in time, or was refused.
    #[error("{done} of {wanted} {what} within {} s; the last refusal: {refusal}", PATIENCE.as_secs())]
    Late {
        /// What was waited for.
        what: &'static str,
        /// How many there were.
        done: usize,
        /// How many there should be.
        wanted: usize,
        /// The last status that was no success, or 0.
        refusal: u16,
    },
}

/// All telephones.
pub struct Phones {
    clock: Clock,
    poller: Poller,
    udp: Udp,
    endpoint: Endpoint,
    inbox: Inbox,
    outbox: Outbox,
    flow: Flow,
    /// Where callers and agents receive audio.
    audio: [SocketAddr; 2],
    registered: usize,
    signed_in: usize,
    ended: usize,
    refusal: u16,
    /// The legs of callers that are up, and where their audio goes.
    callers: Vec<(Leg, SocketAddr)>,
    /// Likewise of agents.
    agents: Vec<(Leg, SocketAddr)>,
    /// Codes being dialled; their legs end by themselves.
    codes: Vec<Leg>,
}

impl Phones {
    /// Opens the socket towards the process under measurement.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn open(clock: Clock, target: SocketAddr, audio: [SocketAddr; 2]) -> io::Result<Self> {
        let options = UdpOptions { receive_buffer: Some(4 << 20), ..UdpOptions::default() };
        let udp = Udp::bind(SocketAddr::new(audio[0].ip(), 0), &options)?;
        let poller = Poller::new()?;
        poller.add(&udp, Token(0), Interest::Read)?;
        // Seeded by the operating system, as tags and branches must be.
        let (chance, mut asked) = (RandomState::new(), 0_u64);
        let mut endpoint = Endpoint::new(Settings::default(), move || {
            asked += 1;
            chance.hash_one(asked)
        });
        endpoint.bind(0, udp.local_addr());
        Ok(Self {
            clock,
            poller,
            udp,
            endpoint,
            inbox: Inbox::new(64, 65_536),
            outbox: Outbox::new(4 << 20),
            flow: Flow { transport: Transport::Udp, socket: 0, remote: target },
            audio,
            registered: 0,
            signed_in: 0,
            ended: 0,
            refusal: 0,
            callers: Vec::new(),
            agents: Vec::new(),
            codes: Vec::new(),
        })
    }

    /// Registers and signs in so many agents, then lets as many callers call; returns where the audio of the callers and
    /// of the agents goes.
    ///
    /// # Errors
    /// [`NotUp`].
    pub fn bring_up(
        &mut self,
        calls: usize,
        password: &[u8],
    ) -> Result<[Vec<SocketAddr>; 2], NotUp> {
        let begin = |phones: &mut Self, agent| phones.register(agent, password);
        self.one_after_the_other("registrations", calls, |phones| phones.registered, begin)?;
        let sign_in = |phones: &mut Self, agent: usize| {
            let leg = phones.dial("*11", &extension(agent), phones.audio[1]);
            phones.codes.extend(leg);
        };
        self.one_after_the_other("sign-ins", calls, |phones| phones.signed_in, sign_in)?;
        let call = |phones: &mut Self, _| {
            phones.dial("100", "caller", phones.audio[0]);
        };
        let talks = |phones: &Self| phones.callers.len().min(phones.agents.len());
        self.one_after_the_other("bridged calls", calls, talks, call)?;
        let targets = |legs: &[(Leg, SocketAddr)]| legs.iter().map(|(_, to)| *to).collect();
        Ok([targets(&self.callers), targets(&self.agents)])
    }

    /// Hangs up and waits until every leg is over.
    ///
    /// # Errors
    /// [`NotUp`], when some are left, or one had ended before.
    pub fn hang_up(&mut self) -> Result<(), NotUp> {
        let (callers, agents) = (self.callers.len(), self.agents.len());
        self.turn()?;
        // The dialled codes' legs have ended and no other.
        let gone = self.ended.saturating_sub(self.codes.len());
        if gone > 0 {
            let (what, wanted, refusal) = ("legs still up", callers + agents, self.refusal);
            return Err(NotUp::Late { what, done: wanted.saturating_sub(gone), wanted, refusal });
        }
        for (leg, _) in std::mem::take(&mut self.callers) {
            // One that has ended already is gone.
            let _ = self.endpoint.hang_up(self.clock.now(), leg, &[]);
        }
        self.ended = 0;
        self.until("ended legs", callers + agents, |phones| phones.ended)
    }

    /// Does something for each of `count`, a few at a time, until all is done.
    fn one_after_the_other(
        &mut self,
        what: &'static str,
        count: usize,
        done: impl Fn(&Self) -> usize,
        mut begin: impl FnMut(&mut Self, usize),
    ) -> Result<(), NotUp> {
        for next in 0..count {
            begin(self, next);
            self.until(what, (next + 1).saturating_sub(AT_ONCE), &done)?;
        }
        self.until(what, count, done)
    }

    fn until(
        &mut self,
        what: &'static str,
        wanted: usize,
        done: impl Fn(&Self) -> usize,
    ) -> Result<(), NotUp> {
        let end = self.clock.now() + PATIENCE;
        loop {
            self.turn()?;
            let done = done(self);
            if done >= wanted {
                return Ok(());
            }
            if self.clock.now() >= end {
                return Err(NotUp::Late { what, done, wanted, refusal: self.refusal });
            }
        }
    }

    /// Sends what is to be sent, waits a moment at most, and takes what came.
    fn turn(&mut self) -> io::Result<()> {
        self.send();
        let soon = self.clock.now() + Duration::from_millis(5);
        let until = self.endpoint.next_timeout().map_or(soon, |due| due.min(soon));
        self.poller.wait(&self.clock, Some(until), &mut Vec::new())?;
        self.udp.receive(&self.clock, &mut self.inbox, 64)?;
        for datagram in self.inbox.iter_mut() {
            let flow = Flow { remote: datagram.from, ..self.flow };
            self.endpoint.handle_message(datagram.at, flow, datagram.bytes);
        }
        let now = self.clock.now();
        self.endpoint.handle_timeout(now);
        while let Some(event) = self.endpoint.poll_event() {
            self.hear(now, event);
        }
        self.send();
        Ok(())
    }

    fn send(&mut self) {
        let mut message = Vec::new();
        while let Some(flow) = self.endpoint.poll_transmit(&mut message) {
            self.outbox.push(flow.remote, &[&message]);
        }
        self.udp.flush(&self.clock, &mut self.outbox);
    }

    fn register(&mut self, agent: usize, password: &[u8]) {
        let user = extension(agent);
        let address = format!("<sip:{user}@127.0.0.1>");
        let enrol = Enrol {
            flow: self.flow,
            registrar: b"sip:127.0.0.1",
            address: address.as_bytes(),
            contact_user: user.as_bytes(),
            headers: &[],
            expires: REGISTERED,
            credentials: Some(Credentials::new(user.as_bytes(), password)),
        };
        self.endpoint.register(self.clock.now(), &enrol).expect("the endpoint has room");
    }

    fn dial(&mut self, number: &str, from: &str, audio: SocketAddr) -> Option<Leg> {
        let mut offer = Vec::new();
        write_offer(&local(audio), &mut offer);
        let remote = self.flow.remote;
        let uri = format!("sip:{number}@{remote}");
        let (caller, called) = (format!("<sip:{from}@{remote}>"), format!("<{uri}>"));
        let dial = Dial {
            flow: self.flow,
            uri: uri.as_bytes(),
            from: caller.as_bytes(),
            to: called.as_bytes(),
            contact_user: from.as_bytes(),
            routes: &[],
            headers: &[],
            sdp: Some(&offer),
            credentials: None,
        };
        self.endpoint.dial(self.clock.now(), &dial).ok()
    }

    fn hear(&mut self, now: Instant, event: Event) {
        match event {
            Event::Registration { state: Standing::Registered(_), .. } => self.registered += 1,
            Event::Registration { state: Standing::Failed(status), .. } => self.refusal = status,
            Event::Incoming { leg, request, .. } => {
                if let Some(to) = self.answer(now, leg, &request) {
                    self.agents.push((leg, to));
                }
                self.endpoint.recycle(request);
            }
            Event::Answered { leg, response } => {
                if self.codes.contains(&leg) {
                    self.signed_in += 1;
                } else if let Some(to) = audio_of(&response) {
                    self.callers.push((leg, to));
                }
                self.endpoint.recycle(response);
            }
            Event::Ended { why, .. } => {
                self.ended += 1;
                if let sip::endpoint::End::Refused(status) = why {
                    self.refusal = status;
                }
            }
            Event::NoAck { leg } => {
                let _ = self.endpoint.hang_up(now, leg, &[]);
            }
            Event::Progress { .. }
            | Event::Acknowledged { .. }
            | Event::Change { .. }
            | Event::ChangeWithdrawn { .. }
            | Event::ChangeAnswered { .. }
            | Event::ChangeRefused { .. }
            | Event::RefreshDue { .. }
            | Event::Info { .. }
            | Event::InfoAnswered { .. }
            | Event::Refer { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Registration { state: Standing::Removed, .. }
            | Event::Pong { .. } => {}
        }
    }

    /// An agent answers at once; returns where his audio goes.
    fn answer(&mut self, now: Instant, leg: Leg, invite: &Kept) -> Option<SocketAddr> {
        let offer = sdp::Session::parse(invite.sdp()?).ok()?;
        let mut answer = Vec::new();
        let agreed = write_answer(&offer, &local(self.audio[1]), &mut answer).ok()?;
        self.endpoint.answer(now, leg, &answer).ok()?;
        agreed.remote
    }
}

fn local(address: SocketAddr) -> Local<'static> {
    Local {
        address,
        codecs: &[Codec::Pcma],
        event_payload_type: 101,
        session_id: 1,
        version: 1,
        direction: sdp::Direction::SendRecv,
    }
}

fn audio_of(response: &Kept) -> Option<SocketAddr> {
    let session = sdp::Session::parse(response.sdp()?).ok()?;
    let audio = session.audio().ok()?;
    audio.address
}

/// The address of a host at a free port.
pub fn any_port(ip: IpAddr) -> SocketAddr {
    SocketAddr::new(ip, 0)
}

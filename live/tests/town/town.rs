//! The town: an exchange, peers who are SIP endpoints of their own, and the line between them.

use crate::checker::checker;
use live::reach::{Caps, Policy};
use live::{Channel, Exchange, Finished, Load, Means, Options, Packet, Port, Ports};
use scenarios::Scenario;
use sip::endpoint::{Credentials, Dial, Endpoint, Enrol, Event, Leg, Registration, Settings};
use sip::flow::{Flow, Transport};
use sip::lint::Lint;
use sip::{Duration, Instant};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

/// How bad the line is, in thousandths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Badness {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) delay_max: Duration,
}

/// SplitMix64: the same numbers for the same seed.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

pub(crate) fn numbers(seed: u64) -> impl FnMut() -> u64 + Send + 'static {
    let mut numbers = Numbers(seed);
    move || numbers.next()
}

/// Where an audio port of the exchange is.
fn port_address(number: u32) -> SocketAddr {
    address(20_000 + 2 * number as u16)
}

/// Ports that exist as numbers only.
struct Counted {
    next: u32,
    free: Vec<u32>,
}

impl Ports for Counted {
    fn take(&mut self, _peer: IpAddr) -> Option<Port> {
        let number = self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        Some(Port { number, address: port_address(number) })
    }

    fn give_back(&mut self, port: Port) {
        assert!(!self.free.contains(&port.number), "a port is given back once");
        self.free.push(port.number);
    }

    fn taken(&self) -> usize {
        self.next as usize - self.free.len()
    }
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)
}

/// The exchange's address.
pub(crate) fn centre() -> SocketAddr {
    address(5060)
}

/// A file that can be looked at.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("one thread").clone()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that can be looked at and written anywhere.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<io::Cursor<Vec<u8>>>>);

impl Disk {
    /// Both channels of a stereo file.
    pub(crate) fn channels(&self) -> [Vec<i16>; 2] {
        let bytes = self.0.lock().expect("one thread").get_ref().clone();
        let samples = bytes.get(44..).unwrap_or_default().chunks_exact(2);
        let all: Vec<i16> = samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        [0, 1].map(|side| all.iter().skip(side).step_by(2).copied().collect())
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("one thread").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Seek for Disk {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.0.lock().expect("one thread").seek(to)
    }
}

fn call_recordings(disk: Disk) -> live::NewRecording {
    Box::new(move |_| Ok(Box::new(disk.clone()) as Box<dyn live::Medium>))
}

/// Somebody with a telephone.
pub(crate) struct Peer {
    pub(crate) endpoint: Endpoint,
    address: SocketAddr,
    /// Under which user he calls.
    user: String,
    /// What happened to him and was not looked at yet.
    pub(crate) events: VecDeque<Event>,
}

/// A packet of audio that the exchange sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) to: SocketAddr,
    pub(crate) from_port: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) at: Instant,
}

pub(crate) struct Town {
    pub(crate) now: Instant,
    pub(crate) exchange: Exchange,
    pub(crate) peers: Vec<Peer>,
    pub(crate) audio: Vec<Sent>,
    /// Reports on audio, with the socket they left by.
    pub(crate) control: Vec<(Channel, Sent)>,
    pub(crate) events: Paper,
    pub(crate) recording: Paper,
    /// The recording of the last talk.
    pub(crate) wav: Disk,
    badness: Badness,
    /// Peers whom nothing reaches and from whom nothing comes.
    cut: Vec<SocketAddr>,
    chance: Numbers,
    line: BTreeMap<(Instant, u64), (SocketAddr, SocketAddr, Vec<u8>)>,
    sent: u64,
    pub(crate) seed: u64,
    /// What passes at the exchange, held against the RFCs.
    pub(crate) checker: Option<Lint>,
}

/// A scenario of one queue; `more` is appended.
pub(crate) fn scenario(agents: &str, more: &str) -> Scenario {
    let text = format!(
        r#"
schema = 1
title = "A town"
start = "2026-03-02T09:00"
length = "2h"
interval = "30m"
[contact.sales]
queue = "sales"
numbers = ["100"]
arrivals.poisson = {{ rate = "1/h" }}
talk = "60s"
acw = "0s"
patience = "unlimited"
[queue.sales]
routing.longest-idle = {{}}
[agents.desk]
skills = {{ sales = 1 }}
{agents}
{more}
"#
    );
    let loaded = scenarios::load_str("town.toml", &text, &scenarios::LoadOptions::default());
    loaded.unwrap_or_else(|faults| panic!("{}", faults.render(false))).scenario
}

/// Two named agents of the desk, `ana` (201) and `ben` (202).
pub(crate) const NAMED: &str = r#"
count = 2
ring_timeout = "15s"
no_answer = { share = 0, back_off = "10s" }
[live.agent.ana]
group = "desk"
extension = "201"
password_env = "ANA"
keep_alive = "0s"
[live.agent.ben]
group = "desk"
extension = "202"
password_env = "BEN"
keep_alive = "0s"
"#;

impl Town {
    /// Founds a town around a scenario.
    pub(crate) fn new(scenario: &Scenario, robots: bool) -> Self {
        Self::with(scenario, robots, 1, Badness::default())
    }

    pub(crate) fn with(scenario: &Scenario, robots: bool, seed: u64, badness: Badness) -> Self {
        let now = Instant::from_micros(1_000_000);
        let (events, recording) = (Paper::default(), Paper::default());
        let wav = Disk::default();
        let options = Options {
            robots,
            host: "127.0.0.1".to_owned(),
            speed: 1,
            calls_max: 100,
            accepts_ids: false,
            policy: Policy::default(),
            caps: Caps::default(),
            prompts: &|_| Err(io::ErrorKind::NotFound.into()),
            passwords: &|_| Ok(b"secret".to_vec()),
        };
        let means = Means {
            tokens: Box::new(numbers(seed)),
            endpoint_tokens: Box::new(numbers(seed ^ 0xABCD)),
            ports: Box::new(Counted { next: 0, free: Vec::new() }),
            ntp: 3_900_000_000 << 32,
            events: Some(Box::new(events.clone())),
            call_recordings: Some(call_recordings(wav.clone())),
            recording: Some(Box::new(recording.clone())),
        };
        let context = context(scenario);
        let mut exchange =
            Exchange::new(now, scenario, &context, &options, means).expect("it can be served");
        exchange.bind(0, centre());
        exchange.handle_timeout(now);
        let (line, chance) = (BTreeMap::new(), Numbers(seed.wrapping_mul(77)));
        let (peers, audio, control) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            now,
            exchange,
            peers,
            audio,
            control,
            events,
            recording,
            wav,
            badness,
            cut: Vec::new(),
            chance,
            line,
            sent: 0,
            seed,
            checker: Some(checker()),
        }
    }

    /// Somebody moves in; his number is returned.
    pub(crate) fn move_in(&mut self) -> usize {
        let number = self.peers.len();
        let address = address(6000 + number as u16);
        let settings = Settings { legs_max: 100, ..Settings::default() };
        let mut endpoint = Endpoint::new(settings, numbers(1000 + number as u64));
        endpoint.bind(0, address);
        self.peers.push(Peer {
            endpoint,
            address,
            user: "555".to_owned(),
            events: VecDeque::new(),
        });
        number
    }

    /// The way from a peer to the exchange.
    pub(crate) fn flow(&self) -> Flow {
        Flow { transport: Transport::Udp, socket: 0, remote: centre() }
    }

    /// The offer of a peer: A-law and µ-law, audio at his own port plus 1000.
    pub(crate) fn sdp(&self, peer: usize) -> Vec<u8> {
        description(self.audio_of(peer), "0 8 96")
    }

    /// Where a peer receives audio.
    pub(crate) fn audio_of(&self, peer: usize) -> SocketAddr {
        SocketAddr::new(self.peers[peer].address.ip(), self.peers[peer].address.port() + 1000)
    }

    /// A peer calls a number.
    pub(crate) fn dial(&mut self, peer: usize, number: &str) -> Leg {
        let sdp = self.sdp(peer);
        self.dial_with(peer, number, Some(&sdp), None)
    }

    pub(crate) fn dial_with(
        &mut self,
        peer: usize,
        number: &str,
        sdp: Option<&[u8]>,
        credentials: Option<Credentials>,
    ) -> Leg {
        let uri = format!("sip:{number}@127.0.0.1:5060");
        let from = format!("\"Cal\" <sip:{}@town>", self.peers[peer].user);
        let dial = Dial {
            flow: self.flow(),
            uri: uri.as_bytes(),
            from: from.as_bytes(),
            to: b"<sip:100@town>",
            contact_user: b"cal",
            routes: &[],
            headers: &[],
            sdp,
            credentials,
        };
        let leg = self.peers[peer].endpoint.dial(self.now, &dial).expect("room for one more");
        self.collect();
        leg
    }

    /// A telephone registers under an extension.
    pub(crate) fn register(&mut self, peer: usize, extension: &str) -> Registration {
        let address = format!("<sip:{extension}@127.0.0.1>");
        let enrol = Enrol {
            flow: self.flow(),
            registrar: b"sip:127.0.0.1",
            address: address.as_bytes(),
            contact_user: extension.as_bytes(),
            headers: &[],
            expires: Duration::from_secs(3000),
            credentials: Some(Credentials::new(extension.as_bytes(), b"secret")),
        };
        self.peers[peer].user = extension.to_owned();
        let registration = self.peers[peer].endpoint.register(self.now, &enrol).expect("room");
        self.pass_millis(100);
        registration
    }

    /// An agent's telephone moves in, registers and signs in.
    pub(crate) fn agent(&mut self, extension: &str) -> usize {
        let peer = self.move_in();
        self.register(peer, extension);
        self.dial(peer, "*11");
        self.pass_millis(100);
        self.peers[peer].events.clear();
        peer
    }

    /// The leg that rings at a peer, if one does.
    pub(crate) fn rings(&mut self, peer: usize) -> Option<Leg> {
        let events = std::mem::take(&mut self.peers[peer].events);
        let mut legs = events.into_iter().filter_map(|event| match event {
            Event::Incoming { leg, .. } => Some(leg),
            _ => None,
        });
        legs.next()
    }

    /// A peer answers.
    pub(crate) fn answer(&mut self, peer: usize, leg: Leg) {
        let sdp = description(self.audio_of(peer), "8 101");
        self.peers[peer].endpoint.answer(self.now, leg, &sdp).expect("it rings");
        self.collect();
    }

    /// A peer hangs up, or gives up before the answer.
    pub(crate) fn hang_up(&mut self, peer: usize, leg: Leg) {
        self.peers[peer].endpoint.hang_up(self.now, leg, &[]).expect("the leg is up");
        self.collect();
    }

    /// A peer sends audio, or anything else, to a port of the exchange.
    pub(crate) fn speak(&mut self, from: SocketAddr, port: u32, mut packet: Vec<u8>) {
        self.passes(from, port_address(port), &packet);
        self.exchange.handle_audio(self.now, port, from, &mut packet);
        self.exchange.work(self.now);
        self.collect();
    }

    pub(crate) fn pass_millis(&mut self, millis: u64) {
        self.pass(Duration::from_millis(millis));
    }

    /// Lets time pass; everybody does what is due.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.collect();
        while let Some(due) = self.next().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.deliver();
            if self.exchange.next_timeout() <= self.now {
                self.exchange.handle_timeout(self.now);
            }
            for peer in &mut self.peers {
                if peer.endpoint.next_timeout().is_some_and(|due| due <= self.now) {
                    peer.endpoint.handle_timeout(self.now);
                }
            }
            self.collect();
        }
        self.now = end;
    }

    fn next(&self) -> Option<Instant> {
        let line = self.line.keys().next().map(|(due, _)| *due);
        let peers = self.peers.iter().filter_map(|peer| peer.endpoint.next_timeout());
        peers.chain(line).chain([self.exchange.next_timeout()]).min()
    }

    fn deliver(&mut self) {
        while let Some(first) = self.line.first_entry() {
            if first.key().0 > self.now {
                break;
            }
            let (from, to, bytes) = first.remove();
            let flow = Flow { transport: Transport::Udp, socket: 0, remote: from };
            if to == centre() {
                self.passes(from, to, &bytes);
                self.exchange.handle_message(self.now, flow, &bytes);
                self.exchange.work(self.now);
            } else if let Some(peer) = self.peers.iter_mut().find(|peer| peer.address == to) {
                peer.endpoint.handle_message(self.now, flow, &bytes);
            }
            self.collect();
        }
    }

    /// Puts on the line what everybody has to send.
    pub(crate) fn collect(&mut self) {
        let mut buffer = Vec::new();
        while let Some(flow) = self.exchange.poll_transmit(&mut buffer) {
            self.passes(centre(), flow.remote, &buffer);
            self.put(centre(), flow.remote, &buffer);
        }
        let packets = self.exchange.packets();
        let mut heard = Vec::new();
        for packet in packets.packets() {
            let Packet { to, port: from_port, channel, bytes } = packet;
            let sent = Sent { to, from_port, bytes: bytes.to_vec(), at: self.now };
            match channel {
                Channel::Audio if !sip::rtp::is_rtcp(bytes) => heard.push(sent),
                Channel::Audio | Channel::Control => self.control.push((channel, sent)),
            }
        }
        packets.clear();
        for packet in &heard {
            self.passes(port_address(packet.from_port), packet.to, &packet.bytes);
        }
        self.audio.extend(heard);
        for peer in 0..self.peers.len() {
            while let Some(flow) = self.peers[peer].endpoint.poll_transmit(&mut buffer) {
                let from = self.peers[peer].address;
                self.put(from, flow.remote, &buffer);
            }
            while let Some(event) = self.peers[peer].endpoint.poll_event() {
                self.peers[peer].events.push_back(event);
            }
        }
    }

    /// Cuts a peer's wire.
    pub(crate) fn cut(&mut self, peer: usize) {
        self.cut.push(self.peers[peer].address);
    }

    fn put(&mut self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        if self.cut.contains(&from) || self.cut.contains(&to) {
            return;
        }
        let copies = 1 + u64::from(self.chance.below(1000) < self.badness.doubled);
        for _ in 0..copies {
            if self.chance.below(1000) < self.badness.lost {
                continue;
            }
            let most = self.badness.delay_max.as_micros() as u64;
            let delay = Duration::from_micros(100 + self.chance.below(most + 1));
            self.sent += 1;
            self.line.insert((self.now + delay, self.sent), (from, to, bytes.to_vec()));
        }
    }

    /// Everybody goes home; the exchange must hold nothing then. Returns what the run came to.
    pub(crate) fn close(mut self) -> Finished {
        self.exchange.hang_up_all(self.now);
        self.pass(Duration::from_secs(200));
        let Load { endpoint, .. } = self.exchange.load();
        let registered = endpoint.bindings;
        let mut left = self.exchange.load();
        // A registration lives on, and so does its timer.
        left.endpoint.bindings = 0;
        left.endpoint.timers -= registered.min(left.endpoint.timers);
        assert_eq!(left, Load::default(), "something is left; seed {}", self.seed);
        assert!(
            self.exchange.switch().is_empty(),
            "a call is left in the switch; seed {}",
            self.seed
        );
        self.check_rules();
        let (recording, seed) = (self.recording.clone(), self.seed);
        let finished = self.exchange.finish(self.now);
        assert_eq!(finished.laws.broken, Vec::<String>::new(), "seed {seed}");
        repeats(&recording.bytes());
        finished
    }

    /// The names of the events of the switch so far, in order.
    pub(crate) fn told(&mut self) -> Vec<String> {
        self.pass(Duration::from_secs(2));
        let text = String::from_utf8(self.events.bytes()).expect("JSON is text");
        let name =
            |line: &str| line.split("\"event\":\"").nth(1)?.split('"').next().map(str::to_owned);
        text.lines().filter_map(name).collect()
    }
}

/// What was recorded gives the same decisions again.
fn repeats(recording: &[u8]) {
    let mut replay = acd::Replay::new(recording).expect("a recording");
    let mut out = Vec::new();
    while let Some(step) = replay.step(&mut out).expect("a whole recording") {
        assert!(step.agrees, "the replay decides otherwise at {}", step.at);
    }
}

/// A session description.
pub(crate) fn description(audio: SocketAddr, types: &str) -> Vec<u8> {
    let (ip, port) = (audio.ip(), audio.port());
    let event = types.split(' ').next_back().filter(|last| *last != "8" && *last != "0");
    let event = event.map(|pt| format!("a=rtpmap:{pt} telephone-event/8000\r\n"));
    format!(
        "v=0\r\no=- 7 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP {types}\r\n{}",
        event.unwrap_or_default()
    )
    .into_bytes()
}

fn context(scenario: &Scenario) -> reports::Context {
    let queue = |queue: &scenarios::Queue| reports::QueueContext {
        name: queue.name.clone(),
        target: None,
        definition: queue.definition,
        levels: Vec::new(),
        short_abandon: queue.short_abandon,
    };
    let group = |group: &scenarios::Group| reports::GroupContext {
        name: group.name.clone(),
        site: group.site,
    };
    reports::Context {
        mode: "live",
        title: scenario.title.clone(),
        question: String::new(),
        file: scenario.file.clone(),
        hash: scenario.hash.clone(),
        seed: 1,
        start_of_day: scenario.start_of_day,
        start: None,
        length: scenario.length,
        interval: scenario.interval,
        warm_up: acd::Duration::ZERO,
        queues: scenario.queues.iter().map(queue).collect(),
        contacts: scenario.contacts.iter().map(|contact| contact.name.clone()).collect(),
        groups: scenario.groups.iter().map(group).collect(),
        sites: Vec::new(),
        pairs: Vec::new(),
        marks: Vec::new(),
        gate: Vec::new(),
        reproduce: String::new(),
    }
}

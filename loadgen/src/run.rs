//! A run: threads with their callers, and what they report every second.

use crate::crowd::{Crowd, Going, Line};
use crate::media::Voices;
use crate::plan::Plan;
use crate::shell::{AudioPlan, Party, Shell, SocketPlan, Sockets, Vitals};
use live::Outbox as Packets;
use reports::traffic::Tally;
use sip::flow::{Flow, Transport};
use sip::net::{Clock, DropPlan, PortRange, Waker};
use sip::{Duration, Instant};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

/// How often a thread reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// How long the last messages may take after everybody was hung up.
pub const FAREWELL_MAX: Duration = Duration::from_secs(5);

/// Where calls go out.
#[derive(Debug, Clone)]
pub struct Outlets {
    /// Local addresses; calls take them in turn.
    pub sources: Vec<IpAddr>,
    /// Sockets of each address and thread; for TCP, connections.
    pub sockets: usize,
    /// A bad line on purpose.
    pub drop_plan: Option<DropPlan>,
}

/// What a run is told while it goes on.
#[derive(Debug, Default)]
pub struct Control {
    /// Start no more calls.
    stop: AtomicBool,
    /// Hang up on everybody.
    hang_up: AtomicBool,
    /// Factor on the rate, as bits.
    factor: AtomicU64,
}

impl Control {
    fn new() -> Self {
        Self { factor: AtomicU64::new(1_f64.to_bits()), ..Self::default() }
    }

    /// Starts no more calls; those that are up go on.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Hangs up on everybody.
    pub fn hang_up(&self) {
        self.hang_up.store(true, Ordering::Relaxed);
    }

    /// Multiplies the rate of an open model; zero pauses it.
    pub fn scale(&self, factor: f64) {
        self.factor.store(factor.to_bits(), Ordering::Relaxed);
    }

    /// The factor on the rate.
    #[must_use]
    pub fn factor(&self) -> f64 {
        f64::from_bits(self.factor.load(Ordering::Relaxed))
    }
}

/// What a thread tells of a second.
#[derive(Debug)]
pub struct Report {
    /// Which thread.
    pub shard: usize,
    /// The second's end, since the run began.
    pub at: Duration,
    /// What was counted.
    pub tally: Tally,
    /// How much is going on.
    pub going: Going,
    /// How it fares.
    pub vitals: Vitals,
}

/// Threads that place calls.
pub struct Run {
    control: Arc<Control>,
    reports: Receiver<Report>,
    threads: Vec<JoinHandle<io::Result<()>>>,
    wakers: Vec<Waker>,
    addresses: Vec<SocketAddr>,
}

/// Makes unpredictable numbers for each thread.
pub type NewTokens<'a> = &'a dyn Fn() -> Box<dyn FnMut() -> u64 + Send>;

impl Run {
    /// Opens every socket, then lets all threads begin at once.
    ///
    /// # Errors
    /// When a socket cannot be opened; no call was placed then.
    pub fn start(plan: &Arc<Plan>, outlets: &Outlets, tokens: NewTokens<'_>) -> io::Result<Self> {
        let control = Arc::new(Control::new());
        let (sender, reports) = channel();
        let clock = Clock::start();
        let mut shells = Vec::new();
        for shard in 0..plan.shards {
            shells.push(open(plan, outlets, clock, shard, tokens)?);
        }
        let addresses = shells
            .iter_mut()
            .flat_map(|(shell, _)| shell.sockets().addresses().collect::<Vec<_>>());
        let addresses = addresses.collect();
        let wakers = shells.iter().map(|(shell, _)| shell.waker()).collect();
        let gate = Arc::new(Barrier::new(plan.shards));
        let mut threads = Vec::new();
        for (shard, (shell, crowd)) in shells.into_iter().enumerate() {
            let (control, reports) = (Arc::clone(&control), sender.clone());
            let (gate, start) = (Arc::clone(&gate), Instant::default());
            let mut caller = Caller {
                shard,
                crowd,
                control,
                reports,
                start,
                reported: start,
                heeded: 1.0,
                ends_at: None,
            };
            threads.push(std::thread::Builder::new().name(format!("load-{shard}")).spawn(
                move || {
                    let mut shell = shell;
                    gate.wait();
                    caller.begin(clock.now());
                    shell.run(&mut caller)
                },
            )?);
        }
        Ok(Self { control, reports, threads, wakers, addresses })
    }

    /// What the run is told with.
    #[must_use]
    pub fn control(&self) -> &Arc<Control> {
        &self.control
    }

    /// The addresses calls come from.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Waits for the next report; `None` when all threads have ended, `Some(None)` when none came in time.
    #[expect(clippy::option_option, reason = "an end and a wait in vain are two things")]
    pub fn next(&self, within: Duration) -> Option<Option<Report>> {
        match self.reports.recv_timeout(within) {
            Ok(report) => Some(Some(report)),
            Err(RecvTimeoutError::Timeout) => Some(None),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Wakes the threads, so that they heed what they were told.
    pub fn wake(&self) {
        self.wakers.iter().for_each(Waker::wake);
    }

    /// Waits for the threads' ends.
    ///
    /// # Errors
    /// When the sockets of one broke.
    ///
    /// # Panics
    /// When a thread did.
    pub fn join(self) -> io::Result<()> {
        for thread in self.threads {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    }
}

/// Opens one thread's sockets, and makes its callers.
fn open(
    plan: &Arc<Plan>,
    outlets: &Outlets,
    clock: Clock,
    shard: usize,
    tokens: NewTokens<'_>,
) -> io::Result<(Shell, Crowd)> {
    let is_udp = plan.target.transport == Transport::Udp;
    let per_source = if is_udp { outlets.sockets.max(1) } else { 1 };
    let local: Vec<SocketAddr> = (0..per_source)
        .flat_map(|_| outlets.sources.iter().map(|ip| SocketAddr::new(*ip, 0)))
        .collect();
    let audio = match Voices::are_needed(&plan.traffic.flow) {
        true => AudioPlan::Ports(share_of_ports(plan, shard)?),
        false => AudioPlan::Unheard,
    };
    let sockets = SocketPlan { local, drop_plan: outlets.drop_plan, audio };
    let mut shell = Shell::open(clock, &sockets)?;
    let addresses: Vec<SocketAddr> = shell.sockets().addresses().collect();
    let (sink, audio) = (shell.sockets().sink(), shell.sockets().audio());
    let remote = plan.target.address;
    let mut lines = Vec::new();
    if is_udp {
        for (number, local) in addresses.iter().enumerate() {
            let flow = Flow { transport: Transport::Udp, socket: Sockets::socket(number), remote };
            lines.push(Line { flow, local: *local, audio: sink });
        }
    } else {
        for _ in 0..outlets.sockets.max(1) {
            let flow = shell.connect(remote)?;
            lines.push(Line { flow, local: addresses[0], audio: sink });
        }
    }
    let crowd = Crowd::new(Arc::clone(plan), shard, &lines, audio, [tokens(), tokens()]);
    Ok((shell, crowd))
}

/// A thread's part of the ports for audio.
fn share_of_ports(plan: &Plan, shard: usize) -> io::Result<PortRange> {
    let (first, last) = plan.audio_ports;
    let each = usize::from(last.saturating_sub(first)) / plan.shards;
    let from = usize::from(first) + each * shard;
    let text = format!("{from}-{}", from + each);
    text.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// The callers of one thread, and whom they report to.
struct Caller {
    shard: usize,
    crowd: Crowd,
    control: Arc<Control>,
    reports: Sender<Report>,
    start: Instant,
    reported: Instant,
    heeded: f64,
    ends_at: Option<Instant>,
}

impl Caller {
    fn begin(&mut self, now: Instant) {
        (self.start, self.reported) = (now, now);
        self.crowd.begin(now);
    }

    fn heed(&mut self, now: Instant) {
        let factor = self.control.factor();
        if factor.to_bits() != self.heeded.to_bits() {
            self.heeded = factor;
            self.crowd.scale(now, factor);
        }
        if self.control.stop.load(Ordering::Relaxed) {
            self.crowd.stop();
        }
        if self.ends_at.is_none() && self.control.hang_up.load(Ordering::Relaxed) {
            self.crowd.hang_up_all(now);
            self.ends_at = Some(now + FAREWELL_MAX);
        }
    }

    fn report(&mut self, now: Instant, vitals: &Vitals) {
        self.reported = now;
        let mut vitals = vitals.clone();
        vitals.audio_lag = self.crowd.audio_lateness(0.99);
        let report = Report {
            shard: self.shard,
            at: now.saturating_since(self.start),
            tally: self.crowd.take_tally(),
            going: self.crowd.going(now),
            vitals,
        };
        // Nobody reads reports when the run was given up: then the thread ends by itself, too.
        if self.reports.send(report).is_err() {
            self.control.hang_up();
        }
    }
}

impl Party for Caller {
    fn bind(&mut self, _socket: u32, _local: SocketAddr) {}

    fn handle_message(&mut self, at: Instant, flow: Flow, bytes: &[u8]) {
        self.crowd.handle_message(at, flow, bytes);
    }

    fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.crowd.handle_unreachable(now, flow);
    }

    fn handle_audio(&mut self, at: Instant, port: u32, from: SocketAddr, datagram: &[u8]) {
        self.crowd.handle_audio(at, port, from, datagram);
    }

    fn packets(&mut self) -> Option<&mut Packets> {
        Some(self.crowd.packets())
    }

    fn echoes_to(&self, _address: IpAddr) -> bool {
        false
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.crowd.handle_timeout(now);
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.crowd.next_timeout()
    }

    fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        self.crowd.poll_transmit(buffer)
    }

    fn look(&mut self, now: Instant, vitals: &mut Vitals) -> bool {
        self.heed(now);
        let going = self.crowd.going(now);
        let is_done =
            (going.is_over && going.calls == 0) || self.ends_at.is_some_and(|end| now >= end);
        if is_done || now.saturating_since(self.reported) >= REPORT_EVERY {
            self.report(now, vitals);
        }
        is_done
    }
}

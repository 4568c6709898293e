//! [`Answerer`] on sockets: a target to be run by hand, or within a self-test.

use crate::answer::{Answerer, Manners};
use crate::run::FAREWELL_MAX;
use crate::shell::{AudioPlan, Party, Shell, SocketPlan, Sockets, Vitals};
use live::Outbox as Packets;
use live::reach::Policy;
use sip::Instant;
use sip::flow::Flow;
use sip::net::Clock;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A target on a socket.
pub struct Reflector {
    shell: Shell,
    desk: Desk,
    address: SocketAddr,
}

struct Desk {
    answerer: Answerer,
    policy: Policy,
    stop: Arc<AtomicBool>,
    ends_at: Option<Instant>,
}

impl Reflector {
    /// Opens a target at an address, UDP and TCP; port 0 takes a free one. Audio goes back to whom the policy allows.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn open(
        listen: SocketAddr,
        manners: Manners,
        policy: Policy,
        stop: Arc<AtomicBool>,
        tokens: Box<dyn FnMut() -> u64 + Send>,
    ) -> io::Result<Self> {
        let plan = SocketPlan { local: vec![listen], drop_plan: None, audio: AudioPlan::Echo };
        let mut shell = Shell::open(Clock::start(), &plan)?;
        let address = shell.sockets().addresses().next().unwrap_or(listen);
        let answerer =
            Answerer::new(manners, Sockets::socket(0), address, shell.sockets().sink(), tokens);
        Ok(Self { shell, desk: Desk { answerer, policy, stop, ends_at: None }, address })
    }

    /// Where it is reached.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Calls that came.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.desk.answerer.calls()
    }

    /// Answers until it is told to stop; then calls that are up have a few seconds to end.
    ///
    /// # Errors
    /// When the sockets break.
    pub fn run(&mut self) -> io::Result<()> {
        self.shell.run(&mut self.desk)
    }
}

impl Party for Desk {
    fn bind(&mut self, socket: u32, local: SocketAddr) {
        self.answerer.bind(socket, local);
    }

    fn handle_message(&mut self, at: Instant, flow: Flow, bytes: &[u8]) {
        self.answerer.handle_message(at, flow, bytes);
    }

    fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.answerer.handle_unreachable(now, flow);
    }

    fn handle_audio(&mut self, _at: Instant, _port: u32, _from: SocketAddr, _datagram: &[u8]) {}

    fn packets(&mut self) -> Option<&mut Packets> {
        None
    }

    fn echoes_to(&self, address: IpAddr) -> bool {
        self.policy.allows(address)
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.answerer.handle_timeout(now);
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.answerer.next_timeout()
    }

    fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        self.answerer.poll_transmit(buffer)
    }

    fn look(&mut self, now: Instant, _vitals: &mut Vitals) -> bool {
        if self.ends_at.is_none() && self.stop.load(Ordering::Relaxed) {
            self.ends_at = Some(now + FAREWELL_MAX);
        }
        self.ends_at.is_some_and(|end| now >= end || self.answerer.usage().legs == 0)
    }
}

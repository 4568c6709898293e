//! The sockets of one thread.

use super::{Clock, Interest, OUT_MAX, Outbox, Poller, Tcp, TcpLimits, Token, Udp};
use live::Ports;
use live::shell::AudioPorts;
use sip::Instant;
use sip::net::{DropPlan, PortPool, PortRange, UdpOptions};
use std::io;
use std::net::SocketAddr;

/// Room for messages that wait to be read: more than a second of 20,000 calls a second.
const RECEIVE_BUFFER: usize = 16 << 20;

/// The numbers of UDP sockets in their flows; connections have smaller ones.
const FIRST_SOCKET: u32 = 0xFFFF_0000;
/// Tokens: those of UDP sockets, then those of connections.
const FIRST_UDP: u64 = 0;
const FIRST_TCP: u64 = 1 << 17;
pub(super) const SINK: u64 = 1 << 16;

/// Which sockets to open.
#[derive(Debug, Clone)]
pub(crate) struct SocketPlan {
    /// Local addresses of UDP sockets, one each; port 0 takes a free one. At least one: TCP goes out from the first.
    pub(crate) local: Vec<SocketAddr>,
    /// A bad line on purpose.
    pub(crate) drop_plan: Option<DropPlan>,
    /// What becomes of audio.
    pub(crate) audio: AudioPlan,
}

/// What becomes of audio.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AudioPlan {
    /// It is told an address where nobody listens: calls are signalling only.
    Unheard,
    /// Every datagram goes back where it came from, if that is allowed.
    Echo,
    /// Each call has a port of its own.
    Ports(PortRange),
}

/// Sockets of one thread.
pub(crate) struct Sockets {
    pub(super) udp: Vec<Udp>,
    outboxes: Vec<Outbox>,
    pub(super) tcp: Tcp,
    /// Where audio goes that nobody hears, or that is sent back.
    pub(super) sink: Udp,
    pub(super) audio: Option<AudioPorts>,
}

impl Sockets {
    pub(super) fn open(clock: Clock, poller: &Poller, plan: &SocketPlan) -> io::Result<Self> {
        let options = UdpOptions {
            receive_buffer: Some(RECEIVE_BUFFER),
            send_buffer: Some(RECEIVE_BUFFER),
            drop_plan: plan.drop_plan,
            ..UdpOptions::default()
        };
        let mut udp = Vec::with_capacity(plan.local.len());
        for (number, local) in plan.local.iter().enumerate() {
            let socket = Udp::bind(*local, &options)?;
            poller.add(&socket, Token(FIRST_UDP + number as u64), Interest::Read)?;
            udp.push(socket);
        }
        let first = udp.first().ok_or(io::ErrorKind::InvalidInput)?.local_addr();
        let limits = TcpLimits { per_peer_max: usize::MAX, ..TcpLimits::default() };
        let tcp = Tcp::listen(first, limits, Token(FIRST_TCP), poller)?;
        let outboxes = udp.iter().map(|_| Outbox::new(OUT_MAX)).collect();
        let sink = Udp::bind(SocketAddr::new(first.ip(), 0), &UdpOptions::default())?;
        let audio = match plan.audio {
            AudioPlan::Unheard => None,
            AudioPlan::Echo => {
                poller.add(&sink, Token(SINK), Interest::Read)?;
                None
            }
            AudioPlan::Ports(range) => {
                let pool = PortPool::new(first.ip(), range, UdpOptions::default());
                Some(AudioPorts::new(clock, pool, first.ip()))
            }
        };
        Ok(Self { udp, outboxes, tcp, sink, audio })
    }

    /// The number of a UDP socket in its flows.
    #[must_use]
    pub(crate) fn socket(number: usize) -> u32 {
        FIRST_SOCKET + u32::try_from(number).expect("fewer sockets than ports")
    }

    /// The addresses of the UDP sockets.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.udp.iter().map(Udp::local_addr)
    }

    /// The address where audio arrives that nobody hears, or that is sent back.
    pub(crate) fn sink(&self) -> SocketAddr {
        self.sink.local_addr()
    }

    /// Ports for the audio of calls, if each has one.
    pub(crate) fn audio(&self) -> Option<Box<dyn Ports>> {
        self.audio.as_ref().map(|audio| Box::new(audio.clone()) as Box<dyn Ports>)
    }

    pub(super) fn udp_of(&self, token: Token) -> Option<usize> {
        let number = usize::try_from(token.0.checked_sub(FIRST_UDP)?).ok()?;
        (number < self.udp.len()).then_some(number)
    }

    pub(super) fn outbox_of(&mut self, socket: u32) -> &mut Outbox {
        &mut self.outboxes[(socket - FIRST_SOCKET) as usize]
    }

    /// Sends what waits; returns the sockets and peers that the system would not send to.
    pub(super) fn flush(&mut self, clock: &Clock) -> Vec<(usize, SocketAddr)> {
        let mut failed = Vec::new();
        for (number, (udp, outbox)) in self.udp.iter_mut().zip(&mut self.outboxes).enumerate() {
            if outbox.is_empty() && udp.next_timeout().is_none() {
                continue;
            }
            failed.extend(udp.flush(clock, outbox).failed.map(|(remote, _)| (number, remote)));
        }
        failed
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let udp = self.udp.iter().filter_map(Udp::next_timeout);
        udp.chain(self.tcp.next_timeout()).min()
    }

    /// Datagrams that came too fast for us, and those that found no room to wait in, so far.
    pub(super) fn losses(&self) -> (u64, u64) {
        let overflowed = self.udp.iter().map(|udp| udp.counts().overflowed).sum();
        let dropped = self.outboxes.iter().map(Outbox::dropped).sum();
        (overflowed, dropped)
    }
}

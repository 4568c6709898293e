//! The thin shell: sockets, the clock and one loop around an [`Exchange`].

mod ports;

use crate::exchange::Exchange;
use crate::media::{Channel, Ports};
pub use ports::AudioPorts;
use sip::flow::{Flow, Transport};
use sip::net::{
    Clock, ConnectionId, Datagram, DropPlan, Inbox, Interest, Outbox, Poller, PortPool, PortRange,
    Ready, Tcp, TcpLimits, Token, Udp, UdpOptions, Waker, raise_file_limit,
};
use sip::stream::Piece;
use sip::{Duration, Instant};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};

/// The number of the UDP socket in its flows; connections have smaller ones.
const UDP: u32 = u32::MAX;
/// The UDP socket's token; those of connections lie above [`TCP_TOKEN`].
const UDP_TOKEN: Token = Token(0);
const TCP_TOKEN: Token = Token(1);

/// Datagrams read at a time, and the longest.
const BATCH: usize = 64;
const DATAGRAM_MAX: usize = 65_536;
/// Audio datagrams are shorter: 60 ms of G.711 and a header.
const AUDIO_MAX: usize = 2048;
/// Messages that wait to be sent.
const OUT_MAX: usize = 16 << 20;
/// Room for messages that wait to be read: about a second of 10,000 calls a second.
const RECEIVE_BUFFER: usize = 8 << 20;
/// The longest sleep before a drain when many messages come: nobody notices, and wake-ups are saved.
const COALESCE: Duration = Duration::from_millis(2);
/// The same while audio comes, for what waits is heard later.
const COALESCE_AUDIO: Duration = Duration::from_micros(500);
/// How often the loop looks whether it is told to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Where a shell listens.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address of SIP, UDP and TCP; port 0 takes a free one.
    pub address: SocketAddr,
    /// Ports for audio.
    pub audio: PortRange,
    /// A bad line on purpose, for SIP over UDP.
    pub drop_plan: Option<DropPlan>,
}

/// What one turn has read.
#[derive(Debug, Clone, Copy, Default)]
struct Received {
    /// How many messages came by datagrams.
    messages: usize,
    has_audio: bool,
}

/// Sockets and the clock.
pub struct Shell {
    clock: Clock,
    poller: Poller,
    udp: Udp,
    tcp: Tcp,
    audio: AudioPorts,
    inbox: Inbox,
    audio_inbox: Inbox,
    outbox: Outbox,
    /// Connections whose address the exchange knows.
    known: BTreeSet<u32>,
}

impl Shell {
    /// Opens the sockets. The TCP port is the UDP one.
    ///
    /// # Errors
    /// When an address is taken or not ours.
    pub fn open(listen: &Listen) -> io::Result<Self> {
        // What cannot be raised stays a limit on calls: ports run out sooner.
        let _ = raise_file_limit();
        let clock = Clock::start();
        let mut poller = Poller::new()?;
        poller.coalesce(COALESCE);
        let options = UdpOptions {
            receive_buffer: Some(RECEIVE_BUFFER),
            send_buffer: Some(RECEIVE_BUFFER),
            drop_plan: listen.drop_plan,
            ..UdpOptions::default()
        };
        let udp = Udp::bind(listen.address, &options)?;
        poller.add(&udp, UDP_TOKEN, Interest::Read)?;
        let tcp = Tcp::listen(udp.local_addr(), TcpLimits::default(), TCP_TOKEN, &poller)?;
        let ip = listen.address.ip();
        let pool = PortPool::new(ip, listen.audio, UdpOptions::default());
        Ok(Self {
            clock,
            poller,
            udp,
            tcp,
            audio: AudioPorts::new(clock, pool, ip),
            inbox: Inbox::new(BATCH, DATAGRAM_MAX),
            audio_inbox: Inbox::new(1, AUDIO_MAX),
            outbox: Outbox::new(OUT_MAX),
            known: BTreeSet::new(),
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.udp.local_addr()
    }

    /// The moment.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The wall clock in the form of NTP, for reports on audio.
    pub fn ntp(&self) -> u64 {
        self.clock.ntp()
    }

    /// The audio ports, for the exchange.
    pub fn ports(&self) -> Box<dyn Ports> {
        Box::new(self.audio.clone())
    }

    /// What ends a wait from another thread.
    pub fn waker(&self) -> Waker {
        self.poller.waker()
    }

    /// Serves until `is_over` says so; it is asked at least ten times a second.
    ///
    /// # Errors
    /// When the sockets break.
    pub fn serve(
        &mut self,
        exchange: &mut Exchange,
        is_over: &mut dyn FnMut(&mut Exchange, Instant) -> bool,
    ) -> io::Result<()> {
        exchange.bind(UDP, self.udp.local_addr());
        let mut ready: Vec<Ready> = Vec::new();
        let mut message = Vec::with_capacity(2048);
        let mut look = self.clock.now();
        loop {
            self.poller.wait(&self.clock, Some(self.until(exchange, look)), &mut ready)?;
            let Received { messages, has_audio } = self.receive(exchange, &ready)?;
            let now = self.clock.now();
            self.poller.coalesce(if has_audio { COALESCE_AUDIO } else { COALESCE });
            self.poller.drained(now, messages);
            self.tcp.handle_timeout(now);
            while let Some(closed) = self.tcp.poll_closed() {
                exchange.handle_unreachable(now, closed.flow);
                exchange.forget_socket(closed.flow.socket);
                self.known.remove(&closed.flow.socket);
            }
            exchange.handle_timeout(now);
            self.send(now, exchange, &mut message);
            self.audio.register(&self.poller)?;
            if now >= look {
                look = now + LOOK;
                if is_over(exchange, now) {
                    self.send(now, exchange, &mut message);
                    return Ok(());
                }
            }
        }
    }

    fn until(&self, exchange: &Exchange, look: Instant) -> Instant {
        let sockets = [self.tcp.next_timeout(), self.udp.next_timeout()];
        let until = sockets.into_iter().flatten().fold(look, Instant::min);
        until.min(exchange.next_timeout())
    }

    /// Reads what has come and passes audio on.
    ///
    /// Audio is not counted: the more messages, the longer the sleep before the next drain, and who talks is not to hear
    /// of it.
    fn receive(&mut self, exchange: &mut Exchange, ready: &[Ready]) -> io::Result<Received> {
        let now = self.clock.now();
        let mut received = Received::default();
        for ready in ready {
            if ready.token == UDP_TOKEN {
                received.messages += self.receive_messages(now, exchange)?;
            } else if let Some((port, channel)) = AudioPorts::number_of(ready.token) {
                received.has_audio = true;
                self.audio.receive(port, channel, &mut self.audio_inbox);
                for Datagram { from, at, bytes } in self.audio_inbox.iter_mut() {
                    match channel {
                        Channel::Audio => exchange.handle_audio(at, port, from, bytes),
                        Channel::Control => exchange.handle_control(at, port, from, bytes),
                    }
                }
                // At once: the first of many ready ports does not wait for the last.
                self.send_audio(exchange);
            } else if self.tcp.owns(ready.token) {
                let (local, known) = (self.tcp.local_addr(), &mut self.known);
                self.tcp.handle_ready(now, &self.poller, *ready, &mut |flow, piece| {
                    if known.insert(flow.socket) {
                        exchange.bind(flow.socket, local);
                    }
                    take_piece(exchange, now, flow, piece);
                });
            }
        }
        Ok(received)
    }

    fn receive_messages(&mut self, now: Instant, exchange: &mut Exchange) -> io::Result<usize> {
        let received = self.udp.receive(&self.clock, &mut self.inbox, BATCH)?;
        for datagram in self.inbox.iter_mut() {
            let flow = Flow { transport: Transport::Udp, socket: UDP, remote: datagram.from };
            exchange.handle_message(now, flow, datagram.bytes);
        }
        Ok(received)
    }

    /// Sends all that waits.
    fn send(&mut self, now: Instant, exchange: &mut Exchange, message: &mut Vec<u8>) {
        while let Some(flow) = exchange.poll_transmit(message) {
            match flow.transport {
                Transport::Udp => {
                    // Beyond the limit it is lost, as on any line, and sent again.
                    self.outbox.push(flow.remote, &[message]);
                }
                Transport::Tcp | Transport::Tls => {
                    let id = ConnectionId(flow.socket);
                    if self.tcp.send(now, &self.poller, id, message).is_err() {
                        exchange.handle_unreachable(now, flow);
                    }
                }
            }
        }
        let flushed = self.udp.flush(&self.clock, &mut self.outbox);
        if let Some((remote, _)) = flushed.failed {
            let flow = Flow { transport: Transport::Udp, socket: UDP, remote };
            exchange.handle_unreachable(now, flow);
        }
        self.send_audio(exchange);
    }

    fn send_audio(&self, exchange: &mut Exchange) {
        let packets = exchange.packets();
        if packets.packets().len() > 0 {
            self.audio.send(packets.packets());
            packets.clear();
        }
    }
}

fn take_piece(exchange: &mut Exchange, now: Instant, flow: Flow, piece: Piece<'_>) {
    match piece {
        Piece::Message(bytes) => exchange.handle_message(now, flow, bytes),
        Piece::Broken { fault, head } => exchange.handle_broken(now, flow, fault, head),
        // Answered by the socket room.
        Piece::Ping => {}
    }
}

/// Returns whether an address can be told to peers: not "any".
#[must_use]
pub fn is_tellable(address: IpAddr) -> bool {
    !address.is_unspecified() && !address.is_multicast()
}

//! A thread's sockets, its clock and its one loop, around whatever is sans-IO: callers or a target.

mod sockets;
mod vitals;

pub(crate) use sockets::{AudioPlan, SocketPlan, Sockets};
pub use vitals::Vitals;

use live::shell::AudioPorts;
use live::{Channel, Outbox as Packets};
use sip::flow::{Flow, Transport};
use sip::net::{
    Clock, ConnectionId, Inbox, Interest, Outbox, Poller, Ready, Tcp, TcpLimits, Token, Udp, Waker,
};
use sip::stream::Piece;
use sip::{Duration, Instant};
use std::io;
use std::net::{IpAddr, SocketAddr};

/// Datagrams read at a time, and the longest.
const BATCH: usize = 64;
const DATAGRAM_MAX: usize = 65_536;
/// Audio datagrams are shorter: 60 ms of G.711 and a header.
const AUDIO_MAX: usize = 2048;
/// Bytes of audio on its way back.
const ECHO_MAX: usize = 1 << 20;
/// Bytes of messages that wait to be sent on one socket.
const OUT_MAX: usize = 16 << 20;
/// How often the loop looks round when nothing else is to be done.
const LOOK: Duration = Duration::from_millis(100);

/// The longest sleep before a drain when many messages come: fewer wake-ups make cheaper calls, and the kernel's receive times
/// keep delays true meanwhile. Calls are sent this much late at most.
const COALESCE: Duration = Duration::from_micros(500);

/// Callers or a target: what the loop is around.
pub(crate) trait Party {
    /// Names our address on a connection.
    fn bind(&mut self, socket: u32, local: SocketAddr);
    /// Takes a message.
    fn handle_message(&mut self, at: Instant, flow: Flow, bytes: &[u8]);
    /// Takes the news that a flow does not work.
    fn handle_unreachable(&mut self, now: Instant, flow: Flow);
    /// Takes a datagram that came to an audio port.
    fn handle_audio(&mut self, at: Instant, port: u32, from: SocketAddr, datagram: &[u8]);
    /// The packets of audio to send, if calls have audio; cleared after sending.
    fn packets(&mut self) -> Option<&mut Packets>;
    /// Whether audio may go back to an address.
    fn echoes_to(&self, address: IpAddr) -> bool;
    /// Fires what is due.
    fn handle_timeout(&mut self, now: Instant);
    /// When to fire.
    fn next_timeout(&self) -> Option<Instant>;
    /// The next message to send.
    fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow>;
    /// Looks round, ten times a second at least; returns whether all is done.
    fn look(&mut self, now: Instant, vitals: &mut Vitals) -> bool;
}

/// The loop of one thread.
pub(crate) struct Shell {
    clock: Clock,
    poller: Poller,
    sockets: Sockets,
    inbox: Inbox,
    audio_inbox: Inbox,
    echo: Outbox,
    vitals: Vitals,
}

impl Shell {
    /// Opens the sockets.
    ///
    /// # Errors
    /// When an address is taken or not ours.
    pub(crate) fn open(clock: Clock, plan: &SocketPlan) -> io::Result<Self> {
        let mut poller = Poller::new()?;
        poller.coalesce(COALESCE);
        let sockets = Sockets::open(clock, &poller, plan)?;
        let inbox = Inbox::new(BATCH, DATAGRAM_MAX);
        let audio_inbox = Inbox::new(BATCH, AUDIO_MAX);
        let echo = Outbox::new(ECHO_MAX);
        Ok(Self { clock, poller, sockets, inbox, audio_inbox, echo, vitals: Vitals::default() })
    }

    /// The sockets.
    pub(crate) fn sockets(&mut self) -> &mut Sockets {
        &mut self.sockets
    }

    /// What ends a wait from another thread.
    #[must_use]
    pub(crate) fn waker(&self) -> Waker {
        self.poller.waker()
    }

    /// Connects to a target; what is sent meanwhile waits.
    ///
    /// # Errors
    /// When the system refuses at once.
    pub(crate) fn connect(&mut self, to: SocketAddr) -> io::Result<Flow> {
        self.sockets.tcp.connect(self.clock.now(), &self.poller, to)
    }

    /// Goes round until the party says that all is done.
    ///
    /// # Errors
    /// When the sockets break.
    pub(crate) fn run(&mut self, party: &mut dyn Party) -> io::Result<()> {
        let (mut ready, mut message): (Vec<Ready>, _) = (Vec::new(), Vec::with_capacity(2048));
        let mut look = self.clock.now();
        loop {
            let now = self.clock.now();
            let due = self.until(party, look);
            let until = due.max(now + self.poller.pause());
            self.poller.wait(&self.clock, Some(until), &mut ready)?;
            self.vitals.woke(self.clock.now(), until);
            let received = self.receive(party, &ready)?;
            let now = self.clock.now();
            self.close(now, party);
            party.handle_timeout(now);
            let sent = self.send(now, party, &mut message);
            self.vitals.carried(sent, received);
            self.poller.drained(now, sent + received);
            if let Some(audio) = &self.sockets.audio {
                audio.register(&self.poller)?;
            }
            if now >= look {
                look = now + LOOK;
                self.vitals.sockets(&self.sockets);
                if party.look(now, &mut self.vitals) {
                    self.send(now, party, &mut message);
                    return Ok(());
                }
            }
        }
    }

    fn until(&self, party: &dyn Party, look: Instant) -> Instant {
        let due = [party.next_timeout(), self.sockets.next_timeout()];
        due.into_iter().flatten().fold(look, Instant::min)
    }

    /// Reads what has come; returns how many messages.
    fn receive(&mut self, party: &mut dyn Party, ready: &[Ready]) -> io::Result<usize> {
        let now = self.clock.now();
        let mut received = 0;
        for ready in ready {
            if let Some(number) = self.sockets.udp_of(ready.token) {
                received += self.receive_datagrams(number, party)?;
            } else if ready.token.0 == sockets::SINK {
                self.send_back(party)?;
            } else if let Some((port, channel)) = AudioPorts::number_of(ready.token) {
                self.receive_audio(port, channel, party);
            } else if self.sockets.tcp.owns(ready.token) {
                let local = self.sockets.tcp.local_addr();
                self.sockets.tcp.handle_ready(now, &self.poller, *ready, &mut |flow, piece| {
                    received += 1;
                    party.bind(flow.socket, local);
                    if let Piece::Message(bytes) = piece {
                        party.handle_message(now, flow, bytes);
                    }
                });
            }
        }
        Ok(received)
    }

    fn receive_datagrams(&mut self, number: usize, party: &mut dyn Party) -> io::Result<usize> {
        let socket = Sockets::socket(number);
        let received = self.sockets.udp[number].receive(&self.clock, &mut self.inbox, BATCH)?;
        for datagram in self.inbox.iter_mut() {
            let flow = Flow { transport: Transport::Udp, socket, remote: datagram.from };
            party.handle_message(datagram.at, flow, datagram.bytes);
        }
        Ok(received)
    }

    fn receive_audio(&mut self, port: u32, channel: Channel, party: &mut dyn Party) {
        let Some(audio) = &self.sockets.audio else { return };
        audio.receive(port, channel, &mut self.audio_inbox);
        if channel == Channel::Control {
            return;
        }
        for datagram in self.audio_inbox.iter_mut() {
            party.handle_audio(datagram.at, port, datagram.from, datagram.bytes);
        }
    }

    /// Sends audio back where it came from.
    fn send_back(&mut self, party: &dyn Party) -> io::Result<()> {
        self.sockets.sink.receive(&self.clock, &mut self.audio_inbox, BATCH)?;
        for datagram in self.audio_inbox.iter_mut() {
            if party.echoes_to(datagram.from.ip()) {
                // What finds no room is lost, as on any line.
                self.echo.push(datagram.from, &[datagram.bytes]);
            }
        }
        self.sockets.sink.flush(&self.clock, &mut self.echo);
        Ok(())
    }

    fn close(&mut self, now: Instant, party: &mut dyn Party) {
        self.sockets.tcp.handle_timeout(now);
        while let Some(closed) = self.sockets.tcp.poll_closed() {
            party.handle_unreachable(now, closed.flow);
        }
    }

    /// Sends all that waits; returns how many messages.
    fn send(&mut self, now: Instant, party: &mut dyn Party, message: &mut Vec<u8>) -> usize {
        let mut sent = 0;
        while let Some(flow) = party.poll_transmit(message) {
            sent += 1;
            match flow.transport {
                Transport::Udp => {
                    // Beyond the limit it is lost, as on any line, and sent again.
                    self.sockets.outbox_of(flow.socket).push(flow.remote, &[message]);
                }
                Transport::Tcp | Transport::Tls => {
                    let id = ConnectionId(flow.socket);
                    if self.sockets.tcp.send(now, &self.poller, id, message).is_err() {
                        party.handle_unreachable(now, flow);
                    }
                }
            }
        }
        for (number, remote) in self.sockets.flush(&self.clock) {
            let socket = Sockets::socket(number);
            party.handle_unreachable(now, Flow { transport: Transport::Udp, socket, remote });
        }
        if let (Some(audio), Some(packets)) = (&self.sockets.audio, party.packets()) {
            audio.send(packets.packets());
            packets.clear();
        }
        sent
    }
}

//! Sockets for audio: taken by the exchange, read and written by the shell.
//!
//! A port that is given back rests for a while with its sockets open: late packets of the old call find nobody, and the next
//! call needs no new sockets. Opening a pair costs more than all the messages of a call.

use crate::media::{Channel, Packet, Port, Ports};
use sip::net::{Clock, Inbox, Interest, Poller, PortPair, PortPool, Token, Udp};
use sip::{Duration, Instant};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a port rests before it is taken again, unless no other is left.
const REST: Duration = Duration::from_secs(2);

/// How long nobody looks for a free port again after all that are left turned out to be another program's.
const FOREIGN: Duration = Duration::from_secs(1);

/// Audio ports have the tokens from here on: two each, audio and control.
const FIRST_TOKEN: u64 = 1 << 40;

/// The sockets, shared between the exchange, which takes and gives back, and the shell.
#[derive(Debug, Clone)]
pub struct AudioPorts(Arc<Mutex<Sockets>>);

#[derive(Debug)]
struct Sockets {
    clock: Clock,
    pool: PortPool,
    ip: IpAddr,
    pairs: Vec<PortPair>,
    resting: VecDeque<(u32, Instant)>,
    /// Until when the pool is known to have no port.
    empty_until: Instant,
    /// Opened since the poller last heard of it.
    fresh: Vec<u32>,
}

impl AudioPorts {
    /// Makes ports of a pool, for one address.
    pub fn new(clock: Clock, pool: PortPool, ip: IpAddr) -> Self {
        let (pairs, resting, fresh) = (Vec::new(), VecDeque::new(), Vec::new());
        let empty_until = Instant::default();
        Self(Arc::new(Mutex::new(Sockets { clock, pool, ip, pairs, resting, empty_until, fresh })))
    }

    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the poller of sockets that were opened.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn register(&self, poller: &Poller) -> std::io::Result<()> {
        let mut sockets = self.lock();
        while let Some(number) = sockets.fresh.pop() {
            let token = FIRST_TOKEN + 2 * u64::from(number);
            let pair = &sockets.pairs[number as usize];
            poller.add(&pair.rtp, Token(token), Interest::Read)?;
            poller.add(&pair.rtcp, Token(token + 1), Interest::Read)?;
        }
        Ok(())
    }

    /// The port of a token and which of its sockets, if it is one of ours.
    pub fn number_of(token: Token) -> Option<(u32, Channel)> {
        let place = token.0.checked_sub(FIRST_TOKEN)?;
        let channel = if place.is_multiple_of(2) { Channel::Audio } else { Channel::Control };
        Some((u32::try_from(place / 2).ok()?, channel))
    }

    /// Reads one datagram that has come to a port into the inbox.
    ///
    /// One, because a leg has one packet in 20 ms: to ask for a second costs as much as to read the first, and one that is
    /// there makes the socket ready again.
    pub fn receive(&self, number: u32, channel: Channel, inbox: &mut Inbox) {
        let mut sockets = self.lock();
        let clock = sockets.clock;
        let Some(pair) = sockets.pairs.get_mut(number as usize) else { return };
        // A socket that is broken has nothing to read; its call ends by the media time-out.
        let _ = socket(pair, channel).receive(&clock, inbox, 1);
    }

    /// Sends packets, each from its port. One that the system does not take is lost, as on any line.
    pub fn send<'a>(&self, packets: impl Iterator<Item = Packet<'a>>) {
        let mut sockets = self.lock();
        let Sockets { clock, pairs, .. } = &mut *sockets;
        for packet in packets {
            let socket = socket(&mut pairs[packet.port as usize], packet.channel);
            socket.send_now(clock, packet.to, packet.bytes);
        }
    }
}

fn socket(pair: &mut PortPair, channel: Channel) -> &mut Udp {
    match channel {
        Channel::Audio => &mut pair.rtp,
        Channel::Control => &mut pair.rtcp,
    }
}

impl Ports for AudioPorts {
    fn take(&mut self, peer: IpAddr) -> Option<Port> {
        let mut sockets = self.lock();
        if sockets.ip.is_ipv4() != peer.to_canonical().is_ipv4() {
            return None;
        }
        let now = sockets.clock.now();
        let is_rested = |(_, since): &(u32, Instant)| now.saturating_since(*since) >= REST;
        if !sockets.resting.front().is_some_and(is_rested)
            && let Some(pair) = sockets.open_pair(now)
        {
            let number = u32::try_from(sockets.pairs.len()).expect("ports have 16 bits");
            sockets.pairs.push(pair);
            sockets.fresh.push(number);
            return Some(sockets.port(number));
        }
        let (number, _) = sockets.resting.pop_front()?;
        Some(sockets.port(number))
    }

    fn give_back(&mut self, port: Port) {
        let mut sockets = self.lock();
        let now = sockets.clock.now();
        sockets.resting.push_back((port.number, now));
    }

    fn taken(&self) -> usize {
        let sockets = self.lock();
        sockets.pairs.len() - sockets.resting.len()
    }
}

impl Sockets {
    /// Opens a pair that was never open. When none is left that can be opened, all are tried again only after a while: with
    /// many of them a call would cost thousands of system calls.
    fn open_pair(&mut self, now: Instant) -> Option<PortPair> {
        if now < self.empty_until && !self.resting.is_empty() {
            return None;
        }
        let pair = self.pool.take().ok();
        if pair.is_none() {
            self.empty_until = now + FOREIGN;
        }
        pair
    }

    fn port(&self, number: u32) -> Port {
        let port = self.pairs[number as usize].port();
        Port { number, address: SocketAddr::new(self.ip, port) }
    }
}

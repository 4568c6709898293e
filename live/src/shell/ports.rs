//! Sockets for audio: taken by the exchange, read and written by the shell.
//!
//! A port that is given back rests for a while with its sockets open: late packets of the old call find nobody, and the next
//! call needs no new sockets. Opening a pair costs more than all the messages of a call.

use crate::media::{Packet, Port, Ports};
use sip::net::{Clock, Inbox, Interest, Outbox, Poller, PortPair, PortPool, Token};
use sip::{Duration, Instant};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a port rests before it is taken again, unless no other is left.
const REST: Duration = Duration::from_secs(2);

/// Audio ports have the tokens from here on.
const FIRST_TOKEN: u64 = 1 << 40;

/// Bytes of outgoing audio that one flush holds.
const OUT_MAX: usize = 64 * 1024;

/// The sockets, shared between the exchange, which takes and gives back, and the shell.
#[derive(Debug, Clone)]
pub(super) struct AudioPorts(Arc<Mutex<Sockets>>);

#[derive(Debug)]
struct Sockets {
    clock: Clock,
    pool: PortPool,
    ip: IpAddr,
    pairs: Vec<PortPair>,
    resting: VecDeque<(u32, Instant)>,
    /// Opened since the poller last heard of it.
    fresh: Vec<u32>,
    outbox: Outbox,
}

impl AudioPorts {
    pub(super) fn new(clock: Clock, pool: PortPool, ip: IpAddr) -> Self {
        let outbox = Outbox::new(OUT_MAX);
        let (pairs, resting, fresh) = (Vec::new(), VecDeque::new(), Vec::new());
        Self(Arc::new(Mutex::new(Sockets { clock, pool, ip, pairs, resting, fresh, outbox })))
    }

    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the poller of sockets that were opened.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn register(&self, poller: &Poller) -> std::io::Result<()> {
        let mut sockets = self.lock();
        while let Some(number) = sockets.fresh.pop() {
            let token = Token(FIRST_TOKEN + u64::from(number));
            poller.add(&sockets.pairs[number as usize].rtp, token, Interest::Read)?;
        }
        Ok(())
    }

    /// The port of a token, if it is one of ours.
    pub(super) fn number_of(token: Token) -> Option<u32> {
        u32::try_from(token.0.checked_sub(FIRST_TOKEN)?).ok()
    }

    /// Reads what has come to a port; returns how many datagrams are in the inbox.
    pub(super) fn receive(&self, number: u32, inbox: &mut Inbox) -> usize {
        let mut sockets = self.lock();
        let clock = sockets.clock;
        let Some(pair) = sockets.pairs.get_mut(number as usize) else { return 0 };
        // A socket that is broken has nothing to read; its call ends by the media time-out.
        pair.rtp.receive(&clock, inbox, 8).unwrap_or(0)
    }

    /// Sends packets, each from its port. One that the system does not take is lost, as on any line.
    pub(super) fn send<'a>(&self, packets: impl Iterator<Item = Packet<'a>>) {
        let mut sockets = self.lock();
        let Sockets { clock, pairs, outbox, .. } = &mut *sockets;
        for packet in packets {
            outbox.push(packet.to, &[packet.bytes]);
            let flushed = pairs[packet.port as usize].rtp.flush(clock, outbox);
            if flushed.is_blocked {
                *outbox = Outbox::new(OUT_MAX);
            }
        }
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
            && let Ok(pair) = sockets.pool.take()
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
    fn port(&self, number: u32) -> Port {
        let port = self.pairs[number as usize].port();
        Port { number, address: SocketAddr::new(self.ip, port) }
    }
}

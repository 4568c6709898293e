//! Connections: a bounded table of them, messages cut out, writes that wait for room.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::{Ipv6V6Only, ReuseAddr, TcpNoDelay};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, connect, listen, setsockopt,
    socket,
};

use super::poller::{Interest, Poller, Ready, Token};
use crate::flow::{Flow, Transport};
use crate::stream::{Framer, PONG, Piece};
use crate::time::{Duration, Instant};

/// Most reads from one connection before the others have their turn.
const READS_MAX: usize = 16;
/// Bytes of one read.
const READ: usize = 16 * 1024;
/// Most connections accepted before the others have their turn.
const ACCEPTS_MAX: usize = 64;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;
/// How often idle and slow connections are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// How long a connection that is to end may still hold what was not written.
const ENDING_MAX: Duration = Duration::from_secs(5);

/// Bounds on what strangers can hold open.
#[derive(Debug, Clone, Copy)]
pub struct TcpLimits {
    /// Most connections; further ones are closed at once. At most 65,535.
    pub connections_max: usize,
    /// Most connections from one address.
    pub per_peer_max: usize,
    /// Most bytes that wait to be written to one connection; beyond it, it is closed.
    pub unsent_max: usize,
    /// A connection that carried nothing for so long is closed (RFC 5923 §4: keep them open long).
    pub idle: Duration,
    /// How long a message may take from its first byte to its last.
    pub message_time: Duration,
}

impl Default for TcpLimits {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            per_peer_max: 1000,
            unsent_max: 1 << 20,
            idle: Duration::from_secs(600),
            message_time: Duration::from_secs(30),
        }
    }
}

/// A connection; the number in its [`Flow`]. Never used again for another while anybody could
/// remember it: 65,536 connections in the same place come between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(pub u32);

/// Why a connection is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The peer closed it.
    Ended,
    /// It broke, or could not be made.
    Broken(io::ErrorKind),
    /// Nothing came or went for too long.
    Idle,
    /// A message was begun and not finished in time.
    SlowMessage,
    /// The peer does not read what we write.
    SlowReader,
    /// What it sent cannot be cut into messages.
    Unreadable,
    /// We closed it.
    Ours,
}

/// A connection that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub flow: Flow,
    /// Why.
    pub why: Why,
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TcpRefused {
    /// The connection is gone.
    #[error("no such connection")]
    Gone,
    /// The peer does not read; the connection is closed.
    #[error("too much waits to be written")]
    SlowReader,
}

/// Listens on one address and keeps the connections made to it and from it.
#[derive(Debug)]
pub struct Tcp {
    listener: TcpListener,
    local: SocketAddr,
    limits: TcpLimits,
    /// Tokens of the listener and, above it, of the connections.
    first_token: u64,
    places: Vec<Place>,
    free: Vec<u16>,
    closed: VecDeque<Closed>,
    /// Connections of each address.
    peers: HashMap<IpAddr, usize>,
    refused: u64,
    /// A descriptor kept back: without one left, a connection that waits could not even be refused,
    /// and the listener would be ready for ever.
    spare: Option<TcpListener>,
    swept: Instant,
    buffer: Vec<u8>,
}

#[derive(Debug, Default)]
struct Place {
    generation: u16,
    connection: Option<Box<Connection>>,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    framer: Framer,
    unsent: VecDeque<u8>,
    used: Instant,
    /// When the message that is not complete yet was begun.
    begun: Option<Instant>,
    is_connecting: bool,
    waits_for_room: bool,
    /// The peer writes no more.
    has_ended: bool,
    /// Closed once everything is written.
    ends_with: Option<Why>,
}

impl Tcp {
    /// Listens on an address; port 0 takes a free one. Uses the tokens from `first_token` up to
    /// 2³² above it.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn listen(
        address: SocketAddr,
        limits: TcpLimits,
        first_token: Token,
        poller: &Poller,
    ) -> io::Result<Self> {
        let fd = stream_socket(address)?;
        setsockopt(&fd, ReuseAddr, &true)?;
        bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
        listen(&fd, Backlog::new(BACKLOG)?)?;
        let listener = TcpListener::from(fd);
        let (local, spare) = (listener.local_addr()?, Some(listener.try_clone()?));
        poller.add(&listener, first_token, Interest::Read)?;
        Ok(Self {
            listener,
            local,
            limits,
            first_token: first_token.0,
            places: Vec::new(),
            free: Vec::new(),
            peers: HashMap::new(),
            closed: VecDeque::new(),
            refused: 0,
            spare,
            swept: Instant::default(),
            buffer: vec![0; READ],
        })
    }

    /// The address it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether there is no connection.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many connections were closed at once because there were too many.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether a token is one of this table's.
    pub fn owns(&self, token: Token) -> bool {
        token.0.checked_sub(self.first_token).is_some_and(|above| above <= 1 << 32)
    }

    /// Does what a socket of this table is ready for; hands out what was read.
    ///
    /// Pings are answered here. After [`Piece::Broken`] the owner may still send an answer; the
    /// connection is closed soon after.
    pub fn handle_ready(
        &mut self,
        now: Instant,
        poller: &Poller,
        ready: Ready,
        deliver: &mut dyn FnMut(Flow, Piece<'_>),
    ) {
        let Some(above) = ready.token.0.checked_sub(self.first_token) else { return };
        let Some(id) = above.checked_sub(1).and_then(|id| u32::try_from(id).ok()) else {
            return self.accept(now, poller);
        };
        let id = ConnectionId(id);
        if ready.is_writable {
            let outcome = self.get(id).map(|connection| connection.write(now));
            self.conclude(poller, id, outcome);
        }
        if ready.is_readable {
            let mut buffer = std::mem::take(&mut self.buffer);
            let unsent_max = self.limits.unsent_max;
            let outcome = self.get(id).map(|connection| {
                let flow = flow(id, connection.peer);
                connection.read(now, &mut buffer, &mut |piece| deliver(flow, piece))?;
                // Answers to pings that nobody reads.
                if connection.unsent.len() > unsent_max { Err(Why::SlowReader) } else { Ok(()) }
            });
            self.buffer = buffer;
            self.conclude(poller, id, outcome);
        }
    }

    /// Begins to connect; what is sent meanwhile waits.
    ///
    /// # Errors
    /// When there are too many connections, or the system refuses at once.
    pub fn connect(&mut self, now: Instant, poller: &Poller, to: SocketAddr) -> io::Result<Flow> {
        if !self.has_room_for(to.ip()) {
            self.refused += 1;
            return Err(io::Error::from(io::ErrorKind::QuotaExceeded));
        }
        let fd = stream_socket(to)?;
        if !self.local.ip().is_unspecified() && self.local.is_ipv4() == to.is_ipv4() {
            let from = SocketAddr::new(self.local.ip(), 0);
            bind(fd.as_raw_fd(), &SockaddrStorage::from(from))?;
        }
        match connect(fd.as_raw_fd(), &SockaddrStorage::from(to)) {
            Ok(()) | Err(Errno::EINPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let mut connection = Connection::new(now, TcpStream::from(fd), to)?;
        connection.is_connecting = true;
        Ok(flow(self.insert(poller, connection)?, to))
    }

    /// Writes as much as the peer takes and keeps the rest.
    ///
    /// # Errors
    /// [`TcpRefused`]; nothing was sent then.
    pub fn send(
        &mut self,
        now: Instant,
        poller: &Poller,
        id: ConnectionId,
        bytes: &[u8],
    ) -> Result<(), TcpRefused> {
        let unsent_max = self.limits.unsent_max;
        let connection = self.get(id).ok_or(TcpRefused::Gone)?;
        if connection.unsent.len() + bytes.len() > unsent_max {
            self.remove(id, Why::SlowReader);
            return Err(TcpRefused::SlowReader);
        }
        connection.unsent.extend(bytes);
        let outcome = connection.write(now);
        self.conclude(poller, id, Some(outcome));
        Ok(())
    }

    /// Closes a connection once what waits is written.
    pub fn close(&mut self, id: ConnectionId) {
        let Some(connection) = self.get(id) else { return };
        connection.ends_with.get_or_insert(Why::Ours);
        if connection.unsent.is_empty() {
            self.remove(id, Why::Ours);
        }
    }

    /// The next connection that is gone.
    pub fn poll_closed(&mut self) -> Option<Closed> {
        self.closed.pop_front()
    }

    /// When to look for connections that are idle or slow.
    pub fn next_timeout(&self) -> Option<Instant> {
        (!self.is_empty()).then(|| self.swept + SWEEP)
    }

    /// Closes what is idle, slow or about to end; looks once a second at most.
    pub fn handle_timeout(&mut self, now: Instant) {
        if now < self.swept + SWEEP {
            return;
        }
        self.swept = now;
        for place in 0..self.places.len() {
            let Some(connection) = &self.places[place].connection else { continue };
            if let Some(why) = connection.overdue(now, &self.limits) {
                let index = u16::try_from(place).expect("at most 65,535 places");
                self.remove(id_of(index, self.places[place].generation), why);
            }
        }
    }

    fn accept(&mut self, now: Instant, poller: &Poller) {
        for _ in 0..ACCEPTS_MAX {
            let (stream, peer) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // It was gone before it was taken.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(_) => return self.refuse_one(),
            };
            let fits = self.has_room_for(peer.ip()) && stream.set_nonblocking(true).is_ok();
            let connection = if fits { Connection::new(now, stream, peer).ok() } else { None };
            if connection.and_then(|connection| self.insert(poller, connection).ok()).is_none() {
                self.refused += 1;
            }
        }
    }

    /// Refuses a connection for which no descriptor is left, by means of the spare one.
    fn refuse_one(&mut self) {
        self.spare = None;
        self.refused += u64::from(self.listener.accept().is_ok());
        self.spare = self.listener.try_clone().ok();
    }

    fn has_room_for(&self, peer: IpAddr) -> bool {
        let of_peer = self.peers.get(&peer).copied().unwrap_or(0);
        self.len() < self.limits.connections_max.min(usize::from(u16::MAX))
            && of_peer < self.limits.per_peer_max
    }

    fn insert(&mut self, poller: &Poller, connection: Connection) -> io::Result<ConnectionId> {
        let index = match self.free.last() {
            Some(&index) => index,
            None => u16::try_from(self.places.len()).expect("checked against the limit"),
        };
        let generation = self.places.get(usize::from(index)).map_or(0, |place| place.generation);
        let id = id_of(index, generation);
        let interest = if connection.is_connecting { Interest::ReadWrite } else { Interest::Read };
        poller.add(&connection.stream, self.token(id), interest)?;
        if self.free.pop().is_none() {
            self.places.push(Place::default());
        }
        *self.peers.entry(connection.peer.ip()).or_insert(0) += 1;
        let waits_for_room = connection.is_connecting;
        let connection = Connection { waits_for_room, ..connection };
        self.places[usize::from(index)].connection = Some(Box::new(connection));
        Ok(id)
    }

    fn get(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        let (index, generation) = parts(id);
        let place = self.places.get_mut(index).filter(|place| place.generation == generation)?;
        place.connection.as_deref_mut()
    }

    fn token(&self, id: ConnectionId) -> Token {
        Token(self.first_token + 1 + u64::from(id.0))
    }

    /// Closes the connection, or waits for what it needs now.
    fn conclude(&mut self, poller: &Poller, id: ConnectionId, outcome: Option<Result<(), Why>>) {
        match outcome {
            None => {}
            Some(Err(why)) => self.remove(id, why),
            Some(Ok(())) => {
                let token = self.token(id);
                let Some(connection) = self.get(id) else { return };
                if connection.wait_for_what_it_needs(poller, token).is_err() {
                    self.remove(id, Why::Broken(io::ErrorKind::Other));
                }
            }
        }
    }

    fn remove(&mut self, id: ConnectionId, why: Why) {
        let (index, generation) = parts(id);
        let Some(place) = self.places.get_mut(index).filter(|p| p.generation == generation) else {
            return;
        };
        let Some(connection) = place.connection.take() else { return };
        place.generation = place.generation.wrapping_add(1);
        self.free.push(u16::try_from(index).expect("at most 65,535 places"));
        let ip = connection.peer.ip();
        let of_peer = self.peers.get_mut(&ip).expect("every connection is counted");
        *of_peer -= 1;
        if *of_peer == 0 {
            self.peers.remove(&ip);
        }
        let why = connection.ends_with.unwrap_or(why);
        self.closed.push_back(Closed { flow: flow(id, connection.peer), why });
    }
}

impl Connection {
    fn new(now: Instant, stream: TcpStream, peer: SocketAddr) -> io::Result<Self> {
        // A SIP message is one write: waiting for more would only delay it.
        setsockopt(&stream, TcpNoDelay, &true)?;
        Ok(Self {
            stream,
            peer,
            framer: Framer::default(),
            unsent: VecDeque::new(),
            used: now,
            begun: None,
            is_connecting: false,
            waits_for_room: false,
            has_ended: false,
            ends_with: None,
        })
    }

    fn read(
        &mut self,
        now: Instant,
        buffer: &mut [u8],
        deliver: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), Why> {
        for _ in 0..READS_MAX {
            match self.stream.read(buffer) {
                Ok(0) => {
                    // The peer may only have finished writing: what it asked is still answered.
                    self.has_ended = true;
                    self.ends_with.get_or_insert(Why::Ended);
                    return Ok(());
                }
                Ok(length) => {
                    self.used = now;
                    self.framer.handle_bytes(&buffer[..length]);
                    self.cut(now, deliver);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(Why::Broken(error.kind())),
            }
        }
        // The answers to pings.
        self.write(now)
    }

    fn cut(&mut self, now: Instant, deliver: &mut dyn FnMut(Piece<'_>)) {
        let mut was_completed = false;
        while let Some(piece) = self.framer.poll_piece() {
            was_completed = true;
            match piece {
                Piece::Ping => self.unsent.extend(PONG),
                Piece::Message(_) => deliver(piece),
                Piece::Broken { .. } => {
                    self.ends_with.get_or_insert(Why::Unreadable);
                    deliver(piece);
                }
            }
        }
        let since = if was_completed { now } else { self.begun.unwrap_or(now) };
        self.begun = (self.framer.buffered() > 0).then_some(since);
    }

    fn write(&mut self, now: Instant) -> Result<(), Why> {
        if self.is_connecting {
            if let Some(error) = self.stream.take_error().ok().flatten() {
                return Err(Why::Broken(error.kind()));
            }
            if self.stream.peer_addr().is_err() {
                return Ok(());
            }
            self.is_connecting = false;
        }
        while !self.unsent.is_empty() {
            match self.stream.write(self.unsent.as_slices().0) {
                Ok(0) => return Err(Why::Broken(io::ErrorKind::WriteZero)),
                Ok(length) => {
                    self.used = now;
                    self.unsent.drain(..length);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(Why::Broken(error.kind())),
            }
        }
        // One that ended or is unreadable waits for the owner's answer until the next sweep.
        if self.ends_with == Some(Why::Ours) { Err(Why::Ours) } else { Ok(()) }
    }

    fn wait_for_what_it_needs(&mut self, poller: &Poller, token: Token) -> io::Result<()> {
        let needs_room = self.is_connecting || !self.unsent.is_empty();
        if needs_room == self.waits_for_room && !self.has_ended {
            return Ok(());
        }
        self.waits_for_room = needs_room;
        let interest = match (self.has_ended, needs_room) {
            (false, false) => Interest::Read,
            (false, true) => Interest::ReadWrite,
            // The end shows as readable for ever.
            (true, true) => Interest::Write,
            (true, false) => Interest::Errors,
        };
        poller.modify(&self.stream, token, interest)
    }

    fn overdue(&self, now: Instant, limits: &TcpLimits) -> Option<Why> {
        let unused = now.saturating_since(self.used);
        if self.ends_with.is_some() && (self.unsent.is_empty() || unused > ENDING_MAX) {
            return self.ends_with;
        }
        if self.begun.is_some_and(|begun| now.saturating_since(begun) > limits.message_time) {
            return Some(Why::SlowMessage);
        }
        (unused > limits.idle).then_some(Why::Idle)
    }
}

fn flow(id: ConnectionId, remote: SocketAddr) -> Flow {
    Flow { transport: Transport::Tcp, socket: id.0, remote }
}

fn id_of(index: u16, generation: u16) -> ConnectionId {
    ConnectionId(u32::from(generation) << 16 | u32::from(index))
}

fn parts(id: ConnectionId) -> (usize, u16) {
    let [high, low, index_high, index_low] = id.0.to_be_bytes();
    (usize::from(u16::from_be_bytes([index_high, index_low])), u16::from_be_bytes([high, low]))
}

/// A socket for connections of an address's family; IPv6 only on IPv6.
fn stream_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let fd = socket(family, SockType::Stream, flags, None)?;
    if address.is_ipv6() {
        setsockopt(&fd, Ipv6V6Only, &true)?;
    }
    Ok(fd)
}

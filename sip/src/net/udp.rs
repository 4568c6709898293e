//! Datagrams in and out.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::{
    Ipv6V6Only, RcvBuf, RcvBufForce, ReceiveTimestampns, ReusePort, RxqOvfl, SndBuf,
};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrStorage, bind,
    getsockopt, recvmsg, setsockopt, socket,
};
use nix::sys::time::TimeValLike;

use super::Clock;
use super::clock::Reading;
use super::dropper::{DropPlan, Dropper, Fate};
use crate::time::{Duration, Instant};

/// How a socket is to be made.
#[derive(Debug, Clone, Copy, Default)]
pub struct UdpOptions {
    /// Room for datagrams that wait to be read; `None` leaves the system's.
    ///
    /// Unit: bytes. Eight million hold about a second of 10,000 calls a second.
    pub receive_buffer: Option<usize>,
    /// Room for datagrams that wait to be sent; `None` leaves the system's.
    pub send_buffer: Option<usize>,
    /// Several sockets on one port; the system spreads the peers over them.
    pub is_shared: bool,
    /// A bad line on purpose.
    pub drop_plan: Option<DropPlan>,
}

/// What happened to datagrams on a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UdpCounts {
    /// Read, whatever became of them.
    pub received: u64,
    /// Handed to the system.
    pub sent: u64,
    /// The system refused to send them.
    pub send_failed: u64,
    /// Lost because nobody read them in time: our fault, not the line's.
    pub overflowed: u64,
    /// Longer than the buffer: not delivered.
    pub truncated: u64,
    /// Lost, doubled or delayed by the [`DropPlan`].
    pub tampered: u64,
}

/// A socket that never blocks.
#[derive(Debug)]
pub struct Udp {
    socket: UdpSocket,
    local: SocketAddr,
    bad_line: Option<Box<BadLine>>,
    counts: UdpCounts,
    /// The system's count of overflows when it was last told; it counts 32 bits.
    overflows_told: u32,
}

#[derive(Debug)]
struct BadLine {
    inward: Dropper,
    outward: Dropper,
}

/// A datagram that was received.
#[derive(Debug)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub from: SocketAddr,
    /// When the kernel got it.
    ///
    /// Linux begins to stamp some milliseconds after the first socket of the machine asked for it;
    /// what came before is stamped when it is read.
    pub at: Instant,
    /// What it holds; to be changed in place, for a relay.
    pub bytes: &'a mut [u8],
}

/// Buffers for datagrams that are received, reused.
#[derive(Debug)]
pub struct Inbox {
    bytes: Vec<u8>,
    size: usize,
    slots: Vec<Slot>,
    control: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    from: SocketAddr,
    at: Instant,
    length: usize,
}

/// Datagrams to be sent, gathered so that one turn of the loop sends them all.
#[derive(Debug)]
pub struct Outbox {
    bytes: Vec<u8>,
    waiting: std::collections::VecDeque<(SocketAddr, usize)>,
    /// Bytes at the beginning that are sent already.
    gone: usize,
    limit: usize,
    dropped: u64,
}

/// What a flush did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flushed {
    /// Handed to the system.
    pub sent: usize,
    /// The last that the system refused, if any.
    pub failed: Option<(SocketAddr, io::ErrorKind)>,
    /// The system's buffer is full: the rest stays, flush again soon.
    pub is_blocked: bool,
}

impl Inbox {
    /// Makes room for so many datagrams of up to `size` bytes; at least one of one byte.
    pub fn new(datagrams: usize, size: usize) -> Self {
        let (datagrams, size) = (datagrams.max(1), size.max(1));
        Self {
            bytes: vec![0; datagrams * size],
            size,
            slots: Vec::with_capacity(datagrams),
            control: nix::cmsg_space!(nix::libc::timespec, u32),
        }
    }

    /// The datagrams of the last [`Udp::receive`], oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = Datagram<'_>> {
        let buffers = self.bytes.chunks_exact_mut(self.size);
        self.slots.iter().zip(buffers).map(|(slot, buffer)| Datagram {
            from: slot.from,
            at: slot.at,
            bytes: &mut buffer[..slot.length],
        })
    }

    fn capacity(&self) -> usize {
        self.bytes.len() / self.size
    }

    fn is_full(&self) -> bool {
        self.slots.len() == self.capacity()
    }

    /// Puts a copy of a datagram behind the others, if there is room.
    fn add(&mut self, from: SocketAddr, at: Instant, bytes: &[u8]) {
        if self.is_full() || bytes.len() > self.size {
            return;
        }
        let start = self.slots.len() * self.size;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
        self.slots.push(Slot { from, at, length: bytes.len() });
    }

    fn copy_last(&mut self) {
        let Some(&last) = self.slots.last().filter(|_| !self.is_full()) else { return };
        let start = (self.slots.len() - 1) * self.size;
        self.bytes.copy_within(start..start + last.length, start + self.size);
        self.slots.push(last);
    }
}

impl Outbox {
    /// Makes one that holds up to `limit` bytes; what is more is dropped and counted.
    pub fn new(limit: usize) -> Self {
        let waiting = std::collections::VecDeque::new();
        Self { bytes: Vec::new(), waiting, gone: 0, limit, dropped: 0 }
    }

    /// Adds a datagram made of parts; returns whether there was room.
    pub fn push(&mut self, to: SocketAddr, parts: &[&[u8]]) -> bool {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        if self.bytes.len() - self.gone + length > self.limit {
            self.dropped += 1;
            return false;
        }
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.waiting.push_back((to, length));
        true
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many were dropped for want of room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn first(&self) -> Option<(SocketAddr, &[u8])> {
        let &(to, length) = self.waiting.front()?;
        Some((to, &self.bytes[self.gone..self.gone + length]))
    }

    fn take_first(&mut self) {
        let Some((_, length)) = self.waiting.pop_front() else { return };
        self.gone += length;
        if self.waiting.is_empty() {
            self.bytes.clear();
            self.gone = 0;
        } else if self.gone > self.limit / 2 {
            self.bytes.drain(..self.gone);
            self.gone = 0;
        }
    }
}

impl Udp {
    /// Opens a socket on an address; port 0 takes a free one.
    ///
    /// An IPv6 socket serves IPv6 only, so that a peer has one address and not two.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn bind(address: SocketAddr, options: &UdpOptions) -> io::Result<Self> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::Inet,
            SocketAddr::V6(_) => AddressFamily::Inet6,
        };
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let fd = socket(family, SockType::Datagram, flags, None)?;
        if address.is_ipv6() {
            setsockopt(&fd, Ipv6V6Only, &true)?;
        }
        if options.is_shared {
            setsockopt(&fd, ReusePort, &true)?;
        }
        setsockopt(&fd, ReceiveTimestampns, &true)?;
        setsockopt(&fd, RxqOvfl, &1)?;
        if let Some(bytes) = options.receive_buffer {
            // Beyond the system's limit only root may; less is not an error but a smaller buffer.
            setsockopt(&fd, RcvBufForce, &bytes).or_else(|_| setsockopt(&fd, RcvBuf, &bytes))?;
        }
        if let Some(bytes) = options.send_buffer {
            setsockopt(&fd, SndBuf, &bytes)?;
        }
        bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
        let socket = UdpSocket::from(fd);
        let local = socket.local_addr()?;
        let bad_line = options.drop_plan.map(|plan| {
            Box::new(BadLine { inward: Dropper::new(plan, 0), outward: Dropper::new(plan, 1) })
        });
        let counts = UdpCounts::default();
        Ok(Self { socket, local, bad_line, counts, overflows_told: 0 })
    }

    /// The address it is open on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Room for datagrams that wait to be read, as the system granted it.
    ///
    /// Unit: bytes; Linux counts its own overhead, so this is twice what was granted.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn receive_buffer(&self) -> io::Result<usize> {
        Ok(getsockopt(&self.socket, RcvBuf)?)
    }

    /// What happened to datagrams so far.
    pub fn counts(&self) -> UdpCounts {
        self.counts
    }

    /// Reads up to `most` datagrams that have come, and empties the inbox for them.
    ///
    /// Returns how many are in the inbox. With `most` 1 a media socket costs one call a packet; what
    /// is left shows at the next wait.
    ///
    /// # Errors
    /// When the socket is broken. An unreachable peer is no error here.
    pub fn receive(&mut self, clock: &Clock, inbox: &mut Inbox, most: usize) -> io::Result<usize> {
        inbox.slots.clear();
        self.release_inward(clock, inbox);
        // Read once for all, when the first has come: reading clocks costs as much as a small packet.
        let mut reading = None;
        for _ in 0..most {
            if inbox.is_full() || !self.receive_one(clock, &mut reading, inbox)? {
                break;
            }
        }
        Ok(inbox.slots.len())
    }

    /// When a datagram that the [`DropPlan`] holds back is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        let line = self.bad_line.as_ref()?;
        [line.inward.next_timeout(), line.outward.next_timeout()].into_iter().flatten().min()
    }

    /// Sends one datagram at once, without an outbox: audio, of which each socket has one packet at a time.
    ///
    /// What the system does not take is lost, as on any line; the counts say so.
    pub fn send_now(&mut self, clock: &Clock, to: SocketAddr, bytes: &[u8]) -> Flushed {
        let mut flushed = Flushed::default();
        let copies = self.copies(clock, to, bytes);
        for _ in 0..copies {
            if !self.send(to, bytes, &mut flushed) {
                self.counts.send_failed += 1;
            }
        }
        flushed
    }

    /// How often a datagram is to be sent: once, unless the line is bad on purpose.
    fn copies(&mut self, clock: &Clock, to: SocketAddr, bytes: &[u8]) -> usize {
        let Some(line) = &mut self.bad_line else { return 1 };
        let fate = line.outward.judge(clock.now(), to, bytes);
        self.counts.tampered += u64::from(fate != Fate::Pass);
        match fate {
            Fate::Pass => 1,
            Fate::Twice => 2,
            Fate::Lost | Fate::Held => 0,
        }
    }

    /// Sends what an outbox holds, as far as the system takes it.
    pub fn flush(&mut self, clock: &Clock, outbox: &mut Outbox) -> Flushed {
        let mut flushed = Flushed::default();
        self.release_outward(clock, &mut flushed);
        while let Some((to, bytes)) = outbox.first() {
            for _ in 0..self.copies(clock, to, bytes) {
                if !self.send(to, bytes, &mut flushed) {
                    return flushed;
                }
            }
            outbox.take_first();
        }
        flushed
    }

    /// Sends one datagram; `false` when the system has no room and it must be tried again.
    fn send(&mut self, to: SocketAddr, bytes: &[u8], flushed: &mut Flushed) -> bool {
        loop {
            match self.socket.send_to(bytes, to) {
                Ok(_) => {
                    flushed.sent += 1;
                    self.counts.sent += 1;
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    flushed.is_blocked = true;
                    return false;
                }
                Err(error) => {
                    flushed.failed = Some((to, error.kind()));
                    self.counts.send_failed += 1;
                    return true;
                }
            }
        }
    }

    fn release_outward(&mut self, clock: &Clock, flushed: &mut Flushed) {
        let now = clock.now();
        while let Some((to, bytes)) =
            self.bad_line.as_mut().and_then(|line| line.outward.release(now))
        {
            self.send(to, &bytes, flushed);
        }
    }

    fn release_inward(&mut self, clock: &Clock, inbox: &mut Inbox) {
        let Some(line) = &mut self.bad_line else { return };
        let now = clock.now();
        while !inbox.is_full() {
            let Some((from, bytes)) = line.inward.release(now) else { return };
            inbox.add(from, now, &bytes);
        }
    }

    /// Reads one datagram into the next slot; `false` when none has come.
    fn receive_one(
        &mut self,
        clock: &Clock,
        reading: &mut Option<Reading>,
        inbox: &mut Inbox,
    ) -> io::Result<bool> {
        let start = inbox.slots.len() * inbox.size;
        let mut parts = [io::IoSliceMut::new(&mut inbox.bytes[start..start + inbox.size])];
        let fd = self.socket.as_raw_fd();
        let control = Some(inbox.control.as_mut_slice());
        let message = match recvmsg::<SockaddrStorage>(fd, &mut parts, control, MsgFlags::empty()) {
            Ok(message) => message,
            Err(Errno::EAGAIN) => return Ok(false),
            // An earlier datagram met a closed port: a fact about its peer, not about this socket.
            Err(Errno::EINTR | Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH) => {
                return Ok(true);
            }
            Err(error) => return Err(error.into()),
        };
        self.counts.received += 1;
        let (mut stamp, mut overflows) = (None, None);
        for control in message.cmsgs()? {
            if let ControlMessageOwned::ScmTimestampns(time) = control {
                stamp = Some(time);
            } else if let ControlMessageOwned::RxqOvfl(count) = control {
                overflows = Some(count);
            }
        }
        let (length, is_cut) = (message.bytes, message.flags.contains(MsgFlags::MSG_TRUNC));
        let from = message.address.as_ref().and_then(to_socket_addr);
        if let Some(count) = overflows {
            self.counts.overflowed += u64::from(count.wrapping_sub(self.overflows_told));
            self.overflows_told = count;
        }
        let Some(from) = from.filter(|_| !is_cut) else {
            self.counts.truncated += 1;
            return Ok(true);
        };
        let reading = reading.get_or_insert_with(|| clock.reading());
        let at = stamp.and_then(|time| u64::try_from(time.num_nanoseconds()).ok());
        let at = at.map_or(reading.now, |nanos| reading.moment(Duration::from_nanos(nanos)));
        inbox.slots.push(Slot { from, at, length });
        if self.bad_line.is_some() {
            self.tamper(clock.now(), inbox);
        }
        Ok(true)
    }

    /// Lets the bad line have its way with the datagram received last.
    fn tamper(&mut self, now: Instant, inbox: &mut Inbox) {
        let Some(line) = &mut self.bad_line else { return };
        let Some(&Slot { from, length, .. }) = inbox.slots.last() else { return };
        let start = (inbox.slots.len() - 1) * inbox.size;
        let fate = line.inward.judge(now, from, &inbox.bytes[start..start + length]);
        self.counts.tampered += u64::from(fate != Fate::Pass);
        match fate {
            Fate::Pass => {}
            Fate::Lost | Fate::Held => {
                inbox.slots.pop();
            }
            Fate::Twice => inbox.copy_last(),
        }
    }
}

impl AsFd for Udp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn to_socket_addr(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| SocketAddr::from(*address));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| SocketAddr::from(*address)))
}

//! Audio, paced by absolute time: every stream sends a packet every 20 ms at its own moment, whatever the last one was late.

use super::tally::{Arrivals, Delays};
use super::{FRAME, PACKETS_PER_SECOND};
use core::net::SocketAddr;
use sip::net::{Clock, Inbox, Outbox, Udp};
use sip::rtp::{Header, Outgoing, Start};
use sip::{Duration, Instant};
use std::io;

/// Slots of the 20 ms in which the streams have their moments.
const SLOTS: usize = 80;
const SLOT: Duration = Duration::from_micros(20_000 / SLOTS as u64);

/// What begins a payload of ours.
const MARK: [u8; 8] = *b"pacer\x00\x01\x02";

/// A-law, and what fills a payload.
const PAYLOAD_TYPE: u8 = 8;
const SILENCE: u8 = 0xD5;

/// How long packets are waited for after the last was sent.
const STRAGGLERS: Duration = Duration::from_millis(500);

/// Packets read from a socket at a time.
const BATCH: usize = 64;

/// Where the packets of one side leave and come: a socket shared by its telephones.
#[derive(Debug)]
pub struct Side {
    /// The socket.
    pub udp: Udp,
    /// Where the process under measurement receives each telephone's audio.
    pub targets: Vec<SocketAddr>,
}

/// What was seen.
#[derive(Debug)]
pub struct Seen {
    /// Packets sent.
    pub sent: u64,
    /// Packets that came, and how often one came twice.
    pub arrivals: Arrivals,
    /// From just before sending to the kernel's moment of arrival.
    pub delays: Delays,
    /// From the moment a packet was meant for to just before sending it: this program's own fault.
    pub lateness: Delays,
    /// Packets that this side's sockets lost because nobody read them in time.
    pub overflowed: u64,
}

struct Stream {
    side: usize,
    to: SocketAddr,
    outgoing: Outgoing,
}

/// Both sides' streams, and what is known of their packets.
pub struct Streams {
    clock: Clock,
    sides: [Side; 2],
    streams: Vec<Stream>,
    inbox: Inbox,
    outbox: Outbox,
    seen: Seen,
}

impl Streams {
    /// Prepares to send `packets` in each stream.
    pub fn new(clock: Clock, sides: [Side; 2], packets: usize) -> Self {
        let mut streams = Vec::new();
        for (side, from) in sides.iter().enumerate() {
            for &to in &from.targets {
                let ssrc = u32::try_from(streams.len()).expect("streams are few") + 1;
                let outgoing = Outgoing::new(Start { ssrc, sequence: 0, timestamp: 0 });
                streams.push(Stream { side, to, outgoing });
            }
        }
        let all = streams.len() * packets;
        let seen = Seen {
            sent: 0,
            arrivals: Arrivals::new(streams.len(), packets),
            delays: Delays::with_capacity(all),
            lateness: Delays::with_capacity(all),
            overflowed: 0,
        };
        let (inbox, outbox) = (Inbox::new(BATCH, 2048), Outbox::new(1 << 16));
        Self { clock, sides, streams, inbox, outbox, seen }
    }

    /// Sends every packet at its moment and reads what comes; `packets` of each stream.
    ///
    /// # Errors
    /// When a socket breaks.
    pub fn run(mut self, packets: usize) -> io::Result<Seen> {
        let begin = self.clock.now() + Duration::from_millis(50);
        for slot in 0..packets * SLOTS {
            let due = begin + SLOT * u32::try_from(slot).expect("a run is shorter than days");
            // Awake all the time: a sleeping core of a virtual machine wakes milliseconds late.
            while self.clock.now() < due {
                self.receive()?;
            }
            self.send(slot / SLOTS, slot % SLOTS, due);
        }
        let end = self.clock.now() + STRAGGLERS;
        while self.clock.now() < end {
            self.receive()?;
        }
        self.seen.overflowed = self.sides.iter().map(|side| side.udp.counts().overflowed).sum();
        Ok(self.seen)
    }

    /// Sends the `packet`-th packet of every stream of a slot.
    fn send(&mut self, packet: usize, slot: usize, due: Instant) {
        for number in (slot..self.streams.len()).step_by(SLOTS) {
            let stream = &mut self.streams[number];
            let now = self.clock.now();
            let header = stream.outgoing.frame(now, PAYLOAD_TYPE, FRAME as u32);
            self.outbox.push(stream.to, &[&header, &payload(number, packet, now)]);
            self.sides[stream.side].udp.flush(&self.clock, &mut self.outbox);
            self.seen.sent += 1;
            self.seen.lateness.add(micros(now.saturating_since(due)));
        }
    }

    /// Reads what has come to both sides.
    fn receive(&mut self) -> io::Result<()> {
        for side in &mut self.sides {
            while side.udp.receive(&self.clock, &mut self.inbox, BATCH)? > 0 {
                for datagram in self.inbox.iter_mut() {
                    let Some((stream, packet, sent)) = read(datagram.bytes) else { continue };
                    if self.seen.arrivals.count(stream, packet) {
                        self.seen.delays.add(micros(datagram.at.saturating_since(sent)));
                    }
                }
            }
        }
        Ok(())
    }
}

/// How many packets a stream sends in so many seconds.
pub fn packets_in(seconds: u64) -> usize {
    usize::try_from(seconds * PACKETS_PER_SECOND).expect("a run is shorter than years")
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Mark, stream, packet, moment, silence.
fn payload(stream: usize, packet: usize, sent: Instant) -> [u8; FRAME] {
    let mut bytes = [SILENCE; FRAME];
    bytes[..8].copy_from_slice(&MARK);
    bytes[8..16].copy_from_slice(&(stream as u64).to_be_bytes());
    bytes[16..24].copy_from_slice(&(packet as u64).to_be_bytes());
    bytes[24..32].copy_from_slice(&sent.as_micros().to_be_bytes());
    bytes
}

/// What a packet says; `None` of one that is not ours, such as music.
fn read(datagram: &[u8]) -> Option<(usize, usize, Instant)> {
    let header = Header::parse(datagram).ok()?;
    let rest = header.payload(datagram).strip_prefix(&MARK)?;
    let (numbers, _) = rest.as_chunks::<8>();
    let [stream, packet, sent, ..] = numbers else { return None };
    let number = |bytes: &[u8; 8]| usize::try_from(u64::from_be_bytes(*bytes)).ok();
    let sent = Instant::from_micros(u64::from_be_bytes(*sent));
    Some((number(stream)?, number(packet)?, sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_says_what_it_was_sent_with() {
        let mut outgoing = Outgoing::new(Start { ssrc: 1, sequence: 2, timestamp: 3 });
        let now = Instant::from_micros(123_456);
        let mut datagram = outgoing.frame(now, PAYLOAD_TYPE, FRAME as u32).to_vec();
        datagram.extend(payload(999, 3000, now));
        assert_eq!(read(&datagram), Some((999, 3000, now)));
        datagram[12] = SILENCE;
        assert_eq!(read(&datagram), None);
    }
}

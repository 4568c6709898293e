//! Audio packets to be sent, gathered so that the shell sends many at once.

use sip::rtp::HEADER;
use std::net::SocketAddr;
use std::ops::Range;

/// Packets to be sent; their bytes lie one after the other.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    packets: Vec<(Channel, u32, SocketAddr, Range<usize>)>,
}

/// Which of a port's two sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// RTP, on the even number.
    Audio,
    /// RTCP, one above.
    Control,
}

/// A packet to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The number of the port it leaves by.
    pub port: u32,
    /// And the socket of that port.
    pub channel: Channel,
    /// Where it goes.
    pub to: SocketAddr,
    /// The datagram.
    pub bytes: &'a [u8],
}

impl Outbox {
    /// Lists the packets in the order in which they are to leave.
    pub fn packets(&self) -> impl ExactSizeIterator<Item = Packet<'_>> {
        let packet = |(channel, port, to, at): &(Channel, u32, SocketAddr, Range<usize>)| Packet {
            port: *port,
            channel: *channel,
            to: *to,
            bytes: &self.bytes[at.clone()],
        };
        self.packets.iter().map(packet)
    }

    /// Empties it, after sending; the memory is kept.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.packets.clear();
    }

    /// Adds a packet of audio.
    pub fn push(&mut self, port: u32, to: SocketAddr, packet: &[u8]) {
        self.push_by(Channel::Audio, port, to, packet);
    }

    /// Adds a packet.
    pub fn push_by(&mut self, by: Channel, port: u32, to: SocketAddr, packet: &[u8]) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(packet);
        self.packets.push((by, port, to, from..self.bytes.len()));
    }

    /// Adds a packet made of header and payload.
    pub fn push_frame(&mut self, port: u32, to: SocketAddr, header: [u8; HEADER], payload: &[u8]) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(&header);
        self.bytes.extend_from_slice(payload);
        self.packets.push((Channel::Audio, port, to, from..self.bytes.len()));
    }
}

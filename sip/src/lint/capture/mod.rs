//! Capture files into [`Lint`]: pcap and pcapng as tcpdump and tshark write them.
//!
//! An own reader of 400 lines: `pcap-parser` brings nom and a ring buffer and leaves links, IP and
//! TCP to us; `pcap-file` 3 is a release candidate. What a capture of SIP needs of the formats is
//! one page, and every length in it is a stranger's.

mod file;
mod link;
mod segments;

use std::io::Read;

use super::Lint;
use crate::flow::Transport;
use file::File;
use link::{Carried, carried};
use segments::Segments;

/// Why a file cannot be read as a capture.
#[derive(Debug, thiserror::Error)]
pub enum CaptureFault {
    /// It begins like no capture.
    #[error("neither pcap nor pcapng")]
    NotACapture,
    /// A record or block is longer than any a capture tool writes, or shorter than its own header.
    #[error("packet {number}: a record of {length} bytes")]
    Length {
        /// The packet's number.
        number: u64,
        /// The length it claims.
        length: u64,
    },
    /// A pcapng packet names an interface that was not described, or there are too many of them.
    #[error("packet {number}: interface {interface} is not described")]
    Interface {
        /// The packet's number.
        number: u64,
        /// The interface it names.
        interface: u32,
    },
    /// The link type is none of Ethernet, loopback, raw IP and Linux cooked.
    #[error("packet {number}: link type {link} is not known")]
    Link {
        /// The packet's number.
        number: u64,
        /// As registered by tcpdump.org.
        link: u32,
    },
    /// The disk refused.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
}

/// What a file held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Packets {
    /// All packets.
    pub all: u64,
    /// Packets that were cut by the capture's snap length.
    pub cut: u64,
    /// IP fragments: they are not put together.
    pub fragments: u64,
    /// Packets that are neither UDP nor TCP over IP, or contradict themselves.
    pub others: u64,
    /// The file ends inside a record.
    pub ends_early: bool,
}

/// Feeds a capture file to the checker; moments count from its first packet.
///
/// # Errors
/// [`CaptureFault`]; what was read before it has been looked at.
pub fn read(source: impl Read, lint: &mut Lint) -> Result<Packets, CaptureFault> {
    let mut file = File::open(source)?;
    let mut packets = Packets::default();
    let mut segments = Segments::default();
    while let Some(packet) = file.next()? {
        packets.all += 1;
        if packet.is_cut {
            packets.cut += 1;
            continue;
        }
        let Some(carried) = carried(packet.link, packet.bytes) else {
            let (number, link) = (packet.number, packet.link);
            return Err(CaptureFault::Link { number, link });
        };
        match carried {
            Carried::Udp { from, to, bytes } => {
                lint.observe_packet(packet.number, packet.at, from, to, Transport::Udp, bytes);
            }
            Carried::Tcp(segment) => segments.take(&segment, |bytes| {
                let (from, to) = (segment.from, segment.to);
                lint.observe_packet(packet.number, packet.at, from, to, Transport::Tcp, bytes);
            }),
            Carried::Fragment => packets.fragments += 1,
            Carried::Other => packets.others += 1,
            Carried::Twice => {}
        }
    }
    packets.ends_early = file.ends_early();
    Ok(packets)
}

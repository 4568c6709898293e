//! From a frame to what UDP or TCP carries.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What a frame carries.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Carried<'a> {
    Udp {
        from: SocketAddr,
        to: SocketAddr,
        bytes: &'a [u8],
    },
    Tcp(Segment<'a>),
    /// A fragment of an IP packet.
    Fragment,
    /// Nothing for us, or lengths that contradict each other.
    Other,
    /// The second sight of a packet: on loopback the capture of all interfaces sees each twice.
    Twice,
}

/// A piece of a TCP connection's one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) sequence: u32,
    pub(super) is_start: bool,
    pub(super) is_end: bool,
    pub(super) bytes: &'a [u8],
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86DD;
/// Most extension headers of IPv6, and VLAN tags, walked over.
const STEPS_MAX: usize = 8;

/// Takes a frame apart; none for a link type that is not known (tcpdump.org/linktypes.html).
pub(super) fn carried(link: u32, frame: &[u8]) -> Option<Carried<'_>> {
    let carried = match link {
        0 | 108 => null(frame),
        1 => ethernet(frame),
        12 | 14 | 101 | 228 | 229 => ip(frame),
        113 => cooked(frame, 16, 14, (0, 2)),
        276 => cooked(frame, 20, 0, (10, 8)),
        _ => return None,
    };
    Some(carried.unwrap_or(Carried::Other))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// BSD loopback: four bytes of address family in some byte order, which IP's own version repeats.
fn null(frame: &[u8]) -> Option<Carried<'_>> {
    ip(frame.get(4..)?)
}

fn ethernet(frame: &[u8]) -> Option<Carried<'_>> {
    let mut at = 12;
    for _ in 0..STEPS_MAX {
        match short(frame, at)? {
            // IEEE 802.1Q and 802.1ad tags.
            0x8100 | 0x88A8 | 0x9100 => at += 4,
            IPV4 | IPV6 => return ip(frame.get(at + 2..)?),
            _ => return None,
        }
    }
    None
}

/// Linux cooked, version 1 and 2: places of the header's end, the protocol, packet type and device.
fn cooked(
    frame: &[u8],
    head: usize,
    protocol: usize,
    (kind, device): (usize, usize),
) -> Option<Carried<'_>> {
    const OUTGOING: u8 = 4;
    const LOOPBACK: u16 = 772;
    // In version 1 the packet type has two bytes, in version 2 one.
    let kind = if head == 16 { *frame.get(kind + 1)? } else { *frame.get(kind)? };
    if kind == OUTGOING && short(frame, device)? == LOOPBACK {
        return Some(Carried::Twice);
    }
    match short(frame, protocol)? {
        IPV4 | IPV6 => ip(frame.get(head..)?),
        _ => None,
    }
}

fn ip(packet: &[u8]) -> Option<Carried<'_>> {
    match packet.first()? >> 4 {
        4 => ipv4(packet),
        6 => ipv6(packet),
        _ => None,
    }
}

fn ipv4(packet: &[u8]) -> Option<Carried<'_>> {
    let head = usize::from(packet[0] & 15) * 4;
    let total = usize::from(short(packet, 2)?);
    // Segmentation left to the network card writes 0: then the frame's length counts.
    let total = if total == 0 { packet.len() } else { total };
    let rest = packet.get(head.max(20)..total).filter(|_| head >= 20)?;
    if short(packet, 6)? & 0x3FFF != 0 {
        return Some(Carried::Fragment);
    }
    let address = |at: usize| -> Option<IpAddr> {
        let bytes: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(bytes).into())
    };
    transport(*packet.get(9)?, address(12)?, address(16)?, rest)
}

fn ipv6(packet: &[u8]) -> Option<Carried<'_>> {
    let length = usize::from(short(packet, 4)?);
    let end = if length == 0 { packet.len() } else { 40 + length };
    let mut rest = packet.get(40..end)?;
    let mut next = packet[6];
    for _ in 0..STEPS_MAX {
        match next {
            // Hop-by-hop, routing and destination options.
            0 | 43 | 60 => {
                let length = (usize::from(*rest.get(1)?) + 1) * 8;
                next = *rest.first()?;
                rest = rest.get(length..)?;
            }
            44 => return Some(Carried::Fragment),
            _ => break,
        }
    }
    let address = |at: usize| -> Option<IpAddr> {
        let bytes: [u8; 16] = packet.get(at..at + 16)?.try_into().ok()?;
        Some(Ipv6Addr::from(bytes).into())
    };
    transport(next, address(8)?, address(24)?, rest)
}

fn transport(protocol: u8, from: IpAddr, to: IpAddr, rest: &[u8]) -> Option<Carried<'_>> {
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    let from = SocketAddr::new(from, short(rest, 0)?);
    let to = SocketAddr::new(to, short(rest, 2)?);
    match protocol {
        UDP => {
            let length = usize::from(short(rest, 4)?);
            let bytes = rest.get(8..length)?;
            Some(Carried::Udp { from, to, bytes })
        }
        TCP => {
            let sequence = u32::from_be_bytes(rest.get(4..8)?.try_into().ok()?);
            let head = usize::from(rest.get(12)? >> 4) * 4;
            let flags = *rest.get(13)?;
            let bytes = rest.get(head..).filter(|_| head >= 20)?;
            // FIN and RST end a direction, SYN begins one.
            let (is_start, is_end) = (flags & 2 != 0, flags & 5 != 0);
            Some(Carried::Tcp(Segment { from, to, sequence, is_start, is_end, bytes }))
        }
        _ => None,
    }
}

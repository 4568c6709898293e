//! Reading compound packets.

/// Why a datagram is not RTCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtcpFault {
    /// Lengths of the packets and of the datagram do not fit.
    #[error("lengths do not fit")]
    Length,
    /// A version other than 2.
    #[error("not version 2")]
    Version,
    /// The first packet is no report (RFC 3550 A.2).
    #[error("does not begin with a report")]
    First,
    /// Padding where it may not be, or longer than the packet.
    #[error("padding does not fit")]
    Padding,
}

/// What a sender says about its stream (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    /// Wall-clock time: seconds since 1900 above, their 2⁻³² parts below.
    pub ntp: u64,
    /// The same moment in the stream's timestamps.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Bytes of payload sent.
    pub octets: u32,
}

/// What somebody says about a stream he receives (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The stream.
    pub ssrc: u32,
    /// Share lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the beginning; 24 bits.
    pub lost: i32,
    /// The highest sequence number with the wraps before it.
    pub highest_sequence: u32,
    /// Interarrival jitter, in the stream's ticks.
    pub jitter: u32,
    /// The middle of the NTP time of the last sender report heard; 0 if none.
    pub last_report: u32,
    /// How long ago that was. Unit: 65,536ths of a second.
    pub delay: u32,
}

/// Bytes of a block.
pub(super) const BLOCK: usize = 24;

/// The blocks of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reports<'a>(&'a [u8]);

impl<'a> Reports<'a> {
    /// The blocks in order.
    pub fn iter(&self) -> impl Iterator<Item = Block> + use<'a> {
        self.0.chunks_exact(BLOCK).map(read_block)
    }
}

/// One packet of a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// SR: from somebody who sends.
    SenderReport {
        /// Who.
        ssrc: u32,
        /// About what he sends.
        info: SenderInfo,
        /// About what he receives.
        reports: Reports<'a>,
    },
    /// RR: from somebody who only receives.
    ReceiverReport {
        /// Who.
        ssrc: u32,
        /// About what he receives.
        reports: Reports<'a>,
    },
    /// SDES: names, which nothing here needs.
    Description,
    /// BYE.
    Goodbye,
    /// Another kind: APP, XR, feedback.
    Other(u8),
}

/// A datagram whose packets all fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compound<'a>(&'a [u8]);

impl<'a> Compound<'a> {
    /// Checks a datagram (RFC 3550 A.2).
    ///
    /// A single report without a description is accepted (RFC 5506 and careless telephones).
    ///
    /// # Errors
    /// [`RtcpFault`].
    pub fn parse(datagram: &'a [u8]) -> Result<Self, RtcpFault> {
        let mut rest = datagram;
        let mut is_first = true;
        while !rest.is_empty() {
            let (head, body, after) = split(rest).ok_or(RtcpFault::Length)?;
            if head[0] >> 6 != 2 {
                return Err(RtcpFault::Version);
            }
            if is_first && !matches!(head[1], SENDER | RECEIVER) {
                return Err(RtcpFault::First);
            }
            let body = without_padding(head[0], body, after.is_empty())?;
            if read(head, body).is_none() {
                return Err(RtcpFault::Length);
            }
            (rest, is_first) = (after, false);
        }
        if is_first { Err(RtcpFault::Length) } else { Ok(Self(datagram)) }
    }

    /// The packets in order.
    pub fn packets(&self) -> impl Iterator<Item = Packet<'a>> + use<'a> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (head, body, after) = split(rest)?;
            rest = after;
            read(head, without_padding(head[0], body, after.is_empty()).ok()?)
        })
    }
}

/// Packet types (RFC 3550 §12.1).
pub(super) const SENDER: u8 = 200;
pub(super) const RECEIVER: u8 = 201;
pub(super) const DESCRIPTION: u8 = 202;
pub(super) const GOODBYE: u8 = 203;

/// The header of the first packet, its body, and the packets behind it.
fn split(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    let words = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let (body, after) = rest.split_at_checked(words * 4)?;
    Some((head, body, after))
}

/// RFC 3550 §6.4.1: only the last packet may be padded, by whole words.
fn without_padding(first: u8, body: &[u8], is_last: bool) -> Result<&[u8], RtcpFault> {
    if first & 0x20 == 0 {
        return Ok(body);
    }
    let length = usize::from(*body.last().ok_or(RtcpFault::Padding)?);
    let fits = is_last && length > 0 && length.is_multiple_of(4);
    let end = body.len().checked_sub(length).filter(|_| fits).ok_or(RtcpFault::Padding)?;
    Ok(&body[..end])
}

/// Reads a packet; `None` when its contents do not fit it.
fn read<'a>(head: &[u8; 4], body: &'a [u8]) -> Option<Packet<'a>> {
    let count = usize::from(head[0] & 31);
    // What stands behind the blocks is an extension of a profile.
    let reports = |body: &'a [u8]| body.get(..count * BLOCK).map(Reports);
    match head[1] {
        SENDER => {
            let (ssrc, rest) = body.split_first_chunk::<4>()?;
            let (info, rest) = rest.split_first_chunk::<20>()?;
            let (ssrc, info) = (u32::from_be_bytes(*ssrc), read_info(info));
            Some(Packet::SenderReport { ssrc, info, reports: reports(rest)? })
        }
        RECEIVER => {
            let (ssrc, rest) = body.split_first_chunk::<4>()?;
            let ssrc = u32::from_be_bytes(*ssrc);
            Some(Packet::ReceiverReport { ssrc, reports: reports(rest)? })
        }
        DESCRIPTION => Some(Packet::Description),
        GOODBYE => (body.len() >= count * 4).then_some(Packet::Goodbye),
        other => Some(Packet::Other(other)),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes[at..].first_chunk::<4>().expect("the caller has checked the length");
    u32::from_be_bytes(*word)
}

fn read_info(bytes: &[u8; 20]) -> SenderInfo {
    SenderInfo {
        ntp: u64::from(word(bytes, 0)) << 32 | u64::from(word(bytes, 4)),
        timestamp: word(bytes, 8),
        packets: word(bytes, 12),
        octets: word(bytes, 16),
    }
}

fn read_block(bytes: &[u8]) -> Block {
    // The upper byte goes out at the top, which leaves 24 bits with their sign.
    let lost = (word(bytes, 4) << 8).cast_signed() >> 8;
    Block {
        ssrc: word(bytes, 0),
        fraction_lost: bytes[4],
        lost,
        highest_sequence: word(bytes, 8),
        jitter: word(bytes, 12),
        last_report: word(bytes, 16),
        delay: word(bytes, 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RR: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 7];
    const BYE: [u8; 8] = [0x81, 203, 0, 1, 0, 0, 0, 7];

    #[test]
    fn compounds_that_lie_are_refused_as_a_whole() {
        let padded = |padding: u8| {
            let mut packet = [&RR[..], &[0, 0, 0, padding]].concat();
            packet[0] |= 0x20;
            packet[3] = 2;
            packet
        };
        let cases: [(Vec<u8>, RtcpFault); 12] = [
            (Vec::new(), RtcpFault::Length),
            (RR[..7].to_vec(), RtcpFault::Length),
            ([&RR[..], &BYE[..3]].concat(), RtcpFault::Length),
            ([&RR[..], &[0x81, 203, 0, 9]].concat(), RtcpFault::Length),
            (vec![0x81, 201, 0, 1, 0, 0, 0, 7], RtcpFault::Length), // a block that is not there
            (vec![0x80, 200, 0, 1, 0, 0, 0, 7], RtcpFault::Length), // no sender info
            ([&RR[..], &[0x82, 203, 0, 1, 0, 0, 0, 7]].concat(), RtcpFault::Length),
            (vec![0x40, 201, 0, 1, 0, 0, 0, 7], RtcpFault::Version),
            (BYE.to_vec(), RtcpFault::First),
            (padded(0), RtcpFault::Padding),
            (padded(3), RtcpFault::Padding),
            ([&padded(4)[..], &BYE].concat(), RtcpFault::Padding),
        ];
        for (datagram, fault) in cases {
            assert_eq!(Compound::parse(&datagram), Err(fault), "{datagram:02x?}");
        }
        assert!(Compound::parse(&padded(4)).is_ok());
        assert_eq!(Compound::parse(&padded(12)), Err(RtcpFault::Padding));
    }

    #[test]
    fn losses_have_a_sign() {
        let mut packet = [&RR[..], &[0; BLOCK]].concat();
        (packet[0], packet[3]) = (0x81, 7);
        packet[12..16].copy_from_slice(&[9, 0xFF, 0xFF, 0xFE]);
        let compound = Compound::parse(&packet).expect("good");
        let Some(Packet::ReceiverReport { reports, .. }) = compound.packets().next() else {
            panic!("a report");
        };
        let block = reports.iter().next().expect("one");
        assert_eq!((block.fraction_lost, block.lost), (9, -2));
    }
}

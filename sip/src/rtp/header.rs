//! The header of an RTP packet, read where it lies and written over (RFC 3550 §5.1).

use core::ops::Range;

/// Length of a header without contributing sources or extension; all we write.
///
/// Unit: bytes.
pub const HEADER: usize = 12;

/// What an RTP packet says of itself, and where its payload lies in the datagram.
///
/// Contributing sources, a header extension and padding are checked and stepped over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The first packet after a silence or a change of source (RFC 3551 §4.1).
    pub marker: bool,
    /// What the payload is; 0 to 127, and its meaning is the leg's.
    pub payload_type: u8,
    /// One more for each packet.
    pub sequence: u16,
    /// When the payload's first sample was taken, in ticks of the payload's clock.
    pub timestamp: u32,
    /// Who sent it.
    pub ssrc: u32,
    start: u16,
    end: u16,
}

/// Why a datagram is not an RTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtpFault {
    /// Shorter than the header it claims, or longer than a datagram can be.
    #[error("length does not fit the header")]
    Length,
    /// A version other than 2.
    #[error("not version 2")]
    Version,
    /// A control packet: see [`is_rtcp`].
    #[error("a control packet")]
    Control,
    /// The extension is longer than the packet.
    #[error("header extension beyond the packet")]
    Extension,
    /// The padding is longer than the payload, or zero although it is announced.
    #[error("padding does not fit the payload")]
    Padding,
}

/// Whether a datagram on a port shared by both is RTCP rather than RTP (RFC 5761 §4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    datagram.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

impl Header {
    /// Makes the header of a packet of ours: no contributing sources, extension or padding.
    pub(crate) fn of(
        marker: bool,
        payload_type: u8,
        sequence: u16,
        timestamp: u32,
        ssrc: u32,
    ) -> Self {
        debug_assert!(payload_type < 128, "a payload type has seven bits");
        Self { marker, payload_type, sequence, timestamp, ssrc, start: 12, end: 12 }
    }

    /// Reads the header of a datagram.
    ///
    /// # Errors
    /// [`RtpFault`] for anything whose payload could not be trusted to lie where it says.
    pub fn parse(datagram: &[u8]) -> Result<Self, RtpFault> {
        let Some((fixed, rest)) = datagram.split_first_chunk::<HEADER>() else {
            return Err(RtpFault::Length);
        };
        if fixed[0] >> 6 != 2 {
            return Err(RtpFault::Version);
        }
        if is_rtcp(datagram) {
            return Err(RtpFault::Control);
        }
        let end = u16::try_from(datagram.len()).map_err(|_| RtpFault::Length)?;
        let sources = usize::from(fixed[0] & 15) * 4;
        let mut payload = rest.get(sources..).ok_or(RtpFault::Length)?;
        if fixed[0] & 0x10 != 0 {
            payload = skip_extension(payload).ok_or(RtpFault::Extension)?;
        }
        let mut length = payload.len();
        let start = datagram.len() - length;
        if fixed[0] & 0x20 != 0 {
            let padding = usize::from(*payload.last().ok_or(RtpFault::Padding)?);
            length =
                length.checked_sub(padding).filter(|_| padding > 0).ok_or(RtpFault::Padding)?;
        }
        let padding = u16::try_from(payload.len() - length).map_err(|_| RtpFault::Length)?;
        Ok(Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7F,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            start: u16::try_from(start).map_err(|_| RtpFault::Length)?,
            end: end - padding,
        })
    }

    /// Where the payload lies in the datagram this header was read from.
    pub fn payload_range(&self) -> Range<usize> {
        usize::from(self.start)..usize::from(self.end)
    }

    /// The payload, in the datagram this header was read from; empty in any shorter one.
    pub fn payload<'a>(&self, datagram: &'a [u8]) -> &'a [u8] {
        datagram.get(self.payload_range()).unwrap_or_default()
    }

    /// The payload, to be changed in place.
    pub fn payload_mut<'a>(&self, datagram: &'a mut [u8]) -> &'a mut [u8] {
        datagram.get_mut(self.payload_range()).unwrap_or_default()
    }

    /// Puts another header before the payload, in place, and returns the packet to send.
    ///
    /// What stood between header and payload is gone, and so is padding. `datagram` is the one this
    /// header was read from; of any shorter one nothing is returned.
    pub fn rewrite<'a>(&self, datagram: &'a mut [u8], fresh: [u8; HEADER]) -> &'a [u8] {
        let Range { start, end } = self.payload_range();
        let Some(packet) = datagram.get_mut(start - HEADER..end) else { return &[] };
        packet[..HEADER].copy_from_slice(&fresh);
        packet
    }

    /// The header as it goes onto the wire: no contributing sources, extension or padding.
    pub fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[0] = 0x80;
        bytes[1] = u8::from(self.marker) << 7 | self.payload_type & 0x7F;
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

/// RFC 3550 §5.3.1: two bytes of the profile's, a length in words, the words.
fn skip_extension(bytes: &[u8]) -> Option<&[u8]> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    rest.get(usize::from(u16::from_be_bytes([head[2], head[3]])) * 4..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: [u8; 16] = [0x80, 0x88, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, b'a', b'b', b'c', b'd'];

    fn with(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut datagram = PLAIN[..HEADER].to_vec();
        datagram[0] = first;
        datagram.extend_from_slice(rest);
        datagram
    }

    #[test]
    fn a_plain_packet_is_read_and_written_alike() {
        let header = Header::parse(&PLAIN).expect("good");
        assert_eq!((header.marker, header.payload_type, header.sequence), (true, 8, 0x0102));
        assert_eq!((header.timestamp, header.ssrc), (0x0304_0506, 0x0708_090A));
        assert_eq!(header.payload(&PLAIN), b"abcd");
        assert_eq!(header.to_bytes(), PLAIN[..HEADER]);
    }

    #[test]
    fn sources_extension_and_padding_are_stepped_over() {
        let datagram = with(
            0x80 | 0x20 | 0x10 | 2,
            b"src1src2\xBE\xDE\x00\x01extnpayload\x00\x00\x03", // 3 bytes of padding
        );
        let header = Header::parse(&datagram).expect("good");
        assert_eq!(header.payload(&datagram), b"payload");
        let mut copy = datagram.clone();
        let packet = header.rewrite(&mut copy, [0xAA; HEADER]);
        assert_eq!(packet, [&[0xAA; HEADER][..], b"payload"].concat());
    }

    #[test]
    fn an_empty_payload_is_a_packet() {
        let header = Header::parse(&PLAIN[..HEADER]).expect("a keep-alive");
        assert!(header.payload(&PLAIN[..HEADER]).is_empty());
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let cases = [
            (PLAIN[..11].to_vec(), RtpFault::Length),
            (Vec::new(), RtpFault::Length),
            (with(0x40, b""), RtpFault::Version),
            (with(0x00, b""), RtpFault::Version),
            (with(0xC0, b""), RtpFault::Version),
            (with(0x82, b"src1src"), RtpFault::Length),
            (with(0x8F, &[0; 59]), RtpFault::Length),
            (with(0x90, b"\xBE\xDE\x00"), RtpFault::Extension),
            (with(0x90, b"\xBE\xDE\x00\x02word"), RtpFault::Extension),
            (with(0x90, b"\xBE\xDE\xFF\xFFword"), RtpFault::Extension),
            (with(0xA0, b""), RtpFault::Padding),
            (with(0xA0, b"abc\x00"), RtpFault::Padding),
            (with(0xA0, b"abc\x05"), RtpFault::Padding),
            (with(0x80, &vec![0; 65_536]), RtpFault::Length),
        ];
        for (datagram, fault) in cases {
            assert_eq!(Header::parse(&datagram), Err(fault), "{:02x?}", &datagram.get(..16));
        }
        assert!(
            Header::parse(&with(0xA0, b"abc\x04")).expect("all padding").payload(b"").is_empty()
        );
    }

    #[test]
    fn control_packets_are_told_apart() {
        let mut datagram = PLAIN;
        for kind in 192..=223 {
            datagram[1] = kind;
            assert_eq!(Header::parse(&datagram), Err(RtpFault::Control));
        }
        // Payload type 8 with the marker is not mistaken for one.
        assert!(!is_rtcp(&PLAIN));
    }
}

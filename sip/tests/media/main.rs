//! Media against other readers, against bad lines, and against bytes nobody should send.

mod hostile;
mod oracle;
mod stream;

use sip::rtp::Header;

/// Makes a datagram of a header's fields and a payload.
fn datagram(
    marker: bool,
    kind: u8,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    payload: &[u8],
) -> Vec<u8> {
    let mut bytes = vec![0x80, u8::from(marker) << 7 | kind];
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(&timestamp.to_be_bytes());
    bytes.extend_from_slice(&ssrc.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The header of such a datagram.
fn header(sequence: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Header {
    let bytes = datagram(false, 8, sequence, timestamp, ssrc, payload);
    Header::parse(&bytes).expect("well formed")
}

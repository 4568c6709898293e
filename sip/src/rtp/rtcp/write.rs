//! Writing compound packets.

use super::read::{Block, DESCRIPTION, GOODBYE, RECEIVER, SENDER, SenderInfo};

/// The item of a description that every compound must have (RFC 3550 §6.5.1).
const CNAME: u8 = 1;

/// Appends a sender's report, or a receiver's when there is no info.
pub(super) fn report(
    ssrc: u32,
    info: Option<&SenderInfo>,
    block: Option<&Block>,
    out: &mut Vec<u8>,
) {
    let kind = if info.is_some() { SENDER } else { RECEIVER };
    let start = begin(kind, u8::from(block.is_some()), ssrc, out);
    if let Some(info) = info {
        out.extend_from_slice(&info.ntp.to_be_bytes());
        for word in [info.timestamp, info.packets, info.octets] {
            out.extend_from_slice(&word.to_be_bytes());
        }
    }
    if let Some(block) = block {
        out.extend_from_slice(&block.ssrc.to_be_bytes());
        out.push(block.fraction_lost);
        // RFC 3550 §6.4.1: what does not fit 24 bits is the most that does.
        let lost = block.lost.clamp(-0x80_0000, 0x7F_FFFF);
        out.extend_from_slice(&lost.to_be_bytes()[1..]);
        for word in [block.highest_sequence, block.jitter, block.last_report, block.delay] {
            out.extend_from_slice(&word.to_be_bytes());
        }
    }
    end(start, out);
}

/// Appends our canonical name.
pub(super) fn description(ssrc: u32, name: &[u8], out: &mut Vec<u8>) {
    let start = begin(DESCRIPTION, 1, ssrc, out);
    out.push(CNAME);
    out.push(u8::try_from(name.len()).expect("cut to 255 bytes when it was given"));
    out.extend_from_slice(name);
    // At least one zero ends the items, and as many more as fill the word.
    out.push(0);
    while !(out.len() - start).is_multiple_of(4) {
        out.push(0);
    }
    end(start, out);
}

/// Appends a goodbye.
pub(super) fn goodbye(ssrc: u32, out: &mut Vec<u8>) {
    let start = begin(GOODBYE, 1, ssrc, out);
    end(start, out);
}

fn begin(kind: u8, count: u8, ssrc: u32, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0x80 | count, kind, 0, 0]);
    out.extend_from_slice(&ssrc.to_be_bytes());
    start
}

/// Puts the length into the header: words without the first.
fn end(start: usize, out: &mut [u8]) {
    let words = u16::try_from((out.len() - start) / 4 - 1).expect("a packet of ours is short");
    out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

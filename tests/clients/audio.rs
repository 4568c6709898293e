//! Tones: made as a capture that SIPp plays, and found again in what somebody heard.

use sip::audio::g711;
use sip::audio::tone::{Tone, level, loudness};
use sip::sdp::negotiate::Codec;
use std::fs;
use std::path::Path;

/// Samples per second of G.711.
const RATE: f64 = 8000.0;
/// Samples of a packet: 20 ms.
const FRAME: usize = 160;

/// Writes a capture of RTP packets that hold a tone in A-law, one every 20 ms.
pub(crate) fn write_tone(path: &Path, hertz: f64, seconds: u32) {
    let mut pcap = Vec::new();
    pcap.extend_from_slice(&0xA1B2_C3D4_u32.to_le_bytes());
    pcap.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    pcap.extend_from_slice(&65_535_u32.to_le_bytes());
    pcap.extend_from_slice(&1_u32.to_le_bytes());
    let mut tone = Tone::new(hertz, 0.3);
    for packet in 0..seconds * 50 {
        let at = packet as usize * FRAME;
        let mut rtp = vec![0x80, 8];
        rtp.extend_from_slice(&(packet as u16).to_be_bytes());
        rtp.extend_from_slice(&(at as u32).to_be_bytes());
        rtp.extend_from_slice(&0x0440_0440_u32.to_be_bytes());
        rtp.extend(tone.by_ref().take(FRAME).map(|sample| g711::encode(Codec::Pcma, sample)));
        let frame = ethernet(&rtp);
        let micros = packet * 20_000;
        for field in
            [micros / 1_000_000, micros % 1_000_000, frame.len() as u32, frame.len() as u32]
        {
            pcap.extend_from_slice(&field.to_le_bytes());
        }
        pcap.extend_from_slice(&frame);
    }
    fs::write(path, pcap).expect("written");
}

/// Wraps a payload into UDP, IPv4 and Ethernet; SIPp replaces the addresses and check sums.
fn ethernet(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; 12];
    frame.extend_from_slice(&[8, 0]);
    frame.extend_from_slice(&[0x45, 0]);
    frame.extend_from_slice(&(28 + payload.len() as u16).to_be_bytes());
    frame.extend_from_slice(&[0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    frame.extend_from_slice(&[0x9C, 0x40, 0x9C, 0x40]);
    frame.extend_from_slice(&(8 + payload.len() as u16).to_be_bytes());
    frame.extend_from_slice(&[0, 0]);
    frame.extend_from_slice(payload);
    frame
}

/// Returns how much of what is heard is a tone: 1 for nothing but the tone, in the best half-second. Silence has none.
pub(crate) fn share_at(samples: &[i16], hertz: f64) -> f64 {
    let window = RATE as usize / 2;
    let heard = samples.chunks_exact(window).filter(|samples| loudness(samples) > 0.01);
    // A sine's mean square is half the square of its amplitude.
    let share = |samples| level(samples, hertz) / (2.0_f64.sqrt() * loudness(samples));
    heard.map(share).fold(0.0, f64::max)
}

/// Reads the channels of a 16-bit WAV file.
pub(crate) fn read_wav(path: &Path) -> Vec<Vec<i16>> {
    let bytes = fs::read(path).expect("a recording");
    let channels = usize::from(u16::from_le_bytes([bytes[22], bytes[23]]));
    let data = bytes.windows(4).position(|window| window == b"data").expect("samples") + 8;
    let samples: Vec<i16> =
        bytes[data..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    (0..channels)
        .map(|channel| samples.iter().skip(channel).step_by(channels).copied().collect())
        .collect()
}

#[test]
fn a_tone_is_found_at_its_frequency_only() {
    let tone: Vec<i16> = Tone::new(440.0, 0.3).take(8000).collect();
    assert!(share_at(&tone, 440.0) > 0.99, "{}", share_at(&tone, 440.0));
    assert!(share_at(&tone, 880.0) < 0.01, "{}", share_at(&tone, 880.0));
    assert!(share_at(&[0; 8000], 440.0) == 0.0);
}

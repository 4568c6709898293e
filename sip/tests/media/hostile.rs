//! Whatever arrives, nothing panics and nothing grows.

use std::io::Cursor;

use proptest::prelude::*;
use sip::audio::{Prompt, Recording, Side};
use sip::dtmf::{EventReceiver, ToneDetector, info};
use sip::rtp::rtcp::Session;
use sip::rtp::{Header, Incoming, Outgoing, Start};
use sip::sdp::negotiate::Codec;
use sip::{Duration, Instant};

/// A packet as a stranger may send it: mostly of few sources, near in time, or anywhere.
fn packet() -> impl Strategy<Value = (u64, Vec<u8>)> {
    let number = prop_oneof![(0_u16..300).boxed(), any::<u16>().boxed()];
    let stamp = prop_oneof![(0_u32..100_000).boxed(), any::<u32>().boxed()];
    let ssrc = prop_oneof![(0_u32..6).boxed(), any::<u32>().boxed()];
    let kind = prop_oneof![Just(8_u8), Just(101), 0_u8..128];
    let after = prop_oneof![0_u64..40_000, 0_u64..100_000_000];
    let payload = prop::collection::vec(any::<u8>(), 0..400);
    (after, any::<bool>(), kind, number, stamp, ssrc, payload).prop_map(
        |(after, marker, kind, number, stamp, ssrc, payload)| {
            (after, crate::datagram(marker, kind, number, stamp, ssrc, &payload))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_leg_bears_any_packets(packets in prop::collection::vec(packet(), 1..200)) {
        let mut now = Instant::from_micros(1_000_000);
        let mut incoming = Incoming::default();
        let mut out = Outgoing::new(Start { ssrc: 7, sequence: 9, timestamp: 1 });
        let (mut events, mut tones) = (EventReceiver::default(), ToneDetector::default());
        let mut recording = Recording::begin(Cursor::new(Vec::new()), now, 1 << 22).expect("memory");
        let (mut sent, mut heard): (Option<Header>, Option<u32>) = (None, None);
        for (after, bytes) in packets {
            now = now + Duration::from_micros(after);
            let Ok(header) = Header::parse(&bytes) else { continue };
            incoming.receive(now, &header);
            let payload = header.payload(&bytes);
            let is_event = header.payload_type == 101;
            let fresh = if is_event {
                events.receive(&header, payload);
                out.relay_event(now, &header, 101)
            } else {
                tones.receive(payload.iter().map(|&b| sip::audio::g711::decode(Codec::Pcma, b)));
                recording.handle_packet(now, Side::Caller, &header, Codec::Pcma, payload);
                out.relay(now, &header, 8)
            };
            // A full file is a fault of this test's size, not of the packets.
            let _ = recording.handle_timeout(now);
            let Ok(fresh) = fresh else { continue };
            let fresh = Header::parse(&fresh).expect("well formed");
            if let Some(before) = sent.replace(fresh) {
                prop_assert_eq!(fresh.sequence, before.sequence.wrapping_add(1));
                prop_assert_eq!(fresh.ssrc, 7);
            }
            if !is_event {
                let since = heard.replace(fresh.timestamp).map(|last| fresh.timestamp.wrapping_sub(last));
                prop_assert!(since.is_none_or(|since| since.cast_signed() >= 0), "time went back");
            }
        }
        let reception = incoming.reception();
        prop_assert!(reception.jitter <= reception.jitter_max);
        let observed = incoming.observe();
        prop_assert!(observed.is_none() || observed.is_some_and(|o| o.lost < 1 << 23));
    }

    #[test]
    fn control_bears_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), version: bool) {
        let mut bytes = bytes;
        if version && bytes.len() > 1 {
            bytes[0] = 0x80 | bytes[0] & 0x3F;
            bytes[1] = 200 + (bytes[1] & 3);
        }
        let mut session = Session::new(b"x");
        let _ = session.receive(Instant::default(), 0, 7, &bytes);
        let counts = session.counts();
        prop_assert_eq!(counts.received + counts.malformed, 1);
    }

    #[test]
    fn info_and_wav_bear_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = info::read(b"application/dtmf-relay", &bytes);
        let _ = info::read(b"application/dtmf", &bytes);
        let file = [&b"RIFF\xFF\xFF\xFF\x7FWAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0"[..], &bytes];
        let _ = Prompt::read(&file.concat()[..]);
        let _ = Prompt::read(&bytes[..]);
    }
}

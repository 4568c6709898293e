//! A whole stream from leg to leg over a line that loses, doubles and reorders.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sip::audio::g711::{decode, encode};
use sip::audio::tone::{Tone, level};
use sip::dtmf::{Digit, EventReceiver, EventSender};
use sip::rtp::{FRAME, Header, Incoming, Outgoing, Start};
use sip::sdp::negotiate::Codec;
use sip::{Duration, Instant};

use crate::{datagram, header};

const STEP: Duration = Duration::from_millis(20);

fn at(n: u64) -> Instant {
    (0..n).fold(Instant::from_micros(1_000_000), |now, _| now + STEP)
}

/// Where packets of a stream come out of a bad line: numbers in the order of arrival.
fn arrivals() -> impl Strategy<Value = Vec<u16>> {
    let fate = prop_oneof![
        20 => Just((1, 0)), 2 => Just((0, 0)), 1 => Just((2, 0)), 2 => (Just(1), 1_u16..6)
    ];
    prop::collection::vec(fate, 2..300).prop_map(|fates| {
        let mut order: Vec<(u16, u16)> = Vec::new();
        for ((copies, late), n) in fates.into_iter().zip(0_u16..) {
            order.extend(std::iter::repeat_n((n * 2 + late * 2, n), copies));
        }
        order.sort_by_key(|(moment, _)| *moment);
        order.into_iter().map(|(_, n)| n).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_relayed_stream_has_no_gap_keeps_time_and_counts_what_the_line_did(
        arrivals in arrivals(), first: u16, offset: u32, sequence: u16, timestamp: u32,
    ) {
        let mut incoming = Incoming::default();
        let mut out = Outgoing::new(Start { ssrc: 7, sequence, timestamp });
        let mut sent: Vec<(Header, u16)> = Vec::new();
        for &n in &arrivals {
            let stamp = offset.wrapping_add(u32::from(n) * FRAME);
            let packet = header(first.wrapping_add(n), stamp, 9, &[0; 160]);
            // It arrives at its own moment; what is late arrives with what overtook it.
            let latest = arrivals.iter().take_while(|&&it| it != n).max().copied().unwrap_or(0);
            let now = at(u64::from(n.max(latest)));
            if incoming.receive(now, &packet).is_playable() {
                let fresh = out.relay(now, &packet, 0);
                let fresh = fresh.map_err(|_| TestCaseError::fail("playable is not too late"))?;
                sent.push((Header::parse(&fresh).expect("good"), n));
            }
        }
        for pair in sent.windows(2) {
            let ((before, from), (after, to)) = (pair[0], pair[1]);
            prop_assert_eq!(after.sequence, before.sequence.wrapping_add(1));
            prop_assert_eq!(after.timestamp.wrapping_sub(before.timestamp), u32::from(to - from) * FRAME);
            prop_assert!(!after.marker && after.ssrc == 7);
        }
        let unique: BTreeSet<u16> = arrivals.iter().copied().collect();
        if let (Some(low), Some(high)) = (unique.first(), unique.last()) {
            let reception = incoming.reception();
            let expected = u64::from(high - low) + 1;
            prop_assert_eq!(reception.received, unique.len() as u64);
            prop_assert_eq!(reception.lost, expected - unique.len() as u64);
            prop_assert_eq!(reception.duplicates, (arrivals.len() - unique.len()) as u64);
            prop_assert_eq!(reception.received, sent.len() as u64 + reception.late);
        }
    }

    #[test]
    fn digits_are_heard_once_each_whatever_one_packet_of_each_arrives(
        keys in "[0-9*#A-D]{1,20}", kept in prop::collection::vec(0_usize..7, 20),
    ) {
        let mut sender = EventSender::default();
        for key in keys.chars() {
            let digit = Digit::from_char(key).expect("a key");
            sender.press(digit, Duration::from_millis(100)).expect("room");
        }
        let mut out = Outgoing::new(Start { ssrc: 7, sequence: 0, timestamp: 0 });
        let mut receiver = EventReceiver::default();
        let mut heard = String::new();
        // Five updates and two more ends a key, then a pause of three frames.
        for tick in 0..keys.len() * 10 {
            let now = at(u64::try_from(tick).expect("small"));
            let Some(packet) = sender.next_packet(now, &mut out, 101) else {
                out.frame(now, 8, FRAME);
                continue;
            };
            if tick % 10 == kept[tick / 10] {
                let header = Header::parse(&packet).expect("good");
                heard.extend(receiver.receive(&header, header.payload(&packet)).map(Digit::to_char));
            }
        }
        prop_assert_eq!(heard, keys);
        prop_assert!(sender.is_idle());
    }
}

#[test]
fn a_marker_tone_is_heard_through_relay_and_change_of_law() {
    let mut tone = Tone::new(700.0, 0.3);
    let mut incoming = Incoming::default();
    let mut out = Outgoing::new(Start { ssrc: 7, sequence: 1, timestamp: 2 });
    let mut heard: Vec<i16> = Vec::new();
    for n in 0..50_u16 {
        let payload: Vec<u8> = tone.by_ref().take(160).map(|s| encode(Codec::Pcma, s)).collect();
        let mut bytes = datagram(n == 0, 8, n, u32::from(n) * 160, 9, &payload);
        let header = Header::parse(&bytes).expect("good");
        let now = at(n.into());
        assert!(incoming.receive(now, &header).is_playable());
        sip::audio::g711::convert(Codec::Pcma, Codec::Pcmu, header.payload_mut(&mut bytes));
        let fresh = out.relay(now, &header, 0).expect("in order");
        let packet = header.rewrite(&mut bytes, fresh);
        let header = Header::parse(packet).expect("good");
        assert_eq!(header.payload_type, 0);
        heard.extend(header.payload(packet).iter().map(|&byte| decode(Codec::Pcmu, byte)));
    }
    assert!((level(&heard, 700.0) - 0.3).abs() < 0.005);
}

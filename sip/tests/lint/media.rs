//! RTP of a session: clean, and with planted faults.

use crate::flow;
use sip::Instant;
use sip::flow::Transport;
use sip::lint::{Lint, Options};

/// The rules whose faults are planted here.
pub(crate) const PLANTED: [&str; 6] = [
    "rtp-payload-type",
    "rtp-one-ssrc",
    "rtp-sequence",
    "rtp-event-length",
    "rtp-event-duration",
    "rtp-event-end",
];

#[derive(Clone)]
struct Packet {
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    payload: Vec<u8>,
}

/// Audio, a digit of five packets with three ends, a second digit, audio.
fn clean() -> Vec<Packet> {
    let audio = |sequence: u16| Packet {
        payload_type: 8,
        sequence: sequence.wrapping_add(65_530),
        timestamp: u32::from(sequence) * 160,
        ssrc: 7,
        payload: vec![0xD5; 160],
    };
    let digit = |sequence: u16, timestamp: u32, duration: u16, flags: u8| Packet {
        payload_type: 101,
        timestamp,
        payload: [&[1, flags | 10][..], &duration.to_be_bytes()].concat(),
        ..audio(sequence)
    };
    let mut packets: Vec<Packet> = (0..10).map(audio).collect();
    for (start, timestamp) in [(10, 1600), (15, 2400)] {
        packets.push(digit(start, timestamp, 160, 0));
        packets.push(digit(start + 1, timestamp, 320, 0));
        for copy in 2..5 {
            packets.push(digit(start + copy, timestamp, 480, 0x80));
        }
    }
    packets.extend((20..30).map(audio));
    packets
}

/// The rules broken when Ana, who is ours, sends these in the session.
fn lint(packets: &[Packet]) -> Vec<&'static str> {
    let ana = "192.0.2.101:5060".parse().expect("address");
    let mut lint = Lint::new(Options { ours: vec![ana], ..flow::options("session") });
    let flow = flow::read("session");
    for told in &flow[..5] {
        lint.observe(told.at(), told.from(), told.to(), told.transport(), &told.bytes());
    }
    let from = "192.0.2.101:49172".parse().expect("address");
    let to = "192.0.2.201:3456".parse().expect("address");
    for (number, packet) in packets.iter().enumerate() {
        let mut bytes = vec![0x80, packet.payload_type];
        bytes.extend(packet.sequence.to_be_bytes());
        bytes.extend(packet.timestamp.to_be_bytes());
        bytes.extend(packet.ssrc.to_be_bytes());
        bytes.extend(&packet.payload);
        let at = Instant::from_micros(2_100_000 + number as u64 * 20_000);
        lint.observe(at, from, to, Transport::Udp, &bytes);
    }
    assert_eq!(lint.counters().media, packets.len() as u64);
    for told in &flow[5..] {
        lint.observe(told.at(), told.from(), told.to(), told.transport(), &told.bytes());
    }
    let mut rules: Vec<&str> = lint.finish().iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

fn planted(change: impl FnOnce(&mut Vec<Packet>)) -> Vec<&'static str> {
    let mut packets = clean();
    change(&mut packets);
    lint(&packets)
}

#[test]
fn one_stream_with_digits_is_clean() {
    assert_eq!(lint(&clean()), [""; 0]);
}

#[test]
fn planted_faults_of_media_are_found_by_their_rules() {
    let found = [
        planted(|packets| packets[3].payload_type = 0),
        planted(|packets| packets[20..].iter_mut().for_each(|packet| packet.ssrc = 8)),
        planted(|packets| drop(packets.remove(5))),
        planted(|packets| packets[10].payload.truncate(3)),
        planted(|packets| packets[11].payload[2] = 0),
        planted(|packets| packets[12..15].iter_mut().for_each(|packet| packet.payload[1] = 10)),
    ];
    for (found, expected) in found.iter().zip(PLANTED) {
        assert_eq!(found, &[expected]);
    }
}

#[test]
fn media_of_others_may_lose_packets_and_change_its_source() {
    let mut packets = clean();
    packets.remove(5);
    packets.iter_mut().skip(20).for_each(|packet| packet.ssrc = 8);
    let ours = lint(&packets);
    assert_eq!(ours, ["rtp-sequence", "rtp-one-ssrc"]);
}

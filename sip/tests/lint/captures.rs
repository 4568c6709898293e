//! Capture files: as tcpdump writes them, in every format and over every link; and hostile ones.

use crate::flow::{self, Told};
use crate::told;
use sip::flow::Transport;
use sip::lint::capture::{CaptureFault, Packets, read};
use sip::lint::{Counters, Finding, Lint};
use std::fs;
use std::net::{IpAddr, SocketAddr};

/// How a packet is framed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Link {
    Null,
    Ethernet,
    Tagged,
    Raw,
    Cooked,
    Cooked2,
}

const LINKS: [(Link, u32); 6] = [
    (Link::Null, 0),
    (Link::Ethernet, 1),
    (Link::Tagged, 1),
    (Link::Raw, 101),
    (Link::Cooked, 113),
    (Link::Cooked2, 276),
];

fn framed(link: Link, packet: &[u8]) -> Vec<u8> {
    let is_v6 = packet[0] >> 4 == 6;
    let kind: [u8; 2] = if is_v6 { [0x86, 0xDD] } else { [8, 0] };
    let head = match link {
        Link::Null => vec![if is_v6 { 30 } else { 2 }, 0, 0, 0],
        Link::Ethernet => [&[0; 12][..], &kind].concat(),
        Link::Tagged => [&[0; 12][..], &[0x81, 0, 0, 7], &kind].concat(),
        Link::Raw => Vec::new(),
        Link::Cooked => [&[0, 0, 3, 4][..], &[0; 10], &kind].concat(),
        Link::Cooked2 => [&kind[..], &[0, 0, 0, 0, 0, 1, 3, 4, 0, 0], &[0; 8]].concat(),
    };
    [head, packet.to_vec()].concat()
}

fn ip(from: SocketAddr, to: SocketAddr, protocol: u8, segment: &[u8]) -> Vec<u8> {
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let length = (20 + segment.len()) as u16;
            let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0];
            packet[2..4].copy_from_slice(&length.to_be_bytes());
            [&packet[..], &from.octets(), &to.octets(), segment].concat()
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            // A destination option of eight bytes stands before the payload.
            let length = (8 + segment.len()) as u16;
            let mut packet = [0x60, 0, 0, 0, 0, 0, 60, 64];
            packet[4..6].copy_from_slice(&length.to_be_bytes());
            let option = [protocol, 0, 1, 4, 0, 0, 0, 0];
            [&packet[..], &from.octets(), &to.octets(), &option, segment].concat()
        }
        _ => panic!("two families"),
    }
}

fn udp(from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let length = (8 + bytes.len()) as u16;
    let ports = [from.port().to_be_bytes(), to.port().to_be_bytes(), length.to_be_bytes()];
    let segment = [&ports.concat()[..], &[0, 0], bytes].concat();
    ip(from, to, 17, &segment)
}

fn tcp(from: SocketAddr, to: SocketAddr, sequence: u32, bytes: &[u8]) -> Vec<u8> {
    let ports = [from.port().to_be_bytes(), to.port().to_be_bytes()].concat();
    let rest = [0, 0, 0, 0, 0x50, 0x18, 0, 0, 0, 0, 0, 0];
    ip(from, to, 6, &[&ports[..], &sequence.to_be_bytes(), &rest, bytes].concat())
}

/// The packets of a flow; a stream is cut into pieces, with copies and out of order.
fn packets(flow: &[Told]) -> Vec<(u64, Vec<u8>)> {
    let mut sent = std::collections::BTreeMap::new();
    let mut packets = Vec::new();
    for message in flow {
        let (from, to, bytes) = (message.from(), message.to(), message.bytes());
        let at = message.at().as_micros();
        if message.transport() == Transport::Udp {
            packets.push((at, udp(from, to, &bytes)));
            continue;
        }
        let next: &mut u32 = sent.entry((from, to)).or_insert(u32::MAX - 100);
        let pieces: Vec<(u32, &[u8])> = bytes
            .chunks(150)
            .enumerate()
            .map(|(number, piece)| (next.wrapping_add(number as u32 * 150), piece))
            .collect();
        *next = next.wrapping_add(bytes.len() as u32);
        // The first piece has no SYN before it, so it comes first; the others in reverse, twice.
        let (first, others) = pieces.split_first().expect("a message has bytes");
        let others = others.iter().rev().chain(others);
        packets.extend(
            [first]
                .into_iter()
                .chain(others)
                .map(|(sequence, piece)| (at, tcp(from, to, *sequence, piece))),
        );
    }
    packets
}

/// A classic file.
fn pcap(link: (Link, u32), packets: &[(u64, Vec<u8>)], is_big: bool, is_nano: bool) -> Vec<u8> {
    let long = |value: u32| if is_big { value.to_be_bytes() } else { value.to_le_bytes() };
    let magic = if is_nano { 0xA1B2_3C4D } else { 0xA1B2_C3D4 };
    let mut file: Vec<u8> = [magic, 0x0002_0004, 0, 0, 262_144, link.1].map(long).concat();
    for (at, packet) in packets {
        let frame = framed(link.0, packet);
        let fraction = (at % 1_000_000) as u32 * if is_nano { 1000 } else { 1 };
        let length = frame.len() as u32;
        let seconds = 1_700_000_000 + (at / 1_000_000) as u32;
        file.extend([seconds, fraction, length, length].map(long).concat());
        file.extend(frame);
    }
    file
}

fn block(kind: u32, body: &[u8], long: impl Fn(u32) -> [u8; 4]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = long(padded as u32 + 12);
    [&long(kind)[..], &length, body, &vec![0; padded - body.len()], &length].concat()
}

/// A pcapng file with nanoseconds, and a block nobody knows.
fn pcapng(link: (Link, u32), packets: &[(u64, Vec<u8>)], is_big: bool) -> Vec<u8> {
    let long = |value: u32| if is_big { value.to_be_bytes() } else { value.to_le_bytes() };
    let short = |value: u16| if is_big { value.to_be_bytes() } else { value.to_le_bytes() };
    let section = [long(0x1A2B_3C4D), [0; 4], [0xFF; 4], [0xFF; 4]].concat();
    let mut file = block(0x0A0D_0D0A, &section, long);
    file.extend(block(0x1234, b"secret", long));
    let interface =
        [&short(link.1 as u16)[..], &[0, 0], &long(0), &short(9), &short(1), &[9, 0, 0, 0]];
    file.extend(block(1, &interface.concat(), long));
    for (at, packet) in packets {
        let frame = framed(link.0, packet);
        let ticks = (1_700_000_000_000_000 + at) * 1000;
        let head = [0, (ticks >> 32) as u32, ticks as u32, frame.len() as u32, frame.len() as u32];
        file.extend(block(6, &[&head.map(long).concat()[..], &frame].concat(), long));
    }
    file
}

fn judged(file: &[u8], name: &str) -> (Result<Packets, CaptureFault>, Vec<Finding>, Counters) {
    let mut lint = Lint::new(flow::options(name));
    let packets = read(file, &mut lint);
    (packets, lint.finish(), lint.counters())
}

#[test]
fn every_format_and_link_gives_the_messages_of_the_flow() {
    for name in ["session", "tcp", "proxies"] {
        let flow = flow::read(name);
        let packets = packets(&flow);
        for link in LINKS {
            let files = [
                pcap(link, &packets, false, false),
                pcap(link, &packets, true, true),
                pcapng(link, &packets, false),
                pcapng(link, &packets, true),
            ];
            for file in files {
                let (read, findings, counters) = judged(&file, name);
                assert_eq!(read.expect("good").all, packets.len() as u64, "{link:?}");
                assert!(findings.is_empty(), "{name} {link:?}: {}", told(&findings));
                assert_eq!(counters.messages, flow.len() as u64, "{name} {link:?}");
            }
        }
    }
}

#[test]
fn addresses_of_ipv6_are_read_behind_its_options() {
    let (from, to) = ("[2001:db8::1]:5060", "[2001:db8::2]:5070");
    let (from, to) = (from.parse().expect("address"), to.parse().expect("address"));
    let packets = vec![(0, udp(from, to, b"OPTIONS sip:a SIP/2.0\r\n\r\n"))];
    for link in LINKS {
        let (_, findings, _) = judged(&pcap(link, &packets, false, false), "session");
        assert_eq!(findings.len(), 1, "{link:?}: {}", told(&findings));
        assert_eq!((findings[0].rule, findings[0].packet), ("mandatory-fields", 1));
    }
}

#[test]
fn what_sipp_says_to_itself_breaks_one_rule() {
    for (file, messages, findings) in [("sipp-udp-cooked.pcap", 12, 4), ("sipp-tcp.pcap", 18, 6)] {
        let path = format!("{}/tests/lint/captures/{file}", env!("CARGO_MANIFEST_DIR"));
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let (read, found, counters) = judged(&bytes, "session");
        assert!(!read.expect("good").ends_early);
        assert_eq!(counters.messages, messages, "{file}");
        // Its ACK and BYE go to the address it called, not to the Contact of the answer.
        assert!(found.iter().all(|finding| finding.rule == "remote-target"), "{}", told(&found));
        assert_eq!(found.len(), findings, "{file}");
    }
}

#[test]
fn each_packet_of_loopback_counts_once_where_all_interfaces_are_captured() {
    let flow = flow::read("session");
    let packets = packets(&flow);
    let mut file = pcap((Link::Cooked, 113), &[], false, false);
    for (at, packet) in &packets {
        for kind in [4, 0] {
            let mut one = pcap((Link::Cooked, 113), &[(*at, packet.clone())], false, false);
            // The packet type: sent, then received. The device type 772 is loopback.
            one[24 + 16 + 1] = kind;
            file.extend(&one[24..]);
        }
    }
    let (_, findings, counters) = judged(&file, "session");
    assert_eq!((findings.len(), counters.messages), (0, flow.len() as u64));
}

#[test]
fn hostile_files_are_refused_or_read_but_always_end() {
    let flow = flow::read("tcp");
    let packets = packets(&flow);
    let clean = [
        pcap((Link::Ethernet, 1), &packets, false, false),
        pcapng((Link::Cooked2, 276), &packets, true),
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for file in clean {
        for end in (0..file.len()).step_by(7) {
            let _ = judged(&file[..end], "tcp");
        }
        for _ in 0..2000 {
            let mut broken = file.clone();
            for _ in 0..1 + next(4) {
                let at = next(broken.len());
                broken[at] = next(256) as u8;
            }
            let _ = judged(&broken, "tcp");
        }
    }
    let mut long = pcap((Link::Raw, 101), &[], false, false);
    long.extend([0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
    assert!(matches!(judged(&long, "tcp").0, Err(CaptureFault::Length { number: 1, .. })));
    let strange = pcap((Link::Raw, 147), &packets, false, false);
    assert!(matches!(judged(&strange, "tcp").0, Err(CaptureFault::Link { link: 147, .. })));
    assert!(matches!(judged(b"GIF89a", "tcp").0, Err(CaptureFault::NotACapture)));
    assert!(matches!(judged(b"", "tcp").0, Err(CaptureFault::NotACapture)));
}

#[test]
fn a_call_of_more_requests_than_are_kept_is_still_clean() {
    let ana = "192.0.2.101:5060".parse().expect("address");
    let ben = "192.0.2.201:5060".parse().expect("address");
    let mut lint = Lint::new(flow::options("session"));
    for number in 1..=500_u64 {
        let ids = format!(
            "Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bKlong{number}\r\n\
             From: <sip:ana@example.com>;tag=long\r\nTo: <sip:example.com>{}\r\n\
             Call-ID: long@192.0.2.101\r\nCSeq: {number} OPTIONS\r\nContent-Length: 0\r\n",
            if number > 1 { ";tag=other" } else { "" },
        );
        let request = format!("OPTIONS sip:example.com SIP/2.0\r\nMax-Forwards: 70\r\n{ids}\r\n");
        let to_tag = if number > 1 { "" } else { ";tag=other" };
        let ids = ids.replace("<sip:example.com>", &format!("<sip:example.com>{to_tag}"));
        let response = format!("SIP/2.0 200 OK\r\n{ids}\r\n");
        let at = sip::Instant::from_micros(number * 1_000_000);
        lint.observe(at, ana, ben, Transport::Udp, request.as_bytes());
        lint.observe(at, ben, ana, Transport::Udp, response.as_bytes());
    }
    let findings = lint.finish();
    assert!(findings.is_empty(), "{}", told(&findings[..1]));
    assert_eq!(lint.counters().messages, 1000);
}

#[test]
fn messages_of_any_bytes_are_judged_without_end() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for name in crate::FLOWS {
        let flow = flow::read(name);
        for _ in 0..100 {
            let mut lint = Lint::new(flow::options(name));
            for message in &flow {
                let mut bytes = message.bytes();
                for _ in 0..next(4) {
                    let at = next(bytes.len());
                    bytes[at] = [b' ', b'\r', b'0', b'9', b';', 0, 255, b'<'][next(8)];
                }
                lint.observe(
                    message.at(),
                    message.from(),
                    message.to(),
                    message.transport(),
                    &bytes,
                );
            }
            lint.finish();
        }
    }
}

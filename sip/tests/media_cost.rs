//! What media costs. Prints; run it alone:
//! `cargo test -p callstorm-sip --release --test media_cost -- --ignored --nocapture`.

use std::hint::black_box;

use sip::Instant;
use sip::audio::g711::{convert, decode, encode};
use sip::dtmf::ToneDetector;
use sip::net::{Clock, Inbox, Outbox, Udp, UdpOptions};
use sip::rtp::{HEADER, Header, Incoming, Outgoing, Start};
use sip::sdp::negotiate::Codec;

/// Time this thread has had a processor, the kernel's work for it included. Linux only.
fn processor_ns() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let first = stat.split_whitespace().next().expect("three numbers");
    first.parse().expect("a number")
}

/// Least of 7 rounds, in ns for each: the round least disturbed by neighbours.
fn cost(each: u32, mut act: impl FnMut(u32)) -> f64 {
    let rounds = (0..7).map(|round| {
        let start = processor_ns();
        (0..each).for_each(|n| act(round * each + n));
        (processor_ns() - start) / f64::from(each)
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn packet() -> Vec<u8> {
    let mut bytes = vec![0x80, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
    bytes.extend((0..160_u32).map(|n| u8::try_from(n).expect("small") ^ 0x55));
    bytes
}

#[test]
#[ignore = "prints times; run alone and optimised"]
#[expect(clippy::print_stdout, reason = "its purpose")]
fn cost_of_relaying() {
    let relay = |changes_law: bool| {
        let mut bytes = packet();
        let (mut incoming, mut out) =
            (Incoming::default(), Outgoing::new(Start { ssrc: 7, sequence: 0, timestamp: 0 }));
        cost(2_000_000, |n| {
            // As it would come from the network: the next packet of the stream.
            let [_, _, high, low] = n.to_be_bytes();
            bytes[2..4].copy_from_slice(&[high, low]);
            bytes[4..8].copy_from_slice(&(n * 160).to_be_bytes());
            bytes[8..HEADER].copy_from_slice(&9_u32.to_be_bytes());
            let now = Instant::from_micros(u64::from(n) * 20_000);
            let header = Header::parse(black_box(&bytes)).expect("good");
            assert!(incoming.receive(now, &header).is_playable());
            if changes_law {
                convert(Codec::Pcma, Codec::Pcmu, header.payload_mut(&mut bytes));
            }
            let fresh = out.relay(now, &header, 8).expect("in order");
            black_box(header.rewrite(&mut bytes, fresh));
        })
    };
    println!("relay, same law           {:8.1} ns a packet", relay(false));
    println!("relay, A-law to µ-law     {:8.1} ns a packet", relay(true));
}

#[test]
#[ignore = "prints times; run alone and optimised"]
#[expect(clippy::print_stdout, reason = "its purpose")]
fn cost_of_audio() {
    let bytes = packet();
    let frame: Vec<i16> = bytes[HEADER..].iter().map(|&byte| decode(Codec::Pcma, byte)).collect();
    let (mut samples, mut coded) = ([0_i16; 160], [0_u8; 160]);
    let decoding = cost(1_000_000, |_| {
        for (sample, &byte) in samples.iter_mut().zip(black_box(&bytes[HEADER..])) {
            *sample = decode(Codec::Pcma, byte);
        }
        black_box(&samples);
    });
    let encoding = cost(1_000_000, |_| {
        for (byte, &sample) in coded.iter_mut().zip(black_box(&frame)) {
            *byte = encode(Codec::Pcma, sample);
        }
        black_box(&coded);
    });
    let mut detector = ToneDetector::default();
    let detecting = cost(200_000, |_| {
        black_box(detector.receive(black_box(&frame).iter().copied()));
    });
    println!("decode a frame            {decoding:8.1} ns");
    println!("encode a frame            {encoding:8.1} ns");
    println!("listen for tones          {detecting:8.1} ns a frame");
}

#[test]
#[ignore = "prints times; run alone and optimised"]
#[expect(clippy::print_stdout, reason = "its purpose")]
fn cost_of_datagrams() {
    let clock = Clock::start();
    let options = UdpOptions { receive_buffer: Some(8 << 20), ..UdpOptions::default() };
    let open = || Udp::bind("127.0.0.1:0".parse().expect("address"), &options).expect("a port");
    for (size, batch) in [(172, 1_usize), (172, 64), (500, 1), (500, 64)] {
        let (mut a, mut b) = (open(), open());
        let (mut inbox, mut outbox) = (Inbox::new(64, 2048), Outbox::new(1 << 20));
        let bytes = vec![7; size];
        let each = 200_000 / u32::try_from(batch).expect("small");
        let ns = cost(each, |_| {
            for _ in 0..batch {
                outbox.push(b.local_addr(), &[&bytes]);
            }
            assert_eq!(a.flush(&clock, &mut outbox).sent, batch);
            // One packet as a media socket is read; many until there are no more.
            let most = if batch == 1 { 1 } else { batch + 1 };
            assert_eq!(b.receive(&clock, &mut inbox, most).expect("a socket"), batch);
        });
        let ns = ns / f64::from(u32::try_from(batch).expect("small"));
        println!("send and receive {size} bytes, {batch:2} at a time  {ns:8.1} ns a packet");
    }
}

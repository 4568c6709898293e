//! Audio: one stream for each leg, relayed, proven, and missed when it stops.

use crate::town::{NAMED, Town, scenario};
use sip::Duration;
use sip::audio::g711::decode;
use sip::endpoint::{End, Event};
use sip::rtp::Header;
use sip::sdp::negotiate::Codec;
use std::net::SocketAddr;

fn packet(payload_type: u8, sequence: u16, ssrc: u32, byte: u8) -> Vec<u8> {
    let mut bytes = vec![0x80, payload_type];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend((u32::from(sequence) * 160).to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    bytes.extend([byte; 160]);
    bytes
}

fn to(town: &Town, target: SocketAddr) -> Vec<Header> {
    let sent = town.audio.iter().filter(|sent| sent.to == target);
    sent.map(|sent| Header::parse(&sent.bytes).expect("we send good packets")).collect()
}

#[test]
fn a_whole_call_is_one_stream_without_a_gap() {
    let mut town = Town::new(&scenario(NAMED, ""), false);
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass_millis(1000);
    let ana = town.move_in();
    town.register(ana, "201");
    town.dial(ana, "*11");
    town.pass_millis(200);
    let leg = town.rings(ana).expect("she signed in, and the waiting call came");
    town.answer(ana, leg);
    town.pass_millis(300);
    let (callers, anas) = (town.audio_of(caller), town.audio_of(ana));
    let port = town.audio.iter().find(|sent| sent.to == callers).expect("music").from_port;
    // Hers is the port after his, or after that of her sign-in.
    let ports = [port + 1, port + 2];
    let before = town.audio.len();
    for sequence in 0..50 {
        for port in ports {
            town.speak(anas, port, packet(8, 500 + sequence, 77, 0x55));
        }
        town.pass_millis(20);
    }
    let [left, right] = town.wav.channels();
    assert_eq!(left.len(), right.len());
    let is_loud = |side: &[i16]| side.iter().filter(|sample| **sample != 0).count() > 100;
    assert!(!is_loud(&left), "the caller said nothing");
    let headers = to(&town, callers);
    assert!(town.audio.len() - before >= 48, "ana is heard");
    for pair in headers.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        assert_eq!(pair[1].ssrc, pair[0].ssrc);
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert!(step < 8000, "time goes on: {step}");
    }
    town.close();
}

#[test]
fn a_recorded_talk_has_the_caller_left_and_the_agent_right() {
    let mut town = Town::new(&scenario(NAMED, ""), false);
    let ana = town.agent("201");
    let caller = town.move_in();
    let call = town.dial(caller, "100");
    town.pass_millis(200);
    let leg = town.rings(ana).expect("she is ready");
    town.answer(ana, leg);
    town.pass_millis(100);
    let (callers, anas) = (town.audio_of(caller), town.audio_of(ana));
    // Two ports are taken: the caller's, from which he heard it ring, and ana's.
    let port = town.audio.iter().find(|sent| sent.to == callers).expect("a tone").from_port;
    for sequence in 0..150 {
        town.speak(callers, port, packet(0, sequence, 55, 0x2A));
        town.speak(anas, 1 - port, packet(8, 900 + sequence, 77, 0x55));
        town.pass_millis(20);
    }
    town.hang_up(caller, call);
    town.pass_millis(100);
    let [left, right] = town.wav.channels();
    assert!(left.len().abs_diff(8000 * 3) < 2000, "three seconds: {} samples", left.len());
    // Each leg has its own law: the caller offered µ-law first, ana answered A-law.
    let (loud, soft) = (decode(Codec::Pcmu, 0x2A), decode(Codec::Pcma, 0x55));
    let share = |side: &[i16], value| {
        side.iter().filter(|sample| **sample == value).count() as f64 / side.len() as f64
    };
    assert!(share(&left, loud) > 0.9, "{}", share(&left, loud));
    assert!(share(&right, soft) > 0.9, "{}", share(&right, soft));
    town.close();
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_proven() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let caller = town.move_in();
    let third: SocketAddr = "127.0.0.9:4000".parse().expect("address");
    let sdp = crate::town::description(third, "8 96");
    town.dial_with(caller, "100", Some(&sdp), None);
    town.pass(Duration::from_secs(2));
    assert!(town.audio.is_empty(), "the third address asked for nothing");
    town.close();
}

#[test]
fn a_call_whose_audio_stops_is_ended() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass_millis(200);
    let (from, port) = (town.audio_of(caller), town.audio[0].from_port);
    town.pass(Duration::from_secs(60));
    assert_eq!(town.exchange.load().calls, 1, "who never spoke is not missed");
    town.speak(from, port, packet(8, 1, 5, 0xD5));
    town.pass(Duration::from_secs(32));
    let ended = town.peers[caller]
        .events
        .iter()
        .any(|event| matches!(event, Event::Ended { why: End::Hangup, .. }));
    assert!(ended, "30 s without audio");
    town.close();
}

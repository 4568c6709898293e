//! Menus: digits by telephone-event, by INFO and as tones; barge-in; wrong keys; no key.

use crate::town::{Town, scenario};
use sip::Duration;
use std::net::SocketAddr;

const MENU: &str = r#"
[contact.menu]
ivr = "main"
numbers = ["200"]
arrivals.poisson = { rate = "1/h" }
talk = "60s"
acw = "0s"
patience = "unlimited"
in_ivr = { choices = { sales = 1.0 } }
[ivr.main]
start = "menu"
[ivr.main.step.menu]
menu = { prompt = "welcome.wav", time = "5s", timeout = "20s", keys = { "1" = "sales" }, no_input = "bye", no_match = "sorry", tries = 1, failed = "bye" }
[ivr.main.step.sorry]
play = { prompt = "sorry.wav", time = "1.7s", then = "menu" }
[ivr.main.step.sales]
enqueue = { queue = "sales", full = "bye", timed_out = "bye" }
[ivr.main.step.bye]
release = {}
"#;

/// The packets of a key: three that last longer and longer, three ends.
fn key(code: u8, ssrc: u32, timestamp: u32, sequence: u16) -> Vec<Vec<u8>> {
    let packet = |place: u16| {
        let end = if place >= 3 { 0x80 } else { 0 };
        let duration = (160 * (place + 1).min(4)).to_be_bytes();
        let mut bytes = vec![0x80, 96];
        bytes.extend((sequence + place).to_be_bytes());
        bytes.extend(timestamp.to_be_bytes());
        bytes.extend(ssrc.to_be_bytes());
        bytes.extend([code, end | 10, duration[0], duration[1]]);
        bytes
    };
    (0..6).map(packet).collect()
}

/// A caller in the menu, with the port of his audio and his own address.
fn in_menu(barge_in: bool) -> (Town, SocketAddr, u32) {
    let mut centre = scenario("count = 0\n", MENU);
    if let Some(keying) = &mut centre.flows[0].keying[0] {
        keying.barge_in = barge_in;
    }
    let mut town = Town::new(&centre, true);
    let caller = town.move_in();
    town.dial(caller, "200");
    town.pass_millis(500);
    let port = town.audio.last().expect("the prompt plays").from_port;
    let from = town.audio_of(caller);
    (town, from, port)
}

fn steps(town: &mut Town) -> usize {
    town.told().iter().filter(|name| *name == "ivr_step_entered").count()
}

fn waiting(town: &Town) -> u32 {
    town.exchange.switch().waiting_calls(acd::QueueId(0))
}

#[test]
fn a_key_stops_the_prompt_and_leads_on_once() {
    let (mut town, from, port) = in_menu(true);
    for packet in key(1, 9, 800, 1) {
        town.speak(from, port, packet);
    }
    assert_eq!(waiting(&town), 1);
    assert_eq!(steps(&mut town), 2);
    town.close();
}

#[test]
fn two_keys_with_one_timestamp_from_two_sources_are_two() {
    let (mut town, from, port) = in_menu(true);
    for packet in key(5, 9, 24_400, 1) {
        town.speak(from, port, packet);
    }
    assert_eq!(waiting(&town), 0);
    // The word of regret plays to its end, then the menu is there again.
    town.pass(Duration::from_secs(3));
    for packet in key(1, 10, 24_400, 1) {
        town.speak(from, port, packet);
    }
    assert_eq!(waiting(&town), 1);
    town.close();
}

#[test]
fn without_barge_in_keys_count_after_the_prompt() {
    let (mut town, from, port) = in_menu(false);
    for packet in key(1, 9, 800, 1) {
        town.speak(from, port, packet);
    }
    assert_eq!(waiting(&town), 0);
    town.pass(Duration::from_secs(5));
    for packet in key(1, 9, 80_000, 20) {
        town.speak(from, port, packet);
    }
    assert_eq!(waiting(&town), 1);
    town.close();
}

#[test]
fn who_presses_nothing_is_let_go_after_the_time_out() {
    let (mut town, _, _) = in_menu(true);
    town.pass(Duration::from_secs(21));
    assert!(town.exchange.switch().is_empty());
    town.close();
}

#[test]
fn keys_of_a_stranger_and_broken_packets_count_for_nothing() {
    let (mut town, from, port) = in_menu(true);
    town.speak(from, port, key(5, 9, 1, 1).remove(0));
    let stranger: SocketAddr = "127.0.0.7:4000".parse().expect("address");
    for packet in key(1, 11, 800, 1) {
        town.speak(stranger, port, packet);
    }
    for bad in [vec![], vec![0x80], vec![0; 12], vec![0xFF; 300]] {
        town.speak(from, port, bad);
    }
    town.speak(from, 4711, key(1, 9, 800, 1).remove(0));
    assert_eq!(waiting(&town), 0);
    let [_, audio] = town.exchange.counters();
    assert!(audio.get(live::Refused::ForeignAudio) == 6 && audio.get(live::Refused::BadAudio) == 4);
    assert_eq!(audio.get(live::Refused::StrayAudio), 1);
    town.close();
}

#[test]
fn a_key_by_info_counts_too() {
    let mut town = Town::new(&scenario("count = 0\n", MENU), true);
    let caller = town.move_in();
    let leg = town.dial(caller, "200");
    town.pass_millis(300);
    let body = b"Signal=1\r\nDuration=160\r\n";
    let endpoint = &mut town.peers[caller].endpoint;
    endpoint.send_info(town.now, leg, b"application/dtmf-relay", body).expect("the leg is up");
    town.pass_millis(100);
    assert_eq!(waiting(&town), 1);
    town.close();
}

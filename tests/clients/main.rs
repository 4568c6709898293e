//! Real telephones, callers and proxies against a running `callstorm serve`, on loopback.
//!
//! They come from Debian (`sip-tester baresip-core kamailio tshark`), so these tests run where
//! `CALLSTORM_REAL_CLIENTS=1` says that they shall (`.ci/run` does, and installs them); elsewhere they say that they
//! skip. SIPp sends audio and digits by raw sockets: that needs root.

mod audio;
mod baresip;
mod capture;
mod kamailio;
mod load;
#[path = "../serving/mod.rs"]
mod serving;
mod sipp;

use audio::{read_wav, share_at, write_tone};
use baresip::Baresip;
use capture::Capture;
use kamailio::Kamailio;
use serving::{Ended, Serving};
use std::fs::File;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

/// A menu, a queue behind it, and an agent with a telephone.
const CENTRE: &str = r#"
schema = 1
length = "24h"

[contact.sales]
ivr = "main"
numbers = ["100"]
arrivals.poisson = { rate = "1/h" }
talk = "60s"
in_ivr = { choices = { agent = 1.0 } }

[ivr.main]
start = "menu"
[ivr.main.step.menu]
menu = { time = "2s", keys = { "1" = "agent" }, no_input = "menu", no_match = "menu", tries = 3, failed = "bye", timeout = "8s" }
[ivr.main.step.agent]
enqueue = { queue = "sales", full = "bye", timed_out = "bye" }
[ivr.main.step.bye]
release = {}

[queue.sales]
target = "80% in 20s"

[agents.team]
count = 1
skills = { sales = 1 }

[live.agent.ana]
group = "team"
extension = "201"
password_env = "ANA_PW"
keep_alive = "0s"           # a SIPp scenario fails at an OPTIONS it does not expect
"#;

/// The caller's tone and the agent's, Hz.
const CALLER: f64 = 440.0;
const AGENT: f64 = 880.0;

/// Returns whether the real clients shall be tried; says so when not.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn are_wanted() -> bool {
    let wanted = std::env::var_os("CALLSTORM_REAL_CLIENTS").is_some_and(|value| value == "1");
    if !wanted {
        eprintln!("skipped: CALLSTORM_REAL_CLIENTS=1 tries real clients");
    }
    wanted
}

/// Tries something until it succeeds, for some seconds.
#[expect(clippy::disallowed_methods, reason = "who waits for other programs needs the clock")]
pub(crate) fn within<T>(seconds: u64, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    let ends = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < ends {
        if let Some(found) = attempt() {
            return Some(found);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

/// Finds ports that nobody uses. They may be taken before they are used; the test then fails, and says so.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let sockets = [(); N].map(|()| UdpSocket::bind("127.0.0.1:0").expect("a free port"));
    sockets.map(|socket| socket.local_addr().expect("bound").port())
}

fn serve() -> Serving {
    Serving::start(CENTRE, &["--record", "day.rec", "--events"], &[("ANA_PW", "secret")])
}

/// Reads a figure of the whole centre out of the report.
fn all(ended: &Ended, key: &str) -> f64 {
    let summary = File::open(ended.room.path().join("out/summary.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_reader(summary).expect("JSON");
    summary["kpis"]["all"][key]["mean"].as_f64().expect("a figure of every report")
}

/// The recording repeats to the word.
fn repeats(ended: &Ended) {
    let replay = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(["replay", "day.rec"])
        .current_dir(ended.room.path())
        .output()
        .expect("the binary was built for this test");
    let said = String::from_utf8_lossy(&replay.stdout);
    assert!(replay.status.success() && said.contains("decides the same"), "{said}");
}

/// Ends the server; its report must count one call answered, and its recording must repeat.
fn end_well(server: Serving) {
    let ended = server.interrupt();
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.said, ended.talk);
    assert_eq!((all(&ended, "offered"), all(&ended, "answered")), (1.0, 1.0));
    repeats(&ended);
}

/// What we sent to a port must be one stream without a gap, of nearly as many packets as expected.
fn is_whole(capture: &Capture, server: std::net::IpAddr, port: u16, expected: u32) {
    let streams = capture.streams_to(server, port);
    let [stream] = &streams[..] else { panic!("{} streams to port {port}", streams.len()) };
    assert_eq!(stream.gaps, 0, "gaps in the stream to port {port}");
    let packets = stream.packets;
    assert!(packets * 100 >= expected * 95, "{packets} of {expected} packets to port {port}");
}

/// Starts agent ana's telephone, registers it and signs her in.
fn signed_in(server: &Serving) -> Baresip {
    let mut agent = Baresip::start(server.address, "201", "secret", AGENT as u32);
    agent.wait_registered();
    agent.tell("dial", "*11");
    agent.wait_for("CALL_CLOSED", 10);
    agent
}

/// SIPp's caller calls `target`, presses the key, talks in his tone to the agent and hangs up; returns his SIP port.
fn sipp_calls(target: SocketAddr, agent: &mut Baresip) -> u16 {
    let sipp = sipp::Sipp::new();
    write_tone(&sipp.path("tone.pcap"), CALLER, 3);
    let [port] = free_ports();
    sipp.run("caller.xml", target, port, &["-s", "100"]);
    agent.wait_for("CALL_CLOSED", 10);
    port
}

/// A baresip calls and presses the key; it is with the agent when this returns, and goes on with its tone.
fn baresip_calls(server: &Serving) -> Baresip {
    let mut caller = Baresip::start(server.address, "caller", "none", CALLER as u32);
    caller.tell("dial", "100");
    caller.wait_for("CALL_ESTABLISHED", 10);
    std::thread::sleep(Duration::from_secs(1));
    caller.tell("sndcode", "1");
    caller
}

/// Holds the longest recording of what a baresip heard against a tone.
fn hears(who: &str, baresip: &Baresip, hertz: f64) {
    let best = baresip
        .recordings()
        .iter()
        .map(|file| share_at(&read_wav(file)[0], hertz))
        .fold(0.0, f64::max);
    assert!(best > 0.8, "{who} hears {hertz} Hz with {best}");
}

#[test]
fn sipp_calls_through_the_menu_to_a_registered_baresip_and_both_hear_each_other() {
    if !are_wanted() {
        return;
    }
    let server = serve();
    let mut agent = signed_in(&server);
    let capture = Capture::start();
    let port = sipp_calls(server.address, &mut agent);
    let heard = capture.end();

    hears("the agent", &agent, CALLER);
    let media = heard.caller_media_port(port);
    let at_caller = share_at(&heard.samples_to(server.address.ip(), media), AGENT);
    assert!(at_caller > 0.8, "the caller hears {AGENT} Hz with {at_caller}");
    let agent_media = heard.other_media_port(server.address.ip(), media);
    // The caller is up for 7 s; his own three seconds of audio go on to the agent.
    is_whole(&heard, server.address.ip(), media, 7 * 50);
    is_whole(&heard, server.address.ip(), agent_media, 3 * 50);
    heard.server_is_clean(server.address);
    end_well(server);
}

#[test]
fn baresip_calls_a_sipp_agent_and_presses_the_key() {
    if !are_wanted() {
        return;
    }
    let server = serve();
    let sipp = sipp::Sipp::new();
    write_tone(&sipp.path("tone.pcap"), AGENT, 3);
    let [port] = free_ports();
    sipp.run("register.xml", server.address, port, &["-s", "201"]);
    sipp.run("sign-in.xml", server.address, port, &["-s", "*11"]);
    let agent = sipp.begin("agent.xml", server.address, port, &[]);

    let capture = Capture::start();
    let mut caller = baresip_calls(&server);
    std::thread::sleep(Duration::from_secs(5));
    caller.tell("hangup", "");
    caller.wait_for("CALL_CLOSED", 10);
    sipp::finish(agent);
    let heard = capture.end();
    hears("the caller", &caller, AGENT);
    heard.server_is_clean(server.address);
    end_well(server);
}

#[test]
fn a_call_comes_through_a_kamailio_in_front() {
    if !are_wanted() {
        return;
    }
    let server = serve();
    let proxy = Kamailio::start(server.address);
    let mut agent = signed_in(&server);
    let capture = Capture::start();
    sipp_calls(proxy.address, &mut agent);
    let heard = capture.end();
    hears("the agent", &agent, CALLER);
    heard.server_is_clean(server.address);
    end_well(server);
}

#[test]
fn two_baresips_hear_each_other() {
    if !are_wanted() {
        return;
    }
    let server = serve();
    let mut agent = signed_in(&server);
    let capture = Capture::start();
    let mut caller = baresip_calls(&server);
    // Both read a report of ours on their audio.
    caller.wait_for("CALL_RTCP", 8);
    agent.wait_for("CALL_RTCP", 8);
    std::thread::sleep(Duration::from_secs(4));
    // The agent hangs up this time.
    agent.tell("hangup", "");
    caller.wait_for("CALL_CLOSED", 10);
    let heard = capture.end();
    hears("the agent", &agent, CALLER);
    hears("the caller", &caller, AGENT);
    heard.server_is_clean(server.address);
    end_well(server);
}

#[test]
fn a_hundred_calls_a_second_are_answered_by_robots() {
    if !are_wanted() {
        return;
    }
    let robots = include_str!("../../benches/live/robots.toml");
    let server = Serving::start(robots, &["--robots", "--record", "day.rec"], &[]);
    let capture = Capture::start();
    let sipp = sipp::Sipp::new();
    let [port] = free_ports();
    sipp.place(server.address, port, 500, 100);
    let heard = capture.end();
    heard.server_is_clean(server.address);
    let ended = server.interrupt();
    assert_eq!(all(&ended, "answered"), 500.0);
    repeats(&ended);
}

#[test]
fn our_callers_are_understood_by_sipp_and_break_no_rule() {
    if !are_wanted() {
        return;
    }
    let [port] = free_ports();
    let target = SocketAddr::from(([127, 0, 0, 1], port));
    for more in [&[][..], &["--drop", "7,0.02"]] {
        let sipp = load::sipp_answers(port, 200);
        // SIPp needs a moment to listen; what comes before is sent again.
        std::thread::sleep(Duration::from_secs(1));
        let (room, capture) = (tempfile::tempdir().expect("a temporary folder"), Capture::start());
        let figures = load::calls(room.path(), target, 200, more);
        sipp::finish(sipp);
        capture.end().only_others_break_rules(target);
        for key in ["placed", "established", "completed", "passed"] {
            assert_eq!(figures[key]["mean"].as_f64(), Some(200.0), "{key} with {more:?}");
        }
        assert_eq!(figures["unexpected"]["mean"].as_f64(), Some(0.0), "{more:?}");
    }
}

#[test]
fn our_callers_come_through_a_kamailio_to_our_robots() {
    if !are_wanted() {
        return;
    }
    let robots = include_str!("../../benches/live/robots.toml");
    let server = Serving::start(robots, &["--robots", "--record", "day.rec"], &[]);
    let proxy = Kamailio::start(server.address);
    let room = tempfile::tempdir().expect("a temporary folder");
    let figures = load::calls(room.path(), proxy.address, 200, &[]);
    assert_eq!(figures["passed"]["mean"].as_f64(), Some(200.0));
    let ended = server.interrupt();
    assert_eq!(all(&ended, "answered"), 200.0);
    repeats(&ended);
}

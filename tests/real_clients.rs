//! Real clients make real calls through a running `callstorm serve`: SIPp and baresip, from Debian's packages.
//!
//! Only where `CALLSTORM_REAL_CLIENTS=1` says that they are installed (`sip-tester`, `baresip-core`); there a missing one is
//! a failure. SIPp plays captured packets by a raw socket, so these tests run as root.
#![expect(clippy::disallowed_methods, reason = "real clients take real time")]

mod serving;

use serving::{Ended, Serving};
use sip::audio::tone::{Tone, level, loudness};
use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything a client does may take.
const PATIENCE: Duration = Duration::from_secs(20);

const DESK: &str = include_str!("../scenarios/front-desk.toml");
const PASSWORDS: [(&str, &str); 2] = [("ANA_PW", "secret"), ("BEN_PW", "secret")];

fn is_wanted() -> bool {
    std::env::var_os("CALLSTORM_REAL_CLIENTS").is_some_and(|value| value == "1")
}

/// A port that nobody listens at, even, with a free one above it.
fn free_port() -> u16 {
    for _ in 0..100 {
        let probe = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let port = probe.local_addr().expect("bound").port() & !1;
        drop(probe);
        let is_free = |port| {
            UdpSocket::bind(("127.0.0.1", port)).is_ok()
                && TcpListener::bind(("127.0.0.1", port)).is_ok()
        };
        if is_free(port) && is_free(port + 1) {
            return port;
        }
    }
    panic!("no free pair of ports");
}

/// A baresip without a screen, told what to do over TCP.
struct Baresip {
    child: Child,
    room: TempDir,
    control: TcpStream,
    heard: String,
}

impl Baresip {
    /// Starts one that plays a tone to whomever it talks to and records what it hears.
    fn start(user: &str, registrar: SocketAddr, is_registered: bool, hertz: f64) -> Self {
        let room = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| room.path().join(name).display().to_string();
        fs::write(path("tone.wav"), tone(hertz)).expect("written");
        let (sip, control, audio) = (free_port(), free_port(), free_port());
        let interval = if is_registered { 600 } else { 0 };
        let account = format!(
            "<sip:{user}@{registrar}>;auth_user={user};auth_pass=secret;answermode=auto;regint={interval};audio_codecs=PCMA/8000/1\n"
        );
        fs::write(path("accounts"), account).expect("written");
        fs::write(path("contacts"), "").expect("written");
        let (tone, snd, player) = (path("tone.wav"), room.path().display(), path("played.wav"));
        let config = format!(
            "poll_method epoll\nsip_listen 127.0.0.1:{sip}\naudio_player aufile,{player}\naudio_source aufile,{tone}\n\
             audio_alert aufile,{player}\nrtp_ports {audio}-{}\nnet_interface 127.0.0.1\nsnd_path {snd}\n\
             module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule auconv.so\nmodule auresamp.so\nmodule aufile.so\n\
             module sndfile.so\nmodule_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n\
             ctrl_tcp_listen 127.0.0.1:{control}\n",
            audio.saturating_add(40)
        );
        fs::write(path("config"), config).expect("written");
        let child = Command::new("baresip")
            .args(["-f", &room.path().display().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("baresip is installed");
        let control = connect(control);
        Self { child, room, control, heard: String::new() }
    }

    fn tell(&mut self, command: &str, parameters: &str) {
        let message = format!(r#"{{"command":"{command}","params":"{parameters}"}}"#);
        write!(self.control, "{}:{message},", message.len()).expect("baresip listens");
    }

    /// Waits until baresip says something since the last time.
    fn wait_for(&mut self, what: &str) {
        let begun = Instant::now();
        let mut buffer = [0; 4096];
        while !self.heard.contains(what) {
            assert!(begun.elapsed() < PATIENCE, "no {what}: {}", self.heard);
            match self.control.read(&mut buffer) {
                Ok(read) => self.heard.push_str(&String::from_utf8_lossy(&buffer[..read])),
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
                    "{error}"
                ),
            }
        }
        let at = self.heard.find(what).expect("just found") + what.len();
        self.heard.drain(..at);
    }

    /// The longest recording of what it heard, as samples.
    fn recorded(&self) -> Vec<i16> {
        let files = fs::read_dir(self.room.path()).expect("a folder");
        let names = files.map(|entry| entry.expect("readable").path());
        let heard = names.filter(|path| path.to_string_lossy().ends_with("-dec.wav"));
        let longest = heard.map(|path| fs::read(path).expect("readable")).max_by_key(Vec::len);
        let bytes = longest.expect("a recording");
        let samples = bytes.get(44..).unwrap_or_default().chunks_exact(2);
        samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        // One that has ended already cannot be ended again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(port: u16) -> TcpStream {
    let begun = Instant::now();
    loop {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
            stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a time");
            return stream;
        }
        assert!(begun.elapsed() < PATIENCE, "baresip does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Two minutes of a tone, as a WAV file.
fn tone(hertz: f64) -> Vec<u8> {
    let samples: Vec<u8> =
        Tone::new(hertz, 0.3).take(8000 * 120).flat_map(i16::to_le_bytes).collect();
    let length = u32::try_from(samples.len()).expect("short");
    let mut wav = Vec::with_capacity(samples.len() + 44);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(length + 36).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend_from_slice(&8000_u32.to_le_bytes());
    wav.extend_from_slice(&16_000_u32.to_le_bytes());
    wav.extend_from_slice(b"\x02\0\x10\0data");
    wav.extend_from_slice(&length.to_le_bytes());
    wav.extend(samples);
    wav
}

/// The strongest a tone is in any second of a recording.
fn strongest(samples: &[i16], hertz: f64) -> f64 {
    samples.chunks(8000).map(|second| level(second, hertz)).fold(0.0, f64::max)
}

fn events(ended: &Ended) -> String {
    fs::read_to_string(ended.room.path().join("out/events.jsonl")).expect("an event log")
}

/// What was recorded of the switch is decided the same again.
fn repeats(room: &Path) {
    let replay = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .args(["replay", "day.rec"])
        .current_dir(room)
        .output()
        .expect("the binary was built for this test");
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stdout));
}

fn sipp(arguments: &[&str], room: &Path) {
    let output = Command::new("sipp")
        .args(["-i", "127.0.0.1", "-nostdin", "-timeout", "60", "-timeout_error", "-trace_err"])
        .args(arguments)
        .current_dir(room)
        .output()
        .expect("SIPp is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn sipp_calls_robots() {
    if !is_wanted() {
        return;
    }
    let serving = Serving::start(
        include_str!("../benches/live/robots.toml"),
        &["--robots", "--events", "--record", "day.rec"],
        &[],
    );
    let room = tempfile::tempdir().expect("a temporary folder");
    let (target, port) = (serving.address.to_string(), free_port().to_string());
    let calls =
        ["-sn", "uac", "-s", "100", &target, "-p", &port, "-m", "100", "-r", "50", "-d", "300"];
    sipp(&calls, room.path());
    let ended = serving.interrupt();
    let events = events(&ended);
    assert_eq!(events.matches("\"call_answered\"").count(), 100);
    assert_eq!(events.matches("\"talk_ended\"").count(), 100);
    repeats(ended.room.path());
}

#[test]
fn sipp_goes_through_the_menu_to_a_baresip_that_registered() {
    if !is_wanted() {
        return;
    }
    let serving = Serving::start(DESK, &["--events", "--record", "day.rec"], &PASSWORDS);
    let mut agent = Baresip::start("201", serving.address, true, 440.0);
    agent.tell("dial", &format!("sip:*11@{}", serving.address));
    agent.wait_for("CALL_CLOSED");
    let menu = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/menu.xml");
    let room = tempfile::tempdir().expect("a temporary folder");
    let (target, port, audio) = (serving.address.to_string(), free_port(), free_port());
    let (port, audio) = (port.to_string(), audio.to_string());
    let caller = [
        "-sf",
        menu,
        "-s",
        "100",
        &target,
        "-p",
        &port,
        "-mi",
        "127.0.0.1",
        "-mp",
        &audio,
        "-m",
        "1",
    ];
    sipp(&caller, room.path());
    agent.wait_for("CALL_CLOSED");
    let ended = serving.interrupt();
    let events = events(&ended);
    assert!(events.contains("\"call_answered\"") && events.contains("\"talk_ended\""), "{events}");
    let heard = agent.recorded();
    assert!(heard.len() > 4 * 8000 && loudness(&heard) > 0.005, "{} samples", heard.len());
    repeats(ended.room.path());
}

#[test]
fn two_baresips_hear_each_others_tone() {
    if !is_wanted() {
        return;
    }
    let serving = Serving::start(DESK, &["--events", "--record", "day.rec"], &PASSWORDS);
    let mut agent = Baresip::start("201", serving.address, true, 440.0);
    agent.tell("dial", &format!("sip:*11@{}", serving.address));
    agent.wait_for("CALL_CLOSED");
    let mut caller = Baresip::start("555", serving.address, false, 880.0);
    caller.tell("dial", &format!("sip:100@{}", serving.address));
    caller.wait_for("CALL_ESTABLISHED");
    caller.tell("sndcode", "1");
    agent.wait_for("CALL_ESTABLISHED");
    // Three seconds of talk, in real time.
    std::thread::sleep(Duration::from_secs(3));
    caller.tell("hangup", "");
    agent.wait_for("CALL_CLOSED");
    let ended = serving.interrupt();
    assert!(events(&ended).contains("\"call_answered\""));
    for (who, own, other) in [(&caller, 880.0, 440.0), (&agent, 440.0, 880.0)] {
        let heard = who.recorded();
        let (theirs, echo) = (strongest(&heard, other), strongest(&heard, own));
        assert!(theirs > 0.2 && echo < 0.02, "{other} Hz at {theirs}, {own} Hz at {echo}");
    }
    repeats(ended.room.path());
}

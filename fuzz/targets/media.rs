#![no_main]
//! Any packets on the media of one leg: no panic; what is sent keeps one source, sequence and time; what is received is
//! counted once; a recording stays a good file.

use std::io::Cursor;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sip::audio::{Prompt, Recording, Side, g711};
use sip::dtmf::{Digit, EventReceiver, EventSender, ToneDetector, info};
use sip::rtp::rtcp::Session;
use sip::rtp::{Header, Incoming, Outgoing, Start};
use sip::sdp::negotiate::Codec;
use sip::{Duration, Instant};

/// The most operations of one run.
const OPERATIONS_MAX: usize = 200;

#[derive(Debug, Arbitrary)]
enum Operation {
    /// Time passes, in steps of 100 µs.
    Pass(u16),
    /// Bytes as they come.
    Datagram(Vec<u8>),
    /// A packet of a source among few.
    Packet {
        kind: u8,
        sequence: u16,
        timestamp: u32,
        ssrc: u8,
        payload: Vec<u8>,
    },
    /// A telephone event.
    Event {
        sequence: u16,
        timestamp: u16,
        ssrc: u8,
        payload: [u8; 4],
    },
    /// Twenty milliseconds of our own.
    Tick,
    Press {
        digit: u8,
        length: u16,
    },
    Change,
    Mute(bool),
    Control(Vec<u8>),
    Report,
    Info(Vec<u8>),
    Wav(Vec<u8>),
}

struct Leg {
    now: Instant,
    incoming: Incoming,
    outgoing: Outgoing,
    control: Session,
    events: EventReceiver,
    digits: EventSender,
    tones: ToneDetector,
    recording: Recording<Cursor<Vec<u8>>>,
    /// What was sent last, and the timestamp of the last audio.
    last: Option<Header>,
    last_audio: Option<u32>,
    packets: u64,
}

impl Leg {
    fn new() -> Self {
        let now = Instant::from_micros(1_000_000);
        Self {
            now,
            incoming: Incoming::default(),
            outgoing: Outgoing::new(Start {
                ssrc: 7,
                sequence: 65_000,
                timestamp: u32::MAX - 9_000,
            }),
            control: Session::new(b"leg@192.0.2.1"),
            events: EventReceiver::default(),
            digits: EventSender::default(),
            tones: ToneDetector::default(),
            recording: Recording::begin(Cursor::new(Vec::new()), now, 1 << 24).expect("memory"),
            last: None,
            last_audio: None,
            packets: 0,
        }
    }

    /// Checks a packet of ours.
    fn sent(&mut self, bytes: &[u8], is_audio: bool) {
        let fresh = Header::parse(bytes).expect("ours are well formed");
        assert_eq!(fresh.ssrc, 7, "one source");
        if let Some(last) = self.last.replace(fresh) {
            assert_eq!(fresh.sequence, last.sequence.wrapping_add(1), "no gap");
        }
        if is_audio {
            let last = self.last_audio.replace(fresh.timestamp).unwrap_or(fresh.timestamp);
            assert!(fresh.timestamp.wrapping_sub(last).cast_signed() >= 0, "time goes forward");
        }
    }

    fn receive(&mut self, datagram: &mut [u8]) {
        let Ok(header) = Header::parse(datagram) else { return };
        self.packets += 1;
        let verdict = self.incoming.receive(self.now, &header);
        let payload = header.payload(datagram);
        if header.payload_type == 101 {
            let digit = self.events.receive(&header, payload);
            #[cfg(feature = "canary")]
            assert!(digit.map(Digit::to_char) != Some('#') || self.packets < 4, "canary");
            let _ = digit;
            if let Ok(fresh) = self.outgoing.relay_event(self.now, &header, 96) {
                let bytes = header.rewrite(datagram, fresh).to_vec();
                self.sent(&bytes, false);
            }
            return;
        }
        self.tones.receive(payload.iter().map(|&byte| g711::decode(Codec::Pcmu, byte)));
        self.recording.handle_packet(self.now, Side::Caller, &header, Codec::Pcmu, payload);
        let fresh =
            self.outgoing.relay(self.now, &header, 8).ok().filter(|_| verdict.is_playable());
        match fresh {
            Some(fresh) => {
                g711::convert(Codec::Pcmu, Codec::Pcma, header.payload_mut(datagram));
                let bytes = header.rewrite(datagram, fresh).to_vec();
                self.sent(&bytes, true);
            }
            // It was made all the same, so its number is used.
            None => self.last = None,
        }
    }

    fn tick(&mut self) {
        match self.digits.next_packet(self.now, &mut self.outgoing, 101) {
            Some(packet) => self.sent(&packet, false),
            None => {
                let header = self.outgoing.frame(self.now, 8, 160);
                self.sent(&header, true);
            }
        }
        self.now = self.now + Duration::from_millis(20);
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Pass(steps) => {
                self.now = self.now + Duration::from_micros(u64::from(steps) * 100);
            }
            Operation::Datagram(mut bytes) => self.receive(&mut bytes),
            Operation::Packet { kind, sequence, timestamp, ssrc, payload } => {
                self.receive(&mut packet(kind, sequence, timestamp, ssrc, &payload));
            }
            Operation::Event { sequence, timestamp, ssrc, payload } => {
                self.receive(&mut packet(101, sequence, timestamp.into(), ssrc, &payload));
            }
            Operation::Tick => self.tick(),
            Operation::Press { digit, length } => {
                let digit = Digit::from_event(digit % 16).expect("sixteen keys");
                let _ = self.digits.press(digit, Duration::from_millis(length.into()));
            }
            Operation::Change => self.outgoing.change(),
            Operation::Mute(is_muted) => self.recording.mute(Side::Caller, is_muted),
            Operation::Control(bytes) => {
                let _ = self.control.receive(self.now, 1 << 60, 7, &bytes);
            }
            Operation::Report => self.report(),
            Operation::Info(body) => {
                let _ = info::read(info::RELAY, &body);
                let _ = info::read(info::PLAIN, &body);
            }
            Operation::Wav(bytes) => {
                let _ = Prompt::read(&bytes[..]);
            }
        }
    }

    fn report(&mut self) {
        let mut out = Vec::new();
        self.control.leave(self.now, 1 << 60, &self.outgoing, &mut self.incoming, &mut out);
        let told = self.control.receive(self.now, 1 << 60, 7, &out).expect("ours are well formed");
        assert!(told.has_left);
    }
}

/// A packet of one of eight sources.
fn packet(kind: u8, sequence: u16, timestamp: u32, ssrc: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80, kind];
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(&timestamp.to_be_bytes());
    bytes.extend_from_slice(&u32::from(ssrc % 8).to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fuzz_target!(|operations: Vec<Operation>| {
    let mut leg = Leg::new();
    for operation in operations.into_iter().take(OPERATIONS_MAX) {
        leg.apply(operation);
        let _ = leg.recording.handle_timeout(leg.now);
    }
    let reception = leg.incoming.reception();
    let counted = reception.received + reception.duplicates + reception.strays;
    assert!(counted <= leg.packets, "{reception:?} of {} packets", leg.packets);
    assert!(reception.late <= reception.received && reception.jitter <= reception.jitter_max);
});

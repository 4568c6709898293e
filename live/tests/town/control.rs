//! RTCP: reports both ways on every leg, to proven addresses only, and none after the end.

use crate::town::{NAMED, Sent, Town, description, scenario};
use live::{Channel, Quality};
use sip::rtp::rtcp::{self, Compound, Packet};
use sip::rtp::{Header, Incoming, Outgoing, Start};
use sip::{Duration, Instant};
use std::net::SocketAddr;

/// NTP time of a moment of the town; another clock than the exchange's, as a telephone has.
fn ntp(now: Instant) -> u64 {
    (3_900_000_777 << 32) + ((now.as_micros() << 32) / 1_000_000)
}

/// The audio of a telephone: what it sends, what it heard, and its reports.
struct Telephone {
    address: SocketAddr,
    payload_type: u8,
    outgoing: Outgoing,
    incoming: Incoming,
    control: rtcp::Session,
    /// Packets of the town it has looked at.
    seen: usize,
}

impl Telephone {
    fn new(address: SocketAddr, payload_type: u8, ssrc: u32) -> Self {
        let outgoing = Outgoing::new(Start { ssrc, sequence: 1, timestamp: 0 });
        let control = rtcp::Session::new(b"phone");
        let incoming = Incoming::default();
        Self { address, payload_type, outgoing, incoming, control, seen: 0 }
    }

    /// Sends a frame to a port of the exchange, and hears what came; loses every fourth packet.
    fn speak(&mut self, town: &mut Town, port: u32) {
        let mut packet = self.outgoing.frame(town.now, self.payload_type, 160).to_vec();
        packet.extend([0x55; 160]);
        town.speak(self.address, port, packet);
        for sent in &town.audio[self.seen..] {
            let header = Header::parse(&sent.bytes).expect("good");
            if sent.to == self.address && !header.sequence.is_multiple_of(4) {
                self.incoming.receive(town.now, &header);
            }
        }
        self.seen = town.audio.len();
    }

    /// Reads a report of the exchange and answers it half a second later.
    fn answer(&mut self, town: &mut Town, port: u32, report: &Sent) {
        let ours = self.outgoing.ssrc();
        self.control.receive(report.at, ntp(report.at), ours, &report.bytes).expect("good");
        let mut out = Vec::new();
        let now = town.now;
        self.control.start(now, 0);
        let due = now + Duration::from_secs(10);
        let Self { control, outgoing, incoming, .. } = self;
        assert!(control.handle_timeout(due, ntp(now), 0, outgoing, incoming, &mut out));
        let from = SocketAddr::new(self.address.ip(), self.address.port() + 1);
        town.exchange.handle_control(now, port, from, &out);
    }
}

fn packets(sent: &Sent) -> Vec<Packet<'_>> {
    Compound::parse(&sent.bytes).expect("we send good reports").packets().collect()
}

/// A call between a caller and ana, who speak for so long; who answers the exchange's reports is ana.
fn talk(town: &mut Town, seconds: u64) -> [Telephone; 2] {
    let ana = town.agent("201");
    let caller = town.move_in();
    let call = town.dial(caller, "100");
    town.pass_millis(200);
    let leg = town.rings(ana).expect("she is ready");
    town.answer(ana, leg);
    town.pass_millis(100);
    let (callers, anas) = (town.audio_of(caller), town.audio_of(ana));
    let port = town.audio.iter().find(|sent| sent.to == callers).expect("a tone").from_port;
    // The caller offered µ-law first; ana answered A-law.
    let mut phones = [Telephone::new(callers, 0, 1), Telephone::new(anas, 8, 2)];
    let mut answered = 0;
    for _ in 0..seconds * 50 {
        phones[0].speak(town, port);
        phones[1].speak(town, 1 - port);
        town.pass_millis(20);
        let reports: Vec<Sent> = town.control[answered..].iter().map(|(_, s)| s.clone()).collect();
        answered += reports.len();
        for report in reports.iter().filter(|report| report.from_port == 1 - port) {
            phones[1].answer(town, 1 - port, report);
        }
    }
    town.hang_up(caller, call);
    town.pass_millis(500);
    phones
}

#[test]
fn each_leg_reports_every_five_seconds_or_so_and_says_goodbye() {
    let mut town = Town::new(&scenario(NAMED, ""), false);
    let phones = talk(&mut town, 60);
    for phone in &phones {
        let port = SocketAddr::new(phone.address.ip(), phone.address.port() + 1);
        let mine = town.control.iter().filter(|(_, sent)| sent.to == port);
        let mine: Vec<&(Channel, Sent)> = mine.collect();
        assert!(
            mine.iter().all(|(by, _)| *by == Channel::Control),
            "from one port above the audio's"
        );
        // An interval is 2.05 to 6.2 s, 4.1 s on average.
        assert!((9..=30).contains(&mine.len()), "{}", mine.len());
        let times: Vec<u64> = mine.iter().map(|(_, sent)| sent.at.as_micros()).collect();
        let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (_, between) = gaps.split_last().expect("many");
        assert!(between.iter().all(|gap| (2_050_000..6_300_000).contains(gap)), "{between:?}");
        assert!(between.iter().any(|gap| gap != &between[0]), "drawn anew each time");
        let (last, before) = mine.split_last().expect("many");
        let says_goodbye = |sent: &Sent| packets(sent).contains(&Packet::Goodbye);
        assert!(says_goodbye(&last.1) && !before.iter().any(|(_, sent)| says_goodbye(sent)));
        let Packet::SenderReport { info, reports, .. } = packets(&last.1)[0] else {
            panic!("it sent audio");
        };
        assert!((2900..=3200).contains(&info.packets), "{}", info.packets);
        let block = reports.iter().next().expect("about the phone's stream");
        assert_eq!((block.ssrc, block.lost), (phone.outgoing.ssrc(), 0));
    }
    town.close();
}

#[test]
fn what_a_telephone_reports_is_known_losses_and_round_trip() {
    let mut town = Town::new(&scenario(NAMED, ""), false);
    talk(&mut town, 30);
    let Quality { received, lost, sent, lost_by_peers, reports_received, round_trips, .. } =
        town.exchange.quality();
    assert_eq!((received, lost), (2 * 1500, 0));
    assert!(sent >= 2 * 1499, "{sent}");
    // Ana loses every fourth packet, and the last seconds are in no report.
    assert!((250..=375).contains(&lost_by_peers), "{lost_by_peers}");
    assert!(reports_received >= 4 && round_trips == reports_received, "{round_trips}");
    // She answers within a tick of 20 ms, and says how long she kept the report.
    let trip = town.exchange.quality().round_trip().expect("told");
    assert!(trip <= Duration::from_millis(21), "{trip:?}");
    town.close();
}

#[test]
fn garbage_and_strangers_are_counted_and_change_nothing() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass_millis(200);
    let (audio, port) = (town.audio_of(caller), town.audio[0].from_port);
    let mine = SocketAddr::new(audio.ip(), audio.port() + 1);
    let stranger: SocketAddr = "127.0.0.9:7001".parse().expect("address");
    let report = [0x80, 201, 0, 1, 0, 0, 0, 7];
    town.exchange.handle_control(town.now, port, mine, b"nonsense");
    town.exchange.handle_control(town.now, port, mine, &[]);
    town.exchange.handle_control(town.now, port, stranger, &report);
    town.exchange.handle_control(town.now, 77, mine, &report);
    // On the audio's socket it is no control: nobody agreed to share it.
    town.speak(audio, port, report.to_vec());
    let counted: Vec<_> = town.exchange.counters()[1].occurred().collect();
    let expected =
        [("stray_audio", 1), ("bad_audio", 1), ("bad_control", 2), ("foreign_control", 1)];
    assert_eq!(counted, expected);
    assert_eq!(town.exchange.quality().reports_received, 0);
    town.exchange.handle_control(town.now, port, mine, &report);
    assert_eq!(town.exchange.quality().reports_received, 1);
    town.close();
}

#[test]
fn reports_follow_the_description_and_go_to_no_third_host() {
    let cases = [
        ("a=rtcp:9000\r\n", Some((Channel::Control, "127.0.0.1:9000"))),
        ("a=rtcp:9000 IN IP4 127.0.0.9\r\n", None),
        ("a=rtcp-mux\r\n", Some((Channel::Audio, "127.0.0.1:7000"))),
        ("a=rtcp:0\r\n", None),
    ];
    for (line, expected) in cases {
        let mut town = Town::new(&scenario("count = 0\n", ""), true);
        let caller = town.move_in();
        let audio = town.audio_of(caller);
        let sdp = [description(audio, "8 96"), line.as_bytes().to_vec()].concat();
        town.dial_with(caller, "100", Some(&sdp), None);
        town.pass(Duration::from_secs(20));
        let went: Vec<(Channel, SocketAddr)> =
            town.control.iter().map(|(by, sent)| (*by, sent.to)).collect();
        match expected {
            None => assert_eq!(went, [], "{line}"),
            Some((by, to)) => {
                let to = to.parse().expect("address");
                assert!(
                    went.len() >= 3 && went.iter().all(|at| *at == (by, to)),
                    "{line}: {went:?}"
                );
            }
        }
        town.close();
    }
}

#[test]
fn nobody_reports_before_his_address_is_proven_and_a_silent_call_says_no_goodbye() {
    let mut town = Town::new(&scenario("count = 0\n", ""), true);
    let caller = town.move_in();
    let third: SocketAddr = "127.0.0.9:4000".parse().expect("address");
    let leg = town.dial_with(caller, "100", Some(&description(third, "8 96")), None);
    town.pass(Duration::from_secs(30));
    town.hang_up(caller, leg);
    town.pass(Duration::from_secs(1));
    assert!(town.control.is_empty(), "{:?}", town.control);
    assert_eq!(town.exchange.load().reporting, 0);
    town.close();
}

//! What went over loopback, taken and read by tshark.

use sip::lint::capture::read;
use sip::lint::{Lint, Options};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The server's ports for media.
const MEDIA: Range<u16> = 20_000..30_000;

/// A capture that is being taken.
pub(crate) struct Capture {
    taken_by: Option<Child>,
    room: TempDir,
}

/// A stream of RTP packets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stream {
    /// Its packets.
    pub(crate) packets: u32,
    /// Sequence numbers that are missing between its first and its last.
    pub(crate) gaps: u32,
}

/// One RTP packet.
struct Packet {
    from: IpAddr,
    from_port: u16,
    to_port: u16,
    ssrc: String,
    sequence: u16,
    payload: Vec<u8>,
}

impl Capture {
    /// Begins; returns when packets are taken.
    pub(crate) fn start() -> Self {
        let room = tempfile::tempdir().expect("a temporary folder");
        let file = room.path().join("capture.pcap");
        let mut taken_by = Command::new("tshark")
            .args(["-i", "lo", "-f", "udp", "-F", "pcap", "-q", "-w"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tshark is installed (Debian: tshark)");
        let begun = crate::within(20, || {
            // A packet of our own: when it is in the file, others will be.
            let socket = std::net::UdpSocket::bind("127.0.0.1:0").ok()?;
            socket.send_to(b"x", "127.0.0.1:9").ok()?;
            std::fs::metadata(&file).is_ok_and(|file| file.len() > 24).then_some(())
        });
        if begun.is_none() {
            let _ = taken_by.kill();
            panic!("tshark takes no packets: it needs root or the right to capture");
        }
        Self { taken_by: Some(taken_by), room }
    }

    /// Ends the taking.
    pub(crate) fn end(mut self) -> Self {
        // The last packets are written in blocks: let them through.
        std::thread::sleep(std::time::Duration::from_millis(1500));
        if let Some(mut child) = self.taken_by.take() {
            let pid = child.id().to_string();
            let _ = Command::new("kill").args(["-INT", &pid]).status();
            let _ = child.wait();
        }
        self
    }

    /// Returns the file.
    pub(crate) fn file(&self) -> PathBuf {
        self.room.path().join("capture.pcap")
    }

    fn fields(&self, more: &[&str], fields: &[&str]) -> Vec<Vec<String>> {
        let mut command = Command::new("tshark");
        command.arg("-r").arg(self.file()).args(more).args(["-T", "fields", "-E", "separator=|"]);
        for field in fields {
            command.args(["-e", field]);
        }
        let output = command.stderr(Stdio::null()).output().expect("tshark is installed");
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
    }

    /// Returns the media port that the caller at a SIP port named in its INVITE.
    pub(crate) fn caller_media_port(&self, sip_port: u16) -> u16 {
        let filter = format!("sip.Method==INVITE && udp.srcport=={sip_port}");
        let rows = self.fields(
            &["-Y", &filter, "-d", &format!("udp.port=={sip_port},sip")],
            &["sdp.media.port"],
        );
        rows.first().and_then(|row| row[0].parse().ok()).expect("an INVITE with SDP was taken")
    }

    /// Returns the port, other than `known`, to which the server sent media.
    pub(crate) fn other_media_port(&self, server: IpAddr, known: u16) -> u16 {
        let mut packets: BTreeMap<u16, u32> = BTreeMap::new();
        for packet in
            self.rtp().iter().filter(|packet| packet.from == server && packet.payload.len() == 160)
        {
            if MEDIA.contains(&packet.from_port) && packet.to_port != known {
                *packets.entry(packet.to_port).or_default() += 1;
            }
        }
        let most = packets.into_iter().max_by_key(|(_, packets)| *packets);
        most.expect("the server sends to two ports").0
    }

    /// Returns the streams that the server sent to a port, digits left out.
    pub(crate) fn streams_to(&self, server: IpAddr, port: u16) -> Vec<Stream> {
        let mut streams: BTreeMap<String, (Stream, u16)> = BTreeMap::new();
        for packet in self.rtp().iter().filter(|packet| is_ours(packet, server, port)) {
            let (stream, last) = streams
                .entry(packet.ssrc.clone())
                .or_insert((Stream::default(), packet.sequence.wrapping_sub(1)));
            stream.packets += 1;
            stream.gaps += u32::from(packet.sequence.wrapping_sub(*last).wrapping_sub(1));
            *last = packet.sequence;
        }
        streams.into_values().map(|(stream, _)| stream).collect()
    }

    /// Returns what whoever is at a port heard of the server.
    pub(crate) fn samples_to(&self, server: IpAddr, port: u16) -> Vec<i16> {
        let packets = self.rtp();
        let ours = packets.iter().filter(|packet| is_ours(packet, server, port));
        ours.flat_map(|packet| &packet.payload)
            .map(|byte| sip::audio::g711::decode(sip::sdp::negotiate::Codec::Pcma, *byte))
            .collect()
    }

    /// Panics when the capture shows a fault of anybody's but the peer's.
    pub(crate) fn only_others_break_rules(&self, peer: SocketAddr) {
        let mut lint = Lint::new(Options::default());
        let file = File::open(self.file()).expect("the capture");
        read(BufReader::new(file), &mut lint).expect("a capture");
        let findings = lint.finish();
        assert!(lint.counters().messages > 5, "{:?}", lint.counters());
        let ours: Vec<String> =
            findings.iter().filter(|finding| finding.by != peer).map(ToString::to_string).collect();
        assert!(ours.is_empty(), "{}", ours.join("\n\n"));
    }

    /// Panics when the capture shows a fault of the server's by the rules of the RFCs. Those of others are theirs.
    pub(crate) fn server_is_clean(&self, server: SocketAddr) {
        let mut lint = Lint::new(Options { ours: vec![server], ..Options::default() });
        let file = File::open(self.file()).expect("the capture");
        read(BufReader::new(file), &mut lint).expect("a capture");
        let findings = lint.finish();
        assert!(lint.counters().messages > 5, "{:?}", lint.counters());
        let sent: BTreeSet<u64> = self
            .fields(&[], &["frame.number", "udp.srcport"])
            .iter()
            .filter(|row| {
                row[1].parse().is_ok_and(|port| port == server.port() || MEDIA.contains(&port))
            })
            .filter_map(|row| row[0].parse().ok())
            .collect();
        let of_ours: Vec<String> = findings
            .iter()
            .filter(|finding| sent.contains(&finding.packet))
            .map(ToString::to_string)
            .collect();
        assert!(of_ours.is_empty(), "{}", of_ours.join("\n\n"));
    }

    fn rtp(&self) -> Vec<Packet> {
        let fields = ["ip.src", "udp.srcport", "udp.dstport", "rtp.ssrc", "rtp.seq", "rtp.payload"];
        let rows = self.fields(
            &["-o", "rtp.heuristic_rtp:TRUE", "--enable-heuristic", "rtp_udp", "-Y", "rtp"],
            &fields,
        );
        rows.iter()
            .filter_map(|row| {
                Some(Packet {
                    from: row[0].parse().ok()?,
                    from_port: row[1].parse().ok()?,
                    to_port: row[2].parse().ok()?,
                    ssrc: row[3].clone(),
                    sequence: row[4].parse().ok()?,
                    payload: from_hex(&row[5]),
                })
            })
            .collect()
    }
}

fn is_ours(packet: &Packet, server: IpAddr, port: u16) -> bool {
    packet.from == server && MEDIA.contains(&packet.from_port) && packet.to_port == port
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

impl Drop for Capture {
    fn drop(&mut self) {
        if let Some(child) = &mut self.taken_by {
            // One that ended already cannot be ended again.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

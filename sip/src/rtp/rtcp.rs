//! RTCP: reports both ways, on time, in compound packets (RFC 3550 §6).
//!
//! [`Session`] is the machine of one leg: it says when a report is due, makes it from what
//! [`Outgoing`] sent and [`Incoming`] received, and reads the peer's. [`Compound`] reads packets;
//! what does not fit is refused as a whole.

use super::{Incoming, Observed, Outgoing};
use crate::time::{Duration, Instant};

mod read;
mod write;

pub use read::{Block, Compound, Packet, Reports, RtcpFault, SenderInfo};

/// Longest canonical name; one byte counts it.
const NAME_MAX: usize = 255;

/// Least time between reports (RFC 3550 §6.2), and half of it before the first.
const INTERVAL: Duration = Duration::from_secs(5);

/// What the interval is divided by, because it is drawn again whenever it has passed (RFC 3550
/// §6.3.1): e - 3/2.
const COMPENSATION: f64 = 1.218_28;

/// A delay since the last report beyond this is nobody's round trip.
const ROUND_TRIP_MAX: Duration = Duration::from_secs(60);

/// What the peer says about the stream we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerReport {
    /// Share of our packets it lost since its last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets it lost since the beginning.
    pub lost: i32,
    /// Jitter it saw. Unit: ticks of 125 µs.
    pub jitter: u32,
}

/// What a compound packet told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The peer's view of our stream.
    pub report: Option<PeerReport>,
    /// The time a packet needs there and back, by its report on ours.
    pub round_trip: Option<Duration>,
    /// The peer's stream has ended.
    pub has_left: bool,
}

/// Counts of control packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ControlCounts {
    /// Compound packets sent.
    pub sent: u64,
    /// Compound packets read.
    pub received: u64,
    /// Datagrams refused.
    pub malformed: u64,
}

/// The control side of one leg.
#[derive(Debug, Clone)]
pub struct Session {
    name: Vec<u8>,
    due: Option<Instant>,
    /// The middle of the NTP time of the peer's last sender report, and when it came.
    heard: Option<(u32, Instant)>,
    counts: ControlCounts,
}

impl Session {
    /// Makes one with a canonical name such as `c1@192.0.2.1` (RFC 7022: random is best), cut to
    /// 255 bytes.
    pub fn new(name: &[u8]) -> Self {
        let name = name[..name.len().min(NAME_MAX)].to_vec();
        Self { name, due: None, heard: None, counts: ControlCounts::default() }
    }

    /// Media began: the first report is due after half the interval.
    ///
    /// `chance` is random: it spreads reports by half the interval both ways.
    pub fn start(&mut self, now: Instant, chance: u32) {
        self.due = Some(now + spread(INTERVAL / 2, chance));
    }

    /// Media ended: nothing is due any more.
    pub fn stop(&mut self) {
        self.due = None;
    }

    /// When a report is due; `None` before the start.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.due
    }

    /// Appends a report if one is due, and sets when the next will be; returns whether it did.
    ///
    /// `ntp` is the wall-clock time that belongs to `now`, and `chance` is random.
    pub fn handle_timeout(
        &mut self,
        now: Instant,
        ntp: u64,
        chance: u32,
        outgoing: &Outgoing,
        incoming: &mut Incoming,
        out: &mut Vec<u8>,
    ) -> bool {
        if self.due.is_none_or(|due| now < due) {
            return false;
        }
        self.due = Some(now + spread(INTERVAL, chance));
        self.report(now, ntp, outgoing, incoming, out);
        self.counts.sent += 1;
        true
    }

    /// Appends the last packet of the stream: a report and a goodbye.
    pub fn leave(
        &mut self,
        now: Instant,
        ntp: u64,
        outgoing: &Outgoing,
        incoming: &mut Incoming,
        out: &mut Vec<u8>,
    ) {
        self.stop();
        self.report(now, ntp, outgoing, incoming, out);
        write::goodbye(outgoing.ssrc(), out);
        self.counts.sent += 1;
    }

    /// Reads a datagram of the peer's about the stream `ours`; `ntp` is the wall-clock time of `now`.
    ///
    /// # Errors
    /// [`RtcpFault`]; nothing is taken from the datagram then.
    pub fn receive(
        &mut self,
        now: Instant,
        ntp: u64,
        ours: u32,
        datagram: &[u8],
    ) -> Result<Told, RtcpFault> {
        let compound = Compound::parse(datagram).inspect_err(|_| self.counts.malformed += 1)?;
        self.counts.received += 1;
        let mut told = Told::default();
        for packet in compound.packets() {
            match packet {
                Packet::SenderReport { info, reports, .. } => {
                    self.heard = Some((middle(info.ntp), now));
                    told.take(&reports, ours, ntp);
                }
                Packet::ReceiverReport { reports, .. } => told.take(&reports, ours, ntp),
                Packet::Goodbye => told.has_left = true,
                Packet::Description | Packet::Other(_) => {}
            }
        }
        Ok(told)
    }

    /// Counts so far.
    pub fn counts(&self) -> ControlCounts {
        self.counts
    }

    /// A sender's report if anything was sent, else a receiver's; then our name.
    fn report(
        &self,
        now: Instant,
        ntp: u64,
        outgoing: &Outgoing,
        incoming: &mut Incoming,
        out: &mut Vec<u8>,
    ) {
        let block = incoming.observe().map(|observed| self.block(now, &observed));
        let sent = outgoing.sent();
        let info = outgoing.timestamp_at(now).map(|timestamp| SenderInfo {
            ntp,
            timestamp,
            packets: low(sent.packets),
            octets: low(sent.octets),
        });
        write::report(outgoing.ssrc(), info.as_ref(), block.as_ref(), out);
        write::description(outgoing.ssrc(), &self.name, out);
    }

    fn block(&self, now: Instant, observed: &Observed) -> Block {
        let (last_report, delay) = match self.heard {
            Some((stamp, at)) => (stamp, to_parts(now.saturating_since(at))),
            None => (0, 0),
        };
        Block {
            ssrc: observed.ssrc,
            fraction_lost: observed.fraction_lost,
            lost: observed.lost,
            highest_sequence: observed.highest_sequence,
            jitter: observed.jitter,
            last_report,
            delay,
        }
    }
}

impl Told {
    fn take(&mut self, reports: &Reports<'_>, ours: u32, ntp: u64) {
        let Some(block) = reports.iter().find(|block| block.ssrc == ours) else { return };
        self.report = Some(PeerReport {
            fraction_lost: block.fraction_lost,
            lost: block.lost,
            jitter: block.jitter,
        });
        // RFC 3550 §6.4.1: now, less when our report was made, less how long the peer held it.
        if block.last_report != 0 {
            let trip = middle(ntp).wrapping_sub(block.last_report).wrapping_sub(block.delay);
            // Clocks are coarser than loopback: a little below zero is zero.
            let trip = if trip.cast_signed() < 0 { 0 } else { trip };
            let trip = Duration::from_nanos((u64::from(trip) * 1_000_000_000) >> 16);
            self.round_trip = Some(trip).filter(|trip| *trip <= ROUND_TRIP_MAX);
        }
    }
}

/// An interval times 0.5 to 1.5, compensated.
fn spread(interval: Duration, chance: u32) -> Duration {
    let factor = 0.5 + f64::from(chance) / f64::from(u32::MAX);
    interval.mul_f64(factor / COMPENSATION)
}

/// The middle 32 bits of an NTP time: seconds and their 65,536ths.
#[expect(clippy::cast_possible_truncation, reason = "the middle is what is wanted")]
fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// A time in 65,536ths of a second.
fn to_parts(duration: Duration) -> u32 {
    u32::try_from((duration.as_micros() << 16) / 1_000_000).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "the counters of a report wrap")]
fn low(count: u64) -> u32 {
    count as u32
}

#[cfg(test)]
mod tests {
    use super::super::{Header, Start};
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_micros(10_000_000 + ms * 1000)
    }

    /// A wall clock that agrees with `at`.
    fn ntp(now: Instant) -> u64 {
        let micros = u128::from(now.as_micros()) + 3_900_000_000_000_000;
        u64::try_from((micros << 32) / 1_000_000).expect("this century")
    }

    struct Leg {
        outgoing: Outgoing,
        incoming: Incoming,
        control: Session,
    }

    fn leg(ssrc: u32) -> Leg {
        Leg {
            outgoing: Outgoing::new(Start { ssrc, sequence: 1, timestamp: 5 }),
            incoming: Incoming::default(),
            control: Session::new(b"a@192.0.2.1"),
        }
    }

    impl Leg {
        fn report(&mut self, now: Instant) -> Vec<u8> {
            let mut out = Vec::new();
            self.control.due = Some(now);
            let Self { outgoing, incoming, control } = self;
            assert!(control.handle_timeout(now, ntp(now), 0, outgoing, incoming, &mut out));
            out
        }

        fn hear(&mut self, now: Instant, datagram: &[u8]) -> Told {
            let ours = self.outgoing.ssrc();
            self.control.receive(now, ntp(now), ours, datagram).expect("good")
        }
    }

    #[test]
    fn two_legs_learn_their_losses_and_the_round_trip_from_each_other() {
        let (mut a, mut b) = (leg(0xA), leg(0xB));
        for n in 0..100 {
            let header = Header::parse(&a.outgoing.frame(at(n * 20), 8, 160)).expect("good");
            if n % 4 != 3 {
                b.incoming.receive(at(n * 20 + 30), &header);
            }
        }
        let report = a.report(at(2000));
        assert_eq!(b.hear(at(2030), &report), Told::default(), "nothing about b's stream yet");
        let answer = b.report(at(2500));
        let told = a.hear(at(2540), &answer);
        // 99 numbers were seen, 24 of them missing.
        let report = told.report.expect("about our stream");
        assert_eq!((report.lost, report.fraction_lost), (24, 62));
        let trip = told.round_trip.expect("both reports came");
        assert!(trip.abs_diff(Duration::from_millis(70)) < Duration::from_millis(1), "{trip:?}");
    }

    #[test]
    fn reports_come_every_five_seconds_more_or_less() {
        let mut leg = leg(0xA);
        assert_eq!(leg.control.next_timeout(), None);
        for (chance, first, next) in [(0, 1026, 2052), (u32::MAX, 3078, 6156)] {
            leg.control.start(at(0), chance);
            let due = leg.control.next_timeout().expect("started");
            assert_eq!(due.saturating_since(at(0)).as_millis(), first);
            let mut out = Vec::new();
            let Leg { outgoing, incoming, control } = &mut leg;
            assert!(!control.handle_timeout(at(0), 0, chance, outgoing, incoming, &mut out));
            assert!(out.is_empty());
            assert!(control.handle_timeout(due, 0, chance, outgoing, incoming, &mut out));
            let next_due = control.next_timeout().expect("goes on");
            assert_eq!(next_due.saturating_since(due).as_millis(), next);
        }
        leg.control.stop();
        assert_eq!(leg.control.next_timeout(), None);
    }

    #[test]
    fn who_sent_nothing_reports_as_a_receiver_and_says_goodbye() {
        let mut leg = leg(0xA);
        let report = leg.report(at(0));
        let compound = Compound::parse(&report).expect("good");
        let packets: Vec<_> = compound.packets().collect();
        assert!(matches!(
            packets[..],
            [Packet::ReceiverReport { ssrc: 0xA, .. }, Packet::Description]
        ));
        let mut out = Vec::new();
        let Leg { outgoing, incoming, control } = &mut leg;
        control.leave(at(1), ntp(at(1)), outgoing, incoming, &mut out);
        assert_eq!(control.next_timeout(), None);
        let told = leg.hear(at(2), &out);
        assert!(told.has_left);
    }

    #[test]
    fn refused_datagrams_are_counted_and_change_nothing() {
        let mut leg = leg(0xA);
        assert!(leg.control.receive(at(0), 0, 0xA, b"nonsense").is_err());
        assert_eq!(leg.control.counts(), ControlCounts { sent: 0, received: 0, malformed: 1 });
    }

    #[test]
    fn a_peer_that_invents_reports_gives_no_round_trip() {
        let (mut a, mut b) = (leg(0xA), leg(0xB));
        let header = Header::parse(&a.outgoing.frame(at(0), 8, 160)).expect("good");
        b.incoming.receive(at(0), &header);
        b.control.heard = Some((12_345, at(0)));
        let report = b.report(at(10));
        let told = a.hear(at(20), &report);
        assert!(told.report.is_some());
        assert_eq!(told.round_trip, None);
    }
}

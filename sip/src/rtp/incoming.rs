//! What arrives on one leg: which packets count, and the statistics of RFC 3550 §6.4.

use super::header::Header;
use super::window::{Place, Window};
use super::{CLOCK_RATE, TICK_MICROS};
use crate::time::Instant;

/// Most sources told apart at a time; the one heard least recently makes room.
///
/// A telephone has one; SIPp sends each digit from a source of its own beside its audio.
pub const SOURCES_MAX: usize = 4;

/// What a packet is to the stream it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In order, or ahead after a loss.
    InOrder,
    /// The first packet from a source that begins: the first ever, the second of a later one, or the
    /// second after a jump of the sequence (RFC 3550 A.1).
    Begins,
    /// Overtaken by later ones; here for the first time.
    Late,
    /// A copy of a packet that was here.
    Duplicate,
    /// From a new source or far out of sequence: its follower will tell whether to believe it.
    Probation,
}

impl Verdict {
    /// Whether the audio belongs in the stream now. A late packet's moment has passed.
    pub fn is_playable(self) -> bool {
        match self {
            Self::InOrder | Self::Begins => true,
            Self::Late | Self::Duplicate | Self::Probation => false,
        }
    }
}

/// Statistics of everything received on a leg, all its sources together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reception {
    /// Packets, each counted once.
    pub received: u64,
    /// Packets that should have come, from the gaps in the sequence.
    pub lost: u64,
    /// Copies.
    pub duplicates: u64,
    /// Packets that were overtaken.
    pub late: u64,
    /// Packets that fitted no source and were followed by nothing.
    pub strays: u64,
    /// How often another source took over.
    pub source_changes: u64,
    /// Interarrival jitter of the current source. Unit: ticks of 125 µs.
    pub jitter: u32,
    /// The most the jitter has been. Unit: ticks of 125 µs.
    pub jitter_max: u32,
}

/// What a report block says about a source (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// The source.
    pub ssrc: u32,
    /// Share of packets lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the beginning; negative when duplicates came without losses.
    pub lost: i32,
    /// The highest sequence number with the wraps before it.
    pub highest_sequence: u32,
    /// Interarrival jitter. Unit: ticks of 125 µs.
    pub jitter: u32,
}

/// The receiving side of a leg.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    sources: [Option<Source>; SOURCES_MAX],
    /// Which source spoke last and is believed.
    current: Option<u32>,
    /// What the sources that made room had counted, and what belongs to none.
    gone: Reception,
}

/// One synchronisation source.
#[derive(Debug, Clone, Copy)]
struct Source {
    ssrc: u32,
    window: Window,
    /// `false` until two packets in sequence came.
    is_believed: bool,
    heard: Instant,
    counts: Reception,
    /// Packets of the current run of the sequence.
    run: u32,
    /// Of a run that a restart ended.
    lost_before: u64,
    /// `(expected, received)` of the run at the last report.
    reported: (u32, u32),
    jitter: Jitter,
}

/// RFC 3550 A.8, with four bits behind the point.
#[derive(Debug, Clone, Copy, Default)]
struct Jitter {
    scaled: u32,
    most: u32,
    /// Arrival and timestamp of the packet to compare with, in ticks.
    last: Option<(u32, u32)>,
}

impl Incoming {
    /// Takes a packet that arrived at `now`, best the moment the kernel saw it.
    ///
    /// For every packet on the leg, whatever its payload type. Only what [`Verdict::is_playable`]
    /// allows goes on to the other leg.
    pub fn receive(&mut self, now: Instant, header: &Header) -> Verdict {
        let is_first = self.current.is_none();
        let known = self.sources.iter_mut().flatten().find(|source| source.ssrc == header.ssrc);
        let Some(source) = known else {
            self.admit(Source::new(now, header, is_first));
            if is_first {
                self.current = Some(header.ssrc);
                return Verdict::Begins;
            }
            return Verdict::Probation;
        };
        let verdict = source.receive(now, header);
        if verdict.is_playable() && self.current != Some(header.ssrc) {
            self.current = Some(header.ssrc);
            self.gone.source_changes += 1;
        }
        verdict
    }

    /// The source that is believed and spoke last.
    pub fn ssrc(&self) -> Option<u32> {
        self.current
    }

    /// Statistics since the leg began.
    pub fn reception(&self) -> Reception {
        let mut sum = self.gone;
        for source in self.sources.iter().flatten() {
            source.add_to(&mut sum);
        }
        sum.jitter = self.current_source().map_or(0, |source| source.jitter.ticks());
        sum
    }

    /// What to report about the current source; the share lost is that since the last call.
    pub fn observe(&mut self) -> Option<Observed> {
        let current = self.current?;
        let mut sources = self.sources.iter_mut().flatten();
        sources.find(|source| source.ssrc == current).map(Source::observe)
    }

    fn current_source(&self) -> Option<&Source> {
        let current = self.current?;
        self.sources.iter().flatten().find(|source| source.ssrc == current)
    }

    fn admit(&mut self, source: Source) {
        let place = self.sources.iter().position(Option::is_none).unwrap_or_else(|| {
            let order = |at: &usize| self.sources[*at].as_ref().map(|source| source.heard);
            // The current source stays: a flood of strangers must not push it out.
            let mut places: Vec<usize> = (0..SOURCES_MAX).collect();
            places.retain(|&at| self.sources[at].as_ref().map(|s| s.ssrc) != self.current);
            places.into_iter().min_by_key(order).expect("more places than one")
        });
        if let Some(old) = self.sources[place].replace(source) {
            old.add_to(&mut self.gone);
        }
    }
}

impl Source {
    fn new(now: Instant, header: &Header, is_believed: bool) -> Self {
        let mut source = Self {
            ssrc: header.ssrc,
            window: Window::new(header.sequence),
            is_believed,
            heard: now,
            counts: Reception::default(),
            run: 0,
            lost_before: 0,
            reported: (0, 0),
            jitter: Jitter::default(),
        };
        if is_believed {
            source.count(now, header);
        } else {
            source.counts.strays = 1;
        }
        source
    }

    fn receive(&mut self, now: Instant, header: &Header) -> Verdict {
        self.heard = now;
        if !self.is_believed {
            return self.try_to_believe(now, header);
        }
        let lost = self.lost();
        match self.window.place(header.sequence) {
            Place::Ahead => {
                self.count(now, header);
                Verdict::InOrder
            }
            Place::Late => {
                self.count(now, header);
                self.counts.late += 1;
                Verdict::Late
            }
            Place::Again => {
                self.counts.duplicates += 1;
                Verdict::Duplicate
            }
            Place::Stray => {
                self.counts.strays += 1;
                Verdict::Probation
            }
            Place::Restarted => {
                self.lost_before += lost;
                (self.run, self.reported) = (0, (0, 0));
                self.jitter.last = None;
                // The first packet of the new run was taken for a stray and is gone.
                self.count(now, header);
                Verdict::Begins
            }
        }
    }

    /// RFC 3550 A.1 with MIN_SEQUENTIAL = 2.
    fn try_to_believe(&mut self, now: Instant, header: &Header) -> Verdict {
        let follows = self.window.place(header.sequence) == Place::Ahead;
        self.window = Window::new(header.sequence);
        if !follows {
            self.counts.strays += 1;
            return Verdict::Probation;
        }
        self.is_believed = true;
        self.count(now, header);
        Verdict::Begins
    }

    fn count(&mut self, now: Instant, header: &Header) {
        self.run = self.run.wrapping_add(1);
        self.counts.received += 1;
        self.jitter.update(now, header.timestamp);
    }

    fn lost(&self) -> u64 {
        u64::from(self.window.expected().saturating_sub(self.run))
    }

    fn add_to(&self, sum: &mut Reception) {
        sum.received += self.counts.received;
        sum.duplicates += self.counts.duplicates;
        sum.late += self.counts.late;
        sum.strays += self.counts.strays;
        if self.is_believed {
            sum.lost += self.lost_before + self.lost();
        }
        sum.jitter_max = sum.jitter_max.max(self.jitter.most >> 4);
    }

    /// RFC 3550 A.3.
    fn observe(&mut self) -> Observed {
        let (expected, received) = (self.window.expected(), self.run);
        let (expected_before, received_before) = self.reported;
        self.reported = (expected, received);
        let expected_since = expected.wrapping_sub(expected_before);
        let lost_since = expected_since.saturating_sub(received.wrapping_sub(received_before));
        let share = (u64::from(lost_since) << 8).checked_div(u64::from(expected_since));
        // 24 bits with a sign on the wire.
        let lost = (self.lost_before + self.lost()).min(0x7F_FFFF);
        Observed {
            ssrc: self.ssrc,
            fraction_lost: share.map_or(0, |share| u8::try_from(share).unwrap_or(u8::MAX)),
            lost: i32::try_from(lost).expect("has 23 bits"),
            highest_sequence: self.window.highest(),
            jitter: self.jitter.ticks(),
        }
    }
}

impl Jitter {
    #[expect(clippy::cast_possible_truncation, reason = "ticks wrap, as timestamps do")]
    fn update(&mut self, now: Instant, timestamp: u32) {
        let arrival = (now.as_micros() / TICK_MICROS) as u32;
        let Some((last_arrival, last_timestamp)) = self.last else {
            self.last = Some((arrival, timestamp));
            return;
        };
        // The packets of one telephone event share a timestamp: only the first can be compared.
        if timestamp == last_timestamp {
            return;
        }
        self.last = Some((arrival, timestamp));
        let elapsed = arrival.wrapping_sub(last_arrival);
        let difference = elapsed.wrapping_sub(timestamp.wrapping_sub(last_timestamp));
        let difference = difference.cast_signed().unsigned_abs();
        // More than a second is not transit but another clock: it would spoil the mean for minutes.
        if difference < CLOCK_RATE {
            self.scaled = self.scaled + difference - ((self.scaled + 8) >> 4);
            self.most = self.most.max(self.scaled);
        }
    }

    fn ticks(&self) -> u32 {
        self.scaled >> 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(ssrc: u32, sequence: u16) -> Header {
        Header::of(false, 8, sequence, u32::from(sequence) * 160, ssrc)
    }

    fn at(number: u64) -> Instant {
        Instant::from_micros(1_000_000 + number * 20_000)
    }

    #[test]
    fn losses_copies_and_late_packets_are_counted_apart() {
        let mut incoming = Incoming::default();
        let came = [10, 11, 13, 12, 13, 16, 17];
        let verdicts: Vec<Verdict> =
            (0..).zip(came).map(|(n, s)| incoming.receive(at(n), &packet(1, s))).collect();
        use Verdict::{Begins, Duplicate, InOrder, Late};
        assert_eq!(verdicts, [Begins, InOrder, InOrder, Late, Duplicate, InOrder, InOrder]);
        let reception = incoming.reception();
        assert_eq!((reception.received, reception.lost), (6, 2));
        assert_eq!((reception.duplicates, reception.late), (1, 1));
        let observed = incoming.observe().expect("a source");
        assert_eq!((observed.fraction_lost, observed.lost), (64, 2)); // 2 of 8
        assert_eq!((observed.ssrc, observed.highest_sequence), (1, 17));
        incoming.receive(at(7), &packet(1, 18));
        assert_eq!(incoming.observe().expect("a source").fraction_lost, 0);
    }

    #[test]
    fn steady_packets_have_no_jitter_and_one_delay_moves_it_by_a_sixteenth() {
        let mut incoming = Incoming::default();
        for n in 0..50 {
            incoming.receive(at(n), &packet(1, u16::try_from(n).expect("small")));
        }
        assert_eq!(incoming.reception().jitter, 0);
        let late = Instant::from_micros(at(50).as_micros() + 16_000); // 128 ticks
        incoming.receive(late, &packet(1, 50));
        assert_eq!(incoming.reception().jitter, 8);
    }

    #[test]
    fn digits_do_not_count_as_jitter() {
        let mut incoming = Incoming::default();
        for n in 0..10 {
            incoming.receive(at(n), &packet(1, u16::try_from(n).expect("small")));
        }
        for n in 10..20 {
            let event = Header::of(n == 10, 101, u16::try_from(n).expect("small"), 1600, 1);
            incoming.receive(at(n), &event);
        }
        incoming.receive(at(20), &packet(1, 20));
        assert_eq!((incoming.reception().jitter_max, incoming.reception().lost), (0, 0));
    }

    #[test]
    fn a_new_source_is_believed_at_its_second_packet() {
        let mut incoming = Incoming::default();
        incoming.receive(at(0), &packet(1, 10));
        assert_eq!(incoming.receive(at(1), &packet(2, 500)), Verdict::Probation);
        assert_eq!(incoming.ssrc(), Some(1));
        assert_eq!(incoming.receive(at(2), &packet(2, 501)), Verdict::Begins);
        assert_eq!((incoming.ssrc(), incoming.reception().source_changes), (Some(2), 1));
        // Two sources side by side lose nothing.
        assert_eq!(incoming.receive(at(3), &packet(1, 11)), Verdict::InOrder);
        assert_eq!(incoming.reception().lost, 0);
    }

    #[test]
    fn strangers_neither_push_out_the_source_nor_grow_anything() {
        let mut incoming = Incoming::default();
        incoming.receive(at(0), &packet(1, 10));
        for n in 1..100_000 {
            let ssrc = 1000 + u32::try_from(n).expect("small");
            assert_eq!(incoming.receive(at(n), &packet(ssrc, 7)), Verdict::Probation);
        }
        assert_eq!(incoming.receive(at(100_000), &packet(1, 11)), Verdict::InOrder);
        let reception = incoming.reception();
        assert_eq!((reception.received, reception.strays, reception.lost), (2, 99_999, 0));
    }

    #[test]
    fn a_restart_under_one_name_is_not_a_loss() {
        let mut incoming = Incoming::default();
        for s in [10, 11, 13] {
            incoming.receive(at(u64::from(s)), &packet(1, s));
        }
        assert_eq!(incoming.receive(at(20), &packet(1, 30_000)), Verdict::Probation);
        assert_eq!(incoming.receive(at(21), &packet(1, 30_001)), Verdict::Begins);
        assert_eq!(incoming.receive(at(22), &packet(1, 30_002)), Verdict::InOrder);
        let reception = incoming.reception();
        assert_eq!((reception.received, reception.lost, reception.strays), (5, 1, 1));
    }
}

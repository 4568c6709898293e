//! What is sent on one leg: one stream from the first packet to the last, whatever feeds it.
//!
//! A phone sees a single source with an unbroken sequence and a timestamp that keeps time, across
//! prompt, music and agent. So nothing of a relayed packet's header is passed on:
//!
//! * **Sequence**: one more for each packet sent. A packet lost before us leaves no gap after us; its
//!   20 ms show as a step of the timestamp, which a receiver conceals in the same way. It cannot be
//!   told from a pause then, and that is right: this leg lost nothing, and its reports say so.
//! * **Timestamp**: that of the source plus an offset found at its first packet, so that time on the
//!   leg went on while sources changed.
//! * A packet overtaken on the way is not sent: its moment has passed, and a sequence in order with a
//!   timestamp that goes back would be a riddle to the receiver.

use super::header::{HEADER, Header};
use super::{CLOCK_RATE, FRAME, TICK_MICROS};
use crate::time::{Duration, Instant};

/// How late a frame may be and still follow the last without a step of the timestamp.
///
/// Three frames: what a busy machine is late is made up by the receiver's buffer; what is longer was
/// a pause.
const LATE_MAX: Duration = Duration::from_millis(60);

/// How far a relayed timestamp may be from where time is before the source counts as another clock.
const DRIFT_MAX: u32 = CLOCK_RATE;

/// How far behind the last a relayed packet's sequence may be and still count as overtaken.
const OVERTAKEN_MAX: u16 = 100;

/// Where a stream begins; all three are random (RFC 3550 §5.1) and handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Our source.
    pub ssrc: u32,
    /// The first sequence number.
    pub sequence: u16,
    /// The first timestamp.
    pub timestamp: u32,
}

impl Start {
    /// Makes one of two random numbers.
    pub fn of([first, second]: [u64; 2]) -> Self {
        let [_, _, s0, s1, t0, t1, t2, t3] = first.to_be_bytes();
        let [r0, r1, r2, r3, ..] = second.to_be_bytes();
        Self {
            ssrc: u32::from_be_bytes([r0, r1, r2, r3]),
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        }
    }
}

/// What was sent so far, for sender reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Packets.
    pub packets: u64,
    /// Bytes of payload.
    pub octets: u64,
}

/// A relayed packet was overtaken by, or is a copy of, one that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("packet is behind the stream")]
pub struct TooLate;

/// The sending side of a leg.
#[derive(Debug, Clone)]
pub struct Outgoing {
    ssrc: u32,
    /// Of the next packet.
    sequence: u16,
    /// Where the stream goes on: the timestamp of the next sample.
    timestamp: u32,
    /// When that sample is due; `None` before the first packet.
    due: Option<Instant>,
    feed: Feed,
    event: Option<Event>,
    sent: Sent,
}

/// What feeds the stream.
#[derive(Debug, Clone, Copy)]
enum Feed {
    /// Something new: the next packet has the marker and finds its place in time.
    Changed,
    /// Frames of ours, one after the other.
    Frames,
    /// Another leg's packets; `start` is our timestamp of the last.
    Relay { ssrc: u32, last: u16, offset: u32, start: u32 },
}

/// A telephone event being sent: all its packets have the timestamp of its beginning.
#[derive(Debug, Clone, Copy)]
struct Event {
    timestamp: u32,
    relayed: Option<RelayedEvent>,
}

#[derive(Debug, Clone, Copy)]
struct RelayedEvent {
    ssrc: u32,
    timestamp: u32,
    last: u16,
}

impl Outgoing {
    /// Makes a stream that has sent nothing.
    pub fn new(start: Start) -> Self {
        Self {
            ssrc: start.ssrc,
            sequence: start.sequence,
            timestamp: start.timestamp,
            due: None,
            feed: Feed::Changed,
            event: None,
            sent: Sent::default(),
        }
    }

    /// Our source.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// What was sent so far.
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// The timestamp that goes with a moment, for sender reports; `None` before the first packet.
    pub fn timestamp_at(&self, now: Instant) -> Option<u32> {
        let due = self.due?;
        let ahead = ticks(due.saturating_since(now));
        Some(self.timestamp.wrapping_add(ticks(now.saturating_since(due))).wrapping_sub(ahead))
    }

    /// Says that another source begins: prompt, music, silence or another leg.
    pub fn change(&mut self) {
        self.feed = Feed::Changed;
    }

    /// The header of the next frame of ours; `samples` is its length, one byte each in G.711.
    ///
    /// Frames follow each other without a step even when the caller is a little late; after a pause
    /// of more than 60 ms time is caught up in one step, with a marker.
    pub fn frame(&mut self, now: Instant, payload_type: u8, samples: u32) -> [u8; HEADER] {
        let is_continued = match self.feed {
            Feed::Frames => self.due.is_some_and(|due| now.saturating_since(due) <= LATE_MAX),
            Feed::Changed | Feed::Relay { .. } => false,
        };
        let start = self.place(now, samples, is_continued);
        self.feed = Feed::Frames;
        self.send(!is_continued, payload_type, start, samples)
    }

    /// Takes the next stretch of time and returns where it begins.
    fn place(&mut self, now: Instant, samples: u32, is_continued: bool) -> u32 {
        let start = if is_continued { self.timestamp } else { self.position(now) };
        let due = self.due.filter(|due| is_continued || *due > now).unwrap_or(now);
        self.advance(start, samples, due);
        start
    }

    /// The header of another leg's packet, under this leg's payload type; audio, not events.
    ///
    /// # Errors
    /// [`TooLate`] for one that is behind what was sent. The caller filters by
    /// [`Verdict::is_playable`](super::Verdict::is_playable) first; this holds also without.
    pub fn relay(
        &mut self,
        now: Instant,
        header: &Header,
        payload_type: u8,
    ) -> Result<[u8; HEADER], TooLate> {
        let samples = u32::try_from(header.payload_range().len()).unwrap_or(0);
        let timestamp = match self.continued(now, header)? {
            Some(timestamp) => timestamp,
            None => self.position(now),
        };
        let offset = timestamp.wrapping_sub(header.timestamp);
        let is_new = !matches!(self.feed, Feed::Relay { offset: old, ssrc, .. }
            if old == offset && ssrc == header.ssrc);
        let (ssrc, last) = (header.ssrc, header.sequence);
        self.feed = Feed::Relay { ssrc, last, offset, start: timestamp };
        self.advance(timestamp, samples, now);
        Ok(self.send(is_new || header.marker, payload_type, timestamp, samples))
    }

    /// The header of another leg's telephone-event packet (RFC 4733), passed on as it comes.
    ///
    /// All packets of one event get one timestamp, also when they come from a source of their own
    /// beside the audio, as SIPp's do.
    ///
    /// # Errors
    /// [`TooLate`] for a packet behind what was sent.
    pub fn relay_event(
        &mut self,
        now: Instant,
        header: &Header,
        payload_type: u8,
    ) -> Result<[u8; HEADER], TooLate> {
        let octets = u32::try_from(header.payload_range().len()).unwrap_or(0);
        let in_stream = match &mut self.feed {
            Feed::Relay { ssrc, last, offset, .. } if *ssrc == header.ssrc => {
                if is_behind(header.sequence, *last) {
                    return Err(TooLate);
                }
                *last = header.sequence;
                Some(header.timestamp.wrapping_add(*offset))
            }
            Feed::Changed | Feed::Frames | Feed::Relay { .. } => None,
        };
        let known = self.event.and_then(|event| Some((event.timestamp, event.relayed?)));
        let known = known.filter(|(_, of)| of.ssrc == header.ssrc);
        if known.is_some_and(|(_, of)| is_behind(header.sequence, of.last)) {
            return Err(TooLate);
        }
        let same = known.filter(|(_, of)| of.timestamp == header.timestamp);
        let timestamp = match same {
            Some((timestamp, _)) => timestamp,
            None => self.event_start(now, in_stream),
        };
        let relayed =
            RelayedEvent { ssrc: header.ssrc, timestamp: header.timestamp, last: header.sequence };
        self.event = Some(Event { timestamp, relayed: Some(relayed) });
        Ok(self.send(same.is_none(), payload_type, timestamp, octets))
    }

    /// The header of the first packet of an event of ours. Each of its packets stands for a frame.
    pub fn begin_event(&mut self, now: Instant, payload_type: u8) -> [u8; HEADER] {
        let timestamp = self.event_start(now, None);
        self.advance(timestamp, FRAME, now);
        self.event = Some(Event { timestamp, relayed: None });
        self.feed = Feed::Frames;
        self.send(true, payload_type, timestamp, EVENT_OCTETS)
    }

    /// The header of a further packet of the event begun last; of one never begun, it begins it.
    pub fn continue_event(&mut self, now: Instant, payload_type: u8) -> [u8; HEADER] {
        match self.event {
            Some(Event { timestamp, relayed: None }) => {
                self.place(now, FRAME, true);
                self.send(false, payload_type, timestamp, EVENT_OCTETS)
            }
            Some(Event { relayed: Some(_), .. }) | None => self.begin_event(now, payload_type),
        }
    }

    /// Where an event begins: at its place in the relayed stream, else where time is, but never at
    /// the timestamp of the event before, which would make one of two.
    fn event_start(&mut self, now: Instant, in_stream: Option<u32>) -> u32 {
        let start = in_stream.unwrap_or_else(|| self.position(now));
        let is_taken = self.event.is_some_and(|event| event.timestamp == start);
        let start = start.wrapping_add(u32::from(is_taken));
        if in_stream.is_none() {
            self.advance(start, 0, now);
        }
        start
    }

    /// Where a packet of the source relayed last belongs; `None` when it is from another or jumped.
    fn continued(&self, now: Instant, header: &Header) -> Result<Option<u32>, TooLate> {
        let (last, offset, start) = match self.feed {
            Feed::Relay { ssrc, last, offset, start } if ssrc == header.ssrc => {
                (last, offset, start)
            }
            Feed::Relay { .. } | Feed::Changed | Feed::Frames => return Ok(None),
        };
        if is_behind(header.sequence, last) {
            return Err(TooLate);
        }
        let timestamp = header.timestamp.wrapping_add(offset);
        let drift = timestamp.wrapping_sub(self.position(now)).cast_signed().unsigned_abs();
        let goes_back = timestamp.wrapping_sub(start).cast_signed() < 0;
        Ok((drift <= DRIFT_MAX && !goes_back).then_some(timestamp))
    }

    /// The timestamp of now, but never before the end of what was sent.
    ///
    /// A source that begins within a frame of the last one's end follows it without a step.
    fn position(&self, now: Instant) -> u32 {
        let since = self.due.map_or(0, |due| ticks(now.saturating_since(due)));
        if since < FRAME { self.timestamp } else { self.timestamp.wrapping_add(since) }
    }

    fn advance(&mut self, start: u32, samples: u32, due: Instant) {
        self.timestamp = start.wrapping_add(samples);
        self.due = Some(due + Duration::from_micros(u64::from(samples) * TICK_MICROS));
    }

    fn send(
        &mut self,
        marker: bool,
        payload_type: u8,
        timestamp: u32,
        octets: u32,
    ) -> [u8; HEADER] {
        let header = Header::of(marker, payload_type & 0x7F, self.sequence, timestamp, self.ssrc);
        self.sequence = self.sequence.wrapping_add(1);
        self.sent.packets += 1;
        self.sent.octets += u64::from(octets);
        header.to_bytes()
    }
}

/// Length of a telephone-event payload (RFC 4733 §2.3).
const EVENT_OCTETS: u32 = 4;

fn is_behind(sequence: u16, last: u16) -> bool {
    last.wrapping_sub(sequence) <= OVERTAKEN_MAX
}

#[expect(clippy::cast_possible_truncation, reason = "ticks wrap, as timestamps do")]
fn ticks(duration: Duration) -> u32 {
    (duration.as_micros() / u128::from(TICK_MICROS)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Start = Start { ssrc: 7, sequence: 65_534, timestamp: u32::MAX - 399 };

    fn ms(ms: u64) -> Instant {
        Instant::from_micros(1_000_000 + ms * 1000)
    }

    fn read(header: [u8; HEADER]) -> Header {
        Header::parse(&header).expect("what we write can be read")
    }

    /// A packet of 160 samples from another leg.
    fn theirs(ssrc: u32, sequence: u16, timestamp: u32) -> Header {
        let mut datagram = Header::of(false, 8, sequence, timestamp, ssrc).to_bytes().to_vec();
        datagram.resize(172, 0);
        Header::parse(&datagram).expect("good")
    }

    #[test]
    fn frames_follow_each_other_across_both_wraps() {
        let mut out = Outgoing::new(START);
        let sent: Vec<Header> = (0..4).map(|n| read(out.frame(ms(n * 20), 8, 160))).collect();
        assert_eq!(sent.iter().map(|h| h.sequence).collect::<Vec<_>>(), [65_534, 65_535, 0, 1]);
        let stamps: Vec<u32> =
            sent.iter().map(|h| h.timestamp.wrapping_sub(START.timestamp)).collect();
        assert_eq!(stamps, [0, 160, 320, 480]);
        assert_eq!(sent.iter().map(|h| h.marker).collect::<Vec<_>>(), [true, false, false, false]);
        assert!(sent.iter().all(|h| h.ssrc == 7));
        assert_eq!(out.sent(), Sent { packets: 4, octets: 640 });
    }

    #[test]
    fn small_lateness_makes_no_step_and_a_pause_makes_one_with_a_marker() {
        let mut out = Outgoing::new(START);
        let first = read(out.frame(ms(0), 8, 160)).timestamp;
        let step = |header: Header| (header.timestamp.wrapping_sub(first), header.marker);
        assert_eq!(step(read(out.frame(ms(75), 8, 160))), (160, false));
        assert_eq!(step(read(out.frame(ms(76), 8, 160))), (320, false));
        assert_eq!(step(read(out.frame(ms(1000), 8, 160))), (8000, true));
        assert_eq!(step(read(out.frame(ms(1020), 8, 160))), (8160, false));
    }

    #[test]
    fn a_loss_before_us_is_a_step_in_time_and_no_gap() {
        let mut out = Outgoing::new(START);
        let first = read(out.relay(ms(0), &theirs(9, 50, 7000), 8).expect("new"));
        let next = read(out.relay(ms(60), &theirs(9, 53, 7480), 8).expect("in order"));
        assert_eq!(next.sequence.wrapping_sub(first.sequence), 1);
        assert_eq!(next.timestamp.wrapping_sub(first.timestamp), 480);
        assert_eq!((first.marker, next.marker), (true, false));
    }

    #[test]
    fn overtaken_packets_and_copies_are_not_sent() {
        let mut out = Outgoing::new(START);
        out.relay(ms(0), &theirs(9, 50, 7000), 8).expect("new");
        out.relay(ms(40), &theirs(9, 52, 7320), 8).expect("in order");
        assert_eq!(out.relay(ms(41), &theirs(9, 51, 7160), 8), Err(TooLate));
        assert_eq!(out.relay(ms(42), &theirs(9, 52, 7320), 8), Err(TooLate));
        assert_eq!(out.sent().packets, 2);
    }

    #[test]
    fn time_goes_on_from_prompt_to_agent_and_back() {
        let mut out = Outgoing::new(START);
        let first = read(out.frame(ms(0), 8, 160)).timestamp;
        out.change();
        let agent = read(out.relay(ms(500), &theirs(9, 50, 99), 0).expect("new"));
        assert_eq!(agent.timestamp.wrapping_sub(first), 4000);
        assert!(agent.marker);
        out.change();
        let music = read(out.frame(ms(521), 8, 160));
        assert_eq!(music.timestamp.wrapping_sub(first), 4160);
        assert!(music.marker);
        assert_eq!(music.sequence.wrapping_sub(START.sequence), 2);
    }

    #[test]
    fn another_source_or_clock_on_the_relayed_leg_keeps_our_time() {
        let mut out = Outgoing::new(START);
        let first = read(out.relay(ms(0), &theirs(9, 50, 7000), 8).expect("new")).timestamp;
        let other = read(out.relay(ms(20), &theirs(10, 9, 5), 8).expect("new"));
        assert_eq!((other.timestamp.wrapping_sub(first), other.marker), (160, true));
        let jumped = read(out.relay(ms(40), &theirs(10, 10, 4_000_000), 8).expect("new"));
        assert_eq!((jumped.timestamp.wrapping_sub(first), jumped.marker), (320, true));
        // A small step back does not take our time back either.
        let back = read(out.relay(ms(60), &theirs(10, 11, 3_999_900), 8).expect("next"));
        assert_eq!((back.timestamp.wrapping_sub(first), back.marker), (480, true));
        // A pause that the source's clock counted too is passed on as it is.
        let pause = read(out.relay(ms(30_060), &theirs(10, 12, 4_239_900), 8).expect("next"));
        assert_eq!(pause.timestamp.wrapping_sub(first), 480 + 240_000);
        assert!(!pause.marker);
    }

    #[test]
    fn a_digit_from_beside_the_audio_stays_one_digit() {
        let mut out = Outgoing::new(START);
        out.relay(ms(0), &theirs(9, 50, 7000), 8).expect("new");
        let digit = |sequence| theirs(77, sequence, 24_400);
        let mut stamps = Vec::new();
        for n in 0..5_u16 {
            let now = ms(5 + u64::from(n) * 20);
            stamps.push(read(out.relay_event(now, &digit(n), 101).expect("new")).timestamp);
            let audio = theirs(9, 51 + n, 7160 + u32::from(n) * 160);
            let audio = out.relay(ms(20 + u64::from(n) * 20), &audio, 8);
            assert!(!read(audio.expect("in order")).marker, "the audio is not disturbed");
        }
        assert!(stamps.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(out.relay_event(ms(200), &digit(3), 101), Err(TooLate));
        let again = theirs(78, 0, 24_400);
        let again = read(out.relay_event(ms(300), &again, 101).expect("another digit"));
        assert_ne!(again.timestamp, stamps[0]);
        assert!(again.marker);
    }

    #[test]
    fn events_of_ours_share_a_timestamp_and_audio_goes_on_behind_them() {
        let mut out = Outgoing::new(START);
        let first = read(out.frame(ms(0), 8, 160)).timestamp;
        let begin = read(out.begin_event(ms(20), 101));
        let further = read(out.continue_event(ms(40), 101));
        assert_eq!((begin.timestamp, begin.marker), (further.timestamp, true));
        assert_eq!(begin.timestamp.wrapping_sub(first), 160);
        assert!(!further.marker);
        let audio = read(out.frame(ms(60), 8, 160));
        assert_eq!(audio.timestamp.wrapping_sub(first), 480);
        assert_eq!(audio.sequence.wrapping_sub(further.sequence), 1);
    }

    #[test]
    fn a_sender_report_gets_the_timestamp_of_its_moment() {
        let mut out = Outgoing::new(START);
        assert_eq!(out.timestamp_at(ms(0)), None);
        out.frame(ms(0), 8, 160);
        let at = |now| out.timestamp_at(now).map(|stamp| stamp.wrapping_sub(START.timestamp));
        assert_eq!(at(ms(0)), Some(0));
        assert_eq!(at(ms(10)), Some(80));
        assert_eq!(at(ms(1000)), Some(8000));
    }
}

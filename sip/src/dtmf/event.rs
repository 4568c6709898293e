//! Telephone events that arrive: each key once, whatever is lost, repeated or left out.

use super::Digit;
use crate::rtp::Header;

/// How many events are remembered, to tell their late packets from new ones.
const REMEMBERED: usize = 8;

/// The longest a segment can last; a key held longer goes on in another (RFC 4733 §2.5.1.3).
const SEGMENT_MAX: u16 = u16::MAX;

/// How far the beginning of the next segment may be from where it should be: 60 ms.
const SEGMENT_SLACK: u32 = 480;

/// The payload of a telephone-event packet (RFC 4733 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPayload {
    /// What happened; 0 to 15 are keys.
    pub event: u8,
    /// The key is up again.
    pub is_end: bool,
    /// Power below 0 dBm0, 0 to 63. Unit: dB.
    pub volume: u8,
    /// How long it lasts so far. Unit: ticks of 125 µs.
    pub duration: u16,
}

impl EventPayload {
    /// Reads a payload; the reserved bit is ignored, and so is what follows the four bytes.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[event, flags, high, low] = payload.first_chunk::<4>()?;
        let duration = u16::from_be_bytes([high, low]);
        Some(Self { event, is_end: flags & 0x80 != 0, volume: flags & 0x3F, duration })
    }

    /// The payload as it goes onto the wire.
    pub fn to_bytes(self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.event, u8::from(self.is_end) << 7 | self.volume & 0x3F, high, low]
    }
}

/// What came as telephone events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventCounts {
    /// Keys reported.
    pub digits: u64,
    /// Packets too short to be events.
    pub malformed: u64,
    /// Events that are no keys, such as a flash or a fax tone.
    pub others: u64,
}

/// Hears the keys of one leg.
///
/// A key is one pair of source and timestamp, and is reported at the first of its packets that
/// comes: its beginning may be lost, its marker was perhaps never set (SIPp sets none), its end is
/// not waited for. SIPp gives each digit the same timestamp and another source.
#[derive(Debug, Clone, Default)]
pub struct EventReceiver {
    seen: [Option<Event>; REMEMBERED],
    /// Where the next is remembered.
    next: usize,
    counts: EventCounts,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    ssrc: u32,
    timestamp: u32,
    code: u8,
    duration: u16,
    has_ended: bool,
}

impl EventReceiver {
    /// Takes a packet of the leg's telephone-event payload type; returns the key it begins.
    ///
    /// Every packet, also those that [`Incoming`](crate::rtp::Incoming) puts on probation: a digit of
    /// SIPp's comes from a source of its own.
    pub fn receive(&mut self, header: &Header, payload: &[u8]) -> Option<Digit> {
        let Some(payload) = EventPayload::parse(payload) else {
            self.counts.malformed += 1;
            return None;
        };
        let known = self.seen.iter_mut().flatten().find(|event| event.is_of(header));
        if let Some(event) = known {
            event.duration = event.duration.max(payload.duration);
            event.has_ended |= payload.is_end;
            return None;
        }
        let goes_on = self.seen.iter().flatten().any(|event| event.goes_on_in(header, &payload));
        self.seen[self.next] = Some(Event {
            ssrc: header.ssrc,
            timestamp: header.timestamp,
            code: payload.event,
            duration: payload.duration,
            has_ended: payload.is_end,
        });
        self.next = (self.next + 1) % REMEMBERED;
        if goes_on {
            return None;
        }
        let digit = Digit::from_event(payload.event);
        match digit {
            Some(_) => self.counts.digits += 1,
            None => self.counts.others += 1,
        }
        digit
    }

    /// What came so far.
    pub fn counts(&self) -> EventCounts {
        self.counts
    }
}

impl Event {
    fn is_of(&self, header: &Header) -> bool {
        self.ssrc == header.ssrc && self.timestamp == header.timestamp
    }

    /// Whether another packet belongs to the next segment of a key that is held long.
    fn goes_on_in(&self, header: &Header, payload: &EventPayload) -> bool {
        let later = header.timestamp.wrapping_sub(self.timestamp);
        self.ssrc == header.ssrc
            && self.code == payload.event
            && !self.has_ended
            && u32::from(self.duration) + SEGMENT_SLACK >= u32::from(SEGMENT_MAX)
            && later.abs_diff(u32::from(SEGMENT_MAX)) <= SEGMENT_SLACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet of an event.
    fn packet(
        ssrc: u32,
        timestamp: u32,
        event: u8,
        duration: u16,
        is_end: bool,
    ) -> (Header, [u8; 4]) {
        let header = Header::of(false, 101, 0, timestamp, ssrc);
        (header, EventPayload { event, is_end, volume: 10, duration }.to_bytes())
    }

    fn heard(packets: &[(Header, [u8; 4])]) -> String {
        let mut receiver = EventReceiver::default();
        let digits = packets.iter().filter_map(|(h, p)| receiver.receive(h, p));
        digits.map(Digit::to_char).collect()
    }

    /// All packets of one key: updates every 20 ms and three ends.
    fn key(ssrc: u32, timestamp: u32, event: u8) -> Vec<(Header, [u8; 4])> {
        let updates = (1..=4).map(|n| packet(ssrc, timestamp, event, n * 160, false));
        updates.chain([packet(ssrc, timestamp, event, 800, true); 3]).collect()
    }

    #[test]
    fn a_key_is_reported_once_at_its_first_packet() {
        assert_eq!(heard(&key(1, 5000, 5)), "5");
        let mut receiver = EventReceiver::default();
        let (header, payload) = key(1, 5000, 11)[0];
        assert_eq!(receiver.receive(&header, &payload), Digit::from_char('#'));
    }

    #[test]
    fn any_one_packet_that_comes_is_enough_and_order_does_not_matter() {
        let all = [key(1, 5000, 1), key(1, 7000, 1), key(1, 9000, 2)].concat();
        for kept in 0..7 {
            assert_eq!(heard(&[all[kept], all[7 + kept], all[14 + kept]]), "112", "{kept}");
        }
        let mut reversed = all[..7].to_vec();
        reversed.reverse();
        assert_eq!(heard(&reversed), "1");
        // The ends of one key behind the beginning of the next.
        let mut mixed = all.clone();
        mixed.swap(5, 8);
        mixed.swap(6, 15);
        assert_eq!(heard(&mixed), "112");
    }

    #[test]
    fn sipps_digits_have_one_timestamp_and_their_own_sources() {
        let digits = [key(0xA, 24_400, 1), key(0xB, 24_400, 1), key(0xC, 24_400, 0)].concat();
        assert_eq!(heard(&digits), "110");
    }

    #[test]
    fn a_key_held_for_twenty_seconds_is_one_key() {
        let mut packets = Vec::new();
        for segment in 0..3_u32 {
            let start = 100_u32.wrapping_add(segment * 65_535);
            packets.extend((1..=409).map(|n| packet(1, start, 7, n * 160, false)));
            packets.push(packet(1, start, 7, u16::MAX, false));
        }
        assert_eq!(heard(&packets), "7");
        // Pressed again after it was let go, it is another.
        packets.push(packet(1, 100 + 2 * 65_535, 7, u16::MAX, true));
        packets.extend(key(1, 100 + 3 * 65_535, 7));
        assert_eq!(heard(&packets), "77");
    }

    #[test]
    fn the_reserved_bit_and_longer_payloads_are_tolerated() {
        let mut receiver = EventReceiver::default();
        let (header, mut payload) = packet(1, 5000, 3, 160, false);
        payload[1] |= 0x40;
        let payload = [&payload[..], b"more"].concat();
        assert_eq!(receiver.receive(&header, &payload), Digit::from_char('3'));
    }

    #[test]
    fn what_is_no_key_is_counted() {
        let mut receiver = EventReceiver::default();
        let (header, payload) = packet(1, 5000, 16, 160, false);
        assert_eq!(receiver.receive(&header, &payload), None);
        assert_eq!(receiver.receive(&header, &payload[..3]), None);
        assert_eq!(receiver.counts(), EventCounts { digits: 0, malformed: 1, others: 1 });
    }
}

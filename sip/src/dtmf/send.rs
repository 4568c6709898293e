//! Keys sent as telephone events (RFC 4733 §2.5).

use std::collections::VecDeque;

use super::{Digit, EventPayload};
use crate::rtp::{FRAME, Outgoing};
use crate::time::{Duration, Instant};

/// Most digits that wait to be sent.
pub const DIGITS_WAITING_MAX: usize = 128;

/// Power below 0 dBm0, as telephones send it. Unit: dB.
const VOLUME: u8 = 10;
/// How often the last packet is sent (RFC 4733 §2.5.1.4).
const ENDS: u8 = 3;
/// Shortest and longest key; the longest fits one segment. Unit: packets of 20 ms.
const PACKETS: core::ops::RangeInclusive<u16> = 2..=400;
/// Frames between two digits: 60 ms, the pause of ITU-T Q.24 with some room.
const PAUSE: u8 = 3;
/// Bytes of a packet: header and event.
const PACKET: usize = 16;

/// Too many digits wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{DIGITS_WAITING_MAX} digits wait to be sent already")]
pub struct TooManyDigits;

/// Sends digits in a leg's stream: every 20 ms a packet in the place of a frame of audio.
#[derive(Debug, Clone, Default)]
pub struct EventSender {
    /// Digits and their lengths in packets.
    waiting: VecDeque<(Digit, u16)>,
    state: State,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Idle,
    /// So many packets were sent of so many.
    Down {
        digit: Digit,
        sent: u16,
        packets: u16,
    },
    /// The end is sent again.
    Up {
        digit: Digit,
        packets: u16,
        left: u8,
    },
    Pause(u8),
}

impl EventSender {
    /// Puts a digit behind those that wait. The length is brought between 40 ms and 8 s.
    ///
    /// # Errors
    /// [`TooManyDigits`].
    pub fn press(&mut self, digit: Digit, length: Duration) -> Result<(), TooManyDigits> {
        if self.waiting.len() >= DIGITS_WAITING_MAX {
            return Err(TooManyDigits);
        }
        let packets = u16::try_from(length.as_millis().div_ceil(20)).unwrap_or(u16::MAX);
        self.waiting.push_back((digit, packets.clamp(*PACKETS.start(), *PACKETS.end())));
        Ok(())
    }

    /// Whether all digits are sent.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && matches!(self.state, State::Idle | State::Pause(_))
    }

    /// The packet to send at this tick instead of audio; `None` when audio is to be sent.
    ///
    /// To be called every 20 ms.
    pub fn next_packet(
        &mut self,
        now: Instant,
        out: &mut Outgoing,
        payload_type: u8,
    ) -> Option<[u8; PACKET]> {
        let (header, digit, sent, is_end) = match self.state {
            State::Idle => {
                let (digit, packets) = self.waiting.pop_front()?;
                self.state = State::Down { digit, sent: 1, packets };
                (out.begin_event(now, payload_type), digit, 1, false)
            }
            State::Down { digit, sent, packets } => {
                let sent = sent + 1;
                let is_end = sent == packets;
                self.state = if is_end {
                    State::Up { digit, packets, left: ENDS - 1 }
                } else {
                    State::Down { digit, sent, packets }
                };
                (out.continue_event(now, payload_type), digit, sent, is_end)
            }
            State::Up { digit, packets, left } => {
                self.state = if left == 1 {
                    State::Pause(PAUSE)
                } else {
                    State::Up { digit, packets, left: left - 1 }
                };
                (out.continue_event(now, payload_type), digit, packets, true)
            }
            State::Pause(left) => {
                self.state = if left == 1 { State::Idle } else { State::Pause(left - 1) };
                return None;
            }
        };
        let duration = u16::try_from(u32::from(sent) * FRAME).expect("at most 400 packets");
        let event = EventPayload { event: digit.event(), is_end, volume: VOLUME, duration };
        let mut packet = [0; PACKET];
        packet[..12].copy_from_slice(&header);
        packet[12..].copy_from_slice(&event.to_bytes());
        Some(packet)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventReceiver;
    use super::*;
    use crate::rtp::{Header, Start};

    fn digit(key: char) -> Digit {
        Digit::from_char(key).expect("a key")
    }

    /// Everything sent in so many ticks, audio where no digit is.
    fn ticks(sender: &mut EventSender, count: u64) -> Vec<(Header, Option<EventPayload>)> {
        let mut out = Outgoing::new(Start { ssrc: 9, sequence: 65_530, timestamp: 0 });
        let packet = |n| {
            let now = Instant::from_micros(n * 20_000);
            match sender.next_packet(now, &mut out, 101) {
                Some(packet) => {
                    let header = Header::parse(&packet).expect("good");
                    (header, EventPayload::parse(header.payload(&packet)))
                }
                None => (Header::parse(&out.frame(now, 8, FRAME)).expect("good"), None),
            }
        };
        (0..count).map(packet).collect()
    }

    #[test]
    fn a_digit_has_growing_durations_one_timestamp_and_three_ends() {
        let mut sender = EventSender::default();
        sender.press(digit('5'), Duration::from_millis(100)).expect("room");
        let sent = ticks(&mut sender, 9);
        let events: Vec<_> = sent.iter().map_while(|(_, event)| *event).collect();
        let durations: Vec<_> = events.iter().map(|event| event.duration).collect();
        assert_eq!(durations, [160, 320, 480, 640, 800, 800, 800]);
        let ends: Vec<_> = events.iter().map(|event| event.is_end).collect();
        assert_eq!(ends, [false, false, false, false, true, true, true]);
        assert!(sent[..7].iter().all(|(header, _)| header.timestamp == sent[0].0.timestamp));
        let markers: Vec<_> = sent[..7].iter().map(|(header, _)| header.marker).collect();
        assert_eq!(markers, [true, false, false, false, false, false, false]);
        // Audio goes on where time is.
        assert_eq!(sent[7].0.timestamp.wrapping_sub(sent[0].0.timestamp), 7 * 160);
        let sequences =
            sent.windows(2).all(|pair| pair[1].0.sequence.wrapping_sub(pair[0].0.sequence) == 1);
        assert!(sequences, "no gap");
    }

    #[test]
    fn digits_follow_each_other_with_a_pause_and_are_heard_as_sent() {
        let mut sender = EventSender::default();
        let keys = "0123456789*#ABCD11";
        for key in keys.chars() {
            sender.press(digit(key), Duration::from_millis(80)).expect("room");
        }
        let mut receiver = EventReceiver::default();
        let sent = ticks(&mut sender, 18 * 9);
        let heard = sent.iter().filter_map(|(header, event)| {
            receiver.receive(header, &event.as_ref()?.to_bytes()).map(Digit::to_char)
        });
        assert_eq!(heard.collect::<String>(), keys);
        assert!(sender.is_idle());
        assert_eq!(sent.iter().filter(|(_, event)| event.is_none()).count(), 18 * 3);
    }

    #[test]
    fn lengths_and_the_number_of_digits_are_bounded() {
        let mut sender = EventSender::default();
        sender.press(digit('1'), Duration::ZERO).expect("room");
        sender.press(digit('2'), Duration::MAX).expect("room");
        for _ in 2..DIGITS_WAITING_MAX {
            sender.press(digit('3'), Duration::ZERO).expect("room");
        }
        assert_eq!(sender.press(digit('3'), Duration::ZERO), Err(TooManyDigits));
        let longest = ticks(&mut sender, 500)
            .iter()
            .filter_map(|(_, event)| *event)
            .max_by_key(|e| e.duration);
        assert_eq!(longest.map(|event| event.duration), Some(64_000));
    }
}

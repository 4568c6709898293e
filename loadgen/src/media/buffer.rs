//! A playout buffer that plays nothing: it tells which packets would have come too late (RFC 3611 §4.7.1, discard rate).

use sip::{Duration, Instant};

/// Length of the simulated buffer: what telephones begin with.
pub(crate) const LENGTH: Duration = Duration::from_millis(60);

/// Ticks of a second in G.711.
const RATE: i64 = 8000;

/// A fixed buffer: the first packet is played [`LENGTH`] after it came, every other when its timestamp says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Buffer {
    /// When the first packet came, and its timestamp.
    first: Option<(Instant, u32)>,
    pub(super) discarded: u64,
}

impl Buffer {
    /// Takes a packet that is not a copy.
    pub(super) fn receive(&mut self, at: Instant, timestamp: u32, begins: bool) {
        let Some((began, first)) = self.first.filter(|_| !begins) else {
            self.first = Some((at, timestamp));
            return;
        };
        // Timestamps wrap; what is behind the first counts back.
        let ticks = i64::from(timestamp.wrapping_sub(first).cast_signed());
        let played = began.as_micros().cast_signed() + ticks * 1_000_000 / RATE;
        let late = at.as_micros().cast_signed() - played;
        self.discarded += u64::from(late > i64::try_from(LENGTH.as_micros()).expect("short"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_its_moment_is_discarded() {
        let mut buffer = Buffer::default();
        let mut come = |ms: u64, frame: u32| {
            buffer.receive(Instant::from_micros(ms * 1000), (frame * 160).wrapping_sub(320), false);
            buffer.discarded
        };
        // The timestamps wrap after the second frame.
        assert_eq!(
            [come(100, 0), come(120, 1), come(200, 2), come(201, 2), come(400, 12)],
            [0, 0, 0, 1, 1]
        );
    }
}

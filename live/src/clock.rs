//! The wire's time and the switch's: the same moment, counted from another beginning and at another pace.

use acd::Timestamp;
use sip::{Duration, Instant};

/// Turns moments of the wire into moments of the switch and back.
///
/// With a speed of `n` the switch and its robots live `n` times as fast: a ring time-out of 15 s comes
/// after 15 s ÷ n. SIP's timers and RTP stay real.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
    speed: u32,
}

impl Clock {
    /// The fastest the switch may run.
    pub(crate) const SPEED_MAX: u32 = 1000;

    /// Begins the switch's time at `start`; a speed out of range is brought into it.
    pub(crate) fn new(start: Instant, speed: u32) -> Self {
        Self { start, speed: speed.clamp(1, Self::SPEED_MAX) }
    }

    /// The switch's name for a moment of the wire.
    pub(crate) fn of_switch(self, now: Instant) -> Timestamp {
        let since = now.as_micros().saturating_sub(self.start.as_micros());
        Timestamp(since.saturating_mul(self.speed.into()))
    }

    /// The first moment of the wire at which the switch has reached `at`.
    pub(crate) fn of_wire(self, at: Timestamp) -> Instant {
        self.start + Duration::from_micros(at.0.div_ceil(self.speed.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_is_due_when_its_moment_comes_and_not_before() {
        for speed in [1, 3, 60] {
            let clock = Clock::new(Instant::from_micros(5_000_000), speed);
            for due in [0, 1, 2, 59, 60, 1_000_001] {
                let at = clock.of_wire(Timestamp(due));
                assert!(clock.of_switch(at).0 >= due);
                if due > 0 {
                    let before = Instant::from_micros(at.as_micros() - 1);
                    assert!(clock.of_switch(before).0 < due, "speed {speed}, due {due}");
                }
            }
        }
    }

    #[test]
    fn speeds_out_of_range_are_brought_into_it() {
        let clock = Clock::new(Instant::default(), 0);
        assert_eq!(clock.of_switch(Instant::from_micros(7)), Timestamp(7));
    }
}

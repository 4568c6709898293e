//! The one clock: monotonic, counted from a start, and mapped to wall-clock time for RTCP.

use std::time::SystemTime;

use crate::time::{Duration, Instant};

/// Seconds from 1900, where NTP begins, to 1970 (RFC 5905 §6).
const NTP_TO_UNIX: u64 = 2_208_988_800;

/// How far apart the readings of both clocks may be, and how often they are read again for it.
const APART_MAX: Duration = Duration::from_micros(20);
const READINGS_MAX: usize = 5;

/// Longest time between a reading and a packet that came while others were read.
const AHEAD_MAX: Duration = Duration::from_millis(10);

/// Longest time a packet may have waited in the kernel; a longer one is a step of the wall clock.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Reads time. Copies count from the same start, so threads that share one can compare moments.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: std::time::Instant,
}

impl Clock {
    /// Makes a clock that reads zero now.
    #[expect(clippy::disallowed_methods, reason = "the room where the clock lives")]
    pub fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// The moment.
    pub fn now(&self) -> Instant {
        let elapsed = self.start.elapsed();
        Instant::from_micros(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }

    /// Wall-clock time in the form of NTP: seconds since 1900 above, their 2⁻³² parts below.
    ///
    /// It wraps in 2036, as RTCP expects (RFC 3550 §4).
    pub fn ntp(&self) -> u64 {
        let wall = since_1970();
        let fraction = (u64::from(wall.subsec_nanos()) << 32) / 1_000_000_000;
        (wall.as_secs() + NTP_TO_UNIX) << 32 | fraction
    }

    /// Reads both clocks, to tell when things happened that the kernel stamped with the wall's.
    pub(super) fn reading(&self) -> Reading {
        let mut reading = Reading { now: self.now(), wall: since_1970() };
        // Whoever is interrupted between the two readings reads again.
        for _ in 0..READINGS_MAX {
            let now = self.now();
            if now.saturating_since(reading.now) <= APART_MAX {
                break;
            }
            reading = Reading { now, wall: since_1970() };
        }
        reading
    }
}

/// Both clocks at one moment.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub(super) now: Instant,
    wall: Duration,
}

impl Reading {
    /// The moment of a kernel's stamp, which may be a little later than this reading.
    ///
    /// A stamp from long ago or far ahead means that the wall clock was set: then it is now.
    pub(super) fn moment(&self, stamp: Duration) -> Instant {
        if let Some(since) = stamp.checked_sub(self.wall) {
            return if since <= AHEAD_MAX { self.now + since } else { self.now };
        }
        let waited = self.wall.saturating_sub(stamp);
        let waited = if waited <= WAIT_MAX { waited.as_micros() } else { 0 };
        let waited = u64::try_from(waited).expect("at most ten seconds");
        Instant::from_micros(self.now.as_micros().saturating_sub(waited))
    }
}

#[expect(clippy::disallowed_methods, reason = "the room where the clock lives")]
fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_mapped_and_steps_of_the_wall_clock_ignored() {
        let now = Instant::from_micros(60_000_000);
        let reading = Reading { now, wall: Duration::from_secs(1_000_000) };
        let moment = |stamp| reading.moment(stamp).as_micros();
        assert_eq!(moment(Duration::from_micros(1_000_000_000_000 - 250)), 59_999_750);
        assert_eq!(moment(Duration::from_micros(1_000_000_000_000 + 250)), 60_000_250);
        assert_eq!(moment(Duration::from_secs(1_000_001)), 60_000_000);
        assert_eq!(moment(Duration::from_secs(900_000)), 60_000_000);
    }

    #[test]
    fn ntp_time_is_seconds_since_1900_with_a_fraction() {
        let clock = Clock::start();
        let (before, ntp, after) = (since_1970(), clock.ntp(), since_1970());
        let seconds = (ntp >> 32) - NTP_TO_UNIX;
        assert!((before.as_secs()..=after.as_secs()).contains(&seconds));
        let moment = Duration::new(seconds, 0)
            + Duration::from_nanos(((ntp & 0xFFFF_FFFF) * 1_000_000_000) >> 32);
        assert!(moment + Duration::from_micros(1) >= before && moment <= after);
    }
}

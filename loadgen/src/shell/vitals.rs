//! How a thread of the generator fares: how late it comes round, how much CPU it takes, whether it is let run.

use super::Sockets;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use sip::{Duration, Instant};

/// Lateness is counted in powers of two from a microsecond up: 2³¹ µs are half an hour.
const STEPS: usize = 32;

/// Signs of life of one thread, since it began.
#[derive(Debug, Clone, Default)]
pub struct Vitals {
    /// How often the loop came round by how late it was, in powers of two of a microsecond.
    lateness: [u64; STEPS],
    /// Datagrams lost because we did not read them in time.
    pub overflows: u64,
    /// Messages that found no room to wait in until the system would take them.
    pub unsent: u64,
    /// Messages sent and received.
    pub sent: u64,
    /// See [`Self::sent`].
    pub received: u64,
    /// How late frames of audio were sent, 99 %; `None` without audio.
    pub audio_lag: Option<Duration>,
    /// CPU used, user and system.
    pub cpu: Duration,
    /// Time it wanted to run and was not let.
    pub starved: Option<Duration>,
}

impl Vitals {
    /// The loop wanted to come round at a moment, and did at another.
    pub(super) fn woke(&mut self, now: Instant, wanted: Instant) {
        let late = now.saturating_since(wanted).as_micros();
        let step = (128 - late.leading_zeros()) as usize;
        self.lateness[step.min(STEPS - 1)] += 1;
    }

    /// So many messages went out and came in.
    pub(super) fn carried(&mut self, sent: usize, received: usize) {
        self.sent += sent as u64;
        self.received += received as u64;
    }

    /// Takes what the sockets and the system say of this thread.
    pub(super) fn sockets(&mut self, sockets: &Sockets) {
        (self.overflows, self.unsent) = sockets.losses();
        if let Ok(usage) = getrusage(UsageWho::RUSAGE_THREAD) {
            let micros =
                usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
            self.cpu = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        }
        self.starved = starved();
    }

    /// How late the loop came round at most in this share of its turns; the upper end of the step it falls in.
    #[must_use]
    pub fn lateness(&self, share: f64) -> Duration {
        let total: u64 = self.lateness.iter().sum();
        let mut left = (total as f64 * share).ceil() as u64;
        for (step, count) in self.lateness.iter().enumerate() {
            left = left.saturating_sub(*count);
            if left == 0 {
                return Duration::from_micros(if step == 0 { 0 } else { 1 << step });
            }
        }
        Duration::ZERO
    }
}

/// How long this thread has waited for a processor: the second number of the kernel's own count.
fn starved() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_is_told_to_the_power_of_two_above_it() {
        let mut vitals = Vitals::default();
        let at = Instant::from_micros;
        for late in 0..1000 {
            vitals.woke(at(5_000 + late), at(5_000));
        }
        vitals.woke(at(1_000_000), at(2_000_000));
        assert_eq!(vitals.lateness(0.5), Duration::from_micros(512));
        assert_eq!(vitals.lateness(0.999), Duration::from_micros(1024));
        assert_eq!(vitals.lateness(0.001), Duration::ZERO);
        assert_eq!(Vitals::default().lateness(0.99), Duration::ZERO);
    }
}

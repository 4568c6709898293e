//! From the time of the wire to that of the figures.

use sip::Duration;

/// A time as the figures have it: whole microseconds.
pub(crate) fn micros(duration: Duration) -> acd::Duration {
    acd::Duration(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

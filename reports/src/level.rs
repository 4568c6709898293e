//! Numbers over time: how many wait, talk, hold a line; as exact integrals without a multiplication per event.

/// A number that goes up and down by one, and its integral since the last [`Level::take`].
///
/// Going up subtracts the time, going down adds it; the number still up is settled when the integral is taken.
/// Arithmetic wraps: only differences are read, and those fit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Level {
    integral: i64,
    count: i64,
}

impl Level {
    #[inline]
    pub(crate) fn up(&mut self, now: u64) {
        self.integral = self.integral.wrapping_sub(now as i64);
        self.count += 1;
    }

    #[inline]
    pub(crate) fn down(&mut self, now: u64) {
        self.integral = self.integral.wrapping_add(now as i64);
        self.count -= 1;
    }

    /// Sets the number.
    #[inline]
    pub(crate) fn set(&mut self, now: u64, count: i64) {
        let change = count - self.count;
        self.integral = self.integral.wrapping_sub(change.wrapping_mul(now as i64));
        self.count = count;
    }

    /// Returns the number.
    #[inline]
    pub(crate) fn count(&self) -> i64 {
        self.count
    }

    /// Returns the integral since the last time it was taken, in units × microseconds; starts anew.
    pub(crate) fn take(&mut self, now: u64) -> u64 {
        let settled = self.count.wrapping_mul(now as i64);
        let integral = self.integral.wrapping_add(settled);
        self.integral = settled.wrapping_neg();
        // Negative only where facts contradict each other, as when a log begins in the middle.
        u64::try_from(integral).unwrap_or(0)
    }
}

/// The integral of a level's square. Squares of large groups over a day overflow 64 bits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Square {
    integral: i128,
}

impl Square {
    /// The number went up from `count`.
    #[inline]
    pub(crate) fn up(&mut self, now: u64, count: i64) {
        self.integral -= i128::from(2 * count + 1) * i128::from(now);
    }

    /// The number went down from `count`.
    #[inline]
    pub(crate) fn down(&mut self, now: u64, count: i64) {
        self.integral += i128::from(2 * count - 1) * i128::from(now);
    }

    /// Returns the integral since the last time it was taken; starts anew.
    pub(crate) fn take(&mut self, now: u64, count: i64) -> u128 {
        let settled = i128::from(count) * i128::from(count) * i128::from(now);
        let integral = self.integral + settled;
        self.integral = -settled;
        u128::try_from(integral).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_integrates_exactly_across_takes() {
        let mut level = Level::default();
        level.up(10);
        level.up(15);
        assert_eq!(level.take(20), 10 + 5);
        level.down(25);
        level.set(30, 4);
        assert_eq!(level.take(40), 2 * 5 + 5 + 4 * 10);
        assert_eq!(level.count(), 4);
    }

    #[test]
    fn a_square_integrates_the_square() {
        let mut square = Square::default();
        square.up(10, 0);
        square.up(15, 1);
        assert_eq!(square.take(20, 2), 5 + 4 * 5);
        square.down(25, 2);
        assert_eq!(square.take(40, 1), 4 * 5 + 15);
    }
}

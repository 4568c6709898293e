//! What the bare loops count: the outputs that the product is compared on, and nothing else.

/// Length of a reporting interval, s.
const INTERVAL: f64 = 1800.0;
/// Service-level threshold, s.
const THRESHOLD: f64 = 20.0;
/// Sub-buckets of a power of two in the histogram: 1.6 % wide.
const SUB_BITS: u32 = 6;

/// Counts of a run.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Calls offered.
    pub offered: u64,
    /// Calls answered.
    pub answered: u64,
    /// Calls answered within 20 s.
    pub in_target: u64,
    /// Sum of all waits, s.
    pub wait: f64,
    /// Offered, answered, abandoned by the half-hour of the arrival.
    pub intervals: Vec<[u64; 3]>,
    /// Log-linear histogram of all waits, ms.
    waits: Vec<u64>,
}

impl Tally {
    /// Counts an arrival at `time`.
    #[inline]
    pub(super) fn offer(&mut self, time: f64) {
        self.offered += 1;
        let index = (time * (1.0 / INTERVAL)) as usize;
        if index >= self.intervals.len() {
            self.intervals.resize(index + 1, [0; 3]);
        }
        self.intervals[index][0] += 1;
    }

    /// Counts the answer at `time` of a call that arrived at `arrived`.
    #[inline]
    pub(super) fn answer(&mut self, arrived: f64, time: f64) {
        self.answered += 1;
        self.in_target += u64::from(time - arrived <= THRESHOLD);
        self.leave(1, arrived, time);
    }

    /// Counts a caller who gave up at `time`.
    #[inline]
    pub(super) fn abandon(&mut self, arrived: f64, time: f64) {
        self.leave(2, arrived, time);
    }

    #[inline]
    fn leave(&mut self, column: usize, arrived: f64, time: f64) {
        let wait = time - arrived;
        self.wait += wait;
        self.intervals[(arrived * (1.0 / INTERVAL)) as usize][column] += 1;
        let cell = cell((wait * 1000.0) as u64);
        if cell >= self.waits.len() {
            self.waits.resize(cell + 1, 0);
        }
        self.waits[cell] += 1;
    }

    /// Share of offered calls that abandoned.
    #[must_use]
    pub fn abandonment(&self) -> f64 {
        (self.offered - self.answered) as f64 / self.offered as f64
    }

    /// Mean wait of all calls, s.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.wait / self.offered as f64
    }

    /// Share of offered calls answered within 20 s.
    #[must_use]
    pub fn service_level(&self) -> f64 {
        self.in_target as f64 / self.offered as f64
    }

    /// The wait that `share` of all calls do not exceed, s, to 1 %.
    #[must_use]
    pub fn wait_quantile(&self, share: f64) -> f64 {
        let total: u64 = self.waits.iter().sum();
        let mut below = 0;
        for (cell, count) in self.waits.iter().enumerate() {
            below += count;
            if below as f64 >= share * total as f64 {
                return middle(cell) / 1000.0;
            }
        }
        0.0
    }
}

/// Cell of a value: exact below 2⁶, then 2⁶ cells for each power of two.
#[inline]
fn cell(value: u64) -> usize {
    let shift = (value | 1 << SUB_BITS).ilog2() - SUB_BITS;
    ((u64::from(shift) << SUB_BITS) + (value >> shift)) as usize
}

/// Middle of a cell's values.
fn middle(cell: usize) -> f64 {
    let shift = (cell >> SUB_BITS).saturating_sub(1);
    let low = (cell - (shift << SUB_BITS)) << shift;
    low as f64 + 0.5 * ((1_u64 << shift) - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_the_values_around_its_middle() {
        for value in (0..100_000).chain([1 << 30, (1 << 40) - 1]) {
            let middle = middle(cell(value));
            assert!((middle - value as f64).abs() <= value as f64 / 128.0, "{value}: {middle}");
        }
    }

    #[test]
    fn quantiles_and_shares_are_those_of_the_waits() {
        let mut tally = Tally::default();
        for wait in 1..=100 {
            tally.offer(10.0);
            tally.answer(10.0, 10.0 + f64::from(wait));
        }
        tally.offer(1801.0);
        tally.abandon(1801.0, 1901.0);
        assert_eq!(tally.intervals, [[100, 100, 0], [1, 0, 1]]);
        assert_eq!(tally.service_level(), 20.0 / 101.0);
        assert!((tally.wait_quantile(0.5) - 51.0).abs() < 0.5);
        assert!((tally.mean_wait() - 5150.0 / 101.0).abs() < 1e-9);
    }
}

//! Waits counted in buckets whose width grows with the wait: quantiles within 0.2 %, merging by integer addition.

/// Buckets per octave. Half a bucket is at most 1/512 of its lower edge.
const PER_OCTAVE: usize = 256;
const BITS: u32 = PER_OCTAVE.trailing_zeros();

/// Returns the bucket of a wait in microseconds. Waits below 256 µs have a bucket each.
#[inline]
fn bucket(wait: u64) -> usize {
    if wait < PER_OCTAVE as u64 {
        return wait as usize;
    }
    let octave = wait.ilog2();
    let sub = (wait >> (octave - BITS)) as usize & (PER_OCTAVE - 1);
    ((octave - BITS + 1) as usize) * PER_OCTAVE + sub
}

/// Returns the middle of a bucket, µs.
fn middle(bucket: usize) -> f64 {
    if bucket < PER_OCTAVE {
        return bucket as f64;
    }
    let shift = (bucket / PER_OCTAVE - 1) as u32;
    let low = ((PER_OCTAVE + bucket % PER_OCTAVE) as u64) << shift;
    let high = low + ((1_u64 << shift) - 1);
    (low as f64 + high as f64) / 2.0
}

/// A histogram that grows by octaves, for the ledger.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    octaves: Vec<Option<Box<[u32; PER_OCTAVE]>>>,
}

impl Histogram {
    #[inline]
    pub(crate) fn add(&mut self, wait: u64) {
        let bucket = bucket(wait);
        let (octave, sub) = (bucket / PER_OCTAVE, bucket % PER_OCTAVE);
        if let Some(Some(counts)) = self.octaves.get_mut(octave) {
            counts[sub] += 1;
        } else {
            self.grow(octave)[sub] += 1;
        }
    }

    /// Takes back an [`Histogram::add`].
    pub(crate) fn remove(&mut self, wait: u64) {
        let bucket = bucket(wait);
        let counts = self.grow(bucket / PER_OCTAVE);
        counts[bucket % PER_OCTAVE] = counts[bucket % PER_OCTAVE].saturating_sub(1);
    }

    #[cold]
    fn grow(&mut self, octave: usize) -> &mut [u32; PER_OCTAVE] {
        if self.octaves.len() <= octave {
            self.octaves.resize_with(octave + 1, || None);
        }
        self.octaves[octave].get_or_insert_with(|| Box::new([0; PER_OCTAVE]))
    }

    /// Returns the filled buckets, in order.
    pub(crate) fn sparse(&self) -> Sparse {
        let mut entries = Vec::new();
        for (octave, counts) in self.octaves.iter().enumerate() {
            for (sub, count) in counts.iter().flat_map(|counts| counts.iter().enumerate()) {
                if *count > 0 {
                    entries.push(Entry::new(octave * PER_OCTAVE + sub, u64::from(*count)));
                }
            }
        }
        Sparse { entries }
    }
}

/// A bucket and its count in one word: 500 queues and 50 groups of replications keep a lot of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry(u64);

const COUNT_BITS: u32 = 48;

impl Entry {
    fn new(bucket: usize, count: u64) -> Self {
        Self((bucket as u64) << COUNT_BITS | count)
    }

    fn bucket(self) -> usize {
        (self.0 >> COUNT_BITS) as usize
    }

    fn count(self) -> u64 {
        self.0 & ((1 << COUNT_BITS) - 1)
    }
}

/// The filled buckets of a histogram, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sparse {
    entries: Vec<Entry>,
}

impl Sparse {
    /// Returns how many buckets are filled.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds the counts of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.entries.is_empty() {
            return;
        }
        let mut merged = Vec::with_capacity(self.entries.len().max(other.entries.len()));
        let (mut left, mut right) =
            (self.entries.iter().peekable(), other.entries.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (bucket_a, bucket_b) = (a.bucket(), b.bucket());
            if bucket_a == bucket_b {
                merged.push(Entry::new(bucket_a, a.count() + b.count()));
                left.next();
                right.next();
            } else if bucket_a < bucket_b {
                merged.extend(left.next());
            } else {
                merged.extend(right.next());
            }
        }
        merged.extend(left);
        merged.extend(right);
        self.entries = merged;
    }

    pub(crate) fn total(&self) -> u64 {
        self.entries.iter().map(|entry| entry.count()).sum()
    }

    /// Returns, for each share in hundredths, the smallest wait in seconds that at least this share does not exceed;
    /// `None` where no wait is left. The counts of `without`, part of this, are left out. `percents` must ascend.
    pub(crate) fn quantiles<const N: usize>(
        &self,
        percents: [u64; N],
        without: &Self,
    ) -> Option<[f64; N]> {
        let total = self.total() - without.total();
        if total == 0 {
            return None;
        }
        let ranks = percents.map(|percent| (total * percent).div_ceil(100).max(1));
        let mut found = [0.0; N];
        let (mut next, mut below) = (0, 0);
        let mut leave_out = without.entries.iter().peekable();
        for entry in &self.entries {
            let out = leave_out.next_if(|out| out.bucket() == entry.bucket());
            below += entry.count() - out.map_or(0, |out| out.count());
            while next < N && below >= ranks[next] {
                found[next] = middle(entry.bucket()) / 1e6;
                next += 1;
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(waits: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for wait in waits {
            histogram.add(*wait);
        }
        histogram
    }

    proptest! {
        #[test]
        fn a_bucket_is_within_two_thousandths_of_its_waits(wait in 0_u64..u64::MAX / 2) {
            let error = (middle(bucket(wait)) - wait as f64).abs();
            prop_assert!(error <= wait as f64 * 0.002, "{wait}: {error}");
            prop_assert!(bucket(wait) < 1 << 14);
            prop_assert!(bucket(wait) <= bucket(wait + 1));
        }

        #[test]
        fn quantiles_are_those_of_the_sorted_waits(
            mut waits in prop::collection::vec(0_u64..5_000_000_000, 1..200),
            split in 0_usize..200,
        ) {
            let cut = split.min(waits.len());
            let mut sparse = of(&waits[..cut]).sparse();
            let right = of(&waits[cut..]).sparse();
            sparse.merge(&right);
            prop_assert_eq!(&sparse, &of(&waits).sparse());
            if cut > 0 {
                let left = of(&waits[..cut]).sparse().quantiles([50, 99], &Sparse::default());
                prop_assert_eq!(sparse.quantiles([50, 99], &right), left);
            }
            waits.sort_unstable();
            let found = sparse.quantiles([50, 90, 95, 99], &Sparse::default()).expect("waits");
            for (percent, found) in [50, 90, 95, 99].into_iter().zip(found) {
                // The smallest wait w with F(w) >= p.
                let rank = (waits.len() * percent).div_ceil(100).max(1);
                let exact = waits[rank - 1] as f64 / 1e6;
                prop_assert!((found - exact).abs() <= exact * 0.002 + 1e-12, "{found} {exact}");
            }
        }
    }

    #[test]
    fn a_point_mass_at_zero_gives_zero() {
        let sparse = of(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 30_000_000]).sparse();
        let zero = Sparse::default();
        assert_eq!(sparse.quantiles([50, 90], &zero), Some([0.0, 0.0]));
        assert!(sparse.quantiles([95], &zero).expect("waits")[0] > 29.9);
        assert_eq!(zero.quantiles([50], &Sparse::default()), None);
    }

    #[test]
    fn removing_takes_back_an_addition() {
        let mut histogram = of(&[5, 70_000, 3_000_000]);
        histogram.remove(70_000);
        assert_eq!(histogram.sparse(), of(&[5, 3_000_000]).sparse());
    }
}

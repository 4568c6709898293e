//! Waits counted in buckets whose width grows with the wait: quantiles within 0.2 %, merging by integer addition.

use std::cmp::Ordering;

/// Buckets per octave. A bucket is at most 1/512 of its lower edge: even all waits alike at one of its ends are told
/// within 0.2 %.
const PER_OCTAVE: usize = 512;
const BITS: u32 = PER_OCTAVE.trailing_zeros();

/// Returns the bucket of a wait in microseconds. Waits below 512 µs have a bucket each.
#[inline]
fn bucket(wait: u64) -> usize {
    if wait < PER_OCTAVE as u64 {
        return wait as usize;
    }
    let octave = wait.ilog2();
    let sub = (wait >> (octave - BITS)) as usize & (PER_OCTAVE - 1);
    ((octave - BITS + 1) as usize) * PER_OCTAVE + sub
}

/// Returns the least and the largest wait of a bucket, µs.
fn ends(bucket: usize) -> (u64, u64) {
    if bucket < PER_OCTAVE {
        return (bucket as u64, bucket as u64);
    }
    let shift = (bucket / PER_OCTAVE - 1) as u32;
    let low = ((PER_OCTAVE + bucket % PER_OCTAVE) as u64) << shift;
    (low, low + ((1_u64 << shift) - 1))
}

/// Returns the wait of a rank among a bucket's `count`, from 1, as if they were spread evenly over it, µs. Steps from
/// bucket to bucket would make the standard errors of quantiles, which compare close values, worthless.
fn within(bucket: usize, rank: u64, count: u64) -> f64 {
    let (low, high) = ends(bucket);
    low as f64 + (high - low) as f64 * (rank as f64 - 0.5) / count as f64
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

    /// Adds a wait that came so many times.
    pub(crate) fn add_many(&mut self, wait: u64, times: u32) {
        let bucket = bucket(wait);
        let count = &mut self.grow(bucket / PER_OCTAVE)[bucket % PER_OCTAVE];
        *count = count.saturating_add(times);
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
        let mut filled = Packer::default();
        for (octave, counts) in self.octaves.iter().enumerate() {
            for (sub, count) in counts.iter().flat_map(|counts| counts.iter().enumerate()) {
                if *count > 0 {
                    filled.push(octave * PER_OCTAVE + sub, u64::from(*count));
                }
            }
        }
        filled.finish()
    }
}

/// The filled buckets of a histogram, in order.
///
/// Packed: the distance from the bucket before, doubled, plus one where a count follows; a count of 1 does not.
/// Both in groups of seven bits. 500 queues and 50 groups of replications keep a lot of buckets, most with a count of 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sparse {
    bytes: Vec<u8>,
}

/// Packs buckets one after the other.
#[derive(Debug, Default)]
struct Packer {
    bytes: Vec<u8>,
    next: usize,
}

impl Packer {
    fn push(&mut self, bucket: usize, count: u64) {
        let distance = (bucket - self.next) as u64;
        self.next = bucket + 1;
        self.number(distance << 1 | u64::from(count != 1));
        if count != 1 {
            self.number(count);
        }
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn finish(mut self) -> Sparse {
        self.bytes.shrink_to_fit();
        Sparse { bytes: self.bytes }
    }
}

/// Unpacks buckets and counts.
#[derive(Debug, Clone)]
struct Unpacked<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl Unpacked<'_> {
    fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
    }
}

impl Iterator for Unpacked<'_> {
    type Item = (usize, u64);

    fn next(&mut self) -> Option<(usize, u64)> {
        let first = self.number()?;
        let bucket = self.next + (first >> 1) as usize;
        self.next = bucket + 1;
        let count = if first & 1 == 1 { self.number()? } else { 1 };
        Some((bucket, count))
    }
}

impl Sparse {
    fn unpacked(&self) -> Unpacked<'_> {
        Unpacked { bytes: &self.bytes, next: 0 }
    }

    /// Returns how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Adds the counts of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.bytes.is_empty() {
            return;
        }
        if self.bytes.is_empty() {
            self.bytes.clone_from(&other.bytes);
            return;
        }
        let (mut left, mut right) = (self.unpacked().peekable(), other.unpacked().peekable());
        let mut merged = Packer::default();
        while let (Some((a, count_a)), Some((b, count_b))) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                Ordering::Equal => {
                    merged.push(*a, count_a + count_b);
                    left.next();
                    right.next();
                }
                Ordering::Less => {
                    merged.push(*a, *count_a);
                    left.next();
                }
                Ordering::Greater => {
                    merged.push(*b, *count_b);
                    right.next();
                }
            }
        }
        left.chain(right).for_each(|(bucket, count)| merged.push(bucket, count));
        *self = merged.finish();
    }

    /// Returns the counts summed up from the shortest wait on.
    pub(crate) fn cumulated(&self) -> Cumulated {
        let mut sum = 0;
        let sums = self.unpacked().map(|(bucket, count)| {
            sum += count;
            (bucket, sum)
        });
        Cumulated { sums: sums.collect() }
    }
}

/// How many waits are as short as each filled bucket or shorter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cumulated {
    sums: Vec<(usize, u64)>,
}

impl Cumulated {
    /// Returns how many waits there are.
    pub(crate) fn total(&self) -> u64 {
        self.sums.last().map_or(0, |(_, sum)| *sum)
    }

    /// Returns how many waits are in a bucket or a shorter one.
    fn up_to(&self, bucket: usize) -> u64 {
        let place = self.sums.partition_point(|(other, _)| *other <= bucket);
        place.checked_sub(1).map_or(0, |place| self.sums[place].1)
    }

    /// Returns, for each share in hundredths, the smallest wait in seconds that at least this share does not exceed;
    /// `None` where no wait is left. The counts of `without`, part of this, are left out.
    pub(crate) fn quantiles<const N: usize>(
        &self,
        percents: [u64; N],
        without: &Self,
    ) -> Option<[f64; N]> {
        let total = self.total() - without.total();
        if total == 0 {
            return None;
        }
        let left = |(bucket, sum): &(usize, u64)| sum - without.up_to(*bucket);
        Some(percents.map(|percent| {
            let rank = (total * percent).div_ceil(100).max(1);
            let place = self.sums.partition_point(|entry| left(entry) < rank);
            let below = place.checked_sub(1).map_or(0, |place| left(&self.sums[place]));
            let found = &self.sums[place];
            within(found.0, rank - below, left(found) - below) / 1e6
        }))
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
            let (low, high) = ends(bucket(wait));
            prop_assert!(low <= wait && wait <= high);
            prop_assert!((high - low) as f64 <= wait as f64 * 0.002, "{wait}: {low} to {high}");
            prop_assert!(bucket(wait) < 1 << 15);
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
                let left = of(&waits[..cut]).sparse().cumulated();
                let left = left.quantiles([50, 99], &Cumulated::default());
                let right = right.cumulated();
                prop_assert_eq!(sparse.cumulated().quantiles([50, 99], &right), left);
            }
            waits.sort_unstable();
            let cumulated = sparse.cumulated();
            let found = cumulated.quantiles([50, 90, 95, 99], &Cumulated::default()).expect("waits");
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
        let sparse = of(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 30_000_000]).sparse().cumulated();
        let zero = Cumulated::default();
        assert_eq!(sparse.quantiles([50, 90], &zero), Some([0.0, 0.0]));
        assert!(sparse.quantiles([95], &zero).expect("waits")[0] > 29.9);
        assert_eq!(zero.quantiles([50], &Cumulated::default()), None);
    }

    #[test]
    fn removing_takes_back_an_addition() {
        let mut histogram = of(&[5, 70_000, 3_000_000]);
        histogram.remove(70_000);
        assert_eq!(histogram.sparse(), of(&[5, 3_000_000]).sparse());
    }
}

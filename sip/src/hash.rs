//! Tables keyed by numbers of our own making, or hashed already.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

/// A table whose keys no stranger can choose: ids, socket numbers, random tags.
///
/// What strangers choose (branches, Call-IDs) is hashed under a secret before it comes here; a multiplication is enough
/// then, and a call looks up ten times.
pub(crate) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Fold>>;

/// Folds words by multiplication (Knuth's constant), and once more in the end.
#[derive(Default)]
pub(crate) struct Fold(u64);

const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(ODD);
    }

    fn finish(&self) -> u64 {
        // The table takes its place from the low bits and its mark from the high ones.
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hash::BuildHasher as _;
    use std::collections::HashSet;

    #[test]
    fn neighbours_and_random_tags_are_spread() {
        let hasher = BuildHasherDefault::<Fold>::default();
        let low = |keys: &mut dyn Iterator<Item = u64>| -> usize {
            keys.map(|key| hasher.hash_one(key) & 0xfff).collect::<HashSet<_>>().len()
        };
        // 4096 keys in 4096 places: a random function fills 63 %.
        assert!(low(&mut (0..4096)) > 2300);
        assert!(low(&mut (0..4096).map(|key| key << 32)) > 2300);
        assert!(low(&mut (0..4096_u64).map(|key| key.wrapping_mul(0xBF58_476D_1CE4_E5B9))) > 2300);
    }
}

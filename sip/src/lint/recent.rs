//! What is remembered across calls, bounded: branches, tags, nonces, registrations.

use std::collections::{BTreeMap, VecDeque};

use super::limits::REMEMBERED_MAX;

/// A map that forgets its oldest entry when it is full.
#[derive(Debug)]
pub(super) struct Recent<V> {
    values: BTreeMap<Vec<u8>, V>,
    order: VecDeque<Vec<u8>>,
}

/// Everything that is compared between calls.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Branch of a request → its Call-ID.
    pub(super) branches: Recent<Vec<u8>>,
    /// Tag → the Call-ID it was made for.
    pub(super) tags: Recent<Vec<u8>>,
    /// Realm and nonce of a challenge → the highest nonce count that used it.
    pub(super) nonces: Recent<u32>,
    /// Address of record and contact → the Call-ID of its REGISTERs.
    pub(super) registrations: Recent<Vec<u8>>,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<V> Recent<V> {
    pub(super) fn get(&self, key: &[u8]) -> Option<&V> {
        self.values.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &[u8]) -> Option<&mut V> {
        self.values.get_mut(key)
    }

    pub(super) fn insert(&mut self, key: Vec<u8>, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
            if self.order.len() > REMEMBERED_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.values.remove(&oldest);
            }
        }
    }

    /// Keeps the first value.
    pub(super) fn insert_new(&mut self, key: &[u8], value: impl FnOnce() -> V) {
        if !self.values.contains_key(key) {
            self.insert(key.to_vec(), value());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut recent = Recent::default();
        for number in 0..=REMEMBERED_MAX {
            recent.insert(number.to_string().into_bytes(), number);
        }
        assert_eq!(recent.get(b"0"), None);
        assert_eq!(recent.get(b"1"), Some(&1));
    }
}

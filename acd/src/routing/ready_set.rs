//! A set of ready seats by number that finds the next seat after a given one, and the n-th of all, without a scan.

/// A Fenwick tree over the seats: counts of ready ones, so that both questions take the logarithm of the seats.
#[derive(Debug, Default)]
pub(super) struct ReadySet {
    tree: Vec<u32>,
    ready: Vec<bool>,
    count: u32,
}

impl ReadySet {
    /// Adds a seat that is not ready.
    pub(super) fn join(&mut self) {
        self.ready.push(false);
        // Rebuilt from the flags: appending to a Fenwick tree needs the sums below the new node.
        let node = self.ready.len();
        let below = node & node.wrapping_neg();
        let sum = (node - below..node).filter(|seat| self.ready[*seat]).count();
        self.tree.push(sum as u32);
    }

    /// Returns how many seats are ready.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Marks a seat ready or not.
    pub(super) fn set(&mut self, seat: u32, is_ready: bool) {
        if self.ready[seat as usize] == is_ready {
            return;
        }
        self.ready[seat as usize] = is_ready;
        let step = if is_ready { 1 } else { u32::MAX };
        self.count = self.count.wrapping_add(step);
        let mut node = seat as usize + 1;
        while node <= self.tree.len() {
            self.tree[node - 1] = self.tree[node - 1].wrapping_add(step);
            node += node & node.wrapping_neg();
        }
    }

    /// Returns how many ready seats come before this one.
    pub(super) fn before(&self, seat: u32) -> u32 {
        let mut node = (seat as usize).min(self.tree.len());
        let mut sum = 0;
        while node > 0 {
            sum += self.tree[node - 1];
            node &= node - 1;
        }
        sum
    }

    /// Returns the ready seat with this many ready seats before it.
    pub(super) fn nth(&self, n: u32) -> Option<u32> {
        if n >= self.count {
            return None;
        }
        let (mut node, mut left) = (0, n);
        let mut step = self.tree.len().next_power_of_two();
        while step > 0 {
            let next = node + step;
            if next <= self.tree.len() && self.tree[next - 1] <= left {
                left -= self.tree[next - 1];
                node = next;
            }
            step /= 2;
        }
        Some(node as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nth_and_before_agree_with_a_plain_list() {
        let mut set = ReadySet::default();
        let mut plain: Vec<u32> = Vec::new();
        for seat in 0..67_u32 {
            set.join();
            if seat % 3 != 1 {
                set.set(seat, true);
                plain.push(seat);
            }
        }
        set.set(9, false);
        plain.retain(|seat| *seat != 9);
        for (n, seat) in plain.iter().enumerate() {
            assert_eq!(set.nth(n as u32), Some(*seat));
            assert_eq!(set.before(*seat), n as u32);
        }
        assert_eq!(set.nth(plain.len() as u32), None);
    }
}

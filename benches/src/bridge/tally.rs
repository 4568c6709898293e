//! Counting packets and delays.

/// Delays of one kind. Unit: microseconds.
#[derive(Debug, Clone, Default)]
pub struct Delays(Vec<u32>);

impl Delays {
    /// Makes room for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Adds one.
    pub fn add(&mut self, micros: u64) {
        self.0.push(u32::try_from(micros).unwrap_or(u32::MAX));
    }

    /// The delay that the share `q` of all does not exceed; `None` of none. Unit: milliseconds.
    pub fn quantile(&mut self, q: f64) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        let at = (last as f64 * q.clamp(0.0, 1.0)).round() as usize;
        let (_, value, _) = self.0.select_nth_unstable(at);
        Some(f64::from(*value) / 1000.0)
    }
}

/// Which packets of each stream came, each counted once.
#[derive(Debug, Clone)]
pub struct Arrivals {
    came: Vec<bool>,
    packets: usize,
    /// Packets that came.
    pub received: u64,
    /// Packets that came again.
    pub doubled: u64,
}

impl Arrivals {
    /// Expects so many packets of each of so many streams.
    pub fn new(streams: usize, packets: usize) -> Self {
        Self { came: vec![false; streams * packets], packets, received: 0, doubled: 0 }
    }

    /// Counts a packet; returns whether it is the first of its name.
    pub fn count(&mut self, stream: usize, packet: usize) -> bool {
        let at = stream * self.packets + packet;
        let Some(came) = self.came.get_mut(at).filter(|_| packet < self.packets) else {
            return false;
        };
        let is_first = !std::mem::replace(came, true);
        self.received += u64::from(is_first);
        self.doubled += u64::from(!is_first);
        is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_what_was_added() {
        let mut delays = Delays::default();
        assert_eq!(delays.quantile(0.5), None);
        (0..=100).rev().for_each(|n| delays.add(n * 1000));
        assert_eq!(delays.quantile(0.5), Some(50.0));
        assert_eq!(delays.quantile(0.99), Some(99.0));
        assert_eq!(delays.quantile(1.0), Some(100.0));
    }

    #[test]
    fn a_packet_counts_once_and_a_stranger_never() {
        let mut arrivals = Arrivals::new(2, 3);
        assert!(arrivals.count(1, 2) && !arrivals.count(1, 2));
        assert!(!arrivals.count(0, 3) && !arrivals.count(2, 0));
        assert_eq!((arrivals.received, arrivals.doubled), (1, 1));
    }
}

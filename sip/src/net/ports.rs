//! Ports for RTP, an even one and the odd one above it for RTCP (RFC 3550 §11).

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use super::udp::{Udp, UdpOptions};

/// The ports media may use, such as `20000-29999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    first: u16,
    last: u16,
}

/// Why a text is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a range of ports such as `20000-29999` with at least one even-odd pair")]
pub struct BadPortRange(String);

impl FromStr for PortRange {
    type Err = BadPortRange;

    fn from_str(text: &str) -> Result<Self, BadPortRange> {
        let read = || {
            let (first, last) = text.split_once('-')?;
            let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            Some(Self { first, last }).filter(|range| range.first > 0 && range.pairs() > 0)
        };
        read().ok_or_else(|| BadPortRange(text.to_owned()))
    }
}

impl PortRange {
    /// How many pairs lie in it: legs with media at a time.
    pub fn pairs(self) -> usize {
        self.even_ports().count()
    }

    fn even_ports(self) -> impl Iterator<Item = u16> {
        let first = u32::from(self.first).next_multiple_of(2);
        let even = (first..u32::from(self.last)).step_by(2);
        even.map(|port| u16::try_from(port).expect("below the last port"))
    }
}

/// No pair is free: the call is refused, nothing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortsExhausted {
    /// All pairs are ours and in use.
    #[error("all {0} port pairs are in use")]
    InUse(usize),
    /// Every pair that we do not use is somebody else's, or cannot be opened.
    #[error("no free port pair can be opened: {0}")]
    Foreign(io::ErrorKind),
}

/// Hands out pairs of media sockets. A pair comes back by itself when it is dropped.
#[derive(Debug)]
pub struct PortPool {
    ip: IpAddr,
    options: UdpOptions,
    pairs: usize,
    free: Arc<Mutex<VecDeque<u16>>>,
}

/// Two sockets on neighbouring ports.
#[derive(Debug)]
pub struct PortPair {
    /// Media; on an even port.
    pub rtp: Udp,
    /// Control, one port above.
    pub rtcp: Udp,
    lease: Lease,
}

impl PortPair {
    /// The even port.
    pub fn port(&self) -> u16 {
        self.lease.port
    }
}

/// Gives the port back, after the sockets, which are fields before it, are closed.
#[derive(Debug)]
struct Lease {
    port: u16,
    free: Arc<Mutex<VecDeque<u16>>>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.port);
    }
}

impl PortPool {
    /// Makes a pool of the pairs in a range on one of our addresses; opens nothing yet.
    pub fn new(ip: IpAddr, range: PortRange, options: UdpOptions) -> Self {
        let free: VecDeque<u16> = range.even_ports().collect();
        Self { ip, options, pairs: free.len(), free: Arc::new(Mutex::new(free)) }
    }

    /// Opens a pair; the one free for longest, so that late packets of an old call find nobody.
    ///
    /// # Errors
    /// [`PortsExhausted`] when none is free. Pairs that another program holds are passed over.
    pub fn take(&self) -> Result<PortPair, PortsExhausted> {
        let tries = self.lock().len();
        let mut why = PortsExhausted::InUse(self.pairs);
        for _ in 0..tries {
            let Some(port) = self.lock().pop_front() else { break };
            // From here on the port comes back by itself, also when opening fails.
            let lease = Lease { port, free: Arc::clone(&self.free) };
            let open = |port| Udp::bind(SocketAddr::new(self.ip, port), &self.options);
            match open(port).and_then(|rtp| Ok((rtp, open(port + 1)?))) {
                Ok((rtp, rtcp)) => return Ok(PortPair { rtp, rtcp, lease }),
                Err(error) => why = PortsExhausted::Foreign(error.kind()),
            }
        }
        Err(why)
    }

    /// How many pairs are out.
    pub fn in_use(&self) -> usize {
        self.pairs - self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<u16>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> PortRange {
        text.parse().expect("a range")
    }

    #[test]
    fn only_whole_pairs_count() {
        for (text, pairs) in [
            ("20000-29999", 5000),
            ("20000-20001", 1),
            ("20001-20003", 1),
            ("20001-20004", 1),
            ("65534-65535", 1),
            ("1-65535", 32_767),
        ] {
            assert_eq!(range(text).pairs(), pairs, "{text}");
        }
        for text in ["", "20000", "20000-", "20001-20002", "20010-20000", "0-9", "1-65536", "a-b"] {
            assert!(text.parse::<PortRange>().is_err(), "{text}");
        }
    }
}

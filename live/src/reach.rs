//! Whom the program may send anything to: one policy for signalling and audio (DESIGN §7, Reach).

use sip::{Duration, Instant};
use std::net::IpAddr;
use std::sync::Arc;

/// Which addresses may be reached. Loopback always; more only when told.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Private networks (RFC 1918, RFC 4193, link-local), too.
    pub allow_private: bool,
    /// Single hosts that are allowed by name on the command line.
    pub hosts: Vec<IpAddr>,
}

impl Policy {
    /// Returns whether something may be sent there.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_private = match address {
            IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
        };
        address.is_loopback()
            || (self.allow_private && is_private)
            || self.hosts.iter().any(|host| host.to_canonical() == address)
    }
}

/// The most that may be sent out, unless a flag lifts it.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// INVITEs per second.
    pub dials_per_second: u32,
    /// Calls of ours at once.
    pub dialled: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { dials_per_second: 50, dialled: 200 }
    }
}

/// Why something is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// The address is out of reach.
    Address,
    /// Too many INVITEs in this second.
    Rate,
    /// Too many calls of ours at once.
    Calls,
}

/// The guard of everything that goes out.
#[derive(Debug)]
pub(crate) struct Reach {
    policy: Arc<Policy>,
    caps: Caps,
    /// INVITEs that may still be sent now, in millionths of one: a bucket of one second's worth.
    tokens: u64,
    filled: Instant,
    dialled: u32,
}

const TOKEN: u64 = 1_000_000;

impl Reach {
    pub(crate) fn new(policy: Arc<Policy>, caps: Caps) -> Self {
        let tokens = u64::from(caps.dials_per_second) * TOKEN;
        Self { policy, caps, tokens, filled: Instant::default(), dialled: 0 }
    }

    /// Which addresses may be reached.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Asks to send an INVITE; counts it as one of ours until [`Self::hung_up`].
    ///
    /// # Errors
    /// Why it may not be sent.
    pub(crate) fn dial(&mut self, now: Instant, to: IpAddr) -> Result<(), Barred> {
        if !self.policy.allows(to) {
            return Err(Barred::Address);
        }
        if self.dialled >= self.caps.dialled {
            return Err(Barred::Calls);
        }
        self.fill(now);
        self.tokens = self.tokens.checked_sub(TOKEN).ok_or(Barred::Rate)?;
        self.dialled += 1;
        Ok(())
    }

    /// One of our calls is over.
    pub(crate) fn hung_up(&mut self) {
        debug_assert!(self.dialled > 0, "every call that ends was dialled");
        self.dialled = self.dialled.saturating_sub(1);
    }

    /// How many calls of ours there are.
    pub(crate) fn dialled(&self) -> u32 {
        self.dialled
    }

    fn fill(&mut self, now: Instant) {
        let since = now.saturating_since(self.filled).min(Duration::from_secs(1));
        let micros = u64::try_from(since.as_micros()).expect("a second at most");
        let rate = u64::from(self.caps.dials_per_second);
        self.tokens = (self.tokens + micros * rate).min(rate * TOKEN);
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(policy: Policy) -> Reach {
        Reach::new(Arc::new(policy), Caps { dials_per_second: 2, dialled: 3 })
    }

    fn at(seconds: u64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_loopback_is_reached_unless_told_otherwise() {
        let loopback = Policy::default();
        for good in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(loopback.allows(address(good)), "{good}");
        }
        for bad in ["10.0.0.1", "0.0.0.0", "::", "8.8.8.8", "169.254.1.1", "::ffff:10.0.0.1"] {
            assert!(!loopback.allows(address(bad)), "{bad}");
        }
        let private = Policy { allow_private: true, hosts: Vec::new() };
        for good in ["10.0.0.1", "172.16.0.1", "192.168.1.1", "fd00::1", "fe80::1"] {
            assert!(private.allows(address(good)), "{good}");
        }
        assert!(!private.allows(address("8.8.8.8")) && !private.allows(address("2001:db8::1")));
        let named = Policy { allow_private: false, hosts: vec![address("8.8.8.8")] };
        assert!(named.allows(address("8.8.8.8")) && !named.allows(address("8.8.4.4")));
    }

    #[test]
    fn calls_are_capped_by_second_and_in_all() {
        let mut reach = reach(Policy::default());
        let home = address("127.0.0.1");
        assert_eq!(reach.dial(at(1), address("8.8.8.8")), Err(Barred::Address));
        assert_eq!([(); 3].map(|()| reach.dial(at(1), home)), [Ok(()), Ok(()), Err(Barred::Rate)]);
        assert_eq!(reach.dial(at(2), home), Ok(()));
        assert_eq!(reach.dial(at(3), home), Err(Barred::Calls));
        reach.hung_up();
        assert_eq!(reach.dial(at(3), home), Ok(()));
        assert_eq!(reach.dialled(), 3);
    }
}

//! Where RTP may go: to nobody who did not prove that he is there.
//!
//! A description can name any address. Who sends audio there without asking can be made a weapon
//! against a third party (RFC 3261 §26.1, RFC 5245 §18.5.1 "voice hammer"). So nothing is sent until
//! the address is proven in one of two ways: it is the one the signalling comes from and our 2xx
//! was acknowledged, which only the true owner can do; or a packet came from an address that the
//! policy of addresses allows. The first packet decides for good, until a new description.

use core::net::{IpAddr, SocketAddr};

/// The proof of one leg's remote address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressProof {
    /// Where the leg's SIP messages come from.
    signalling: IpAddr,
    described: Option<SocketAddr>,
    is_acknowledged: bool,
    latched: Option<SocketAddr>,
    counts: Refusals,
}

/// What a packet's source address means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// From the address that is latched.
    Known,
    /// The first since the description: its source is latched now.
    Latched,
    /// From elsewhere, or from where nobody may be: to be dropped.
    Refused,
}

/// Packets that were dropped, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refusals {
    /// From another address than the latched one.
    pub not_latched: u64,
    /// From an address the policy does not allow, or to which nothing can be sent.
    pub not_allowed: u64,
}

impl AddressProof {
    /// Begins for a leg whose SIP messages come from `signalling`; nothing is proven.
    pub fn new(signalling: IpAddr) -> Self {
        Self {
            signalling: signalling.to_canonical(),
            described: None,
            is_acknowledged: false,
            latched: None,
            counts: Refusals::default(),
        }
    }

    /// Takes the peer's session description, first or later; `None` when it receives nothing.
    ///
    /// A description that names the same address changes nothing: refreshes do not interrupt a
    /// call. Another one opens the latch.
    pub fn describe(&mut self, address: Option<SocketAddr>) {
        let address = address.map(canonical);
        if self.described != address {
            self.described = address;
            self.latched = None;
        }
    }

    /// Our 2xx was acknowledged, or the peer's 2xx answered a request that only it saw.
    pub fn acknowledge(&mut self) {
        self.is_acknowledged = true;
    }

    /// Takes the source of a packet; `is_allowed` is what the policy of addresses says to it.
    pub fn receive(&mut self, from: SocketAddr, is_allowed: bool) -> Heard {
        let from = canonical(from);
        if let Some(latched) = self.latched {
            if latched == from {
                return Heard::Known;
            }
            self.counts.not_latched += 1;
            return Heard::Refused;
        }
        // A raw sender can claim port 0 or no address; nothing could ever be sent there.
        if !is_allowed || from.port() == 0 || from.ip().is_unspecified() {
            self.counts.not_allowed += 1;
            return Heard::Refused;
        }
        // Once signalling proved a host, only its port may differ from the description.
        if self.proven_by_signalling().is_some_and(|proven| proven.ip() != from.ip()) {
            self.counts.not_latched += 1;
            return Heard::Refused;
        }
        self.latched = Some(from);
        Heard::Latched
    }

    /// Where RTP goes: `None` until an address is proven.
    pub fn target(&self) -> Option<SocketAddr> {
        self.latched.or_else(|| self.proven_by_signalling())
    }

    /// Packets dropped so far.
    pub fn refusals(&self) -> Refusals {
        self.counts
    }

    fn proven_by_signalling(&self) -> Option<SocketAddr> {
        let is_there =
            |address: &SocketAddr| address.ip() == self.signalling && address.port() != 0;
        self.described.filter(is_there).filter(|_| self.is_acknowledged)
    }
}

/// An IPv4 address as such, also when a socket for both families reports it mapped.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("address")
    }

    fn leg() -> AddressProof {
        AddressProof::new("192.0.2.1".parse().expect("address"))
    }

    #[test]
    fn the_signalling_address_is_proven_by_the_acknowledgement() {
        let mut proof = leg();
        proof.describe(Some(address("192.0.2.1:4000")));
        assert_eq!(proof.target(), None, "not as early media");
        proof.acknowledge();
        assert_eq!(proof.target(), Some(address("192.0.2.1:4000")));
    }

    #[test]
    fn a_third_address_gets_nothing_until_it_spoke() {
        let mut proof = leg();
        proof.describe(Some(address("198.51.100.7:4000")));
        proof.acknowledge();
        assert_eq!(proof.target(), None);
        assert_eq!(proof.receive(address("198.51.100.7:4000"), false), Heard::Refused);
        assert_eq!(proof.target(), None);
        assert_eq!(proof.receive(address("198.51.100.7:4000"), true), Heard::Latched);
        assert_eq!(proof.target(), Some(address("198.51.100.7:4000")));
    }

    #[test]
    fn the_first_packet_decides_and_no_later_one() {
        let mut proof = leg();
        proof.describe(Some(address("192.0.2.1:4000")));
        proof.acknowledge();
        assert_eq!(proof.receive(address("192.0.2.1:4002"), true), Heard::Latched);
        assert_eq!(proof.receive(address("192.0.2.1:4000"), true), Heard::Refused);
        assert_eq!(proof.receive(address("192.0.2.1:4002"), true), Heard::Known);
        assert_eq!(proof.target(), Some(address("192.0.2.1:4002")));
        assert_eq!(proof.refusals().not_latched, 1);
    }

    #[test]
    fn a_host_proven_by_signalling_cannot_be_taken_over() {
        let mut proof = leg();
        proof.describe(Some(address("192.0.2.1:4000")));
        proof.acknowledge();
        assert_eq!(proof.receive(address("203.0.113.5:4000"), true), Heard::Refused);
        assert_eq!(proof.target(), Some(address("192.0.2.1:4000")));
    }

    #[test]
    fn a_new_description_opens_the_latch_and_a_refresh_does_not() {
        let mut proof = leg();
        proof.describe(Some(address("192.0.2.1:4000")));
        proof.acknowledge();
        proof.receive(address("192.0.2.1:4000"), true);
        proof.describe(Some(address("192.0.2.1:4000")));
        assert_eq!(proof.receive(address("192.0.2.1:5000"), true), Heard::Refused);
        proof.describe(Some(address("192.0.2.1:5000")));
        assert_eq!(proof.receive(address("192.0.2.1:5000"), true), Heard::Latched);
        proof.describe(None);
        assert_eq!(proof.target(), None, "on hold nothing is sent");
    }

    #[test]
    fn nobody_lives_at_port_zero() {
        let mut proof = leg();
        assert_eq!(proof.receive(address("192.0.2.1:0"), true), Heard::Refused);
        assert_eq!(proof.receive(address("0.0.0.0:9"), true), Heard::Refused);
        proof.describe(Some(address("192.0.2.1:0")));
        proof.acknowledge();
        assert_eq!(proof.target(), None);
        assert_eq!(proof.refusals().not_allowed, 2);
    }

    #[test]
    fn mapped_addresses_are_the_same_host() {
        let mut proof = AddressProof::new("::ffff:192.0.2.1".parse().expect("address"));
        proof.describe(Some(address("192.0.2.1:4000")));
        proof.acknowledge();
        assert_eq!(proof.receive(address("[::ffff:192.0.2.1]:4000"), true), Heard::Latched);
        assert_eq!(proof.target(), Some(address("192.0.2.1:4000")));
    }
}

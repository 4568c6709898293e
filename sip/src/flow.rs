//! Where a message came from and where one goes.

use core::net::{IpAddr, SocketAddr};

use crate::message::Via;

/// What carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Datagrams; may be lost, doubled and overtaken.
    Udp,
    /// A connection.
    Tcp,
    /// An encrypted connection.
    Tls,
}

impl Transport {
    /// Whether the transport itself repeats what is lost: SIP's retransmissions are then off.
    pub fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls => true,
        }
    }

    /// The name in a Via.
    pub fn text(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// A path to a peer: one of our sockets and an address.
///
/// Requests to a registered phone go by the flow that registered, so NATs let them through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// What carries it.
    pub transport: Transport,
    /// Which of our sockets or connections; the number is the caller's.
    pub socket: u32,
    /// The peer.
    pub remote: SocketAddr,
}

impl Flow {
    /// Where the response to a request goes that came by this flow (RFC 3261 §18.2.2, RFC 3581 §4).
    ///
    /// A connection is answered on itself. A datagram is answered to its source address: at its
    /// source port when the client asked by `rport`, else at the port of its Via. `maddr` is not
    /// followed: it would let a stranger aim our answers at a third party.
    pub fn for_response(self, via: &Via<'_>) -> Self {
        const DEFAULT_PORT: u16 = 5060;
        if self.transport.is_reliable() || via.asks_rport() {
            return self;
        }
        let ip: IpAddr = self.remote.ip();
        Self { remote: SocketAddr::new(ip, via.port.unwrap_or(DEFAULT_PORT)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_go_to_the_source_address_never_elsewhere() {
        let flow = |transport| Flow {
            transport,
            socket: 1,
            remote: "192.0.2.9:40000".parse().expect("address"),
        };
        let to = |transport, via: &'static str| {
            let via = Via::parse(via.as_bytes()).expect("good");
            flow(transport).for_response(&via).remote.to_string()
        };
        assert_eq!(to(Transport::Udp, "SIP/2.0/UDP 10.0.0.1:5070;rport"), "192.0.2.9:40000");
        assert_eq!(to(Transport::Udp, "SIP/2.0/UDP 10.0.0.1:5070"), "192.0.2.9:5070");
        assert_eq!(to(Transport::Udp, "SIP/2.0/UDP a;maddr=224.0.0.1"), "192.0.2.9:5060");
        assert_eq!(to(Transport::Tcp, "SIP/2.0/TCP 10.0.0.1:5070"), "192.0.2.9:40000");
    }
}

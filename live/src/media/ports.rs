//! Where audio arrives: ports are taken for a leg and given back when it is over.

use std::net::{IpAddr, SocketAddr};

/// A port for the audio of one leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Port {
    /// The number by which the giver knows it.
    pub number: u32,
    /// Its address as peers reach it.
    pub address: SocketAddr,
}

/// Gives ports; the shell binds sockets, a test counts.
pub trait Ports: Send {
    /// Takes a port on the address family of a peer; `None` when there is none left.
    fn take(&mut self, peer: IpAddr) -> Option<Port>;
    /// Gives a port back.
    fn give_back(&mut self, port: Port);
    /// Returns how many are taken.
    fn taken(&self) -> usize;
}

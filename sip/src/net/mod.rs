//! Sockets, waiting and the clock: the only room of this crate that touches the world.
//!
//! Made for one thread that owns its sockets and goes round one loop:
//!
//! ```no_run
//! use sip::net::{Clock, Inbox, Interest, Outbox, Poller, Ready, Token, Udp, UdpOptions};
//!
//! # fn main() -> std::io::Result<()> {
//! let clock = Clock::start();
//! let mut udp = Udp::bind("127.0.0.1:5060".parse().expect("address"), &UdpOptions::default())?;
//! let mut poller = Poller::new()?;
//! poller.add(&udp, Token(0), Interest::Read)?;
//! let (mut inbox, mut outbox) = (Inbox::new(64, 65_536), Outbox::new(1 << 20));
//! let mut ready: Vec<Ready> = Vec::new();
//! loop {
//!     let until = udp.next_timeout(); // and the protocol's, whichever is earlier
//!     poller.wait(&clock, until, &mut ready)?;
//!     let received = udp.receive(&clock, &mut inbox, 64)?;
//!     for datagram in inbox.iter_mut() {
//!         outbox.push(datagram.from, &[datagram.bytes]);
//!     }
//!     poller.drained(clock.now(), received);
//!     udp.flush(&clock, &mut outbox);
//! }
//! # }
//! ```
//!
//! What was measured decides the shape: recvmmsg and sendmmsg gained 6 % over one call a packet, but
//! waking up less often halved the cost, so [`Poller`] sleeps a moment before it drains when packets
//! are many, and [`Udp`] takes the moment of arrival from the kernel, so that this sleep shows in no
//! figure.
//!
//! Linux only: the kernel's receive times and overflow counts, and epoll, come from `nix`. There is
//! no `unsafe` here.

mod clock;
mod dropper;
mod files;
mod poller;
mod ports;
mod tcp;
mod udp;

pub use clock::Clock;
pub use dropper::{BadDropPlan, DropPlan};
pub use files::raise_file_limit;
pub use poller::{Interest, Poller, Ready, Token, Waker};
pub use ports::{BadPortRange, PortPair, PortPool, PortRange, PortsExhausted};
pub use tcp::{Closed, ConnectionId, Tcp, TcpLimits, TcpRefused, Why};
pub use udp::{Datagram, Flushed, Inbox, Outbox, Udp, UdpCounts, UdpOptions};

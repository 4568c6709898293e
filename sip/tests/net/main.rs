//! Sockets on loopback: one test per behaviour that needs one.

mod tcp;
mod udp;
mod waiting;

use std::net::SocketAddr;

use sip::net::{Clock, Poller, Ready};

/// A free port of loopback.
fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().expect("address")
}

/// Waits for something to be ready; a test that hangs here fails after ten seconds.
fn wait(poller: &mut Poller, clock: &Clock) -> Vec<Ready> {
    let mut ready = Vec::new();
    let until = clock.now() + sip::Duration::from_secs(10);
    poller.wait(clock, Some(until), &mut ready).expect("a poller");
    assert!(!ready.is_empty(), "nothing came in ten seconds");
    ready
}

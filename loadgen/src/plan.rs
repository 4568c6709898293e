//! What is asked of a run, put together once and shared by all threads.

use crate::media::Voices;
use live::reach::Policy;
use scenarios::Traffic;
use sip::Duration;
use sip::flow::Transport;
use sip::message::{Host, Uri};
use std::net::{IpAddr, SocketAddr};

/// Where calls go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The Request-URI.
    pub uri: String,
    /// Host and port as they stand in URIs.
    pub authority: String,
    /// Where messages are sent.
    pub address: SocketAddr,
    /// How.
    pub transport: Transport,
}

/// Why a text is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is not a SIP URI.
    #[error("`{0}` is no SIP URI; expected one such as `sip:100@127.0.0.1:5060`")]
    NotSip(String),
    /// It asks for a transport that is not spoken here.
    #[error("transport `{0}` is not spoken; expected `udp` or `tcp`")]
    Transport(String),
    /// The host has no address.
    #[error("the host `{0}` has no address")]
    NoAddress(String),
    /// Its address is out of reach.
    #[error("{0} is not loopback: load goes out only where you say so")]
    OutOfReach(IpAddr),
}

impl Target {
    /// Reads a target and holds it against the policy; `resolve` looks a host's name up.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn read(
        text: &str,
        policy: &Policy,
        resolve: &mut dyn FnMut(&str) -> Option<IpAddr>,
    ) -> Result<Self, TargetError> {
        let text = text.trim();
        let full = if text.starts_with("sip:") { text.to_owned() } else { format!("sip:{text}") };
        let not_sip = || TargetError::NotSip(text.to_owned());
        let parsed = Uri::parse(full.as_bytes()).map_err(|_| not_sip())?;
        let uri = parsed.as_sip().ok_or_else(not_sip)?;
        let named = uri.params.get(b"transport").map(|name| name.to_ascii_lowercase());
        let transport = match named.as_deref() {
            None | Some(b"udp") => Transport::Udp,
            Some(b"tcp") => Transport::Tcp,
            Some(other) => {
                return Err(TargetError::Transport(String::from_utf8_lossy(other).into_owned()));
            }
        };
        let ip = match uri.host {
            Host::Address(ip) => ip,
            Host::Name(name) => {
                let name = String::from_utf8_lossy(name);
                resolve(&name).ok_or_else(|| TargetError::NoAddress(name.into_owned()))?
            }
        };
        if !policy.allows(ip) {
            return Err(TargetError::OutOfReach(ip));
        }
        let address = SocketAddr::new(ip, uri.port.unwrap_or(5060));
        let mut authority = Vec::new();
        sip::write::host_port(&uri.host, uri.port, &mut authority);
        let authority = String::from_utf8_lossy(&authority).into_owned();
        Ok(Self { uri: full, authority, address, transport })
    }
}

/// A run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is sent, and when.
    pub traffic: Traffic,
    /// Where to.
    pub target: Target,
    /// How long calls are started.
    pub length: Duration,
    /// How many calls are started at most; `None`: as many as are due.
    pub calls: Option<u64>,
    /// Most calls at once, over all threads.
    pub calls_max: usize,
    /// How many threads there are.
    pub shards: usize,
    /// What answers a challenge when the account's password is kept outside.
    pub password: Option<Vec<u8>>,
    /// Whom audio may be sent to.
    pub policy: Policy,
    /// What calls can be heard with.
    pub voices: Voices,
    /// The first and the last port for audio, shared out among the threads.
    pub audio_ports: (u16, u16),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Target, TargetError> {
        let mut resolve =
            |name: &str| (name == "localhost").then_some(IpAddr::from([127, 0, 0, 1]));
        Target::read(text, &Policy::default(), &mut resolve)
    }

    #[test]
    fn targets_are_sip_uris_with_or_without_their_scheme() {
        let target = read("sip:100@127.0.0.1:5070").expect("a target");
        assert_eq!(target.uri, "sip:100@127.0.0.1:5070");
        assert_eq!(
            (target.authority.as_str(), target.transport),
            ("127.0.0.1:5070", Transport::Udp)
        );
        let target = read("localhost;transport=tcp").expect("a target");
        assert_eq!(target.uri, "sip:localhost;transport=tcp");
        assert_eq!(target.address.to_string(), "127.0.0.1:5060");
        assert_eq!(target.transport, Transport::Tcp);
        assert_eq!(read("[::1]:5060").expect("a target").authority, "[::1]:5060");
    }

    #[test]
    fn what_is_no_target_is_refused_with_the_reason() {
        assert_eq!(read("tel:+491"), Err(TargetError::NotSip("tel:+491".to_owned())));
        assert_eq!(read("sip:a@b;transport=sctp"), Err(TargetError::Transport("sctp".to_owned())));
        assert_eq!(
            read("sip:nowhere.example"),
            Err(TargetError::NoAddress("nowhere.example".into()))
        );
        assert_eq!(read("192.0.2.1"), Err(TargetError::OutOfReach(IpAddr::from([192, 0, 2, 1]))));
        assert_eq!(read("10.0.0.1"), Err(TargetError::OutOfReach(IpAddr::from([10, 0, 0, 1]))));
    }
}

//! What only the live switch needs; a simulation ignores it.

use acd::{Duration, GroupId};
use core::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// `[live]`: how real calls are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// When a call is answered.
    pub answer: Answer,
    /// Codecs, the preferred one first; never empty, none twice.
    pub codecs: Vec<Codec>,
    /// Ports for media; at least one pair, the first even.
    pub rtp_ports: RangeInclusive<u16>,
    /// How long a call may go without media before it is taken for dead.
    pub media_timeout: Duration,
    /// Session timer offered (RFC 4028); at least 90 s.
    pub session_expires: Duration,
    /// Shortest and longest registration granted.
    pub registration: (Duration, Duration),
    /// Named agents, in file order; their extensions differ.
    pub agents: Vec<LiveAgent>,
    /// Trunks, in file order.
    pub trunks: Vec<LiveTrunk>,
    /// Certificate and key for TLS.
    pub tls: Option<Tls>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            answer: Answer::default(),
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            rtp_ports: RTP_PORTS,
            media_timeout: Duration::from_secs(30),
            session_expires: Duration::from_secs(30 * 60),
            registration: (Duration::from_secs(30), Duration::from_secs(3600)),
            agents: Vec::new(),
            trunks: Vec::new(),
            tls: None,
        }
    }
}

/// Ports for media unless the file says otherwise.
pub(crate) const RTP_PORTS: RangeInclusive<u16> = 20_000..=29_999;

/// When a call is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// When it arrives.
    #[default]
    AtOnce,
    /// Media flow before the answer (183), which comes with the agent.
    Early,
    /// The caller hears ringing until an agent answers.
    AtAgent,
}

/// A codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
}

/// A named member of a group with a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveAgent {
    /// The name.
    pub name: String,
    /// The group.
    pub group: GroupId,
    /// The user name of the telephone's registration.
    pub extension: String,
    /// Where the password is.
    pub password: Secret,
    /// The digest's algorithm.
    pub digest: Digest,
    /// How often the telephone is asked whether it is there; `None`: never.
    pub keep_alive: Option<Duration>,
}

/// Where a secret is found; scenario files hold none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// A variable of the environment.
    Environment(String),
    /// A file, relative to the folder of the scenario; its first line counts.
    File(PathBuf),
}

/// Which digest is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digest {
    /// MD5: what every telephone knows.
    #[default]
    Md5,
    /// SHA-256 (RFC 8760).
    Sha256,
    /// SHA-256 first, MD5 for those who do not know it.
    Both,
}

/// A peer that hands calls over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveTrunk {
    /// The name.
    pub name: String,
    /// The addresses its calls come from; never empty.
    pub from: Vec<IpAddr>,
    /// Whether its statements about who calls are believed.
    pub trust_identity: bool,
}

/// Certificate and key, relative to the folder of the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain, PEM.
    pub cert: PathBuf,
    /// The key, PEM.
    pub key: PathBuf,
}

/// How keys are collected at a step of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keying {
    /// The longest time between two keys.
    pub inter_digit: Duration,
    /// Whether a key stops the prompt.
    pub barge_in: bool,
}

//! What a load generator saw: the facts that its figures are made of.

use acd::Duration;
use std::fmt;

/// Something a load generator did or saw. Delays are real time; the sender stamps them, the kernel's receive times included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TrafficFact {
    /// A call was due and could not be started: the most calls at once were up, or the generator was too late for it.
    Missed,
    /// A call's INVITE was sent.
    Placed {
        /// How long after it was due.
        lag: Duration,
    },
    /// The first answer that says how the call stands: 101 to 199, or a 2xx without one before (RFC 6076 §4.3.1).
    Requested {
        /// From the first INVITE that was sent.
        delay: Duration,
    },
    /// A 2xx came and is acknowledged.
    Established {
        /// From the moment the call was due.
        from_intended: Duration,
        /// From the first INVITE that was sent.
        from_send: Duration,
    },
    /// The call was not established.
    Failed {
        /// Why.
        why: Failure,
        /// From the first INVITE that was sent.
        delay: Duration,
    },
    /// A call that was established is over.
    Ended {
        /// From the 2xx to the first BYE (RFC 6076 §4.5).
        lasted: Duration,
        /// From our BYE to its 2xx (RFC 6076 §4.4); `None` when the target hung up.
        disconnect: Option<Duration>,
        /// Whether it ended as its flow wanted, by a BYE that was answered.
        is_complete: bool,
    },
    /// A call went as its flow wanted to the end, whatever that is. Once a call, after the facts above.
    Passed,
    /// A call did not go as its flow wanted. Once a call, after the facts above.
    Spoilt,
    /// A REGISTER was accepted, a challenge answered included.
    Registered {
        /// From the first REGISTER that was sent.
        delay: Duration,
    },
    /// A REGISTER failed.
    NotRegistered {
        /// Why.
        why: Failure,
    },
    /// An OPTIONS was answered, by any status.
    Pong {
        /// From the first OPTIONS that was sent.
        delay: Duration,
    },
    /// An OPTIONS was never answered.
    NoPong,
    /// We sent a message again.
    Repeated {
        /// Which.
        message: MessageKind,
    },
    /// A message came that we had already.
    RepeatCame {
        /// Which.
        message: MessageKind,
    },
    /// A message came that the call's flow did not expect, or that belongs to nothing.
    Unexpected {
        /// Which.
        message: MessageKind,
    },
    /// A stream of audio is over.
    Streamed(StreamFigures),
}

/// Why a call or a registration failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// A final response that is no 2xx.
    Status(u16),
    /// Nothing came in time (timer B or F, or the flow's own limit): RFC 6076 §4.8 counts it as a 408.
    TimedOut,
    /// The system refused to send: no such port, no such host.
    Unreachable,
    /// We withdrew it: the run was stopped, or the flow says CANCEL.
    Withdrawn,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::TimedOut => f.write_str("timed_out"),
            Self::Unreachable => f.write_str("unreachable"),
            Self::Withdrawn => f.write_str("withdrawn"),
        }
    }
}

/// A message by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// A request.
    Request(MethodKind),
    /// A response, by status, to a method.
    Response(u16, MethodKind),
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(method) => f.write_str(method.name()),
            Self::Response(status, method) => write!(f, "{status} {}", method.name()),
        }
    }
}

/// A method, as far as figures tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MethodKind {
    /// INVITE.
    Invite,
    /// ACK.
    Ack,
    /// BYE.
    Bye,
    /// CANCEL.
    Cancel,
    /// REGISTER.
    Register,
    /// OPTIONS.
    Options,
    /// INFO.
    Info,
    /// UPDATE.
    Update,
    /// Any other.
    Other,
}

impl MethodKind {
    /// Returns the method's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Register => "REGISTER",
            Self::Options => "OPTIONS",
            Self::Info => "INFO",
            Self::Update => "UPDATE",
            Self::Other => "other",
        }
    }
}

/// What came of one stream of audio, both ways.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StreamFigures {
    /// Packets sent.
    pub sent: u64,
    /// Packets that came.
    pub received: u64,
    /// Packets that should have come, by their sequence numbers (RFC 3550 §A.3).
    pub expected: u64,
    /// Packets that came too late for a buffer of the length below.
    pub discarded: u64,
    /// Interarrival jitter at the end (RFC 3550 §A.8).
    pub jitter: Duration,
    /// Length of the simulated buffer.
    pub buffer: Duration,
    /// Estimated quality from 1 to 4.5 (ITU-T G.107 and RFC 3611 §4.7.5); `None` when nothing came.
    pub mos: Option<f64>,
}

/// How the generator itself fared: whether its figures are about the target.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    /// CPU used, as a share of the time of one core; by thread of the generator.
    pub cpu: Vec<f64>,
    /// Share of the run in which the threads wanted to run and were not let (the kernel's run-queue wait).
    pub starved: Option<f64>,
    /// How late the loop came round, 99.9 %.
    pub loop_lag: Duration,
    /// How late calls were sent, 99 %.
    pub start_lag: Duration,
    /// How late packets of audio were sent, 99 %; `None` without audio.
    pub audio_lag: Option<Duration>,
    /// Datagrams lost because we did not read them in time.
    pub overflows: u64,
    /// Datagrams the system would not send.
    pub send_failures: u64,
    /// Messages of SIP sent, retransmissions included; 0 where nobody counted.
    pub sent: u64,
    /// Messages of SIP that came, repeats included; 0 where nobody counted.
    pub received: u64,
    /// Why the figures cannot be relied on, in words; empty: they can.
    pub faults: Vec<String>,
}

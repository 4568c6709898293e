//! The arguments of `callstorm load`, and how their values are written.

use clap::{Args, ValueEnum};
use sip::Duration;
use sip::net::DropPlan;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// The arguments of `callstorm load`.
#[derive(Debug, Args)]
pub(crate) struct LoadArguments {
    /// A load file, or the name of one of the library; without one the flags say it all
    #[arg(value_name = "FILE|NAME")]
    pub(crate) file: Option<PathBuf>,
    /// Whom to call: a SIP URI such as `sip:100@127.0.0.1:5060` or `sip:[::1]:5060;transport=tcp`
    #[arg(long, value_name = "URI")]
    pub(crate) target: Option<String>,
    /// Calls per second, an open model: `500/s`, or `10/s for 30s, ramp to 500/s in 1m, 500/s for 5m`
    #[arg(long, value_name = "RATES", conflicts_with = "callers")]
    pub(crate) rate: Option<String>,
    /// A closed model: so many callers, each of whom calls again when a call is over
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) callers: Option<u32>,
    /// In a closed model, from the end of a call to the next
    #[arg(long, value_name = "TIME", default_value = "0s")]
    pub(crate) between: Time,
    /// From the answer to hanging up
    #[arg(long, value_name = "TIME", default_value = "1s")]
    pub(crate) hold: Time,
    /// How long calls are started [default: the rates' own time, else 10s]
    #[arg(long, value_name = "TIME")]
    pub(crate) length: Option<Time>,
    /// Most calls in all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) calls: Option<u64>,
    /// What is sent when no file says it
    #[arg(long, value_enum, default_value_t = Kind::Calls)]
    pub(crate) kind: Kind,
    /// The gaps between calls of an open model
    #[arg(long, value_enum)]
    pub(crate) gaps: Option<Gaps>,
    /// A header field for every INVITE, REGISTER and OPTIONS: `X-Test: 7`
    #[arg(long, value_name = "FIELD")]
    pub(crate) header: Vec<Header>,
    /// The user that answers a challenge; its password comes from the environment
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The variable that holds the password [default: CALLSTORM_PASSWORD]
    #[arg(long, value_name = "VARIABLE", requires = "user")]
    pub(crate) password_env: Option<String>,
    /// What carries SIP, instead of the target's `transport`
    #[arg(long, value_enum)]
    pub(crate) transport: Option<Carrier>,
    /// Addresses to call from, in turn
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) source: Vec<IpAddr>,
    /// Sockets (with TCP: connections) of each address and thread
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) sockets: u16,
    /// Threads, each with sockets and calls of its own [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// How long calls may go on after the last one was started
    #[arg(long, value_name = "TIME", default_value = "60s")]
    pub(crate) drain: Time,
    /// How late calls may be sent (99 %) before the run is INVALID
    #[arg(long, value_name = "TIME", default_value = "10ms")]
    pub(crate) max_lag: Time,
    /// Find the highest rate at which nothing fails: trials of `--length` each, from `--rate` up to `--max-rate`
    #[arg(long, requires = "rate", conflicts_with_all = ["callers", "calls"])]
    pub(crate) search: bool,
    /// Lift the cap of 50 calls a second, for a load that a file asks for; the most that `--search` tries
    #[arg(long, value_name = "RATE")]
    pub(crate) max_rate: Option<acd::Rate>,
    /// Lift the cap of 200 calls at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) max_calls: Option<u32>,
    /// Lift the cap of 10 minutes, for a load that a file asks for
    #[arg(long, value_name = "TIME")]
    pub(crate) max_length: Option<Time>,
    /// Let private networks be reached, not only this machine
    #[arg(long)]
    pub(crate) allow_private: bool,
    /// Let this address be reached, too: it is yours
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) allow_host: Vec<IpAddr>,
    /// Do not try first whether this machine makes such a load
    #[arg(long)]
    pub(crate) no_self_test: bool,
    /// Lose a share of SIP datagrams on purpose
    #[arg(long, value_name = "SEED,SHARE")]
    pub(crate) drop: Option<DropPlan>,
    /// Length of a reporting interval [default: 1s]
    #[arg(long, value_name = "TIME")]
    pub(crate) interval: Option<Time>,
    /// Seed of everything random, instead of the file's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Where the report goes (default: `out/<file>-<seed>`)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write the gate as a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Change a key of the file
    #[arg(long, value_name = "PATH=VALUE", requires = "file")]
    pub(crate) set: Vec<String>,
    /// Let the file name files under this folder, too
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_path: Vec<PathBuf>,
    /// No progress and no notes; the summary is still printed
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Answer calls instead of placing them: a target for tests
    #[arg(long, conflicts_with_all = ["file", "target", "rate", "callers"])]
    pub(crate) answer: bool,
    /// Where to answer, over UDP and TCP
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:5060",
        requires = "answer"
    )]
    pub(crate) listen: SocketAddr,
    /// How long a call rings before it is answered
    #[arg(long, value_name = "TIME", default_value = "0s", requires = "answer")]
    pub(crate) ring: Time,
    /// Refuse a share of calls: `486@5%`
    #[arg(long, value_name = "STATUS@SHARE", requires = "answer")]
    pub(crate) refuse: Option<Refuse>,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Calls: INVITE, ACK, BYE
    Calls,
    /// Registrations: REGISTER
    Registers,
    /// Signs of life: OPTIONS
    Options,
}

/// The gaps between calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gaps {
    /// As people call
    Poisson,
    /// All alike
    Even,
}

impl From<Gaps> for scenarios::traffic::Gaps {
    fn from(gaps: Gaps) -> Self {
        match gaps {
            Gaps::Poisson => Self::Poisson,
            Gaps::Even => Self::Even,
        }
    }
}

/// What carries SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Carrier {
    /// Datagrams
    Udp,
    /// Connections
    Tcp,
}

impl Carrier {
    /// The URI parameter that says so.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Udp => ";transport=udp",
            Self::Tcp => ";transport=tcp",
        }
    }
}

/// A time such as `30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Duration);

impl FromStr for Time {
    type Err = acd::UnitError;

    fn from_str(text: &str) -> Result<Self, acd::UnitError> {
        text.parse::<acd::Duration>().map(|time| Self(Duration::from_micros(time.0)))
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        super::micros(self.0).fmt(f)
    }
}

/// A header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once(':')
            .ok_or("expected a name, a colon and a value, such as `X-Test: 7`")?;
        let (name, value) = (name.trim(), value.trim());
        let is_token = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte));
        if !is_token {
            return Err(format!("`{name}` cannot be the name of a header field"));
        }
        if let Some(owner) = scenarios::header_owner(name) {
            return Err(format!("`{name}` cannot be added: {owner}"));
        }
        if value.bytes().any(|byte| byte.is_ascii_control()) {
            return Err("a value must be one line".to_owned());
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// A status for a share of calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Refuse(pub(crate) (u16, f64));

impl FromStr for Refuse {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("`{text}`: expected a status and a share, such as `486@5%`");
        let (status, share) = text.split_once('@').ok_or_else(expected)?;
        let status: u16 = status.trim().parse().map_err(|_| expected())?;
        let share: acd::Share = share.trim().parse().map_err(|_| expected())?;
        (300..700).contains(&status).then_some(Self((status, share.0))).ok_or_else(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_are_one_line_and_not_our_own() {
        let header: Header = "X-Test:  7 and 8".parse().expect("a field");
        assert_eq!((header.name.as_str(), header.value.as_str()), ("X-Test", "7 and 8"));
        for bad in ["X-Test", "via: x", "CSeq: 1 INVITE", "X Y: z", ": z", "X: a\r\nVia: b"] {
            assert!(bad.parse::<Header>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refusal_has_a_status_and_a_share() {
        assert_eq!("486@5%".parse(), Ok(Refuse((486, 0.05))));
        assert_eq!("503@1".parse(), Ok(Refuse((503, 1.0))));
        for bad in ["486", "200@5%", "486@200%", "@5%", "x@5%"] {
            assert!(bad.parse::<Refuse>().is_err(), "{bad}");
        }
    }
}

//! The command line: one definition of each argument and its help.

use crate::load::arguments::LoadArguments;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sip::net::DropPlan;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// What was asked for on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "callstorm",
    version,
    about = "Rehearse the worst day of a contact centre before it happens",
    after_help = "Exit codes: 0 ok, 99 the gate was crossed, 104 a file or an argument is bad, \
                  2 the run is invalid, 130 interrupted, 1 anything else.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, one file each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate a scenario and report on it
    Run(RunArguments),
    /// Answer real calls over SIP with a scenario's queues, flows and agents
    Serve(ServeArguments),
    /// Place real calls on any SIP target, and count them honestly
    Load(Box<LoadArguments>),
    /// Check scenarios and load files without running them
    Check(CheckArguments),
    /// Write a scenario or a load file to start from
    New(NewArguments),
    /// Repeat what was recorded of a live switch, and say whether it decides the same
    Replay(ReplayArguments),
    /// Hold a capture of SIP and RTP against the RFCs; exit code 99 when it breaks them
    Lint(LintArguments),
}

/// The arguments of `callstorm run`.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// A scenario file, or the name of a scenario of the library (`callstorm new --list`)
    #[arg(value_name = "FILE|NAME")]
    pub(crate) scenario: PathBuf,
    /// Where the report goes (default: `out/<scenario>-<seed>`)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Seed of everything random, instead of the file's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Independent repetitions, instead of the file's
    #[arg(long, value_name = "N", value_parser = replications())]
    pub(crate) replications: Option<u32>,
    /// Threads to run on; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Change a key of the file, such as `demand.scale=1.2` or `agents.north.count*=0.9`
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// Write every call to calls.csv
    #[arg(long)]
    pub(crate) calls: bool,
    /// Write every event to events.jsonl
    #[arg(long)]
    pub(crate) events: bool,
    /// Write the gate as a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Let the file name files under this folder, too
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_path: Vec<PathBuf>,
    /// No progress and no notes; the summary is still printed
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// The arguments of `callstorm serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// A scenario file, or the name of a scenario of the library
    #[arg(value_name = "FILE|NAME")]
    pub(crate) scenario: PathBuf,
    /// Where SIP is spoken, over UDP and TCP
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:5060")]
    pub(crate) listen: SocketAddr,
    /// Seats without a name are robots, who answer and talk as the scenario says
    #[arg(long)]
    pub(crate) robots: bool,
    /// Where the report goes at the end (default: `out/<scenario>-live`)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write every event to events.jsonl
    #[arg(long)]
    pub(crate) events: bool,
    /// Record all that the switch is told, for `callstorm replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Record every talk with an agent into this folder: stereo WAV, the caller left
    #[arg(long, value_name = "DIR")]
    pub(crate) record_calls: Option<PathBuf>,
    /// Write the gate as a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Run the switch's and the robots' clock so many times as fast
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) speed: u32,
    /// Calls at once; one more is refused with 503
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_calls: u32,
    /// Calls to agents at once
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) max_agent_calls: u32,
    /// Calls to agents begun per second
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) max_agent_rate: u32,
    /// Let private networks be reached, not only this machine
    #[arg(long)]
    pub(crate) allow_private: bool,
    /// Let this address be reached, too
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) allow_host: Vec<IpAddr>,
    /// Believe `X-Callstorm-Ids` from this machine: who calls, and which attempt it is
    #[arg(long)]
    pub(crate) accept_ids: bool,
    /// Lose a share of SIP datagrams on purpose
    #[arg(long, value_name = "SEED,SHARE")]
    pub(crate) drop: Option<DropPlan>,
    /// Seed of what robots do, instead of the file's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Change a key of the file
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// Let the file name files under this folder, too
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_path: Vec<PathBuf>,
    /// No notes; the summary is still printed
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// The arguments of `callstorm check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Scenarios and load files, or names of the library
    #[arg(value_name = "FILE|NAME", required_unless_present = "schema")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the JSON Schema of scenarios, or with `--schema=load` of load files
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "scenario",
        conflicts_with_all = ["files", "junit"]
    )]
    pub(crate) schema: Option<SchemaKind>,
    /// Write the findings as a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Let the files name files under this folder, too
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_path: Vec<PathBuf>,
}

/// The kinds of files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    /// Scenarios
    Scenario,
    /// Load files
    Load,
}

/// The arguments of `callstorm new`.
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The new file's name; it is written to NAME.toml
    #[arg(required_unless_present = "list")]
    pub(crate) name: Option<PathBuf>,
    /// Start from this scenario or load file of the library
    #[arg(long, value_name = "LIBRARY-NAME")]
    pub(crate) from: Option<String>,
    /// List the scenarios and load files of the library with the questions they answer
    #[arg(long, conflicts_with_all = ["name", "from"])]
    pub(crate) list: bool,
}

/// The arguments of `callstorm replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// A recording of a live switch
    #[arg(value_name = "RECORDING")]
    pub(crate) recording: PathBuf,
    /// Begin at the newest snapshot, not at the beginning
    #[arg(long)]
    pub(crate) newest: bool,
    /// Show every step and what the switch said to it
    #[arg(long)]
    pub(crate) steps: bool,
}

/// The arguments of `callstorm lint`.
#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    /// A pcap or pcapng file, as tcpdump and tshark write them
    #[arg(value_name = "CAPTURE", required_unless_present = "rules")]
    pub(crate) capture: Option<PathBuf>,
    /// The capture goes on until all is quiet: what is missing at its end was never sent
    #[arg(long)]
    pub(crate) whole: bool,
    /// What was captured also arrived: a message sent again was sent without need
    #[arg(long)]
    pub(crate) lossless: bool,
    /// A signalling address of whose media one SSRC without gaps is asked
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) ours: Vec<SocketAddr>,
    /// Show every finding, not the first of each rule
    #[arg(long)]
    pub(crate) all: bool,
    /// List the rules
    #[arg(long, conflicts_with_all = ["capture", "whole", "lossless", "ours", "all"])]
    pub(crate) rules: bool,
}

/// Accepts as many replications as a file may ask for.
fn replications() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=scenarios::limits::REPLICATIONS as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}

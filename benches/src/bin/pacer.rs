//! Five hundred bridged calls against a running `callstorm serve`: what is lost, how long packets are kept, and what it
//! costs. Called by `benches/live.sh bridged`, which pins the process to one core and this one to another.
//!
//! ```text
//! pacer scenario --calls 500 > agents.toml
//! BENCH_PW=secret taskset -c 0 callstorm serve agents.toml --max-agent-calls 1000 --max-agent-rate 1000 &
//! BENCH_PW=secret taskset -c 1 pacer run --calls 500 --seconds 60 --target 127.0.0.1:5060 --process $!
//! ```
//!
//! Exit code 99 when a figure is beyond its limit, 2 when this program itself was too late to say (DESIGN §6).

use benches::bridge::phones::{NotUp, Phones, any_port};
use benches::bridge::process::Used;
use benches::bridge::scenario::{PASSWORD_ENV, scenario};
use benches::bridge::streams::{Seen, Side, Streams, packets_in};
use clap::{Args, Parser};
use core::net::SocketAddr;
use sip::net::{Clock, Udp, UdpOptions};
use std::io::{self, Write};
use std::process::ExitCode;

/// Share of packets lost, delay at p99 and own lateness at p99 that are allowed. Unit of the last two: milliseconds.
const LOSS_MAX: f64 = 0.001;
const DELAY_MAX: f64 = 3.0;
const LATENESS_MAX: f64 = 0.6;

/// Room for packets that wait to be read: a second of all of them.
const RECEIVE_BUFFER: usize = 32 << 20;

#[derive(Debug, Parser)]
#[command(name = "pacer")]
enum Command {
    /// Prints the scenario to be served.
    Scenario {
        /// Agents, one for each call.
        #[arg(long, default_value_t = 500)]
        calls: usize,
    },
    /// Places the calls and measures.
    Run(Run),
}

#[derive(Debug, Args)]
struct Run {
    /// Calls at once.
    #[arg(long, default_value_t = 500)]
    calls: usize,
    /// How long audio flows.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the process speaks SIP.
    #[arg(long, value_name = "ADDRESS:PORT")]
    target: SocketAddr,
    /// Its number.
    #[arg(long, value_name = "PID")]
    process: u32,
    /// The core it is pinned to.
    #[arg(long, default_value_t = 0)]
    core: usize,
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Scenario { calls } => {
            io::stdout().write_all(scenario(calls).as_bytes()).map(|()| 0).map_err(NotUp::from)
        }
        Command::Run(run) => run.measure(),
    };
    done.map_or_else(
        |error| {
            // Nothing is left to do when even the message cannot be written.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        },
        ExitCode::from,
    )
}

impl Run {
    fn measure(&self) -> Result<u8, NotUp> {
        // What cannot be raised shows as a socket that cannot be opened.
        let _ = sip::net::raise_file_limit();
        let clock = Clock::start();
        let options = UdpOptions { receive_buffer: Some(RECEIVE_BUFFER), ..UdpOptions::default() };
        let open = || Udp::bind(any_port(self.target.ip()), &options);
        let sockets = [open()?, open()?];
        let audio = [sockets[0].local_addr(), sockets[1].local_addr()];
        let mut phones = Phones::open(clock, self.target, audio)?;
        let password = std::env::var(PASSWORD_ENV).unwrap_or_default();
        let targets = phones.bring_up(self.calls, password.as_bytes())?;
        let mut sides =
            targets.into_iter().zip(sockets).map(|(targets, udp)| Side { udp, targets });
        let sides = [(); 2].map(|()| sides.next().expect("two sides"));

        let packets = packets_in(self.seconds);
        let streams = Streams::new(clock, sides, packets);
        let before = Used::read(self.process, self.core)?;
        let begun = clock.now();
        let seen = streams.run(packets)?;
        let elapsed = clock.now().saturating_since(begun);
        let after = Used::read(self.process, self.core)?;
        phones.hang_up()?;
        Ok(self.report(seen, before, after, elapsed.as_secs_f64())?)
    }

    /// Prints the figures; returns the exit code.
    fn report(&self, mut seen: Seen, before: Used, after: Used, elapsed: f64) -> io::Result<u8> {
        let lost = seen.sent - seen.arrivals.received;
        let loss = lost as f64 / seen.sent.max(1) as f64;
        let process_us = (after.process_ns - before.process_ns) as f64 / 1000.0;
        let busy = (after.core_busy - before.core_busy) as f64;
        let core = busy / (after.core_all - before.core_all).max(1) as f64;
        let quantiles = |of: &mut dyn FnMut(f64) -> Option<f64>| {
            [0.5, 0.99, 0.999, 1.0].map(|q| of(q).unwrap_or(f64::INFINITY))
        };
        let delay = quantiles(&mut |q| seen.delays.quantile(q));
        let lateness = quantiles(&mut |q| seen.lateness.quantile(q));
        let out = &mut io::stdout().lock();
        writeln!(
            out,
            "{} bridged calls, {} s: {} packets sent, {lost} lost ({:.4} %), {} twice, {} overflowed here",
            self.calls,
            self.seconds,
            seen.sent,
            loss * 100.0,
            seen.arrivals.doubled,
            seen.overflowed
        )?;
        writeln!(out, "{:<22} {:>8} {:>8} {:>8} {:>8}", "ms", "p50", "p99", "p99.9", "max")?;
        for (name, [p50, p99, p999, max]) in [("added delay", delay), ("own lateness", lateness)] {
            writeln!(out, "{name:<22} {p50:>8.3} {p99:>8.3} {p999:>8.3} {max:>8.3}")?;
        }
        writeln!(
            out,
            "the process: {:.1} % of a core, {:.2} us per packet relayed; its core {:.1} % busy",
            process_us / elapsed / 10_000.0,
            process_us / seen.arrivals.received.max(1) as f64,
            core * 100.0
        )?;
        if lateness[1] > LATENESS_MAX {
            writeln!(out, "INVALID: own lateness p99 beyond {LATENESS_MAX} ms")?;
            return Ok(2);
        }
        let is_good = loss < LOSS_MAX && delay[1] < DELAY_MAX;
        writeln!(out, "{}", if is_good { "within the limits" } else { "BEYOND the limits" })?;
        Ok(if is_good { 0 } else { 99 })
    }
}

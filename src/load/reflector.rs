//! `callstorm load --answer`: a target of our own, for tests and measurements.

use super::TOKENS;
use super::arguments::LoadArguments;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::say;
use live::reach::Policy;
use live::shell::is_tellable;
use loadgen::{Manners, Reflector};
use std::sync::Arc;

/// Answers calls until it is told to stop.
pub(super) fn run(arguments: &LoadArguments) -> Result<Exit, Failure> {
    let listen = arguments.listen;
    let policy =
        Policy { allow_private: arguments.allow_private, hosts: arguments.allow_host.clone() };
    if !is_tellable(listen.ip()) || !policy.allows(listen.ip()) {
        return Err(Failure::BadInput(format!(
            "error: `--listen {listen}` is not an address of loopback\n\nhint: `--allow-private` or `--allow-host {}` \
             lets calls come from outside",
            listen.ip()
        )));
    }
    let stop = interrupt::listen();
    let manners =
        Manners { ring: arguments.ring.0, refuse: arguments.refuse.map(|refuse| refuse.0) };
    let mut reflector = Reflector::open(listen, manners, policy, Arc::clone(&stop), TOKENS())
        .map_err(|error| Failure::Machine(format!("error: cannot listen at {listen}: {error}")))?;
    if !arguments.quiet {
        say::talk(&format!("answering at {}; Ctrl-C ends it", reflector.address()));
    }
    reflector
        .run()
        .map_err(|error| Failure::Machine(format!("error: the network failed: {error}")))?;
    say::data(&format!("{} calls came\n", reflector.calls()))?;
    Ok(Exit::Ok)
}

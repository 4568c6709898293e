//! Output: what was asked for goes to stdout, talk goes to stderr.

use crate::exit::Failure;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

/// Writes what was asked for to stdout.
///
/// # Errors
/// [`Failure::ReaderGone`] when nobody reads any more (`callstorm run … | head`), [`Failure::Machine`] else.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| {
        match error.kind() == ErrorKind::BrokenPipe {
            true => Failure::ReaderGone,
            false => Failure::Machine(format!("error: cannot write to stdout: {error}")),
        }
    })
}

/// Writes a line of talk to stderr. That nobody can read it changes nothing.
pub(crate) fn talk(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "{}", text.trim_end_matches('\n'));
}

/// Returns whether stderr is a terminal that shows colours; `NO_COLOR` says no (no-color.org).
pub(crate) fn has_colour() -> bool {
    let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !is_refused && io::stderr().is_terminal()
}

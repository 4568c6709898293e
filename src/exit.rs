//! How a command ends: exit codes after k6 (DESIGN §6), and the failures that lead to them.

use std::fmt;
use std::io;
use std::path::Path;

/// How a command ended when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// The gate was crossed.
    GateCrossed,
    /// A file or the arguments are bad.
    BadInput,
    /// The run is not valid: a law was broken, or a load generator was not well.
    Invalid,
    /// Interrupted, after the report was written.
    Interrupted,
    /// Anything else.
    Other,
}

impl Exit {
    /// Returns the process's exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Other => 1,
            Self::Invalid => 2,
            Self::GateCrossed => 99,
            Self::BadInput => 104,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file or the arguments are bad; the text is complete, with its own `error:`.
    BadInput(String),
    /// The machine refused: a disk, a permission.
    Machine(String),
    /// Whoever read our output has gone (`| head`): not an error.
    ReaderGone,
}

impl Failure {
    /// Makes a failure out of what happened to a file.
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error) -> Self {
        Self::Machine(format!("error: cannot {action} `{}`: {error}", path.display()))
    }

    /// Returns the exit it leads to.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::BadInput(_) => Exit::BadInput,
            Self::Machine(_) => Exit::Other,
            Self::ReaderGone => Exit::Ok,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadInput(text) | Self::Machine(text) => f.write_str(text),
            Self::ReaderGone => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_that_scripts_rely_on() {
        let codes = [
            (Exit::Ok, 0),
            (Exit::Other, 1),
            (Exit::Invalid, 2),
            (Exit::GateCrossed, 99),
            (Exit::BadInput, 104),
            (Exit::Interrupted, 130),
        ];
        for (exit, code) in codes {
            assert_eq!(exit.code(), code);
        }
    }

    #[test]
    fn reader_who_leaves_early_is_no_error() {
        assert_eq!(Failure::ReaderGone.exit(), Exit::Ok);
    }
}

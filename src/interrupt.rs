//! Ctrl-C: the first one ends the run in order and the report is written, the second one ends the program.

use crate::say;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Becomes true when the user wants the run to end.
pub(crate) type Stop = Arc<AtomicBool>;

/// Listens for Ctrl-C. Where the system does not let us, the run just cannot be ended in order.
pub(crate) fn listen() -> Stop {
    let stop = Stop::default();
    let heard = Arc::clone(&stop);
    let listening = ctrlc::set_handler(move || {
        if heard.swap(true, Ordering::Relaxed) {
            std::process::exit(crate::exit::Exit::Interrupted.code().into());
        }
        say::talk("\ninterrupted: writing the report of what is done; again to leave at once");
    });
    if let Err(error) = listening {
        say::talk(&format!("note: Ctrl-C will not be answered in order: {error}"));
    }
    stop
}

//! What is kept of a live run: the ledger, the event log on disk, and whoever else listens.

use acd::{Acd, Event, Timestamp};
use reports::{Context, EventLog, Fact, LawsChecked, Ledger, Totals};
use std::io::{self, Write};

/// The event log is written whenever it has grown to this many bytes, and at the end.
const LOG_CHUNK: usize = 64 * 1024;

/// How often the laws are checked, in the switch's time.
const LAWS_EVERY: acd::Duration = acd::Duration::from_secs(60);

/// Broken laws kept; one that stays broken would fill the report.
const BROKEN_MAX: usize = 100;

/// What is kept of a run.
pub(crate) struct Chronicle {
    ledger: Ledger,
    log: Option<(EventLog, Box<dyn Write + Send>)>,
    /// The first error of the log; nothing is written after it.
    log_error: Option<io::Error>,
    laws: LawsChecked,
    laws_due: Timestamp,
}

impl Chronicle {
    pub(crate) fn new(context: &Context, log: Option<Box<dyn Write + Send>>) -> Self {
        Self {
            ledger: Ledger::new(context),
            log: log.map(|to| (EventLog::new(context, 0), to)),
            log_error: None,
            laws: LawsChecked::default(),
            laws_due: Timestamp::ZERO,
        }
    }

    /// Keeps an event.
    pub(crate) fn observe(&mut self, now: Timestamp, event: &Event) {
        let fact = Fact::Switch(event);
        self.ledger.record(now, &fact);
        if let Some((log, _)) = &mut self.log {
            log.record(now, &fact);
            if log.size() >= LOG_CHUNK {
                self.write_log();
            }
        }
    }

    /// Writes what the log has gathered.
    pub(crate) fn write_log(&mut self) {
        let Some((log, to)) = &mut self.log else { return };
        let written = to.write_all(&log.take_bytes()).and_then(|()| to.flush());
        if let Err(error) = written {
            self.log = None;
            self.log_error = Some(error);
        }
    }

    /// Checks the laws of the switch from time to time; a broken one is kept, and calls go on.
    pub(crate) fn check_laws(&mut self, now: Timestamp, acd: &Acd) {
        if now < self.laws_due {
            return;
        }
        self.laws_due = now.after(LAWS_EVERY);
        match acd.check(now) {
            Ok(checked) => self.laws.checked += u64::from(checked),
            Err(_) if self.laws.broken.len() >= BROKEN_MAX => {}
            Err(broken) => self.laws.broken.push(broken.to_string()),
        }
    }

    /// Ends the run: the sums, the laws, and the error that ended the log, if one did.
    pub(crate) fn finish(
        mut self,
        now: Timestamp,
        acd: &Acd,
        tape_error: Option<io::Error>,
    ) -> Finished {
        self.laws_due = Timestamp::ZERO;
        self.check_laws(now, acd);
        self.write_log();
        let Self { ledger, laws, log_error, .. } = self;
        Finished { totals: ledger.finish(now), laws, log_error, tape_error }
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Finished {
    /// Every sum of it.
    pub totals: Totals,
    /// The laws.
    pub laws: LawsChecked,
    /// Why the event log is not whole, if it is not.
    pub log_error: Option<io::Error>,
    /// Why the recording is not whole, if it is not.
    pub tape_error: Option<io::Error>,
}

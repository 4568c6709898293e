//! The random streams of one replication that callers of a contact draw from.

use chance::{Chance, Purpose, Stream};

/// A stream for each thing that a caller of a contact decides. Addressed by the call, so nothing that happens in the centre moves another call's draws.
pub(crate) struct ContactStreams {
    pub(crate) mood: Stream,
    pub(crate) patience: Stream,
    pub(crate) balk: Stream,
    pub(crate) choice: Stream,
    pub(crate) think: Stream,
    pub(crate) callback: Stream,
    pub(crate) talk: Stream,
    pub(crate) hold: Stream,
    pub(crate) acw: Stream,
    pub(crate) redial: Stream,
    pub(crate) redial_delay: Stream,
    pub(crate) reconnect: Stream,
    pub(crate) reconnect_delay: Stream,
}

impl ContactStreams {
    /// Names the streams of a contact.
    pub(crate) fn new(chance: &Chance, contact: u32) -> Self {
        let stream = |purpose| chance.stream(purpose, contact);
        Self {
            mood: stream(Purpose::Mood),
            patience: stream(Purpose::Patience),
            balk: stream(Purpose::Balk),
            choice: stream(Purpose::Choice),
            think: stream(Purpose::Think),
            callback: stream(Purpose::Callback),
            talk: stream(Purpose::Talk),
            hold: stream(Purpose::Hold),
            acw: stream(Purpose::Acw),
            redial: stream(Purpose::Redial),
            redial_delay: stream(Purpose::RedialDelay),
            reconnect: stream(Purpose::Reconnect),
            reconnect_delay: stream(Purpose::ReconnectDelay),
        }
    }
}

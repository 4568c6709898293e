//! Session timers (RFC 4028): a call whose peer vanished does not last for ever.

use super::legs::State;
use super::receive::Early;
use super::schedule::Due;
use super::{End, Endpoint, Event, Leg, Refused, SessionPolicy};
use crate::message::{Message, Method, Name, Refresher};
use crate::time::Duration;
use crate::transaction::Id;
use crate::write::Writer;

/// How long a refresh waits when another request is under way.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// RFC 4028 §10: a BYE is sent this long before the session ends, or a third of the interval.
const MARGIN: Duration = Duration::from_secs(32);

/// The session timer of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Session {
    /// Seconds; 0 for none.
    pub(super) interval: u32,
    /// Seconds: the least a peer or proxy on the way demanded by 422.
    pub(super) min: u32,
    pub(super) is_refresher: bool,
    /// Whether the peer's Allow names UPDATE.
    pub(super) peer_updates: bool,
    /// Whether the next firing of the timer ends the session.
    pub(super) is_last: bool,
}

/// What we answer to a request that may set up or refresh a session timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Terms {
    /// Seconds; 0 for none.
    pub(super) interval: u32,
    pub(super) is_refresher: bool,
    /// Whether the peer knows session timers: only then they are spoken of.
    pub(super) is_spoken: bool,
    pub(super) peer_updates: bool,
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

fn allows_update(message: &Message<'_>) -> bool {
    message.values(Name::Allow).any(|method| method == b"UPDATE")
}

fn knows_timer(message: &Message<'_>) -> bool {
    let listed = |name| message.values(name).any(|tag| tag.eq_ignore_ascii_case(b"timer"));
    listed(Name::Supported) || listed(Name::Require)
}

impl Terms {
    /// Decides the terms of a session (RFC 4028 §9, table 2); 422 for too short an interval.
    pub(super) fn of(request: &Message<'_>, policy: &SessionPolicy) -> Result<Self, Early> {
        let (min, is_spoken) = (seconds(policy.min), knows_timer(request));
        let asked = request.session_expires().ok().flatten();
        let floor = request.min_se().ok().flatten().map_or(min, |least| min.max(seconds(least)));
        let ours = policy.expires.map_or(0, seconds);
        let (interval, refresher) = match asked {
            Some(asked) if is_spoken && seconds(asked.interval) < min => {
                return Err(Early::new(422, Refused::Interval));
            }
            // RFC 4028 §9: it may be shortened, not below the minimum, never lengthened.
            Some(asked) if ours > 0 => {
                (seconds(asked.interval).min(ours.max(floor)), asked.refresher)
            }
            Some(asked) => (seconds(asked.interval), asked.refresher),
            None if ours > 0 => (ours.max(floor), Some(Refresher::Uas)),
            None => (0, None),
        };
        // What is not spoken of is ours to choose, and nobody makes us refresh every second.
        let interval = if is_spoken || interval == 0 { interval } else { interval.max(min) };
        let is_refresher = !is_spoken || refresher == Some(Refresher::Uas);
        Ok(Self { interval, is_refresher, is_spoken, peer_updates: allows_update(request) })
    }

    /// Writes the terms into a 2xx.
    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        if self.interval == 0 || !self.is_spoken {
            return;
        }
        let refresher = if self.is_refresher { "uas" } else { "uac" };
        let interval = self.interval;
        writer.formatted(Name::SessionExpires, format_args!("{interval};refresher={refresher}"));
        writer.header(Name::Require, b"timer");
    }
}

impl Session {
    /// What an INVITE asks for.
    pub(super) fn wanted(policy: &SessionPolicy) -> Self {
        let interval = policy.expires.map_or(0, seconds);
        Self { interval, min: seconds(policy.min), is_refresher: true, ..Self::default() }
    }

    /// Writes what we ask for into an INVITE or UPDATE (RFC 4028 §7.1, §7.4).
    pub(super) fn write(&self, is_refresh: bool, writer: &mut Writer<'_>) {
        writer.header(Name::Supported, b"timer");
        if self.interval == 0 {
            return;
        }
        let refresher = match (is_refresh, self.is_refresher) {
            (false, _) => "",
            (true, true) => ";refresher=uac",
            (true, false) => ";refresher=uas",
        };
        let interval = self.interval.max(self.min);
        writer.formatted(Name::SessionExpires, format_args!("{interval}{refresher}"));
        writer.formatted(Name::MinSe, format_args!("{}", self.min));
    }

    /// Takes the terms of a 2xx to our request.
    pub(super) fn settle(&mut self, response: &Message<'_>) {
        if response.first(Name::Allow).is_some() {
            self.peer_updates = allows_update(response);
        }
        match response.session_expires() {
            Ok(Some(terms)) => {
                self.interval = seconds(terms.interval).max(self.min);
                self.is_refresher = terms.refresher != Some(Refresher::Uas);
            }
            // The peer knows no session timers: we refresh alone, to notice when it is gone.
            Ok(None) | Err(_) => self.is_refresher = true,
        }
    }
}

impl Endpoint {
    /// Starts a leg's session timer anew.
    pub(super) fn arm_session(&mut self, id: Id) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let interval = Duration::from_secs(record.session.interval.into());
        record.session.is_last = !record.session.is_refresher;
        let after = if record.session.is_refresher {
            interval / 2
        } else {
            interval.saturating_sub(MARGIN.min(interval / 3))
        };
        let at = (record.session.interval > 0).then(|| self.now + after);
        self.schedule.set(&mut record.timer, at, Due::Session(id));
    }

    /// Takes the terms we answered with.
    pub(super) fn agree(&mut self, id: Id, terms: Terms) {
        if let Some(record) = self.legs.get_mut(id) {
            let session = &mut record.session;
            session.interval = terms.interval;
            session.is_refresher = terms.is_refresher;
            session.peer_updates = terms.peer_updates;
        }
        self.arm_session(id);
    }

    /// A session's timer fired: refresh it, or end it.
    pub(super) fn session_due(&mut self, id: Id) {
        let Some(record) = self.legs.get_mut(id) else { return };
        record.timer = None;
        if let State::Incoming(incoming) = &record.state {
            let server = incoming.server;
            return self.repeat_due(id, server);
        }
        if record.session.is_last {
            self.send_bye(id, End::SessionExpired, &[]);
            return;
        }
        let is_busy = record.outbound().is_some() || record.inbound().is_some();
        if is_busy || !matches!(record.state, State::Up) {
            let at = Some(self.now + BUSY_WAIT);
            self.schedule.set(&mut record.timer, at, Due::Session(id));
            return;
        }
        // If the refresh comes to nothing, the other half of the interval is the end.
        record.session.is_last = true;
        let interval = Duration::from_secs(record.session.interval.into());
        let rest = (interval / 2).saturating_sub(MARGIN.min(interval / 6));
        self.schedule.set(&mut record.timer, Some(self.now + rest), Due::Session(id));
        if record.session.peer_updates {
            self.send_update(id);
        } else {
            self.events.push_back(Event::RefreshDue { leg: Leg(id) });
        }
    }

    fn send_update(&mut self, id: Id) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let cseq = record.dialog.next_cseq();
        let written = self.write_within(id, Method::Update, cseq, |mut writer, record, place| {
            record.dialog.contact(place, &mut writer);
            record.session.write(true, &mut writer);
            writer.finish();
        });
        if written {
            self.start_within(id, super::clients::What::Update(id));
        }
    }
}

/// Counts and writes what a 422 needs.
pub(super) fn write_min(policy: &SessionPolicy, writer: &mut Writer<'_>) {
    writer.formatted(Name::MinSe, format_args!("{}", seconds(policy.min)));
}

/// Raises an interval to what a 422 demands; false when it demands nothing more.
pub(super) fn raise(session: &mut Session, response: &Message<'_>) -> bool {
    let least = response.min_se().ok().flatten().map_or(0, seconds);
    let is_more = least > session.min.max(session.interval);
    if is_more {
        session.min = least;
        session.interval = least;
    }
    is_more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Carrier, Index};

    fn terms(fields: &str, ours: Option<u64>) -> Result<Terms, u16> {
        let text = format!("INVITE sip:a SIP/2.0\r\n{fields}\r\n\r\n");
        let mut index = Index::default();
        let message = Message::parse(text.as_bytes(), Carrier::Datagram, &mut index);
        let expires = ours.map(Duration::from_secs);
        let policy = SessionPolicy { expires, min: Duration::from_secs(90) };
        Terms::of(&message.expect("well formed"), &policy).map_err(|early| early.status)
    }

    fn agreed(fields: &str, ours: Option<u64>) -> (u32, bool) {
        let terms = terms(fields, ours).expect("accepted");
        (terms.interval, terms.is_refresher)
    }

    #[test]
    fn the_terms_follow_table_2_of_rfc_4028() {
        let timer = "Supported: timer\r\n";
        let with = |value: &str| format!("{timer}Session-Expires: {value}");
        assert_eq!(agreed(&with("1800;refresher=uac"), Some(1800)), (1800, false));
        assert_eq!(agreed(&with("1800;refresher=uas"), Some(1800)), (1800, true));
        assert_eq!(agreed(&with("1800"), Some(600)), (600, false));
        assert_eq!(agreed(&with("100"), Some(600)), (100, false));
        assert_eq!(agreed(&with("100"), None), (100, false));
        assert_eq!(agreed(&format!("{}\r\nMin-SE: 700", with("1800")), Some(600)), (700, false));
        assert_eq!(agreed("Supported: timer", Some(600)), (600, true));
        assert_eq!(agreed("Supported: timer", None).0, 0);
        // A proxy asked for it; the client knows nothing of it.
        assert_eq!(agreed("Session-Expires: 1800", Some(600)), (600, true));
        assert_eq!(terms(&with("89"), Some(1800)), Err(422));
        assert_eq!(agreed("Session-Expires: 1", Some(1800)), (90, true));
    }
}

//! `events.jsonl`: every fact as one JSON object a line: `replication`, `at_s`, `event`, then the event's own fields.
//!
//! Queues, contacts, groups and sites are named as in the scenario, calls and agents by their numbers, durations in seconds.

use crate::{Context, Fact, PersonFact};
use acd::{
    AgentId, AgentPhase, AttemptKind, CallId, ContactId, DoorOutcome, Duration, Event, FlowId,
    GroupId, OfferId, OfferOutcome, Outcome, QueueId, Reason, SECOND, SiteId, StepId, Timestamp,
};

/// Gathers the facts of one replication.
#[derive(Debug)]
pub struct EventLog {
    replication: u32,
    names: Names,
    bytes: Vec<u8>,
}

/// Names as they stand in JSON, quoted.
#[derive(Debug)]
struct Names {
    queues: Vec<String>,
    contacts: Vec<String>,
    groups: Vec<String>,
    sites: Vec<String>,
}

impl EventLog {
    /// Makes an empty log of a replication, numbered from 0.
    #[must_use]
    pub fn new(context: &Context, replication: u32) -> Self {
        let quoted = |name: &String| serde_json::Value::from(name.as_str()).to_string();
        let names = Names {
            queues: context.queues.iter().map(|queue| quoted(&queue.name)).collect(),
            contacts: context.contacts.iter().map(quoted).collect(),
            groups: context.groups.iter().map(|group| quoted(&group.name)).collect(),
            sites: context.sites.iter().map(quoted).collect(),
        };
        Self { replication, names, bytes: Vec::new() }
    }

    /// Writes a fact that happened at `now`.
    pub fn record(&mut self, now: Timestamp, fact: &Fact<'_>) {
        let Self { replication, names, bytes } = self;
        bytes.extend_from_slice(b"{\"replication\":");
        number((*replication).into(), bytes);
        let mut line = Line { names, out: bytes };
        line.field("at_s", now);
        match fact {
            Fact::Switch(event) => line.event(event),
            Fact::Person(fact) => line.person(*fact),
        }
        line.out.extend_from_slice(b"}\n");
    }

    /// Returns how many bytes the log takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Hands over the lines gathered so far and goes on with none: for a log that is written as it grows.
    #[must_use]
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Returns the lines.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A line being written. By hand: a live switch writes a dozen for each call, and a tree of values costs ten times as much.
struct Line<'a> {
    names: &'a Names,
    out: &'a mut Vec<u8>,
}

/// Writes each variant's name and its fields in their order; a variant that is missing does not compile.
macro_rules! lines {
    ($line:ident, $fact:expr, $kind:ident, $($variant:ident $name:literal { $($field:ident)* })*) => {
        match $fact {
            $($kind::$variant { $($field),* } => {
                $line.text("event", $name);
                $($line.field(stringify!($field), $field);)*
            })*
        }
    };
}

impl Line<'_> {
    fn event(&mut self, event: &Event) {
        lines! { self, *event, Event,
            CallArrived "call_arrived" { call contact kind site attempt caller }
            CallLeftDoor "call_left_door" { call outcome }
            IvrEntered "ivr_entered" { call flow }
            IvrStepEntered "ivr_step_entered" { call flow step }
            CallEnqueued "call_enqueued" { call queue contact from since from_ivr }
            CallWaits "call_waits" { call queue }
            CallbackAccepted "callback_accepted" { call queue }
            CallbackDropped "callback_dropped" { call queue }
            OfferMade "offer_made" { offer call queue was_waiting is_callback }
            OfferEnded "offer_ended" { offer call queue outcome next reason waits_again }
            CallAnswered "call_answered" { offer call queue wait ring is_callback }
            CallLeft "call_left" { call queue outcome wait was_waiting }
            CallMoved "call_moved" { call queue was_waiting }
            CallSentBack "call_sent_back" { offer call queue talk hold }
            HoldStarted "hold_started" { offer call }
            HoldEnded "hold_ended" { offer call }
            TalkEnded "talk_ended" { offer call talk hold next reason was_cut is_callback }
            AcwEnded "acw_ended" { agent call acw next reason }
            AgentChanged "agent_changed" { agent group from to reason }
            CallReleased "call_released" { call }
            LinesChanged "lines_changed" { site lines }
            Stale "stale" { call agent }
        }
    }

    fn person(&mut self, fact: PersonFact) {
        lines! { self, fact, PersonFact,
            CallsAgain "calls_again" { contact kind }
            GaveUp "gave_up" { contact kind }
            LostToClose "lost_to_close" { contact kind }
            Scheduled "scheduled" { group count }
        }
    }

    fn field(&mut self, key: &str, value: impl Field) {
        self.key(key);
        value.write(self.names, self.out);
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
    }

    fn key(&mut self, key: &str) {
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

/// Something that stands in a line: an id as a name, a call or offer as its text, a time in seconds.
trait Field {
    fn write(&self, names: &Names, out: &mut Vec<u8>);
}

impl<T: Field> Field for Option<T> {
    fn write(&self, names: &Names, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(names, out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

/// Ids that have a name; one without is shown by its number.
macro_rules! named {
    ($($id:ty: $names:ident)*) => {$(
        impl Field for $id {
            fn write(&self, names: &Names, out: &mut Vec<u8>) {
                match names.$names.get(self.index()) {
                    Some(name) => out.extend_from_slice(name.as_bytes()),
                    None => number(self.0.into(), out),
                }
            }
        }
    )*};
}

named! { QueueId: queues ContactId: contacts GroupId: groups SiteId: sites }

macro_rules! numbers {
    ($($number:ty: $self:ident $value:expr;)*) => {$(
        impl Field for $number {
            fn write(&$self, _: &Names, out: &mut Vec<u8>) {
                number($value, out);
            }
        }
    )*};
}

numbers! {
    AgentId: self self.0.into();
    FlowId: self self.0.into();
    StepId: self self.0.into();
    u16: self (*self).into();
    u32: self (*self).into();
    u64: self *self;
}

/// Words, spelt as everywhere else in JSON.
macro_rules! words {
    ($($word:ty)*) => {$(
        impl Field for $word {
            fn write(&self, _: &Names, out: &mut Vec<u8>) {
                serde_json::to_writer(out, self).expect("a word goes into a vector");
            }
        }
    )*};
}

words! { bool AttemptKind DoorOutcome Outcome OfferOutcome AgentPhase Reason }

impl Field for CallId {
    fn write(&self, _: &Names, out: &mut Vec<u8>) {
        identity(self.slot, self.age, out);
    }
}

impl Field for OfferId {
    fn write(&self, _: &Names, out: &mut Vec<u8>) {
        identity(self.agent.0, self.age, out);
    }
}

impl Field for Duration {
    fn write(&self, _: &Names, out: &mut Vec<u8>) {
        seconds(self.0, out);
    }
}

impl Field for Timestamp {
    fn write(&self, _: &Names, out: &mut Vec<u8>) {
        seconds(self.0, out);
    }
}

/// `"17.2"`: slot or agent 17, used for the third time.
fn identity(number_of: u32, age: u32, out: &mut Vec<u8>) {
    out.push(b'"');
    number(number_of.into(), out);
    out.push(b'.');
    number(age.into(), out);
    out.push(b'"');
}

/// Seconds with as many decimals as the microseconds need, at least one.
fn seconds(micros: u64, out: &mut Vec<u8>) {
    number(micros / SECOND, out);
    out.push(b'.');
    let mut fraction = micros % SECOND;
    let mut weight = SECOND / 10;
    loop {
        out.push(b'0' + (fraction / weight) as u8);
        fraction %= weight;
        if fraction == 0 {
            break;
        }
        weight /= 10;
    }
}

fn number(value: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), value);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn seconds_are_read_back_as_they_were_and_have_no_needless_digit() {
        for micros in [0, 1, 10, 999_999, 1_000_000, 1_500_000, 86_400_000_001, 123_456_789_012_345]
        {
            let written = text(|out| seconds(micros, out));
            assert_eq!(written.parse::<f64>(), Ok(micros as f64 / SECOND as f64), "{written}");
            assert!(written.ends_with(".0") || !written.ends_with('0'), "{written}");
        }
    }

    #[test]
    fn numbers_are_written_whole() {
        for value in [0, 7, 10, 99, 12_345, u64::MAX] {
            assert_eq!(text(|out| number(value, out)), value.to_string());
        }
    }

    #[test]
    fn every_event_has_the_name_and_fields_that_it_has_in_every_other_json() {
        let (call, offer) = (CallId { slot: 17, age: 2 }, OfferId { agent: AgentId(3), age: 1 });
        let event = Event::TalkEnded {
            offer,
            call,
            talk: Duration(1_500_000),
            hold: Duration::ZERO,
            next: AgentPhase::NotReady,
            reason: Some(Reason::NoAnswer),
            was_cut: false,
            is_callback: true,
        };
        let names = Names {
            queues: Vec::new(),
            contacts: Vec::new(),
            groups: Vec::new(),
            sites: Vec::new(),
        };
        let written = text(|out| Line { names: &names, out }.event(&event));
        let value = serde_json::to_value(event).expect("plain data");
        let keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        let again: serde_json::Value =
            serde_json::from_str(&format!("{{\"x\":0{written}}}")).expect("JSON");
        let again = again.as_object().expect("an object");
        assert_eq!(again.keys().skip(1).cloned().collect::<Vec<_>>(), keys);
        assert_eq!((&again["event"], &again["next"]), (&value["event"], &value["next"]));
        assert_eq!((&again["call"], &again["talk"]), (&"17.2".into(), &1.5.into()));
        assert_eq!(again["reason"], value["reason"]);
    }
}

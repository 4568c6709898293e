//! `events.jsonl`: every fact as one JSON object a line: `replication`, `at_s`, `event`, then the event's own fields.
//!
//! Queues, contacts, groups and sites are named as in the scenario, calls and agents by their numbers, durations in seconds.

use crate::{Context, Fact, PersonFact};
use acd::{SECOND, Timestamp};
use serde_json::{Map, Value, json};

/// Gathers the facts of one replication.
#[derive(Debug)]
pub struct EventLog {
    replication: u32,
    queues: Vec<String>,
    contacts: Vec<String>,
    groups: Vec<String>,
    sites: Vec<String>,
    bytes: Vec<u8>,
}

impl EventLog {
    /// Makes an empty log of a replication, numbered from 0.
    #[must_use]
    pub fn new(context: &Context, replication: u32) -> Self {
        Self {
            replication,
            queues: context.queues.iter().map(|queue| queue.name.clone()).collect(),
            contacts: context.contacts.clone(),
            groups: context.groups.iter().map(|group| group.name.clone()).collect(),
            sites: context.sites.clone(),
            bytes: Vec::new(),
        }
    }

    /// Writes a fact that happened at `now`.
    pub fn record(&mut self, now: Timestamp, fact: &Fact<'_>) {
        let mut line = Map::new();
        line.insert("replication".to_owned(), json!(self.replication));
        line.insert("at_s".to_owned(), json!(now.as_secs()));
        let fields = match fact {
            Fact::Switch(event) => serde_json::to_value(event).unwrap_or(Value::Null),
            Fact::Person(fact) => person(*fact),
        };
        if let Value::Object(fields) = fields {
            line.extend(fields.into_iter().map(|(key, value)| {
                let value = self.readable(&key, value);
                (key, value)
            }));
        }
        self.bytes.extend_from_slice(Value::Object(line).to_string().as_bytes());
        self.bytes.push(b'\n');
    }

    /// Turns an id into a name, a call or offer into its text, microseconds into seconds.
    fn readable(&self, key: &str, value: Value) -> Value {
        let names = match key {
            "queue" | "from" if value.is_u64() => &self.queues,
            "contact" => &self.contacts,
            "group" => &self.groups,
            "site" => &self.sites,
            "wait" | "ring" | "talk" | "hold" | "acw" | "since" => {
                return value.as_u64().map_or(Value::Null, |us| json!(us as f64 / SECOND as f64));
            }
            "call" => return identity(&value, "slot"),
            "offer" => return identity(&value, "agent"),
            _ => return value,
        };
        let name = value.as_u64().and_then(|index| names.get(index as usize));
        name.map_or(value, |name| json!(name))
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

/// `17.2`: slot or agent 17, used for the third time.
fn identity(value: &Value, field: &str) -> Value {
    match (value.get(field), value.get("age")) {
        (Some(number), Some(age)) => json!(format!("{number}.{age}")),
        (Some(_), None) | (None, _) => value.clone(),
    }
}

fn person(fact: PersonFact) -> Value {
    match fact {
        PersonFact::CallsAgain { contact, kind } => {
            json!({"event": "calls_again", "contact": contact, "kind": kind})
        }
        PersonFact::GaveUp { contact, kind } => {
            json!({"event": "gave_up", "contact": contact, "kind": kind})
        }
        PersonFact::LostToClose { contact, kind } => {
            json!({"event": "lost_to_close", "contact": contact, "kind": kind})
        }
        PersonFact::Scheduled { group, count } => {
            json!({"event": "scheduled", "group": group, "count": count})
        }
    }
}

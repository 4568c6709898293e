//! `calls.csv`: one row for each attempt, in the order of arrival.
//!
//! Times are seconds from the run's beginning. A field is empty where it does not apply. `queue` is the first
//! queue, `last_queue` the one that answered or lost the call; `wait_s` runs to the last answer, or to the end.
//! Talk, hold and after-call work of a call from the callback list stand in the row of the attempt that was listed.

use super::safe_for_spreadsheets;
use crate::{Context, Fact};
use acd::{
    AgentId, AttemptKind, CallId, ContactId, Duration, Event, GroupId, OfferId, QueueId, SiteId,
    Timestamp,
};
use serde::Serialize;

/// What is known about an attempt.
#[derive(Debug, Clone)]
struct Row {
    arrived: Timestamp,
    caller: u64,
    attempt: u16,
    kind: AttemptKind,
    contact: ContactId,
    site: Option<SiteId>,
    offered: Option<Timestamp>,
    queue: Option<QueueId>,
    last_queue: Option<QueueId>,
    waited: bool,
    moves: u16,
    sent_back: u16,
    outcome: &'static str,
    ended: Option<Timestamp>,
    wait: Option<Duration>,
    ring: Option<Duration>,
    agent: Option<AgentId>,
    talk: Option<Duration>,
    hold: Option<Duration>,
    acw: Option<Duration>,
    was_cut: bool,
}

/// A row as it is written.
#[derive(Serialize)]
struct Record<'a> {
    replication: u32,
    call: usize,
    caller: u64,
    attempt: u16,
    kind: &'static str,
    contact: std::borrow::Cow<'a, str>,
    site: std::borrow::Cow<'a, str>,
    arrived_s: f64,
    offered_s: Option<f64>,
    queue: std::borrow::Cow<'a, str>,
    last_queue: std::borrow::Cow<'a, str>,
    got_no_offer_on_entry: u8,
    overflows: u16,
    sent_back: u16,
    outcome: &'static str,
    ended_s: Option<f64>,
    wait_s: Option<f64>,
    ring_s: Option<f64>,
    group: std::borrow::Cow<'a, str>,
    agent: Option<u32>,
    talk_s: Option<f64>,
    hold_s: Option<f64>,
    acw_s: Option<f64>,
    cut_in_talk: u8,
}

/// The names of [`Record`]'s fields: serde would write none for a replication without calls.
const HEADER: [&str; 24] = [
    "replication",
    "call",
    "caller",
    "attempt",
    "kind",
    "contact",
    "site",
    "arrived_s",
    "offered_s",
    "queue",
    "last_queue",
    "got_no_offer_on_entry",
    "overflows",
    "sent_back",
    "outcome",
    "ended_s",
    "wait_s",
    "ring_s",
    "group",
    "agent",
    "talk_s",
    "hold_s",
    "acw_s",
    "cut_in_talk",
];

/// Gathers the calls of one replication.
#[derive(Debug)]
pub struct CallLog {
    replication: u32,
    queues: Vec<String>,
    contacts: Vec<String>,
    groups: Vec<String>,
    sites: Vec<String>,
    rows: Vec<Row>,
    /// By the call's slot: its age and its row.
    by_slot: Vec<(u32, usize)>,
    /// By agent: his group, and the row of the call he works on.
    agents: Vec<(Option<GroupId>, Option<usize>)>,
}

impl CallLog {
    /// Makes an empty log of a replication, numbered from 0.
    #[must_use]
    pub fn new(context: &Context, replication: u32) -> Self {
        Self {
            replication,
            queues: context.queues.iter().map(|queue| queue.name.clone()).collect(),
            contacts: context.contacts.clone(),
            groups: context.groups.iter().map(|group| group.name.clone()).collect(),
            sites: context.sites.clone(),
            rows: Vec::new(),
            by_slot: Vec::new(),
            agents: Vec::new(),
        }
    }

    /// Returns about how many bytes the log will take.
    #[must_use]
    pub fn size(&self) -> usize {
        self.rows.len() * size_of::<Row>()
    }

    /// Records a fact that happened at `now`.
    pub fn record(&mut self, now: Timestamp, fact: &Fact<'_>) {
        match fact {
            Fact::Switch(event) => self.record_event(now, event),
            Fact::Person(_) => {}
        }
    }

    fn record_event(&mut self, now: Timestamp, event: &Event) {
        match *event {
            Event::CallArrived { call, contact, kind, site, attempt, caller } => {
                self.arrive(now, call, Row { contact, kind, site, attempt, caller, ..EMPTY });
            }
            Event::CallLeftDoor { call, outcome } => self.with(call, |row| {
                row.outcome = outcome.name();
                row.ended = Some(now);
            }),
            Event::CallEnqueued { call, queue, from, .. } => self.with(call, |row| {
                row.last_queue = Some(queue);
                if from.is_none() {
                    row.offered = Some(now);
                    row.queue = Some(queue);
                }
            }),
            Event::CallWaits { call, .. } => {
                self.with(call, |row| row.waited |= row.offered == Some(now))
            }
            Event::CallMoved { call, .. } => {
                self.with(call, |row| row.moves = row.moves.saturating_add(1))
            }
            Event::CallAnswered { offer, call, wait, ring, is_callback, .. } => {
                self.answer(offer, call, (wait, ring), is_callback);
            }
            Event::CallLeft { call, outcome, wait, .. } => self.with(call, |row| {
                if row.outcome.is_empty() {
                    row.outcome = outcome.name();
                    row.wait = Some(wait);
                    row.ended = Some(now);
                }
            }),
            Event::CallSentBack { call, .. } => self.with(call, |row| {
                row.sent_back = row.sent_back.saturating_add(1);
                (row.outcome, row.wait, row.ring, row.agent) = ("", None, None, None);
            }),
            Event::TalkEnded { offer, call, talk, hold, was_cut, .. } => {
                self.with(call, |row| {
                    (row.talk, row.hold, row.was_cut) = (Some(talk), Some(hold), was_cut);
                    row.ended = Some(now);
                });
                let row = self.row_of(call);
                self.seat(offer.agent).1 = row;
            }
            Event::AcwEnded { agent, acw, .. } => {
                if let Some(row) = self.seat(agent).1.take() {
                    self.rows[row].acw = Some(acw);
                }
            }
            Event::AgentChanged { agent, group, .. } => self.seat(agent).0 = Some(group),
            Event::IvrEntered { .. }
            | Event::IvrStepEntered { .. }
            | Event::CallbackAccepted { .. }
            | Event::CallbackDropped { .. }
            | Event::OfferMade { .. }
            | Event::OfferEnded { .. }
            | Event::HoldStarted { .. }
            | Event::HoldEnded { .. }
            | Event::CallReleased { .. }
            | Event::LinesChanged { .. }
            | Event::Stale { .. } => {}
        }
    }

    fn arrive(&mut self, now: Timestamp, call: CallId, row: Row) {
        if self.by_slot.len() <= call.index() {
            self.by_slot.resize(call.index() + 1, (0, usize::MAX));
        }
        self.by_slot[call.index()] = (call.age, self.rows.len());
        self.rows.push(Row { arrived: now, ..row });
    }

    fn answer(
        &mut self,
        offer: OfferId,
        call: CallId,
        waits: (Duration, Duration),
        is_callback: bool,
    ) {
        self.with(call, |row| {
            row.agent = Some(offer.agent);
            // A listed callback keeps the outcome of its attempt: being listed.
            if !is_callback {
                row.outcome = acd::Outcome::Answered.name();
                (row.wait, row.ring) = (Some(waits.0), Some(waits.1));
            }
        });
    }

    fn seat(&mut self, agent: AgentId) -> &mut (Option<GroupId>, Option<usize>) {
        if self.agents.len() <= agent.index() {
            self.agents.resize(agent.index() + 1, (None, None));
        }
        &mut self.agents[agent.index()]
    }

    fn row_of(&self, call: CallId) -> Option<usize> {
        let (age, row) = *self.by_slot.get(call.index())?;
        (age == call.age && row < self.rows.len()).then_some(row)
    }

    fn with(&mut self, call: CallId, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.row_of(call) {
            change(&mut self.rows[row]);
        }
    }

    /// Returns the rows as CSV. Those of replication 0 begin with the header, so that a file is the logs one after the other.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        if self.replication == 0 {
            writer.write_record(HEADER).expect("a vector takes every byte");
        }
        for (number, row) in self.rows.iter().enumerate() {
            writer.serialize(self.written(number, row)).expect("a vector takes every byte");
        }
        writer.into_inner().expect("a vector takes every byte")
    }

    fn written(&self, number: usize, row: &Row) -> Record<'_> {
        let name = |names: &'_ [String], index: Option<usize>| {
            index.and_then(|index| names.get(index)).map_or("", String::as_str).to_owned()
        };
        let text = |names: &[String], index| {
            safe_for_spreadsheets(&name(names, index)).into_owned().into()
        };
        let group =
            row.agent.and_then(|agent| self.agents.get(agent.index())).and_then(|seat| seat.0);
        let seconds = |duration: Option<Duration>| duration.map(Duration::as_secs);
        let moment = |at: Option<Timestamp>| at.map(Timestamp::as_secs);
        Record {
            replication: self.replication,
            call: number,
            caller: row.caller,
            attempt: row.attempt,
            kind: row.kind.name(),
            contact: text(&self.contacts, Some(row.contact.index())),
            site: text(&self.sites, row.site.map(SiteId::index)),
            arrived_s: row.arrived.as_secs(),
            offered_s: moment(row.offered),
            queue: text(&self.queues, row.queue.map(QueueId::index)),
            last_queue: text(&self.queues, row.last_queue.map(QueueId::index)),
            got_no_offer_on_entry: u8::from(row.waited),
            overflows: row.moves,
            sent_back: row.sent_back,
            outcome: row.outcome,
            ended_s: moment(row.ended),
            wait_s: seconds(row.wait),
            ring_s: seconds(row.ring),
            group: text(&self.groups, group.map(GroupId::index)),
            agent: row.agent.map(|agent| agent.0),
            talk_s: seconds(row.talk),
            hold_s: seconds(row.hold),
            acw_s: seconds(row.acw),
            cut_in_talk: u8::from(row.was_cut),
        }
    }
}

const EMPTY: Row = Row {
    arrived: Timestamp::ZERO,
    caller: 0,
    attempt: 0,
    kind: AttemptKind::Fresh,
    contact: ContactId(0),
    site: None,
    offered: None,
    queue: None,
    last_queue: None,
    waited: false,
    moves: 0,
    sent_back: 0,
    outcome: "",
    ended: None,
    wait: None,
    ring: None,
    agent: None,
    talk: None,
    hold: None,
    acw: None,
    was_cut: false,
};

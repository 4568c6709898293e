//! A checker of captures: what RFC 3261, 3262, 3264, 3581, 4028 and 4733 ask of those who talk.
//!
//! It tracks transactions and dialogs on its own and shares only [`crate::message`] (and the plain
//! readers of [`crate::sdp`] and RTP headers) with the rest of this crate: a fault of our stack is
//! not repeated here. Feed it what passed, by [`Lint::observe`] or from a file by
//! [`capture`], and ask at the end. [`rules`] lists what it knows.
//!
//! A finding is a broken rule by the text of its section. What cannot be judged is not: calls that
//! began before the capture, copies a proxy makes, a line that may have lost what is missing.
//!
//! ```
//! use sip::flow::Transport;
//! use sip::lint::{Lint, Options};
//!
//! let mut lint = Lint::new(Options::default());
//! let (ana, ben) = ("192.0.2.1:5060".parse().expect("address"), "192.0.2.2:5060".parse().expect("address"));
//! let options = b"OPTIONS sip:ben@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=77\r\n\
//!     Max-Forwards: 70\r\nFrom: <sip:ana@192.0.2.1>;tag=1\r\nTo: <sip:ben@192.0.2.2>\r\n\
//!     Call-ID: 4711\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n";
//! lint.observe(sip::Instant::default(), ana, ben, Transport::Udp, options);
//! assert_eq!(lint.finish()[0].rule, "branch-cookie");
//! ```

mod call;
pub mod capture;
mod description;
mod finding;
mod framer;
pub mod limits;
mod media;
mod recent;
mod rules;
mod seen;
mod wire;

pub use finding::Finding;
pub use rules::{Rule, rules};

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use crate::flow::Transport;
use crate::message::{Carrier, Fault, Head, Index, Message, Name};
use crate::sdp::Session;
use crate::time::Instant;
use call::{Call, Place};
use description::{Exchange, last_of_sender, offer_of};
use finding::{Complaint, shown};
use framer::{Cut, Framer};
use limits::{CALLS_MAX, FINDINGS_MAX, MEMORY_MAX, STREAMS_MAX};
use media::Media;
use recent::Memory;
use rules::{Check, End, Look};
use seen::{Passage, Seen};
use wire::{fault_line, is_sip, surplus};

/// What the checker is told of the capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// T1 of those who talk (RFC 3261 §17.1.1.1).
    pub t1: Duration,
    /// T2 of those who talk.
    pub t2: Duration,
    /// The capture goes on until all is quiet: what is missing at its end was never sent.
    pub is_whole: bool,
    /// What was captured also arrived: a message sent again was sent without need.
    pub is_lossless: bool,
    /// Signalling addresses of ours, of whose media more is asked.
    pub ours: Vec<SocketAddr>,
}

impl Default for Options {
    /// The RFC's timers; a capture that may begin and end anywhere, on a line that may lose.
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            is_whole: false,
            is_lossless: false,
            ours: Vec::new(),
        }
    }
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// SIP messages.
    pub messages: u64,
    /// RTP packets to addresses that descriptions have named.
    pub media: u64,
    /// Datagrams that were neither.
    pub others: u64,
    /// Call-IDs.
    pub calls: u64,
    /// Findings beyond [`limits::FINDINGS_MAX`].
    pub findings_left_out: u64,
}

/// The checker.
#[derive(Debug)]
pub struct Lint {
    options: Options,
    counters: Counters,
    packet: u64,
    now: Instant,
    calls: BTreeMap<Vec<u8>, Call>,
    /// Call-IDs, the oldest first.
    order: VecDeque<Vec<u8>>,
    memory_used: usize,
    memory: Memory,
    media: Media,
    streams: BTreeMap<(SocketAddr, SocketAddr), Framer>,
    findings: Vec<Finding>,
}

impl Lint {
    /// Makes a checker that has seen nothing.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            counters: Counters::default(),
            packet: 0,
            now: Instant::default(),
            calls: BTreeMap::new(),
            order: VecDeque::new(),
            memory_used: 0,
            memory: Memory::default(),
            media: Media::default(),
            streams: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// Looks at what passed: a datagram, or the next bytes of a connection.
    ///
    /// Moments and packets come in their order. Datagrams may be SIP, RTP or anything else.
    pub fn observe(
        &mut self,
        at: Instant,
        from: SocketAddr,
        to: SocketAddr,
        transport: Transport,
        bytes: &[u8],
    ) {
        self.observe_packet(self.packet + 1, at, from, to, transport, bytes);
    }

    /// As [`Self::observe`], with the packet's number in the capture.
    pub fn observe_packet(
        &mut self,
        number: u64,
        at: Instant,
        from: SocketAddr,
        to: SocketAddr,
        transport: Transport,
        bytes: &[u8],
    ) {
        self.packet = number;
        self.now = self.now.max(at);
        let passage = Passage { number, at, from, to, transport };
        if transport.is_reliable() {
            self.observe_stream(passage, bytes);
        } else {
            self.observe_datagram(passage, bytes);
        }
    }

    /// Judges what never came, and gives all findings in the order of their packets.
    pub fn finish(&mut self) -> Vec<Finding> {
        while let Some(call_id) = self.order.pop_front() {
            self.end(&call_id);
        }
        self.findings.sort_by_key(|finding| finding.packet);
        core::mem::take(&mut self.findings)
    }

    /// What was looked at so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    fn observe_datagram(&mut self, passage: Passage, bytes: &[u8]) {
        if is_sip(bytes) {
            return self.observe_message(passage, bytes, Carrier::Datagram);
        }
        let mut faults = Vec::new();
        if self.media.observe(passage, bytes, &mut faults) {
            self.counters.media += 1;
        } else if !bytes.trim_ascii().is_empty() {
            self.counters.others += 1;
        }
        for fault in faults {
            self.say(passage, &fault.call_id, fault.rule, fault.complaint);
        }
    }

    fn observe_stream(&mut self, passage: Passage, bytes: &[u8]) {
        let place = (passage.from, passage.to);
        if !self.streams.contains_key(&place) && self.streams.len() == STREAMS_MAX {
            self.streams.pop_first();
        }
        let mut framer = self.streams.remove(&place).unwrap_or_default();
        framer.push(bytes);
        while let Some(cut) = framer.next() {
            match cut {
                Cut::Message(bytes) | Cut::Lost(bytes) if is_sip(&bytes) => {
                    self.observe_message(passage, &bytes, Carrier::Stream);
                }
                Cut::Message(_) | Cut::Lost(_) => self.counters.others += 1,
            }
        }
        self.streams.insert(place, framer);
    }

    fn observe_message(&mut self, passage: Passage, bytes: &[u8], carrier: Carrier) {
        self.counters.messages += 1;
        let mut index = Index::default();
        let message = match Message::parse(bytes, carrier, &mut index) {
            Ok(message) => message,
            Err(rejected) => return self.unreadable(passage, bytes, rejected.fault),
        };
        let essentials = match message.check() {
            Ok(essentials) => essentials,
            Err(fault) => return self.unreadable(passage, bytes, fault),
        };
        let mut seen = Seen::new(passage, &message, &essentials);
        seen.surplus = match carrier {
            Carrier::Datagram => surplus(bytes, message.body()),
            Carrier::Stream => 0,
        };
        if let Err(fault) = message.audit() {
            let line = fault_line(bytes, fault).unwrap_or_else(|| seen.start_line());
            self.broken(passage, &seen.call_id, fault, line);
        }
        self.track(seen);
    }

    /// A message that cannot be tracked: its call may miss it without fault.
    fn unreadable(&mut self, passage: Passage, bytes: &[u8], fault: Fault) {
        let mut index = Index::default();
        let call_id = Head::read(bytes, &mut index).ok().and_then(|head| {
            let branch = head.message.top_via().ok().and_then(|via| via.branch());
            let owner = branch.and_then(|branch| self.memory.branches.get(branch)).cloned();
            head.message.first(Name::CallId).map(<[u8]>::to_vec).or(owner)
        });
        let call_id = call_id.unwrap_or_default();
        if let Some(call) = self.calls.get_mut(&call_id) {
            call.is_blind = true;
        }
        let line = fault_line(bytes, fault);
        let first = bytes.split(|&byte| byte == b'\r').find(|line| !line.trim_ascii().is_empty());
        let line = line.unwrap_or_else(|| shown(first.unwrap_or_default()));
        self.broken(passage, &call_id, fault, line);
    }

    fn broken(&mut self, passage: Passage, call_id: &[u8], fault: Fault, line: String) {
        let rule = rules().find(|rule| match rule.check {
            Check::Parser(is_hers) => is_hers(fault),
            Check::Message(_)
            | Check::Request(_)
            | Check::Ack(_)
            | Check::Response(_)
            | Check::Stray(_)
            | Check::Repeat(_)
            | Check::Description(_)
            | Check::Answer(_)
            | Check::End(_)
            | Check::Media => false,
        });
        if let Some(rule) = rule {
            let complaint = Complaint::new(line).detail(fault.to_string());
            self.say(passage, call_id, rule, complaint);
        }
    }

    /// Judges a message by what is known, then makes it known.
    fn track(&mut self, seen: Seen) {
        let call_id = seen.call_id.clone();
        let mut call = match self.calls.remove(&call_id) {
            Some(call) => call,
            None => {
                self.order.push_back(call_id.clone());
                self.counters.calls += 1;
                Call::new(&seen)
            }
        };
        self.memory_used -= call.memory;
        let place = call.place(&seen);
        let complaints = self.judge(&call, &seen, place);
        for (rule, complaint) in complaints {
            self.say(seen.passage, &call_id, rule, complaint);
        }
        self.remember(&seen);
        call.last = seen.passage.at;
        call.take(seen, place);
        self.memory_used += call.weigh();
        self.calls.insert(call_id, call);
        self.make_room();
    }

    /// Asks every rule whose moment this is.
    fn judge(&self, call: &Call, seen: &Seen, place: Place) -> Vec<(&'static Rule, Complaint)> {
        let transaction = place.index().and_then(|index| call.transactions.get(index));
        let (memory, options) = (&self.memory, &self.options);
        let look = Look { seen, call, transaction, memory, options };
        let is_new = !place.is_copy();
        let offer = offer_of(call, transaction, seen).filter(|_| is_new);
        let exchange = offer.and_then(|offer| {
            let (offered, answered) = (offer.sdp()?, seen.sdp()?);
            let (offer, answer) = (Session::parse(offered).ok()?, Session::parse(answered).ok()?);
            Some(Exchange { offer, answer, offered, answered })
        });
        let is_original = place != Place::NewRequest { is_hop: true } && is_new;
        let described =
            seen.sdp().filter(|_| is_original).and_then(|text| Session::parse(text).ok());
        let before = described.as_ref().and_then(|_| last_of_sender(call, seen));
        let ask = |rule: &'static Rule| {
            let complaint = match (rule.check, transaction) {
                (Check::Message(check), _) if is_new => check(&look),
                (Check::Request(check), _) if is_new && seen.is_request() => check(&look),
                (Check::Ack(check), Some(invite)) if place.is_new_ack() => check(&look, invite),
                (Check::Response(check), Some(request)) if is_new && !seen.is_request() => {
                    check(&look, request)
                }
                (Check::Stray(check), None) if !seen.is_request() => check(&look),
                (Check::Repeat(check), Some(first)) if place.is_copy() => check(&look, first),
                (Check::Answer(check), _) => check(&look, exchange.as_ref()?),
                (Check::Description(check), _) => check(&look, described.as_ref()?, before),
                (
                    Check::Parser(_)
                    | Check::Message(_)
                    | Check::Request(_)
                    | Check::Ack(_)
                    | Check::Response(_)
                    | Check::Stray(_)
                    | Check::Repeat(_)
                    | Check::End(_)
                    | Check::Media,
                    _,
                ) => None,
            };
            complaint.map(|complaint| (rule, complaint))
        };
        rules().filter_map(ask).collect()
    }

    /// Notes what is compared between calls.
    fn remember(&mut self, seen: &Seen) {
        let own = || seen.call_id.clone();
        if seen.is_request() && !seen.branch.is_empty() {
            self.memory.branches.insert_new(&seen.branch, own);
        }
        for tag in [Some(&seen.from_tag), seen.to_tag.as_ref()].into_iter().flatten() {
            if !tag.is_empty() {
                self.memory.tags.insert_new(tag, own);
            }
        }
        for (key, count) in rules::nonces(seen) {
            let highest = self.memory.nonces.get(&key).copied().unwrap_or_default();
            // Credentials make no nonce known: only a challenge does.
            if !seen.is_request() || self.memory.nonces.get(&key).is_some() {
                self.memory.nonces.insert(key, highest.max(count));
            }
        }
        if let Some(binding) = rules::binding(seen) {
            self.memory.registrations.insert_new(&binding, own);
        }
        self.media.describe(seen, &self.options);
    }

    /// Ends calls that are over, or the oldest when there are too many.
    fn make_room(&mut self) {
        // Two looks for each message: every call comes up as fast as calls are made.
        for _ in 0..2 {
            let Some(call_id) = self.order.pop_front() else { return };
            let quiet = |call: &Call| self.now.saturating_since(call.last);
            let settled = self.options.t1 * 64 * 2;
            let is_over =
                self.calls.get(&call_id).is_none_or(|call| call.is_over() && quiet(call) > settled);
            let is_crowded = self.calls.len() > CALLS_MAX || self.memory_used > MEMORY_MAX;
            if is_over || is_crowded {
                self.end(&call_id);
            } else {
                self.order.push_back(call_id);
            }
        }
    }

    /// Judges a call as it stands, and forgets it.
    fn end(&mut self, call_id: &[u8]) {
        let Some(call) = self.calls.remove(call_id) else { return };
        self.memory_used -= call.memory;
        let end = End { now: self.now, options: &self.options };
        let mut complaints = Vec::new();
        for rule in rules() {
            if let Check::End(check) = rule.check {
                complaints.extend(check(&call, &end).into_iter().map(|one| (rule, one)));
            }
        }
        for (rule, complaint) in complaints {
            let quoted = complaint.quoted.expect("what is missing follows a message");
            self.say(quoted, call_id, rule, complaint);
        }
    }

    fn say(&mut self, passage: Passage, call_id: &[u8], rule: &Rule, complaint: Complaint) {
        if self.findings.len() == FINDINGS_MAX {
            self.counters.findings_left_out += 1;
            return;
        }
        let Complaint { line, detail, by, quoted: _ } = complaint;
        let expected = match detail.is_empty() {
            true => rule.expects.to_owned(),
            false => format!("{}: {detail}", rule.expects),
        };
        self.findings.push(Finding {
            at: passage.at,
            packet: passage.number,
            by: by.unwrap_or(passage.from),
            call_id: shown(call_id),
            rule: rule.id,
            source: rule.source,
            line,
            expected,
        });
    }
}

//! A caller and a phone, each with one set of transactions, and the clock between them.
//!
//! They do what RFC 3665 draws, at transaction level: no dialogs, so the ACK of a 2xx and BYE are
//! written by hand here.

use std::collections::BTreeMap;

use sip::flow::{Flow, Transport};
use sip::message::{Carrier, Essentials, Index, Message, Method, Name};
use sip::transaction::{ClientId, Event, Handled, ServerId, Settings, Transactions};
use sip::write::{ReplyPlan, Writer, reason_phrase, respond};
use sip::{Duration, Instant};

use crate::line::{Badness, Line};

pub(crate) const CALLER: usize = 0;
pub(crate) const PHONE: usize = 1;

/// What the phone does with a call, and when the caller loses heart.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// The phone's final status, this long after the INVITE.
    pub(crate) answer: (u16, Duration),
    /// The caller sends CANCEL this long after the INVITE.
    pub(crate) cancel_after: Option<Duration>,
    /// The first request: INVITE, or REGISTER that is challenged once.
    pub(crate) registers: bool,
    pub(crate) transport: Transport,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Ring(ServerId),
    Answer(ServerId),
    Cancel,
    Bye,
}

/// What the two saw.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Story {
    /// Final statuses the caller got of its INVITE or REGISTERs, 2xx repetitions left out.
    pub(crate) finals: Vec<u16>,
    /// Final statuses of BYE.
    pub(crate) byes: Vec<u16>,
    pub(crate) timed_out: usize,
    pub(crate) no_ack: usize,
    /// Requests the phone got as new, ACK left out.
    pub(crate) requests: Vec<String>,
    pub(crate) acknowledged: bool,
    pub(crate) sent: usize,
}

pub(crate) struct World {
    plan: Plan,
    now: Instant,
    line: Line,
    ends: [Transactions; 2],
    acts: BTreeMap<(Instant, u64), (usize, Act)>,
    sequence: u64,
    branches: u32,
    invite: Option<ClientId>,
    bye: Option<ClientId>,
    phone_invite: Option<ServerId>,
    answered: bool,
    pub(crate) story: Story,
}

/// More steps than any call needs: a loop that does not end fails instead of hanging.
const STEPS_MAX: usize = 10_000;

impl World {
    pub(crate) fn new(seed: u64, badness: Badness, plan: Plan) -> Self {
        Self {
            plan,
            now: Instant::from_micros(1),
            line: Line::new(seed, badness),
            ends: [Transactions::new(Settings::default()), Transactions::new(Settings::default())],
            acts: BTreeMap::new(),
            sequence: 0,
            branches: 0,
            invite: None,
            bye: None,
            phone_invite: None,
            answered: false,
            story: Story::default(),
        }
    }

    /// Runs until nothing is left to happen.
    pub(crate) fn run(mut self) -> Story {
        let method = if self.plan.registers { Method::Register } else { Method::Invite };
        self.invite = Some(self.start(method, 1));
        if let Some(after) = self.plan.cancel_after {
            self.later(after, CALLER, Act::Cancel);
        }
        for _ in 0..STEPS_MAX {
            self.flush();
            let timeouts = self.ends.iter().filter_map(Transactions::next_timeout);
            let acts = self.acts.keys().next().map(|(due, _)| *due);
            let Some(next) = timeouts.chain(self.line.next()).chain(acts).min() else { break };
            assert!(next >= self.now, "time goes forward");
            self.now = next;
            self.step();
        }
        for end in &self.ends {
            assert!(end.is_empty(), "{} transactions left", end.len());
            assert_eq!(end.next_timeout(), None, "a timer left");
        }
        assert_eq!(self.line.next(), None, "a datagram left");
        self.story
    }

    fn step(&mut self) {
        for end in &mut self.ends {
            end.handle_timeout(self.now);
        }
        if let Some(entry) = self.acts.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let (_, act) = entry.remove();
            self.act(act);
        }
        if let Some((to, bytes)) = self.line.deliver(self.now) {
            self.receive(to, &bytes);
        }
    }

    fn flush(&mut self) {
        let mut buffer = Vec::new();
        for end in [CALLER, PHONE] {
            while self.ends[end].poll_transmit(&mut buffer).is_some() {
                self.story.sent += 1;
                self.line.send(self.now, 1 - end, &buffer);
            }
            while let Some(event) = self.ends[end].poll_event() {
                match event {
                    Event::TimedOut(_) => self.story.timed_out += 1,
                    Event::NoAck(_) => self.story.no_ack += 1,
                    Event::Unreachable(_) | Event::Unanswered(_) => panic!("{event:?}"),
                    Event::ClientEnded(_) | Event::ServerEnded(_) => {}
                }
            }
        }
    }

    fn later(&mut self, after: Duration, who: usize, act: Act) {
        self.sequence += 1;
        self.acts.insert((self.now + after, self.sequence), (who, act));
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Ring(id) => self.reply_to_invite(id, 180),
            Act::Answer(id) => {
                let status = self.plan.answer.0;
                self.reply_to_invite(id, status);
            }
            Act::Cancel => {
                let invite = self.invite.expect("a call was started");
                self.ends[CALLER].cancel(self.now, invite);
            }
            Act::Bye => self.bye = Some(self.start(Method::Bye, 2)),
        }
    }

    fn flow(&self) -> Flow {
        let remote = "192.0.2.1:5060".parse().expect("address");
        Flow { transport: self.plan.transport, socket: 0, remote }
    }

    fn request(&mut self, method: Method<'_>, cseq: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.branches += 1;
        let mut writer = Writer::request(&mut bytes, method, b"sip:ana@192.0.2.1");
        let branch = self.branches;
        writer
            .formatted(Name::Via, format_args!("SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{branch}"))
            .header(Name::MaxForwards, b"70")
            .header(Name::From, b"<sip:ben@example.com>;tag=b1")
            .header(Name::To, b"<sip:ana@example.com>")
            .header(Name::CallId, b"1@example.com")
            .formatted(Name::CSeq, format_args!("{cseq} {method}"));
        writer.finish();
        bytes
    }

    fn start(&mut self, method: Method<'_>, cseq: u32) -> ClientId {
        let request = self.request(method, cseq);
        let flow = self.flow();
        self.ends[CALLER].start(self.now, flow, &request).expect("well formed")
    }

    fn reply_to_invite(&mut self, id: ServerId, status: u16) {
        // The request is gone by now: its head would be kept in a ReplyHead; here it is remade.
        let text = "INVITE sip:ana@192.0.2.1 SIP/2.0\r\n\
            Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1\r\nFrom: <sip:ben@example.com>;tag=b1\r\n\
            To: <sip:ana@example.com>\r\nCall-ID: 1@example.com\r\nCSeq: 1 INVITE\r\n\r\n";
        let mut index = Index::default();
        let invite = Message::parse(text.as_bytes(), Carrier::Datagram, &mut index).expect("good");
        if reply(&mut self.ends[PHONE], self.now, id, &invite, status) && status >= 200 {
            self.answered = true;
        }
    }

    fn receive(&mut self, to: usize, bytes: &[u8]) {
        let mut index = Index::default();
        let message =
            Message::parse(bytes, Carrier::Datagram, &mut index).expect("our own writing");
        let essentials = message.check().expect("our own writing");
        let flow = self.flow();
        let handled = self.ends[to].handle_message(self.now, flow, &message, &essentials);
        match handled {
            Handled::Request(id) => self.phone_gets(id, &message, &essentials),
            Handled::Cancel { cancel, invite } => {
                self.story.requests.push("CANCEL".to_owned());
                let status = if invite.is_some() { 200 } else { 481 };
                assert!(reply(&mut self.ends[PHONE], self.now, cancel, &message, status));
                if let Some(invite) = invite.filter(|_| !self.answered) {
                    self.reply_to_invite(invite, 487);
                }
            }
            Handled::Ack => {
                self.story.acknowledged = true;
                if let Some(invite) = self.phone_invite {
                    self.ends[PHONE].acknowledged(invite);
                }
            }
            Handled::Response(id) => self.caller_gets(id, message.status().expect("a response")),
            Handled::StrayResponse | Handled::Absorbed => {}
            Handled::Full => panic!("no limit is near"),
        }
    }

    fn phone_gets(&mut self, id: ServerId, message: &Message<'_>, essentials: &Essentials<'_>) {
        self.story.requests.push(essentials.cseq.method.to_string());
        let phone = &mut self.ends[PHONE];
        let method = essentials.cseq.method;
        if method == Method::Invite {
            self.phone_invite = Some(id);
            assert!(reply(phone, self.now, id, message, 100));
            self.later(Duration::from_millis(50), PHONE, Act::Ring(id));
            self.later(self.plan.answer.1, PHONE, Act::Answer(id));
            return;
        }
        // RFC 3665 §2.1: a registration is challenged once, then accepted.
        let is_challenged = method == Method::Register && essentials.cseq.number == 1;
        assert!(reply(phone, self.now, id, message, if is_challenged { 401 } else { 200 }));
    }

    fn caller_gets(&mut self, id: ClientId, status: u16) {
        if status < 200 {
            return;
        }
        if self.bye == Some(id) {
            self.story.byes.push(status);
            return;
        }
        if self.plan.registers {
            self.story.finals.push(status);
            if status == 401 {
                self.invite = Some(self.start(Method::Register, 2));
            }
            return;
        }
        if (200..300).contains(&status) {
            // RFC 3261 §13.2.2.4: every 2xx is acknowledged, repetitions too.
            let ack = self.request(Method::Ack, 1);
            self.line.send(self.now, PHONE, &ack);
            if self.story.finals.contains(&status) {
                return;
            }
            self.later(Duration::from_secs(1), CALLER, Act::Bye);
        }
        self.story.finals.push(status);
    }
}

fn reply(
    end: &mut Transactions,
    now: Instant,
    id: ServerId,
    request: &Message<'_>,
    status: u16,
) -> bool {
    let mut bytes = Vec::new();
    let plan = ReplyPlan { to_tag: Some(b"a1"), creates_dialog: status < 300 };
    respond(request, None, status, reason_phrase(status).as_bytes(), plan, &mut bytes).finish();
    end.respond(now, id, status, &bytes)
}

//! A user agent (RFC 3261): calls, registrations and manners, on top of [`Transactions`].
//!
//! ```text
//! bytes ──► handle_message ──►┌──────────┐──► poll_event     what happened
//!  time ──► handle_timeout ──►│ Endpoint │
//! owner ──► dial, answer, … ─►└──────────┘──► poll_transmit  what is to be sent
//! ```
//!
//! The owner reads sockets and clocks; after each `handle_*` and each command it polls events and
//! transmits until there are none, and calls [`Endpoint::handle_timeout`] at
//! [`Endpoint::next_timeout`]. Tags, branches, Call-IDs and client nonces are made of the numbers
//! the owner's token source gives.
//!
//! ```
//! use sip::endpoint::{Endpoint, Event, Settings};
//! use sip::flow::{Flow, Transport};
//! use sip::Instant;
//!
//! let mut number = 0;
//! let mut endpoint = Endpoint::new(Settings::default(), move || {
//!     number += 1; // a program asks the operating system's generator
//!     number
//! });
//! let address = "192.0.2.1:5060".parse().expect("an address");
//! endpoint.bind(7, address);
//! let peer = "192.0.2.9:5060".parse().expect("an address");
//! let flow = Flow { transport: Transport::Udp, socket: 7, remote: peer };
//!
//! let now = Instant::from_micros(0);
//! let ping = endpoint.ping(now, flow, b"sip:192.0.2.9", &[]).expect("a SIP URI");
//! let mut datagram = Vec::new();
//! assert_eq!(endpoint.poll_transmit(&mut datagram), Some(flow));
//! assert!(datagram.starts_with(b"OPTIONS sip:192.0.2.9 SIP/2.0\r\n"));
//!
//! // Nobody answers: it is sent ten times more in 32 s, then told.
//! while let Some(due) = endpoint.next_timeout() {
//!     endpoint.handle_timeout(due);
//! }
//! let told = endpoint.poll_event();
//! assert!(matches!(told, Some(Event::Pong { ping: of, status: None }) if of == ping));
//! ```
//!
//! A [`Leg`] is one INVITE dialog. The owner decides what a call means; all that RFC 3261 decides is
//! done here: repeating, acknowledging, CANCEL and its races, forks, glare, order, session timers,
//! digest, and every refusal that needs no owner ([`Refused`] names them, [`Counters`] count them).
//!
//! ```text
//! in    Incoming ─► progress* ─► answer ─► Acknowledged ─► … ─► Ended
//!                            └─► refuse ─► Ended
//! out   dial ─► Progress* ─► Answered ─► … ─► Ended
//!            └─► Ended (refused, timed out)
//! both  hang_up at any moment ─► Ended
//! ```
//!
//! Requests within a dialog go by the leg's flow, not by the peer's Contact: a stranger must not
//! aim our requests. [`Endpoint::next_hop`] tells the address the dialog names, and
//! [`Endpoint::set_flow`] follows it when the owner's policy allows.

mod accounts;
mod change;
mod clients;
mod command;
mod counters;
mod dialog;
mod enrol;
mod event;
mod incoming;
mod legs;
mod outgoing;
mod receive;
mod registrar;
mod schedule;
mod session;
mod settings;
mod tokens;
mod transfer;
mod within;

use core::net::SocketAddr;
use std::collections::VecDeque;
use std::hash::RandomState;

#[cfg(feature = "rsip")]
pub(crate) use command::is_token;
pub use command::{CommandError, Credentials, Dial, Enrol, Extra, Refusal};
pub use counters::{Counters, Refused};
pub use event::{
    AccountId, BindingId, Caller, End, Event, Leg, Ping, Registration, Standing, Unbound,
};
pub use settings::{RegistrarSettings, SessionPolicy, Settings};

use accounts::Registrar;
use clients::ClientUse;
use enrol::Enrolment;
use legs::{Record, State};
use receive::ServerUse;
use schedule::{Due, Schedule};
use tokens::Tokens;

use crate::flow::Flow;
use crate::hash::Table;
use crate::message::{Index, Kept};
use crate::time::{Duration, Instant};
use crate::transaction::slab::Slab;
use crate::transaction::{self, ClientId, Id, ServerId, Transactions};

/// A user agent with all its calls and registrations.
#[derive(Debug)]
pub struct Endpoint {
    settings: Settings,
    tokens: Tokens,
    now: Instant,
    transactions: Transactions,
    sockets: Table<u32, Box<str>>,
    legs: Slab<Record>,
    by_tag: Table<u64, Id>,
    /// Legs that are over and stay for late messages only.
    lingering: usize,
    servers: Table<ServerId, ServerUse>,
    clients: Table<ClientId, ClientUse>,
    merged: Table<u64, ServerId>,
    hasher: RandomState,
    registrar: Option<Registrar>,
    registrations: Slab<Enrolment>,
    pings: usize,
    last_ping: u64,
    closed: Option<Duration>,
    schedule: Schedule,
    events: VecDeque<Event>,
    /// Calls that came since messages were polled last: each wants a 100 unless it is answered before the next poll.
    fresh: Vec<Id>,
    counters: Counters,
    index: Index,
    scratch: Vec<u8>,
    spare: Vec<Kept>,
}

/// Copies of messages kept for reuse.
const SPARE_MAX: usize = 64;

/// How much an endpoint holds; all zero when nothing is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Legs, those that only wait for late messages included.
    pub legs: usize,
    /// Transactions.
    pub transactions: usize,
    /// What is remembered of transactions; never more than there are.
    pub uses: usize,
    /// Timers of the endpoint itself: sessions, glare, bindings, refreshes.
    pub timers: usize,
    /// Registrations of ours.
    pub registrations: usize,
    /// Contacts registered here.
    pub bindings: usize,
    /// OPTIONS of ours not answered yet.
    pub pings: usize,
}

/// A contact that an account registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding<'a> {
    /// Its name.
    pub id: BindingId,
    /// The Request-URI of calls to it.
    pub contact: &'a [u8],
    /// Where calls to it go: the flow of the REGISTER.
    pub flow: Flow,
    /// When it ends unless refreshed.
    pub expires_at: Instant,
}

/// Set-up, time and transport.
impl Endpoint {
    /// Makes an endpoint without calls.
    ///
    /// `tokens` gives unpredictable 64-bit numbers, from the operating system's generator: a peer
    /// that guesses a tag can hang up for another (RFC 3261 §19.3).
    pub fn new(mut settings: Settings, tokens: impl FnMut() -> u64 + Send + 'static) -> Self {
        let mut tokens = Tokens::new(tokens);
        let registrar = settings.registrar.take();
        let registrar = registrar.map(|settings| Registrar::new(settings, tokens.number()));
        Self {
            transactions: Transactions::new(settings.transactions),
            settings,
            tokens,
            registrar,
            now: Instant::default(),
            sockets: Table::default(),
            legs: Slab::default(),
            by_tag: Table::default(),
            lingering: 0,
            servers: Table::default(),
            clients: Table::default(),
            merged: Table::default(),
            hasher: RandomState::new(),
            registrations: Slab::default(),
            pings: 0,
            last_ping: 0,
            closed: None,
            schedule: Schedule::default(),
            events: VecDeque::new(),
            fresh: Vec::new(),
            counters: Counters::default(),
            index: Index::default(),
            scratch: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Names the local address of a socket or connection as peers see it: it stands in Via and
    /// Contact. Needed before the first message or command on it.
    pub fn bind(&mut self, socket: u32, address: SocketAddr) {
        self.sockets.insert(socket, address.to_string().into());
    }

    /// Forgets a socket.
    pub fn forget_socket(&mut self, socket: u32) {
        self.sockets.remove(&socket);
    }

    /// Refuses new calls with 503 and this Retry-After while set; `None` lets them in again.
    pub fn set_closed(&mut self, retry_after: Option<Duration>) {
        self.closed = retry_after;
    }

    /// Fires every timer due at or before `now`; harmless when none is.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.transactions.handle_timeout(self.now);
        self.settle();
        while let Some(due) = self.schedule.pop(self.now) {
            match due {
                Due::Session(leg) => self.session_due(leg),
                Due::Glare(leg) => self.glare_over(leg),
                Due::Binding(binding) => {
                    self.unbind(binding, Unbound::Expired);
                }
                Due::Refresh(registration) => self.refresh_due(registration),
            }
        }
        self.settle();
    }

    /// Takes the news that a flow does not work: a closed connection, an ICMP error.
    ///
    /// What was under way on it fails; contacts registered by a connection are gone.
    pub fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.advance(now);
        if flow.transport.is_reliable() {
            self.unbind_flow(flow);
        }
        self.transactions.handle_unreachable(self.now, flow);
        self.settle();
    }

    /// When to call [`Self::handle_timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        let both = [self.transactions.next_timeout(), self.schedule.next()];
        both.into_iter().flatten().min()
    }

    /// The next message to send: its bytes replace those of `buffer`.
    ///
    /// An INVITE that was not answered since it came is answered 100 first: poll after each `handle_*`, at the latest within
    /// 200 ms (RFC 3261 §17.2.1).
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        self.try_fresh();
        self.transactions.poll_transmit(buffer)
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next message that was sent or came again, when the settings ask for it.
    pub fn poll_repeat(&mut self) -> Option<transaction::Repeat> {
        self.transactions.poll_repeat()
    }

    /// Gives the message of an event back, for its memory to be used again.
    pub fn recycle(&mut self, message: Kept) {
        if self.spare.len() < SPARE_MAX {
            self.spare.push(message);
        }
    }

    /// What was refused.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How much is held.
    pub fn usage(&self) -> Usage {
        Usage {
            legs: self.legs.len(),
            transactions: self.transactions.len(),
            uses: self.servers.len() + self.clients.len(),
            timers: self.schedule.len(),
            registrations: self.registrations.len(),
            bindings: self.registrar.as_ref().map_or(0, Registrar::bindings),
            pings: self.pings,
        }
    }

    /// Whether there is room for one more leg.
    fn has_room(&self) -> bool {
        self.legs.len() - self.lingering < self.settings.legs_max
    }

    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    /// Takes what happened in the transactions.
    fn settle(&mut self) {
        while let Some(event) = self.transactions.poll_event() {
            match event {
                transaction::Event::TimedOut(client) => self.client_failed(client, 408),
                transaction::Event::Unreachable(client) => self.client_failed(client, 503),
                transaction::Event::NoAck(server) => self.handle_no_ack(server),
                transaction::Event::Unanswered(server) => self.handle_unanswered(server),
                transaction::Event::ClientEnded(client) => {
                    self.forget_client(client);
                }
                transaction::Event::ServerEnded(server) => {
                    self.server_ended(server);
                    self.forget_server(server);
                }
            }
        }
        debug_assert_eq!(self.by_tag.len(), self.legs.len(), "every leg has one tag");
        debug_assert!(self.servers.len() + self.clients.len() <= self.transactions.len() + 1);
    }

    /// No answer came: as a 408, or a 503 (RFC 3261 §8.1.3.1).
    fn client_failed(&mut self, client: ClientId, status: u16) {
        if let Some(what) = self.forget_client(client) {
            self.handle_final(what, status, None);
        }
    }

    /// The owner never answered a change or a transfer.
    fn handle_unanswered(&mut self, server: ServerId) {
        let Some(leg) = self.servers.get(&server).and_then(|used| used.leg) else { return };
        self.drop_asked(leg, server);
        self.drop_inbound(leg, server);
    }

    /// A transaction ended without its end being told: its connection closed.
    fn server_ended(&mut self, server: ServerId) {
        let Some(leg) = self.servers.get(&server).and_then(|used| used.leg) else { return };
        self.drop_inbound(leg, server);
        let Some(record) = self.legs.get(leg) else { return };
        match &record.state {
            State::Incoming(incoming) if incoming.server == server => {
                self.end_leg(leg, End::Unreachable, None);
            }
            State::Incoming(_)
            | State::Answered { .. }
            | State::Calling(_)
            | State::Offered(_)
            | State::Up
            | State::Ending(_)
            | State::Over => self.handle_no_ack(server),
        }
    }
}

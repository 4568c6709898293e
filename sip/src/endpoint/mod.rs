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

mod command;
mod counters;
mod event;
mod settings;

use core::net::SocketAddr;
use std::collections::VecDeque;

pub use command::{CommandError, Credentials, Dial, Enrol, Extra, Refusal};
pub use counters::{Counters, Refused};
pub use event::{
    AccountId, BindingId, Caller, End, Event, Leg, Ping, Registration, Standing, Unbound,
};
pub use settings::{RegistrarSettings, SessionPolicy, Settings};

use crate::flow::{Flow, Transport};
use crate::message::{Fault, Kept};
use crate::time::{Duration, Instant};
use crate::transaction::Transactions;

/// A user agent with all its calls and registrations.
pub struct Endpoint {
    settings: Settings,
    tokens: Box<dyn FnMut() -> u64 + Send>,
    transactions: Transactions,
    events: VecDeque<Event>,
    counters: Counters,
}

/// How much an endpoint holds; all zero when nothing is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Legs, those that only wait for late messages included.
    pub legs: usize,
    /// Transactions.
    pub transactions: usize,
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
    pub fn new(settings: Settings, tokens: impl FnMut() -> u64 + Send + 'static) -> Self {
        let transactions = Transactions::new(settings.transactions);
        Self {
            settings,
            tokens: Box::new(tokens),
            transactions,
            events: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Names the local address of a socket as peers see it: it stands in Via and Contact.
    pub fn bind(&mut self, socket: u32, address: SocketAddr) {
        let _ = (socket, address);
    }

    /// Forgets a socket.
    pub fn unbind(&mut self, socket: u32) {
        let _ = socket;
    }

    /// Takes one message: a datagram, or a piece that [`Framer`](crate::stream::Framer) cut.
    pub fn handle_message(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        let _ = (now, flow, bytes);
    }

    /// Takes the head of a piece that broke its stream; answers it where that is possible.
    pub fn handle_broken(&mut self, now: Instant, flow: Flow, fault: Fault, head: &[u8]) {
        let _ = (now, flow, fault, head);
    }

    /// Fires every timer due at or before `now`; harmless when none is.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.transactions.handle_timeout(now);
    }

    /// Takes the news that a flow does not work: a closed connection, an ICMP error.
    pub fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.transactions.handle_unreachable(now, flow);
    }

    /// When to call [`Self::handle_timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        self.transactions.next_timeout()
    }

    /// The next message to send: its bytes replace those of `buffer`.
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        self.transactions.poll_transmit(buffer)
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Gives the message of an event back, for its memory to be used again.
    pub fn recycle(&mut self, message: Kept) {
        drop(message);
    }

    /// What was refused.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How much is held.
    pub fn usage(&self) -> Usage {
        Usage { transactions: self.transactions.len(), ..Usage::default() }
    }

    /// Refuses new calls with 503 while set; `None` lets them in again.
    pub fn set_closed(&mut self, retry_after: Option<Duration>) {
        let _ = retry_after;
    }

    /// Makes a call: sends an INVITE.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn dial(&mut self, now: Instant, dial: &Dial<'_>) -> Result<Leg, CommandError> {
        let _ = (now, dial);
        Err(CommandError::NoSocket)
    }

    /// Answers an incoming INVITE provisionally: 180, or 183 with SDP.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn progress(
        &mut self,
        now: Instant,
        leg: Leg,
        status: u16,
        sdp: Option<&[u8]>,
    ) -> Result<(), CommandError> {
        let _ = (now, leg, status, sdp);
        Err(CommandError::Gone)
    }

    /// Answers an incoming INVITE with 200; the SDP is the answer, or the offer when the INVITE
    /// made none. Repeated until [`Event::Acknowledged`] or [`Event::NoAck`].
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn answer(&mut self, now: Instant, leg: Leg, sdp: &[u8]) -> Result<(), CommandError> {
        let _ = (now, leg, sdp);
        Err(CommandError::Gone)
    }

    /// Refuses an incoming INVITE. [`Event::Ended`] follows.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn refuse(
        &mut self,
        now: Instant,
        leg: Leg,
        refusal: &Refusal<'_>,
    ) -> Result<(), CommandError> {
        let _ = (now, leg, refusal);
        Err(CommandError::Gone)
    }

    /// Asks an unproved caller for credentials: 401 with our challenge. [`Event::Ended`] follows;
    /// the caller's next INVITE is [`Caller::Proved`] when they are right.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn challenge(&mut self, now: Instant, leg: Leg) -> Result<(), CommandError> {
        let _ = (now, leg);
        Err(CommandError::Gone)
    }

    /// Answers the offer of a 2xx in its ACK, when [`Dial::sdp`] was `None`.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn acknowledge(&mut self, now: Instant, leg: Leg, sdp: &[u8]) -> Result<(), CommandError> {
        let _ = (now, leg, sdp);
        Err(CommandError::Gone)
    }

    /// Ends a leg whatever its state: CANCEL, BYE, or 487 to an INVITE not answered yet. A CANCEL
    /// waits for a provisional response; a BYE waits for the ACK (RFC 3261 §15); a 2xx that
    /// crosses a CANCEL is acknowledged and hung up. `headers` go on the CANCEL or BYE.
    /// [`Event::Ended`] follows when it is done.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn hang_up(
        &mut self,
        now: Instant,
        leg: Leg,
        headers: &[Extra<'_>],
    ) -> Result<(), CommandError> {
        let _ = (now, leg, headers);
        Err(CommandError::Gone)
    }

    /// Asks the peer for a change, or refreshes the session, by re-INVITE with an offer. Glare
    /// (491) is retried after the time RFC 3261 §14.1 gives.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn change(&mut self, now: Instant, leg: Leg, sdp: &[u8]) -> Result<(), CommandError> {
        let _ = (now, leg, sdp);
        Err(CommandError::Gone)
    }

    /// Accepts the peer's change ([`Event::Change`]) with the answer, or the offer if it made
    /// none.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn answer_change(
        &mut self,
        now: Instant,
        leg: Leg,
        sdp: &[u8],
    ) -> Result<(), CommandError> {
        let _ = (now, leg, sdp);
        Err(CommandError::Gone)
    }

    /// Refuses the peer's change; the session goes on as it was.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn refuse_change(
        &mut self,
        now: Instant,
        leg: Leg,
        refusal: &Refusal<'_>,
    ) -> Result<(), CommandError> {
        let _ = (now, leg, refusal);
        Err(CommandError::Gone)
    }

    /// Sends an INFO, digits for a peer without telephone-event.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn send_info(
        &mut self,
        now: Instant,
        leg: Leg,
        content_type: &[u8],
        body: &[u8],
    ) -> Result<(), CommandError> {
        let _ = (now, leg, content_type, body);
        Err(CommandError::Gone)
    }

    /// Accepts a REFER: 202, then NOTIFY of a 100 (RFC 3515).
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn accept_transfer(&mut self, now: Instant, leg: Leg) -> Result<(), CommandError> {
        let _ = (now, leg);
        Err(CommandError::Gone)
    }

    /// Refuses a REFER.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn refuse_transfer(
        &mut self,
        now: Instant,
        leg: Leg,
        refusal: &Refusal<'_>,
    ) -> Result<(), CommandError> {
        let _ = (now, leg, refusal);
        Err(CommandError::Gone)
    }

    /// Reports how an accepted transfer goes: NOTIFY with `SIP/2.0 status` as sipfrag; a final
    /// status ends the subscription.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn report_transfer(
        &mut self,
        now: Instant,
        leg: Leg,
        status: u16,
    ) -> Result<(), CommandError> {
        let _ = (now, leg, status);
        Err(CommandError::Gone)
    }

    /// The flow a leg's requests take.
    pub fn flow_of(&self, leg: Leg) -> Option<Flow> {
        let _ = leg;
        None
    }

    /// The address that the dialog names for its requests (first Route, else the peer's Contact),
    /// if it is a literal one.
    pub fn next_hop(&self, leg: Leg) -> Option<(Transport, SocketAddr)> {
        let _ = leg;
        None
    }

    /// Sends a leg's requests another way from now on.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn set_flow(&mut self, leg: Leg, flow: Flow) -> Result<(), CommandError> {
        let _ = (leg, flow);
        Err(CommandError::Gone)
    }

    /// The Call-ID of a leg.
    pub fn call_id(&self, leg: Leg) -> Option<&[u8]> {
        let _ = leg;
        None
    }

    /// Adds or changes an account of the registrar: the user of its credentials, which is also
    /// the user part of its address of record.
    pub fn add_account(&mut self, user: &[u8], password: &[u8]) -> AccountId {
        let _ = (user, password);
        AccountId(0)
    }

    /// The account of a user.
    pub fn account(&self, user: &[u8]) -> Option<AccountId> {
        let _ = user;
        None
    }

    /// An account's contacts, newest registration first.
    pub fn bindings(&self, account: AccountId) -> impl Iterator<Item = Binding<'_>> {
        let _ = account;
        core::iter::empty()
    }

    /// Removes a contact: two OPTIONS were missed. [`Event::Unregistered`] follows.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn unbind_contact(&mut self, binding: BindingId) -> Result<(), CommandError> {
        let _ = binding;
        Err(CommandError::Gone)
    }

    /// Puts a contact back after a restart, as it was in a snapshot.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn restore_binding(
        &mut self,
        now: Instant,
        account: AccountId,
        contact: &[u8],
        flow: Flow,
        expires_at: Instant,
    ) -> Result<BindingId, CommandError> {
        let _ = (now, account, contact, flow, expires_at);
        Err(CommandError::Gone)
    }

    /// Registers at a registrar and keeps it up. [`Event::Registration`] tells how it stands.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn register(
        &mut self,
        now: Instant,
        enrol: &Enrol<'_>,
    ) -> Result<Registration, CommandError> {
        let _ = (now, enrol);
        Err(CommandError::NoSocket)
    }

    /// Removes a registration: REGISTER with Expires 0.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn unregister(
        &mut self,
        now: Instant,
        registration: Registration,
    ) -> Result<(), CommandError> {
        let _ = (now, registration);
        Err(CommandError::Gone)
    }

    /// Sends an OPTIONS: is the peer there? [`Event::Pong`] follows.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn ping(&mut self, now: Instant, flow: Flow, uri: &[u8]) -> Result<Ping, CommandError> {
        let _ = (now, flow, uri);
        Err(CommandError::NoSocket)
    }
}

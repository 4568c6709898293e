//! Transactions (RFC 3261 §17 with RFC 6026): repetition on a lossy line, once for the user.
//!
//! The shape is quinn-proto's. What arrives goes in by `handle_*`; what is to be sent comes out of
//! [`Transactions::poll_transmit`], what happened by itself out of [`Transactions::poll_event`];
//! [`Transactions::next_timeout`] says when to call [`Transactions::handle_timeout`]. What a message
//! means to the user is the return value of [`Transactions::handle_message`], while the message is
//! still at hand.
//!
//! One duty of the user is done here: a 2xx to INVITE is repeated until
//! [`Transactions::acknowledged`] (RFC 3261 §13.3.1.4), as it runs on the same timers.
//!
//! Memory: a transaction keeps what it may have to repeat: the request, or its last response; an INVITE whose 2xx was
//! acknowledged keeps nothing. The rest of it is about 200 bytes.

mod client;
mod key;
mod repeats;
mod server;
pub(crate) mod slab;
mod timers;

use std::collections::VecDeque;

use crate::flow::Flow;
use crate::hash::Table;
use crate::message::{Carrier, Essentials, Index, Message, Method};
use crate::time::{Duration, Instant};

use key::{Key, Keys};
pub use repeats::{Repeat, Repeated};
pub use slab::Id;
use slab::Slab;
use timers::{Timer, Timers};

/// A transaction we started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(Id);

/// A transaction a peer started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerId(Id);

/// Lengths and limits.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Estimate of the round trip; the first retransmission comes after it.
    pub t1: Duration,
    /// Longest gap between retransmissions of anything but an INVITE.
    pub t2: Duration,
    /// How long a message stays in the network.
    pub t4: Duration,
    /// Most transactions at once; more requests are [`Handled::Full`].
    pub transactions_max: usize,
    /// Whether [`Transactions::poll_repeat`] tells what was said more than once.
    pub tells_repeats: bool,
}

impl Default for Settings {
    /// RFC 3261 Table 4: 500 ms, 4 s, 5 s.
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            transactions_max: 1 << 20,
            tells_repeats: false,
        }
    }
}

impl Settings {
    /// 64·T1: how long anything is tried (timers B, F, H, J, L, M), and timer D.
    fn give_up(&self) -> Duration {
        self.t1 * 64
    }
}

/// What a message was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// A new request; answer it with [`Transactions::respond`]. An INVITE wants a 100 at once:
    /// nothing is sent by itself (RFC 3261 §17.2.1 gives the user 200 ms).
    Request(ServerId),
    /// A new CANCEL; answer it 200, or 481 when there is no INVITE, and then the INVITE 487 if it
    /// has no final response yet (RFC 3261 §9.2).
    Cancel {
        /// The CANCEL itself.
        cancel: ServerId,
        /// The INVITE it is about.
        invite: Option<ServerId>,
    },
    /// An ACK that belongs to no transaction here: that of a 2xx, for its dialog.
    Ack,
    /// A response to our request. Every 2xx to an INVITE must be acknowledged, again each time.
    Response(ClientId),
    /// A response to nothing we know: dropped, unless it is a 2xx a dialog remembers.
    StrayResponse,
    /// A repetition or an ACK the transaction dealt with.
    Absorbed,
    /// A new request beyond [`Settings::transactions_max`]: answer 503 without a transaction.
    Full,
}

/// What happened without a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// No final response came in time: as a 408 (RFC 3261 §8.1.3.1).
    TimedOut(ClientId),
    /// The request could not be sent: as a 503.
    Unreachable(ClientId),
    /// A final response to an INVITE was never acknowledged.
    NoAck(ServerId),
    /// The user never answered a request other than INVITE; it is too late now (RFC 4320 §4.2).
    Unanswered(ServerId),
    /// The transaction is gone, the id with it. The last event of each.
    ClientEnded(ClientId),
    /// The transaction is gone, the id with it. The last event of each.
    ServerEnded(ServerId),
}

/// Why a request was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The bytes are no complete request.
    #[error("not a well-formed request")]
    Malformed,
    /// An ACK has no transaction of its own.
    #[error("ACK has no transaction")]
    Ack,
    /// The branch does not start with the cookie, or is in use: it must be unique.
    #[error("branch missing or in use")]
    Branch,
    /// Too many transactions.
    #[error("too many transactions")]
    Full,
}

/// The state of a transaction, by its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    InviteClient(client::Invite),
    Client(client::Other),
    InviteServer(server::Invite),
    Server(server::Other),
}

#[derive(Debug)]
struct Transaction {
    state: State,
    flow: Flow,
    key: Key,
    /// What is repeated: the request of a client or the ACK of its failure, the last response of a server; empty once
    /// nothing is.
    message: Box<[u8]>,
    retry_at: Option<Instant>,
    retry_gap: Duration,
    end_at: Option<Instant>,
    cancel: client::Cancel,
    /// Started by ourselves for another transaction: nobody hears of it.
    is_silent: bool,
}

impl Transaction {
    fn new(state: State, flow: Flow, key: Key, message: &[u8]) -> Self {
        Self {
            state,
            flow,
            key,
            message: message.into(),
            retry_at: None,
            retry_gap: Duration::ZERO,
            end_at: None,
            cancel: client::Cancel::No,
            is_silent: false,
        }
    }
}

/// All transactions of one endpoint.
#[derive(Debug, Default)]
pub struct Transactions {
    settings: Settings,
    now: Instant,
    table: Slab<Transaction>,
    keys: Keys,
    by_key: Table<Key, Id>,
    timers: Timers,
    outgoing: VecDeque<(Flow, Vec<u8>)>,
    events: VecDeque<Event>,
    spare: Vec<Vec<u8>>,
    index: Index,
    repeats: repeats::Repeats,
}

/// Buffers kept for reuse.
const SPARE_MAX: usize = 64;

impl Transactions {
    /// Makes an empty set.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// How many transactions there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When to call [`Self::handle_timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Takes a message that passed [`Message::check`].
    ///
    /// Time that goes back is taken as standing still.
    pub fn handle_message(
        &mut self,
        now: Instant,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) -> Handled {
        self.advance(now);
        let handled = match (message.method(), message.status()) {
            (Some(method), _) => self.handle_request(flow, message, essentials, method),
            (None, Some(status)) => self.handle_response(message, essentials, status),
            (None, None) => Handled::StrayResponse,
        };
        self.prune();
        handled
    }

    /// Fires every timer due at or before `now`; harmless when none is.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        while let Some(armed) = self.timers.pop(self.now) {
            let live = self.table.get(armed.id).filter(|tx| is_live(tx, &armed));
            let Some(state) = live.map(|tx| tx.state) else { continue };
            match (state, armed.timer) {
                (State::InviteClient(state), Timer::Retry) => {
                    self.retry_invite_client(armed.id, state)
                }
                (State::InviteClient(state), Timer::End) => self.end_invite_client(armed.id, state),
                (State::Client(state), Timer::Retry) => self.retry_client(armed.id, state),
                (State::Client(state), Timer::End) => self.end_client(armed.id, state),
                (State::InviteServer(_), Timer::Retry) => self.retry_invite_server(armed.id),
                (State::InviteServer(state), Timer::End) => self.end_invite_server(armed.id, state),
                // No machine of a server but INVITE's sends by itself.
                (State::Server(_), Timer::Retry) => {}
                (State::Server(state), Timer::End) => self.end_server(armed.id, state),
            }
        }
        self.prune();
    }

    /// Takes the news that a flow does not work: a closed connection, an ICMP error.
    ///
    /// Every transaction on it ends; clients without a final response are told (RFC 3261 §8.1.3.1).
    pub fn handle_unreachable(&mut self, now: Instant, flow: Flow) {
        self.advance(now);
        let hit = |id: &Id| self.table.get(*id).is_some_and(|tx| tx.flow == flow);
        let ids: Vec<Id> = self.table.ids().filter(hit).collect();
        for id in ids {
            let state = self.table.get(id).map(|tx| tx.state);
            let waits = match state {
                Some(State::InviteClient(state)) => state.waits(),
                Some(State::Client(state)) => state.waits(),
                Some(State::InviteServer(_) | State::Server(_)) | None => false,
            };
            if waits {
                self.tell(id, Event::Unreachable(ClientId(id)));
            }
            self.end(id);
        }
        self.prune();
    }

    /// The next message to send: its bytes replace those of `buffer`.
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> Option<Flow> {
        let (flow, mut bytes) = self.outgoing.pop_front()?;
        core::mem::swap(buffer, &mut bytes);
        if self.spare.len() < SPARE_MAX {
            self.spare.push(bytes);
        }
        Some(flow)
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Queues a message that has no transaction: the ACK of a 2xx, a stateless response.
    pub fn send_stateless(&mut self, flow: Flow, bytes: &[u8]) {
        let buffer = self.buffer(bytes);
        self.outgoing.push_back((flow, buffer));
    }

    /// The flow a transaction's messages take.
    pub fn client_flow(&self, id: ClientId) -> Option<Flow> {
        self.table.get(id.0).map(|tx| tx.flow)
    }

    /// The flow a transaction's responses take.
    pub fn server_flow(&self, id: ServerId) -> Option<Flow> {
        self.table.get(id.0).map(|tx| tx.flow)
    }

    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn prune(&mut self) {
        let table = &self.table;
        self.timers.prune(|armed| table.get(armed.id).is_some_and(|tx| is_live(tx, armed)));
    }

    fn insert(&mut self, transaction: Transaction) -> Id {
        let key = transaction.key;
        let id = self.table.insert(transaction);
        self.by_key.insert(key, id);
        debug_assert_eq!(self.by_key.len(), self.table.len(), "every transaction has one key");
        id
    }

    fn end(&mut self, id: Id) {
        let Some(transaction) = self.table.remove(id) else { return };
        self.by_key.remove(&transaction.key);
        debug_assert_eq!(self.by_key.len(), self.table.len(), "every transaction has one key");
        if !transaction.is_silent {
            self.events.push_back(match transaction.state {
                State::InviteClient(_) | State::Client(_) => Event::ClientEnded(ClientId(id)),
                State::InviteServer(_) | State::Server(_) => Event::ServerEnded(ServerId(id)),
            });
        }
    }

    fn recycle(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() > 0 && self.spare.len() < SPARE_MAX {
            self.spare.push(buffer);
        }
    }

    fn tell(&mut self, id: Id, event: Event) {
        if self.table.get(id).is_some_and(|tx| !tx.is_silent) {
            self.events.push_back(event);
        }
    }

    fn buffer(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(bytes);
        buffer
    }

    /// Queues the kept message.
    fn send_message(&mut self, id: Id) {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        let Some(transaction) = self.table.get(id) else { return };
        buffer.extend_from_slice(&transaction.message);
        self.outgoing.push_back((transaction.flow, buffer));
    }

    fn set_state(&mut self, id: Id, state: State) {
        if let Some(transaction) = self.table.get_mut(id) {
            transaction.state = state;
        }
    }

    /// Sets the retransmission timer; `None` stops it.
    fn arm_retry(&mut self, id: Id, gap: Option<Duration>) {
        let due = gap.map(|gap| self.timers.arm(self.now, gap, id, Timer::Retry));
        if let Some(transaction) = self.table.get_mut(id) {
            transaction.retry_at = due;
            transaction.retry_gap = gap.unwrap_or_default();
        }
    }

    /// Sets the timer that ends the state; `None` stops it.
    fn arm_end(&mut self, id: Id, after: Option<Duration>) {
        let Some(transaction) = self.table.get_mut(id) else { return };
        // A request that is answered at once lingers as long as it would have waited.
        if after.map(|after| self.now + after) != transaction.end_at {
            let due = after.map(|after| self.timers.arm(self.now, after, id, Timer::End));
            transaction.end_at = due;
        }
    }

    /// Ends the state after the time a late message may take; at once on a reliable transport,
    /// where none is late.
    fn linger(&mut self, id: Id, after: Duration) {
        self.arm_retry(id, None);
        if self.is_reliable(id) { self.end(id) } else { self.arm_end(id, Some(after)) }
    }

    fn is_reliable(&self, id: Id) -> bool {
        self.table.get(id).is_some_and(|tx| tx.flow.transport.is_reliable())
    }

    fn retry_gap(&self, id: Id) -> Duration {
        self.table.get(id).map_or(Duration::ZERO, |tx| tx.retry_gap)
    }
}

fn is_live(transaction: &Transaction, armed: &timers::Armed) -> bool {
    let wanted = match armed.timer {
        Timer::Retry => transaction.retry_at,
        Timer::End => transaction.end_at,
    };
    wanted == Some(armed.due)
}

/// Reads a message of our own.
fn with_own<T>(
    bytes: &[u8],
    index: &mut Index,
    act: impl FnOnce(&Message<'_>, &Essentials<'_>) -> T,
) -> Option<T> {
    let message = Message::parse(bytes, Carrier::Datagram, index).ok()?;
    let essentials = message.check().ok()?;
    Some(act(&message, &essentials))
}

fn is_invite(method: Method<'_>) -> bool {
    method == Method::Invite
}

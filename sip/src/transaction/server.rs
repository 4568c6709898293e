//! Transactions a peer starts (RFC 3261 §17.2, RFC 6026 §8.5).

use super::{Event, Handled, Id, ServerId, State, Transaction, Transactions, is_invite};
use crate::flow::Flow;
use crate::message::{Essentials, Message, Method};
use crate::time::Instant;

/// The machine of an INVITE we received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invite {
    /// The user is at work; a repetition gets the last provisional response.
    Proceeding,
    /// Refused; repeated by timer G until the ACK or timer H.
    Completed,
    /// The refusal is acknowledged; timer I absorbs further ACKs.
    Confirmed,
    /// Accepted; repeated until the user has the ACK, timer L absorbs repetitions of the INVITE.
    Accepted {
        /// Whether the user has the ACK.
        is_acknowledged: bool,
    },
}

/// The machine of any other request we received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// No response yet.
    Trying,
    /// A provisional response was sent.
    Proceeding,
    /// The final response was sent; timer J repeats it when asked.
    Completed,
}

impl Transactions {
    pub(super) fn handle_request(
        &mut self,
        flow: Flow,
        request: &Message<'_>,
        essentials: &Essentials<'_>,
        method: Method<'_>,
    ) -> Handled {
        let key = self.keys.server(request, essentials, method);
        if let Some(&id) = self.by_key.get(&key) {
            return self.repeated_request(id, method);
        }
        if method == Method::Ack {
            return Handled::Ack;
        }
        if self.len() >= self.settings.transactions_max {
            return Handled::Full;
        }
        let state = if is_invite(method) {
            State::InviteServer(Invite::Proceeding)
        } else {
            State::Server(Other::Trying)
        };
        let back = flow.for_response(&essentials.via);
        let id = self.insert(Transaction::new(state, back, key, &[]));
        if !is_invite(method) {
            // RFC 4320 §4.2: after this the client has given up, and an answer only does harm.
            self.arm_end(id, Some(self.settings.give_up()));
        }
        if method == Method::Cancel {
            let key = self.keys.server(request, essentials, Method::Invite);
            let invite = self.by_key.get(&key).map(|&id| ServerId(id));
            return Handled::Cancel { cancel: ServerId(id), invite };
        }
        Handled::Request(ServerId(id))
    }

    fn repeated_request(&mut self, id: Id, method: Method<'_>) -> Handled {
        let Some(transaction) = self.table.get(id) else { return Handled::Absorbed };
        let has_response = !transaction.message.is_empty();
        let state = transaction.state;
        if method != Method::Ack {
            self.came_again(method);
        }
        match (state, method) {
            // An ACK with the INVITE's own branch, to a 2xx: wrong, but old clients do it.
            (State::InviteServer(Invite::Accepted { .. }), Method::Ack) => return Handled::Ack,
            (State::InviteServer(Invite::Completed), Method::Ack) => {
                self.set_state(id, State::InviteServer(Invite::Confirmed));
                // Timer I.
                self.linger(id, self.settings.t4);
            }
            (State::InviteServer(Invite::Proceeding | Invite::Completed), Method::Invite)
            | (State::Server(Other::Proceeding | Other::Completed), _)
                if has_response =>
            {
                self.send_again(id);
            }
            // RFC 6026 §7.1: an INVITE repeated in Accepted is absorbed; so is all the rest.
            (
                State::InviteServer(_)
                | State::Server(_)
                | State::InviteClient(_)
                | State::Client(_),
                _,
            ) => {}
        }
        Handled::Absorbed
    }

    /// Sends a response; false when the transaction is gone or has its final response already.
    pub fn respond(&mut self, now: Instant, id: ServerId, status: u16, response: &[u8]) -> bool {
        self.advance(now);
        let id = id.0;
        let Some(transaction) = self.table.get_mut(id) else { return false };
        let open = match transaction.state {
            State::InviteServer(state) => state == Invite::Proceeding,
            State::Server(state) => matches!(state, Other::Trying | Other::Proceeding),
            State::InviteClient(_) | State::Client(_) => false,
        };
        if !open {
            return false;
        }
        let is_invite_server = matches!(transaction.state, State::InviteServer(_));
        transaction.message = response.into();
        self.send_message(id);
        match (is_invite_server, status) {
            (true, 100..200) => {}
            (true, 200..300) => self.accepted(id),
            (true, _) => self.refused(id),
            (false, 100..200) => self.set_state(id, State::Server(Other::Proceeding)),
            (false, _) => {
                self.set_state(id, State::Server(Other::Completed));
                // Timer J.
                self.linger(id, self.settings.give_up());
            }
        }
        self.prune();
        true
    }

    /// Whether a response was sent already.
    pub fn has_response(&self, id: ServerId) -> bool {
        self.table.get(id.0).is_some_and(|transaction| !transaction.message.is_empty())
    }

    /// Answers a request and forgets it, without an event: a repetition comes as a new request and
    /// gets the same answer (RFC 3261 §8.2.7). For refusals a stranger can ask for by the thousand.
    pub fn dismiss(&mut self, now: Instant, id: ServerId, response: &[u8]) {
        self.advance(now);
        let Some(transaction) = self.table.get_mut(id.0) else { return };
        transaction.is_silent = true;
        let flow = transaction.flow;
        self.send_stateless(flow, response);
        self.end(id.0);
        self.prune();
    }

    /// Sends the last provisional response to an INVITE again: proxies give a call up after three
    /// minutes without one (RFC 3261 §13.3.1.1).
    pub fn repeat_provisional(&mut self, now: Instant, id: ServerId) {
        self.advance(now);
        let state = self.table.get(id.0).map(|transaction| transaction.state);
        if state == Some(State::InviteServer(Invite::Proceeding)) {
            self.send_message(id.0);
        }
    }

    fn accepted(&mut self, id: Id) {
        self.set_state(id, State::InviteServer(Invite::Accepted { is_acknowledged: false }));
        // RFC 3261 §13.3.1.4: repeated on every transport, as proxies between may differ.
        self.arm_retry(id, Some(self.settings.t1));
        self.arm_end(id, Some(self.settings.give_up()));
    }

    fn refused(&mut self, id: Id) {
        self.set_state(id, State::InviteServer(Invite::Completed));
        let t1 = (!self.is_reliable(id)).then_some(self.settings.t1);
        self.arm_retry(id, t1);
        self.arm_end(id, Some(self.settings.give_up()));
    }

    /// Takes the news that the ACK of a 2xx came, by its dialog: the 2xx is not repeated any more.
    pub fn acknowledged(&mut self, id: ServerId) {
        let Some(transaction) = self.table.get_mut(id.0) else { return };
        if let State::InviteServer(Invite::Accepted { is_acknowledged }) = &mut transaction.state {
            *is_acknowledged = true;
            // RFC 6026 §7.1: from now on repetitions of the INVITE are absorbed.
            transaction.message = Box::default();
            self.arm_retry(id.0, None);
            self.prune();
        }
    }

    /// Timer G, and the repetition of a 2xx: doubles up to T2.
    pub(super) fn retry_invite_server(&mut self, id: Id) {
        self.send_again(id);
        self.arm_retry(id, Some((self.retry_gap(id) * 2).min(self.settings.t2)));
    }

    /// Timers H, I and L.
    pub(super) fn end_invite_server(&mut self, id: Id, state: Invite) {
        match state {
            Invite::Completed | Invite::Accepted { is_acknowledged: false } => {
                self.tell(id, Event::NoAck(ServerId(id)));
            }
            Invite::Proceeding | Invite::Confirmed | Invite::Accepted { is_acknowledged: true } => {
            }
        }
        self.end(id);
    }

    /// Timer J, and the end of waiting for the user.
    pub(super) fn end_server(&mut self, id: Id, state: Other) {
        match state {
            Other::Trying | Other::Proceeding => self.tell(id, Event::Unanswered(ServerId(id))),
            Other::Completed => {}
        }
        self.end(id);
    }
}

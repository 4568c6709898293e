//! Transactions we start (RFC 3261 §17.1, RFC 6026 §8.4).

use super::{
    ClientId, Event, Handled, Id, StartError, State, Transaction, Transactions, is_invite, with_own,
};
use crate::flow::Flow;
use crate::message::{Essentials, Message, Method};
use crate::time::Instant;
use crate::write;

/// The machine of an INVITE we sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invite {
    /// Sent; timers A and B run.
    Calling,
    /// The peer is at work; no timer, a phone may ring long.
    Proceeding,
    /// Refused and acknowledged; timer D answers repetitions.
    Completed,
    /// Accepted; timer M lets further 2xx through (forks and repetitions).
    Accepted,
}

/// The machine of any other request we sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// Sent; timers E and F run.
    Trying,
    /// The peer is at work; E runs slower.
    Proceeding,
    /// Answered; timer K absorbs repetitions.
    Completed,
}

/// Whether an INVITE is to be withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cancel {
    No,
    /// As soon as a provisional response comes (RFC 3261 §9.1); with these fields.
    Wanted(Vec<u8>),
    Sent,
    /// Nobody waits for it; no CANCEL is sent.
    Abandoned,
}

impl Invite {
    pub(super) fn waits(self) -> bool {
        match self {
            Self::Calling | Self::Proceeding => true,
            Self::Completed | Self::Accepted => false,
        }
    }
}

impl Other {
    pub(super) fn waits(self) -> bool {
        match self {
            Self::Trying | Self::Proceeding => true,
            Self::Completed => false,
        }
    }
}

impl Transactions {
    /// Sends a request and waits for its final response.
    ///
    /// # Errors
    /// [`StartError`]; nothing is sent then.
    pub fn start(
        &mut self,
        now: Instant,
        flow: Flow,
        request: &[u8],
    ) -> Result<ClientId, StartError> {
        self.advance(now);
        let (keys, index) = (&mut self.keys, &mut self.index);
        let read = with_own(request, index, |message, essentials| {
            message.method()?;
            let branch = essentials.via.rfc3261_branch();
            Some((
                essentials.cseq.method == Method::Ack,
                is_invite(essentials.cseq.method),
                branch.and_then(|_| keys.client(essentials)),
            ))
        });
        let (is_ack, is_invite, key) = read.flatten().ok_or(StartError::Malformed)?;
        if is_ack {
            return Err(StartError::Ack);
        }
        let key = key.filter(|key| !self.by_key.contains_key(key)).ok_or(StartError::Branch)?;
        if self.len() >= self.settings.transactions_max {
            return Err(StartError::Full);
        }
        let state = if is_invite {
            State::InviteClient(Invite::Calling)
        } else {
            State::Client(Other::Trying)
        };
        let id = self.insert(Transaction::new(state, flow, key, request));
        self.send_message(id);
        let t1 = (!flow.transport.is_reliable()).then_some(self.settings.t1);
        self.arm_retry(id, t1);
        self.arm_end(id, Some(self.settings.give_up()));
        self.prune();
        Ok(ClientId(id))
    }

    /// Withdraws an INVITE: sends CANCEL, now or when the first provisional response comes.
    ///
    /// Its final response (487, or a 2xx that crossed) still comes. When none does within 64·T1 of
    /// the CANCEL, the INVITE counts as timed out (RFC 3261 §9.1). Does nothing when there is a
    /// final response already.
    pub fn cancel(&mut self, now: Instant, id: ClientId) {
        self.cancel_with(now, id, &[]);
    }

    /// As [`Self::cancel`], with more fields on the CANCEL: a Reason.
    pub fn cancel_with(&mut self, now: Instant, id: ClientId, fields: &[(&str, &[u8])]) {
        self.advance(now);
        let Some(transaction) = self.table.get_mut(id.0) else { return };
        let state = transaction.state;
        if transaction.cancel == Cancel::No
            && matches!(state, State::InviteClient(Invite::Calling | Invite::Proceeding))
        {
            transaction.cancel = Cancel::Wanted(write::lines(fields));
        }
        if state == State::InviteClient(Invite::Proceeding) {
            self.send_cancel(id.0);
        }
        self.prune();
    }

    /// Waits no longer than 64·T1 from now for the final response to an INVITE nobody wants any more.
    ///
    /// For a change of a session that ended: its answer may be lost, and nobody repeats it.
    pub fn abandon(&mut self, now: Instant, id: ClientId) {
        self.advance(now);
        let Some(transaction) = self.table.get_mut(id.0) else { return };
        let State::InviteClient(state) = transaction.state else { return };
        if transaction.cancel == Cancel::No && state.waits() {
            transaction.cancel = Cancel::Abandoned;
            self.limit_proceeding(id.0);
            self.prune();
        }
    }

    /// An INVITE waits for ever once a provisional response came; not an abandoned one.
    fn limit_proceeding(&mut self, id: Id) {
        let Some(transaction) = self.table.get(id) else { return };
        if transaction.state == State::InviteClient(Invite::Proceeding)
            && transaction.cancel == Cancel::Abandoned
        {
            self.arm_end(id, Some(self.settings.give_up()));
        }
    }

    fn send_cancel(&mut self, id: Id) {
        let Some(transaction) = self.table.get_mut(id) else { return };
        let Cancel::Wanted(fields) = &mut transaction.cancel else { return };
        let fields = core::mem::take(fields);
        transaction.cancel = Cancel::Sent;
        let (flow, invite) = (transaction.flow, core::mem::take(&mut transaction.message));
        let mut cancel = self.spare.pop().unwrap_or_default();
        let written = with_own(&invite, &mut self.index, |message, essentials| {
            write::cancel_with(message, essentials, &fields, &mut cancel)
        });
        if let Some(transaction) = self.table.get_mut(id) {
            transaction.message = invite;
        }
        self.arm_end(id, Some(self.settings.give_up()));
        if written == Some(true)
            && let Ok(ClientId(cancel)) = self.start(self.now, flow, &cancel)
            && let Some(cancel) = self.table.get_mut(cancel)
        {
            cancel.is_silent = true;
        }
        self.recycle(cancel);
    }

    pub(super) fn handle_response(
        &mut self,
        response: &Message<'_>,
        essentials: &Essentials<'_>,
        status: u16,
    ) -> Handled {
        let found = self.keys.client(essentials).and_then(|key| self.by_key.get(&key));
        let Some(&id) = found else { return Handled::StrayResponse };
        let Some(transaction) = self.table.get(id) else { return Handled::StrayResponse };
        let (is_silent, state) = (transaction.is_silent, transaction.state);
        let was_answered = match state {
            State::InviteClient(state) => !state.waits(),
            State::Client(state) => !state.waits(),
            State::InviteServer(_) | State::Server(_) => false,
        };
        if was_answered && status >= 200 {
            self.answered_again(state, status, essentials.cseq.method);
        }
        let passes = match state {
            State::InviteClient(state) => self.invite_response(id, state, response, status),
            State::Client(state) => self.other_response(id, state, status),
            // Keys of clients and servers differ in their first byte.
            State::InviteServer(_) | State::Server(_) => false,
        };
        if passes && !is_silent { Handled::Response(ClientId(id)) } else { Handled::Absorbed }
    }

    /// RFC 6026 §7.2, Figure 5; true when the user gets the response.
    fn invite_response(
        &mut self,
        id: Id,
        state: Invite,
        response: &Message<'_>,
        status: u16,
    ) -> bool {
        match (state, status) {
            (Invite::Calling, 100..200) => {
                self.set_state(id, State::InviteClient(Invite::Proceeding));
                self.arm_retry(id, None);
                self.arm_end(id, None);
                self.send_cancel(id);
                self.limit_proceeding(id);
                true
            }
            (Invite::Proceeding, 100..200) => true,
            (Invite::Calling | Invite::Proceeding, 200..300) => {
                self.set_state(id, State::InviteClient(Invite::Accepted));
                self.arm_retry(id, None);
                // Timer M, on every transport: further 2xx come from forks.
                self.arm_end(id, Some(self.settings.give_up()));
                true
            }
            (Invite::Calling | Invite::Proceeding, _) => {
                self.set_state(id, State::InviteClient(Invite::Completed));
                self.acknowledge(id, response);
                // Timer D: RFC 3261 wants at least 32 s, which is 64·T1.
                self.linger(id, self.settings.give_up());
                true
            }
            (Invite::Accepted, 200..300) => true,
            (Invite::Completed, 300..) => {
                self.send_message(id);
                false
            }
            (Invite::Completed | Invite::Accepted, _) => false,
        }
    }

    fn acknowledge(&mut self, id: Id, response: &Message<'_>) {
        let Some(transaction) = self.table.get_mut(id) else { return };
        let invite = core::mem::take(&mut transaction.message);
        let mut ack = self.spare.pop().unwrap_or_default();
        let written = with_own(&invite, &mut self.index, |message, essentials| {
            write::ack_failure(message, essentials, response, &mut ack);
        });
        // The INVITE itself is not repeated any more.
        if let Some(transaction) = self.table.get_mut(id) {
            transaction.message = ack.as_slice().into();
        }
        self.recycle(ack);
        if written.is_some() {
            self.send_message(id);
        }
    }

    /// RFC 3261 Figure 6; true when the user gets the response.
    fn other_response(&mut self, id: Id, state: Other, status: u16) -> bool {
        match (state, status) {
            (Other::Trying, 100..200) => {
                self.set_state(id, State::Client(Other::Proceeding));
                if !self.is_reliable(id) {
                    self.arm_retry(id, Some(self.settings.t2));
                }
                true
            }
            (Other::Proceeding, 100..200) => true,
            (Other::Trying | Other::Proceeding, _) => {
                self.set_state(id, State::Client(Other::Completed));
                // Timer K.
                self.linger(id, self.settings.t4);
                true
            }
            (Other::Completed, _) => false,
        }
    }

    /// Timer A: doubles without bound but timer B.
    pub(super) fn retry_invite_client(&mut self, id: Id, state: Invite) {
        if state == Invite::Calling {
            self.send_again(id);
            self.arm_retry(id, Some(self.retry_gap(id) * 2));
        }
    }

    /// Timers B, D, M, and the end of waiting after a CANCEL.
    pub(super) fn end_invite_client(&mut self, id: Id, state: Invite) {
        if state.waits() {
            self.tell(id, Event::TimedOut(ClientId(id)));
        }
        self.end(id);
    }

    /// Timer E: doubles up to T2.
    pub(super) fn retry_client(&mut self, id: Id, state: Other) {
        let gap = match state {
            Other::Trying => (self.retry_gap(id) * 2).min(self.settings.t2),
            Other::Proceeding => self.settings.t2,
            Other::Completed => return,
        };
        self.send_again(id);
        self.arm_retry(id, Some(gap));
    }

    /// Timers F and K.
    pub(super) fn end_client(&mut self, id: Id, state: Other) {
        if state.waits() {
            self.tell(id, Event::TimedOut(ClientId(id)));
        }
        self.end(id);
    }
}

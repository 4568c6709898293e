//! What was said more than once: for those who count it.

use std::collections::VecDeque;

use super::{State, Transactions, with_own};
use crate::message::Method;
use crate::transaction::Id;

/// A message that was sent or came again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// Whether we sent it; else it came.
    pub is_ours: bool,
    /// The status, of a response.
    pub status: Option<u16>,
    /// The method, of a request or of what is answered.
    pub method: Repeated,
}

/// The method of a message that was repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// INVITE.
    Invite,
    /// ACK.
    Ack,
    /// BYE.
    Bye,
    /// CANCEL.
    Cancel,
    /// REGISTER.
    Register,
    /// OPTIONS.
    Options,
    /// INFO.
    Info,
    /// UPDATE.
    Update,
    /// Any other.
    Other,
}

/// Most repeats that wait to be asked for; those beyond are not told.
const REPEATS_MAX: usize = 1 << 16;

/// Repeats not asked for yet.
#[derive(Debug, Default)]
pub(super) struct Repeats(VecDeque<Repeat>);

impl From<Method<'_>> for Repeated {
    fn from(method: Method<'_>) -> Self {
        [
            (Method::Invite, Self::Invite),
            (Method::Ack, Self::Ack),
            (Method::Bye, Self::Bye),
            (Method::Cancel, Self::Cancel),
            (Method::Register, Self::Register),
            (Method::Options, Self::Options),
            (Method::Info, Self::Info),
            (Method::Update, Self::Update),
        ]
        .into_iter()
        .find(|(known, _)| *known == method)
        .map_or(Self::Other, |(_, repeated)| repeated)
    }
}

impl Transactions {
    /// The next message that was repeated; told only when [`Settings::tells_repeats`](super::Settings) asks for it.
    pub fn poll_repeat(&mut self) -> Option<Repeat> {
        self.repeats.0.pop_front()
    }

    /// Sends the kept message of a transaction once more.
    pub(super) fn send_again(&mut self, id: Id) {
        self.send_message(id);
        if !self.settings.tells_repeats {
            return;
        }
        let Some(transaction) = self.table.get(id) else { return };
        let read = with_own(&transaction.message, &mut self.index, |message, essentials| {
            (message.status(), essentials.cseq.method.into())
        });
        if let Some((status, method)) = read {
            self.note(Repeat { is_ours: true, status, method });
        }
    }

    /// Notes a request that came again.
    pub(super) fn came_again(&mut self, method: Method<'_>) {
        self.note(Repeat { is_ours: false, status: None, method: method.into() });
    }

    /// Notes a final response that came again, and the ACK that goes out again with one to an INVITE.
    pub(super) fn answered_again(&mut self, state: State, status: u16, method: Method<'_>) {
        let is_invite = matches!(state, State::InviteClient(_));
        self.note(Repeat { is_ours: false, status: Some(status), method: method.into() });
        if is_invite {
            self.note(Repeat { is_ours: true, status: None, method: Repeated::Ack });
        }
    }

    fn note(&mut self, repeat: Repeat) {
        if self.settings.tells_repeats && self.repeats.0.len() < REPEATS_MAX {
            self.repeats.0.push_back(repeat);
        }
    }
}

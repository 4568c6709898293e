//! What an endpoint tells its owner.

use crate::flow::Flow;
use crate::message::Kept;
use crate::time::Duration;
use crate::transaction::Id;

/// One INVITE dialog with one peer, from the first INVITE to the last event about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Leg(pub(super) Id);

impl Leg {
    /// A small number that no other leg has as long as this one lasts: a place in a table of the owner's.
    pub fn index(self) -> usize {
        self.0.index()
    }
}

/// An OPTIONS we sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ping(pub(super) u64);

/// A registration of ours at a registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Registration(pub(super) Id);

impl Registration {
    /// A small number that no other registration has as long as this one lasts.
    pub fn index(self) -> usize {
        self.0.index()
    }
}

/// An account at our registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub(super) u32);

/// A contact that one of our accounts registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BindingId(pub(super) u64);

/// Who sent an INVITE, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Nobody we know.
    Stranger,
    /// It came by a flow an account has registered from.
    Registered(AccountId),
    /// It carried the account's credentials, and they were right.
    Proved(AccountId),
}

/// What happened. A leg begins with [`Event::Incoming`] or
/// [`Endpoint::dial`](super::Endpoint::dial) and ends with [`Event::Ended`]; after that its name
/// means nothing.
#[derive(Debug)]
pub enum Event {
    /// An INVITE came and passed all checks; 100 has been sent. The owner answers it with
    /// `progress`, `answer`, `refuse` or `challenge`.
    Incoming {
        /// The new leg.
        leg: Leg,
        /// Where it came from.
        flow: Flow,
        /// Who calls.
        caller: Caller,
        /// The INVITE: Request-URI, From, identity, SDP.
        request: Kept,
    },
    /// The peer is at work: 101 to 199, ringing or early media. A 100 is not told.
    Progress {
        /// Whose.
        leg: Leg,
        /// The status.
        status: u16,
        /// The response, with SDP perhaps.
        response: Kept,
    },
    /// The peer answered with a 2xx, and it is acknowledged. Only when the INVITE made no offer is
    /// the ACK the owner's: `acknowledge` with the answer to the offer in `response`.
    Answered {
        /// Whose.
        leg: Leg,
        /// The 2xx.
        response: Kept,
    },
    /// The ACK of our 2xx came: to a call, or to a change we answered.
    Acknowledged {
        /// Whose.
        leg: Leg,
        /// The ACK when it has a body: the answer to an offer in the 2xx.
        ack: Option<Kept>,
    },
    /// Our 2xx was repeated for 64·T1 without an ACK (RFC 3261 §13.3.1.4). The owner hangs up.
    NoAck {
        /// Whose.
        leg: Leg,
    },
    /// The peer asks for a change by re-INVITE or UPDATE; without SDP it wants an offer in the 2xx.
    /// The owner answers with `answer_change` or `refuse_change`.
    Change {
        /// Whose.
        leg: Leg,
        /// The request.
        request: Kept,
    },
    /// The peer withdrew the change by CANCEL; it has been answered 487.
    ChangeWithdrawn {
        /// Whose.
        leg: Leg,
    },
    /// The change we asked for is accepted and acknowledged.
    ChangeAnswered {
        /// Whose.
        leg: Leg,
        /// The 2xx.
        response: Kept,
    },
    /// The change we asked for is refused, after retries where glare asks for them; the session
    /// goes on as it was.
    ChangeRefused {
        /// Whose.
        leg: Leg,
        /// The status; 408 also when nothing came.
        status: u16,
    },
    /// The session needs a refresh and the peer knows no UPDATE: the owner calls `change` with the
    /// description in force.
    RefreshDue {
        /// Whose.
        leg: Leg,
    },
    /// An INFO came with a body of digits (`application/dtmf-relay` or `application/dtmf`); it is
    /// answered.
    Info {
        /// Whose.
        leg: Leg,
        /// The INFO.
        request: Kept,
    },
    /// An INFO of ours was answered. One that was not, or by 408 or 481, ends the leg (RFC 3261
    /// §12.2.1.2).
    InfoAnswered {
        /// Whose.
        leg: Leg,
        /// The status.
        status: u16,
    },
    /// The peer asks to be transferred. The owner answers with `accept_transfer` or
    /// `refuse_transfer`.
    Refer {
        /// Whose.
        leg: Leg,
        /// The REFER; it has one Refer-To.
        request: Kept,
    },
    /// The leg is over. The last event of each.
    Ended {
        /// Whose.
        leg: Leg,
        /// Why.
        why: End,
        /// What ended it: the failure, the peer's BYE or CANCEL, the answer to our BYE. `None` where nothing
        /// came, and where we refused.
        message: Option<Kept>,
    },
    /// A phone registered or refreshed a contact.
    Registered {
        /// Whose phone.
        account: AccountId,
        /// Which contact.
        binding: BindingId,
        /// Whether it was not there before.
        is_new: bool,
    },
    /// A contact is gone.
    Unregistered {
        /// Whose phone.
        account: AccountId,
        /// Which contact.
        binding: BindingId,
        /// Why.
        why: Unbound,
    },
    /// Our registration stands at a registrar, or not.
    Registration {
        /// Which.
        registration: Registration,
        /// How it stands.
        state: Standing,
    },
    /// An OPTIONS of ours was answered; a status says the peer lives, whatever it is.
    Pong {
        /// Which.
        ping: Ping,
        /// The status; `None` when nothing came or nothing could be sent.
        status: Option<u16>,
    },
}

/// Why a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The peer hung up: BYE.
    Hangup,
    /// The caller gave up before an answer: CANCEL, or BYE in an early dialog.
    Cancelled,
    /// We hung up, withdrew or refused, and it is done.
    Ours,
    /// Our INVITE was refused with this status. A 3xx is not followed.
    Refused(u16),
    /// Our INVITE was not answered in time (timer B, or none after a CANCEL).
    TimedOut,
    /// The INVITE could not be sent, or its connection closed.
    Unreachable,
    /// The peer does not know the call any more: 408 or 481 to a request within it.
    PeerGone,
    /// Nobody refreshed the session in time (RFC 4028); BYE was sent.
    SessionExpired,
}

/// Why a contact is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbound {
    /// The phone removed it.
    Removed,
    /// Its time ran out.
    Expired,
    /// The connection it came by closed.
    Disconnected,
    /// The owner removed it or the account.
    Ours,
}

/// How a registration of ours stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Accepted for so long; it will be refreshed in time.
    Registered(Duration),
    /// Refused, or not answered (408, 503): it is not tried again by itself.
    Failed(u16),
    /// Removed by us. The last event.
    Removed,
}

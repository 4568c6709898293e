//! `CallOffered`: an INVITE that passed number map, limits, Reach and codecs becomes a call of the switch.

use crate::board::{Board, Party};
use crate::counters::Refused;
use crate::identity::Identity;
use crate::media::{MediaId, Owner};
use acd::{AttemptKind, ContactId, Input};
use sip::Duration;
use sip::endpoint::{Caller, Extra, Leg, Refusal};
use sip::flow::Flow;
use sip::message::{Kept, Message, Name};

/// How long a caller is asked to wait when there is no room.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What `X-Callstorm-Ids` may say of an attempt: `caller=7;attempt=1;kind=redial`.
const IDS: &[u8] = b"X-Callstorm-Ids";

impl Board {
    /// Takes an INVITE: a call, a feature code, or nothing for us.
    pub(super) fn incoming(&mut self, leg: Leg, flow: Flow, caller: Caller, request: &Kept) {
        let message = request.message();
        let uri = message.request_uri();
        let user = uri.as_ref().and_then(|uri| uri.as_sip()?.unescaped_user()).unwrap_or_default();
        if self.is_draining {
            return self.turn_away(leg, Refused::Draining, 503, &[]);
        }
        if user.starts_with(b"*") {
            return self.feature_code(leg, flow, caller, &user, request.sdp());
        }
        let Some(contact) = self.plan.numbers.find(&user) else {
            return self.turn_away(leg, Refused::UnknownNumber, 404, &[]);
        };
        let Some(media) = self.admit(leg, flow, request.sdp()) else { return };
        self.offer_call(leg, flow, contact, media, &message);
    }

    /// Opens the audio of a caller and takes his offer; refuses the INVITE where that does not go.
    pub(crate) fn admit(&mut self, leg: Leg, flow: Flow, offer: Option<&[u8]>) -> Option<MediaId> {
        let has_room = self.calls.len() < self.plan.calls_max;
        let media = has_room.then(|| self.open_media(flow.remote.ip())).flatten();
        let Some(media) = media else {
            self.turn_away(leg, Refused::Overload, 503, &[]);
            return None;
        };
        let session = self.media.get_mut(media).expect("opened just now");
        let taken = match offer {
            Some(offer) => session.terms.answer(offer, &self.plan.codecs),
            None => {
                session.terms.offer(&self.plan.codecs);
                Ok(())
            }
        };
        let remote = session.agreed().and_then(|agreed| agreed.remote);
        let why = match taken {
            Err(no) => Some((Refused::Codec, no.warn_code())),
            // RFC 3261 §20.43: 301, incompatible network address formats.
            Ok(()) => {
                let is_out = remote.is_some_and(|to| !self.reach.policy().allows(to.ip()));
                is_out.then_some((Refused::Reach, 301))
            }
        };
        if let Some((why, code)) = why {
            self.close_media(Some(media));
            let warning = format!("{code} callstorm \"{}\"", why.name());
            self.turn_away(leg, why, 488, &[("Warning", warning.as_bytes())]);
            return None;
        }
        self.media.describe(media);
        Some(media)
    }

    fn offer_call(
        &mut self,
        leg: Leg,
        flow: Flow,
        contact: ContactId,
        media: MediaId,
        invite: &Message<'_>,
    ) {
        let is_trusted = self.plan.trunks.is_trusted(flow.remote.ip());
        let identity = Identity::read(invite, is_trusted);
        let may_say = self.plan.accepts_ids && flow.remote.ip().to_canonical().is_loopback();
        let said = may_say.then(|| invite.first_named(IDS)).flatten().and_then(read_ids);
        let ids = said.unwrap_or_else(|| Ids { caller: caller_of(invite), ..Ids::default() });
        let call = self.calls.open(leg, contact, media, identity);
        self.media.give_to(media, Owner::Call(call));
        self.parties.insert(leg, Party::Caller(call));
        let Ids { caller, attempt, kind } = ids;
        self.tell(Input::CallOffered { call, contact, kind, attempt, caller });
    }

    /// Refuses an INVITE that the switch never hears of.
    pub(crate) fn turn_away(&mut self, leg: Leg, why: Refused, status: u16, headers: &[Extra<'_>]) {
        self.refuse(why);
        let retry_after = (status == 503).then_some(RETRY_AFTER);
        // A caller who has gone meanwhile needs no answer.
        let _ = self.endpoint.refuse(self.now, leg, &Refusal { status, retry_after, headers });
    }
}

/// Who calls, as far as the switch is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ids {
    caller: u64,
    attempt: u16,
    kind: AttemptKind,
}

/// Tells callers apart by the address in From: FNV-1a, so that a replay on another machine has the same numbers.
fn caller_of(invite: &Message<'_>) -> u64 {
    const BASIS: u64 = 0xCBF2_9CE4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01B3;
    let from = invite.first(Name::From).and_then(sip::message::NameAddr::parse);
    let uri = from.map_or(&b""[..], |from| from.raw_uri);
    uri.iter().fold(BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

fn read_ids(value: &[u8]) -> Option<Ids> {
    let mut ids = Ids::default();
    for part in core::str::from_utf8(value).ok()?.split(';') {
        match part.trim().split_once('=')? {
            ("caller", number) => ids.caller = number.parse().ok()?,
            ("attempt", number) => ids.attempt = number.parse().ok()?,
            ("kind", name) => {
                ids.kind = AttemptKind::ALL.into_iter().find(|kind| kind.name() == name)?;
            }
            _ => return None,
        }
    }
    Some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_whole_or_not_at_all() {
        let read = |text: &str| read_ids(text.as_bytes());
        let expected = Ids { caller: 7, attempt: 2, kind: AttemptKind::Redial };
        assert_eq!(read("caller=7; attempt=2;kind=redial"), Some(expected));
        for bad in ["", "caller", "caller=x", "kind=often", "colour=red", "attempt=70000"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

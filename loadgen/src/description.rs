//! Our side of a session description: what callers offer and the target answers with.

use sip::message::Kept;
use sip::sdp::negotiate::{Codec, Local, write_answer, write_offer};
use sip::sdp::{Direction, Session};
use std::net::SocketAddr;

/// The codecs spoken, the preferred one first.
const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

/// The payload type under which telephone-event is offered.
const EVENT: u8 = 101;

/// Describes audio at an address; `session_id` and `version` stand in the `o=` line.
pub(crate) fn local(
    address: SocketAddr,
    session_id: u64,
    version: u64,
    direction: Direction,
) -> Local<'static> {
    Local { address, codecs: &CODECS, event_payload_type: EVENT, session_id, version, direction }
}

/// Writes the answer to a request's offer, or an offer where it makes none; false when its offer cannot be taken.
pub(crate) fn respond(request: &Kept, local: &Local<'_>, out: &mut Vec<u8>) -> bool {
    let Some(offer) = request.sdp() else {
        write_offer(local, out);
        return true;
    };
    Session::parse(offer).is_ok_and(|session| write_answer(&session, local, out).is_ok())
}

//! What a leg's two sides have told each other about audio: offer and answer, kept for refreshes (LIVE policies 2 and 3).

use sip::sdp::negotiate::{Agreed, Codec, Local, Refusal, read_answer, write_answer, write_offer};
use sip::sdp::{Direction, Session};
use std::net::SocketAddr;

/// The payload type under which we offer telephone-event.
const EVENT: u8 = 101;

/// Why a description was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoTerms {
    /// It cannot be read.
    Malformed,
    /// Nothing in it is for us.
    Refused(Refusal),
}

impl NoTerms {
    /// The code of the Warning that goes with a 488 (RFC 3261 §20.43).
    pub(crate) fn warn_code(self) -> u16 {
        match self {
            Self::Malformed => 399,
            Self::Refused(refusal) => refusal.warn_code(),
        }
    }
}

impl From<Refusal> for NoTerms {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// One leg's terms.
#[derive(Debug)]
pub(crate) struct Terms {
    address: SocketAddr,
    session_id: u64,
    version: u64,
    /// Our description in force.
    ours: Vec<u8>,
    /// The `o=` of the peer's description that ours answers: the same again gets the same answer.
    theirs: Option<(Vec<u8>, Vec<u8>)>,
    pub(crate) agreed: Option<Agreed>,
}

impl Terms {
    pub(crate) fn new(address: SocketAddr, session_id: u64) -> Self {
        // RFC 4566 §5.2 asks for digits only; 63 bits fit every peer's signed number.
        let session_id = session_id >> 1;
        Self { address, session_id, version: 1, ours: Vec::new(), theirs: None, agreed: None }
    }

    /// Our description in force.
    pub(crate) fn ours(&self) -> &[u8] {
        &self.ours
    }

    fn local<'a>(&self, codecs: &'a [Codec], version: u64) -> Local<'a> {
        Local {
            address: self.address,
            codecs,
            event_payload_type: EVENT,
            session_id: self.session_id,
            version,
            direction: Direction::SendRecv,
        }
    }

    /// Writes our offer: `codecs`, the preferred one first.
    pub(crate) fn offer(&mut self, codecs: &[Codec]) {
        let version = if self.ours.is_empty() { self.version } else { self.version + 1 };
        let local = self.local(codecs, version);
        let mut ours = Vec::with_capacity(240);
        write_offer(&local, &mut ours);
        self.put(ours, version);
    }

    /// Answers the peer's offer. The same description again, as a refresh repeats it, gets the same answer.
    ///
    /// # Errors
    /// [`NoTerms`]; what was agreed before stays.
    pub(crate) fn answer(&mut self, offer: &[u8], codecs: &[Codec]) -> Result<(), NoTerms> {
        let session = Session::parse(offer).map_err(|_| NoTerms::Malformed)?;
        let is_known = self.theirs.as_ref().is_some_and(|(id, version)| {
            id.as_slice() == session.origin.id && version.as_slice() == session.origin.version
        });
        if is_known && !self.ours.is_empty() {
            return Ok(());
        }
        let version = if self.ours.is_empty() { self.version } else { self.version + 1 };
        // One codec for the whole call where the peer still has it: relaying stays as it is.
        let preferred = self.agreed.map(|agreed| agreed.codec.codec);
        let codecs = ordered(codecs, preferred);
        let mut ours = Vec::with_capacity(240);
        let agreed = write_answer(&session, &self.local(&codecs, version), &mut ours)?;
        self.put(ours, version);
        self.theirs = Some((session.origin.id.to_vec(), session.origin.version.to_vec()));
        self.agreed = Some(agreed);
        Ok(())
    }

    /// Takes the peer's answer to our offer.
    ///
    /// # Errors
    /// [`NoTerms`]; nothing is agreed then.
    pub(crate) fn accept(&mut self, answer: &[u8], codecs: &[Codec]) -> Result<(), NoTerms> {
        let session = Session::parse(answer).map_err(|_| NoTerms::Malformed)?;
        let agreed = read_answer(&session, &self.local(codecs, self.version))?;
        self.theirs = Some((session.origin.id.to_vec(), session.origin.version.to_vec()));
        self.agreed = Some(agreed);
        Ok(())
    }

    fn put(&mut self, ours: Vec<u8>, version: u64) {
        self.ours = ours;
        self.version = version;
    }
}

/// Our codecs with one of them first.
pub(crate) fn ordered(codecs: &[Codec], first: Option<Codec>) -> Vec<Codec> {
    let first = first.filter(|first| codecs.contains(first));
    let others = codecs.iter().copied().filter(|codec| Some(*codec) != first);
    first.into_iter().chain(others).collect()
}

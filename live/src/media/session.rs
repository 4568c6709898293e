//! The audio of one leg: one stream out whatever feeds it, statistics and proof of what comes in.

use super::control::Control;
use super::ports::Port;
use super::terms::Terms;
use super::voice::Playing;
use acd::{AgentId, CallId, OfferId};
use sip::Instant;
use sip::audio::g711::decode;
use sip::dtmf::{EventReceiver, ToneDetector};
use sip::endpoint::Leg;
use sip::rtp::{AddressProof, Header, Incoming, Outgoing, Start, Verdict};
use sip::sdp::negotiate::Agreed;
use std::net::{IpAddr, SocketAddr};

/// Most samples of a packet that are listened to for tones: 60 ms.
const TONE_MAX: usize = 480;

/// A session's name; the age tells one from the next in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MediaId {
    pub(super) slot: u32,
    pub(super) age: u32,
}

/// Whose audio it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Nobody's yet.
    Nobody,
    /// A caller's.
    Call(CallId),
    /// An agent's, for one offer.
    Agent(AgentId, OfferId),
    /// Somebody's who dialled a feature code.
    Service(Leg),
}

/// What a leg hears.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Nothing is sent.
    Nothing,
    /// Silence is sent as silence; a robot's only to somebody who has been heard.
    Silence {
        /// Whether it waits for the first packet.
        once_heard: bool,
    },
    /// A prompt, music or a tone.
    Voice(Playing),
    /// Another leg.
    Peer,
}

/// The audio of one leg.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) owner: Owner,
    pub(crate) port: Port,
    pub(crate) terms: Terms,
    pub(super) outgoing: Outgoing,
    pub(super) incoming: Incoming,
    pub(super) proof: AddressProof,
    pub(super) control: Control,
    events: EventReceiver,
    /// Hears keys as tones; only where the peer knows no telephone-event.
    tones: Option<Box<ToneDetector>>,
    pub(super) source: Source,
    /// Who hears this leg.
    pub(super) feeds: Option<MediaId>,
    /// When the last packet came; liveness counts from the first.
    pub(super) heard: Option<Instant>,
    /// Whether our 2xx waits for its ACK: prompts begin when it has come.
    pub(super) awaits_ack: bool,
    /// Whether it stands in the pacing wheel.
    pub(super) is_paced: bool,
    /// Whether its owner was told that it is silent.
    pub(super) is_lost: bool,
}

impl Session {
    pub(super) fn new(port: Port, signalling: IpAddr, tokens: &mut dyn FnMut() -> u64) -> Self {
        let start = Start::of([tokens(), tokens()]);
        Self {
            owner: Owner::Nobody,
            port,
            terms: Terms::new(port.address, tokens()),
            outgoing: Outgoing::new(start),
            incoming: Incoming::default(),
            proof: AddressProof::new(signalling),
            control: Control::new(tokens()),
            events: EventReceiver::default(),
            tones: None,
            source: Source::Nothing,
            feeds: None,
            heard: None,
            awaits_ack: false,
            is_paced: false,
            is_lost: false,
        }
    }

    /// What both sides agreed on.
    pub(crate) fn agreed(&self) -> Option<Agreed> {
        self.terms.agreed
    }

    /// Whether the peer has put us on hold: it hears nothing, or said so.
    pub(crate) fn is_held(&self) -> bool {
        self.agreed().is_some_and(|agreed| agreed.remote.is_none() || !agreed.direction.receives())
    }

    /// Hears a key: as a telephone-event, or as a tone from a peer that knows none.
    pub(super) fn hear_digit(
        &mut self,
        header: &Header,
        verdict: Verdict,
        datagram: &[u8],
    ) -> Option<u8> {
        let agreed = self.agreed()?;
        let payload = header.payload(datagram);
        if agreed.event_in == Some(header.payload_type) {
            return self.events.receive(header, payload).map(super::key);
        }
        let has_tones = agreed.event_in.is_none() && matches!(self.owner, Owner::Call(_));
        let is_audio = header.payload_type == agreed.codec.payload_type && verdict.is_playable();
        if !has_tones || !is_audio || payload.len() > TONE_MAX {
            return None;
        }
        let codec = agreed.codec.codec;
        let samples = payload.iter().map(|byte| decode(codec, *byte));
        self.tones.get_or_insert_default().receive(samples).map(super::key)
    }

    /// Where audio may go now, and how it is sent there.
    pub(super) fn target(&self) -> Option<(SocketAddr, Agreed)> {
        let agreed = self.agreed().filter(|agreed| agreed.direction.sends())?;
        agreed.remote?;
        Some((self.proof.target()?, agreed))
    }
}

//! The audio of one call.

use super::FRAME as FRAME_TIME;
use super::buffer::{self, Buffer};
use super::voices::Voice;
use crate::units::micros;
use live::{Outbox, Port};
use reports::traffic::{EModel, StreamFigures};
use sip::Instant;
use sip::audio::{FRAME, g711};
use sip::dtmf::EventSender;
use sip::rtp::{Header, Incoming, Outgoing, Start, Verdict};
use sip::sdp::negotiate::Agreed;

/// Samples of a frame.
const SAMPLES: u32 = FRAME as u32;

/// A tick of RTP's clock, µs.
const TICK: u64 = 125;

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) port: Port,
    /// What both sides agreed on; `None` where nothing may be sent.
    pub(super) agreed: Option<Agreed>,
    /// When the next frame is to be sent.
    pub(super) due: Option<Instant>,
    pub(super) keys: EventSender,
    voice: Voice,
    /// What goes on when the present voice is over.
    next: Option<Voice>,
    outgoing: Outgoing,
    incoming: Incoming,
    buffer: Buffer,
    packets: u64,
}

impl Stream {
    pub(super) fn new(port: Port, tokens: &mut dyn FnMut() -> u64) -> Self {
        let start = Start::of([tokens(), tokens()]);
        Self {
            port,
            agreed: None,
            due: None,
            keys: EventSender::default(),
            voice: Voice::silence(),
            next: None,
            outgoing: Outgoing::new(start),
            incoming: Incoming::default(),
            buffer: Buffer::default(),
            packets: 0,
        }
    }

    /// Lets this be heard from now on.
    pub(super) fn play(&mut self, voice: Voice) {
        (self.voice, self.next) = (voice, None);
        self.outgoing.change();
    }

    /// Lets this be heard, and then what was heard before.
    pub(super) fn interrupt(&mut self, voice: Voice) {
        let before = std::mem::replace(&mut self.voice, voice);
        self.next.get_or_insert(before);
    }

    /// Sends the frame that is due.
    pub(super) fn send(&mut self, now: Instant, out: &mut Outbox) {
        let Some((agreed, to)) = self.agreed.and_then(|agreed| Some((agreed, agreed.remote?)))
        else {
            return;
        };
        if !agreed.direction.sends() {
            return;
        }
        self.packets += 1;
        if let Some(event) = agreed.event_out
            && let Some(packet) = self.keys.next_packet(now, &mut self.outgoing, event)
        {
            return out.push(self.port.number, to, &packet);
        }
        let header = self.outgoing.frame(now, agreed.codec.payload_type, SAMPLES);
        let codec = agreed.codec.codec;
        match self.voice.next_frame(codec) {
            Some(frame) => out.push_frame(self.port.number, to, header, frame),
            None => {
                self.voice = self.next.take().unwrap_or_else(Voice::silence);
                out.push_frame(self.port.number, to, header, g711::silence(codec));
            }
        }
    }

    /// Takes a packet.
    pub(super) fn receive(&mut self, at: Instant, header: &Header) {
        let verdict = self.incoming.receive(at, header);
        let is_audio =
            self.agreed.is_some_and(|agreed| agreed.codec.payload_type == header.payload_type);
        if !is_audio {
            // All packets of a telephone event have the timestamp of its beginning (RFC 4733 §2.5.1.2).
            return;
        }
        match verdict {
            Verdict::InOrder | Verdict::Late => self.buffer.receive(at, header.timestamp, false),
            Verdict::Begins => self.buffer.receive(at, header.timestamp, true),
            Verdict::Duplicate | Verdict::Probation => {}
        }
    }

    /// What came of it.
    pub(super) fn figures(&self) -> StreamFigures {
        let reception = self.incoming.reception();
        let mut figures = StreamFigures {
            sent: self.packets,
            received: reception.received,
            expected: reception.received + reception.lost,
            discarded: self.buffer.discarded,
            jitter: acd::Duration(u64::from(reception.jitter) * TICK),
            buffer: micros(buffer::LENGTH),
            mos: None,
        };
        figures.mos = EModel::G711.with_delay(micros(FRAME_TIME + buffer::LENGTH)).mos(&figures);
        figures
    }
}

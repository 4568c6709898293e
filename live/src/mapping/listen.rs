//! `DigitPressed`, `PlayEnded`, lost audio, INFO: what is heard on a leg.

use crate::board::{Board, Party};
use crate::media::{Owner, Said, Source};
use acd::{CallId, Input};
use sip::endpoint::Leg;
use sip::message::Kept;

impl Board {
    /// Does what follows from something heard.
    pub(crate) fn heard(&mut self, said: Said) {
        match said {
            Said::Digit(owner, digit) => {
                if let Some(call) = self.call_of(owner) {
                    self.pressed(call, digit);
                }
            }
            Said::PlayEnded(owner, step) => {
                if let Some(call) = self.call_of(owner) {
                    self.prompt_ended(call, step);
                }
            }
            Said::Lost(owner) => self.lost(owner),
        }
    }

    /// A key: for the menu that waits for one, and for nobody else.
    fn pressed(&mut self, call: CallId, digit: u8) {
        let Some(record) = self.calls.get_mut(call) else { return };
        let Some(gathers) = record.gathers else { return };
        if !gathers.barge_in && !gathers.is_played {
            return;
        }
        // One key is one answer: the next menu says when it takes the next.
        record.gathers = None;
        if let Some(media) = record.media {
            self.media.play(self.now, media, Source::Silence { once_heard: false });
        }
        self.tell(Input::DigitPressed { call, digit });
    }

    fn prompt_ended(&mut self, call: CallId, step: acd::StepId) {
        let Some(record) = self.calls.get_mut(call) else { return };
        if let Some(gathers) = &mut record.gathers {
            gathers.is_played = true;
        }
        self.tell(Input::PlayEnded { call, step });
    }

    /// Nothing came for the media time-out: the call is dead (LIVE policy 7).
    fn lost(&mut self, owner: Owner) {
        let leg = match owner {
            Owner::Call(call) => self.calls.get(call).and_then(|record| record.leg),
            Owner::Agent(agent, _) => self.seats.get(agent).and_then(|seat| seat.leg),
            Owner::Service(leg) => Some(leg),
            Owner::Nobody => None,
        };
        if let Some(leg) = leg {
            self.hang_up(leg, &[("Reason", b"X-ACD;text=\"no audio\"")]);
        }
    }

    /// Digits by INFO, from telephones without telephone-event.
    pub(super) fn info(&mut self, leg: Leg, request: &Kept) {
        let Some(Party::Caller(call)) = self.party(leg) else { return };
        if let Some(digit) = crate::media::info_digit(request) {
            self.pressed(call, digit);
        }
    }
}

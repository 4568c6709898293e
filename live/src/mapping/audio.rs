//! `Play`, `Gather`, `Music`: what a caller hears before he talks.

use crate::board::Board;
use crate::board::calls::{Gathers, Stage};
use crate::media::{Playing, Source};
use acd::{CallId, FlowId, Input, QueueId, StepId};
use scenarios::Answer;

impl Board {
    /// Plays a prompt to its end; without a prompt the end comes at once.
    pub(super) fn play(&mut self, call: CallId, flow: FlowId, step: StepId) {
        self.be_audible(call);
        if let Some(record) = self.calls.get_mut(call) {
            record.gathers = None;
        }
        if !self.start_prompt(call, flow, step) {
            self.tell(Input::PlayEnded { call, step });
        }
    }

    /// Plays a menu's prompt and takes keys from now on; keys pressed before count for nothing.
    pub(super) fn gather(&mut self, call: CallId, flow: FlowId, step: StepId) {
        self.be_audible(call);
        let has_prompt = self.start_prompt(call, flow, step);
        let barge_in = self.plan.keying(flow, step).is_none_or(|keying| keying.barge_in);
        if let Some(record) = self.calls.get_mut(call) {
            record.gathers = Some(Gathers { barge_in, is_played: !has_prompt });
        }
    }

    /// Plays music to a caller who waits.
    pub(super) fn music(&mut self, call: CallId, queue: QueueId) {
        let Some(record) = self.calls.get_mut(call) else { return };
        record.gathers = None;
        if record.stage < Stage::Early {
            // He hears the tone of his own telephone until an agent answers.
            return;
        }
        let media = record.media;
        let music = self.plan.music(queue).clone();
        if let Some(media) = media {
            self.media.play(self.now, media, Source::Voice(Playing::again_and_again(music)));
        }
    }

    /// Lets a caller who hears nothing yet hear that a telephone rings.
    pub(super) fn hear_ringing(&mut self, call: CallId) {
        let Some(record) = self.calls.get(call) else { return };
        let Some(media) = record.media.filter(|_| record.stage >= Stage::Early) else { return };
        let tone = self.plan.ringing.clone();
        if self.media.is_fed_by_nothing(media) {
            self.media.play(self.now, media, Source::Voice(Playing::again_and_again(tone)));
        }
    }

    /// A flow speaks: the caller must hear it, whatever the policy of answering.
    fn be_audible(&mut self, call: CallId) {
        match self.plan.answer {
            Answer::AtOnce | Answer::AtAgent => self.accept(call),
            // 183 was sent with the switch's Answer.
            Answer::Early => {}
        }
    }

    /// Starts the prompt of a step; returns whether there is one.
    fn start_prompt(&mut self, call: CallId, flow: FlowId, step: StepId) -> bool {
        let Some(media) = self.media_of(call) else { return false };
        let Some(voice) = self.plan.prompt(flow, step).cloned() else {
            self.media.play(self.now, media, Source::Silence { once_heard: false });
            return false;
        };
        self.media.play(self.now, media, Source::Voice(Playing::once(voice, step)));
        true
    }
}

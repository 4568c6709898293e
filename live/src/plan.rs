//! What a scenario says about live calls, compiled once.

use crate::identity::Trunks;
use crate::numbers::Numbers;
use acd::{FlowId, GroupId, QueueId, StepId};
use scenarios::{Answer, Keying, Scenario};
use sip::Duration;
use sip::audio::Prompt;
use sip::sdp::negotiate::Codec;

/// The fixed part of the board.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) answer: Answer,
    /// What we speak, preferred first.
    pub(crate) codecs: Vec<Codec>,
    pub(crate) numbers: Numbers,
    pub(crate) trunks: Trunks,
    /// The prompt of each step, by flow; `None` for a step without.
    pub(crate) prompts: Vec<Vec<Option<Prompt>>>,
    /// How keys are taken, by flow and step; `None` for a step that is no menu.
    pub(crate) keying: Vec<Vec<Option<Keying>>>,
    pub(crate) music: Prompt,
    /// The tone a caller hears while an agent's telephone rings.
    pub(crate) ringing: Prompt,
    /// The longest after-call work of named agents, by group; `None`: until they end it.
    pub(crate) wrap_up: Vec<Option<acd::Duration>>,
    /// Our host in From to agents.
    pub(crate) host: String,
    /// Most calls at once.
    pub(crate) calls_max: usize,
    /// Whether `X-Callstorm-Ids` from loopback is believed.
    pub(crate) accepts_ids: bool,
}

impl Plan {
    /// The prompt of a step.
    pub(crate) fn prompt(&self, flow: FlowId, step: StepId) -> Option<&Prompt> {
        self.prompts.get(flow.index())?.get(step.index())?.as_ref()
    }

    /// How keys are taken at a step.
    pub(crate) fn keying(&self, flow: FlowId, step: StepId) -> Option<Keying> {
        *self.keying.get(flow.index())?.get(step.index())?
    }

    /// What callers of a queue hear.
    pub(crate) fn music(&self, _queue: QueueId) -> &Prompt {
        &self.music
    }

    /// The longest after-call work of a group's named agents.
    pub(crate) fn wrap_up(&self, group: GroupId) -> Option<acd::Duration> {
        *self.wrap_up.get(group.index())?
    }
}

/// The codecs of a scenario as SDP names them.
pub(crate) fn codecs(scenario: &Scenario) -> Vec<Codec> {
    let of = |codec: &scenarios::Codec| match codec {
        scenarios::Codec::Pcma => Codec::Pcma,
        scenarios::Codec::Pcmu => Codec::Pcmu,
    };
    scenario.live.codecs.iter().map(of).collect()
}

/// A duration of the scenario, on the wire.
pub(crate) fn on_wire(duration: acd::Duration) -> Duration {
    Duration::from_micros(duration.0)
}

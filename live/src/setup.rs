//! Making an exchange of a scenario: everything that may be missing is said before the first call.

use crate::agents::{Agent, Agents};
use crate::board::{Board, Parts, Tokens};
use crate::chronicle::Chronicle;
use crate::clock::Clock;
use crate::exchange::Exchange;
use crate::identity::Trunks;
use crate::media::{Media, NewRecording, Ports};
use crate::numbers::Numbers;
use crate::plan::{Plan, codecs, on_wire};
use crate::prompts::{self, Finder, NoPrompt, Prompts};
use crate::reach::{Caps, Policy, Reach};
use crate::record::Tape;
use crate::robots::Robots;
use acd::{Acd, AcdConfig};
use reports::Context;
use scenarios::{Digest, LiveAgent, Scenario};
use sip::digest::{Algorithm, Guard};
use sip::endpoint::{Endpoint, RegistrarSettings, SessionPolicy, Settings};
use sip::{Duration, Instant};
use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;

/// How long a registrar's nonce is good.
const NONCE_LIFE: Duration = Duration::from_secs(300);

/// The realm of the registrar.
const REALM: &[u8] = b"callstorm";

/// The shortest session interval accepted (RFC 4028 §4).
const SESSION_MIN: Duration = Duration::from_secs(90);

/// What decides how a scenario is served.
pub struct Options<'a> {
    /// Whether seats without a name are robots; else they stay empty.
    pub robots: bool,
    /// Our host in the addresses agents see.
    pub host: String,
    /// How many times as fast the switch's clock runs.
    pub speed: u32,
    /// Most calls at once; one more is answered 503.
    pub calls_max: usize,
    /// Whether `X-Callstorm-Ids` from loopback is believed.
    pub accepts_ids: bool,
    /// Which addresses may be reached.
    pub policy: Policy,
    /// The most that may be sent out.
    pub caps: Caps,
    /// Finds the bytes of a prompt's file.
    pub prompts: &'a Finder<'a>,
    /// Finds an agent's password.
    pub passwords: &'a dyn Fn(&LiveAgent) -> Result<Vec<u8>, String>,
}

/// What the exchange is given to work with.
pub struct Means {
    /// Unpredictable numbers, from the operating system's generator.
    pub tokens: Tokens,
    /// Likewise, for the endpoint's tags and branches.
    pub endpoint_tokens: Tokens,
    /// Ports for audio.
    pub ports: Box<dyn Ports>,
    /// The wall clock at the beginning, in the form of NTP: seconds since 1900 above, their 2⁻³² parts below.
    pub ntp: u64,
    /// Where the event log goes.
    pub events: Option<Box<dyn Write + Send>>,
    /// Opens the files of recorded talks; `None`: talks are not recorded.
    pub call_recordings: Option<NewRecording>,
    /// Where the recording of the switch goes.
    pub recording: Option<Box<dyn Write + Send>>,
}

/// Why a scenario cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A prompt cannot be played.
    #[error(transparent)]
    Prompt(#[from] NoPrompt),
    /// An agent's password is not to be had.
    #[error("agent `{name}`: {why}")]
    Password {
        /// The agent.
        name: String,
        /// Why.
        why: String,
    },
}

/// The switch's set-up for a scenario that is served: named agents of groups with `wrap_up` do after-call work.
#[must_use]
pub fn switch_config(scenario: &Scenario) -> AcdConfig {
    let mut config = scenarios::acd_config(scenario);
    for group in scenario.groups.iter().filter(|group| group.wrap_up.is_some()) {
        for (queue, _) in &group.skills {
            config.queues[queue.index()].wrap_up = true;
        }
    }
    config
}

impl Exchange {
    /// Makes the exchange of a scenario; robots sign in with the first [`Exchange::work`].
    ///
    /// # Errors
    /// [`SetupError`], before anything was sent.
    pub fn new(
        now: Instant,
        scenario: &Scenario,
        context: &Context,
        options: &Options<'_>,
        mut means: Means,
    ) -> Result<Self, SetupError> {
        let policy = Arc::new(options.policy.clone());
        let mut endpoint = endpoint(scenario, options, means.endpoint_tokens, &mut means.tokens);
        let agents = agents(scenario, options, &mut endpoint)?;
        let parts = Parts {
            endpoint,
            plan: plan(scenario, options)?,
            agents,
            robots: Robots::new(scenario, options.robots),
            media: Media::new(
                Arc::clone(&policy),
                on_wire(scenario.live.media_timeout),
                means.call_recordings,
                (now, means.ntp),
            ),
            ports: means.ports,
            reach: Reach::new(policy, options.caps),
            tokens: means.tokens,
        };
        let acd = Acd::new(switch_config(scenario));
        let begin = |to| Tape::new(acd::Timestamp::ZERO, &acd, to);
        let tape = means.recording.map(begin);
        Ok(Self {
            acd,
            board: Board::new(parts),
            chronicle: Chronicle::new(context, means.events),
            clock: Clock::new(now, options.speed),
            tape: RefCell::new(tape),
            out: Vec::with_capacity(64),
            log_due: now,
            has_more: false,
            seen: acd::Timestamp::ZERO,
        })
    }
}

fn plan(scenario: &Scenario, options: &Options<'_>) -> Result<Plan, SetupError> {
    let mut library = Prompts::default();
    let mut prompts = Vec::with_capacity(scenario.flows.len());
    for flow in &scenario.flows {
        let mut steps = Vec::with_capacity(flow.prompts.len());
        for name in &flow.prompts {
            let prompt = (!name.is_empty()).then(|| library.get(name, options.prompts));
            steps.push(prompt.transpose()?);
        }
        prompts.push(steps);
    }
    Ok(Plan {
        answer: scenario.live.answer,
        codecs: codecs(scenario),
        numbers: Numbers::new(scenario),
        trunks: Trunks::new(scenario),
        prompts,
        keying: scenario.flows.iter().map(|flow| flow.keying.clone()).collect(),
        music: prompts::music(),
        ringing: prompts::ringing(),
        wrap_up: scenario.groups.iter().map(|group| group.wrap_up).collect(),
        host: options.host.clone(),
        calls_max: options.calls_max,
        accepts_ids: options.accepts_ids,
    })
}

fn endpoint(
    scenario: &Scenario,
    options: &Options<'_>,
    own: Tokens,
    tokens: &mut Tokens,
) -> Endpoint {
    let mut key = [0; 32];
    for piece in key.chunks_exact_mut(8) {
        piece.copy_from_slice(&tokens().to_be_bytes());
    }
    let (min, max) = scenario.live.registration;
    let registrar = RegistrarSettings {
        min: on_wire(min),
        max: on_wire(max),
        default: on_wire(max),
        ..RegistrarSettings::new(Guard::new(REALM, key, NONCE_LIFE))
    };
    let settings = Settings {
        // Each call may have a leg to an agent, and legs linger for late messages.
        legs_max: options.calls_max.saturating_mul(4).max(64),
        session: SessionPolicy {
            expires: Some(on_wire(scenario.live.session_expires)),
            min: SESSION_MIN,
        },
        registrar: Some(registrar),
        ..Settings::default()
    };
    Endpoint::new(settings, own)
}

/// What a telephone is challenged by, the preferred first (policy 11).
fn algorithms(digest: Digest) -> &'static [Algorithm] {
    match digest {
        Digest::Md5 => &[Algorithm::Md5],
        Digest::Sha256 => &[Algorithm::Sha256],
        Digest::Both => &[Algorithm::Sha256, Algorithm::Md5],
    }
}

fn agents(
    scenario: &Scenario,
    options: &Options<'_>,
    endpoint: &mut Endpoint,
) -> Result<Agents, SetupError> {
    let mut agents = Vec::with_capacity(scenario.live.agents.len());
    for agent in &scenario.live.agents {
        let password = (options.passwords)(agent)
            .map_err(|why| SetupError::Password { name: agent.name.clone(), why })?;
        let account = endpoint.add_account(agent.extension.as_bytes(), &password);
        let account = account.map_err(|error| SetupError::Password {
            name: agent.name.clone(),
            why: error.to_string(),
        })?;
        let known = endpoint.set_algorithms(account, algorithms(agent.digest));
        known.expect("the account was just made, and each digest has an algorithm");
        let keep_alive = agent.keep_alive.map(on_wire);
        agents.push(Agent::new(agent.group, account, keep_alive));
    }
    Ok(Agents::new(agents))
}

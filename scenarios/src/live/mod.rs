//! `[live]`: how real calls are answered. A simulation reads it, says what is wrong with it, and ignores it.

mod agent;
mod dialled;
mod ports;
mod trunk;

use self::agent::AgentSettings;
use self::ports::Ports;
use self::trunk::TrunkSettings;
use crate::faults::Faults;
use crate::limits;
use crate::model::{Answer, Codec, Live, Tls};
use crate::read::{At, Map, Named, Text};
use crate::resolve::Resolver;
use crate::source::Span;
use acd::Duration;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) use self::dialled::Dialled;

settings! {
    /// How real calls are answered.
    pub(crate) struct LiveSettings {
        /// When a call is answered: when it arrives, after media (183), or with the agent.
        answer: Answer = Answer::AtOnce,
        /// Codecs, the preferred one first.
        codecs: At<Vec<At<Codec>>> = both_codecs(),
        /// Ports for media, such as `20000-29999`; each call leg takes a pair.
        rtp_ports: Ports = Ports::default(),
        /// How long a call may go without media before it is taken for dead.
        media_timeout: At<Duration> = nowhere(30),
        /// The session timer offered.
        session_expires: At<Duration> = nowhere(30 * 60),
        /// How long a registration lasts.
        registration: RegistrationSettings,
        /// Named agents with telephones.
        agent: At<Map<AgentSettings>>,
        /// Peers that hand calls over.
        trunk: At<Map<TrunkSettings>>,
        /// Certificate and key for TLS.
        tls: Option<TlsSettings>,
    }
}

settings! {
    /// How long a registration lasts.
    pub(crate) struct RegistrationSettings {
        /// The shortest; a shorter wish is refused.
        min: At<Duration> = nowhere(30),
        /// The longest; a longer wish is cut.
        max: At<Duration> = nowhere(3600),
    }
}

settings! {
    /// Certificate and key for TLS.
    pub(crate) struct TlsSettings {
        /// The certificate chain, a PEM file.
        cert: Text,
        /// The key, a PEM file.
        key: Text,
    }
}

words! { Answer { Self::AtOnce => "at-once", Self::Early => "early", Self::AtAgent => "at-agent" } }
words! { Codec { Self::Pcma => "pcma", Self::Pcmu => "pcmu" } }

/// The least session timer (RFC 4028 §4).
const SESSION_LEAST: Duration = Duration::from_secs(90);
const SECOND: Duration = Duration::from_secs(1);

fn both_codecs() -> At<Vec<At<Codec>>> {
    let codec = |value| At { value, span: Span::NOWHERE };
    At { value: vec![codec(Codec::Pcma), codec(Codec::Pcmu)], span: Span::NOWHERE }
}

fn nowhere(seconds: u64) -> At<Duration> {
    At { value: Duration::from_secs(seconds), span: Span::NOWHERE }
}

impl LiveSettings {
    /// Turns the settings into the model.
    pub(crate) fn resolve(&self, resolver: &mut Resolver) -> Option<Live> {
        resolver.within(
            self.agent.value.entries.len(),
            limits::LIVE_AGENTS,
            "named agents",
            self.agent.span,
        )?;
        resolver.within(
            self.trunk.value.entries.len(),
            limits::LIVE_TRUNKS,
            "trunks",
            self.trunk.span,
        )?;
        let agents = resolved(&self.agent.value, |name, agent| agent.resolve(name, resolver));
        self.extensions_once(&mut resolver.faults);
        let trunks = resolved(&self.trunk.value, |name, trunk| trunk.resolve(name, resolver));
        self.check_times(&mut resolver.faults);
        Some(Live {
            answer: self.answer,
            codecs: self.codecs(&mut resolver.faults),
            rtp_ports: self.rtp_ports.0.clone(),
            media_timeout: self.media_timeout.value,
            session_expires: self.session_expires.value,
            registration: (self.registration.min.value, self.registration.max.value),
            agents: agents?,
            trunks: trunks?,
            tls: self.tls.as_ref().map(|tls| Tls {
                cert: PathBuf::from(&tls.cert.0),
                key: PathBuf::from(&tls.key.0),
            }),
        })
    }

    fn codecs(&self, faults: &mut Faults) -> Vec<Codec> {
        let mut codecs = Vec::with_capacity(2);
        for codec in &self.codecs.value {
            if codecs.contains(&codec.value) {
                faults.error(codec.span, "this codec is named twice").label("expected it once");
            }
            codecs.push(codec.value);
        }
        if codecs.is_empty() {
            faults
                .error(self.codecs.span, "without a codec nobody hears anything")
                .label("expected `pcma`, `pcmu` or both");
        }
        codecs
    }

    fn check_times(&self, faults: &mut Faults) {
        let mut at_least = |time: At<Duration>, least: Duration, what: &str| {
            if time.value < least {
                let fault = faults.error(time.span, format!("{what} is too short"));
                fault.label(format!("expected at least {least}"));
            }
        };
        at_least(self.media_timeout, SECOND, "the time without media");
        at_least(self.session_expires, SESSION_LEAST, "the session timer");
        at_least(self.registration.min, SECOND, "the shortest registration");
        let least = self.registration.min.value;
        if self.registration.max.value < least {
            faults
                .error(
                    self.registration.max.span,
                    "the longest registration is shorter than the shortest",
                )
                .label(format!("expected at least {least}"));
        }
    }

    /// Says where two agents have one extension: a call would not know whom to ring.
    fn extensions_once(&self, faults: &mut Faults) {
        let mut seen = BTreeMap::new();
        for Named { name, value } in &self.agent.value.entries {
            let Some(agent) = value else { continue };
            let extension = &agent.value.extension;
            if let Some(other) = seen.insert(extension.value.0.clone(), name.value.clone()) {
                let message = format!("extension {} is taken", extension.value.0);
                faults.error(extension.span, message).label(format!("it is agent `{other}`'s"));
            }
        }
    }
}

fn resolved<T, M>(
    map: &Map<T>,
    mut resolve: impl FnMut(&At<String>, &T) -> Option<M>,
) -> Option<Vec<M>> {
    let models: Vec<Option<M>> = map
        .entries
        .iter()
        .map(|entry| resolve(&entry.name, &entry.value.as_ref()?.value))
        .collect();
    models.into_iter().collect()
}

//! `send = "INVITE"`: a request, with what it takes.

use crate::limits;
use crate::model::traffic::{Request, Send, Template};
use crate::read::{At, Text};
use crate::traffic_file::headers::is_token;
use crate::traffic_file::step::StepSettings;
use crate::traffic_file::template::Use;
use crate::traffic_file::{Compiler, given};
use acd::Duration;

/// The requests by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestName {
    /// Begins a call.
    Invite,
    /// Takes the INVITE back.
    Cancel,
    /// Ends the call.
    Bye,
    /// Says where somebody is.
    Register,
    /// Asks what the target can.
    Options,
    /// Says something within the call.
    Info,
    /// Changes the call.
    Reinvite,
}

words! { RequestName {
    Self::Invite => "INVITE",
    Self::Cancel => "CANCEL",
    Self::Bye => "BYE",
    Self::Register => "REGISTER",
    Self::Options => "OPTIONS",
    Self::Info => "INFO",
    Self::Reinvite => "REINVITE",
} }

/// How long a registration lasts unless the file says otherwise (RFC 3261 §10.2.1.1 leaves it to the registrar).
pub(crate) const EXPIRES: Duration = Duration::from_secs(3600);

impl RequestName {
    /// Returns its word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::Cancel => "CANCEL",
            Self::Bye => "BYE",
            Self::Register => "REGISTER",
            Self::Options => "OPTIONS",
            Self::Info => "INFO",
            Self::Reinvite => "REINVITE",
        }
    }

    /// Returns the keys that say more about it.
    pub(crate) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Invite => &["to", "from", "headers", "offer"],
            Self::Cancel | Self::Bye => &["headers"],
            Self::Register => &["to", "from", "headers", "expires"],
            Self::Options => &["to", "from", "headers"],
            Self::Info => &["headers", "content_type", "body"],
            Self::Reinvite => &["headers", "hold"],
        }
    }
}

impl Compiler<'_> {
    /// Turns a step into a request.
    pub(crate) fn send(&mut self, name: &At<RequestName>, step: &StepSettings) -> Option<Send> {
        let to = step.to.as_ref().map(|to| self.address(to));
        let from = step.from.as_ref().map(|from| self.address(from));
        let headers = self.headers(&step.headers);
        let request = self.request(name.value, step);
        Some(Send { request: request?, to: given(to)?, from: given(from)?, headers: headers? })
    }

    fn request(&mut self, name: RequestName, step: &StepSettings) -> Option<Request> {
        Some(match name {
            RequestName::Invite => {
                Request::Invite { has_offer: step.offer.is_none_or(|offer| offer.value) }
            }
            RequestName::Cancel => Request::Cancel,
            RequestName::Bye => Request::Bye,
            RequestName::Register => Request::Register { expires: self.expires(step)? },
            RequestName::Options => Request::Options,
            RequestName::Info => self.info(step)?,
            RequestName::Reinvite => {
                Request::Reinvite { is_hold: step.hold.is_some_and(|hold| hold.value) }
            }
        })
    }

    fn expires(&mut self, step: &StepSettings) -> Option<Duration> {
        let has_field = |name: &str| name.eq_ignore_ascii_case("expires");
        let fields = &step.headers.value.entries;
        if let Some(field) = fields.iter().find(|field| has_field(&field.name.value)) {
            let fault = self.resolver.faults.error(field.name.span, "`Expires` cannot be added");
            fault.label("expected `expires = \"1h\"` in the step");
        }
        let Some(expires) = step.expires else { return Some(EXPIRES) };
        let most = Duration::from_secs(u64::from(u32::MAX));
        let is_whole = expires.value.0.is_multiple_of(acd::SECOND);
        if expires.value > most || !is_whole {
            let message = format!("a registration cannot last {}", expires.value);
            let fault = self.resolver.faults.error(expires.span, message);
            fault.label(format!("expected whole seconds, at most {}", u32::MAX));
            return None;
        }
        Some(expires.value)
    }

    fn info(&mut self, step: &StepSettings) -> Option<Request> {
        let content_type = match &step.content_type {
            Some(given) => self.content_type(given),
            None => Some("text/plain".to_owned()),
        };
        let body = match &step.body {
            Some(body) => self.template(body, Use::Plain),
            None => Some(Template::default()),
        };
        Some(Request::Info { content_type: content_type?, body: body? })
    }

    /// Takes a text for a media type: `application/dtmf-relay`, perhaps with parameters.
    fn content_type(&mut self, text: &At<Text>) -> Option<String> {
        let (media, parameters) = text.value.0.split_once(';').unwrap_or((&text.value.0, ""));
        let (kind, subkind) = media.trim().split_once('/').unwrap_or(("", ""));
        let is_plain = parameters.chars().all(|c| c.is_ascii() && !c.is_control());
        let is_short = text.value.0.len() as u64 <= limits::LOAD_TEXT;
        if !(is_token(kind) && is_token(subkind) && is_plain && is_short) {
            let fault = self.resolver.faults.error(text.span, "this is not the type of a body");
            fault.label("expected one such as `text/plain` or `application/dtmf-relay`");
            return None;
        }
        Some(text.value.0.clone())
    }
}

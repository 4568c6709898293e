//! `[[step]]`: one step of a call. Its action stands beside the keys that say more about it.

use crate::faults::quoted;
use crate::law::{LawSettings, Seconds};
use crate::model::traffic::{DigitsBy, Step};
use crate::read::{At, KeyName, Name, Text};
use crate::source::Span;
use crate::traffic_file::Compiler;
use crate::traffic_file::expect::{BranchSettings, ExpectedMessage};
use crate::traffic_file::headers::Headers;
use crate::traffic_file::send::RequestName;
use crate::traffic_file::sound::PlaySettings;
use acd::Duration;

settings! {
    /// A step of a call.
    pub(crate) struct StepSettings {
        /// Its name, for `goto` and branches.
        name: Option<At<KeyName>>,
        /// Whom an INVITE, a REGISTER or an OPTIONS asks for; the target when left out.
        to: Option<At<Text>>,
        /// Who asks, of an INVITE, a REGISTER or an OPTIONS.
        from: Option<At<Text>>,
        /// More header fields of a request.
        headers: At<Headers>,
        /// Whether an INVITE offers audio; otherwise the target does.
        offer: Option<At<bool>>,
        /// Whether a REINVITE puts the call on hold, or takes it up again.
        hold: Option<At<bool>>,
        /// How long a REGISTER lasts; `0s` removes it.
        expires: Option<At<Duration>>,
        /// The type of an INFO's body.
        content_type: Option<At<Text>>,
        /// The body of an INFO.
        body: Option<At<Text>>,
        /// How long an expected message may take.
        within: Option<At<Duration>>,
        /// Whether the next step's message may come instead of this one's.
        optional: Option<At<bool>>,
        /// What else may come, and where the call goes on then; the first that fits counts.
        branch: At<Vec<At<BranchSettings>>> = At { value: Vec::new(), span: Span::NOWHERE },
        /// How keys are sent.
        by: Option<At<DigitsBy>>,
        /// Whether the next step waits for the end of what is played.
        wait: Option<At<bool>>,
        ..
        /// What is done.
        action: Action,
    }
}

choice! {
    /// What a step does.
    pub(crate) enum Action "action" {
        /// Sends a request.
        Send "send" (At<RequestName>),
        /// Waits for a message: a status such as `180`, a class such as `2xx`, or `BYE`.
        Expect "expect" (At<ExpectedMessage>),
        /// Waits.
        Pause "pause" (At<LawSettings<Seconds>>),
        /// Presses keys: `0` to `9`, `*`, `#`, `A` to `D`, and `,` for half a second of nothing.
        Digits "digits" (At<Text>),
        /// Lets something be heard, until the next step of this kind.
        Play "play" (At<PlaySettings>),
        /// Goes on at the step of this name.
        Goto "goto" (At<Name>),
        /// Ends the call: hangs up if it is up.
        End "end" (At<Ending>),
    }
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As it should.
    Good,
    /// Otherwise.
    Bad,
}

words! { Ending { Self::Good => "good", Self::Bad => "bad" } }

impl Action {
    /// Returns the place of what is done, from its key to its value.
    pub(crate) fn span(&self) -> Span {
        let (value, key) = match self {
            Self::Send(request, key) => (request.span, key),
            Self::Expect(expected, key) => (expected.span, key),
            Self::Pause(law, key) => (law.span, key),
            Self::Digits(keys, key) => (keys.span, key),
            Self::Play(sound, key) => (sound.span, key),
            Self::Goto(name, key) => (name.span, key),
            Self::End(ending, key) => (ending.span, key),
        };
        Span { end: value.end, ..*key }
    }

    /// Returns how the action stands in the file, and the keys that say more about it.
    fn words(&self) -> (String, &'static [&'static str]) {
        match self {
            Self::Send(request, _) => {
                (format!("send = \"{}\"", request.value.word()), request.value.keys())
            }
            Self::Expect(..) => ("expect".to_owned(), &["within", "optional", "branch"]),
            Self::Pause(..) => ("pause".to_owned(), &[]),
            Self::Digits(..) => ("digits".to_owned(), &["by"]),
            Self::Play(..) => ("play".to_owned(), &["wait"]),
            Self::Goto(..) => ("goto".to_owned(), &[]),
            Self::End(..) => ("end".to_owned(), &[]),
        }
    }
}

impl StepSettings {
    /// Turns the settings into a step.
    pub(crate) fn resolve(&self, compiler: &mut Compiler<'_>) -> Option<Step> {
        let are_apt = self.keys_are_apt(compiler);
        let step = match &self.action {
            Action::Send(request, _) => compiler.send(request, self).map(Step::Send),
            Action::Expect(expected, _) => compiler.expect(expected, self).map(Step::Expect),
            Action::Pause(law, _) => law.value.resolve(compiler.resolver).map(Step::Pause),
            Action::Digits(keys, _) => {
                compiler.digits(keys, self.by.map(|by| by.value).unwrap_or_default())
            }
            Action::Play(sound, _) => compiler.play(sound, self.wait),
            Action::Goto(name, _) => compiler.step(name).map(Step::Goto),
            Action::End(ending, _) => Some(Step::End { is_good: ending.value == Ending::Good }),
        };
        step.filter(|_| are_apt)
    }

    /// Says which keys mean nothing beside this action.
    fn keys_are_apt(&self, compiler: &mut Compiler<'_>) -> bool {
        let (action, apt) = self.action.words();
        let mut are_apt = true;
        for (key, span) in self.given() {
            if apt.contains(&key) {
                continue;
            }
            are_apt = false;
            let message = format!("`{key}` means nothing beside `{action}`");
            let label = if apt.is_empty() {
                format!("`{action}` stands alone, or with a `name`")
            } else {
                format!("`{action}` takes {}", quoted(apt.iter().copied()))
            };
            compiler.resolver.faults.error(span, message).label(label);
        }
        are_apt
    }

    /// Lists the keys that are given, `name` and the action left out.
    fn given(&self) -> impl Iterator<Item = (&'static str, Span)> {
        fn of<T>(value: &Option<At<T>>) -> Option<Span> {
            value.as_ref().map(|value| value.span)
        }
        let is_there = |span: Span| (span != Span::NOWHERE).then_some(span);
        [
            ("to", of(&self.to)),
            ("from", of(&self.from)),
            ("headers", is_there(self.headers.span)),
            ("offer", of(&self.offer)),
            ("hold", of(&self.hold)),
            ("expires", of(&self.expires)),
            ("content_type", of(&self.content_type)),
            ("body", of(&self.body)),
            ("within", of(&self.within)),
            ("optional", of(&self.optional)),
            ("branch", is_there(self.branch.span)),
            ("by", of(&self.by)),
            ("wait", of(&self.wait)),
        ]
        .into_iter()
        .filter_map(|(key, span)| Some((key, span?)))
    }
}

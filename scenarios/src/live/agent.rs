//! `[live.agent.x]`: a named member of a group with a telephone.

use crate::live::Dialled;
use crate::model::{Digest, LiveAgent, Secret};
use crate::read::{At, Name, Text};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Duration, GroupId};
use std::path::PathBuf;

settings! {
    /// A named member of a group with a telephone.
    pub(crate) struct AgentSettings {
        /// The group.
        group: At<Name>,
        /// The user name of the telephone's registration.
        extension: At<Dialled>,
        /// The variable of the environment that holds the password.
        password_env: Option<At<Text>>,
        /// The file that holds the password, instead.
        password_file: Option<At<Text>>,
        /// The digest's algorithm.
        digest: Digest = Digest::Md5,
        /// How often the telephone is asked whether it is there; `0s`: never.
        keep_alive: Duration = Duration::from_secs(30),
    }
}

words! { Digest { Self::Md5 => "md5", Self::Sha256 => "sha-256", Self::Both => "both" } }

impl AgentSettings {
    /// Turns the settings into the model.
    pub(crate) fn resolve(&self, name: &At<String>, resolver: &mut Resolver) -> Option<LiveAgent> {
        let group = resolver.find(Kind::Group, &self.group);
        let password = self.password(name, resolver);
        if self.extension.value.is_wildcard() {
            let fault = resolver.faults.error(self.extension.span, "`*` is no extension");
            fault.label("expected the user name of one telephone, such as `201`");
        }
        Some(LiveAgent {
            name: name.value.clone(),
            group: GroupId::new(group?),
            extension: self.extension.value.0.clone(),
            password: password?,
            digest: self.digest,
            keep_alive: (self.keep_alive > Duration::ZERO).then_some(self.keep_alive),
        })
    }

    fn password(&self, name: &At<String>, resolver: &mut Resolver) -> Option<Secret> {
        match (&self.password_env, &self.password_file) {
            (Some(variable), None) => variable_name(variable, resolver),
            (None, Some(file)) => Some(Secret::File(PathBuf::from(&file.value.0))),
            (Some(_), Some(file)) => {
                resolver
                    .faults
                    .error(file.span, "the password is in two places")
                    .label("expected `password_env` or `password_file`, not both");
                None
            }
            (None, None) => {
                resolver
                    .faults
                    .error(name.span, format!("agent `{}` has no password", name.value))
                    .label("expected `password_env = \"…\"` or `password_file = \"…\"`")
                    .hint("scenario files hold no passwords: they are shown and shared");
                None
            }
        }
    }
}

/// Takes a text for the name of a variable: one that the environment can hold.
fn variable_name(variable: &At<Text>, resolver: &mut Resolver) -> Option<Secret> {
    let name = &variable.value.0;
    let span: Span = variable.span;
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !is_name {
        resolver
            .faults
            .error(span, "this is not the name of a variable")
            .label("expected letters, digits and `_`, such as `ANA_PW`");
        return None;
    }
    Some(Secret::Environment(name.clone()))
}

//! `[live.agent.x]`: a named member of a group with a telephone.

use crate::live::Dialled;
use crate::model::{Digest, LiveAgent, Secret};
use crate::read::{At, Name, Text};
use crate::resolve::{Kind, Resolver};
use acd::{Duration, GroupId};

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
        crate::secret::resolve(&self.password_env, &self.password_file, resolver, |faults| {
            faults
                .error(name.span, format!("agent `{}` has no password", name.value))
                .label("expected `password_env = \"…\"` or `password_file = \"…\"`")
                .hint("scenario files hold no passwords: they are shown and shared");
        })
    }
}

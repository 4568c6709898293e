//! From a summary to bytes: one file per form.

mod json;

pub use json::json;

use crate::Context;
use acd::kpi::{Scope, Selector};

/// Returns a scope's name as its file gives it; `all` for the centre.
pub(crate) fn scope_name(context: &Context, scope: Scope) -> String {
    let name = |names: Option<&String>| names.cloned().unwrap_or_default();
    let group = |id: acd::GroupId| context.groups.get(id.index()).map(|group| &group.name);
    match scope {
        Scope::All => "all".to_owned(),
        Scope::Queue(id) => name(context.queues.get(id.index()).map(|queue| &queue.name)),
        Scope::Contact(id) => name(context.contacts.get(id.index())),
        Scope::Agents(id) => name(group(id)),
        Scope::Site(id) => name(context.sites.get(id.index())),
        Scope::ContactAgents(contact, id) => {
            format!("{},{}", name(context.contacts.get(contact.index())), name(group(id)))
        }
    }
}

/// The kinds of scopes in the order in which every form lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// The centre.
    All,
    /// By queue.
    Queue,
    /// By contact.
    Contact,
    /// By group.
    Agents,
    /// By site.
    Site,
    /// By contact and group.
    Pair,
}

impl ScopeKind {
    /// Every kind, in order.
    pub(crate) const ALL: [Self; 6] =
        [Self::All, Self::Queue, Self::Contact, Self::Agents, Self::Site, Self::Pair];

    /// Returns the kind of a selector's scope.
    pub(crate) fn of(selector: Selector) -> Self {
        match selector.scope {
            Scope::All => Self::All,
            Scope::Queue(_) => Self::Queue,
            Scope::Contact(_) => Self::Contact,
            Scope::Agents(_) => Self::Agents,
            Scope::Site(_) => Self::Site,
            Scope::ContactAgents(..) => Self::Pair,
        }
    }

    /// Returns the word for it in files.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Queue => "queue",
            Self::Contact => "contact",
            Self::Agents => "agents",
            Self::Site => "site",
            Self::Pair => "contact,agents",
        }
    }
}

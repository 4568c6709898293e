//! From a summary to bytes: one file per form.

mod csv;
mod digits;
mod html;
mod json;
mod junit;
mod load;
mod page;
mod terminal;
mod verdict;
pub(crate) mod words;

pub use csv::{intervals_csv, write_intervals_csv};
pub use json::{json, write_json};
pub use junit::{junit, junit_cases};

use crate::{Context, Summary};
use acd::Timestamp;
use acd::kpi::{Scope, Selector};

/// Writes the summary for a terminal, ending in a newline; fits 80 columns.
#[must_use]
pub fn terminal(context: &Context, summary: &Summary) -> String {
    match summary.load() {
        None => terminal::terminal(context, summary),
        Some(load) => load::terminal(context, summary, load),
    }
}

/// Writes the report as one self-contained page: no script, no network, nothing from outside unescaped.
#[must_use]
pub fn html(context: &Context, summary: &Summary) -> String {
    match summary.load() {
        None => html::html(context, summary),
        Some(load) => load::html(context, summary, load),
    }
}

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

/// Returns the local time of a moment, such as `10:30`; with the day's number after the first midnight.
pub(crate) fn clock(context: &Context, at: Timestamp) -> String {
    let seconds = at.after(context.start_of_day).since(Timestamp::ZERO).0 / acd::SECOND;
    let (day, hour, minute) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let second = match seconds % 60 {
        0 => String::new(),
        second => format!(":{second:02}"),
    };
    match day {
        0 => format!("{hour:02}:{minute:02}{second}"),
        day => format!("day {} {hour:02}:{minute:02}{second}", day + 1),
    }
}

/// Returns a number in its shortest exact form, whole ones without a fraction.
pub(crate) fn number(value: f64) -> String {
    format!("{value}")
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

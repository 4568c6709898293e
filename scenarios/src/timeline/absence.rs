//! `absence = { share = 0.15, groups = ["generalists"], lasts = "4h" }`: agents stay away.

use crate::model::Happening;
use crate::read::{At, Name};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Duration, GroupId, Share};

settings! {
    /// Agents who stay away.
    pub(crate) struct Settings {
        /// The share of the scheduled agents who are away, rounded to whole agents.
        share: At<Share>,
        /// Only these groups; all when left out.
        groups: Vec<At<Name>> = Vec::new(),
        /// For how long.
        lasts: At<Duration>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Happening> {
        let share = super::some(self.share, "absent agents", resolver);
        let lasts = super::lasts(self.lasts, resolver);
        let groups: Vec<_> =
            self.groups.iter().map(|name| resolver.find(Kind::Group, name)).collect();
        let groups = groups.into_iter().map(|found| found.map(GroupId::new));
        Some(Happening::Absence {
            groups: groups.collect::<Option<_>>()?,
            share: share?,
            lasts: lasts?,
        })
    }
}

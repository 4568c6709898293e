//! `trunk_loss = { share = 0.5, lasts = "90m" }`: lines of the centre, or of a site, are lost.

use crate::model::Happening;
use crate::read::{At, Name};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Duration, Share, SiteId};

settings! {
    /// The loss of lines.
    pub(crate) struct Settings {
        /// The site whose lines are lost; those of the centre when left out.
        site: Option<At<Name>>,
        /// The share lost.
        share: At<Share>,
        /// For how long.
        lasts: At<Duration>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Happening> {
        let share = super::some(self.share, "lost lines", resolver);
        let lasts = super::lasts(self.lasts, resolver);
        let site = match &self.site {
            Some(name) => Some(SiteId::new(resolver.find(Kind::Site, name)?)),
            None => None,
        };
        let (has_lines, form) = match &self.site {
            Some(name) => {
                let has_lines = site.is_some_and(|site| resolver.site_has_lines(site));
                (has_lines, format!("expected `trunks = …` in `[site.{}]`", name.value.0))
            }
            None => (resolver.has_lines, "expected `lines = …` in `[trunks]`".to_owned()),
        };
        if !has_lines {
            resolver.faults.error(span, "lines without number cannot be lost").label(form);
            return None;
        }
        Some(Happening::TrunkLoss { site, share: share?, lasts: lasts? })
    }
}

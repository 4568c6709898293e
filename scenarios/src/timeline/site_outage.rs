//! `site_outage = { site = "north", lasts = "2h" }`: the site's agents and lines are gone, its calls cut.

use crate::model::Happening;
use crate::read::{At, Name};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{Duration, SiteId};

settings! {
    /// The loss of a site.
    pub(crate) struct Settings {
        /// The site.
        site: At<Name>,
        /// For how long.
        lasts: At<Duration>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Happening> {
        let site = resolver.find(Kind::Site, &self.site);
        let lasts = super::lasts(self.lasts, resolver);
        Some(Happening::SiteOutage { site: SiteId::new(site?), lasts: lasts? })
    }
}

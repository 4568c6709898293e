//! What may happen to the centre: one file each. The registry of `[[timeline]]`.

mod absence;
mod demand;
mod site_outage;
mod trunk_loss;

use crate::model::{Happening, TimelineEntry};
use crate::moments::Moment;
use crate::read::{At, KeyName};
use crate::resolve::Resolver;
use acd::Duration;

choice! {
    /// Something that happens for a time.
    pub(crate) enum HappeningSettings "happening" => Happening {
        /// Demand changes.
        Demand "demand" (demand::Settings),
        /// Agents are absent.
        Absence "absence" (absence::Settings),
        /// A site is lost with its agents and lines; its calls are cut.
        SiteOutage "site_outage" (site_outage::Settings),
        /// Lines are lost.
        TrunkLoss "trunk_loss" (trunk_loss::Settings),
    }
}

settings! {
    /// An entry of the timeline: what happens to the centre.
    pub(crate) struct EntrySettings {
        /// Its name.
        name: At<KeyName>,
        /// When it begins.
        at: At<Moment>,
        .. /// What happens.
        happening: HappeningSettings,
    }
}

impl EntrySettings {
    /// Turns the settings into an entry.
    pub(crate) fn resolve(&self, resolver: &mut Resolver) -> Option<TimelineEntry> {
        let at = resolver.moment(self.at);
        let happening = self.happening.resolve(resolver);
        Some(TimelineEntry { name: self.name.value.0.clone(), at: at?, happening: happening? })
    }
}

/// Takes a length of time that must not be zero.
fn lasts(lasts: At<Duration>, resolver: &mut Resolver) -> Option<Duration> {
    if lasts.value > Duration::ZERO {
        return Some(lasts.value);
    }
    resolver.faults.error(lasts.span, "it lasts no time").label("expected more than zero");
    None
}

/// Takes a share that must not be zero.
fn some(share: At<acd::Share>, what: &str, resolver: &mut Resolver) -> Option<f64> {
    if share.value.0 > 0.0 {
        return Some(share.value.0);
    }
    let message = format!("nothing happens: the share of {what} is zero");
    resolver.faults.error(share.span, message).label("expected more than zero");
    None
}

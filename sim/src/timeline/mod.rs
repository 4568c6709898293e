//! What befalls the centre: one behaviour file for each happening.

mod absence;
pub(crate) mod demand;
mod site_outage;
mod trunk_loss;

use crate::agenda::Item;
use crate::office::Office;
use crate::world::World;
use acd::{GroupId, SiteId, Timestamp};
use scenarios::{Happening, Scenario};

/// What is wrong at the moment.
#[derive(Debug)]
pub(crate) struct Troubles {
    /// Shares of the agents that are away, by group.
    away: Vec<Vec<f64>>,
    /// How many outages a site suffers at once.
    outages: Vec<u32>,
    /// Shares of lines that are lost: of the centre, then of each site.
    lost_lines: Vec<Vec<f64>>,
}

impl Troubles {
    /// Begins without any.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            away: vec![Vec::new(); scenario.groups.len()],
            outages: vec![0; scenario.sites.len()],
            lost_lines: vec![Vec::new(); scenario.sites.len() + 1],
        }
    }

    /// Returns whether a site is lost now; agents without one always have a place.
    pub(crate) fn is_site_lost(&self, site: Option<SiteId>) -> bool {
        site.is_some_and(|site| self.outages[site.index()] > 0)
    }

    /// Returns the share of a group that is absent now: absences at the same time hit independently.
    pub(crate) fn absent(&self, group: GroupId) -> f64 {
        1.0 - rest(&self.away[group.index()])
    }
}

/// Returns what is left of the whole after each share was taken from the rest.
fn rest(taken: &[f64]) -> f64 {
    taken.iter().map(|share| 1.0 - share).product()
}

/// Takes one such share off the list again.
fn give_back(taken: &mut Vec<f64>, share: f64) {
    if let Some(index) = taken.iter().position(|taken| *taken == share) {
        taken.remove(index);
    }
}

impl Office<'_> {
    /// Lets an entry of the timeline begin.
    pub(crate) fn begin(&mut self, now: Timestamp, entry: u32, world: &mut World<'_>) {
        let lasts = match &self.scenario.timeline[entry as usize].happening {
            Happening::Demand { lasts, .. } => *lasts,
            Happening::Absence { groups, share, lasts } => {
                self.absence_begins(groups, *share);
                *lasts
            }
            Happening::SiteOutage { site, lasts } => {
                self.site_is_lost(*site, world);
                *lasts
            }
            Happening::TrunkLoss { site, share, lasts } => {
                self.lines_are_lost(*site, *share, world);
                *lasts
            }
        };
        self.agenda.add(now.after(lasts), Item::Ends(entry));
    }

    /// Lets an entry of the timeline end.
    pub(crate) fn end(&mut self, entry: u32, world: &mut World<'_>) {
        match &self.scenario.timeline[entry as usize].happening {
            // A surge leaves nothing to undo: whoever called has called.
            Happening::Demand { .. } => {}
            Happening::Absence { groups, share, .. } => self.absence_ends(groups, *share),
            Happening::SiteOutage { site, .. } => self.site_is_restored(*site, world),
            Happening::TrunkLoss { site, share, .. } => self.lines_are_back(*site, *share, world),
        }
    }
}

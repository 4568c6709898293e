//! `trunk_loss`: a share of the lines is lost; calls that no longer fit are cut, the newest first.

use crate::office::Office;
use crate::world::World;
use acd::{Input, SiteId};

impl Office<'_> {
    pub(super) fn lines_are_lost(
        &mut self,
        site: Option<SiteId>,
        share: f64,
        world: &mut World<'_>,
    ) {
        self.troubles.lost_lines[place(site)].push(share);
        self.set_lines(site, world);
    }

    pub(super) fn lines_are_back(
        &mut self,
        site: Option<SiteId>,
        share: f64,
        world: &mut World<'_>,
    ) {
        super::give_back(&mut self.troubles.lost_lines[place(site)], share);
        self.set_lines(site, world);
    }

    fn set_lines(&self, site: Option<SiteId>, world: &mut World<'_>) {
        let lines = match site {
            None => self.scenario.lines,
            Some(site) => self.scenario.sites[site.index()].lines,
        };
        // Of lines without number no share can be lost.
        let Some(lines) = lines else { return };
        let left =
            libm::round(f64::from(lines) * super::rest(&self.troubles.lost_lines[place(site)]));
        world.inbox.push(Input::SetLines { site, lines: Some(left as u32) });
    }
}

/// The place in the table of lost lines: the centre first, then the sites.
fn place(site: Option<SiteId>) -> usize {
    site.map_or(0, |site| site.index() + 1)
}

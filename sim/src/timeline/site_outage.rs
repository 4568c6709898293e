//! `site_outage`: a site's agents and lines are gone, its calls are cut. When it works again the agents of that hour sign in.

use crate::office::Office;
use crate::world::World;
use acd::{GroupId, Input, SiteId};

impl Office<'_> {
    pub(super) fn site_is_lost(&mut self, site: SiteId, world: &mut World<'_>) {
        let outages = &mut self.troubles.outages[site.index()];
        *outages += 1;
        if *outages > 1 {
            return;
        }
        world.inbox.push(Input::SiteLost { site });
        for group in self.groups_at(site) {
            world.forget_leavers(group);
        }
    }

    pub(super) fn site_is_restored(&mut self, site: SiteId, world: &mut World<'_>) {
        let outages = &mut self.troubles.outages[site.index()];
        *outages -= 1;
        if *outages > 0 {
            return;
        }
        world.inbox.push(Input::SiteRestored { site });
        for group in self.groups_at(site) {
            self.unsettle(group);
        }
    }

    fn groups_at(&self, site: SiteId) -> Vec<GroupId> {
        let groups = (0..).zip(&self.scenario.groups);
        groups.filter(|(_, group)| group.site == Some(site)).map(|(id, _)| GroupId(id)).collect()
    }
}

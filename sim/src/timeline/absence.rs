//! `absence`: a share of the agents is away for a time; who comes and goes follows the staff rule.

use crate::office::Office;
use acd::GroupId;
use scenarios::Scenario;

/// Lists the groups meant: those named, or all.
fn meant(scenario: &Scenario, groups: &[GroupId]) -> Vec<GroupId> {
    if groups.is_empty() {
        (0..scenario.groups.len()).map(GroupId::new).collect()
    } else {
        groups.to_vec()
    }
}

impl Office<'_> {
    pub(super) fn absence_begins(&mut self, groups: &[GroupId], share: f64) {
        for group in meant(self.scenario, groups) {
            self.troubles.away[group.index()].push(share);
            self.unsettle(group);
        }
    }

    pub(super) fn absence_ends(&mut self, groups: &[GroupId], share: f64) {
        for group in meant(self.scenario, groups) {
            super::give_back(&mut self.troubles.away[group.index()], share);
            self.unsettle(group);
        }
    }
}

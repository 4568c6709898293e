//! `add_agents`: agents are called in; they sign in after their lead time and stay for a while or to the end.

use crate::agenda::Item;
use crate::office::Office;
use acd::{Duration, GroupId, Timestamp};

impl Office<'_> {
    pub(super) fn add_agents(
        &mut self,
        now: Timestamp,
        group: GroupId,
        count: u32,
        lead_time: Duration,
        lasts: Option<Duration>,
    ) {
        let arrive = now.after(lead_time);
        // Nobody is called in for a centre that has closed.
        if arrive.0 >= self.scenario.length.0 {
            return;
        }
        self.agenda.add(arrive, Item::AgentsArrive(group, count));
        if let Some(lasts) = lasts {
            self.agenda.add(arrive.after(lasts), Item::AgentsLeave(group, count));
        }
    }
}

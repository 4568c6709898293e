//! The office: what the managers of the centre do and what befalls it. Rosters, timeline, plays, the close.

use crate::agenda::{Agenda, Item};
use crate::playbook::{Decision, Duty};
use crate::roster::Roster;
use crate::timeline::Troubles;
use crate::world::World;
use acd::{Acd, Broken, GroupId, Input, Timestamp};
use chance::{Chance, Purpose};
use reports::{PersonFact, Watch};
use scenarios::{Close, Scenario};

/// The managers of one replication.
pub(crate) struct Office<'s> {
    pub(crate) scenario: &'s Scenario,
    pub(crate) agenda: Agenda,
    rosters: Vec<Roster>,
    pub(crate) troubles: Troubles,
    pub(crate) duty: Duty<'s>,
    /// Agents whom plays called in, by group.
    pub(crate) called_in: Vec<u32>,
    /// The last number of scheduled agents told, by group.
    scheduled: Vec<Option<u32>>,
    /// Groups whose staff must be looked at again.
    unsettled: Vec<GroupId>,
    pub(crate) is_closed: bool,
    pub(crate) laws: Laws,
}

/// What the checks of the laws found.
#[derive(Debug, Default)]
pub(crate) struct Laws {
    pub(crate) checked: u64,
    pub(crate) broken: Vec<Broken>,
}

impl Laws {
    /// Checks every law now.
    pub(crate) fn check(&mut self, now: Timestamp, acd: &Acd) {
        // One report of a law is enough: what is broken stays broken.
        match acd.check(now) {
            Ok(checked) => self.checked += u64::from(checked),
            Err(broken) if self.broken.iter().all(|known| known.law != broken.law) => {
                self.broken.push(broken);
            }
            Err(_) => {}
        }
    }
}

impl<'s> Office<'s> {
    /// Writes the agenda of one replication.
    pub(crate) fn new(scenario: &'s Scenario, chance: &Chance) -> Self {
        let groups = scenario.groups.len();
        let roster =
            |(index, group)| Roster::new(scenario, group, chance.stream(Purpose::NoShow, index));
        let mut office = Self {
            scenario,
            agenda: Agenda::default(),
            rosters: (0..).zip(&scenario.groups).map(roster).collect(),
            troubles: Troubles::new(scenario),
            duty: Duty::new(&scenario.playbook),
            called_in: vec![0; groups],
            scheduled: vec![None; groups],
            unsettled: Vec::new(),
            is_closed: false,
            laws: Laws::default(),
        };
        let length = Timestamp(scenario.length.0);
        for group in (0..groups).map(GroupId::new) {
            office.agenda.add(Timestamp::ZERO, Item::RosterChanges(group));
        }
        for (index, entry) in (0..).zip(&scenario.timeline) {
            office.agenda.add(entry.at, Item::Begins(index));
        }
        if !scenario.playbook.is_empty() {
            office.agenda.add(Timestamp::ZERO, Item::Read);
        }
        office.agenda.add(Timestamp(scenario.interval.0), Item::Check);
        office.agenda.add(length, Item::Close);
        office.agenda.add(length.after(scenario.run.drain_limit), Item::Drain);
        office
    }

    /// Returns what the duty manager decided.
    pub(crate) fn into_decisions(self) -> (Laws, Vec<Decision>) {
        (self.laws, self.duty.into_decisions())
    }

    /// Does everything that is due at `now`. What it asks of the switch lies in the world's inbox afterwards.
    pub(crate) fn act(
        &mut self,
        now: Timestamp,
        acd: &Acd,
        world: &mut World<'_>,
        watch: Option<&mut Watch>,
    ) {
        let mut watch = watch;
        while let Some(item) = self.agenda.take_due(now) {
            self.act_on(now, item, acd, world, watch.as_deref_mut());
        }
        let mut unsettled = std::mem::take(&mut self.unsettled);
        unsettled.sort_unstable();
        unsettled.dedup();
        for group in unsettled.drain(..) {
            self.settle_staff(now, group, acd, world);
        }
        self.unsettled = unsettled;
    }

    fn act_on(
        &mut self,
        now: Timestamp,
        item: Item,
        acd: &Acd,
        world: &mut World<'_>,
        watch: Option<&mut Watch>,
    ) {
        match item {
            Item::RosterChanges(group) => self.unsettled.push(group),
            Item::Begins(entry) => self.begin(now, entry, world),
            Item::Ends(entry) => self.end(entry, world),
            Item::AgentsArrive(group, count) => {
                self.called_in[group.index()] += count;
                self.unsettled.push(group);
            }
            Item::AgentsLeave(group, count) => {
                self.called_in[group.index()] -= count;
                self.unsettled.push(group);
            }
            Item::Read => {
                if let Some(watch) = watch {
                    self.read(now, watch);
                }
            }
            Item::Decide(play) => self.decide(now, play, world),
            Item::Check => {
                self.laws.check(now, acd);
                let next = now.after(self.scenario.interval);
                if next.0 < self.scenario.length.0 {
                    self.agenda.add(next, Item::Check);
                }
            }
            Item::Close => {
                self.is_closed = true;
                world.close_orbit();
                if self.scenario.run.close == Close::Disconnect {
                    world.inbox.push(Input::CloseQueues);
                }
            }
            Item::Drain => world.inbox.push(Input::CloseQueues),
        }
    }

    /// Asks for a look at a group's staff at the end of this moment.
    pub(crate) fn unsettle(&mut self, group: GroupId) {
        self.unsettled.push(group);
    }

    /// Brings a group's staff to what roster, absences, outages and plays make of it now.
    fn settle_staff(&mut self, now: Timestamp, group: GroupId, acd: &Acd, world: &mut World<'_>) {
        let roster = &mut self.rosters[group.index()];
        let row = roster.at(now);
        if let Some(next) = roster.next_change() {
            self.agenda.add(next, Item::RosterChanges(group));
        }
        let extra = self.called_in[group.index()];
        let scheduled = row.scheduled + extra;
        if self.scheduled[group.index()].replace(scheduled) != Some(scheduled) {
            world.facts.push(PersonFact::Scheduled { group, count: scheduled });
        }
        // Whoever was at a lost site is gone already; who is wanted comes when it works again.
        if self.troubles.is_site_lost(self.scenario.groups[group.index()].site) {
            return;
        }
        let row = row.without(self.troubles.absent(group));
        world.restaff(acd, group, row.present + extra, row.on_break);
    }
}

//! Sites and lines: what happens when they are lost, come back, or change.

use crate::id::{AgentId, CallId, SiteId};
use crate::output::{Event, Output};
use crate::switch::Acd;

impl Acd {
    /// A site is lost: idle agents first, so that none takes a call that another's cut sets free; then its calls; then who is left.
    pub(crate) fn site_lost(&mut self, site: SiteId, out: &mut Vec<Output>) {
        let Some(state) = self.sites.get_mut(site.index()) else {
            return self.stale(None, None, out);
        };
        if std::mem::replace(&mut state.is_lost, true) {
            return self.stale(None, None, out);
        }
        let agents = self.agents_at(site);
        for agent in &agents {
            if !self.has_work(*agent) {
                self.sign_out(*agent, out);
            }
        }
        for agent in &agents {
            if self.is_ringing(*agent) {
                self.cut_off(*agent, out);
            }
        }
        for (_, call) in self.calls_by_age(|call| call.site == Some(site)) {
            self.cut_call(call, out);
        }
        for agent in agents {
            if self.has_work(agent) {
                self.cut_off(agent, out);
            }
        }
    }

    pub(crate) fn site_restored(&mut self, site: SiteId, out: &mut Vec<Output>) {
        match self.sites.get_mut(site.index()) {
            Some(state) => state.is_lost = false,
            None => self.stale(None, None, out),
        }
    }

    /// Lists the agents of a site who are signed in.
    fn agents_at(&self, site: SiteId) -> Vec<AgentId> {
        let groups = self.config.groups.iter().zip(&self.groups);
        let here = groups.filter(|(config, _)| config.site == Some(site));
        let seats = here.flat_map(|(_, group)| group.agents.iter().copied());
        seats
            .filter(|agent| {
                self.agents[agent.index()].state != crate::agents::AgentState::SignedOut
            })
            .collect()
    }

    fn has_work(&self, agent: AgentId) -> bool {
        use crate::agents::AgentState::{Acw, Connected, Reserved};
        matches!(self.agents[agent.index()].state, Reserved { .. } | Connected { .. } | Acw { .. })
    }

    fn is_ringing(&self, agent: AgentId) -> bool {
        matches!(self.agents[agent.index()].state, crate::agents::AgentState::Reserved { .. })
    }

    /// Lists calls with their serial, the newest first.
    fn calls_by_age(&self, is_wanted: impl Fn(&crate::calls::Call) -> bool) -> Vec<(u64, CallId)> {
        let wanted = self.calls.in_use().filter(|(_, call)| is_wanted(call));
        let mut calls: Vec<_> = wanted.map(|(id, call)| (call.serial, id)).collect();
        calls.sort_unstable_by(|a, b| b.cmp(a));
        calls
    }

    pub(crate) fn set_lines(
        &mut self,
        site: Option<SiteId>,
        lines: Option<u32>,
        out: &mut Vec<Output>,
    ) {
        let state = match site {
            None => Some(&mut self.lines),
            Some(site) => self.sites.get_mut(site.index()).map(|site| &mut site.lines),
        };
        let Some(state) = state else { return self.stale(None, None, out) };
        state.limit = lines;
        let surplus = lines.map_or(0, |lines| state.used.saturating_sub(lines));
        out.push(Output::Event(Event::LinesChanged { site, lines }));
        let holds =
            |call: &crate::calls::Call| call.has_line && (site.is_none() || call.site == site);
        for (_, call) in self.calls_by_age(holds).into_iter().take(surplus as usize) {
            self.cut_call(call, out);
        }
    }
}

//! Sites and lines: what happens when they are lost, come back, or change.

use crate::calls::CallState;
use crate::id::{AgentId, CallId, SiteId};
use crate::output::{Event, Output};
use crate::switch::Acd;

impl Acd {
    /// A site is lost: its idle agents first, then its calls that no agent has, so that no agent is offered what is
    /// about to be cut; then calls of others go from its ringing telephones; then whoever is left.
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
        let calls = self.calls_by_age(|call| call.site == Some(site));
        self.cut_calls_without_agent(&calls, out);
        for agent in &agents {
            if self.rings_for_other_site(*agent, site) {
                self.cut_off(*agent, out);
            }
        }
        for (_, call) in calls {
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

    fn rings_for_other_site(&self, agent: AgentId, site: SiteId) -> bool {
        use crate::agents::AgentState::Reserved;
        let Reserved { call, .. } = self.agents[agent.index()].state else { return false };
        self.calls.find(call).is_some_and(|call| call.site != Some(site))
    }

    /// Cuts those of the calls that wait or are in a flow: cutting them frees nobody.
    fn cut_calls_without_agent(&mut self, calls: &[(u64, CallId)], out: &mut Vec<Output>) {
        for (_, id) in calls {
            let state = self.calls.find(*id).map(|call| call.state);
            if matches!(state, Some(CallState::Ivr { .. } | CallState::Waiting { .. })) {
                self.cut_call(*id, out);
            }
        }
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
        let mut calls = self.calls_by_age(holds);
        calls.truncate(surplus as usize);
        self.cut_calls_without_agent(&calls, out);
        for (_, call) in calls {
            self.cut_call(call, out);
        }
    }
}

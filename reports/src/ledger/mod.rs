//! The ledger: the only place where anything is counted, in simulation and live alike. What each number means: the KPI table of `acd::kpi`.
//!
//! A fact costs a few nanoseconds: a call carries what is known about it in one record by slot, and is counted
//! once, when its fate is known, in the row of the interval in which it was offered. Levels are integrals that
//! are settled at the boundaries of intervals. Sums over contacts, queues and kinds are made at the end.

mod callbacks;
pub(crate) mod calls;
mod centre;
mod finish;
mod peek;
mod served;
mod staff;

use crate::column::Column;
use crate::frame::Frame;
use crate::totals::Totals;
use crate::{Context, Fact, PersonFact};
use acd::{
    AgentPhase, AttemptKind, CallId, DoorOutcome, Duration, Event, OfferId, Outcome, QueueId,
    SiteId, Timestamp,
};
use calls::{Calls, Fate, Flags, Leaves, NO_SITE, NOWHERE, Part, Sign};
use centre::Centre;
pub(crate) use peek::Regard;
use served::Served;
use staff::{Staff, Work};
use std::sync::Arc;

/// Counts the facts of one replication.
#[derive(Debug)]
pub struct Ledger {
    frame: Arc<Frame>,
    /// The span that now belongs to: an interval, the time after, or (last) the warm-up, whose counts are dropped.
    span: u32,
    /// When the span began, µs.
    since: u64,
    /// When it ends, µs.
    until: u64,
    calls: Calls,
    leaves: Leaves,
    staff: Staff,
    centre: Centre,
    groups: Served,
    pairs: Served,
    totals: Totals,
}

impl Ledger {
    /// Makes an empty ledger.
    #[must_use]
    pub fn new(context: &Context) -> Self {
        Self::of(Arc::new(Frame::new(context)))
    }

    /// Makes an empty ledger of a compiled frame.
    pub(crate) fn of(frame: Arc<Frame>) -> Self {
        let mut ledger = Self {
            span: 0,
            since: 0,
            until: 0,
            calls: Calls::default(),
            leaves: Leaves::new(&frame),
            staff: Staff::new(&frame),
            centre: Centre::new(&frame),
            groups: Served::new(frame.groups.len(), frame.spans()),
            pairs: Served::new(frame.pairs.len(), frame.spans()),
            totals: Totals::new(Arc::clone(&frame)),
            frame,
        };
        ledger.enter_span(0);
        ledger
    }

    /// Counts a fact that happened at `now`. Facts come in the order of their times.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "saves wrapping each event in a fact and reading it back"
    )]
    pub fn record(&mut self, now: Timestamp, fact: &Fact<'_>) {
        let now = now.0;
        if now >= self.until {
            self.roll(now);
        }
        match fact {
            Fact::Switch(event) => self.record_event(now, event),
            Fact::Person(fact) => self.record_person(now, *fact),
        }
    }

    /// Reads the record of the call in a slot, so that it is at hand when the call is next heard of. Changes nothing.
    #[inline]
    pub fn foresee_call(&self, slot: u32) {
        std::hint::black_box(self.calls.slots().get(slot as usize).map(|call| call.age));
    }

    /// Closes every span that ended at or before `now`.
    #[cold]
    fn roll(&mut self, now: u64) {
        while now >= self.until {
            self.settle(self.until);
            self.enter_span(self.until);
        }
    }

    /// Enters the span that begins at `now`.
    fn enter_span(&mut self, now: u64) {
        let frame = &self.frame;
        self.since = now;
        if now < frame.warm_up {
            self.span = frame.run() as u32;
            self.until = frame.warm_up;
        } else if now < frame.length {
            let interval = (now / frame.interval) as usize;
            self.span = interval as u32;
            self.until = frame.end_of(interval);
        } else {
            self.span = frame.after_close() as u32;
            self.until = u64::MAX;
        }
    }

    /// Adds the levels since the span began to it.
    fn settle(&mut self, now: u64) {
        let span = self.span as usize;
        self.totals.times[span] += now - self.since;
        self.staff.roll(now, span, &mut self.totals);
        self.centre.roll(now, span, &mut self.totals);
        self.since = now;
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "five events a call: entering and leaving was a sixth of it"
    )]
    fn record_event(&mut self, now: u64, event: &Event) {
        match *event {
            Event::CallArrived { call, contact, kind, site, attempt: _, caller: _ } => {
                self.arrive(now, call, contact.0, kind, site);
            }
            Event::CallEnqueued { call, queue, contact: _, from, since, from_ivr: _ } => {
                self.enqueue(now, call, queue, from, since);
            }
            Event::CallWaits { call, queue } => self.wait(now, call, queue),
            Event::OfferMade { offer, call, queue, was_waiting, is_callback } => {
                self.staff.set_phase(now, offer.agent, AgentPhase::Reserved);
                self.stop_waiting(now, queue, was_waiting);
                if is_callback {
                    self.start_callback(now, call, queue);
                }
            }
            Event::OfferEnded { offer, call, queue, outcome: _, next, reason, waits_again } => {
                self.staff.come_to_rest(now, offer.agent, next, reason);
                self.end_offer(now, call, queue, waits_again);
            }
            Event::CallAnswered { offer, call, queue, wait, ring, is_callback } => {
                self.staff.set_phase(now, offer.agent, AgentPhase::Talking);
                if is_callback {
                    self.answer_callback(now, call, queue, ring);
                } else {
                    self.answer(offer, call, wait.0, ring.0);
                }
            }
            Event::TalkEnded { offer, call, talk, hold, next, reason, was_cut, is_callback } => {
                self.end_talk(now, offer, call, (talk, hold), was_cut && !is_callback, next);
                self.staff.come_to_rest(now, offer.agent, next, reason);
            }
            Event::AcwEnded { agent, call: _, acw, next, reason } => {
                self.end_acw(agent, acw);
                self.staff.come_to_rest(now, agent, next, reason);
            }
            Event::CallLeft { call, queue, outcome, wait, was_waiting } => {
                self.stop_waiting(now, queue, was_waiting);
                self.leave(now, call, queue, outcome, wait);
            }
            Event::CallLeftDoor { call, outcome } => self.leave_door(now, call, outcome),
            Event::CallReleased { call } => self.release(now, call),
            Event::IvrEntered { call, flow: _ } => self.enter_ivr(now, call),
            Event::CallMoved { call, queue, was_waiting } => {
                self.stop_waiting(now, queue, was_waiting);
                self.move_on(now, call);
            }
            Event::CallSentBack { offer, call, queue, talk: _, hold: _ } => {
                self.centre.wait(now, queue.index());
                self.send_back(now, offer, call);
            }
            Event::CallbackAccepted { call, queue: _ } => self.accept_callback(call),
            Event::CallbackDropped { call, queue } => self.drop_callback(now, call, queue),
            Event::HoldStarted { offer, call: _ } => {
                self.staff.set_phase(now, offer.agent, AgentPhase::Held);
            }
            Event::HoldEnded { offer, call: _ } => {
                self.staff.set_phase(now, offer.agent, AgentPhase::Talking);
            }
            Event::AgentChanged { agent, group, from: _, to, reason } => {
                self.staff.seat(agent, group);
                self.staff.set_phase(now, agent, to);
                self.staff.set_reason(now, agent, reason);
            }
            Event::IvrStepEntered { .. } | Event::LinesChanged { .. } | Event::Stale { .. } => {}
        }
    }

    #[inline]
    fn stop_waiting(&mut self, now: u64, queue: QueueId, was_waiting: bool) {
        if was_waiting {
            self.centre.leave_line(now, queue.index());
        }
    }

    #[inline(never)]
    fn record_person(&mut self, now: u64, fact: PersonFact) {
        match fact {
            PersonFact::CallsAgain { contact, kind } => {
                self.centre.enter_orbit(now, contact.index(), kind);
            }
            PersonFact::GaveUp { contact, kind } => {
                self.centre.count_at_door(contact.0, kind as u8, self.span, Column::GaveUp);
            }
            PersonFact::LostToClose { contact, kind } => {
                self.centre.leave_orbit(now, contact.index(), kind);
                self.centre.count_at_door(contact.0, kind as u8, self.span, Column::LostToClose);
            }
            PersonFact::Scheduled { group, count } => {
                self.totals.saw_schedule = true;
                self.staff.schedule(now, group, count);
            }
        }
    }

    #[inline]
    fn arrive(
        &mut self,
        now: u64,
        call: CallId,
        contact: u16,
        kind: AttemptKind,
        site: Option<SiteId>,
    ) {
        let state = self.calls.begin(call);
        state.contact = contact;
        state.kind = kind as u8;
        state.attempt_span = self.span;
        state.site = site.map_or(NO_SITE, |site| site.0);
        state.flags.set(Flags::HOLDS_LINE);
        self.centre.take_line(now, state.line());
        self.centre.count_at_door(contact, kind as u8, self.span, Column::Attempts);
        if kind != AttemptKind::Fresh {
            self.centre.leave_orbit(now, usize::from(contact), kind);
        }
    }

    fn enter_ivr(&mut self, now: u64, call: CallId) {
        let Some(state) = self.calls.get(call) else { return };
        if !state.flags.has(Flags::IN_IVR) {
            state.flags.set(Flags::IN_IVR);
            self.centre.in_ivr.up(now);
        }
        if !state.flags.has(Flags::IN_SYSTEM) {
            state.flags.set(Flags::IN_SYSTEM);
            self.centre.in_system.up(now);
        }
    }

    #[inline]
    fn enqueue(
        &mut self,
        now: u64,
        call: CallId,
        queue: QueueId,
        from: Option<QueueId>,
        since: Timestamp,
    ) {
        let Some(state) = self.calls.get(call) else { return };
        if state.flags.clear(Flags::IN_IVR) {
            self.centre.in_ivr.down(now);
        }
        if !state.flags.has(Flags::IN_SYSTEM) {
            state.flags.set(Flags::IN_SYSTEM);
            self.centre.in_system.up(now);
        }
        state.queue = queue.0;
        state.entry_span = self.span;
        state.leaf = self.leaves.find(state.contact, queue.0, state.kind, Part::Own);
        if from.is_none() {
            // Calls offered in the warm-up are followed, but count nowhere.
            if self.span != self.frame.run() as u32 {
                state.flags.set(Flags::OFFERED);
            }
            state.since = since.0;
            state.first_queue = queue.0;
            state.first_span = self.span;
        }
    }

    #[inline]
    fn wait(&mut self, now: u64, call: CallId, queue: QueueId) {
        self.centre.wait(now, queue.index());
        let Some(state) = self.calls.get(call) else { return };
        state.flags.set(Flags::WAITED_HERE);
        // A call that waits only after it moved got its offer, or waited, before.
        if now == state.since && state.earlier == 0 {
            state.flags.set(Flags::WAITED);
        }
    }

    /// Counts a fate where it belongs, or takes it back.
    #[inline]
    fn count(&mut self, call: CallId, outcome: Option<Outcome>, wait: u64, ring: u64, sign: Sign) {
        let Some(state) = self.calls.get(call) else { return };
        if !state.flags.has(Flags::OFFERED) {
            return;
        }
        let mut fate = Fate {
            outcome,
            last: wait,
            total: state.earlier + wait,
            ring,
            waited: state.flags.has(Flags::WAITED),
            callback: state.flags.has(Flags::CALLBACK),
            moves_in: 0,
            moves_out: 0,
        };
        let frame = &self.frame;
        if !state.flags.has(Flags::MOVED) {
            let queue = &frame.queues[usize::from(state.queue)];
            self.leaves.get(state.leaf).count(state.first_span, queue, &fate, sign);
            return;
        }
        let passing = self.leaves.passing(state.queue);
        let here = Fate {
            waited: state.flags.has(Flags::WAITED_HERE),
            callback: state.flags.has(Flags::CALLBACK_HERE),
            moves_in: 1,
            ..fate
        };
        let queue = &frame.queues[usize::from(state.queue)];
        self.leaves.get(passing).count(state.entry_span, queue, &here, sign);
        fate.moves_in = u64::from(state.moves);
        fate.moves_out = u64::from(state.moves);
        let whole = self.leaves.find(state.contact, state.first_queue, state.kind, Part::Moved);
        let queue = &frame.queues[usize::from(state.first_queue)];
        self.leaves.get(whole).count(state.first_span, queue, &fate, sign);
    }

    #[inline]
    fn answer(&mut self, offer: OfferId, call: CallId, wait: u64, ring: u64) {
        let Some(state) = self.calls.get(call) else { return };
        state.flags.set(Flags::COUNTED);
        state.wait = wait;
        state.ring = u32::try_from(ring).unwrap_or(u32::MAX);
        state.answer_span = self.span;
        if !state.flags.has(Flags::OFFERED) {
            return;
        }
        let (leaf, contact, first_span) = (state.leaf, state.contact, state.first_span as usize);
        if state.flags.has(Flags::CALLBACK_HERE) {
            let (queue, span) = (usize::from(state.queue), state.entry_span as usize);
            self.count_callback(queue, span, [wait.saturating_sub(ring), 1]);
        }
        self.leaves.get(leaf).row(self.span)[Column::AnsweredIn as usize] += 1;
        self.count(call, Some(Outcome::Answered), wait, ring, Sign::Add);
        self.serve(offer, contact, first_span, [1, wait, ring]);
    }

    /// The call waits again at the head of its queue: its answer is taken back.
    fn send_back(&mut self, now: u64, offer: OfferId, call: CallId) {
        let Some(state) = self.calls.get(call) else { return };
        if !state.flags.clear(Flags::COUNTED) {
            return;
        }
        let (wait, ring, contact) = (state.wait, u64::from(state.ring), state.contact);
        let (leaf, first_span, answer_span) = (state.leaf, state.first_span, state.answer_span);
        if state.flags.has(Flags::OFFERED) {
            if state.flags.has(Flags::CALLBACK_HERE) {
                let (queue, span) = (usize::from(state.queue), state.entry_span as usize);
                self.count_callback(
                    queue,
                    span,
                    [wait.saturating_sub(ring), 1].map(u64::wrapping_neg),
                );
            }
            self.leaves.get(leaf).row(answer_span)[Column::AnsweredIn as usize] -= 1;
            self.count(call, Some(Outcome::Answered), wait, ring, Sign::Remove);
            let taken_back = [1, wait, ring].map(u64::wrapping_neg);
            self.serve(offer, contact, first_span as usize, taken_back);
        }
        if let Some(state) = self.calls.get(call) {
            state.earlier += wait;
            state.since = now;
        }
    }

    /// The call moves on by overflow: its stay in this queue is over.
    fn move_on(&mut self, now: u64, call: CallId) {
        let Some(state) = self.calls.get(call) else { return };
        let wait = now.saturating_sub(state.since);
        let fate = Fate {
            outcome: None,
            last: wait,
            total: state.earlier + wait,
            ring: 0,
            waited: state.flags.clear(Flags::WAITED_HERE),
            callback: state.flags.clear(Flags::CALLBACK_HERE),
            moves_in: u64::from(state.flags.has(Flags::MOVED)),
            moves_out: 1,
        };
        state.flags.set(Flags::MOVED);
        state.moves = state.moves.saturating_add(1);
        let (queue, span) = (state.queue, state.entry_span);
        if !state.flags.has(Flags::OFFERED) {
            return;
        }
        let passing = self.leaves.passing(queue);
        self.leaves.get(passing).count(
            span,
            &self.frame.queues[usize::from(queue)],
            &fate,
            Sign::Add,
        );
    }

    fn leave(&mut self, now: u64, call: CallId, queue: QueueId, outcome: Outcome, wait: Duration) {
        let span = self.span;
        let Some(state) = self.calls.get(call) else { return };
        if state.flags.clear(Flags::IN_SYSTEM) {
            self.centre.in_system.down(now);
        }
        state.flags.set(Flags::COUNTED);
        if outcome == Outcome::CallbackListed {
            state.flags.set(Flags::LISTED | Flags::ON_LIST);
            self.centre.list_callback(now, queue.index());
        }
        let leaf = state.leaf;
        if outcome == Outcome::Abandoned && state.flags.has(Flags::OFFERED) {
            self.leaves.get(leaf).row(span)[Column::AbandonedIn as usize] += 1;
        }
        self.count(call, Some(outcome), wait.0, 0, Sign::Add);
        if outcome == Outcome::CallbackListed
            && let Some(state) = self.calls.get(call)
        {
            state.since = now;
        }
    }

    fn leave_door(&mut self, now: u64, call: CallId, outcome: DoorOutcome) {
        let Some(state) = self.calls.get(call) else { return };
        let column = match outcome {
            DoorOutcome::Blocked => Column::Blocked,
            DoorOutcome::Closed => Column::Closed,
            DoorOutcome::Contained => Column::Contained,
            DoorOutcome::LeftInIvr => Column::LeftInIvr,
            DoorOutcome::CutInIvr => Column::CutInIvr,
        };
        self.centre.count_at_door(state.contact, state.kind, state.attempt_span, column);
        if state.flags.clear(Flags::IN_IVR) {
            self.centre.in_ivr.down(now);
        }
        if state.flags.clear(Flags::IN_SYSTEM) {
            self.centre.in_system.down(now);
        }
        if state.flags.clear(Flags::HOLDS_LINE) {
            self.centre.free_line(now, state.line());
        }
    }

    fn release(&mut self, now: u64, call: CallId) {
        let Some(state) = self.calls.get(call) else { return };
        if state.flags.clear(Flags::HOLDS_LINE) {
            self.centre.free_line(now, state.line());
        }
    }

    #[inline]
    fn end_offer(&mut self, now: u64, call: CallId, queue: QueueId, waits_again: bool) {
        let Some(state) = self.calls.get(call) else { return };
        if !state.flags.has(Flags::LISTED) {
            if waits_again {
                self.centre.wait(now, queue.index());
            }
            return;
        }
        if state.flags.clear(Flags::IN_SYSTEM) {
            self.centre.in_system.down(now);
        }
        if waits_again {
            state.flags.set(Flags::ON_LIST);
            self.centre.list_callback(now, queue.index());
        }
    }

    #[inline]
    fn end_talk(
        &mut self,
        now: u64,
        offer: OfferId,
        call: CallId,
        (talk, hold): (Duration, Duration),
        was_cut: bool,
        next: AgentPhase,
    ) {
        let mut leaf = NOWHERE;
        let mut contact = 0;
        if let Some(state) = self.calls.get(call) {
            (leaf, contact) = (state.leaf, usize::from(state.contact));
            if state.flags.clear(Flags::IN_SYSTEM) {
                self.centre.in_system.down(now);
            }
            if state.flags.clear(Flags::HOLDS_LINE) {
                self.centre.free_line(now, state.line());
            }
        }
        if was_cut {
            self.cut_in_talk(offer, call);
        }
        if let Some(group) = self.staff.group(offer.agent) {
            let pair = self.frame.pair(contact, group).map_or(NOWHERE, |pair| pair as u32);
            let work = Work { leaf, pair, talk: talk.0, hold: hold.0 };
            if next == AgentPhase::Acw {
                self.staff.begin_acw(offer.agent, work);
            } else {
                self.handled(group, work, 0);
            }
        }
    }
}

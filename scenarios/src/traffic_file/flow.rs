//! The flow as a whole: what can never happen as written is a fault.
//!
//! A step is followed with every state that a call may have there. Only a step that goes wrong in all
//! of them is refused: what depends on the target's answers is the target's affair.

use crate::model::traffic::Step;
use crate::resolve::Resolver;
use crate::source::Span;
use crate::traffic_file::call::{Call, Objection};

/// The shortest mean of a pause that keeps a loop from spinning, s.
const PAUSE_LEAST_S: f64 = 0.01;

/// Steps with their places in the file, in order.
pub(crate) struct Flow<'a> {
    /// The steps.
    pub(crate) steps: &'a [Step],
    /// Where each says what it does.
    pub(crate) places: &'a [Span],
}

impl Flow<'_> {
    /// Says all that is wrong with the flow. `is_open`: calls come whether or not others end.
    pub(crate) fn check(&self, is_open: bool, resolver: &mut Resolver) {
        let before = resolver.faults.errors();
        if !self.steps.iter().any(|step| matches!(step, Step::Send(_))) {
            let fault = resolver.faults.error(self.places[0], "this flow sends nothing");
            fault.label("expected a step such as `send = \"INVITE\"`");
            return;
        }
        let reached = self.reached();
        self.optional_is_followed(resolver);
        self.steps_are_reached(&reached, resolver);
        for (step, objection) in self.objections() {
            let (message, expected) = objection;
            resolver.faults.error(self.places[step], message).label(expected);
        }
        self.loops_wait(resolver);
        if is_open && resolver.faults.errors() == before {
            self.comes_to_an_end(&reached, resolver);
        }
    }

    /// Lists the steps that may follow one, as far as the file says.
    fn next(&self, at: usize) -> Vec<usize> {
        match &self.steps[at] {
            Step::Goto(to) => vec![*to],
            Step::End { .. } => Vec::new(),
            Step::Expect(expect) => {
                expect.branches.iter().map(|branch| branch.to).chain([at + 1]).collect()
            }
            Step::Send(_) | Step::Pause(_) | Step::Digits { .. } | Step::Play { .. } => {
                vec![at + 1]
            }
        }
    }

    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.steps.len()];
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            if at < reached.len() && !std::mem::replace(&mut reached[at], true) {
                open.extend(self.next(at));
            }
        }
        reached
    }

    fn steps_are_reached(&self, reached: &[bool], resolver: &mut Resolver) {
        for (at, _) in reached.iter().enumerate().filter(|(_, is_reached)| !**is_reached) {
            // Of a row of steps that nobody gets to, the first says it for all.
            if at == 0 || reached[at - 1] {
                let fault = resolver.faults.error(self.places[at], "no way leads to this step");
                fault.label("expected a `goto` or a branch that leads here");
            }
        }
    }

    /// An optional message comes or the next one does: without a next one the step would end nothing.
    fn optional_is_followed(&self, resolver: &mut Resolver) {
        for (at, step) in self.steps.iter().enumerate() {
            let Step::Expect(expect) = step else { continue };
            let is_followed = matches!(self.steps.get(at + 1), Some(Step::Expect(_)));
            if expect.is_optional && !is_followed {
                let message = "no message is expected after an optional one";
                let fault = resolver.faults.error(self.places[at], message);
                fault.label("expected another `expect` as the next step");
            }
        }
    }

    /// Finds the steps that go wrong whatever the call is when it gets there.
    fn objections(&self) -> Vec<(usize, Objection)> {
        const WORDS: usize = Call::COUNT.div_ceil(64);
        let mut seen = vec![[0_u64; WORDS]; self.steps.len()];
        let mut goes_well = vec![false; self.steps.len()];
        let mut objections: Vec<Option<Objection>> = vec![None; self.steps.len()];
        let mut open = vec![(0, Call::NEW)];
        while let Some((at, call)) = open.pop() {
            let Some(states) = seen.get_mut(at) else { continue };
            let (word, bit) = (call.index() / 64, 1 << (call.index() % 64));
            if states[word] & bit != 0 {
                continue;
            }
            states[word] |= bit;
            match call.objection(&self.steps[at]) {
                Some(objection) => {
                    objections[at].get_or_insert(objection);
                }
                None => goes_well[at] = true,
            }
            call.follow(at, &self.steps[at], |to, next| open.push((to, next)));
        }
        let never = objections.into_iter().zip(goes_well).enumerate();
        never
            .filter(|(_, (_, goes_well))| !goes_well)
            .filter_map(|(at, (objection, _))| Some((at, objection?)))
            .collect()
    }

    /// Returns whether time passes at a step.
    fn waits(&self, at: usize) -> bool {
        match &self.steps[at] {
            Step::Expect(_) => true,
            Step::Pause(law) => law.mean() >= PAUSE_LEAST_S,
            Step::Play { .. }
            | Step::Send(_)
            | Step::Digits { .. }
            | Step::Goto(_)
            | Step::End { .. } => false,
        }
    }

    /// Says where steps lead back to themselves without time passing.
    fn loops_wait(&self, resolver: &mut Resolver) {
        // Only `goto` leads back without a message, so each step has one way on.
        for (at, step) in self.steps.iter().enumerate() {
            if !matches!(step, Step::Goto(_)) {
                continue;
            }
            let mut here = at;
            for _ in 0..self.steps.len() {
                match self.next(here)[..] {
                    [next] if next < self.steps.len() && !self.waits(next) => here = next,
                    _ => break,
                }
                if here == at {
                    let message = "this leads round without any time passing";
                    let fault = resolver.faults.error(self.places[at], message);
                    fault.label("expected an `expect` or a `pause` of `10ms` or more on the way");
                    break;
                }
            }
        }
    }

    /// Warns of calls that never end while new ones come.
    fn comes_to_an_end(&self, reached: &[bool], resolver: &mut Resolver) {
        let ends = |at: usize| at >= self.steps.len() || matches!(self.steps[at], Step::End { .. });
        let ended = (0..self.steps.len())
            .filter(|at| reached[*at])
            .any(|at| ends(at) || self.next(at).into_iter().any(ends));
        if !ended {
            let last = self.places[self.places.len() - 1];
            let fault = resolver.faults.warning(last, "no call of this flow comes to its end");
            fault
                .label("calls pile up for as long as they begin")
                .hint("`callers` in place of `rate` keeps their number the same");
        }
    }
}

//! The highest rate at which nothing fails: trial after trial (the session establishment rate of RFC 7502 §4.9, found as §6
//! describes: up while nothing fails, half a step back when something does).

/// Trials at most.
const TRIALS_MAX: u32 = 30;

/// How near the highest rate that passed and the lowest that failed come together, as a share of the first.
const NEAR: f64 = 0.05;

/// Which rate to try next.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Calls a second at most.
    most: f64,
    /// The highest rate that passed, and the lowest that failed.
    passed: Option<f64>,
    failed: Option<f64>,
    next: Option<f64>,
    trials: u32,
}

impl Search {
    /// Begins with a rate, and goes no higher than another. Unit: calls a second.
    #[must_use]
    pub fn new(first: f64, most: f64) -> Self {
        Self { most, passed: None, failed: None, next: Some(first.min(most)), trials: 0 }
    }

    /// The rate to try, calls a second; `None` when it is found.
    #[must_use]
    pub fn next(&self) -> Option<f64> {
        self.next
    }

    /// Takes how the trial went.
    pub fn told(&mut self, has_passed: bool) {
        let Some(rate) = self.next.take() else { return };
        self.trials += 1;
        if has_passed {
            self.passed = Some(rate);
        } else {
            self.failed = Some(rate);
        }
        if self.trials >= TRIALS_MAX {
            return;
        }
        self.next = match (self.passed, self.failed) {
            // Nothing failed yet: twice as much.
            (Some(passed), None) if passed < self.most => Some((passed * 2.0).min(self.most)),
            (Some(_), None) | (None, None) => None,
            (None, Some(failed)) => Some(failed / 2.0).filter(|rate| *rate >= 0.1),
            (Some(passed), Some(failed)) => {
                let is_near = failed - passed <= passed * NEAR;
                (!is_near).then_some(f64::midpoint(passed, failed))
            }
        };
    }

    /// The highest rate at which nothing failed so far, calls a second.
    #[must_use]
    pub fn best(&self) -> Option<f64> {
        self.passed
    }

    /// Whether the limit of the search was reached without a failure: the target may bear more.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.failed.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches against a target that bears so many calls a second; returns what was found and the trials it took.
    fn search(bears: f64, first: f64, most: f64) -> (Option<f64>, u32) {
        let mut search = Search::new(first, most);
        while let Some(rate) = search.next() {
            search.told(rate <= bears);
        }
        (search.best(), search.trials)
    }

    #[test]
    fn the_rate_found_is_borne_and_a_twentieth_more_is_not() {
        for bears in [3.0, 47.0, 100.0, 333.0, 799.0] {
            let (found, trials) = search(bears, 100.0, 10_000.0);
            let found = found.expect("some rate is borne");
            assert!(found <= bears && bears < found * 1.05, "{found} of {bears}");
            assert!(trials < 16, "{trials} trials for {bears}");
        }
    }

    #[test]
    fn a_target_that_bears_all_is_not_said_to_bear_more() {
        let mut unbounded = Search::new(100.0, 250.0);
        while unbounded.next().is_some() {
            unbounded.told(true);
        }
        assert_eq!((unbounded.best(), unbounded.is_bounded()), (Some(250.0), true));
        assert_eq!(search(0.0, 100.0, 250.0).0, None);
    }
}

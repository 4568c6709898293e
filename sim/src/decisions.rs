//! What the duty manager decided, over all replications: marks for the charts beside those of the timeline.

use crate::playbook::Decision;
use acd::Timestamp;
use reports::Mark;
use scenarios::Scenario;

/// Gathers, play by play, when each replication first decided for it.
#[derive(Debug, Clone)]
pub struct Decisions {
    plays: Vec<(String, Vec<Timestamp>)>,
    replications: u32,
}

impl Decisions {
    /// Makes a record without any replication.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let plays = scenario.playbook.iter().map(|play| (play.name.clone(), Vec::new()));
        Self { plays: plays.collect(), replications: 0 }
    }

    /// Adds what one replication decided, in order of time.
    pub fn add(&mut self, decisions: &[Decision]) {
        self.replications += 1;
        for (index, (_, firsts)) in self.plays.iter_mut().enumerate() {
            let first = decisions.iter().find(|decision| decision.play as usize == index);
            firsts.extend(first.map(|decision| decision.at));
        }
    }

    /// Returns a mark for each play that was decided for: the middle half of its first decisions, and in how
    /// many replications there was one.
    #[must_use]
    pub fn marks(self) -> Vec<Mark> {
        let replications = self.replications;
        let mark = |(name, mut firsts): (String, Vec<Timestamp>)| {
            firsts.sort_unstable();
            let rank = |quarter: usize| firsts.get(firsts.len() * quarter / 4).copied();
            Some(Mark {
                from: rank(1)?,
                to: rank(3)?,
                label: format!("{name} (in {} of {replications})", firsts.len()),
                is_action: true,
            })
        };
        self.plays.into_iter().filter_map(mark).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(of: &[&[(u32, u64)]]) -> Vec<Mark> {
        let plays = vec![("call".to_owned(), Vec::new()), ("wait".to_owned(), Vec::new())];
        let mut decisions = Decisions { plays, replications: 0 };
        for replication in of {
            let list: Vec<Decision> = replication
                .iter()
                .map(|&(play, seconds)| Decision { at: Timestamp(seconds * acd::SECOND), play })
                .collect();
            decisions.add(&list);
        }
        decisions.marks()
    }

    #[test]
    fn play_is_marked_by_the_middle_half_of_its_first_decisions() {
        let marks = decisions(&[&[(0, 10), (0, 99)], &[(0, 20)], &[(0, 30)], &[(0, 40)], &[]]);
        assert_eq!(marks.len(), 1);
        assert_eq!((marks[0].from.as_secs(), marks[0].to.as_secs()), (20.0, 40.0));
        assert_eq!(marks[0].label, "call (in 4 of 5)");
        assert!(marks[0].is_action);
    }

    #[test]
    fn play_never_decided_for_is_not_marked() {
        assert!(decisions(&[&[], &[]]).is_empty());
        assert!(decisions(&[]).is_empty());
    }
}

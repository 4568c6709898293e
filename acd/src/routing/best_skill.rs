//! `best-skill`: the best level first; within a level the longest idle.

use super::Member;
use super::ranks::{Rank, Ranked};

pub(super) const ENTRY: (&str, super::Make, &str) = (
    "best-skill",
    Ranked::<BestSkill>::boxed,
    "the best skill level, within a level the longest idle",
);

struct BestSkill;

impl Rank for BestSkill {
    fn rank(member: Member) -> u64 {
        u64::from(member.level)
    }
}

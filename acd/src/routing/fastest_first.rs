//! `fastest-first`: the shortest expected handling time for this queue; among equals the longest idle.

use super::Member;
use super::ranks::{Rank, Ranked};

pub(super) const ENTRY: (&str, super::Make, &str) = (
    "fastest-first",
    Ranked::<FastestFirst>::boxed,
    "the shortest expected handling time, among equals the longest idle",
);

struct FastestFirst;

impl Rank for FastestFirst {
    fn rank(member: Member) -> u64 {
        member.handling
    }
}

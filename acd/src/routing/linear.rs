//! `linear`: groups in file order; within a group the longest idle.

use super::Member;
use super::ranks::{Rank, Ranked};

pub(super) const ENTRY: (&str, super::Make, &str) =
    ("linear", Ranked::<Linear>::boxed, "groups in file order, within a group the longest idle");

struct Linear;

impl Rank for Linear {
    fn rank(member: Member) -> u64 {
        u64::from(member.group)
    }
}

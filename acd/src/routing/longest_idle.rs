//! `longest-idle`: the agent who has been ready longest. The default.

use super::rings::Rings;
use super::{Ask, Member, Routing, Standing};

pub(super) const ENTRY: (&str, super::Make, &str) =
    ("longest-idle", || Box::<LongestIdle>::default(), "the agent who has been ready longest");

#[derive(Debug, Default)]
struct LongestIdle {
    rings: Rings,
}

impl Routing for LongestIdle {
    fn join(&mut self, _member: Member) {
        self.rings.join(0);
    }

    #[inline]
    fn insert(&mut self, seat: u32, standing: Standing) {
        self.rings.insert(seat, standing);
    }

    #[inline]
    fn remove(&mut self, seat: u32) {
        self.rings.remove(seat);
    }

    #[inline]
    fn pick(&mut self, _ask: Ask) -> Option<u32> {
        self.rings.first()
    }
}

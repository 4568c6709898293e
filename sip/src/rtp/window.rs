//! Sequence numbers of one source: extended, counted, each at most once (RFC 3550 A.1).

/// How far a number may be ahead and still be the same run: about a minute of packets.
const AHEAD_MAX: u16 = 3000;
/// How far a number may be behind and still be a late packet.
const BEHIND_MAX: u16 = 100;
/// How far back duplicates are told from late packets; what is older counts as a duplicate.
const SEEN: u32 = 128;

/// Which numbers of a source have come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The highest number with the wraps before it.
    highest: u32,
    /// The number the run began with, extended alike.
    base: u32,
    /// Bit n: the number `highest - n` has come.
    seen: u128,
    /// The number that would prove that a jump was a restart.
    restart: Option<u16>,
}

/// What a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The next, or one ahead after a loss.
    Ahead,
    /// Overtaken on the way, seen for the first time.
    Late,
    /// Seen before.
    Again,
    /// Far off: a restart if the next number follows it, else a stray.
    Stray,
    /// The second packet after a jump: the source has begun anew.
    Restarted,
}

impl Window {
    pub(super) fn new(sequence: u16) -> Self {
        let first = u32::from(sequence);
        Self { highest: first, base: first, seen: 1, restart: None }
    }

    /// Numbers from the first to the highest.
    pub(super) fn expected(&self) -> u32 {
        self.highest.wrapping_sub(self.base).wrapping_add(1)
    }

    pub(super) fn highest(&self) -> u32 {
        self.highest
    }

    pub(super) fn place(&mut self, sequence: u16) -> Place {
        let ahead = sequence.wrapping_sub(low(self.highest));
        if ahead != 0 && ahead < AHEAD_MAX {
            self.advance(u32::from(ahead));
            return Place::Ahead;
        }
        let behind = ahead.wrapping_neg();
        if behind <= BEHIND_MAX {
            return self.look_back(u32::from(behind));
        }
        if self.restart == Some(sequence) {
            *self = Self::new(sequence);
            return Place::Restarted;
        }
        self.restart = Some(sequence.wrapping_add(1));
        Place::Stray
    }

    fn advance(&mut self, by: u32) {
        self.highest = self.highest.wrapping_add(by);
        self.seen = self.seen.checked_shl(by).unwrap_or(0) | 1;
        self.restart = None;
    }

    fn look_back(&mut self, behind: u32) -> Place {
        debug_assert!(behind < SEEN, "late packets lie inside the window");
        let bit = 1 << behind;
        let is_new = self.seen & bit == 0;
        self.seen |= bit;
        if !is_new {
            return Place::Again;
        }
        // A packet from before the first one we saw: the run began earlier than we knew.
        if self.expected() <= behind {
            self.base = self.highest.wrapping_sub(behind);
        }
        Place::Late
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what stands on the wire")]
fn low(extended: u32) -> u16 {
    extended as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_across_the_wrap() {
        let mut window = Window::new(65_534);
        for sequence in [65_535, 0, 1, 4] {
            assert_eq!(window.place(sequence), Place::Ahead);
        }
        assert_eq!((window.expected(), window.highest()), (7, 65_540));
        assert_eq!(window.place(3), Place::Late);
        assert_eq!(window.place(3), Place::Again);
        assert_eq!(window.place(4), Place::Again);
        assert_eq!(window.place(65_535), Place::Again);
        assert_eq!(window.expected(), 7);
    }

    #[test]
    fn a_packet_from_before_the_first_moves_the_beginning() {
        let mut window = Window::new(10);
        assert_eq!(window.place(8), Place::Late);
        assert_eq!(window.expected(), 3);
        assert_eq!(window.place(9), Place::Late);
        assert_eq!(window.expected(), 3);
    }

    #[test]
    fn a_jump_counts_once_its_follower_came() {
        let mut window = Window::new(10);
        assert_eq!(window.place(40_000), Place::Stray);
        assert_eq!(window.place(11), Place::Ahead);
        // A packet in order took the suspicion away.
        assert_eq!(window.place(40_001), Place::Stray);
        assert_eq!(window.place(40_002), Place::Restarted);
        assert_eq!(window.place(40_003), Place::Ahead);
        assert_eq!(window.expected(), 2);
    }
}

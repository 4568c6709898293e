//! Who is due for a frame: a wheel of 20 ms in steps of one, so that wake-ups are few and the load is even.

use super::session::MediaId;
use sip::{Duration, Instant};

/// Places of the wheel: one a millisecond of a frame's 20.
const PLACES: u64 = 20;

/// Most milliseconds caught up at once; what is later was a pause.
const LATE_MAX: u64 = 60;

/// The wheel.
#[derive(Debug)]
pub(super) struct Wheel {
    places: [Vec<MediaId>; PLACES as usize],
    /// The millisecond done last.
    done: u64,
    count: usize,
}

fn millis(now: Instant) -> u64 {
    now.as_micros() / 1000
}

impl Wheel {
    pub(super) fn new() -> Self {
        Self { places: std::array::from_fn(|_| Vec::new()), done: 0, count: 0 }
    }

    /// Puts a session in: its first frame is due in the next millisecond, then one every 20.
    pub(super) fn add(&mut self, now: Instant, id: MediaId) {
        if self.count == 0 {
            self.done = millis(now);
        }
        let due = self.done.max(millis(now)) + 1;
        self.places[(due % PLACES) as usize].push(id);
        self.count += 1;
    }

    /// When the next frame is due.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        if self.count == 0 {
            return None;
        }
        let due = (1..=PLACES).map(|ahead| self.done + ahead);
        let next = due.into_iter().find(|at| !self.places[(at % PLACES) as usize].is_empty())?;
        Some(Instant::default() + Duration::from_millis(next))
    }

    /// Goes on to `now`: calls `frame` for every session that is due, once for each of its moments. A session for which it
    /// returns `false` leaves the wheel.
    pub(super) fn turn(&mut self, now: Instant, mut frame: impl FnMut(MediaId) -> bool) {
        let now = millis(now);
        if self.count == 0 || now <= self.done {
            self.done = self.done.max(now);
            return;
        }
        let from = (self.done + 1).max(now.saturating_sub(LATE_MAX - 1));
        for at in from..=now {
            let place = &mut self.places[(at % PLACES) as usize];
            let before = place.len();
            place.retain(|id| frame(*id));
            self.count -= before - place.len();
        }
        self.done = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_micros(millis * 1000 + 300)
    }

    const ONE: MediaId = MediaId { slot: 1, age: 0 };
    const TWO: MediaId = MediaId { slot: 2, age: 0 };

    #[test]
    fn each_session_is_due_every_twenty_milliseconds() {
        let mut wheel = Wheel::new();
        wheel.add(at(100), ONE);
        wheel.add(at(107), TWO);
        let mut due = Vec::new();
        for now in 100..160 {
            wheel.turn(at(now), |id| {
                due.push((now, id.slot));
                true
            });
        }
        assert_eq!(due, [(101, 1), (108, 2), (121, 1), (128, 2), (141, 1), (148, 2)]);
    }

    #[test]
    fn the_next_frame_is_announced_and_an_empty_wheel_sleeps() {
        let mut wheel = Wheel::new();
        assert_eq!(wheel.next_timeout(), None);
        wheel.add(at(100), ONE);
        assert_eq!(wheel.next_timeout(), Some(Instant::from_micros(101_000)));
        wheel.turn(at(101), |_| true);
        assert_eq!(wheel.next_timeout(), Some(Instant::from_micros(121_000)));
        wheel.turn(at(121), |_| false);
        assert_eq!(wheel.next_timeout(), None);
    }

    #[test]
    fn after_a_pause_only_what_a_receiver_can_still_use_is_caught_up() {
        let mut wheel = Wheel::new();
        wheel.add(at(100), ONE);
        let mut frames = 0;
        wheel.turn(at(10_100), |_| {
            frames += 1;
            true
        });
        assert_eq!(frames, LATE_MAX / PLACES);
    }
}

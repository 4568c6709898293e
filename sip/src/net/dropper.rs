//! A bad line on purpose: loses, doubles and delays datagrams, the same ones for the same seed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr;

use crate::time::{Duration, Instant};

/// Most datagrams held back at a time; beyond it they pass at once.
const HELD_MAX: usize = 4096;

/// How bad a line is to be.
///
/// As text `seed,share`, such as `7,0.05` or `7,5%`: that share of datagrams is lost each way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropPlan {
    /// Another seed, other losses.
    pub seed: u64,
    /// Share lost, 0 to 1.
    pub lost: f64,
    /// Share that comes twice, 0 to 1.
    pub doubled: f64,
    /// Share held back, 0 to 1; what follows overtakes it.
    pub delayed: f64,
    /// The longest they are held back.
    pub delay_max: Duration,
}

/// Why a text is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `seed,share`, such as `7,0.05` or `7,5%`")]
pub struct BadDropPlan(String);

impl FromStr for DropPlan {
    type Err = BadDropPlan;

    fn from_str(text: &str) -> Result<Self, BadDropPlan> {
        let read = || {
            let (seed, share) = text.split_once(',')?;
            let lost = match share.trim().strip_suffix('%') {
                Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
                None => share.trim().parse().ok()?,
            };
            let seed = seed.trim().parse().ok()?;
            (0.0..=1.0).contains(&lost).then_some(Self { lost, ..Self::perfect(seed) })
        };
        read().ok_or_else(|| BadDropPlan(text.to_owned()))
    }
}

impl DropPlan {
    /// A line that does nothing to datagrams.
    pub fn perfect(seed: u64) -> Self {
        Self { seed, lost: 0.0, doubled: 0.0, delayed: 0.0, delay_max: Duration::ZERO }
    }
}

/// One direction of a bad line.
#[derive(Debug)]
pub(super) struct Dropper {
    plan: DropPlan,
    direction: u64,
    count: u64,
    held: BTreeMap<(Instant, u64), (SocketAddr, Vec<u8>)>,
}

/// What becomes of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes on.
    Pass,
    /// It is gone.
    Lost,
    /// It goes on twice.
    Twice,
    /// It was taken and comes out of [`Dropper::release`].
    Held,
}

impl Dropper {
    pub(super) fn new(plan: DropPlan, direction: u64) -> Self {
        Self { plan, direction, count: 0, held: BTreeMap::new() }
    }

    pub(super) fn judge(&mut self, now: Instant, peer: SocketAddr, bytes: &[u8]) -> Fate {
        self.count += 1;
        if self.chance(0) < self.plan.lost {
            return Fate::Lost;
        }
        if self.chance(1) < self.plan.delayed && self.held.len() < HELD_MAX {
            let due = now + self.plan.delay_max.mul_f64(self.chance(2));
            self.held.insert((due, self.count), (peer, bytes.to_vec()));
            return Fate::Held;
        }
        if self.chance(3) < self.plan.doubled { Fate::Twice } else { Fate::Pass }
    }

    /// A datagram whose delay is over.
    pub(super) fn release(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        let first = self.held.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.held.keys().next().map(|(due, _)| *due)
    }

    /// A number in [0, 1) that belongs to this datagram and question: not the next of a sequence, so
    /// a question more or less moves no other answer.
    fn chance(&self, question: u64) -> f64 {
        let address = mix(self.plan.seed ^ mix(self.direction << 8 | question));
        let bits = mix(address.wrapping_add(self.count.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let top = u32::try_from(bits >> 32).expect("32 bits");
        f64::from(top) / 4_294_967_296.0
    }
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014); `chance` is not imported here.
fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(plan: DropPlan, direction: u64) -> Vec<Fate> {
        let mut dropper = Dropper::new(plan, direction);
        let peer = "127.0.0.1:9".parse().expect("address");
        (0..10_000).map(|_| dropper.judge(Instant::default(), peer, b"x")).collect()
    }

    fn share(fates: &[Fate], fate: Fate) -> f64 {
        let count = fates.iter().filter(|&&it| it == fate).count();
        count as f64 / fates.len() as f64
    }

    #[test]
    fn shares_are_kept_and_a_seed_repeats_itself() {
        let plan = DropPlan { lost: 0.1, doubled: 0.05, ..DropPlan::perfect(7) };
        let once = fates(plan, 0);
        // Four standard deviations of 10,000 draws: 0.012 and 0.009.
        assert!((share(&once, Fate::Lost) - 0.1).abs() < 0.012);
        assert!((share(&once, Fate::Twice) - 0.045).abs() < 0.009);
        assert_eq!(once, fates(plan, 0));
        assert_ne!(once, fates(plan, 1), "each direction has its own losses");
        assert_ne!(once, fates(DropPlan { seed: 8, ..plan }, 0));
    }

    #[test]
    fn more_copies_lose_the_same_datagrams() {
        let plan = DropPlan { lost: 0.1, ..DropPlan::perfect(7) };
        let lost = |plan| -> Vec<bool> {
            fates(plan, 0).into_iter().map(|fate| fate == Fate::Lost).collect()
        };
        assert_eq!(lost(plan), lost(DropPlan { doubled: 0.5, ..plan }));
    }

    #[test]
    fn what_is_held_comes_out_in_time_and_holding_is_bounded() {
        let plan =
            DropPlan { delayed: 1.0, delay_max: Duration::from_millis(50), ..DropPlan::perfect(1) };
        let mut dropper = Dropper::new(plan, 0);
        let peer = "127.0.0.1:9".parse().expect("address");
        for n in 0..=HELD_MAX {
            let fate = dropper.judge(Instant::default(), peer, b"x");
            assert_eq!(fate, if n < HELD_MAX { Fate::Held } else { Fate::Pass });
        }
        let first = dropper.next_timeout().expect("held");
        assert!(dropper.release(Instant::default()).is_none() || first == Instant::default());
        let end = Instant::from_micros(50_000);
        let out = std::iter::from_fn(|| dropper.release(end)).count();
        assert!(out == HELD_MAX || out == HELD_MAX - 1);
        assert_eq!(dropper.next_timeout(), None);
    }

    #[test]
    fn plans_are_read_and_nonsense_is_not() {
        let read = |text: &str| text.parse::<DropPlan>().map(|plan| (plan.seed, plan.lost));
        assert_eq!(read("7,0.05"), Ok((7, 0.05)));
        assert_eq!(read(" 7 , 5% "), Ok((7, 0.05)));
        for text in
            ["", "7", "7,", ",0.1", "7,1.5", "7,-0.1", "7,NaN", "7,inf", "-1,0.1", "7,0.1,2"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}

//! Addressed streams: (seed, replication, purpose, entity) names a draw, whatever was drawn before.
//!
//! A stream's base is a hash of (seed, replication, purpose, group), made once. Draw e of it is the e-th output of a
//! generator of SplitMix64's kind that starts at the base: one multiplication to get there and one finaliser, no state
//! to keep. So any draw can be asked for at any time, in any order, and no other draw moves. The statistical battery of
//! [`crate::battery`] reads the words in the orders a simulation does.

use crate::ziggurat;
use rand_core::TryRng;
use std::convert::Infallible;

/// Distance between neighbouring entities: 2⁶⁴ ÷ golden ratio, odd (Steele, Lea, Flood 2014, SplitMix64).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
/// Distance between repeats of one entity: [`GOLDEN`] squared, so a repeat equals a jump of GOLDEN entities. Multiples
/// of the golden ratio come back as late as anything can: below 2²⁰ repeats, no two of a stream's addresses with
/// entities below 2⁴² are the same (tested).
const REPEAT: u64 = GOLDEN.wrapping_mul(GOLDEN);

/// What a draw is for. The discriminant is part of the address: never renumber, only append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Purpose {
    /// Gaps between arrivals.
    Arrival = 1,
    /// Busyness of a day or run.
    Busyness = 2,
    /// Extra arrivals of a demand factor, and thinning.
    Demand = 3,
    /// Sojourns and first state of a modulated arrival process; batch sizes.
    Modulation = 4,
    /// Mood.
    Mood = 5,
    /// Patience.
    Patience = 6,
    /// Balking.
    Balk = 7,
    /// What a caller wants from the IVR.
    Choice = 8,
    /// Time to press a key.
    Think = 9,
    /// Whether a callback is accepted.
    Callback = 10,
    /// Talk time.
    Talk = 11,
    /// Time on hold.
    Hold = 12,
    /// After-call work.
    Acw = 13,
    /// Whether a failed caller tries again.
    Redial = 14,
    /// When.
    RedialDelay = 15,
    /// Whether a served caller calls again.
    Reconnect = 16,
    /// When.
    ReconnectDelay = 17,
    /// Time to answer an offer.
    PickUp = 18,
    /// Whether an offer is left ringing.
    NoAnswer = 19,
    /// Whether an agent comes.
    NoShow = 20,
    /// Who is absent.
    Absence = 21,
}

/// All streams of one replication.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    base: u64,
}

impl Chance {
    /// Names the streams of a replication of a seed.
    #[must_use]
    pub fn new(seed: u64, replication: u32) -> Self {
        Self { base: absorb(absorb(0, seed), u64::from(replication)) }
    }

    /// Returns the stream of a purpose for one group of entities (a contact, a queue, an agent group; 0 where there is none).
    ///
    /// Costs two hashes: make it once and keep it, not per draw.
    #[must_use]
    pub fn stream(&self, purpose: Purpose, group: u32) -> Stream {
        Stream { base: absorb(absorb(self.base, purpose as u64), u64::from(group)) }
    }
}

/// The draws of one purpose, by entity.
///
/// ```
/// # use chance::{Chance, Purpose};
/// let talk = Chance::new(1, 0).stream(Purpose::Talk, 0);
/// let seventh = talk.draw(7).exponential();
/// assert_eq!(talk.draw_again(7, 0).exponential(), seventh); // whatever was drawn in between
/// assert_ne!(talk.draw_again(7, 1).exponential(), seventh);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    base: u64,
}

impl Stream {
    /// Returns the draw of an entity (a fresh call's number, a day, a seat).
    #[inline]
    #[must_use]
    pub fn draw(&self, entity: u64) -> Draw {
        Draw::at(self.base.wrapping_add(entity.wrapping_mul(GOLDEN)))
    }

    /// Returns the draw of the `repeat`-th repetition for an entity: attempt k of a call, n-th offer to an agent. `repeat` 0 equals [`Stream::draw`].
    ///
    /// Addresses are distinct for entities below 2⁴² and repeats below 2²⁰.
    #[inline]
    #[must_use]
    pub fn draw_again(&self, entity: u64, repeat: u64) -> Draw {
        let address = self.base.wrapping_add(entity.wrapping_mul(GOLDEN));
        Draw::at(address.wrapping_add(repeat.wrapping_mul(REPEAT)))
    }
}

/// One addressed draw: a small generator. Implements `rand_core`'s traits too.
///
/// Its first word is the hash of the address; further words, which only rejections and many-word laws ask for, are the
/// sequence that a generator of that kind makes from that word.
#[derive(Debug, Clone)]
pub struct Draw {
    state: u64,
    /// Whether `state` is still the address.
    first: bool,
}

impl Draw {
    #[inline]
    const fn at(address: u64) -> Self {
        Self { state: address, first: true }
    }

    /// Returns the next 64 random bits.
    #[inline]
    pub fn next_word(&mut self) -> u64 {
        if self.first {
            self.first = false;
            self.state = mix(self.state);
            self.state
        } else {
            self.state = self.state.wrapping_add(GOLDEN);
            mix(self.state)
        }
    }

    /// Returns a uniform number in the open interval (0, 1).
    ///
    /// One of the 2⁵² odd multiples of 2⁻⁵³: never 0 or 1, and symmetrical about ½.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        open_unit(self.next_word())
    }

    /// Returns whether an event of this probability happens.
    #[inline]
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Returns a standard exponential number (mean 1).
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        ziggurat::exponential(self)
    }

    /// Returns a standard normal number.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        ziggurat::normal(self)
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_word() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next_word().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

/// Maps the upper 52 bits of a word to the open interval (0, 1).
#[inline]
pub(crate) fn open_unit(word: u64) -> f64 {
    // An odd number below 2⁵³ and a power of two: exact. Through i64, for which every machine has an instruction.
    ((word >> 11) | 1) as i64 as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// A finaliser in the shape of SplitMix64's: a bijection in which every input bit moves half of the output bits.
///
/// The constants are those of *moremur* (Pelle Evensen 2019). With SplitMix64's own (Stafford's mix 13), words of
/// addresses that differ in their upper 28 bits only failed the battery at 8·10⁷ words; these cost the same.
#[inline]
const fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 27)).wrapping_mul(0x3C79_AC49_2BA7_B653);
    word = (word ^ (word >> 33)).wrapping_mul(0x1C69_B3F7_4AC4_AE35);
    word ^ (word >> 27)
}

/// Hashes one more part of an address into `state`. The state is mixed first, so parts do not commute.
const fn absorb(state: u64, part: u64) -> u64 {
    mix(mix(state).wrapping_add(part.wrapping_mul(GOLDEN)).wrapping_add(GOLDEN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    fn talk() -> Stream {
        Chance::new(1, 0).stream(Purpose::Talk, 0)
    }

    #[test]
    fn further_words_of_a_draw_continue_from_its_first() {
        let mut draw = talk().draw(7);
        let first = draw.next_word();
        assert_eq!(draw.next_word(), mix(first.wrapping_add(GOLDEN)));
        assert_eq!(draw.next_word(), mix(first.wrapping_add(GOLDEN.wrapping_mul(2))));
    }

    /// Computed from the definitions in this file by a program in another language.
    #[test]
    fn addresses_give_the_same_words_on_every_machine() {
        let mut first = talk().draw(0);
        let mut other = Chance::new(u64::MAX, 7).stream(Purpose::Absence, 3).draw_again(1 << 40, 2);
        let words = [first.next_word(), first.next_word(), other.next_word(), other.next_word()];
        assert_eq!(words, GOLDEN_WORDS);
    }

    const GOLDEN_WORDS: [u64; 4] = [
        16_823_883_220_689_518_764,
        6_787_483_930_337_985_887,
        3_025_634_830_775_176_229,
        14_170_816_109_102_693_631,
    ];

    #[test]
    fn repeat_zero_is_the_draw_itself() {
        for entity in [0, 1, 99, u64::MAX] {
            let (mut plain, mut again) = (talk().draw(entity), talk().draw_again(entity, 0));
            assert_eq!(
                [plain.next_word(), plain.next_word()],
                [again.next_word(), again.next_word()]
            );
        }
    }

    #[test]
    fn no_two_addresses_of_entity_and_repeat_are_the_same() {
        // (e, r) and (e', r') coincide when (r − r')·GOLDEN ≡ e' − e: look for the r that comes nearest to 0.
        let nearest = (1..1_u64 << 20)
            .map(|repeat| (repeat.wrapping_mul(GOLDEN) as i64).unsigned_abs())
            .min()
            .expect("range is not empty");
        assert!(nearest > 1 << 42, "{nearest}");
    }

    #[test]
    fn every_part_of_the_address_names_another_draw() {
        let word = |seed, replication, purpose, group, entity| {
            Chance::new(seed, replication).stream(purpose, group).draw(entity).next_word()
        };
        let words = [
            word(0, 0, Purpose::Talk, 0, 0),
            word(1, 0, Purpose::Talk, 0, 0),
            word(0, 1, Purpose::Talk, 0, 0),
            word(0, 0, Purpose::Hold, 0, 0),
            word(0, 0, Purpose::Talk, 1, 0),
            word(0, 0, Purpose::Talk, 0, 1),
        ];
        for (index, one) in words.iter().enumerate() {
            assert!(!words[..index].contains(one), "part {index} is not in the address");
        }
    }

    #[test]
    fn uniform_numbers_stay_inside_the_open_interval() {
        assert_eq!(open_unit(0), 1.0 / (1_u64 << 53) as f64);
        assert_eq!(open_unit(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        assert!(open_unit(u64::MAX) < 1.0);
    }

    #[test]
    fn rand_core_sees_the_same_words() {
        let mut draw = talk().draw(5);
        let words = [draw.next_word(), draw.next_word()];
        let mut rng = talk().draw(5);
        assert_eq!([rng.next_u64(), rng.next_u64()], words);
        let mut bytes = [0; 11];
        talk().draw(5).fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], words[0].to_le_bytes());
        assert_eq!(bytes[8..], words[1].to_le_bytes()[..3]);
        assert_eq!(talk().draw(5).next_u32(), (words[0] >> 32) as u32);
    }
}

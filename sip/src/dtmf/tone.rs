//! Keys as tones: made, and heard in audio (ITU-T Q.23, Q.24).
//!
//! Audio is cut into blocks of 13.25 ms, and the eight frequencies are measured in each. A block
//! sounds like a key when one row and one column stand out of their groups, are about as loud as
//! each other, and hold nearly all of the block's power: speech and music do not. Two such blocks in
//! a row make a key, if the phases of both tones moved from one to the other as the right frequencies
//! would; that tells 1.5 % off, which must be heard, from 3.5 % off, which must not.

use core::f64::consts::TAU;

use super::{COLUMNS, Digit, ROWS};
use crate::audio::RATE;
use crate::audio::tone::{Goertzel, Tone};

/// Samples of a block: short enough that a tone of 40 ms fills two, whenever it begins.
const BLOCK: u32 = 106;

/// Least amplitude of a tone, as a share of full scale: -31 dBm0. Q.24 asks for -25 dBm.
const LEVEL_MIN: f64 = 0.02;
/// Most that a column may be louder than its row: 4 dB, and what a frequency 1.5 % off hides.
const COLUMN_LOUDER_MAX: f64 = 3.5;
/// Most that a row may be louder than its column: 8 dB, and as above.
const ROW_LOUDER_MAX: f64 = 8.9;
/// How much the loudest of a group stands out of it: 8 dB.
const PEAK_MIN: f64 = 6.3;
/// Least share of a block's power that the two tones hold before it is known how far they are off.
const SHARE_ROUGH_MIN: f64 = 0.65;
/// Least share once it is known. A tone that fills a part of a block holds that part: of two blocks,
/// 20 ms fill 75 % each. Noise 15 dB below takes 3 %.
const SHARE_MIN: f64 = 0.83;
/// How far a frequency may be off.
const OFF_MAX: f64 = 0.025;
/// A key ends when its tones fell by 10 dB for two blocks: a gap of 10 ms never does that, a pause
/// of 40 ms always does.
const GONE: f64 = 0.1;
/// Blocks without the tones that end a key.
const GONE_BLOCKS: u8 = 2;

/// The two tones of a key, each at the given share of full scale; 0.2 is -11 dBm0.
///
/// There is no end: take as many samples as the key is to last.
pub fn sound(digit: Digit, level: f64) -> impl Iterator<Item = i16> {
    let (row, column) = digit.frequencies();
    Tone::new(row, level).zip(Tone::new(column, level)).map(|(a, b)| a.saturating_add(b))
}

/// Hears keys in the audio of one leg.
#[derive(Debug, Clone)]
pub struct ToneDetector {
    rows: [Goertzel; 4],
    columns: [Goertzel; 4],
    energy: f64,
    count: u32,
    /// The block before, if it sounded like a key.
    last: Option<Hit>,
    /// The key that is down, and how loud it is.
    down: Option<Down>,
}

/// A block that sounds like a key.
#[derive(Debug, Clone, Copy)]
struct Hit {
    row: usize,
    column: usize,
    row_phase: (f64, f64),
    column_phase: (f64, f64),
    /// Shares of the block's power.
    row_share: f64,
    column_share: f64,
    power: f64,
}

#[derive(Debug, Clone, Copy)]
struct Down {
    row: usize,
    column: usize,
    power: f64,
    gone: u8,
}

impl Default for ToneDetector {
    fn default() -> Self {
        Self {
            rows: ROWS.map(Goertzel::new),
            columns: COLUMNS.map(Goertzel::new),
            energy: 0.0,
            count: 0,
            last: None,
            down: None,
        }
    }
}

impl ToneDetector {
    /// Takes the audio of a packet, of up to 60 ms; returns the key that began in it.
    ///
    /// A key is heard 25 to 40 ms after it began.
    pub fn receive(&mut self, samples: impl IntoIterator<Item = i16>) -> Option<Digit> {
        let mut heard = None;
        for sample in samples {
            let sample = f64::from(sample);
            self.energy += sample * sample;
            for filter in self.rows.iter_mut().chain(&mut self.columns) {
                filter.handle(sample);
            }
            self.count += 1;
            if self.count == BLOCK {
                heard = heard.or(self.end_block());
            }
        }
        heard
    }

    fn end_block(&mut self) -> Option<Digit> {
        let hit = self.judge();
        let before = self.last.take();
        self.mind_the_end();
        self.reset_block();
        self.last = hit;
        let (hit, before) = (hit?, before?);
        let is_same = (hit.row, hit.column) == (before.row, before.column);
        let is_down = self.down.is_some_and(|d| (d.row, d.column) == (hit.row, hit.column));
        if !is_same || is_down || !is_key(&before, &hit) {
            return None;
        }
        self.down = Some(Down { row: hit.row, column: hit.column, power: hit.power, gone: 0 });
        Some(Digit::at(hit.row, hit.column))
    }

    /// Whether the block sounds like a key.
    fn judge(&self) -> Option<Hit> {
        let (row, row_power) = peak(&self.rows)?;
        let (column, column_power) = peak(&self.columns)?;
        // The power of a sine of amplitude a over n samples is (a n / 2)².
        let least = LEVEL_MIN * 32_767.0 * f64::from(BLOCK) / 2.0;
        let is_loud = row_power.min(column_power) >= least * least;
        let is_even = column_power <= row_power * COLUMN_LOUDER_MAX
            && row_power <= column_power * ROW_LOUDER_MAX;
        // The energy of that sine is a² n / 2, which is its power times 2 / n.
        let share = |power: f64| power * 2.0 / f64::from(BLOCK) / self.energy;
        let (row_share, column_share) = (share(row_power), share(column_power));
        let is_pure = row_share + column_share >= SHARE_ROUGH_MIN;
        (is_loud && is_even && is_pure).then(|| Hit {
            row,
            column,
            row_phase: self.rows[row].vector(ROWS[row]),
            column_phase: self.columns[column].vector(COLUMNS[column]),
            row_share,
            column_share,
            power: row_power + column_power,
        })
    }

    /// Notes whether the key that is down was heard in this block.
    fn mind_the_end(&mut self) {
        let Some(down) = &mut self.down else { return };
        let power = self.rows[down.row].power() + self.columns[down.column].power();
        down.gone = if power < down.power * GONE { down.gone + 1 } else { 0 };
        if down.gone >= GONE_BLOCKS {
            self.down = None;
        }
    }

    fn reset_block(&mut self) {
        self.rows.iter_mut().chain(&mut self.columns).for_each(Goertzel::reset);
        (self.energy, self.count) = (0.0, 0);
    }
}

/// The loudest of a group, if it stands out of the others.
fn peak(group: &[Goertzel; 4]) -> Option<(usize, f64)> {
    let powers = group.map(|filter| filter.power());
    let (at, &most) = powers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    let stands_out =
        powers.iter().enumerate().all(|(other, power)| other == at || power * PEAK_MIN <= most);
    (stands_out && most > 0.0).then_some((at, most))
}

/// Whether the tones of two blocks are a key's: their frequencies right, and hardly anything else.
fn is_key(before: &Hit, hit: &Hit) -> bool {
    let row_off = off(ROWS[hit.row], before.row_phase, hit.row_phase);
    let column_off = off(COLUMNS[hit.column], before.column_phase, hit.column_phase);
    let is_pure = |hit: &Hit| {
        hit.row_share / seen(row_off) + hit.column_share / seen(column_off) >= SHARE_MIN
    };
    row_off.abs() <= OFF_MAX * ROWS[hit.row]
        && column_off.abs() <= OFF_MAX * COLUMNS[hit.column]
        && is_pure(before)
        && is_pure(hit)
}

/// How far a tone is from its frequency, by how its phase moved in one block. Unit: Hz.
///
/// Beyond 37 Hz the phase is ambiguous; by then the block's share of power tells.
fn off(hertz: f64, (re0, im0): (f64, f64), (re1, im1): (f64, f64)) -> f64 {
    let moved = (re1 * re0 + im1 * im0, im1 * re0 - re1 * im0);
    let turns = hertz * f64::from(BLOCK) / f64::from(RATE);
    let angle = TAU * (turns - libm::floor(turns));
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let beyond = (moved.0 * cos + moved.1 * sin, moved.1 * cos - moved.0 * sin);
    libm::atan2(beyond.1, beyond.0) * f64::from(RATE) / (TAU * f64::from(BLOCK))
}

/// The share of a tone's power that its filter sees when it is so far off. At 37 Hz, 40 %.
fn seen(hertz_off: f64) -> f64 {
    let x = core::f64::consts::PI * hertz_off * f64::from(BLOCK) / f64::from(RATE);
    let amplitude = if x == 0.0 { 1.0 } else { libm::sin(x) / x };
    amplitude * amplitude
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::g711::{decode, encode};
    use crate::sdp::negotiate::Codec;

    const MS: usize = 8;

    /// What is heard when samples come in frames of 20 ms.
    fn heard(samples: &[i16]) -> String {
        let mut detector = ToneDetector::default();
        let keys = samples.chunks(160).filter_map(|frame| detector.receive(frame.iter().copied()));
        keys.map(Digit::to_char).collect()
    }

    fn all_keys() -> impl Iterator<Item = Digit> {
        (0..16).filter_map(Digit::from_event)
    }

    /// Two tones of given frequencies and amplitudes.
    fn two(row: f64, row_level: f64, column: f64, column_level: f64, samples: usize) -> Vec<i16> {
        let tones = Tone::new(row, row_level).zip(Tone::new(column, column_level));
        tones.take(samples).map(|(a, b)| a.saturating_add(b)).collect()
    }

    fn silence(samples: usize) -> Vec<i16> {
        vec![0; samples]
    }

    /// Noise of a given loudness (root of the mean square), the same each time.
    fn noise(loudness: f64, samples: usize) -> Vec<i16> {
        let mut state = 1_u32;
        let uniform = std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 8_388_608.0 - 1.0
        });
        // A uniform law on ±1 has 1/√3.
        let scale = loudness * 32_767.0 * libm::sqrt(3.0);
        uniform.take(samples).map(|x| libm::round(x * scale) as i16).collect()
    }

    fn add(a: Vec<i16>, b: &[i16]) -> Vec<i16> {
        a.into_iter().zip(b).map(|(a, b)| a.saturating_add(*b)).collect()
    }

    #[test]
    fn every_key_of_40_ms_is_heard_once_wherever_it_begins() {
        for digit in all_keys() {
            for start in 0..110 {
                let tone: Vec<i16> = sound(digit, 0.2).take(40 * MS).collect();
                let samples = [silence(start), tone, silence(400)].concat();
                assert_eq!(heard(&samples), digit.to_char().to_string(), "{start}");
            }
        }
    }

    #[test]
    fn keys_that_follow_after_40_ms_are_two_and_a_gap_of_10_ms_makes_none() {
        for digit in all_keys() {
            for start in (0..110).step_by(7) {
                let tone: Vec<i16> = sound(digit, 0.2).take(50 * MS).collect();
                let pair = |gap| {
                    [silence(start), tone.clone(), silence(gap), tone.clone(), silence(400)]
                        .concat()
                };
                let key = digit.to_char();
                assert_eq!(heard(&pair(40 * MS)), format!("{key}{key}"), "{start}");
                assert_eq!(heard(&pair(10 * MS)), key.to_string(), "{start}");
            }
        }
    }

    #[test]
    fn tones_shorter_than_20_ms_are_not_keys() {
        for digit in all_keys() {
            for start in 0..110 {
                let tone: Vec<i16> = sound(digit, 0.2).take(20 * MS).collect();
                assert_eq!(heard(&[silence(start), tone, silence(400)].concat()), "", "{start}");
            }
        }
    }

    #[test]
    fn frequencies_1_5_percent_off_are_heard_and_3_5_percent_off_are_not() {
        for digit in all_keys() {
            let (row, column) = digit.frequencies();
            let at = |a: f64, b: f64| heard(&two(row * a, 0.2, column * b, 0.2, 100 * MS));
            for (a, b) in [(1.015, 1.015), (0.985, 0.985), (1.015, 0.985), (0.985, 1.015)] {
                assert_eq!(at(a, b), digit.to_char().to_string(), "{a} {b}");
            }
            for (a, b) in [(1.035, 1.0), (0.965, 1.0), (1.0, 1.035), (1.0, 0.965), (1.035, 0.965)] {
                assert_eq!(at(a, b), "", "{} {a} {b}", digit.to_char());
            }
        }
    }

    #[test]
    fn twist_of_4_and_8_db_is_heard_and_much_more_is_not() {
        let db = |db: f64| libm::pow(10.0, db / 20.0);
        for digit in all_keys() {
            let (row, column) = digit.frequencies();
            let at = |twist: f64| heard(&two(row, 0.1, column, 0.1 * db(twist), 100 * MS));
            for twist in [-8.0, -4.0, 0.0, 4.0] {
                assert_eq!(at(twist), digit.to_char().to_string(), "{twist} dB");
            }
            for twist in [-12.0, 8.0] {
                assert_eq!(at(twist), "", "{twist} dB");
            }
        }
    }

    #[test]
    fn levels_from_0_to_minus_25_dbm0_are_heard_through_both_laws_and_noise() {
        // A full-scale sine is 3.1 dBm0; two tones of 0 dBm0 would not fit, -3 each do.
        for dbm0 in [-3.0, -10.0, -20.0, -25.0] {
            let level = libm::pow(10.0, (dbm0 - 3.1) / 20.0);
            for codec in [Codec::Pcma, Codec::Pcmu] {
                for digit in all_keys() {
                    let tone: Vec<i16> = sound(digit, level).take(60 * MS).collect();
                    // 15 dB below the two tones together, whose root of the mean square is the level.
                    let samples = add(tone, &noise(level * 0.178, 60 * MS));
                    let law = |&s: &i16| decode(codec, encode(codec, s));
                    let samples: Vec<i16> = samples.iter().map(law).collect();
                    assert_eq!(heard(&samples), digit.to_char().to_string(), "{dbm0} {codec:?}");
                }
            }
        }
        let faint: Vec<i16> = sound(Digit(5), 0.005).take(800).collect();
        assert_eq!(heard(&faint), "", "far below what a key is");
    }

    #[test]
    fn a_long_key_is_one_key() {
        let samples: Vec<i16> = sound(Digit(9), 0.2).take(5000 * MS).collect();
        assert_eq!(heard(&samples), "9");
    }

    #[test]
    fn other_sounds_are_not_keys() {
        assert_eq!(heard(&noise(0.3, 80_000)), "", "noise");
        assert_eq!(heard(&vec![20_000; 8000]), "", "a constant");
        for hertz in [350.0, 440.0, 697.0, 941.0, 1209.0, 1633.0, 2100.0] {
            let one: Vec<i16> = Tone::new(hertz, 0.4).take(8000).collect();
            assert_eq!(heard(&one), "", "{hertz} Hz alone");
        }
        assert_eq!(heard(&two(350.0, 0.2, 440.0, 0.2, 8000)), "", "dial tone");
        assert_eq!(heard(&two(697.0, 0.2, 770.0, 0.2, 8000)), "", "two rows");
        // A voiced sound: harmonics of a pitch that glides.
        for pitch in [90.0, 120.0, 174.25, 232.3, 241.8] {
            let voice = (0..16_000_u32).map(|n| {
                let t = f64::from(n) / 8000.0;
                let phase = TAU * pitch * (t + 0.02 * t * t);
                let sum: f64 =
                    (1..12).map(|k| libm::sin(phase * f64::from(k)) / f64::from(k)).sum();
                libm::round(sum * 8000.0) as i16
            });
            assert_eq!(heard(&voice.collect::<Vec<_>>()), "", "a voice at {pitch} Hz");
        }
    }
}

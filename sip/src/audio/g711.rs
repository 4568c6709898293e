//! A-law and µ-law (ITU-T G.711), as the reference software G.191 computes them.

use crate::sdp::negotiate::Codec;

use super::FRAME;

/// A frame of silence in A-law.
pub const SILENCE_A: [u8; FRAME] = [0xD5; FRAME];
/// A frame of silence in µ-law.
pub const SILENCE_U: [u8; FRAME] = [0xFF; FRAME];

/// A frame of silence in a codec.
pub fn silence(codec: Codec) -> &'static [u8; FRAME] {
    match codec {
        Codec::Pcma => &SILENCE_A,
        Codec::Pcmu => &SILENCE_U,
    }
}

/// Decodes a byte to 16 bits.
pub fn decode(codec: Codec, byte: u8) -> i16 {
    match codec {
        Codec::Pcma => A_TO_LINEAR[usize::from(byte)],
        Codec::Pcmu => U_TO_LINEAR[usize::from(byte)],
    }
}

/// Encodes 16 bits; of A-law's 13 and µ-law's 14 bits the lower ones are cut off.
pub fn encode(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcma => encode_a(sample),
        Codec::Pcmu => encode_u(sample),
    }
}

/// Changes a payload from one law to the other, in place, by the tables of G.711.
///
/// Unlike decoding and encoding again, µ-law → A-law → µ-law changes no value above the smallest.
pub fn convert(from: Codec, to: Codec, payload: &mut [u8]) {
    let table = match (from, to) {
        (Codec::Pcma, Codec::Pcmu) => &A_TO_U,
        (Codec::Pcmu, Codec::Pcma) => &U_TO_A,
        (Codec::Pcma, Codec::Pcma) | (Codec::Pcmu, Codec::Pcmu) => return,
    };
    for byte in payload {
        *byte = table[usize::from(*byte)];
    }
}

static A_TO_LINEAR: [i16; 256] = table_of_linear(Codec::Pcma);
static U_TO_LINEAR: [i16; 256] = table_of_linear(Codec::Pcmu);
static A_TO_U: [u8; 256] = table_of_laws(&A_TO_U_STEPS, 0xD5, 0xFF);
static U_TO_A: [u8; 256] = table_of_laws(&U_TO_A_STEPS, 0xFF, 0xD5);

const fn table_of_linear(codec: Codec) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match codec {
            Codec::Pcma => decode_a(byte),
            Codec::Pcmu => decode_u(byte),
        };
        byte += 1;
    }
    table
}

/// From steps counted outward from zero to the bytes on the wire, both signs.
#[expect(clippy::cast_possible_truncation, reason = "the index is below 256")]
const fn table_of_laws(steps: &[u8; 128], from_zero: u8, to_zero: u8) -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let step = (byte as u8 ^ from_zero) & 0x7F;
        let sign = byte as u8 & 0x80;
        table[byte] = ((to_zero ^ steps[step as usize]) & 0x7F) | sign;
        byte += 1;
    }
    table
}

#[expect(clippy::cast_possible_truncation, reason = "at most 32,256")]
const fn decode_a(byte: usize) -> i16 {
    let value = byte ^ 0x55;
    let (exponent, step) = ((value >> 4) & 7, (value & 15) as i32);
    let magnitude = match exponent {
        0 => (step << 4) + 8,
        _ => (((step + 16) << 4) + 8) << (exponent - 1),
    };
    (if value & 0x80 != 0 { magnitude } else { -magnitude }) as i16
}

#[expect(clippy::cast_possible_truncation, reason = "at most 32,124")]
const fn decode_u(byte: usize) -> i16 {
    let value = !byte;
    let (exponent, step) = ((value >> 4) & 7, (value & 15) as i32);
    let magnitude = (((step << 3) + BIAS) << exponent) - BIAS;
    (if value & 0x80 != 0 { -magnitude } else { magnitude }) as i16
}

/// What µ-law adds before it takes the logarithm, on the scale of 16 bits.
const BIAS: i32 = 132;

fn encode_a(sample: i16) -> u8 {
    // Negative values count from -1, as G.191 does: no value needs more than 12 bits.
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = (if sample < 0 { !sample } else { sample }) >> 4;
    let exponent = (12 - magnitude.leading_zeros().cast_signed()).max(0);
    let code = match exponent {
        0 => magnitude,
        _ => (magnitude >> (exponent - 1)) - 16,
    };
    let exponent = u8::try_from(exponent).expect("0 to 7");
    (sign | exponent << 4 | u8::try_from(code).expect("0 to 15")) ^ 0x55
}

fn encode_u(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = i32::from((if sample < 0 { !sample } else { sample }) >> 2) + 33;
    let magnitude = magnitude.min(0x1FFF);
    let exponent = 26 - magnitude.leading_zeros();
    let step = u8::try_from((magnitude >> (exponent + 1)) & 15).expect("four bits");
    let exponent = u8::try_from(exponent).expect("0 to 7");
    sign | (!(exponent << 4 | step) & 0x7F)
}

/// ITU-T G.711 table 3, µ-law to A-law: steps counted from 0.
#[rustfmt::skip]
const U_TO_A_STEPS: [u8; 128] = [
    0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7,
    8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    24, 26, 28, 30, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    45, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
    63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78,
    79, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95,
    96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
    112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127,
];

/// ITU-T G.711 table 4, A-law to µ-law: steps counted from 0.
#[rustfmt::skip]
const A_TO_U_STEPS: [u8; 128] = [
    1, 3, 5, 7, 9, 11, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    24, 25, 26, 27, 28, 29, 30, 31, 32, 32, 33, 33, 34, 34, 35, 35,
    36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 48, 49, 49,
    50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 64,
    65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80,
    80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95,
    96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
    112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127,
];

#[cfg(test)]
mod tests {
    use super::*;
    use Codec::{Pcma, Pcmu};

    #[test]
    fn bytes_decode_to_the_values_of_the_recommendation() {
        // ITU-T G.711 tables 1 and 2: decision values of each segment, on the scale of 16 bits.
        let a = [(0xD5, 8), (0xD4, 24), (0xC5, 264), (0xF5, 528), (0x80, 5504), (0xAA, 32_256)];
        let u = [(0xFF, 0), (0xFE, 8), (0xF0, 120), (0xEF, 132), (0xCF, 924), (0x80, 32_124)];
        for (byte, value) in a {
            assert_eq!(
                (decode(Pcma, byte), decode(Pcma, byte ^ 0x80)),
                (value, -value),
                "{byte:x}"
            );
        }
        for (byte, value) in u {
            assert_eq!(
                (decode(Pcmu, byte), decode(Pcmu, byte ^ 0x80)),
                (value, -value),
                "{byte:x}"
            );
        }
    }

    #[test]
    fn what_was_decoded_encodes_to_the_same_byte() {
        for byte in 0..=255 {
            assert_eq!(encode(Pcma, decode(Pcma, byte)), byte, "A-law {byte:x}");
            // µ-law has two zeros; the positive one is sent.
            let same = if byte == 0x7F { 0xFF } else { byte };
            assert_eq!(encode(Pcmu, decode(Pcmu, byte)), same, "µ-law {byte:x}");
        }
    }

    #[test]
    fn encoding_keeps_order_and_errs_by_half_a_step_at_most() {
        for (codec, smallest) in [(Pcma, 16), (Pcmu, 4)] {
            let mut last = i16::MIN;
            for sample in i16::MIN..=i16::MAX {
                let value = decode(codec, encode(codec, sample));
                assert!(value >= last, "{codec:?} {sample}");
                last = value;
                // Sixteen steps an octave: half of one is a 32nd of where the octave begins.
                let error = (i32::from(value) - i32::from(sample)).abs();
                let half_step = (i32::from(sample).abs() + BIAS) / 32 + smallest;
                assert!(error <= half_step, "{codec:?} {sample}: {error}, {half_step}");
            }
        }
    }

    #[test]
    fn samples_encode_as_the_reference_software_does() {
        for (sample, a, u) in [
            (0, 0xD5, 0xFF),
            (-1, 0x55, 0x7F),
            (7, 0xD5, 0xFE),
            (-8, 0x55, 0x7E),
            (1000, 0xFA, 0xCE),
            (-1000, 0x7A, 0x4E),
            (i16::MAX, 0xAA, 0x80),
            (i16::MIN, 0x2A, 0x00),
        ] {
            assert_eq!((encode(Pcma, sample), encode(Pcmu, sample)), (a, u), "{sample}");
        }
    }

    #[test]
    fn the_tables_between_the_laws_choose_a_nearest_value() {
        for (from, to) in [(Pcma, Pcmu), (Pcmu, Pcma)] {
            let values: Vec<i32> = (0..=255).map(|byte| i32::from(decode(to, byte))).collect();
            for byte in 0..=255 {
                let value = i32::from(decode(from, byte));
                let mut payload = [byte];
                convert(from, to, &mut payload);
                let error = (i32::from(decode(to, payload[0])) - value).abs();
                let nearest = values.iter().map(|other| (other - value).abs()).min().expect("256");
                assert!(error <= nearest + 8, "{from:?} {byte:x}: {error}, {nearest}");
            }
        }
    }

    #[test]
    fn a_way_through_the_other_law_and_back_changes_little() {
        let there_and_back = |from, to, byte| {
            let mut payload = [byte];
            convert(from, to, &mut payload);
            convert(to, from, &mut payload);
            payload[0]
        };
        let changed = |from, to| (0..=255).filter(|&b| there_and_back(from, to, b) != b).count();
        // Of each sign, eight pairs of the smallest µ-law steps share an A-law step, and eight pairs
        // of A-law steps share a µ-law step.
        assert_eq!((changed(Pcmu, Pcma), changed(Pcma, Pcmu)), (16, 16));
        assert_eq!(there_and_back(Pcma, Pcmu, SILENCE_A[0]), SILENCE_A[0]);
    }
}

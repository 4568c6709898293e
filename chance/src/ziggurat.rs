//! Exponential and normal numbers by the ziggurat of Marsaglia and Tsang (2000), 256 layers, one word in the common case.
//!
//! The layers are computed by the compiler with plain arithmetic, so no table has to be initialised or trusted; what is
//! rare (1 in 45 exponential, 1 in 67 normal numbers) goes through `libm`. No platform mathematics anywhere: the
//! bits are the same on every machine.

use crate::exp::const_exp as exp;
use crate::stream::{Draw, open_unit};

/// Layers of equal area under a falling density, widest first; entry 256 is the peak.
struct Layers {
    /// Right edges. Entry 0 is the width that the bottom layer would have as a rectangle, tail included.
    edge: [f64; 257],
    /// The density (not normalised) at each edge.
    height: [f64; 257],
}

/// Where the tail begins, and the area of each of the 256 layers, for density exp(−x): the pair for which the layers
/// end exactly at the peak (solved to 40 digits; `rand_distr` has the same).
const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
const EXPONENTIAL_AREA: f64 = 0.003_949_659_822_581_557;
/// The same for the half density exp(−x²/2).
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;
const NORMAL_AREA: f64 = 0.004_928_673_233_974_655;

static EXPONENTIAL: Layers = exponential_layers();
static NORMAL: Layers = normal_layers();

/// Draws a standard exponential number.
#[inline]
pub(crate) fn exponential(draw: &mut Draw) -> f64 {
    let word = draw.next_word();
    let layer = (word & 0xFF) as usize;
    let x = open_unit(word) * EXPONENTIAL.edge[layer];
    if x < EXPONENTIAL.edge[layer + 1] { x } else { exponential_rare(draw, layer, x) }
}

/// Goes on where the first word fell outside the rectangle of its layer.
#[cold]
#[inline(never)]
fn exponential_rare(draw: &mut Draw, mut layer: usize, mut x: f64) -> f64 {
    let mut start = 0.0;
    loop {
        if x < EXPONENTIAL.edge[layer + 1] {
            return start + x;
        }
        if layer == 0 {
            // The law has no memory: beyond the tail's beginning it starts anew.
            start += EXPONENTIAL_TAIL;
        } else if between(&EXPONENTIAL, layer, draw.uniform()) < libm::exp(-x) {
            return start + x;
        }
        let word = draw.next_word();
        layer = (word & 0xFF) as usize;
        x = open_unit(word) * EXPONENTIAL.edge[layer];
    }
}

/// Draws a standard normal number.
#[inline]
pub(crate) fn normal(draw: &mut Draw) -> f64 {
    let word = draw.next_word();
    let layer = (word & 0xFF) as usize;
    let x = open_unit(word) * NORMAL.edge[layer];
    let x = if x < NORMAL.edge[layer + 1] { x } else { normal_rare(draw, layer, x) };
    signed(x, word)
}

/// Gives `x` the sign of bit 8 of a word, which neither the layer nor the fraction uses.
#[inline]
fn signed(x: f64, word: u64) -> f64 {
    f64::from_bits(x.to_bits() | (word & 0x100) << 55)
}

/// Goes on where the first word fell outside the rectangle of its layer; returns a magnitude.
#[cold]
#[inline(never)]
fn normal_rare(draw: &mut Draw, mut layer: usize, mut x: f64) -> f64 {
    loop {
        if x < NORMAL.edge[layer + 1] {
            return x;
        }
        if layer == 0 {
            return normal_tail(draw);
        }
        if between(&NORMAL, layer, draw.uniform()) < libm::exp(-0.5 * x * x) {
            return x;
        }
        let word = draw.next_word();
        layer = (word & 0xFF) as usize;
        x = open_unit(word) * NORMAL.edge[layer];
    }
}

/// Draws a magnitude beyond [`NORMAL_TAIL`] (Marsaglia 1964: an exponential bound with rejection).
fn normal_tail(draw: &mut Draw) -> f64 {
    loop {
        let beyond = draw.exponential() / NORMAL_TAIL;
        if 2.0 * draw.exponential() > beyond * beyond {
            return NORMAL_TAIL + beyond;
        }
    }
}

/// Returns the height a fraction of the way up a layer.
fn between(layers: &Layers, layer: usize, fraction: f64) -> f64 {
    let (low, high) = (layers.height[layer], layers.height[layer + 1]);
    low + (high - low) * fraction
}

const fn exponential_layers() -> Layers {
    let mut layers = Layers { edge: [0.0; 257], height: [1.0; 257] };
    let mut height = exp(-EXPONENTIAL_TAIL);
    layers.edge[0] = EXPONENTIAL_AREA / height;
    layers.height[0] = 0.0;
    let mut layer = 1;
    let mut edge = EXPONENTIAL_TAIL;
    while layer < 256 {
        layers.edge[layer] = edge;
        layers.height[layer] = height;
        height += EXPONENTIAL_AREA / edge;
        edge = -ln(height);
        layer += 1;
    }
    layers
}

const fn normal_layers() -> Layers {
    let mut layers = Layers { edge: [0.0; 257], height: [1.0; 257] };
    let mut height = exp(-0.5 * NORMAL_TAIL * NORMAL_TAIL);
    layers.edge[0] = NORMAL_AREA / height;
    layers.height[0] = 0.0;
    let mut layer = 1;
    let mut edge = NORMAL_TAIL;
    while layer < 256 {
        layers.edge[layer] = edge;
        layers.height[layer] = height;
        height += NORMAL_AREA / edge;
        edge = sqrt(-2.0 * ln(height));
        layer += 1;
    }
    layers
}

/// ln(x) for the compiler and x in (0, 1]: Halley's steps 2(x − eʸ) ÷ (x + eʸ), each at most 2 long.
const fn ln(x: f64) -> f64 {
    let mut y = 0.0;
    let mut step = 0;
    while step < 12 {
        let grown = exp(y);
        y += 2.0 * (x - grown) / (x + grown);
        step += 1;
    }
    y
}

/// √x for the compiler, by Heron's steps.
const fn sqrt(x: f64) -> f64 {
    let mut root = if x > 1.0 { x } else { 1.0 };
    let mut step = 0;
    while step < 12 {
        root = 0.5 * (root + x / root);
        step += 1;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chance, Purpose, Stream};

    fn stream() -> Stream {
        Chance::new(42, 0).stream(Purpose::Patience, 0)
    }

    #[test]
    fn layers_are_those_that_libm_computes() {
        for layer in 1..=256 {
            let (x, y) = (EXPONENTIAL.edge[layer], EXPONENTIAL.height[layer]);
            assert!((y / libm::exp(-x) - 1.0).abs() < 1e-13, "exponential layer {layer}");
            let (x, y) = (NORMAL.edge[layer], NORMAL.height[layer]);
            assert!((y / libm::exp(-0.5 * x * x) - 1.0).abs() < 1e-13, "normal layer {layer}");
        }
    }

    #[test]
    fn every_layer_has_the_same_area() {
        for (layers, area) in [(&EXPONENTIAL, EXPONENTIAL_AREA), (&NORMAL, NORMAL_AREA)] {
            for layer in 1..256 {
                let rise = layers.height[layer + 1] - layers.height[layer];
                // The errors of 255 additions gather in the topmost layer.
                assert!((layers.edge[layer] * rise / area - 1.0).abs() < 1e-9, "layer {layer}");
            }
        }
        let tail = libm::exp(-EXPONENTIAL_TAIL);
        let bottom = EXPONENTIAL_TAIL * tail + tail;
        assert!((bottom / EXPONENTIAL_AREA - 1.0).abs() < 1e-12);
        let tail = (std::f64::consts::PI / 2.0).sqrt()
            * libm::erfc(NORMAL_TAIL / std::f64::consts::SQRT_2);
        let bottom = NORMAL_TAIL * NORMAL.height[1] + tail;
        assert!((bottom / NORMAL_AREA - 1.0).abs() < 1e-12);
    }

    #[test]
    fn numbers_have_the_same_bits_on_every_machine() {
        let mut sums = [0_u64; 2];
        for entity in 0..100_000 {
            sums[0] = sums[0].rotate_left(1) ^ stream().draw(entity).exponential().to_bits();
            sums[1] = sums[1].rotate_left(1) ^ stream().draw(entity).normal().to_bits();
        }
        assert_eq!(sums, [15_265_225_171_889_308_133, 13_834_432_011_518_506_632]);
    }

    #[test]
    fn rare_paths_are_as_rare_as_computed() {
        // The share of layer l outside its rectangle is 1 − edge[l + 1] ÷ edge[l]; the mean over layers is the answer.
        for (layers, expected) in [(&EXPONENTIAL, 0.0222), (&NORMAL, 0.0149)] {
            let kept: f64 = (0..256).map(|l| layers.edge[l + 1] / layers.edge[l]).sum();
            assert!((1.0 - kept / 256.0 - expected).abs() < 5e-4, "{}", 1.0 - kept / 256.0);
        }
    }

    #[test]
    fn tails_are_drawn_as_often_as_they_should_be() {
        // 2·10⁶ draws; beyond the tail's start e^−7.697 = 4.54·10⁻⁴ (907 ± 30) and erfc(3.654 ÷ √2) = 2.58·10⁻⁴ (516 ± 23).
        let count = 2_000_000;
        let (mut exponentials, mut normals) = (0_u32, 0_u32);
        for entity in 0..count {
            exponentials += u32::from(stream().draw(entity).exponential() > EXPONENTIAL_TAIL);
            normals += u32::from(stream().draw(entity).normal().abs() > NORMAL_TAIL);
        }
        let exponential = count as f64 * libm::exp(-EXPONENTIAL_TAIL);
        let normal = count as f64 * libm::erfc(NORMAL_TAIL / std::f64::consts::SQRT_2);
        for (found, expected) in [(exponentials, exponential), (normals, normal)] {
            let z = (f64::from(found) - expected) / expected.sqrt();
            assert!(z.abs() < 4.5, "{found} of {expected}");
        }
    }
}

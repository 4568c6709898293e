//! Laws compiled for drawing: constants computed once, one match per draw, no allocation.
//!
//! Every form draws a standard value and rescales it, so the same draw under another mean gives the same multiple.

use crate::exp::exp;
use crate::{Draw, Law};
use std::sync::Arc;

/// A [`Law`] ready to be drawn from; cheap to clone and to keep per contact, group or mood.
///
/// ```
/// # use chance::{Chance, Law, Purpose};
/// let calm = Law::Exponential { mean: 120.0 }.sampler();
/// let hurried = calm.scaled(0.5);
/// let stream = Chance::new(1, 0).stream(Purpose::Patience, 0);
/// assert_eq!(hurried.sample(&mut stream.draw(9)), 0.5 * calm.sample(&mut stream.draw(9)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    form: Form,
}

/// The frequent forms, drawn in line; `scale` multiplies a standard value. They are few, so that they are told apart by
/// comparisons: the jump table of a longer list costs more than the draw.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    Exponential {
        scale: f64,
    },
    /// scale · exp(sigma · z).
    Lognormal {
        scale: f64,
        sigma: f64,
    },
    Other(Other),
}

/// The less frequent forms.
#[derive(Debug, Clone, PartialEq)]
enum Other {
    Unlimited,
    Constant(f64),
    /// scale · e^power.
    Weibull {
        scale: f64,
        power: f64,
    },
    Gamma(Gamma),
    /// Upper end of each phase in (0, 1), and its mean.
    Hyperexponential {
        phases: Arc<[(f64, f64)]>,
    },
    /// min + width · u.
    Uniform {
        min: f64,
        width: f64,
    },
    Triangular(Triangular),
    Empirical {
        values: Arc<[f64]>,
        scale: f64,
    },
    /// Upper end of each part in (0, 1), and its sampler.
    Mixture {
        parts: Arc<[(f64, Sampler)]>,
    },
}

impl Sampler {
    /// Compiles a law.
    pub(crate) fn new(law: &Law) -> Self {
        let form = match law {
            Law::Unlimited => Form::Other(Other::Unlimited),
            Law::Constant(value) => Form::Other(Other::Constant(*value)),
            Law::Exponential { mean } => Form::Exponential { scale: *mean },
            Law::Lognormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                let scale = mean * libm::exp(-0.5 * variance);
                Form::Lognormal { scale, sigma: variance.sqrt() }
            }
            Law::Weibull { mean, shape } => {
                let scale = mean / libm::tgamma(1.0 + 1.0 / shape);
                Form::Other(Other::Weibull { scale, power: 1.0 / shape })
            }
            Law::Gamma { mean, shape } => Form::Other(Other::Gamma(Gamma::new(*mean, *shape))),
            Law::Hyperexponential { phases } => {
                Form::Other(Other::Hyperexponential { phases: cumulate(phases.iter().copied()) })
            }
            Law::Uniform { min, max } => {
                Form::Other(Other::Uniform { min: *min, width: max - min })
            }
            Law::Triangular { min, mode, max } => {
                let triangular = Triangular { min: *min, mode: *mode, max: *max };
                Form::Other(Other::Triangular(triangular))
            }
            Law::Empirical { values } => {
                Form::Other(Other::Empirical { values: values.as_slice().into(), scale: 1.0 })
            }
            Law::Mixture { parts } => {
                let samplers = parts.iter().map(|(share, law)| (*share, Self::new(law)));
                Form::Other(Other::Mixture { parts: cumulate(samplers) })
            }
        };
        Self { form }
    }

    /// Draws a value. Infinite where the law is unlimited; never negative, never NaN.
    #[inline]
    #[must_use]
    pub fn sample(&self, draw: &mut Draw) -> f64 {
        match &self.form {
            Form::Exponential { scale } => scale * draw.exponential(),
            Form::Lognormal { scale, sigma } => scale * exp(sigma * draw.normal()),
            Form::Other(other) => other.sample(draw),
        }
    }

    /// Returns the law of a value `factor` times as large: same draw, rescaled value. Unlimited stays unlimited.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let form = match &self.form {
            Form::Exponential { scale } => Form::Exponential { scale: factor * scale },
            Form::Lognormal { scale, sigma } => {
                Form::Lognormal { scale: factor * scale, sigma: *sigma }
            }
            Form::Other(other) => Form::Other(other.scaled(factor)),
        };
        Self { form }
    }
}

impl Other {
    #[inline(never)]
    fn sample(&self, draw: &mut Draw) -> f64 {
        match self {
            Self::Unlimited => f64::INFINITY,
            Self::Constant(value) => *value,
            Self::Weibull { scale, power } => scale * libm::pow(draw.exponential(), *power),
            Self::Gamma(gamma) => gamma.sample(draw),
            Self::Hyperexponential { phases } => {
                choose(phases, draw.uniform()) * draw.exponential()
            }
            Self::Uniform { min, width } => min + width * draw.uniform(),
            Self::Triangular(triangular) => triangular.at(draw.uniform()),
            Self::Empirical { values, scale } => {
                // The uniform number is below 1, but its product may round up to the length.
                let index = (draw.uniform() * values.len() as f64) as usize;
                scale * values[index.min(values.len() - 1)]
            }
            Self::Mixture { parts } => choose(parts, draw.uniform()).sample(draw),
        }
    }

    fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Unlimited => Self::Unlimited,
            Self::Constant(value) => Self::Constant(factor * value),
            Self::Weibull { scale, power } => {
                Self::Weibull { scale: factor * scale, power: *power }
            }
            Self::Gamma(gamma) => Self::Gamma(Gamma { scale: factor * gamma.scale, ..*gamma }),
            Self::Hyperexponential { phases } => Self::Hyperexponential {
                phases: phases.iter().map(|(upper, mean)| (*upper, factor * mean)).collect(),
            },
            Self::Uniform { min, width } => {
                Self::Uniform { min: factor * min, width: factor * width }
            }
            Self::Triangular(Triangular { min, mode, max }) => Self::Triangular(Triangular {
                min: factor * min,
                mode: factor * mode,
                max: factor * max,
            }),
            Self::Empirical { values, scale } => {
                Self::Empirical { values: Arc::clone(values), scale: factor * scale }
            }
            Self::Mixture { parts } => Self::Mixture {
                parts: parts.iter().map(|(upper, part)| (*upper, part.scaled(factor))).collect(),
            },
        }
    }
}

/// Replaces shares by the upper ends of their intervals in (0, 1).
fn cumulate<T>(parts: impl Iterator<Item = (f64, T)>) -> Arc<[(f64, T)]> {
    let mut upper = 0.0;
    parts
        .map(|(share, part)| {
            upper += share;
            (upper, part)
        })
        .collect()
}

/// Returns the part whose interval holds `uniform`; the last one where rounding left the sum below 1.
fn choose<T>(parts: &[(f64, T)], uniform: f64) -> &T {
    let last = parts.len() - 1;
    let index = parts[..last].iter().position(|(upper, _)| uniform < *upper).unwrap_or(last);
    &parts[index].1
}

/// Gamma numbers after Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gamma {
    /// Mean ÷ shape.
    scale: f64,
    /// Shape − 1/3, of the boosted shape where there is a boost.
    d: f64,
    /// 1 ÷ √(9 d).
    c: f64,
    /// 1 ÷ shape for shapes below 1: a number of shape + 1 times u^(1 ÷ shape) has that shape. Else 0.
    boost: f64,
}

impl Gamma {
    fn new(mean: f64, shape: f64) -> Self {
        let boosted = shape < 1.0;
        let d = if boosted { shape + 1.0 } else { shape } - 1.0 / 3.0;
        let boost = if boosted { 1.0 / shape } else { 0.0 };
        Self { scale: mean / shape, d, c: 1.0 / (9.0 * d).sqrt(), boost }
    }

    fn sample(&self, draw: &mut Draw) -> f64 {
        // u^boost as exp(−boost · e): one draw less and no logarithm.
        let factor = if self.boost > 0.0 { exp(-self.boost * draw.exponential()) } else { 1.0 };
        loop {
            let z = draw.normal();
            let root = 1.0 + self.c * z;
            if root <= 0.0 {
                continue;
            }
            let cube = root * root * root;
            let uniform = draw.uniform();
            let squared = z * z;
            if uniform < 1.0 - 0.0331 * squared * squared
                || libm::log(uniform) < 0.5 * squared + self.d * (1.0 - cube + libm::log(cube))
            {
                return self.scale * self.d * cube * factor;
            }
        }
    }
}

/// A triangular law, drawn by its inverse.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Triangular {
    min: f64,
    mode: f64,
    max: f64,
}

impl Triangular {
    /// Returns the quantile of a share in (0, 1).
    fn at(&self, share: f64) -> f64 {
        let width = self.max - self.min;
        let left = self.mode - self.min;
        if share * width < left {
            self.min + (share * width * left).sqrt()
        } else {
            self.max - ((1.0 - share) * width * (self.max - self.mode)).sqrt()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chance, Purpose};

    fn laws() -> Vec<Law> {
        vec![
            Law::Constant(90.0),
            Law::Exponential { mean: 90.0 },
            Law::Lognormal { mean: 90.0, cv: 1.5 },
            Law::Weibull { mean: 90.0, shape: 0.7 },
            Law::Gamma { mean: 90.0, shape: 4.0 },
            Law::Gamma { mean: 90.0, shape: 0.5 },
            Law::Hyperexponential { phases: vec![(0.3, 200.0), (0.7, 30.0)] },
            Law::Uniform { min: 30.0, max: 150.0 },
            Law::Triangular { min: 0.0, mode: 30.0, max: 240.0 },
            Law::Empirical { values: vec![30.0, 60.0, 120.0] },
            Law::Mixture {
                parts: vec![(0.1, Law::Constant(5.0)), (0.9, Law::Exponential { mean: 60.0 })],
            },
        ]
    }

    fn draw(entity: u64) -> Draw {
        Chance::new(3, 0).stream(Purpose::Talk, 1).draw(entity)
    }

    #[test]
    fn a_factor_rescales_and_never_draws_anew() {
        for law in laws() {
            let (plain, tripled) = (law.sampler(), law.sampler().scaled(3.0));
            for entity in 0..1000 {
                let (one, three) =
                    (plain.sample(&mut draw(entity)), tripled.sample(&mut draw(entity)));
                assert!((three - 3.0 * one).abs() <= 1e-12 * three, "{law:?}: {one} and {three}");
            }
        }
    }

    #[test]
    fn values_have_the_same_bits_on_every_machine() {
        let hashes: Vec<u64> = laws()
            .iter()
            .map(|law| {
                let sampler = law.sampler();
                (0..10_000).fold(0_u64, |hash, entity| {
                    hash.rotate_left(1) ^ sampler.sample(&mut draw(entity)).to_bits()
                })
            })
            .collect();
        assert_eq!(hashes, GOLDEN_HASHES);
    }

    const GOLDEN_HASHES: [u64; 11] = [
        13_820_843_568_958_291_917,
        15_254_640_640_568_398_456,
        12_523_090_016_059_186_843,
        6_293_472_777_333_273_968,
        1_904_656_698_421_961_770,
        7_416_389_469_365_020_520,
        15_230_701_453_395_995_222,
        13_797_933_658_068_948_561,
        10_687_425_622_565_191_020,
        5_473_951_063_548_131_925,
        13_165_239_095_417_659_591,
    ];

    #[test]
    fn a_law_compiled_or_not_gives_the_same_value() {
        for law in laws() {
            assert_eq!(law.sample(&mut draw(1)), law.sampler().sample(&mut draw(1)));
        }
    }

    #[test]
    fn unlimited_stays_unlimited_even_times_zero() {
        let sampler = Law::Unlimited.sampler().scaled(0.0);
        assert_eq!(sampler.sample(&mut draw(1)), f64::INFINITY);
    }

    #[test]
    fn a_mean_of_zero_gives_zero() {
        for law in laws() {
            assert_eq!(law.sampler().scaled(0.0).sample(&mut draw(1)), 0.0, "{law:?}");
        }
    }

    #[test]
    fn shares_that_fall_short_of_one_by_rounding_still_choose() {
        let parts = [(0.5, 1), (1.0 - 1e-16, 2)];
        assert_eq!(*choose(&parts, 1.0 - f64::EPSILON / 2.0), 2);
    }

    #[test]
    fn triangular_quantiles_meet_at_the_mode() {
        let triangular = Triangular { min: 0.0, mode: 30.0, max: 120.0 };
        assert!((triangular.at(0.25) - 30.0).abs() < 1e-12);
        // Without a slope on one side the law is a half triangle.
        let falling = Triangular { min: 1.0, mode: 1.0, max: 2.0 };
        assert!((falling.at(0.75) - 1.5).abs() < 1e-12);
    }
}

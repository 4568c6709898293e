//! Laws of durations and sizes: what they are, their mean and their coefficient of variation.
//!
//! Drawing from them is [`Sampler`]'s work.

use crate::{Draw, Sampler};

/// A probability law of a non-negative number (seconds, or a size).
///
/// Parameters are valid where `scenarios` made it: finite, not negative, shapes positive, lists not empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Never ends; patience only.
    Unlimited,
    /// Always the same.
    Constant(f64),
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Lognormal by mean and coefficient of variation.
    Lognormal {
        /// Mean.
        mean: f64,
        /// sd ÷ mean.
        cv: f64,
    },
    /// Weibull by mean and shape.
    Weibull {
        /// Mean.
        mean: f64,
        /// Shape; 1 is exponential.
        shape: f64,
    },
    /// Gamma by mean and shape.
    Gamma {
        /// Mean.
        mean: f64,
        /// Shape.
        shape: f64,
    },
    /// Exponential with one of several means.
    Hyperexponential {
        /// Probability and mean of each phase; probabilities add to 1.
        phases: Vec<(f64, f64)>,
    },
    /// Uniform.
    Uniform {
        /// Lowest.
        min: f64,
        /// Highest.
        max: f64,
    },
    /// Triangular.
    Triangular {
        /// Lowest.
        min: f64,
        /// Most likely.
        mode: f64,
        /// Highest.
        max: f64,
    },
    /// Drawn from recorded values, each alike (sorted ascending); no interpolation.
    Empirical {
        /// The values, ascending.
        values: Vec<f64>,
    },
    /// A mixture: one of several laws.
    Mixture {
        /// Probability and law of each part; probabilities add to 1.
        parts: Vec<(f64, Self)>,
    },
}

impl Law {
    /// Returns the mean; infinite for [`Law::Unlimited`].
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.moments().0
    }

    /// Returns the coefficient of variation, sd ÷ mean (0 where the mean is 0, NaN for unlimited).
    #[must_use]
    pub fn cv(&self) -> f64 {
        let (mean, second) = self.moments();
        if mean == 0.0 {
            return 0.0;
        }
        // Relative to the mean before the subtraction; rounding must not make a variance negative.
        let squared = second / mean / mean - 1.0;
        if squared.is_nan() { f64::NAN } else { squared.max(0.0).sqrt() }
    }

    /// Returns the first two moments about zero.
    fn moments(&self) -> (f64, f64) {
        match self {
            Self::Unlimited => (f64::INFINITY, f64::INFINITY),
            Self::Constant(value) => (*value, value * value),
            Self::Exponential { mean } => (*mean, 2.0 * mean * mean),
            Self::Lognormal { mean, cv } => (*mean, mean * mean * (1.0 + cv * cv)),
            Self::Weibull { mean, shape } => {
                // Γ(1 + 2/k) ÷ Γ(1 + 1/k)², by logarithms because both overflow for small shapes.
                let ratio = libm::lgamma(1.0 + 2.0 / shape) - 2.0 * libm::lgamma(1.0 + 1.0 / shape);
                (*mean, mean * mean * libm::exp(ratio))
            }
            Self::Gamma { mean, shape } => (*mean, mean * mean * (1.0 + 1.0 / shape)),
            Self::Hyperexponential { phases } => {
                total(phases.iter().map(|(share, mean)| (*share, (*mean, 2.0 * mean * mean))))
            }
            Self::Uniform { min, max } => {
                (0.5 * (min + max), (min * min + min * max + max * max) / 3.0)
            }
            Self::Triangular { min: a, mode: b, max: c } => {
                ((a + b + c) / 3.0, (a * a + b * b + c * c + a * b + a * c + b * c) / 6.0)
            }
            Self::Empirical { values } => {
                let share = 1.0 / values.len() as f64;
                total(values.iter().map(|value| (share, (*value, value * value))))
            }
            Self::Mixture { parts } => {
                total(parts.iter().map(|(share, law)| (*share, law.moments())))
            }
        }
    }

    /// Compiles the law: what does not depend on the draw is computed once. Hot paths keep the result.
    #[must_use]
    pub fn sampler(&self) -> Sampler {
        Sampler::new(self)
    }

    /// Draws a value. The same draw gives the same standard value: another mean only rescales it. Infinite for [`Law::Unlimited`].
    ///
    /// Compiles the law each time; [`Law::sampler`] does it once, with the same bits.
    #[must_use]
    pub fn sample(&self, draw: &mut Draw) -> f64 {
        self.sampler().sample(draw)
    }

    /// Returns whether every value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Constant(value) if *value == 0.0)
    }
}

/// Adds moments by share. A part without a share does not count, though its moments be infinite.
fn total(parts: impl Iterator<Item = (f64, (f64, f64))>) -> (f64, f64) {
    parts.filter(|(share, _)| *share > 0.0).fold((0.0, 0.0), |sum, (share, (mean, second))| {
        (sum.0 + share * mean, sum.1 + share * second)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_moments(law: &Law, mean: f64, cv: f64) {
        assert!((law.mean() - mean).abs() <= 1e-12 * mean, "{law:?}: mean {}", law.mean());
        assert!((law.cv() - cv).abs() <= 1e-9, "{law:?}: cv {}", law.cv());
    }

    #[test]
    fn mean_and_variation_follow_the_textbook() {
        assert_moments(&Law::Constant(3.0), 3.0, 0.0);
        assert_moments(&Law::Exponential { mean: 3.0 }, 3.0, 1.0);
        assert_moments(&Law::Lognormal { mean: 3.0, cv: 1.5 }, 3.0, 1.5);
        assert_moments(&Law::Gamma { mean: 3.0, shape: 4.0 }, 3.0, 0.5);
        assert_moments(&Law::Weibull { mean: 3.0, shape: 1.0 }, 3.0, 1.0);
        // Shape 2 is Rayleigh's law: cv² = 4/π − 1.
        let rayleigh = (4.0 / std::f64::consts::PI - 1.0).sqrt();
        assert_moments(&Law::Weibull { mean: 3.0, shape: 2.0 }, 3.0, rayleigh);
        assert_moments(&Law::Uniform { min: 0.0, max: 6.0 }, 3.0, 1.0 / 3.0_f64.sqrt());
        let triangular = Law::Triangular { min: 0.0, mode: 3.0, max: 6.0 };
        assert_moments(&triangular, 3.0, 1.0 / 6.0_f64.sqrt());
        assert_moments(&Law::Empirical { values: vec![1.0, 3.0] }, 2.0, 0.5);
        let phases = vec![(0.5, 1.0), (0.5, 3.0)];
        assert_moments(&Law::Hyperexponential { phases }, 2.0, 1.5_f64.sqrt());
    }

    #[test]
    fn a_mixture_has_the_moments_of_its_parts() {
        let parts = vec![
            (0.5, Law::Exponential { mean: 1.0 }),
            (0.5, Law::Exponential { mean: 3.0 }),
            (0.0, Law::Unlimited),
        ];
        assert_moments(&Law::Mixture { parts }, 2.0, 1.5_f64.sqrt());
    }

    #[test]
    fn unlimited_has_an_infinite_mean_and_no_variation() {
        assert_eq!(Law::Unlimited.mean(), f64::INFINITY);
        assert!(Law::Unlimited.cv().is_nan());
    }

    #[test]
    fn a_law_of_zeros_varies_by_nothing() {
        assert_eq!(Law::Exponential { mean: 0.0 }.cv(), 0.0);
        assert!(Law::Constant(0.0).is_zero());
        assert!(!Law::Unlimited.is_zero());
    }
}

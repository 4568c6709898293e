//! Laws of durations and sizes, drawn in standard form and scaled.

/// A probability law of a non-negative number (seconds, or a size). Parameters are valid where `scenarios` made it.
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
        parts: Vec<(f64, Law)>,
    },
}

impl Law {
    /// Returns the mean; infinite for [`Law::Unlimited`].
    #[must_use]
    pub fn mean(&self) -> f64 {
        todo!()
    }

    /// Returns the coefficient of variation (0 for a constant, NaN for unlimited).
    #[must_use]
    pub fn cv(&self) -> f64 {
        todo!()
    }

    /// Draws a value. The same draw gives the same standard value: another mean only rescales it. Infinite for [`Law::Unlimited`].
    #[inline]
    #[must_use]
    pub fn sample(&self, draw: &mut crate::Draw) -> f64 {
        let _ = draw;
        todo!()
    }

    /// Returns whether every value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Constant(value) if *value == 0.0)
    }
}

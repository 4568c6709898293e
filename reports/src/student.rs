//! Student's t: how wide an interval of confidence is.

/// Returns t such that a Student variable with `freedom` degrees of freedom lies within ±t with probability 95 %.
///
/// Found by bisection on the distribution function, to about twelve digits.
pub(crate) fn t95(freedom: u32) -> f64 {
    if freedom == 0 {
        return f64::INFINITY;
    }
    let freedom = f64::from(freedom);
    // One degree of freedom needs 12.7, more need less.
    let (mut low, mut high) = (1.9_f64, 13.0_f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if outside(middle, freedom) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// P(|T| > t): the regularised incomplete beta function at ν ÷ (ν + t²) with parameters ν ÷ 2 and ½.
fn outside(t: f64, freedom: f64) -> f64 {
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log1p(-x);
    let front = libm::exp(log_front);
    // The fraction converges fast only below the mean.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const STEPS_MAX: u32 = 500;
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=STEPS_MAX {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Abramowitz and Stegun, table 26.10, with further digits from the closed forms for 1, 2 and 4 degrees.
        let known = [
            (1, 12.706_204_736_2),
            (2, 4.302_652_729_7),
            (3, 3.182_446_305_3),
            (4, 2.776_445_105_2),
            (9, 2.262_157_162_8),
            (19, 2.093_024_054_4),
            (29, 2.045_229_642_1),
            (99, 1.984_216_951_6),
            (999, 1.962_341_461_1),
        ];
        for (freedom, expected) in known {
            assert!((t95(freedom) - expected).abs() < 1e-8, "{freedom}: {}", t95(freedom));
        }
    }

    #[test]
    fn with_many_degrees_it_is_the_normal_law() {
        assert!((t95(1_000_000) - 1.959_964).abs() < 1e-5);
    }
}

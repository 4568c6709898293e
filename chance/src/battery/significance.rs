//! From a statistic to its two-sided p value.

/// Of a standard normal statistic.
pub(super) fn of_normal(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Of a chi-square statistic, by Wilson and Hilferty's cube root (good to 1 % in the tails for 30 degrees and more).
pub(super) fn of_chi_square(statistic: f64, degrees: f64) -> f64 {
    let variance = 2.0 / (9.0 * degrees);
    of_normal((libm::cbrt(statistic / degrees) - (1.0 - variance)) / variance.sqrt())
}

/// Of counts that should be equal.
pub(super) fn of_equal_counts(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let expected = total as f64 / counts.len() as f64;
    let squares: f64 =
        counts.iter().map(|count| (*count as f64 - expected) * (*count as f64 - expected)).sum();
    of_chi_square(squares / expected, counts.len() as f64 - 1.0)
}

/// Of counts with given probabilities that add to 1; cells that expect fewer than 10 are merged with their successors.
pub(super) fn of_counts(counts: &[u64], probabilities: &[f64]) -> f64 {
    let total = counts.iter().sum::<u64>() as f64;
    let (mut statistic, mut cells, mut seen, mut share) = (0.0, 0.0, 0.0, 0.0);
    // What is left after a cell must be able to make one, else the cell takes it all.
    let mut left = 1.0;
    for (count, probability) in counts.iter().zip(probabilities) {
        seen += *count as f64;
        share += probability;
        left -= probability;
        let is_last = left * total < 10.0;
        if share * total >= 10.0 && !is_last {
            statistic += (seen - share * total) * (seen - share * total) / (share * total);
            (cells, seen, share) = (cells + 1.0, 0.0, 0.0);
        }
    }
    share += left.max(0.0);
    statistic += (seen - share * total) * (seen - share * total) / (share * total);
    of_chi_square(statistic, cells)
}

/// Of the largest distance between an empirical distribution (equal cells) and the uniform one, by Kolmogorov's limit.
pub(super) fn of_kolmogorov(counts: &[u64]) -> f64 {
    let total = counts.iter().sum::<u64>() as f64;
    let (mut below, mut distance) = (0_u64, 0.0_f64);
    for (cell, count) in counts.iter().enumerate() {
        below += count;
        let expected = (cell + 1) as f64 / counts.len() as f64;
        distance = distance.max((below as f64 / total - expected).abs());
    }
    // Equal counts have no distance at all, where the series would divide by zero.
    let lambda = (distance * total.sqrt()).max(1e-3);
    // Upper tail, 2 Σ (−1)^(k−1) exp(−2 k² λ²); below 0.3 the series needs more terms and the tail is 1.
    if lambda < 0.3 {
        return of_low_kolmogorov(lambda);
    }
    let mut tail = 0.0;
    let mut sign = 1.0;
    for k in 1..=40 {
        let k = f64::from(k);
        tail += sign * libm::exp(-2.0 * k * k * lambda * lambda);
        sign = -sign;
    }
    let upper = (2.0 * tail).clamp(0.0, 1.0);
    2.0 * upper.min(1.0 - upper)
}

/// The lower tail by the other form of Kolmogorov's law: √(2π) ÷ λ · exp(−π² ÷ 8λ²).
fn of_low_kolmogorov(lambda: f64) -> f64 {
    use std::f64::consts::PI;
    2.0 * (2.0 * PI).sqrt() / lambda * libm::exp(-PI * PI / (8.0 * lambda * lambda))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_from_tables_have_their_p_values() {
        // Two-sided: the 97.5 % points of N(0, 1) and of chi-square with 100 degrees; the 95 % point of Kolmogorov.
        assert!((of_normal(1.959_964) - 0.05).abs() < 1e-6);
        assert!((of_chi_square(129.561, 100.0) - 0.05).abs() < 5e-4);
        assert!((of_chi_square(74.222, 100.0) - 0.05).abs() < 5e-4);
    }

    #[test]
    fn a_perfect_fit_is_as_suspicious_as_a_bad_one() {
        assert!(of_equal_counts(&[1000; 256]) < 1e-9);
        assert!(of_kolmogorov(&[1000; 256]) < 1e-9);
        let mut skewed = [1000; 256];
        skewed[0] = 2000;
        assert!(of_equal_counts(&skewed) < 1e-9);
    }
}

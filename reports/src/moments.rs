//! Running means and co-moments over replications, and the intervals of confidence that follow.

use crate::student::t95;

/// How one more replication changes sums of squares about the mean. Means are not kept: the merged totals have them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    before: f64,
    weight: f64,
}

impl Step {
    /// The step after a number of replications.
    pub(crate) fn after(before: u32) -> Self {
        let before = f64::from(before);
        Self { before, weight: before / (before + 1.0) }
    }

    /// How far a value is from the mean of those before it.
    #[inline]
    fn off(self, sum: f64, value: f64) -> f64 {
        if self.before > 0.0 { value - sum / self.before } else { 0.0 }
    }

    /// Returns what a value adds to the sum of squares, given the sum of those before it.
    #[inline]
    pub(crate) fn squares(self, sum: f64, value: f64) -> f64 {
        let off = self.off(sum, value);
        off * off * self.weight
    }
}

/// Sums of squares and products about the means, of a numerator and a denominator per replication.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RatioMoments {
    xx: f64,
    yy: f64,
    xy: f64,
}

impl RatioMoments {
    /// Adds a replication, given the sums of those before it.
    #[inline]
    pub(crate) fn add(&mut self, step: Step, sums: (f64, f64), (x, y): (f64, f64)) {
        let (off_x, off_y) = (step.off(sums.0, x), step.off(sums.1, y));
        self.xx += off_x * off_x * step.weight;
        self.yy += off_y * off_y * step.weight;
        self.xy += off_x * off_y * step.weight;
    }

    /// Half the width of the interval of the ratio of means, by the delta method:
    /// variance (S_X² + ν² S_Y² − 2 ν S_XY) ÷ (n Ȳ²).
    pub(crate) fn half_width(&self, (x, y): (f64, f64), confidence: Confidence) -> Option<f64> {
        if y == 0.0 {
            return None;
        }
        let ratio = x / y;
        let squares = self.xx + ratio * ratio * self.yy - 2.0 * ratio * self.xy;
        Some(confidence.half_width(squares)? / (y / confidence.n).abs())
    }
}

/// A number of values, and Student's t for the interval of their mean: computing it takes longer than a thousand uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confidence {
    n: f64,
    /// `None` below two values.
    t: Option<f64>,
}

impl Confidence {
    /// Of `n` values.
    pub(crate) fn of(n: u32) -> Self {
        Self { n: f64::from(n), t: (n > 1).then(|| t95(n - 1)) }
    }

    /// Half the width of the interval of a mean, t S ÷ √n, from the sum of squares about it.
    pub(crate) fn half_width(self, squares: f64) -> Option<f64> {
        let variance = squares / (self.n - 1.0) / self.n;
        // Rounding may leave a variance of nothing slightly negative.
        self.t.map(|t| t * libm::sqrt(variance.max(0.0)))
    }
}

/// Half the width of an interval by leaving out one group of replications after the other.
///
/// `groups` holds each group's number of replications and the figure without it; `confidence` is of their number. Groups of unequal size are
/// weighed after Busing, Meijer and van der Leeden, *Delete-m jackknife for unequal m* (1999).
pub(crate) fn jackknife_half_width(
    figure: f64,
    groups: &[(u32, f64)],
    confidence: Confidence,
) -> Option<f64> {
    let g = groups.len();
    let t = confidence.t?;
    let n: f64 = groups.iter().map(|(size, _)| f64::from(*size)).sum();
    let parts = || groups.iter().map(|(size, without)| (n / f64::from(*size), *without));
    let centre =
        g as f64 * figure - parts().map(|(h, without)| (1.0 - 1.0 / h) * without).sum::<f64>();
    let variance = parts()
        .map(|(h, without)| {
            let off = h * figure - (h - 1.0) * without - centre;
            off * off / (h - 1.0)
        })
        .sum::<f64>()
        / g as f64;
    Some(t * libm::sqrt(variance.max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds up the squares of values about their mean, one by one.
    fn squares(values: &[f64]) -> f64 {
        let (mut sum, mut squares) = (0.0, 0.0);
        for (before, value) in (0..).zip(values) {
            squares += Step::after(before).squares(sum, *value);
            sum += value;
        }
        squares
    }

    #[test]
    fn a_counts_interval_is_t_s_over_root_n() {
        let squares = squares(&[2.0, 4.0, 9.0]);
        // Mean 5, S² = (9 + 1 + 16) / 2 = 13.
        let expected = 4.302_652_729_7 * libm::sqrt(13.0 / 3.0);
        assert!((Confidence::of(3).half_width(squares).expect("three") - expected).abs() < 1e-8);
        assert_eq!(Confidence::of(1).half_width(0.0), None);
    }

    #[test]
    fn a_ratios_interval_is_the_delta_methods() {
        let mut moments = RatioMoments::default();
        let days = [(8.0, 10.0), (9.0, 12.0), (16.0, 20.0)];
        let mut sums = (0.0, 0.0);
        for (before, day) in (0..).zip(days) {
            moments.add(Step::after(before), sums, day);
            sums = (sums.0 + day.0, sums.1 + day.1);
        }
        // Ratio 33/42; residuals x − ratio·y sum to zero, so the variance is theirs.
        let ratio = 33.0 / 42.0;
        let residuals: f64 = days.iter().map(|(x, y)| (x - ratio * y) * (x - ratio * y)).sum();
        let expected = 4.302_652_729_7 * libm::sqrt(residuals / 2.0 / 3.0) / 14.0;
        assert!(
            (moments.half_width(sums, Confidence::of(3)).expect("three") - expected).abs() < 1e-9
        );
    }

    #[test]
    fn the_jackknife_of_a_mean_is_the_means_own_interval() {
        let values = [2.0, 4.0, 9.0, 1.0];
        let mean = 4.0;
        let groups: Vec<(u32, f64)> = values.iter().map(|x| (1, (16.0 - x) / 3.0)).collect();
        let four = Confidence::of(4);
        let (jackknife, own) =
            (jackknife_half_width(mean, &groups, four), four.half_width(squares(&values)));
        assert!((jackknife.expect("four") - own.expect("four")).abs() < 1e-12);
        assert_eq!(jackknife_half_width(4.0, &groups[..1], Confidence::of(1)), None);
    }
}

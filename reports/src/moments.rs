//! Running means and co-moments over replications, and the intervals of confidence that follow.

use crate::student::t95;

/// Mean and spread of a number per replication.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CountMoments {
    mean: f64,
    squares: f64,
}

impl CountMoments {
    /// Adds the `n`-th replication, counted from 1.
    #[inline]
    pub(crate) fn add(&mut self, n: f64, x: f64) {
        let off = x - self.mean;
        self.mean += off / n;
        self.squares += off * (x - self.mean);
    }

    /// Half the width of the interval of the mean: t S ÷ √n.
    pub(crate) fn half_width(&self, n: u32) -> Option<f64> {
        half_width(n, self.squares / (f64::from(n) - 1.0) / f64::from(n))
    }
}

/// Means and co-moments of a numerator and a denominator per replication.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RatioMoments {
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl RatioMoments {
    /// Adds the `n`-th replication, counted from 1.
    #[inline]
    pub(crate) fn add(&mut self, n: f64, (x, y): (f64, f64)) {
        let (off_x, off_y) = (x - self.mean_x, y - self.mean_y);
        self.mean_x += off_x / n;
        self.mean_y += off_y / n;
        self.xx += off_x * (x - self.mean_x);
        self.yy += off_y * (y - self.mean_y);
        self.xy += off_x * (y - self.mean_y);
    }

    /// Half the width of the interval of the ratio of means, by the delta method:
    /// variance (S_X² + ν² S_Y² − 2 ν S_XY) ÷ (n Ȳ²).
    pub(crate) fn half_width(&self, n: u32) -> Option<f64> {
        if self.mean_y == 0.0 {
            return None;
        }
        let ratio = self.mean_x / self.mean_y;
        let squares = self.xx + ratio * ratio * self.yy - 2.0 * ratio * self.xy;
        let n_float = f64::from(n);
        half_width(n, squares / (n_float - 1.0) / n_float / (self.mean_y * self.mean_y))
    }
}

fn half_width(n: u32, variance: f64) -> Option<f64> {
    // Rounding may leave a variance of nothing slightly negative.
    (n > 1).then(|| t95(n - 1) * libm::sqrt(variance.max(0.0)))
}

/// Half the width of an interval by leaving out one group of replications after the other.
///
/// `groups` holds each group's number of replications and the figure without it. Groups of unequal size are
/// weighed after Busing, Meijer and van der Leeden, *Delete-m jackknife for unequal m* (1999).
pub(crate) fn jackknife_half_width(figure: f64, groups: &[(u32, f64)]) -> Option<f64> {
    let g = groups.len();
    if g < 2 {
        return None;
    }
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
    Some(t95(g as u32 - 1) * libm::sqrt(variance.max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counts_interval_is_t_s_over_root_n() {
        let mut moments = CountMoments::default();
        for (n, x) in [2.0, 4.0, 9.0].into_iter().enumerate() {
            moments.add(n as f64 + 1.0, x);
        }
        // Mean 5, S² = (9 + 1 + 16) / 2 = 13.
        let expected = 4.302_652_729_7 * libm::sqrt(13.0 / 3.0);
        assert!((moments.half_width(3).expect("three") - expected).abs() < 1e-8);
        assert_eq!(moments.half_width(1), None);
    }

    #[test]
    fn a_ratios_interval_is_the_delta_methods() {
        let mut moments = RatioMoments::default();
        let days = [(8.0, 10.0), (9.0, 12.0), (16.0, 20.0)];
        for (n, day) in days.into_iter().enumerate() {
            moments.add(n as f64 + 1.0, day);
        }
        // Ratio 33/42; residuals x − ratio·y sum to zero, so the variance is theirs.
        let ratio = 33.0 / 42.0;
        let residuals: f64 = days.iter().map(|(x, y)| (x - ratio * y) * (x - ratio * y)).sum();
        let expected = 4.302_652_729_7 * libm::sqrt(residuals / 2.0 / 3.0) / 14.0;
        assert!((moments.half_width(3).expect("three") - expected).abs() < 1e-9);
    }

    #[test]
    fn the_jackknife_of_a_mean_is_the_means_own_interval() {
        let values = [2.0, 4.0, 9.0, 1.0];
        let mean = 4.0;
        let groups: Vec<(u32, f64)> = values.iter().map(|x| (1, (16.0 - x) / 3.0)).collect();
        let mut moments = CountMoments::default();
        for (n, x) in values.into_iter().enumerate() {
            moments.add(n as f64 + 1.0, x);
        }
        let (jackknife, own) = (jackknife_half_width(mean, &groups), moments.half_width(4));
        assert!((jackknife.expect("four") - own.expect("four")).abs() < 1e-12);
        assert_eq!(jackknife_half_width(4.0, &groups[..1]), None);
    }
}

//! Standard errors by the jackknife over groups of replications, and the verdict on a row.

use super::measure::Kind;

/// A value and its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

/// Returns the pool of all groups.
///
/// # Panics
/// There is no group.
pub fn pool<P: Clone>(groups: &[P], merge: &impl Fn(&mut P, &P)) -> P {
    let mut all = groups[0].clone();
    for group in &groups[1..] {
        merge(&mut all, group);
    }
    all
}

/// Estimates figures and their standard errors: each is read off all groups together and off all but one.
///
/// A figure that some pool does not have is `None`. Groups must be independent and alike; two at least.
pub fn jackknife<P: Clone>(
    groups: &[P],
    merge: &impl Fn(&mut P, &P),
    read: &impl Fn(&P) -> Vec<Option<f64>>,
) -> Vec<Option<Estimate>> {
    let whole = read(&pool(groups, merge));
    let mut without = Vec::with_capacity(groups.len());
    leave_one_out(groups, None, merge, &mut |rest| without.push(read(rest)));
    let count = groups.len() as f64;
    let estimate = |(i, value): (usize, &Option<f64>)| {
        let values: Option<Vec<f64>> = without.iter().map(|figures| figures[i]).collect();
        let (value, values) = ((*value)?, values?);
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|one| (one - mean) * (one - mean)).sum();
        Some(Estimate { value, error: libm::sqrt(squares * (count - 1.0) / count) })
    };
    whole.iter().enumerate().map(estimate).collect()
}

/// Visits, for each group in order, the pool of all others. Halving needs n·log n merges, not n².
fn leave_one_out<P: Clone>(
    groups: &[P],
    outside: Option<P>,
    merge: &impl Fn(&mut P, &P),
    visit: &mut impl FnMut(&P),
) {
    if let [_] = groups {
        if let Some(rest) = &outside {
            visit(rest);
        }
        return;
    }
    let (left, right) = groups.split_at(groups.len() / 2);
    for (inside, other) in [(left, right), (right, left)] {
        let others = pool(other, merge);
        let pooled = match &outside {
            Some(outside) => {
                let mut pooled = outside.clone();
                merge(&mut pooled, &others);
                pooled
            }
            None => others,
        };
        leave_one_out(inside, Some(pooled), merge, visit);
    }
}

/// The largest |t| that passes: of 2000 rows over three seeds one fails by chance in forty suites.
pub const T_MAX: f64 = 4.6;

/// What a row is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// The largest standard error.
    pub error_max: f64,
    /// A difference up to this passes whatever its error.
    pub tolerance: f64,
}

/// Whether a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// The difference is larger than chance explains.
    Differs,
    /// The standard error is still too large after the most calls that may be spent.
    Unsure,
    /// The run does not tell the figure.
    Absent,
}

impl Verdict {
    /// Returns the word of the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "ok",
            Self::Differs => "DIFFERS",
            Self::Unsure => "UNSURE",
            Self::Absent => "ABSENT",
        }
    }
}

/// Returns what a row is held to. `precision` multiplies the standard errors allowed, nothing else.
#[must_use]
pub fn demand(kind: Kind, expected: f64, terms: Terms, precision: f64) -> Demand {
    let size = expected.abs();
    let relative = match kind {
        Kind::Variance => 0.02,
        Kind::Share | Kind::CountPerDay | Kind::AgentSeconds | Kind::Quantile | Kind::Plain => {
            0.005
        }
    };
    let relative = if terms.is_near_critical { f64::max(relative, 0.01) } else { relative };
    let (least, tolerance) = match kind {
        Kind::Share | Kind::CountPerDay => (0.001, 0.0),
        Kind::AgentSeconds => (1.0, 0.1),
        Kind::Quantile => (0.0, 0.002 * size),
        Kind::Variance | Kind::Plain => (0.0, 0.0),
    };
    let approximate = if terms.is_approximate { 0.002 * size } else { 0.0 };
    let tolerance = [tolerance, approximate, terms.tolerance, 1e-6].into_iter().fold(0.0, f64::max);
    // An exact zero cannot be met to half a per cent of itself.
    Demand { error_max: f64::max(relative * size, least).max(1e-6) * precision, tolerance }
}

/// What is particular to a case or row.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Terms {
    /// The queue forgets so slowly that one per cent is asked, not half.
    pub is_near_critical: bool,
    /// The expected value is an approximation good to 0.2 %.
    pub is_approximate: bool,
    /// Accuracy of the expected value.
    pub tolerance: f64,
}

/// Judges an estimate against the exact answer; returns t with it.
#[must_use]
pub fn judge(estimate: Option<Estimate>, expected: f64, demand: Demand) -> (f64, Verdict) {
    let Some(Estimate { value, error }) = estimate else {
        return (f64::NAN, Verdict::Absent);
    };
    let difference = value - expected;
    let t = if error > 0.0 { difference / error } else { difference.signum() * f64::INFINITY };
    let verdict = if difference.abs() > demand.tolerance && t.abs() > T_MAX {
        Verdict::Differs
    } else if error > demand.error_max {
        Verdict::Unsure
    } else {
        Verdict::Holds
    };
    (if difference == 0.0 { 0.0 } else { t }, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without pattern, from 0 to 1.
    fn numbers(count: usize) -> Vec<f64> {
        (0..count).map(|i| libm::fmod((i as f64 + 0.5) * 0.618_033_988_75, 1.0)).collect()
    }

    #[derive(Clone, Copy)]
    struct Sums {
        count: f64,
        sum: f64,
    }

    fn add(sums: &mut Sums, other: &Sums) {
        sums.count += other.count;
        sums.sum += other.sum;
    }

    #[test]
    fn jackknife_of_a_mean_is_its_standard_error() {
        let values = numbers(100);
        let groups: Vec<_> = values.iter().map(|sum| Sums { count: 1.0, sum: *sum }).collect();
        let read = |sums: &Sums| vec![Some(sums.sum / sums.count)];
        let estimate = jackknife(&groups, &add, &read)[0].expect("a mean");
        let mean = values.iter().sum::<f64>() / 100.0;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        assert!((estimate.value - mean).abs() < 1e-12);
        assert!((estimate.error - libm::sqrt(squares / 99.0 / 100.0)).abs() < 1e-12);
    }

    #[test]
    fn every_group_is_left_out_once_and_in_order() {
        let groups: Vec<_> = (0..7).map(|i| Sums { count: 1.0, sum: f64::from(i) }).collect();
        let mut left_out = Vec::new();
        leave_one_out(&groups, None, &add, &mut |rest| left_out.push(21.0 - rest.sum));
        assert_eq!(left_out, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn a_figure_that_is_missing_somewhere_is_absent() {
        let groups = [Sums { count: 1.0, sum: 0.0 }, Sums { count: 1.0, sum: 2.0 }];
        let read = |sums: &Sums| vec![(sums.sum > 0.0).then_some(1.0)];
        assert_eq!(jackknife(&groups, &add, &read), [None]);
    }

    #[test]
    fn a_difference_beyond_chance_fails_and_a_large_error_too() {
        let demand = demand(Kind::Plain, 10.0, Terms::default(), 1.0);
        let judged = |value, error| judge(Some(Estimate { value, error }), 10.0, demand).1;
        assert_eq!(judged(10.1, 0.04), Verdict::Holds);
        assert_eq!(judged(10.2, 0.04), Verdict::Differs);
        assert_eq!(judged(10.1, 0.06), Verdict::Unsure);
        assert_eq!(judged(10.0, 0.0), Verdict::Holds);
        assert_eq!(judge(None, 10.0, demand).1, Verdict::Absent);
    }

    #[test]
    fn zeros_may_be_off_by_numerical_noise_only() {
        let demand = demand(Kind::Plain, -1e-13, Terms::default(), 2.0);
        let judged = |value| judge(Some(Estimate { value, error: 0.0 }), -1e-13, demand).1;
        assert_eq!(judged(0.0), Verdict::Holds);
        assert_eq!(judged(1e-3), Verdict::Differs);
    }

    #[test]
    fn precision_widens_the_error_and_not_the_tolerance() {
        let terms = Terms { tolerance: 2e-3, ..Terms::default() };
        let (one, two) =
            (demand(Kind::Share, 0.5, terms, 1.0), demand(Kind::Share, 0.5, terms, 2.0));
        assert_eq!(two.error_max, 2.0 * one.error_max);
        assert_eq!(two.tolerance, one.tolerance);
    }
}

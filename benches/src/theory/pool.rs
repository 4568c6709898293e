//! What is kept of replications: their sums, and for some figures each one's value.

use super::measure::Estimator;
use super::plan::Check;
use reports::Totals;

/// Replications taken together.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    totals: Option<Totals>,
    /// For each check, of its values by replication.
    moments: Vec<Moments>,
}

/// Count, sum and sum of squares of values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// Returns the mean; `None` of nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    /// Returns the variance; `None` of fewer than two values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares = self.squares - self.sum * mean;
        (self.count > 1.0).then(|| squares / (self.count - 1.0))
    }
}

impl Pool {
    /// Adds a replication of so many counted hours.
    pub fn add(&mut self, totals: Totals, checks: &[Check], hours: f64) {
        self.moments.resize(checks.len(), Moments::default());
        for (moments, check) in self.moments.iter_mut().zip(checks) {
            // A replication without such calls has no value of its own and counts for none.
            if let Some(value) = value_of_replication(&check.estimator, &totals, hours) {
                moments.add(value);
            }
        }
        match &mut self.totals {
            Some(sums) => sums.merge(&totals),
            None => self.totals = Some(totals),
        }
    }

    /// Adds the replications of another pool.
    pub fn merge(&mut self, other: &Self) {
        match (&mut self.totals, &other.totals) {
            (Some(sums), Some(more)) => sums.merge(more),
            (sums @ None, Some(more)) => *sums = Some(more.clone()),
            (_, None) => {}
        }
        self.moments.resize(other.moments.len().max(self.moments.len()), Moments::default());
        for (moments, more) in self.moments.iter_mut().zip(&other.moments) {
            moments.merge(more);
        }
    }

    /// Reads every check's figure.
    #[must_use]
    pub fn read(&self, checks: &[Check], hours: f64) -> Vec<Option<f64>> {
        let read = |(i, check): (usize, &Check)| match &check.estimator {
            Estimator::Pooled(figure) => figure.read(self.totals.as_ref()?, hours),
            Estimator::Mean(_) | Estimator::AtLeast(..) => self.moments.get(i)?.mean(),
            Estimator::Variance(_) => self.moments.get(i)?.variance(),
            Estimator::Dispersion(_) => {
                let moments = self.moments.get(i)?;
                Some(moments.variance()? / moments.mean()?)
            }
        };
        checks.iter().enumerate().map(read).collect()
    }
}

fn value_of_replication(estimator: &Estimator, totals: &Totals, hours: f64) -> Option<f64> {
    match estimator {
        Estimator::Pooled(_) => None,
        Estimator::Mean(figure) | Estimator::Variance(figure) | Estimator::Dispersion(figure) => {
            figure.read(totals, hours)
        }
        Estimator::AtLeast(figure, least) => {
            let value = figure.read(totals, hours)?;
            Some(f64::from(u8::from(value >= *least)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_give_mean_and_variance_whatever_the_grouping() {
        let (mut left, mut right) = (Moments::default(), Moments::default());
        left.add(2.0);
        left.add(4.0);
        right.add(9.0);
        left.merge(&right);
        assert_eq!(left.mean(), Some(5.0));
        assert_eq!(left.variance(), Some(13.0));
        assert_eq!(right.variance(), None);
    }
}

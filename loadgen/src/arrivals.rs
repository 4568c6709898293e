//! When calls are due: drawn from the seed alone, so that nothing the target does can move them.

use chance::{Chance, Purpose, Stream};
use scenarios::traffic::{Gaps, Segment};
use sip::Duration;

/// The group of the arrival stream: no contact of a scenario has this number.
const GROUP: u32 = u32::MAX;

/// The moments at which calls are due, in order, from the run's beginning.
///
/// An open model: with the cumulated rate Λ(t), call n is due where Λ reaches the sum of n gaps of mean one, which are
/// exponential draws or all one. Turning the rate up or down ([`Self::scale`]) stretches what is still to come.
#[derive(Debug, Clone)]
pub struct Arrivals {
    segments: Vec<Segment>,
    gaps: Gaps,
    stream: Stream,
    /// Calls due so far.
    count: u64,
    /// The segment, and how far into it the last call was due, s.
    segment: usize,
    within: f64,
    /// When the segment began, s.
    began: f64,
    /// Factor on every rate.
    factor: f64,
    /// What is left of the gap before the next call, in mean gaps.
    owed: f64,
}

impl Arrivals {
    /// Makes the arrivals of a profile.
    #[must_use]
    pub fn new(segments: &[Segment], gaps: Gaps, seed: u64) -> Self {
        let stream = Chance::new(seed, 0).stream(Purpose::Arrival, GROUP);
        let mut arrivals = Self {
            segments: segments.to_vec(),
            gaps,
            stream,
            count: 0,
            segment: 0,
            within: 0.0,
            began: 0.0,
            factor: 1.0,
            owed: 0.0,
        };
        arrivals.owed = arrivals.gap();
        arrivals
    }

    /// How many calls were taken out of it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When the next call is due; `None` when there will be none, or none as long as the factor is zero.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        let (_, began, within) = self.find()?;
        Some(Duration::from_secs_f64(began + within))
    }

    /// Takes the next call.
    pub fn take(&mut self) {
        let Some((segment, began, within)) = self.find() else { return };
        (self.segment, self.began, self.within) = (segment, began, within);
        self.count += 1;
        self.owed = self.gap();
    }

    /// Multiplies every rate from now on; zero lets no call come.
    pub fn scale(&mut self, now: Duration, factor: f64) {
        self.pass(now.as_secs_f64());
        self.factor = factor;
    }

    /// Whether the factor is zero.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.factor == 0.0
    }

    /// The rate at a moment, calls per second.
    #[must_use]
    pub fn rate(&self, at: Duration) -> f64 {
        let mut began = 0.0;
        for segment in &self.segments {
            let length = length(segment);
            let within = at.as_secs_f64() - began;
            if within < length {
                let share = if length.is_finite() { within / length } else { 0.0 };
                return self.factor * (segment.from + (segment.to - segment.from) * share);
            }
            began += length;
        }
        0.0
    }

    /// How long the profile lasts; `None`: until the run ends.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        let total: f64 = self.segments.iter().map(length).sum();
        total.is_finite().then(|| Duration::from_secs_f64(total))
    }

    fn gap(&self) -> f64 {
        match self.gaps {
            Gaps::Poisson => self.stream.draw(self.count).exponential(),
            Gaps::Even => 1.0,
        }
    }

    /// Where the gap that is owed ends: the segment, its beginning, and the time within it.
    fn find(&self) -> Option<(usize, f64, f64)> {
        let (mut owed, mut began, mut within) = (self.owed / self.factor, self.began, self.within);
        for (number, segment) in self.segments.iter().enumerate().skip(self.segment) {
            if let Some(at) = reach(segment, within, owed) {
                return Some((number, began, at));
            }
            owed -= mass(segment, within, length(segment));
            began += length(segment);
            within = 0.0;
        }
        None
    }

    /// Goes on to a moment without a call.
    fn pass(&mut self, now: f64) {
        while let Some(segment) = self.segments.get(self.segment) {
            let length = length(segment);
            let to = (now - self.began).clamp(self.within, length);
            self.owed = (self.owed - self.factor * mass(segment, self.within, to)).max(0.0);
            if to < length {
                self.within = to;
                return;
            }
            (self.segment, self.began, self.within) = (self.segment + 1, self.began + length, 0.0);
        }
    }
}

/// The length of a segment, s.
fn length(segment: &Segment) -> f64 {
    segment.length.map_or(f64::INFINITY, acd::Duration::as_secs)
}

/// The change of the rate, calls per second per second.
fn slope(segment: &Segment) -> f64 {
    match segment.length {
        Some(length) if length.0 > 0 => (segment.to - segment.from) / length.as_secs(),
        Some(_) | None => 0.0,
    }
}

/// The calls expected in a segment between two moments.
fn mass(segment: &Segment, from: f64, to: f64) -> f64 {
    if to <= from {
        return 0.0;
    }
    let slope = slope(segment);
    (to - from) * (segment.from + slope * (from + to) / 2.0)
}

/// When so many calls have come since `from`, if within the segment.
fn reach(segment: &Segment, from: f64, calls: f64) -> Option<f64> {
    let slope = slope(segment);
    let rate = segment.from + slope * from;
    // The positive root of slope/2·x² + rate·x = calls, in the form that loses no digits.
    let root = (rate * rate + 2.0 * slope * calls).sqrt();
    let after = 2.0 * calls / (rate + root);
    let at = from + after;
    (after.is_finite() && at < length(segment)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(from: f64, to: f64, seconds: Option<u64>) -> Segment {
        Segment { from, to, length: seconds.map(acd::Duration::from_secs) }
    }

    fn all(segments: &[Segment], gaps: Gaps, seed: u64) -> Vec<f64> {
        let mut arrivals = Arrivals::new(segments, gaps, seed);
        let mut moments = Vec::new();
        while let Some(at) = arrivals.next() {
            moments.push(at.as_secs_f64());
            arrivals.take();
        }
        moments
    }

    #[test]
    fn even_gaps_divide_each_segment_by_its_rate() {
        let moments = all(&[segment(2.0, 2.0, Some(2)), segment(4.0, 4.0, Some(1))], Gaps::Even, 1);
        // The fourth call of the first two seconds would be due at their very end: it is the next segment's first.
        assert_eq!(moments, [0.5, 1.0, 1.5, 2.0, 2.25, 2.5, 2.75]);
    }

    #[test]
    fn a_ramp_brings_half_of_its_last_rate_on_average() {
        let moments = all(&[segment(0.0, 100.0, Some(10))], Gaps::Even, 1);
        assert_eq!(moments.len(), 499);
        // Λ(t) = 5t²: the 125th call is due at 5 s.
        assert!((moments[124] - 5.0).abs() < 1e-6, "{}", moments[124]);
        let down = all(&[segment(100.0, 0.0, Some(10))], Gaps::Even, 1);
        assert!((down[374] - 5.0).abs() < 1e-6, "{}", down[374]);
    }

    #[test]
    fn a_poisson_stream_has_its_mean_and_its_spread() {
        let moments = all(&[segment(1000.0, 1000.0, Some(100))], Gaps::Poisson, 7);
        let count = moments.len() as f64;
        // 100,000 calls with a standard deviation of 316; five of them.
        assert!((count - 100_000.0).abs() < 1_600.0, "{count}");
        let gaps: Vec<f64> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let square = gaps.iter().map(|gap| gap * gap).sum::<f64>() / gaps.len() as f64;
        // The cv of exponential gaps is 1; its standard error here is below 0.01.
        let cv = (square - mean * mean).sqrt() / mean;
        assert!((cv - 1.0).abs() < 0.03, "{cv}");
        assert_eq!(moments, all(&[segment(1000.0, 1000.0, Some(100))], Gaps::Poisson, 7));
        assert_ne!(moments, all(&[segment(1000.0, 1000.0, Some(100))], Gaps::Poisson, 8));
    }

    #[test]
    fn the_rate_can_be_turned_and_stopped_while_calls_come() {
        let mut arrivals = Arrivals::new(&[segment(10.0, 10.0, None)], Gaps::Even, 1);
        arrivals.take();
        assert_eq!(arrivals.next(), Some(Duration::from_millis(200)));
        arrivals.scale(Duration::from_millis(150), 0.5);
        // Half the gap has passed; the other half takes twice as long.
        assert_eq!(arrivals.next(), Some(Duration::from_millis(250)));
        arrivals.scale(Duration::from_millis(150), 0.0);
        assert_eq!(arrivals.next(), None);
        arrivals.scale(Duration::from_secs(10), 1.0);
        assert_eq!(arrivals.next(), Some(Duration::from_millis(10_050)));
        assert_eq!((arrivals.count(), arrivals.length()), (1, None));
    }

    #[test]
    fn the_rate_is_read_off_the_profile() {
        let arrivals =
            Arrivals::new(&[segment(0.0, 10.0, Some(10)), segment(3.0, 3.0, None)], Gaps::Even, 1);
        let at = |seconds| arrivals.rate(Duration::from_secs(seconds));
        assert_eq!([at(0), at(5), at(10), at(1000)], [0.0, 5.0, 3.0, 3.0]);
    }
}

//! Every sampler against an independent one (`rand_distr`, fed by another generator) and against its own moments.

use chance::{Chance, Draw, Law, Purpose, Stream};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::Distribution;

/// Values per law; with 13 laws the moments test draws 10⁷ in all.
const COUNT: u64 = 800_000;

fn stream() -> Stream {
    Chance::new(2026, 0).stream(Purpose::Talk, 0)
}

fn ours(law: &Law, count: u64) -> Vec<f64> {
    let sampler = law.sampler();
    let mut values: Vec<f64> = (0..count).map(|i| sampler.sample(&mut stream().draw(i))).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn theirs(law: impl Distribution<f64>, count: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut values: Vec<f64> = (0..count).map(|_| law.sample(&mut rng)).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Largest distance between two empirical distributions of sorted values, ties stepped over together.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut largest) = (0, 0, 0.0_f64);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        i += a[i..].iter().take_while(|x| **x <= value).count();
        j += b[j..].iter().take_while(|x| **x <= value).count();
        largest = largest.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    largest
}

/// Two-sample Kolmogorov–Smirnov: P(D > 2.35 √(2/n)) = 2 exp(−2 · 2.35²) = 3·10⁻⁵, so all 12 comparisons of this file
/// pass a right sampler with probability above 0.9996. At n = 200,000 it sees a law that is off by 0.0075 anywhere.
fn assert_same_law(name: &str, law: &Law, oracle: impl Distribution<f64>) {
    let count = 200_000;
    let distance = distance(&ours(law, count), &theirs(oracle, count));
    let limit = 2.35 * (2.0 / count as f64).sqrt();
    assert!(distance < limit, "{name}: distance {distance:.5}, limit {limit:.5}");
}

#[test]
fn exponential_numbers_follow_the_oracle() {
    let oracle = rand_distr::Exp::new(1.0 / 90.0).expect("rate is positive");
    assert_same_law("exponential", &Law::Exponential { mean: 90.0 }, oracle);
}

#[test]
fn normal_numbers_follow_the_oracle() {
    let mut values: Vec<f64> = (0..200_000).map(|i| stream().draw(i).normal()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let distance = distance(&values, &theirs(rand_distr::StandardNormal, 200_000));
    assert!(distance < 2.35 * (2.0 / 200_000.0_f64).sqrt(), "{distance}");
}

#[test]
fn lognormal_numbers_follow_the_oracle() {
    for cv in [0.3, 1.5] {
        let oracle = rand_distr::LogNormal::from_mean_cv(90.0, cv).expect("parameters are valid");
        assert_same_law("lognormal", &Law::Lognormal { mean: 90.0, cv }, oracle);
    }
}

#[test]
fn weibull_numbers_follow_the_oracle() {
    for shape in [0.7, 2.5] {
        let scale = 90.0 / libm::tgamma(1.0 + 1.0 / shape);
        let oracle = rand_distr::Weibull::new(scale, shape).expect("parameters are valid");
        assert_same_law("weibull", &Law::Weibull { mean: 90.0, shape }, oracle);
    }
}

#[test]
fn gamma_numbers_follow_the_oracle() {
    for shape in [0.3, 1.0, 9.0] {
        let oracle = rand_distr::Gamma::new(shape, 90.0 / shape).expect("parameters are valid");
        assert_same_law("gamma", &Law::Gamma { mean: 90.0, shape }, oracle);
    }
}

#[test]
fn triangular_numbers_follow_the_oracle() {
    let oracle = rand_distr::Triangular::new(10.0, 200.0, 30.0).expect("mode is inside");
    let law = Law::Triangular { min: 10.0, mode: 30.0, max: 200.0 };
    assert_same_law("triangular", &law, oracle);
}

#[test]
fn uniform_numbers_follow_the_oracle() {
    let oracle = rand_distr::Uniform::new(10.0, 200.0).expect("range is not empty");
    assert_same_law("uniform", &Law::Uniform { min: 10.0, max: 200.0 }, oracle);
}

#[test]
fn hyperexponential_numbers_follow_the_oracle() {
    let phases = [(0.3, 200.0), (0.7, 30.0)];
    let oracle =
        Either(phases.map(|(share, mean)| {
            (share, rand_distr::Exp::new(1.0 / mean).expect("rate is positive"))
        }));
    let law = Law::Hyperexponential { phases: phases.to_vec() };
    assert_same_law("hyperexponential", &law, oracle);
}

/// The first law with its probability, else the second.
struct Either<L>([(f64, L); 2]);

impl<L: Distribution<f64>> Distribution<f64> for Either<L> {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let first: f64 = rand_distr::StandardUniform.sample(rng);
        self.0[usize::from(first >= self.0[0].0)].1.sample(rng)
    }
}

#[test]
fn recorded_values_come_back_alike() {
    let values = vec![1.0, 2.0, 3.0, 5.0, 8.0];
    let drawn = ours(&Law::Empirical { values: values.clone() }, COUNT);
    for value in values {
        let count = drawn.iter().filter(|drawn| **drawn == value).count() as f64;
        // A fifth of the draws, binomial: sd √(0.16 n).
        let z = (count - 0.2 * COUNT as f64) / (0.16 * COUNT as f64).sqrt();
        assert!(z.abs() < 5.0, "{value} drawn {count} times");
    }
}

#[test]
fn means_and_variations_are_those_the_law_promises() {
    let exponential = |mean| Law::Exponential { mean };
    let laws = [
        Law::Constant(90.0),
        exponential(90.0),
        Law::Lognormal { mean: 90.0, cv: 0.3 },
        Law::Lognormal { mean: 90.0, cv: 1.5 },
        Law::Weibull { mean: 90.0, shape: 0.7 },
        Law::Weibull { mean: 90.0, shape: 3.0 },
        Law::Gamma { mean: 90.0, shape: 0.5 },
        Law::Gamma { mean: 90.0, shape: 4.0 },
        Law::Hyperexponential { phases: vec![(0.3, 200.0), (0.7, 30.0)] },
        Law::Uniform { min: 30.0, max: 150.0 },
        Law::Triangular { min: 0.0, mode: 30.0, max: 240.0 },
        Law::Empirical { values: vec![30.0, 60.0, 120.0] },
        Law::Mixture { parts: vec![(0.1, Law::Constant(5.0)), (0.9, exponential(60.0))] },
    ];
    for law in laws {
        let values = ours(&law, COUNT);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let central =
            |power| values.iter().map(|value| libm::pow(value - mean, power)).sum::<f64>() / n;
        let (second, fourth) = (central(2.0), central(4.0));
        // Standard errors of the mean and of the variance, from the sample's own second and fourth moments; 5 of them.
        let mean_error = 5.0 * (second / n).sqrt() + 1e-9;
        assert!((mean - law.mean()).abs() <= mean_error, "{law:?}: mean {mean}");
        let variance = law.mean() * law.cv() * law.mean() * law.cv();
        let variance_error = 5.0 * ((fourth - second * second).max(0.0) / n).sqrt() + 1e-9;
        assert!((second - variance).abs() <= variance_error, "{law:?}: variance {second}");
    }
}

#[test]
fn a_draw_drives_the_distributions_of_rand() {
    let sum: f64 = (0..100_000)
        .map(|i| {
            let mut draw: Draw = stream().draw(i);
            let value: f64 = rand_distr::Exp1.sample(&mut draw);
            value
        })
        .sum();
    // Mean 1, sd 1 ÷ √100,000 = 0.0032; 5 of them.
    assert!((sum / 100_000.0 - 1.0).abs() < 0.016, "{sum}");
}

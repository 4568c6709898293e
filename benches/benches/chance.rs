//! What a draw costs: each bench first checks what it is about to time.

use chance::{Chance, Law, Purpose, Stream};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::ops::Range;

/// Draws per iteration: the loop around a draw is part of it, the timer is not.
const DRAWS: u64 = 1000;

fn stream() -> Stream {
    Chance::new(1, 0).stream(Purpose::Talk, 0)
}

/// Times the sum of the draws of neighbouring entities, after checking the mean of a hundred thousand (sd 1: 5 sd = 0.016).
fn time(
    criterion: &mut Criterion,
    name: &str,
    mean: f64,
    sum: impl Fn(&Stream, Range<u64>) -> f64,
) {
    let found = sum(&stream(), 0..100_000) / 100_000.0;
    assert!((found - mean).abs() < 0.016, "{name}: mean {found}");
    let mut group = criterion.benchmark_group("chance");
    group.throughput(Throughput::Elements(DRAWS));
    let mut first = 0;
    group.bench_function(format!("{name}/{DRAWS}"), |bencher| {
        let stream = black_box(stream());
        bencher.iter(|| {
            first += DRAWS;
            sum(&stream, first..first + DRAWS)
        });
    });
    group.finish();
}

fn draws(criterion: &mut Criterion) {
    time(criterion, "uniform", 0.5, |stream, entities| {
        entities.map(|i| stream.draw(i).uniform()).sum()
    });
    time(criterion, "exponential", 1.0, |stream, entities| {
        entities.map(|i| stream.draw(i).exponential()).sum()
    });
    time(criterion, "normal", 0.0, |stream, entities| {
        entities.map(|i| stream.draw(i).normal()).sum()
    });
}

fn samplers(criterion: &mut Criterion) {
    let laws = [
        ("constant", Law::Constant(1.0)),
        ("sampled-exponential", Law::Exponential { mean: 1.0 }),
        ("lognormal", Law::Lognormal { mean: 1.0, cv: 1.0 }),
        ("weibull", Law::Weibull { mean: 1.0, shape: 1.0 }),
        ("gamma", Law::Gamma { mean: 1.0, shape: 2.0 }),
        ("hyperexponential", Law::Hyperexponential { phases: vec![(0.9, 0.9), (0.1, 1.9)] }),
        ("triangular", Law::Triangular { min: 0.0, mode: 0.5, max: 2.5 }),
        ("empirical", Law::Empirical { values: vec![0.5, 1.0, 1.5] }),
    ];
    for (name, law) in laws {
        let sampler = black_box(law.sampler());
        time(criterion, name, 1.0, |stream, entities| {
            entities.map(|i| sampler.sample(&mut stream.draw(i))).sum()
        });
    }
}

/// The address with a repeat, and a stream made for one draw: what an agent's behaviour costs.
fn addresses(criterion: &mut Criterion) {
    assert_eq!(stream().draw_again(3, 0).next_word(), stream().draw(3).next_word());
    let mut group = criterion.benchmark_group("chance");
    let (stream, chance) = (black_box(stream()), black_box(Chance::new(1, 0)));
    let mut entity = 0;
    group.bench_function("draw-again/1", |bencher| {
        bencher.iter(|| {
            entity += 1;
            stream.draw_again(entity, entity & 3).next_word()
        });
    });
    group.bench_function("stream/1", |bencher| {
        bencher.iter(|| {
            entity += 1;
            chance.stream(Purpose::PickUp, entity as u32).draw(entity).next_word()
        });
    });
    group.finish();
}

criterion_group!(benches, draws, samplers, addresses);
criterion_main!(benches);

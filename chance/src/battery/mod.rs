//! A statistical battery on the words of addressed draws, in the orders in which a simulation could read them.
//!
//! Word generators are tested in sequence; addressed draws are read across addresses: calls in turn from interleaved
//! streams, neighbouring ids, attempts of one call, replications side by side. Each such order is a sequence of words
//! that must look independent and uniform. The tests suite runs 10⁷ words, `benches/src/bin/battery.rs` runs 10⁹.

mod avalanche;
mod examine;
mod significance;

use crate::{Chance, Purpose, Stream};

/// Chance that a perfect generator fails any test of a run. Seeds are fixed, so a run that passed once passes always;
/// the level is what a change of the hash has to survive, and leaves every single test a threshold near 5 sd.
pub const FAMILY_LEVEL: f64 = 1e-4;

/// What one test found in one order of reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// In which order the words were read.
    pub order: &'static str,
    /// The test.
    pub test: &'static str,
    /// How many words it saw.
    pub words: u64,
    /// Two-sided p value: how probable so large *or so small* a statistic is with perfect randomness.
    pub p: f64,
}

/// Returns the findings that are too improbable among all: Bonferroni's bound at [`FAMILY_LEVEL`].
#[must_use]
pub fn failures(findings: &[Finding]) -> Vec<&Finding> {
    let threshold = FAMILY_LEVEL / findings.len() as f64;
    findings.iter().filter(|finding| finding.p.is_nan() || finding.p < threshold).collect()
}

/// Runs every test in every order, about `words` words in all, on the streams of a seed.
#[must_use]
pub fn run(seed: u64, words: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    let share = words / ORDERS.len() as u64;
    for order in &ORDERS {
        (order.read)(seed, share, &mut findings);
    }
    findings
}

/// An order of reading.
struct Order {
    read: fn(u64, u64, &mut Vec<Finding>),
}

const ORDERS: [Order; 12] = [
    Order { read: neighbouring_entities },
    Order { read: distant_entities },
    Order { read: interleaved_purposes },
    Order { read: interleaved_groups },
    Order { read: interleaved_replications },
    Order { read: neighbouring_seeds },
    Order { read: neighbouring_groups },
    Order { read: repeats_of_each_entity },
    Order { read: entities_of_each_repeat },
    Order { read: words_of_one_draw },
    Order { read: words_of_each_draw },
    Order { read: avalanche::flipped_bits },
];

const PURPOSES: [Purpose; 8] = [
    Purpose::Arrival,
    Purpose::Mood,
    Purpose::Patience,
    Purpose::Balk,
    Purpose::Talk,
    Purpose::Hold,
    Purpose::Acw,
    Purpose::Redial,
];

fn talk(seed: u64) -> Stream {
    Chance::new(seed, 0).stream(Purpose::Talk, 0)
}

/// Calls 0, 1, 2, … of one stream.
fn neighbouring_entities(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let stream = talk(seed);
    examine::all("neighbouring entities", words, 2, findings, |i| stream.draw(i).next_word());
}

/// Entities that differ in their upper bits only, as when ids are packed into one number.
fn distant_entities(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let stream = talk(seed);
    examine::all("distant entities", words, 2, findings, |i| {
        stream.draw((i << 36) | 1).next_word()
    });
}

/// All that is drawn for call 0, then for call 1, …
fn interleaved_purposes(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let chance = Chance::new(seed, 0);
    let streams = PURPOSES.map(|purpose| chance.stream(purpose, 0));
    examine::all("interleaved purposes", words, 8, findings, |i| {
        streams[(i % 8) as usize].draw(i / 8).next_word()
    });
}

/// The n-th call of every contact, then the next.
fn interleaved_groups(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let chance = Chance::new(seed, 0);
    let streams: Vec<Stream> = (0..50).map(|group| chance.stream(Purpose::Talk, group)).collect();
    examine::all("interleaved groups", words, 50, findings, |i| {
        streams[(i % 50) as usize].draw(i / 50).next_word()
    });
}

/// The n-th call of every replication, then the next.
fn interleaved_replications(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let streams: Vec<Stream> = (0..20)
        .map(|replication| Chance::new(seed, replication).stream(Purpose::Talk, 0))
        .collect();
    examine::all("interleaved replications", words, 20, findings, |i| {
        streams[(i % 20) as usize].draw(i / 20).next_word()
    });
}

/// The same draw of neighbouring seeds and, alternating with it, replications.
fn neighbouring_seeds(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    examine::all("neighbouring seeds", words, 2, findings, |i| {
        let chance = Chance::new(seed.wrapping_add(i / 2), (i % 2) as u32);
        chance.stream(Purpose::Talk, 0).draw(0).next_word()
    });
}

/// The same draw of neighbouring groups: agents, where each is a group of his own.
fn neighbouring_groups(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let chance = Chance::new(seed, 0);
    examine::all("neighbouring groups", words, 2, findings, |i| {
        chance.stream(Purpose::Talk, i as u32).draw(0).next_word()
    });
}

/// Attempts 0 to 15 of call 0, then of call 1, …
fn repeats_of_each_entity(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let stream = talk(seed);
    examine::all("repeats of each entity", words, 16, findings, |i| {
        stream.draw_again(i / 16, i % 16).next_word()
    });
}

/// The first attempts of 1000 calls, then their second ones, …
fn entities_of_each_repeat(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let stream = talk(seed);
    examine::all("entities of each repeat", words, 1000, findings, |i| {
        stream.draw_again(i % 1000, i / 1000).next_word()
    });
}

/// One draw used as a long generator.
fn words_of_one_draw(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let mut draw = talk(seed).draw(0);
    examine::all("words of one draw", words, 2, findings, |_| draw.next_word());
}

/// Four words of each draw, as rejections and many-word laws take them.
fn words_of_each_draw(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let stream = talk(seed);
    let mut draw = stream.draw(0);
    examine::all("words of each draw", words, 4, findings, |i| {
        if i % 4 == 0 {
            draw = stream.draw(i / 4);
        }
        draw.next_word()
    });
}

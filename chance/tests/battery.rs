//! The statistical battery at the size of a test; `benches/src/bin/battery.rs` runs it on a hundred times as many words.

use chance::battery;

#[test]
fn ten_million_words_in_every_order_look_independent_and_uniform() {
    let findings = battery::run(1, 10_000_000);
    let failures = battery::failures(&findings);
    assert!(
        failures.is_empty(),
        "{} of {} tests fail: {failures:#?}",
        failures.len(),
        findings.len()
    );
}

#[test]
fn p_values_of_all_tests_are_themselves_spread_evenly() {
    // Too many p values near 0 (or none) would mean wrong thresholds: with 170 and more of them the share below ½ has
    // sd 0.04; 5 sd.
    let findings = battery::run(2, 10_000_000);
    let below = findings.iter().filter(|finding| finding.p < 0.5).count() as f64;
    let count = findings.len() as f64;
    let z = (below - 0.5 * count) / (0.25 * count).sqrt();
    assert!(z.abs() < 5.0, "{below} of {count} p values below one half");
}

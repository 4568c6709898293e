//! The exact answers hold at one seed and twice the error: about half a billion calls.
//!
//! The runner itself holds all three seeds at the full precision:
//! `cargo run --release -p callstorm-benches --bin theory -- benches/data/exact.csv --seed 2`.

use benches::theory::case::{Case, read_cases};
use benches::theory::family::FAMILIES;
use benches::theory::plan::plan_all;
use benches::theory::run::{Settings, run};
use benches::theory::statistics::Verdict;
use benches::theory::table::line;

const EXACT: &str = include_str!("../data/exact.csv");

/// Cases with other parameters, lists and laws in the same spelling; `data/other.py` computes them.
const OTHER: &str = include_str!("../data/other.csv");

/// Runs every case of a family.
fn hold(letters: &str) {
    let cases = read_cases(EXACT.as_bytes()).expect("the file is read");
    let chosen: Vec<Case> = cases.into_iter().filter(|case| case.family() == letters).collect();
    assert!(!chosen.is_empty(), "no case of family {letters}");
    all_hold(&chosen, 2.0);
}

/// Runs cases and lists the rows that do not hold.
fn all_hold(cases: &[Case], precision: f64) {
    let settings = Settings { precision, ..Settings::default() };
    let plans = plan_all(cases, precision).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let mut failed = Vec::new();
    for experiment in plans.iter().flat_map(|plan| &plan.experiments) {
        let report = run(experiment, &settings).unwrap_or_else(|error| panic!("{error}"));
        let wrong = report.rows.iter().filter(|row| row.verdict != Verdict::Holds);
        failed.extend(wrong.map(|row| line(&report.name, row, 0.0)));
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

macro_rules! families {
    ($($test:ident $letters:literal;)+) => {
        $(
            #[test]
            fn $test() {
                hold($letters);
            }
        )+

        const TESTED: &[&str] = &[$($letters),+];
    };
}

families! {
    abandonment_is_erlang_a "EA";
    delay_is_erlang_c "EC";
    loss_is_erlang_b "EB";
    few_lines_block_as_computed "TR";
    one_agent_with_general_service_is_pollaczek_khinchine "PK";
    fixed_service_is_crommelin "MD";
    general_patience_is_baccelli_hebuterne "EG";
    virtual_hold_keeps_the_place "CB";
    priorities_are_cobham "PR";
    priorities_with_abandonment_are_the_chain "PA";
    overflow_is_wilkinson "OV";
    retrials_are_the_chain "RT";
    redials_and_reconnects_are_the_chain "RD";
    the_n_model_is_the_chain "NM";
    the_m_model_is_the_chain "MM";
    unlike_agents_are_the_chain "HA";
    after_call_work_frees_the_line_first "AW";
    ivr_and_lines_are_the_product_form "IV";
    listed_callbacks_are_the_chain "CQ";
    bursts_are_the_chain "BU";
    busyness_is_the_gamma_mixture "GB";
    no_shows_are_the_binomial_mixture "NS";
    varying_staff_is_the_transient_chain "TV";
    equal_rates_make_a_poisson_number_present "TI";
    a_day_from_empty_is_the_transient_chain "FH";
    hourly_service_levels_are_computed "CC";
    a_busy_day_is_computed "SSJ";
}

#[test]
fn other_cases_in_the_same_spelling_hold() {
    let cases = read_cases(OTHER.as_bytes()).expect("the file is read");
    all_hold(&cases, 4.0);
}

#[test]
fn every_family_is_tested() {
    for family in FAMILIES {
        assert!(TESTED.contains(&family.letters), "{} is missing above", family.letters);
    }
}

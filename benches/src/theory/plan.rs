//! From a case to what is run and what is read off: every row finds its measure, or is a fault.

use super::case::{Case, Fault, is_excluded};
use super::centre::Centre;
use super::family;
use super::measure::{Estimator, Measure};
use super::setup::Setup;
use super::statistics::{Demand, Terms, demand};

/// Everything to do for one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The case.
    pub case: String,
    /// Its centres with the rows each tells.
    pub experiments: Vec<Experiment>,
}

/// One centre and the rows it tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// The case, and what it is for where a case needs several.
    pub name: String,
    /// The scenario file.
    pub toml: String,
    /// Calls of one replication, about.
    pub calls: f64,
    /// Hours of one replication in which calls are counted.
    pub hours: f64,
    /// The rows.
    pub checks: Vec<Check>,
}

/// A row to hold against a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The metric's name.
    pub metric: String,
    /// The exact answer.
    pub expected: f64,
    /// How it is read off.
    pub estimator: Estimator,
    /// What it is held to.
    pub demand: Demand,
}

/// Plans a case. `precision` multiplies the standard errors allowed: 2 needs a quarter of the calls.
///
/// # Errors
/// Every parameter that cannot be read and every metric that is not known, by name.
pub fn plan(case: &Case, precision: f64) -> Result<Plan, Vec<Fault>> {
    let family = family::of(case).map_err(|fault| vec![fault])?;
    let setups = (family.setups)(case).map_err(|fault| vec![fault])?;
    let mut experiments: Vec<_> =
        setups.iter().map(|setup| experiment(case, setup, precision)).collect();
    let mut faults = Vec::new();
    for row in case.rows.iter().filter(|row| !is_excluded(&row.metric)) {
        match (family.measure)(case, &row.metric) {
            Some(Measure { setup, estimator, kind }) => {
                let demand = demand(kind, row.value, terms(case, &row.metric), precision);
                let metric = row.metric.clone();
                let check = Check { metric, expected: row.value, estimator, demand };
                experiments[setup].checks.push(check);
            }
            None => faults.push(Fault::Metric {
                case: case.id.clone(),
                metric: row.metric.clone(),
                family: family.letters.to_owned(),
            }),
        }
    }
    experiments.retain(|experiment| !experiment.checks.is_empty());
    let plan = Plan { case: case.id.clone(), experiments };
    if faults.is_empty() { Ok(plan) } else { Err(faults) }
}

/// Plans every case.
///
/// # Errors
/// The faults of all cases together.
pub fn plan_all(cases: &[Case], precision: f64) -> Result<Vec<Plan>, Vec<Fault>> {
    let (mut plans, mut faults) = (Vec::new(), Vec::new());
    for case in cases {
        match plan(case, precision) {
            Ok(plan) => plans.push(plan),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(plans) } else { Err(faults) }
}

fn experiment(case: &Case, setup: &Setup, precision: f64) -> Experiment {
    let centre: Centre = setup.centre(&case.id, precision);
    Experiment {
        name: centre.title.clone(),
        toml: centre.to_toml(),
        calls: centre.calls(),
        hours: Setup::hours(&centre),
        checks: Vec::new(),
    }
}

/// A queue whose callers wait a thousand handling times forgets so slowly that one per cent must do.
const SLOW_PATIENCES: f64 = 1000.0;

/// What the file's description says about this case and row.
fn terms(case: &Case, metric: &str) -> Terms {
    let tolerance = match case.family() {
        // A staffing change within the target time of an arrival is left out of these answers.
        "CC" => 2e-3,
        "SSJ" => 1e-3,
        _ => 0.0,
    };
    let is_slow = |patience: f64| case.aht_s.is_some_and(|aht| patience > SLOW_PATIENCES * aht);
    Terms {
        is_near_critical: case.patience_s.is_some_and(is_slow),
        is_approximate: metric.ends_with("_approx"),
        tolerance,
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::read_cases;
    use super::*;

    const EXACT: &str = include_str!("../../data/exact.csv");

    fn cases() -> Vec<Case> {
        read_cases(EXACT.as_bytes()).expect("the file is read")
    }

    #[test]
    fn every_row_of_the_exact_answers_finds_its_measure() {
        let cases = cases();
        let plans = plan_all(&cases, 1.0).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let planned: usize =
            plans.iter().flat_map(|plan| &plan.experiments).map(|one| one.checks.len()).sum();
        let rows = cases.iter().flat_map(|case| &case.rows);
        assert_eq!(planned, rows.filter(|row| !is_excluded(&row.metric)).count());
        assert_eq!(cases.len(), 64);
    }

    #[test]
    fn every_family_has_a_case() {
        let cases = cases();
        for family in family::FAMILIES {
            let letters = family.letters;
            assert!(cases.iter().any(|case| case.family() == letters), "{letters}");
        }
    }

    #[test]
    fn unknown_metrics_and_families_are_faults_by_name() {
        let mut case = cases().remove(0);
        case.rows[0].metric = "p_blokc".to_owned();
        let faults = plan(&case, 1.0).expect_err("unknown metric");
        assert!(faults[0].to_string().contains("p_blokc"), "{faults:?}");
        case.id = "ZZ1".to_owned();
        let faults = plan(&case, 1.0).expect_err("unknown family");
        assert!(faults[0].to_string().contains("ZZ"), "{faults:?}");
    }

    #[test]
    fn warm_ups_keep_to_the_rule() {
        for case in cases().iter().filter(|case| ["EC", "EA"].contains(&case.family())) {
            let family = family::of(case).expect("a family");
            let setup = (family.setups)(case).expect("a set-up").remove(0);
            let centre = setup.centre(&case.id, 1.0);
            let aht = case.aht().expect("given");
            assert!(centre.warm_up_s >= 20.0 * aht, "{}", case.id);
            assert!(centre.warm_up_s >= 10.0 * case.patience_s.unwrap_or(0.0), "{}", case.id);
            assert!(centre.length_s >= 3.0 * centre.warm_up_s, "{}", case.id);
        }
    }

    #[test]
    fn the_near_critical_queue_is_held_to_one_per_cent() {
        let cases = cases();
        let find = |id: &str| cases.iter().find(|case| case.id == id).expect("in the file");
        assert!(terms(find("EA10"), "p_wait").is_near_critical);
        assert!(!terms(find("EA1"), "p_wait").is_near_critical);
    }
}

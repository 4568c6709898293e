//! The gate: rules held against the figures of a run.

use crate::render::words;
use crate::summary::{Estimate, GateResult, Summary};
use acd::kpi::{Comparison, Condition};

/// Holds the rules against the figures. What is absent or was not observed fails, and says so.
pub(crate) fn judge(rules: &[Condition], summary: &Summary) -> Vec<GateResult> {
    rules.iter().map(|rule| judge_rule(rule, summary)).collect()
}

fn judge_rule(rule: &Condition, summary: &Summary) -> GateResult {
    let fail = |reason: String| GateResult {
        text: rule.text.clone(),
        kpi: rule.kpi,
        passed: false,
        value: None,
        reason: Some(reason),
    };
    let Some(scope) = summary.scope(rule.selector) else {
        return fail(format!("`{}` has no such part of the centre here", rule.kpi.key()));
    };
    let Some(estimate) = scope.figure(rule.kpi, rule.threshold) else {
        let observed =
            scope.line(rule.kpi, rule.threshold).is_none_or(|line| line.estimate.is_some());
        return fail(format!(
            "`{}` {}",
            rule.kpi.key(),
            if observed {
                "does not apply here, or no call counted in it"
            } else {
                "was not observed"
            }
        ));
    };
    let Some(value) = compared_value(rule, estimate) else {
        return fail(
            "`sure` needs an interval of confidence: at least two replications".to_owned(),
        );
    };
    let passed = rule.comparison.holds(value, rule.value);
    GateResult {
        text: rule.text.clone(),
        kpi: rule.kpi,
        passed,
        value: Some(value),
        reason: (!passed).then(|| {
            let what = if rule.is_sure { "the bound of its interval is" } else { "it is" };
            let [value, wanted] = words::apart(rule.kpi, value, rule.value);
            format!("{what} {value}, not {} {wanted}", rule.comparison.sign())
        }),
    }
}

/// The point estimate, or where the rule says `sure` the bound on the bad side.
fn compared_value(rule: &Condition, estimate: Estimate) -> Option<f64> {
    if !rule.is_sure {
        return Some(estimate.mean);
    }
    let (low, high) = estimate.ci95?;
    Some(match rule.comparison {
        Comparison::Less | Comparison::LessOrEqual => high,
        Comparison::Greater | Comparison::GreaterOrEqual => low,
    })
}

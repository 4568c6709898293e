//! JUnit XML: one case for each rule of the gate, one for the laws, of a load run one for the generator, for the pages of CI
//! servers.

use super::words::escape;
use crate::Context;
use crate::summary::Summary;
use std::fmt::Write as _;

/// Writes the gate and the laws as JUnit XML.
#[must_use]
pub fn junit(context: &Context, summary: &Summary) -> String {
    let mut cases: Vec<(String, Option<String>)> = summary
        .gate
        .iter()
        .map(|rule| {
            let fault = rule.reason.clone().unwrap_or_else(|| "the rule does not hold".to_owned());
            (rule.text.clone(), (!rule.passed).then_some(fault))
        })
        .collect();
    let broken = &summary.laws.broken;
    cases.push((
        format!("laws hold ({} checks)", summary.laws.checked),
        (!broken.is_empty()).then(|| broken.join("\n")),
    ));
    if let Some(load) = summary.load() {
        let faults = &load.health.faults;
        let fault = (!faults.is_empty()).then(|| faults.join("\n"));
        cases.push(("the generator was well".to_owned(), fault));
    }
    junit_cases(&format!("callstorm: {}", context.title), &cases)
}

/// Writes cases as JUnit XML: a name each, and what is wrong with it.
#[must_use]
pub fn junit_cases(suite: &str, cases: &[(String, Option<String>)]) -> String {
    let failures = cases.iter().filter(|(_, fault)| fault.is_some()).count();
    let (suite, tests) = (escape(suite), cases.len());
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\"");
    xml.push_str(&format!("<testsuites {counts}>\n <testsuite name=\"{suite}\" {counts}>\n"));
    for (name, fault) in cases {
        let name = escape(name);
        write!(xml, "  <testcase classname=\"{suite}\" name=\"{name}\"")
            .expect("a string takes all");
        match fault {
            None => xml.push_str("/>\n"),
            Some(fault) => {
                let first = escape(fault.lines().next().unwrap_or_default());
                let all = escape(fault);
                xml.push_str(&format!(
                    ">\n   <failure message=\"{first}\">{all}</failure>\n  </testcase>\n"
                ));
            }
        }
    }
    xml.push_str(" </testsuite>\n</testsuites>\n");
    xml
}

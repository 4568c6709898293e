//! The report of a load run: what the target did, told and tabulated once for the terminal and for the page.

#[cfg(feature = "charts")]
mod charts;
mod html;
mod json;
mod sections;
mod terminal;
mod verdict;

pub(super) use html::html;
pub(super) use json::write as write_json;
pub(super) use terminal::terminal;

use crate::summary::Summary;
use acd::kpi::{Kpi, Selector};

/// Returns a figure of the whole run; `None` where it was not observed.
fn figure(summary: &Summary, kpi: Kpi) -> Option<f64> {
    summary.figure(kpi, None, Selector::ALL).map(|estimate| estimate.mean)
}

/// Returns whether a figure has its place in this run, observed or not.
fn applies(summary: &Summary, kpi: Kpi) -> bool {
    summary.scope(Selector::ALL).is_some_and(|all| all.line(kpi, None).is_some())
}

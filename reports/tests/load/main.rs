//! What a load generator saw becomes figures, a verdict and pages.

mod figures;
mod ledger;
mod pages;
mod run;

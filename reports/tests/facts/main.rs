//! What is made of facts: totals, estimates, watches, logs, pages; from stories short enough to count by hand.

mod ledger;
mod story;

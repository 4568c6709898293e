//! What is made of facts: totals, estimates, watches, logs, pages; from stories short enough to count by hand.

mod callbacks;
mod estimates;
mod ledger;
mod lives;
mod logs;
mod pages;
mod story;
mod watch;

//! The theory runner: exact answers of queueing theory, each turned into a scenario file like a user's, run and judged.
//!
//! A file of cases is read ([`case`]); each case's family ([`family`]) builds the centres it needs ([`centre`]) and says
//! which figure of a run each of its metrics is ([`measure`]); an experiment is run until every row's standard error is
//! small enough ([`run`]), and each row is held against the exact answer ([`statistics`]).

pub mod case;
pub mod centre;
pub mod family;
pub mod figure;
pub mod laws;
pub mod measure;
pub mod plan;
pub mod pool;
pub mod run;
pub mod setup;
pub mod statistics;
pub mod table;
pub mod words;

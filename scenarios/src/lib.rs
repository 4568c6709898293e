//! The typed scenario and the typed load file, their parser and its diagnostics, and the library of files.
//!
//! [`load`] turns a file into a [`Scenario`] in which every id points somewhere, [`load_traffic`] a load
//! file into [`Traffic`], or either into [`Diagnostics`] that name every fault with its place. The way there:
//!
//! 1. `loader` and `tree`: TOML with the place of every key and value; `merge` lays a file over the one
//!    it extends, `overrides` applies `--set`;
//! 2. `read`: the tree becomes settings. A table is declared once by `settings!`, a set of variants
//!    by `choice!`; reader, merging, `--set` and JSON Schema all go by that declaration;
//! 3. `resolve`: settings become the model, names become ids, files are read;
//! 4. `check` and `bounds`: what only the whole shows, and what would run for ever; of load files
//!    `traffic_file::flow`.
//!
//! Adding an arrival model, a law, a happening or an action is one file beside its kin and one line
//! in their `mod.rs`.

#[macro_use]
mod read;
mod agents;
mod arrivals;
mod bounds;
mod check;
mod clock;
mod condition;
mod contact;
mod diagnostic;
mod document;
mod faults;
mod files;
mod hash;
mod ivr;
mod law;
pub mod limits;
mod live;
mod load;
mod loader;
mod merge;
mod model;
mod moments;
mod overrides;
mod playbook;
mod queue;
mod resolve;
mod schema;
mod secret;
mod shape;
mod shifts;
mod source;
mod starter;
mod switch;
mod tables;
mod text_error;
mod timeline;
mod totals;
mod traffic_file;
mod tree;
mod world;

pub use condition::{ConditionNames, parse_condition};
pub use diagnostic::{Diagnostic, Diagnostics, Place, Severity};
pub use files::Library;
pub use load::{
    LoadOptions, Loaded, LoadedFile, LoadedTraffic, PromptUse, load, load_any, load_any_embedded,
    load_any_str, load_embedded, load_str, load_traffic, load_traffic_embedded, load_traffic_str,
};
pub use model::traffic::{self, Traffic};
pub use model::*;
pub use schema::{json_schema, traffic_json_schema};
pub use starter::starter;
pub use switch::acd_config;
pub use text_error::TextError;
pub use traffic_file::{header_owner, parse_profile};
pub use world::World;

//! Texts with the places of one call filled in.

use scenarios::traffic::{Part, Rows, Template};
use std::io::Write as _;

/// What fills the places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    /// The rows, and which is the call's.
    pub(super) rows: Option<(&'a Rows, usize)>,
    /// The call's number.
    pub(super) call: u64,
    /// Host and port of the target.
    pub(super) target: &'a str,
    /// Our address and port.
    pub(super) local: &'a str,
}

impl Places<'_> {
    /// Fills a text in.
    pub(super) fn fill(&self, template: &Template) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        for part in &template.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Column(column) => out.extend_from_slice(self.column(*column).as_bytes()),
                // Writing to a vector does not fail.
                Part::Call => {
                    let _ = write!(out, "{}", self.call);
                }
                Part::Target => out.extend_from_slice(self.target.as_bytes()),
                Part::Local => out.extend_from_slice(self.local.as_bytes()),
            }
        }
        out
    }

    /// A field of the call's row; the reader has seen to it that there is one.
    pub(super) fn column(&self, column: usize) -> &str {
        self.rows.map_or("", |(rows, row)| rows.field(row, column))
    }
}

//! CSV files: profiles, schedules, traces, columns of values. A fault names the row.

mod column;
mod profile;
mod schedule;
mod trace;

pub(crate) use column::column;
pub(crate) use profile::profile;
pub(crate) use schedule::{ScheduleRows, schedule};
pub(crate) use trace::{TraceRows, trace};

use crate::faults::Fault;
use crate::limits;
use crate::read::{At, Text, shorten};
use crate::resolve::Resolver;
use crate::source::{Source, SourceId, Span};
use crate::totals::Total;
use std::path::PathBuf;

/// A CSV file, open at its first row.
pub(crate) struct Csv {
    id: SourceId,
    text: String,
    delimiter: u8,
    header: Vec<String>,
}

/// A row, with its place.
pub(crate) struct Row<'a> {
    /// The fields.
    pub(crate) record: &'a csv::StringRecord,
    span: Span,
    delimiter: u8,
    line: &'a str,
}

impl Row<'_> {
    /// Returns a field, trimmed; empty where the row is short.
    pub(crate) fn get(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or("").trim()
    }

    /// Returns the place of a field; the whole row where quotes make it uncertain.
    pub(crate) fn place(&self, column: usize) -> Span {
        if self.line.contains('"') {
            return self.span;
        }
        let mut start = 0;
        for (position, field) in self.line.split(char::from(self.delimiter)).enumerate() {
            if position == column {
                return self.span.part(start, start + field.len());
            }
            start += field.len() + 1;
        }
        self.span
    }
}

/// Reads a data file named in a scenario; `None` after a fault. The second value tells files apart.
pub(crate) fn open(path: &At<Text>, resolver: &mut Resolver) -> Option<(Csv, PathBuf)> {
    let file = resolver.read_file(path, limits::DATA_BYTES)?;
    resolver.count(Total::DataBytes, file.bytes.len() as u64, path.span)?;
    resolver.hash_data(&file.bytes);
    let text = match String::from_utf8(file.bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("`{}` is not UTF-8 text at byte {at}", shorten(&path.value.0));
            resolver.faults.error(path.span, message).label("expected a CSV file");
            return None;
        }
    };
    let text = without_mark(text);
    let first = text.lines().next().unwrap_or("");
    let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let header = first.split(char::from(delimiter));
    let header = header.map(|name| name.trim().trim_matches('"').to_owned()).collect();
    let source = Source { name: file.name, folder: None, text: String::new() };
    let id = resolver.sources.add(source);
    Some((Csv { id, text, delimiter, header }, file.identity))
}

/// Takes off the byte order mark that spreadsheets put first.
pub(crate) fn without_mark(mut text: String) -> String {
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    text
}

impl Csv {
    /// Checks that the header has these columns first; says what it has instead.
    fn expect_header(
        &self,
        columns: &[&str],
        path: &At<Text>,
        resolver: &mut Resolver,
    ) -> Option<()> {
        let matches = columns
            .iter()
            .enumerate()
            .all(|(position, column)| self.header.get(position).is_some_and(|name| name == column));
        if matches {
            return Some(());
        }
        let found = shorten(&self.header.join(","));
        resolver
            .faults
            .error(path.span, format!("`{}` has the wrong columns", shorten(&path.value.0)))
            .label(format!("expected a first line `{},…`, found `{found}`", columns.join(",")));
        None
    }

    /// Returns the columns' names.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Calls `visit` for every row; it returns `None` to stop. Hands the text to the sources.
    pub(crate) fn rows(
        self,
        resolver: &mut Resolver,
        mut visit: impl FnMut(&Row<'_>, &mut Resolver) -> Option<()>,
    ) -> Option<()> {
        let result = self.visit(resolver, &mut visit);
        // Messages quote the rows from here.
        resolver.sources.set_text(self.id, self.text);
        result
    }

    fn visit(
        &self,
        resolver: &mut Resolver,
        visit: &mut impl FnMut(&Row<'_>, &mut Resolver) -> Option<()>,
    ) -> Option<()> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .from_reader(self.text.as_bytes());
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Some(()),
                Err(error) => {
                    resolver
                        .faults
                        .error(self.span_at(0).0, format!("the file is no CSV: {error}"));
                    return None;
                }
            }
            let byte = record.position().map_or(0, csv::Position::byte);
            let (span, line) = self.span_at(usize::try_from(byte).unwrap_or(usize::MAX));
            let row = Row { record: &record, span, delimiter: self.delimiter, line };
            if row.record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            self.expect_width(&row, resolver)?;
            visit(&row, resolver)?;
        }
    }

    /// Refuses a row with a field for which the header has no name: a decimal comma cuts a number in two.
    fn expect_width(&self, row: &Row<'_>, resolver: &mut Resolver) -> Option<()> {
        let (fields, names) = (row.record.len(), self.header.len());
        // Spreadsheets end rows with separators.
        if row.record.iter().skip(names).all(|field| field.trim().is_empty()) {
            return Some(());
        }
        let message = format!("this row has {fields} fields, the first line {names}");
        let fault = fault(row, names, message, resolver);
        fault.label("expected no more fields than the first line has");
        if self.delimiter == b',' {
            fault.hint("write decimals with a point");
        }
        None
    }

    /// Returns the line that begins at a byte.
    fn span_at(&self, byte: usize) -> (Span, &str) {
        let rest = self.text.get(byte..).unwrap_or("");
        let skipped = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let line = rest[skipped..].lines().next().unwrap_or("");
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let start = byte + skipped;
        (Span { source: self.id, start: clamp(start), end: clamp(start + line.len()) }, line)
    }
}

/// Adds a fault at a field of a row.
pub(crate) fn fault<'r>(
    row: &Row<'_>,
    column: usize,
    message: String,
    resolver: &'r mut Resolver,
) -> &'r mut Fault {
    resolver.faults.error(row.place(column), message)
}

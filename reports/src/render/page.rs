//! Lines of text that fit a terminal: paragraphs, tables, gaps.

/// Columns of the narrowest terminal that is written for.
pub(super) const WIDTH: usize = 80;

/// Lines of text.
#[derive(Default)]
pub(super) struct Page {
    pub(super) text: String,
}

impl Page {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// An empty line, but never two.
    pub(super) fn gap(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Writes a paragraph with a first and a further indentation.
    pub(super) fn wrapped(&mut self, text: &str, first: &str, further: &str) {
        let mut line = first.to_owned();
        let mut is_empty = true;
        for word in text.split_whitespace() {
            if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(&line);
                line = further.to_owned();
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        self.line(&line);
    }

    /// Writes a table; the first `left` columns are text, the others numbers. Too wide a table loses its intervals.
    pub(super) fn table<R: AsRef<[String]>>(&mut self, rows: &[R], left: usize) {
        let mut rows: Vec<Vec<String>> = rows.iter().map(|row| row.as_ref().to_vec()).collect();
        let Some(columns) = rows.first().map(Vec::len) else { return };
        let widths = |rows: &[Vec<String>]| -> Vec<usize> {
            let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
            (0..columns).map(|column| width(column).unwrap_or(0)).collect()
        };
        let total = |widths: &[usize]| widths.iter().sum::<usize>() + 2 * (columns - 1);
        // From the right, where the less telling columns are.
        for column in (left..columns).rev() {
            if total(&widths(&rows)) <= WIDTH {
                break;
            }
            for row in &mut rows[1..] {
                if let Some((mean, _)) = row[column].split_once(" (") {
                    row[column] = mean.to_owned();
                }
            }
        }
        let widths = widths(&rows);
        for row in &rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(number, (cell, width))| {
                if number < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            self.line(&cells.collect::<Vec<_>>().join("  "));
        }
    }
}

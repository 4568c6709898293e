//! What a user reads when a file is wrong: place, line, caret, what was expected, a hint.

use std::fmt;
use unicode_width::UnicodeWidthChar;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can, but perhaps not as meant.
    Warning,
}

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it, or `--set`.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The line's text, cut where it is very long.
    pub excerpt: String,
    /// Terminal columns left of the caret.
    pub caret: usize,
    /// Terminal columns under the caret; at least 1.
    pub width: usize,
}

/// One fault or warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, one line.
    pub message: String,
    /// Where, if it has a place.
    pub place: Option<Place>,
    /// What was expected, beside the caret; may be empty.
    pub label: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// All faults and warnings of a scenario, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    /// The list.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Writes all of them for a terminal; with `colour` by ANSI sequences.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let paint = if colour { Paint::COLOUR } else { Paint::PLAIN };
        let mut text = String::new();
        for (position, diagnostic) in self.list.iter().enumerate() {
            if position > 0 {
                text.push('\n');
            }
            diagnostic.render(paint, &mut text);
        }
        text
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.render(Paint::PLAIN, &mut text);
        f.write_str(&text)
    }
}

/// The sequences around the parts of a message.
#[derive(Clone, Copy)]
struct Paint {
    error: &'static str,
    warning: &'static str,
    strong: &'static str,
    frame: &'static str,
    off: &'static str,
}

impl Paint {
    const PLAIN: Self = Self { error: "", warning: "", strong: "", frame: "", off: "" };
    const COLOUR: Self = Self {
        error: "\x1b[1;31m",
        warning: "\x1b[1;33m",
        strong: "\x1b[1m",
        frame: "\x1b[1;34m",
        off: "\x1b[0m",
    };
}

impl Diagnostic {
    fn render(&self, paint: Paint, text: &mut String) {
        let Paint { strong, frame, off, .. } = paint;
        let (tone, word) = match self.severity {
            Severity::Error => (paint.error, "error"),
            Severity::Warning => (paint.warning, "warning"),
        };
        text.push_str(&format!("{tone}{word}{off}{strong}: {}{off}\n", self.message));
        if let Some(place) = &self.place {
            let number = place.line.to_string();
            let margin = " ".repeat(number.len());
            let Place { path, line, column, excerpt, .. } = place;
            text.push_str(&format!(" {frame}-->{off} {path}:{line}:{column}\n"));
            text.push_str(&format!("{frame}{margin} |{off}\n"));
            text.push_str(format!("{frame}{number} |{off} {excerpt}").trim_end());
            let caret = format!("{}{}", " ".repeat(place.caret), "^".repeat(place.width));
            let under = format!("\n{frame}{margin} |{off} {tone}{caret} {}", self.label);
            text.push_str(under.trim_end());
            text.push_str(off);
            text.push('\n');
        } else if !self.label.is_empty() {
            text.push_str(&format!("  {}\n", self.label));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n{strong}hint{off}: {hint}\n"));
        }
    }
}

/// Terminal columns of a line that a message shows.
const EXCERPT_WIDTH: usize = 160;

impl Place {
    /// Finds the line and columns of the bytes `start..end` of a text.
    pub(crate) fn of(path: &str, text: &str, start: usize, end: usize) -> Self {
        let start = floor_char(text, start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = 1 + text[..line_start].bytes().filter(|byte| *byte == b'\n').count();
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let end = floor_char(text, end.clamp(start, line_end));
        // A far caret would need a line of its own length before it: show the part around it.
        let from = window_start(text, line_start, start);
        let (mut before, _) = shown(&text[from..start], usize::MAX);
        if from > line_start {
            before.insert(0, '…');
        }
        let (under, width) = shown(&text[start..end], EXCERPT_WIDTH);
        let before_width = before.chars().filter_map(UnicodeWidthChar::width).sum();
        let room = EXCERPT_WIDTH.saturating_sub(before_width + width);
        let (after, _) = if under.ends_with('…') {
            (String::new(), 0)
        } else {
            shown(text[end..line_end].trim_end(), room)
        };
        Self {
            path: path.to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(text[line_start..start].chars().count() + 1).unwrap_or(u32::MAX),
            excerpt: format!("{before}{under}{after}"),
            caret: before_width,
            width: width.max(1),
        }
    }
}

fn floor_char(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// Returns where the excerpt begins: the line's start, or some way before a caret far to the right.
fn window_start(text: &str, line_start: usize, caret: usize) -> usize {
    if caret - line_start <= EXCERPT_WIDTH / 2 {
        return line_start;
    }
    let mut from = floor_char(text, caret - EXCERPT_WIDTH / 4);
    if from < line_start {
        from = line_start;
    }
    from
}

/// Returns the text as a terminal can show it, cut to `room` columns, and its width.
fn shown(text: &str, room: usize) -> (String, usize) {
    let mut result = String::new();
    let mut width = 0;
    for character in text.chars() {
        // Tabs and control characters have no fixed width, and might drive the terminal.
        let (character, columns) = match character {
            '\t' => (' ', 1),
            other => other.width().map_or(('\u{fffd}', 1), |columns| (other, columns)),
        };
        if width + columns > room {
            result.push('…');
            return (result, width + 1);
        }
        result.push(character);
        width += columns;
    }
    (result, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, start: usize, end: usize) -> String {
        let place = Some(Place::of("a.toml", text, start, end));
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            message: "unknown key `b`".to_owned(),
            place,
            label: "expected `a`".to_owned(),
            hint: Some("did you mean `a`?".to_owned()),
        };
        diagnostic.to_string()
    }

    #[test]
    fn message_has_place_caret_expectation_and_hint() {
        insta::assert_snapshot!(render("x = 1\nlong = 2\n", 6, 10), @r"
        error: unknown key `b`
         --> a.toml:2:1
          |
        2 | long = 2
          | ^^^^ expected `a`

        hint: did you mean `a`?
        ");
    }

    #[test]
    fn caret_counts_terminal_columns_not_bytes() {
        // 北 is three bytes, one character and two columns wide.
        let place = Place::of("a", "北京 = x", "北京 = ".len(), "北京 = x".len());
        assert_eq!((place.column, place.caret, place.width), (6, 7, 1));
    }

    #[test]
    fn tabs_and_controls_do_not_move_the_caret() {
        let place = Place::of("a", "\t\u{1b}[31mx", 6, 7);
        assert_eq!(place.caret, 6);
        assert!(!place.excerpt.contains('\u{1b}'));
    }

    #[test]
    fn line_of_megabytes_is_cut_around_the_caret() {
        let text = "x".repeat(1_000_000);
        let place = Place::of("a", &text, 500_000, 600_000);
        assert!(place.excerpt.chars().count() < 400, "{}", place.excerpt.chars().count());
        assert_eq!(place.column, 500_001);
    }

    #[test]
    fn place_at_the_end_of_the_text_has_a_caret() {
        let place = Place::of("a", "x = ", 4, 4);
        assert_eq!((place.line, place.column, place.width), (1, 5, 1));
        let place = Place::of("a", "", 7, 9);
        assert_eq!((place.line, place.column, place.width), (1, 1, 1));
    }
}

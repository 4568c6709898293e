//! Texts with places that each call fills: `sip:{number}@{target}`.

use crate::faults::quoted;
use crate::limits;
use crate::model::traffic::{Part, Template};
use crate::read::{At, Text, shorten};
use crate::text_error::{TextError, error, suggest};
use crate::traffic_file::Compiler;
use std::collections::BTreeSet;
use std::ops::Range;

/// Names that every call fills by itself, whatever the columns are.
pub(crate) const OWN: [&str; 3] = ["call", "target", "local"];

/// Where a text stands: what a row's field may hold there depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// In an address.
    Address,
    /// Among the keys pressed.
    Digits,
    /// In the user that answers a challenge.
    User,
    /// Anywhere else: all but line breaks and other control characters.
    Plain,
}

/// The columns of the rows, and how texts use them.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// Their names; `None`: the file could not be read, any name may be one.
    pub(crate) names: Option<Vec<String>>,
    /// Uses that ask more of a field than others.
    pub(crate) uses: BTreeSet<(usize, Use)>,
}

impl Compiler<'_> {
    /// Reads a text with places; its faults point into it.
    pub(crate) fn template(&mut self, text: &At<Text>, used: Use) -> Option<Template> {
        let read = parse(&text.value.0, self.columns.names.as_deref());
        let template = self.resolver.read_text(text, read)?;
        for part in &template.parts {
            if let Part::Column(column) = part {
                self.columns.uses.insert((*column, used));
            }
        }
        Some(template)
    }
}

impl Template {
    /// Lists the texts that are the same for each call.
    pub(crate) fn fixed_parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Column(_) | Part::Call | Part::Target | Part::Local => None,
        })
    }
}

/// Reads a text; without `columns` any name is taken for one.
fn parse(text: &str, columns: Option<&[String]>) -> Result<Template, TextError> {
    if text.len() as u64 > limits::LOAD_TEXT {
        let expected = format!("expected at most {} bytes", limits::LOAD_TEXT);
        return Err(error("the text is too long", &(0..text.len()), expected));
    }
    let mut parts = Vec::new();
    let mut fixed = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['{', '}']).map(|found| at + found) {
        fixed.push_str(&text[at..found]);
        let brace = &text[found..=found];
        if text[found + 1..].starts_with(brace) {
            fixed.push_str(brace);
            at = found + 2;
            continue;
        }
        let end = closing(text, found)?;
        if !fixed.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut fixed)));
        }
        parts.push(place(text, found + 1..end, columns)?);
        at = end + 1;
    }
    fixed.push_str(&text[at..]);
    if !fixed.is_empty() {
        parts.push(Part::Text(fixed));
    }
    Ok(Template { parts })
}

/// Finds the brace that closes the one at `open`.
fn closing(text: &str, open: usize) -> Result<usize, TextError> {
    let close = text[open..].strip_prefix('{').and_then(|rest| rest.find('}'));
    close.map(|close| open + 1 + close).ok_or_else(|| {
        let (message, place) = if text[open..].starts_with('{') {
            ("the brace is not closed", open..text.len())
        } else {
            ("this brace closes nothing", open..open + 1)
        };
        let mut error = error(message, &place, "expected a name in braces, such as `{call}`");
        error.hint = Some("a brace that is to be sent is written twice: `{{` or `}}`".to_owned());
        error
    })
}

fn place(text: &str, range: Range<usize>, columns: Option<&[String]>) -> Result<Part, TextError> {
    let name = text[range.clone()].trim();
    match name {
        "call" => return Ok(Part::Call),
        "target" => return Ok(Part::Target),
        "local" => return Ok(Part::Local),
        _ => {}
    }
    // Without the columns' names the file has a fault already: anything stands in.
    let Some(columns) = columns else { return Ok(Part::Call) };
    if let Some(column) = columns.iter().position(|column| column == name) {
        return Ok(Part::Column(column));
    }
    let known = || columns.iter().map(String::as_str).chain(OWN);
    let message = format!("nothing is called `{{{}}}`", shorten(name));
    let expected = if columns.is_empty() {
        format!("there are {}, and columns where `[rows]` names a file", quoted(known()))
    } else {
        format!("columns and what each call has are {}", quoted(known()))
    };
    Err(suggest(error(message, &range, expected), name, known()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Part>, TextError> {
        let columns = ["number", "pin"].map(str::to_owned);
        parse(text, Some(&columns)).map(|template| template.parts)
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn places_are_columns_or_what_each_call_has() {
        let parts = read("sip:{number}@{target}").expect("good");
        assert_eq!(parts, [text("sip:"), Part::Column(0), text("@"), Part::Target]);
        assert_eq!(read("{pin}").expect("good"), [Part::Column(1)]);
        assert_eq!(read("{ call }x").expect("good"), [Part::Call, text("x")]);
        assert_eq!(read("").expect("good"), []);
    }

    #[test]
    fn braces_written_twice_are_sent() {
        assert_eq!(read("{{{call}}}").expect("good"), [text("{"), Part::Call, text("}")]);
        assert_eq!(read("{{}}").expect("good"), [text("{}")]);
    }

    #[test]
    fn faults_point_at_their_place() {
        for (text, word) in [
            ("a{numbre}", "numbre"),
            ("a{number", "{number"),
            ("a}b", "}"),
            ("{}", ""),
            ("{{{", "{"),
        ] {
            let error = read(text).expect_err(text);
            assert_eq!(&text[error.place.clone()], word, "{text}: {error}");
        }
    }
}

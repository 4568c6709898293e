//! What is wrong with a text of its own grammar, such as a condition, and where in it.

use crate::faults::closest;
use std::fmt;
use std::ops::Range;

/// Why a text is no condition, no profile, or no other text of its own grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// What is wrong.
    pub message: String,
    /// Which bytes of the text.
    pub place: Range<usize>,
    /// What was expected.
    pub expected: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.expected)
    }
}

impl std::error::Error for TextError {}

/// Makes an error without a hint.
pub(crate) fn error(
    message: impl Into<String>,
    place: &Range<usize>,
    expected: impl Into<String>,
) -> TextError {
    TextError {
        message: message.into(),
        place: place.clone(),
        expected: expected.into(),
        hint: None,
    }
}

/// Suggests the candidate that looks most like `word`, if one does.
pub(crate) fn suggest<'a>(
    mut error: TextError,
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> TextError {
    error.hint = closest(word, candidates).map(|near| format!("did you mean `{near}`?"));
    error
}

/// Narrows a range to the text without the spaces around it.
pub(crate) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

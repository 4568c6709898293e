//! The list that every reader adds to; it becomes [`Diagnostics`] at the end.

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::limits;
use crate::source::{Sources, Span};

/// A fault or warning before its place is looked up.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    severity: Severity,
    span: Option<Span>,
    message: String,
    label: String,
    hint: Option<String>,
    may_suggest: bool,
}

impl Fault {
    /// Says what was expected, beside the caret.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Says what to do.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    /// Suggests the candidate that looks most like `word`, if one does.
    pub(crate) fn suggest<'a>(
        &mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> &mut Self {
        if self.may_suggest
            && let Some(candidate) = closest(word, candidates)
        {
            self.hint(format!("did you mean `{candidate}`?"));
        }
        self
    }
}

/// Faults and warnings as they are found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    errors: usize,
    spare: Option<Fault>,
}

impl Faults {
    /// Adds a fault at a place.
    pub(crate) fn error(
        &mut self,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> &mut Fault {
        self.errors += 1;
        self.add(Severity::Error, span.into(), message.into())
    }

    /// Adds a warning at a place.
    pub(crate) fn warning(
        &mut self,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> &mut Fault {
        self.add(Severity::Warning, span.into(), message.into())
    }

    fn add(&mut self, severity: Severity, span: Option<Span>, message: String) -> &mut Fault {
        // Looking for the nearest name costs time: among many faults only the first get it.
        let may_suggest = (self.list.len() as u64) < limits::FAULTS;
        let fault =
            Fault { severity, span, message, label: String::new(), hint: None, may_suggest };
        if self.is_full() {
            return self.spare.insert(fault);
        }
        self.list.push(fault);
        self.list.last_mut().expect("a fault was just pushed")
    }

    /// Returns whether there are so many faults that looking for more is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() as u64 >= limits::FAULTS * 10
    }

    /// Returns how many faults there are, warnings left out.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// Splits into faults and warnings, with places, in the order of the files.
    pub(crate) fn finish(mut self, sources: &Sources) -> (Diagnostics, Diagnostics) {
        self.list.sort_by_key(|fault| fault.span.map(|span| (span.source, span.start, span.end)));
        self.list.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            self.list.into_iter().partition(|fault| fault.severity == Severity::Error);
        (locate(errors, sources), locate(warnings, sources))
    }
}

fn locate(mut faults: Vec<Fault>, sources: &Sources) -> Diagnostics {
    let most = usize::try_from(limits::FAULTS).unwrap_or(usize::MAX);
    let left_off = faults.len().saturating_sub(most);
    faults.truncate(most);
    let mut list: Vec<_> = faults.into_iter().map(|fault| place(fault, sources)).collect();
    if left_off > 0 {
        list.push(Diagnostic {
            severity: list[0].severity,
            message: format!("{left_off} more like these, or yet more, are not shown"),
            place: None,
            label: String::new(),
            hint: None,
        });
    }
    Diagnostics { list }
}

fn place(fault: Fault, sources: &Sources) -> Diagnostic {
    let Fault { severity, span, message, label, hint, .. } = fault;
    let place = span.map(|span| sources.place(span));
    Diagnostic { severity, message, place, label, hint }
}

/// Returns the candidate nearest in spelling, if it is near enough to be a slip.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Comparing costs the product of the lengths: a word longer than any name is no slip of one.
    if word.len() as u64 > limits::NAME_LENGTH {
        return None;
    }
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(CANDIDATES_MAX)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && !candidate.is_empty())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Names compared with a misspelt one.
const CANDIDATES_MAX: usize = 5_000;

fn distance(word: &str, candidate: &str) -> usize {
    if candidate.len() as u64 > limits::NAME_LENGTH {
        return usize::MAX;
    }
    let word = word.to_ascii_lowercase().replace(['_', ' '], "-");
    strsim::osa_distance(&word, &candidate.to_ascii_lowercase().replace(['_', ' '], "-"))
}

/// Writes names as `` `a`, `b`, `c` ``, at most eight of them.
pub(crate) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (position, name) in names.into_iter().enumerate() {
        if position == NAMES_SHOWN {
            text.push_str(", …");
            break;
        }
        if position > 0 {
            text.push_str(", ");
        }
        text.push_str(&format!("`{name}`"));
    }
    text
}

/// Writes what was expected out of some names.
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let several = names.clone().into_iter().nth(1).is_some();
    format!("expected {}{}", if several { "one of " } else { "" }, quoted(names))
}

/// Names that one message lists.
const NAMES_SHOWN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        assert_eq!(closest("longest-idel", ["round-robin", "longest-idle"]), Some("longest-idle"));
        assert_eq!(closest("max_lenght", ["max_length", "max_wait"]), Some("max_length"));
        assert_eq!(closest("zebra", ["max_length", "max_wait"]), None);
        assert_eq!(closest("", ["a"]), Some("a"));
    }

    #[test]
    fn faults_beyond_the_limit_are_counted_not_kept() {
        let mut faults = Faults::default();
        for number in 0..5_000 {
            faults.error(None, format!("fault {number}"));
        }
        let (errors, _) = faults.finish(&Sources::default());
        assert_eq!(errors.list.len(), 101);
        assert_eq!(errors.list[100].message, "900 more like these, or yet more, are not shown");
    }
}

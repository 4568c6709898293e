//! Texts that messages point into, and the places in them.

use crate::diagnostic::Place;
use std::path::PathBuf;

/// A text by its position in [`Sources`]. The first file a user named is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceId(pub(crate) u32);

/// A stretch of bytes of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    /// Of which source.
    pub(crate) source: SourceId,
    /// First byte.
    pub(crate) start: u32,
    /// First byte behind.
    pub(crate) end: u32,
}

impl Span {
    /// The place of what no file holds; it is never shown.
    pub(crate) const NOWHERE: Self = Self { source: SourceId(0), start: 0, end: 0 };

    /// Returns the part of the span from `start` to `end`, counted from its beginning and kept inside it.
    pub(crate) fn part(self, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| {
            self.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(self.end)
        };
        Self { source: self.source, start: clamp(start), end: clamp(end.max(start)) }
    }
}

/// A text with its name.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// As messages print it.
    pub(crate) name: String,
    /// The folder that paths in this text start from; `None` where none may be named.
    pub(crate) folder: Option<PathBuf>,
    /// The text.
    pub(crate) text: String,
}

/// Every text read so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// Adds a text.
    pub(crate) fn add(&mut self, source: Source) -> SourceId {
        self.list.push(source);
        SourceId(u32::try_from(self.list.len() - 1).expect("sources are few"))
    }

    /// Returns a text.
    pub(crate) fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0 as usize]
    }

    /// Fills in the text of a source that was added empty.
    pub(crate) fn set_text(&mut self, id: SourceId, text: String) {
        self.list[id.0 as usize].text = text;
    }

    /// Returns where a span lies, for a person.
    pub(crate) fn place(&self, span: Span) -> Place {
        let source = self.get(span.source);
        Place::of(&source.name, &source.text, span.start as usize, span.end as usize)
    }

    /// Returns the bytes under a span; empty where the span does not fall on characters.
    pub(crate) fn text(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

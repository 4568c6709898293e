//! Reads the repository's sources well enough to count: comments, strings, tokens, functions.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of Rust.
pub(crate) struct SourceFile {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    /// As it stands.
    pub(crate) text: String,
    /// The text with comments and the insides of strings blanked; lines stay where they are.
    pub(crate) code: String,
    comments: Vec<(usize, String)>,
}

impl SourceFile {
    /// Reads a text.
    pub(crate) fn new(path: String, text: String) -> Self {
        let mut blanker = Blanker::new(&text);
        blanker.run();
        let (code, comments) = (blanker.code, blanker.comments);
        Self { path, text, code, comments }
    }

    /// Returns the comments with their lines.
    pub(crate) fn comments(&self) -> impl Iterator<Item = (usize, &str)> {
        self.comments.iter().map(|(line, text)| (*line, text.as_str()))
    }

    /// Returns whether the file is part of a crate's library or program, not of its tests and benches.
    pub(crate) fn is_library_code(&self) -> bool {
        self.path.starts_with("src/") || self.path.contains("/src/")
    }

    /// Returns the code up to the tests at the file's foot.
    pub(crate) fn code_without_tests(&self) -> &str {
        self.code.split("#[cfg(test)]\nmod ").next().unwrap_or("")
    }
}

/// A word or a sign.
#[derive(Clone, Copy)]
pub(crate) struct Token<'a> {
    /// The word or the sign.
    pub(crate) text: &'a str,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// Splits code into words and single signs.
pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = match is_word(first) {
                true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                false => first.len_utf8(),
            };
            if !first.is_whitespace() {
                tokens.push(Token { text: &rest[..length], line: index + 1 });
            }
            rest = &rest[length..];
        }
    }
    tokens
}

/// A function with a body.
pub(crate) struct Function<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// The line of `fn`.
    pub(crate) line: usize,
    /// From `fn` to the closing brace.
    pub(crate) lines: usize,
}

/// Finds the functions with a body, inner ones too.
pub(crate) fn functions<'a>(tokens: &[Token<'a>]) -> Vec<Function<'a>> {
    let mut found = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let is_named = pair[1].text.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if pair[0].text == "fn"
            && is_named
            && let Some(end) = end_of_body(&tokens[at..])
        {
            let lines = end - pair[0].line + 1;
            found.push(Function { name: pair[1].text, line: pair[0].line, lines });
        }
    }
    found
}

/// Returns the line of the brace that closes a function's body; `None` for a mere signature.
fn end_of_body(tokens: &[Token<'_>]) -> Option<usize> {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for token in tokens {
        match token.text {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            "{" => braces += 1,
            "}" if braces == 1 => return Some(token.line),
            "}" => braces = braces.checked_sub(1)?,
            ";" if braces == 0 && brackets == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Blanks comments, strings and characters.
struct Blanker<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    code: String,
    comments: Vec<(usize, String)>,
}

impl<'a> Blanker<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, code: String::with_capacity(text.len()), comments: Vec::new() }
    }

    fn run(&mut self) {
        while let Some(next) = self.rest().chars().next() {
            let rest = self.rest();
            if rest.starts_with("//") {
                self.comment(rest.find('\n').unwrap_or(rest.len()));
            } else if rest.starts_with("/*") {
                self.comment(rest.find("*/").map_or(rest.len(), |end| end + 2));
            } else if let Some(length) = self.raw_string() {
                self.blank(length);
            } else if next == '"' {
                self.blank(quoted(rest, '"'));
            } else if next == '\'' && is_character(rest) {
                self.blank(quoted(rest, '\''));
            } else {
                self.keep(next);
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn keep(&mut self, next: char) {
        self.code.push(next);
        self.line += usize::from(next == '\n');
        self.at += next.len_utf8();
    }

    fn comment(&mut self, length: usize) {
        self.comments.push((self.line, self.rest()[..length].to_owned()));
        self.blank(length);
    }

    /// Leaves only the line breaks.
    fn blank(&mut self, length: usize) {
        let breaks = self.rest()[..length].matches('\n').count();
        self.code.push(' ');
        self.code.extend(std::iter::repeat_n('\n', breaks));
        self.line += breaks;
        self.at += length;
    }

    /// Returns the length of a raw string that begins here.
    fn raw_string(&self) -> Option<usize> {
        let before = self.text[..self.at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let rest = self.rest();
        let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
        let hashes = after.len() - after.trim_start_matches('#').len();
        let inside = after[hashes..].strip_prefix('"')?;
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = inside.find(&closing).unwrap_or(inside.len());
        Some((rest.len() - inside.len() + end + closing.len()).min(rest.len()))
    }
}

/// Returns the length of a quoted text with its quotes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, next) in rest.char_indices().skip(1) {
        if next == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = next == '\\' && !is_escaped;
    }
    rest.len()
}

/// Tells a character from a lifetime.
fn is_character(rest: &str) -> bool {
    let mut next = rest.chars().skip(1);
    next.next() == Some('\\') || next.next() == Some('\'')
}

/// Returns every Rust file of the repository.
pub(crate) fn rust_files() -> Vec<SourceFile> {
    files()
        .into_iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .map(|(path, text)| SourceFile::new(path, text))
        .collect()
}

/// Returns every text file of the repository with its path.
pub(crate) fn text_files() -> Vec<(String, String)> {
    files()
}

fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the repository is readable") {
            let path = entry.expect("the repository is readable").path();
            let name =
                path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let is_made = ["target", "out", ".git", "corpus", "artifacts"].contains(&name.as_str());
            if is_made {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let relative = path.strip_prefix(root).expect("found under the root");
                found.push((relative.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    found.sort();
    found
}

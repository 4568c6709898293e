//! Comma-separated values, split when they are asked for.

use super::scan::{self, TOKEN};
use super::{Fault, Message, Name};

/// The values of one field line between commas.
///
/// Commas inside quoted strings and angle brackets do not separate. An empty value is given out as
/// it stands: whether it is an error is the business of the field.
#[derive(Debug, Clone)]
pub struct Values<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Values<'a> {
    /// Splits the value of one line.
    pub fn new(line: &'a [u8]) -> Self {
        Self { rest: Some(line) }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        let end = value_length(rest);
        self.rest = rest.get(end + 1..);
        Some(scan::trim(&rest[..end]))
    }
}

/// Length of the first value: up to the first comma that separates.
fn value_length(bytes: &[u8]) -> usize {
    // Most fields hold one value.
    if memchr::memchr(b',', bytes).is_none() {
        return bytes.len();
    }
    let mut at = 0;
    let mut is_bracketed = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b',' if !is_bracketed => return at,
            b'"' if !is_bracketed => match scan::quoted_length(&bytes[at..]) {
                Some(length) => at += length - 1,
                None => return bytes.len(),
            },
            b'<' => is_bracketed = true,
            b'>' => is_bracketed = false,
            _ => {}
        }
        at += 1;
    }
    at
}

/// Tokens of a list field such as Supported, Require or Allow.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    message: Message<'a>,
    name: Name,
}

impl<'a> Tokens<'a> {
    /// The tokens in their order; an empty list has none.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.message.values(self.name).filter(|value| !value.is_empty())
    }

    /// Whether the token is there. Option tags are compared without case (RFC 3261 §7.3.1).
    pub fn contains(&self, token: &[u8]) -> bool {
        self.iter().any(|candidate| candidate.eq_ignore_ascii_case(token))
    }
}

impl<'a> Message<'a> {
    /// The tokens of a list field: Supported, Require, Proxy-Require, Unsupported, Allow or
    /// Allow-Events.
    ///
    /// # Errors
    /// [`Fault::Malformed`] when a value is not a token.
    pub fn tokens(&self, name: Name) -> Result<Tokens<'a>, Fault> {
        let tokens = Tokens { message: *self, name };
        let good = tokens.iter().all(|value| scan::all(value, TOKEN));
        if good { Ok(tokens) } else { Err(Fault::Malformed(name)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<&str> {
        Values::new(line.as_bytes())
            .map(|value| core::str::from_utf8(value).expect("text"))
            .collect()
    }

    #[test]
    fn commas_in_quotes_and_brackets_do_not_separate() {
        assert_eq!(split("a , b,c"), ["a", "b", "c"]);
        assert_eq!(
            split(r#""x, \", y" <sip:a>, <sip:b,c>;d"#),
            [r#""x, \", y" <sip:a>"#, "<sip:b,c>;d"]
        );
        assert_eq!(split("a,,b,"), ["a", "", "b", ""]);
        assert_eq!(split(""), [""]);
        assert_eq!(split(r#""open, end"#), [r#""open, end"#]);
        assert_eq!(split("<a\",b>,c"), ["<a\",b>", "c"]);
    }
}

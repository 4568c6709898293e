//! Parameters after semicolons: `;name=value` (RFC 3261 §25.1 `generic-param`).

use std::borrow::Cow;

use super::scan::{Cursor, VALUE};
use crate::limits::PARAMS_MAX;

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param<'a> {
    /// Its name; compared without case.
    pub name: &'a [u8],
    /// Its value as written, quotes included; `None` when there is no `=`.
    pub value: Option<&'a [u8]>,
}

/// Parameters proved well formed, read when asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Params<'a> {
    raw: &'a [u8],
}

impl<'a> Params<'a> {
    /// Reads `;name=value…` to the end of the bytes.
    ///
    /// `None` when the grammar is broken or there are more than [`PARAMS_MAX`].
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(raw);
        let mut count = 0;
        while cursor.eat_separator(b';') {
            next_param(&mut cursor)?;
            count += 1;
        }
        cursor.skip_lws();
        (cursor.is_done() && count <= PARAMS_MAX).then_some(Self { raw })
    }

    /// The parameters in their order.
    pub fn iter(&self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.raw);
        core::iter::from_fn(move || {
            cursor.eat_separator(b';').then(|| next_param(&mut cursor)).flatten()
        })
    }

    /// The first parameter of this name; `Some(None)` when it stands without a value.
    pub fn find(&self, name: &[u8]) -> Option<Option<&'a [u8]>> {
        if self.raw.is_empty() {
            return None;
        }
        self.iter().find(|param| param.name.eq_ignore_ascii_case(name)).map(|param| param.value)
    }

    /// The value of the first parameter of this name, quotes kept.
    pub fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.find(name).flatten()
    }

    /// The parameters as written, the first semicolon included.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }
}

fn next_param<'a>(cursor: &mut Cursor<'a>) -> Option<Param<'a>> {
    let name = cursor.token()?;
    if !cursor.eat_separator(b'=') {
        return Some(Param { name, value: None });
    }
    let value = match cursor.peek() {
        Some(b'"') => cursor.quoted()?,
        _ => Some(cursor.take(VALUE)).filter(|value| !value.is_empty())?,
    };
    Some(Param { name, value: Some(value) })
}

/// The text of a value: without the quotes and backslashes of a quoted string.
pub fn unquote(value: &[u8]) -> Cow<'_, [u8]> {
    let Some(inner) = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return Cow::Borrowed(value);
    };
    if !inner.contains(&b'\\') {
        return Cow::Borrowed(inner);
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    while let Some(&byte) = bytes.next() {
        let escaped = if byte == b'\\' { bytes.next() } else { None };
        text.push(*escaped.unwrap_or(&byte));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_white_space_may_stand_anywhere() {
        let params =
            Params::parse(b" ;\r\n  TAG\t= 98asjd8 ; q = 0.33;x=\"a;b\";lr").expect("good");
        assert_eq!(params.get(b"tag"), Some(&b"98asjd8"[..]));
        assert_eq!(params.get(b"q"), Some(&b"0.33"[..]));
        assert_eq!(params.get(b"x"), Some(&b"\"a;b\""[..]));
        assert_eq!(params.find(b"lr"), Some(None));
        assert_eq!(params.find(b"none"), None);
        assert_eq!(params.iter().count(), 4);
    }

    #[test]
    fn empty_and_crowded_parameters_are_refused() {
        for bad in [&b";"[..], b";;", b";a=", b";=b", b";a b", b"a", b";a=\"", b";a=b,"] {
            assert_eq!(Params::parse(bad), None, "{}", bad.escape_ascii());
        }
        assert!(Params::parse(&b";a".repeat(PARAMS_MAX)).is_some());
        assert_eq!(Params::parse(&b";a".repeat(PARAMS_MAX + 1)), None);
    }

    #[test]
    fn quoted_strings_lose_quotes_and_backslashes() {
        assert_eq!(unquote(br#""J Rosenberg \\\"""#).as_ref(), br#"J Rosenberg \""#);
        assert_eq!(unquote(b"plain").as_ref(), b"plain");
        assert_eq!(unquote(b"\"\"").as_ref(), b"");
    }
}

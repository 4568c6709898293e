//! Challenges and credentials: a scheme and its parameters (RFC 3261 §20.7, §20.44, RFC 7616).

use std::borrow::Cow;

use super::params::{Param, unquote};
use super::scan::{Cursor, VALUE};
use super::{Fault, Message, Name};
use crate::limits::PARAMS_MAX;

/// The value of an Authorization, WWW-Authenticate or Proxy- field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthParams<'a> {
    /// The scheme: `Digest`, or another token; compared without case.
    pub scheme: &'a [u8],
    raw: &'a [u8],
}

/// The challenges of a response or the credentials of a request: one for each line.
pub type Challenges<'a> = Vec<AuthParams<'a>>;

impl<'a> AuthParams<'a> {
    /// Reads the value; `None` when it breaks the grammar.
    ///
    /// Parameters are separated by commas; a list is not cut at them.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let scheme = cursor.token()?;
        cursor.skip_lws();
        let raw = cursor.rest();
        let mut count = 0;
        while !cursor.is_done() {
            next_param(&mut cursor)?;
            count += 1;
            if count > PARAMS_MAX || (!cursor.eat_separator(b',') && !cursor.is_done()) {
                return None;
            }
        }
        Some(Self { scheme, raw })
    }

    /// The parameters in their order.
    pub fn iter(&self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.raw);
        core::iter::from_fn(move || {
            let param = next_param(&mut cursor)?;
            cursor.eat_separator(b',');
            Some(param)
        })
    }

    /// The value of the parameter of this name, without quotes.
    pub fn get(&self, name: &[u8]) -> Option<Cow<'a, [u8]>> {
        let mut params = self.iter();
        params.find(|param| param.name.eq_ignore_ascii_case(name))?.value.map(unquote)
    }

    /// Whether the scheme is Digest.
    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case(b"Digest")
    }
}

fn next_param<'a>(cursor: &mut Cursor<'a>) -> Option<Param<'a>> {
    let name = cursor.token()?;
    if !cursor.eat_separator(b'=') {
        return None;
    }
    let value = match cursor.peek() {
        Some(b'"') => cursor.quoted()?,
        _ => Some(cursor.take(VALUE)).filter(|value| !value.is_empty())?,
    };
    Some(Param { name, value: Some(value) })
}

impl<'a> Message<'a> {
    /// The challenges or credentials of one of the four fields.
    ///
    /// # Errors
    /// [`Fault::Malformed`] when one breaks the grammar.
    pub fn auth(&self, name: Name) -> Result<Challenges<'a>, Fault> {
        let lines =
            self.lines(name).map(|line| AuthParams::parse(line).ok_or(Fault::Malformed(name)));
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_and_without_quotes() {
        let value = b"Digest realm=\"biloxi.com\",\r\n qop=\"auth,auth-int\", nonce=\"dcd\\\"98\",algorithm=MD5";
        let auth = AuthParams::parse(value).expect("good");
        assert!(auth.is_digest());
        assert_eq!(auth.get(b"qop").as_deref(), Some(&b"auth,auth-int"[..]));
        assert_eq!(auth.get(b"NONCE").as_deref(), Some(&b"dcd\"98"[..]));
        assert_eq!(auth.get(b"algorithm").as_deref(), Some(&b"MD5"[..]));
        assert_eq!(auth.iter().count(), 4);
    }

    #[test]
    fn unknown_schemes_are_read_and_broken_values_are_not() {
        let auth = AuthParams::parse(b"NoOneKnowsThisScheme opaque-data=here").expect("good");
        assert!(!auth.is_digest());
        for bad in [
            &b""[..],
            b"Digest realm",
            b"Digest a=b c=d",
            b"Digest a=\"b",
            b"Digest =b",
            b"Digest ,",
        ] {
            assert_eq!(AuthParams::parse(bad), None, "{}", bad.escape_ascii());
        }
    }
}

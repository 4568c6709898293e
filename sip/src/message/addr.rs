//! From, To, Contact, Route and their kin: `name-addr` and `addr-spec` (RFC 3261 §20.10, §25.1).

use std::borrow::Cow;

use super::params::unquote;
use super::scan::{self, Cursor, LWS, TOKEN};
use super::{Fault, Message, Name, Params, Uri};

/// An address with an optional display name and parameters.
///
/// The URI is kept as bytes and read when asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameAddr<'a> {
    /// The display name as written, quotes included; empty for none.
    pub raw_display: &'a [u8],
    /// The URI as written, without its brackets.
    pub raw_uri: &'a [u8],
    /// The parameters behind it; those inside the brackets belong to the URI.
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Reads one value.
    ///
    /// `None` when the quotes or brackets do not balance, when an unquoted display name is not made
    /// of tokens, or when the URI holds white space. A bare URI ends at its first semicolon, and may
    /// not hold a comma or a question mark (RFC 3261 §20).
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let is_quoted = cursor.peek() == Some(b'"');
        let raw_display = if is_quoted { cursor.quoted()? } else { display_tokens(&cursor) };
        if !is_quoted {
            cursor = Cursor::new(&value[raw_display.len()..]);
        }
        cursor.skip_lws();
        let raw_uri = if cursor.eat(b'<') {
            let uri = cursor.until(b'>')?;
            cursor.eat(b'>');
            uri
        } else if raw_display.is_empty() {
            bare_uri(&mut cursor)
        } else {
            return None;
        };
        let is_clean = |&byte: &u8| !scan::is(byte, LWS) && !matches!(byte, b'<' | b'"');
        if raw_uri.is_empty() || !raw_uri.iter().all(is_clean) {
            return None;
        }
        let params = Params::parse(cursor.rest())?;
        Some(Self { raw_display: scan::trim(raw_display), raw_uri, params })
    }

    /// The display name without quotes and backslashes; empty for none.
    pub fn display(&self) -> Cow<'a, [u8]> {
        unquote(self.raw_display)
    }

    /// The URI, read.
    ///
    /// # Errors
    /// When it breaks the grammar of its scheme.
    pub fn uri(&self) -> Result<Uri<'a>, super::uri::UriError> {
        Uri::parse(self.raw_uri)
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&'a [u8]> {
        self.params.get(b"tag")
    }
}

/// Tokens and white space ahead of `<`; nothing when the value is a bare URI.
fn display_tokens<'a>(cursor: &Cursor<'a>) -> &'a [u8] {
    let mut ahead = *cursor;
    let tokens = ahead.take(TOKEN | LWS);
    if ahead.peek() == Some(b'<') { tokens } else { &[] }
}

fn bare_uri<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    let rest = cursor.rest();
    let ends = |&byte: &u8| matches!(byte, b';' | b',' | b'?') || scan::is(byte, LWS);
    let end = rest.iter().position(ends).unwrap_or(rest.len());
    // A comma or question mark stays behind and fails as a parameter.
    *cursor = Cursor::new(&rest[end..]);
    &rest[..end]
}

impl<'a> Message<'a> {
    /// The addresses of a list field: Contact, Route, Record-Route, P-Asserted-Identity, …
    ///
    /// A Contact of `*` is not among them; see [`Self::is_star_contact`]. Each item is an error of
    /// its own, so that one bad value does not hide the others.
    pub fn addresses(
        &self,
        name: Name,
    ) -> impl Iterator<Item = Result<NameAddr<'a>, Fault>> + use<'a> {
        let values =
            self.values(name).filter(move |value| !(name == Name::Contact && *value == b"*"));
        values.map(move |value| NameAddr::parse(value).ok_or(Fault::Malformed(name)))
    }

    /// The address of a field that stands once: From, To, Refer-To, Referred-By.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn address(&self, name: Name) -> Result<Option<NameAddr<'a>>, Fault> {
        let Some(value) = self.only(name)? else { return Ok(None) };
        NameAddr::parse(value).map(Some).ok_or(Fault::Malformed(name))
    }

    /// Whether Contact is `*`: a REGISTER that removes all bindings (RFC 3261 §10.2.2).
    pub fn is_star_contact(&self) -> bool {
        self.first(Name::Contact) == Some(b"*")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, String, Option<String>)> {
        let addr = NameAddr::parse(value.as_bytes())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(&addr.display()), text(addr.raw_uri), addr.tag().map(text)))
    }

    fn parts(
        display: &str,
        uri: &str,
        tag: Option<&str>,
    ) -> Option<(String, String, Option<String>)> {
        Some((display.to_owned(), uri.to_owned(), tag.map(str::to_owned)))
    }

    #[test]
    fn display_names_are_quoted_or_tokens() {
        let quoted =
            "\"J Rosenberg \\\\\\\"\"   <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8";
        assert_eq!(
            read(quoted),
            parts("J Rosenberg \\\"", "sip:jdrosen@example.com", Some("98asjd8"))
        );
        assert_eq!(read("caller<sip:a@b>;tag=3"), parts("caller", "sip:a@b", Some("3")));
        assert_eq!(read("A. Bell <sip:a@b>"), parts("A. Bell", "sip:a@b", None));
        assert_eq!(read("\"a;,<\" <sip:a@b>"), parts("a;,<", "sip:a@b", None));
    }

    #[test]
    fn parameters_of_a_bare_uri_belong_to_the_field() {
        assert_eq!(read("sip:a@b;tag=x;y"), parts("", "sip:a@b", Some("x")));
        assert_eq!(read("sip:a@b ;   tag    = 1"), parts("", "sip:a@b", Some("1")));
        assert_eq!(read("<sip:a@b;tag=x>"), parts("", "sip:a@b;tag=x", None));
    }

    #[test]
    fn broken_addresses_are_refused() {
        for bad in [
            "",
            "<>",
            "<sip:a@b",
            "\"Mr. J. User <sip:a@b>",
            "\"W, T\" < sip:a@b >",
            "Bell, A <sip:a@b>",
            "<sip:a@b>;;;;",
            "sip:a@b?Route=%3Csip:c%3E",
            "sip:a,b@c",
            "a b sip:c",
            "<sip:a@b>;tag=",
            "<sip:a@b> x",
            "\"x\" sip:a@b",
            "<<sip:a>",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

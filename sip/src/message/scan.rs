//! Byte classes of RFC 3261 §25.1 and a cursor over one header value.

/// `token`: method names, header names, parameter names.
pub(crate) const TOKEN: u16 = 1;
/// `word`: the two halves of a Call-ID.
pub(crate) const WORD: u16 = 1 << 1;
/// What the user part of a SIP URI may hold unescaped.
pub(crate) const USER: u16 = 1 << 2;
/// What the password of a SIP URI may hold unescaped.
pub(crate) const PASSWORD: u16 = 1 << 3;
/// What a URI parameter may hold unescaped.
pub(crate) const URI_PARAM: u16 = 1 << 4;
/// What a header of a URI may hold unescaped.
pub(crate) const URI_HEADER: u16 = 1 << 5;
/// Host names. The underscore is not in the grammar but common in private networks.
pub(crate) const HOST: u16 = 1 << 6;
/// An unquoted parameter value: a token or a host, with or without brackets (RFC 5118 §4.5).
pub(crate) const VALUE: u16 = 1 << 7;
/// Linear white space. Line breaks belong to it: the splitter has proved that each one inside a
/// value is a fold.
pub(crate) const LWS: u16 = 1 << 8;
/// What an absolute URI of an unknown scheme may hold (`uric`, and brackets).
pub(crate) const URIC: u16 = 1 << 9;
/// `reserved` of RFC 3261: escaped and plain are different in a URI comparison.
pub(crate) const RESERVED: u16 = 1 << 10;

static CLASSES: [u16; 256] = classes();

const fn classes() -> [u16; 256] {
    let mut table = [0; 256];
    let unreserved = USER | PASSWORD | URI_PARAM | URI_HEADER | URIC;
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = TOKEN | WORD | HOST | VALUE | unreserved;
        }
        byte += 1;
    }
    table = mark(table, b"-.!%*_+`'~", TOKEN | WORD | VALUE);
    table = mark(table, b"()<>:\\\"/[]?{}", WORD);
    table = mark(table, b"-_.!~*'()", unreserved);
    table = mark(table, b"&=+$,;?/", USER);
    table = mark(table, b"&=+$,", PASSWORD);
    table = mark(table, b"[]/:&+$", URI_PARAM);
    table = mark(table, b"[]/?:+$", URI_HEADER);
    table = mark(table, b"-._", HOST);
    table = mark(table, b"[]:", VALUE);
    table = mark(table, b" \t\r\n", LWS);
    table = mark(table, b";/?:@&=+$,", RESERVED);
    mark(table, b";/?:@&=+$,[]", URIC)
}

const fn mark(mut table: [u16; 256], bytes: &[u8], class: u16) -> [u16; 256] {
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i] as usize] |= class;
        i += 1;
    }
    table
}

/// Whether the byte belongs to the class.
pub(crate) fn is(byte: u8, class: u16) -> bool {
    CLASSES[byte as usize] & class != 0
}

/// Whether every byte belongs to the class; true for none.
pub(crate) fn all(bytes: &[u8], class: u16) -> bool {
    bytes.iter().all(|&byte| is(byte, class))
}

/// Whether every byte belongs to the class or starts a complete `%HH`.
pub(crate) fn all_escaped(bytes: &[u8], class: u16) -> bool {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let [Some(high), Some(low)] = [bytes.get(at + 1), bytes.get(at + 2)] else {
                return false;
            };
            if !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit() {
                return false;
            }
            at += 3;
        } else if is(byte, class) {
            at += 1;
        } else {
            return false;
        }
    }
    true
}

/// Cuts white space and folds off both ends.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let Some(start) = bytes.iter().position(|&byte| !is(byte, LWS)) else {
        return &[];
    };
    let end = bytes.iter().rposition(|&byte| !is(byte, LWS)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// Reads a decimal number: digits only, any number of leading zeros, no overflow.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, &digit| {
        let value = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(value)
    })
}

/// Length of the quoted string at the start of `bytes`, both quotes included.
///
/// `None` when it does not start with a quote or is not closed. A backslash takes the next byte
/// with it, whatever it is but a line break (RFC 3261 `quoted-pair`).
pub(crate) fn quoted_length(bytes: &[u8]) -> Option<usize> {
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' if matches!(bytes.get(at + 1)?, b'\r' | b'\n') => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A place in one header value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn skip_lws(&mut self) {
        self.take(LWS);
    }

    /// Takes the byte if it comes next.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    /// Takes the byte with white space on both sides (`SLASH`, `SEMI`, `EQUAL`, `COMMA`).
    pub(crate) fn eat_separator(&mut self, byte: u8) -> bool {
        // Seldom is there white space at all.
        let Some(next) = self.peek() else { return false };
        if next != byte && !is(next, LWS) {
            return false;
        }
        let before = self.at;
        self.skip_lws();
        if self.eat(byte) {
            self.skip_lws();
            true
        } else {
            self.at = before;
            false
        }
    }

    /// Takes all bytes of the class; maybe none.
    pub(crate) fn take(&mut self, class: u16) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !is(byte, class)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Takes a token of at least one byte.
    pub(crate) fn token(&mut self) -> Option<&'a [u8]> {
        let token = self.take(TOKEN);
        (!token.is_empty()).then_some(token)
    }

    /// Takes a quoted string, quotes included.
    pub(crate) fn quoted(&mut self) -> Option<&'a [u8]> {
        let length = quoted_length(self.rest())?;
        let quoted = &self.rest()[..length];
        self.at += length;
        Some(quoted)
    }

    /// Takes everything before the byte; the byte itself stays.
    pub(crate) fn until(&mut self, byte: u8) -> Option<&'a [u8]> {
        let length = self.rest().iter().position(|&candidate| candidate == byte)?;
        let taken = &self.rest()[..length];
        self.at += length;
        Some(taken)
    }

    /// Takes decimal digits as a number.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.at += length;
        number(&rest[..length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_the_grammar() {
        assert!(all(b"!interesting-Method0123456789_*+`.%indeed'~", TOKEN));
        assert!(!all(b"a b", TOKEN) && !all(b"a@b", TOKEN) && !all(b"a:b", TOKEN));
        assert!(all(b"word`~)(><:\\/\"][?}{", WORD));
        assert!(!is(0, TOKEN | WORD | USER | VALUE | LWS) && !is(0x80, TOKEN | URIC));
    }

    #[test]
    fn escapes_must_be_complete() {
        assert!(all_escaped(b"u%40x", USER));
        assert!(!all_escaped(b"u%4", USER) && !all_escaped(b"u%", USER));
        assert!(!all_escaped(b"u%zz", USER));
    }

    #[test]
    fn numbers_do_not_wrap() {
        assert_eq!(number(b"0068"), Some(68));
        assert_eq!(number(b"36893488147419103232"), None);
        assert_eq!(number(b""), None);
        assert_eq!(number(b"-1"), None);
    }

    #[test]
    fn quoted_strings_keep_escaped_quotes_inside() {
        assert_eq!(quoted_length(br#""a\"b" c"#), Some(6));
        assert_eq!(quoted_length(br#""a\"b"#), None);
        assert_eq!(quoted_length(b"\"a\\"), None);
        assert_eq!(quoted_length(b"\"a\\\r\n b\""), None);
        assert_eq!(quoted_length(b"a"), None);
    }
}

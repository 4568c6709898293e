//! Unpredictable numbers and their text.

use core::fmt;

use crate::message::MAGIC_COOKIE;
pub(super) use crate::text::hexadecimal as text;

/// The owner's source of unpredictable numbers.
pub(super) struct Tokens {
    next: Box<dyn FnMut() -> u64 + Send>,
    /// For tags of answers nothing is kept of: the same request gets the same tag.
    key: u64,
}

impl Tokens {
    pub(super) fn new(mut next: impl FnMut() -> u64 + Send + 'static) -> Self {
        let key = next();
        Self { next: Box::new(next), key }
    }

    pub(super) fn number(&mut self) -> u64 {
        (self.next)()
    }

    /// A number below the bound, which is small.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// A branch by the rules of RFC 3261 §8.1.1.7.
    pub(super) fn branch(&mut self) -> [u8; 23] {
        let mut branch = [0; 23];
        branch[..7].copy_from_slice(MAGIC_COOKIE);
        branch[7..].copy_from_slice(&text(self.number()));
        branch
    }

    /// A Call-ID: 128 bits.
    pub(super) fn call_id(&mut self) -> [u8; 32] {
        let mut id = [0; 32];
        id[..16].copy_from_slice(&text(self.number()));
        id[16..].copy_from_slice(&text(self.number()));
        id
    }

    /// A tag that is a function of the request (RFC 3261 §8.2.7). FNV-1a: it needs to be the same
    /// again, not secret.
    pub(super) fn stateless_tag(&self, pieces: [&[u8]; 3]) -> u64 {
        let bytes = pieces.iter().flat_map(|piece| piece.iter());
        bytes.fold(self.key ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        })
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

/// The number of a tag of ours; `None` when we never wrote such a tag.
pub(super) fn number(tag: &[u8]) -> Option<u64> {
    let tag: &[u8; 16] = tag.try_into().ok()?;
    tag.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u64::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_back_and_no_other_text_is() {
        assert_eq!(number(&text(0xab)), Some(0xab));
        assert_eq!(&text(0xab), b"00000000000000ab");
        for other in [&b""[..], b"ab", b"00000000000000AB", b"+0000000000000ab"] {
            assert_eq!(number(other), None);
        }
        assert!(Tokens::new(|| 7).branch().starts_with(b"z9hG4bK0000"));
    }
}

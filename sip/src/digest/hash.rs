//! The hash algorithms of digest authentication (RFC 7616 §6.1, RFC 8760).

use core::ops::Deref;

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

use crate::message::AuthParams;

/// A hash algorithm of digest authentication.
///
/// With `-sess` the password's hash is bound to both nonces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `MD5`; what a missing `algorithm` means.
    Md5,
    /// `MD5-sess`.
    Md5Session,
    /// `SHA-256`.
    Sha256,
    /// `SHA-256-sess`.
    Sha256Session,
    /// `SHA-512-256`: SHA-512/256, which is not a SHA-512 cut in half.
    Sha512Half,
    /// `SHA-512-256-sess`.
    Sha512HalfSession,
}

/// A hash in lower-case hex: 32 or 64 digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex {
    digits: [u8; 64],
    length: usize,
}

/// The hash functions under the algorithms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    Md5,
    Sha256,
    Sha512Half,
}

impl Algorithm {
    /// All of them, the ones that most peers know first.
    pub const ALL: [Self; 6] = [
        Self::Md5,
        Self::Md5Session,
        Self::Sha256,
        Self::Sha256Session,
        Self::Sha512Half,
        Self::Sha512HalfSession,
    ];

    /// The token on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Session => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Session => "SHA-256-sess",
            Self::Sha512Half => "SHA-512-256",
            Self::Sha512HalfSession => "SHA-512-256-sess",
        }
    }

    /// The algorithm that a challenge or credentials name; `None` for one that is not known here.
    ///
    /// A guard that wants a stronger one than MD5 checks this: credentials choose it.
    pub fn of(params: &AuthParams<'_>) -> Option<Self> {
        let Some(name) = params.get(b"algorithm") else { return Some(Self::Md5) };
        Self::ALL.into_iter().find(|known| name.eq_ignore_ascii_case(known.name().as_bytes()))
    }

    pub(super) fn is_session(self) -> bool {
        match self {
            Self::Md5 | Self::Sha256 | Self::Sha512Half => false,
            Self::Md5Session | Self::Sha256Session | Self::Sha512HalfSession => true,
        }
    }

    fn function(self) -> Function {
        match self {
            Self::Md5 | Self::Md5Session => Function::Md5,
            Self::Sha256 | Self::Sha256Session => Function::Sha256,
            Self::Sha512Half | Self::Sha512HalfSession => Function::Sha512Half,
        }
    }

    /// Whether a hash kept for one serves the other: `-sess` is made of the same.
    pub(super) fn shares_hash_with(self, other: Self) -> bool {
        self.function() == other.function()
    }

    /// Hashes pieces with a colon between each two.
    pub(super) fn hash(self, pieces: &[&[u8]]) -> Hex {
        match self.function() {
            Function::Md5 => hash::<Md5>(pieces),
            Function::Sha256 => hash::<Sha256>(pieces),
            Function::Sha512Half => hash::<Sha512_256>(pieces),
        }
    }
}

fn hash<D: Digest>(pieces: &[&[u8]]) -> Hex {
    let mut function = D::new();
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            function.update(b":");
        }
        function.update(piece);
    }
    Hex::of(&function.finalize())
}

impl Hex {
    /// A hash that was kept in hex.
    pub(super) fn copy(hex: &[u8; 32]) -> Self {
        let mut digits = [0; 64];
        digits[..32].copy_from_slice(hex);
        Self { digits, length: 32 }
    }

    fn of(bytes: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self { digits, length: bytes.len() * 2 }
    }
}

impl Deref for Hex {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.digits[..self.length]
    }
}

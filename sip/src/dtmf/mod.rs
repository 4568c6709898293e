//! Digits: telephone events in RTP (RFC 4733), in INFO, and as tones.
//!
//! One leg has one way: telephone events when the descriptions agreed on them, else INFO and tones.
//! Who listens to two of them at once hears every key twice, because many telephones send both.

mod event;
pub mod info;
mod send;
mod tone;

pub use event::{EventCounts, EventPayload, EventReceiver};
pub use send::{DIGITS_WAITING_MAX, EventSender, TooManyDigits};
pub use tone::{ToneDetector, sound};

/// A key of a telephone: 0 to 9, `*`, `#`, A to D.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digit(u8);

/// The keys in the order of their event codes (RFC 4733 §3.2).
const KEYS: &[u8; 16] = b"0123456789*#ABCD";

/// Frequencies of the rows and columns of the keypad (ITU-T Q.23). Unit: Hz.
const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// The keypad: rows from above, each from the left.
const PAD: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];

impl Digit {
    /// The digit of a character; letters in both cases.
    pub fn from_char(key: char) -> Option<Self> {
        let key = u8::try_from(key).ok()?.to_ascii_uppercase();
        let code = KEYS.iter().position(|&other| other == key)?;
        u8::try_from(code).ok().map(Self)
    }

    /// The digit of an event code; `None` for events that are no keys, such as a flash.
    pub fn from_event(code: u8) -> Option<Self> {
        (usize::from(code) < KEYS.len()).then_some(Self(code))
    }

    /// Its character.
    pub fn to_char(self) -> char {
        char::from(KEYS[usize::from(self.0)])
    }

    /// Its event code.
    pub fn event(self) -> u8 {
        self.0
    }

    /// The key in a row and a column of the keypad.
    fn at(row: usize, column: usize) -> Self {
        Self::from_char(char::from(PAD[row][column])).expect("every key is a digit")
    }

    /// Its two frequencies, the lower first. Unit: Hz.
    pub fn frequencies(self) -> (f64, f64) {
        let key = KEYS[usize::from(self.0)];
        let places = PAD.iter().zip(ROWS).flat_map(|(keys, row)| {
            keys.iter().zip(COLUMNS).map(move |(&key, column)| (key, (row, column)))
        });
        let mut place = places.filter(|(other, _)| *other == key);
        place.next().expect("every digit is on the pad").1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_codes_and_frequencies_belong_together() {
        for (code, key) in (0..16).zip("0123456789*#ABCD".chars()) {
            let digit = Digit::from_char(key).expect("a key");
            assert_eq!((digit.event(), digit.to_char()), (code, key));
            assert_eq!(Digit::from_event(code), Some(digit));
        }
        assert_eq!(Digit::from_char('d'), Digit::from_char('D'));
        assert_eq!((Digit::from_char('E'), Digit::from_char('é')), (None, None));
        assert_eq!(Digit::from_event(16), None);
        let frequencies = |key| Digit::from_char(key).map(Digit::frequencies);
        assert_eq!(frequencies('1'), Some((697.0, 1209.0)));
        assert_eq!(frequencies('0'), Some((941.0, 1336.0)));
        assert_eq!(frequencies('D'), Some((941.0, 1633.0)));
    }
}

//! Numbers as text, appended: a long run writes millions of them, most of them counts.

use std::io::Write as _;
use std::ops::RangeInclusive;

/// Whole numbers below this are exact, and no form writes them with an exponent.
const EXACT: f64 = 1e15;

/// Returns a number as a whole one if it is a count.
#[inline]
pub(super) fn count(number: f64) -> Option<u64> {
    let whole = number as u64;
    (number.is_sign_positive() && number < EXACT && whole as f64 == number).then_some(whole)
}

/// Appends a count.
pub(super) fn push_count(to: &mut Vec<u8>, mut count: u64) {
    let mut digits = [0; 20];
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (count % 10) as u8;
        count /= 10;
        if count == 0 {
            break;
        }
    }
    to.extend_from_slice(&digits[from..]);
}

/// Appends a number in its shortest exact form, as `{number}` writes it; where two forms are as short and as near,
/// the one with the even last digit.
pub(super) fn push_shortest(to: &mut Vec<u8>, number: f64) {
    // Where JSON's form has neither an exponent nor a fraction of zero it is the same, and made faster.
    const SAME_IN_JSON: RangeInclusive<f64> = 1e-4..=EXACT;
    if let Some(count) = count(number) {
        push_count(to, count);
    } else if SAME_IN_JSON.contains(&number.abs()) && number != number.trunc() {
        serde_json::to_writer(to, &number).expect("a vector takes every byte");
    } else {
        write!(to, "{number}").expect("a vector takes every byte");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shortest(number: f64) -> String {
        let mut bytes = Vec::new();
        push_shortest(&mut bytes, number);
        String::from_utf8(bytes).expect("digits are text")
    }

    proptest! {
        #[test]
        fn the_shortest_form_reads_back_and_is_as_short_as_display(
            number: f64,
            share in 0.0..1.0_f64,
            wait in 0.0..1e17_f64,
        ) {
            for number in [number, share, share * 1e-3, wait, wait.round(), -share, -wait.round()] {
                let (ours, displayed) = (shortest(number), number.to_string());
                prop_assert_eq!(ours.len(), displayed.len());
                prop_assert_eq!(ours.parse().map(f64::to_bits), Ok(number.to_bits()));
            }
        }
    }

    #[test]
    fn of_two_forms_as_near_the_even_one_is_written() {
        // Exactly 677076723377596.25; its neighbours are an eighth away, so one digit tells it from them.
        assert_eq!(shortest(677_076_723_377_596.2), "677076723377596.2");
        assert_eq!(shortest(677_076_723_377_596.3), "677076723377596.2");
    }

    #[test]
    fn numbers_at_the_edges_are_written_as_display_does() {
        let edges = [0.0, -0.0, 1.0, 9.0, 10.0, 1e-4, 9.999e-5, 1e15, 1e15 - 1.0, 1e16, 1e21];
        let others = [f64::MAX, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, 0.1 + 0.2];
        for number in edges.into_iter().chain(others) {
            assert_eq!(shortest(number), number.to_string());
        }
    }
}

//! Numbers and addresses as text. A message holds a dozen of them, and `core::fmt` takes longer for each than the rest of
//! its field.

use core::net::IpAddr;
use std::io::Write as _;

/// Appends a number in decimal digits.
pub(crate) fn decimal(number: impl Into<u64>, out: &mut Vec<u8>) {
    /// As many as the largest number has.
    const DIGITS_MAX: usize = 20;
    let mut digits = [0; DIGITS_MAX];
    let (mut at, mut rest) = (DIGITS_MAX, number.into());
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends an address, an IPv6 one without brackets.
pub(crate) fn address(ip: IpAddr, out: &mut Vec<u8>) {
    match ip {
        IpAddr::V4(ip) => {
            let [first, rest @ ..] = ip.octets();
            decimal(first, out);
            for octet in rest {
                out.push(b'.');
                decimal(octet, out);
            }
        }
        // Writing to a Vec does not fail.
        IpAddr::V6(ip) => drop(write!(out, "{ip}")),
    }
}

/// A number as 16 hexadecimal digits.
pub(crate) fn hexadecimal(number: u64) -> [u8; 16] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    core::array::from_fn(|place| DIGITS[(number >> (60 - 4 * place)) as usize & 15])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        for number in [0, 7, 10, 99, 12_345, 0xfedc_ba98_7654_3210, u64::MAX] {
            assert_eq!(text(|out| decimal(number, out)), number.to_string());
            assert_eq!(hexadecimal(number), format!("{number:016x}").as_bytes());
        }
    }

    #[test]
    fn addresses_are_written_as_the_standard_library_writes_them() {
        for ip in
            ["0.0.0.0", "127.0.0.1", "192.0.2.255", "::1", "2001:db8::9:255", "::ffff:1.2.3.4"]
        {
            let read: IpAddr = ip.parse().expect("an address");
            assert_eq!(text(|out| address(read, out)), ip);
        }
    }
}

//! Numbers and laws out of the texts of the file: `Exp(1000 s)`, `100+20 sin(t) per hour`, `sl20_class1`.

use chance::Law;

/// Returns the number that follows a marker, spaces and `=` between them skipped.
#[must_use]
pub fn number_after(text: &str, marker: &str) -> Option<f64> {
    let start = text.find(marker)? + marker.len();
    leading_number(text[start..].trim_start_matches([' ', '=']))
}

/// Returns the number a text begins with.
#[must_use]
pub fn leading_number(text: &str) -> Option<f64> {
    let end = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    text[..end].trim_end_matches('.').parse().ok()
}

/// Returns the exponential laws `Exp(mean 9 s)`, `Exp(1000 s)` of a text, in order, means in seconds.
#[must_use]
pub fn exponentials(text: &str) -> Vec<Law> {
    let means = text.match_indices("Exp(").filter_map(|(at, marker)| {
        let inside = text[at + marker.len()..].trim_start_matches("mean").trim_start();
        leading_number(inside)
    });
    means.map(|mean| Law::Exponential { mean }).collect()
}

/// Returns what a text says about callers who leave at once when they must wait, and about the patience of the others:
/// `0 w.p. 0.1 (only if must wait) else Exp(1000 s)`, `mass p=0.1 at 0 (…) else Exp(1000 s)`.
#[must_use]
pub fn balking(text: &str) -> Option<(f64, Law)> {
    let share = number_after(text, "0 w.p.").or_else(|| number_after(text, "mass p"))?;
    let law = exponentials(&text[text.find("else")?..]).into_iter().next()?;
    Some((share, law))
}

/// A rate a + b · sin(w · t), events per hour, t in hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sine {
    /// a.
    pub mean: f64,
    /// b.
    pub amplitude: f64,
    /// w, per hour.
    pub frequency: f64,
}

/// Reads `100+20 sin(t) per hour, t in hours`; also `sin(2t)`, `20*sin(0.5 t)`.
#[must_use]
pub fn sine(text: &str) -> Option<Sine> {
    let plus = text.find('+')?;
    let mean = leading_number(text[..plus].trim())?;
    let amplitude = leading_number(text[plus + 1..].trim_start())?;
    let start = text.find("sin(")? + "sin(".len();
    let inside = text[start..start + text[start..].find(')')?].trim();
    let frequency = match inside.strip_suffix('t')?.trim_end_matches(['*', ' ']) {
        "" => 1.0,
        number => number.parse().ok()?,
    };
    Some(Sine { mean, amplitude, frequency })
}

/// Splits a running number off a name: `mean_wait_class2_s` with mark `_class` is `mean_wait_s` and 2.
#[must_use]
pub fn indexed(name: &str, mark: &str) -> Option<(String, usize)> {
    let at = name.find(mark)?;
    let (before, rest) = (&name[..at], &name[at + mark.len()..]);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let index = rest[..digits].parse().ok().filter(|index| *index > 0)?;
    Some((format!("{before}{}", &rest[digits..]), index))
}

/// Splits the seconds off a name: `sl20_of_agent_arrivals` with prefix `sl` is 20 and `_of_agent_arrivals`.
#[must_use]
pub fn seconds_in<'a>(name: &'a str, prefix: &str) -> Option<(f64, &'a str)> {
    let rest = name.strip_prefix(prefix)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    Some((rest[..digits].parse().ok()?, &rest[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_in_words_is_understood() {
        for text in [
            "0 w.p. 0.1 (only if must wait) else Exp(1000 s)",
            "mass p=0.1 at 0 (balk only if must wait) else Exp(1000 s)",
        ] {
            assert_eq!(balking(text), Some((0.1, Law::Exponential { mean: 1000.0 })), "{text}");
        }
    }

    #[test]
    fn gaps_in_words_are_understood() {
        let text = "hyperexponential: w.p. 0.8 Exp(mean 9 s) else Exp(mean 54 s); mean 18 s";
        let laws = exponentials(text);
        assert_eq!(number_after(text, "w.p."), Some(0.8));
        assert_eq!(laws.len(), 2);
        assert_eq!(laws[1], Law::Exponential { mean: 54.0 });
    }

    #[test]
    fn a_sine_in_words_is_understood() {
        let read = sine("100+20 sin(t) per hour, t in hours");
        assert_eq!(read, Some(Sine { mean: 100.0, amplitude: 20.0, frequency: 1.0 }));
        assert_eq!(sine("90 + 30*sin(0.5 t) per hour").map(|sine| sine.frequency), Some(0.5));
        assert_eq!(sine("100 per hour"), None);
    }

    #[test]
    fn names_give_up_their_numbers() {
        assert_eq!(indexed("mean_wait_class2_s", "_class"), Some(("mean_wait_s".to_owned(), 2)));
        assert_eq!(indexed("occupancy_g1", "_g"), Some(("occupancy".to_owned(), 1)));
        assert_eq!(indexed("occupancy_generalist", "_g"), None);
        assert_eq!(seconds_in("sl60_of_agent_arrivals", "sl"), Some((60.0, "_of_agent_arrivals")));
    }
}

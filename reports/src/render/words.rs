//! How numbers are written for people, the same in the terminal and on the page.

use crate::summary::Estimate;
use acd::Duration;
use acd::kpi::{Kpi, Unit};

/// Writes a value in its unit: `83.1%`, `12,004`, `8.3 s`.
pub(crate) fn value(kpi: Kpi, value: f64) -> String {
    match kpi.unit() {
        Unit::Share if kpi.applies().load => near_share(value),
        Unit::Seconds if kpi.applies().load => delay(value),
        Unit::Share => format!("{}%", decimals(value * 100.0, 1)),
        Unit::Seconds => format!("{} s", decimals(value, 1)),
        Unit::AgentSeconds => format!("{} h", decimals(value / 3600.0, 1)),
        Unit::Count | Unit::Money => grouped(value),
        Unit::Level | Unit::Variance | Unit::Score => decimals(value, 2),
    }
}

/// Writes a share with two digits of what it is, or lacks: what is not all is not written as all.
fn near_share(share: f64) -> String {
    let rest = share.min(1.0 - share) * 100.0;
    if rest <= 0.0 {
        return format!("{}%", share * 100.0);
    }
    match (1..POWERS_OF_TEN.len()).find(|count| rest * POWERS_OF_TEN[*count] >= 10.0) {
        Some(count) => format!("{:.count$}%", share * 100.0),
        None if share > 0.5 => "> 99.9999%".to_owned(),
        None => "< 0.0001%".to_owned(),
    }
}

/// Writes a delay with three digits in the unit that suits it: `840 µs`, `1.84 ms`, `12.0 s`.
pub(crate) fn delay(seconds: f64) -> String {
    let (value, unit) = match seconds {
        0.0 => return "0 s".to_owned(),
        s if s < 0.000_999_5 => return format!("{:.0} µs", (s * 1e6).max(1.0)),
        s if s < 0.999_5 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    match value {
        v if v < 9.995 => format!("{v:.2} {unit}"),
        v if v < 99.95 => format!("{v:.1} {unit}"),
        v => format!("{v:.0} {unit}"),
    }
}

/// Writes a value and a limit in their unit, with as many digits as it takes to tell them apart: at
/// least one, at most six after the point.
pub(crate) fn apart(kpi: Kpi, value: f64, limit: f64) -> [String; 2] {
    let (factor, unit) = match kpi.unit() {
        Unit::Share => (100.0, "%"),
        Unit::Seconds | Unit::AgentSeconds => (1.0, " s"),
        Unit::Count | Unit::Money | Unit::Level | Unit::Variance | Unit::Score => (1.0, ""),
    };
    let rounded = |value: f64, scale: f64| (value * factor * scale).round() / scale;
    let scales = [1e1, 1e2, 1e3, 1e4, 1e5];
    let differs = |scale: &f64| rounded(value, *scale) != rounded(limit, *scale);
    let scale = scales.into_iter().find(differs).unwrap_or(1e6);
    [format!("{}{unit}", rounded(value, scale)), format!("{}{unit}", rounded(limit, 1e6))]
}

/// Writes an estimate with its interval: `83.1% (82.0–84.2)`.
pub(crate) fn estimate(kpi: Kpi, estimate: Estimate) -> String {
    let mean = value(kpi, estimate.mean);
    match estimate.ci95 {
        Some((low, high)) => format!("{mean} ({}–{})", bare(kpi, low), bare(kpi, high)),
        None => mean,
    }
}

/// Writes a bound without its unit.
fn bare(kpi: Kpi, bound: f64) -> String {
    let text = value(kpi, bound);
    text.trim_end_matches(['%', 's', 'h', ' ']).to_owned()
}

/// Writes a share without needless zeros: `80%`, `82.5%`.
pub(crate) fn share(share: f64) -> String {
    acd::Share(share).to_string()
}

/// Writes a target: `80% in 20s`.
pub(crate) fn target((wanted, within): (f64, Duration)) -> String {
    format!("{} in {within}", share(wanted))
}

/// Writes a count: whole ones without a fraction, large ones in groups of three.
fn grouped(value: f64) -> String {
    let text = if value.fract() == 0.0 || value.abs() >= 1000.0 {
        format!("{value:.0}")
    } else {
        decimals(value, 1)
    };
    let digits = text.split('.').next().unwrap_or("").len();
    let mut grouped = String::new();
    for (place, c) in text.chars().enumerate() {
        if place > 0 && place < digits && (digits - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(c);
    }
    grouped
}

/// Writes a value with so many decimals; with more, up to six, where a small one would read as none at all.
fn decimals(value: f64, count: usize) -> String {
    let shows = |count: usize| value * POWERS_OF_TEN[count] >= 0.5;
    let count = match value > 0.0 && !shows(count) {
        true => (count..POWERS_OF_TEN.len()).find(|more| shows(*more)).unwrap_or(count),
        false => count,
    };
    let text = format!("{value:.count$}");
    // A small negative number rounds to a zero that needs no sign.
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

const POWERS_OF_TEN: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

/// Joins words: `a`, `a and b`, `a, b and c`.
pub(crate) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Escapes a text for HTML and XML; control characters, which XML does not allow, become `\u{fffd}`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Makes a text harmless for a terminal: no control characters.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_from_its_limit_by_as_few_digits_as_that_takes() {
        let apart = |value, limit| apart(Kpi::ServiceLevel, value, limit);
        assert_eq!(apart(0.603_523, 0.8), ["60.4%", "80%"]);
        assert_eq!(apart(0.799_96, 0.8), ["79.996%", "80%"]);
        assert_eq!(apart(0.714_28, 0.825), ["71.4%", "82.5%"]);
        assert_eq!(super::apart(Kpi::Asa, 20.004, 20.0), ["20.004 s", "20 s"]);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(value(Kpi::ServiceLevel, 0.831_49), "83.1%");
        assert_eq!(value(Kpi::Offered, 12_004.1), "12,004");
        assert_eq!(value(Kpi::Offered, 999.96), "1,000.0");
        assert_eq!(value(Kpi::Offered, 7.25), "7.2");
        assert_eq!(value(Kpi::Offered, 7.0), "7");
        assert_eq!(value(Kpi::Offered, 1_234_567.0), "1,234,567");
        assert_eq!(value(Kpi::Asa, 8.26), "8.3 s");
        assert_eq!(value(Kpi::Busy, 5400.0), "1.5 h");
        assert_eq!(value(Kpi::Asa, -0.001), "0.0 s");
        // What happens now and then is not nothing.
        assert_eq!(value(Kpi::CallbackListed, 0.4), "0.4");
        assert_eq!(value(Kpi::CallbackListed, 0.05), "0.1");
        assert_eq!(value(Kpi::CallbackListed, 0.02), "0.02");
        assert_eq!(value(Kpi::AbandonmentRate, 0.000_034), "0.003%");
        assert_eq!(value(Kpi::MeanQueueLength, 0.000_6), "0.001");
        assert_eq!(value(Kpi::Asa, 1e-9), "0.0 s");
        let sure = Estimate { mean: 0.831, ci95: Some((0.82, 0.842)), mean_of_days: None };
        assert_eq!(estimate(Kpi::ServiceLevel, sure), "83.1% (82.0–84.2)");
    }

    #[test]
    fn delays_have_three_digits_and_no_call_too_many_is_rounded_away() {
        let written = [0.0, 4e-8, 0.000_84, 0.001_84, 0.018_4, 0.184, 0.999_6, 1.84, 18.44, 184.4];
        let read = [
            "0 s", "1 µs", "840 µs", "1.84 ms", "18.4 ms", "184 ms", "1.00 s", "1.84 s", "18.4 s",
            "184 s",
        ];
        assert_eq!(written.map(delay), read);
        assert_eq!(value(Kpi::AnswerP99, 0.007_2), "7.20 ms");
        let share = |share| value(Kpi::EstablishedShare, share);
        let shares = [1.0, 0.0, 0.9, 0.999_703, 0.999_999, 0.000_969, 0.000_02, 1.08, 1.0 - 1e-9];
        let read = [
            "100%",
            "0%",
            "90.0%",
            "99.970%",
            "99.99990%",
            "0.097%",
            "0.0020%",
            "108%",
            "> 99.9999%",
        ];
        assert_eq!(shares.map(share), read);
    }

    #[test]
    fn nothing_from_outside_gets_through() {
        assert_eq!(escape("<b a='1'>&\u{1b}"), "&lt;b a=&#39;1&#39;&gt;&amp;\u{fffd}");
        assert_eq!(plain("a\u{1b}[31mb"), "a [31mb");
    }
}

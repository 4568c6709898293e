//! `digits = "1,2#"`: the keys of a telephone.

use crate::model::traffic::{DigitsBy, Part, Step};
use crate::read::{At, Text, shorten};
use crate::traffic_file::Compiler;
use crate::traffic_file::template::Use;

words! { DigitsBy { Self::Rtp => "rtp", Self::Info => "info", Self::Tone => "tone" } }

/// What keys there are, for messages.
pub(crate) const KEYS: &str =
    "expected `0` to `9`, `*`, `#`, `A` to `D`, and `,` for half a second of nothing";

/// Returns whether a character is a key, or a pause between keys.
pub(crate) fn is_key(key: char) -> bool {
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D' | ',')
}

impl Compiler<'_> {
    /// Turns keys into a step.
    pub(crate) fn digits(&mut self, keys: &At<Text>, by: DigitsBy) -> Option<Step> {
        let template = self.template(keys, Use::Digits)?;
        if template.parts.is_empty() {
            self.resolver.faults.error(keys.span, "no keys are pressed").label(KEYS);
            return None;
        }
        if template.parts.iter().any(|part| matches!(part, Part::Target | Part::Local)) {
            let fault = self.resolver.faults.error(keys.span, "an address is no keys");
            fault.label(KEYS).hint("`{call}` and columns may stand among keys");
            return None;
        }
        let wrong = template.fixed_parts().flat_map(str::chars).find(|key| !is_key(*key));
        if let Some(wrong) = wrong {
            let at = keys.value.0.find(wrong).unwrap_or(0);
            let span = self.resolver.inside(keys, at..at + wrong.len_utf8());
            let message = format!("`{}` is not a key", shorten(&wrong.to_string()));
            let fault = self.resolver.faults.error(span, message).label(KEYS);
            if is_key(wrong.to_ascii_uppercase()) {
                fault.hint(format!("did you mean `{}`?", wrong.to_ascii_uppercase()));
            } else if wrong.is_whitespace() {
                fault.hint("a pause between keys is written `,`");
            }
            return None;
        }
        Some(Step::Digits { keys: template, by })
    }
}

//! SIP addresses as a load file writes them. The generator reads them fully; here their shape is looked at.

use crate::model::traffic::{Part, Template};
use crate::read::{At, Text, shorten};
use crate::resolve::Resolver;
use crate::traffic_file::Compiler;
use crate::traffic_file::template::Use;

/// Returns whether no character of a text ends an address (RFC 3261 §25.1: `SIP-URI`).
pub(crate) fn may_stand_in_address(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\' | '^' | '`'))
}

impl Compiler<'_> {
    /// Reads an address with places, such as `sip:{number}@{target}`.
    pub(crate) fn address(&mut self, text: &At<Text>) -> Option<Template> {
        let template = self.template(text, Use::Address)?;
        let is_sip = match template.parts.first() {
            Some(Part::Text(start)) => {
                has_scheme(start) && (start.len() > "sip:".len() || template.parts.len() > 1)
            }
            Some(Part::Column(_) | Part::Call | Part::Target | Part::Local) | None => false,
        };
        if !is_sip {
            refuse(text, "expected one such as `sip:{number}@{target}`", self.resolver);
            return None;
        }
        if !template.fixed_parts().all(may_stand_in_address) {
            refuse(text, CHARACTERS, self.resolver);
            return None;
        }
        Some(template)
    }
}

/// Reads the target: an address without places, with a host.
pub(crate) fn target(text: &At<Text>, resolver: &mut Resolver) -> Option<String> {
    let address = &text.value.0;
    if !may_stand_in_address(address) {
        refuse(text, CHARACTERS, resolver);
        return None;
    }
    let rest = address.get("sip:".len()..).filter(|_| has_scheme(address)).unwrap_or("");
    let host = rest.rsplit('@').next().unwrap_or("");
    if host.is_empty() || host.starts_with([':', ';', '?']) || host.contains(['{', '}']) {
        refuse(text, "expected one such as `sip:127.0.0.1:5060`", resolver);
        return None;
    }
    Some(address.clone())
}

fn has_scheme(text: &str) -> bool {
    text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sip:"))
}

const CHARACTERS: &str = "expected no spaces, quotes, brackets or other letters than a to z";

fn refuse(text: &At<Text>, expected: &str, resolver: &mut Resolver) {
    let message = format!("`{}` is not a SIP address", shorten(&text.value.0));
    let fault = resolver.faults.error(text.span, message).label(expected);
    if text.value.0.contains('<') {
        fault.hint("write the address alone, without a name and without `<` and `>`");
    } else if text.value.0.starts_with("sips:") {
        fault.hint("calls are made over UDP or TCP: write `sip:`");
    } else if text.value.0.starts_with("tel:") {
        fault.hint("a number is called by an address: `sip:NUMBER@{target}`");
    } else if text.value.0.starts_with('{') {
        fault.hint("the beginning is written out: `sip:{…}`");
    }
}

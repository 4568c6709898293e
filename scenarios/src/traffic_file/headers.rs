//! Header fields that a file adds to a request, and those that it may not.

use crate::limits;
use crate::model::traffic::Template;
use crate::read::{At, Key, Map, Named, Text, shorten};
use crate::traffic_file::Compiler;
use crate::traffic_file::template::Use;

/// Names of header fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldName;

/// Names of headers and their texts.
pub(crate) type Headers = Map<At<Text>, FieldName>;

impl Key for FieldName {
    fn fault(key: &str) -> Option<(String, &'static str)> {
        if !is_token(key) {
            let expected = "expected letters, digits and `-`, such as `X-Customer`";
            return Some((format!("`{}` is not the name of a header", shorten(key)), expected));
        }
        let owner = header_owner(key)?;
        Some((format!("`{}` cannot be added", shorten(key)), owner))
    }
}

/// Returns whether a text is a token (RFC 3261 §25.1), not too long.
pub(crate) fn is_token(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part) && text.len() as u64 <= limits::NAME_LENGTH
}

/// Says who writes a header that nobody may add, by its long or its compact name; `None`: it may be added.
#[must_use]
pub fn header_owner(name: &str) -> Option<&'static str> {
    const OWNERS: [(&[&str], &str); 7] = [
        (
            &["via", "v", "call-id", "i", "cseq", "max-forwards", "content-length", "l"],
            "the generator writes it: without it no answer finds its call",
        ),
        (&["from", "f"], "expected `from = \"sip:…\"` in the step"),
        (&["to", "t"], "expected `to = \"sip:…\"` in the step"),
        (&["contact", "m"], "the generator writes it: the address that it is reached at"),
        (&["route", "record-route"], "the generator writes it: the way of the call"),
        (&["authorization", "proxy-authorization"], "expected `[account]`: it answers challenges"),
        (
            &["content-type", "c", "content-encoding", "e", "content-disposition"],
            "expected `content_type` beside the `body` of an INFO",
        ),
    ];
    let name = name.to_ascii_lowercase();
    OWNERS.iter().find(|(names, _)| names.contains(&&*name)).map(|(_, owner)| *owner)
}

impl Compiler<'_> {
    /// Reads the headers of a step.
    pub(crate) fn headers(&mut self, headers: &At<Headers>) -> Option<Vec<(String, Template)>> {
        let entries = &headers.value.entries;
        self.resolver.within(entries.len(), limits::LOAD_HEADERS, "headers", headers.span)?;
        let read: Vec<_> = entries.iter().map(|entry| self.header(entry)).collect();
        read.into_iter().collect()
    }

    fn header(&mut self, entry: &Named<At<Text>>) -> Option<(String, Template)> {
        let text = entry.value.as_ref()?.value.clone();
        if text.value.0.chars().any(char::is_control) {
            let message = format!("this would break the header `{}`", shorten(&entry.name.value));
            let fault = self.resolver.faults.error(text.span, message);
            fault.label("expected no line breaks and no control characters");
            return None;
        }
        Some((entry.name.value.clone(), self.template(&text, Use::Plain)?))
    }
}

//! One line for each call, one line for each fact: for those who want to look themselves.

mod calls;
mod events;

pub use calls::CallLog;
pub use events::EventLog;

/// Returns a text that a spreadsheet takes for text, never for a formula.
///
/// A leading `=`, `+`, `-`, `@`, tab or carriage return begins one in the usual programs; an apostrophe stops that.
pub(crate) fn safe_for_spreadsheets(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

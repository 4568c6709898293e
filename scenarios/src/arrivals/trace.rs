//! `trace = { file = "calls.csv" }`: recorded calls, `at,contact[,caller]`.

use crate::model::Arrivals;
use crate::read::{At, Text};
use crate::resolve::Resolver;
use crate::source::Span;
use crate::tables;

settings! {
    /// Recorded calls.
    pub(crate) struct Settings {
        /// The CSV file, `at,contact[,caller]`.
        file: At<Text>,
        /// The contact's name in the file, where it differs.
        contact: Option<Text>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Arrivals> {
        let contact = self.contact.as_ref().map_or(&resolver.contact, |contact| &contact.0).clone();
        tables::trace(&self.file, &contact, resolver).map(Arrivals::Trace)
    }
}

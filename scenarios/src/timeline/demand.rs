//! `demand = { factor = 1.5, contacts = ["sales"], lasts = "2h" }`: more calls, or fewer, for a time.

use crate::model::Happening;
use crate::read::{At, Factor, Name};
use crate::resolve::{Kind, Resolver};
use crate::source::Span;
use acd::{ContactId, Duration};

settings! {
    /// A change of demand.
    pub(crate) struct Settings {
        /// Factor on arrivals.
        factor: Factor,
        /// Only these contacts; all when left out.
        contacts: Vec<At<Name>> = Vec::new(),
        /// For how long.
        lasts: At<Duration>,
    }
}

impl Settings {
    pub(crate) fn resolve(&self, _: Span, resolver: &mut Resolver) -> Option<Happening> {
        let lasts = super::lasts(self.lasts, resolver);
        let contacts: Vec<_> =
            self.contacts.iter().map(|name| resolver.find(Kind::Contact, name)).collect();
        let contacts = contacts.into_iter().map(|found| found.map(ContactId::new));
        Some(Happening::Demand {
            factor: self.factor.0,
            contacts: contacts.collect::<Option<_>>()?,
            lasts: lasts?,
        })
    }
}

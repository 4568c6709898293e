//! Which kind of call a dialled number means.

use acd::ContactId;
use scenarios::Scenario;
use std::collections::HashMap;

/// Numbers to contacts: `numbers` of each contact, `*` for all others; a contact that lists none is dialled by its name.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    exact: HashMap<Vec<u8>, ContactId>,
    any: Option<ContactId>,
}

impl Numbers {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut numbers = Self::default();
        for (at, contact) in scenario.contacts.iter().enumerate() {
            let id = ContactId::new(at);
            if contact.numbers.is_empty() {
                numbers.exact.entry(contact.name.clone().into_bytes()).or_insert(id);
            }
            for number in &contact.numbers {
                if number == "*" {
                    numbers.any.get_or_insert(id);
                } else {
                    numbers.exact.insert(number.clone().into_bytes(), id);
                }
            }
        }
        numbers
    }

    /// Returns the contact of a number; `user` is the unescaped user part of the Request-URI.
    pub(crate) fn find(&self, user: &[u8]) -> Option<ContactId> {
        self.exact.get(user).copied().or(self.any)
    }
}

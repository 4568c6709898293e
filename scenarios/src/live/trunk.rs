//! `[live.trunk.x]`: a peer that hands calls over.

use crate::model::LiveTrunk;
use crate::read::{At, Text, shorten};
use crate::resolve::Resolver;

settings! {
    /// A peer that hands calls over.
    pub(crate) struct TrunkSettings {
        /// The addresses its calls come from.
        from: At<Vec<At<Text>>>,
        /// Whether its statements about who calls are believed.
        trust_identity: bool = false,
    }
}

impl TrunkSettings {
    /// Turns the settings into the model.
    pub(crate) fn resolve(&self, name: &At<String>, resolver: &mut Resolver) -> Option<LiveTrunk> {
        if self.from.value.is_empty() {
            let message = format!("trunk `{}` has no address", name.value);
            let fault = resolver.faults.error(self.from.span, message);
            fault.label("expected the addresses its calls come from, such as `[\"127.0.0.1\"]`");
        }
        let mut from = Vec::with_capacity(self.from.value.len());
        for address in &self.from.value {
            let parsed = address.value.0.parse().ok();
            if parsed.is_none() {
                let message = format!("`{}` is not an IP address", shorten(&address.value.0));
                let fault = resolver.faults.error(address.span, message);
                fault.label("expected an address such as `127.0.0.1` or `::1`, without a port");
            }
            from.push(parsed);
        }
        Some(LiveTrunk {
            name: name.value.clone(),
            from: from.into_iter().collect::<Option<_>>()?,
            trust_identity: self.trust_identity,
        })
    }
}

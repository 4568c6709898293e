//! What passes at the exchange, held against the RFCs.

use crate::town::{Town, centre};
use sip::flow::Transport;
use sip::lint::{Finding, Lint, Options};
use std::net::SocketAddr;

/// The town is watched until all is quiet; its lines may lose.
pub(crate) fn checker() -> Lint {
    Lint::new(Options { is_whole: true, ours: vec![centre()], ..Options::default() })
}

impl Town {
    /// Something passes at the exchange, as a capture there would show it.
    pub(crate) fn passes(&mut self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        if let Some(checker) = &mut self.checker {
            checker.observe(self.now, from, to, Transport::Udp, bytes);
        }
    }

    /// The checker finds nothing of ours; of the others it may: what they sent may have been lost.
    pub(crate) fn check_rules(&mut self) {
        let findings = self.checker.as_mut().map(Lint::finish).unwrap_or_default();
        let is_ours = |finding: &&Finding| {
            finding.by == centre() || (20_000..30_000).contains(&finding.by.port())
        };
        let ours: Vec<String> = findings.iter().filter(is_ours).map(Finding::to_string).collect();
        assert!(ours.is_empty(), "seed {}: {}", self.seed, ours.join("\n"));
    }
}

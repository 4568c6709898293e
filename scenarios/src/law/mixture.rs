//! `mixture = [{ share = 0.1, law = "0s" }, { share = 0.9, law = { exponential = { mean = "5m" } } }]`.

use crate::faults::Faults;
use crate::law::{Amount, LawSettings};
use crate::read::Read;
use crate::resolve::Resolver;
use crate::shape::Shape;
use crate::source::Span;
use crate::totals::Total;
use crate::tree::Node;
use acd::Share;
use chance::Law;

settings! {
    /// A part of a mixture.
    pub(crate) struct Part<A> {
        /// How likely it is.
        share: Share,
        /// Its law.
        law: LawSettings<A>,
    }
}

/// The parts.
#[derive(Debug, Clone)]
pub(crate) struct Settings<A: Amount>(Vec<Part<A>>);

impl<A: Amount> Read for Settings<A> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        Vec::read(node, faults).map(Self)
    }

    fn shape() -> Shape {
        Vec::<Part<A>>::shape()
    }
}

impl<A: Amount> Settings<A> {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Law> {
        resolver.count(Total::LawNumbers, self.0.len() as u64, span)?;
        resolver.add_to_one(
            self.0.iter().map(|part| part.share.0),
            "the shares of the mixture",
            span,
        )?;
        let mut parts = Vec::with_capacity(self.0.len());
        for part in &self.0 {
            parts.push((part.share.0, part.law.resolve(resolver)?));
        }
        Some(Law::Mixture { parts })
    }
}

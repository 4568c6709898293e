//! `constant = "90s"`: always the same value; the same as the value alone.

use crate::faults::Faults;
use crate::law::Amount;
use crate::read::Read;
use crate::resolve::Resolver;
use crate::shape::Shape;
use crate::source::Span;
use crate::tree::Node;
use chance::Law;

/// The value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings<A: Amount>(A);

impl<A: Amount> Read for Settings<A> {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        A::read(node, faults).map(Self)
    }

    fn shape() -> Shape {
        A::shape()
    }
}

impl<A: Amount> Settings<A> {
    #[expect(clippy::unnecessary_wraps, reason = "every settings type resolves alike")]
    pub(crate) fn resolve(&self, _: Span, _: &mut Resolver) -> Option<Law> {
        Some(Law::Constant(self.0.number()))
    }
}

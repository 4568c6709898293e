//! A range of ports for media.

use crate::faults::Faults;
use crate::model::RTP_PORTS;
use crate::read::{Read, shorten, text};
use crate::shape::{Leaf, Shape};
use crate::tree::Node;
use std::ops::RangeInclusive;

/// Ports below this belong to the system.
const LEAST: u16 = 1024;

/// A range of ports; it begins with an even one and holds at least a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ports(pub(crate) RangeInclusive<u16>);

impl Default for Ports {
    fn default() -> Self {
        Self(RTP_PORTS)
    }
}

impl Read for Ports {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let range = text(node, "a range of ports", faults)?;
        let ports = parse(range);
        if ports.is_none() {
            faults
                .error(node.span, format!("`{}` is not a range of media ports", shorten(range)))
                .label(format!(
                    "expected a first and a last port from {LEAST} to {}, such as `20000-29999`, \
                     the first one even",
                    u16::MAX
                ));
        }
        ports
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Form("20000-29999"))
    }

    fn stand_in() -> Option<Self> {
        Some(Self::default())
    }
}

fn parse(text: &str) -> Option<Ports> {
    let (first, last) = text.split_once('-')?;
    let port = |text: &str| text.trim().parse::<u16>().ok();
    let (first, last) = (port(first)?, port(last)?);
    let is_good = first >= LEAST && first.is_multiple_of(2) && last > first;
    is_good.then_some(Ports(first..=last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_a_pair_and_begins_even() {
        assert_eq!(parse("20000-29999"), Some(Ports::default()));
        assert_eq!(parse("4000 - 4001"), Some(Ports(4000..=4001)));
        for bad in
            ["", "20000", "4001-4010", "4000-4000", "5000-4000", "80-90", "4000-70000", "a-b"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}

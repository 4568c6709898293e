//! A number that is dialled: the user part of a SIP address.

use crate::faults::Faults;
use crate::read::{Read, shorten, text};
use crate::shape::{Leaf, Shape};
use crate::tree::Node;

/// What telephones dial to sign in and out; nothing else may be called so.
const FEATURE_CODES: [&str; 3] = ["*11", "*12", "*13"];

/// The most characters of a number.
const LENGTH_MAX: usize = 64;

/// The user part of a SIP address, or `*` for every other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Dialled(pub(crate) String);

impl Dialled {
    /// Returns whether it stands for every number that nobody else has.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.0 == "*"
    }
}

impl Read for Dialled {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let number = text(node, "a number", faults)?;
        let is_dialled = |byte: u8| byte.is_ascii_alphanumeric() || b"*#+._-".contains(&byte);
        if number.is_empty() || number.len() > LENGTH_MAX || !number.bytes().all(is_dialled) {
            faults
                .error(node.span, format!("`{}` cannot be dialled", shorten(number)))
                .label("expected digits, letters, `+ * # . _ -`, such as `100` or `sales`");
            return None;
        }
        if FEATURE_CODES.contains(&number) {
            faults
                .error(node.span, format!("`{number}` is a feature code"))
                .label("expected another number: agents sign in and out by `*11`, `*12`, `*13`");
            return None;
        }
        Some(Self(number.to_owned()))
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Text)
    }

    fn stand_in() -> Option<Self> {
        Some(Self::default())
    }
}

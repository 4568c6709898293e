//! The shape of everything a file may hold. Readers, merging, `--set` and the JSON Schema all go by it.

/// Gives a shape; a function, because laws hold laws.
pub(crate) type ShapeOf = fn() -> Shape;

/// What a value may look like.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// A string or a bare value of a known form.
    Leaf(Leaf),
    /// A table with known keys.
    Table(&'static TableShape),
    /// A one-key table: the key chooses the variant. Replaced whole when files merge.
    Choice(ChoiceShape),
    /// A table whose keys are names.
    Map(ShapeOf),
    /// A list.
    List {
        /// Of what.
        item: ShapeOf,
        /// Whether merged files add to it (an entry of the same name replaces).
        grows: bool,
    },
    /// One of several shapes. Replaced whole when files merge, unless all are tables.
    Either(Vec<Self>),
    /// Anything: what stands at a path no list declares.
    Any,
}

/// The form of a single value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Leaf {
    /// Any string.
    Text,
    /// A name.
    Name,
    /// A string of a certain form; an example.
    Form(&'static str),
    /// A duration.
    Duration,
    /// A rate.
    Rate,
    /// A share: a string such as `40%`, or a number from 0 to 1.
    Share,
    /// A number.
    Number {
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// A whole number.
    Integer {
        /// The least.
        least: i128,
        /// The most.
        most: i128,
    },
    /// `true` or `false`.
    Boolean,
    /// One of some words.
    Word(&'static [&'static str]),
}

/// A table with known keys.
#[derive(Debug)]
pub(crate) struct TableShape {
    /// Its name in the schema.
    pub(crate) name: fn() -> String,
    /// What it is about.
    pub(crate) about: &'static str,
    /// Its keys.
    pub(crate) fields: &'static [Field],
    /// Variants whose keys stand beside the fields, if any.
    pub(crate) flat: Option<fn() -> ChoiceShape>,
}

/// A key of a table.
#[derive(Debug)]
pub(crate) struct Field {
    /// The key.
    pub(crate) key: &'static str,
    /// What it means.
    pub(crate) about: &'static str,
    /// Whether it must be there.
    pub(crate) is_required: fn() -> bool,
    /// The shape of its value.
    pub(crate) shape: ShapeOf,
}

/// Variants chosen by key.
#[derive(Debug, Clone)]
pub(crate) struct ChoiceShape {
    /// Its name in the schema.
    pub(crate) name: String,
    /// What is chosen, such as `arrival model`.
    pub(crate) what: &'static str,
    /// The variants.
    pub(crate) variants: Vec<Variant>,
}

/// A variant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    /// Its key.
    pub(crate) key: &'static str,
    /// What it is.
    pub(crate) about: &'static str,
    /// The shape of its settings.
    pub(crate) shape: ShapeOf,
}

impl Shape {
    /// Returns the shape of what stands under `key`, if anything may.
    pub(crate) fn under(&self, key: &str) -> Option<Self> {
        match self {
            Self::Table(table) => table.under(key),
            Self::Choice(choice) => choice.under(key),
            Self::Map(item) => Some(item()),
            Self::List { .. } | Self::Leaf(_) => None,
            Self::Either(shapes) => shapes.iter().find_map(|shape| shape.under(key)),
            Self::Any => Some(Self::Any),
        }
    }

    /// Returns the shape of the entries of a list.
    pub(crate) fn item(&self) -> Self {
        match self {
            Self::List { item, .. } => item(),
            Self::Either(shapes) => {
                let lists = shapes.iter().find(|shape| matches!(shape, Self::List { .. }));
                lists.map_or(Self::Any, Self::item)
            }
            Self::Table(_) | Self::Choice(_) | Self::Map(_) | Self::Leaf(_) | Self::Any => {
                Self::Any
            }
        }
    }

    /// Returns whether a table's keys are names given in the file.
    pub(crate) fn is_map(&self, keys: &[&str]) -> bool {
        match self {
            Self::Map(_) => true,
            Self::Either(shapes) => {
                let known: Vec<_> = shapes.iter().flat_map(Self::keys).collect();
                shapes.iter().any(|shape| matches!(shape, Self::Map(_)))
                    && !keys.iter().any(|key| known.contains(key))
            }
            Self::Table(_) | Self::Choice(_) | Self::List { .. } | Self::Leaf(_) | Self::Any => {
                false
            }
        }
    }

    /// Lists the keys that may stand under a value of this shape; none where they are names.
    pub(crate) fn keys(&self) -> Vec<&'static str> {
        match self {
            Self::Table(table) => table.keys(),
            Self::Choice(choice) => choice.variants.iter().map(|variant| variant.key).collect(),
            Self::Either(shapes) => shapes.iter().flat_map(Self::keys).collect(),
            Self::Map(_) | Self::List { .. } | Self::Leaf(_) | Self::Any => Vec::new(),
        }
    }
}

impl TableShape {
    fn under(&self, key: &str) -> Option<Shape> {
        let field = self.fields.iter().find(|field| field.key == key);
        field.map(|field| (field.shape)()).or_else(|| self.flat.and_then(|flat| flat().under(key)))
    }

    /// Lists the keys, variants after fields.
    pub(crate) fn keys(&self) -> Vec<&'static str> {
        let mut keys: Vec<_> = self.fields.iter().map(|field| field.key).collect();
        if let Some(flat) = self.flat {
            keys.extend(flat().variants.iter().map(|variant| variant.key));
        }
        keys
    }
}

impl ChoiceShape {
    fn under(&self, key: &str) -> Option<Shape> {
        self.variants.iter().find(|variant| variant.key == key).map(|variant| (variant.shape)())
    }
}

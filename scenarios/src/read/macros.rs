//! Two macros that turn a declaration of settings into a type, its reader and its shape.

/// Declares a table: each field is a key, its first doc line is what the schema says about it.
///
/// A field with `= value` has that default, an `Option` may be absent, every other is required.
/// A line `.. name: Choice` reads variants whose keys stand beside the fields. Keys in a block
/// `ignored` are checked but not kept: they belong to the merging of files or to the live switch.
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        $vis:vis struct $name:ident $(<$amount:ident>)? {
            $($(#[doc = $doc:literal])+ $field:ident : $type:ty $(= $default:expr)?,)*
            $(.. $(#[doc = $flat_doc:literal])+ $flat:ident : $flat_type:ty,)?
            $(ignored { $($(#[doc = $live_doc:literal])+ $live:ident : $live_type:ty,)+ })?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        $vis struct $name $(<$amount: crate::law::Amount>)? {
            $($(#[doc = $doc])+ pub(crate) $field: $type,)*
            $($(#[doc = $flat_doc])+ pub(crate) $flat: $flat_type,)?
        }

        impl $(<$amount: crate::law::Amount>)? $name $(<$amount>)? {
            const TABLE: crate::shape::TableShape = crate::shape::TableShape {
                name: Self::schema_name,
                about: concat!($($about, "\n",)+),
                fields: &[$(crate::shape::Field {
                    key: crate::read::key(stringify!($field)),
                    about: concat!($($doc, "\n",)+),
                    is_required: || {
                        let default: Option<$type> = default_of!($($default)?);
                        default.or_else(<$type as crate::read::Read>::absent).is_none()
                    },
                    shape: <$type as crate::read::Read>::shape,
                },)* $($(crate::shape::Field {
                    key: stringify!($live),
                    about: concat!($($live_doc, "\n",)+),
                    is_required: || false,
                    shape: <$live_type as crate::read::Read>::shape,
                },)+)?],
                flat: flat_of!($($flat_type)?),
            };

            fn schema_name() -> String {
                crate::schema::type_name::<Self>()
            }
        }

        impl $(<$amount: crate::law::Amount>)? crate::read::Read for $name $(<$amount>)? {
            fn read(node: &crate::tree::Node, faults: &mut crate::faults::Faults) -> Option<Self> {
                let table = crate::read::as_table(node, Self::TABLE.about, faults)?;
                let are_known = crate::read::check_keys(table, &Self::TABLE, faults);
                let span = node.span;
                let _: (crate::source::Span, bool) = (span, are_known);
                $(let $field = crate::read::field::<$type>(
                    table, span, crate::read::key(stringify!($field)), default_of!($($default)?), faults,
                );)*
                $(let $flat = <$flat_type>::read_beside(table, span, are_known, faults);)?
                $($(crate::read::field::<Option<$live_type>>(
                    table, span, stringify!($live), None, faults,
                );)+)?
                Some(Self { $($field: $field?,)* $($flat: $flat?,)? })
            }

            fn shape() -> crate::shape::Shape {
                crate::shape::Shape::Table(&Self::TABLE)
            }

            fn absent() -> Option<Self> {
                crate::read::from_nothing()
            }
        }
    };
}

macro_rules! default_of {
    () => {
        None
    };
    ($default:expr) => {
        Some($default)
    };
}

macro_rules! flat_of {
    () => {
        None
    };
    ($type:ty) => {
        Some(<$type>::choice_shape)
    };
}

/// Declares a choice by key: the registry of one kind of thing. A line is `Variant "key" (settings),`.
///
/// With `=> Model`, every settings type has a method `resolve(&self, span, resolver) -> Option<Model>`;
/// the choice passes it on.
macro_rules! choice {
    (
        $(#[doc = $about:literal])+
        $vis:vis enum $name:ident $(<$amount:ident>)? $what:literal $(=> $model:ty)? {
            $($(#[doc = $doc:literal])+ $variant:ident $key:literal ($type:ty),)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        $vis enum $name $(<$amount: crate::law::Amount>)? {
            $($(#[doc = $doc])+ $variant($type, crate::source::Span),)+
        }

        impl $(<$amount: crate::law::Amount>)? $name $(<$amount>)? {
            const KEYS: &'static [&'static str] = &[$($key),+];

            /// Returns the variants.
            pub(crate) fn choice_shape() -> crate::shape::ChoiceShape {
                crate::shape::ChoiceShape {
                    name: crate::schema::type_name::<Self>(),
                    what: $what,
                    variants: vec![$(crate::shape::Variant {
                        key: $key,
                        about: concat!($($doc, "\n",)+),
                        shape: <$type as crate::read::Read>::shape,
                    }),+],
                }
            }

            /// Reads the variant whose key stands among other keys of a table.
            pub(crate) fn read_beside(
                table: &crate::tree::Table,
                span: crate::source::Span,
                are_known: bool,
                faults: &mut crate::faults::Faults,
            ) -> Option<Self> {
                let is_missing = !table.entries.iter().any(|entry| Self::KEYS.contains(&entry.key.as_str()));
                if is_missing && !are_known {
                    // An unknown key was meant for it: one fault is enough.
                    return None;
                }
                let entry = crate::read::chosen(table, span, $what, Self::KEYS, faults)?;
                match entry.key.as_str() {
                    $($key => Some(Self::$variant(
                        crate::read::Read::read(&entry.node, faults)?,
                        entry.key_span,
                    )),)+
                    _ => None,
                }
            }

            resolve_of! { [$($model)?] $($variant)+ }
        }

        impl $(<$amount: crate::law::Amount>)? crate::read::Read for $name $(<$amount>)? {
            fn read(node: &crate::tree::Node, faults: &mut crate::faults::Faults) -> Option<Self> {
                let table = crate::read::choice_table(node, $what, Self::KEYS, faults)?;
                Self::read_beside(table, node.span, true, faults)
            }

            fn shape() -> crate::shape::Shape {
                crate::shape::Shape::Choice(Self::choice_shape())
            }
        }
    };
}

macro_rules! resolve_of {
    ([] $($variant:ident)+) => {};
    ([$model:ty] $($variant:ident)+) => {
        /// Turns the settings into the model.
        pub(crate) fn resolve(&self, resolver: &mut crate::resolve::Resolver) -> Option<$model> {
            match self {
                $(Self::$variant(settings, span) => settings.resolve(*span, resolver),)+
            }
        }
    };
}

/// Implements reading for an enum whose values are words: `words! { Type { Variant "word" } }`.
macro_rules! words {
    ($type:ty { $($value:expr => $word:literal),+ $(,)? }) => {
        impl crate::read::Word for $type {
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($value),)+
                    _ => None,
                }
            }
        }

        impl crate::read::Read for $type {
            fn read(node: &crate::tree::Node, faults: &mut crate::faults::Faults) -> Option<Self> {
                crate::read::read_word(node, faults)
            }

            fn shape() -> crate::shape::Shape {
                crate::shape::Shape::Leaf(crate::shape::Leaf::Word(
                    <Self as crate::read::Word>::WORDS,
                ))
            }
        }
    };
}

//! Where a password is kept: a variable of the environment or a file, never the text that names it.

use crate::faults::Faults;
use crate::model::Secret;
use crate::read::{At, Text};
use crate::resolve::Resolver;
use std::path::PathBuf;

/// Takes the one place that is given; `missing` says what is wrong where there is none.
pub(crate) fn resolve(
    variable: &Option<At<Text>>,
    file: &Option<At<Text>>,
    resolver: &mut Resolver,
    missing: impl FnOnce(&mut Faults),
) -> Option<Secret> {
    match (variable, file) {
        (Some(variable), None) => variable_name(variable, resolver),
        (None, Some(file)) => Some(Secret::File(PathBuf::from(&file.value.0))),
        (Some(_), Some(file)) => {
            resolver
                .faults
                .error(file.span, "the password is in two places")
                .label("expected `password_env` or `password_file`, not both");
            None
        }
        (None, None) => {
            missing(&mut resolver.faults);
            None
        }
    }
}

/// Takes a text for the name of a variable: one that the environment can hold.
fn variable_name(variable: &At<Text>, resolver: &mut Resolver) -> Option<Secret> {
    let name = &variable.value.0;
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !is_name {
        resolver
            .faults
            .error(variable.span, "this is not the name of a variable")
            .label("expected letters, digits and `_`, such as `ANA_PW`");
        return None;
    }
    Some(Secret::Environment(name.clone()))
}

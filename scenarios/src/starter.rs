//! The text that `callstorm new` writes: a small centre that runs as it is, each key explained.

/// Returns a scenario to begin with, called `name`; it loads without a warning.
///
/// A name that cannot name a file's title is used as it is: quotes and backslashes are escaped.
#[must_use]
pub fn starter(name: &str) -> String {
    let title = name.chars().filter(|character| !character.is_control());
    let title: String =
        title.flat_map(|c| if matches!(c, '"' | '\\') { vec!['\\', c] } else { vec![c] }).collect();
    include_str!("starter.toml").replace("{title}", &title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LoadOptions, load_str};

    #[test]
    fn starter_loads_without_a_warning_whatever_its_name() {
        for name in ["my centre", "", "a \"quoted\" \\ name", "北京\n"] {
            let loaded = load_str("new.toml", &starter(name), &LoadOptions::default());
            let loaded = loaded.unwrap_or_else(|faults| panic!("{faults}"));
            assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
        }
    }
}

//! Choosing a variant by its key, and what is said when none or two are chosen.

use crate::faults::{Faults, one_of};
use crate::read::shorten;
use crate::source::Span;
use crate::tree::{Entry, Node, Table, Value};

/// Takes a node for the one-key table of a choice and says which keys are no variant.
pub(crate) fn choice_table<'a>(
    node: &'a Node,
    what: &str,
    keys: &[&'static str],
    faults: &mut Faults,
) -> Option<&'a Table> {
    let Value::Table(table) = &node.value else {
        let fault = faults.error(
            node.span,
            format!("expected {} as a table, found {}", article(what), node.value.kind()),
        );
        fault.label(one_of(keys.iter().copied()));
        suggest_table(fault, node, keys);
        return None;
    };
    let mut known = true;
    for entry in &table.entries {
        if !keys.contains(&entry.key.as_str()) {
            known = false;
            faults
                .error(entry.key_span, format!("unknown {what} `{}`", shorten(&entry.key)))
                .label(one_of(keys.iter().copied()))
                .suggest(&entry.key, keys.iter().copied());
        }
    }
    known.then_some(table)
}

fn suggest_table(fault: &mut crate::faults::Fault, node: &Node, keys: &[&'static str]) {
    if let Value::Text(word) = &node.value
        && let Some(key) = crate::faults::closest(word, keys.iter().copied())
    {
        fault.hint(format!("variants are chosen by table name: `{{ {key} = {{ … }} }}`"));
    }
}

/// Finds the one entry that chooses a variant; says so where there is none or more than one.
pub(crate) fn chosen<'a>(
    table: &'a Table,
    span: Span,
    what: &str,
    keys: &[&'static str],
    faults: &mut Faults,
) -> Option<&'a Entry> {
    let mut found = table.entries.iter().filter(|entry| keys.contains(&entry.key.as_str()));
    let Some(first) = found.next() else {
        faults
            .error(span, format!("{} is missing", article(what)))
            .label(one_of(keys.iter().copied()));
        return None;
    };
    let mut others = found.peekable();
    if others.peek().is_none() {
        return Some(first);
    }
    for other in others {
        faults
            .error(
                other.key_span,
                format!("two {what}s at once: `{}` and `{}`", first.key, other.key),
            )
            .label("expected one: remove one of them")
            .hint(format!("`{}` is chosen already", first.key));
    }
    None
}

/// Puts `a` or `an` before a noun.
pub(crate) fn article(what: &str) -> String {
    let vowel = what.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {what}", if vowel { "an" } else { "a" })
}

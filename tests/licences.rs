//! What is built into the program, or needed to test it, may be passed on: every licence is one that `deny.toml` allows.

use std::process::Command;

/// Returns the strings of the array that follows `key` in a TOML text.
fn strings_after<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let (_, rest) = text.split_once(key).unwrap_or_else(|| panic!("deny.toml has no `{key}`"));
    let (array, _) = rest.split_once(']').expect("the array ends");
    array.split('"').skip(1).step_by(2).collect()
}

/// Returns whether an expression of licences can be met: each part joined by `AND` offers one that is allowed.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    plain
        .split(" AND ")
        .all(|part| part.split(" OR ").any(|licence| allowed.contains(&licence.trim())))
}

/// Returns the text of the licence that a package names by its file.
fn licence_file(package: &serde_json::Value) -> String {
    let manifest = package["manifest_path"].as_str().expect("every package has a manifest");
    let file = package["license_file"].as_str().unwrap_or("LICENSE");
    let path = std::path::Path::new(manifest).with_file_name(file);
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT", "Unicode-3.0"];
    assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed));
    assert!(is_allowed("Apache-2.0/MIT", &allowed));
    assert!(!is_allowed("MIT AND GPL-3.0-only", &allowed));
    assert!(!is_allowed("Apache-2.0 WITH LLVM-exception", &allowed));
}

#[test]
fn every_licence_in_the_tree_is_allowed() {
    let root = env!("CARGO_MANIFEST_DIR");
    let rules = std::fs::read_to_string(format!("{root}/deny.toml")).expect("part of the source");
    let allowed = strings_after(&rules, "\nallow = [");
    assert!(allowed.contains(&"MIT"), "{allowed:?}");
    // Packages for other machines may not be at hand, so only those for this one are asked for.
    let version = Command::new("rustc").arg("-vV").output().expect("rustc built this test");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", host])
        .current_dir(root)
        .output()
        .expect("cargo runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    assert!(packages.len() > 50, "{}", packages.len());
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("every package has a name");
        let licence = package["license"].as_str();
        match licence {
            Some(licence) if is_allowed(licence, &allowed) => {}
            None if licence_file(package).starts_with("MIT License") => {}
            Some(_) | None => faults.push(format!("{name}: {licence:?}")),
        }
    }
    assert!(faults.is_empty(), "licences that `deny.toml` does not allow:\n{}", faults.join("\n"));
}

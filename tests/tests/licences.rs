//! What is depended on, held against `deny.toml`: every licence is one that it allows, and every crate comes from the
//! registry. `cargo deny check` says the same and looks at advisories too, where it is installed.

use std::path::Path;
use std::process::Command;

/// The dependencies of the workspace, as cargo describes them from what it has at hand.
fn packages() -> Vec<serde_json::Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--offline",
        "--filter-platform",
        "x86_64-unknown-linux-gnu",
    ]);
    let output = cargo.current_dir(root).output().expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the metadata is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn allowed() -> Vec<String> {
    let policy: toml::Table = toml::from_str(include_str!("../../deny.toml")).expect("the policy");
    let list = policy["licenses"]["allow"].as_array().expect("a list of licences");
    list.iter().map(|it| it.as_str().expect("a licence").to_owned()).collect()
}

/// Whether an SPDX expression can be met with the allowed licences alone: some side of each `OR`, every side of an `AND`.
fn met(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ");
    // As far as crates write them: `(A OR B) AND C`, or no parentheses at all.
    let inner = |part: &str| part.split(" OR ").any(|it| allowed.iter().any(|licence| licence == it.trim()));
    expression.split(" AND ").all(|part| inner(part.trim().trim_start_matches('(').trim_end_matches(')')))
}

#[test]
fn an_expression_is_met_by_what_is_allowed() {
    let allowed = ["MIT".to_owned(), "Zlib".to_owned()];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("Apache-2.0 OR MIT", true),
        ("Apache-2.0/MIT", true),
        ("MIT AND Zlib", true),
        ("MIT AND GPL-3.0-only", false),
        ("(Apache-2.0 OR MIT) AND Zlib", true),
        ("(Apache-2.0 OR MIT) AND Unicode-3.0", false),
        ("", false),
    ] {
        assert_eq!(met(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn every_dependency_may_be_used_and_comes_from_the_registry() {
    let allowed = allowed();
    let packages = packages();
    assert!(packages.len() > 50, "too few to be all of them: {}", packages.len());
    for package in &packages {
        let (name, licence) = (&package["name"], package["license"].as_str().unwrap_or_default());
        assert!(met(licence, &allowed), "{name}: `{licence}` is not allowed by deny.toml");
        let source = package["source"].as_str();
        assert!(source.is_none_or(|source| source.starts_with("registry+")), "{name}: from {source:?}");
    }
}

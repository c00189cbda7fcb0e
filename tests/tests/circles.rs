//! No two files of a crate import each other. What both of two files need has a file of its own, so that each file can be
//! read with only those before it in mind.
//!
//! A file imports another if it names something that the other declares, in a `use` or by a path, outside its tests. Who names
//! something that a parent only hands on (`pub use`) imports the file that declares it, and the parent, by handing it on,
//! imports nothing: a `mod.rs` and its children are a circle only where a child needs what is written in the `mod.rs` itself
//! while that needs the child.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The sources of the crates.
const CRATES: [&str; 10] = [
    "model/src",
    "scenarios/src",
    "reports/src",
    "simulator/search/src",
    "simulator/engines/src",
    "simulator/adapter/src",
    "simulator/campaign/src",
    "simulator/trial/src",
    "simulator/conformance/src",
    "simulator/src",
];

/// Pairs that cannot be parted, and why.
const PAIRS: [(&str, &str, &str); 1] =
    [("simulator/engines/src", "flaw office", "an office asks its flaw, and a flaw is shown the office")];

/// A file: the modules that lead to it.
type Module = Vec<String>;

/// The files of a crate, with their text.
fn files(root: &Path) -> BTreeMap<Module, String> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                walk(&entry, files);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                files.push(entry);
            }
        }
    }
    let mut found = Vec::new();
    walk(root, &mut found);
    let each = found.into_iter().map(|file| {
        let path = file.strip_prefix(root).expect("below the root").with_extension("");
        let mut module: Module = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            module.pop();
        }
        let text = fs::read_to_string(&file).expect("a file of text");
        // Tests stand at the end of a file, and see all of it.
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        (module, lines.collect::<Vec<_>>().join("\n"))
    });
    each.collect()
}

/// The paths that a tree of imports names: `a::{b, c::d}` names two.
fn paths(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, inside)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inside.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match parts.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            Some(_) | None => parts.push(String::new()),
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| paths(part)).map(|path| format!("{before}{path}")).collect()
}

/// What a file names: each path, and whether it only hands it on.
fn named(text: &str) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    let mut rest = String::new();
    let mut statements = text.split(';').peekable();
    while let Some(statement) = statements.next() {
        let at = statement.rfind("use ").filter(|&at| {
            let before = statement[..at].chars().next_back();
            before.is_none_or(char::is_whitespace) && statements.peek().is_some()
        });
        match at {
            Some(at) => {
                let handed = statement[..at].trim_end().ends_with("pub") || statement[..at].trim_end().ends_with(')');
                all.extend(paths(&statement[at + 4..]).into_iter().map(|path| (path, handed)));
                rest.push_str(&statement[..at]);
            }
            None => rest.push_str(statement),
        }
    }
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let spelled = rest.split(|c| !word(c)).filter(|path| path.contains("::"));
    all.extend(spelled.map(|path| (path.trim_matches(':').to_owned(), false)));
    all
}

/// The file that a path leads to, and what is left of the path.
fn resolved<'p>(files: &BTreeMap<Module, String>, from: &Module, path: &'p str) -> Option<(Module, Vec<&'p str>)> {
    let mut parts: Vec<&str> = path.split("::").map(str::trim).collect();
    let mut at = from.clone();
    match parts[0] {
        "crate" => at.clear(),
        "super" => {}
        "self" => {
            parts.remove(0);
        }
        name => {
            at.push(name.to_owned());
            files.contains_key(&at).then_some(())?;
            at.pop();
        }
    }
    while parts.first().is_some_and(|&part| part == "super" || part == "crate") {
        if parts.remove(0) == "super" {
            at.pop();
        }
    }
    while let Some(&part) = parts.first() {
        at.push(part.to_owned());
        if !files.contains_key(&at) {
            at.pop();
            break;
        }
        parts.remove(0);
    }
    // A module within the file itself sees it by a star.
    (parts != ["*"] || at != *from).then_some((at, parts))
}

/// The pairs of files that import each other, and the lines by which they do.
fn circles(root: &Path) -> BTreeMap<String, String> {
    let files = files(root);
    let named: BTreeMap<&Module, Vec<(String, bool)>> = files.iter().map(|(at, text)| (at, named(text))).collect();
    let mut handed: BTreeMap<(Module, String), Module> = BTreeMap::new();
    for (from, paths) in &named {
        for (path, _) in paths.iter().filter(|(_, handed)| *handed) {
            if let Some((to, rest)) = resolved(&files, from, path)
                && let Some(name) = rest.last()
            {
                handed.insert(((*from).clone(), (*name).to_owned()), to);
            }
        }
    }
    let mut edges: BTreeMap<(Module, Module), BTreeSet<String>> = BTreeMap::new();
    for (from, paths) in &named {
        for (path, _) in paths.iter().filter(|(path, handed)| !handed && !path.ends_with("super::*")) {
            let Some((mut to, rest)) = resolved(&files, from, path) else { continue };
            while let Some(next) = rest.first().and_then(|name| handed.get(&(to.clone(), (*name).to_owned()))) {
                to.clone_from(next);
            }
            if to != **from {
                edges.entry(((*from).clone(), to)).or_default().insert(path.clone());
            }
        }
    }
    let both = edges.iter().filter_map(|((a, b), there)| {
        let back = edges.get(&(b.clone(), a.clone())).filter(|_| a < b)?;
        let lines = [(a, there), (b, back)].map(|(at, paths)| lines(at, &files[at], paths));
        Some((format!("{} {}", a.join("::"), b.join("::")), lines.concat()))
    });
    both.collect()
}

/// The lines of a file that import these paths.
fn lines(module: &Module, text: &str, paths: &BTreeSet<String>) -> String {
    let mut told = String::new();
    for path in paths {
        let name = path.rsplit("::").next().unwrap_or(path);
        let word = |c: char| !c.is_alphanumeric() && c != '_';
        let line = text.lines().position(|line| line.split(word).any(|word| word == name));
        let line = line.map_or_else(String::new, |line| (line + 1).to_string());
        told.push_str(&format!("    {} line {line}: {path}\n", module.join("::")));
    }
    told
}

#[test]
fn no_two_files_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for sources in CRATES {
        for (pair, lines) in circles(&root.join(sources)) {
            if !PAIRS.iter().any(|&(of, known, _)| (of, known) == (sources, pair.as_str())) {
                found.push(format!("{sources}: {pair}\n{lines}"));
            }
        }
    }
    assert!(
        found.is_empty(),
        "these import each other; what both need belongs into a file of its own:\n{}",
        found.join("\n")
    );
}

#[test]
fn two_files_that_import_each_other_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it can be written");
    write("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;\n");
    write("a.rs", "use super::b::{B, Other};\npub struct A(B);\n");
    write("b.rs", "use crate::c::C;\npub struct B;\nfn take(_: &crate::A) {}\n");
    write("c.rs", "// use crate::b::B;\npub struct C;\n#[cfg(test)]\nmod tests { use crate::b::B; }\n");
    let lines = "    a line 1: super::b::B\n    a line 1: super::b::Other\n    b line 3: crate::A\n";
    assert_eq!(circles(folder.path()), BTreeMap::from([("a b".to_owned(), lines.to_owned())]));
}

//! One name, one type: a word means the same in every file. And no file grows past what can be read at one sitting.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders with sources. Benchmarks and tests may name what they need as they like.
const SOURCES: [&str; 10] = [
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

/// The most lines of a file, tests and benchmarks included.
const MOST_LINES: usize = 800;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder that is no product of a build.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path()) {
        let hidden = entry.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with('.') || name == "target" || name == "node_modules"
        });
        if entry.is_dir() && !hidden {
            files(&entry, found);
        } else if entry.extension().is_some_and(|end| end == "rs") {
            found.push(entry);
        }
    }
}

/// The name that a line declares as a type; an associated type, which is indented, belongs to its trait.
fn declared(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let text = text.strip_prefix("pub").map_or(text, |rest| {
        let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
        rest.trim_start()
    });
    let (keyword, rest) = text.split_once(' ')?;
    let is_type = ["struct", "enum", "trait", "union"].contains(&keyword)
        || (keyword == "type" && !line.starts_with(char::is_whitespace));
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (is_type && rest.starts_with(char::is_uppercase)).then_some(&rest[..end])
}

/// The names that more than one file declares, with the files.
fn shared(sources: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in sources {
        // Tests stand at the end of a file.
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for name in text.lines().filter_map(declared) {
            let files = names.entry(name.to_owned()).or_default();
            if files.last() != Some(file) {
                files.push(file.clone());
            }
        }
    }
    names.retain(|_, files| files.len() > 1);
    names
}

#[test]
fn no_two_types_have_the_same_name() {
    let mut found = Vec::new();
    SOURCES.iter().for_each(|folder| files(&root().join(folder), &mut found));
    // `simulator/src` is not above the crates nested in `simulator`; a file is read once all the same.
    found.sort();
    found.dedup();
    let read = found.into_iter().filter(|file| file.file_name().is_some_and(|name| name != "tests.rs"));
    let sources = read.map(|file| {
        let text = fs::read_to_string(&file).expect("a file of text");
        (file.strip_prefix(root()).expect("below the root").display().to_string(), text)
    });
    let shared = shared(&sources.collect::<Vec<_>>());
    assert!(shared.is_empty(), "one name, one type; the more special one gets the longer name:\n{shared:#?}");
}

#[test]
fn a_name_of_two_types_is_found() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("a.rs", "pub struct Plan;\nenum Kind { A }\nimpl Source for Plan {\n    type Error = ();\n}\n"),
        file("b.rs", "    pub(crate) enum Plan { A }\nimpl Source for Kind {\n    type Error = ();\n}\n"),
        file("c.rs", "type Plans = Plan;\n// struct Kind\n#[cfg(test)]\nmod tests {\n    struct Kind;\n}\n"),
    ];
    assert_eq!(shared(&sources), BTreeMap::from([("Plan".to_owned(), vec!["a.rs".to_owned(), "b.rs".to_owned()])]));
}

#[test]
fn no_file_is_too_long() {
    let mut found = Vec::new();
    files(&root(), &mut found);
    let lines = |file: &PathBuf| fs::read_to_string(file).expect("a file of text").lines().count();
    let long: Vec<_> = found.iter().map(|file| (file, lines(file))).filter(|(_, lines)| *lines > MOST_LINES).collect();
    assert!(long.is_empty(), "a file of more than {MOST_LINES} lines has a seam to split it at: {long:#?}");
}

/// The most words of the README, code and tables included.
const MOST_WORDS: usize = 700;

#[test]
fn the_readme_is_read_in_a_few_minutes() {
    let words = fs::read_to_string(root().join("README.md")).expect("the README").split_whitespace().count();
    assert!(words <= MOST_WORDS, "README.md has {words} words, and may have {MOST_WORDS}");
}

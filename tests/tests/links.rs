//! Every page of the repository: a link into the repository leads to what is there, and one into a page to a heading of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of the repository.
const FOREIGN: [&str; 5] = ["target", "node_modules", ".git", ".venv", ".installed"];

/// Every page below a folder.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            // What is linked from elsewhere is not of the repository.
            if !FOREIGN.contains(&name.as_str()) && !path.is_symlink() {
                pages(&path, found);
            }
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// The text of a page without what stands in fences and in backquotes.
fn prose(page: &str) -> String {
    let mut fenced = false;
    let mut text = String::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            // Between backquotes nothing is a link; what stands around them may be.
            text.extend(line.split('`').step_by(2));
            text.push('\n');
        }
    }
    text
}

/// Where the links of a page lead.
fn links(page: &str) -> Vec<String> {
    let text = prose(page);
    let targets = text.match_indices("](").filter_map(|(at, open)| {
        let target = &text[at + open.len()..];
        target.split_once(')').map(|(target, _)| target.trim().to_owned())
    });
    targets.filter(|target| !target.is_empty()).collect()
}

/// The names by which the headings of a page are reached.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut anchors = BTreeSet::new();
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        let heading = line.trim_start_matches('#');
        if !fenced && heading.len() < line.len() && heading.starts_with(' ') {
            let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            anchors.insert(kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect());
        }
    }
    anchors
}

/// What is wrong with the links of a page.
fn dead(folder: &Path, page: &str) -> Vec<String> {
    let outside = |target: &String| target.contains("://") || target.starts_with("mailto:");
    let dead = |target: &String| {
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let place = folder.join(path);
        let there = path.is_empty() || place.exists();
        let reached = if path.is_empty() {
            anchors(page).contains(anchor)
        } else {
            // Only a page has headings.
            anchor.is_empty() || fs::read_to_string(&place).is_ok_and(|other| anchors(&other).contains(anchor))
        };
        !(there && reached)
    };
    links(page).into_iter().filter(|target| !outside(target)).filter(dead).collect()
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    pages(&root, &mut found);
    found.sort();
    assert!(found.len() > 10, "{found:?}");
    let wrong: Vec<String> = found
        .iter()
        .flat_map(|path| {
            let page = fs::read_to_string(path).expect("a page");
            let dead = dead(path.parent().expect("a folder"), &page);
            dead.into_iter().map(|target| format!("{}: {target}", path.display())).collect::<Vec<_>>()
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{}\nhelp: the page of the results is cleared of them by `tests/adapters/results --links`",
        wrong.join("\n")
    );
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("other.md"), "# Here\n\n## And `there`, too\n").expect("a page");
    let page = "# One page\n[a](other.md) [b](other.md#here) [c](#one-page) [d](https://example.com/x) `[e](none)`\n\
                ```\n[f](none)\n```\n[g](none.md) [h](other.md#nowhere) [i](#two) [`j`](other.md#and-there-too)\n";
    assert_eq!(dead(folder.path(), page), ["none.md", "other.md#nowhere", "#two"]);
}

/// The page of the results cannot get a link to a file that is gone.
#[test]
fn the_page_of_the_results_has_no_link_to_what_is_gone() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = folder.path().join("tests/adapters");
    fs::create_dir_all(copy.join("found")).expect("a folder");
    fs::copy(here.join("results"), copy.join("results")).expect("a copy");
    fs::write(copy.join("found/there.toml"), "").expect("a file");
    let page = "- Seen: x. Kept in [found/gone.toml](found/gone.toml), 2 steps:\n\
                - Seen: y. Kept in [found/there.toml](found/there.toml), 3 steps:\n\
                | [it](#it) | [away](found/gone.toml) | [out](https://example.com/a) |\n";
    fs::write(copy.join("RESULTS.md"), page).expect("a page");
    let ended = std::process::Command::new("python3").arg(copy.join("results")).arg("--links").status();
    assert!(ended.expect("there is Python").success());
    let page = fs::read_to_string(copy.join("RESULTS.md")).expect("a page");
    assert_eq!(
        page,
        "- Seen: x. 2 steps:\n- Seen: y. Kept in [found/there.toml](found/there.toml), 3 steps:\n\
         | [it](#it) | away | [out](https://example.com/a) |\n"
    );
}

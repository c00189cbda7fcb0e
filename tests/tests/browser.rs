//! The page of the report in a real browser: Chromium without a window, opened from the disk and driven by
//! `browser/report.mjs`. Skipped aloud where there is no Node.js, no Chromium, or `npm ci` was not run in `browser/`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tombstone_tests::{run, skip};

/// The first program of these names on `PATH`.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
}

#[test]
fn the_page_shows_what_a_reader_needs() {
    let browser = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let Some(node) = program(&["node"]) else { return skip("the page is not looked at: there is no Node.js") };
    let Some(chromium) = program(&["chromium", "chromium-browser", "google-chrome"]) else {
        return skip("the page is not looked at: there is no Chromium");
    };
    if !browser.join("node_modules/playwright-core").is_dir() || !browser.join("node_modules/axe-core").is_dir() {
        return skip("the page is not looked at: `npm ci --prefix tests/browser` was not run");
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    // The sample with a defect, beside the reference.
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/sqlite/adapter.py");
    // One of its failures is known.
    let known = "[[known]]\nimplementation = \"*\"\ncase = \"deletion/email*\"\nreason = \"not fetched, yet\"\n\
                 link = \"https://example.org/1\"\n";
    std::fs::write(folder.join("known.toml"), known).expect("a baseline");
    let check = ["check", "--implementation", "reference", "--kill", "0", "--plans", "20", "--scenario", "deletion/*"];
    let check = [&check[..], &["--baseline", "known.toml"]].concat();
    let program = ["--", "python3", sample.to_str().expect("a path that is text"), "--defect=deletions-not-fetched"];
    let check = [&check[..], &program[..]].concat();
    let output = run(env!("CARGO_BIN_EXE_tombstone-under-test"), &folder, &check);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let page = folder.join("tombstone-report/report.html");
    let seen = look(&node, &browser, "report.mjs", &[&chromium, &page, &folder]);
    assert!(seen.contains("its timeline is visible") && seen.contains("without scripts"), "it saw too little: {seen}");

    // The same, grown to what a campaign of a large product leaves.
    let (small, big) = (folder.join("tombstone-report/report.json"), folder.join("large.json"));
    look(&node, &browser, "large.mjs", &[Path::new("grow"), &small, &big]);
    let page = folder.join("large.html");
    let render = ["report", "--format", "html", "large.json"];
    let output = run(env!("CARGO_BIN_EXE_tombstone-under-test"), &folder, &render);
    std::fs::write(&page, output.stdout).expect("a page");
    let seen = look(&node, &browser, "large.mjs", &[&chromium, &page]);
    assert!(seen.contains("one of 10,000 scenarios"), "it saw too little: {seen}");
    // Times depend on the machine: they are told, and hold nobody.
    writeln!(std::io::stderr(), "{seen}").expect("standard error can be written");
}

/// What a script of the folder says of a page.
fn look(node: &Path, browser: &Path, script: &str, arguments: &[&Path]) -> String {
    let looked = Command::new(node).arg(browser.join(script)).args(arguments).output();
    let looked = looked.expect("Node.js can be started");
    let seen = format!("{}{}", String::from_utf8_lossy(&looked.stdout), String::from_utf8_lossy(&looked.stderr));
    assert!(looked.status.success(), "{seen}");
    seen
}

//! What `tombstone scenario` says of files: each mistake once, with its place and what to do; of what is no scenario, that.

use std::fs;
use std::path::Path;

use tombstone_tests::run;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

/// A contact that is deleted twice, completed, and expected to be there in between.
const MISTAKEN: &str = r#"id = "mistaken"
title = "Three mistakes of meaning"

[users.anna]

[computers.desktop]
user = "anna"

[items.carla]
kind = "contact"

[[step]]
expect = { item = "carla", crm = "absent" }

[[step]]
complete = { item = "carla", in = "crm", at = "web" }

[[step]]
delete = { item = "carla", in = "crm", at = "web" }

[[step]]
expect = { item = "carla", crm = "present" }

[[step]]
delete = { item = "carla", in = "crm", at = "web" }
"#;

/// Runs it in a folder, and returns its exit code and what it says of errors.
fn said(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(PROGRAM, folder, arguments);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
        fs::write(file, text).expect("it can be written");
    }
    folder
}

/// How often each heading of an error is said; none more than once with the same place.
#[track_caller]
fn each_once(text: &str) -> usize {
    let mut errors: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with("error") {
            errors.push(String::new());
        }
        errors.last_mut().into_iter().for_each(|error| error.push_str(line));
    }
    for (n, error) in errors.iter().enumerate() {
        assert!(!errors[..n].contains(error), "said twice: {error}\nin: {text}");
    }
    errors.len()
}

#[test]
fn mistakes_of_meaning_have_their_place_and_step() {
    let folder = folder(&[("own/a.toml", MISTAKEN)]);
    for command in [
        &["scenario", "check", "own"][..],
        &["scenario", "check", "own/a.toml", "own/a.toml", "own"],
        &["check", "--suite", "own"],
        &["replay", "own/a.toml"],
    ] {
        let (code, text) = said(folder.path(), command);
        assert_eq!(code, Some(2), "{command:?}: {text}");
        for (code, place, words) in [
            ("expectation", "own/a.toml:13:34", "an expectation at the start: "),
            ("impossible-step", "own/a.toml:16:1", "step 1 is not possible"),
            ("expectation", "own/a.toml:22:34", "an expectation after step 2: "),
            ("impossible-step", "own/a.toml:25:1", "step 3 is not possible"),
        ] {
            let heading = text.lines().position(|line| line.contains(code) && line.contains(words));
            let at = heading.and_then(|at| text.lines().nth(at + 1));
            assert!(at.is_some_and(|at| at.trim_start() == format!("--> {place}")), "{command:?}: {place}: {text}");
        }
        assert_eq!((each_once(&text), text.matches("\nhelp: ").count()), (4, 4), "{text}");
    }
}

#[test]
fn what_is_no_scenario_is_told() {
    let twice = MISTAKEN.replace("title", "covers = [\"D01\", \"D08\", \"D01\", \"D91\"]\ntitle");
    let folder = folder(&[("empty.toml", ""), ("blank.toml", "\n\n"), ("folder/x.txt", ""), ("twice.toml", &twice)]);
    for (file, words, errors) in [
        ("empty.toml", &["nothing in", "empty.toml", "help: `tombstone scenario new KIND`"][..], 1),
        ("blank.toml", &["nothing in", "blank.toml", "help: `tombstone scenario new KIND`"], 1),
        ("folder", &["there is no scenario in folder", "help: a scenario is a file"], 1),
        ("nowhere", &["cannot read nowhere"], 1),
    ] {
        for command in
            [&["scenario", "check", file][..], &["scenario", "fmt", file], &["scenario", "fmt", "--check", file]]
        {
            let (code, text) = said(folder.path(), command);
            assert_eq!((code, each_once(&text)), (Some(2), errors), "{command:?}: {text}");
            words.iter().for_each(|word| assert!(text.contains(word), "{command:?}: no `{word}` in {text}"));
        }
    }
    let (code, text) = said(folder.path(), &["scenario", "check", "twice.toml"]);
    assert_eq!((code, each_once(&text)), (Some(2), 2), "{text}");
    for words in
        ["`covers` names `D01` twice", "twice.toml:2:25", "unknown row, fact or switch `D91`", "help: name each once"]
    {
        assert!(text.contains(words), "no `{words}` in {text}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("empty.toml")).expect("it is there"), "", "nothing is written");
}

#[test]
fn a_folder_is_formatted_and_an_id_of_several_is_said_once() {
    let right = MISTAKEN.replace("[users", "\n\n\n[users");
    let folder = folder(&[("own/a.toml", &right), ("own/b/b.toml", &right), ("own/c.toml", MISTAKEN)]);
    let (code, text) = said(folder.path(), &["scenario", "fmt", "--check", "own"]);
    assert_eq!((code, each_once(&text)), (Some(2), 2), "{text}");
    assert_eq!(said(folder.path(), &["scenario", "fmt", "own"]), (Some(0), String::new()));
    assert_eq!(fs::read_to_string(folder.path().join("own/b/b.toml")).expect("it is there"), MISTAKEN);
    let (_, text) = said(folder.path(), &["scenario", "check", "own"]);
    assert_eq!(text.matches("several scenarios have the id `mistaken`").count(), 1, "{text}");
    for place in ["own/a.toml", "own/b/b.toml", "own/c.toml"] {
        assert!(text.contains(&format!("\n --> {place}\n")), "{place}: {text}");
    }
}

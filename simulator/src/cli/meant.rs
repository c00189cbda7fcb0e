//! What somebody means who tries a word that there is not: the command that does it.

use std::path::Path;

use clap::error::{ContextKind, ContextValue};

/// Words that other tools have for what commands and options of this one do.
const WORDS: &[(&[&str], &str)] = &[
    (&["run", "test", "exec"], "`tombstone check SCENARIO…` runs scenarios: files, folders, or ids of the suite"),
    (
        &["list", "ls", "--list", "--list-scenarios"],
        "`tombstone scenario list` lists scenarios; `--covers D05` those that cover a row or a fact",
    ),
    (
        &["--filter", "--only", "--select", "--test", "-k", "--match", "--id"],
        "`tombstone check ID…` runs scenarios by their ids, in which `*` stands for anything",
    ),
    (&["--file", "--path", "-f"], "`tombstone check FILE…` runs the scenarios of files and folders"),
    (&["validate", "lint", "verify"], "`tombstone scenario check FILE…` says what is wrong with scenarios"),
    (&["fmt", "format"], "`tombstone scenario fmt FILE…` formats scenarios"),
    (&["new", "init", "create"], "`tombstone scenario new KIND` prints a scenario to begin with"),
    (&["show", "view", "describe"], "`tombstone scenario show SCENARIO…` shows what the model expects, step by step"),
    (&["rules", "tables", "rows"], "`tombstone table` shows the documented tables of rules"),
    (&["facts", "coverage"], "`tombstone check --coverage` shows the documented facts, and what covers them"),
    (&["diff"], "`tombstone compare OLD NEW` compares two reports"),
    (
        &["shrink", "minimize"],
        "`tombstone check` shrinks what fails; with `--shrink` what programs fail of scenarios, too",
    ),
    (&["adapter", "probe", "ping"], "`tombstone doctor -- PROGRAM` examines an adapter"),
];

/// The error, with the command that does what was probably meant in the place of a word that is only spelt alike.
pub(super) fn meant(mut error: clap::Error) -> clap::Error {
    let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let word = kinds.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        Some(_) | None => None,
    });
    let Some(word) = word else { return error };
    let Some(help) = command_for(&word) else { return error };
    for kind in
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::Suggested, ContextKind::Usage]
    {
        error.remove(kind);
    }
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help.into()]));
    error
}

/// The command that does what a word says elsewhere.
fn command_for(word: &str) -> Option<String> {
    let path = Path::new(word);
    if path.exists() || path.extension().is_some_and(|extension| extension == "toml") {
        return Some("`tombstone check FILE…` runs the scenarios of files and folders".to_owned());
    }
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    WORDS.iter().find(|(words, _)| words.contains(&name)).map(|(_, help)| (*help).to_owned())
}

//! What somebody means who tries a word that there is not: the command that does it.

use std::ffi::OsString;
use std::path::Path;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use tombstone_reports::quoted;

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

/// Programs that run files whose names end so.
const INTERPRETERS: [(&str, &str); 5] =
    [("py", "python3"), ("js", "node"), ("mjs", "node"), ("pl", "perl"), ("rb", "ruby")];

/// The error, with the command that does what was probably meant in the place of a word that is only spelt alike.
pub(super) fn meant(mut error: clap::Error, all: &Command, words: &[OsString]) -> clap::Error {
    let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let word = kinds.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        Some(_) | None => None,
    });
    let Some(word) = word else { return error };
    let program = || asked(all, words).and_then(|command| as_program(command, &word, words));
    let Some(help) = program().or_else(|| command_for(&word)) else { return error };
    for kind in
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::Suggested, ContextKind::Usage]
    {
        error.remove(kind);
    }
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help.into()]));
    error
}

/// Refuses a line that ends with `--`: a program should follow, and what is tested instead is nobody's wish.
///
/// # Errors
/// That nothing follows.
pub(super) fn names_a_program(all: &Command, words: &[OsString]) -> Result<(), clap::Error> {
    let nothing = words.iter().position(|word| word == "--").is_some_and(|at| at + 1 == words.len());
    let Some(command) = asked(all, words).filter(|command| nothing && takes_program(command)) else { return Ok(()) };
    let name = command.get_name();
    Err(clap::Error::raw(
        ErrorKind::MissingRequiredArgument,
        format!(
            "no program stands after `--`\nhelp: name one, `tombstone {name} … -- PROGRAM ARGS…`, or leave `--` out; where \
             it is a variable of the shell, that is empty\n"
        ),
    ))
}

/// The command that was asked for.
fn asked<'c>(all: &'c Command, words: &[OsString]) -> Option<&'c Command> {
    words.iter().skip(1).find_map(|word| all.find_subcommand(word))
}

fn takes_program(command: &Command) -> bool {
    command.get_positionals().any(clap::Arg::is_last_set)
}

/// How a word is said that is no argument of a command, where all that this command takes besides options is a program.
fn as_program(command: &Command, word: &str, words: &[OsString]) -> Option<String> {
    let alone = takes_program(command) && command.get_positionals().count() == 1;
    let path = Path::new(word);
    if !alone || word.starts_with('-') || path.extension().is_some_and(|extension| extension == "toml") {
        return None;
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    let interpreter = INTERPRETERS.iter().find(|(ends, _)| Some(*ends) == extension);
    let program = match interpreter {
        Some((_, interpreter)) => format!("{interpreter} {}", quoted(word)),
        None if path.exists() && !word.contains('/') => quoted(&format!("./{word}")),
        None => quoted(word),
    };
    let arguments = words.iter().skip_while(|it| *it != word).skip(1).filter(|it| *it != "--");
    let line: Vec<String> = std::iter::once(program).chain(arguments.map(|it| quoted(&it.to_string_lossy()))).collect();
    Some(format!(
        "`tombstone {} -- {}`: a program and its arguments stand after `--`",
        command.get_name(),
        line.join(" ")
    ))
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

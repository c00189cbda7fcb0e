//! The command line: a file a command. Only here is anything printed, are arguments read, and is the clock looked at.
//!
//! Standard output is data or the verdict; progress and diagnostics go to standard error.

/// Tells something to standard error. It has the name of the usual macro, so that nothing here goes around [`output`]: a
/// standard error that cannot be written is noticed and no panic, and what comes from outside does nothing there.
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::cli::output::tell(format_args!($($text)*)) };
}

mod output;
mod outcome;
mod again;
mod asked;
mod clock;
mod check;
mod table;
mod explain;
mod replay;
mod explore;
mod faults;
mod drawn;
mod folder;
mod interrupt;
mod meant;
mod mistaken;
mod known;
mod scenario;
mod showing;
mod schema;
mod report;
mod shard;
mod merge;
mod compare;
mod doctor;
mod completions;
mod manual;
mod choose;
mod attach;
mod bench;
mod budget;
mod transcript;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tombstone_reports::Exit;

use outcome::CommandError;

/// Conformance testing of synchronizers between Outlook and a CRM, against the documented deletion table.
#[derive(Parser)]
#[command(name = "tombstone", bin_name = "tombstone", version, max_term_width = 110, after_help = Exit::line())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the scenario suite, then random interleavings, on each chosen implementation, and write a report.
    Check(Box<check::CheckArguments>),
    /// Run one scenario, counterexample or random plan again, and show every step.
    Replay(replay::ReplayArguments),
    /// Go through every interleaving of a small population.
    Explore(explore::ExploreArguments),
    /// Try the harness on its own faulty implementations.
    Faults(faults::FaultsArguments),
    /// Show the documented tables of rules: that of deletions, or another.
    Table(table::TableArguments),
    /// Say what the documents decide in one situation, by which row of which document.
    Explain(explain::ExplainArguments),
    /// Write, check and format scenarios.
    #[command(subcommand)]
    Scenario(scenario::ScenarioCommand),
    /// Render a saved report again.
    Report(report::ReportArguments),
    /// Make one report of the shards of a run: that of the same run in one piece.
    Merge(merge::MergeArguments),
    /// Compare saved reports: two of them, or the history of each row in many.
    Compare(compare::CompareArguments),
    /// Examine an adapter alone: is the protocol spoken, and is what it claims true?
    Doctor(doctor::DoctorArguments),
    /// Measure programs: what a synchronization costs, over the size of the world.
    Bench(bench::BenchArguments),
    /// Answer every line of standard input, for `bench` to measure the harness with.
    #[command(hide = true)]
    Echo,
    /// Replay a recorded transcript into a program, judging nothing, and print both sides.
    Transcript(transcript::TranscriptArguments),
    /// Print the JSON Schema of a file format or of the adapter protocol.
    Schema(schema::SchemaArguments),
    /// Write the manual pages, one for each command.
    Manual(manual::ManualArguments),
    /// Print a completion script for a shell.
    Completions(completions::CompletionsArguments),
}

/// The command line, with its commands and their options: for help, completions, and whoever documents it.
pub fn command() -> clap::Command {
    // What follows an option is its value, even where it begins with a minus: then it is told what is wrong with it.
    let takes_numbers = |arg: clap::Arg| {
        let value = arg.get_long().is_some() && arg.get_action().takes_values();
        if value { arg.allow_negative_numbers(true) } else { arg }
    };
    let of_programs = |command: clap::Command| {
        command.mut_arg("names", |names| {
            names.help("A program of the file of implementations, by its name; may be given several times")
        })
    };
    let all = Arguments::command().mut_subcommands(|command| command.mut_args(takes_numbers));
    ["doctor", "bench", "transcript"].into_iter().fold(all, |all, name| all.mut_subcommand(name, of_programs))
}

/// What the command line says, if it can be understood.
fn understood() -> Result<Arguments, clap::Error> {
    let mut command = command();
    let words: Vec<OsString> = std::env::args_os().collect();
    let matches = command.try_get_matches_from_mut(&words).map_err(|error| meant::meant(error, &command, &words))?;
    meant::names_a_program(&command, &words)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    #[cfg(unix)]
    {
        // What this process was left open by others is not for the programs that it starts.
        const FIRST: i32 = 3;
        close_fds::set_fds_cloexec(FIRST, &[]);
    }
    tombstone_adapter::kin::alone();
    interrupt::limits_are_errors();
    let arguments = match understood() {
        Ok(arguments) => arguments,
        Err(error) => {
            let printed = error.print();
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Conforms };
            let written = printed.map_or_else(|error| error.kind() == std::io::ErrorKind::BrokenPipe, |()| true);
            return ExitCode::from(if written { exit } else { exit.or_unwritten() }.code());
        }
    };
    // A panic of ours is a bug of ours, and says so by its own exit code.
    let outcome = std::panic::catch_unwind(|| match arguments.command {
        Command::Check(arguments) => check::run(*arguments),
        Command::Replay(arguments) => again::replay(arguments),
        Command::Explore(arguments) => explore::run(&arguments),
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Table(arguments) => table::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Scenario(command) => scenario::run(command),
        Command::Report(arguments) => report::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Echo => bench::echo(),
        Command::Transcript(arguments) => transcript::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Manual(arguments) => manual::run(&arguments, command()),
        Command::Completions(arguments) => completions::run(&arguments, &mut command()),
    });
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(CommandError { exit, message })) => {
            eprintln!("{}", message.trim_end());
            exit
        }
        Err(_) => {
            eprintln!("error: this is a bug in Tombstone; please report it with the command that led to it");
            Exit::Bug
        }
    };
    ExitCode::from(if output::failed() { exit.or_unwritten() } else { exit }.code())
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use super::command;

    #[test]
    fn a_number_that_an_option_cannot_take_is_told_with_the_range() {
        let numbers = [TypeId::of::<u8>(), TypeId::of::<u32>(), TypeId::of::<u64>(), TypeId::of::<usize>()];
        let mut asked = 0;
        for subcommand in command().get_subcommands() {
            for arg in subcommand.get_arguments().filter(|arg| arg.get_action().takes_values()) {
                let Some(option) = arg.get_long() else { continue };
                let typed = arg.get_value_parser().type_id();
                let number = numbers.iter().any(|number| typed == *number);
                for value in ["-1", "1e99", "99999999999999999999"] {
                    let words = ["tombstone", subcommand.get_name(), &format!("--{option}"), value];
                    let Err(error) = command().try_get_matches_from(words) else { continue };
                    let told = error.to_string();
                    assert!(!told.contains("as a value, use"), "{words:?}: {told}");
                    assert!(!number || told.contains(" to "), "{words:?}: {told}");
                    asked += usize::from(number);
                }
            }
        }
        assert!(asked > 30, "only {asked} numbers were refused");
    }
}

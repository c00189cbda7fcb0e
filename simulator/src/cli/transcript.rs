//! `tombstone transcript`: replays a recorded transcript into a program, and prints both sides.

use std::path::PathBuf;

use clap::Args;
use tombstone_adapter::retell::{Said, retell};
use tombstone_campaign::subject::Subject;
use tombstone_model::words::counted;
use tombstone_reports::Exit;

use super::choose::Implementations;
use super::outcome::{CommandError, CommandOutcome};
use super::output::print;

#[derive(Args)]
pub(super) struct TranscriptArguments {
    /// A transcript that `--transcript` wrote.
    file: PathBuf,
    #[command(flatten)]
    implementations: Implementations,
}

pub(super) fn run(arguments: &TranscriptArguments) -> CommandOutcome {
    let text = std::fs::read_to_string(&arguments.file)
        .map_err(|error| CommandError::usage(format!("error: cannot read {}: {error}", arguments.file.display())))?;
    let subjects = arguments.implementations.chosen()?;
    let programs = subjects.iter().filter_map(|subject| match subject {
        Subject::Program { launch, .. } => Some(launch),
        Subject::BuiltIn(_) | Subject::Made(_) => None,
    });
    let mut any = false;
    for launch in programs {
        any = true;
        let (mut answers, mut differing) = (0u64, 0u64);
        let told = retell(&text, launch, &mut |said| match said {
            Said::To(message) => print(&format!("→ {message}")),
            Said::From(message, same) => {
                answers += 1;
                differing += u64::from(same == Some(false));
                let mark = match same {
                    Some(true) => "",
                    Some(false) => "  (recorded: another answer)",
                    None => "  (recorded: no answer)",
                };
                print(&format!("← {message}{mark}"));
            }
            Said::Note(note) => print(&format!("· {note}")),
        });
        told.map_err(|why| CommandError::incomplete(format!("error: {}", why.trim_end())))?;
        let answers = counted(answers, "answer");
        eprintln!("{answers}, {differing} of them other than recorded; nothing was judged");
    }
    if any {
        Ok(Exit::Conforms)
    } else {
        Err(CommandError::usage("error: no program to replay it into\nhelp: tombstone transcript FILE -- PROGRAM"))
    }
}

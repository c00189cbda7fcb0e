//! `tombstone doctor`: examines an adapter alone, and says in words what is wrong with it.

use clap::Args;
use tombstone_adapter::doctor::examine;
use tombstone_campaign::decided;
use tombstone_campaign::subject::Subject;
use tombstone_reports::{CommandLine, Exit};

use super::choose::Implementations;
use super::outcome::{CommandError, CommandOutcome};
use super::output::print;

#[derive(Args)]
pub(super) struct DoctorArguments {
    #[command(flatten)]
    implementations: Implementations,
}

pub(super) fn run(arguments: &DoctorArguments) -> CommandOutcome {
    let mut exit = Exit::Conforms;
    let subjects = arguments.implementations.chosen()?;
    let mut programs = 0;
    for subject in &subjects {
        let Subject::Program { launch, name, .. } = subject else { continue };
        let named = name.is_some();
        programs += 1;
        let examination =
            examine((**launch).clone(), &|known| decided::of_suite(known).lines(), &mut |text| print(text));
        let (verdict, this) = if !examination.started {
            ("it could not be examined: it did not start, or did not introduce itself", Exit::Incomplete)
        } else if examination.is_ill() {
            ("something is wrong with this adapter", Exit::Diverges)
        } else if !examination.decided() {
            ("nothing is known to be wrong, since nothing could be examined", Exit::Incomplete)
        } else {
            ("nothing is wrong with this adapter; a check judges the product behind it", Exit::Conforms)
        };
        // What it is called in the file of implementations, or calls itself; how it is started, if neither is known.
        let own = if named { None } else { examination.called() };
        print(&format!("{}: {verdict}", own.map_or_else(|| subject.label(), str::to_owned)));
        if this == Exit::Conforms {
            print(&format!("next: {}", subject.chosen_by(CommandLine::tombstone("check"))));
        }
        exit = exit.or(this);
    }
    if programs == 0 {
        return Err(CommandError::usage("error: the doctor examines programs\nhelp: tombstone doctor -- PROGRAM"));
    }
    Ok(exit)
}

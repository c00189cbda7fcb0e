//! How the report of a run is shown, and where it is written, whatever ended the run.

use std::path::PathBuf;

use tombstone_campaign::readings;
use tombstone_reports as reports;
use tombstone_reports::events::EventLine;
use tombstone_reports::journal::Journal;
use tombstone_reports::render::terminal::Detail;
use tombstone_reports::value::demands::Demands;
use tombstone_reports::value::scope::Shard;
use tombstone_reports::{Exit, fold};

use super::folder;
use super::known::{HeldBaselines, tell_unmet};
use super::output::{colour, print};
use super::shard;

/// How the report of a run is shown, and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Showing {
    pub(super) folder: PathBuf,
    pub(super) detail: Detail,
    pub(super) infer: bool,
    pub(super) demands: Demands,
    pub(super) held: HeldBaselines,
    /// Which shard it is, whose events are kept and nothing else.
    pub(super) shard: Option<Shard>,
}

impl Showing {
    /// Prints the report of a stream of events, and writes it in the place of the journal; how the run ends by it.
    pub(super) fn show(&self, lines: &[EventLine], journal: &Journal) -> Exit {
        if let Some(shard) = self.shard {
            return shard::keep(shard, lines, &self.folder, journal);
        }
        let (report, timings) = (fold::report(lines), fold::timings(lines));
        print(&reports::render::terminal::render(&report, self.detail, colour()));
        if self.infer {
            print(&readings::text(&report));
        }
        let written = reports::write::write(&report, Some(&timings), lines, &self.folder);
        let written = written.and_then(|_| journal.end());
        match &written {
            Ok(()) => eprintln!("report: {}", reports::quoted(&self.folder.join("report.html").to_string_lossy())),
            Err(error) => eprintln!("error: {error}\nhelp: name another folder with --report"),
        }
        tell_unmet(&self.demands, &report);
        let exit = self.held.by_today(&report, self.demands.exit(&report));
        let kept = self.held.write(&report, self.folder == folder::part());
        if written.is_ok() && kept { exit } else { exit.or_unwritten() }
    }
}

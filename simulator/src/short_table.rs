//! The deletion table on one screen: for each event and kind only the conditions that matter under a profile.

use std::collections::BTreeSet;

use tombstone_model::plan::Kind;
use tombstone_model::readings::decide::Fork;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Switch;
use tombstone_model::rules::{Decision, Fate, Prompt, Reply, Situation, Trigger};

/// What happens, as a heading of the short table.
const EVENTS: [(&str, Trigger, Reply); 6] = [
    ("deleted in Outlook", Trigger::DeleteInOutlook, Reply::Unasked),
    ("deleted in CRM", Trigger::DeleteInCrm, Reply::Unasked),
    ("untracked, Yes", Trigger::Untrack, Reply::Yes),
    ("untracked, No", Trigger::Untrack, Reply::No),
    ("untracked, no client there to ask", Trigger::Untrack, Reply::NoClient),
    ("the record leaves the user's filter", Trigger::LeaveFilter, Reply::Unasked),
];

/// The kinds, grouped where the table has one row for several; whether one occurrence of a series is meant.
const GROUPS: [(&str, Kind, bool); 8] = [
    ("email", Kind::Email, false),
    ("contact", Kind::Contact, false),
    ("appointment", Kind::Appointment, false),
    ("series", Kind::RecurringAppointment, false),
    ("one occurrence", Kind::Appointment, true),
    ("task", Kind::Task, false),
    ("letter, fax, phone call", Kind::Letter, false),
    ("service activity", Kind::ServiceActivity, false),
];

/// One way of putting a condition on how the user and the item stand, shortest first.
type Condition = (&'static str, fn(&Situation) -> bool);

const CONDITIONS: [Condition; 21] = [
    ("", |_| true),
    ("owner", |s| s.owner),
    ("not owner", |s| !s.owner),
    ("current", |s| s.current),
    ("not current", |s| !s.current),
    ("open", |s| s.open),
    ("not open", |s| !s.open),
    ("organizer", |s| s.organizer),
    ("not organizer", |s| !s.organizer),
    ("owner or organizer", |s| s.owner || s.organizer),
    ("neither owner nor organizer", |s| !s.owner && !s.organizer),
    ("current and owner", |s| s.current && s.owner),
    ("past or not owner", |s| !(s.current && s.owner)),
    ("current and organizer", |s| s.current && s.organizer),
    ("past or not organizer", |s| !(s.current && s.organizer)),
    ("current, and owner or organizer", |s| s.current && (s.owner || s.organizer)),
    ("past, or neither owner nor organizer", |s| !(s.current && (s.owner || s.organizer))),
    ("current, neither owner nor organizer", |s| s.current && !s.owner && !s.organizer),
    ("current, owner, not organizer", |s| s.current && s.owner && !s.organizer),
    ("past, owner", |s| !s.current && s.owner),
    ("past, owner or organizer", |s| !s.current && (s.owner || s.organizer)),
];

/// What becomes of a pair under every reading that a profile leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct PairOutcome {
    outlook: BTreeSet<Fate>,
    crm: BTreeSet<Fate>,
    asked: BTreeSet<Prompt>,
    cut: BTreeSet<bool>,
}

/// One line: what becomes of the pair, in which situations, by which rows.
struct TableLine {
    outcome: PairOutcome,
    situations: Vec<Situation>,
    rows: BTreeSet<String>,
    open: BTreeSet<Switch>,
}

/// What is printed of a line.
#[derive(PartialEq, Eq)]
struct Cells {
    /// The condition, Outlook, CRM, and whether somebody is asked.
    what: [String; 4],
    rows: BTreeSet<String>,
    open: BTreeSet<&'static str>,
}

/// The table under a profile as Markdown: a line for each outcome that an event has for a kind.
pub(crate) fn markdown(profile: &Profile) -> String {
    let mut text =
        String::from("| what happens | to | and the user or item is | Outlook | CRM | asked | rows | open |\n");
    text.push_str("|---|---|---|---|---|---|---|---|\n");
    for (event, trigger, reply) in EVENTS {
        // Kinds for which everything is alike stand in one line.
        let mut printed: Vec<(Vec<&str>, Vec<Cells>)> = Vec::new();
        for (name, kind, occurrence) in GROUPS {
            let alone = occurrence && matches!(trigger, Trigger::Untrack | Trigger::LeaveFilter);
            if alone || (kind == Kind::Email && trigger == Trigger::LeaveFilter) {
                continue;
            }
            let situations = situations(kind, trigger, reply, occurrence);
            let cells: Vec<_> = lines(profile, &situations).iter().map(|line| line.cells(&situations)).collect();
            match printed.iter_mut().find(|(_, other)| alike(other, &cells)) {
                Some((names, other)) => {
                    names.push(name);
                    for (mine, theirs) in other.iter_mut().zip(cells) {
                        mine.rows.extend(theirs.rows);
                        mine.open.extend(theirs.open);
                    }
                }
                None => printed.push((vec![name], cells)),
            }
        }
        for (names, cells) in printed {
            let names = names.join("; ");
            for Cells { what: [condition, outlook, crm, asked], rows, open } in cells {
                let [rows, open] = [listed(&rows), listed(&open)];
                let cells = [event, &names, &condition, &outlook, &crm, &asked, &rows, &open];
                text.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
        }
    }
    text
}

/// Whether two kinds differ in rows and open readings only.
fn alike(a: &[Cells], b: &[Cells]) -> bool {
    a.iter().map(|cells| &cells.what).eq(b.iter().map(|cells| &cells.what))
}

fn listed<T: AsRef<str>>(words: &BTreeSet<T>) -> String {
    words.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

fn situations(kind: Kind, trigger: Trigger, reply: Reply, occurrence: bool) -> Vec<Situation> {
    let bit = |n: u8, at: u8| n >> at & 1 != 0;
    (0..16)
        .map(|n| Situation {
            kind,
            trigger,
            reply,
            tracked: true,
            owner: bit(n, 0),
            organizer: bit(n, 1),
            current: bit(n, 2),
            open: bit(n, 3),
            privileged: true,
            occurrence,
        })
        .collect()
}

fn lines(profile: &Profile, situations: &[Situation]) -> Vec<TableLine> {
    let table = &profile.rules().deletion;
    let mut lines: Vec<TableLine> = Vec::new();
    for situation in situations {
        let row = table.row(situation);
        let (outcome, open) = outcome(profile, |fork| table.decide(row, fork));
        let at = lines.iter().position(|line| line.outcome == outcome).unwrap_or(lines.len());
        if at == lines.len() {
            lines.push(TableLine { outcome, situations: Vec::new(), rows: BTreeSet::new(), open: BTreeSet::new() });
        }
        let line = &mut lines[at];
        line.situations.push(*situation);
        line.rows.insert(table.rows().rule(row).row.clone());
        line.open.extend(open);
    }
    lines.sort_by(|a, b| a.outcome.cmp(&b.outcome));
    lines
}

/// What comes of a decision under every reading left, and the switches that it depends on.
fn outcome(profile: &Profile, mut decide: impl FnMut(&mut Fork) -> Decision) -> (PairOutcome, BTreeSet<Switch>) {
    let start = profile.readings();
    let mut fork = Fork::new(start);
    let mut outcome = PairOutcome::default();
    let mut open = BTreeSet::new();
    loop {
        let decision = decide(&mut fork);
        outcome.outlook.insert(decision.outlook);
        outcome.crm.insert(decision.crm);
        outcome.asked.insert(decision.prompt);
        outcome.cut.insert(decision.unlink);
        open.extend(fork.readings.differing(start));
        if !fork.advance() {
            let one = outcome.outlook.len() + outcome.crm.len() + outcome.asked.len() + outcome.cut.len() == 4;
            return (outcome, if one { BTreeSet::new() } else { open });
        }
    }
}

impl TableLine {
    fn cells(&self, all: &[Situation]) -> Cells {
        let holds = |test: fn(&Situation) -> bool| all.iter().all(|s| test(s) == self.situations.contains(s));
        let condition = CONDITIONS.iter().find(|(_, test)| holds(*test));
        let PairOutcome { outlook, crm, asked, cut } = &self.outcome;
        let mut copy = fates(outlook);
        if cut.contains(&true) {
            copy.push_str(if cut.len() > 1 { ", perhaps unlinked" } else { ", unlinked" });
        }
        let asked = match (asked.len(), asked.first()) {
            (1, Some(Prompt::Asked)) => "yes",
            (1, Some(Prompt::Unasked)) => "no",
            _ => "either",
        };
        let condition = condition.map_or("anything else", |(name, _)| name).to_owned();
        Cells {
            what: [condition, copy, fates(crm), asked.to_owned()],
            rows: self.rows.clone(),
            open: self.open.iter().map(|switch| switch.info().id).collect(),
        }
    }
}

/// What becomes of a side, in a word.
fn fates(fates: &BTreeSet<Fate>) -> String {
    let either = fates.len() > 1 || fates.contains(&Fate::Free);
    let word = match (either, fates.contains(&Fate::Deleted)) {
        (true, _) => "either",
        (false, true) => "deleted",
        (false, false) => "kept",
    };
    word.to_owned()
}

//! The report for a terminal: plain strings, at most 110 columns wide, that read well without colour.

mod faults;
mod paint;

use std::collections::{BTreeMap, BTreeSet};

use crate::render::causes::{self, plainest, without_cause};
use crate::render::known;
use crate::render::text::{counted, cut, grouped, one_line, pad, wrap};
use crate::render::timeline::{self, COLUMNS};
use crate::value::evidence::{Campaign, Inference};
use crate::value::report::{CheckText, Report, RuleText};
use crate::value::reproduced::Unstable;
use crate::value::results::{CaseReport, Failure, ImplementationReport, RowReport, Shrunk, Verdict, Witness};

use paint::{Paint, join};

pub use faults::faults;
pub(crate) use faults::{behind, conviction, without_fault};

/// How much to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A line for each row of the documents, whatever it was split into; a picture of the first failure only.
    Brief,
    /// Every situation that a row was split into, with its fates; a picture of every failure.
    Full,
}

/// The whole report: the deletion table, the failures, what stands behind them, and at the end the verdicts.
pub fn render(report: &Report, detail: Detail, colour: bool) -> String {
    let mut parts = Vec::new();
    if !report.rules.is_empty() {
        match detail {
            Detail::Brief => parts.push(brief(report, colour)),
            Detail::Full => parts.push(table(report, colour)),
        }
    }
    for implementation in &report.implementations {
        parts.extend(causes(implementation, colour));
        // The plainest of each cause shows it.
        let plainest = plainest(implementation);
        let mut more: BTreeMap<u64, u64> = BTreeMap::new();
        let mut pictured = false;
        for failure in implementation.failures() {
            let is_plainest = |cause: u64| plainest.get(&cause).is_some_and(|id| *id == failure.id);
            let shown = !failure.witnesses.is_empty() || failure.cause.is_none_or(is_plainest);
            match detail {
                Detail::Brief if !shown => {
                    *more.entry(failure.cause.unwrap_or_default()).or_default() += 1;
                    continue;
                }
                Detail::Brief if pictured => parts.push(facts(failure, colour)),
                Detail::Brief | Detail::Full => parts.push(self::failure(failure, colour)),
            }
            pictured = true;
        }
        let more = more.into_iter().filter(|(_, count)| *count > 0).flat_map(|(cause, count)| {
            let name = one_line(&implementation.name);
            let told = format!("{name}: cause {cause}: {} more, told in the report and by --verbose", grouped(count));
            wrap(&told, COLUMNS)
        });
        let more: Vec<String> = more.collect();
        if !more.is_empty() {
            parts.push(join(more));
        }
        for unstable in &implementation.unstable {
            parts.push(self::unstable(unstable, colour));
        }
        parts.extend(evidence(implementation));
    }
    if let Some(faults) = &report.faults {
        parts.push(self::faults(faults, colour));
    }
    if !report.implementations.is_empty() {
        parts.push(summary(report, colour));
    }
    if let Some(held) = &report.baseline {
        parts.push(join(known::lines(held).iter().flat_map(|line| wrap(&one_line(line), COLUMNS)).collect()));
    }
    parts.join("\n")
}

/// A line, or two, for each implementation: its verdict, what was counted, and why.
pub fn summary(report: &Report, colour: bool) -> String {
    let paint = Paint { colour };
    let mut lines = Vec::new();
    let name = |implementation: &ImplementationReport| {
        one_line(&format!("{} {}", implementation.name, implementation.version)).trim_end().to_owned()
    };
    let width = report.implementations.iter().map(|it| name(it).chars().count()).max().unwrap_or(0).min(40);
    for implementation in &report.implementations {
        let verdict = implementation.verdict;
        let head = pad(&format!("{} {verdict}", verdict.symbol()), 13);
        let start = format!("{} {}", paint.verdict(verdict, &head), pad(&cut(&name(implementation), width), width));
        let room = COLUMNS - 16 - width;
        for (at, line) in wrap(&totals(implementation), room).into_iter().enumerate() {
            let indent = " ".repeat(14 + width);
            let line = format!("{}  {line}", if at == 0 { &start } else { &indent });
            lines.push(line.trim_end().to_owned());
        }
        for line in implementation.unsupported().iter().flat_map(|unsupported| wrap(unsupported, COLUMNS - 16 - width))
        {
            lines.push(format!("{}{line}", " ".repeat(16 + width)));
        }
        if !implementation.reason.is_empty() {
            let reason = implementation.reason.lines().flat_map(|line| wrap(&one_line(line), COLUMNS - 14));
            lines.extend(reason.map(|line| format!("{}{line}", " ".repeat(14))));
        }
    }
    lines.extend(report.interrupted.iter().flat_map(|it| wrap(&one_line(&it.to_string()), COLUMNS)));
    if let Some(seed) = &report.seed {
        lines.push(paint.dim(&format!("seed {seed}, profile {}", report.profile)));
    }
    join(lines)
}

/// What was counted, in words, without what was not there.
pub(crate) fn totals(implementation: &ImplementationReport) -> String {
    let mut parts = Vec::new();
    for verdict in Verdict::ALL {
        let count = implementation.totals.of(verdict);
        if count > 0 {
            parts.push(format!("{} {verdict}", grouped(count)));
        }
    }
    let (all, scenarios) = (implementation.cases.len(), implementation.cases.iter().filter(|it| !it.beside).count());
    let of = if all == scenarios {
        counted(all as u64, "scenario")
    } else {
        format!("{}, {} of them scenarios", counted(all as u64, "case"), grouped(scenarios as u64))
    };
    let cases = if parts.is_empty() { String::new() } else { format!("{of}: {}", parts.join(", ")) };
    let plans = implementation.campaign.as_ref().map(|campaign| {
        format!(
            "{} of {} failing, {}",
            grouped(campaign.failing),
            counted(campaign.plans, "plan"),
            counted(campaign.steps, "step")
        )
    });
    let parts: Vec<String> = [Some(cases), plans].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join("; ")
}

/// The deletion table, with a verdict in each row for each implementation; without implementations, the table itself.
pub fn table(report: &Report, colour: bool) -> String {
    let paint = Paint { colour };
    let tables: Vec<String> = groups(report).iter().map(|group| group_table(report, group, paint)).collect();
    format!("{}{}", tables.join("\n"), legend(report, paint))
}

/// As many implementations side by side as leave room for what a row says.
fn groups(report: &Report) -> Vec<Vec<&ImplementationReport>> {
    let width = |it: &ImplementationReport| column(it) + 2;
    let mut groups: Vec<Vec<&ImplementationReport>> = vec![Vec::new()];
    let mut used = 0;
    for implementation in &report.implementations {
        if used + width(implementation) > 42 {
            groups.push(Vec::new());
            used = 0;
        }
        used += width(implementation);
        if let Some(group) = groups.last_mut() {
            group.push(implementation);
        }
    }
    groups
}

fn legend(report: &Report, paint: Paint) -> String {
    if report.implementations.is_empty() {
        return String::new();
    }
    // What is out of the ordinary is explained where it occurs.
    let unstable = report.implementations.iter().any(|it| !it.unstable.is_empty());
    let told = Verdict::ALL.iter().filter(|verdict| unstable || **verdict != Verdict::Unstable);
    let legend: Vec<String> = told.map(|verdict| format!("{} {verdict}", verdict.symbol())).collect();
    let mut lines = vec![format!("{}; ✗ 2/14: 2 of 14 diverge", legend.join("  "))];
    if report.implementations.iter().any(|it| !it.causes.is_empty()) {
        lines.push("✗ 2/14 (1, 3): 2 of 14 diverge, by the causes 1 and 3 below".to_owned());
    }
    lines.iter().map(|line| format!("{}\n", paint.dim(line))).collect()
}

/// The most rows, or checks, that are named where nothing was decided in them.
const NAMED: usize = 12;

/// The deletion table with a line for each row of the documents, and of the other tables what did not hold. What held for every implementation among the checks
/// beyond the table is one line too.
pub fn brief(report: &Report, colour: bool) -> String {
    let paint = Paint { colour };
    let mut rows: Vec<(&str, Vec<&RuleText>)> = Vec::new();
    for rule in &report.rules {
        match rows.iter_mut().find(|(row, _)| *row == rule.row) {
            Some((_, rules)) => rules.push(rule),
            None => rows.push((&rule.row, vec![rule])),
        }
    }
    let tables: Vec<String> = groups(report).iter().map(|group| brief_table(report, group, &rows, paint)).collect();
    format!("{}{}", tables.join("\n"), legend(report, paint))
}

fn brief_table(
    report: &Report,
    group: &[&ImplementationReport],
    rows: &[(&str, Vec<&RuleText>)],
    paint: Paint,
) -> String {
    let id = rows.iter().map(|(row, _)| row.chars().count()).max().unwrap_or(4).clamp(4, 18);
    let merged = |implementation: &ImplementationReport, keys: &[&str]| {
        let mut row = RowReport::default();
        for it in keys.iter().filter_map(|key| implementation.row(key)) {
            row.counts.merge(it.counts);
            row.causes.extend(&it.causes);
            row.failures.extend(it.failures.iter().cloned());
        }
        row.verdict = row.counts.verdict();
        row
    };
    // The checks that held for all of them, as far as they were looked at, and the others.
    let held = |keys: &[&str]| {
        let verdicts: Vec<Verdict> = group.iter().map(|it| merged(it, keys).verdict).collect();
        verdicts.contains(&Verdict::Conforms)
            && verdicts.iter().all(|it| matches!(it, Verdict::Conforms | Verdict::Unsupported | Verdict::Undecided))
    };
    let open = |keys: &[&str]| group.iter().all(|it| merged(it, keys).verdict == Verdict::Undecided);
    let (checks, others): (Vec<&CheckText>, Vec<&CheckText>) =
        report.checks.iter().partition(|check| held(&[&check.id]));
    let (unmet, others): (Vec<&CheckText>, Vec<&CheckText>) = others.into_iter().partition(|it| open(&[&it.id]));
    // What nothing can meet is told elsewhere, with the reason.
    let excused = |id: &&str| {
        let never = |it: &ImplementationReport| it.never.iter().any(|it| it.rule == **id && it.excuse.is_some());
        group.iter().all(|it| never(it))
    };
    // Of the tables beside the first one, the rows that held are a line.
    let first = report.rules.first().map(|rule| rule.table.as_str()).unwrap_or_default();
    let mut others_held: Vec<(&str, u64)> = Vec::new();
    let mut undecided: Vec<&str> = Vec::new();
    let mut lines: Vec<(String, String, Vec<&str>)> = Vec::new();
    for (row, rules) in rows {
        let keys: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        let table = rules.first().map(|rule| rule.table.as_str()).unwrap_or_default();
        if !group.is_empty() && open(&keys) {
            if !keys.iter().all(excused) {
                undecided.push(row);
            }
        } else if table != first && held(&keys) {
            match others_held.iter_mut().find(|(known, _)| *known == table) {
                Some((_, rows)) => *rows += 1,
                None => others_held.push((table, 1)),
            }
        } else {
            lines.push(((*row).to_owned(), heading(rules), keys));
        }
    }
    for check in others.iter().filter(|_| !group.is_empty()) {
        lines.push((String::new(), format!("{} ({})", check.title, check.id), vec![&check.id]));
    }
    let checks =
        (!checks.is_empty()).then(|| format!("{} beyond the tables held", counted(checks.len() as u64, "check")));
    let widths: Vec<usize> = group
        .iter()
        .map(|it| {
            let name = one_line(&it.name).chars().count().clamp(9, 16);
            let cells = lines.iter().map(|(_, _, keys)| tally(&merged(it, keys)).chars().count());
            cells.max().unwrap_or(0).max(name).min(40)
        })
        .collect();
    let taken = id + 2 + widths.iter().map(|width| width + 2).sum::<usize>();
    let longest = lines.iter().map(|(_, title, _)| title.chars().count()).max().unwrap_or(0);
    let title = COLUMNS.saturating_sub(taken).clamp(16, longest.max(16));
    let names =
        group.iter().zip(&widths).map(|(it, width)| format!("  {}", pad(&cut(&one_line(&it.name), *width), *width)));
    let head = format!("{}  {}{}", pad("row", id), pad("what happens", title), names.collect::<String>());
    let mut text = vec![paint.bold(head.trim_end()), paint.dim(&"─".repeat(taken + title))];
    for (row, what, keys) in &lines {
        let cells = group.iter().zip(&widths).map(|(it, width)| {
            let row = merged(it, keys);
            format!("  {}", paint.verdict(row.verdict, &pad(&tally(&row), *width)))
        });
        let cells: String = cells.collect();
        for (at, what) in wrap(&one_line(what), title).iter().enumerate() {
            let (row, cells) = if at == 0 { (row.as_str(), cells.as_str()) } else { ("", "") };
            text.push(format!("{}  {}{cells}", pad(row, id), pad(what, title)).trim_end().to_owned());
        }
        for it in group {
            text.extend(failing(&merged(it, keys)).map(|line| paint.verdict(Verdict::Diverges, &line)));
        }
    }
    let mut note = |verdict: Verdict, note: &str| {
        let lines = wrap(&format!("{} {note}", verdict.symbol()), COLUMNS - id - 4);
        for (at, line) in lines.iter().enumerate() {
            let indent = " ".repeat(if at == 0 { id + 2 } else { id + 4 });
            text.push(format!("{indent}{}", paint.verdict(verdict, line)));
        }
    };
    if !others_held.is_empty() {
        let tables: Vec<String> = others_held.iter().map(|(table, rows)| format!("{table} {rows}")).collect();
        note(Verdict::Conforms, &format!("rows of other tables that held: {}", tables.join(", ")));
    }
    if let Some(held) = checks {
        note(Verdict::Conforms, &held);
    }
    if !undecided.is_empty() {
        let rows = counted(undecided.len() as u64, "row");
        let which = if undecided.len() > NAMED { String::new() } else { format!(": {}", undecided.join(", ")) };
        note(Verdict::Undecided, &format!("nothing decided in {rows}{which}"));
    }
    if !unmet.is_empty() && !group.is_empty() {
        let ids: Vec<&str> = unmet.iter().map(|check| check.id.as_str()).collect();
        let checks = counted(unmet.len() as u64, "check");
        let which = if ids.len() > NAMED { String::new() } else { format!(": {}", ids.join(", ")) };
        note(Verdict::Undecided, &format!("nothing to decide for {checks} beyond the tables{which}"));
    }
    join(text)
}

/// What a row of the documents says, whatever it was split into.
fn heading(rules: &[&RuleText]) -> String {
    let Some((first, rest)) = rules.split_first() else { return String::new() };
    let fates = |rule: &RuleText| (rule.outlook.clone(), rule.crm.clone(), rule.prompt.clone());
    if rest.is_empty() {
        first.title.clone()
    } else if first.kinds.is_empty() || rest.iter().all(|rule| fates(rule) == fates(first)) {
        format!("{} (+{})", first.title, rest.len())
    } else {
        let mut triggers: Vec<&str> = Vec::new();
        for trigger in rules.iter().flat_map(|rule| rule.trigger.split(", ")) {
            if !triggers.contains(&trigger) {
                triggers.push(trigger);
            }
        }
        let kinds = if first.kinds.len() > 3 { "several kinds".to_owned() } else { first.kinds.join(", ") };
        let situations = counted(rules.len() as u64, "situation");
        format!("{kinds}: {} ({situations})", triggers.join(", ")).replace('-', " ")
    }
}

/// The width of the column of an implementation: of its name, as far as that is short, and of its cells.
fn column(implementation: &ImplementationReport) -> usize {
    let name = one_line(&implementation.name).chars().count().clamp(9, 16);
    let cells = implementation.rows.iter().map(|row| tally(row).chars().count()).max().unwrap_or(0);
    name.max(cells.min(40))
}

fn group_table(report: &Report, group: &[&ImplementationReport], paint: Paint) -> String {
    let id = report.rules.iter().map(|rule| rule.row.chars().count()).max().unwrap_or(4).clamp(4, 18);
    let widest = |cell: fn(&RuleText) -> &str| {
        report.rules.iter().map(|rule| cell(rule).chars().count()).max().unwrap_or(0).clamp(7, 12)
    };
    let (outlook, crm, ask) =
        (widest(|rule| &rule.outlook), widest(|rule| &rule.crm), widest(|rule| &rule.prompt).min(9));
    let columns: Vec<usize> = group.iter().map(|it| column(it)).collect();
    let taken = id + outlook + crm + ask + 8 + columns.iter().map(|width| width + 2).sum::<usize>();
    let longest = report.rules.iter().map(|rule| rule.title.chars().count()).max().unwrap_or(0);
    let title = COLUMNS.saturating_sub(taken).clamp(16, longest.max(16));

    let mut lines = Vec::new();
    let names: Vec<String> =
        group.iter().zip(&columns).map(|(it, width)| pad(&cut(&one_line(&it.name), *width), *width)).collect();
    let head =
        [pad("row", id), pad("what happens", title), pad("outlook", outlook), pad("crm", crm), pad("prompt", ask)];
    let head = head.into_iter().chain(names).collect::<Vec<_>>().join("  ");
    lines.push(paint.bold(head.trim_end()));
    lines.push(paint.dim(&"─".repeat(head.trim_end().chars().count().max(taken + title - 2))));
    let verdicts = |key: &str| {
        let cells = group.iter().zip(&columns).map(|(implementation, width)| {
            let row = implementation.row(key);
            let verdict = row.map_or(Verdict::Undecided, |row| row.verdict);
            format!("  {}", paint.verdict(verdict, &pad(&row.map_or_else(String::new, tally), *width)))
        });
        cells.collect::<String>()
    };
    let failures = |key: &str| {
        let rows = group.iter().filter_map(|implementation| implementation.row(key));
        let lines = rows.flat_map(failing).map(|line| paint.verdict(Verdict::Diverges, &line));
        lines.collect::<Vec<String>>()
    };
    for rule in &report.rules {
        let texts = [&rule.row, &rule.title, &rule.outlook, &rule.crm, &rule.prompt];
        let widths = [id, title, outlook, crm, ask];
        let stacks: Vec<Vec<String>> =
            texts.iter().zip(widths).map(|(text, width)| wrap(&one_line(text), width)).collect();
        for at in 0..stacks.iter().map(Vec::len).max().unwrap_or(1) {
            let cells =
                stacks.iter().zip(widths).map(|(stack, width)| pad(stack.get(at).map_or("", String::as_str), width));
            let mut line = cells.collect::<Vec<_>>().join("  ");
            if at == 0 {
                line.push_str(&verdicts(&rule.id));
            }
            lines.push(line.trim_end().to_owned());
        }
        lines.extend(failures(&rule.id));
    }
    // The checks have no fates: their text takes that room.
    let room = id + title + outlook + crm + ask + 8;
    for check in report.checks.iter().filter(|_| !group.is_empty()) {
        for (at, text) in wrap(&one_line(&format!("{} ({})", check.title, check.id)), room).iter().enumerate() {
            let verdicts = if at == 0 { verdicts(&check.id) } else { String::new() };
            lines.push(format!("{}{verdicts}", pad(text, room)).trim_end().to_owned());
        }
        lines.extend(failures(&check.id));
    }
    join(lines)
}

/// The failures of no known cause by which a row diverges, a line each.
fn failing(row: &RowReport) -> impl Iterator<Item = String> {
    let more = row.failures.len().saturating_sub(CAUSES);
    let named = row.failures.iter().take(CAUSES).map(|id| format!("      ✗ {}", one_line(id)));
    named
        .chain((more > 0).then(|| format!("      ✗ and {} more", grouped(more as u64))))
        .collect::<Vec<String>>()
        .into_iter()
}

/// The most causes that a cell names; the report has them all.
const CAUSES: usize = 4;

/// A verdict and its count, in a few characters, and where it diverges the numbers of the causes.
pub(crate) fn tally(row: &RowReport) -> String {
    let (symbol, counts) = (row.verdict.symbol(), row.counts);
    match row.verdict {
        Verdict::Diverges => {
            let by = row.causes.iter().take(CAUSES).map(u64::to_string);
            let by: Vec<String> = by.chain((row.causes.len() > CAUSES).then(|| "…".to_owned())).collect();
            let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
            format!("{symbol} {}/{}{by}", grouped(counts.diverges), grouped(counts.decided))
        }
        Verdict::Conforms => format!("{symbol} {}", grouped(counts.decided)),
        Verdict::Broken => format!("{symbol} {}", grouped(counts.broken)),
        Verdict::Unstable => format!("{symbol} {}", grouped(counts.unstable)),
        Verdict::Unsupported | Verdict::Undecided => symbol.to_owned(),
    }
}

/// What stands behind the failures of an implementation: what fails, on what, how often, and as what it shows itself.
fn causes(implementation: &ImplementationReport, colour: bool) -> Option<String> {
    let paint = Paint { colour };
    let causes = &implementation.causes;
    let without = without_cause(implementation);
    let name = one_line(&implementation.name);
    if causes.is_empty() {
        return without.map(|without| join(vec![paint.bold(&format!("{name}: {without}"))]));
    }
    let mut lines = vec![paint.bold(&format!("{name}: {}", counted(causes.len() as u64, "cause")))];
    for cause in causes {
        let number = pad(&format!("{}.", cause.number), 3);
        for (at, line) in wrap(&one_line(&causes::told(cause)), COLUMNS - 6).iter().enumerate() {
            lines.push(format!("  {} {line}", if at == 0 { &number } else { "   " }));
        }
    }
    lines.extend(without.map(|without| format!("  –   {without}")));
    Some(join(lines))
}

/// A failure: the four facts, what helps to see them, and the picture.
pub fn failure(failure: &Failure, colour: bool) -> String {
    let picture = failure.timeline.as_ref().map(|timeline| format!("\n{}", timeline::text(timeline)));
    format!("{}{}", facts(failure, colour), picture.unwrap_or_default())
}

/// What was seen, and not again.
pub fn unstable(unstable: &Unstable, colour: bool) -> String {
    told(Verdict::Unstable, &unstable.failure, colour)
}

/// A failure without its picture.
fn facts(failure: &Failure, colour: bool) -> String {
    told(Verdict::Diverges, failure, colour)
}

fn told(verdict: Verdict, failure: &Failure, colour: bool) -> String {
    let paint = Paint { colour };
    let mut lines = vec![paint.verdict(verdict, &format!("{} {}", verdict.symbol(), one_line(&failure.id)))];
    let mut fact = |name: &str, text: &str| {
        for (at, line) in wrap(&one_line(text), COLUMNS - 12).iter().enumerate() {
            let name = pad(if at == 0 { name } else { "" }, 9);
            lines.push(format!("  {} {line}", paint.dim(&name)));
        }
    };
    fact("happened", &failure.happened);
    fact("expected", &expected(failure));
    fact("seen", &failure.seen);
    if let Some(parting) = &failure.parting {
        let cause = parting.cause.as_ref().map(|cause| format!(", because of: {cause}")).unwrap_or_default();
        fact("parted", &format!("at step {}, at {}{cause}", parting.step, parting.place));
    }
    if let Some(shrunk) = failure.shrunk.and_then(shrunk) {
        fact("shrunk", &shrunk);
    }
    if let Some(cause) = failure.cause {
        fact("cause", &cause.to_string());
    }
    if let Some(entry) = failure.known {
        fact("known", &format!("by entry {entry} of the baseline"));
    }
    if let Some(times) = failure.times {
        fact("times", &counted(times, "plan"));
    }
    if let Some(again) = failure.again.filter(|again| !again.holds()) {
        fact("unstable", &format!("{again}; the documents are held against what is seen every time"));
    }
    // The command is never wrapped, so that it can be copied.
    lines.push(format!("  {} {}", paint.dim(&pad("replay", 9)), one_line(&failure.replay)));
    if let Some(unshrunk) = &failure.unshrunk {
        lines.push(format!("  {} {}", paint.dim(&pad("unshrunk", 9)), one_line(unshrunk)));
    }
    let witnesses = failure.witnesses.iter().map(|it| witness(it, colour));
    format!("{}{}", join(lines), witnesses.collect::<String>())
}

/// A run that contradicts others: what it excludes, how to run it again, and its picture.
fn witness(witness: &Witness, colour: bool) -> String {
    let paint = Paint { colour };
    let mut lines = vec![String::new(), paint.bold(&format!("  {}", one_line(&witness.run)))];
    let mut fact = |name: &str, text: &str| {
        for (at, line) in wrap(&one_line(text), COLUMNS - 14).iter().enumerate() {
            let name = pad(if at == 0 { name } else { "" }, 9);
            lines.push(format!("    {} {line}", paint.dim(&name)));
        }
    };
    fact("happened", &witness.happened);
    fact("needs", &witness.leaves.join(" or "));
    fact("excludes", &witness.excludes.join(", "));
    if let Some(shrunk) = witness.shrunk.and_then(shrunk) {
        fact("shrunk", &shrunk);
    }
    lines.push(format!("    {} {}", paint.dim(&pad("replay", 9)), one_line(&witness.replay)));
    let picture = witness.timeline.as_ref().map(|timeline| format!("\n{}", timeline::text(timeline)));
    format!("{}{}", join(lines), picture.unwrap_or_default())
}

/// What was expected, which names the row where there is one, and by which documents.
pub(crate) fn expected(failure: &Failure) -> String {
    let expected = &failure.expected;
    let documents: Vec<String> = expected.documents.iter().map(|title| format!("\"{title}\"")).collect();
    if documents.is_empty() { expected.text.clone() } else { format!("{} ({})", expected.text, documents.join(", ")) }
}

/// How something was shrunk, where there is something to say: by how much, and what was tried.
pub(crate) fn shrunk(shrunk: Shrunk) -> Option<String> {
    let became = || format!("{} became {}", counted(shrunk.from, "step"), grouped(shrunk.to));
    let proved = shrunk.minimal.then(|| "proved minimal: no shorter plan fails".to_owned());
    let single = (shrunk.single && !shrunk.minimal)
        .then(|| "no single step can be left out, and no value made simpler".to_owned());
    let parts = [shrunk.is_shorter().then(became), proved, single];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What stands behind the verdict of an implementation, in a few lines.
fn evidence(implementation: &ImplementationReport) -> Option<String> {
    let mut lines = Vec::new();
    let name = one_line(&implementation.name);
    if let Some(campaign) = &implementation.campaign {
        lines.extend(campaign_lines(&name, campaign));
    }
    lines.extend(implementation.readings.as_ref().and_then(|readings| nearest_line(&name, readings)));
    let noted = |word: &str, category: &str, text: &str, count: u64| {
        let times = if count > 1 { format!(" ({})", counted(count, "time")) } else { String::new() };
        format!("{name}: {word}{times}: {category}: {text}")
    };
    lines.extend(implementation.findings.iter().map(|it| noted("finding", &it.category, &it.text, it.count)));
    if !implementation.observations.is_empty() {
        lines.push(format!("{name}: what the documents leave open, and what was seen of it; no verdict follows:"));
    }
    for it in &implementation.observations {
        lines.push(noted("observation", &it.category, &it.text, it.count));
    }
    lines.extend(never_met(&name, implementation));
    lines.extend(undecided(&name, implementation));
    // What follows the first line is what helps: once is enough.
    let mut helped = BTreeSet::new();
    let said = lines.iter().flat_map(|text| {
        let (what, help) = text.split_once('\n').unwrap_or((text, ""));
        let help = if helped.insert(help) { help } else { "" };
        what.lines().chain(help.lines())
    });
    let wrapped: Vec<String> = said
        .flat_map(|line| {
            let lines = wrap(&one_line(line), COLUMNS - 2);
            lines.into_iter().enumerate().map(|(at, line)| if at == 0 { line } else { format!("  {line}") })
        })
        .collect();
    (!wrapped.is_empty()).then(|| join(wrapped))
}

/// The rules that nothing met: first those that something should have met, then the others by their excuse.
fn never_met(name: &str, implementation: &ImplementationReport) -> Vec<String> {
    let mut by_excuse: Vec<(Option<&str>, Vec<&str>)> = Vec::new();
    for never in &implementation.never {
        let excuse = never.excuse.as_deref();
        match by_excuse.iter_mut().find(|(known, _)| *known == excuse) {
            Some((_, rules)) => rules.push(&never.rule),
            None => by_excuse.push((excuse, vec![&never.rule])),
        }
    }
    by_excuse.sort_by_key(|(excuse, _)| excuse.is_some());
    let lines = by_excuse.into_iter().map(|(excuse, rules)| match excuse {
        Some(excuse) => format!("{name}: rows that cannot be met: {} ({excuse})", rules.join(", ")),
        None => format!("{name}: incomplete: rows never met: {}", rules.join(", ")),
    });
    lines.collect()
}

/// How many reasons are shown of scenarios that were not decided; the report has them all.
const REASONS: usize = 8;

/// Why scenarios broke or were left undecided: each reason once. What is not supported was said beforehand and is only
/// counted, unless there is nothing else.
fn undecided(name: &str, implementation: &ImplementationReport) -> Vec<String> {
    let mut reasons: Vec<(Verdict, &str, &str, u64)> = Vec::new();
    let told = |case: &&CaseReport| match case.verdict {
        Verdict::Broken | Verdict::Undecided => true,
        // Told as a failure is.
        Verdict::Unstable => false,
        Verdict::Unsupported => implementation.verdict == Verdict::Unsupported,
        Verdict::Conforms | Verdict::Diverges => false,
    };
    for case in implementation.cases.iter().filter(told) {
        let known =
            reasons.iter_mut().find(|(verdict, reason, _, _)| (*verdict, *reason) == (case.verdict, &case.reason));
        match known {
            Some((_, _, _, count)) => *count += 1,
            None => reasons.push((case.verdict, &case.reason, &case.id, 1)),
        }
    }
    let more = reasons.len().saturating_sub(REASONS);
    let lines = reasons.into_iter().take(REASONS).map(|(verdict, reason, id, count)| {
        let others = if count > 1 { format!(" and {} more", grouped(count - 1)) } else { String::new() };
        format!("{name}: {verdict}: {id}{others}: {reason}")
    });
    let mut lines: Vec<String> = lines.collect();
    if more > 0 {
        lines.push(format!("{name}: and {} more", counted(more as u64, "reason")));
    }
    lines
}

fn campaign_lines(name: &str, campaign: &Campaign) -> Vec<String> {
    let mut lines = vec![format!(
        "{name}: generated: {}, {}, {} failing, {} inconclusive, {} broken",
        counted(campaign.plans, "plan"),
        counted(campaign.steps, "step"),
        grouped(campaign.failing),
        grouped(campaign.inconclusive),
        grouped(campaign.broken)
    )];
    if campaign.ungrouped > 0 {
        let plans = counted(campaign.ungrouped, "failing plan");
        lines.push(format!("{name}: generated: {plans} of no known cause"));
    }
    if campaign.unstable > 0 {
        lines.push(format!(
            "{name}: generated: {} failed in a way that was not seen again",
            counted(campaign.unstable, "plan")
        ));
    }
    if let Some(situations) = campaign.situations {
        lines.push(format!("{name}: {}", situations.sentence()));
    }
    if let Some(coverage) = campaign.coverage.as_ref().filter(|coverage| coverage.reached > 0) {
        let (reached, situations) = (grouped(coverage.reached), counted(coverage.situations, "situation"));
        lines.push(format!("{name}: coverage: {reached} of {situations} of rows met"));
    }
    if let Some(explanations) = campaign.explanations.filter(|explanations| explanations.max > 0) {
        lines.push(format!(
            "{name}: explanations of an item: {:.2} on average, {} at most",
            explanations.mean,
            grouped(explanations.max)
        ));
    }
    lines
}

/// The shipped profile that comes nearest.
fn nearest_line(name: &str, inference: &Inference) -> Option<String> {
    let nearest = inference.nearest.as_ref()?;
    let (profile, agrees, decided) = (&nearest.name, nearest.agrees, nearest.decided);
    let questions = counted(decided, "open question");
    Some(format!(
        "{name}: nearest profile: {profile} (it answers {agrees} of the {questions} decided here as that does)"
    ))
}

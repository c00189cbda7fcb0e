//! Filling a report: counting verdicts, and putting everything in its order. This is done once, before the JSON is
//! written; nothing is counted when it is rendered.

use std::collections::BTreeMap;

use crate::render::text::{GivenNames, unique};
use crate::value::baseline::GENERATED;
use crate::value::report::{FORMAT, Report};
use crate::value::reproduced::Unstable;
use crate::value::results::{Counts, Failure, ImplementationReport, RowReport, Shrunk, Verdict};

impl Counts {
    /// Counts a verdict so many times more.
    pub fn add(&mut self, verdict: Verdict, times: u64) {
        match verdict {
            Verdict::Conforms => self.conforms += times,
            Verdict::Diverges => self.diverges += times,
            Verdict::Unsupported => self.unsupported += times,
            Verdict::Broken => self.broken += times,
            Verdict::Unstable => self.unstable += times,
            Verdict::Undecided => self.undecided += times,
        }
        self.decided = self.conforms + self.diverges;
    }

    /// Adds other counts to these.
    pub fn merge(&mut self, other: Self) {
        for verdict in Verdict::ALL {
            self.add(verdict, other.of(verdict));
        }
    }

    /// How often that verdict was reached.
    pub fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Conforms => self.conforms,
            Verdict::Diverges => self.diverges,
            Verdict::Unsupported => self.unsupported,
            Verdict::Broken => self.broken,
            Verdict::Unstable => self.unstable,
            Verdict::Undecided => self.undecided,
        }
    }

    /// The verdict over all of them: a divergence is a finding whatever else happened; a breakdown leaves open what
    /// would have followed, and so does what was not seen again; and where nothing was decided, nothing is claimed.
    pub fn verdict(&self) -> Verdict {
        let order = [
            Verdict::Diverges,
            Verdict::Broken,
            Verdict::Unstable,
            Verdict::Conforms,
            Verdict::Undecided,
            Verdict::Unsupported,
        ];
        order.into_iter().find(|verdict| self.of(*verdict) > 0).unwrap_or(Verdict::Undecided)
    }
}

impl ImplementationReport {
    /// A report on an implementation of which nothing is known yet.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into(), ..Self::default() }
    }

    /// Counts a verdict for a rule or check so many times.
    pub(crate) fn count(&mut self, rule: &str, verdict: Verdict, times: u64) {
        let mut counts = Counts::default();
        counts.add(verdict, times);
        self.count_all(rule, counts);
    }

    /// Adds counts to those of a rule or check.
    pub(crate) fn count_all(&mut self, rule: &str, counts: Counts) {
        match self.rows.iter_mut().find(|row| row.rule == rule) {
            Some(row) => row.counts.merge(counts),
            None => self.rows.push(RowReport { rule: rule.to_owned(), counts, ..RowReport::default() }),
        }
    }

    /// Orders rows and cases, gives rows their verdicts, counts the cases, and draws the verdict over everything.
    fn finish(&mut self, order: &BTreeMap<String, usize>) {
        for rule in order.keys() {
            self.count_all(rule, Counts::default());
        }
        // Ids that the report does not describe come last, by name.
        self.rows.sort_by(|a, b| {
            let key = |row: &RowReport| (order.get(&row.rule).copied().unwrap_or(usize::MAX), row.rule.clone());
            key(a).cmp(&key(b))
        });
        for row in &mut self.rows {
            row.verdict = row.counts.verdict();
        }
        self.cases.sort_by(|a, b| a.id.cmp(&b.id));
        self.observations.sort();
        self.findings.sort();
        self.totals = Counts::default();
        for case in &self.cases {
            self.totals.add(case.verdict, 1);
        }

        self.verdict = self.verdict_by(self.evidence());

        let name = self.name.clone();
        let mut seen = BTreeMap::new();
        let cases = self.cases.iter_mut().flat_map(|case| {
            let id = if case.drawn { GENERATED } else { case.id.as_str() };
            case.failures.iter_mut().map(move |failure| (id, failure))
        });
        let campaign = self.campaign.iter_mut().flat_map(|campaign| &mut campaign.failures);
        let readings = self.readings.iter_mut().flat_map(|readings| &mut readings.failures);
        let others = campaign.map(|failure| (GENERATED, failure)).chain(readings.map(|failure| ("run", failure)));
        for (place, failure) in cases.chain(others) {
            identify(failure, &name, place, &mut seen);
        }
        for Unstable { place, failure, .. } in &mut self.unstable {
            identify(failure, &name, place, &mut seen);
        }
        self.blame();
    }

    /// Everything that speaks for a verdict over it, counted.
    pub(crate) fn evidence(&self) -> Counts {
        let mut all = self.totals;
        for row in &self.rows {
            all.merge(row.counts);
        }
        all.add(Verdict::Diverges, u64::from(self.failures().next().is_some()));
        if let Some(campaign) = &self.campaign {
            all.add(Verdict::Diverges, campaign.failing);
            all.add(Verdict::Broken, campaign.broken);
        }
        all.add(Verdict::Unstable, self.unstable.len() as u64);
        all.add(Verdict::Broken, self.findings.iter().filter(|finding| finding.incomplete).count() as u64);
        all
    }

    /// The verdict over it by what speaks for one: who was not heard to the end does not conform yet.
    pub(crate) fn verdict_by(&self, evidence: Counts) -> Verdict {
        let verdict = evidence.verdict();
        if verdict == Verdict::Conforms && self.interrupted { Verdict::Undecided } else { verdict }
    }

    /// Says of each row that diverges by which causes it does, and by which failures of which no cause is known.
    fn blame(&mut self) {
        let mut blamed: Vec<(&str, Option<u64>, &str)> = Vec::new();
        for case in &self.cases {
            let Some(failure) = case.failures.first() else { continue };
            let rows = case.against.iter().map(String::as_str).chain([failure.signature.counts_for()]);
            blamed.extend(rows.map(|row| (row, failure.cause, failure.id.as_str())));
        }
        let others = self.campaign.iter().flat_map(|campaign| &campaign.failures);
        let others = others.chain(self.readings.iter().flat_map(|readings| &readings.failures));
        blamed.extend(others.map(|failure| (failure.signature.counts_for(), failure.cause, failure.id.as_str())));
        for cause in &self.causes {
            blamed.extend(cause.sorts.iter().map(|sort| (sort.signature.counts_for(), Some(cause.number), "")));
        }
        for row in self.rows.iter_mut().filter(|row| row.verdict == Verdict::Diverges) {
            for (_, cause, failure) in blamed.iter().filter(|(blamed, _, _)| *blamed == row.rule) {
                match cause {
                    Some(cause) => drop(row.causes.insert(*cause)),
                    None => drop(row.failures.insert((*failure).to_owned())),
                }
            }
        }
    }

    /// The failures that are shown shorter than they were found.
    pub(crate) fn shrunk(&mut self) -> impl Iterator<Item = &mut Failure> {
        let cases = self.cases.iter_mut().flat_map(|case| &mut case.failures);
        let campaign = self.campaign.iter_mut().flat_map(|campaign| &mut campaign.failures);
        cases.chain(campaign).filter(|failure| failure.shrunk.as_ref().is_some_and(Shrunk::is_shorter))
    }

    /// Every failure, those included that were not seen again, and those of several runs.
    fn every_failure(&mut self) -> impl Iterator<Item = &mut Failure> {
        let cases = self.cases.iter_mut().flat_map(|case| &mut case.failures);
        let campaign = self.campaign.iter_mut().flat_map(|campaign| &mut campaign.failures);
        let unstable = self.unstable.iter_mut().map(|unstable| &mut unstable.failure);
        let readings = self.readings.iter_mut().flat_map(|readings| &mut readings.failures);
        cases.chain(campaign).chain(unstable).chain(readings)
    }
}

/// Gives a failure its id, made of what makes it the same failure in the next run.
fn identify(failure: &mut Failure, implementation: &str, place: &str, seen: &mut BTreeMap<String, u32>) {
    let Failure { id, signature, .. } = failure;
    if id.is_empty() {
        let rule = signature.rule.as_deref().filter(|rule| *rule != signature.check);
        *id = format!("{implementation}/{place}/{}", signature.check);
        if let Some(rule) = rule {
            id.push('/');
            id.push_str(rule);
        }
    }
    let times = seen.entry(id.clone()).or_insert(0);
    *times += 1;
    if *times > 1 {
        id.push_str(&format!("/{times}"));
    }
}

impl Report {
    /// An empty report. `tombstone` is the version of Tombstone.
    pub fn new(tombstone: impl Into<String>, profile: impl Into<String>) -> Self {
        Self { format: FORMAT, tombstone: tombstone.into(), profile: profile.into(), ..Self::default() }
    }

    /// Completes a report that has been filled: rows in the order of the table and one for each rule, cases in the
    /// order of their ids, counts, verdicts, and the ids of failures. Twice is as good as once.
    #[must_use]
    pub fn finish(mut self) -> Self {
        let rules = self.rules.iter().map(|rule| &rule.id);
        let order = rules.chain(self.checks.iter().map(|check| &check.id)).cloned().zip(0..).collect();
        for implementation in &mut self.implementations {
            implementation.finish(&order);
        }
        let mut names = GivenNames::new();
        for failure in self.implementations.iter_mut().flat_map(ImplementationReport::every_failure) {
            let name = unique(&mut names, &failure.id);
            failure.file = (!failure.scenario.is_empty()).then(|| format!("failures/{name}.toml"));
            for (witness, at) in failure.witnesses.iter_mut().zip(1..) {
                let name = unique(&mut names, &format!("{name}-witness-{at}"));
                witness.file = Some(format!("failures/{name}.toml"));
            }
        }
        if let Some(faults) = &mut self.faults {
            faults.faults.sort_by(|a, b| a.name.cmp(&b.name));
        }
        self
    }
}

//! A divergence in words: what was expected and on what that rests, and what was seen.

use crate::contract::implementation::Answer;
use crate::plan::{Ground, Plan};
use crate::rules::table::Question as _;
use crate::rules::{Deleting, Fate, Rule, Rules, Trigger};
use crate::verdict::{Divergence, Sighting, Timing};
use crate::view::{Field, Location, Word};
use crate::words;

/// What a message says of the ground of a demand, and the titles of the documents behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// In brackets: `D12: …`, or `F008, F126: …`. Where a row was followed it is named, once.
    pub text: String,
    /// The titles.
    pub documents: Vec<&'static str>,
}

/// A divergence, and what is needed to tell of it.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// The plan in which it was seen.
    pub plan: &'a Plan,
    /// The divergence.
    pub divergence: &'a Divergence,
    /// The row of the table that the nearest explanation followed.
    pub rule: Option<&'a Rule>,
    /// The row by which the last step is done, or refused, where that is what was answered otherwise.
    pub decides: Option<&'a Rule>,
    /// What was answered to the last step.
    pub answer: Option<&'a Answer>,
}

impl<'a> Telling<'a> {
    /// Of a divergence in a plan, of which the last step was answered so.
    pub fn of(rules: &'a Rules, plan: &'a Plan, divergence: &'a Divergence, answer: Option<&'a Answer>) -> Self {
        let [rule, decides] = [divergence.rule, divergence.answer].map(|id| id.map(|id| rules.rule(id)));
        Self { plan, divergence, rule, decides, answer }
    }

    /// What was expected, as a sentence without a full stop.
    pub fn expected(&self) -> String {
        (self.divergence.check.info().expected)(self)
    }

    /// What was seen instead, likewise.
    pub fn seen(&self) -> String {
        (self.divergence.check.info().seen)(self)
    }

    /// On what the demand rests that the divergence broke: a row of the table, or a statement of a document.
    pub fn grounds(&self) -> Grounds {
        (self.divergence.check.info().grounds)(self)
    }

    /// Where it is seen, in words.
    pub fn place(&self) -> String {
        let first = self.divergence.sightings.first();
        first.map_or_else(|| self.divergence.check.info().elsewhere.to_owned(), |s| words::place(self.plan, s.location))
    }

    /// The name of the item.
    pub(crate) fn item(&self) -> &'a str {
        self.divergence.item.map_or("", |id| self.plan.names.item(id))
    }

    /// Whether the user was asked.
    pub(crate) fn was_asked(&self) -> bool {
        self.answer == Some(&Answer::Done { prompted: true })
    }

    /// What the check rests on whatever happened.
    pub(crate) fn of_check(&self) -> Grounds {
        let check = self.divergence.check;
        let facts = check.facts().join(", ");
        let text = if facts.is_empty() { check.meaning().to_owned() } else { format!("{facts}: {}", check.meaning()) };
        // What the nearest explanation followed.
        let row = self.rule.map(|rule| format!("; by row {}: {}", rule.id, rule.title)).unwrap_or_default();
        Grounds { text: format!("{text}{row}"), documents: check.sources().to_vec() }
    }

    /// The row of the table, where one was followed.
    pub(crate) fn of_row(&self) -> Grounds {
        let row = |rule: &Rule| {
            let there = self.opposite(rule).unwrap_or_default();
            let Grounds { text, documents } = Self::of_rule(rule);
            Grounds { text: text + &there, documents }
        };
        self.rule.map_or_else(|| self.of_check(), row)
    }

    /// What a row of a table says.
    pub(crate) fn of_rule(rule: &Rule) -> Grounds {
        Grounds { text: format!("{}: {}", rule.id, rule.title), documents: rule.sources.clone() }
    }

    /// What a row says of the side on which something else is seen, where its sentence speaks of the other one.
    fn opposite(&self, rule: &Rule) -> Option<String> {
        let speaks_of_crm = |trigger: &Trigger| match trigger {
            Trigger::DeleteInOutlook | Trigger::Untrack => true,
            Trigger::DeleteInCrm | Trigger::LeaveFilter => false,
        };
        if rule.form() != Deleting::FORM {
            return None;
        }
        let triggers = Deleting::triggers(rule);
        let in_crm = triggers.iter().all(speaks_of_crm);
        if !in_crm && triggers.iter().any(speaks_of_crm) {
            // It speaks of both.
            return None;
        }
        let seen = &self.divergence.sightings;
        if seen.is_empty() || seen.iter().any(|sighting| (sighting.location == Location::Crm) == in_crm) {
            return None;
        }
        let (side, fate) =
            if in_crm { ("Outlook", Deleting::outlook(&rule.then)) } else { ("CRM", Deleting::crm(&rule.then)) };
        let becomes = match fate? {
            Fate::Kept => "stays",
            Fate::Deleted => "stays deleted",
            Fate::Free => "may stay or go",
        };
        Some(format!("; in {side} it {becomes}"))
    }

    /// The statement that has the step done.
    pub(crate) fn of_step(&self) -> Grounds {
        let Some(step) = self.divergence.step else { return self.of_check() };
        let Ground { facts, text, document } = step.op.verb().ground();
        let text = if facts.is_empty() { text.to_owned() } else { format!("{}: {text}", facts.join(", ")) };
        Grounds { text, documents: document.into_iter().collect() }
    }

    /// What was expected of the item, place by place, and when.
    pub(crate) fn expected_in_places(&self) -> String {
        let when = match self.divergence.timing {
            Timing::Never => "",
            Timing::Early => ", until a later synchronization",
            Timing::Late => ", by this step",
        };
        let dates = self.dates().map(|dates| format!("; {dates}")).unwrap_or_default();
        format!("{}: {}{when}{dates} ({})", self.item(), self.expected_places(), self.grounds().text)
    }

    /// What was seen of the item, place by place, and when.
    pub(crate) fn seen_in_places(&self) -> String {
        let when = match self.divergence.timing {
            Timing::Never => "",
            Timing::Early => ", too early",
            // That it has not arrived says what stood there before.
            Timing::Late if self.divergence.sightings.iter().all(Sighting::is_not_arrived) => ": too late, or never",
            Timing::Late => ", as before the step: too late, or never",
        };
        format!("{}: {}{when}", self.item(), self.places(|sighting| sighting.seen))
    }

    /// Which occurrences are meant where occurrences differ: by date, since a number tells nobody which.
    fn dates(&self) -> Option<String> {
        const MASK: u64 = Field::Occurrences.mask() | Field::Exceptions.mask();
        let present = |sighting: &&Sighting| sighting.expected.is_present() && sighting.seen.is_present();
        self.divergence.sightings.iter().filter(present).find_map(|sighting| {
            let Sighting { expected, seen, .. } = *sighting;
            let differing = expected.differing(seen, MASK).fold(0, |bits, field| {
                bits | if field == Field::Occurrences {
                    expected.occurrences() ^ seen.occurrences()
                } else {
                    expected.exceptions() ^ seen.exceptions()
                }
            });
            // Of one that is not there nothing says whether it was moved.
            let moved = expected.exceptions() | seen.exceptions();
            words::occurrences(self.plan, expected.with_exceptions(moved), differing)
        })
    }

    /// Place by place, what was expected there.
    pub(crate) fn expected_places(&self) -> String {
        self.places(|sighting| sighting.expected)
    }

    fn places(&self, pick: fn(&Sighting) -> Word) -> String {
        let each = self.divergence.sightings.iter().map(|sighting| {
            let text = of_word(self.plan, sighting, pick(sighting));
            format!("{text} in {}", words::place(self.plan, sighting.location))
        });
        each.collect::<Vec<_>>().join("; ")
    }
}

/// One of the words of a sighting: the fields in which they differ; whether it is there, and tracked, where they differ in
/// that.
pub fn of_word(plan: &Plan, sighting: &Sighting, word: Word) -> String {
    let Sighting { expected, seen, location, .. } = *sighting;
    if expected.count() != seen.count() || expected.is_tracked() != seen.is_tracked() {
        return if word.is_present() {
            words::presence(word, location)
        } else {
            words::absence(sighting.absence()).to_owned()
        };
    }
    let fields = expected.differing(seen, u64::MAX).map(|field| words::field(plan, field, word));
    fields.collect::<Vec<_>>().join(", ")
}

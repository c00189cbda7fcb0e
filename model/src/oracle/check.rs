//! What a check says of itself, and what it is shown.

use crate::reference::StepOutcome;
use crate::rules::RuleId;
use crate::telling::{Grounds, Telling};
use crate::verdict::{Occasion, Settling, Sighting};
use crate::view::Word;

use super::unsent::Unsent;

/// What a check says of itself, what it looks at, and its words. What a check does not say is that of [`CheckInfo::new`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckInfo {
    /// The name in reports and signatures.
    pub(crate) name: &'static str,
    /// What it demands, in one line.
    pub(crate) meaning: &'static str,
    /// The statements of the fact base that it rests on; none where it is a convention of the harness.
    pub(crate) facts: &'static [&'static str],
    /// The titles of the documents that make those statements.
    pub(crate) sources: &'static [&'static str],
    /// When it has something to decide.
    pub(crate) occasion: Occasion,
    /// Whether it fails by what was answered to a step.
    pub(crate) of_answer: fn(&Answered) -> bool,
    /// Whether it fails by what is seen of an item.
    pub(crate) of_item: fn(&WrongItem<'_>) -> bool,
    /// Whether something is lost or changed that the implementation should have noticed.
    pub(crate) noticeable: bool,
    /// How a synchronization to rest went wrong that failed it, in the first round or in a later one.
    pub(crate) settling: fn(later: bool) -> Option<Settling>,
    /// Where what it looks at is seen, where that is at no place of an item.
    pub(crate) elsewhere: &'static str,
    /// On what its demand rests in one case.
    pub(crate) grounds: fn(&Telling<'_>) -> Grounds,
    /// What was expected, as a sentence without a full stop.
    pub(crate) expected: fn(&Telling<'_>) -> String,
    /// What was seen instead, likewise.
    pub(crate) seen: fn(&Telling<'_>) -> String,
}

impl CheckInfo {
    /// A check that looks at each step, fails by nothing yet, and tells what is seen place by place.
    pub(super) const fn new(
        name: &'static str,
        meaning: &'static str,
        facts: &'static [&'static str],
        sources: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            meaning,
            facts,
            sources,
            occasion: Occasion::Step,
            of_answer: |_| false,
            of_item: |_| false,
            noticeable: false,
            settling: |later| if later { Some(Settling::WrongLater) } else { None },
            elsewhere: "the stores",
            grounds: |telling| telling.of_check(),
            expected: |telling| telling.expected_in_places(),
            seen: |telling| telling.seen_in_places(),
        }
    }
}

/// What was answered to a step of one item that no explanation agrees with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    /// What an explanation expects; none where each took a reading that those of another rule out.
    pub(crate) expected: Option<StepOutcome>,
    /// Whether it was said to be done.
    pub(crate) done: bool,
}

/// What is seen of one item that no explanation agrees with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WrongItem<'a> {
    /// Place by place, what the nearest explanation expects, and what is seen.
    pub(crate) sightings: &'a [Sighting],
    /// The row that the nearest explanation followed.
    pub(crate) rule: Option<RuleId>,
    /// Whether the step names the item.
    pub(crate) named: bool,
    /// Whether the step may have done something to it.
    pub(crate) touched: bool,
    /// Whether a synchronization had nothing to do for a pair of it.
    pub(crate) at_rest: bool,
    /// Whether something is in a place where it never was.
    pub(crate) never_there: bool,
    /// What had not reached the other side of it when a computer crashed.
    pub(crate) unsent: &'a [Unsent],
}

impl WrongItem<'_> {
    /// Whether there is such a sighting.
    pub(crate) fn any(&self, test: impl Fn(&Sighting) -> bool) -> bool {
        self.sightings.iter().any(test)
    }

    /// Whether something is there that should not be, or is not there.
    pub(crate) fn in_presence(&self) -> bool {
        self.any(|sighting| sighting.expected.is_present() != sighting.seen.is_present())
    }

    /// Whether one of these bits of a word is not as expected.
    pub(crate) fn in_bits(&self, mask: u64) -> bool {
        self.any(|sighting| (sighting.expected.0 ^ sighting.seen.0) & mask != 0)
    }

    /// Whether something that synchronization carries across is not as expected.
    pub(crate) fn in_content(&self) -> bool {
        self.in_bits(Word::SYNCHRONIZED)
    }

    /// Whether it is wrong in no store, only on computers.
    pub(crate) fn in_no_store(&self) -> bool {
        self.sightings.iter().all(|sighting| sighting.location.is_cache())
    }
}

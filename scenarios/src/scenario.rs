//! A scenario: a plan with a name, a reason and expectations.

use std::ops::Range;

use tombstone_model::ids::ItemId;
use tombstone_model::plan::Plan;
use tombstone_model::view::{Location, Word};

/// A plan with a name, what it covers, and what must hold on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The stable id, for example `deletion/email-delete-outlook-keeps-crm`, or `deletion/appointment[past,owner]` for a
    /// case of a grid; never reused.
    pub id: String,
    /// What it shows, in one line.
    pub title: String,
    /// The rows (`D01`), facts (`F050`, `K33`, `M01`) and switches (`X-02`) it is about.
    pub covers: Vec<String>,
    /// Ids under which it was known before.
    pub aliases: Vec<String>,
    /// The profile under which it is judged, where it needs a certain one.
    pub profile: Option<String>,
    /// Anything else a reader should know.
    pub note: Option<String>,
    /// The comment lines at the head of the file, without `#`.
    pub header: Vec<String>,
    /// Where a counterexample comes from.
    pub origin: Option<Origin>,
    /// The starting world and the steps.
    pub plan: Plan,
    /// What must hold beyond what the model demands, in the order of the file.
    pub expectations: Vec<Expectation>,
    /// Where each step of the plan stands, in bytes of the file; empty for a scenario that was never in one.
    pub spans: Vec<Range<usize>>,
    /// Which file it is from, where somebody who reads a report may look.
    pub place: Option<ScenarioPlace>,
}

/// The file that a scenario is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioPlace {
    /// Its path.
    pub file: String,
    /// The line of each step of the plan, from 1.
    pub lines: Vec<u32>,
}

impl Scenario {
    /// A scenario of nothing but a plan.
    pub fn new(id: impl Into<String>, title: impl Into<String>, plan: Plan) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            covers: Vec::new(),
            aliases: Vec::new(),
            profile: None,
            note: None,
            header: Vec::new(),
            origin: None,
            plan,
            expectations: Vec::new(),
            spans: Vec::new(),
            place: None,
        }
    }

    /// Says from which file it was read, and that this is its text.
    pub fn placed(&mut self, file: impl Into<String>, text: &str) {
        let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        let lines = self.spans.iter().map(|span| u32::try_from(line(span.start)).unwrap_or(u32::MAX));
        self.place = Some(ScenarioPlace { file: file.into(), lines: lines.collect() });
    }

    /// The name of the grid that it is a case of, which its id begins with.
    pub fn grid(&self) -> Option<&str> {
        self.id.split_once('[').map(|(grid, _)| grid)
    }

    /// The names of its values on the axes of its grid, in brackets as its id has them; all of its id, where it is no case.
    pub fn case(&self) -> &str {
        self.id.find('[').map_or(&self.id, |at| &self.id[at..])
    }
}

/// Where a counterexample comes from, and which rules it was found under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The seed of the campaign.
    pub seed: u64,
    /// The number of the plan within the campaign.
    pub index: u64,
    /// The digest of the rules.
    pub rules: String,
    /// The digests of what was seen, step by step.
    pub digests: Vec<String>,
}

/// Something that must hold at a point of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// After how many steps it holds: 0 is the start, 1 is after `plan.steps[0]`, and so on.
    pub after: usize,
    /// What holds.
    pub what: Demand,
    /// Where it stands, in bytes of the file.
    pub span: Range<usize>,
}

/// What an expectation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The step just taken was refused, or was not.
    Refused(bool),
    /// The user was asked in the step just taken whether to delete the record too, or was not.
    Prompt(bool),
    /// An item is seen so in a place: `view.get(item, at).0 & mask == word.0`.
    Seen {
        /// The item.
        item: ItemId,
        /// The place.
        at: Location,
        /// The bits of the fields that are spoken of.
        mask: u64,
        /// What they must be; zero outside the mask.
        word: Word,
    },
}

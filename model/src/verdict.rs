//! Verdicts: what can be said of an implementation after a run, and what exactly went wrong.

use crate::ids::ItemId;
use crate::plan::Step;
use crate::reference::Refusal;
use crate::rules::{DOCUMENTS, RuleId};
use crate::switches::Switch;
use crate::view::{Location, Word};

/// What can be said of an implementation after a run. These are never merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything seen is explained by the documents.
    Conforms,
    /// Something is not.
    Diverges(Box<Divergence>),
    /// It said beforehand that it cannot do this.
    Unsupported(String),
    /// It crashed, hung or answered garbage.
    Broken(String),
    /// Nothing was decided: too many explanations to hold, or no step could be taken.
    Undecided(String),
}

/// Which of the oracle's checks failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Check {
    /// A row of the deletion table was not followed.
    Rule,
    /// Something vanished without a rule that deletes it.
    Vanished,
    /// Something deleted came back.
    Resurrected,
    /// Something arrived where it never was and nothing brings it.
    Arrived,
    /// One item became two.
    Doubled,
    /// A change was lost that the server had not acknowledged when a computer crashed.
    Erased,
    /// The prompt appeared where it should not, or did not where it should.
    Prompt,
    /// A step was refused that should be done, done that should be refused, or refused and yet changed something.
    Refusal,
    /// A link is there that should be cut, or cut that should be there.
    Link,
    /// A field did not carry across by the overwrite rule.
    Carried,
    /// Something that should have been created is not there.
    Missing,
    /// A computer does not show what it should.
    Cache,
    /// At rest the two stores do not agree on a tracked pair: a field changed to which nothing was due.
    Convergence,
    /// Synchronization does not come to rest.
    Unsettled,
    /// The implementation followed two readings of one ambiguity that cannot both hold.
    Readings,
    /// An item changed that no step spoke of.
    Bystander,
}

impl Check {
    /// Every check.
    pub const ALL: [Self; 16] = [
        Self::Rule,
        Self::Vanished,
        Self::Resurrected,
        Self::Arrived,
        Self::Doubled,
        Self::Erased,
        Self::Prompt,
        Self::Refusal,
        Self::Link,
        Self::Carried,
        Self::Missing,
        Self::Cache,
        Self::Convergence,
        Self::Unsettled,
        Self::Readings,
        Self::Bystander,
    ];

    /// What it demands, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Rule => "the deletion table is followed",
            Self::Vanished => "nothing vanishes without a rule that deletes it",
            Self::Resurrected => "nothing deleted comes back",
            Self::Arrived => "nothing arrives where nothing brings it",
            Self::Doubled => "one item never becomes two",
            Self::Erased => "nothing is erased locally before the server has acknowledged it",
            Self::Prompt => "the prompt appears exactly when documented",
            Self::Refusal => "what is refused is refused, and changes nothing",
            Self::Link => "an item is tracked exactly as long as it should be",
            Self::Carried => "synchronized fields carry across by the overwrite rule",
            Self::Missing => "what should have been created is there",
            Self::Cache => "a computer shows what it holds",
            Self::Convergence => "at rest both stores agree on every tracked pair",
            Self::Unsettled => "synchronization comes to rest",
            Self::Readings => "one reading of each ambiguity is followed throughout",
            Self::Bystander => "what no step speaks of stays as it was",
        }
    }

    /// The name in reports and signatures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Vanished => "vanished",
            Self::Resurrected => "resurrected",
            Self::Arrived => "arrived",
            Self::Doubled => "doubled",
            Self::Erased => "erased-before-acknowledgement",
            Self::Prompt => "prompt",
            Self::Refusal => "refusal",
            Self::Link => "link",
            Self::Carried => "carried",
            Self::Missing => "missing",
            Self::Cache => "cache",
            Self::Convergence => "convergence",
            Self::Unsettled => "unsettled",
            Self::Readings => "readings",
            Self::Bystander => "bystander",
        }
    }

    /// The statements of the fact base that it rests on; none where it is a convention of the harness.
    pub fn facts(self) -> &'static [&'static str] {
        match self {
            // Each row names its own.
            Self::Rule => &[],
            Self::Vanished => &["F009", "F125"],
            Self::Resurrected => &["F008", "F052"],
            Self::Arrived => &["F001", "F100", "F116"],
            Self::Doubled => &["F001", "F137"],
            Self::Erased => &["F125"],
            Self::Prompt => &["F030", "F031", "F035", "F036", "F037"],
            Self::Refusal => &["F015", "F017", "F027", "F070", "F071"],
            Self::Link => &["F001", "F018", "F038"],
            Self::Carried => &["F008", "F126"],
            Self::Missing => &["F001", "F100", "F116"],
            Self::Cache => &["F117", "F124"],
            Self::Convergence => &["F008", "F009"],
            Self::Unsettled => &["F009"],
            Self::Readings => &[],
            Self::Bystander => &["F009"],
        }
    }

    /// The titles of the documents that make those statements.
    pub fn sources(self) -> &'static [&'static str] {
        const DELETING: &str = DOCUMENTS[0];
        const TRACKING: &str = DOCUMENTS[1];
        const SAVING: &str = DOCUMENTS[2];
        const QUESTIONS: &str = DOCUMENTS[4];
        match self {
            Self::Rule | Self::Readings => &DOCUMENTS,
            Self::Vanished | Self::Convergence | Self::Unsettled | Self::Bystander => &[DELETING, TRACKING],
            Self::Resurrected => &[DELETING, TRACKING, SAVING],
            Self::Arrived | Self::Missing => &[DELETING, TRACKING, SAVING],
            Self::Doubled => &[DELETING, TRACKING, SAVING, QUESTIONS],
            Self::Erased | Self::Cache => &[TRACKING],
            Self::Prompt => &[DELETING, TRACKING],
            Self::Refusal => &[TRACKING, SAVING, QUESTIONS],
            Self::Link => &[DELETING, TRACKING, SAVING],
            Self::Carried => &[TRACKING, SAVING],
        }
    }
}

/// How what is seen stands in time to what the documents demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timing {
    /// It is due at no time, as far as can be told.
    #[default]
    Never,
    /// It is what a synchronization yet to come would bring.
    Early,
    /// It is as before the step, which should have changed it.
    Late,
}

/// What shrinking preserves and a baseline names: which check failed, by which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    /// The check.
    pub check: Check,
    /// The row of the table, where one was involved.
    pub rule: Option<RuleId>,
}

/// One place in which something else is seen than any explanation allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Where.
    pub location: Location,
    /// What the nearest explanation expects there.
    pub expected: Word,
    /// What is seen.
    pub seen: Word,
    /// What was seen before the step.
    pub before: Word,
}

/// A divergence: the first moment at which nothing explains what is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Which check failed.
    pub check: Check,
    /// The row of the table that the nearest explanation followed.
    pub rule: Option<RuleId>,
    /// The step after which it was seen; none for what was found at rest.
    pub step: Option<Step>,
    /// The item.
    pub item: Option<ItemId>,
    /// What was expected and seen, place by place.
    pub sightings: Vec<Sighting>,
    /// The ambiguity of which two readings were followed, for [`Check::Readings`].
    pub switch: Option<Switch>,
    /// Whether it is right but for the time.
    pub timing: Timing,
    /// Why the documents refuse the step, where they do and it was done.
    pub refusal: Option<Refusal>,
    /// What became of an item that no step spoke of, for [`Check::Bystander`].
    pub bystander: Option<Disturbed>,
}

/// An item that no step spoke of, and that is not what it was. The words are for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disturbed {
    /// Its name and where it is.
    pub what: String,
    /// What it was.
    pub before: String,
    /// What it is now.
    pub now: String,
}

impl Divergence {
    /// One of which nothing is known but the check.
    pub fn of(check: Check) -> Self {
        Self {
            check,
            rule: None,
            step: None,
            item: None,
            sightings: Vec::new(),
            switch: None,
            timing: Timing::Never,
            refusal: None,
            bystander: None,
        }
    }

    /// Its signature.
    pub fn signature(&self) -> Signature {
        Signature { check: self.check, rule: self.rule }
    }
}

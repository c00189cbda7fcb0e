//! Verdicts: what can be said of an implementation after a run, and what exactly went wrong.

use crate::ids::ItemId;
use crate::oracle::checks::each_check;
use crate::plan::Step;
use crate::readings::switches::{Switch, Values};
use crate::rules::{FollowedRows, PersonalOption, RuleId, Rules};
use crate::view::{Location, Word};

/// What can be said of an implementation after a run. These are never merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunVerdict {
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

macro_rules! declare {
    ($($(#[$doc:meta])* $variant:ident = $place:literal, $file:ident;)+) => {
        /// Which check failed. What each says of itself stands in a file of `oracle/checks/`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Check { $($(#[$doc])* $variant = $place),+ }

        impl Check {
            /// Every check, in the order of reports.
            pub const ALL: [Self; [$($place),+].len()] = {
                let mut all = [Self::Rule; [$($place),+].len()];
                $(all[Self::$variant as usize] = Self::$variant;)+
                all
            };
        }
    };
}
each_check!(declare);

/// When a check has something to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Where a row of the table decides: each row is counted for itself.
    Row,
    /// After each step.
    Step,
    /// After a step at which a prompt could appear.
    Prompt,
    /// After each step that follows a crash in the same plan.
    AfterCrash,
    /// When personal options are opened.
    Dialog,
    /// When synchronization comes to rest.
    Rest,
    /// After a step beside items that no step speaks of.
    Beside,
}

/// How a synchronization to rest went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// It came to no rest.
    Never,
    /// At rest the two sides differ.
    Different,
    /// The first round left what it should, and a later one did not.
    WrongLater,
}

impl Settling {
    /// The category in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never settles",
            Self::Different => "settled but different",
            Self::WrongLater => "right at first and wrong later",
        }
    }

    /// What happened, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Never => "every round of synchronization changed something",
            Self::Different => "at rest the two stores do not agree on a tracked pair",
            Self::WrongLater => "the first round of synchronization left what it should, and a later one did not",
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

/// On what a verdict rests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// The rows: that by which the step is done or refused, that of the deletion table, those of the others that were followed
    /// on the way; and where two readings were followed, those that turn on the question.
    pub rows: Vec<RuleId>,
    /// The statements of the fact base.
    pub facts: Vec<&'static str>,
}

/// What shrinking preserves and a baseline names: which check failed, by which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivergenceSignature {
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

/// How it comes that nothing is in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Absence {
    /// It was there before the step.
    Gone,
    /// It was not there before the step, and should be there now.
    NotArrived,
    /// It was not there before the step, and should not be there now.
    NotThere,
}

impl Sighting {
    /// How it comes that nothing is there, where one of its words says so.
    pub fn absence(&self) -> Absence {
        if self.before.is_present() {
            Absence::Gone
        } else if self.expected.is_present() {
            Absence::NotArrived
        } else {
            Absence::NotThere
        }
    }

    /// Whether nothing came where something should be.
    pub fn is_not_arrived(&self) -> bool {
        !self.seen.is_present() && self.absence() == Absence::NotArrived
    }
}

/// A divergence: the first moment at which nothing explains what is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Which check failed.
    pub check: Check,
    /// The row of the table that the nearest explanation followed.
    pub rule: Option<RuleId>,
    /// The rows of the other tables that it followed on its way.
    pub followed: FollowedRows,
    /// The step after which it was seen; none for what was found at rest.
    pub step: Option<Step>,
    /// The item.
    pub item: Option<ItemId>,
    /// What was expected and seen, place by place.
    pub sightings: Vec<Sighting>,
    /// The ambiguity of which two readings were followed, for [`Check::Readings`].
    pub switch: Option<Switch>,
    /// What earlier steps left of that ambiguity, and what this one leaves of it, which is nothing that is in both.
    pub torn: Option<(Values, Values)>,
    /// Whether it is right but for the time.
    pub timing: Timing,
    /// The row by which the step is refused, where it was done; or by which it is done, where it was refused and a row says
    /// so.
    pub answer: Option<RuleId>,
    /// The personal option that was offered and should not be, or was not and should be, for [`Check::Offered`].
    pub option: Option<PersonalOption>,
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
            followed: FollowedRows::NONE,
            step: None,
            item: None,
            sightings: Vec::new(),
            switch: None,
            torn: None,
            timing: Timing::Never,
            answer: None,
            option: None,
            bystander: None,
        }
    }

    /// The rows that it cites.
    pub fn rows(&self) -> impl Iterator<Item = RuleId> {
        let followed = self.followed;
        let own = self.answer.into_iter().chain(self.rule);
        own.chain(followed.rows().map(|followed| followed.rule).collect::<Vec<_>>())
    }

    /// On what it rests. Neither a row nor a fact is left where it is a convention of the harness that the step is done.
    pub fn basis(&self, rules: &Rules) -> Basis {
        let turning = |switch: Switch| rules.ids().filter(move |(_, rule)| rule.switches().contains(&switch));
        let torn = self.switch.into_iter().flat_map(turning).map(|(row, _)| row);
        // Why a step is done at all is the operation's to say.
        let step = self.step.filter(|_| self.check == Check::Refusal && self.sightings.is_empty());
        let facts = step.map_or(self.check.facts(), |step| step.op.verb().ground().facts);
        Basis { rows: self.rows().chain(torn).collect(), facts: facts.to_vec() }
    }

    /// Its signature.
    pub fn signature(&self) -> DivergenceSignature {
        DivergenceSignature { check: self.check, rule: self.rule }
    }
}

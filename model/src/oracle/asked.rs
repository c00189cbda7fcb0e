//! Who asks the checks, in their order, and what they say of themselves.

use crate::verdict::{Check, Occasion, Settling};

use super::check::{Answered, CheckInfo, WrongItem};
use super::checks;

macro_rules! table {
    ($($(#[$doc:meta])* $variant:ident = $place:literal, $file:ident;)+) => {
        impl Check {
            /// Every check in the order in which they are asked.
            const ASKED: &'static [Self] = &[$(Self::$variant),+];

            /// What it says of itself.
            pub(crate) const fn info(self) -> &'static CheckInfo {
                match self { $(Self::$variant => &checks::$file::CHECK),+ }
            }
        }
    };
}
checks::each_check!(table);

impl Check {
    /// What it demands, in one line.
    pub fn meaning(self) -> &'static str {
        self.info().meaning
    }

    /// The name in reports and signatures.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The statements of the fact base that it rests on; none where it is a convention of the harness.
    pub fn facts(self) -> &'static [&'static str] {
        self.info().facts
    }

    /// The titles of the documents that make those statements.
    pub fn sources(self) -> &'static [&'static str] {
        self.info().sources
    }

    /// When it has something to decide.
    pub fn occasion(self) -> Occasion {
        self.info().occasion
    }

    /// Whether it fails by something lost or changed that the implementation should have noticed.
    pub fn is_noticeable(self) -> bool {
        self.info().noticeable
    }

    /// How a synchronization to rest went wrong that failed it, in the first round or in a later one.
    pub fn settling(self, later: bool) -> Option<Settling> {
        (self.info().settling)(later)
    }

    /// The first check that fails by an answer which no explanation agrees with.
    pub(super) fn of_answer(answered: Answered) -> Self {
        Self::first(|info| (info.of_answer)(&answered)).unwrap_or(Self::Refusal)
    }

    /// The first check that fails by what is seen of an item, which no explanation agrees with.
    pub(super) fn of_item(wrong: &WrongItem<'_>) -> Self {
        Self::first(|info| (info.of_item)(wrong)).unwrap_or(Self::Carried)
    }

    fn first(fails: impl Fn(&CheckInfo) -> bool) -> Option<Self> {
        Self::ASKED.iter().copied().find(|check| fails(check.info()))
    }
}

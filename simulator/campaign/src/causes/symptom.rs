//! How a plan failed, as far as grouping needs to know.

use tombstone_model::ids::{ItemId, SlotId, UserId};
use tombstone_model::plan::{Plan, Side};
use tombstone_model::verdict::{Check, Divergence, DivergenceSignature};
use tombstone_model::view::{Field, Location, Word};
use tombstone_reports::events::{FailingManner, FailingPlace, FailingPlan};

/// How a plan failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// By which check and row.
    pub signature: DivergenceSignature,
    /// On which item.
    pub item: Option<ItemId>,
    /// After which step; none for the end.
    pub at: Option<usize>,
    /// In which manner.
    pub manner: Manner,
    /// The first place in which it is seen; none where it is the answer.
    pub seen: Option<Location>,
}

impl Symptom {
    /// That of a divergence after this step of a plan.
    pub fn of(divergence: &Divergence, at: Option<usize>) -> Self {
        let seen = divergence.sightings.first().map(|sighting| sighting.location);
        Self { signature: divergence.signature(), item: divergence.item, at, manner: Manner::of(divergence), seen }
    }

    /// What is told of the plan of an index that failed so.
    pub(crate) fn told(self, index: u64) -> FailingPlan {
        let manner = match self.manner {
            Manner::Missing => FailingManner::Missing,
            Manner::Left => FailingManner::Left,
            Manner::Differs(fields) => FailingManner::Differs(fields),
            Manner::Answered(check) => FailingManner::Answered(check.name().to_owned()),
        };
        let seen = self.seen.map(|seen| match seen {
            Location::Crm => FailingPlace::Crm,
            Location::Mailbox(UserId(user)) => FailingPlace::Mailbox(user),
            Location::Cache(SlotId(slot)) => FailingPlace::Cache(slot),
        });
        FailingPlan { index, item: self.item.map(|item| item.0), at: self.at.map(|at| at as u64), manner, seen }
    }

    /// What was told so; none where a check is named that there is not.
    pub(crate) fn of_told(signature: DivergenceSignature, told: &FailingPlan) -> Option<Self> {
        let manner = match &told.manner {
            FailingManner::Missing => Manner::Missing,
            FailingManner::Left => Manner::Left,
            FailingManner::Differs(fields) => Manner::Differs(*fields),
            FailingManner::Answered(name) => {
                Manner::Answered(Check::ALL.into_iter().find(|check| check.name() == name)?)
            }
        };
        let seen = told.seen.as_ref().map(|seen| match *seen {
            FailingPlace::Crm => Location::Crm,
            FailingPlace::Mailbox(user) => Location::Mailbox(UserId(user)),
            FailingPlace::Cache(slot) => Location::Cache(SlotId(slot)),
        });
        let at = told.at.and_then(|at| usize::try_from(at).ok());
        Some(Self { signature, item: told.item.map(ItemId), at, manner, seen })
    }

    /// The side on which it is seen first.
    pub(super) fn side(self, plan: &Plan) -> Option<Side> {
        Some(match self.seen? {
            Location::Crm => Side::Crm,
            Location::Mailbox(user) => Side::Outlook(user),
            Location::Cache(slot) => Side::Outlook(plan.setup.slots().get(slot.index())?.1),
        })
    }

    /// Whether the one can be the other: the manner is the same, and both are seen in CRM, or both in Outlook.
    pub(super) fn is_like(self, other: Self) -> bool {
        let crm = |seen: Option<Location>| seen.map(|seen| seen == Location::Crm);
        crm(self.seen) == crm(other.seen) && self.manner.is_like(other.manner)
    }
}

/// In which manner something failed, whatever the place and whichever row was cited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Fewer copies are seen than there should be.
    Missing,
    /// More copies are seen than there should be.
    Left,
    /// Fields differ: their bits in a word.
    Differs(u64),
    /// The stores are as they should be, and the answer is not.
    Answered(Check),
}

impl Manner {
    fn of(divergence: &Divergence) -> Self {
        let counts = divergence.sightings.iter().map(|sighting| (sighting.expected.count(), sighting.seen.count()));
        if let Some((expected, seen)) = counts.into_iter().find(|(expected, seen)| expected != seen) {
            return if seen < expected { Self::Missing } else { Self::Left };
        }
        let differing = divergence.sightings.iter().map(|sighting| sighting.expected.0 ^ sighting.seen.0);
        match differing.fold(0, |all, these| all | these) {
            0 => Self::Answered(divergence.check),
            fields => Self::Differs(fields),
        }
    }

    /// Whether a change of an item in one place is what fails to be done in this manner.
    pub(super) fn is_due(self, before: Word, after: Word) -> bool {
        match self {
            Self::Missing => before.count() < after.count(),
            Self::Left => before.count() > after.count(),
            Self::Differs(_) => self.is_like(Self::Differs(before.0 ^ after.0)),
            Self::Answered(_) => before != after,
        }
    }

    /// Whether the one can be the other: fields that differ need not differ by the same amount.
    fn is_like(self, other: Self) -> bool {
        let fields = |word: u64| Field::ALL.iter().filter(move |field| word & field.mask() != 0);
        match (self, other) {
            (Self::Differs(one), Self::Differs(another)) => fields(one).any(|field| another & field.mask() != 0),
            (one, another) => one == another,
        }
    }
}

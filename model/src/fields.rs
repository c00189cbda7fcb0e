//! Fields, declared once: each is a row of [`each_field!`](crate::each_field), and whoever masks, compares, reads, writes or
//! tells fields goes over the rows and their shapes.
//!
//! Adding a field is adding its row, and what it means in the reference where something is special about it. Adding a *shape*
//! is adding it to [`Shape`]; the compiler then names each reader and each writer.

use crate::plan::{Change, Verb};

/// Hands the rows to a macro: the variant, the name, how to read and to write the bits, how many there are, the shape of
/// what they say, on which side they are seen, whether synchronization carries them across, and which operations write them.
///
/// The order of the rows is the order of the bits in a [`Word`], from the lowest, and of the fields in files and messages.
#[macro_export]
macro_rules! each_field {
    ($make:ident) => {
        $make! {
            /// The title: which edit wrote it.
            Title title, title with_title 8, Title Both Carried [Edit];
            /// When it takes place or is due.
            When when, when with_when 6, When Both Carried [Edit];
            /// Open, completed or cancelled.
            Status status, status_bits with_status_bits 2, Status Both Carried [Complete Cancel];
            /// The organizer, if one of the users is.
            Organizer organizer, organizer_bits with_organizer_bits 3, SomeUser Both Carried [ChangeOrganizer];
            /// The owner, in CRM.
            Owner owner, owner_bits with_owner_bits 3, User Crm Kept [Assign Track];
            /// The record it is regarding.
            Regarding regarding, regarding_bits with_regarding_bits 6, SomeItem Both Carried [SetRegarding];
            /// The account or contact it belongs to.
            Parent parent, parent_bits with_parent_bits 6, SomeItem Both Carried [SetParent];
            /// The required attendees.
            Required required, required_bits with_required_bits 4, Users Both Carried [Edit];
            /// The optional attendees.
            Optional optional, optional_bits with_optional_bits 4, Users Both Carried [Edit];
            /// The occurrences of a series that are there.
            Occurrences occurrences, occurrences with_occurrences 4, There Both Kept [Delete];
            /// The occurrences of a series that were moved.
            Exceptions exceptions, exceptions with_exceptions 4, Moved Both Carried [Edit];
            /// What the record is.
            Record record, record_bits with_record_bits 4, Kind Crm Kept [Track];
            /// Whether the copy is tracked, in Outlook.
            Tracked tracked, tracked_bits with_tracked_bits 1, Flag Outlook Kept [Track Untrack];
            /// How many there are: none, one, or more than one.
            Count count, count with_count 2, Count Both Kept [Create Delete];
        }
    };
}

/// What the bits of a field say. Readers and writers are for shapes, not for fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The token of the edit that wrote the title; 0 is what the item started with.
    Title,
    /// An index into the schedules of the setup.
    When,
    /// A [`Status`](crate::plan::Status), as it numbers them.
    Status,
    /// A user's id and one.
    User,
    /// 0 for none of the users, else a user's id and one.
    SomeUser,
    /// 0 for none, else an item's id and one.
    SomeItem,
    /// A set of users.
    Users,
    /// The occurrences of a series that are there, as a bit set; 1 for what is no series.
    There,
    /// Occurrences of a series, as a bit set; that of one which is not there means nothing.
    Moved,
    /// A [`Kind`](crate::plan::Kind), as it numbers them.
    Kind,
    /// 1 where it is so.
    Flag,
    /// 0, 1, or 2 for more than one.
    Count,
}

/// On which side a field is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    /// In Outlook and in CRM.
    Both,
    /// In Outlook only.
    Outlook,
    /// In CRM only.
    Crm,
}

/// Whether synchronization carries a field across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// From the side that changed it to the other, whichever that is: by the overwrite rule.
    Carried,
    /// No: each side has its own, or the reference says what becomes of it.
    Kept,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// The name in scenarios, reports and the adapter protocol.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub doc: &'static str,
    /// What its bits say.
    pub shape: Shape,
    /// Where it is seen.
    pub sides: Sides,
    /// Whether it is synchronized.
    pub crossing: Crossing,
    /// The operations that write it.
    pub changed_by: &'static [Verb],
    /// How many bits it has.
    width: u32,
}

/// The content of an item in one place: every field that can be seen of it, in one word.
///
/// Equality of the synchronized fields is one masked comparison, and copying an item is copying a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub u64);

macro_rules! fields {
    ($(#[doc = $doc:literal] $variant:ident $name:ident, $get:ident $with:ident $width:literal, $shape:ident $sides:ident $crossing:ident [$($verb:ident)+];)+) => {
        /// A field of an item that can be seen in a store.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field { $(#[doc = $doc] $variant),+ }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The rows, in the order of the fields.
            const ROWS: &'static [FieldRow] = &[$(FieldRow {
                name: stringify!($name),
                doc: $doc.trim_ascii(),
                shape: Shape::$shape,
                sides: Sides::$sides,
                crossing: Crossing::$crossing,
                changed_by: &[$(Verb::$verb),+],
                width: $width,
            }),+];
        }

        impl Word {
            $(
                #[doc = $doc]
                #[inline(always)]
                pub const fn $get(self) -> u8 {
                    (self.0 >> const { Field::$variant.offset() }) as u8 & const { ((1u16 << $width) - 1) as u8 }
                }

                /// The word with another value in this field.
                #[inline(always)]
                #[must_use]
                pub const fn $with(self, value: u8) -> Self {
                    Self(self.0 & const { !Field::$variant.mask() } | (value as u64) << const { Field::$variant.offset() })
                }
            )+
        }
    };
}
each_field!(fields);

/// Where the bits of each field begin, and how many all fields have.
const OFFSETS: [u32; Field::ALL.len() + 1] = {
    let mut offsets = [0; Field::ALL.len() + 1];
    let mut n = 0;
    while n < Field::ALL.len() {
        offsets[n + 1] = offsets[n] + Field::ROWS[n].width;
        n += 1;
    }
    offsets
};

/// How many bits all fields have: those above are for what nobody sees.
pub(crate) const BITS: u32 = OFFSETS[Field::ALL.len()];

impl Field {
    /// What it is.
    #[inline(always)]
    pub const fn row(self) -> &'static FieldRow {
        &Self::ROWS[self as usize]
    }

    /// The name in scenarios, reports and the adapter protocol.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Where its bits begin in a [`Word`].
    #[inline(always)]
    pub(crate) const fn offset(self) -> u32 {
        OFFSETS[self as usize]
    }

    /// The bits of the field in a [`Word`].
    #[inline(always)]
    pub const fn mask(self) -> u64 {
        ((1 << self.row().width) - 1) << self.offset()
    }

    /// Its value in a word.
    pub const fn of(self, word: Word) -> u8 {
        ((word.0 & self.mask()) >> self.offset()) as u8
    }

    /// The word with another value in it, as far as it has room.
    #[must_use]
    pub const fn put(self, word: Word, value: u8) -> Word {
        Word(word.0 & !self.mask() | (value as u64) << self.offset() & self.mask())
    }
}

impl Change {
    /// The field that it changes.
    pub const fn field(self) -> Field {
        match self {
            Self::Title(_) => Field::Title,
            Self::When(_) => Field::When,
        }
    }
}

impl Word {
    /// Nothing there.
    pub const ABSENT: Self = Self(0);

    /// The fields that synchronization carries across.
    pub const SYNCHRONIZED: u64 = masked(true, None);

    /// The fields that can be seen in Outlook.
    pub const IN_OUTLOOK: u64 = masked(false, Some(Sides::Outlook));

    /// The fields that can be seen in CRM.
    pub const IN_CRM: u64 = masked(false, Some(Sides::Crm));
}

/// The fields that are carried across, where that is asked, and seen on a side, where one is.
const fn masked(carried: bool, on: Option<Sides>) -> u64 {
    let (mut mask, mut n) = (0, 0);
    while n < Field::ALL.len() {
        let row = &Field::ROWS[n];
        let crosses = matches!(row.crossing, Crossing::Carried) || !carried;
        let seen = match (on, row.sides) {
            (None, _) | (_, Sides::Both) => true,
            (Some(Sides::Outlook), Sides::Outlook) | (Some(Sides::Crm), Sides::Crm) => true,
            (Some(_), Sides::Outlook | Sides::Crm) => false,
        };
        if crosses && seen {
            mask |= Field::ALL[n].mask();
        }
        n += 1;
    }
    mask
}

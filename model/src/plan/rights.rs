//! What a user may do with the records in CRM.

macro_rules! rights {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal $what:literal;)+) => {
        /// One thing that a user may do with records in CRM, or may not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Right { $($(#[doc = $doc])+ $variant),+ }

        impl Right {
            /// Every right.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// The name in scenarios.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it allows, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $what),+ }
            }
        }
    };
}

rights! {
    /// To create records.
    Create = "may_create" "Whether the user may create records in CRM; by default true.";
    /// To change records: what they say, what they are regarding or belong to, their state, and whose they are.
    Write = "may_write" "Whether the user may change records in CRM, and whose they are; by default true.";
    /// To delete records.
    Delete = "may_delete" "Whether the user may delete records in CRM; by default true.";
}

/// What a user may do with records in CRM: a set of [`Right`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rights(u8);

impl Rights {
    /// Everything: what users start with.
    pub const ALL: Self = Self((1 << Right::ALL.len()) - 1);
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Whether the user may do it.
    #[inline(always)]
    pub const fn may(self, right: Right) -> bool {
        self.0 >> right as u8 & 1 != 0
    }

    /// Whether the user may do all of these.
    #[inline(always)]
    pub const fn may_all(self, rights: Self) -> bool {
        rights.0 & !self.0 == 0
    }

    /// These, and one more.
    #[must_use]
    pub const fn with(self, right: Right) -> Self {
        Self(self.0 | 1 << right as u8)
    }

    /// These, but for one.
    #[must_use]
    pub const fn without(self, right: Right) -> Self {
        Self(self.0 & !(1 << right as u8))
    }

    /// These, with one of them as said.
    #[must_use]
    pub const fn set(self, right: Right, may: bool) -> Self {
        if may { self.with(right) } else { self.without(right) }
    }

    /// These, with those asked for turned round.
    #[must_use]
    pub const fn turned(self, asked: Self) -> Self {
        Self(self.0 ^ asked.0)
    }

    /// What is missing.
    pub fn missing(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |&right| !self.may(right))
    }
}

//! The values of a fact or of an outcome, declared once: the type, and the names that the files use.

/// Lists the values of a fact or of an outcome, with their names in the files.
macro_rules! values {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $each:literal])+ $variant:ident $word:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[doc = $each])+ $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// Their names in the files.
            pub const NAMES: &'static [&'static str] = &[$($word),+];

            /// The value of that number; past the last they begin again.
            #[inline(always)]
            pub fn nth(n: u8) -> Self {
                Self::ALL[usize::from(n) % Self::ALL.len()]
            }
        }
    };
}

pub(crate) use values;

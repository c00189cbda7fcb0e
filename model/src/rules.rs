//! What the documents say, as data: tables of rules side by side.
//!
//! Each [`Table`] answers one question. Its rows stand in `model/rules/<table>/*.toml`; its question in a file of this folder.
//! [`Rules`] holds them all. A [`RuleId`] names a row of any of them.

pub mod documents;
pub mod facts;
mod ids;
mod followed;
pub mod table;
pub mod titles;
mod conflict;
mod current;
mod delegates;
mod deletion;
mod editing;
mod filter;
mod linking;
mod options;
mod judging;
mod nature;
mod prompt;
mod schedule;
mod selection;
mod tracking;
mod unlinking;

use std::sync::LazyLock;

use ids::each_table;
use table::{Rows, RuleErrors, Table};

pub use conflict::{Collision, Conflicting, Stands};
pub use current::{Current, DatedItem, DatedKind, Dates, Dating};
pub use delegates::{DelegateAct, Delegated, Delegating, OnBehalf, Role};
pub use deletion::{Decision, Deleting, Fate, Prompt, Reply, Situation, Trigger};
pub use editing::{Edited, Editing, RecordAct, RecordEdit, RecordKind};
pub use filter::{Filtered, Filtering, Viewed};
pub use followed::{FollowedRow, FollowedRows, RowSet};
pub use ids::{RuleId, TableId};
pub use judging::{Conditioning, JudgedBy, JudgedMatter};
pub use linking::{LinkAs, LinkTarget, Linking};
pub use nature::{LikenedItem, Likening, TakenFor};
pub use options::{DialogPlace, OfferedOption, Offering, OptionSet, PersonalOption};
pub use prompt::{AskedUser, Prompting, UntrackedIn, UntrackedItem};
pub use schedule::{Sending, SendingMoment, SentAtOnce};
pub use selection::{Selected, SelectedItem, Selecting, SelectionAct, Size};
pub use table::{Certainty, Reading, Rule, RuleError, Then, When};
pub(crate) use table::{switch, titles};
pub use tracking::{Candidate, ChosenKind, Trackable, Tracking};
pub use unlinking::{LinkEvent, LinkFate, LinkOutcome, Unlinking};

/// Makes a table of each row of the list.
macro_rules! tables {
    ($($(#[doc = $doc:literal])+ $field:ident: $question:ident $folder:literal [$($file:literal),+];)+) => {
        /// Every table, as far as somebody is held to it.
        #[derive(Clone, Debug)]
        pub struct Rules {
            $($(#[doc = $doc])+ pub $field: Table<$question>,)+
            pub(crate) digest: u64,
        }

        impl Rules {
            fn read() -> Result<Self, RuleErrors> {
                let mut digest = FNV_OFFSET;
                $(
                    let files = [$((
                        concat!($file, ".toml"),
                        include_str!(concat!("../rules/", $folder, "/", $file, ".toml")),
                    )),+];
                    digest = fnv1a(digest, files.iter().flat_map(|(name, text)| name.bytes().chain(text.bytes())));
                    let $field = Table::parse(&files)?;
                )+
                Ok(Self { $($field,)+ digest })
            }

            /// The rows of a table.
            pub fn table(&self, table: TableId) -> &Rows {
                match table { $(TableId::$question => self.$field.rows()),+ }
            }

            /// These tables, with the rows of each made into others.
            pub(crate) fn map(&self, digest: u64, make: impl Fn(&Rows) -> Rows) -> Self {
                Self { $($field: Table::of(make(self.$field.rows())),)+ digest }
            }
        }
    };
}

each_table!(tables);

static DOCUMENTED: LazyLock<Rules> = LazyLock::new(|| match Rules::read() {
    Ok(rules) => rules,
    Err(errors) => panic!("the embedded rules are faulty:\n{errors}"),
});

impl Rules {
    /// The tables that the documents describe.
    ///
    /// # Panics
    ///
    /// Panics if the embedded files are faulty, which a test rules out.
    pub fn documented() -> &'static Self {
        &DOCUMENTED
    }

    /// The rows of every table.
    pub fn tables(&self) -> impl Iterator<Item = &Rows> {
        TableId::ALL.into_iter().map(|table| self.table(table))
    }

    /// The rows of every table with their ids, table by table.
    pub fn ids(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.tables().flat_map(Rows::ids)
    }

    /// The text of a row, whichever way its id was found.
    pub fn rule(&self, id: RuleId) -> &Rule {
        self.table(id.table).rule(id)
    }

    /// The row of that id, in whichever table.
    pub fn named(&self, id: &str) -> Option<RuleId> {
        self.tables().find_map(|table| table.named(id))
    }

    /// The tables with one row edited, for implementations with something wrong. Where rows overlap afterwards the first
    /// in the order of the table decides; where none is left, what its form says.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row, or if the edit leaves out what a row must say.
    #[must_use]
    pub fn with_row(&self, id: &str, edit: impl FnOnce(&mut Rule)) -> Self {
        let Some(at) = self.named(id) else { panic!("no table has a row `{id}`") };
        let edited = self.table(at.table).edited(at, edit);
        let digest = fnv1a(self.digest, format!("{:?}", edited.rule(at)).bytes());
        self.map(digest, |rows| if rows.table() == at.table { edited.clone() } else { rows.clone() })
    }

    /// A digest of the tables, as sixteen hexadecimal digits: the same texts, the same digest, on every machine.
    pub fn version(&self) -> String {
        format!("{:016x}", self.digest)
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// The 64-bit digest FNV-1a.
pub(crate) fn fnv1a(start: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(start, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

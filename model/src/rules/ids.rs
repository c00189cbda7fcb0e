//! The list of the tables, and the ids of their rows.

/// Lists the tables: the field of each, its question, and the files of its rows in their order.
macro_rules! each_table {
    ($make:ident) => {
        $make! {
            /// What becomes of a pair of which one side is deleted, untracked, or leaves the filter: `D01` to `D43`.
            deletion: Deleting "deletion" ["email", "contact", "appointment", "task", "recurring", "service-activity", "general"];
            /// Which items, and how many, one step may name: `S01` to `S06`.
            selection: Selecting "selection" ["selection"];
            /// What can be tracked: `T01` to `T12`.
            tracking: Tracking "tracking" ["tracking"];
            /// What can be edited and deleted in CRM: `E01` to `E11`.
            editing: Editing "editing" ["editing"];
            /// What becomes of what a delegate does: `G01` to `G03`.
            delegates: Delegating "delegates" ["delegates"];
            /// What of the CRM is in whose Outlook: `V01` to `V10`.
            filter: Filtering "filter" ["filter"];
            /// Which side stands where both have changed: `C01` to `C05`.
            conflict: Conflicting "conflict" ["conflict"];
            /// When what waits in a mailbox is sent: `W01` and `W02`.
            schedule: Sending "schedule" ["schedule"];
            /// To what an item may be linked: `L01` and `L02`.
            linking: Linking "linking" ["linking"];
            /// Which personal options are offered: `P01` to `P14`.
            options: Offering "options" ["options"];
            /// What becomes of the link of a pair: `U01` to `U04`.
            unlinking: Unlinking "unlinking" ["unlinking"];
            /// What an item is taken for that resembles another: `N01` and `N02`.
            nature: Likening "nature" ["nature"];
            /// By what a condition is judged: `J01` and `J02`.
            judging: Conditioning "judging" ["judging"];
            /// Whether an item is current: `H01` to `H09`.
            current: Dating "current" ["current"];
            /// Whether whoever untracks is asked: `Q01` to `Q06`.
            prompt: Prompting "prompt" ["prompt"];
        }
    };
}
pub(super) use each_table;

/// Makes an id of each row of the list.
macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $field:ident: $question:ident $folder:literal [$($file:literal),+];)+) => {
        /// A table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum TableId { $($(#[doc = $doc])+ $question),+ }

        impl TableId {
            /// Every table, in the order in which they are listed.
            pub const ALL: [Self; [$(Self::$question),+].len()] = [$(Self::$question),+];
        }
    };
}

each_table!(ids);

/// A row of a table, or past the last of them what one restrained by another decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId {
    /// The table.
    pub table: TableId,
    /// The number of the row.
    pub row: u8,
}

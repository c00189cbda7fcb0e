//! The titles of the five documents that the table was made from, by which rows, checks and operations cite them;
//! [`Document`](crate::rules::documents::Document) says what each of them says.

/// About what becomes of tracked items that are deleted.
pub const DELETING: &str = "Deleting records tracked with Dynamics 365 for Outlook";
/// About how tracking works.
pub const TRACKING: &str = "Tracking Records in Outlook";
/// About what is saved to CRM.
pub const SAVING: &str = "Save an Outlook appointment or task as a CRM activity";
/// About what a user can set.
pub const OPTIONS: &str = "Set personal options that affect tracking and synchronization";
/// Questions and answers.
pub const QUESTIONS: &str = "Frequently asked questions about synchronizing records";

/// All of them.
pub const DOCUMENTS: [&str; 5] = [DELETING, TRACKING, SAVING, OPTIONS, QUESTIONS];

//! The executable specification of tracking between Outlook and a CRM.
//!
//! Read in this order: a plan is data; the switches are what the documents leave open, the rules what they say; the
//! world changes by the reference; the oracle judges what an implementation shows. Nothing here does I/O, reads a clock,
//! draws randomness or starts a thread.

pub mod ids;
pub mod time;
pub mod plan;
mod fields;
pub mod view;
pub mod implementation;
pub mod switches;
pub mod decide;
pub mod rules;
pub mod titles;
pub mod documents;
pub mod facts;
pub mod profiles;
pub mod world;
pub mod judgement;
pub mod reference;
pub mod verdict;
pub mod oracle;
pub mod trace;
pub mod harmless;
pub mod reset;
pub mod words;
pub mod telling;

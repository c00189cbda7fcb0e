//! The value: what a report is, as plain data without any form.

pub mod baseline;
pub mod build;
pub(crate) mod command;
pub(crate) mod decided;
pub mod demands;
pub mod evidence;
pub mod exit;
pub(crate) mod failure;
pub mod hold;
pub(crate) mod moments;
pub mod narrower;
pub mod pattern;
pub mod report;
pub(crate) mod reproduced;
pub mod results;
pub mod scope;
pub(crate) mod tables;
pub mod timings;

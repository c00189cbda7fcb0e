//! Readings: what the documents leave open, and who decides it.
//!
//! A question that the documents do not answer, or not alike, is a [switch](switches); each of its answers is a reading of the
//! documents. A [profile](profiles) names the documents that somebody is held to, and closes what they say. Whoever runs the
//! transition functions [decides](decide) what stays open: a profile, one answer each, or the oracle, every answer in turn.

pub mod decide;
pub mod profiles;
pub mod switches;

//! The search: chooses, generates, runs, explores and shrinks plans.
//!
//! It knows the model only: no scenario, no report, no program. Whatever implements
//! [`tombstone_model::implementation::Implementation`] can be searched.

pub mod choose;
pub mod covering;
pub mod explore;
pub mod generate;
pub mod minimal;
pub mod run;
pub mod shrink;
pub mod situations;

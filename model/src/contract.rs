//! The contract with an implementation under test: what it is [asked, answers and claims](implementation), and what it owes
//! [after a reset](reset), before anything is judged.

pub mod implementation;
pub mod reset;

//! Faults that real products have: each a few lines over the engines, with where it was reported.
//!
//! They say what products do wrong, and were written down before the search was made to find them. A file a kind.

mod row;
mod calendar;
mod age;
mod volume;
mod number;
mod fields;
mod kinds;
mod conflict;
mod crash;
mod delegates;
mod computers;
mod offline;
mod identity;
mod prompts;
mod privileges;

pub use row::Product;

/// The kinds of faults, with the faults of each.
pub fn kinds() -> [(&'static str, &'static [Product]); 14] {
    [
        ("calendar", calendar::FAULTS),
        ("age", age::FAULTS),
        ("volume", volume::FAULTS),
        ("number", number::FAULTS),
        ("fields", fields::FAULTS),
        ("kinds", kinds::FAULTS),
        ("conflict", conflict::FAULTS),
        ("crash", crash::FAULTS),
        ("delegates", delegates::FAULTS),
        ("computers", computers::FAULTS),
        ("offline", offline::FAULTS),
        ("identity", identity::FAULTS),
        ("prompts", prompts::FAULTS),
        ("privileges", privileges::FAULTS),
    ]
}

/// Every fault.
pub fn all() -> impl Iterator<Item = &'static Product> {
    kinds().into_iter().flat_map(|(_, faults)| faults)
}

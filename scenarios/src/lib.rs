//! The scenario language of Tombstone: TOML files that describe a starting world, the steps taken in it, and what must
//! hold after them.
//!
//! A [`Scenario`] is parsed ([`Scenario::parse`]), written ([`write()`]), formatted ([`format()`]) and described by a JSON
//! Schema ([`schema`]); the suite that ships with the harness is embedded ([`suite`]). Nothing here runs or judges.
//!
//! The language is data: `grammar` holds every table, key and type once, and the parser's checks and the schema are
//! both read from it, so that the two cannot drift apart.

mod check;
mod diagnostics;
mod format;
mod grammar;
mod ids;
mod lower;
mod node;
mod scenario;
mod schema;
mod steps;
mod suite;
mod template;
mod times;
mod write;

pub use diagnostics::{Diagnostic, Diagnostics};
pub use format::format;
pub use scenario::{Expectation, Expected, Origin, Scenario};
pub use schema::schema;
pub use suite::suite;
pub use template::template;
pub use write::{canonical, write};

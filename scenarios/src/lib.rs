//! The scenario language of Tombstone: TOML files that describe a starting world, the steps taken in it, and what must hold
//! after them.
//!
//! ```text
//!    TOML ──node──▶ grid ──expand──▶ grammar, check ──lower──▶ Scenario { Plan, Expectations }
//!                   (axes)  (a file for each case)                │
//!    TOML ◀──────────────────────── write ────────────────────────┘
//! ```
//!
//! What lives here: a [`Scenario`] is parsed ([`Scenario::cases`] reads all of a file, [`Scenario::parse`] the one it holds), written ([`write()`]), formatted ([`format()`]) and described
//! by a JSON Schema ([`schema`]); the suite that ships with the harness is embedded ([`suite`]). The language is data: `grammar` holds every table, key and type once, the parser's checks and the
//! schema are both read from it, and operations and fields come from their rows in the model.
//!
//! What is absent: running, judging, reports.
//!
//! ```
//! use tombstone_scenarios::{Scenario, write};
//!
//! let text = r#"
//! title = "A contact keeps its title"
//! [users.anna]
//! [computers.desktop]
//! user = "anna"
//! [items.carla]
//! kind = "contact"
//! [[step]]
//! edit = { item = "carla", title = true, in = "outlook" }
//! [[step]]
//! expect = { item = "carla", in = { anna = { title = 1 } } }
//! "#;
//! let scenario = Scenario::parse("titles.toml", text).expect("it is a scenario");
//! assert_eq!((scenario.plan.steps.len(), scenario.expectations.len()), (1, 1));
//!
//! // What is written says the same again, and what is wrong is named with its place.
//! let again = Scenario::parse("titles.toml", &write(&scenario)).expect("what is written can be read");
//! assert_eq!(again.plan, scenario.plan);
//! let wrong = Scenario::parse("titles.toml", &text.replace("title = true", "titel = true")).unwrap_err();
//! assert!(wrong.render(false).contains("titel"));
//! ```

mod cells;
mod check;
mod diagnostics;
mod expand;
mod format;
mod grammar;
mod grid;
mod ids;
mod lower;
mod node;
mod parse;
mod scenario;
mod schema;
mod several;
mod steps;
mod suite;
mod supply;
mod template;
mod times;
mod write;

pub use diagnostics::{CaseErrors, Diagnostic, Diagnostics};
pub use format::format;
pub use scenario::{Demand, Expectation, Origin, Scenario, ScenarioPlace};
pub use schema::schema;
pub use suite::{scenarios, suite};
pub use template::template;
pub use write::{canonical, write};

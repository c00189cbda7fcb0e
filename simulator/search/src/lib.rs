//! The search: chooses, generates, runs, explores and shrinks plans.
//!
//! ```text
//!    seed │ every choice │ bytes ──choose──▶ generate ──▶ Plan ──▶ run ──▶ Run { Verdict }
//!         covering arrays ──▶ situations ─────┘            ▲                │
//!         explore: every reachable state ──▶ tour ─────────┘    shrink ◀────┘
//! ```
//!
//! What lives here: [`choose`] is where choices come from, [`generate`] draws plans with them, [`situations`] makes those of a
//! covering array ([`covering`]), [`explore`] goes through every state within bounds, [`run`] runs a plan on an implementation
//! under the oracle's eyes, [`shrink`] makes a failing plan small.
//!
//! What is absent: scenarios, reports, programs. It knows the model only: whatever implements
//! [`Implementation`](tombstone_model::contract::implementation::Implementation) can be searched.
//!
//! ```
//! use std::sync::Arc;
//!
//! use tombstone_model::plan::{Names, Plan};
//! use tombstone_model::readings::profiles::Profile;
//! use tombstone_model::reference::Reference;
//! use tombstone_model::rules::Rules;
//! use tombstone_model::verdict::RunVerdict;
//! use tombstone_search::choose::Seeded;
//! use tombstone_search::generate::{self, Mix, Strategy};
//! use tombstone_search::run::{self, Terms};
//!
//! // The same seed gives the same plan, on any machine.
//! let mut choose = Seeded::new(7);
//! let mix = Mix::draw(&mut choose, Strategy::of(0));
//! let setup = generate::setup(&mut choose, &mix);
//! let mut steps = Vec::new();
//! generate::steps(&mut choose, &mix, &setup, &mut steps);
//! let plan = Plan { names: Names::invented(&setup), setup, steps };
//!
//! // The reference conforms to itself.
//! let readings = Profile::standard().readings();
//! let rules = Rules::documented();
//! let mut reference = Reference::new("reference", Arc::new(rules.clone()), readings);
//! let terms = Terms { rules, readings, skip_unsupported: true };
//! assert_eq!(run::run(terms, &plan, &mut reference).verdict, RunVerdict::Conforms);
//! ```

pub mod choose;
pub mod covering;
pub mod explore;
pub mod generate;
pub mod minimal;
pub mod run;
pub mod shrink;
pub mod situations;

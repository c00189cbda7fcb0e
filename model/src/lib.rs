//! The executable specification of tracking between Outlook and a CRM.
//!
//! ```text
//!    Plan ──▶ reference ──▶ World ──▶ View        one future: every open question closed by a profile
//!              ▲  ▲
//!        Rules ┘  └ Switches                      what the documents say, and what they leave open
//!              ▼
//!    Step ──▶ Oracle ◀── Answer, View             every future at once: the reference, forked over what is open
//!                └──▶ Judgement, Divergence ──▶ words
//! ```
//!
//! What lives here, in the order in which to read it: a [`plan`] is data, its operations and kinds are rows; what can be seen
//! of a world are [`view`]s, their fields are rows too; [`rules`] are what the documents say, [`readings`] what they leave open
//! and who decides it; the [`world`] changes by the [`mod@reference`]; an implementation under test keeps a [`contract`], and
//! the [`oracle`] judges what it shows, by checks that are a file each; [`words`] and [`telling`] say it to people.
//!
//! What is absent: files, clocks, randomness, threads, hash order, and every other crate of the workspace.
//!
//! ```
//! use std::sync::Arc;
//!
//! use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
//! use tombstone_model::contract::implementation::{Answer, Implementation};
//! use tombstone_model::oracle::{Forecast, Judgement, Oracle};
//! use tombstone_model::plan::{Rights, ItemSetup, Kind, Op, Place, Setup, Side, Step};
//! # use tombstone_model::plan::{Change, ComputerSetup, Method, Names, Plan, UserSetup};
//! # use tombstone_model::time::{Schedules, Zone};
//! use tombstone_model::readings::profiles::Profile;
//! use tombstone_model::reference::Reference;
//! use tombstone_model::rules::Rules;
//! use tombstone_model::verdict::Check;
//! use tombstone_model::view::{Location, View};
//!
//! // One user with a computer, and a contact that is tracked.
//! let me = UserId(0);
//! let contact = ItemSetup {
//!     copies: UserSet::of(me),
//!     tracked: UserSet::of(me),
//!     in_crm: true,
//!     ..ItemSetup::new(Kind::Contact, me)
//! };
//! # let user = UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL };
//! # let setup = Setup {
//! #     zone: Zone::utc(Default::default()),
//! #     users: vec![user],
//! #     computers: vec![ComputerSetup { user: me, synchronizing: true }],
//! #     items: vec![contact],
//! #     bystanders: 0,
//! #     schedules: Schedules::of([]),
//! # };
//! # let plan = Plan { names: Names::invented(&setup), setup, steps: Vec::new() };
//! # let setup = &plan.setup;
//! let profile = Profile::standard();
//! let rules = Rules::documented();
//! let mut reference = Reference::new("reference", Arc::new(rules.clone()), profile.readings());
//! let mut oracle = Oracle::new(rules, setup, profile.readings(), &reference.describe().capabilities);
//! # reference.reset(&plan).unwrap();
//! let mut view = View::new(setup);
//!
//! // The contact gets another title. The reference does it, and the oracle finds nothing wrong with that.
//! let at = Place::Computer(ComputerId(0));
//! let edit = Op::Edit { item: ItemId(0), side: Side::Outlook(me), change: Change::Title(1) };
//! let step = Step { by: me, at, op: edit };
//! assert_eq!(oracle.forecast(&step), Forecast::Possible);
//! let answer = reference.apply(&step);
//! reference.observe(&mut view).unwrap();
//! assert_eq!(oracle.judge(&answer, &view), Judgement::Explained);
//!
//! // It is synchronized, and an implementation that loses the title on the way is found out.
//! let step = Step { by: me, at, op: Op::Synchronize { crash: None } };
//! oracle.forecast(&step);
//! let answer = reference.apply(&step);
//! reference.observe(&mut view).unwrap();
//! let record = view.get(ItemId(0), Location::Crm);
//! assert_eq!(record.title(), 1);
//! view.set(ItemId(0), Location::Crm, record.with_title(0));
//! let Judgement::Diverges(divergence) = oracle.judge(&answer, &view) else { panic!("it is not explained") };
//! assert_eq!(divergence.check, Check::Carried);
//! ```

pub mod ids;
pub mod time;
pub mod plan;
mod fields;
pub mod view;
pub mod contract;
pub mod readings;
pub mod rules;
pub mod world;
pub mod reference;
pub mod verdict;
pub mod oracle;
pub mod trace;
pub mod harmless;
pub mod pattern;
pub mod words;
pub mod telling;

//! The reference against a second model, written from the documents alone, with the types that come to mind first.
//!
//! It knows one user with one connected computer who owns and organizes everything: a contact, an open task and an
//! appointment that lies ahead; edits, deletions, tracking and untracking, and synchronization. Of the documents it follows
//! "Deleting records tracked with Dynamics 365 for Outlook", read as the profile `documented-2016` reads it. Delegates,
//! several computers, offline work, crashes, dates and the other kinds are not in it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tombstone_model::contract::implementation::{Answer, Implementation};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Rights, Setup, Side, Step,
    UserSetup,
};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_model::view::{Location, Word};

const USER: UserId = UserId(0);
const KINDS: [Kind; 3] = [Kind::Contact, Kind::Task, Kind::Appointment];

/// What the user or a colleague does.
#[derive(Clone, Debug)]
enum Doing {
    EditInOutlook(usize, u8),
    EditInCrm(usize, u8),
    DeleteInOutlook(usize),
    DeleteInCrm(usize),
    Track(usize),
    Untrack(usize, Reply),
    Synchronize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Yes,
    No,
}

/// How a copy is related to the record.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tracking {
    /// Not at all.
    Untracked,
    /// Both agreed on this title last.
    Tracked { agreed: String },
    /// The user stopped it, and said what should become of the record.
    Stopping(Reply),
}

#[derive(Clone, Debug)]
struct Pair {
    kind: Kind,
    /// The title of the copy in Outlook, if it is there.
    outlook: Option<String>,
    /// The title of the record, if it is there.
    crm: Option<String>,
    tracking: Tracking,
    /// Whether the copy was deleted while it was tracked, which the synchronization has yet to carry.
    deletion_waits: bool,
}

/// The world, as one would put it down first.
#[derive(Clone, Debug)]
struct Naive {
    pairs: Vec<Pair>,
}

impl Pair {
    /// Both sides of a tracked pair are made to agree, as far as the documents let them.
    fn synchronize(&mut self) {
        match self.tracking.clone() {
            Tracking::Untracked => {}
            Tracking::Stopping(reply) => {
                // Yes deletes the record; No keeps it. The copy stays in either case.
                if reply == Reply::Yes {
                    self.crm = None;
                }
                self.tracking = Tracking::Untracked;
            }
            Tracking::Tracked { agreed } => {
                if self.deletion_waits {
                    // A contact deleted in Outlook stays in CRM; what else is deleted there goes from CRM.
                    if self.kind != Kind::Contact {
                        self.crm = None;
                    }
                    self.tracking = Tracking::Untracked;
                    self.deletion_waits = false;
                } else if self.crm.is_none() {
                    // A contact deleted in CRM stays with its owner; what else is deleted there goes from Outlook.
                    if self.kind != Kind::Contact {
                        self.outlook = None;
                    }
                    self.tracking = Tracking::Untracked;
                } else {
                    // What was changed in Outlook is sent first, and overwrites without looking at dates.
                    let title =
                        if self.outlook.as_ref() == Some(&agreed) { self.crm.clone() } else { self.outlook.clone() };
                    (self.outlook, self.crm) = (title.clone(), title.clone());
                    self.tracking = Tracking::Tracked { agreed: title.unwrap_or_default() };
                }
            }
        }
    }

    fn is_possible(&self, doing: &Doing) -> bool {
        match doing {
            Doing::EditInOutlook(..) | Doing::DeleteInOutlook(_) => self.outlook.is_some(),
            Doing::EditInCrm(..) | Doing::DeleteInCrm(_) => self.crm.is_some(),
            Doing::Track(_) => self.outlook.is_some() && self.tracking == Tracking::Untracked,
            Doing::Untrack(..) => self.outlook.is_some() && matches!(self.tracking, Tracking::Tracked { .. }),
            Doing::Synchronize => true,
        }
    }
}

fn title(token: u8) -> String {
    format!("title {token}")
}

impl Doing {
    fn pair(&self) -> Option<usize> {
        match *self {
            Self::EditInOutlook(pair, _)
            | Self::EditInCrm(pair, _)
            | Self::DeleteInOutlook(pair)
            | Self::DeleteInCrm(pair)
            | Self::Track(pair)
            | Self::Untrack(pair, _) => Some(pair),
            Self::Synchronize => None,
        }
    }
}

impl ReferenceStateMachine for Naive {
    type State = Self;
    type Transition = Doing;

    fn init_state() -> BoxedStrategy<Self> {
        let tracked = |kind| Pair {
            kind,
            outlook: Some(title(0)),
            crm: Some(title(0)),
            tracking: Tracking::Tracked { agreed: title(0) },
            deletion_waits: false,
        };
        Just(Self { pairs: KINDS.map(tracked).to_vec() }).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Doing> {
        let pair = || 0..KINDS.len();
        prop_oneof![
            (pair(), 1..=9_u8).prop_map(|(pair, token)| Doing::EditInOutlook(pair, token)),
            (pair(), 1..=9_u8).prop_map(|(pair, token)| Doing::EditInCrm(pair, token)),
            pair().prop_map(Doing::DeleteInOutlook),
            pair().prop_map(Doing::DeleteInCrm),
            pair().prop_map(Doing::Track),
            (pair(), prop_oneof![Just(Reply::Yes), Just(Reply::No)])
                .prop_map(|(pair, reply)| Doing::Untrack(pair, reply)),
            Just(Doing::Synchronize),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, doing: &Doing) -> bool {
        doing.pair().is_none_or(|pair| state.pairs[pair].is_possible(doing))
    }

    fn apply(mut state: Self, doing: &Doing) -> Self {
        match *doing {
            Doing::EditInOutlook(pair, token) => state.pairs[pair].outlook = Some(title(token)),
            Doing::EditInCrm(pair, token) => state.pairs[pair].crm = Some(title(token)),
            Doing::DeleteInOutlook(pair) => {
                let pair = &mut state.pairs[pair];
                pair.outlook = None;
                pair.deletion_waits = matches!(pair.tracking, Tracking::Tracked { .. });
            }
            Doing::DeleteInCrm(pair) => state.pairs[pair].crm = None,
            Doing::Track(pair) => {
                // At a connected computer the record is there at once, with what the copy says.
                let pair = &mut state.pairs[pair];
                pair.crm = pair.outlook.clone();
                pair.tracking = Tracking::Tracked { agreed: pair.outlook.clone().unwrap_or_default() };
            }
            Doing::Untrack(pair, reply) => state.pairs[pair].tracking = Tracking::Stopping(reply),
            Doing::Synchronize => state.pairs.iter_mut().for_each(Pair::synchronize),
        }
        state
    }
}

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    const DAY: i32 = 86_400;
    let ahead = Schedule { start: DAY, end: DAY + 3600, every: 0, count: 1 };
    let everywhere = UserSet::of(USER);
    let item = |kind: Kind| ItemSetup {
        copies: everywhere,
        tracked: everywhere,
        required: if kind.is_calendar() { everywhere } else { UserSet::EMPTY },
        in_crm: true,
        when: u8::from(kind.is_calendar()),
        ..ItemSetup::new(kind, USER)
    };
    let setup = Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users: vec![UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL }],
        computers: vec![ComputerSetup { user: USER, synchronizing: true }],
        items: KINDS.map(item).to_vec(),
        bystanders: 0,
        schedules: Schedules::of([ahead]),
    };
    Plan { setup, steps: Vec::new(), names: Names::default() }
});

/// The test of the one against the other.
struct Against;

impl StateMachineTest for Against {
    type SystemUnderTest = Reference;
    type Reference = Naive;

    fn init_test(_: &Naive) -> Reference {
        let profile = Profile::named("documented-2016").expect("the profile exists");
        let mut reference = Reference::new("reference", Arc::new(Rules::documented().clone()), profile.readings());
        reference.reset(&PLAN).expect("the reference starts in any world");
        reference
    }

    fn apply(mut reference: Reference, _: &Naive, doing: Doing) -> Reference {
        let id = |pair: usize| ItemId(pair as u8);
        let set = |pair| ItemSet::of(id(pair));
        let outlook = Side::Outlook(USER);
        let (change, how) = (|token| Change::Title(token), Deletion::Hard);
        let op = match doing {
            Doing::EditInOutlook(pair, token) => Op::Edit { item: id(pair), side: outlook, change: change(token) },
            Doing::EditInCrm(pair, token) => Op::Edit { item: id(pair), side: Side::Crm, change: change(token) },
            Doing::DeleteInOutlook(pair) => Op::Delete { item: id(pair), side: outlook, how },
            Doing::DeleteInCrm(pair) => Op::Delete { item: id(pair), side: Side::Crm, how },
            Doing::Track(pair) => Op::Track { items: set(pair), mailbox: USER, record: None },
            Doing::Untrack(pair, reply) => Op::Untrack { items: set(pair), mailbox: USER, yes: reply == Reply::Yes },
            Doing::Synchronize => Op::Synchronize { crash: None },
        };
        let answer = reference.apply(&Step { by: USER, at: Place::Computer(ComputerId(0)), op });
        // The user is asked on untracking, and at no other time.
        assert_eq!(answer, Answer::Done { prompted: matches!(doing, Doing::Untrack(..)) }, "{doing:?}");
        reference
    }

    fn check_invariants(reference: &Reference, naive: &Naive) {
        let titles: BTreeMap<u8, String> = (0..=9).map(|token| (token, title(token))).collect();
        let shown = |word: Word| word.is_present().then(|| titles[&word.title()].clone());
        for (pair, id) in naive.pairs.iter().zip((0..).map(ItemId)) {
            let (crm, outlook) =
                (reference.world.seen(id, Location::Crm), reference.world.seen(id, Location::Mailbox(USER)));
            assert_eq!(shown(crm), pair.crm, "the record of the {}", pair.kind.name());
            assert_eq!(shown(outlook), pair.outlook, "the copy of the {}", pair.kind.name());
            let tracked = pair.outlook.is_some() && matches!(pair.tracking, Tracking::Tracked { .. });
            assert_eq!(outlook.is_tracked(), tracked, "whether the {} is tracked", pair.kind.name());
        }
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reference_does_what_the_naive_model_does(sequential 1..40 => Against);
}

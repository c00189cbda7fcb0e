//! Laws of the harness itself.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use quickcheck::quickcheck;
use tombstone_campaign::campaign::{self, CampaignPlan, PlansFrom, Tally};
use tombstone_model::contract::implementation::{
    Answer, Capabilities, Description, Implementation, ImplementationFailure,
};
use tombstone_model::ids::{ComputerId, ItemId, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, ItemSetup, Kind, Method, Names, Op, Place, Plan, Rights, Setup, Side, Step, UserSetup,
};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::{Reference, StepOutcome};
use tombstone_model::rules::Rules;
use tombstone_model::time::{Schedules, Zone};
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::{Location, View, Word};
use tombstone_scenarios::{Scenario, canonical, write};
use tombstone_search::minimal::{Minimal, minimal};
use tombstone_search::run::{Terms, run};
use tombstone_search::shrink::{BUDGET, SLOW_BUDGET};

static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::documented().clone()));

fn profile() -> Profile {
    Profile::named("documented-2016").expect("the profile exists").clone()
}

/// The reference, but for a CRM that shows nothing under every second title: wrong often enough to fill every tally.
/// It counts how often it was started.
struct Forgetful(Reference, usize);

impl Forgetful {
    fn new() -> Self {
        Self(Reference::new("forgetful", Arc::clone(&RULES), profile().readings()), 0)
    }
}

impl Implementation for Forgetful {
    fn describe(&self) -> &Description {
        self.0.describe()
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.1 += 1;
        self.0.reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.0.apply(step)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.0.observe(view)?;
        for id in (0..self.0.world.items.len() as u8).map(ItemId) {
            let word = view.get(id, Location::Crm);
            if word.title() % 2 == 1 {
                view.set(id, Location::Crm, Word::ABSENT);
            }
        }
        Ok(())
    }
}

/// The tally of a few plans, of which some diverge.
fn tally(seed: u8, from: u8) -> Tally {
    let source = PlansFrom::Random(u64::from(seed));
    let campaign =
        CampaignPlan { rules: Arc::clone(&RULES), profile: profile(), source, plans: 300, doublecheck: false };
    campaign::part(&campaign, &mut Forgetful::new(), u64::from(from)..u64::from(from) + 8)
}

fn draw(seed: u64, index: u64) -> Plan {
    campaign::draw(seed, index, &Capabilities::ALL).0
}

/// Why a plan does not survive being written and read, if it does not.
fn lost(plan: &Plan) -> Option<String> {
    let written = write(&Scenario::new("drawn", "drawn", plan.clone()));
    match Scenario::parse("drawn.toml", &written) {
        Ok(read) if read.plan == canonical(plan) => None,
        Ok(_) => Some("something else is read".to_owned()),
        Err(errors) => Some(errors.render(false)),
    }
}

#[test]
fn what_is_drawn_can_be_said() {
    let mut reasons: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for index in 0..600 {
        if let Some(why) = lost(&draw(11, index)) {
            for line in why.lines().filter(|line| line.starts_with("error") || !why.starts_with("error")) {
                reasons.entry(line.to_owned()).or_insert((0, index)).0 += 1;
            }
        }
    }
    assert_eq!(reasons, BTreeMap::new());
}

/// Whatever fails, what it shrinks to can be said, and still fails by the same signature.
#[test]
fn what_is_shrunk_can_be_said() {
    let profile = profile();
    let terms = Terms { rules: &RULES, readings: profile.readings(), skip_unsupported: true };
    let signature = |plan: &Plan| match run(terms, plan, &mut Forgetful::new()).verdict {
        RunVerdict::Diverges(divergence) => Some(divergence.signature()),
        RunVerdict::Conforms | RunVerdict::Unsupported(_) | RunVerdict::Broken(_) | RunVerdict::Undecided(_) => None,
    };
    let mut failed = 0;
    for plan in (0..400).map(|index| draw(5, index)) {
        let Some(first) = signature(&plan) else { continue };
        let shrunk =
            campaign::shrunk(terms, &plan, &mut Forgetful::new(), BUDGET).expect("what fails can be shrunk").plan;
        assert_eq!(lost(&shrunk), None);
        assert!(shrunk.steps.len() <= plan.steps.len());
        assert_eq!(signature(&shrunk), Some(first));
        failed += 1;
    }
    assert!(failed > 20, "only {failed} plans fail: too few to show anything");
}

/// Shrinking starts an implementation no more often than its budget says; what a slow one is allowed suffices nearly
/// always for the same length.
#[test]
fn shrinking_keeps_to_its_budgets() {
    let terms = Terms { rules: &RULES, readings: profile().readings(), skip_unsupported: true };
    let (mut failed, mut longer, mut most) = (0, 0, [0, 0]);
    for plan in (0..400).map(|index| draw(5, index)) {
        let mut lengths = [0, 0];
        for (n, budget) in [BUDGET, SLOW_BUDGET].into_iter().enumerate() {
            let mut implementation = Forgetful::new();
            let Some(shrunk) = campaign::shrunk(terms, &plan, &mut implementation, budget) else { continue };
            assert!(implementation.1 <= budget, "{} executions of {budget}", implementation.1);
            lengths[n] = shrunk.plan.steps.len();
            most[n] = implementation.1.max(most[n]);
        }
        failed += usize::from(lengths[0] > 0);
        longer += usize::from(lengths[1] > lengths[0]);
    }
    assert!(failed > 20, "only {failed} plans fail: too few to show anything");
    assert!(longer * 10 <= failed, "{longer} of {failed} are longer within {SLOW_BUDGET}, at most {most:?} executions");
}

/// A proof that a plan is minimal is right: no plan with a step less fails by the signature; and what is found to be
/// shorter does fail by it.
#[test]
fn what_is_proved_minimal_is() {
    let profile = profile();
    let terms = Terms { rules: &RULES, readings: profile.readings(), skip_unsupported: true };
    let signature = |plan: &Plan| match run(terms, plan, &mut Forgetful::new()).verdict {
        RunVerdict::Diverges(divergence) => Some(divergence.signature()),
        RunVerdict::Conforms | RunVerdict::Unsupported(_) | RunVerdict::Broken(_) | RunVerdict::Undecided(_) => None,
    };
    let (mut proved, mut shorter) = (0, 0);
    for plan in (0..400).map(|index| draw(5, index)) {
        let Some(first) = signature(&plan) else { continue };
        // Barely shrunk, so that there is something to find.
        let small = campaign::shrunk(terms, &plan, &mut Forgetful::new(), 12).expect("what fails can be shrunk").plan;
        match minimal(terms, &small, first, &mut Forgetful::new(), 3_000) {
            Minimal::Proved => {
                proved += 1;
                for gone in 0..small.steps.len() {
                    let mut less = small.clone();
                    less.steps.remove(gone);
                    assert_ne!(signature(&less), Some(first));
                }
            }
            Minimal::Shorter(found) => {
                shorter += 1;
                assert!(found.steps.len() < small.steps.len());
                assert_eq!(signature(&found), Some(first));
                assert_eq!(minimal(terms, &found, first, &mut Forgetful::new(), 3_000), Minimal::Proved);
            }
            Minimal::Open => {}
        }
    }
    assert!(proved > 5 && shorter > 5, "{proved} proved, {shorter} with a shorter one");
}

/// The reference, but for a CRM that shows nothing of what looks like this, in the mailbox of the first user and in CRM.
/// It keeps every plan that it was started with.
struct Touchy(Reference, fn(Word, Word) -> bool, Vec<Plan>);

impl Touchy {
    fn new(touches: fn(Word, Word) -> bool) -> Self {
        Self(Reference::new("touchy", Arc::clone(&RULES), profile().readings()), touches, Vec::new())
    }
}

impl Implementation for Touchy {
    fn describe(&self) -> &Description {
        self.0.describe()
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.2.push(plan.clone());
        self.0.reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.0.apply(step)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.0.observe(view)?;
        for id in (0..self.0.world.items.len() as u8).map(ItemId) {
            let (copy, record) = (view.get(id, Location::Mailbox(UserId(0))), view.get(id, Location::Crm));
            if self.1(copy, record) {
                view.set(id, Location::Crm, Word::ABSENT);
            }
        }
        Ok(())
    }
}

/// Every plan that is shorter is tried: with what no exploration does (to refer to something, say), with what the plan
/// itself does, and after everything that is possible.
#[test]
fn a_proof_tries_every_step() {
    let anna = UserId(0);
    let user = UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL };
    let hers = UserSet::of(anna);
    let contact = ItemSetup { copies: hers, tracked: hers, in_crm: true, ..ItemSetup::new(Kind::Contact, anna) };
    let setup = Setup {
        zone: Zone::utc(chrono::DateTime::default()),
        users: vec![user],
        computers: vec![ComputerSetup { user: anna, synchronizing: true }],
        items: vec![contact, ItemSetup { in_crm: true, ..ItemSetup::new(Kind::Account, anna) }],
        bystanders: 0,
        schedules: Schedules::default(),
    };
    let (item, to, side) = (ItemId(0), ItemId(1), Side::Outlook(anna));
    let at = |op| Step { by: anna, at: Place::Computer(ComputerId(0)), op };
    let title = |token| at(Op::Edit { item, side, change: Change::Title(token) });
    let refer = |side| at(Op::SetParent { item, to, side });
    let profile = profile();
    let terms = Terms { rules: &RULES, readings: profile.readings(), skip_unsupported: true };
    type Case = (fn(Word, Word) -> bool, Vec<Step>, Option<Vec<Step>>);
    let cases: [Case; 3] = [
        (|copy, _| copy.title() == 2 || copy.parent_bits() != 0, vec![title(1), title(2)], Some(vec![refer(side)])),
        (|_, record| record.parent_bits() != 0, vec![title(1), refer(Side::Crm)], Some(vec![refer(Side::Crm)])),
        (|copy, _| copy.title() == 3, vec![title(1), title(2), title(3)], None),
    ];
    for (touches, steps, shorter) in cases {
        let plan = Plan { names: Names::invented(&setup), setup: setup.clone(), steps };
        let mut touchy = Touchy::new(touches);
        let RunVerdict::Diverges(first) = run(terms, &plan, &mut touchy).verdict else { panic!("it does not fail") };
        touchy.2.clear();
        match (minimal(terms, &plan, first.signature(), &mut touchy, 3_000), shorter) {
            (Minimal::Shorter(found), Some(shorter)) => assert_eq!(found.steps, shorter),
            (Minimal::Proved, None) => {}
            (found, shorter) => panic!("{found:?} instead of {shorter:?}"),
        }
        // What is impossible is not continued: what follows was tried without it.
        for tried in touchy.2.iter().filter(|tried| tried.steps.len() > 1) {
            let mut reference = Reference::new("reference", Arc::clone(&RULES), profile.readings());
            reference.reset(&plan).expect("the reference starts in any world");
            let impossible = |step: &Step| step.op != Op::Settle && reference.step(step) == StepOutcome::Impossible;
            let skipped = tried.steps[..tried.steps.len() - 1].iter().position(impossible);
            assert_eq!(skipped, None, "{:?}", tried.steps);
        }
    }
}

quickcheck! {
    fn the_same_seed_draws_the_same_plan(seed: u64, index: u64) -> bool {
        draw(seed, index) == draw(seed, index)
    }

    fn a_plan_is_the_same_in_used_memory(seed: u64, index: u64, before: u64) -> bool {
        let mut plan = draw(seed, before);
        campaign::redraw(seed, index, &Capabilities::ALL, &mut plan);
        plan == draw(seed, index)
    }

    // Parts of one campaign: a plan has one number, and fails in one manner.
    fn tallies_merge_in_any_order(seed: u8, a: u8, b: u8) -> bool {
        let (a, b) = (tally(seed, a), tally(seed, b));
        a.clone().merge(b.clone()) == b.merge(a)
    }

    fn tallies_merge_in_any_grouping(seed: u8, a: u8, b: u8, c: u8) -> bool {
        let (a, b, c) = (tally(seed, a), tally(seed, b), tally(seed, c));
        a.clone().merge(b.clone()).merge(c.clone()) == a.merge(b.merge(c))
    }
}

//! Readings are held for the whole run: who follows one in some plans and another in others is convicted of it, and who
//! follows one is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tombstone_campaign::campaign::{self, CampaignPlan, PlansFrom, part};
use tombstone_campaign::causes::KnownCauses;
use tombstone_campaign::check::{self, Checking};
use tombstone_campaign::log::Log;
use tombstone_campaign::readings::{ExhibitedRuns, infer};
use tombstone_campaign::subject::{BuiltIn, Made, Subject};
use tombstone_campaign::summary::plans_judged;
use tombstone_model::contract::implementation::{Answer, Description, Implementation, ImplementationFailure};
use tombstone_model::plan::{Plan, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch};
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::view::View;
use tombstone_reports::{Again, ImplementationReport, Verdict};
use tombstone_scenarios::Scenario;

/// The reference, which follows one reading or another, by what the world is like.
struct Moody {
    moods: Vec<Reference>,
    mood: usize,
    choose: fn(&Plan) -> usize,
}

impl Moody {
    fn new(rules: &Arc<Rules>, profile: &Profile, switch: Switch, values: &[&str], choose: fn(&Plan) -> usize) -> Self {
        let readings = |value: &&str| {
            let value = switch.value(value).expect("a reading of the switch");
            profile.readings().narrowed(switch, value).closed()
        };
        let moods = values.iter().map(|value| Reference::new("moody", Arc::clone(rules), readings(value)));
        Self { moods: moods.collect(), mood: 0, choose }
    }
}

impl Implementation for Moody {
    fn describe(&self) -> &Description {
        self.moods[0].describe()
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.mood = (self.choose)(plan) % self.moods.len();
        self.moods[self.mood].reset(plan)
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.moods[self.mood].apply(step)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.moods[self.mood].observe(view)
    }
}

/// What came of the suite and of so many random plans.
fn checked(
    make: impl Fn() -> Box<dyn Implementation> + Send + Sync + 'static,
    profile: Profile,
    rules: Arc<Rules>,
    plans: u64,
) -> ImplementationReport {
    let subject = Subject::Made(Made { name: "moody".to_owned(), make: Arc::new(make) });
    let implementation = &mut *subject.start(&profile).expect("it starts");
    let mut scenarios = tombstone_scenarios::scenarios();
    scenarios.retain(|scenario| scenario.profile.is_none());
    let checking = Checking { rules: Arc::clone(&rules), ..Checking::of(&profile) };
    let mut log = Log::new("moody");
    check::scenarios(&checking, &subject, implementation, &scenarios, &mut log, &mut |_| {});
    let campaign = CampaignPlan { rules, profile, source: PlansFrom::Random(1), plans, doublecheck: false };
    let tally = part(&campaign, implementation, 0..plans);
    assert_eq!(tally.failures.len(), 0, "each plan conforms alone: {:?}", tally.failures);
    log.tell(plans_judged(&campaign, &subject, 0, &tally));
    let campaigns = [campaign];
    let causes = KnownCauses::default();
    let runs = ExhibitedRuns {
        checking: &checking,
        subject: &subject,
        scenarios: &scenarios,
        campaigns: &campaigns,
        causes: &causes,
    };
    infer(&runs, implementation, &mut log);
    log.so_far().clone()
}

/// The rules, and a profile that leaves what is closed by the default one open, as far as something follows from it.
fn open(switch: Switch) -> (Arc<Rules>, Profile) {
    let mut profile = Profile::named(Profile::DEFAULT).expect("the default profile").clone();
    profile.closed.retain(|(closed, _)| *closed != switch);
    (Arc::new(Rules::documented().clone()), profile)
}

/// Makes one that follows one of these readings or another.
fn moody(
    switch: Switch,
    values: &'static [&'static str],
    choose: fn(&Plan) -> usize,
) -> impl Fn() -> Box<dyn Implementation> + Send + Sync + 'static {
    let (rules, profile) = open(switch);
    move || Box::new(Moody::new(&rules, &profile, switch, values, choose))
}

fn accused(switch: Switch, values: &'static [&'static str], choose: fn(&Plan) -> usize, plans: u64) {
    let (rules, profile) = open(switch);
    for value in values {
        let steady = moody(switch, std::slice::from_ref(value), choose);
        let found = checked(steady, profile.clone(), Arc::clone(&rules), plans);
        assert_eq!(found.failures().count(), 0, "{value} throughout is a reading");
    }
    let found = checked(moody(switch, values, choose), profile.clone(), Arc::clone(&rules), plans);
    let mut moody = Moody::new(&rules, &profile, switch, values, choose);
    let failures: Vec<_> = found.readings.iter().flat_map(|readings| &readings.failures).collect();
    assert!(found.cases.iter().all(|case| case.verdict != Verdict::Diverges));
    let [failure] = failures[..] else { panic!("{} failures", failures.len()) };
    assert_eq!((&*failure.signature.check, failure.witnesses.len()), ("readings", values.len()), "{failure:?}");
    assert!(failure.expected.text.contains(switch.info().name), "{}", failure.expected.text);
    // Each witness, read back, leaves what it is said to leave, and has nothing to spare.
    let mut common: Vec<&str> = switch.info().values.to_vec();
    for witness in &failure.witnesses {
        let scenario = Scenario::parse("witness.toml", &witness.scenario).expect("a scenario");
        let terms =
            tombstone_search::run::Terms { rules: &rules, readings: profile.readings(), skip_unsupported: true };
        let run = tombstone_search::run::run(terms, &scenario.plan, &mut moody);
        let left: Vec<&str> = run.readings.of(switch).names(switch).collect();
        assert_eq!(left, witness.leaves, "{}", witness.scenario);
        assert!(scenario.plan.steps.len() <= 4, "{}", witness.scenario);
        common.retain(|value| left.contains(value));
    }
    assert_eq!(common, [""; 0]);
    assert_eq!(failure.again, Some(Again { seen: 2, runs: 2 }));
}

/// Only the first that is made is torn: in a fresh start nothing contradicts itself, and nobody is accused.
#[test]
fn what_no_fresh_start_contradicts_itself_in_is_unstable() {
    let (switch, values) = (Switch::Survivor, &["unlinked", "still_linked"]);
    let (rules, profile) = open(switch);
    let (made, torn) = (AtomicBool::new(false), moody(switch, values, |plan| plan.setup.items.len()));
    let steady = moody(switch, &values[..1], |_| 0);
    let make = move || if made.swap(true, Ordering::Relaxed) { steady() } else { torn() };
    let found = checked(make, profile, rules, 0);
    assert_eq!(found.failures().count(), 0);
    let [unstable] = &found.unstable[..] else { panic!("{:?}", found.unstable) };
    assert_eq!((unstable.again, &*unstable.failure.signature.check), (Again { seen: 1, runs: 5 }, "readings"));
    assert_eq!(found.row("readings").map(|row| (row.counts.diverges, row.counts.unstable)), Some((0, 1)));
}

#[test]
fn one_reading_for_one_computer_and_another_for_several() {
    accused(
        Switch::TaskCurrent,
        &["not_completed_in_outlook", "open_in_crm"],
        |plan| plan.setup.computers.len().min(2),
        200,
    );
}

#[test]
fn one_reading_in_some_scenarios_and_another_in_others() {
    accused(Switch::Survivor, &["unlinked", "still_linked"], |plan| plan.setup.items.len(), 0);
}

/// A share of what is run by hand (`tombstone check --plans 100000`).
#[test]
fn nobody_who_follows_one_reading_is_accused() {
    let rules = Arc::new(Rules::documented().clone());
    let plans = 2_000;
    for profile in Profile::all().iter().filter(|profile| profile.name != "permissive") {
        let source = PlansFrom::Random(3);
        let campaign =
            CampaignPlan { rules: Arc::clone(&rules), profile: profile.clone(), source, plans, doublecheck: false };
        let tally = campaign::run(&campaign, &Subject::BuiltIn(BuiltIn::Reference), &|_| {}, &mut |_, _| {})
            .expect("it starts");
        assert_eq!(tally.held.contradictions(), [], "{}", profile.name);
        assert_ne!(tally.held.narrow(Readings::OPEN), Readings::OPEN);
    }
}

//! Whatever is refused and whatever diverges rests on a row of a table or on a statement of the documents, as a field of the
//! verdict: over the suite, the tour and random plans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tombstone_campaign::campaign::draw;
use tombstone_model::contract::implementation::{Capabilities, Implementation};
use tombstone_model::plan::{Names, Op, Plan};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::{Reference, StepOutcome};
use tombstone_model::rules::facts::facts;
use tombstone_model::rules::{RuleId, Rules};
use tombstone_model::verdict::{Basis, Check, Divergence, RunVerdict};
use tombstone_scenarios::scenarios;
use tombstone_search::explore::tour::tour;
use tombstone_search::run::{Runner, Terms};
use tombstone_tests::faulty::each;
use tombstone_trial::{catalogue, products};

/// Makes a faulty implementation.
type MakeFaulty = Box<dyn Fn() -> Box<dyn Implementation> + Sync>;

/// How many random plans the reference takes; fewer where nothing is optimized.
const PLANS: u64 = if cfg!(debug_assertions) { 500 } else { 4_000 };

/// Each faulty implementation takes one scenario of so many, another one each time, and so many random plans.
const SHARE: usize = if cfg!(debug_assertions) { 40 } else { 6 };
const PLANS_EACH: u64 = if cfg!(debug_assertions) { 2 } else { 12 };

fn default() -> &'static Profile {
    Profile::named(Profile::DEFAULT).expect("the default profile")
}

/// What is wrong with a basis: what a verdict must not lack.
fn lacking(basis: &Basis, rules: &Rules, known: &BTreeSet<String>) -> Option<&'static str> {
    if basis.rows.is_empty() && basis.facts.is_empty() {
        return Some("it cites neither a row nor a fact");
    }
    let bare = |row: &RuleId| rules.rule(*row).facts.is_empty();
    if basis.rows.iter().any(bare) {
        return Some("a row that it cites rests on no fact");
    }
    let facts = basis.rows.iter().flat_map(|row| rules.rule(*row).facts.iter().map(String::as_str));
    let unknown = |fact: &str| !known.contains(fact) && (fact.starts_with('F') || fact.starts_with('M'));
    facts.chain(basis.facts.iter().copied()).any(unknown).then_some("there is no such fact")
}

fn known() -> BTreeSet<String> {
    facts().into_iter().map(|fact| fact.id).collect()
}

/// The rows by which the reference refuses steps of a plan.
fn refusals(reference: &mut Reference, plan: &Plan) -> Vec<RuleId> {
    reference.reset(plan).expect("the reference takes every plan");
    let steps = plan.steps.iter().filter(|step| step.op != Op::Settle);
    let refused = steps.filter_map(|step| match reference.step(step) {
        StepOutcome::Refused(row) => Some(row),
        StepOutcome::Done { .. } | StepOutcome::Impossible => None,
    });
    refused.collect()
}

#[test]
fn every_refusal_cites_a_row_that_rests_on_a_fact() {
    let known = known();
    let mut rows: BTreeMap<String, u32> = BTreeMap::new();
    let mut note = |rules: &Rules, refused: Vec<RuleId>, of: &str| {
        for row in refused {
            let basis = Basis { rows: vec![row], facts: Vec::new() };
            assert_eq!(lacking(&basis, rules, &known), None, "{of}: {}", rules.rule(row).id);
            *rows.entry(rules.rule(row).id.clone()).or_default() += 1;
        }
    };
    for profile in Profile::all() {
        let rules = profile.rules();
        let mut reference = Reference::new("reference", Arc::new(rules.clone()), profile.readings());
        let is_held = |name: &Option<String>| name.as_deref().unwrap_or(Profile::DEFAULT) == profile.name;
        for scenario in scenarios().iter().filter(|scenario| is_held(&scenario.profile)) {
            note(rules, refusals(&mut reference, &scenario.plan), &scenario.id);
        }
    }
    let rules = Rules::documented();
    let mut reference = Reference::new("reference", Arc::new(rules.clone()), default().readings());
    for plan in tour(rules, default().readings()).plans {
        let plan = Plan { setup: plan.setup, steps: plan.steps, names: Names::default() };
        note(rules, refusals(&mut reference, &plan), "the tour");
    }
    for index in 0..PLANS {
        let plan = draw(1, index, &Capabilities::ALL).0;
        note(rules, refusals(&mut reference, &plan), &format!("plan {index}"));
    }
    // Of each table that refuses.
    let letters: BTreeSet<char> = rows.keys().filter_map(|row| row.chars().next()).collect();
    assert_eq!(letters, BTreeSet::from(['E', 'L', 'P', 'S', 'T']), "{rows:?}");
}

#[test]
fn every_divergence_cites_a_row_or_a_fact() {
    let (rules, known, scenarios) = (Rules::documented(), known(), scenarios());
    let terms = Terms { rules, readings: default().readings(), skip_unsupported: true };
    let own = scenarios.iter().filter(|it| it.profile.as_deref().is_none_or(|name| name == Profile::DEFAULT));
    let suite: Vec<&Plan> = own.map(|scenario| &scenario.plan).collect();
    let tour = tour(rules, default().readings());
    let toured: Vec<Plan> =
        tour.plans.into_iter().map(|it| Plan { setup: it.setup, steps: it.steps, names: Names::default() }).collect();
    let mut faulty: Vec<(String, MakeFaulty)> = Vec::new();
    for fault in catalogue().into_iter().filter(|fault| fault.equivalent.is_none()) {
        faulty.push((fault.id.clone(), Box::new(move || fault.make())));
    }
    for (product, method) in products::cases() {
        faulty.push((product.id.to_owned(), Box::new(move || product.make(method))));
    }
    let numbered: Vec<_> = faulty.iter().enumerate().collect();
    let judged = each(&numbered, |(number, (id, make))| {
        let mut implementation = make();
        let capabilities = implementation.describe().capabilities.clone();
        let share = suite.iter().copied().skip(number % SHARE).step_by(SHARE);
        let toured = toured.iter().skip(number % SHARE).step_by(SHARE);
        let drawn: Vec<Plan> = (0..PLANS_EACH).map(|n| draw(*number as u64, n, &capabilities).0).collect();
        let mut runner: Option<Runner<'_>> = None;
        let mut met: BTreeMap<Check, u32> = BTreeMap::new();
        let mut wrong = Vec::new();
        for plan in share.chain(toured).chain(&drawn) {
            let runner = runner.get_or_insert_with(|| Runner::new(terms, plan, &*implementation));
            let RunVerdict::Diverges(divergence) = runner.run(plan, &mut *implementation, None).verdict else {
                continue;
            };
            *met.entry(divergence.check).or_default() += 1;
            if let Some(lack) = lacking(&divergence.basis(rules), rules, &known) {
                wrong.push(format!("{id}: {lack}: {divergence:?}"));
            }
        }
        (met, wrong)
    });
    let wrong: Vec<&String> = judged.iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{} divergences, such as {:#?}", wrong.len(), wrong.iter().take(3).collect::<Vec<_>>());
    let met: BTreeSet<Check> = judged.iter().flat_map(|(met, _)| met.keys().copied()).collect();
    let unmet: Vec<&str> = Check::ALL.iter().filter(|check| !met.contains(check)).map(|check| check.name()).collect();
    // What is beside the items of a plan is in the stores of programs only.
    assert_eq!(unmet, [Check::Bystander.name()]);
}

/// What cites nothing is found: verdicts made without a row, and a table with a row that rests on nothing.
#[test]
fn what_cites_nothing_is_found() {
    let (rules, known) = (Rules::documented(), known());
    let lack = |divergence: &Divergence, rules: &Rules| lacking(&divergence.basis(rules), rules, &known);
    for check in [Check::Rule, Check::Readings] {
        assert_eq!(lack(&Divergence::of(check), rules), Some("it cites neither a row nor a fact"), "{}", check.name());
    }
    let cited = Divergence { rule: rules.named("D05"), ..Divergence::of(Check::Rule) };
    assert_eq!(lack(&cited, rules), None);
    let bare = rules.with_row("D05", |rule| rule.facts.clear());
    assert_eq!(lack(&cited, &bare), Some("a row that it cites rests on no fact"));
    let invented = rules.with_row("D05", |rule| rule.facts.push("F999".to_owned()));
    assert_eq!(lack(&cited, &invented), Some("there is no such fact"));
    // Every row is fit to be cited, and every check but these two has facts of its own.
    for (row, rule) in rules.ids() {
        assert_eq!(lacking(&Basis { rows: vec![row], facts: Vec::new() }, rules, &known), None, "{}", rule.id);
    }
    let bare = Check::ALL.iter().filter(|check| check.facts().is_empty());
    assert_eq!(bare.copied().collect::<BTreeSet<_>>(), BTreeSet::from([Check::Rule, Check::Readings]));
}

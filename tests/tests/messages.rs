//! What a person reads: for each check, and each way in which it can fail, one whole message of a real run of a faulty
//! implementation. Read the snapshot as somebody would whose program is accused.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use tombstone_adapter::Launch;
use tombstone_campaign::campaign::PlansFrom;
use tombstone_campaign::check::{Checking, told};
use tombstone_campaign::judge::Conclusion;
use tombstone_campaign::lines;
use tombstone_campaign::subject::Subject;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::verdict::{Check, Divergence, Timing};
use tombstone_reports::render::terminal;
use tombstone_scenarios::{Scenario, scenarios};
use tombstone_search::covering::Strength;
use tombstone_tests::faulty::{Faulty, all, checked, each};

/// How many faulty implementations are tried for each check.
const TRIED: usize = 12;

/// One that a program may play which knows contacts only.
const BESIDE: &str = r#"title = "A contact is edited beside three others"
bystanders = 3
[users.anna]
[computers.desktop]
user = "anna"
[items.carla]
kind = "contact"
[[step]]
edit = { item = "carla", title = true, in = "outlook", at = "desktop" }
[[step]]
settle = {}
"#;

/// A message, and what makes a shorter one better.
struct Message {
    steps: usize,
    text: String,
}

/// In which way a check failed: each has words of its own.
fn way(divergence: &Divergence, seen: &str) -> String {
    match (divergence.check, divergence.timing) {
        (Check::Prompt, _) => seen.to_owned(),
        (Check::Refusal, _) if divergence.sightings.is_empty() => seen.to_owned(),
        (Check::Refusal, _) => "it changed something".to_owned(),
        (_, Timing::Never) => "at no time".to_owned(),
        (_, Timing::Early) => "too early".to_owned(),
        (_, Timing::Late) => "too late".to_owned(),
    }
}

/// The messages of the suite about one faulty implementation: of each way of failing a check the shortest.
fn messages(checking: &Checking, faulty: &Faulty, scenarios: &[Scenario]) -> BTreeMap<(Check, String), Message> {
    let Faulty { subject, what, .. } = faulty;
    let mut implementation = subject.start(&checking.profile).expect("it starts");
    let mut messages: BTreeMap<(Check, String), Message> = BTreeMap::new();
    for scenario in scenarios {
        let replay = lines::scenario(checking, subject, &scenario.id);
        let (told, judged) = told(checking, subject, &mut *implementation, (scenario, &replay), None);
        let failures = told.judged.case.failures;
        let (Conclusion::Diverges(divergence), Some(mut failure)) = (&judged.outcome, failures.into_iter().next())
        else {
            continue;
        };
        let key = (divergence.check, way(divergence, &failure.seen));
        let steps = scenario.plan.steps.len();
        if messages.get(&key).is_none_or(|known| steps < known.steps) {
            failure.id = format!("{}/{}/{}", subject.label(), scenario.id, failure.signature);
            let text = format!("Its fault: {what}.\n\n{}", terminal::failure(&failure, false));
            messages.insert(key, Message { steps, text });
        }
    }
    messages
}

#[test]
fn every_check_says_what_is_wrong() {
    let checking = Checking::of(Profile::named(Profile::DEFAULT).expect("the default profile"));
    let (mut faulty, mut scenarios) = (all(), scenarios());
    scenarios.push(Scenario::parse("beside-others.toml", BESIDE).expect("a scenario"));
    // What is beside the items of a plan is in the stores of programs only.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/faulty");
    let launch = Launch { folder: Some(folder), ..Launch::new("python3", ["liar.py", "writes-into-another"]) };
    faulty.push(Faulty {
        subject: Subject::Program { launch: Box::new(launch), name: Some("liar".to_owned()), profile: None },
        what: "with each change it carries, it writes into a record that nobody changed".to_owned(),
        checks: vec![Check::Bystander],
    });
    // Those first that should be convicted by this check and no other.
    faulty.sort_by_key(|faulty| faulty.checks.len());
    let of_checks = each(&Check::ALL, |&check| {
        let mut best: BTreeMap<String, Message> = BTreeMap::new();
        for faulty in faulty.iter().filter(|faulty| faulty.checks.contains(&check)).take(TRIED) {
            for ((_, way), message) in
                messages(&checking, faulty, &scenarios).into_iter().filter(|(key, _)| key.0 == check)
            {
                if best.get(&way).is_none_or(|known| message.steps < known.steps) {
                    best.insert(way, message);
                }
            }
        }
        best
    });
    let mut text = String::new();
    for (check, messages) in Check::ALL.into_iter().zip(&of_checks) {
        for (way, Message { text: message, .. }) in messages {
            let _ = writeln!(text, "== {}: {} ({way})\n\n{message}", check.name(), check.meaning());
        }
    }
    let without: Vec<&str> =
        Check::ALL.iter().zip(&of_checks).filter(|(_, some)| some.is_empty()).map(|(check, _)| check.name()).collect();
    insta::assert_snapshot!(text);
    assert_eq!(without, [""; 0], "checks without a message");
}

/// What fails under a circumstance only: the words of a cause say which, whatever else the plan had when it was found.
#[test]
fn a_cause_says_what_decides() {
    let checking = Checking::of(Profile::named(Profile::DEFAULT).expect("the default profile"));
    let (faulty, scenarios) = (all(), scenarios());
    let source = PlansFrom::Covering { seed: 1, strength: Strength::Pairs };
    for (id, wanted) in [
        ("first-page-of-twenty/client", "beside 20 other items"),
        ("first-page-of-a-hundred/server", "beside 100 other items"),
        ("crm-tombstones-for-fourteen-days/client", " days pass"),
        ("link-expires/server", " days pass"),
        ("all-day-a-day-early-in-the-east/server", "from 2016-"),
        ("outlook-client/record-at-once-for-anybody", "Outlook only, untracked"),
    ] {
        let one = faulty.iter().find(|faulty| faulty.subject.label() == id).unwrap_or_else(|| panic!("no {id}"));
        let report = checked(&checking, &one.subject, &scenarios, &source, 150);
        let told: Vec<String> =
            report.causes.iter().map(|cause| format!("{:?} {:?}", cause.does, cause.circumstances)).collect();
        assert!(told.iter().any(|told| told.contains(wanted)), "{id}: `{wanted}` is not in {told:#?}");
        // Where everything that fails has a cause, the sums are what failed.
        let failing = report.cases.iter().filter(|case| !case.failures.is_empty()).count() as u64;
        let (scenarios, plans) =
            report.causes.iter().fold((0, 0), |(s, p), cause| (s + cause.scenarios, p + cause.plans));
        let campaign = report.campaign.as_ref().expect("plans were run");
        assert_eq!(plans + campaign.ungrouped, campaign.failing, "{id}");
        assert!(scenarios <= failing, "{id}: {scenarios} of {failing}");
    }
}

//! What was found of each engine is found again, and what the documents leave open comes out as it did.
//!
//! All of it in one packed world an engine, so that it takes a handful of synchronizations.

use std::path::{Path, PathBuf};

use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_campaign::check::Checking;
use tombstone_campaign::log::Log;
use tombstone_campaign::packing::{Packed, at_once, scenarios};
use tombstone_campaign::subject::Subject;
use tombstone_model::ids::{ItemId, UserId};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::verdict::RunVerdict;
use tombstone_model::view::{Field, Location, View};
use tombstone_model::words;
use tombstone_reports::events::Event;
use tombstone_reports::{CaseReport, Verdict};
use tombstone_scenarios::Scenario;
use tombstone_search::run::{Terms, run};

use crate::real::start;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/found")
}

/// The shrunk scenarios in `found/NAME/`, written by the script `results`, each called by the check that its engine fails
/// and the rule that is cited.
fn found(name: &str) -> Vec<Scenario> {
    let Ok(files) = std::fs::read_dir(folder().join(name)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("a readable folder").path()).collect();
    files.sort();
    let read = |file: PathBuf| {
        let expected = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let mut scenario =
            Scenario::parse(&expected, &text).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", file.display()));
        scenario.id = expected;
        scenario
    };
    files.into_iter().map(read).collect()
}

/// Where both sides were edited, or one deleted and the other edited.
fn conflicts() -> Vec<Scenario> {
    let conflicts: Vec<Scenario> =
        tombstone_scenarios::scenarios().into_iter().filter(|scenario| scenario.id.starts_with("conflicts/")).collect();
    assert!(conflicts.len() > 10);
    conflicts
}

fn checking() -> Checking {
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile").clone();
    Checking::of(&profile)
}

/// The check and the rule that a case fails, as the files are called.
fn failed(case: &CaseReport) -> Option<String> {
    let signature = &case.failures.first()?.signature;
    let rule = signature.rule.as_ref().filter(|rule| **rule != signature.check);
    Some(rule.map_or_else(|| signature.check.clone(), |rule| format!("{}.{rule}", signature.check)))
}

/// How a scenario fails in a world of its own.
fn failed_alone(child: &mut ChildImplementation, scenario: &Scenario) -> Option<String> {
    let profile = scenario.profile.as_deref().unwrap_or(Profile::DEFAULT);
    let readings = Profile::named(profile).expect("a profile").readings();
    let skip_unsupported = scenario.origin.is_some();
    let terms = Terms { rules: Rules::documented(), readings, skip_unsupported };
    let RunVerdict::Diverges(divergence) = run(terms, &scenario.plan, child).verdict else { return None };
    let check = divergence.check.name();
    let rule = divergence.rule.map(|id| Rules::documented().rule(id).id.as_str()).filter(|rule| *rule != check);
    Some(rule.map_or_else(|| check.to_owned(), |rule| format!("{check}.{rule}")))
}

/// How a conflict came out, in a few lines.
fn outcome(packed: &Packed<'_>) -> String {
    let Packed { scenario, told, last, .. } = packed;
    let case = packed.case();
    let verdict = match case.verdict {
        Verdict::Conforms => "conforms".to_owned(),
        Verdict::Diverges => format!("diverges: {}", failed(case).unwrap_or_default()),
        Verdict::Unsupported => return String::new(),
        Verdict::Broken | Verdict::Unstable | Verdict::Undecided => format!("{}: {}", case.verdict.name(), case.reason),
    };
    let mut text = format!("{}: {verdict}\n", scenario.id);
    let places = [Location::Mailbox(UserId(0)), Location::Crm];
    for (item, name) in scenario.plan.names.items.iter().enumerate() {
        let item = ItemId(u8::try_from(item).expect("few items"));
        let shown = |view: &View, at| {
            let word = view.get(item, at);
            let fields = [Field::Title, Field::When, Field::Status];
            let fields = fields.map(|field| words::field(&scenario.plan, field, word));
            let copies = if word.count() > 1 { " twice" } else { "" };
            if word.is_present() { format!("{}{copies}", fields.join(", ")) } else { "nothing".to_owned() }
        };
        if let Some(view) = last {
            let [outlook, crm] = places.map(|at| shown(view, at));
            text += &format!("  {name}: in Outlook {outlook}; in CRM {crm}\n");
        }
    }
    let observed =
        told.noted.iter().filter_map(|event| if let Event::Observed(seen) = event { Some(seen) } else { None });
    for seen in observed {
        text += &format!("  {}: {}\n", seen.category, seen.text);
    }
    text
}

#[track_caller]
fn as_before(name: &str) {
    let Some(mut child) = start(name) else { return };
    let subject = Subject::Program { launch: Box::new(Launch::new(name, [""; 0])), name: None, profile: None };
    let (found, mut scenarios) = (found(name), conflicts());
    let conflicts = scenarios.len();
    // A generated plan skips what an engine cannot do.
    scenarios.extend(found.iter().filter(|scenario| scenario.origin.is_none()).cloned());
    let (packed, _) = at_once(&checking(), &subject, &mut child, &scenarios);
    let open = scenarios[..conflicts]
        .iter()
        .filter_map(|scenario| packed.iter().find(|packed| std::ptr::eq(packed.scenario, scenario)).map(outcome));
    let open: String = open.collect();
    for scenario in &found {
        let again =
            packed.iter().find(|packed| packed.scenario.id == scenario.id).and_then(|packed| failed(packed.case()));
        let again = again.filter(|again| *again == scenario.id).or_else(|| failed_alone(&mut child, scenario));
        assert_eq!(again.as_ref(), Some(&scenario.id), "{name}");
    }
    assert_eq!(child.finish(), Ok(()), "{name}");
    insta::assert_snapshot!(name, open);
}

/// Of one mailbox every synchronization is everybody's: what fails and is run again in other company included.
#[test]
fn packed_the_suite_takes_a_tenth_of_the_synchronizations_and_worlds() {
    let (Some(mut child), Some(mut beside)) = (start("unison-policy"), start("unison-policy")) else { return };
    let subject = Subject::Program { launch: Box::new(Launch::new("unison", [""; 0])), name: None, profile: None };
    let log = &mut Log::default();
    let saved =
        scenarios(&checking(), &subject, &mut child, &mut beside, &tombstone_scenarios::scenarios(), log, &mut |_| {});
    assert!(saved.packed > 100 && saved.cycles * 10 <= saved.cycles_alone, "{saved}");
    assert!((saved.worlds + saved.confirmed) * 10 <= saved.packed, "{saved}");
    assert_eq!((child.finish(), beside.finish()), (Ok(()), Ok(())));
}

/// A test for each engine, so that they run side by side.
macro_rules! engines {
    ($($test:ident $name:literal;)+) => {
        $(
            #[test]
            fn $test() {
                as_before($name);
            }
        )+

        #[test]
        fn every_engine_is_asked_again() {
            let listed: Vec<String> = crate::real::manifest().into_keys().collect();
            assert_eq!(listed, [$($name),+]);
            for found in std::fs::read_dir(folder()).expect("the folder of what was found") {
                let name = found.expect("a readable folder").file_name().to_string_lossy().into_owned();
                assert!(listed.contains(&name), "{name}");
            }
        }
    };
}

engines! {
    mbsync_plain "mbsync-plain";
    mbsync_policy "mbsync-policy";
    neverest_plain "neverest-plain";
    neverest_policy "neverest-policy";
    pouchdb_plain "pouchdb-plain";
    pouchdb_policy "pouchdb-policy";
    sqlite "sqlite";
    syncevolution_plain "syncevolution-plain";
    unison_plain "unison-plain";
    unison_policy "unison-policy";
    vdirsyncer_plain "vdirsyncer-plain";
    vdirsyncer_policy "vdirsyncer-policy";
    vdirsyncer_radicale "vdirsyncer-radicale";
    vdirsyncer_window "vdirsyncer-window";
}

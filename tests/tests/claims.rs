//! What an adapter does not claim it is never sent, whatever is asked of it: for each capability the reference served without
//! it, by a program that answers with an error, and writes down, whatever it is asked for and did not claim.

use std::fs;
use std::path::Path;

use tombstone_model::contract::implementation::Operation;
use tombstone_model::plan::Kind;
use tombstone_model::view::Field;
use tombstone_reports::{Report, Verdict};
use tombstone_tests::faulty::each;
use tombstone_tests::run;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");
const NARROW: &str = env!("CARGO_BIN_EXE_narrow-under-test");

/// Of how many capabilities one is tried.
const SHARE: usize = if cfg!(debug_assertions) { 7 } else { 1 };

/// Of how many scenarios of the suite one is played without each capability: another one each time.
const PART: usize = 10;

/// Where the program writes what it was asked for and did not claim.
const LOG: &str = "unclaimed";

/// Every capability that can be left out.
fn claims() -> Vec<String> {
    let kinds = Kind::ALL.into_iter().map(|kind| format!("kind:{}", kind.name()));
    // That there is an item is seen of whatever is claimed, and its title is how it is known.
    let fields = Field::ALL.iter().filter(|field| **field != Field::Count);
    let fields = fields.map(|field| format!("field:{}", field.name()));
    let operations = Operation::ALL.iter().map(|operation| format!("operation:{}", operation.name()));
    let flags = ["roles", "rights", "users", "computers", "caches", "prompts", "disaster:kill", "disaster:lose-state"];
    kinds.chain(fields).chain(operations).chain(flags.map(str::to_owned)).collect()
}

/// Runs a command on the program that claims all but this, and returns its exit code and output. Nothing may have been asked
/// that was not claimed.
fn asked(folder: &Path, claim: &str, arguments: &[&str]) -> Result<(Option<i32>, String), String> {
    let line: Vec<&str> = arguments.iter().copied().chain(["--", NARROW, claim, LOG]).collect();
    let output = run(PROGRAM, folder, &line);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match fs::read_to_string(folder.join(LOG)) {
        Ok(log) => Err(format!("{claim}: {arguments:?}: {}", log.lines().next().unwrap_or_default())),
        Err(_) => Ok((output.status.code(), said)),
    }
}

/// What is wrong with a check of the program that claims all but this: of that part of the suite, of plans, kills and disasters.
fn wrong(claim: &str, part: usize, arguments: &[&str]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let doctor = match asked(folder, claim, &["doctor"]) {
        Ok((Some(0), _)) => None,
        Ok((code, said)) => {
            let ill: Vec<&str> = said.lines().skip_while(|line| !line.contains('✗')).take(3).collect();
            Some(format!("{claim}: the doctor: {code:?}: {}", ill.join("\n")))
        }
        Err(why) => Some(why),
    };
    for (path, text) in tombstone_scenarios::suite().into_iter().skip(part % PART).step_by(PART) {
        let file = folder.join("suite").join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
        fs::write(file, text).expect("it can be written");
    }
    let check = ["check", "--suite", "suite", "--plans", "24", "--kill", "2", "--disasters", "--report", "report"];
    let line: Vec<&str> = check.iter().chain(arguments).copied().collect();
    let checked = asked(folder, claim, &line);
    let text = fs::read_to_string(folder.join("report/report.json")).unwrap_or_default();
    let report = Report::from_json(&text).unwrap_or_default();
    let accused = |of: &tombstone_reports::ImplementationReport| {
        let cases = of
            .cases
            .iter()
            .filter(|case| matches!(case.verdict, Verdict::Broken | Verdict::Diverges | Verdict::Unstable));
        let cases: Vec<String> = cases.map(|case| format!("{}: {}: {}", case.id, case.verdict, case.reason)).collect();
        let failures: Vec<String> = of.failures().map(|failure| failure.seen.clone()).collect();
        let plans = of.campaign.as_ref().map_or(0, |campaign| campaign.broken + campaign.failing + campaign.unstable);
        let healthy = cases.is_empty() && failures.is_empty() && plans == 0 && of.findings.is_empty();
        (!healthy).then(|| format!("{claim}: {cases:?} {failures:?} {plans} plans {:?}", of.findings))
    };
    let decided = report.implementations.first().is_some_and(|of| of.totals.decided > 0);
    let empty = (!decided).then(|| format!("{claim}: nothing was decided"));
    doctor.or(checked.err()).or(report.implementations.iter().find_map(accused)).or(empty)
}

#[test]
fn whatever_one_capability_is_not_claimed_it_is_not_asked_for() {
    let claims: Vec<(usize, String)> = claims().into_iter().enumerate().step_by(SHARE).collect();
    let wrong = each(&claims, |(part, claim)| wrong(claim, *part, &[]));
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), claims.len(), wrong.join("\n"));
}

/// The least that an adapter can claim: one kind.
#[test]
fn whoever_claims_one_kind_hears_of_no_other() {
    let kinds = [Kind::Contact, Kind::Email, Kind::Task, Kind::Appointment, Kind::ServiceActivity, Kind::Letter];
    let kinds: Vec<(usize, Kind)> = kinds.into_iter().enumerate().collect();
    // The tour is the same for each of them.
    let more = |part| if part == 0 { &["--tour", "--isolation", "scenario"][..] } else { &["--isolation", "scenario"] };
    let only = |(part, kind): &(usize, Kind)| wrong(&format!("only:{}", kind.name()), *part, more(*part));
    let wrong: Vec<String> = each(&kinds, only).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/suite/conflicts");
    let suite = suite.to_string_lossy().into_owned();
    for arguments in [
        &["replay", "--scenario", "*"][..],
        &["replay", &suite],
        &["replay", "--index", "3"],
        &["replay", "--index", "3", "--tour"],
        &["replay", "--kill", "2"],
        &["replay", "--disasters"],
        &["bench", "--most", "10"],
    ] {
        let (code, said) = asked(folder.path(), "only:contact", arguments).unwrap_or_else(|why| panic!("{why}"));
        assert!(matches!(code, Some(0 | 3)) && !said.contains("broken"), "{arguments:?}: {code:?}\n{said}");
    }
}

/// Whoever conforms in all that it claims ends with 0, whatever that is: what nothing could meet is excused.
#[test]
fn whoever_claims_one_kind_and_conforms_is_not_incomplete() {
    let kinds: Vec<Kind> = Kind::ALL.into_iter().step_by(if cfg!(debug_assertions) { 4 } else { 1 }).collect();
    let wrong = each(&kinds, |kind| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let check = ["check", "--plans", "300", "--kill", "0", "--report", "report"];
        let (code, said) =
            asked(folder.path(), &format!("only:{}", kind.name()), &check).unwrap_or_else(|why| panic!("{why}"));
        let never: Vec<&str> = said.lines().filter(|line| line.contains("incomplete: ")).collect();
        (code != Some(0)).then(|| format!("{}: {code:?}: {never:?}", kind.name()))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a drawn plan passes over for want of a claim is said.
#[test]
fn what_is_not_asked_for_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let said = |claim: &str| {
        let (_, said) =
            asked(folder.path(), claim, &["replay", "--index", "300"]).unwrap_or_else(|why| panic!("{why}"));
        said.lines().find(|line| line.starts_with("not asked for: ")).map(str::to_owned)
    };
    let told = said("operation:crash").expect("plan 300 has crashes");
    assert!(told.contains(", which need ") && told.contains("`crash` ("), "{told}");
    assert_eq!(said("disaster:kill"), None);
}

//! Every kind of printed line is executed as it is printed, by a shell: with what is built in, and with a program that has
//! spaces in its path. And what does not fail again in a fresh start is never called a divergence.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use tempfile::TempDir;
use tombstone_adapter::Launch;
use tombstone_campaign::campaign::PlansFrom;
use tombstone_campaign::check::Checking;
use tombstone_campaign::lines;
use tombstone_campaign::subject::{BuiltIn, Subject};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_reports::{ImplementationReport, Report, Verdict};
use tombstone_search::explore::tour::tour;

/// A folder with a space in its name: `tombstone` on the path, programs with spaces in theirs, and a scenario.
struct Desk(TempDir);

const EDITED: &str = r#"title = "A contact edited in Outlook is edited in CRM"
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

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::Builder::new().prefix("a desk").tempdir().expect("a temporary folder"));
        let adapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
        for folder in ["bin", "my programs", "my scenarios"] {
            fs::create_dir(desk.path().join(folder)).expect("a folder");
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tombstone-under-test"), desk.path().join("bin/tombstone"))
            .expect("a link");
        for (from, to) in [
            ("faulty/liar.py", "sk x.py"),
            ("sqlite/adapter.py", "it's sqlite.py"),
            ("sqlite/synchronizer.py", "synchronizer.py"),
        ] {
            fs::copy(adapters.join(from), desk.path().join("my programs").join(to)).expect("a copy");
        }
        let tracked = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/contact-tracked.toml");
        fs::copy(tracked, desk.path().join("my scenarios/contact tracked.toml")).expect("a copy");
        fs::write(desk.path().join("my scenarios/edited.toml"), EDITED).expect("a scenario");
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Executes a line as it stands.
    fn shell(&self, line: &str) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.path().join("bin")).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).expect("a path");
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.path()).env("PATH", path).env("NO_COLOR", "1");
        shell.output().expect("a shell")
    }

    /// Runs a line that must end like this and say this; it leaves every report as it is.
    #[track_caller]
    fn expect(&self, line: &str, exit: i32, said: &str) {
        let before = self.files();
        let output = self.shell(line);
        let text = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{line}\n{text}{error}");
        assert!(text.contains(said), "`{said}` is not said by {line}\n{text}{error}");
        assert_eq!(self.files(), before, "{line} wrote something");
    }

    /// Every file of the reports here, with what it holds.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.path().join("my report"), self.path().join("tombstone-report")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries.map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else {
                    files.push((entry.clone(), fs::read(entry).expect("a file")));
                }
            }
        }
        files.sort();
        files
    }

    /// The only implementation of a report that stands here.
    fn report(&self) -> ImplementationReport {
        let text = fs::read_to_string(self.path().join("my report/report.json")).expect("a report");
        Report::from_json(&text).expect("a report").implementations.remove(0)
    }
}

fn checking() -> Checking {
    let profile = Profile::named(Profile::DEFAULT).expect("the default profile").clone();
    Checking { rules: Arc::new(Rules::documented().clone()), profile, suite: Vec::new() }
}

#[test]
fn what_a_program_fails_is_replayed_by_the_line_that_is_printed() {
    let desk = Desk::new();
    let check = "tombstone check --report 'my report' --suite 'my scenarios/contact tracked.toml' --suite 'my scenarios' \
                 --plans 40 --seed 3 --kill 0 --isolation scenario --step-timeout 7.5 -- python3 'my programs/sk x.py' none";
    // The folder holds the file a second time.
    fs::remove_file(desk.path().join("my scenarios/edited.toml")).expect("a file");
    let check = check.replace(" --suite 'my scenarios' ", " ");
    let output = desk.shell(&check);
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{text}{error}");
    let report = desk.report();
    // A scenario, by its id.
    let [failure] = &report.cases[0].failures[..] else { panic!("{text}") };
    assert_eq!(
        failure.replay,
        "tombstone replay --scenario fixture/contact-tracked --suite 'my scenarios/contact tracked.toml' \
         --profile documented-2016 --step-timeout 7.5 -- python3 'my programs/sk x.py' none"
    );
    assert!(text.contains(&failure.replay), "{text}");
    desk.expect(&failure.replay, 1, &failure.id);
    // A generated plan, shrunk and as it was drawn.
    let campaign = report.campaign.as_ref().expect("plans were run");
    assert!(!campaign.failures.is_empty(), "{text}");
    let mut shrunk = 0;
    for failure in &campaign.failures {
        let signature = failure.id.rsplit('/').next().expect("an id");
        assert!(text.contains(&failure.replay), "{text}");
        desk.expect(&failure.replay, 1, signature);
        let Some(drawn) = &failure.unshrunk else { continue };
        shrunk += 1;
        assert!(failure.replay.starts_with("tombstone replay 'my report/failures/"), "{}", failure.replay);
        assert!(drawn.starts_with("tombstone replay --seed 3 --index ") && text.contains(drawn), "{drawn}");
        desk.expect(drawn, 1, "verdict: diverges");
        // The file says what was shown.
        let file = failure.file.as_ref().expect("it was written");
        let written = fs::read_to_string(desk.path().join("my report").join(file)).expect("a file");
        assert_eq!(written, failure.scenario);
    }
    assert!(shrunk > 0, "{text}");
    // Findings and observations have their lines, too.
    let noted = report.findings.iter().map(|it| &it.example).chain(report.observations.iter().map(|it| &it.example));
    for line in noted.flatten() {
        assert_ne!(desk.shell(line).status.code(), Some(2), "{line}");
    }
    // Where the report is.
    let hint = error.lines().find_map(|line| line.strip_prefix("report: ")).expect("a hint");
    assert_eq!(desk.shell(&format!("test -f {hint}")).status.code(), Some(0), "{hint}");
    // What was asked for is recorded, and not where the report went.
    let json = fs::read_to_string(desk.path().join("my report/report.json")).expect("a report");
    let arguments = Report::from_json(&json).expect("a report").arguments;
    assert_eq!(arguments[..3], ["check", "--suite", "my scenarios/contact tracked.toml"]);
    assert_eq!(arguments[arguments.len() - 4..], ["--", "python3", "my programs/sk x.py", "none"]);
}

/// Each kind of line, whoever is to be judged by it.
#[test]
fn each_kind_of_line_is_one_that_a_shell_can_execute() {
    let desk = Desk::new();
    let checking = checking();
    let launch = |words: [&str; 2]| Launch::new("python3", words);
    let listed = "[implementation.'two words']\ncommand = [\"python3\", \"./my programs/sk x.py\", \"none\"]\n";
    fs::write(desk.path().join("my list.toml"), listed).expect("a file");
    let mut by_name = launch(["my programs/sk x.py", "none"]);
    by_name.listed = Some("my list.toml".into());
    let program = |launch: Launch, name: Option<&str>| Subject::Program {
        launch: Box::new(launch),
        name: name.map(str::to_owned),
        profile: None,
    };
    let liar = program(launch(["my programs/sk x.py", "none"]), None);
    let listed = program(by_name, Some("two words"));
    let sqlite = program(Launch::new("python3", ["my programs/it's sqlite.py"]), None);
    let plans = PlansFrom::Random(u64::MAX);
    let toured = PlansFrom::Tour(Arc::new(tour(&checking.rules, checking.profile.readings())));
    let file = Path::new("my scenarios/edited.toml");
    let own = Checking { suite: vec!["my scenarios".to_owned()], ..checking.clone() };
    let mut subjects: Vec<Subject> = BuiltIn::ALL.into_iter().map(Subject::BuiltIn).collect();
    subjects.extend([liar, listed, sqlite.clone()]);
    for subject in &subjects {
        for line in [
            lines::scenario(&checking, subject, "deletion/contact-delete-outlook-owner-keeps-crm"),
            lines::scenario(&own, subject, "edited"),
            lines::file(file, &checking.profile, subject),
            lines::plan(&plans, 4, &checking.profile, subject),
            lines::plan(&toured, 0, &checking.profile, subject),
        ] {
            let output = desk.shell(&line.to_string());
            let text = String::from_utf8_lossy(&output.stdout);
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 1 | 3)) && text.contains("verdict: "), "{line}: {code:?}\n{text}");
            assert!(matches!(subject, Subject::Program { .. }) || code == Some(0), "{line}: {code:?}\n{text}");
        }
        desk.expect(&lines::file(file, &checking.profile, subject).to_string(), 0, "verdict: conforms");
    }
    desk.expect(&lines::kills(2, 5, &checking.profile, &sqlite).to_string(), 0, "verdict: conforms");
    assert_ne!(desk.shell(&lines::disasters(&checking.profile, &sqlite).to_string()).status.code(), Some(2));
}

#[test]
fn the_doctor_says_how_to_go_on() {
    let desk = Desk::new();
    let output = desk.shell("tombstone doctor --reset-timeout 9 -- python3 \"my programs/it's sqlite.py\"");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("next: ")).unwrap_or_else(|| panic!("no hint in {text}"));
    assert_eq!(line, r"tombstone check --reset-timeout 9 -- python3 'my programs/it'\''s sqlite.py'");
    let short = line.replacen("check", "check --report 'my report' --scenario 'deletion/contact-*' --plans 0", 1);
    assert_eq!(desk.shell(&short).status.code(), Some(0), "{short}");
}

/// It carries edits in every second start only: what is seen once is not seen again.
#[test]
fn what_is_not_seen_again_is_unstable() {
    let desk = Desk::new();
    fs::remove_file(desk.path().join("my scenarios/contact tracked.toml")).expect("a file");
    let other = EDITED.replace("contact edited", "contact, too, edited");
    fs::write(desk.path().join("my scenarios/other.toml"), other).expect("a scenario");
    let program = "-- python3 'my programs/sk x.py' carries-nothing-in-every-second-start starts";
    let output = desk.shell(&format!("tombstone check --report 'my report' --kill 0 --suite 'my scenarios/edited.toml' --plans 0 --isolation scenario {program}"));
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let report = desk.report();
    assert_eq!(output.status.code(), Some(3), "{text}{error}");
    assert_eq!(report.verdict, Verdict::Unstable, "{text}");
    assert_eq!(report.failures().count(), 0, "{text}");
    assert!(report.rows.iter().all(|row| row.counts.diverges == 0), "{text}");
    assert!(report.rows.iter().any(|row| row.counts.unstable > 0), "{text}");
    let xml = fs::read_to_string(desk.path().join("my report/junit.xml")).expect("a report");
    assert!(xml.contains("failures=\"0\"") && !xml.contains("errors=\"0\""), "{xml}");
    let unstable = report.unstable.first().unwrap_or_else(|| panic!("nothing unstable: {text}{error}"));
    assert!(unstable.again.seen < unstable.again.runs && !unstable.again.holds(), "{unstable:?}");
    let said = format!("unstable  {}", unstable.again);
    assert!(text.contains(&said), "`{said}` is not in {text}");
}

/// In company it carries nothing in one process, and in no other: set up again, the world conforms.
#[test]
fn what_fails_in_one_company_once_is_unstable() {
    let desk = Desk::new();
    fs::remove_file(desk.path().join("my scenarios/contact tracked.toml")).expect("a file");
    for name in 0..8 {
        let other = EDITED.replace("A contact", &format!("Contact {name}"));
        fs::write(desk.path().join(format!("my scenarios/{name}.toml")), other).expect("a scenario");
    }
    let program = "-- python3 'my programs/sk x.py' carries-nothing-in-the-first-crowd";
    let output = desk.shell(&format!(
        "tombstone check --report 'my report' --kill 0 --suite 'my scenarios' --plans 0 --isolation packed {program}"
    ));
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let report = desk.report();
    assert_eq!(output.status.code(), Some(3), "{text}{error}");
    assert_eq!((report.verdict, report.failures().count()), (Verdict::Unstable, 0), "{text}");
    let company: Vec<_> = report.cases.iter().filter(|case| case.id.starts_with("in-company/")).collect();
    assert!(!company.is_empty() && company.iter().all(|case| case.verdict == Verdict::Unstable), "{company:?}");
    let unstable = report.unstable.first().expect("something unstable");
    assert!(unstable.again.seen < unstable.again.runs && unstable.place.starts_with("in-company/"), "{unstable:?}");
    // Worlds that no plan holds have no file; the line sets them up again.
    assert!(unstable.failure.replay.contains("--isolation packed"), "{}", unstable.failure.replay);
    let said = format!("unstable  {}", unstable.again);
    assert!(text.contains(&said), "`{said}` is not in {text}");
}

/// Two runs that contradict each other are shrunk, and the line checks what was shrunk: it contradicts itself again.
#[test]
fn runs_that_contradict_each_other_are_checked_again_as_they_were_shrunk() {
    let desk = Desk::new();
    for file in ["contact tracked.toml", "edited.toml"] {
        fs::remove_file(desk.path().join("my scenarios").join(file)).expect("a file");
    }
    let scenario = |deleted: &str, edited: &str| {
        format!(
            "title = \"Deleted and edited\"\n[users.anna]\n[computers.desktop]\nuser = \"anna\"\n\
             [items.carla]\nkind = \"contact\"\n[items.dora]\nkind = \"contact\"\n\
             [[step]]\nedit = {{ item = \"dora\", title = true, in = \"outlook\", at = \"desktop\" }}\n[[step]]\nsettle = {{}}\n\
             [[step]]\ndelete = {{ item = \"carla\", {deleted} }}\n\
             [[step]]\nedit = {{ item = \"carla\", title = true, {edited} }}\n[[step]]\nsettle = {{}}\n"
        )
    };
    let (crm, outlook) = ("in = \"crm\"", "in = \"outlook\", at = \"desktop\"");
    fs::write(desk.path().join("my scenarios/one.toml"), scenario(crm, outlook)).expect("a scenario");
    fs::write(desk.path().join("my scenarios/two.toml"), scenario(outlook, crm)).expect("a scenario");
    let program = "-- python3 'my programs/sk x.py' none";
    let output = desk.shell(&format!("tombstone check --report 'my report' --suite 'my scenarios' {program}"));
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let report = desk.report();
    // Whoever names files has these run and nothing else.
    assert!(report.campaign.is_none() && report.cases.len() == 2, "{text}{error}");
    let readings = report.readings.as_ref().expect("something was run");
    let [failure] = &readings.failures[..] else { panic!("{text}{error}") };
    assert_eq!(output.status.code(), Some(1), "{text}{error}");
    let line = &failure.replay;
    assert!(line.starts_with("tombstone check --suite 'my report/failures/") && text.contains(line), "{line}");
    assert!(failure.unshrunk.as_ref().is_some_and(|line| line.contains("'my scenarios'")), "{:?}", failure.unshrunk);
    assert!(failure.seen.contains(" needs edit_wins") && failure.seen.contains("delete_wins"), "{}", failure.seen);
    desk.expect(line, 1, "readings/delete_against_edit");
    for witness in &failure.witnesses {
        assert!(witness.shrunk.is_some_and(|shrunk| shrunk.to == 3), "{:?}", witness.shrunk);
        assert!(text.contains(&witness.replay), "{text}");
        desk.expect(&witness.replay, 0, "verdict: conforms");
    }
}

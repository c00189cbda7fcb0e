//! A synchronizer held to the documents by `cargo test`: a test for each scenario of the suite, by its id, with the filters and
//! options of every other test.
//!
//! The file of the tests is one line, `tests/conformance.rs`, and its target has no harness of its own:
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! It names an implementation in this process, or a program that speaks the adapter protocol, or several:
//!
//! ```no_run
//! use tombstone_conformance::{Conformance, conformance};
//!
//! conformance!(Conformance::program("python3", ["adapter.py"]).scenarios(["deletion/*", "tracking/*"]));
//! ```
//!
//! A scenario that needs what is not claimed is ignored, with the reason; what breaks, wavers or decides nothing fails, as does
//! an implementation of which no scenario can decide anything. A divergence fails with its four facts and its picture; it was
//! seen again in a fresh start of the program. That one reading of the documents explains all scenarios together, random plans
//! and reports are the business of `tombstone check`.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::Arguments;
pub use libtest_mimic::{Completion, Failed, Trial};
use tombstone_adapter::Launch;
use tombstone_campaign::check::{self, Checking};
use tombstone_campaign::confirm;
use tombstone_campaign::decided::decided;
use tombstone_campaign::lines;
use tombstone_campaign::log::{self, Log};
use tombstone_campaign::subject::{Made, Subject};
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::harmless::harmless;
use tombstone_model::readings::profiles::Profile;
use tombstone_reports::events::{Event, ImplementationStarted};
use tombstone_reports::render::terminal;
use tombstone_reports::value::pattern::matches;
use tombstone_reports::{CommandLine, Verdict};
use tombstone_scenarios::Scenario;

/// An implementation, and by what it is judged.
#[derive(Clone, Debug)]
pub struct Conformance {
    subject: Subject,
    checking: Checking,
    scenarios: Vec<Scenario>,
}

impl Conformance {
    /// An implementation in this process; every test makes its own.
    pub fn of<I: Implementation + 'static>(make: impl Fn() -> I + Send + Sync + 'static) -> Self {
        let name = make().describe().name.clone();
        Self::judging(Subject::Made(Made { name, make: Arc::new(move || Box::new(make())) }))
    }

    /// A program that speaks the adapter protocol, with its arguments; every test starts it anew.
    pub fn program<A: Into<OsString>>(program: impl Into<OsString>, arguments: impl IntoIterator<Item = A>) -> Self {
        let launch = Box::new(Launch::new(program, arguments));
        Self::judging(Subject::Program { launch, name: None, profile: None })
    }

    fn judging(subject: Subject) -> Self {
        Self { subject, checking: Checking::of(Profile::standard()), scenarios: tombstone_scenarios::scenarios() }
    }

    /// Judges by this profile, and not by that of 2016.
    ///
    /// # Panics
    ///
    /// Where there is no such profile.
    #[must_use]
    pub fn profile(mut self, name: &str) -> Self {
        let Some(profile) = Profile::named(name) else { panic!("there is no profile `{name}`") };
        self.checking = Checking::of(profile);
        self
    }

    /// Only the scenarios whose ids match one of these patterns, in which `*` stands for anything.
    ///
    /// # Panics
    ///
    /// Where a pattern matches none: a misspelt one would leave nothing to fail.
    #[must_use]
    pub fn scenarios<'p>(mut self, patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let patterns: Vec<&str> = patterns.into_iter().collect();
        for pattern in &patterns {
            let some = self.scenarios.iter().any(|scenario| matches(pattern, &scenario.id));
            assert!(some, "no scenario matches `{pattern}`");
        }
        self.scenarios.retain(|scenario| patterns.iter().any(|pattern| matches(pattern, &scenario.id)));
        self
    }

    /// Scenarios of one's own, instead of the suite.
    #[must_use]
    pub fn own_scenarios(mut self, scenarios: Vec<Scenario>) -> Self {
        self.scenarios = scenarios;
        self
    }

    /// A test for each scenario, and one that there is something to decide.
    pub fn trials(&self) -> Vec<Trial> {
        let kind = self.subject.label();
        let shared = Arc::new(self.clone());
        let each = self.scenarios.iter().map(|scenario| {
            let (shared, scenario) = (Arc::clone(&shared), scenario.clone());
            Trial::ignorable_test(scenario.id.clone(), move || shared.judge(&scenario))
        });
        let whole = Arc::clone(&shared);
        let whole = Trial::test("something is decided", move || whole.decides());
        each.chain([whole]).map(|trial| trial.with_kind(kind.clone())).collect()
    }

    /// Judges one scenario.
    ///
    /// # Errors
    ///
    /// Where the implementation diverges, breaks or wavers, or nothing is decided; with what there is to say of it.
    pub fn judge(&self, scenario: &Scenario) -> Result<Completion, Failed> {
        let Self { checking, .. } = self;
        let subject = self.subject.forgiven();
        let mut implementation = subject.start(&checking.profile).map_err(shown)?;
        let name = subject.called(implementation.describe());
        let mut log = Log::new(subject.label());
        log.tell(Event::ImplementationStarted(ImplementationStarted { name, ..ImplementationStarted::default() }));
        let line = match &subject {
            // No other command line can name it.
            Subject::Made(_) => CommandLine::default().with(["cargo", "test", "--", "--exact", &scenario.id]),
            Subject::BuiltIn(_) | Subject::Program { .. } => lines::scenario(checking, &subject, &scenario.id),
        };
        check::told(checking, &subject, &mut *implementation, (scenario, &line), None).0.to(&mut log);
        confirm::cases(checking, &subject, &mut *implementation, &mut log);
        let ended = implementation.end();
        log.tell(Event::ImplementationEnded);
        let report = log::told(&[log.into_events()]);
        let case = report.implementations.first().and_then(|it| it.cases.first());
        let Some(case) = case else { return Err(shown("nothing was judged")) };
        match case.verdict {
            Verdict::Conforms => ended.map(|()| Completion::Completed).map_err(|failure| shown(failure.message)),
            Verdict::Unsupported => Ok(Completion::ignored_with(harmless(&case.reason))),
            Verdict::Diverges => {
                let told = case.failures.iter().map(|failure| terminal::failure(failure, false));
                Err(shown(told.collect::<Vec<_>>().join("\n")))
            }
            Verdict::Broken | Verdict::Unstable | Verdict::Undecided => {
                Err(shown(format!("{}: {}", case.verdict, case.reason)))
            }
        }
    }

    /// Whether any of the scenarios decides anything: where all are ignored, nothing is green.
    ///
    /// # Errors
    ///
    /// Where none does, or the program cannot be started.
    pub fn decides(&self) -> Result<(), Failed> {
        let mut implementation = self.subject.forgiven().start(&self.checking.profile).map_err(shown)?;
        let capabilities = implementation.describe().capabilities.clone();
        let enough = decided(&capabilities, &self.scenarios, &self.checking.profile.name);
        implementation.end().map_err(|failure| shown(failure.message))?;
        if enough.decided > 0 { Ok(()) } else { Err(shown(enough.summary())) }
    }
}

/// What a test says: nothing in it is obeyed by a terminal or a build.
fn shown(text: impl AsRef<str>) -> Failed {
    Failed::from(harmless(text.as_ref()).into_owned())
}

/// Runs the tests of some implementations as the command line of a test asks.
pub fn run(all: impl IntoIterator<Item = Conformance>) -> ExitCode {
    let trials = all.into_iter().flat_map(|it| it.trials()).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The `main` of a test target without a harness: tests of one implementation after another, each a [`Conformance`].
#[macro_export]
macro_rules! conformance {
    ($($conformance:expr),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::run([$($conformance),+])
        }
    };
}

//! `tombstone replay`: one thing judged again, as `check` judges it, with every step shown. It writes no report.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tombstone_campaign::campaign::PlansFrom;
use tombstone_campaign::check::{self, Checking};
use tombstone_campaign::confirm;
use tombstone_campaign::findings;
use tombstone_campaign::judge::{Conclusion, JudgedCase};
use tombstone_campaign::lines;
use tombstone_campaign::log::{self, Log};
use tombstone_campaign::picture;
use tombstone_campaign::subject::Subject;
use tombstone_campaign::summary;
use tombstone_model::contract::implementation::{Capabilities, Lack};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;
use tombstone_model::words::counted;
use tombstone_reports::events::{Event, ImplementationStarted};
use tombstone_reports::render::{terminal, timeline};
use tombstone_reports::{CommandLine, Exit};
use tombstone_scenarios::{Origin, Scenario};
use tombstone_search::covering::Strength;
use tombstone_search::explore::tour::tour;
use tombstone_search::run::digests;

use super::attach::about_programs;
use super::check::{bring_disasters, bring_kills};
use super::choose::{Implementations, held_to, load, profile, select, told_apart};
use super::mistaken::take_out_mistaken;
use super::outcome::{CommandError, CommandOutcome};
use super::output::{colour, print};

#[derive(Args)]
pub(super) struct ReplayArguments {
    /// A file with a scenario or counterexample, the id of a scenario of the suite, or `REPORT#ID`, a failure by its id in a
    /// `report.json` or the folder of one, whose program is started; without any, --scenario names one, or --index a random plan.
    #[arg(value_name = "SCENARIO")]
    file: Option<PathBuf>,
    /// Scenarios by their ids; `*` stands for anything. May be given several times.
    #[arg(long, value_name = "PATTERN", conflicts_with_all = ["file", "index"])]
    scenario: Vec<String>,
    /// Where those scenarios are, instead of the suite: files and folders.
    #[arg(long, value_name = "PATH", requires = "scenario")]
    suite: Vec<PathBuf>,
    /// The seed of a campaign.
    #[arg(long, default_value_t = 1, value_parser = super::asked::whole::<u64>)]
    seed: u64,
    /// The plan is one of the tour.
    #[arg(long, requires = "index")]
    tour: bool,
    /// How many circumstances met in the first plans of that campaign: every pair, or every triple.
    #[arg(long, value_name = "2|3", default_value = "2", value_parser = super::asked::strength)]
    strength: Strength,
    /// The index of a plan of that campaign.
    #[arg(long, conflicts_with = "file", value_parser = super::asked::whole::<u64>)]
    index: Option<u64>,
    /// How often to kill a program's engine inside a synchronization, as `check` does.
    #[arg(long, value_name = "TIMES", conflicts_with_all = ["file", "index", "scenario", "disasters"], value_parser = super::asked::whole::<u64>)]
    kill: Option<u64>,
    /// Bring disasters about, as `check` does.
    #[arg(long, conflicts_with_all = ["file", "index", "scenario"])]
    disasters: bool,
    /// The reading of the documents to judge by: documented-2016, if neither this nor the file of implementations says.
    #[arg(long)]
    pub(super) profile: Option<String>,
    #[command(flatten)]
    pub(super) implementations: Implementations,
}

impl ReplayArguments {
    /// What is named without an option.
    pub(super) fn named(&self) -> Option<String> {
        Some(self.file.as_ref()?.to_str()?.to_owned())
    }
}

/// The error for a command line that names nothing to replay.
const NOTHING: &str = "error: `replay` is not told what to replay\n\
    help: name a failure of a report: `tombstone replay tombstone-report#ID`; a file: `tombstone replay \
    tombstone-report/failures/NAME.toml`; or a scenario: `--scenario ID`; or a plan: \
    `--index N --seed SEED`, or `--index N --tour`; or say `--kill TIMES` or `--disasters`. The lines that `check` prints \
    behind `replay` say all of it";

/// What is replayed.
enum Matter {
    /// These scenarios.
    Scenarios(Vec<Scenario>),
    /// A scenario that is in no file, and the line that names it.
    Recorded(Box<Scenario>, CommandLine),
    /// A plan that is drawn for each implementation.
    Plan(PlansFrom, u64),
    /// The engine is killed so many times, at moments drawn from this seed.
    Kills(u64, u64),
    /// Disasters from outside.
    Disasters,
}

pub(super) fn run(mut arguments: ReplayArguments) -> CommandOutcome {
    if let Some(named) = arguments.named() {
        let (paths, patterns) = told_apart(&[named])?;
        arguments.file = paths.into_iter().next();
        arguments.scenario.extend(patterns);
    }
    let arguments = &arguments;
    let profile = profile(arguments.profile.as_deref().unwrap_or(Profile::DEFAULT))?;
    let from = arguments.file.iter().chain(&arguments.suite);
    let suite = from.map(|path| path.to_string_lossy().into_owned()).collect();
    let checking = Checking { suite, ..Checking::of(profile) };
    let matter = matter(arguments, &checking)?;
    judged(arguments, &checking, &matter)
}

/// Replays a scenario that is in no file; the line names it.
pub(super) fn one_scenario(arguments: &ReplayArguments, scenario: Scenario, line: CommandLine) -> CommandOutcome {
    let checking = Checking::of(profile(arguments.profile.as_deref().unwrap_or(Profile::DEFAULT))?);
    judged(arguments, &checking, &Matter::Recorded(Box::new(scenario), line))
}

fn judged(arguments: &ReplayArguments, checking: &Checking, matter: &Matter) -> CommandOutcome {
    let mut done = Vec::new();
    let subjects = arguments.implementations.chosen()?;
    about_programs(&subjects, &[("--kill", arguments.kill.is_some()), ("--disasters", arguments.disasters)])?;
    for subject in subjects {
        let checking = held_to(arguments.profile.as_deref(), checking, &subject);
        done.push(one(matter, &checking, &subject));
    }
    Ok(Exit::of(&log::told(&done)))
}

/// What the command line asks for.
fn matter(arguments: &ReplayArguments, checking: &Checking) -> Result<Matter, CommandError> {
    if let Some(times) = arguments.kill {
        return Ok(Matter::Kills(times, arguments.seed));
    }
    if arguments.disasters {
        return Ok(Matter::Disasters);
    }
    if let Some(index) = arguments.index {
        if !arguments.tour {
            let source = PlansFrom::Covering { seed: arguments.seed, strength: arguments.strength };
            return Ok(Matter::Plan(source, index));
        }
        let tour = tour(&checking.rules, checking.profile.readings());
        return if index < tour.plans.len() as u64 {
            Ok(Matter::Plan(PlansFrom::Tour(Arc::new(tour)), index))
        } else {
            Err(CommandError::usage(format!("error: the tour has {} plans", tour.plans.len())))
        };
    }
    if arguments.file.is_none() && arguments.scenario.is_empty() {
        return Err(CommandError::usage(NOTHING));
    }
    let files: Vec<PathBuf> = arguments.file.iter().chain(&arguments.suite).cloned().collect();
    let mut loaded = load(&files, colour())?;
    if !files.is_empty() {
        take_out_mistaken(&mut loaded);
    }
    if !loaded.errors.is_empty() {
        return Err(CommandError::usage(loaded.errors.join("\n")));
    }
    let scenarios = select(loaded.scenarios, &arguments.scenario)?;
    if scenarios.is_empty() {
        Err(CommandError::usage("error: the folder holds no scenario"))
    } else {
        Ok(Matter::Scenarios(scenarios))
    }
}

/// Replays it on one implementation, and shows what came of it.
fn one(matter: &Matter, checking: &Checking, subject: &Subject) -> Vec<Event> {
    let mut log = Log::new(subject.label());
    let mut implementation = match subject.start(&checking.profile) {
        Ok(implementation) => implementation,
        Err(error) => {
            eprintln!("error: {}", error.trim_end());
            summary::not_started(&mut log, &[], &error);
            log.tell(Event::ImplementationEnded);
            return log.into_events();
        }
    };
    let name = subject.called(implementation.describe());
    log.tell(Event::ImplementationStarted(ImplementationStarted { name, ..ImplementationStarted::default() }));
    let drawn;
    let (mut scenarios, mut line) = ([].as_slice(), None);
    match matter {
        Matter::Scenarios(these) => scenarios = these,
        Matter::Recorded(this, named) => {
            scenarios = std::slice::from_ref(&**this);
            line = Some(named.clone());
        }
        Matter::Plan(source, index) => {
            drawn = super::drawn::drawn(source, *index, checking, &implementation.describe().capabilities);
            scenarios = std::slice::from_ref(&drawn);
            line = Some(lines::plan(source, *index, &checking.profile, subject));
        }
        Matter::Kills(times, seed) => {
            bring_kills((*times, *seed), &checking.profile, subject, &mut log, true);
        }
        Matter::Disasters => bring_disasters(&checking.profile, subject, &mut log, true),
    }
    let mut pictures = Vec::new();
    for scenario in scenarios {
        let line = line.clone().unwrap_or_else(|| lines::scenario(checking, subject, &scenario.id));
        let (mut told, mut judged) = check::told(checking, subject, &mut *implementation, (scenario, &line), None);
        // One thing is looked at again where it passes, too: a program may fail it at other times.
        if let (Subject::Program { .. }, [_], Conclusion::Conforms) = (subject, scenarios, &judged.outcome)
            && let Some(failed) = confirm::passes(checking, subject, &mut *implementation, (scenario, &line), &mut log)
        {
            (told, judged) = failed;
        }
        told.to(&mut log);
        pictures.push(judged);
    }
    confirm::cases(checking, subject, &mut *implementation, &mut log);
    let capabilities = implementation.describe().capabilities.clone();
    if let Err(failure) = implementation.end() {
        log.tell(findings::ending(&failure));
    }
    log.tell(Event::ImplementationEnded);
    let events = log.into_events();
    show(checking, &capabilities, std::slice::from_ref(&events), &pictures);
    events
}

fn show(checking: &Checking, capabilities: &Capabilities, told: &[Vec<Event>], pictures: &[JudgedCase<'_>]) {
    for report in &log::told(told).implementations {
        for case in &report.cases {
            print(&format!("judging {}: {}", report.name, case.id));
            if let Some(judged) = pictures.iter().find(|judged| judged.scenario.id == case.id) {
                if case.failures.is_empty() {
                    print(&timeline::text(&picture::timeline(&judged.scenario.plan, &judged.trace, None)));
                }
                if let Some(why) = not_asked(capabilities, judged) {
                    print(&why);
                }
                if let Some(origin) = judged.scenario.origin.as_ref() {
                    since(&checking.rules, origin, &digests(&judged.trace));
                }
            }
            for failure in &case.failures {
                print(&terminal::failure(failure, colour()));
            }
            for unstable in report.unstable.iter().filter(|unstable| unstable.place == case.id) {
                print(&terminal::unstable(unstable, colour()));
            }
            let reason = if case.reason.is_empty() { String::new() } else { format!(": {}", case.reason) };
            print(&format!("verdict: {}{reason}", case.verdict));
        }
        let findings = report.findings.iter().map(|it| ("finding", &it.category, &it.text));
        let observations = report.observations.iter().map(|it| ("observation", &it.category, &it.text));
        for (what, category, text) in findings.chain(observations) {
            print(&format!("{what}: {category}: {text}"));
        }
    }
}

/// The steps of a plan that were passed over since they need what is not claimed, by what they need; none where none was.
/// What is passed over for another reason stands in the picture.
fn not_asked(capabilities: &Capabilities, judged: &JudgedCase<'_>) -> Option<String> {
    let scenario = judged.scenario.as_ref();
    scenario.origin.as_ref()?;
    let setup = &scenario.plan.setup;
    let lacks = |step| capabilities.lacks_step(setup, step).map(Lack::capability);
    let mut needs: BTreeMap<String, u64> = BTreeMap::new();
    scenario.plan.steps.iter().filter_map(lacks).for_each(|need| *needs.entry(need).or_default() += 1);
    let steps = needs.values().sum();
    let needs: Vec<String> = needs.iter().map(|(need, times)| format!("`{need}` ({times})")).collect();
    (steps > 0).then(|| format!("not asked for: {}, which need {}", counted(steps, "step"), needs.join(", ")))
}

/// Says whether the rules, or what was seen, have changed since a counterexample was written.
fn since(rules: &Rules, origin: &Origin, digests: &[String]) {
    if origin.rules != rules.version() {
        eprintln!(
            "note: the counterexample was written under the rules {}, these are {}",
            origin.rules,
            rules.version()
        );
    }
    if let Some(at) = origin.digests.iter().zip(digests).position(|(then, now)| then != now) {
        eprintln!("note: from step {} on, something else is seen than when the counterexample was written", at + 1);
    }
}

//! `tombstone check`: the main job.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use tombstone_adapter::{ChildImplementation, Meter, Work};
use tombstone_campaign::campaign::{self, CampaignPlan, PlansFrom, Tally};
use tombstone_campaign::causes::FailedRuns;
use tombstone_campaign::check::{self, Checking};
use tombstone_campaign::confirm;
use tombstone_campaign::decided::decided;
use tombstone_campaign::disasters;
use tombstone_campaign::findings;
use tombstone_campaign::kill;
use tombstone_campaign::lines;
use tombstone_campaign::log::Log;
use tombstone_campaign::never;
use tombstone_campaign::packing::{self, Tick};
use tombstone_campaign::readings;
use tombstone_campaign::resume;
use tombstone_campaign::subject::Subject;
use tombstone_campaign::summary;
use tombstone_model::contract::implementation::{Description, Implementation};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::verdict::Check;
use tombstone_reports::events::{
    Event, EventLine, ImplementationStarted, NotedEvent, PlanSource, RunStarted, STREAM, Timed,
};
use tombstone_reports::render::terminal::Detail;
use tombstone_reports::value::scope::{PlansGiven, ProgramScope, RunScope, Shard};
use tombstone_reports::{CaseReport, CaseTiming, Decided, Exit, Facts, KillTiming, StageTiming, counted};
use tombstone_scenarios::Scenario;
use tombstone_search::covering::Strength;
use tombstone_search::explore::tour::{Tour, tour};

use super::attach::about_programs;
use super::budget::{self, Choice};
use super::choose::{Implementations, held_to, load, profile, select, told_apart};
use super::clock::{bar, clock, micros, millis, now};
use super::folder::{self, Resumed};
use super::interrupt;
use super::known::{BaselineArguments, Demanding, HeldBaselines};
use super::mistaken::take_out_mistaken;
use super::outcome::{CommandError, CommandOutcome};
use super::output::{colour, print};
use super::shard;
use super::showing::Showing;
use crate::tables;

/// The random plans run on each built-in implementation, if not said otherwise.
const PLANS: u64 = 10_000;
/// The random plans run on a program of which it cannot be told how fast it is.
const PROGRAM_PLANS: u64 = 50;
/// For how long plans run on a program, if not said otherwise: one takes it milliseconds to seconds.
const BUDGET: u64 = 60;
/// How often the engine of a program is killed, if not said otherwise: each takes it a few synchronizations.
const KILLS: u64 = 12;

#[derive(Args)]
pub(super) struct CheckArguments {
    /// Run these scenarios and nothing else that is not asked for: files, folders, or ids of the suite, in which `*` stands for
    /// anything.
    #[arg(value_name = "SCENARIO", conflicts_with_all = ["scenario", "suite"])]
    what: Vec<String>,
    #[command(flatten)]
    pub(super) implementations: Implementations,
    /// The reading of the documents to hold them to: documented-2016, if neither this nor the file of implementations says.
    #[arg(long)]
    profile: Option<String>,
    /// Run these scenarios only; `*` stands for anything. May be given several times.
    #[arg(long, value_name = "PATTERN")]
    scenario: Vec<String>,
    /// Run the scenarios of these files and folders only, instead of the suite.
    #[arg(long, value_name = "PATH")]
    suite: Vec<PathBuf>,
    /// How many plans to run on each implementation: 10,000 built in, as many as --budget allows on a program, none with
    /// --scenario or --suite. The first of them bring every pair of circumstances together, the others are drawn at random.
    #[arg(long, value_parser = super::asked::whole::<u64>)]
    plans: Option<u64>,
    /// How long plans may run on a program, in seconds: 60, if not said otherwise. Chooses their number, and whether the
    /// tour runs; never what a plan is.
    #[arg(long, value_name = "SECONDS", conflicts_with = "plans", value_parser = super::asked::whole::<u64>)]
    budget: Option<u64>,
    /// How many circumstances meet in the first plans: every pair, or every triple.
    #[arg(long, value_name = "2|3", default_value = "2", value_parser = super::asked::strength)]
    strength: Strength,
    /// Run the tour, every reachable situation and operation, whatever the budget and the number of plans.
    #[arg(long)]
    tour: bool,
    /// Whether scenarios share a world where they can. If not said: where a reset of the program takes more than 50 ms.
    #[arg(long, value_enum)]
    isolation: Option<Isolation>,
    /// How often to kill a program's engine inside a synchronization: 12 where it can be, not at all with --scenario or
    /// --suite.
    #[arg(long, value_name = "TIMES", value_parser = super::asked::whole::<u64>)]
    kill: Option<u64>,
    /// Bring disasters about that a program says it can be asked for, even with --scenario or --suite: memory lost, a store
    /// emptied.
    #[arg(long)]
    disasters: bool,
    /// Shrink what a program fails of the scenarios, too, one of each sort.
    #[arg(long)]
    shrink: bool,
    /// The seed of the random plans.
    #[arg(long, default_value_t = 1, value_parser = super::asked::whole::<u64>)]
    seed: u64,
    /// Run every random plan twice and compare what was answered and seen.
    #[arg(long)]
    doublecheck: bool,
    /// Print which readings of the documents each implementation was seen to follow, and the profile nearest to it.
    #[arg(long)]
    infer: bool,
    /// Print which scenarios cover each documented fact, and which facts none covers.
    #[arg(long)]
    coverage: bool,
    /// Show every situation that a row of the table was split into, and a picture of every failure.
    #[arg(long)]
    verbose: bool,
    /// Where to write the report: tombstone-report, if not said otherwise. Where that holds the report of a run that did
    /// more, tombstone-report-part; in a folder that is named so that is an error.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// Replace the report of a run that did more than this one will.
    #[arg(long)]
    replace: bool,
    /// Go on where the same command broke off: what was judged by then is not run again.
    #[arg(long, conflicts_with = "replace")]
    resume: bool,
    /// Run one of N shards of this, anywhere, for `merge` to make the report of all of them: its journal goes to
    /// tombstone-shard-K-of-N, if --report does not say where. On programs it wants --plans.
    #[arg(long, value_name = "K/N", conflicts_with_all = ["infer", "coverage", "shrink"])]
    shard: Option<Shard>,
    #[command(flatten)]
    known: BaselineArguments,
    #[command(flatten)]
    demanding: Demanding,
    /// How many threads to use; 1 to 1024; as many as there are processors, if not said otherwise.
    #[arg(long, value_name = "N", value_parser = super::asked::threads)]
    threads: Option<usize>,
}

impl CheckArguments {
    /// Whether scenarios are named, in whichever way.
    pub(super) fn names_scenarios(&self) -> bool {
        !self.what.is_empty() || self.chooses()
    }

    /// Whether scenarios were chosen, by name or by file: then nothing else runs that is not asked for.
    fn chooses(&self) -> bool {
        !self.scenario.is_empty() || !self.suite.is_empty()
    }

    /// Whether the tour may run on any of these.
    fn toured(&self, subjects: &[Subject]) -> bool {
        // Whoever names a number of plans for a program has the tour only by asking for it.
        let usual = |subject: &Subject| match subject {
            Subject::BuiltIn(_) | Subject::Made(_) => self.plans != Some(0),
            Subject::Program { .. } => self.plans.is_none(),
        };
        self.tour || ((!self.chooses() || self.budget.is_some()) && subjects.iter().any(usual))
    }

    /// How many plans what is built in is given.
    fn plans_built_in(&self) -> u64 {
        self.plans.unwrap_or(if self.chooses() { 0 } else { PLANS })
    }

    /// What programs are given.
    fn plans_of_programs(&self) -> PlansGiven {
        match self.plans {
            Some(plans) => PlansGiven::Number(plans),
            None if self.chooses() && self.budget.is_none() => PlansGiven::Number(0),
            None => PlansGiven::Seconds(self.budget.unwrap_or(BUDGET)),
        }
    }

    /// How often the engine of a program is killed, where it can be.
    fn kills(&self) -> u64 {
        self.kill.unwrap_or(if self.chooses() { 0 } else { KILLS })
    }

    /// How much the run does.
    fn scope(&self, subjects: &[Subject], scenarios: &[Scenario], tour: bool) -> RunScope {
        let is_program = |subject: &Subject| matches!(subject, Subject::Program { .. });
        let ids = || scenarios.iter().map(|scenario| scenario.id.clone()).collect();
        RunScope {
            chosen: self.chooses().then(ids),
            plans: (!subjects.iter().all(is_program)).then(|| self.plans_built_in()),
            programs: subjects.iter().any(is_program).then(|| ProgramScope {
                plans: self.plans_of_programs(),
                kills: self.kills(),
                disasters: self.disasters || !self.chooses(),
            }),
            tour,
            shard: self.shard,
        }
    }

    /// Whether what has that number is to be run: a case, or a share of plans.
    fn takes(&self, nth: u64) -> bool {
        self.shard.is_none_or(|shard| shard.takes(nth))
    }

    /// The options that do something for programs only, and whether they are given.
    fn about_programs(&self) -> [(&'static str, bool); 5] {
        [
            ("--kill", self.kill.is_some_and(|times| times > 0)),
            ("--disasters", self.disasters),
            ("--budget", self.budget.is_some()),
            ("--isolation", self.isolation.is_some()),
            ("--shrink", self.shrink),
        ]
    }
}

pub(super) fn run(arguments: CheckArguments) -> CommandOutcome {
    run_as(arguments, super::asked::recorded())
}

/// The same; the report says that it was asked for in these words.
pub(super) fn run_as(mut arguments: CheckArguments, recorded: Vec<String>) -> CommandOutcome {
    if !arguments.what.is_empty() {
        (arguments.suite, arguments.scenario) = told_apart(&arguments.what)?;
    }
    let arguments = &arguments;
    let (started, time) = (clock(), now());
    let profile = profile(arguments.profile.as_deref().unwrap_or(Profile::DEFAULT))?;
    let subjects = arguments.implementations.chosen()?;
    about_programs(&subjects, &arguments.about_programs())?;
    if arguments.shard.is_some() {
        let seconds = matches!(arguments.plans_of_programs(), PlansGiven::Seconds(_));
        shard::fits(seconds && subjects.iter().any(|subject| matches!(subject, Subject::Program { .. })))?;
    }
    let suite = arguments.suite.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let checking = Checking { suite, ..Checking::of(profile) };
    let rules = Arc::clone(&checking.rules);
    let mut loaded = load(&arguments.suite, colour())?;
    if !arguments.suite.is_empty() {
        take_out_mistaken(&mut loaded);
    }
    if loaded.scenarios.is_empty() && !loaded.errors.is_empty() {
        return Err(CommandError::usage(loaded.errors.join("\n")));
    }
    let narrowed = (!arguments.scenario.is_empty()).then_some("only a selection of the scenarios is run");
    arguments.known.whole(narrowed.or((!loaded.errors.is_empty()).then_some("not every scenario can be run")))?;
    let all = every_case(&loaded.scenarios, arguments);
    let scenarios = select(loaded.scenarios, &arguments.scenario)?;
    let listed = arguments.implementations.listed_names()?;
    let held: HeldBaselines = arguments.known.read(&subjects, listed, (&all, &scenarios))?;
    for error in &loaded.errors {
        eprintln!("{}", error.trim_end());
    }
    if arguments.coverage {
        print(&coverage(&scenarios));
        return Ok(if loaded.errors.is_empty() { Exit::Conforms } else { Exit::Usage });
    }
    super::asked::use_threads(arguments.threads)?;
    let checks = Check::ALL.iter().filter(|check| **check != Check::Rule);
    let toured = arguments.toured(&subjects);
    let mut started_run = RunStarted {
        stream: STREAM,
        tombstone: env!("CARGO_PKG_VERSION").to_owned(),
        rules_digest: rules.version(),
        suite_digest: format!("{:016x}", loaded.digest),
        profile: profile.name.clone(),
        seed: Some(arguments.seed.to_string()),
        arguments: recorded,
        filtered: !arguments.scenario.is_empty(),
        folder: None,
        implementations: subjects.iter().map(Subject::label).collect(),
        scope: Some(arguments.scope(&subjects, &scenarios, toured)),
        baseline: held.baseline.clone(),
        tables: tables::texts(),
        rules: tables::all_rows(profile),
        unreachable: rules.ids().filter(|(_, row)| row.unreachable.is_some()).map(|(_, row)| row.id.clone()).collect(),
        checks: checks.map(|&check| summary::check(check)).collect(),
        facts: Some(facts(&scenarios)),
    };
    let demands = arguments.demanding.demands(&started_run.rules, &started_run.checks)?;
    tables::proved(&mut started_run.rules, &mut started_run.checks);
    // Before the work: nobody waits an hour for a report that cannot be kept.
    let shards = arguments.shard.filter(|_| arguments.report.is_none()).map(shard::folder);
    let named = shards.as_deref().or(arguments.report.as_deref());
    let Resumed { journal, folder, events: earlier } = if arguments.resume {
        let same = |events: &[EventLine]| same_implementations(arguments, &checking, (&subjects, &scenarios), events);
        folder::resume(named, &mut started_run, same)?
    } else {
        let (journal, folder) = folder::open(named, arguments.replace, &mut started_run)?;
        Resumed { journal, folder, events: Vec::new() }
    };
    let journal = Arc::new(journal);
    let run = |event| EventLine { of: None, event };
    let mut lines = vec![run(Event::RunStarted(Box::new(started_run)))];
    if arguments.resume {
        let count = |of: fn(&Event) -> u64| earlier.iter().map(|line| of(&line.event)).sum();
        let cases = count(|event| u64::from(matches!(event, Event::CaseJudged(_))));
        let plans = count(|event| if let Event::PlansJudged(share) = event { share.plans } else { 0 });
        eprintln!("going on behind {} and {}", counted(cases, "case"), counted(plans, "plan"));
    } else {
        journal.tell(None, &lines[0].event);
    }
    let detail = if arguments.verbose { Detail::Full } else { Detail::Brief };
    let showing = Showing { folder, detail, infer: arguments.infer, demands, held, shard: arguments.shard };
    interrupt::watch(Arc::clone(&journal), showing.clone())?;
    let tour = toured.then(|| Arc::new(tour(&rules, checking.profile.readings())));
    // Programs run side by side, each in its own processes; what is built in takes every processor by itself.
    let job = |(subject, number): (&Subject, usize)| {
        let begun = clock();
        let checking = held_to(arguments.profile.as_deref(), &checking, subject);
        let mut stages = Stages::of(subject);
        let earlier = earlier.iter().filter(|line| line.of == Some(number)).map(|line| line.event.clone());
        let mut log = Log::resumed(subject.label(), earlier).into_journal(Arc::clone(&journal), number);
        if resume::is_whole(log.earlier()) {
            return log.into_events();
        }
        implementation(arguments, &checking, subject, &scenarios, tour.as_ref(), &mut stages, &mut log);
        log.tell(Event::ImplementationEnded);
        let what = Timed::Implementation { milliseconds: millis(begun), plans: stages.plans };
        log.tell(Event::Timed { what });
        log.into_events()
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let job = &job;
        let running: Vec<_> = subjects
            .iter()
            .zip(0..)
            .map(|each| match each.0 {
                // Without a thread of its own it takes its turn.
                Subject::Program { .. } => std::thread::Builder::new().spawn_scoped(scope, move || job(each)).ok(),
                Subject::BuiltIn(_) | Subject::Made(_) => None,
            })
            .collect();
        let pairs = subjects.iter().zip(0..).zip(running);
        pairs
            .map(|(each, running)| match running {
                None => job(each),
                Some(running) => running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            })
            .collect()
    });
    let host = super::asked::host(rayon::current_num_threads());
    for (events, of) in done.into_iter().zip(0..) {
        lines.extend(events.into_iter().map(|event| EventLine { of: Some(of), event }));
    }
    lines.push(run(Event::Timed { what: Timed::Run { host, started: time, milliseconds: millis(started) } }));
    lines.push(run(Event::RunEnded));
    if !journal.close(None) {
        // It was ended from outside before: whoever does that shows its report, and ends the process.
        loop {
            std::thread::park();
        }
    }
    let exit = showing.show(&lines, &journal);
    Ok(if loaded.errors.is_empty() { exit } else { exit.or(Exit::Usage) })
}

/// The ids and aliases of every scenario that there is, run or not: of the suite, and of the files given instead.
fn every_case(loaded: &[Scenario], arguments: &CheckArguments) -> Vec<String> {
    let names = |it: &Scenario| [vec![it.id.clone()], it.aliases.clone()].concat();
    let mut all: BTreeSet<String> = loaded.iter().flat_map(names).collect();
    if arguments.known.is_asked_for() && !arguments.suite.is_empty() {
        all.extend(tombstone_scenarios::scenarios().iter().flat_map(names));
    }
    all.into_iter().collect()
}

/// The suite and the random plans on one implementation.
fn implementation(
    arguments: &CheckArguments,
    checking: &Checking,
    subject: &Subject,
    scenarios: &[Scenario],
    tour: Option<&Arc<Tour>>,
    stages: &mut Stages,
    log: &mut Log,
) {
    let unasked = unasked(checking, subject);
    // One of ours that has no such reading decides nothing, and says so.
    if let Subject::BuiltIn(built_in) = subject
        && let Some(why) = built_in.cannot_follow(&checking.profile)
    {
        let why = format!("cannot act by the profile {}: {why}", checking.profile.name);
        log.tell(Event::ImplementationStarted(unasked));
        return summary::unsupported(log, scenarios, &why);
    }
    let resumed = !log.earlier().is_empty();
    let mut implementation = match subject.start(&checking.profile) {
        Ok(implementation) => implementation,
        // It could be started before.
        Err(text) if resumed => return log.tell(Event::EndedBadly { text }),
        Err(error) => {
            log.tell(Event::ImplementationStarted(unasked));
            return summary::not_started(log, scenarios, &error);
        }
    };
    let description = implementation.describe().clone();
    let enough = decided(&description.capabilities, scenarios, &checking.profile.name);
    let started = introduced(unasked, subject, &description, enough.clone());
    let name = started.name.clone();
    if !resumed {
        log.tell(Event::ImplementationStarted(started));
    }
    if matches!(subject, Subject::Program { .. }) && enough.decided + enough.elsewhere < enough.of {
        let more = enough.additions().next().map(|more| format!("; {more}")).unwrap_or_default();
        eprintln!("{name}: {}{more}", enough.summary());
    }
    let mine = scenarios.iter().zip(0..).filter(|(_, nth)| arguments.takes(*nth)).map(|(scenario, _)| scenario.clone());
    let mine: Vec<Scenario> = if arguments.shard.is_some() { mine.collect() } else { Vec::new() };
    let scenarios = if arguments.shard.is_some() { &mine } else { scenarios };
    let bar = bar(scenarios.len() as u64, &format!("{name}: scenarios"));
    let judged = resume::has_all_cases(log.earlier());
    let mut times = Vec::new();
    // Whoever ran alone before goes on so.
    let alone = judged || resume::is_alone(log.earlier());
    match if alone { None } else { packing(arguments, subject, scenarios) } {
        Some(mut child) => {
            log.tell(Event::ScenariosStarted { packed: true });
            let begun = clock();
            let tick = &mut |tick| match tick {
                Tick::Scenario => bar.inc(1),
                Tick::Packed => stages.end("scenarios packed"),
                Tick::Confirmed => stages.end("scenarios confirmed"),
            };
            let beside = &mut *implementation;
            let saved = packing::scenarios(checking, subject, &mut child, beside, scenarios, log, tick);
            eprintln!("{name}: {}; {} ms", saved, millis(begun));
            if let Err(failure) = child.end() {
                log.tell(findings::ending(&failure));
            }
        }
        None if judged => {}
        None => {
            if !alone {
                log.tell(Event::ScenariosStarted { packed: false });
            }
            let (mut begun, mut took) = (clock(), Vec::new());
            let tick = &mut |case: &CaseReport| {
                bar.inc(1);
                took.push(CaseTiming { id: case.id.clone(), microseconds: micros(begun) });
                begun = clock();
            };
            check::scenarios(checking, subject, &mut *implementation, scenarios, log, tick);
            times = took;
        }
    }
    if !judged {
        log.tell(Event::ScenariosJudged);
        log.tell(Event::Timed { what: Timed::Cases(times) });
    }
    bar.finish_and_clear();
    stages.end("scenarios");
    if arguments.shard.is_none() {
        confirm::cases(checking, subject, &mut *implementation, log);
        stages.end("confirming");
    }
    let source = PlansFrom::Covering { seed: arguments.seed, strength: arguments.strength };
    let sources: Vec<(PlansFrom, u64)> = match resume::chosen(log.earlier()) {
        Some(chosen) => {
            let sources = chosen.into_iter().filter_map(|(chosen, plans)| match chosen {
                PlanSource::Tour => Some((PlansFrom::Tour(Arc::clone(tour?)), plans)),
                PlanSource::Generated => Some((source.clone(), plans)),
            });
            sources.collect()
        }
        None => {
            let Choice { plans, tour: toured } =
                chosen(arguments, checking, subject, &source, tour.map(|tour| &**tour), &mut *implementation, &name);
            let tour = tour.filter(|_| toured).map(|tour| (PlansFrom::Tour(Arc::clone(tour)), tour.plans.len() as u64));
            tour.into_iter().chain((plans > 0).then_some((source, plans))).collect()
        }
    };
    let planned = sources.into_iter().map(|(source, plans)| CampaignPlan {
        rules: Arc::clone(&checking.rules),
        profile: checking.profile.clone(),
        source,
        plans,
        doublecheck: arguments.doublecheck,
    });
    let planned: Vec<CampaignPlan> = planned.collect();
    // All of them before the first plan runs: how many were chosen is known to whoever goes on.
    if resume::chosen(log.earlier()).is_none() {
        log.tell_all(planned.iter().map(summary::plans_started));
    }
    let mut campaigns = Vec::new();
    let begun = clock();
    for campaign in planned {
        let bar = self::bar(campaign.plans, &format!("{name}: generated plans"));
        let known = Tally::told(&checking.rules, resume::shares(log.earlier(), summary::source(&campaign)));
        bar.inc(known.plans);
        let told = resume::shares(log.earlier(), summary::source(&campaign)).count();
        let left = |shares: u64| (0..shares).filter(|&nth| arguments.takes(nth)).skip(told);
        let tally = match subject {
            Subject::BuiltIn(_) | Subject::Made(_) => {
                let share = &mut |from, share: &Tally| {
                    log.tell(summary::plans_judged(&campaign, subject, from, share));
                };
                let shares: Vec<u64> = left(campaign::shares(campaign.plans)).collect();
                campaign::go_on(&campaign, subject, &|plans| bar.inc(plans), share, known, &shares)
            }
            Subject::Program { .. } => Ok(left(campaign.plans).fold(known, |tally, index| {
                bar.inc(1);
                let part = campaign::part(&campaign, &mut *implementation, index..index + 1);
                let example = summary::replay(&campaign, subject, index);
                let testimony = implementation.testify();
                log.tell_all(findings::witness(&testimony, part.fared(), &example.to_string()));
                log.tell(summary::plans_judged(&campaign, subject, index, &part));
                tally.merge(part)
            })),
        };
        bar.finish_and_clear();
        match tally {
            Ok(tally) => campaigns.push((campaign, tally)),
            Err(error) => eprintln!("error: {error}"),
        }
    }
    stages.plans = millis(begun);
    // What is made of everything is made of all shards together.
    if arguments.shard.is_some() {
        if let Err(failure) = implementation.end() {
            log.tell(findings::ending(&failure));
        }
        return;
    }
    let runs = FailedRuns { checking, subject, scenarios, campaigns: &campaigns };
    let causes = summary::campaigns(runs, &mut *implementation, log);
    let campaigns: Vec<CampaignPlan> = campaigns.into_iter().map(|(campaign, _)| campaign).collect();
    let runs = readings::ExhibitedRuns { checking, subject, scenarios, campaigns: &campaigns, causes: &causes };
    readings::infer(&runs, &mut *implementation, log);
    stages.end("plans");
    if arguments.shrink && matches!(subject, Subject::Program { .. }) {
        summary::shrink_cases(checking, subject, scenarios, &mut *implementation, log);
        stages.end("shrinking");
    }
    // Whoever chooses scenarios does not ask for everything.
    if !arguments.chooses() {
        never::tell(checking, &description.capabilities, scenarios, log);
    }
    if let Err(failure) = implementation.end() {
        log.tell(findings::ending(&failure));
    }
    kills(arguments, &checking.profile, subject, log);
    stages.end("kills");
    strike(arguments, &checking.profile, subject, log);
    stages.end("disasters");
    log.tell_all(stages.done.drain(..).map(|stage| Event::Timed { what: Timed::Stage(stage) }));
}

/// What is known of an implementation before it is asked who it is.
fn unasked(checking: &Checking, subject: &Subject) -> ImplementationStarted {
    ImplementationStarted {
        name: subject.label(),
        program: subject.program(),
        environment: subject.environment(),
        chosen_by: lines::chosen_by(&checking.profile, subject),
        ..ImplementationStarted::default()
    }
}

/// The same, with what it says itself.
fn introduced(
    unasked: ImplementationStarted,
    subject: &Subject,
    description: &Description,
    decided: Decided,
) -> ImplementationStarted {
    ImplementationStarted {
        name: subject.called(description),
        version: description.version.clone(),
        claims: summary::claims(&description.capabilities),
        lacks: summary::lacks(&description.capabilities),
        decided: Some(decided),
        ..unasked
    }
}

/// Whether implementations that were started before a run broke off say the same of themselves now.
fn same_implementations(
    arguments: &CheckArguments,
    checking: &Checking,
    (subjects, scenarios): (&[Subject], &[Scenario]),
    events: &[EventLine],
) -> Result<(), CommandError> {
    for (subject, number) in subjects.iter().zip(0..) {
        let earlier = events.iter().filter(|line| line.of == Some(number)).find_map(|line| {
            let Event::ImplementationStarted(started) = &line.event else { return None };
            // What could not be asked before said nothing.
            started.decided.is_some().then_some(started)
        });
        let Some(earlier) = earlier else { continue };
        let checking = held_to(arguments.profile.as_deref(), checking, subject);
        let implementation = subject.start(&checking.profile);
        let mut implementation = implementation
            .map_err(|error| CommandError::incomplete(format!("error: {}: {}", earlier.name, error.trim_end())))?;
        let description = implementation.describe().clone();
        let decided = decided(&description.capabilities, scenarios, &checking.profile.name);
        let started = introduced(unasked(&checking, subject), subject, &description, decided);
        // Whatever is wrong with its end is found when it is judged.
        let _ = implementation.end();
        if started != *earlier {
            return Err(CommandError::usage(format!(
                "error: `{}` is another program than before the run broke off: it was {} {}, and is {} {}, or it can do \
                 something else\nhelp: start anew without --resume",
                subject.label(),
                earlier.name,
                earlier.version,
                started.name,
                started.version
            )));
        }
    }
    Ok(())
}

/// How many plans an implementation is given, and whether the tour runs on it.
fn chosen(
    arguments: &CheckArguments,
    checking: &Checking,
    subject: &Subject,
    source: &PlansFrom,
    tour: Option<&Tour>,
    implementation: &mut dyn Implementation,
    name: &str,
) -> Choice {
    match subject {
        Subject::BuiltIn(_) | Subject::Made(_) => {
            let plans = arguments.plans_built_in();
            Choice { plans, tour: arguments.tour || (plans > 0 && !arguments.chooses()) }
        }
        Subject::Program { .. } => {
            let seconds = match arguments.plans_of_programs() {
                PlansGiven::Number(plans) => return Choice { plans, tour: arguments.tour },
                PlansGiven::Seconds(seconds) => seconds,
            };
            let campaign = CampaignPlan {
                rules: Arc::clone(&checking.rules),
                profile: checking.profile.clone(),
                source: source.clone(),
                plans: 0,
                doublecheck: false,
            };
            let budget = Duration::from_secs(seconds);
            let Some((choice, said)) = budget::choose(budget, &campaign, tour, implementation) else {
                return Choice { plans: PROGRAM_PLANS, tour: arguments.tour };
            };
            eprintln!("{name}: {said}");
            Choice { tour: choice.tour || arguments.tour, ..choice }
        }
    }
}

/// How long each stage of a run took, and what a program was asked to do in it.
struct Stages {
    meter: Meter,
    /// What the plans took, in milliseconds, without the shrinking.
    plans: u64,
    begun: Instant,
    done: Vec<StageTiming>,
}

impl Stages {
    fn of(subject: &Subject) -> Self {
        let meter = match subject {
            Subject::Program { launch, .. } => launch.meter.clone(),
            Subject::BuiltIn(_) | Subject::Made(_) => Meter::default(),
        };
        Self { meter, plans: 0, begun: clock(), done: Vec::new() }
    }

    /// Ends a stage; one in which a program was asked for nothing is passed over.
    fn end(&mut self, stage: &str) {
        let work = self.meter.take();
        if work != Work::default() {
            let Work { resets, synchronizations } = work;
            let milliseconds = millis(self.begun);
            self.done.push(StageTiming { stage: stage.to_owned(), milliseconds, resets, synchronizations });
        }
        self.begun = clock();
    }
}

/// Whether scenarios share a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Isolation {
    /// Scenarios that have nothing to do with each other share one; what fails is run again alone.
    Packed,
    /// Each has its own.
    Scenario,
}

/// The resets that are cheap enough for every scenario to have its own.
const CHEAP: Duration = Duration::from_millis(50);

/// A process of a program's own to run packed scenarios in, where they are to be packed.
fn packing(arguments: &CheckArguments, subject: &Subject, scenarios: &[Scenario]) -> Option<ChildImplementation> {
    let Subject::Program { launch, .. } = subject else { return None };
    // One that is attached to may know a single master, and those who share a world share a shard.
    if arguments.shard.is_some()
        || arguments.isolation == Some(Isolation::Scenario)
        || launch.socket.is_some()
        || scenarios.len() < 2
    {
        return None;
    }
    let mut child = ChildImplementation::start((**launch).clone()).ok()?;
    let capabilities = child.describe().capabilities.clone();
    let able = scenarios.iter().find(|scenario| capabilities.lacks(&scenario.plan.setup).is_none())?;
    // Whoever asks for it need not be shown that it is worth while.
    let reset_is_slow = arguments.isolation.is_some() || child.reset(&able.plan).is_ok() && child.took() > CHEAP;
    let worth = capabilities.stepped && reset_is_slow;
    worth.then_some(child)
}

/// Kills a program's engine inside synchronizations, and tells what came of it as a case of its own.
fn kills(arguments: &CheckArguments, profile: &Profile, subject: &Subject, log: &mut Log) {
    bring_kills((arguments.kills(), arguments.seed), profile, subject, log, arguments.kill.is_some());
}

/// Kills it so many times with that seed; that it cannot be is a case where it was `asked`.
pub(super) fn bring_kills((times, seed): (u64, u64), profile: &Profile, subject: &Subject, log: &mut Log, asked: bool) {
    let Subject::Program { launch, .. } = subject else { return };
    let line = lines::kills(times, seed, profile, subject);
    if let Some(kills) = kill::case(launch, (times, seed), &line, asked, log) {
        // How many land is a matter of milliseconds, and so of the timings.
        eprintln!("{}: {kills}", log.name());
        let kills = KillTiming { rounds: kills.rounds, landed: kills.landed, finished: kills.finished };
        log.tell(Event::Timed { what: Timed::Kills(kills) });
    }
}

/// Brings disasters about, and tells what came of them.
fn strike(arguments: &CheckArguments, profile: &Profile, subject: &Subject, log: &mut Log) {
    if arguments.disasters || !arguments.chooses() {
        bring_disasters(profile, subject, log, arguments.disasters);
    }
}

/// Disasters, whatever else is checked; what cannot be brought about is a case where it was `asked`.
pub(super) fn bring_disasters(profile: &Profile, subject: &Subject, log: &mut Log, asked: bool) {
    let Subject::Program { launch, .. } = subject else { return };
    let line = lines::disasters(profile, subject);
    match ChildImplementation::start((**launch).clone()) {
        Ok(mut child) => {
            let cases = disasters::disasters(&mut child, &line, asked, log);
            if let Err(failure) = child.end() {
                log.tell(findings::ending(&failure));
            }
            disasters::confirm(launch, cases, &line, log);
        }
        Err(fault) => log.tell(Event::Found(NotedEvent {
            category: "disasters could not be tried".to_owned(),
            text: fault.to_string(),
            alike: None,
            example: Some(line.to_string()),
        })),
    }
}

/// Which scenarios cover each documented fact.
fn facts(scenarios: &[Scenario]) -> Facts {
    summary::facts(scenarios)
}

fn coverage(scenarios: &[Scenario]) -> String {
    let Facts { totals, facts } = facts(scenarios);
    let mut text = String::new();
    for fact in &facts {
        let covered = if fact.scenarios.is_empty() {
            match &fact.reason {
                Some(reason) => format!("– {reason}"),
                None => "✗ no scenario".to_owned(),
            }
        } else {
            format!("✓ {}", fact.scenarios.join(", "))
        };
        text.push_str(&format!("{:<6} {}\n       {covered}\n", fact.id, fact.text));
    }
    text.push_str(&format!(
        "{} facts: {} covered, {} not testable from outside, {} without a scenario\n",
        totals.facts, totals.covered, totals.untestable, totals.uncovered
    ));
    text
}

//! `tombstone scenario`: write, check and format scenarios.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use tombstone_campaign::campaign::PlansFrom;
use tombstone_campaign::check::Checking;
use tombstone_campaign::judge::mistakes;
use tombstone_campaign::modelled::{Modelled, modelled};
use tombstone_campaign::picture;
use tombstone_model::contract::implementation::Capabilities;
use tombstone_model::plan::Kind;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::words::counted;
use tombstone_reports::Exit;
use tombstone_reports::render::timeline;
use tombstone_scenarios::Scenario;
use tombstone_search::covering::Strength;

use super::check::CheckArguments;
use super::choose::{Loaded, files_of, load, named};
use super::drawn::drawn;
use super::mistaken::said;
use super::outcome::{CommandError, CommandOutcome, unknown};
use super::output::{colour, print};

#[derive(Subcommand)]
pub(super) enum ScenarioCommand {
    /// Print a scenario to begin with: about an item of a kind, like one that covers something, or a random plan.
    New {
        #[command(flatten)]
        like: NewLike,
        /// The seed of the campaign of that plan.
        #[arg(long, requires = "index", default_value_t = 1, value_parser = super::asked::whole::<u64>)]
        seed: u64,
    },
    /// Check files and folders, or the suite: the language, that every step is possible, and that expectations agree with
    /// the model.
    Check {
        /// Files and folders.
        paths: Vec<PathBuf>,
    },
    /// Format files in place.
    Fmt {
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Change nothing; exit 2 if something would change.
        #[arg(long)]
        check: bool,
    },
    /// Show scenarios: what the model expects after each step in both stores and at each computer, and the rows that say so.
    Show {
        /// Files, folders, or ids of the suite, in which `*` stands for anything; the suite, if none is given.
        what: Vec<String>,
    },
    /// List scenarios: their ids and titles.
    List {
        /// Files, folders, or ids of the suite, in which `*` stands for anything; the suite, if none is given.
        what: Vec<String>,
        /// Those only that cover this row, fact or switch. May be given several times.
        #[arg(long, value_name = "ID")]
        covers: Vec<String>,
        /// Those only that are written for this profile.
        #[arg(long)]
        profile: Option<String>,
        /// As lines, or as JSON.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Run scenarios and nothing else: `tombstone check SCENARIO…`.
    Run(Box<CheckArguments>),
}

/// What a new scenario is like.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct NewLike {
    /// The kind of its item: email, contact, appointment, task, ...
    kind: Option<String>,
    /// The shortest scenario of the suite that covers this row, fact or switch.
    #[arg(long, value_name = "ID")]
    covers: Option<String>,
    /// The random plan of this index.
    #[arg(long, value_parser = super::asked::whole::<u64>)]
    index: Option<u64>,
}

/// The form of a list of scenarios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// An id and a title a line.
    #[default]
    Text,
    /// An array, with all that is said of each.
    Json,
}

/// A scenario in a list.
#[derive(Debug, Serialize)]
struct ListedScenario<'a> {
    id: &'a str,
    title: &'a str,
    covers: &'a [String],
    aliases: &'a [String],
    profile: Option<&'a str>,
    steps: usize,
}

pub(super) fn run(command: ScenarioCommand) -> CommandOutcome {
    match command {
        ScenarioCommand::New { like, seed } => new(&like, seed),
        ScenarioCommand::Check { paths } => check(&paths),
        ScenarioCommand::Fmt { paths, check } => format(&paths, check),
        ScenarioCommand::Show { what } => {
            let loaded = named(&what, colour())?;
            for (scenario, number) in loaded.scenarios.iter().zip(0..) {
                if number > 0 {
                    print("");
                }
                show(scenario);
            }
            all_read(&loaded)
        }
        ScenarioCommand::List { what, covers, profile, format } => list(&what, &covers, profile.as_deref(), format),
        ScenarioCommand::Run(arguments) if !arguments.names_scenarios() => Err(CommandError::usage(
            "error: no scenario is named\nhelp: name files, folders, or ids of the suite, in which `*` stands for anything; \
             `tombstone check` runs the suite, and random plans",
        )),
        ScenarioCommand::Run(arguments) => super::check::run(*arguments),
    }
}

fn new(like: &NewLike, seed: u64) -> CommandOutcome {
    if let Some(kind) = &like.kind {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        let kind = Kind::named(kind).ok_or_else(|| unknown("kind", kind, &known))?;
        print(&tombstone_scenarios::template(kind));
    } else if let Some(id) = &like.covers {
        let loaded = load(&[], colour())?;
        covered(&loaded, id)?;
        let covering = loaded.scenarios.iter().filter(|scenario| scenario.covers.contains(id));
        let shortest =
            covering.min_by_key(|it| (it.plan.steps.len(), it.plan.setup.items.len(), it.plan.setup.users.len()));
        if let Some((scenario, file)) = shortest.and_then(|it| Some((it, loaded.sources.get(&it.id)?))) {
            let text = if file.cases == 1 { file.text.clone() } else { tombstone_scenarios::write(&anew(scenario)) };
            let like = format!("# Like {}, the shortest of the suite that covers {id}.", scenario.id);
            print(&format!("{like}\n\n{}", text.trim_end()));
        }
    } else if let Some(index) = like.index {
        let source = PlansFrom::Covering { seed, strength: Strength::default() };
        let scenario = drawn(&source, index, &Checking::of(Profile::standard()), &Capabilities::ALL);
        print(tombstone_scenarios::write(&scenario).trim_end());
    }
    Ok(Exit::Conforms)
}

/// A case of a grid on its own, and without the ids that it has.
fn anew(scenario: &Scenario) -> Scenario {
    Scenario { id: String::new(), aliases: Vec::new(), header: Vec::new(), ..scenario.clone() }
}

/// Whether some scenario covers it.
///
/// # Errors
/// Where none does: what is covered and called alike.
fn covered(loaded: &Loaded, id: &str) -> Result<(), CommandError> {
    let known: BTreeSet<&str> = loaded.scenarios.iter().flat_map(|it| &it.covers).map(String::as_str).collect();
    let unknown = || unknown("covered id", id, &known.iter().copied().collect::<Vec<_>>());
    if known.contains(id) { Ok(()) } else { Err(unknown()) }
}

/// Whether everything that was named could be read.
fn all_read(loaded: &Loaded) -> CommandOutcome {
    if loaded.errors.is_empty() { Ok(Exit::Conforms) } else { Err(CommandError::usage(loaded.errors.join("\n"))) }
}

fn list(what: &[String], covers: &[String], profile: Option<&str>, format: ListFormat) -> CommandOutcome {
    let profile = profile.map(super::choose::profile).transpose()?;
    let mut loaded = named(what, colour())?;
    covers.iter().try_for_each(|id| covered(&loaded, id))?;
    loaded.scenarios.retain(|scenario| {
        let covered = covers.is_empty() || covers.iter().any(|id| scenario.covers.contains(id));
        covered && profile.is_none_or(|profile| scenario.profile.as_ref() == Some(&profile.name))
    });
    match format {
        ListFormat::Text => {
            let width = loaded.scenarios.iter().map(|scenario| scenario.id.chars().count()).max().unwrap_or_default();
            for Scenario { id, title, .. } in &loaded.scenarios {
                print(&format!("{id:width$}  {title}"));
            }
        }
        ListFormat::Json => {
            let listed = loaded.scenarios.iter().map(|scenario| ListedScenario {
                id: &scenario.id,
                title: &scenario.title,
                covers: &scenario.covers,
                aliases: &scenario.aliases,
                profile: scenario.profile.as_deref(),
                steps: scenario.plan.steps.len(),
            });
            print(&serde_json::to_string_pretty(&listed.collect::<Vec<_>>()).unwrap_or_default());
        }
    }
    all_read(&loaded)
}

fn check(paths: &[PathBuf]) -> CommandOutcome {
    let mut loaded = load(paths, colour())?;
    let (wrong, _) = said(&loaded, mistakes);
    loaded.errors.extend(wrong);
    if loaded.errors.is_empty() {
        let them = if loaded.scenarios.len() == 1 { "it" } else { "them" };
        print(&format!("{}, nothing wrong with {them}", counted(loaded.scenarios.len() as u64, "scenario")));
        return Ok(Exit::Conforms);
    }
    Err(CommandError::usage(loaded.errors.join("\n")))
}

fn format(paths: &[PathBuf], check: bool) -> CommandOutcome {
    let (found, mut errors) = files_of(paths)?;
    let mut unwritten = Vec::new();
    for (_, path) in found {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                errors.push(format!("error: cannot read {}: {error}", path.display()));
                continue;
            }
        };
        if text.trim().is_empty() {
            let help = "`tombstone scenario new KIND` prints one to begin with";
            errors.push(format!("error: there is nothing in {}\nhelp: {help}", path.display()));
            continue;
        }
        match tombstone_scenarios::format(&text) {
            Err(error) => errors.push(format!("error: {}: {error}", path.display())),
            Ok(formatted) if formatted == text => {}
            Ok(_) if check => errors.push(format!("error: {} is not formatted", path.display())),
            Ok(formatted) => {
                if let Err(error) = tombstone_reports::write::write_file(&path, &formatted) {
                    unwritten.push(CommandError::unwritten(error));
                }
            }
        }
    }
    if errors.is_empty() && unwritten.is_empty() {
        return Ok(Exit::Conforms);
    }
    let exit = if errors.is_empty() { Exit::Conforms } else { Exit::Usage };
    let exit = if unwritten.is_empty() { exit } else { exit.or_unwritten() };
    errors.extend(unwritten.into_iter().map(|stop| stop.message));
    Err(CommandError { exit, message: errors.join("\n") })
}

fn show(scenario: &Scenario) {
    let Modelled { trace, rows } = modelled(scenario);
    let profile =
        scenario.profile.as_deref().map(|profile| format!("\n  for the profile {profile}")).unwrap_or_default();
    let note = scenario.note.as_deref().map(|note| format!("\n  {note}")).unwrap_or_default();
    let covers = scenario.covers.join(", ");
    print(&format!("{}\n  {}\n  covers {covers}{profile}{note}\n", scenario.id, scenario.title));
    print(&timeline::text(&picture::timeline(&scenario.plan, &trace, None)));
    // In the words of the profile that the model follows.
    let rules = scenario.profile.as_deref().and_then(Profile::named).unwrap_or_else(Profile::standard).rules();
    for (rows, number) in rows.iter().zip(1..) {
        for row in rows.iter().map(|&row| rules.rule(row)) {
            let documents = row.sources.iter().map(|title| format!("\"{title}\"")).collect::<Vec<_>>().join(", ");
            let documents = if documents.is_empty() { "no document".to_owned() } else { documents };
            print(&format!("step {number}: {} {} ({documents})", row.id, row.title));
        }
    }
}

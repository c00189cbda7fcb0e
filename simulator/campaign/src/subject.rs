//! Implementations under test, as a run chooses them: built in by name, or a program behind an adapter.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tombstone_adapter::{ChildImplementation, Launch, Patience};
use tombstone_engines::{self as engines, Make};
use tombstone_model::contract::implementation::{Answer, Description, Implementation, ImplementationFailure};
use tombstone_model::plan::{Plan, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::view::View;
use tombstone_reports::{CommandLine, quoted};

/// An implementation under test.
#[derive(Clone, Debug)]
pub enum Subject {
    /// One of ours, by name.
    BuiltIn(BuiltIn),
    /// One in our own process that no command line can name: a faulty one.
    Made(Made),
    /// A program that speaks the adapter protocol; what to call it, where the user said.
    Program {
        /// How to start it.
        launch: Box<Launch>,
        /// Its name in the report; its own, where none is given.
        name: Option<String>,
        /// The profile that it is held to where the command line names none.
        profile: Option<String>,
    },
}

/// How to make an implementation in our own process, as often as one is wanted.
#[derive(Clone)]
pub struct Made {
    /// What to call it.
    pub name: String,
    /// Makes a new one.
    pub make: Arc<dyn Fn() -> Box<dyn Implementation> + Send + Sync>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The implementations built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuiltIn {
    /// The specification itself, with every switch closed.
    Reference,
    /// A synchronizer that runs on the synchronizing computer.
    OutlookClient,
    /// A synchronizer that polls from the server.
    ServerSide,
}

impl BuiltIn {
    /// All of them, in the order in which they are run.
    pub const ALL: [Self; 3] = [Self::Reference, Self::OutlookClient, Self::ServerSide];

    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::OutlookClient => "outlook-client",
            Self::ServerSide => "server-side",
        }
    }

    /// The implementation of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|built_in| built_in.name() == name)
    }

    /// A new one that acts as the profile says, in its fully closed form.
    ///
    /// # Panics
    ///
    /// Panics where [`BuiltIn::cannot_follow`] says why it cannot.
    pub fn make(self, profile: &Profile) -> Box<dyn Implementation> {
        let make = || match Make::following(profile) {
            Ok(make) => make,
            Err(why) => panic!("{} cannot follow {}: {why}", self.name(), profile.name),
        };
        match self {
            Self::Reference => {
                Box::new(Reference::new(self.name(), Arc::new(Rules::documented().clone()), profile.readings()))
            }
            Self::OutlookClient => engines::outlook_client(make()),
            Self::ServerSide => engines::server_side(make()),
        }
    }

    /// Why it cannot act as a profile says, if it cannot.
    pub fn cannot_follow(self, profile: &Profile) -> Option<String> {
        match self {
            Self::Reference => None,
            Self::OutlookClient | Self::ServerSide => Make::following(profile).err(),
        }
    }
}

impl Subject {
    /// Starts the implementation.
    ///
    /// # Errors
    /// Where a program cannot be started or does not introduce itself, or a built-in cannot act by the profile.
    pub fn start(&self, profile: &Profile) -> Result<Box<dyn Implementation>, String> {
        match self {
            Self::BuiltIn(built_in) => match built_in.cannot_follow(profile) {
                Some(why) => Err(format!("{} cannot act by the profile {}: {why}", built_in.name(), profile.name)),
                None => Ok(Box::new(Guarded::new(built_in.make(profile)))),
            },
            Self::Made(made) => Ok(Box::new(Guarded::new((made.make)()))),
            Self::Program { launch, .. } => {
                let child = ChildImplementation::start((**launch).clone()).map_err(|fault| fault.to_string())?;
                Ok(Box::new(child))
            }
        }
    }

    /// The names of the variables that are added to its environment.
    pub fn environment(&self) -> Vec<String> {
        match self {
            Self::BuiltIn(_) | Self::Made(_) => Vec::new(),
            Self::Program { launch, .. } => {
                launch.environment.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
            }
        }
    }

    /// This subject without the failures that it was allowed so far: a program that was given up is asked once more.
    #[must_use]
    pub fn forgiven(&self) -> Self {
        let mut forgiven = self.clone();
        match &mut forgiven {
            Self::BuiltIn(_) | Self::Made(_) => {}
            Self::Program { launch, .. } => launch.patience = Patience::of(Patience::USUAL),
        }
        forgiven
    }

    /// Whether it runs already, so that there is no other start of it.
    pub fn is_attached(&self) -> bool {
        match self {
            Self::BuiltIn(_) | Self::Made(_) => false,
            Self::Program { launch, .. } => launch.socket.is_some(),
        }
    }

    /// What to call it once it has introduced itself: as it calls itself, unless somebody gave it a name.
    pub fn called(&self, description: &Description) -> String {
        match self {
            Self::Program { name: Some(name), .. } => name.clone(),
            Self::BuiltIn(_) | Self::Made(_) | Self::Program { name: None, .. } => description.name.clone(),
        }
    }

    /// What to call it before it has said its own name.
    pub fn label(&self) -> String {
        match self {
            Self::BuiltIn(built_in) => built_in.name().to_owned(),
            Self::Made(made) => made.name.clone(),
            Self::Program { name: Some(name), .. } => name.clone(),
            Self::Program { launch, name: None, .. } => launch.program.to_string_lossy().into_owned(),
        }
    }

    /// Takes every deadline from a program.
    pub fn lift_deadlines(&mut self) {
        match self {
            Self::BuiltIn(_) | Self::Made(_) => {}
            Self::Program { launch, .. } => {
                launch.limits = launch.limits.without_deadlines();
                launch.options.push("--no-deadlines".to_owned());
            }
        }
    }

    /// The command line of a program, as a shell reads it.
    pub fn program(&self) -> Option<String> {
        match self {
            Self::BuiltIn(_) | Self::Made(_) => None,
            Self::Program { launch, .. } => Some(words(launch).map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")),
        }
    }

    /// The command, with the words at its end that choose this again as it was chosen. Nothing can come after them.
    #[must_use]
    pub fn chosen_by(&self, command: CommandLine) -> CommandLine {
        match self {
            Self::BuiltIn(built_in) => command.with(["--implementation", built_in.name()]),
            Self::Made(made) => command.with(["--implementation", &made.name]),
            Self::Program { launch, name, .. } => {
                let command = command.with(&launch.options);
                match (&launch.listed, name, &launch.socket) {
                    (Some(file), Some(name), _) => {
                        command.with(["--implementations", &file.to_string_lossy(), "--implementation", name])
                    }
                    (_, _, Some(socket)) => command.with(["--connect", &socket.to_string_lossy()]),
                    (_, _, None) => command.with(["--"]).with(words(launch)),
                }
            }
        }
    }
}

/// The program and its arguments.
fn words(launch: &Launch) -> impl Iterator<Item = String> {
    let words = std::iter::once(&launch.program).chain(&launch.arguments);
    words.map(|word| word.to_string_lossy().into_owned())
}

/// An implementation in our own process whose panics cost one plan and not the run.
struct Guarded {
    inner: Box<dyn Implementation>,
    description: Description,
}

impl Guarded {
    fn new(inner: Box<dyn Implementation>) -> Self {
        Self { description: inner.describe().clone(), inner }
    }

    fn guard<T>(
        &mut self,
        act: impl FnOnce(&mut dyn Implementation) -> Result<T, ImplementationFailure>,
    ) -> Result<T, ImplementationFailure> {
        let inner = &mut self.inner;
        catch_unwind(AssertUnwindSafe(|| act(&mut **inner)))
            .unwrap_or_else(|_| Err(ImplementationFailure::indefinite("the implementation panicked")))
    }
}

impl Implementation for Guarded {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.guard(|inner| inner.reset(plan))
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.guard(|inner| Ok(inner.apply(step))).unwrap_or_else(Answer::Failed)
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.guard(|inner| inner.observe(view))
    }

    fn settle(&mut self) -> Answer {
        self.guard(|inner| Ok(inner.settle())).unwrap_or_else(Answer::Failed)
    }
}

//! Two synchronizers of our own to put under test, written as synchronizers rather than as the reference again.
//!
//! ```text
//!    Step ──▶ Engine ──▶ Office { mailboxes, CRM, computers } ──▶ View
//!               │            ▲
//!         Synchronizer ──────┘    outlook_client: on the synchronizing computer, in numbered requests
//!               ▲                 server_side: polls every mailbox, commits each pair at once
//!         Policy, Glitch, Flaw    what it believes, and the one thing that is wrong with it
//! ```
//!
//! What lives here: both keep what real ones keep, versions and tombstones in each store, a table of links with the content
//! last agreed on, caches and outboxes on the computers, and receipts, so that nothing is done twice. [`Glitch`] lists what can
//! be wrong with them, [`products`] what is wrong with real products.
//!
//! What is absent: the reference. The policy is written from the documents, so that the two can be held against each other; the
//! rules are asked only under other readings than the default.
//!
//! ```
//! use tombstone_engines::{Glitch, Make, outlook_client};
//! use tombstone_model::contract::implementation::{Answer, Implementation};
//! use tombstone_model::view::View;
//! use tombstone_scenarios::Scenario;
//!
//! let text = r#"
//! title = "A contact gets another title"
//! [users.anna]
//! [computers.desktop]
//! user = "anna"
//! [items.carla]
//! kind = "contact"
//! [[step]]
//! edit = { item = "carla", title = true, in = "outlook" }
//! [[step]]
//! synchronize = { at = "desktop" }
//! "#;
//! let plan = Scenario::parse("titles.toml", text).expect("it is a scenario").plan;
//! let carla = tombstone_model::ids::ItemId(0);
//! let title_in_crm = |mut engine: Box<dyn Implementation>| {
//!     engine.reset(&plan).expect("it can start in this world");
//!     for step in &plan.steps {
//!         assert_eq!(engine.apply(step), Answer::DONE);
//!     }
//!     let mut view = View::new(&plan.setup);
//!     engine.observe(&mut view).expect("its stores can be seen");
//!     view.get(carla, tombstone_model::view::Location::Crm).title()
//! };
//! assert_eq!(title_in_crm(outlook_client(Make::default())), 1);
//! assert_eq!(title_in_crm(outlook_client(Make::with(Glitch::TitleNotSent))), 0);
//! ```

pub mod products;
mod outlook_client;
mod server_side;
mod glitch;
mod dialog;
pub(crate) mod policy;
pub(crate) mod office;
pub(crate) mod mailbox;
pub(crate) mod outbox;
pub(crate) mod stores;
mod synchronizer;
pub(crate) mod flaw;
pub(crate) mod dates;

#[cfg(test)]
mod tests;

pub use glitch::Glitch;
pub use policy::Policy;

use tombstone_model::contract::implementation::{
    Answer, Capabilities, Description, Implementation, ImplementationFailure, Operation, Operations,
};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId};
use tombstone_model::plan::{Acts, Change, Connection, Deletion, Kind, Method, Op, Place, Plan, Setup, Side, Step};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::PersonalOption;
use tombstone_model::view::View;
use tombstone_search::choose::{Choose, Seeded};

use flaw::Flaw;
use mailbox::MailboxAct;
use office::{ActionReach, Office};
use outlook_client::OutlookClient;
use server_side::ServerSide;
use stores::{CrmAct, Refused};
use synchronizer::Synchronizer;

/// The most items of one selection.
const BATCH: usize = 20;

/// The most rounds until everything must be at rest: to the CRM, to the other mailboxes, and one to see that it is.
const ROUNDS: usize = 4;

/// What is to be built.
#[derive(Clone, Copy, Debug, Default)]
pub struct Make {
    /// The one thing that is wrong with it.
    pub glitch: Option<Glitch>,
    /// What it does as a faulty product does.
    pub(crate) flaw: Option<&'static Flaw>,
    /// Synchronizes at moments of its own, besides when it is told to.
    pub background: Option<Background>,
    /// What it believes the documents say.
    pub policy: Policy,
}

impl Make {
    /// A sound engine that acts by a profile in its fully closed form.
    ///
    /// # Errors
    ///
    /// The reading of the profile that the engines cannot act by.
    pub fn following(profile: &Profile) -> Result<Self, String> {
        Ok(Self { policy: Policy::of(profile.readings().closed())?, ..Self::default() })
    }

    /// An engine with one thing wrong, in the way of its own kind.
    #[must_use]
    pub fn with(glitch: Glitch) -> Self {
        Self { glitch: Some(glitch), ..Self::default() }
    }

    /// One that synchronizes at moments of its own, too.
    #[must_use]
    pub fn restless(self, background: Background) -> Self {
        Self { background: Some(background), ..self }
    }
}

/// When an engine synchronizes though nobody asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background {
    /// The seed that the moments are drawn from.
    pub seed: u64,
    /// Each mailbox is synchronized before one step in so many, on average.
    pub every: u32,
}

/// Synchronization by the synchronizing computer, named `outlook-client`.
pub fn outlook_client(make: Make) -> Box<dyn Implementation> {
    Box::new(Engine::new(OutlookClient::default(), make))
}

/// Synchronization by the server, named `server-side`.
pub fn server_side(make: Make) -> Box<dyn Implementation> {
    Box::new(Engine::new(ServerSide::default(), make))
}

/// A synchronizer in its office.
#[derive(Debug)]
struct Engine<S> {
    office: Office,
    synchronizer: S,
    description: Description,
    background: Option<Background>,
    restless: Seeded,
}

impl<S: Synchronizer> Engine<S> {
    fn new(synchronizer: S, make: Make) -> Self {
        let elsewhere = match S::METHOD {
            Method::OutlookClient => [Operation::ServerSynchronize].as_slice(),
            Method::ServerSide => &[Operation::Synchronize, Operation::ChooseSynchronizingComputer],
        };
        let operations: Operations =
            Operation::ALL.iter().copied().filter(|operation| !elsewhere.contains(operation)).collect();
        let capabilities = Capabilities { operations, stepped: make.background.is_none(), ..Capabilities::ALL };
        let description =
            Description { name: S::NAME.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), capabilities };
        let restless = Seeded::new(make.background.map_or(0, |background| background.seed));
        let office = Office::new(make.glitch, make.flaw.unwrap_or(&Flaw::NONE), make.policy);
        Self { office, synchronizer, description, background: make.background, restless }
    }

    fn step(&mut self, step: &Step) -> Result<bool, Refused> {
        match (step.op.verb().acts(), step.op.side()) {
            (Acts::Store | Acts::Outlook | Acts::Crm, Some(Side::Outlook(mailbox))) => self.in_outlook(step, mailbox),
            (Acts::Store | Acts::Outlook | Acts::Crm, _) => self.in_crm(step),
            (Acts::Computer, _) => self.at_computer(step),
            // What is opened is answered with what it shows.
            (Acts::Dialog, _) => Err(Refused),
            (Acts::Server | Acts::World, _) => {
                if let Op::ServerSynchronize { mailbox, crash } = step.op
                    && S::METHOD == Method::ServerSide
                {
                    self.synchronizer.synchronize(&mut self.office, mailbox, crash);
                } else if let Op::Wait { seconds } = step.op {
                    self.office.pass_time(seconds);
                } else {
                    return Err(Refused);
                }
                Ok(false)
            }
        }
    }

    fn at_computer(&mut self, step: &Step) -> Result<bool, Refused> {
        let Place::Computer(id) = step.at else { return Err(Refused) };
        let office = &mut self.office;
        let computer = office.computers.get_mut(id.index()).filter(|computer| computer.user == step.by);
        let computer = computer.ok_or(Refused)?;
        let user = computer.user;
        let synchronizes = S::METHOD == Method::OutlookClient && office.synchronizing[user.index()] == Some(id)
            || office.glitch == Some(Glitch::EveryComputerSynchronizes);
        match (&step.op, computer.connection) {
            (Op::Restart, Connection::Crashed) => {
                computer.connection = computer.resume;
                if office.glitch == Some(Glitch::CacheLostInACrash) {
                    computer.caches.values_mut().for_each(|cache| *cache = office::Cache::default());
                }
            }
            (Op::Disconnect, Connection::Connected) => {
                computer.connection = Connection::Disconnected;
                office.leave(id);
            }
            (Op::Connect, Connection::Disconnected) => {
                office.send_outboxes(id, None);
                office.arrive(id);
                if synchronizes && office.wrong(Glitch::SynchronizesOnConnecting) {
                    self.synchronizer.synchronize(office, user, None);
                }
            }
            (Op::GoOnline { crash: None }, Connection::Offline) => {
                office.send_outboxes(id, None);
                office.arrive(id);
            }
            (&Op::GoOnline { crash }, Connection::Offline) => {
                office.send_outboxes(id, crash);
                crash_at(office, id, Connection::Offline);
            }
            (&Op::GoOffline { crash }, Connection::Connected) => {
                if synchronizes && !office.wrong(Glitch::LeavesWithoutSynchronizing) {
                    self.synchronizer.synchronize(office, user, crash);
                }
                office.leave(id);
                match crash {
                    None => office.computers[id.index()].connection = Connection::Offline,
                    Some(_) => crash_at(office, id, Connection::Disconnected),
                }
            }
            (&Op::Synchronize { crash }, Connection::Connected) if S::METHOD == Method::OutlookClient => {
                if synchronizes {
                    self.synchronizer.synchronize(office, user, crash);
                }
                if crash.is_some() {
                    office.leave(id);
                    crash_at(office, id, Connection::Disconnected);
                }
            }
            (Op::ChooseSynchronizingComputer, Connection::Connected) if S::METHOD == Method::OutlookClient => {
                if !dialog::shows(office, PersonalOption::SynchronizingComputer, S::METHOD, user, Place::Computer(id)) {
                    return Err(Refused);
                }
                if !office.wrong(Glitch::ChoiceIgnored) {
                    office.synchronizing[user.index()] = Some(id);
                }
                if office.wrong(Glitch::LinksLostWithTheChoice) {
                    self.synchronizer.forget(user);
                }
            }
            _ => return Err(Refused),
        }
        Ok(false)
    }

    fn in_outlook(&mut self, step: &Step, mailbox: UserId) -> Result<bool, Refused> {
        let items = step.op.items().ok_or(Refused)?;
        let reach = self.office.reach(step.by, step.at, mailbox).ok_or(Refused)?;
        // In a browser there is no client to track with.
        let clientless = step.at == Place::Web && S::METHOD == Method::OutlookClient;
        let mixed = !is_one_selection(&self.office.setup, items) && !self.office.wrong(Glitch::MixedSelectionTaken);
        let referring = matches!(step.op, Op::SetRegarding { .. }) && self.office.wrong(Glitch::RegardingRefused);
        let refused = referring
            || matches!(step.op, Op::SetParent { to, .. } if !self.office.may_be_parent(to))
            || matches!(step.op, Op::Track { .. } if clientless || mixed)
            || matches!(step.op, Op::Untrack { .. } if clientless || items.len() > 1);
        let tracks = matches!(step.op, Op::Track { .. });
        if refused && !(tracks && self.office.wrong(Glitch::RefusedAndDone)) {
            return Err(Refused);
        }
        if let Op::Untrack { yes, .. } = step.op {
            let mut prompted = false;
            for item in items.iter() {
                prompted |= self.office.stop(reach, mailbox, item, yes)?;
            }
            return Ok(prompted);
        }
        let held = self.office.holds(step.by, mailbox);
        let mut acts: Vec<(ItemId, MailboxAct)> = items
            .iter()
            .map(|item| Some((item, outlook_act(&self.office, &step.op, item, step.by, held)?)))
            .collect::<Option<_>>()
            .ok_or(Refused)?;
        let careless = self.office.wrong(Glitch::MixedSelectionTaken) || self.office.wrong(Glitch::RefusedAndDone);
        if acts.len() > 1 && !careless {
            // All of a selection, or none of it.
            self.office.rehearse(reach, mailbox, &acts)?;
        }
        if self.office.wrong(Glitch::OneOfASelection) {
            acts.truncate(1);
        }
        for (item, act) in acts {
            let before = self.is_wanted(mailbox, item);
            let done = self.office.act(reach, mailbox, item, act);
            if !careless {
                done?;
            }
            if self.is_live(step, reach, mailbox) && !before && self.is_wanted(mailbox, item) {
                self.synchronizer.push(&mut self.office, mailbox, item);
            }
        }
        if refused { Err(Refused) } else { Ok(false) }
    }

    /// Whether an item waits for its record.
    fn is_wanted(&self, mailbox: UserId, item: ItemId) -> bool {
        let mailbox = &self.office.mailboxes[mailbox.index()];
        let entry = mailbox.find(item).and_then(|id| mailbox.read(id));
        entry.is_some_and(|entry| matches!(entry.tracking, mailbox::TrackingMark::Asked(_)))
    }

    /// Whether a newly tracked item gets its record at once: its user acts, within reach of what synchronizes.
    fn is_live(&self, step: &Step, reach: ActionReach, mailbox: UserId) -> bool {
        let server = matches!(reach, ActionReach::Server { .. });
        let near = match (S::METHOD, step.at) {
            (Method::ServerSide, _) => true,
            (Method::OutlookClient, Place::Web) => false,
            (Method::OutlookClient, Place::Computer(id)) => self.office.synchronizing[mailbox.index()] == Some(id),
        };
        server && (step.by == mailbox && near || self.office.wrong(Glitch::RecordAtOnceForAnybody))
    }

    fn in_crm(&mut self, step: &Step) -> Result<bool, Refused> {
        let Acting { crm: Some(act), .. } = acting(&step.op) else { return Err(Refused) };
        let items = step.op.items().ok_or(Refused)?;
        if matches!(act, CrmAct::Parent(to) if !self.office.may_be_parent(to)) {
            return Err(Refused);
        }
        if self.office.wrong(Glitch::AssignForgotten) && matches!(act, CrmAct::Assign(_)) {
            return Ok(false);
        }
        let before = (items.len() > 1).then(|| self.office.crm.clone());
        for item in items.iter() {
            if let Err(refused) = self.office.act_in_crm(step.by, step.at, item, act) {
                if let Some(before) = before {
                    self.office.crm = before;
                }
                return Err(refused);
            }
        }
        Ok(false)
    }

    /// Whether a mailbox can be synchronized now.
    fn can_synchronize(&self, user: UserId) -> bool {
        match S::METHOD {
            Method::ServerSide => true,
            Method::OutlookClient => self.office.synchronizing[user.index()]
                .is_some_and(|id| self.office.computers[id.index()].connection == Connection::Connected),
        }
    }

    /// Opens the personal options.
    fn open_options(&self, step: &Step) -> Answer {
        if let Place::Computer(id) = step.at
            && self.office.computers[id.index()].connection != Connection::Connected
        {
            return Answer::Refused;
        }
        let shown = |option: &PersonalOption| dialog::shows(&self.office, *option, S::METHOD, step.by, step.at);
        Answer::Offered(PersonalOption::ALL.into_iter().filter(shown).collect())
    }

    /// Synchronizes on its own whatever the restless stream says.
    fn stir(&mut self) {
        let Some(Background { every, .. }) = self.background else { return };
        for user in self.office.users() {
            if self.restless.chance(1, every.max(1)) && self.can_synchronize(user) {
                self.synchronizer.synchronize(&mut self.office, user, None);
            }
        }
    }
}

impl<S: Synchronizer> Implementation for Engine<S> {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, plan: &Plan) -> Result<(), ImplementationFailure> {
        self.office.reset(&plan.setup);
        self.synchronizer.reset(&self.office);
        self.restless = Seeded::new(self.background.map_or(0, |background| background.seed));
        Ok(())
    }

    fn apply(&mut self, step: &Step) -> Answer {
        self.stir();
        if step.op == Op::OpenOptions {
            return self.open_options(step);
        }
        let taken = (self.office.flaw.acts)(&self.office, *step);
        let answer = match taken.map_or(Ok(false), |step| self.step(&step)) {
            Ok(prompted) => {
                (self.office.flaw.acted)(&mut self.office, step);
                Answer::Done { prompted }
            }
            Err(Refused) => Answer::Refused,
        };
        self.stir();
        answer
    }

    fn observe(&mut self, view: &mut View) -> Result<(), ImplementationFailure> {
        self.office.show(view);
        Ok(())
    }

    fn settle(&mut self) -> Answer {
        for _ in 0..ROUNDS {
            for user in self.office.users() {
                if self.can_synchronize(user) {
                    self.synchronizer.synchronize(&mut self.office, user, None);
                }
            }
        }
        Answer::DONE
    }
}

fn crash_at(office: &mut Office, id: ComputerId, resume: Connection) {
    let computer = &mut office.computers[id.index()];
    computer.connection = Connection::Crashed;
    computer.resume = resume;
}

/// Whether items may be tracked together: of one kind, and not too many.
fn is_one_selection(setup: &Setup, items: ItemSet) -> bool {
    let kinds: Vec<_> = items.iter().map(|item| setup.items[item.index()].kind).collect();
    items.len() <= 1 || (items.len() <= BATCH && kinds.windows(2).all(|pair| pair[0] == pair[1]))
}

fn outlook_act(office: &Office, op: &Op, item: ItemId, by: UserId, held: bool) -> Option<MailboxAct> {
    let Acting { outlook, .. } = acting(op);
    Some(match outlook? {
        InOutlook::Plain(act) => act,
        InOutlook::Track(record) => MailboxAct::Track { kind: record.unwrap_or(office.item(item).record), by, held },
        InOutlook::Regarding(to) => MailboxAct::Regarding { to, by, held },
        InOutlook::Parent(to) => MailboxAct::Parent { to, by, held },
    })
}

/// What an operation comes to in each store.
struct Acting {
    outlook: Option<InOutlook>,
    crm: Option<CrmAct>,
}

/// An act in Outlook, as far as the operation says what it is.
enum InOutlook {
    Plain(MailboxAct),
    Track(Option<Kind>),
    Regarding(ItemId),
    Parent(ItemId),
}

/// What an operation comes to in each store: the one place that says so for each.
fn acting(op: &Op) -> Acting {
    let both = |act, crm| Acting { outlook: Some(InOutlook::Plain(act)), crm: Some(crm) };
    let outlook = |act| Acting { outlook: Some(act), crm: None };
    let crm = |act| Acting { outlook: None, crm: Some(act) };
    match *op {
        Op::Create { .. } => both(MailboxAct::Create, CrmAct::Create),
        Op::Edit { change: Change::Title(token), .. } => both(MailboxAct::Title(token), CrmAct::Title(token)),
        Op::Edit { change: Change::When(when), .. } => both(MailboxAct::When(when), CrmAct::When(when)),
        Op::Delete { how: Deletion::Hard, .. } => both(MailboxAct::Delete, CrmAct::Delete),
        Op::Delete { how: Deletion::Soft | Deletion::Moved, .. } => outlook(InOutlook::Plain(MailboxAct::Delete)),
        Op::Delete { how: Deletion::Occurrence(n), .. } => {
            both(MailboxAct::DeleteOccurrence(n), CrmAct::DeleteOccurrence(n))
        }
        Op::Track { record, .. } => outlook(InOutlook::Track(record)),
        Op::SetRegarding { to, .. } => {
            Acting { outlook: Some(InOutlook::Regarding(to)), crm: Some(CrmAct::Regarding(to)) }
        }
        Op::SetParent { to, .. } => Acting { outlook: Some(InOutlook::Parent(to)), crm: Some(CrmAct::Parent(to)) },
        Op::Complete { .. } => both(MailboxAct::Complete, CrmAct::Complete),
        Op::Cancel { .. } => crm(CrmAct::Cancel),
        Op::Assign { to, .. } => crm(CrmAct::Assign(to)),
        Op::ChangeOrganizer { to, .. } => crm(CrmAct::Organizer(to)),
        // What is untracked may be asked about, and what follows changes no item.
        Op::Untrack { .. }
        | Op::Connect
        | Op::Disconnect
        | Op::GoOffline { .. }
        | Op::GoOnline { .. }
        | Op::Synchronize { .. }
        | Op::ServerSynchronize { .. }
        | Op::ChooseSynchronizingComputer
        | Op::Restart
        | Op::Wait { .. }
        | Op::OpenOptions
        | Op::Settle => Acting { outlook: None, crm: None },
    }
}

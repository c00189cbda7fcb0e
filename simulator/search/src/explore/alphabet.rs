//! The steps that an exploration tries in every state.

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId};
use tombstone_model::plan::{Change, Crash, Deletion, Kind, Method, Op, Place, Setup, Side, Stage, Step};
use tombstone_model::time::Seconds;

/// Which groups of steps are tried, so that a space can be kept small on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Edits of the title.
    pub edits: bool,
    /// Crashes inside a synchronization, and restarts.
    pub crashes: bool,
    /// Losing the connection, and working offline.
    pub offline: bool,
    /// Other owners and organizers.
    pub roles: bool,
    /// Completing and cancelling.
    pub status: bool,
    /// Acting in a browser.
    pub web: bool,
}

impl Groups {
    /// Everything.
    pub const ALL: Self = Self { edits: true, crashes: true, offline: true, roles: true, status: true, web: true };
}

/// A step as it is tried: an edit takes a title that is fresh in the state at hand, a wait leads to the next instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The step, with title 0 for an edit and 0 seconds for a wait.
    pub step: Step,
}

/// Every step over a setup, in a fixed order.
pub fn alphabet(setup: &Setup, groups: Groups) -> Vec<Letter> {
    let mut steps = Vec::new();
    let computers = || setup.computers.iter().zip(0..).map(|(computer, id)| (ComputerId(id), computer.user));
    let users = || (0..setup.users.len() as u8).map(UserId);
    let items = || setup.items.iter().zip(0..).map(|(item, id)| (ItemId(id), item));
    // In Outlook: at each computer, in every mailbox that its user may open; in a browser, in the user's own.
    let places = computers().map(|(id, user)| (user, Place::Computer(id)));
    let places: Vec<(UserId, Place)> =
        places.chain(users().filter(|_| groups.web).map(|user| (user, Place::Web))).collect();
    for &(by, at) in &places {
        let mailboxes = users().filter(|&mailbox| {
            by == mailbox || (at != Place::Web && setup.users[mailbox.index()].delegates.contains(by))
        });
        for mailbox in mailboxes {
            for (id, item) in items().filter(|(_, item)| !item.kind.is_crm_only()) {
                let side = Side::Outlook(mailbox);
                let mut add = |op| steps.push(Step { by, at, op });
                if groups.edits && item.kind != Kind::Email {
                    add(Op::Edit { item: id, side, change: Change::Title(0) });
                }
                add(Op::Delete { item: id, side, how: Deletion::Hard });
                if item.kind == Kind::RecurringAppointment {
                    for n in 0..setup.schedules[usize::from(item.when)].count {
                        add(Op::Delete { item: id, side, how: Deletion::Occurrence(n) });
                    }
                }
                add(Op::Track { items: ItemSet::of(id), mailbox, record: None });
                for yes in [true, false] {
                    add(Op::Untrack { items: ItemSet::of(id), mailbox, yes });
                }
                if groups.status && item.kind.is_task_like() {
                    add(Op::Complete { item: id, side });
                }
            }
        }
    }
    // In CRM: at each computer, and for each user in a browser.
    let in_browser = users().map(|user| (user, Place::Web));
    let offline = computers().filter(|_| groups.offline).map(|(id, user)| (user, Place::Computer(id)));
    for (by, at) in in_browser.chain(offline) {
        for (id, item) in items() {
            let side = Side::Crm;
            let mut add = |op| steps.push(Step { by, at, op });
            if groups.edits {
                add(Op::Edit { item: id, side, change: Change::Title(0) });
            }
            add(Op::Delete { item: id, side, how: Deletion::Hard });
            if item.kind == Kind::RecurringAppointment {
                for n in 0..setup.schedules[usize::from(item.when)].count {
                    add(Op::Delete { item: id, side, how: Deletion::Occurrence(n) });
                }
            }
            let activity = !item.kind.is_crm_only() && item.kind != Kind::Contact && item.kind != Kind::Email;
            if groups.status && activity {
                add(Op::Complete { item: id, side });
                add(Op::Cancel { item: id });
            }
            if groups.roles && at == Place::Web {
                for to in users() {
                    add(Op::Assign { item: id, to });
                    if item.kind.is_calendar() {
                        add(Op::ChangeOrganizer { item: id, to });
                    }
                }
            }
        }
    }
    for (id, user) in computers() {
        let mut add = |op| steps.push(Step { by: user, at: Place::Computer(id), op });
        let mut crashing = |op: &dyn Fn(Option<Crash>) -> Op| {
            add(op(None));
            if groups.crashes {
                for (item, _) in items() {
                    for stage in &Stage::ALL[1..] {
                        add(op(Some(Crash { at: item, stage: *stage })));
                    }
                }
            }
        };
        if setup.users[user.index()].method == Method::OutlookClient {
            crashing(&|crash| Op::Synchronize { crash });
        }
        if groups.offline {
            crashing(&|crash| Op::GoOffline { crash });
            crashing(&|crash| Op::GoOnline { crash });
            add(Op::Connect);
            add(Op::Disconnect);
        }
        if groups.crashes {
            add(Op::Restart);
            add(Op::Connect);
        }
        if setup.computers.iter().filter(|other| other.user == user).count() > 1 {
            add(Op::ChooseSynchronizingComputer);
        }
    }
    for mailbox in users().filter(|user| setup.users[user.index()].method == Method::ServerSide) {
        steps.push(Step { by: mailbox, at: Place::Web, op: Op::ServerSynchronize { mailbox, crash: None } });
        if groups.crashes {
            for (item, _) in items() {
                for stage in &Stage::ALL[1..] {
                    let crash = Some(Crash { at: item, stage: *stage });
                    steps.push(Step { by: mailbox, at: Place::Web, op: Op::ServerSynchronize { mailbox, crash } });
                }
            }
        }
    }
    steps.push(Step { by: UserId(0), at: Place::Web, op: Op::Wait { seconds: 0 } });
    let mut letters: Vec<Letter> = Vec::with_capacity(steps.len());
    for step in steps {
        if !letters.contains(&Letter { step }) {
            letters.push(Letter { step });
        }
    }
    letters
}

/// The instants of a setup that matter: the start, and one in each stretch between the moments at which some item starts
/// or ends. Nothing depends on where in a stretch an instant lies.
pub fn instants(setup: &Setup) -> Vec<Seconds> {
    let schedules = setup.items.iter().map(|item| setup.schedules[usize::from(item.when)]);
    let mut edges: Vec<Seconds> = schedules
        .filter(|schedule| schedule.is_dated())
        .flat_map(|schedule| {
            let last = schedule.occurrence(schedule.count - 1, false);
            [schedule.start, schedule.end, last.end]
        })
        .filter(|&edge| edge >= 0)
        .collect();
    edges.sort_unstable();
    edges.dedup();
    // Four instants are what a packed state holds; a series with more edges keeps its first and its last.
    let mut instants = vec![0];
    instants.extend(edges.iter().map(|&edge| edge + 1));
    if instants.len() > 4 {
        let last = instants[instants.len() - 1];
        instants.truncate(3);
        instants.push(last);
    }
    instants
}

//! Where a step leads, and what is known for certain after it.

use crate::ids::{ComputerId, UserId};
use crate::plan::{Acts, Connection, Kind, Method, Op, Place, Side, Step};
use crate::readings::decide::Closed;
use crate::readings::switches::Readings;
use crate::rules::{DialogPlace, FollowedRow, OfferedOption, OptionSet, PersonalOption};
use crate::world::{Context, Scene};

use super::meaning::{AtComputer, Meaning, at_computer, meaning};
use super::{Frame, StepOutcome};

/// On what a step acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// On a mailbox, directly. `client` tells whether an Outlook client with the CRM add-in is there to ask.
    Mailbox {
        /// Whose.
        of: UserId,
        /// Whether a client is there.
        client: bool,
        /// Whether a newly tracked item could get its record at once.
        live: bool,
    },
    /// On a cached mailbox; the change waits.
    Cache(crate::ids::SlotId),
    /// On the CRM, directly.
    Crm,
    /// On the local copy of the CRM on a computer that is offline; the change waits.
    LocalCrm(ComputerId, crate::ids::SlotId),
    /// On everything, or on nothing.
    World,
}

/// Where a step leads.
///
/// # Errors
/// What comes of it whatever the items are: it is refused by a row, or makes no sense.
#[inline]
pub fn route(frame: &Frame<'_>, step: &Step) -> Result<Route, StepOutcome> {
    let route = possible(frame, step).ok_or(StepOutcome::Impossible)?;
    match permitted(frame, step) {
        Some((row, false)) => Err(StepOutcome::Refused(row.rule)),
        Some((_, true)) | None => Ok(route),
    }
}

/// Whether a step that names no item is done whatever the items are, where a row says so, which has no readings.
pub fn permitted(frame: &Frame<'_>, step: &Step) -> Option<(FollowedRow, bool)> {
    if step.op != Op::ChooseSynchronizingComputer {
        return None;
    }
    let situation = asked_option(frame, step, PersonalOption::SynchronizingComputer);
    let (rule, offered) = frame.rules.options.ask(&situation, &mut Closed(Readings::OPEN));
    Some((FollowedRow { rule, situation: frame.rules.options.situation(&situation) }, offered))
}

/// A personal option, as whoever takes the step looks for it.
pub fn asked_option(frame: &Frame<'_>, step: &Step, option: PersonalOption) -> OfferedOption {
    let scene = frame.scene;
    let from = if step.at == Place::Web { DialogPlace::Web } else { DialogPlace::Client };
    let several = scene.computers.iter().filter(|&&of| of == step.by).count() > 1;
    OfferedOption { option, from, method: scene.method(step.by), several }
}

/// The personal options that are offered to whoever takes the step.
pub fn offered(frame: &Frame<'_>, step: &Step, decide: &mut Closed) -> OptionSet {
    let all = PersonalOption::ALL.into_iter();
    all.filter(|&option| frame.rules.options.ask(&asked_option(frame, step, option), decide).1).collect()
}

/// Where a step leads; `None` where it is not possible whatever the items are.
#[inline]
fn possible(frame: &Frame<'_>, step: &Step) -> Option<Route> {
    let scene = frame.scene;
    let op = &step.op;
    match op.verb().acts() {
        Acts::Store | Acts::Crm => match op.side()? {
            Side::Outlook(mailbox) => outlook_route(frame, step, mailbox),
            Side::Crm => crm_route(frame, step),
        },
        Acts::Outlook => {
            let Side::Outlook(mailbox) = op.side()? else { return None };
            // In a browser there is no client, and under client synchronization nothing else that could track.
            if step.at == Place::Web && scene.method(mailbox) == Method::OutlookClient {
                return None;
            }
            outlook_route(frame, step, mailbox)
        }
        Acts::World | Acts::Server => match meaning(op, Kind::Email) {
            Meaning::Wait(seconds) => (seconds >= 0).then_some(Route::World),
            Meaning::Server(mailbox, _) => (scene.method(mailbox) == Method::ServerSide).then_some(Route::World),
            // The runner takes this apart.
            Meaning::Settle | Meaning::Items(..) | Meaning::Computer(_) | Meaning::Options => None,
        },
        Acts::Computer => {
            let computer = own_computer(frame, step)?;
            let connection = frame.context.connection[computer.index()];
            let user = scene.computers[computer.index()];
            let client = connection == Connection::Connected && scene.method(user) == Method::OutlookClient;
            let possible = match at_computer(op)? {
                AtComputer::Connect => connection == Connection::Disconnected,
                AtComputer::GoOnline(_) => connection == Connection::Offline,
                AtComputer::Restart => connection == Connection::Crashed,
                // Whether it is offered is asked of the table.
                AtComputer::Choose => connection == Connection::Connected,
                AtComputer::Synchronize(_) => client,
                AtComputer::Disconnect | AtComputer::GoOffline(_) => connection == Connection::Connected,
            };
            possible.then_some(Route::World)
        }
        Acts::Dialog => {
            if step.at == Place::Web {
                return Some(Route::World);
            }
            let computer = own_computer(frame, step)?;
            (frame.context.connection[computer.index()] == Connection::Connected).then_some(Route::World)
        }
    }
}

#[inline(always)]
pub(super) fn own_computer(frame: &Frame<'_>, step: &Step) -> Option<ComputerId> {
    match step.at {
        Place::Computer(computer) if frame.scene.computers.get(computer.index()) == Some(&step.by) => Some(computer),
        Place::Computer(_) | Place::Web => None,
    }
}

#[inline(always)]
pub(super) fn outlook_route(frame: &Frame<'_>, step: &Step, mailbox: UserId) -> Option<Route> {
    let Frame { scene, context, .. } = *frame;
    if !scene.may_open(step.by, mailbox) {
        return None;
    }
    let server_side = scene.method(mailbox) == Method::ServerSide;
    let own = step.by == mailbox;
    if step.at == Place::Web {
        return Some(Route::Mailbox { of: mailbox, client: false, live: own && server_side });
    }
    let computer = own_computer(frame, step)?;
    match context.connection[computer.index()] {
        Connection::Connected => {
            let synchronizing = context.synchronizing[mailbox.index()] == Some(computer);
            let live = own && (server_side || synchronizing);
            Some(Route::Mailbox { of: mailbox, client: true, live })
        }
        Connection::Disconnected | Connection::Offline => scene.slot(computer, mailbox).map(Route::Cache),
        Connection::Crashed => None,
    }
}

#[inline(always)]
pub(super) fn crm_route(frame: &Frame<'_>, step: &Step) -> Option<Route> {
    if step.at == Place::Web {
        return Some(Route::Crm);
    }
    let computer = own_computer(frame, step)?;
    match frame.context.connection[computer.index()] {
        Connection::Connected => Some(Route::Crm),
        Connection::Offline => {
            // Assigning needs the server.
            if matches!(step.op, Op::Assign { .. }) {
                return None;
            }
            let own = frame.scene.slot(computer, step.by)?;
            Some(Route::LocalCrm(computer, own))
        }
        Connection::Disconnected | Connection::Crashed => None,
    }
}

/// Changes what is known for certain, after a step that was done.
#[inline]
pub fn advance(scene: &Scene, context: &mut Context, step: &Step) {
    let mut set = |connection, resume| {
        if let Place::Computer(computer) = step.at {
            context.connection[computer.index()] = connection;
            context.resume[computer.index()] = resume;
        }
    };
    let what = match meaning(&step.op, Kind::Email) {
        Meaning::Wait(seconds) => {
            context.now = context.now.saturating_add(seconds);
            return;
        }
        Meaning::Computer(what) => what,
        Meaning::Items(..) | Meaning::Server(..) | Meaning::Settle | Meaning::Options => return,
    };
    match what {
        AtComputer::Connect | AtComputer::GoOnline(None) => set(Connection::Connected, Connection::Connected),
        AtComputer::Disconnect => set(Connection::Disconnected, Connection::Disconnected),
        AtComputer::GoOffline(None) => set(Connection::Offline, Connection::Offline),
        AtComputer::GoOnline(Some(_)) => set(Connection::Crashed, Connection::Offline),
        AtComputer::GoOffline(Some(_)) | AtComputer::Synchronize(Some(_)) => {
            set(Connection::Crashed, Connection::Disconnected);
        }
        AtComputer::Restart => {
            if let Place::Computer(computer) = step.at {
                context.connection[computer.index()] = context.resume[computer.index()];
            }
        }
        AtComputer::Choose => {
            if let Place::Computer(computer) = step.at {
                context.synchronizing[scene.computers[computer.index()].index()] = Some(computer);
            }
        }
        AtComputer::Synchronize(None) => {}
    }
}

//! What an operation means in the reference: the one place that says so for each.

use crate::ids::UserId;
use crate::plan::{Change, Crash, Deletion, Kind, Op};
use crate::time::Seconds;
use crate::world::{Action, CrmAction};

/// What an operation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Something is done to items: in Outlook, in CRM, or in whichever of them it is done.
    Items(Option<Action>, Option<CrmAction>),
    /// Something is done at a computer.
    Computer(AtComputer),
    /// The personal options are looked at.
    Options,
    /// The server synchronizes a mailbox.
    Server(UserId, Option<Crash>),
    /// Time passes.
    Wait(Seconds),
    /// What the runner takes apart.
    Settle,
}

/// What is done at a computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtComputer {
    Connect,
    Disconnect,
    GoOffline(Option<Crash>),
    GoOnline(Option<Crash>),
    Synchronize(Option<Crash>),
    Choose,
    Restart,
}

/// What an operation comes to, for an item whose record is usually of this kind.
#[inline(always)]
pub(super) fn meaning(op: &Op, usual: Kind) -> Meaning {
    let both = |outlook, crm| Meaning::Items(Some(outlook), Some(crm));
    let outlook = |action| Meaning::Items(Some(action), None);
    let crm = |action| Meaning::Items(None, Some(action));
    match *op {
        Op::Create { .. } => both(Action::Create, CrmAction::Create),
        Op::Edit { change: Change::Title(token), .. } => both(Action::Title(token), CrmAction::Title(token)),
        Op::Edit { change: Change::When(when), .. } => both(Action::When(when), CrmAction::When(when)),
        Op::Delete { how: Deletion::Hard, .. } => both(Action::Delete, CrmAction::Delete),
        Op::Delete { how: Deletion::Soft, .. } => outlook(Action::Delete),
        Op::Delete { how: Deletion::Moved, .. } => outlook(Action::MoveAway),
        Op::Delete { how: Deletion::Occurrence(n), .. } => {
            both(Action::DeleteOccurrence(n), CrmAction::DeleteOccurrence(n))
        }
        Op::Track { record, .. } => outlook(Action::Track(record.unwrap_or(usual))),
        Op::Untrack { yes, .. } => outlook(Action::Untrack { yes }),
        Op::SetRegarding { to, .. } => both(Action::Regarding(to), CrmAction::Regarding(to)),
        Op::SetParent { to, .. } => both(Action::Parent(to), CrmAction::Parent(to)),
        Op::Complete { .. } => both(Action::Complete, CrmAction::Complete),
        Op::Cancel { .. } => crm(CrmAction::Cancel),
        Op::Assign { to, .. } => crm(CrmAction::Assign(to)),
        Op::ChangeOrganizer { to, .. } => crm(CrmAction::Organizer(to)),
        Op::Connect => Meaning::Computer(AtComputer::Connect),
        Op::Disconnect => Meaning::Computer(AtComputer::Disconnect),
        Op::GoOffline { crash } => Meaning::Computer(AtComputer::GoOffline(crash)),
        Op::GoOnline { crash } => Meaning::Computer(AtComputer::GoOnline(crash)),
        Op::Synchronize { crash } => Meaning::Computer(AtComputer::Synchronize(crash)),
        Op::ChooseSynchronizingComputer => Meaning::Computer(AtComputer::Choose),
        Op::Restart => Meaning::Computer(AtComputer::Restart),
        Op::ServerSynchronize { mailbox, crash } => Meaning::Server(mailbox, crash),
        Op::Wait { seconds } => Meaning::Wait(seconds),
        Op::Settle => Meaning::Settle,
        Op::OpenOptions => Meaning::Options,
    }
}

/// What is done at a computer, if something is.
#[inline(always)]
pub(super) fn at_computer(op: &Op) -> Option<AtComputer> {
    // Of which kind a record is makes no difference there.
    if let Meaning::Computer(what) = meaning(op, Kind::Email) { Some(what) } else { None }
}

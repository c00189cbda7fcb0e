//! The stories, two and two.

use tombstone_model::contract::implementation::Operation;
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Right, Rights, Side,
    Stage, Step, UserSetup,
};
use tombstone_model::time::Schedule;
use tombstone_model::view::Field;

use super::super::Doctor;
use super::super::trials::{COMPUTER, USER, blank, taken, tracked, world};
use super::{Contrast, Story};

/// A colleague, and the second computer: the colleague's, or another one of the user's own.
const OTHER: UserId = UserId(1);
const SECOND: ComputerId = ComputerId(1);
/// The items of a world of two.
const FIRST: ItemId = ItemId(0);
const NEXT: ItemId = ItemId(1);

/// What may be edited on both sides, tracked, and deleted, whatever the documents leave open.
const PLAIN: [Kind; 3] = [Kind::Contact, Kind::Task, Kind::Appointment];
/// The kinds of which the record goes with Yes and stays with No, if they are the user's own and to come (D03, D04, D09, D10,
/// D20, D24, D29, D30, D37).
const ANSWERED: [Kind; 5] = [Kind::Email, Kind::Contact, Kind::Appointment, Kind::RecurringAppointment, Kind::Task];

const HOUR: i32 = 3600;
const DAY: i32 = 24 * HOUR;

impl Doctor<'_> {
    /// What can be tried with what is claimed; of each capability the plainest way.
    pub(super) fn contrasts(&self) -> Vec<Contrast> {
        let mut contrasts = Vec::new();
        contrasts.extend(self.connections());
        contrasts.extend(self.people());
        contrasts.extend(self.synchronizations());
        contrasts.extend(self.selections());
        contrasts.extend(self.targets());
        contrasts.extend(self.time());
        contrasts
    }

    fn crosses(&self, operation: Operation) -> bool {
        self.capabilities.operations.contains(operation)
    }

    /// A plain kind of which this is claimed, and this field seen.
    fn plain(&self, operation: Operation, field: Field) -> Option<Kind> {
        PLAIN.into_iter().find(|&kind| self.claims(kind, operation) && self.sees(kind, field))
    }

    fn world(&self, items: Vec<ItemSetup>) -> Plan {
        world(&self.capabilities, items)
    }

    /// The world of a story with a second computer, of the user's own or of a colleague who may act in the user's mailbox.
    fn larger(&self, items: Vec<ItemSetup>, colleague: bool) -> Plan {
        let mut plan = self.world(items);
        let setup = &mut plan.setup;
        if colleague {
            let other = UserSetup { method: setup.users[0].method, delegates: UserSet::EMPTY, rights: Rights::ALL };
            setup.users.push(other);
            if self.capabilities.operations.contains(Operation::Delegate) {
                setup.users[0].delegates = UserSet::of(OTHER);
            }
        }
        let user = if colleague { OTHER } else { USER };
        setup.computers.push(ComputerSetup { user, synchronizing: colleague });
        plan.names = Names::invented(setup);
        plan
    }

    fn connections(&self) -> Vec<Contrast> {
        let mut contrasts = Vec::new();
        let disconnect = taken(Op::Disconnect);
        if let Some(kind) = self.plain(Operation::EditInOutlook, Field::Title) {
            let (plan, edit) = (self.world(vec![tracked(kind)]), edit(FIRST, USER));
            let of = |capability, tried, one: Vec<Step>, other: Vec<Step>| Contrast {
                capability,
                tried,
                stories: [one, other].map(|steps| Story { plan: plan.clone(), steps }),
                rest: false,
                each: Vec::new(),
            };
            contrasts.push(of(
                Operation::Disconnect.name(),
                "an item was edited at a computer, connected and disconnected; what a disconnected one enters waits there (F110)",
                vec![edit],
                vec![disconnect, edit],
            ));
            contrasts.push(of(
                Operation::Connect.name(),
                "an item was edited at a disconnected computer, which was connected afterwards or was not; what waited goes to \
                 the mailbox then (F124)",
                vec![disconnect, edit],
                vec![disconnect, edit, taken(Op::Connect)],
            ));
            let offline = taken(Op::GoOffline { crash: None });
            contrasts.push(of(
                Operation::GoOffline.name(),
                "an item was edited at a computer, online and offline; what one that is offline enters waits there (F124)",
                vec![edit],
                vec![offline, edit],
            ));
            contrasts.push(of(
                Operation::GoOnline.name(),
                "an item was edited at a computer that was offline, which went online afterwards or did not (F124)",
                vec![offline, edit],
                vec![offline, edit, taken(Op::GoOnline { crash: None })],
            ));
            if self.crosses(Operation::Disconnect) {
                contrasts.push(of(
                    Operation::Web.name(),
                    "an item was edited at a disconnected computer, and in a browser, which shows the mailbox itself",
                    vec![disconnect, edit],
                    vec![disconnect, Step { at: Place::Web, ..edit }],
                ));
                let plan = self.larger(vec![tracked(kind)], false);
                let aside = |step: Step| Step { at: Place::Computer(SECOND), ..step };
                let stories =
                    [edit, aside(edit)].map(|edit| Story { plan: plan.clone(), steps: vec![disconnect, edit] });
                contrasts.push(Contrast {
                    capability: "computers",
                    tried: "an item was edited at a disconnected computer, and at another one that was connected",
                    stories,
                    rest: false,
                    each: Vec::new(),
                });
            }
        }
        if !self.crosses(Operation::Disconnect)
            && self.capabilities.prompts
            && let Some(story) = self.untracking(true)
        {
            let in_browser = story.steps.iter().map(|step| Step { at: Place::Web, ..*step }).collect();
            contrasts.push(Contrast {
                capability: Operation::Web.name(),
                tried: "items were untracked at a computer and in a browser, where no client is that asks (F041)",
                stories: [story.clone(), Story { steps: in_browser, ..story }],
                rest: false,
                each: Vec::new(),
            });
        }
        contrasts
    }

    fn people(&self) -> Vec<Contrast> {
        let mut contrasts = Vec::new();
        let copies = |of: UserSet, kind| ItemSetup { copies: of, ..blank(kind) };
        let kinds = PLAIN.into_iter().chain([Kind::Email]);
        if let Some(kind) = kinds.clone().find(|&kind| self.capabilities.holds(kind)) {
            let own = |user: UserId| {
                let organizer = kind.is_calendar().then_some(user);
                ItemSetup { owner: user, organizer, ..copies(UserSet::of(user), kind) }
            };
            let of = |user| Story { plan: self.larger(vec![own(user)], true), steps: Vec::new() };
            contrasts.push(Contrast {
                capability: "users",
                tried: "an item was put into the mailbox of one user, and of another",
                stories: [of(USER), of(OTHER)],
                rest: false,
                each: Vec::new(),
            });
        }
        if let Some(kind) = self.plain(Operation::EditInOutlook, Field::Title) {
            let plan = self.larger(vec![copies(UserSet::of(USER).with(OTHER), kind)], true);
            let by_colleague = |step: Step| Step { by: OTHER, at: Place::Computer(SECOND), ..step };
            let of = |mailbox| Story { plan: plan.clone(), steps: vec![by_colleague(edit(FIRST, mailbox))] };
            contrasts.push(Contrast {
                capability: Operation::Delegate.name(),
                tried: "somebody edited an item in a mailbox of his own, and as a delegate in that of somebody else (F110)",
                stories: [of(OTHER), of(USER)],
                rest: false,
                each: Vec::new(),
            });
        }
        contrasts.extend(self.rights());
        let deletable = [Kind::Contact, Kind::Appointment];
        if let Some(kind) = deletable.into_iter().find(|&kind| self.claims(kind, Operation::DeleteInCrm)) {
            let delete = taken(Op::Delete { item: FIRST, side: Side::Crm, how: Deletion::Hard });
            let of = |user: UserId| {
                let item = tracked(kind);
                let organizer = item.organizer.map(|_| user);
                let plan = self.larger(vec![ItemSetup { owner: user, organizer, ..item }], true);
                Story { plan, steps: vec![delete] }
            };
            contrasts.push(Contrast {
                capability: "roles",
                tried: "the record was deleted in CRM, of its owner and organizer and of somebody else (D07, D08, D16-D19)",
                stories: [of(USER), of(OTHER)],
                rest: true,
                each: Vec::new(),
            });
        }
        contrasts
    }

    /// What a user may not do in CRM is refused there, and is not done by what the mailbox brings.
    fn rights(&self) -> Vec<Contrast> {
        let without = |right, item, op| {
            let story = |rights| {
                let mut plan = self.world(vec![item]);
                plan.setup.users[0].rights = rights;
                Story { plan, steps: vec![taken(op)] }
            };
            [story(Rights::ALL), story(Rights::ALL.without(right))]
        };
        let of = |tried, stories| Contrast { capability: "rights", tried, stories, rest: true, each: Vec::new() };
        let mut contrasts = Vec::new();
        for (operation, side) in [(Operation::EditInCrm, Side::Crm), (Operation::EditInOutlook, Side::Outlook(USER))] {
            if let Some(kind) = self.plain(operation, Field::Title) {
                let op = Op::Edit { item: FIRST, side, change: Change::Title(1) };
                let tried = "an item was edited by a user who may change records in CRM, and by one who may not (F027)";
                contrasts.push(of(tried, without(Right::Write, tracked(kind), op)));
            }
        }
        if let Some(kind) = PLAIN.into_iter().find(|&kind| self.claims(kind, Operation::Track)) {
            let op = Op::Track { items: ItemSet::of(FIRST), mailbox: USER, record: None };
            let item = ItemSetup { copies: UserSet::of(USER), ..blank(kind) };
            let tried = "an item was tracked by a user who may create records in CRM, and by one who may not (F027)";
            contrasts.push(of(tried, without(Right::Create, item, op)));
        }
        contrasts
    }

    fn synchronizations(&self) -> Vec<Contrast> {
        let mut contrasts = Vec::new();
        // Where it synchronizes at moments of its own, being told to proves nothing.
        let Some(kind) = self.plain(Operation::EditInOutlook, Field::Title).filter(|_| self.capabilities.stepped)
        else {
            return contrasts;
        };
        for (method, operation) in
            [(Method::OutlookClient, Operation::Synchronize), (Method::ServerSide, Operation::ServerSynchronize)]
        {
            let mut plan = self.world(vec![tracked(kind), tracked(kind)]);
            plan.setup.users[0].method = method;
            let edits = [edit(FIRST, USER), edit(NEXT, USER)];
            let with = |steps: Vec<Step>| Story { plan: plan.clone(), steps: edits.into_iter().chain(steps).collect() };
            let crashed = |crash| with(vec![cycle(method, crash)]);
            let at = |at, stage| crashed(Some(Crash { at, stage }));
            let mut of = |capability, tried, stories| {
                contrasts.push(Contrast { capability, tried, stories, rest: false, each: Vec::new() });
            };
            of(
                operation.name(),
                "tracked items were edited in Outlook, and synchronized or not",
                [with(Vec::new()), crashed(None)],
            );
            of(
                Operation::Crash.name(),
                "edits were synchronized, with a crash before the first was sent and without one",
                [at(FIRST, Stage::BeforeUpload), crashed(None)],
            );
            of(
                Operation::CrashStage.name(),
                "edits were synchronized with a crash at the first item, before it was sent and when it was done",
                [at(FIRST, Stage::BeforeUpload), at(FIRST, Stage::Done)],
            );
            of(
                Operation::CrashItem.name(),
                "edits were synchronized with a crash when the first item was done, and when the second was",
                [at(FIRST, Stage::Done), at(NEXT, Stage::Done)],
            );
        }
        let plan = self.larger(vec![tracked(kind)], false);
        let with = |steps: Vec<Step>| Story { plan: plan.clone(), steps };
        let aside = |op| Step { by: USER, at: Place::Computer(SECOND), op };
        let (edit, synchronize) = (edit(FIRST, USER), Op::Synchronize { crash: None });
        if !self.crosses(Operation::Disconnect) {
            contrasts.push(Contrast {
                capability: "computers",
                tried: "a mailbox was synchronized from the synchronizing computer, and from another one, which does nothing (F113)",
                stories: [with(vec![edit, taken(synchronize)]), with(vec![edit, aside(synchronize)])],
                rest: false,
                each: Vec::new(),
            });
        }
        contrasts.push(Contrast {
            capability: Operation::ChooseSynchronizingComputer.name(),
            tried: "a mailbox was synchronized from a second computer, which had been chosen for that or had not (F112, F113)",
            stories: [
                with(vec![edit, aside(synchronize)]),
                with(vec![edit, aside(Op::ChooseSynchronizingComputer), aside(synchronize)]),
            ],
            rest: false,
            each: Vec::new(),
        });
        contrasts
    }

    fn selections(&self) -> Vec<Contrast> {
        let mut contrasts = Vec::new();
        if let (Some(yes), Some(no)) = (self.untracking(true), self.untracking(false)) {
            contrasts.push(Contrast {
                capability: Operation::UntrackAnswer.name(),
                tried: "items of the user's own were untracked at a computer, and the question whether to delete the record too \
                        was answered with Yes and with No (D03, D04, D09, D10, D20, D24, D29, D30, D37)",
                each: (0..yes.plan.setup.items.len()).map(|n| ItemId(n as u8)).collect(),
                stories: [yes, no],
                rest: true,
            });
        }
        let private = |kind| ItemSetup { copies: UserSet::of(USER), ..blank(kind) };
        let kinds = PLAIN.into_iter().chain([Kind::Email]);
        if let Some(kind) = kinds.clone().find(|&kind| self.claims(kind, Operation::Track)) {
            let track = |items| taken(Op::Track { items, mailbox: USER, record: None });
            let plan = self.world(vec![private(kind), private(kind)]);
            let of = |items| Story { plan: plan.clone(), steps: vec![track(items)] };
            contrasts.push(Contrast {
                capability: Operation::Several.name(),
                tried: "two items were tracked at once, and the first of them alone",
                stories: [of(ItemSet::of(FIRST).with(NEXT)), of(ItemSet::of(FIRST))],
                rest: true,
                each: vec![NEXT],
            });
        }
        if self.sees(Kind::Task, Field::Record) {
            let plan = self.world(vec![private(Kind::Task)]);
            let of = |record| {
                let op = Op::Track { items: ItemSet::of(FIRST), mailbox: USER, record: Some(record) };
                Story { plan: plan.clone(), steps: vec![taken(op)] }
            };
            contrasts.push(Contrast {
                capability: Operation::TrackAs.name(),
                tried: "a task was tracked as a phone call, and as a letter (F012)",
                stories: [of(Kind::PhoneCall), of(Kind::Letter)],
                rest: true,
                each: Vec::new(),
            });
        }
        contrasts
    }

    /// What something is set to: a record, a user, an occurrence.
    fn targets(&self) -> Vec<Contrast> {
        let mut contrasts = Vec::new();
        let (one, other) = (FIRST, NEXT);
        let mut of =
            |capability, tried, field, people, able: &dyn Fn(Kind) -> bool, op: &dyn Fn(ItemId, bool) -> Op| {
                let kinds: Vec<Kind> =
                    self.kinds().into_iter().filter(|&kind| able(kind) && self.sees(kind, field)).collect();
                let Some(&some) = kinds.first() else { return };
                // A record is there to be regarding, where that is known.
                let record = self.target(some);
                let first = if people { tracked(record) } else { ItemSetup { in_crm: true, ..blank(record) } };
                let items: Vec<ItemSetup> = [first; 2].into_iter().chain(kinds.iter().copied().map(tracked)).collect();
                let each: Vec<ItemId> = (2..items.len()).map(|n| ItemId(n as u8)).collect();
                let plan = if people { self.larger(items, true) } else { self.world(items) };
                let story = |second| {
                    let steps = each.iter().map(|&item| taken(op(item, second))).collect();
                    Story { plan: plan.clone(), steps }
                };
                if !each.is_empty() {
                    let stories = [story(false), story(true)];
                    contrasts.push(Contrast { capability, tried, stories, rest: false, each });
                }
            };
        let sides = [
            (Side::Crm, "what items are regarding, or belong to, was set in CRM to one record, and to another (F020)"),
            (
                Side::Outlook(USER),
                "what items are regarding, or belong to, was set in Outlook to one record, and to another (F018, F020)",
            ),
        ];
        for (side, tried) in sides {
            // What a service activity becomes in Outlook may be undone.
            let suits = |kind: Kind| side == Side::Crm || kind != Kind::ServiceActivity;
            let to = |second| if second { other } else { one };
            of(
                Operation::SetRegarding.name(),
                tried,
                Field::Regarding,
                false,
                &|kind| self.claims(kind, Operation::SetRegarding) && kind != Kind::Contact && suits(kind),
                &|item, second| Op::SetRegarding { items: ItemSet::of(item), side, to: to(second) },
            );
            of(
                Operation::SetParent.name(),
                tried,
                Field::Parent,
                false,
                &|kind| self.claims(kind, Operation::SetParent) && kind == Kind::Contact,
                &|item, second| Op::SetParent { item, side, to: to(second) },
            );
            let operation = match side {
                Side::Crm => Operation::DeleteOccurrenceInCrm,
                Side::Outlook(_) => Operation::DeleteOccurrenceInOutlook,
            };
            of(
                operation.name(),
                "the first occurrence of a series was deleted, and the second",
                Field::Occurrences,
                false,
                &|kind| self.claims(kind, operation) && kind == Kind::RecurringAppointment,
                &|item, second| Op::Delete { item, side, how: Deletion::Occurrence(u8::from(second)) },
            );
        }
        let user = |second| if second { OTHER } else { USER };
        of(
            Operation::Assign.name(),
            "records were assigned to one user, and to another",
            Field::Owner,
            true,
            &|kind| self.claims(kind, Operation::Assign) && PLAIN.contains(&kind),
            &|item, second| Op::Assign { item, to: user(second) },
        );
        of(
            Operation::ChangeOrganizer.name(),
            "appointments were given one organizer, and another",
            Field::Organizer,
            true,
            &|kind| self.claims(kind, Operation::ChangeOrganizer) && PLAIN.contains(&kind) && kind.is_calendar(),
            &|item, second| Op::ChangeOrganizer { item, to: user(second) },
        );
        contrasts
    }

    fn time(&self) -> Option<Contrast> {
        if !self.claims(Kind::Appointment, Operation::DeleteInCrm) || !self.sees(Kind::Appointment, Field::When) {
            return None;
        }
        let mut plan = self.world(vec![tracked(Kind::Appointment)]);
        let soon = Schedule { start: HOUR, end: 2 * HOUR, every: 0, count: 1 };
        plan.setup.items[0].when = plan.setup.schedules.number(soon)?;
        let delete = taken(Op::Delete { item: FIRST, side: Side::Crm, how: Deletion::Hard });
        let wait = Step { by: USER, at: Place::Web, op: Op::Wait { seconds: 3 * DAY } };
        Some(Contrast {
            capability: Operation::Wait.name(),
            tried: "the record of an appointment was deleted in CRM before it took place, and three days later (D16-D19)",
            stories: [vec![delete], vec![wait, delete]].map(|steps| Story { plan: plan.clone(), steps }),
            rest: true,
            each: Vec::new(),
        })
    }

    /// Items of every kind of which an answer decides are untracked, each with this one; none where nothing is claimed.
    pub(super) fn untracking(&self, yes: bool) -> Option<Story> {
        let claimed =
            |kind: &Kind| self.claims(*kind, Operation::Untrack) && self.claims(*kind, Operation::UntrackAnswer);
        let kinds: Vec<Kind> = ANSWERED.into_iter().filter(claimed).collect();
        let untrack = |n| taken(Op::Untrack { items: ItemSet::of(ItemId(n)), mailbox: USER, yes });
        let steps: Vec<Step> = (0..kinds.len()).map(|n| untrack(n as u8)).collect();
        let plan = self.world(kinds.into_iter().map(tracked).collect());
        (!steps.is_empty()).then_some(Story { plan, steps })
    }
}

/// An edit of the title in a mailbox, at the computer.
fn edit(item: ItemId, mailbox: UserId) -> Step {
    // Of two items each has a title of its own.
    let op = Op::Edit { item, side: Side::Outlook(mailbox), change: Change::Title(1 + item.0) };
    Step { by: USER, at: Place::Computer(COMPUTER), op }
}

/// One synchronization.
fn cycle(method: Method, crash: Option<Crash>) -> Step {
    match method {
        Method::OutlookClient => taken(Op::Synchronize { crash }),
        Method::ServerSide => Step { by: USER, at: Place::Web, op: Op::ServerSynchronize { mailbox: USER, crash } },
    }
}

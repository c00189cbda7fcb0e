//! What a plan does, without who does it, where and to what in particular.

use tombstone_model::ids::{ItemId, ItemSet, UserSet};
use tombstone_model::plan::{Acts, Change, Effect, Kind, Op, Part, PartKind, Plan, Side, Stage, Status, Verb};

use super::Symptom;

/// Where something is done. Whoever looks into one store does not know in which of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DonePlace {
    /// In the store in which the failure is seen.
    Here,
    /// In another.
    Elsewhere,
    /// The failure is seen in none, and it is done in CRM.
    Crm,
    /// The failure is seen in none, and it is done in Outlook.
    Outlook,
}

/// What a step does, as far as it makes a difference to what comes of it. One synchronization is like another, whoever runs
/// it, and one way to close an activity is like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Deed {
    verb: Verb,
    /// Where, of what is done in either store.
    place: Option<DonePlace>,
    /// Whether the date is changed.
    when: bool,
    /// Whether it is one occurrence of a series that is deleted.
    occurrence: bool,
    /// Whether several items are tracked or untracked together.
    several: bool,
    /// The answer, should the user be asked.
    yes: bool,
    stage: Option<Stage>,
}

impl Deed {
    const SYNCHRONIZED: Self = Self {
        verb: Verb::Synchronize,
        place: None,
        when: false,
        occurrence: false,
        several: false,
        yes: false,
        stage: None,
    };

    /// Whether it is a synchronization, or holds one, in which nothing crashes.
    fn carries(self) -> bool {
        self.verb.has(PartKind::Crash) && self.stage.is_none()
    }

    /// What a step does, where a failure is seen on this side.
    fn of(op: &Op, seen: Option<Side>) -> Self {
        let place = match (op.side(), seen) {
            (Some(Side::Crm), None) => DonePlace::Crm,
            (Some(Side::Outlook(_)) | None, None) => DonePlace::Outlook,
            (done, seen) if done == seen => DonePlace::Here,
            (_, Some(_)) => DonePlace::Elsewhere,
        };
        let synchronizes = op.verb().effect() == Effect::Synchronizes || *op == Op::Settle;
        let verb = if synchronizes {
            Verb::Synchronize
        } else if op.verb() == Verb::Cancel {
            Verb::Complete
        } else {
            op.verb()
        };
        let place = (verb.acts() == Acts::Store).then_some(place);
        let mut deed = Self { verb, place, ..Self::SYNCHRONIZED };
        op.each(|_, part| match part {
            Part::Items(items) => deed.several = verb.acts() == Acts::Outlook && items.is_several(),
            Part::Change(change) => deed.when = matches!(change, Change::When(_)),
            Part::How(how) => deed.occurrence = how.occurrence().is_some(),
            Part::Answer(yes) => deed.yes = yes,
            Part::Crash(crash) => deed.stage = crash.map(|crash| crash.stage),
            Part::Item(_)
            | Part::Side(_)
            | Part::Mailbox(_)
            | Part::Other(_)
            | Part::User(_)
            | Part::Record(_)
            | Part::Seconds(_) => {}
        });
        deed
    }
}

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// The item that failed.
    It,
    /// Another one.
    Another,
    /// None.
    Nothing,
}

impl About {
    fn of(op: &Op, item: Option<ItemId>) -> Self {
        match (op.items().filter(|items: &ItemSet| !items.is_empty()), item) {
            (None, _) => Self::Nothing,
            (Some(_), None) => Self::It,
            (Some(items), Some(item)) if items.contains(item) => Self::It,
            (Some(_), Some(_)) => Self::Another,
        }
    }
}

/// What a plan does, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<(Deed, About)>);

impl Pattern {
    /// What a plan does that fails so.
    pub(super) fn of(plan: &Plan, symptom: Symptom) -> Self {
        let Symptom { item, .. } = symptom;
        let seen = symptom.side(plan);
        let deeds = plan.steps.iter().map(|step| (Deed::of(&step.op, seen), About::of(&step.op, item)));
        let mut pattern = Self(deeds.collect());
        if let Some((last, About::Nothing)) = pattern.0.last_mut()
            && last.carries()
        {
            *last = Deed::SYNCHRONIZED;
        }
        pattern
    }

    /// How many steps it has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Steps of a plan that fails so, before it does, that do the same, in the same order: the last ones, and the first.
    pub(super) fn embeddings(&self, plan: &Plan, symptom: Symptom) -> Vec<Vec<usize>> {
        let Symptom { item, at, .. } = symptom;
        let seen = symptom.side(plan);
        let does = |n: usize| {
            let op = &plan.steps[n].op;
            (Deed::of(op, seen), About::of(op, item))
        };
        // What carries it across in the end may be any synchronization.
        let same = |n: usize, at: usize| {
            let (wanted, found) = (self.0[at], does(n));
            let carried = at + 1 == self.0.len() && wanted.0.carries() && found.0.carries();
            found == wanted || carried && found.1 == wanted.1
        };
        let end = at.map_or(plan.steps.len(), |at| at + 1).min(plan.steps.len());
        let (mut last, mut before) = (Vec::new(), end);
        for at in (0..self.0.len()).rev() {
            let Some(n) = (0..before).rev().find(|&n| same(n, at)) else { return Vec::new() };
            last.push(n);
            before = n;
        }
        last.reverse();
        let (mut first, mut from) = (Vec::new(), 0);
        for at in 0..self.0.len() {
            let Some(n) = (from..end).find(|&n| same(n, at)) else { return vec![last] };
            first.push(n);
            from = n + 1;
        }
        if first == last { vec![last] } else { vec![last, first] }
    }
}

/// These steps, and before and among them those that bring an item to where something can be done to it: what links it,
/// and plain synchronizations.
pub(super) fn in_step(plan: &Plan, steps: &[usize], item: Option<ItemId>) -> Vec<usize> {
    let end = steps.last().map_or(0, |last| last + 1);
    let plain = |n: &usize| {
        let op = &plan.steps[*n].op;
        let deed = Deed::of(op, None);
        let links = matches!(deed.verb, Verb::Create | Verb::Track | Verb::SetRegarding | Verb::SetParent);
        deed == Deed::SYNCHRONIZED || links && About::of(op, item) == About::It
    };
    (0..end).filter(|n| steps.contains(n) || plain(n)).collect()
}

/// Of steps that fail, those without which they would not: what is done to items, or else all of them.
pub(super) fn trigger(plan: &Plan, steps: Vec<usize>) -> Vec<usize> {
    let own = |n: &usize| plan.steps[*n].op.items().is_some_and(|items| !items.is_empty());
    let some: Vec<usize> = steps.iter().copied().filter(own).collect();
    if some.is_empty() { steps } else { some }
}

/// A family of kinds that the documents treat alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KindFamily {
    Emails,
    Contacts,
    Calendar,
    Tasks,
    Others,
}

impl KindFamily {
    /// All that Outlook knows.
    pub(super) const ALL: [Self; 5] = [Self::Emails, Self::Contacts, Self::Calendar, Self::Tasks, Self::Others];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Emails => "messages",
            Self::Contacts => "contacts",
            Self::Calendar => "appointments",
            Self::Tasks => "tasks",
            Self::Others => "others",
        }
    }

    /// The family of an item.
    pub(super) fn of(plan: &Plan, item: ItemId) -> Self {
        let kind = plan.setup.items[item.index()].kind;
        if kind == Kind::Email {
            Self::Emails
        } else if kind == Kind::Contact {
            Self::Contacts
        } else if kind.is_calendar() {
            Self::Calendar
        } else if kind.is_task_like() {
            Self::Tasks
        } else {
            Self::Others
        }
    }

    /// The plan with an item of this family in the place of one; none where no such item can do the same.
    pub(super) fn instead(self, plan: &Plan, item: ItemId) -> Option<Plan> {
        let kind = match self {
            Self::Emails => Kind::Email,
            Self::Contacts => Kind::Contact,
            Self::Calendar => Kind::Appointment,
            Self::Tasks => Kind::Task,
            Self::Others => return None,
        };
        let selected = |step: &tombstone_model::plan::Step| {
            step.op.items().is_some_and(|items| items.is_several() && items.contains(item))
        };
        if plan.steps.iter().any(selected) {
            return None;
        }
        let mut plan = plan.clone();
        let it = &mut plan.setup.items[item.index()];
        (it.kind, it.record, it.exceptions) = (kind, kind.record(), 0);
        (it.regarding, it.parent) = (None, None);
        it.organizer = kind.is_calendar().then_some(it.owner);
        it.required = if kind.is_calendar() { it.copies } else { UserSet::EMPTY };
        it.optional = UserSet::EMPTY;
        it.status = if kind == Kind::Email { Status::Completed } else { Status::Open };
        if kind == Kind::Contact || kind == Kind::Email {
            it.when = 0;
        }
        plan.names = tombstone_model::plan::Names::default();
        Some(plan)
    }
}

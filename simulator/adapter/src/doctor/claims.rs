//! Whether what an adapter claims is true: what `reset` asks for is there, and every operation does what it says.

use tombstone_model::contract::implementation::{Answer, Implementation, Operation};
use tombstone_model::contract::reset;
use tombstone_model::ids::{ItemId, UserSet};
use tombstone_model::oracle::{Forecast, Oracle};
use tombstone_model::plan::{
    Acts, Crash, Effect, ItemSetup, Kind, Method, Op, PartValues, Place, Side, Stage, Status, Step, Verb,
};
use tombstone_model::readings::switches::Readings;
use tombstone_model::reference::{Frame, advance, route};
use tombstone_model::rules::Rules;
use tombstone_model::view::{Field, Location};
use tombstone_model::world::World;

use super::trials::{COMPUTER, USER, stands, taken, tracked, trial, world};
use super::{CheckResult, Complaint, Doctor};

/// How many of the differences between a world and the one that was asked for are said.
const MOST_DIFFERENCES: usize = 3;

impl Doctor<'_> {
    pub(super) fn reset_is_faithful(&mut self) -> CheckResult {
        let plan = self.everything();
        let view = self.reset(&plan)?;
        let mut complaints = Vec::new();
        for (n, setup) in plan.setup.items.iter().enumerate() {
            let item = ItemId(n as u8);
            let places = [(Location::Crm, "in CRM"), (Location::Mailbox(USER), "in the mailbox")];
            for (location, place) in places {
                let word = view.get(item, location);
                let name = plan.names.item(item);
                if word.count() != 1 {
                    complaints.push(Complaint::new(
                        format!(
                            "after a reset that asked for the {} `{name} #0` once {place}, `observe` shows {} of it",
                            setup.kind.name(),
                            ["none", "one", "several"][usize::from(word.count().min(2))]
                        ),
                        "create every item as `reset` describes it, under its `title`, in each mailbox of `copies` and, with \
                         `in_crm`, in CRM; and list it in `observe`. If the kind cannot be kept, claim no operation on it",
                    ));
                } else if location != Location::Crm && self.sees(setup.kind, Field::Tracked) && !word.is_tracked() {
                    complaints.push(Complaint::new(
                        format!("`{name}` was to be tracked from the start, and `observe` shows it untracked"),
                        "link what `tracked` names, or do not claim the field `tracked`",
                    ));
                } else if self.sees(setup.kind, Field::When) && usize::from(word.when()) >= plan.setup.schedules.len() {
                    complaints.push(Complaint::new(
                        format!("the dates of `{name}` are none of those that `reset` named"),
                        "write and read instants with their offset from UTC, or do not claim the field `when`",
                    ));
                }
            }
        }
        complaints.extend(self.reset_is_complete()?);
        Ok(complaints)
    }

    /// Whether a world is set up with everything about it: what is in one store only, what is not tracked, and every field.
    fn reset_is_complete(&mut self) -> CheckResult {
        let mut items = Vec::new();
        for kind in self.kinds() {
            let both = tracked(kind);
            let closed = if kind.is_task_like() { Status::Completed } else { both.status };
            // A message goes to CRM by being tracked, and a service activity to Outlook by being scheduled.
            let outlook =
                (kind != Kind::ServiceActivity).then_some(ItemSetup { tracked: UserSet::EMPTY, in_crm: false, ..both });
            let crm =
                (kind != Kind::Email).then_some(ItemSetup { copies: UserSet::EMPTY, tracked: UserSet::EMPTY, ..both });
            items.extend([Some(ItemSetup { status: closed, ..both }), outlook, crm].into_iter().flatten());
        }
        let plan = world(&self.capabilities, items);
        let view = self.reset(&plan)?;
        let differences = reset::differences(&plan, &self.capabilities, &view);
        let complaint = |(item, sighting): &_| {
            Complaint::new(format!("after a reset, {}", reset::difference(&plan, *item, sighting)), reset::REMEDY)
        };
        // The first few say what is wrong with all.
        Ok(differences.iter().take(MOST_DIFFERENCES).map(complaint).collect())
    }

    pub(super) fn honesty(&mut self) -> CheckResult {
        let mut complaints = Vec::new();
        for kind in Kind::ALL {
            if self.capabilities.holds(kind) {
                complaints.extend(self.honesty_of(kind)?);
            }
        }
        Ok(complaints)
    }

    fn honesty_of(&mut self, kind: Kind) -> CheckResult {
        let other = ItemId(0);
        let mut items = vec![tracked(self.target(kind))];
        let mut trials = Vec::new();
        let claimed = |operation: &&Operation| self.claims(kind, **operation) && operation.suits(kind);
        for &operation in Operation::ALL.iter().filter(claimed).filter(|operation| operation.is_of_kinds()) {
            let item = ItemId(items.len() as u8);
            if let Some(op) = trial(operation, item, other)
                && let Some(setup) = self.plainest(kind, operation)
            {
                items.push(setup);
                // Where no answer is heard, untracking is one in a browser.
                let asked = self.claims(kind, Operation::UntrackAnswer) || operation != Operation::Untrack;
                let step = taken(op);
                trials.push((operation, item, if asked { step } else { Step { at: Place::Web, ..step } }));
            }
        }
        let plan = world(&self.capabilities, items);
        self.child.reset(&plan)?;
        let mut oracle = Oracle::new(Rules::documented(), &plan.setup, Readings::OPEN, &self.capabilities);
        trials.retain(|(_, _, step)| {
            self.capabilities.lacks_step(&plan.setup, step).is_none() && oracle.forecast(step) == Forecast::Possible
        });
        let steps: Vec<Step> = trials.iter().map(|(_, _, step)| *step).collect();
        let answers = if steps.is_empty() { Vec::new() } else { self.child.apply_batch(&steps) };
        let mut complaints = Vec::new();
        let mut done = Vec::new();
        for ((operation, item, step), answer) in trials.into_iter().zip(answers) {
            let claimed = format!("{} {}", kind.name(), operation.name());
            match answer {
                Answer::Done { .. } | Answer::Offered(_) => done.push((claimed, item, step)),
                Answer::Refused => {}
                Answer::Unsupported(why) => complaints.push(Complaint::new(
                    format!("`{claimed}` is claimed, and answered with unsupported: {why}"),
                    format!("take `{}` out of the operations of `{}`, or carry it out", operation.name(), kind.name()),
                )),
                Answer::Failed(failure) if self.child.fault().is_some() => return Err(failure),
                Answer::Failed(failure) => complaints.push(Complaint::of_step(&claimed, &failure)),
            }
        }
        let view = self.rested(&plan)?;
        // What becomes of an edit of one in Outlook is open: it may have been undone by now.
        if kind == Kind::ServiceActivity && !self.capabilities.stepped {
            done.clear();
        }
        for (claimed, item, step) in done {
            let location = match step.op.side() {
                Some(Side::Outlook(user)) => Location::Mailbox(user),
                Some(Side::Crm) | None => Location::Crm,
            };
            let word = view.get(item, location);
            let seen = if matches!(step.op, Op::Create { .. }) && !word.is_present() {
                "it is not there"
            } else if matches!(step.op, Op::Edit { .. }) && self.sees(kind, Field::Title) && word.title() != 1 {
                "its title is not the new one"
            } else if matches!(step.op, Op::Delete { how, .. } if how.occurrence().is_none()) && word.is_present() {
                "it is still there"
            } else {
                continue;
            };
            complaints.push(Complaint::new(
                format!("`{claimed}` was answered with done, and `observe` shows that {seen}"),
                "answer once the store has been changed, and let `observe` read that store; what is not done is `refused`, \
                 `unsupported` or `failed`",
            ));
        }
        Ok(complaints)
    }

    /// The plainest item of a kind to which an operation can be done, if there is one.
    fn plainest(&self, kind: Kind, operation: Operation) -> Option<ItemSetup> {
        let op = trial(operation, ItemId(1), ItemId(0))?;
        stands(kind).into_iter().find(|&item| {
            let plan = world(&self.capabilities, vec![tracked(self.target(kind)), item]);
            let mut oracle = Oracle::new(Rules::documented(), &plan.setup, Readings::OPEN, &self.capabilities);
            oracle.forecast(&taken(op)) == Forecast::Possible
        })
    }

    /// Each operation that concerns no item, as soon as it is possible; at the end what never is, and a crash.
    pub(super) fn general(&mut self) -> CheckResult {
        let plan = self.everything();
        self.child.reset(&plan)?;
        let crash = plan.setup.items.first().map(|_| Crash { at: ItemId(0), stage: Stage::BeforeUpload });
        let laptop = taken;
        let server = plan.setup.users[0].method == Method::ServerSide;
        let values = PartValues { mailbox: vec![USER], crash: vec![None], seconds: vec![60], ..PartValues::default() };
        let mut steps: Vec<Step> = Vec::new();
        for &verb in Verb::ALL.iter().filter(|verb| !verb.acts().is_to_items() && **verb != Verb::Restart) {
            if verb.effect() != Effect::Synchronizes || server == (verb.acts() == Acts::Server) {
                let at = if matches!(verb.acts(), Acts::Computer | Acts::Dialog) {
                    Place::Computer(COMPUTER)
                } else {
                    Place::Web
                };
                let claimable = verb.each_of(&values).into_iter().filter(|op| Operation::of(op).is_some());
                steps.extend(claimable.map(|op| Step { by: USER, at, op }));
            }
        }
        let mut world = World::new(&plan.setup);
        let mut ordered = Vec::new();
        while !steps.is_empty() {
            let World { scene, context, .. } = &world;
            let frame = Frame { scene, context, rules: Rules::documented() };
            let able = |step: &Step| self.capabilities.lacks_step(&plan.setup, step).is_none();
            let next = steps.iter().position(|step| able(step) && route(&frame, step).is_ok());
            let step = steps.remove(next.unwrap_or(0));
            if next.is_some() {
                advance(&world.scene, &mut world.context, &step);
            }
            ordered.push(step);
        }
        let mut steps = ordered;
        if self.capabilities.operations.contains(Operation::Crash) {
            steps.extend((!server).then(|| laptop(Op::Synchronize { crash })));
            steps.extend([laptop(Op::Restart), laptop(Op::Connect)]);
        }
        let mut complaints = Vec::new();
        for step in steps {
            // Of one that cannot be told to, `settle` is asked instead.
            let told = matches!(step.op, Op::Synchronize { .. } | Op::ServerSynchronize { .. });
            let able = self.capabilities.lacks_step(&plan.setup, &step).is_none();
            if !able || told && self.capabilities.synchronizes_by_itself() {
                continue;
            }
            let name =
                if step.op.crash().is_some() { "crash" } else { Operation::of(&step.op).map_or("", Operation::name) };
            match self.child.apply(&step) {
                Answer::Done { .. } | Answer::Offered(_) | Answer::Refused => {}
                Answer::Unsupported(why) => complaints.push(Complaint::new(
                    format!("`{name}` is claimed, and answered with unsupported: {why}"),
                    format!("take `{name}` out of `operations`, or carry it out"),
                )),
                Answer::Failed(failure) if self.child.fault().is_some() => return Err(failure),
                Answer::Failed(failure) => complaints.push(Complaint::of_step(name, &failure)),
            }
        }
        Ok(complaints)
    }
}

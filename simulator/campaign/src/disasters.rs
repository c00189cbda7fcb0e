//! Disasters from outside, for adapters that can bring them about: the engine loses its memory, a store loses its content,
//! or the engine runs while it cannot reach CRM. Afterwards it is synchronized to rest.
//!
//! The documents say nothing of these; no product may lose or double what people own in any of them. So each is a case of
//! its own, with a verdict: something that was there is lost, doubled, or comes back after it was deleted; a change is in
//! neither store any more; or the engine says that it synchronized while CRM was out of reach. Whatever else comes of it
//! is an observation. That an engine refuses to go on, and leaves both stores alone, is one: it protects the data. The
//! implementation is its own witness: what it leaves is compared with what it leaves undisturbed, and with what was there
//! when the disaster struck.

use std::collections::BTreeMap;

use tombstone_adapter::protocol::{Blow, DisasterWord};
use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_model::contract::implementation::{
    Answer, EngineAccount, EngineOutcome, Implementation, ImplementationFailure,
};
use tombstone_model::contract::reset::reset;
use tombstone_model::ids::ItemId;
use tombstone_model::plan::{Op, Plan, Side};
use tombstone_model::verdict::Check;
use tombstone_model::view::{Location, View, Word};
use tombstone_reports::events::{CaseJudged, Event};
use tombstone_reports::{self as reports, CaseReport, CommandLine, Verdict};

use crate::confirm;
use crate::findings::{STOPPED, first_words};
use crate::kill;
use crate::log::{Log, noted};

/// What happens to the implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    /// The engine forgets all it remembers.
    MemoryLost,
    /// Outlook loses everything.
    OutlookEmptied,
    /// CRM loses everything.
    CrmEmptied,
    /// The engine is run while it cannot reach CRM.
    CrmUnreachable,
}

impl Disaster {
    const ALL: [Self; 4] = [Self::MemoryLost, Self::OutlookEmptied, Self::CrmEmptied, Self::CrmUnreachable];

    /// The id of its case.
    fn id(self) -> &'static str {
        match self {
            Self::MemoryLost => "faults-from-outside/memory-lost",
            Self::OutlookEmptied => "faults-from-outside/outlook-emptied",
            Self::CrmEmptied => "faults-from-outside/crm-emptied",
            Self::CrmUnreachable => "faults-from-outside/crm-unreachable",
        }
    }

    /// What its case demands.
    fn title(self) -> &'static str {
        match self {
            Self::MemoryLost => "Without its memory the engine loses, doubles, resurrects and forgets nothing",
            Self::OutlookEmptied => "Outlook is emptied behind its back, and the engine does not empty CRM too",
            Self::CrmEmptied => "CRM is emptied behind its back, and the engine does not empty Outlook too",
            Self::CrmUnreachable => {
                "CRM is out of reach: the engine does not say that it synchronized, and does no harm"
            }
        }
    }

    /// The category of what comes of it.
    fn category(self) -> &'static str {
        match self {
            Self::MemoryLost => "after its memory was lost",
            Self::OutlookEmptied => "after Outlook was emptied",
            Self::CrmEmptied => "after CRM was emptied",
            Self::CrmUnreachable => "after CRM was out of reach",
        }
    }

    /// What happened, for a failure.
    fn happened(self) -> &'static str {
        match self {
            Self::MemoryLost => "things were changed, the engine's memory was lost, and it was synchronized to rest",
            Self::OutlookEmptied => "all was in step, Outlook was emptied, and the engine was synchronized to rest",
            Self::CrmEmptied => "all was in step, CRM was emptied, and the engine was synchronized to rest",
            Self::CrmUnreachable => {
                "things were changed, the engine ran while CRM was out of reach, and was then synchronized to rest"
            }
        }
    }

    fn word(self) -> DisasterWord {
        match self {
            Self::MemoryLost => DisasterWord::LoseState,
            Self::OutlookEmptied => DisasterWord::EmptyOutlook,
            Self::CrmEmptied => DisasterWord::EmptyCrm,
            Self::CrmUnreachable => DisasterWord::UnreachableCrm,
        }
    }

    /// Brings it about.
    fn strike(self, child: &mut ChildImplementation) -> Answer {
        match self {
            Self::MemoryLost => child.lose_state(None),
            Self::OutlookEmptied => child.strike(Blow::EmptyOutlook),
            Self::CrmEmptied => child.strike(Blow::EmptyCrm),
            Self::CrmUnreachable => child.strike(Blow::CutCrm),
        }
    }

    /// The store that is empty afterwards.
    fn emptied(self) -> Option<Location> {
        match self {
            Self::OutlookEmptied => Some(Location::Mailbox(kill::USER)),
            Self::CrmEmptied => Some(Location::Crm),
            Self::MemoryLost | Self::CrmUnreachable => None,
        }
    }
}

/// Brings every disaster about that the adapter says it can, tells what is only observed, and returns what came of each as a
/// case of its own; `line` says how to see it again. What it cannot is no case, unless that was `asked`.
pub fn disasters(child: &mut ChildImplementation, line: &CommandLine, asked: bool, log: &mut Log) -> Vec<CaseReport> {
    let able = child.introduction().capabilities.disasters.clone();
    let mut cases = Vec::new();
    for disaster in Disaster::ALL {
        if !able.contains(&disaster.word()) {
            if asked {
                let why = "it is not among the `disasters` that it declares";
                cases.push(case(disaster, Verdict::Unsupported, why.to_owned()));
            }
            continue;
        }
        cases.push(match live_through(child, disaster) {
            Ok(seen) => {
                let (case, observed) = judged(disaster, &seen, line);
                log.tell_all(observed);
                case
            }
            Err(failure) if failure.declined => case(disaster, Verdict::Unsupported, failure.message.into()),
            Err(failure) => case(disaster, Verdict::Broken, failure.message.into()),
        });
    }
    cases
}

/// Brings about again, in fresh starts of the program, what it did not come through: what is not seen there is unstable.
/// Then each case is told.
pub fn confirm(launch: &Launch, mut cases: Vec<CaseReport>, line: &CommandLine, log: &mut Log) {
    for disaster in Disaster::ALL {
        let own = |case: &&mut CaseReport| case.id == disaster.id() && case.verdict == Verdict::Diverges;
        let Some(case) = cases.iter_mut().find(own) else { continue };
        confirm::keep(case, log, |signature, log| {
            let seen = confirm::fresh_start(launch, log, |child| live_through(child, disaster).ok());
            // What is observed besides was observed before.
            let again = seen.map(|seen| judged(disaster, &seen, line).0);
            again.is_some_and(|case| case.failures.iter().any(|failure| failure.signature == *signature))
        });
    }
    for case in cases {
        log.tell(Event::CaseJudged(Box::new(CaseJudged { case, ..CaseJudged::default() })));
    }
}

fn case(disaster: Disaster, verdict: Verdict, reason: String) -> CaseReport {
    CaseReport {
        id: disaster.id().to_owned(),
        beside: true,
        title: disaster.title().to_owned(),
        verdict,
        reason,
        ..CaseReport::default()
    }
}

/// The ids of the cases of all disasters.
pub fn ids() -> impl Iterator<Item = &'static str> {
    Disaster::ALL.into_iter().map(Disaster::id)
}

/// What was seen of a disaster.
struct DisasterSeen {
    plan: Plan,
    /// At rest, without the disaster.
    undisturbed: View,
    /// When it had struck, and nothing had been synchronized since.
    struck: View,
    /// At rest afterwards, or after the last round.
    left: View,
    /// Whether it came to rest.
    rested: bool,
    /// What the engine said while CRM was out of reach.
    away: Option<EngineAccount>,
    /// What it said of each synchronization afterwards.
    told: Vec<EngineAccount>,
}

/// Runs the plan without the disaster, and then with it.
///
/// # Errors
/// Where the adapter declines, breaks, or does not do what it was asked for.
fn live_through(child: &mut ChildImplementation, disaster: Disaster) -> Result<DisasterSeen, ImplementationFailure> {
    let mut plan = kill::plan(&child.describe().capabilities);
    if disaster.emptied().is_some() {
        plan.steps.clear();
    }
    let undisturbed = kill::to_rest(child, &plan, &mut |child| child.apply(&kill::synchronize()))?;
    reset(child, &plan)?;
    child.apply_batch(&plan.steps).into_iter().try_for_each(kill::done)?;
    kill::done(disaster.strike(child))?;
    let struck = look(child, &plan)?;
    let mut away = None;
    if disaster == Disaster::CrmUnreachable {
        away = Some(synchronize(child)?);
        let meanwhile = look(child, &plan)?;
        kill::done(child.strike(Blow::MendCrm))?;
        let reached = items(&plan).any(|item| struck.get(item, Location::Crm) != meanwhile.get(item, Location::Crm));
        if reached {
            let why = "the engine changed CRM while the adapter said that it was out of reach";
            return Err(ImplementationFailure::definite(format!(
                "{why}\nhelp: `cut-crm` must keep the engine from CRM"
            )));
        }
    }
    let (mut left, mut told, mut rested) = (struck.clone(), Vec::new(), false);
    for round in 0..kill::ROUNDS {
        told.push(synchronize(child)?);
        let view = look(child, &plan)?;
        rested = round > 1 && view == left;
        left = view;
        if rested {
            break;
        }
    }
    Ok(DisasterSeen { plan, undisturbed, struck, left, rested, away, told })
}

fn look(child: &mut ChildImplementation, plan: &Plan) -> Result<View, ImplementationFailure> {
    let mut view = View::new(&plan.setup);
    child.observe(&mut view)?;
    Ok(view)
}

fn items(plan: &Plan) -> impl Iterator<Item = ItemId> + use<> {
    (0..plan.setup.items.len() as u8).map(ItemId)
}

/// Synchronizes, and returns what the engine said of it. That it fails or refuses is its own affair; that it does no harm
/// is not.
///
/// # Errors
/// Where the adapter does not run any more, or has no such operation.
fn synchronize(child: &mut ChildImplementation) -> Result<EngineAccount, ImplementationFailure> {
    child.take_reports();
    let answer = child.apply(&kill::synchronize());
    let said = |outcome, words: &str| Ok(EngineAccount { outcome, words: words.to_owned() });
    match answer {
        Answer::Done { .. } | Answer::Offered(_) => Ok(child.take_reports().pop().unwrap_or_default()),
        Answer::Refused => said(Some(EngineOutcome::RefusedToSynchronize), "refused"),
        Answer::Unsupported(why) => Err(ImplementationFailure::declined(why)),
        Answer::Failed(failure) if child.fault().is_some() => Err(failure),
        Answer::Failed(failure) => said(Some(EngineOutcome::Failure), &failure.message),
    }
}

/// What an engine said of a run, in a few words.
fn account(told: &EngineAccount) -> String {
    let outcome = told.outcome.map_or("nothing of how it ended", EngineOutcome::name);
    if told.words.trim().is_empty() {
        outcome.to_owned()
    } else {
        format!("{outcome}, in its words {}", first_words(told))
    }
}

/// The case, and what is only observed.
fn judged(disaster: Disaster, seen: &DisasterSeen, line: &CommandLine) -> (CaseReport, Vec<Event>) {
    let replay = &line.to_string();
    let mut observed = Vec::new();
    let mut observe = |category, text: &str| observed.push(Event::Observed(noted(category, text, replay)));
    if let Some(told) = &seen.away {
        observe("while CRM was out of reach", &format!("it says: {}", account(told)));
    }
    let not = |told: &&EngineAccount| {
        matches!(told.outcome, Some(EngineOutcome::Failure | EngineOutcome::RefusedToSynchronize))
    };
    let stopped = seen.told.iter().find(not).filter(|_| seen.struck == seen.left);
    if let Some(told) = stopped {
        let why = format!(
            "{}: it stops, and leaves both stores as they are; it says: {}",
            disaster.category(),
            account(told)
        );
        observe(STOPPED, &why);
    }
    if !seen.rested {
        let text = format!("it does not come to rest within {} synchronizations", kill::ROUNDS);
        observe(disaster.category(), &text);
    }
    let mut harms: BTreeMap<Harm, Vec<String>> = BTreeMap::new();
    for item in items(&seen.plan) {
        let Some(fate) = fate(disaster, item, seen) else { continue };
        let text = format!("{}: {}", history(&seen.plan, item), fate.text());
        match fate.harm() {
            Some(harm) => harms.entry(harm).or_default().push(text),
            // What it did not touch after it stopped is said once.
            None if stopped.is_some() => {}
            None => observe(disaster.category(), &text),
        }
    }
    if let Some(told) = seen.away.as_ref().filter(|told| told.outcome == Some(EngineOutcome::Success)) {
        harms.entry(Harm::FalseSuccess).or_default().push(format!("it says: {}", account(told)));
    }
    let each = |texts: &[String]| {
        let mut counted: Vec<(&String, usize)> = Vec::new();
        for text in texts {
            match counted.iter_mut().find(|(known, _)| *known == text) {
                Some((_, times)) => *times += 1,
                None => counted.push((text, 1)),
            }
        }
        let words =
            |(text, times): (&String, usize)| if times > 1 { format!("{times} × {text}") } else { text.clone() };
        counted.into_iter().map(words).collect::<Vec<_>>().join("; ")
    };
    let failures = harms.iter().map(|(harm, texts)| reports::Failure {
        signature: reports::Signature { check: harm.check().to_owned(), rule: None },
        happened: disaster.happened().to_owned(),
        expected: reports::Expected { text: harm.demand().to_owned(), ..reports::Expected::default() },
        seen: each(texts),
        replay: replay.clone(),
        command: line.words().to_vec(),
        times: Some(texts.len() as u64),
        ..reports::Failure::default()
    });
    let failures: Vec<reports::Failure> = failures.collect();
    let verdict = if failures.is_empty() { Verdict::Conforms } else { Verdict::Diverges };
    let steps = Some(seen.plan.steps.len() as u64);
    (CaseReport { failures, steps, ..case(disaster, verdict, String::new()) }, observed)
}

/// What no disaster excuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    Lost,
    Doubled,
    Resurrected,
    Forgotten,
    FalseSuccess,
}

impl Harm {
    /// The check that it fails, in signatures.
    fn check(self) -> &'static str {
        match self {
            Self::Lost => Check::Vanished.name(),
            Self::Doubled => Check::Doubled.name(),
            Self::Resurrected => Check::Resurrected.name(),
            Self::Forgotten => "forgotten",
            Self::FalseSuccess => "false-success",
        }
    }

    fn demand(self) -> &'static str {
        match self {
            Self::Lost => {
                "whatever happens from outside, the engine removes nothing that it would not remove undisturbed"
            }
            Self::Doubled => "whatever happens from outside, one item never becomes two",
            Self::Resurrected => "whatever happens from outside, what was deleted in a store does not come back there",
            Self::Forgotten => "whatever happens from outside, a change stays at least in the store where it was made",
            Self::FalseSuccess => "the engine does not say that it synchronized while CRM was out of its reach",
        }
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ItemFate {
    AsUndisturbed,
    Restored,
    LeftEmpty,
    LostInTheOtherStore,
    Lost,
    Doubled,
    Resurrected,
    Forgotten,
    Apart,
    OtherwiseDifferent,
}

impl ItemFate {
    fn text(self) -> &'static str {
        match self {
            Self::AsUndisturbed => "as if nothing had happened",
            Self::Restored => "the empty store is filled again from the other",
            Self::LeftEmpty => "the other store keeps it, and the empty one stays empty",
            Self::LostInTheOtherStore => "it is lost: the other store is emptied, too",
            Self::Lost => "it is lost",
            Self::Doubled => "it is doubled",
            Self::Resurrected => "it comes back",
            Self::Forgotten => "the change is lost",
            Self::Apart => "what was done stays in the store where it was done",
            Self::OtherwiseDifferent => "it is there, and not as it would be",
        }
    }

    /// The harm that it is, if it is one.
    fn harm(self) -> Option<Harm> {
        match self {
            Self::LostInTheOtherStore | Self::Lost => Some(Harm::Lost),
            Self::Doubled => Some(Harm::Doubled),
            Self::Resurrected => Some(Harm::Resurrected),
            Self::Forgotten => Some(Harm::Forgotten),
            Self::AsUndisturbed | Self::Restored | Self::LeftEmpty | Self::Apart | Self::OtherwiseDifferent => None,
        }
    }
}

/// An item in one store: undisturbed, when the disaster struck, and at the end.
#[derive(Clone, Copy, Debug)]
struct ItemInStore {
    undisturbed: Word,
    struck: Word,
    left: Word,
}

impl ItemInStore {
    /// Whether it would be there, was there, and is not.
    fn lost(self) -> bool {
        self.undisturbed.count() > 0 && self.struck.count() > 0 && self.left.count() == 0
    }
}

/// What became of an item; none of one that was nowhere.
fn fate(disaster: Disaster, item: ItemId, seen: &DisasterSeen) -> Option<ItemFate> {
    let [crm, outlook] = [Location::Crm, Location::Mailbox(kill::USER)].map(|at| ItemInStore {
        undisturbed: seen.undisturbed.get(item, at),
        struck: seen.struck.get(item, at),
        left: seen.left.get(item, at),
    });
    let any = |test: &dyn Fn(ItemInStore) -> bool| [crm, outlook].into_iter().any(test);
    if !any(&|it| it.undisturbed.count() + it.struck.count() + it.left.count() > 0) {
        return None;
    }
    Some(if any(&|it| it.left.count() > 1 && it.undisturbed.count() < 2 && it.struck.count() < 2) {
        ItemFate::Doubled
    } else if any(&|it| it.undisturbed.count() == 0 && it.struck.count() == 0 && it.left.count() > 0) {
        ItemFate::Resurrected
    } else if let Some(emptied) = disaster.emptied() {
        let (own, other) = if emptied == Location::Crm { (crm, outlook) } else { (outlook, crm) };
        if other.lost() {
            ItemFate::LostInTheOtherStore
        } else if own.undisturbed.count() > 0 && own.left.count() == 0 {
            ItemFate::LeftEmpty
        } else {
            ItemFate::Restored
        }
    } else if any(&ItemInStore::lost) {
        ItemFate::Lost
    } else if any(&|it| (it.undisturbed.count() > 0) != (it.left.count() > 0)) {
        ItemFate::Apart
    } else if any(&|it| it.undisturbed.count() > 0 && it.undisturbed.title() != it.left.title()) {
        let kept = any(&|it| it.left.count() > 0 && it.undisturbed.title() == it.left.title());
        if kept { ItemFate::Apart } else { ItemFate::Forgotten }
    } else if any(&|it| it.undisturbed != it.left) {
        ItemFate::OtherwiseDifferent
    } else {
        ItemFate::AsUndisturbed
    })
}

/// What an item is, and what was done to it before.
fn history(plan: &Plan, item: ItemId) -> String {
    let side = |side: Side| if side == Side::Crm { "in CRM" } else { "in Outlook" };
    let before = plan.steps.iter().find(|step| step.op.items().is_some_and(|items| items.contains(item)));
    let kind = plan.setup.items[item.index()].kind.name();
    match before.map(|step| step.op) {
        Some(Op::Edit { side: at, .. }) => format!("{kind} edited {}", side(at)),
        Some(Op::Delete { side: at, .. }) => format!("{kind} deleted {}", side(at)),
        Some(Op::Create { side: at, .. }) => format!("{kind} created {}", side(at)),
        Some(_) => format!("{kind} changed"),
        None => format!("{kind} left alone"),
    }
}

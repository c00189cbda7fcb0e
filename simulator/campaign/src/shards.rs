//! Putting the shards of a run together: their events in the order in which the run in one piece would have told them.
//!
//! Every so manieth case and every so manieth share of the plans is a shard's ([`Shard::takes`]), so that the order follows
//! from the numbers of the shards, and it does not matter in which order they ran, or are given. What is made of all
//! verdicts is made afterwards, by going on behind them ([`crate::resume`]).

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;

use tombstone_reports::events::{Event, EventLine, PlanSource, RunStarted};
use tombstone_reports::quoted;
use tombstone_reports::value::scope::Shard;

/// The journal of a shard that ran to its end.
#[derive(Clone, Debug)]
pub struct ShardJournal {
    /// Where it is from.
    pub place: PathBuf,
    /// Which shard it is.
    pub shard: Shard,
    /// How its run began.
    pub run: RunStarted,
    /// What it told of each implementation, in order, but for what depends on the machine.
    told: Vec<VecDeque<Event>>,
}

impl ShardJournal {
    /// Of the events of a run; none where that is no shard, or did not end.
    pub fn of(place: PathBuf, lines: Vec<EventLine>) -> Option<Self> {
        let ended = lines.iter().any(|line| line.event == Event::RunEnded);
        let mut lines = lines.into_iter();
        let Event::RunStarted(run) = lines.next().filter(|_| ended)?.event else { return None };
        let shard = run.scope.as_ref()?.shard.filter(|shard| shard.is_sound())?;
        let mut told = vec![VecDeque::new(); run.implementations.len()];
        for EventLine { of, event } in lines {
            let kept = !matches!(event, Event::Timed { .. } | Event::ImplementationEnded);
            if let Some(told) = of.filter(|_| kept).and_then(|of| told.get_mut(of)) {
                told.push_back(event);
            }
        }
        Some(Self { place, shard, run: *run, told })
    }

    /// Where it is from, for messages.
    pub fn name(&self) -> String {
        quoted(&self.place.to_string_lossy())
    }

    /// Whether another one of the same shard tells the same.
    pub fn tells_the_same(&self, other: &Self) -> bool {
        self.told == other.told
    }
}

/// Why shards cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TogetherError {
    /// An implementation is another one in a shard, or could not be asked there.
    OtherImplementation {
        /// The shard.
        shard: Shard,
        /// What it is called.
        name: String,
    },
    /// A shard tells of more, or of less, than is its own.
    Uneven {
        /// The shard.
        shard: Shard,
    },
}

impl fmt::Display for TogetherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherImplementation { shard, name } => {
                write!(f, "in the shard {shard}, `{name}` is another program than in the others, or could not be asked")
            }
            Self::Uneven { shard } => write!(f, "the shard {shard} tells of other cases or plans than are its own"),
        }
    }
}

impl std::error::Error for TogetherError {}

/// The shards that are not there.
pub fn missing(journals: &[ShardJournal]) -> Vec<Shard> {
    let of = journals.first().map_or(0, |journal| journal.shard.of);
    let all = (1..=of).map(|number| Shard { number, of });
    all.filter(|shard| journals.iter().all(|journal| journal.shard != *shard)).collect()
}

/// The events of different shards of one run, as the run would have told them; what is missing is passed over.
///
/// # Errors
///
/// Where they do not fit together.
pub fn together(journals: &[ShardJournal]) -> Result<Vec<EventLine>, TogetherError> {
    let implementations = journals.first().map_or(0, |journal| journal.told.len());
    let mut lines = Vec::new();
    for of in 0..implementations {
        let events = of_one(journals, of)?;
        lines.extend(events.into_iter().map(|event| EventLine { of: Some(of), event }));
    }
    Ok(lines)
}

/// What was told of one implementation.
fn of_one(journals: &[ShardJournal], of: usize) -> Result<Vec<Event>, TogetherError> {
    let mut left: Vec<(Shard, VecDeque<Event>)> =
        journals.iter().map(|journal| (journal.shard, journal.told[of].clone())).collect();
    left.sort_by_key(|(shard, _)| *shard);
    let name = || journals[0].run.implementations[of].clone();
    // Nothing could be asked of it: the run in one piece finds out by itself.
    let unasked = |events: &VecDeque<Event>| events.iter().any(|event| matches!(event, Event::NotRun { .. }));
    if left.iter().any(|(_, events)| unasked(events)) {
        let other = left.iter().find(|(_, events)| !unasked(events));
        return other.map_or(Ok(Vec::new()), |(shard, _)| {
            Err(TogetherError::OtherImplementation { shard: *shard, name: name() })
        });
    }
    let mut events = Vec::new();
    // What comes before the first case: the same in all of them.
    events.extend(
        alike(&mut left, |event| matches!(event, Event::ImplementationStarted(_) | Event::ScenariosStarted { .. }))
            .map_err(|shard| TogetherError::OtherImplementation { shard, name: name() })?,
    );
    let is_case = |event: &Event| matches!(event, Event::CaseJudged(_));
    in_turn(&mut left, is_case, &mut events);
    events.extend(
        alike(&mut left, |event| matches!(event, Event::ScenariosJudged | Event::PlansStarted(_)))
            .map_err(|shard| TogetherError::Uneven { shard })?,
    );
    for source in [PlanSource::Tour, PlanSource::Generated] {
        let is_share = |event: &Event| matches!(event, Event::PlansJudged(share) if share.source == source);
        in_turn(&mut left, is_share, &mut events);
    }
    // How a program ended says the run in one piece, which ends it once more.
    let done = |event: &Event| matches!(event, Event::EndedBadly { .. });
    match left.iter().find(|(_, events)| !events.iter().all(done)) {
        Some((shard, _)) => Err(TogetherError::Uneven { shard: *shard }),
        None => Ok(events),
    }
}

/// Takes from each what comes first and is such an event, as long as it is: all must tell the same. The shard that does not,
/// otherwise.
fn alike(left: &mut [(Shard, VecDeque<Event>)], such: impl Fn(&Event) -> bool) -> Result<Vec<Event>, Shard> {
    let mut known: Option<Vec<Event>> = None;
    for (shard, events) in left {
        let mut own = Vec::new();
        while let Some(event) = events.pop_front_if(|event| such(event)) {
            own.push(event);
        }
        match &known {
            Some(known) if *known != own => return Err(*shard),
            Some(_) => {}
            None => known = Some(own),
        }
    }
    Ok(known.unwrap_or_default())
}

/// Takes one verdict after another from each in its turn, with what was noted before it, as long as any has one.
fn in_turn(left: &mut [(Shard, VecDeque<Event>)], verdict: impl Fn(&Event) -> bool, events: &mut Vec<Event>) {
    loop {
        let before = events.len();
        for (_, own) in left.iter_mut() {
            let noted = |event: &Event| {
                matches!(
                    event,
                    Event::Observed(_) | Event::Found(_) | Event::EndedBadly { .. } | Event::CaseRemarked { .. }
                )
            };
            let at = own.iter().position(|event| !noted(event));
            if let Some(at) = at.filter(|&at| verdict(&own[at])) {
                events.extend(own.drain(..=at));
            }
        }
        if events.len() == before {
            return;
        }
    }
}

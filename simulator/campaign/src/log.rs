//! The log of one implementation: what happened to it, in order. Whoever judges tells it here, and reads here what is known
//! already; nobody fills a report by another way.

use std::sync::Arc;

use tombstone_reports::events::{Event, EventLine, NotedEvent, RunStarted, STREAM};
use tombstone_reports::fold::{self, ImplementationFold};
use tombstone_reports::journal::Journal;
use tombstone_reports::{CaseReport, ImplementationReport, Report};

use crate::readings::HeldReadings;

/// What was told of one implementation.
#[derive(Clone, Debug, Default)]
pub struct Log {
    events: Vec<Event>,
    fold: ImplementationFold,
    held: HeldReadings,
    /// With how many of them it began: an earlier run told those.
    resumed: usize,
    /// Where it is written down as it is told, and as the how manyth implementation.
    journal: Option<(Arc<Journal>, usize)>,
}

impl Log {
    /// A log in which nothing stands yet, of an implementation that is called so.
    pub fn new(name: impl Into<String>) -> Self {
        Self { fold: ImplementationFold::new(name), ..Self::default() }
    }

    /// A log that begins with what an earlier run told, as far as that can be gone on with ([`crate::resume`]).
    pub fn resumed(name: impl Into<String>, events: impl IntoIterator<Item = Event>) -> Self {
        let mut log = Self::new(name);
        log.tell_all(events);
        log.resumed = log.events.len();
        log
    }

    /// What an earlier run told: whoever judges passes over what was judged there.
    pub fn earlier(&self) -> &[Event] {
        &self.events[..self.resumed]
    }

    /// The same log, whose every event is written down at once as one of the implementation with that number.
    #[must_use]
    pub fn into_journal(self, journal: Arc<Journal>, number: usize) -> Self {
        Self { journal: Some((journal, number)), ..self }
    }

    /// Adds what happened next.
    pub fn tell(&mut self, event: Event) {
        self.fold.take(&event);
        match &event {
            Event::CaseJudged(judged) => self.held.add_left(&judged.left),
            Event::PlansJudged(share) => self.held.add_left(&share.left),
            Event::RunStarted(_)
            | Event::ImplementationStarted(_)
            | Event::NotRun { .. }
            | Event::ScenariosStarted { .. }
            | Event::ScenariosJudged
            | Event::CaseConfirmed(_)
            | Event::CaseRemarked { .. }
            | Event::CaseShrunk(_)
            | Event::PlansStarted(_)
            | Event::PlansGrouped(_)
            | Event::SituationsMet(_)
            | Event::CauseFound(_)
            | Event::Exhibited(_)
            | Event::ReadingsInferred(_)
            | Event::Observed(_)
            | Event::Found(_)
            | Event::EndedBadly { .. }
            | Event::RowsNeverMet { .. }
            | Event::Timed { .. }
            | Event::ImplementationEnded
            | Event::Interrupted { .. }
            | Event::RunEnded => {}
        }
        if let Some((journal, number)) = &self.journal {
            journal.tell(Some(*number), &event);
        }
        self.events.push(event);
    }

    /// Adds several things that happened one after another.
    pub fn tell_all(&mut self, events: impl IntoIterator<Item = Event>) {
        events.into_iter().for_each(|event| self.tell(event));
    }

    /// What the implementation is called.
    pub fn name(&self) -> &str {
        &self.so_far().name
    }

    /// What is known so far: what the events until now leave behind.
    pub fn so_far(&self) -> &ImplementationReport {
        self.fold.so_far()
    }

    /// Whether a case was not run because it was written for another profile.
    pub fn is_of_another_profile(&self, case: &CaseReport) -> bool {
        self.fold.is_of_another_profile(&case.id)
    }

    /// The readings that everything until now left.
    pub fn held(&self) -> &HeldReadings {
        &self.held
    }

    /// What was told, in order.
    pub fn into_events(self) -> Vec<Event> {
        self.events
    }
}

/// The report of what was told of each implementation, where nothing is said of the run but that it ended.
pub fn told(told: &[Vec<Event>]) -> Report {
    let started = RunStarted { stream: STREAM, ..RunStarted::default() };
    let mut lines = vec![EventLine { of: None, event: Event::RunStarted(Box::new(started)) }];
    for (events, of) in told.iter().zip(0..) {
        lines.extend(events.iter().map(|event| EventLine { of: Some(of), event: event.clone() }));
    }
    lines.push(EventLine { of: None, event: Event::RunEnded });
    fold::report(&lines)
}

/// A note, with an example where there is one.
pub(crate) fn noted(category: &str, text: impl Into<String>, example: &str) -> NotedEvent {
    NotedEvent {
        category: category.to_owned(),
        text: text.into(),
        alike: None,
        example: Some(example.to_owned()).filter(|example| !example.is_empty()),
    }
}

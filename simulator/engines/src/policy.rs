//! What the engines believe the documents say.
//!
//! About deletions, the default profile in its closed form is written out by hand: it does not read the table, and a test
//! holds the two against each other in every situation. Under other readings the engines ask the table.

use tombstone_model::plan::Kind;
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::switches::{Readings, Switch, Values};
use tombstone_model::rules::{Fate, Prompt, Reply, Rules, Situation, Trigger};
use tombstone_model::time::{Schedule, Seconds};

/// What an engine believes the documents say: one reading of each question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    readings: Readings,
    /// Whether these are the readings that are written out by hand.
    written: bool,
}

impl Default for Policy {
    /// The default profile, in its closed form: the first reading of everything.
    fn default() -> Self {
        Self { readings: Readings::OPEN.closed(), written: true }
    }
}

/// What the engines can do otherwise than by the first reading; of most switches the table alone speaks.
const ABLE: &[(Switch, u8)] = &[
    (Switch::ApptCurrent, 0b111),
    (Switch::ApptOutlookDeleteGuard, 0b111),
    (Switch::RecurringTrackable, 0b11),
    (Switch::SeriesPastGuard, 0b11),
    (Switch::OccurrenceDeletion, 0b11),
    (Switch::UntrackYesGate, 0b11),
    (Switch::NonownerUntrackContact, 0b1_1001),
    (Switch::ContactCrmDelete, 0b11),
    (Switch::UntrackWithoutPrompt, 0b1111),
    (Switch::ContactOutlookDelete, 0b11),
    (Switch::ApptCrmDeleteRole, 0b11),
    (Switch::ClosedEditFromOutlook, 0b101),
    (Switch::TaskOutlookDeleteGuard, 0b11),
    (Switch::EditWithoutRight, 0b11),
    (Switch::TrackedWithoutRight, 0b11),
];

impl Policy {
    /// The policy by these closed readings.
    ///
    /// # Errors
    ///
    /// The first reading that the engines cannot act by.
    pub fn of(readings: Readings) -> Result<Self, String> {
        // A record that is there at once is in time by every reading of the latency.
        for switch in Switch::ALL.iter().copied().filter(|&switch| switch != Switch::LatencyModel) {
            let able = ABLE.iter().find(|(of, _)| *of == switch).map_or(1, |&(_, able)| able);
            let wanted = readings.of(switch);
            if wanted.0 & !able != 0 {
                let names: Vec<_> = wanted.names(switch).collect();
                return Err(format!("it has no {} = {}", switch.info().name, names.join(" or ")));
            }
        }
        Ok(Self { readings, written: readings == Self::default().readings })
    }

    /// What is done in a situation.
    pub(crate) fn decide(&self, situation: &Situation) -> PairVerdict {
        if self.written {
            return decide(situation);
        }
        let rules = Rules::documented();
        let decision = rules.deletion.ask(situation, &mut Closed(self.readings));
        PairVerdict {
            outlook: decision.outlook == Fate::Deleted,
            crm: decision.crm == Fate::Deleted,
            prompt: decision.prompt == Prompt::Asked,
        }
    }

    /// Whether something dated is current.
    pub(crate) fn is_current(&self, when: Schedule, now: Seconds) -> bool {
        match self.readings.of(Switch::ApptCurrent).0 {
            0b10 => when.start >= now,
            0b100 => when.start > now,
            _ => when.end >= now,
        }
    }

    /// Whether a series may be tracked.
    pub(crate) fn tracks_series(&self) -> bool {
        self.readings.of(Switch::RecurringTrackable) == Values::FIRST
    }

    /// Whether the app asks in a browser.
    pub(crate) fn app_asks(&self) -> bool {
        self.readings.of(Switch::UntrackWithoutPrompt) == Values::nth(3)
    }

    /// Whether an edit stays in Outlook that the user has no right to.
    pub(crate) fn leaves_edits(&self) -> bool {
        self.readings.of(Switch::EditWithoutRight) == Values::nth(1)
    }

    /// Whether an item of which no record may be made stays tracked.
    pub(crate) fn keeps_tracking(&self) -> bool {
        self.readings.of(Switch::TrackedWithoutRight) == Values::FIRST
    }

    /// Whether an edit in Outlook reaches a record that is closed.
    pub(crate) fn writes_closed(&self) -> bool {
        self.readings.of(Switch::ClosedEditFromOutlook) == Values::nth(2)
    }
}

/// What becomes of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PairVerdict {
    /// Whether the Outlook copy goes.
    pub(crate) outlook: bool,
    /// Whether the record goes.
    pub(crate) crm: bool,
    /// Whether the user is asked.
    pub(crate) prompt: bool,
}

/// What is done in a situation.
pub(crate) fn decide(situation: &Situation) -> PairVerdict {
    let linked = situation.tracked;
    match situation.trigger {
        Trigger::DeleteInOutlook => {
            let crm = linked && situation.privileged && follows_outlook(situation.kind);
            PairVerdict { outlook: true, crm, prompt: false }
        }
        Trigger::DeleteInCrm => PairVerdict { outlook: linked && follows_crm(situation), crm: true, prompt: false },
        Trigger::Untrack => {
            let client = linked && situation.reply != Reply::NoClient;
            PairVerdict {
                outlook: false,
                crm: client && situation.privileged && goes_with_the_link(situation),
                prompt: client && asks(situation.kind, situation.owner),
            }
        }
        Trigger::LeaveFilter => PairVerdict { outlook: false, crm: false, prompt: false },
    }
}

/// Whether the record goes with the Outlook copy.
fn follows_outlook(kind: Kind) -> bool {
    match kind {
        Kind::Appointment
        | Kind::MeetingRequest
        | Kind::RecurringAppointment
        | Kind::Task
        | Kind::PhoneCall
        | Kind::Letter
        | Kind::Fax => true,
        Kind::Email | Kind::Contact | Kind::ServiceActivity => false,
        Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => false,
    }
}

/// Whether the Outlook copy goes with the record.
fn follows_crm(situation: &Situation) -> bool {
    match situation.kind {
        Kind::Email => false,
        Kind::Contact => !situation.owner,
        Kind::Appointment | Kind::MeetingRequest | Kind::RecurringAppointment => {
            situation.current && (situation.owner || situation.organizer)
        }
        Kind::Task | Kind::PhoneCall | Kind::Letter | Kind::Fax | Kind::ServiceActivity => situation.current,
        Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => false,
    }
}

/// Whether the record goes once tracking has stopped at a client.
fn goes_with_the_link(situation: &Situation) -> bool {
    let yes = situation.reply == Reply::Yes;
    match situation.kind {
        Kind::Email | Kind::Task | Kind::PhoneCall | Kind::Letter | Kind::Fax => yes,
        // Nobody but the owner is asked.
        Kind::Contact => yes || !situation.owner,
        Kind::Appointment | Kind::MeetingRequest | Kind::RecurringAppointment => {
            yes && situation.current && situation.owner
        }
        Kind::ServiceActivity => false,
        Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => false,
    }
}

/// Whether a client asks before it stops tracking.
fn asks(kind: Kind, owner: bool) -> bool {
    match kind {
        Kind::Email
        | Kind::Appointment
        | Kind::MeetingRequest
        | Kind::RecurringAppointment
        | Kind::Task
        | Kind::PhoneCall
        | Kind::Letter
        | Kind::Fax => true,
        Kind::Contact => owner,
        Kind::ServiceActivity => false,
        Kind::Account | Kind::Lead | Kind::Opportunity | Kind::Case => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tombstone_model::readings::profiles::Profile;

    #[test]
    fn the_policy_is_the_default_profile_in_every_situation() {
        let rules = Rules::documented();
        let readings = Profile::named(Profile::DEFAULT).unwrap().readings().closed();
        assert_eq!(Policy::of(readings), Ok(Policy::default()));
        let mut situations = 0;
        for situation in Situation::all() {
            let decision = rules.deletion.ask(&situation, &mut Closed(readings));
            let PairVerdict { outlook, crm, prompt } = decide(&situation);
            let agrees = |fate: Fate, goes: bool| fate == Fate::Free || (fate == Fate::Deleted) == goes;
            let row = &rules.rule(decision.rule).id;
            assert!(agrees(decision.outlook, outlook) && agrees(decision.crm, crm), "{situation:?}, {row}");
            assert_eq!(Prompt::of(prompt), decision.prompt, "{situation:?}, {row}");
            situations += 1;
        }
        assert!(situations > 10_000, "{situations}");
    }

    /// Every profile is one that the engines can act by, or is named with the reading that they cannot.
    #[test]
    fn the_engines_say_by_which_profiles_they_cannot_act() {
        let cannot = |profile: &Profile| Policy::of(profile.readings().closed()).err();
        let told: Vec<_> =
            Profile::all().iter().filter_map(|profile| Some((profile.name.as_str(), cannot(profile)?))).collect();
        assert_eq!(told, [("sss-2025", "it has no logical_delete = delete".to_owned())]);
        let apart = Readings::OPEN.narrowed(Switch::ConflictWinner, Values::nth(1)).closed();
        assert_eq!(Policy::of(apart), Err("it has no conflict_winner = crm".to_owned()));
    }
}

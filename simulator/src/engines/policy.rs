//! What the engines believe the documents say about deletions, written out by hand.
//!
//! This is the default profile, `documented-2016`, in its closed form. It does not read the table; a test holds the two
//! against each other in every situation.

use tombstone_model::plan::Kind;
use tombstone_model::rules::{Reply, Situation, Trigger};

/// What becomes of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the Outlook copy goes.
    pub(crate) outlook: bool,
    /// Whether the record goes.
    pub(crate) crm: bool,
    /// Whether the user is asked.
    pub(crate) prompt: bool,
}

/// What is done in a situation.
pub(crate) fn decide(situation: &Situation) -> Verdict {
    let linked = situation.tracked;
    match situation.trigger {
        Trigger::DeleteInOutlook => {
            let crm = linked && situation.privileged && follows_outlook(situation.kind);
            Verdict { outlook: true, crm, prompt: false }
        }
        Trigger::DeleteInCrm => Verdict { outlook: linked && follows_crm(situation), crm: true, prompt: false },
        Trigger::Untrack => {
            let client = linked && situation.reply != Reply::NoClient;
            Verdict {
                outlook: false,
                crm: client && situation.privileged && goes_with_the_link(situation),
                prompt: client && asks(situation.kind, situation.owner),
            }
        }
        Trigger::LeaveFilter => Verdict { outlook: false, crm: false, prompt: false },
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
    use tombstone_model::decide::Closed;
    use tombstone_model::profiles::Profile;
    use tombstone_model::rules::{Fate, Rules};

    #[test]
    fn the_policy_is_the_default_profile_in_every_situation() {
        let rules = Rules::documented();
        let readings = Profile::named(Profile::DEFAULT).unwrap().readings().closed();
        let mut situations = 0;
        for situation in Situation::all() {
            let decision = rules.decide(rules.row(&situation), &mut Closed(readings));
            let table = Verdict {
                outlook: decision.outlook == Fate::Deleted,
                crm: decision.crm == Fate::Deleted,
                prompt: decision.prompt,
            };
            assert!(decision.outlook != Fate::Free && decision.crm != Fate::Free, "{situation:?}");
            assert_eq!(decide(&situation), table, "{situation:?}, {}", rules.rule(decision.rule).id);
            situations += 1;
        }
        assert!(situations > 10_000, "{situations}");
    }
}

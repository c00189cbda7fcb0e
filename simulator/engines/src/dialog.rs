//! The dialogs of the personal options, written from the list of options and not from the rows
//! ("Set personal options that affect tracking and synchronization").

use tombstone_model::ids::UserId;
use tombstone_model::plan::{Method, Place};
use tombstone_model::rules::PersonalOption;

use crate::glitch::Glitch;
use crate::office::Office;

/// Whether the dialog that a user opens there shows an option.
pub(crate) fn shows(office: &Office, option: PersonalOption, method: Method, user: UserId, at: Place) -> bool {
    let web = at == Place::Web && !office.wrong(Glitch::OptionsAlikeEverywhere);
    let server = method == Method::ServerSide;
    match option {
        PersonalOption::OnlineFilters
        | PersonalOption::OfflineFilters
        | PersonalOption::SynchronizedFields
        | PersonalOption::MessagesToTrack
        | PersonalOption::CreateRecords => true,
        PersonalOption::FolderRules => server || office.wrong(Glitch::FolderRulesAnywhere),
        PersonalOption::CompanyField
        | PersonalOption::SendThroughClient
        | PersonalOption::CheckIncoming
        | PersonalOption::MatchRecipients
        | PersonalOption::LocalDataInterval
        | PersonalOption::DuplicatesOnReturn => !web,
        PersonalOption::AutomaticSynchronization => !web && !server,
        PersonalOption::SynchronizingComputer => {
            let clients = office.computers.iter().filter(|computer| computer.user == user).count();
            !web && !server && (clients > 1 || office.wrong(Glitch::OnlyComputerOffered))
        }
    }
}

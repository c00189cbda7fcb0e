//! Which personal options are offered, in which dialog.

use super::table::Question;
use super::table::form::{Answers, FactColumn, Form, OutcomeColumn, TRUTH};
use super::table::values::values;
use super::{RuleId, TableId};
use crate::plan::Method;

/// Is a personal option offered?
#[derive(Clone, Copy, Debug)]
pub enum Offering {}

values! {
    /// A personal option ("Set personal options that affect tracking and synchronization").
    PersonalOption {
        /// The filters of what comes to Outlook.
        OnlineFilters "online-filters",
        /// The filters of what is taken offline.
        OfflineFilters "offline-filters",
        /// The view of the fields that are synchronized.
        SynchronizedFields "synchronized-fields",
        /// Whether the company field of a contact is filled from its parent account.
        CompanyField "company-field",
        /// Whether this is the synchronizing computer.
        SynchronizingComputer "synchronizing-computer",
        /// The interval of automatic synchronization.
        AutomaticSynchronization "automatic-synchronization",
        /// Whether CRM sends messages through the client.
        SendThroughClient "send-through-client",
        /// Whether the client checks incoming messages.
        CheckIncoming "check-incoming",
        /// Which messages are tracked.
        MessagesToTrack "messages-to-track",
        /// The rules that track folders.
        FolderRules "folder-rules",
        /// Whether a record is made of an unknown sender.
        CreateRecords "create-records",
        /// How recipients are matched with records.
        MatchRecipients "match-recipients",
        /// The interval at which local data is brought up to date.
        LocalDataInterval "local-data-interval",
        /// Whether duplicates are looked for on return from offline work.
        DuplicatesOnReturn "duplicates-on-return",
    }
}

impl PersonalOption {
    /// The name in the protocol and in reports.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// A set of personal options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OptionSet(pub u16);

impl OptionSet {
    /// Whether the option is in the set.
    pub fn contains(self, option: PersonalOption) -> bool {
        self.0 >> option as u8 & 1 != 0
    }

    /// The options in the set, in their order.
    pub fn iter(self) -> impl Iterator<Item = PersonalOption> {
        PersonalOption::ALL.into_iter().filter(move |&option| self.contains(option))
    }
}

impl FromIterator<PersonalOption> for OptionSet {
    fn from_iter<I: IntoIterator<Item = PersonalOption>>(options: I) -> Self {
        Self(options.into_iter().fold(0, |set, option| set | 1 << option as u8))
    }
}

values! {
    /// In which dialog the options are opened.
    DialogPlace {
        /// That of the Outlook client.
        Client "client",
        /// That of the web app.
        Web "web",
    }
}

/// A personal option, and who opens the dialog where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedOption {
    /// The option.
    pub option: PersonalOption,
    /// In which dialog.
    pub from: DialogPlace,
    /// How the user's mailbox is synchronized.
    pub method: Method,
    /// Whether the user has several Outlook clients.
    pub several: bool,
}

static FORM: Form = Form::plain(
    "options",
    "is a personal option offered?",
    "looking at the personal options",
    &[
        FactColumn::heading("option", PersonalOption::NAMES, 3),
        FactColumn::of("from", DialogPlace::NAMES, &["in the client", "in the web app"], 2),
        FactColumn::of(
            "method",
            &["outlook-client", "server-side"],
            &["the client synchronizes", "the server synchronizes"],
            1,
        ),
        FactColumn::truth("several", &["one client", "several clients"], 0),
    ],
    &[OutcomeColumn::required("offered", TRUTH, &["is not offered", "is offered"])],
    [7, 3],
);

impl Question for Offering {
    type Situation = OfferedOption;
    type Decision = (RuleId, bool);
    const TABLE: TableId = TableId::Offering;
    const FORM: &'static Form = &FORM;

    #[inline(always)]
    fn index(&OfferedOption { option, from, method, several }: &OfferedOption) -> usize {
        let method = match method {
            Method::OutlookClient => 0,
            Method::ServerSide => 1,
        };
        (option as usize) << 3 | (from as usize) << 2 | method << 1 | usize::from(several)
    }

    #[inline(always)]
    fn decision(rule: RuleId, [offered, ..]: Answers) -> Self::Decision {
        (rule, offered != 0)
    }
}

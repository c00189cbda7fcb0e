//! Kinds of items, declared once: each is a row of `kinds!`.

/// What kinds of items have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Messages.
    Mail,
    /// The address book.
    People,
    /// The calendar: it takes place from one moment to another, and has an organizer and attendees.
    Calendar,
    /// Tasks, and what a task may be tracked as: they are due.
    Tasks,
    /// Records that have no item in Outlook.
    CrmOnly,
}

/// Lists the kinds: what each is, its variant, its name, its family.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $family:ident;)+) => {
        /// What an item is. The same word names the Outlook item and its record, except that a meeting request becomes an
        /// appointment, and a task may be tracked as a letter, a fax or a phone call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $($(#[doc = $doc])+ $variant),+ }

        impl Kind {
            /// Every kind.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// The name in scenarios, rules, reports and the adapter protocol.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it has in common with others.
            #[inline(always)]
            pub const fn family(self) -> Family {
                match self { $(Self::$variant => Family::$family),+ }
            }
        }
    };
}

kinds! {
    /// A message, received or sent.
    Email "email" Mail;
    /// A person in the address book.
    Contact "contact" People;
    /// A single appointment.
    Appointment "appointment" Calendar;
    /// A request in the inbox to attend an appointment.
    MeetingRequest "meeting-request" Calendar;
    /// A series of appointments.
    RecurringAppointment "recurring-appointment" Calendar;
    /// A task.
    Task "task" Tasks;
    /// A phone call: a task in Outlook.
    PhoneCall "phone-call" Tasks;
    /// A letter: a task in Outlook.
    Letter "letter" Tasks;
    /// A fax: a task in Outlook.
    Fax "fax" Tasks;
    /// A service activity: it flows from CRM to Outlook.
    ServiceActivity "service-activity" Calendar;
    /// An account: in CRM only.
    Account "account" CrmOnly;
    /// A lead: in CRM only.
    Lead "lead" CrmOnly;
    /// An opportunity: in CRM only.
    Opportunity "opportunity" CrmOnly;
    /// A case: in CRM only.
    Case "case" CrmOnly;
}

impl Kind {
    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of the record that an Outlook item of this kind is saved as, unless the user picks another.
    #[inline(always)]
    #[must_use]
    pub const fn record(self) -> Self {
        if matches!(self, Self::MeetingRequest) { Self::Appointment } else { self }
    }

    /// Whether the kind lives in CRM only.
    #[inline(always)]
    pub fn is_crm_only(self) -> bool {
        self.family() == Family::CrmOnly
    }

    /// Whether the kind is one of a calendar's.
    #[inline(always)]
    pub fn is_calendar(self) -> bool {
        self.family() == Family::Calendar
    }

    /// Whether the kind is a task or one of the types a task may be tracked as.
    #[inline(always)]
    pub fn is_task_like(self) -> bool {
        self.family() == Family::Tasks
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindSet(u16);

impl KindSet {
    /// Every kind.
    pub const ALL: Self = Self(u16::MAX);
    /// What can be edited in Outlook: a message is what was received or sent.
    pub const EDITABLE: Self = Self(Self::ALL.0 & !Self::families(&[Family::Mail]).0);
    /// Contacts.
    pub const CONTACTS: Self = Self::families(&[Family::People]);
    /// What has an organizer.
    pub const CALENDAR: Self = Self::families(&[Family::Calendar]);
    /// Tasks, and what a task may be tracked as.
    pub const TASKS: Self = Self::families(&[Family::Tasks]);
    /// What is open until it is completed or cancelled.
    pub const ACTIVITIES: Self = Self::families(&[Family::Calendar, Family::Tasks]);
    /// What can be regarding a record.
    pub const REGARDING: Self = Self::families(&[Family::Mail, Family::Calendar, Family::Tasks]);
    /// What has occurrences.
    pub const SERIES: Self = Self(1 << Kind::RecurringAppointment as u8);
    /// What the record of an Outlook item can be: all but what is in CRM only, and what is saved as another kind.
    pub const RECORDS: Self = Self::records();
    /// What may be tracked as something else.
    pub const PLAIN_TASKS: Self = Self(1 << Kind::Task as u8);

    /// The kinds of some families.
    const fn families(families: &[Family]) -> Self {
        let mut kinds = 0;
        let mut kind = 0;
        while kind < Kind::ALL.len() {
            let mut n = 0;
            while n < families.len() {
                if Kind::ALL[kind].family() as u8 == families[n] as u8 {
                    kinds |= 1 << kind;
                }
                n += 1;
            }
            kind += 1;
        }
        Self(kinds)
    }

    const fn records() -> Self {
        let crm_only = Self::families(&[Family::CrmOnly]);
        let (mut kinds, mut n) = (0, 0);
        while n < Kind::ALL.len() {
            let kind = Kind::ALL[n];
            if !crm_only.contains(kind) && kind.record() as u8 == kind as u8 {
                kinds |= 1 << n;
            }
            n += 1;
        }
        Self(kinds)
    }

    /// The set as bits, one for each kind by its number.
    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    /// The kinds in the set, in the order of their rows.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |&kind| self.contains(kind))
    }

    /// Whether a kind is in the set.
    #[inline]
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 >> kind as u8 & 1 != 0
    }
}

//! Situations: what products break on, as factors whose values a covering array brings together.
//!
//! A *situation* is one value of each factor: the zone and the instant at which the plan starts, how long nothing happens,
//! how much the stores hold, how many items change in one pass, and of what kind, what is done to them, where, by whom, what
//! the other side does meanwhile, and what comes after. Each campaign begins with the rows of the array, so that every two
//! values meet in a plan before anything is left to chance. What an implementation has no notion of is no value for it.

mod plans;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::implementation::{Capabilities, Operation};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Op, Place, Setup, Side, Stage, Status, Step,
    UserSetup,
};
use tombstone_model::time::{Schedules, Seconds, Zone};

use crate::covering::{Array, Model, Strength};

pub use self::plans::{Situation, moments};

/// The schedule that items are moved to.
const MOVED: u8 = 1;

/// Which parameters of steps reach the implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Carried {
    /// That somebody acts on Outlook in a browser.
    web: bool,
    /// That several items are selected at once.
    several: bool,
}

const MINUTE: Seconds = 60;
const HOUR: Seconds = 60 * MINUTE;
const DAY: Seconds = 24 * HOUR;

macro_rules! values {
    ($(#[$doc:meta])* $name:ident $($variant:ident $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum $name { $($variant),+ }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const WORDS: &'static [&'static str] = &[$($word),+];
        }
    };
}

values!(
    /// The instant at which a plan starts.
    Instant
    Morning "an ordinary morning",
    Midnight "midnight",
    MonthEnd "the evening of the last day of February",
    LeapDay "the evening of a leap day",
    YearEnd "the last minutes of the year",
    SpringEve "the evening before the clocks go forward",
    Spring "just before the clocks go forward",
    AutumnEve "the evening before the clocks go back",
    AutumnFirst "in the hour that comes twice",
    AutumnSecond "in that hour again",
);

values!(
    /// When the items take place or are due.
    Date
    Never "no date",
    Past "past",
    Running "running",
    Soon "soon",
    AllDay "all day",
    Midnight "at midnight",
    LongPast "400 days ago",
    Far "400 days ahead",
    Change "at the change of the clocks",
);

values!(
    /// The part that the acting user has in the items.
    Role
    Both "owner and organizer",
    Owner "owner",
    Organizer "organizer",
    Neither "neither",
);

values!(
    /// From where the change is made.
    Way
    Connected "connected",
    Disconnected "disconnected",
    Offline "offline",
    Web "in a browser",
    Secondary "at a second computer",
    Delegate "by a delegate",
);

values!(
    /// Where the items are at the start.
    Presence
    Tracked "tracked",
    Private "in Outlook, untracked",
    Unlinked "on both sides, unlinked",
    Nowhere "nowhere",
);

values!(
    /// A field that was given a value of its own, and that nobody then touches.
    Kept
    Nothing "nothing",
    Title "title",
    When "when",
    Status "status",
    Regarding "regarding",
    Parent "parent",
    Organizer "organizer",
    Owner "owner",
);

values!(
    /// What is done on the other side before anything is synchronized.
    Opposite
    Nothing "nothing",
    Title "title",
    When "when",
    Complete "completed",
    Delete "deleted",
    Regarding "regarding",
);

values!(
    /// What else is done to the same items on the same side.
    Also
    Nothing "nothing",
    Title "title",
    When "when",
    Complete "completed",
    Delete "deleted",
    Regarding "regarding",
);

values!(
    /// What comes after everything has synchronized.
    After
    Nothing "nothing",
    EditOutlook "edited in Outlook",
    EditCrm "edited in CRM",
    Again "the same to the next item",
    DeleteCrm "deleted in CRM",
    DeleteOutlook "deleted in Outlook",
    UntrackYes "untracked, yes",
);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Title(Where),
    When(Where),
    Delete(Where, Deletion),
    Occurrence(Where, Which),
    Complete(Where),
    Cancel,
    Track,
    TrackAs,
    Untrack(bool),
    Create(Where),
    Regarding(Where),
    Parent(Where),
    Assign,
    Organizer,
}

/// On which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Outlook,
    Crm,
}

impl Also {
    fn act(self, at: Where) -> Option<Act> {
        match self {
            Self::Nothing => None,
            Self::Title => Some(Act::Title(at)),
            Self::When => Some(Act::When(at)),
            Self::Complete => Some(Act::Complete(at)),
            Self::Delete => Some(Act::Delete(at, Deletion::Hard)),
            Self::Regarding => Some(Act::Regarding(at)),
        }
    }
}

impl Act {
    /// On which side it is done.
    fn at(self) -> Where {
        match self {
            Self::Title(at) | Self::When(at) | Self::Delete(at, _) | Self::Occurrence(at, _) | Self::Complete(at) => at,
            Self::Create(at) | Self::Regarding(at) | Self::Parent(at) => at,
            Self::Track | Self::TrackAs | Self::Untrack(_) => Where::Outlook,
            Self::Cancel | Self::Assign | Self::Organizer => Where::Crm,
        }
    }
}

/// Which occurrence of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    First,
    Last,
}

const ACTS: [(Act, &str); 27] = [
    (Act::Title(Where::Outlook), "title edited in Outlook"),
    (Act::Title(Where::Crm), "title edited in CRM"),
    (Act::When(Where::Outlook), "moved in Outlook"),
    (Act::When(Where::Crm), "moved in CRM"),
    (Act::Delete(Where::Outlook, Deletion::Hard), "deleted in Outlook"),
    (Act::Delete(Where::Outlook, Deletion::Soft), "deleted into Deleted Items"),
    (Act::Delete(Where::Outlook, Deletion::Moved), "moved out of the folder"),
    (Act::Delete(Where::Crm, Deletion::Hard), "deleted in CRM"),
    (Act::Occurrence(Where::Outlook, Which::First), "first occurrence deleted in Outlook"),
    (Act::Occurrence(Where::Outlook, Which::Last), "last occurrence deleted in Outlook"),
    (Act::Occurrence(Where::Crm, Which::First), "first occurrence deleted in CRM"),
    (Act::Occurrence(Where::Crm, Which::Last), "last occurrence deleted in CRM"),
    (Act::Complete(Where::Outlook), "completed in Outlook"),
    (Act::Complete(Where::Crm), "completed in CRM"),
    (Act::Cancel, "cancelled"),
    (Act::Track, "tracked"),
    (Act::TrackAs, "tracked as something else"),
    (Act::Untrack(true), "untracked, yes"),
    (Act::Untrack(false), "untracked, no"),
    (Act::Create(Where::Outlook), "created in Outlook"),
    (Act::Create(Where::Crm), "created in CRM"),
    (Act::Regarding(Where::Outlook), "regarding set in Outlook"),
    (Act::Regarding(Where::Crm), "regarding set in CRM"),
    (Act::Parent(Where::Outlook), "parent set in Outlook"),
    (Act::Parent(Where::Crm), "parent set in CRM"),
    (Act::Assign, "assigned"),
    (Act::Organizer, "organizer changed"),
];

const KINDS: [Kind; 10] = [
    Kind::Appointment,
    Kind::RecurringAppointment,
    Kind::Task,
    Kind::Contact,
    Kind::Email,
    Kind::MeetingRequest,
    Kind::PhoneCall,
    Kind::Letter,
    Kind::Fax,
    Kind::ServiceActivity,
];

/// How long nothing happens.
const AGES: [Seconds; 6] = [0, MINUTE, DAY, 31 * DAY, 60 * DAY, 400 * DAY];
const AGE_WORDS: [&str; 6] = ["no time", "a minute", "a day", "31 days", "60 days", "400 days"];
/// How many items the stores hold.
const VOLUMES: [u16; 8] = [1, 5, 20, 21, 26, 60, 101, 600];
const VOLUME_WORDS: [&str; 8] = ["1", "5", "20", "21", "26", "60", "101", "600"];
/// The most items of a plan; what a store holds beyond are bystanders.
const MOST_OWN: u16 = 26;
/// From how many items on a plan takes long.
const MANY: u16 = 20;
/// How many items change in one pass.
const CHANGES: [u16; 4] = [1, 2, 3, 20];
const CHANGE_WORDS: [&str; 4] = ["1", "2", "3", "20"];
/// How many synchronizations come before.
const ROUNDS: [u8; 3] = [1, 0, 9];
const ROUND_WORDS: [&str; 3] = ["once", "never", "nine times"];
const METHODS: [Method; 2] = [Method::OutlookClient, Method::ServerSide];
const METHOD_WORDS: [&str; 2] = ["by the client", "by the server"];
const CRASH_WORDS: [&str; 4] = ["none", "before upload", "before acknowledgement", "before erasing"];
const STATUSES: [Status; 3] = [Status::Open, Status::Completed, Status::Cancelled];
const STATUS_WORDS: [&str; 3] = ["open", "completed", "cancelled"];
const PRIVILEGE_WORDS: [&str; 2] = ["may delete", "may not delete"];

/// A zone, and the instants of UTC at which its clocks go forward and back, where they do.
struct Clocks {
    name: &'static str,
    changes: Option<(i64, i64)>,
}

/// Far east, far west, off by three quarters of an hour, and changes at two, at one UTC, and at midnight. In 2016.
const ZONES: [Clocks; 7] = [
    Clocks { name: "UTC", changes: None },
    Clocks { name: "Europe/Berlin", changes: Some((1_459_040_400, 1_477_789_200)) },
    Clocks { name: "America/New_York", changes: Some((1_457_852_400, 1_478_412_000)) },
    Clocks { name: "America/Sao_Paulo", changes: Some((1_476_586_800, 1_456_020_000)) },
    Clocks { name: "Asia/Kathmandu", changes: None },
    Clocks { name: "Pacific/Kiritimati", changes: None },
    Clocks { name: "Pacific/Pago_Pago", changes: None },
];
const ZONE_WORDS: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];

/// A factor of situations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
enum Factor {
    Act,
    Kind,
    Date,
    Zone,
    Instant,
    Volume,
    Changes,
    Before,
    Away,
    Later,
    Role,
    Way,
    Method,
    Presence,
    Kept,
    Also,
    Opposite,
    After,
    Crash,
    Rounds,
    Status,
    Privilege,
}

impl Factor {
    const ALL: [Self; 22] = [
        Self::Act,
        Self::Kind,
        Self::Date,
        Self::Zone,
        Self::Instant,
        Self::Volume,
        Self::Changes,
        Self::Before,
        Self::Away,
        Self::Later,
        Self::Role,
        Self::Way,
        Self::Method,
        Self::Presence,
        Self::Kept,
        Self::Also,
        Self::Opposite,
        Self::After,
        Self::Crash,
        Self::Rounds,
        Self::Status,
        Self::Privilege,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Act => "what",
            Self::Kind => "kind",
            Self::Date => "date",
            Self::Zone => "zone",
            Self::Instant => "start",
            Self::Volume => "items",
            Self::Changes => "changes",
            Self::Before => "waits first",
            Self::Away => "waits before synchronizing",
            Self::Later => "waits after it",
            Self::Role => "role",
            Self::Way => "way",
            Self::Method => "synchronized",
            Self::Presence => "at the start",
            Self::Kept => "kept",
            Self::Also => "and then",
            Self::Opposite => "other side",
            Self::After => "afterwards",
            Self::Crash => "crash",
            Self::Rounds => "synchronized before",
            Self::Status => "status",
            Self::Privilege => "privilege",
        }
    }

    /// The words of its values.
    fn words(self) -> Vec<&'static str> {
        match self {
            Self::Act => ACTS.iter().map(|(_, word)| *word).collect(),
            Self::Kind => KINDS.iter().map(|kind| kind.name()).collect(),
            Self::Date => Date::WORDS.to_vec(),
            Self::Zone => ZONE_WORDS.to_vec(),
            Self::Instant => Instant::WORDS.to_vec(),
            Self::Volume => VOLUME_WORDS.to_vec(),
            Self::Changes => CHANGE_WORDS.to_vec(),
            Self::Before | Self::Away | Self::Later => AGE_WORDS.to_vec(),
            Self::Role => Role::WORDS.to_vec(),
            Self::Way => Way::WORDS.to_vec(),
            Self::Method => METHOD_WORDS.to_vec(),
            Self::Presence => Presence::WORDS.to_vec(),
            Self::Kept => Kept::WORDS.to_vec(),
            Self::Also => Also::WORDS.to_vec(),
            Self::Opposite => Opposite::WORDS.to_vec(),
            Self::After => After::WORDS.to_vec(),
            Self::Crash => CRASH_WORDS.to_vec(),
            Self::Rounds => ROUND_WORDS.to_vec(),
            Self::Status => STATUS_WORDS.to_vec(),
            Self::Privilege => PRIVILEGE_WORDS.to_vec(),
        }
    }
}

/// The situations that an implementation can be put into.
#[derive(Debug)]
pub struct Situations {
    array: Array,
    carried: Carried,
}

impl Situations {
    /// The situations for an implementation that can do so much. The same for everybody who asks.
    pub fn of(capabilities: &Capabilities, strength: Strength) -> Arc<Self> {
        type Known = Vec<(Capabilities, Strength, Arc<Situations>)>;
        static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(|| Mutex::new(Vec::new()));
        // A panic elsewhere leaves whole arrays only.
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(of, to, _)| of == capabilities && *to == strength);
        if let Some((_, _, found)) = found {
            return Arc::clone(found);
        }
        let general = |operation| capabilities.operations.contains(operation);
        let carried = Carried { web: general(Operation::Web), several: general(Operation::Several) };
        let made = Arc::new(Self { array: model(capabilities).array(strength), carried });
        known.push((capabilities.clone(), strength, Arc::clone(&made)));
        made
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.array.rows.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.array.rows.is_empty()
    }

    /// How many pairs, or triples, of values there are.
    pub fn tuples(&self) -> u64 {
        self.array.tuples
    }

    /// How many of them these situations hold.
    pub fn met(&self, indices: impl IntoIterator<Item = u64>) -> u64 {
        let rows = indices.into_iter().filter_map(|index| self.array.rows.get(usize::try_from(index).ok()?));
        crate::covering::met(self.array.strength, &rows.collect::<Vec<_>>())
    }

    /// The situation of that number, if there are so many.
    pub fn get(&self, index: u64) -> Option<Situation> {
        Some(Situation::of(self.array.rows.get(usize::try_from(index).ok()?)?, self.carried))
    }
}

/// The factors as an implementation that can do so much knows them, and what excludes what.
fn model(capabilities: &Capabilities) -> Model {
    let sizes: Vec<usize> = Factor::ALL.iter().map(|factor| factor.words().len()).collect();
    let mut model = Model::new(&sizes);
    let mut exclude = |one: (Factor, usize), other: (Factor, usize)| {
        model.exclude((one.0 as usize, one.1), (other.0 as usize, other.1));
    };
    let each = |factor: Factor| (0..factor.words().len()).map(move |value| (factor, value));
    // The clocks change in some zones only.
    for (zone, place) in ZONES.iter().enumerate().filter(|(_, place)| place.changes.is_none()) {
        debug_assert_eq!(place.name, ZONE_WORDS[zone]);
        for &instant in
            &[Instant::SpringEve, Instant::Spring, Instant::AutumnEve, Instant::AutumnFirst, Instant::AutumnSecond]
        {
            exclude((Factor::Zone, zone), (Factor::Instant, instant as usize));
        }
        exclude((Factor::Zone, zone), (Factor::Date, Date::Change as usize));
    }
    for (changes, &some) in CHANGES.iter().enumerate() {
        for (volume, _) in VOLUMES.iter().enumerate().filter(|(_, held)| **held < some) {
            exclude((Factor::Changes, changes), (Factor::Volume, volume));
        }
    }
    for (at, &kind) in KINDS.iter().enumerate() {
        let kind_at = (Factor::Kind, at);
        for (date, &when) in Date::ALL.iter().enumerate() {
            if !dated(kind, when) {
                exclude(kind_at, (Factor::Date, date));
            }
        }
        if !kind.is_calendar() {
            exclude(kind_at, (Factor::Role, Role::Owner as usize));
            exclude(kind_at, (Factor::Role, Role::Organizer as usize));
        }
        for (status, _) in STATUSES.iter().enumerate() {
            let email_open = kind == Kind::Email && status != Status::Completed as usize;
            let contact_closed = kind == Kind::Contact && status != Status::Open as usize;
            if email_open || contact_closed {
                exclude(kind_at, (Factor::Status, status));
            }
        }
        for (kept, &field) in Kept::ALL.iter().enumerate() {
            if !keeps(capabilities, kind, field) {
                exclude(kind_at, (Factor::Kept, kept));
            }
        }
        for (opposite, &what) in Opposite::ALL.iter().enumerate() {
            let act = match what {
                Opposite::Nothing => continue,
                Opposite::Title => Act::Title(Where::Crm),
                Opposite::When => Act::When(Where::Crm),
                Opposite::Complete => Act::Complete(Where::Crm),
                Opposite::Delete => Act::Delete(Where::Crm, Deletion::Hard),
                Opposite::Regarding => Act::Regarding(Where::Crm),
            };
            if !can(capabilities, kind, act) {
                exclude(kind_at, (Factor::Opposite, opposite));
            }
        }
        for (also, &what) in Also::ALL.iter().enumerate() {
            let able = |at| what.act(at).is_none_or(|act| can(capabilities, kind, act));
            if !able(Where::Outlook) || !able(Where::Crm) {
                exclude(kind_at, (Factor::Also, also));
            }
        }
        for (after, &what) in After::ALL.iter().enumerate() {
            let act = match what {
                After::Nothing | After::Again => continue,
                After::EditOutlook => Act::Title(Where::Outlook),
                After::EditCrm => Act::Title(Where::Crm),
                After::DeleteCrm => Act::Delete(Where::Crm, Deletion::Hard),
                After::DeleteOutlook => Act::Delete(Where::Outlook, Deletion::Hard),
                After::UntrackYes => Act::Untrack(true),
            };
            if !can(capabilities, kind, act) {
                exclude(kind_at, (Factor::After, after));
            }
        }
        for (act, &(what, _)) in ACTS.iter().enumerate() {
            if !can(capabilities, kind, what) {
                exclude(kind_at, (Factor::Act, act));
            }
        }
    }
    for (act, &(what, _)) in ACTS.iter().enumerate() {
        for (presence, &at) in Presence::ALL.iter().enumerate() {
            if !begins(what, at) {
                exclude((Factor::Act, act), (Factor::Presence, presence));
            }
        }
    }
    // What is nowhere yet has nothing to keep, and nothing of it waits.
    for (presence, &at) in Presence::ALL.iter().enumerate().filter(|(_, at)| **at != Presence::Tracked) {
        each(Factor::Kept).skip(1).for_each(|kept| exclude((Factor::Presence, presence), kept));
        if at == Presence::Nowhere || at == Presence::Private {
            each(Factor::Opposite).skip(1).for_each(|opposite| exclude((Factor::Presence, presence), opposite));
            each(Factor::Also).skip(1).for_each(|also| exclude((Factor::Presence, presence), also));
        }
    }
    for (factor, value) in unknown(capabilities) {
        model.forbid(factor as usize, value);
    }
    // What takes long comes late, so that whoever has little time meets the most.
    for (volume, &held) in VOLUMES.iter().enumerate().filter(|(_, held)| **held >= MANY) {
        model.late(usize::from(held > MOST_OWN), Factor::Volume as usize, volume);
    }
    for (changes, _) in CHANGES.iter().enumerate().filter(|(_, some)| **some >= MANY) {
        model.late(0, Factor::Changes as usize, changes);
    }
    model
}

/// What an implementation has no notion of.
fn unknown(capabilities: &Capabilities) -> Vec<(Factor, usize)> {
    let mut unknown = Vec::new();
    let known = |kind: Kind| capabilities.kinds[kind as usize].operations.0 != 0;
    unknown.extend((0..KINDS.len()).filter(|&n| !known(KINDS[n])).map(|n| (Factor::Kind, n)));
    // One that says nothing of either is asked nothing of either.
    let methods = METHODS.map(|method| capabilities.synchronizes(method));
    if methods != [false, false] {
        unknown.extend((0..METHODS.len()).filter(|&n| !methods[n]).map(|n| (Factor::Method, n)));
    }
    let able =
        |operations: &[Operation]| operations.iter().all(|&operation| capabilities.operations.contains(operation));
    let ways = [
        (Way::Disconnected, able(&[Operation::Connect, Operation::Disconnect])),
        (Way::Offline, able(&[Operation::GoOffline, Operation::GoOnline])),
        (Way::Web, able(&[Operation::Web])),
        (Way::Secondary, capabilities.computers),
        (Way::Delegate, capabilities.users && able(&[Operation::Delegate])),
    ];
    unknown.extend(ways.into_iter().filter(|(_, able)| !able).map(|(way, _)| (Factor::Way, way as usize)));
    if !able(&[Operation::Wait]) {
        for factor in [Factor::Before, Factor::Away, Factor::Later] {
            unknown.extend((1..AGES.len()).map(|age| (factor, age)));
        }
    }
    if !capabilities.roles || !capabilities.users {
        unknown.extend([Role::Owner, Role::Organizer, Role::Neither].map(|role| (Factor::Role, role as usize)));
        unknown.extend([Kept::Organizer, Kept::Owner].map(|kept| (Factor::Kept, kept as usize)));
        let to_others = (0..ACTS.len()).filter(|&act| matches!(ACTS[act].0, Act::Assign | Act::Organizer));
        unknown.extend(to_others.map(|act| (Factor::Act, act)));
    }
    if !capabilities.users {
        unknown.push((Factor::Privilege, 1));
    }
    if !able(&[Operation::Crash, Operation::CrashItem, Operation::CrashStage]) {
        unknown.extend((1..CRASH_WORDS.len()).map(|stage| (Factor::Crash, stage)));
    }
    unknown
}

/// Whether items of a kind can take place then.
fn dated(kind: Kind, date: Date) -> bool {
    match date {
        Date::Never => !kind.is_calendar(),
        Date::Running => kind.is_calendar(),
        Date::Past | Date::Soon | Date::AllDay | Date::Midnight | Date::LongPast | Date::Far | Date::Change => {
            kind.is_calendar() || kind.is_task_like()
        }
    }
}

/// Whether a field of items of a kind can be given a value of its own by a step.
fn keeps(capabilities: &Capabilities, kind: Kind, kept: Kept) -> bool {
    let act = match kept {
        Kept::Nothing => return true,
        Kept::Title => Act::Title(Where::Crm),
        Kept::When => Act::When(Where::Crm),
        Kept::Status => Act::Complete(Where::Crm),
        Kept::Regarding => Act::Regarding(Where::Crm),
        Kept::Parent => Act::Parent(Where::Crm),
        Kept::Organizer => Act::Organizer,
        Kept::Owner => Act::Assign,
    };
    can(capabilities, kind, act)
}

/// Whether an act makes sense where the items are at the start.
fn begins(act: Act, presence: Presence) -> bool {
    match act {
        Act::Create(_) => presence == Presence::Nowhere,
        Act::Track | Act::TrackAs => matches!(presence, Presence::Private | Presence::Unlinked),
        Act::Title(Where::Outlook)
        | Act::When(Where::Outlook)
        | Act::Delete(Where::Outlook, _)
        | Act::Regarding(Where::Outlook)
        | Act::Parent(Where::Outlook) => presence != Presence::Nowhere,
        Act::Title(Where::Crm)
        | Act::When(Where::Crm)
        | Act::Delete(Where::Crm, _)
        | Act::Assign
        | Act::Cancel
        | Act::Complete(Where::Crm) => matches!(presence, Presence::Tracked | Presence::Unlinked),
        Act::Occurrence(..)
        | Act::Complete(Where::Outlook)
        | Act::Untrack(_)
        | Act::Regarding(Where::Crm)
        | Act::Parent(Where::Crm)
        | Act::Organizer => presence == Presence::Tracked,
    }
}

/// Whether a kind has what an act changes, and an implementation can do it to that kind.
fn can(capabilities: &Capabilities, kind: Kind, act: Act) -> bool {
    let has = match act {
        Act::Title(_) | Act::Delete(..) | Act::Untrack(_) | Act::Assign => true,
        Act::Track | Act::Create(Where::Outlook) => kind != Kind::ServiceActivity,
        Act::Create(Where::Crm) => kind != Kind::Email && kind != Kind::MeetingRequest,
        // A series keeps its dates, or occurrences would appear from nowhere.
        Act::When(_) => (kind.is_calendar() && kind != Kind::RecurringAppointment) || kind.is_task_like(),
        Act::Occurrence(..) => kind == Kind::RecurringAppointment,
        Act::Complete(_) | Act::Cancel => kind.is_calendar() || kind.is_task_like(),
        Act::TrackAs => kind == Kind::Task,
        Act::Regarding(_) => kind != Kind::Contact,
        Act::Parent(_) => kind == Kind::Contact,
        Act::Organizer => kind.is_calendar(),
    };
    let probe = Setup {
        zone: Zone::utc(chrono::DateTime::UNIX_EPOCH),
        users: vec![UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, may_delete: true }],
        computers: vec![ComputerSetup { user: UserId(0), synchronizing: true }],
        items: vec![ItemSetup::new(kind, UserId(0)), ItemSetup::new(Kind::Account, UserId(0))],
        bystanders: 0,
        schedules: Schedules::default(),
    };
    let op = op(act, &[ItemId(0)], UserId(0), UserId(0), ItemId(1), &mut || Change::Title(1), 0).pop();
    let at = Place::Computer(ComputerId(0));
    has && op.is_some_and(|op| capabilities.lacks_step(&probe, &Step { by: UserId(0), at, op }).is_none())
}

/// What is done to each of these items in the mailbox of a user; `other` is somebody else, and `record` what they may be
/// regarding.
fn op(
    act: Act,
    items: &[ItemId],
    user: UserId,
    other: UserId,
    record: ItemId,
    title: &mut dyn FnMut() -> Change,
    last: u8,
) -> Vec<Op> {
    let side = |at: Where| match at {
        Where::Outlook => Side::Outlook(user),
        Where::Crm => Side::Crm,
    };
    let mut each = |item: ItemId| match act {
        Act::Title(at) => Op::Edit { item, side: side(at), change: title() },
        Act::When(at) => Op::Edit { item, side: side(at), change: Change::When(MOVED) },
        Act::Delete(at, how) => Op::Delete { item, side: side(at), how },
        Act::Occurrence(at, Which::First) => Op::Delete { item, side: side(at), how: Deletion::Occurrence(0) },
        Act::Occurrence(at, Which::Last) => Op::Delete { item, side: side(at), how: Deletion::Occurrence(last) },
        Act::Complete(at) => Op::Complete { item, side: side(at) },
        Act::Cancel => Op::Cancel { item },
        Act::Track => Op::Track { items: ItemSet::of(item), mailbox: user, record: None },
        Act::TrackAs => Op::Track { items: ItemSet::of(item), mailbox: user, record: Some(Kind::PhoneCall) },
        Act::Untrack(yes) => Op::Untrack { items: ItemSet::of(item), mailbox: user, yes },
        Act::Create(at) => Op::Create { item, side: side(at) },
        Act::Regarding(at) => Op::SetRegarding { items: ItemSet::of(item), side: side(at), to: record },
        Act::Parent(at) => Op::SetParent { item, side: side(at), to: record },
        Act::Assign => Op::Assign { item, to: other },
        Act::Organizer => Op::ChangeOrganizer { item, to: other },
    };
    items.iter().map(|&item| each(item)).collect()
}

/// The crash of that number, at an item; the first is none.
fn crash(number: u8, at: ItemId) -> Option<Crash> {
    (number > 0).then(|| Crash { at, stage: Stage::ALL[usize::from(number)] })
}

#[cfg(test)]
mod tests;

//! Situations: what products break on, as factors whose values a covering array brings together.
//!
//! A *situation* is one value of each factor: the zone and the instant at which the plan starts, how long nothing happens,
//! how much the stores hold, how many items change in one pass, and of what kind, what is done to them, where, by whom, what
//! the other side does meanwhile, and what comes after. Each campaign begins with the rows of the array, so that every two
//! values meet in a plan before anything is left to chance. What an implementation has no notion of is no value for it.

mod plans;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tombstone_model::contract::implementation::{Capabilities, Operation};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Op, Place, Rights, Setup, Side, Stage, Status,
    Step, UserSetup,
};
use tombstone_model::time::{Schedules, Seconds, Zone};
use tombstone_model::view::Field;

use crate::covering::{Array, Model, Strength};

pub use self::plans::{FactorValues, moments};

/// The schedule that items are moved to.
const MOVED: u8 = 1;

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
enum SituationAct {
    Title(ActSide),
    When(ActSide),
    Delete(ActSide, Deletion),
    Occurrence(ActSide, Which),
    Complete(ActSide),
    Cancel,
    Track,
    TrackAs,
    Untrack(bool),
    Create(ActSide),
    Regarding(ActSide),
    Parent(ActSide),
    Assign,
    Organizer,
}

/// On which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ActSide {
    Outlook,
    Crm,
}

impl Also {
    fn act(self, at: ActSide) -> Option<SituationAct> {
        match self {
            Self::Nothing => None,
            Self::Title => Some(SituationAct::Title(at)),
            Self::When => Some(SituationAct::When(at)),
            Self::Complete => Some(SituationAct::Complete(at)),
            Self::Delete => Some(SituationAct::Delete(at, Deletion::Hard)),
            Self::Regarding => Some(SituationAct::Regarding(at)),
        }
    }
}

impl SituationAct {
    /// On which side it is done.
    fn at(self) -> ActSide {
        match self {
            Self::Title(at) | Self::When(at) | Self::Delete(at, _) | Self::Occurrence(at, _) | Self::Complete(at) => at,
            Self::Create(at) | Self::Regarding(at) | Self::Parent(at) => at,
            Self::Track | Self::TrackAs | Self::Untrack(_) => ActSide::Outlook,
            Self::Cancel | Self::Assign | Self::Organizer => ActSide::Crm,
        }
    }
}

/// Which occurrence of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    First,
    Last,
}

const ACTS: [(SituationAct, &str); 27] = [
    (SituationAct::Title(ActSide::Outlook), "title edited in Outlook"),
    (SituationAct::Title(ActSide::Crm), "title edited in CRM"),
    (SituationAct::When(ActSide::Outlook), "moved in Outlook"),
    (SituationAct::When(ActSide::Crm), "moved in CRM"),
    (SituationAct::Delete(ActSide::Outlook, Deletion::Hard), "deleted in Outlook"),
    (SituationAct::Delete(ActSide::Outlook, Deletion::Soft), "deleted into Deleted Items"),
    (SituationAct::Delete(ActSide::Outlook, Deletion::Moved), "moved out of the folder"),
    (SituationAct::Delete(ActSide::Crm, Deletion::Hard), "deleted in CRM"),
    (SituationAct::Occurrence(ActSide::Outlook, Which::First), "first occurrence deleted in Outlook"),
    (SituationAct::Occurrence(ActSide::Outlook, Which::Last), "last occurrence deleted in Outlook"),
    (SituationAct::Occurrence(ActSide::Crm, Which::First), "first occurrence deleted in CRM"),
    (SituationAct::Occurrence(ActSide::Crm, Which::Last), "last occurrence deleted in CRM"),
    (SituationAct::Complete(ActSide::Outlook), "completed in Outlook"),
    (SituationAct::Complete(ActSide::Crm), "completed in CRM"),
    (SituationAct::Cancel, "cancelled"),
    (SituationAct::Track, "tracked"),
    (SituationAct::TrackAs, "tracked as something else"),
    (SituationAct::Untrack(true), "untracked, yes"),
    (SituationAct::Untrack(false), "untracked, no"),
    (SituationAct::Create(ActSide::Outlook), "created in Outlook"),
    (SituationAct::Create(ActSide::Crm), "created in CRM"),
    (SituationAct::Regarding(ActSide::Outlook), "regarding set in Outlook"),
    (SituationAct::Regarding(ActSide::Crm), "regarding set in CRM"),
    (SituationAct::Parent(ActSide::Outlook), "parent set in Outlook"),
    (SituationAct::Parent(ActSide::Crm), "parent set in CRM"),
    (SituationAct::Assign, "assigned"),
    (SituationAct::Organizer, "organizer changed"),
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
    capabilities: Arc<Capabilities>,
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
        let array = model(capabilities).array(strength);
        let made = Arc::new(Self { array, capabilities: Arc::new(capabilities.clone()) });
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
    pub fn get(&self, index: u64) -> Option<FactorValues> {
        Some(FactorValues::of(self.array.rows.get(usize::try_from(index).ok()?)?, &self.capabilities))
    }
}

/// The factors as an implementation that can do so much knows them, and what excludes what.
fn model(capabilities: &Capabilities) -> Model {
    let sizes: Vec<usize> = Factor::ALL.iter().map(|factor| factor.words().len()).collect();
    let mut model = Model::new(&sizes);
    let mut exclude = |one: (Factor, usize), other: (Factor, usize)| {
        model.exclude((one.0 as usize, one.1), (other.0 as usize, other.1));
    };
    let sees = |kind: Kind, field: Field| capabilities.fields(kind) & field.mask() != 0;
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
            if !dated(kind, when) || when != Date::Never && !sees(kind, Field::When) {
                exclude(kind_at, (Factor::Date, date));
            }
        }
        if !kind.is_calendar() {
            exclude(kind_at, (Factor::Role, Role::Owner as usize));
            exclude(kind_at, (Factor::Role, Role::Organizer as usize));
        }
        for (status, &is) in STATUSES.iter().enumerate() {
            let unseen = is != ItemSetup::new(kind, UserId(0)).status && !sees(kind, Field::Status);
            let email_open = kind == Kind::Email && status != Status::Completed as usize;
            let contact_closed = kind == Kind::Contact && status != Status::Open as usize;
            if unseen || email_open || contact_closed {
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
                Opposite::Title => SituationAct::Title(ActSide::Crm),
                Opposite::When => SituationAct::When(ActSide::Crm),
                Opposite::Complete => SituationAct::Complete(ActSide::Crm),
                Opposite::Delete => SituationAct::Delete(ActSide::Crm, Deletion::Hard),
                Opposite::Regarding => SituationAct::Regarding(ActSide::Crm),
            };
            if !can(capabilities, kind, act) {
                exclude(kind_at, (Factor::Opposite, opposite));
            }
        }
        for (also, &what) in Also::ALL.iter().enumerate() {
            let able = |at| what.act(at).is_none_or(|act| can(capabilities, kind, act));
            if !able(ActSide::Outlook) || !able(ActSide::Crm) {
                exclude(kind_at, (Factor::Also, also));
            }
        }
        for (after, &what) in After::ALL.iter().enumerate() {
            let act = match what {
                After::Nothing | After::Again => continue,
                After::EditOutlook => SituationAct::Title(ActSide::Outlook),
                After::EditCrm => SituationAct::Title(ActSide::Crm),
                After::DeleteCrm => SituationAct::Delete(ActSide::Crm, Deletion::Hard),
                After::DeleteOutlook => SituationAct::Delete(ActSide::Outlook, Deletion::Hard),
                After::UntrackYes => SituationAct::Untrack(true),
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
    // One that takes place some time and of which that cannot be said, or to which nothing can be done, is no situation.
    let known = |kind: Kind| {
        let dated = !kind.is_calendar() || capabilities.fields(kind) & Field::When.mask() != 0;
        capabilities.holds(kind) && dated && ACTS.iter().any(|&(act, _)| can(capabilities, kind, act))
    };
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
        let to_others =
            (0..ACTS.len()).filter(|&act| matches!(ACTS[act].0, SituationAct::Assign | SituationAct::Organizer));
        unknown.extend(to_others.map(|act| (Factor::Act, act)));
    }
    if !capabilities.users || !capabilities.roles {
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
        Kept::Title => SituationAct::Title(ActSide::Crm),
        Kept::When => SituationAct::When(ActSide::Crm),
        Kept::Status => SituationAct::Complete(ActSide::Crm),
        Kept::Regarding => SituationAct::Regarding(ActSide::Crm),
        Kept::Parent => SituationAct::Parent(ActSide::Crm),
        Kept::Organizer => SituationAct::Organizer,
        Kept::Owner => SituationAct::Assign,
    };
    can(capabilities, kind, act)
}

/// Whether an act makes sense where the items are at the start.
fn begins(act: SituationAct, presence: Presence) -> bool {
    match act {
        SituationAct::Create(_) => presence == Presence::Nowhere,
        SituationAct::Track | SituationAct::TrackAs => matches!(presence, Presence::Private | Presence::Unlinked),
        SituationAct::Title(ActSide::Outlook)
        | SituationAct::When(ActSide::Outlook)
        | SituationAct::Delete(ActSide::Outlook, _)
        | SituationAct::Regarding(ActSide::Outlook)
        | SituationAct::Parent(ActSide::Outlook) => presence != Presence::Nowhere,
        SituationAct::Title(ActSide::Crm)
        | SituationAct::When(ActSide::Crm)
        | SituationAct::Delete(ActSide::Crm, _)
        | SituationAct::Assign
        | SituationAct::Cancel
        | SituationAct::Complete(ActSide::Crm) => matches!(presence, Presence::Tracked | Presence::Unlinked),
        SituationAct::Occurrence(..)
        | SituationAct::Complete(ActSide::Outlook)
        | SituationAct::Untrack(_)
        | SituationAct::Regarding(ActSide::Crm)
        | SituationAct::Parent(ActSide::Crm)
        | SituationAct::Organizer => presence == Presence::Tracked,
    }
}

/// Whether a kind has what an act changes, and an implementation can do it to that kind.
fn can(capabilities: &Capabilities, kind: Kind, act: SituationAct) -> bool {
    let has = match act {
        SituationAct::Title(_) | SituationAct::Delete(..) | SituationAct::Untrack(_) | SituationAct::Assign => true,
        SituationAct::Track | SituationAct::Create(ActSide::Outlook) => kind != Kind::ServiceActivity,
        SituationAct::Create(ActSide::Crm) => kind != Kind::Email && kind != Kind::MeetingRequest,
        // A series keeps its dates, or occurrences would appear from nowhere.
        SituationAct::When(_) => (kind.is_calendar() && kind != Kind::RecurringAppointment) || kind.is_task_like(),
        SituationAct::Occurrence(..) => kind == Kind::RecurringAppointment,
        SituationAct::Complete(_) | SituationAct::Cancel => kind.is_calendar() || kind.is_task_like(),
        SituationAct::TrackAs => kind == Kind::Task,
        SituationAct::Regarding(_) => kind != Kind::Contact,
        SituationAct::Parent(_) => kind == Kind::Contact,
        SituationAct::Organizer => kind.is_calendar(),
    };
    let probe = Setup {
        zone: Zone::utc(chrono::DateTime::UNIX_EPOCH),
        users: vec![UserSetup { method: Method::OutlookClient, delegates: UserSet::EMPTY, rights: Rights::ALL }],
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
    act: SituationAct,
    items: &[ItemId],
    user: UserId,
    other: UserId,
    record: ItemId,
    title: &mut dyn FnMut() -> Change,
    last: u8,
) -> Vec<Op> {
    let side = |at: ActSide| match at {
        ActSide::Outlook => Side::Outlook(user),
        ActSide::Crm => Side::Crm,
    };
    let mut each = |item: ItemId| match act {
        SituationAct::Title(at) => Op::Edit { item, side: side(at), change: title() },
        SituationAct::When(at) => Op::Edit { item, side: side(at), change: Change::When(MOVED) },
        SituationAct::Delete(at, how) => Op::Delete { item, side: side(at), how },
        SituationAct::Occurrence(at, Which::First) => Op::Delete { item, side: side(at), how: Deletion::Occurrence(0) },
        SituationAct::Occurrence(at, Which::Last) => {
            Op::Delete { item, side: side(at), how: Deletion::Occurrence(last) }
        }
        SituationAct::Complete(at) => Op::Complete { item, side: side(at) },
        SituationAct::Cancel => Op::Cancel { item },
        SituationAct::Track => Op::Track { items: ItemSet::of(item), mailbox: user, record: None },
        SituationAct::TrackAs => Op::Track { items: ItemSet::of(item), mailbox: user, record: Some(Kind::PhoneCall) },
        SituationAct::Untrack(yes) => Op::Untrack { items: ItemSet::of(item), mailbox: user, yes },
        SituationAct::Create(at) => Op::Create { item, side: side(at) },
        SituationAct::Regarding(at) => Op::SetRegarding { items: ItemSet::of(item), side: side(at), to: record },
        SituationAct::Parent(at) => Op::SetParent { item, side: side(at), to: record },
        SituationAct::Assign => Op::Assign { item, to: other },
        SituationAct::Organizer => Op::ChangeOrganizer { item, to: other },
    };
    items.iter().map(|&item| each(item)).collect()
}

/// The crash of that number, at an item; the first is none.
fn crash(number: u8, at: ItemId) -> Option<Crash> {
    (number > 0).then(|| Crash { at, stage: Stage::ALL[usize::from(number)] })
}

#[cfg(test)]
mod tests;

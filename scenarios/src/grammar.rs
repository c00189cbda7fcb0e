//! The language as data: every table, its keys, and what each key holds. The parser's checks and the JSON Schema are
//! both read from here. What is done in a step comes from the rows of the operations, and what is seen from those of the fields: a
//! kind of part and a shape of a field have their keys here.

use std::sync::LazyLock;

use tombstone_model::ids::{MAX_BYSTANDERS, MAX_ITEMS};
use tombstone_model::plan::{Acts, PartKind, PartRow, Right, Verb};
use tombstone_model::view::{self, Field, Sides};

use crate::ids;
use crate::times;

/// The whole file.
pub(crate) static FILE: TableGrammar = TableGrammar {
    what: "a scenario",
    keys: &[&[
        may("id", ValueShape::Matching(&ID), "The stable id; by default the path under the suite, without `.toml`."),
        needs("title", ValueShape::Text, "What the scenario shows, in one line."),
        may("covers", ValueShape::List(&COVERING), "The rows, facts and switches it is about."),
        may("aliases", ValueShape::List(&ValueShape::Matching(&ID)), "Ids under which it was known before."),
        may(
            "profile",
            ValueShape::Known(&PROFILE),
            "The profile under which it is judged, where it needs a certain one.",
        ),
        may("now", ValueShape::Matching(&START), "The local time at the start; by default 2016-01-11T09:00:00."),
        may("zone", ValueShape::Text, "The IANA time zone; by default UTC."),
        may(
            "matrix",
            ValueShape::Axes,
            "The axes: the file stands for a case for each choice of a value from each. `\"{axis}\"` is the value, \
             `{axis.key}` what it holds under a key, and `{axis.name}` its name; what a case lacks is left out.",
        ),
        may("note", ValueShape::Text, "Anything else a reader should know."),
        may("origin", ValueShape::Table(&ORIGIN), "Where a counterexample comes from."),
        may(
            "bystanders",
            ValueShape::Whole(0, MAX_BYSTANDERS as i64),
            "How many items more the stores hold, like the first one, that no step speaks of.",
        ),
        may(
            "users",
            ValueShape::Either(&[ValueShape::Named(Who::User, &USER), ValueShape::List(&ValueShape::Matching(&NAME))]),
            "The users, each with a mailbox and a CRM user, or only their names; by default `anna`.",
        ),
        may(
            "computers",
            ValueShape::Named(Who::Computer, &COMPUTER),
            "The computers, each with Outlook and the CRM client; by default each user has one: `desktop`, `laptop`, \
             `notebook`, `tablet`.",
        ),
        may("items", ValueShape::Named(Who::Item, &ITEM), "The items: records, their copies in mailboxes, or both."),
        may("step", ValueShape::Tables(step), "The steps, in order, and what is expected between them."),
    ]],
    verbs: &[],
    alone: None,
};

/// A table: its keys in groups, and the verbs, of which exactly one must be there.
pub(crate) struct TableGrammar {
    /// What the table describes, with its article.
    pub(crate) what: &'static str,
    /// The keys, in groups that tables share.
    pub(crate) keys: &'static [&'static [Key]],
    /// Keys of which exactly one must be there.
    pub(crate) verbs: &'static [Key],
    /// The key that may be there without one.
    pub(crate) alone: Option<&'static str>,
}

impl TableGrammar {
    /// Every key, verbs first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Key> {
        self.verbs.iter().chain(self.keys.iter().copied().flatten())
    }
}

/// A key of a table.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: ValueShape,
    pub(crate) required: bool,
    /// What the key says, for the schema and for messages.
    pub(crate) doc: &'static str,
}

/// What a value must look like.
pub(crate) enum ValueShape {
    /// Any string.
    Text,
    /// A string of a certain form.
    Matching(&'static StringForm),
    /// An id of something that is there.
    Known(&'static KnownIds),
    /// One of a few words.
    Word(&'static [&'static str]),
    /// The name of a kind.
    Kind,
    /// A declared name, or one of a few words.
    Name(Who, &'static [&'static str]),
    /// True or false.
    Flag,
    /// A whole number between two bounds.
    Whole(i64, i64),
    /// The axes of a grid.
    Axes,
    /// Some values of some axes.
    Cells,
    /// A list.
    List(&'static ValueShape),
    /// A table.
    Table(&'static TableGrammar),
    /// A table of declarations: each key declares a name.
    Named(Who, &'static TableGrammar),
    /// A table whose keys are declared names.
    Each(Who, &'static ValueShape),
    /// A list of tables, of which the one is made when it is first asked for.
    Tables(fn() -> &'static TableGrammar),
    /// One shape or another; they differ in their TOML type.
    Either(&'static [ValueShape]),
}

/// Which names a key refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    User,
    Computer,
    Item,
}

impl Who {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Computer => "computer",
            Self::Item => "item",
        }
    }

    /// The table in which the names are declared.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Computer => "computers",
            Self::Item => "items",
        }
    }

    /// The word that cannot be a name, since it already means something in its place.
    pub(crate) fn reserved(self) -> &'static str {
        match self {
            Self::User => "nobody",
            Self::Computer => "web",
            Self::Item => "nothing",
        }
    }
}

/// The form of a string.
pub(crate) struct StringForm {
    /// What it is, with its article and an example.
    pub(crate) what: &'static str,
    /// The form, as the schema says it.
    pub(crate) regex: &'static str,
    /// Whether a string has it.
    pub(crate) fits: fn(&str) -> bool,
}

/// The ids of a sort.
pub(crate) struct KnownIds {
    /// What they are ids of, without an article.
    pub(crate) what: &'static str,
    /// The form of each.
    pub(crate) form: StringForm,
    /// All of them.
    pub(crate) all: fn() -> &'static [String],
    /// Where to read which there are.
    pub(crate) listed: &'static str,
}

const fn may(name: &'static str, shape: ValueShape, doc: &'static str) -> Key {
    Key { name, shape, required: false, doc }
}

const fn needs(name: &'static str, shape: ValueShape, doc: &'static str) -> Key {
    Key { name, shape, required: true, doc }
}

/// A name of a user, a computer or an item.
pub(crate) static NAME: StringForm = StringForm {
    what: "a name in lower case, such as `anna` or `desktop-2`",
    regex: "^[a-z][a-z0-9-]*$",
    fits: |text| text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain),
};

/// A part of the name of a case.
pub(crate) static CASE_NAME: StringForm = StringForm {
    what: "letters, digits and `+-.:/_`, such as `future`, `31d` or `Europe/Berlin`",
    regex: "^[A-Za-z0-9+.:/_-]+$",
    fits: |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "+.:/_-".contains(c)),
};

static ID: StringForm = StringForm {
    what: "an id such as `deletion/email-delete-outlook-keeps-crm`, or one of a case, as `deletion/appointment[past,owner]`",
    regex: "^[a-z0-9-]+(/[a-z0-9-]+)*(\\[[A-Za-z0-9+.:/_-]+(,[A-Za-z0-9+.:/_-]+)*\\])?$",
    fits: |text| {
        let (file, case) = text.strip_suffix(']').and_then(|text| text.split_once('[')).unzip();
        file.unwrap_or(text).split('/').all(|part| !part.is_empty() && part.chars().all(plain))
            && case.is_none_or(|case| case.split(',').all(CASE_NAME.fits))
    },
};

static PROFILE: KnownIds = KnownIds {
    what: "profile",
    form: StringForm {
        what: "the name of a profile, such as `documented-2016`",
        regex: "^[a-z0-9-]+$",
        fits: |text| !text.is_empty() && text.chars().all(plain),
    },
    all: ids::profiles,
    listed: "`tombstone table --profile` takes the same names",
};

static COVERED: KnownIds = KnownIds {
    what: "row, fact or switch",
    form: StringForm {
        what: "a row (`D01`, `T05`), a fact (`F050`, `K33`, `M01`) or a switch (`X-02`)",
        regex: "^([CDEGHJLNPQSTUVW][0-9]{2}|F[0-9]{3}|[KM][0-9]{2}|X-[0-9]{2})$",
        fits: |text| {
            let digits = |prefix: &str, count| {
                text.strip_prefix(prefix)
                    .is_some_and(|rest: &str| rest.len() == count && rest.bytes().all(|b| b.is_ascii_digit()))
            };
            let is_row = ["C", "D", "E", "G", "H", "J", "L", "N", "P", "Q", "S", "T", "U", "V", "W"]
                .iter()
                .any(|letter| digits(letter, 2));
            is_row || digits("F", 3) || digits("K", 2) || digits("M", 2) || digits("X-", 2)
        },
    },
    all: ids::covered,
    listed: "`tombstone table NAME` prints the rows, `tombstone table --format open` the switches, `tombstone check --coverage` the facts",
};

/// What is covered: by all cases, or by some.
const COVERING: ValueShape = ValueShape::Either(&[ValueShape::Known(&COVERED), ValueShape::Table(&COVERED_BY_SOME)]);

static COVERED_BY_SOME: TableGrammar = TableGrammar {
    what: "what some cases cover",
    keys: &[
        &[needs("ids", ValueShape::List(&ValueShape::Known(&COVERED)), "The rows, facts and switches.")],
        &[needs("where", ValueShape::Cells, "Which cases cover them: for some axes, a value or several.")],
    ],
    verbs: &[],
    alone: None,
};

/// In which cases a table is there.
const SOME_CASES: &[Key] = &[may(
    "where",
    ValueShape::Cells,
    "In which cases it is there: for some axes, a value or several; by default in all.",
)];

static START: StringForm = StringForm {
    what: "a local time such as `2016-03-01T09:00:00`",
    regex: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?$",
    fits: times::is_start,
};

static MOMENT: StringForm = StringForm {
    what: "a moment such as `+2h`, `-1d`, `now`, `2016-03-02T10:00` or `never`",
    regex: "^(now|never|[+-]([0-9]+[dhms])+|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?)$",
    fits: |text| times::moment(text).is_some(),
};

static DURATION: StringForm = StringForm {
    what: "a duration such as `90m` or `1d12h`",
    regex: "^([0-9]+[dhms])+$",
    fits: |text| times::duration(text).is_some(),
};

static NUMBER: StringForm =
    StringForm { what: "a number in decimal digits", regex: "^[0-9]+$", fits: |text| text.parse::<u64>().is_ok() };

fn plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

const A_USER: ValueShape = ValueShape::Name(Who::User, &[]);
const USERS: ValueShape = ValueShape::List(&A_USER);
const AN_ITEM: ValueShape = ValueShape::Name(Who::Item, &[]);
const A_COMPUTER: ValueShape = ValueShape::Name(Who::Computer, &[]);
const A_NUMBER: ValueShape = ValueShape::Either(&[ValueShape::Whole(0, i64::MAX), ValueShape::Matching(&NUMBER)]);
const OCCURRENCES: ValueShape = ValueShape::List(&ValueShape::Whole(1, 4));
const STATUS: ValueShape = ValueShape::Word(&["open", "completed", "cancelled"]);

static ORIGIN: TableGrammar = TableGrammar {
    what: "an origin",
    keys: &[&[
        needs("seed", A_NUMBER, "The seed of the campaign; as a string where it is too large for a TOML integer."),
        needs("index", A_NUMBER, "The number of the plan within the campaign."),
        needs("rules", ValueShape::Text, "The digest of the rules."),
        may("digests", ValueShape::List(&ValueShape::Text), "The digests of what was seen, step by step."),
    ]],
    verbs: &[],
    alone: None,
};

static USER: TableGrammar = TableGrammar {
    what: "a user",
    keys: &[
        SOME_CASES,
        &[
            may(
                "method",
                ValueShape::Word(&["outlook-client", "server-side"]),
                "How the mailbox is synchronized; by default by the Outlook client.",
            ),
            may("delegates", USERS, "Who may act in this mailbox."),
        ],
        &RIGHTS,
    ],
    verbs: &[],
    alone: None,
};

static RIGHTS: [Key; Right::ALL.len()] = {
    const fn key(right: Right) -> Key {
        may(right.name(), ValueShape::Flag, right.meaning())
    }
    [key(Right::Create), key(Right::Write), key(Right::Delete)]
};

static COMPUTER: TableGrammar = TableGrammar {
    what: "a computer",
    keys: &[
        SOME_CASES,
        &[
            may("user", A_USER, "Whose it is; by default the first user's."),
            may(
                "synchronizing",
                ValueShape::Flag,
                "Whether it is its user's synchronizing computer; where none is, it is the user's first.",
            ),
        ],
    ],
    verbs: &[],
    alone: None,
};

static ITEM: TableGrammar = TableGrammar {
    what: "an item",
    keys: &[
        SOME_CASES,
        &[
            needs("kind", ValueShape::Kind, "What it is in Outlook."),
            may(
                "copies",
                ValueShape::Whole(1, MAX_ITEMS as i64),
                "How many there are of it, all alike: `offer` with 21 copies is `offer-01` to `offer-21`. By default one, which is `offer`.",
            ),
            may(
                "record",
                ValueShape::Kind,
                "What its record is; by default the same, and an appointment for a meeting request.",
            ),
            may("owner", A_USER, "The owner of the record; by default the first user."),
            may(
                "in",
                USERS,
                "The mailboxes that hold a copy; by default the owner's, and none for what is in CRM only.",
            ),
            may(
                "tracked",
                ValueShape::Either(&[ValueShape::Flag, USERS]),
                "The mailboxes in which the copy is tracked, or whether all of them are; by default all.",
            ),
            may(
                "crm",
                ValueShape::Flag,
                "Whether a record exists; by default if a copy is tracked, or if the item is in CRM only.",
            ),
            may("absent", ValueShape::Flag, "Whether the item exists nowhere yet: a `create` step makes it."),
            may("status", STATUS, "Open, completed or cancelled; by default open, and completed for an e-mail."),
            may(
                "organizer",
                ValueShape::Name(Who::User, &["nobody"]),
                "Who organized it; by default the owner. `nobody`: none of the users.",
            ),
            may("required", USERS, "The required attendees."),
            may("optional", USERS, "The optional attendees."),
        ],
        DATES,
        &[
            may("repeats", ValueShape::Table(&SERIES), "How a series repeats."),
            may("due", ValueShape::Matching(&MOMENT), "When it is due; by default never."),
            may("regarding", AN_ITEM, "The record it is regarding."),
            may("parent", AN_ITEM, "The account or contact it belongs to."),
            may(
                "store",
                ValueShape::Word(&["exchange", "outlook-default", "elsewhere"]),
                "In which message store of Outlook it lies; by default the default folder of the Exchange mailbox.",
            ),
            may("assigned", ValueShape::Flag, "Whether a task was assigned to somebody; by default false."),
        ],
    ],
    verbs: &[],
    alone: None,
};

const DATES: &[Key] = &[
    may("start", ValueShape::Matching(&MOMENT), "When it, or the first occurrence of a series, starts."),
    may("end", ValueShape::Matching(&MOMENT), "When it ends; by default an hour after it starts."),
    may("duration", ValueShape::Matching(&DURATION), "How long it takes, instead of `end`."),
    may("all_day", ValueShape::Flag, "Whether it takes the whole local day on which it starts."),
];

const REPETITION: &[Key] = &[
    needs("every", ValueShape::Matching(&DURATION), "The time from one occurrence to the next."),
    needs("times", ValueShape::Whole(1, 4), "How many occurrences there are."),
];

static REPEATS: TableGrammar = TableGrammar { what: "a repetition", keys: &[REPETITION], verbs: &[], alone: None };

static SERIES: TableGrammar = TableGrammar {
    what: "a repetition",
    keys: &[REPETITION, &[may("exceptions", OCCURRENCES, "The occurrences that were moved by a day; the first is 1.")]],
    verbs: &[],
    alone: None,
};

/// A step: the operations, and what is expected. Made once, and kept for as long as the program runs.
fn step() -> &'static TableGrammar {
    static STEP: LazyLock<TableGrammar> = LazyLock::new(|| {
        let operations = Verb::ALL.iter().map(|verb| may(verb.name(), ValueShape::Table(operation(*verb)), verb.doc()));
        let expect =
            may("expect", ValueShape::Table(expect()), "Says what must be seen at this point, after the step.");
        TableGrammar {
            what: "a step",
            keys: vec![EXPECTED, vec![expect].leak(), SOME_CASES].leak(),
            verbs: operations.collect::<Vec<_>>().leak(),
            alone: Some("expect"),
        }
    });
    &STEP
}

/// What can be said of an operation: what its parts need, and who does it where.
fn operation(verb: Verb) -> &'static TableGrammar {
    let mut keys: Vec<&'static [Key]> = verb.parts().iter().map(|part| keys_of(verb, part)).collect();
    keys.extend(match verb.acts() {
        Acts::Store | Acts::Outlook | Acts::Crm | Acts::Dialog => Some(ACTOR),
        Acts::Computer => Some(COMPUTER_KEYS),
        Acts::Server | Acts::World => None,
    });
    Box::leak(Box::new(TableGrammar {
        what: format!("`{}`", verb.name()).leak(),
        keys: keys.leak(),
        verbs: &[],
        alone: None,
    }))
}

/// The keys of a part.
fn keys_of(verb: Verb, part: &'static PartRow) -> &'static [Key] {
    match part.kind {
        PartKind::Item | PartKind::Items => SELECTION,
        PartKind::Side => SIDE,
        PartKind::Mailbox if verb.acts() == Acts::Server => THE_MAILBOX,
        PartKind::Mailbox => MAILBOX,
        PartKind::Other => vec![needs("to", AN_ITEM, part.doc)].leak(),
        PartKind::User => vec![needs("to", A_USER, part.doc)].leak(),
        PartKind::Change => CHANGE,
        PartKind::How => HOW,
        PartKind::Record => RECORD,
        PartKind::Answer => ANSWER,
        PartKind::Crash => CRASH_KEYS,
        PartKind::Seconds => LENGTH,
    }
}

const EXPECTED: &[Key] = &[
    may("refused", ValueShape::Flag, "Expects that the step is refused, or that it is not."),
    may("prompt", ValueShape::Flag, "Expects that the user is asked whether to delete the record too, or is not."),
];

const ACTOR: &[Key] = &[
    may(
        "at",
        ValueShape::Name(Who::Computer, &["web"]),
        "At which computer, or `web`; by default `web` in CRM, and the synchronizing computer of who acts in Outlook.",
    ),
    may("by", A_USER, "Who acts; by default the computer's user, the mailbox's, or the only one there is."),
];

const SIDE: &[Key] = &[
    needs("in", ValueShape::Word(&["outlook", "crm"]), "The store that is acted on."),
    may("mailbox", A_USER, "The mailbox in Outlook; by default that of who acts."),
];

const SELECTION: &[Key] = &[
    may("item", AN_ITEM, "The item; `*` stands for anything."),
    may(
        "items",
        ValueShape::List(&AN_ITEM),
        "Several items: a step for each, in this order, or one step of all that are selected where the verb takes a selection.",
    ),
];

const MAILBOX: &[Key] = &[may("mailbox", A_USER, "The mailbox; by default that of who acts.")];

const COMPUTER_KEYS: &[Key] = &[needs("at", A_COMPUTER, "The computer."), may("by", A_USER, "Its user.")];

const CRASH_KEYS: &[Key] =
    &[may("crash", ValueShape::Table(&CRASH), "Where inside the synchronization the computer crashes.")];

static CRASH: TableGrammar = TableGrammar {
    what: "a crash",
    keys: &[&[
        needs(
            "at",
            AN_ITEM,
            "The item at which it happens; those before it are done, in the order of their declaration.",
        ),
        needs(
            "stage",
            ValueShape::Word(&["done", "before-upload", "before-acknowledgement", "before-erase"]),
            "How far that item came.",
        ),
    ]],
    verbs: &[],
    alone: None,
};

const CHANGE: &[Key] = &[
    may("title", ValueShape::Flag, "`true` gives it a new title that no other edit gives."),
    may("when", ValueShape::Table(&WHEN), "Moves it; what is left out stays as declared."),
    may("due", ValueShape::Matching(&MOMENT), "Gives it another due time."),
];

const HOW: &[Key] = &[
    may(
        "occurrence",
        ValueShape::Whole(1, 4),
        "The occurrence of a series; the first is 1. By default the whole item.",
    ),
    may(
        "how",
        ValueShape::Word(&["hard", "soft", "move"]),
        "How the whole item is deleted in Outlook: for good, into Deleted Items, or by moving it to a folder that is not synchronized. By default for good.",
    ),
];

const RECORD: &[Key] = &[may("as", ValueShape::Kind, "As which record; by default as what it is.")];

const ANSWER: &[Key] = &[may(
    "answer",
    ValueShape::Word(&["yes", "no"]),
    "Whether to delete the record too, should that be asked; by default no.",
)];

const THE_MAILBOX: &[Key] = &[needs("mailbox", A_USER, "The mailbox.")];

const LENGTH: &[Key] = &[needs("for", ValueShape::Matching(&DURATION), "How long.")];

static WHEN: TableGrammar = TableGrammar {
    what: "a date",
    keys: &[DATES, &[may("repeats", ValueShape::Table(&REPEATS), "How the series repeats.")]],
    verbs: &[],
    alone: None,
};

/// What is expected of an item.
fn expect() -> &'static TableGrammar {
    const WORDS_IN_CRM: ValueShape = ValueShape::Word(&["present", "absent"]);
    const WORDS_IN_OUTLOOK: ValueShape = ValueShape::Word(&["present", "absent", "tracked", "untracked"]);
    let in_crm =
        ValueShape::Either(vec![WORDS_IN_CRM, ValueShape::Table(seen("what is seen in CRM", Sides::Crm))].leak());
    let in_outlook = seen("what is seen in Outlook", Sides::Outlook);
    let in_outlook: &ValueShape =
        Box::leak(Box::new(ValueShape::Either(vec![WORDS_IN_OUTLOOK, ValueShape::Table(in_outlook)].leak())));
    let places = vec![
        may("crm", in_crm, "What is seen of it in CRM."),
        may("in", ValueShape::Each(Who::User, in_outlook), "What is seen of it in mailboxes on the server."),
        may(
            "on",
            ValueShape::Each(Who::Computer, in_outlook),
            "What computers show of it, in their user's mailbox unless `mailbox` names another.",
        ),
        may("mailbox", A_USER, "The mailbox that `on` looks into."),
    ];
    Box::leak(Box::new(TableGrammar {
        what: "`expect`",
        keys: vec![SELECTION, places.leak()].leak(),
        verbs: &[],
        alone: None,
    }))
}

/// What can be said of what is seen on one side: the fields that both sides have, then those of its own.
fn seen(what: &'static str, side: Sides) -> &'static TableGrammar {
    let on = |sides| FIELDS.iter().filter(move |(field, _)| field.row().sides == sides);
    let keys: Vec<&'static [Key]> = on(Sides::Both).chain(on(side)).map(|(_, keys)| keys.as_slice()).collect();
    Box::leak(Box::new(TableGrammar { what, keys: keys.leak(), verbs: &[], alone: None }))
}

/// The field that a key says.
pub(crate) fn field_of(key: &str) -> Option<Field> {
    FIELDS.iter().find(|(_, keys)| keys.iter().any(|known| known.name == key)).map(|(field, _)| *field)
}

/// The keys of each field. How a field is said depends on its shape alone.
static FIELDS: LazyLock<Vec<(Field, Vec<Key>)>> = LazyLock::new(|| {
    let keys = |field: Field| {
        let row = field.row();
        let one = |shape| vec![may(row.name, shape, row.doc)];
        match row.shape {
            view::Shape::Title => vec![may(
                row.name,
                ValueShape::Whole(0, 255),
                "Which edit gave it its title, counted over the scenario; 0 is the original.",
            )],
            view::Shape::When => vec![
                may(row.name, ValueShape::Table(&WHEN), "When it takes place; what is left out is as declared."),
                may("due", ValueShape::Matching(&MOMENT), "When it is due."),
            ],
            view::Shape::Status => one(STATUS),
            view::Shape::User => one(A_USER),
            view::Shape::SomeUser => one(ValueShape::Name(Who::User, &["nobody"])),
            view::Shape::SomeItem => one(ValueShape::Name(Who::Item, &["nothing"])),
            view::Shape::Users => one(USERS),
            view::Shape::There | view::Shape::Moved => {
                let doc = format!("{}; the first is 1.", row.doc.trim_end_matches('.'));
                vec![may(row.name, OCCURRENCES, doc.leak())]
            }
            view::Shape::Kind => one(ValueShape::Kind),
            view::Shape::Flag => one(ValueShape::Flag),
            view::Shape::Count => vec![may("present", ValueShape::Flag, "Whether it is there, once; by default true.")],
        }
    };
    Field::ALL.iter().map(|&field| (field, keys(field))).collect()
});

//! Operations on the wire: the rows of the operations, written with names and instants.
//!
//! What a step says of its operation is the name of the operation and what its parts come to. Which parts an operation has
//! is read from its row, by whoever writes it, reads it, or makes the schema of it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value, json};
use tombstone_model::ids::{ItemId, ItemSet, UserId};
use tombstone_model::plan::{self, Deletion, Kind, Part, PartKind, PartRow, Side, Source, Verb};
use tombstone_model::time::Seconds;
use tombstone_model::view::{Field, Sides};

use super::dictionary::Dictionary;
use super::parts::{CrashPoint, DeletionWord, EditChange, parse_title, title};
use super::words::KindWord;

/// The name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerbWord(pub Verb);

impl VerbWord {
    /// The operations that a program is told to do. What the runner takes apart is none.
    fn all() -> impl Iterator<Item = Verb> {
        Verb::ALL.iter().copied().filter(|&verb| verb != Verb::Settle)
    }
}

impl Serialize for VerbWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for VerbWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Self::all().find(|verb| verb.name() == name).map(Self).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(Verb::name).collect();
            de::Error::custom(format!("unknown operation `{name}`; known are {}", known.join(", ")))
        })
    }
}

/// What is done in a step: the operation, and what its parts come to. Where it acts on a store and has no `mailbox`, it is
/// done in CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireOp {
    /// The operation.
    pub op: VerbWord,
    /// The item that is acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The items that are acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<String>>,
    /// Whose mailbox is acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// What an edit changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<EditChange>,
    /// How a whole item is deleted in Outlook, where it is not for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<DeletionWord>,
    /// The occurrence of a series that is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<u8>,
    /// As which record something is tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<KindWord>,
    /// The answer, should a prompt ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<bool>,
    /// The other item, or the user, that the operation speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Where inside a synchronization the computer crashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crash: Option<CrashPoint>,
    /// How much time passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Seconds>,
}

impl WireOp {
    /// An operation of which nothing is said yet.
    pub fn new(verb: Verb) -> Self {
        Self {
            op: VerbWord(verb),
            item: None,
            items: None,
            mailbox: None,
            change: None,
            how: None,
            occurrence: None,
            record: None,
            yes: None,
            to: None,
            crash: None,
            seconds: None,
        }
    }

    /// An operation on an item, or on a selection of one, in a mailbox or in CRM.
    pub fn on(verb: Verb, item: String, mailbox: Option<String>) -> Self {
        let op = Self { mailbox, ..Self::new(verb) };
        if verb.has(PartKind::Items) { Self { items: Some(vec![item]), ..op } } else { Self { item: Some(item), ..op } }
    }

    /// What the plan's operation says; none for what the runner takes apart.
    pub(crate) fn told(dictionary: &Dictionary, op: plan::Op) -> Option<Self> {
        let verb = op.verb();
        let mut this = Self::new(VerbWord::all().find(|&known| known == verb)?);
        let mut about = ItemId(0);
        op.each(|_, part| match part {
            Part::Item(item) => {
                about = item;
                this.item = Some(dictionary.item(item));
            }
            Part::Items(items) => this.items = Some(items.iter().map(|item| dictionary.item(item)).collect()),
            Part::Side(Side::Outlook(mailbox)) | Part::Mailbox(mailbox) => {
                this.mailbox = Some(dictionary.user(mailbox));
            }
            Part::Side(Side::Crm) => {}
            Part::Other(item) => this.to = Some(dictionary.item(item)),
            Part::User(user) => this.to = Some(dictionary.user(user)),
            Part::Change(plan::Change::Title(token)) => {
                this.change = Some(EditChange::Title(title(&dictionary.item(about), token)));
            }
            Part::Change(plan::Change::When(when)) => {
                this.change = Some(EditChange::Dates(dictionary.dates_of(about, when)));
            }
            Part::How(how) => {
                this.how = match how {
                    Deletion::Hard | Deletion::Occurrence(_) => None,
                    Deletion::Soft => Some(DeletionWord::Soft),
                    Deletion::Moved => Some(DeletionWord::Move),
                };
                this.occurrence = how.occurrence();
            }
            Part::Record(record) => this.record = record.map(KindWord),
            Part::Answer(yes) => this.yes = Some(yes),
            Part::Crash(crash) => {
                let point =
                    |crash: plan::Crash| CrashPoint { item: dictionary.item(crash.at), stage: crash.stage.into() };
                this.crash = crash.map(point);
            }
            Part::Seconds(seconds) => this.seconds = Some(seconds),
        });
        Some(this)
    }

    /// The plan's operation that is said.
    ///
    /// # Errors
    /// What is missing, or unknown to the plan.
    pub(crate) fn meant(&self, dictionary: &Dictionary) -> Result<plan::Op, String> {
        self.op.0.make(&mut Heard { op: self, dictionary })
    }
}

/// An operation that arrived, and the names of the plan.
struct Heard<'h> {
    op: &'h WireOp,
    dictionary: &'h Dictionary,
}

impl Heard<'_> {
    /// Something that must be said.
    fn said<'s, T>(&self, value: &'s Option<T>, key: &str) -> Result<&'s T, String> {
        value.as_ref().ok_or_else(|| format!("`{}` lacks `{key}`", self.op.op.0.name()))
    }
}

impl Source for Heard<'_> {
    type Error = String;

    fn item(&mut self, _: &'static PartRow) -> Result<ItemId, String> {
        Ok(self.dictionary.find_item(self.said(&self.op.item, "item")?)?)
    }

    fn items(&mut self, _: &'static PartRow) -> Result<ItemSet, String> {
        Ok(self.dictionary.find_items(self.said(&self.op.items, "items")?)?)
    }

    fn side(&mut self, _: &'static PartRow) -> Result<Side, String> {
        match &self.op.mailbox {
            Some(mailbox) => Ok(Side::Outlook(self.dictionary.find_user(mailbox)?)),
            None => Ok(Side::Crm),
        }
    }

    fn mailbox(&mut self, _: &'static PartRow) -> Result<UserId, String> {
        Ok(self.dictionary.find_user(self.said(&self.op.mailbox, "mailbox")?)?)
    }

    fn other(&mut self, _: &'static PartRow) -> Result<ItemId, String> {
        Ok(self.dictionary.find_item(self.said(&self.op.to, "to")?)?)
    }

    fn user(&mut self, _: &'static PartRow) -> Result<UserId, String> {
        Ok(self.dictionary.find_user(self.said(&self.op.to, "to")?)?)
    }

    fn change(&mut self, _: &'static PartRow) -> Result<plan::Change, String> {
        match self.said(&self.op.change, "change")? {
            EditChange::Title(text) => {
                let (_, token) = parse_title(text).ok_or_else(|| format!("`{text}` is no title"))?;
                Ok(plan::Change::Title(token))
            }
            EditChange::Dates(dates) => self.dictionary.index_of(dates).map(plan::Change::When),
        }
    }

    fn how(&mut self, _: &'static PartRow) -> Result<Deletion, String> {
        let whole = match self.op.how {
            None => Deletion::Hard,
            Some(DeletionWord::Soft) => Deletion::Soft,
            Some(DeletionWord::Move) => Deletion::Moved,
        };
        Ok(self.op.occurrence.map_or(whole, Deletion::Occurrence))
    }

    fn record(&mut self, _: &'static PartRow) -> Result<Option<Kind>, String> {
        Ok(self.op.record.map(|record| record.0))
    }

    fn answer(&mut self, _: &'static PartRow) -> Result<bool, String> {
        self.said(&self.op.yes, "yes").copied()
    }

    fn crash(&mut self, _: &'static PartRow) -> Result<Option<plan::Crash>, String> {
        let Some(CrashPoint { item, stage }) = &self.op.crash else { return Ok(None) };
        Ok(Some(plan::Crash { at: self.dictionary.find_item(item)?, stage: (*stage).into() }))
    }

    fn seconds(&mut self, _: &'static PartRow) -> Result<Seconds, String> {
        self.said(&self.op.seconds, "seconds").copied()
    }
}

impl JsonSchema for WireOp {
    fn schema_name() -> Cow<'static, str> {
        "Op".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let each: Vec<Value> = VerbWord::all().map(|verb| schema_of(verb, generator)).collect();
        let mut schema = Schema::default();
        schema.insert("oneOf".to_owned(), Value::Array(each));
        schema
    }
}

/// A key of a step that says a part of its operation.
struct PartKey {
    name: &'static str,
    required: bool,
    /// What it is, where its name and the operation do not say it.
    doc: &'static str,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

impl PartKey {
    fn of<T: JsonSchema>(name: &'static str, required: bool, doc: &'static str) -> Self {
        Self { name, required, doc, schema: SchemaGenerator::subschema_for::<T> }
    }
}

/// The keys that say a part of an operation.
fn keys(part: &'static PartRow) -> Vec<PartKey> {
    match part.kind {
        PartKind::Item => vec![PartKey::of::<String>("item", true, part.doc)],
        PartKind::Items => vec![PartKey::of::<Vec<String>>("items", true, part.doc)],
        PartKind::Side => vec![PartKey::of::<Option<String>>("mailbox", false, part.doc)],
        PartKind::Mailbox => vec![PartKey::of::<String>("mailbox", true, part.doc)],
        PartKind::Other | PartKind::User => vec![PartKey::of::<String>("to", true, part.doc)],
        PartKind::Change => {
            vec![PartKey::of::<EditChange>("change", true, "`{\"title\": text}` or `{\"dates\": dates}`.")]
        }
        PartKind::How => {
            let how = "`\"soft\"`, into Deleted Items, or `\"move\"`, to a folder that is not synchronized; left out, for good.";
            let occurrence = "One occurrence of a series, counted from 0.";
            vec![
                PartKey::of::<Option<DeletionWord>>("how", false, how),
                PartKey::of::<Option<u8>>("occurrence", false, occurrence),
            ]
        }
        PartKind::Record => vec![PartKey::of::<Option<KindWord>>("record", false, part.doc)],
        PartKind::Answer => {
            vec![PartKey::of::<bool>("yes", true, "The answer, should a prompt ask whether to delete the record too.")]
        }
        PartKind::Crash => {
            vec![PartKey::of::<Option<CrashPoint>>(
                "crash",
                false,
                "Where inside the synchronization the computer crashes.",
            )]
        }
        PartKind::Seconds => vec![PartKey::of::<Seconds>("seconds", true, part.doc)],
    }
}

/// The operations as a table in Markdown: what each is called, what is said of it, and what it does.
pub fn operations() -> String {
    let mut table = String::from("| `op` | fields | meaning |\n|---|---|---|\n");
    for verb in VerbWord::all() {
        let keys: Vec<PartKey> = verb.parts().iter().flat_map(keys).collect();
        let fields = keys.iter().map(|key| format!("`{}`{}", key.name, if key.required { "" } else { "?" }));
        let fields = fields.collect::<Vec<_>>().join(", ");
        let more: String =
            keys.iter().filter(|key| !key.doc.is_empty()).map(|key| format!(" `{}`: {}", key.name, key.doc)).collect();
        table.push_str(&format!("| `{}` | {fields} | {}{more} |\n", verb.name(), verb.doc()));
    }
    table
}

/// The fields of items as a table in Markdown: what each is called, what it says, and in which store it is seen.
pub fn fields() -> String {
    let mut table = String::from("| field | what `observe` shows of an item | seen in |\n|---|---|---|\n");
    for field in Field::ALL {
        let row = field.row();
        let seen = match row.sides {
            Sides::Both => "both stores",
            Sides::Outlook => "Outlook",
            Sides::Crm => "CRM",
        };
        table.push_str(&format!("| `{}` | {} | {seen} |\n", row.name, row.doc));
    }
    table
}

/// What one operation looks like.
fn schema_of(verb: Verb, generator: &mut SchemaGenerator) -> Value {
    let mut properties = Map::new();
    let mut required = vec!["op"];
    properties.insert("op".to_owned(), json!({ "const": verb.name(), "type": "string" }));
    for key in verb.parts().iter().flat_map(keys) {
        let mut schema = (key.schema)(generator);
        if !key.doc.is_empty() {
            schema.insert("description".to_owned(), key.doc.into());
        }
        properties.insert(key.name.to_owned(), schema.to_value());
        required.extend(key.required.then_some(key.name));
    }
    json!({ "type": "object", "description": verb.doc(), "properties": properties, "required": required })
}

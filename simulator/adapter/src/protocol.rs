//! The messages of the adapter protocol, as they stand on the wire.
//!
//! A line is one JSON object: a [`Request`] from the harness, or a [`Response`] from the adapter. `PROTOCOL.md` tells
//! the same story for people who write adapters.
//!
#![doc = include_str!("../PROTOCOL.md")]

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Value, json};

#[cfg(doc)]
use self::StepAnswer as Answer; // The schema calls it so, and what is written of it stands there too.
pub use super::entry::{StoreEntry, StoreWord};
pub use super::parts::{CrashPoint, Dates, DeletionWord, EditChange, address, parse_address, parse_title, title};
pub use super::wire::{VerbWord, WireOp, fields, operations};
use super::words::{ClockWord, FieldWord, FolderWord, KindWord, MethodWord, OperationWord, OptionWord, StatusWord};

/// The version of the protocol described here. It changes when an old adapter would misunderstand.
pub const PROTOCOL_VERSION: u32 = 1;

/// The longest distance between edits that is kept. The coarsest clock of a file system ticks every two seconds.
const LONGEST_EDIT_GAP_MS: u64 = 10_000;

/// What the harness asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// The envelope.
    pub jsonrpc: JsonRpc,
    /// Opaque: an adapter echoes it and reads nothing into it.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub call: Call,
}

/// The word `2.0`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum JsonRpc {
    /// JSON-RPC 2.0.
    #[default]
    #[serde(rename = "2.0")]
    Two,
}

/// A method and its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "method", content = "params", rename_all = "snake_case")]
pub enum Call {
    /// The first message: who are you, and what can you do? Answered by [`Introduction`].
    Initialize(Initialize),
    /// Throw everything away and start in this world. Answered by [`Answer`].
    Reset(Reset),
    /// Take these steps, in order. Answered by [`Applied`], with one answer a step.
    Apply(Apply),
    /// What is in the stores? Answered by [`Snapshot`].
    Observe(Observe),
    /// Synchronize until nothing changes. Answered by [`Answer`].
    Settle(Settle),
    /// Forget what the engine remembers, and touch no store. Answered by [`Answer`].
    LoseState(LoseState),
    /// Start a synchronization and kill the engine inside it. Answered by [`Answer`].
    Crash(CrashEngine),
    /// Do something to a whole store, behind the engine's back. Answered by [`Answer`].
    Strike(Strike),
    /// The last message: stop everything that was started, answer `null`, and exit.
    Shutdown(Shutdown),
}

impl Call {
    /// The name of the method.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Initialize(_) => "initialize",
            Self::Reset(_) => "reset",
            Self::Apply(_) => "apply",
            Self::Observe(_) => "observe",
            Self::Settle(_) => "settle",
            Self::LoseState(_) => "lose_state",
            Self::Crash(_) => "crash",
            Self::Strike(_) => "strike",
            Self::Shutdown(_) => "shutdown",
        }
    }
}

/// What the adapter answers: a result or an error, under the id of the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// The envelope.
    pub jsonrpc: JsonRpc,
    /// The id of the request, echoed.
    pub id: u64,
    /// The result that the method calls for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// Why a request as a whole could not be answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Error {
    /// A code of JSON-RPC; -32601 says that the adapter has no such method, and counts as `unsupported`.
    pub code: i64,
    /// What went wrong, for a person.
    pub message: String,
    /// Anything more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl Error {
    /// The code of JSON-RPC for a method that is not there.
    pub const NO_SUCH_METHOD: i64 = -32601;
    /// The code of JSON-RPC for a request that cannot be understood.
    pub const INVALID_REQUEST: i64 = -32600;
    /// The code of JSON-RPC for a failure inside the adapter.
    pub const INTERNAL: i64 = -32603;
}

/// The parameters of `initialize`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Initialize {
    /// The version of the protocol that the harness speaks.
    pub protocol: u32,
    /// The version of the harness.
    pub harness: String,
    /// How long the harness waits, in milliseconds.
    pub deadline_ms: u64,
}

/// The result of `initialize`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Introduction {
    /// The version of the protocol that the adapter speaks.
    pub protocol: u32,
    /// The name of the implementation behind the adapter.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it can do.
    pub capabilities: CapabilityMatrix,
}

/// What an implementation can do. Whatever is left out, it cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CapabilityMatrix {
    /// By kind of item: the operations on it and the fields that can be seen of it.
    pub kinds: BTreeMap<KindWord, KindRow>,
    /// The operations that concern no item, and what crosses all of them: `delegate`, `crash`, `web`.
    pub operations: Vec<OperationWord>,
    /// Control over the clock of the engine; `none` if left out.
    pub clock: Option<ClockWord>,
    /// Control over the clock of the stores; `none` if left out.
    pub store_clock: Option<ClockWord>,
    /// Whether it synchronizes when told to and at no other time.
    pub stepped: bool,
    /// Whether it knows owners other than the user who tracks, organizers, attendees.
    pub roles: bool,
    /// Whether it knows users who may not create records in CRM, or may not change them: `may_create` and `may_write`.
    pub rights: bool,
    /// Whether it knows several users.
    pub users: bool,
    /// Whether it knows several computers of one user.
    pub computers: bool,
    /// Whether `observe` also lists what each computer shows.
    pub caches: bool,
    /// Whether it says when a prompt appears.
    pub prompts: bool,
    /// What can be brought upon it from outside; such disasters are stages of a check.
    pub disasters: Vec<DisasterWord>,
    /// How far apart two edits must be for the engine to see both, in milliseconds. The harness keeps the distance.
    #[schemars(range(max = LONGEST_EDIT_GAP_MS))]
    pub min_edit_gap_ms: u64,
    /// The deadlines that it asks for; the harness grants whichever is longer, its own or this.
    pub deadlines: DeadlineWishes,
}

/// A disaster that an adapter can bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DisasterWord {
    /// The engine is killed inside a synchronization: the method `crash`.
    Kill,
    /// The engine forgets all it remembers: the method `lose_state`.
    LoseState,
    /// Outlook loses everything: the method `strike`.
    EmptyOutlook,
    /// CRM loses everything: the method `strike`.
    EmptyCrm,
    /// The engine is run while it cannot reach CRM: the method `strike`.
    UnreachableCrm,
}

/// What an implementation can do with one kind of item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KindRow {
    /// The operations on items of the kind.
    pub operations: Vec<OperationWord>,
    /// The fields that `observe` can show of it; the harness looks at no others.
    pub fields: Vec<FieldWord>,
}

/// How long an adapter would like to be given, in milliseconds a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeadlineWishes {
    /// For `reset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_ms: Option<u64>,
    /// For each step of `apply`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply_ms: Option<u64>,
    /// For `observe`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observe_ms: Option<u64>,
    /// For `settle`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle_ms: Option<u64>,
}

/// The parameters of `reset`: the whole starting world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reset {
    /// How long the harness waits, in milliseconds.
    pub deadline_ms: u64,
    /// The instant at which the plan starts, RFC 3339.
    pub now: String,
    /// The IANA name of the time zone in which a day begins.
    pub zone: String,
    /// The users.
    pub users: Vec<User>,
    /// The computers.
    pub computers: Vec<ComputerMessage>,
    /// The items: those that exist, and those that a step creates later.
    pub items: Vec<ItemMessage>,
    /// Every date that items have or are moved to. An adapter may ignore it.
    pub schedules: Vec<Dates>,
}

/// A user and what surrounds the user from the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The name by which steps call the user.
    pub name: String,
    /// The e-mail address.
    pub address: String,
    /// How the mailbox is synchronized.
    pub method: MethodWord,
    /// The users who may act in this user's mailbox.
    pub delegates: Vec<String>,
    /// Whether the user may create records in CRM; true where it is left out, and left out where it is true.
    #[serde(default = "allowed", skip_serializing_if = "is_allowed")]
    pub may_create: bool,
    /// Whether the user may change records in CRM, and whose they are; true where it is left out, and left out where it is
    /// true.
    #[serde(default = "allowed", skip_serializing_if = "is_allowed")]
    pub may_write: bool,
    /// Whether the user may delete records in CRM.
    pub may_delete: bool,
}

fn allowed() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_allowed(may: &bool) -> bool {
    *may
}

/// A computer. It starts connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Computer")]
pub struct ComputerMessage {
    /// The name by which steps call it.
    pub name: String,
    /// Whose it is.
    pub user: String,
    /// Whether it is its user's synchronizing computer at the start: exactly one of each user's computers is.
    pub synchronizing: bool,
}

/// An item at the start; or, with no `copies` and without `in_crm`, what a step will create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Item")]
pub struct ItemMessage {
    /// The name by which steps call it.
    pub name: String,
    /// What it is in Outlook.
    pub kind: KindWord,
    /// What its record in CRM is.
    pub record: KindWord,
    /// The text to write into the title, subject or full name: `NAME #0`.
    pub title: String,
    /// The e-mail address, for a contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The users whose mailbox holds a copy.
    pub copies: Vec<String>,
    /// Those of them whose copy is tracked.
    pub tracked: Vec<String>,
    /// Whether the record exists.
    pub in_crm: bool,
    /// The owner of the record.
    pub owner: String,
    /// Who organized it, if one of the users did.
    pub organizer: Option<String>,
    /// The required attendees.
    pub required: Vec<String>,
    /// The optional attendees.
    pub optional: Vec<String>,
    /// Open, completed or cancelled.
    pub status: StatusWord,
    /// When it takes place or is due.
    pub dates: Dates,
    /// The occurrences of a series that take place a day later than the pattern says, counted from 0.
    pub exceptions: Vec<u8>,
    /// The record it is regarding.
    pub regarding: Option<String>,
    /// The account or contact that it belongs to.
    pub parent: Option<String>,
    /// In which message store of Outlook it lies.
    pub folder: FolderWord,
    /// Whether a task was assigned to somebody.
    pub assigned: bool,
}

/// The parameters of `apply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Apply {
    /// How long the harness waits for all of them, in milliseconds.
    pub deadline_ms: u64,
    /// The steps, in order.
    pub steps: Vec<StepMessage>,
}

/// The result of `apply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// One answer a step, in the order of the steps.
    pub answers: Vec<StepAnswer>,
}

/// One thing that somebody does, or that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Step")]
pub struct StepMessage {
    /// Who acts.
    pub by: String,
    /// The computer at which; in a browser, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computer: Option<String>,
    /// What is done.
    #[serde(flatten)]
    pub op: WireOp,
}

/// The answer to a step: exactly one of four.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Answer")]
pub enum StepAnswer {
    /// It was done.
    Done {
        /// Whether the user was asked if the record should be deleted too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        prompted: bool,
        /// What the engine says that it did: a second witness, never the verdict.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<String>,
        /// How the run of the engine ended, where one was run. The harness reads nothing into `report`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<OutcomeWord>,
        /// The personal options that the dialog offered, each once, for `open-options` and for nothing else.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "each_once")]
        #[schemars(extend("uniqueItems" = true))]
        options: Option<Vec<OptionWord>>,
    },
    /// It was refused, as an impossible step should be; nothing has changed.
    Refused,
    /// There is no such operation, and nothing has changed.
    Unsupported {
        /// Why not.
        reason: String,
    },
    /// It went wrong.
    Failed {
        /// `true` if it is certain that nothing happened; `false` if it may have.
        definite: bool,
        /// What went wrong.
        message: String,
    },
}

fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<OptionWord>>, D::Error> {
    let options = Option::<Vec<OptionWord>>::deserialize(deserializer)?;
    let listed = options.as_deref().unwrap_or_default();
    match listed.iter().enumerate().find(|(n, option)| listed[..*n].contains(option)) {
        Some(_) => Err(de::Error::custom("an option is listed twice")),
        None => Ok(options),
    }
}

/// How a run of the engine ended: as the engine says, by its exit code for instance, not by what the stores hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeWord {
    /// It says that it synchronized.
    Success,
    /// It says that something went wrong.
    Failure,
    /// It would not synchronize, to protect what there is: a safety stop.
    RefusedToSynchronize,
    /// It was killed before it ended: what `crash` is for.
    Killed,
}

/// The parameters of `observe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observe {
    /// How long the harness waits, in milliseconds.
    pub deadline_ms: u64,
}

/// The result of `observe`: everything in every store. A list and not a map, since one item may have become two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The entries, in any order.
    pub entries: Vec<StoreEntry>,
}

/// The parameters of `settle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settle {
    /// How long the harness waits, in milliseconds.
    pub deadline_ms: u64,
    /// After how many cycles to give up and answer `failed`.
    pub most_cycles: u32,
}

/// The parameters of `lose_state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoseState {
    /// How long the harness waits, in milliseconds.
    pub deadline_ms: u64,
    /// The computer whose engine forgets; all of them, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computer: Option<String>,
}

/// The parameters of `crash`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrashEngine {
    /// How long the harness waits, in milliseconds.
    pub deadline_ms: u64,
    /// The computer whose engine dies; whichever synchronizes, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computer: Option<String>,
    /// How long after its start the engine is killed, in milliseconds. Having finished by then is no error: the `outcome`
    /// of the answer is `killed`, or how it finished.
    pub delay_ms: u64,
}

/// The parameters of `strike`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Strike {
    /// How long the harness waits, in milliseconds.
    pub deadline_ms: u64,
    /// What happens.
    pub blow: Blow,
}

/// What happens to a store as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blow {
    /// Everything that the engine synchronizes is gone from Outlook, untouched items included.
    EmptyOutlook,
    /// Everything that the engine synchronizes is gone from CRM, untouched records included.
    EmptyCrm,
    /// The engine can no longer reach CRM; its content stays, and `observe` shows it.
    CutCrm,
    /// The engine can reach CRM again.
    MendCrm,
}

/// The parameters of `shutdown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shutdown {
    /// How long the harness waits before it kills, in milliseconds.
    pub deadline_ms: u64,
}

/// The definition in [`protocol_schema`] that the result of a method obeys; none for `shutdown`, whose result is `null`.
pub const fn result_definition(call: &Call) -> Option<&'static str> {
    match call {
        Call::Initialize(_) => Some("Introduction"),
        Call::Reset(_) | Call::Settle(_) | Call::LoseState(_) | Call::Crash(_) | Call::Strike(_) => Some("Answer"),
        Call::Apply(_) => Some("Applied"),
        Call::Observe(_) => Some("Snapshot"),
        Call::Shutdown(_) => None,
    }
}

/// Says of a whole number from where to where it may be: what its format means, in words that every reader of schemas knows.
fn bound(schema: &mut Schema) {
    let (least, most): (Value, Value) = match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => (u8::MIN.into(), u8::MAX.into()),
        Some("uint32") => (u32::MIN.into(), u32::MAX.into()),
        Some("uint64") => (u64::MIN.into(), u64::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("int64") => (i64::MIN.into(), i64::MAX.into()),
        Some(_) | None => return,
    };
    for (key, bound) in [("minimum", least), ("maximum", most)] {
        if schema.get(key).is_none() {
            schema.insert(key.to_owned(), bound);
        }
    }
}

/// The JSON Schema of every line: a request or a response, and under `$defs` what each is made of. The results of the
/// methods are `Introduction`, `Answer`, `Applied` and `Snapshot`.
pub fn protocol_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(bound));
    let mut generator = SchemaGenerator::new(settings);
    let line = [generator.subschema_for::<Request>(), generator.subschema_for::<Response>()];
    generator.subschema_for::<Introduction>();
    generator.subschema_for::<StepAnswer>();
    generator.subschema_for::<Applied>();
    generator.subschema_for::<Snapshot>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of the Tombstone adapter protocol",
        "description": format!("Version {PROTOCOL_VERSION}: newline-delimited JSON-RPC 2.0 over standard input and output."),
        "oneOf": line,
        "$defs": generator.take_definitions(true),
    })
}

//! The words of the protocol: kinds, operations, fields and states, each written as the model names it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tombstone_model::contract::implementation::{Clock, Operation};
use tombstone_model::plan::{Kind, Method, Stage, Status, Store};
use tombstone_model::rules::PersonalOption;
use tombstone_model::view::Field;

/// Wraps an enum of the model that knows its own names, so that they are written down once.
macro_rules! named {
    ($(#[$doc:meta])* $wire:ident, $model:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $wire(pub $model);

        impl Serialize for $wire {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.name())
            }
        }

        impl<'de> Deserialize<'de> for $wire {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = Cow::<'de, str>::deserialize(deserializer)?;
                let found = $model::ALL.iter().copied().find(|value| value.name() == name);
                found.map(Self).ok_or_else(|| {
                    let known: Vec<_> = $model::ALL.iter().map(|value| value.name()).collect();
                    de::Error::custom(format!("unknown {} `{name}`; known are {}", $what, known.join(", ")))
                })
            }
        }

        impl JsonSchema for $wire {
            fn schema_name() -> Cow<'static, str> {
                stringify!($model).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let names: Vec<_> = $model::ALL.iter().map(|value| value.name()).collect();
                json_schema!({ "type": "string", "enum": names })
            }
        }
    };
}

named!(
    /// What an item is.
    KindWord, Kind, "kind"
);
named!(
    /// An operation as a capability.
    OperationWord, Operation, "operation"
);
named!(
    /// A field of an item that can be seen in a store.
    FieldWord, Field, "field"
);

named!(
    /// A personal option.
    OptionWord, PersonalOption, "option"
);

/// Mirrors an enum of the model that has no names of its own.
macro_rules! mirrored {
    ($(#[$doc:meta])* $wire:ident, $model:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        #[schemars(inline)]
        pub enum $wire { $($(#[$variant_doc])* $variant),+ }

        impl From<$model> for $wire {
            fn from(model: $model) -> Self {
                match model { $($model::$variant => Self::$variant),+ }
            }
        }

        impl From<$wire> for $model {
            fn from(wire: $wire) -> Self {
                match wire { $($wire::$variant => Self::$variant),+ }
            }
        }
    };
}

mirrored!(
    /// Where a record stands in its life.
    StatusWord, Status {
        /// Open.
        Open,
        /// Completed; for an e-mail, sent or received.
        Completed,
        /// Cancelled.
        Cancelled,
    }
);
mirrored!(
    /// How a user's mailbox and the CRM are kept in step.
    MethodWord, Method {
        /// By the Outlook client on the user's synchronizing computer.
        OutlookClient,
        /// By the server, which polls the mailbox.
        ServerSide,
    }
);
mirrored!(
    /// In which message store of Outlook an item lies.
    FolderWord, Store {
        /// The default folder of the Exchange mailbox.
        Exchange,
        /// The Outlook default message store, where that is not the Exchange mailbox.
        OutlookDefault,
        /// Anywhere else.
        Elsewhere,
    }
);
mirrored!(
    /// How far the synchronization of an item came before a crash.
    StageWord, Stage {
        /// All of it is done.
        Done,
        /// Nothing has been sent.
        BeforeUpload,
        /// The server has carried the change out; its acknowledgement has not arrived.
        BeforeAcknowledgement,
        /// The acknowledgement has arrived; the waiting change has not been erased locally.
        BeforeErase,
    }
);
mirrored!(
    /// Control over a clock.
    ClockWord, Clock {
        /// None.
        None,
        /// It can be set at `reset`, not later.
        PerStart,
        /// The step `wait` moves it.
        Live,
    }
);

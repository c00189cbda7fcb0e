//! One thing found in a store, as it stands on the wire. What can be said of it besides its title, its dates and its kind
//! follows from the rows of the fields: how a field is written depends on its shape alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tombstone_model::each_field;
use tombstone_model::ids::UserSet;
use tombstone_model::plan::Status;
use tombstone_model::view::{Field, Word};

use super::dictionary::{Dictionary, Unread, bits, occurrence_bits};
use super::parts::Dates;
use super::words::{KindWord, StatusWord};

/// The store an entry lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StoreWord {
    /// The CRM.
    Crm,
    /// A mailbox.
    Outlook,
}

/// What stands on the wire for a shape.
#[rustfmt::skip]
macro_rules! on_wire {
    (Status) => { Option<StatusWord> };
    (User) => { Option<String> };
    (SomeUser) => { Option<String> };
    (SomeItem) => { Option<String> };
    (Users) => { Vec<String> };
    (There) => { Option<Vec<u8>> };
    (Moved) => { Vec<u8> };
    (Flag) => { bool };
}

/// What the schema says of it besides what the field is.
#[rustfmt::skip]
macro_rules! more {
    (Status) => { "" };
    (User) => { "" };
    (SomeUser) => { "" };
    (SomeItem) => { "" };
    (Users) => { "" };
    (There) => { " Counted from 0; left out for whatever is no series." };
    (Moved) => { " Counted from 0." };
    (Flag) => { "" };
}

/// The bits that the wire says.
#[rustfmt::skip]
macro_rules! meant {
    (Status, $said:expr, $names:expr) => { $said.map_or(Status::Open, Into::into) as u8 };
    (User, $said:expr, $names:expr) => { meant!(SomeUser, $said, $names) };
    (SomeUser, $said:expr, $names:expr) => {
        match &$said { Some(name) => $names.find_user(name)?.0 + 1, None => 0 }
    };
    (SomeItem, $said:expr, $names:expr) => {
        match &$said { Some(name) => $names.find_item(name)?.0 + 1, None => 0 }
    };
    (Users, $said:expr, $names:expr) => { $names.find_users(&$said)?.0 };
    (There, $said:expr, $names:expr) => {
        match &$said { Some(numbers) => occurrence_bits(numbers)?, None => 1 }
    };
    (Moved, $said:expr, $names:expr) => { occurrence_bits(&$said)? };
    (Flag, $said:expr, $names:expr) => { u8::from($said) };
}

/// What the wire says of a field of a word; of a series or of something else.
#[rustfmt::skip]
macro_rules! told {
    (Status, $field:expr, $word:expr, $names:expr, $series:expr) => { Some($word.status().into()) };
    (User, $field:expr, $word:expr, $names:expr, $series:expr) => { $field.user($word).map(|user| $names.user(user)) };
    (SomeUser, $field:expr, $word:expr, $names:expr, $series:expr) => { told!(User, $field, $word, $names, $series) };
    (SomeItem, $field:expr, $word:expr, $names:expr, $series:expr) => { $field.item($word).map(|item| $names.item(item)) };
    (Users, $field:expr, $word:expr, $names:expr, $series:expr) => { $names.users(UserSet($field.of($word))) };
    (There, $field:expr, $word:expr, $names:expr, $series:expr) => { $series.then(|| bits($field.of($word))) };
    (Moved, $field:expr, $word:expr, $names:expr, $series:expr) => { bits($field.of($word)) };
    (Flag, $field:expr, $word:expr, $names:expr, $series:expr) => { $field.of($word) != 0 };
}

macro_rules! entry {
    // What an entry says in its own way: its title, its dates, its kind, and that there is one.
    (@ $rows:tt #[doc = $doc:literal] $variant:ident $name:ident, $get:ident $with:ident $width:literal, Title $sides:ident $crossing:ident $verbs:tt; $($rest:tt)*) => { entry! { @ $rows $($rest)* } };
    (@ $rows:tt #[doc = $doc:literal] $variant:ident $name:ident, $get:ident $with:ident $width:literal, When $sides:ident $crossing:ident $verbs:tt; $($rest:tt)*) => { entry! { @ $rows $($rest)* } };
    (@ $rows:tt #[doc = $doc:literal] $variant:ident $name:ident, $get:ident $with:ident $width:literal, Kind $sides:ident $crossing:ident $verbs:tt; $($rest:tt)*) => { entry! { @ $rows $($rest)* } };
    (@ $rows:tt #[doc = $doc:literal] $variant:ident $name:ident, $get:ident $with:ident $width:literal, Count $sides:ident $crossing:ident $verbs:tt; $($rest:tt)*) => { entry! { @ $rows $($rest)* } };
    (@ [$($rows:tt)*] #[doc = $doc:literal] $variant:ident $name:ident, $get:ident $with:ident $width:literal, $shape:ident $sides:ident $crossing:ident $verbs:tt; $($rest:tt)*) => {
        entry! { @ [$($rows)* $doc $variant $name $shape;] $($rest)* }
    };
    (@ [$($doc:literal $variant:ident $name:ident $shape:ident;)*]) => {
        /// One thing found in a store. A field that cannot be seen is left out.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[schemars(rename = "Entry")]
        pub struct StoreEntry {
            /// The store.
            pub store: StoreWord,
            /// Whose mailbox, in Outlook.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub mailbox: Option<String>,
            /// The computer that shows the mailbox so; the mailbox on the server, if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub computer: Option<String>,
            /// What it is in this store.
            pub kind: KindWord,
            /// Which item it is. Left out or `null`, the harness reads that from the title, then from the address; an entry
            /// that says it in neither is an unknown copy.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub item: Option<String>,
            /// The id that the store gave it. Only shown, never compared.
            pub id: String,
            /// The title, subject or full name, as it stands in the store.
            pub title: String,
            /// The e-mail address of a contact.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub address: Option<String>,
            /// When it takes place or is due.
            #[serde(default)]
            pub dates: Dates,
            $(
                #[doc = $doc]
                #[schemars(description = concat!($doc, more!($shape)).trim_ascii())]
                #[serde(default, skip_serializing_if = "is_default")]
                pub $name: on_wire!($shape),
            )*
            /// The item as the store has it, for the trace. Only shown, never compared.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub raw: Option<String>,
        }

        impl StoreEntry {
            /// An entry of this kind that says these fields of a series, or of something else; where it lies, its title and its
            /// dates are left to say.
            pub(crate) fn told(names: &Dictionary, kind: KindWord, word: Word, series: bool) -> Self {
                Self {
                    store: StoreWord::Crm,
                    mailbox: None,
                    computer: None,
                    kind,
                    item: None,
                    id: String::new(),
                    title: String::new(),
                    address: None,
                    dates: Dates::default(),
                    $($name: told!($shape, Field::$variant, word, names, series),)*
                    raw: None,
                }
            }

            /// What it says besides its title, its dates and its kind.
            ///
            /// # Errors
            /// What it names that the plan does not know, and in which field.
            pub(crate) fn meant(&self, names: &Dictionary) -> Result<Word, (&'static str, Unread)> {
                let mut word = Word::ABSENT;
                $(
                    let meant = || -> Result<u8, Unread> { Ok(meant!($shape, self.$name, names)) };
                    word = Field::$variant.put(word, meant().map_err(|unread| (stringify!($name), unread))?);
                )*
                Ok(word)
            }
        }
    };
    ($($rows:tt)*) => { entry! { @ [] $($rows)* } };
}
each_field!(entry);

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

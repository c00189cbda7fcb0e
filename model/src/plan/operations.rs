//! Operations, declared once: each is a row of `operations!`, and whatever reads, writes, draws, enumerates, renumbers,
//! tells or documents operations goes over the rows and their parts.
//!
//! Adding an operation is adding a row here, its meaning in the reference, an act in the engines and a scenario. Adding a
//! *kind of part* is adding a row to `parts!`; the compiler then names each reader and each writer.
//!
//! The form is that of `wasmparser`, where one macro lists every operator and all other places are derived from it.

use crate::ids::{ComputerId, ItemId, ItemSet, UserId};
use crate::time::Seconds;

use super::Kind;
use crate::titles::{DELETING, OPTIONS, SAVING, TRACKING};

/// Where somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a browser: Outlook on the web, or the CRM web client.
    Web,
    /// At a computer.
    Computer(ComputerId),
}

/// The store somebody acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The mailbox of a user; of another than the one who acts, as a delegate.
    Outlook(UserId),
    /// The CRM.
    Crm,
}

/// What an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The title, to a token that no other edit of the plan writes (0 is what an item starts with).
    Title(u8),
    /// When it takes place or is due: an index into [`super::Setup::schedules`].
    When(u8),
}

/// How something is deleted. Outlook knows three ways to delete an item. The documents speak of deleting and do not tell
/// them apart, so that each of them has the outcome of the row; an engine may tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// The whole item, for good.
    Hard,
    /// The whole item, into Deleted Items; in Outlook only.
    Soft,
    /// The whole item, by moving it to a folder that is not synchronized; in Outlook only.
    Moved,
    /// One occurrence of a series.
    Occurrence(u8),
}

impl Deletion {
    /// The ways to delete a whole item in Outlook.
    pub const WHOLE: [Self; 3] = [Self::Hard, Self::Soft, Self::Moved];

    /// The occurrence that is deleted, where it is not the whole item.
    #[inline]
    pub fn occurrence(self) -> Option<u8> {
        match self {
            Self::Occurrence(n) => Some(n),
            Self::Hard | Self::Soft | Self::Moved => None,
        }
    }

    /// Whether CRM can delete so: it knows of no Deleted Items, and of no folders.
    #[inline]
    pub fn suits_crm(self) -> bool {
        match self {
            Self::Hard | Self::Occurrence(_) => true,
            Self::Soft | Self::Moved => false,
        }
    }

    /// The word of scenarios and of the adapter protocol; an occurrence has none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Hard => Some("hard"),
            Self::Soft => Some("soft"),
            Self::Moved => Some("move"),
            Self::Occurrence(_) => None,
        }
    }

    /// The way of that name to delete a whole item.
    pub fn named(name: &str) -> Option<Self> {
        Self::WHOLE.into_iter().find(|how| how.name() == Some(name))
    }
}

/// A point inside a synchronization at which the computer crashes. Items are handled in order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crash {
    /// The item at which it happens: those before it are done, those after it untouched.
    pub at: ItemId,
    /// How far that item came.
    pub stage: Stage,
}

/// How far the synchronization of one item came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// All of it is done.
    Done,
    /// Nothing has been sent.
    BeforeUpload,
    /// The server has carried the change out; its acknowledgement has not arrived.
    BeforeAcknowledgement,
    /// The acknowledgement has arrived; the waiting change has not been erased locally.
    BeforeErase,
}

impl Stage {
    /// Every stage, in the order in which [`crate::decide::Decide::pick`] numbers them.
    pub const ALL: [Self; 4] = [Self::Done, Self::BeforeUpload, Self::BeforeAcknowledgement, Self::BeforeErase];

    /// The word of scenarios and of the adapter protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::BeforeUpload => "before-upload",
            Self::BeforeAcknowledgement => "before-acknowledgement",
            Self::BeforeErase => "before-erase",
        }
    }

    /// The stage of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// Where an operation is done, and so who can do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acts {
    /// On either store; the operation has a [`Part::Side`].
    Store,
    /// In a mailbox; the operation has a [`Part::Mailbox`].
    Outlook,
    /// In CRM.
    Crm,
    /// At a computer, on the computer.
    Computer,
    /// By the server.
    Server,
    /// By nobody: it happens.
    World,
}

/// What an operation brings about, as far as others need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It makes copies, records or the links between them, or ends them.
    Links,
    /// It changes what is there.
    Changes,
    /// It changes how a computer stands to the servers.
    Connects,
    /// It synchronizes.
    Synchronizes,
    /// None of these.
    Nothing,
}

/// On which items an operation works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// On those that it names, or on none.
    Named,
    /// On all of them.
    All,
}

/// The statement by which an operation can be done at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The facts and what they say, in our own words.
    pub text: &'static str,
    /// The title of the document.
    pub document: &'static str,
}

/// A part of an operation, as its row declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// The name of the field of [`Op`].
    pub name: &'static str,
    /// Of what kind it is.
    pub kind: PartKind,
    /// What it is, where its kind does not say all.
    pub doc: &'static str,
}

/// Lists the kinds of parts.
macro_rules! parts {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:ident: $type:ty;)+) => {
        /// A kind of part that an operation can have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PartKind { $($(#[doc = $doc])+ $variant),+ }

        /// A part of an operation, told to whoever wants to know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part { $($(#[doc = $doc])+ $variant($type)),+ }

        /// Gives the parts of an operation, in the order of its row: what [`Verb::make`] asks.
        pub trait Source {
            /// Why a part could not be given.
            type Error;
            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Where there is no such part.
                fn $name(&mut self, part: &'static PartRow) -> Result<$type, Self::Error>;
            )+
        }

        /// From a value to a part, by the kind's name.
        mod wrap {
            use super::*;
            $(#[inline(always)] pub(super) fn $name(value: $type) -> Part { Part::$variant(value) })+
        }

        /// From a part to a value, by the kind's name; another kind of part leaves the old value.
        mod unwrap {
            use super::*;
            $(
                #[inline(always)]
                pub(super) fn $name(part: Part, old: $type) -> $type {
                    if let Part::$variant(value) = part { value } else { old }
                }
            )+
        }

        /// From the name of a kind to the kind.
        #[expect(non_upper_case_globals, reason = "the kinds of parts are written in lower case in the rows")]
        mod kind {
            use super::PartKind;
            $(pub(super) const $name: PartKind = PartKind::$variant;)+
        }
    };
}

parts! {
    /// The item that is acted on.
    Item item: ItemId;
    /// The items that are acted on.
    Items items: ItemSet;
    /// The store that is acted on.
    Side side: Side;
    /// The mailbox that is acted on.
    Mailbox mailbox: UserId;
    /// Another item, or a record, that the operation speaks of.
    Other other: ItemId;
    /// A user that the operation speaks of.
    User user: UserId;
    /// What an edit changes.
    Change change: Change;
    /// How it is deleted.
    How how: Deletion;
    /// What the record is to be; nothing where that is plain.
    Record record: Option<Kind>;
    /// The answer, should the user be asked: Yes or No.
    Answer answer: bool;
    /// Where inside the synchronization the computer crashes, if it does.
    Crash crash: Option<Crash>;
    /// How long it takes.
    Seconds seconds: Seconds;
}

/// Lists the operations: what each does, its variant, its name in scenarios and in the adapter protocol, where it is done,
/// what it brings about, on which items; its parts with their types and kinds; its sentence; the statement it rests on.
macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident $name:literal $acts:ident $effect:ident $reach:ident
        $({ $($(#[doc = $part_doc:literal])* $part:ident: $type:ty = $kind:ident),+ })?
        $sentence:literal
        $text:literal $document:expr;
    )+) => {
        /// What is done in a step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the fields say what the operation is applied to, in the words of their types")]
        pub enum Op { $($(#[doc = $doc])+ $variant $({ $($part: $type),+ })?),+ }

        /// An operation without its parts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Verb { $($(#[doc = $doc])+ $variant),+ }

        impl Verb {
            /// Every operation, in the order of the rows.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in scenarios and in the adapter protocol.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it does, in one sentence.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii_start()),+ }
            }

            /// Where it is done.
            #[inline(always)]
            pub const fn acts(self) -> Acts {
                match self { $(Self::$variant => Acts::$acts),+ }
            }

            /// What it brings about.
            #[inline(always)]
            pub const fn effect(self) -> Effect {
                match self { $(Self::$variant => Effect::$effect),+ }
            }

            /// On which items it works.
            #[inline(always)]
            pub const fn reach(self) -> Reach {
                match self { $(Self::$variant => Reach::$reach),+ }
            }

            /// Its parts.
            pub const fn parts(self) -> &'static [PartRow] {
                match self {
                    $(Self::$variant => {
                        const PARTS: &[PartRow] = &[$($(
                            PartRow { name: stringify!($part), kind: kind::$kind, doc: concat!($($part_doc),*).trim_ascii_start() }
                        ),+)?];
                        PARTS
                    }),+
                }
            }

            /// Its sentence: `{by}`, `{at}`, and the names of its parts stand for what is said of them.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence),+ }
            }

            /// The statement by which it can be done at all.
            pub const fn ground(self) -> Ground {
                match self { $(Self::$variant => Ground { text: $text, document: $document }),+ }
            }

            /// Makes the operation from the parts that the source gives.
            ///
            /// # Errors
            /// The first that the source gives.
            #[inline]
            pub fn make<S: Source>(self, source: &mut S) -> Result<Op, S::Error> {
                // Where an operation has no parts, nothing is asked.
                let _ = &source;
                Ok(match self {
                    $(Self::$variant => Op::$variant $({
                        $($part: {
                            const PART: &PartRow =
                                &PartRow { name: stringify!($part), kind: kind::$kind, doc: concat!($($part_doc),*).trim_ascii_start() };
                            source.$kind(PART)?
                        }),+
                    })?),+
                })
            }
        }

        impl Op {
            /// The operation without its parts.
            #[inline(always)]
            pub const fn verb(&self) -> Verb {
                match self { $(Self::$variant { .. } => Verb::$variant),+ }
            }

            /// Tells each part, in the order of the row, with the name of its field.
            #[inline(always)]
            pub fn each(&self, mut sink: impl FnMut(&'static str, Part)) {
                let _ = &mut sink;
                match *self {
                    $(Self::$variant $({ $($part),+ })? => { $($(sink(stringify!($part), wrap::$kind($part));)+)? })+
                }
            }

            /// The operation with each part put in place of what it was.
            ///
            /// # Errors
            /// The first that is given in place of a part.
            #[inline]
            pub fn rewritten<E>(self, mut change: impl FnMut(Part) -> Result<Part, E>) -> Result<Self, E> {
                let _ = &mut change;
                Ok(match self {
                    $(Self::$variant $({ $($part),+ })? => Self::$variant $({
                        $($part: unwrap::$kind(change(wrap::$kind($part))?, $part)),+
                    })?),+
                })
            }
        }
    };
}

operations! {
    /// Creates an item that exists nowhere yet.
    Create "create" Store Links Named { item: ItemId = item, side: Side = side }
        "{by} creates {item} {side}{at}"
        "F001: an item that is nowhere yet can be made on either side" DELETING;
    /// Changes the title, or when it takes place or is due.
    Edit "edit" Store Changes Named { item: ItemId = item, side: Side = side, change: Change = change }
        "{by} {change} {side}{at}"
        "F008: what is not closed can be changed on either side" TRACKING;
    /// Deletes an item, or one occurrence of a series.
    Delete "delete" Store Links Named { item: ItemId = item, side: Side = side, how: Deletion = how }
        "{by} {deletes} {item} {side}{at}{away}"
        "F050 to F062: an item can be deleted on either side" DELETING;
    /// Tracks one item or several, as the record kind given or as what they are.
    Track "track" Outlook Links Named { items: ItemSet = items, mailbox: UserId = mailbox, record: Option<Kind> = record }
        "{by} tracks {items}{record} {mailbox}{at}"
        "F001, F014: an item can be tracked, and up to twenty of one kind together" DELETING;
    /// Stops tracking one item or several.
    Untrack "untrack" Outlook Links Named { items: ItemSet = items, mailbox: UserId = mailbox, yes: bool = answer }
        "{by} untracks {items} {mailbox}{at}, answering {yes} if asked"
        "F030, F038: what is tracked can be untracked" DELETING;
    /// Sets the record that items are regarding.
    SetRegarding "set-regarding" Store Links Named {
        items: ItemSet = items,
        side: Side = side,
        /// The record.
        to: ItemId = other
    }
        "{by} sets {items} regarding {to} {side}{at}"
        "F018, F019: regarding and parent can be set, which tracks an untracked item" SAVING;
    /// Sets the account or contact that a contact belongs to.
    SetParent "set-parent" Store Links Named {
        item: ItemId = item,
        side: Side = side,
        /// The account or contact.
        to: ItemId = other
    }
        "{by} sets the parent of {item} to {to} {side}{at}"
        "F018, F019: regarding and parent can be set, which tracks an untracked item" SAVING;
    /// Completes an activity.
    Complete "complete" Store Changes Named { item: ItemId = item, side: Side = side }
        "{by} completes {item} {side}{at}"
        "F008: what is not closed can be changed on either side" TRACKING;
    /// Cancels an activity in CRM.
    Cancel "cancel" Crm Changes Named { item: ItemId = item }
        "{by} cancels {item} in CRM{at}"
        "F008: what is not closed can be changed on either side" TRACKING;
    /// Gives a record another owner.
    Assign "assign" Crm Links Named {
        item: ItemId = item,
        /// The new owner.
        to: UserId = user
    }
        "{by} assigns {item} to {to}{at}"
        "F008: what is not closed can be changed on either side" TRACKING;
    /// Gives an appointment another organizer, in CRM.
    ChangeOrganizer "change-organizer" Crm Links Named {
        item: ItemId = item,
        /// The new organizer.
        to: UserId = user
    }
        "{by} makes {to} the organizer of {item}{at}"
        "F008: what is not closed can be changed on either side" TRACKING;
    /// Connects a computer to the servers.
    Connect "connect" Computer Connects All
        "{by} connects{at}"
        "F110: any computer of the user may connect and synchronize" TRACKING;
    /// Cuts a computer off from the servers.
    Disconnect "disconnect" Computer Connects All
        "{by} loses the connection{at}"
        "F110: any computer of the user may connect and synchronize" TRACKING;
    /// Takes the CRM client offline.
    GoOffline "go-offline" Computer Connects All { crash: Option<Crash> = crash }
        "{by} goes offline{at}{crash}"
        "F124: the client can be taken offline and back" TRACKING;
    /// Brings the CRM client online again.
    GoOnline "go-online" Computer Connects All { crash: Option<Crash> = crash }
        "{by} goes online{at}{crash}"
        "F124: the client can be taken offline and back" TRACKING;
    /// Synchronizes the mailbox of the computer's user, if this is the synchronizing computer.
    Synchronize "synchronize" Computer Synchronizes All { crash: Option<Crash> = crash }
        "{by} synchronizes{at}{crash}"
        "F110: any computer of the user may connect and synchronize" TRACKING;
    /// Lets the server synchronize a mailbox once.
    ServerSynchronize "server-synchronize" Server Synchronizes All {
        mailbox: UserId = mailbox,
        crash: Option<Crash> = crash
    }
        "the server synchronizes {whose} mailbox{crash}"
        "F041: the server synchronizes where that is the method" DELETING;
    /// Makes this the user's synchronizing computer.
    ChooseSynchronizingComputer "choose-synchronizing-computer" Computer Nothing Named
        "{by} chooses the synchronizing computer{at}"
        "F112: another computer can be chosen" OPTIONS;
    /// Starts Outlook again after a crash.
    Restart "restart" Computer Connects Named
        "{by} restarts Outlook{at}"
        "a convention of the harness: this can always be done" DELETING;
    /// Lets time pass.
    Wait "wait" World Nothing Named { seconds: Seconds = seconds }
        "{seconds} pass"
        "a convention of the harness: this can always be done" DELETING;
    /// Synchronizes everything that can be, again and again, until nothing changes.
    Settle "settle" World Nothing All
        "everything synchronizes to rest"
        "a convention of the harness: this can always be done" DELETING;
}

impl Verb {
    /// The operation of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.name() == name)
    }

    /// Whether it has a part of this kind.
    pub fn has(self, kind: PartKind) -> bool {
        self.parts().iter().any(|part| part.kind == kind)
    }
}

impl Op {
    /// The crash inside the synchronization, if there is one.
    #[inline]
    pub fn crash(&self) -> Option<Crash> {
        let mut crash = None;
        self.each(|_, part| {
            if let Part::Crash(point) = part {
                crash = point;
            }
        });
        crash
    }

    /// The side that the operation acts on, where somebody acts on one.
    #[inline]
    pub fn side(&self) -> Option<Side> {
        let mut side = None;
        self.each(|_, part| {
            if let Part::Side(on) = part {
                side = Some(on);
            } else if let Part::Mailbox(mailbox) = part {
                side = Some(Side::Outlook(mailbox));
            }
        });
        match self.verb().acts() {
            Acts::Store | Acts::Outlook => side,
            Acts::Crm => Some(Side::Crm),
            Acts::Computer | Acts::Server | Acts::World => None,
        }
    }

    /// The items that the operation is done to; `None` where it concerns all of them.
    #[inline]
    pub fn items(&self) -> Option<ItemSet> {
        let mut items = ItemSet::EMPTY;
        self.each(|_, part| {
            if let Part::Item(item) = part {
                items = items.with(item);
            } else if let Part::Items(selection) = part {
                items = selection;
            }
        });
        match self.verb().reach() {
            Reach::Named => Some(items),
            Reach::All => None,
        }
    }

    /// The other item that the operation speaks of.
    #[inline]
    pub fn other(&self) -> Option<ItemId> {
        let mut other = None;
        self.each(|_, part| {
            if let Part::Other(to) = part {
                other = Some(to);
            }
        });
        other
    }

    /// The operation with other numbers for every item that it names.
    #[must_use]
    pub fn with_items(self, mut number: impl FnMut(ItemId) -> ItemId) -> Self {
        self.with_parts(|part| match part {
            Part::Item(item) => Part::Item(number(item)),
            Part::Items(items) => Part::Items(items.iter().map(&mut number).collect()),
            Part::Other(item) => Part::Other(number(item)),
            Part::Crash(crash) => Part::Crash(crash.map(|crash| Crash { at: number(crash.at), ..crash })),
            Part::Side(_)
            | Part::Mailbox(_)
            | Part::User(_)
            | Part::Change(_)
            | Part::How(_)
            | Part::Record(_)
            | Part::Answer(_)
            | Part::Seconds(_) => part,
        })
    }

    /// The operation with other numbers for every user that it names.
    #[must_use]
    pub fn with_users(self, mut number: impl FnMut(UserId) -> UserId) -> Self {
        self.with_parts(|part| match part {
            Part::Side(Side::Outlook(mailbox)) => Part::Side(Side::Outlook(number(mailbox))),
            Part::Mailbox(mailbox) => Part::Mailbox(number(mailbox)),
            Part::User(user) => Part::User(number(user)),
            Part::Item(_)
            | Part::Items(_)
            | Part::Side(Side::Crm)
            | Part::Other(_)
            | Part::Change(_)
            | Part::How(_)
            | Part::Record(_)
            | Part::Answer(_)
            | Part::Crash(_)
            | Part::Seconds(_) => part,
        })
    }

    /// The operation with this crash inside it, or with none; as it is, where none can be.
    #[must_use]
    pub fn with_crash(self, crash: Option<Crash>) -> Self {
        self.with_parts(|part| if let Part::Crash(_) = part { Part::Crash(crash) } else { part })
    }

    /// The operation with each part put in place of what it was.
    #[must_use]
    pub fn with_parts(self, mut change: impl FnMut(Part) -> Part) -> Self {
        let changed: Result<Self, std::convert::Infallible> = self.rewritten(|part| Ok(change(part)));
        changed.unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::titles::DOCUMENTS;

    /// Gives each part the same value every time, and remembers which were asked.
    #[derive(Default)]
    struct Plain(Vec<&'static str>);

    impl Source for Plain {
        type Error = std::convert::Infallible;

        fn item(&mut self, part: &'static PartRow) -> Result<ItemId, Self::Error> {
            self.0.push(part.name);
            Ok(ItemId(1))
        }

        fn items(&mut self, part: &'static PartRow) -> Result<ItemSet, Self::Error> {
            self.0.push(part.name);
            Ok(ItemSet::of(ItemId(1)).with(ItemId(2)))
        }

        fn side(&mut self, part: &'static PartRow) -> Result<Side, Self::Error> {
            self.0.push(part.name);
            Ok(Side::Outlook(UserId(1)))
        }

        fn mailbox(&mut self, part: &'static PartRow) -> Result<UserId, Self::Error> {
            self.0.push(part.name);
            Ok(UserId(1))
        }

        fn other(&mut self, part: &'static PartRow) -> Result<ItemId, Self::Error> {
            self.0.push(part.name);
            Ok(ItemId(2))
        }

        fn user(&mut self, part: &'static PartRow) -> Result<UserId, Self::Error> {
            self.0.push(part.name);
            Ok(UserId(2))
        }

        fn change(&mut self, part: &'static PartRow) -> Result<Change, Self::Error> {
            self.0.push(part.name);
            Ok(Change::Title(1))
        }

        fn how(&mut self, part: &'static PartRow) -> Result<Deletion, Self::Error> {
            self.0.push(part.name);
            Ok(Deletion::Occurrence(1))
        }

        fn record(&mut self, part: &'static PartRow) -> Result<Option<Kind>, Self::Error> {
            self.0.push(part.name);
            Ok(Some(Kind::Letter))
        }

        fn answer(&mut self, part: &'static PartRow) -> Result<bool, Self::Error> {
            self.0.push(part.name);
            Ok(true)
        }

        fn crash(&mut self, part: &'static PartRow) -> Result<Option<Crash>, Self::Error> {
            self.0.push(part.name);
            Ok(Some(Crash { at: ItemId(1), stage: Stage::BeforeErase }))
        }

        fn seconds(&mut self, part: &'static PartRow) -> Result<Seconds, Self::Error> {
            self.0.push(part.name);
            Ok(60)
        }
    }

    fn plain() -> impl Iterator<Item = (Verb, Op, Vec<&'static str>)> {
        Verb::ALL.iter().map(|&verb| {
            let mut source = Plain::default();
            let Ok(op) = verb.make(&mut source);
            (verb, op, source.0)
        })
    }

    #[test]
    fn what_is_made_of_parts_tells_the_same_parts() {
        for (verb, op, asked) in plain() {
            let mut told = Vec::new();
            op.each(|name, _| told.push(name));
            let declared: Vec<&str> = verb.parts().iter().map(|part| part.name).collect();
            assert_eq!((op.verb(), &told, &told), (verb, &asked, &declared));
            assert_eq!(op.with_parts(|part| part), op);
        }
    }

    #[test]
    fn every_item_and_every_user_is_renumbered_and_nothing_else() {
        for (_, op, _) in plain() {
            let parts = |op: Op| {
                let mut parts = Vec::new();
                op.each(|_, part| parts.push(part));
                parts
            };
            for (was, now) in parts(op).into_iter().zip(parts(op.with_items(|id| ItemId(id.0 + 5)))) {
                let names_items = matches!(was, Part::Item(_) | Part::Items(_) | Part::Other(_) | Part::Crash(_));
                assert_eq!(was != now, names_items, "{was:?} of {op:?}");
            }
            for (was, now) in parts(op).into_iter().zip(parts(op.with_users(|id| UserId(id.0 + 1)))) {
                let names_users = matches!(was, Part::Side(_) | Part::Mailbox(_) | Part::User(_));
                assert_eq!(was != now, names_users, "{was:?} of {op:?}");
            }
        }
    }

    #[test]
    fn names_are_unique_and_found_again() {
        for &verb in Verb::ALL {
            assert_eq!(Verb::named(verb.name()), Some(verb));
            assert!(verb.doc().ends_with('.') && DOCUMENTS.contains(&verb.ground().document), "{verb:?}");
        }
    }

    #[test]
    fn an_operation_on_a_store_says_which() {
        for (verb, op, _) in plain() {
            let on = match verb.acts() {
                Acts::Store | Acts::Outlook => Some(Side::Outlook(UserId(1))),
                Acts::Crm => Some(Side::Crm),
                Acts::Computer | Acts::Server | Acts::World => None,
            };
            assert_eq!((op.side(), verb.has(PartKind::Side)), (on, verb.acts() == Acts::Store), "{verb:?}");
        }
    }
}

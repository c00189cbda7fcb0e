//! Operations, declared once: each is a row of `operations!`, and whatever reads, writes, draws, enumerates, renumbers,
//! claims, tries, tells or documents operations goes over the rows and their parts.
//!
//! Adding an operation is adding a row here, its meaning in the reference, an act in the engines and a scenario. Adding a
//! *kind of part* is adding a row to `parts!`; the compiler then names each reader and each writer.
//!
//! The form is that of `wasmparser`, where one macro lists every operator and all other places are derived from it.

use crate::ids::{ItemId, ItemSet, UserId};
use crate::rules::titles::{DELETING, OPTIONS, SAVING, TRACKING};
use crate::time::Seconds;

use super::about::{Acts, Effect, Fixed, Ground, Reach, Tried};
use super::parts::{
    Change, Crash, Deletion, Odometer, Part, PartKind, PartRow, PartValues, Side, Source, kind, unwrap, wrap,
};
use super::{Kind, KindSet};

/// A way in which an operation is drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The name in reports.
    pub name: &'static str,
    /// The operation.
    pub verb: Verb,
    fixed: u16,
}

impl Draw {
    /// The name in words: `delete in CRM`.
    pub fn in_words(&self) -> String {
        let mut words = String::new();
        for c in self.name.chars() {
            if c.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
        }
        words
    }

    /// Whether it fixes this.
    #[inline(always)]
    pub const fn fixes(&self, fixed: Fixed) -> bool {
        self.fixed >> fixed as u8 & 1 != 0
    }
}

/// The kinds that a capability suits: all, where its row does not say.
macro_rules! suited {
    () => {
        KindSet::ALL
    };
    ($kinds:ident) => {
        KindSet::$kinds
    };
}

/// Lists the operations. A row says what the operation does, its variant, its name in scenarios and in the adapter protocol,
/// where it is done, what it brings about, on which items; its parts with their types and kinds; its sentence; the statement
/// it rests on, with its facts. Then:
/// - `able`: the capabilities that it takes: a name each, for which of the operation's parts it is asked, as a pattern, and
///   the kinds `of` items that it suits. One without a pattern is asked for a parameter
///   ([`Capabilities::each_lack_of_step`](crate::contract::implementation::Capabilities::each_lack_of_step)). `free` are the parts for
///   which nothing is asked.
/// - `drawn`: how it is drawn at random: the number of the draw, its name, what it fixes. The number is its place in the stream
///   of choices: as long as no number changes, the same seed is the same plan. A new one is the next number.
/// - `tried`: in which explorations it is tried; in none, where it says none.
///
/// Behind the rows, `beside` are the capabilities that belong to no operation.
macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident $name:literal $acts:ident $effect:ident $reach:ident
        $({ $($(#[doc = $part_doc:literal])* $part:ident: $type:ty = $kind:ident),+ })?
        $sentence:literal
        [$($fact:literal),*] $text:literal $document:expr,
        able { $(
            $(#[doc = $able_doc:literal])+
            $able:ident $able_name:literal $({ $($pattern:tt)* } $(of $suits:ident)?)?
        ),* }
        $(free { $($free:tt)* })?
        drawn { $($number:literal $draw:ident [$($fixed:ident),*]),* }
        tried [$($tried:ident),*];
    )+
    beside { $($(#[doc = $beside_doc:literal])+ $beside:ident $beside_name:literal),+ }) => {
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
                match self { $(Self::$variant => Ground { facts: &[$($fact),*], text: $text, document: $document }),+ }
            }

            /// In which explorations it is tried.
            #[inline]
            pub const fn tried(self) -> &'static [Tried] {
                match self { $(Self::$variant => &[$(Tried::$tried),*]),+ }
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

        /// An operation as a capability: what is done, and on which side; or a parameter that operations have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Operation { $($($(#[doc = $able_doc])+ $able,)*)+ $($(#[doc = $beside_doc])+ $beside),+ }

        impl Operation {
            /// Every operation, in the order of the rows.
            pub const ALL: &'static [Self] = &[$($(Self::$able,)*)+ $(Self::$beside),+];

            /// The name in reports and in the adapter protocol.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$able => $able_name,)*)+ $(Self::$beside => $beside_name),+ }
            }

            /// The operation that a step calls for.
            pub const fn of(op: &Op) -> Option<Self> {
                match *op {
                    $($($(Op::$variant { $($pattern)* } => Some(Self::$able),)?)*)+
                    $($(Op::$variant { $($free)* } => None,)?)+
                }
            }

            /// Whether it is claimed for each kind of item; for all together otherwise.
            pub const fn is_of_kinds(self) -> bool {
                match self {
                    $($(Self::$able => Acts::$acts.is_to_items(),)*)+
                    $(Self::$beside)|+ => false,
                }
            }

            /// Whether it makes sense for items of a kind.
            #[inline]
            pub const fn suits(self, kind: Kind) -> bool {
                match self {
                    $($(Self::$able => suited!($($($suits)?)?).contains(kind),)*)+
                    $(Self::$beside)|+ => true,
                }
            }
        }

        impl Draw {
            /// How many there are.
            pub const COUNT: usize = [$($($number,)*)+].len();
        }

        /// The ways in which operations are drawn, by their numbers.
        pub static DRAWS: [Draw; Draw::COUNT] = {
            let rows: [(usize, Draw); Draw::COUNT] = [$($((
                $number,
                Draw { name: stringify!($draw), verb: Verb::$variant, fixed: 0 $(| 1 << Fixed::$fixed as u8)* },
            ),)*)+];
            let mut draws = [rows[0].1; Draw::COUNT];
            let mut n = 0;
            while n < Draw::COUNT {
                draws[rows[n].0] = rows[n].1;
                n += 1;
            }
            draws
        };
    };
}

operations! {
    /// Creates an item that exists nowhere yet.
    Create "create" Store Links Named { item: ItemId = item, side: Side = side }
        "{by} creates {item} {side}{at}"
        ["F001"] "an item that is nowhere yet can be made on either side" Some(DELETING),
        able {
            /// Create in Outlook.
            CreateInOutlook "create-in-outlook" { side: Side::Outlook(_), .. },
            /// Create in CRM.
            CreateInCrm "create-in-crm" { side: Side::Crm, .. }
        }
        drawn { 7 Create [] }
        tried [];
    /// Changes the title, or when it takes place or is due.
    Edit "edit" Store Changes Named { item: ItemId = item, side: Side = side, change: Change = change }
        "{by} {change} {side}{at}"
        ["F008"] "what is not closed can be changed on either side" Some(TRACKING),
        able {
            /// Edit in Outlook.
            EditInOutlook "edit-in-outlook" { side: Side::Outlook(_), .. } of EDITABLE,
            /// Edit in CRM.
            EditInCrm "edit-in-crm" { side: Side::Crm, .. }
        }
        drawn { 0 EditOutlook [Outlook], 1 EditCrm [Crm], 2 MoveOutlook [Outlook, When], 3 MoveCrm [Crm, When] }
        tried [Edits];
    /// Deletes an item, or one occurrence of a series.
    Delete "delete" Store Links Named { item: ItemId = item, side: Side = side, how: Deletion = how }
        "{by} {deletes} {item} {side}{at}{away}"
        ["F050", "F052", "F055", "F060"] "an item can be deleted on either side" Some(DELETING),
        able {
            /// Delete in Outlook.
            DeleteInOutlook "delete-in-outlook" { side: Side::Outlook(_), how: Deletion::Hard, .. },
            /// Delete in Outlook, into Deleted Items.
            SoftDeleteInOutlook "soft-delete-in-outlook" { side: Side::Outlook(_), how: Deletion::Soft, .. },
            /// Delete in Outlook, by moving it to a folder that is not synchronized.
            MoveAwayInOutlook "move-away-in-outlook" { side: Side::Outlook(_), how: Deletion::Moved, .. },
            /// Delete in CRM.
            DeleteInCrm "delete-in-crm" { side: Side::Crm, how: Deletion::Hard | Deletion::Soft | Deletion::Moved, .. },
            /// Delete one occurrence in Outlook.
            DeleteOccurrenceInOutlook "delete-occurrence-in-outlook"
                { side: Side::Outlook(_), how: Deletion::Occurrence(_), .. } of SERIES,
            /// Delete one occurrence in CRM.
            DeleteOccurrenceInCrm "delete-occurrence-in-crm"
                { side: Side::Crm, how: Deletion::Occurrence(_), .. } of SERIES
        }
        drawn { 4 DeleteOutlook [Outlook], 5 DeleteCrm [Crm], 6 DeleteOccurrence [Occurrence, Suited] }
        tried [Always];
    /// Tracks one item or several, as the record kind given or as what they are.
    Track "track" Outlook Links Named { items: ItemSet = items, mailbox: UserId = mailbox, record: Option<Kind> = record }
        "{by} tracks {items}{record} {mailbox}{at}"
        ["F001", "F014"] "an item can be tracked, and up to twenty of one kind together" Some(DELETING),
        able {
            /// Track.
            Track "track" { record: None, .. },
            /// Track as another kind of record.
            TrackAs "track-as" { record: Some(_), .. } of PLAIN_TASKS
        }
        drawn { 8 Track [], 9 TrackAs [Single, OtherRecord, Suited] }
        tried [Always];
    /// Stops tracking one item or several.
    Untrack "untrack" Outlook Links Named { items: ItemSet = items, mailbox: UserId = mailbox, yes: bool = answer }
        "{by} untracks {items} {mailbox}{at}, answering {yes} if asked"
        ["F030", "F038"] "what is tracked can be untracked" Some(DELETING),
        able {
            /// Untrack.
            Untrack "untrack" { .. },
            /// Answer the question whether untracking deletes the record too.
            UntrackAnswer "untrack-answer"
        }
        drawn { 10 Untrack [] }
        tried [Always];
    /// Sets the record that items are regarding.
    SetRegarding "set-regarding" Store Links Named {
        items: ItemSet = items,
        side: Side = side,
        /// The record.
        to: ItemId = other
    }
        "{by} sets {items} regarding {to} {side}{at}"
        ["F018", "F019"] "regarding and parent can be set, which tracks an untracked item" Some(SAVING),
        able {
            /// Set regarding, on either side.
            SetRegarding "set-regarding" { .. } of REGARDING
        }
        drawn { 11 SetRegarding [Single] }
        tried [];
    /// Sets the account or contact that a contact belongs to.
    SetParent "set-parent" Store Links Named {
        item: ItemId = item,
        side: Side = side,
        /// The account or contact.
        to: ItemId = other
    }
        "{by} sets the parent of {item} to {to} {side}{at}"
        ["F018", "F019"] "regarding and parent can be set, which tracks an untracked item" Some(SAVING),
        able {
            /// Set parent, on either side.
            SetParent "set-parent" { .. } of CONTACTS
        }
        drawn { 12 SetParent [] }
        tried [];
    /// Completes an activity.
    Complete "complete" Store Changes Named { item: ItemId = item, side: Side = side }
        "{by} completes {item} {side}{at}"
        ["F008"] "what is not closed can be changed on either side" Some(TRACKING),
        able {
            /// Complete in Outlook.
            CompleteInOutlook "complete-in-outlook" { side: Side::Outlook(_), .. } of TASKS,
            /// Complete in CRM.
            CompleteInCrm "complete-in-crm" { side: Side::Crm, .. } of ACTIVITIES
        }
        drawn { 13 CompleteOutlook [Outlook], 14 CompleteCrm [Crm] }
        tried [Status];
    /// Cancels an activity in CRM.
    Cancel "cancel" Crm Changes Named { item: ItemId = item }
        "{by} cancels {item} in CRM{at}"
        ["F008"] "what is not closed can be changed on either side" Some(TRACKING),
        able {
            /// Cancel in CRM.
            Cancel "cancel" { .. } of ACTIVITIES
        }
        drawn { 15 Cancel [] }
        tried [Status];
    /// Gives a record another owner.
    Assign "assign" Crm Links Named {
        item: ItemId = item,
        /// The new owner.
        to: UserId = user
    }
        "{by} assigns {item} to {to}{at}"
        ["F008"] "what is not closed can be changed on either side" Some(TRACKING),
        able {
            /// Assign to another owner.
            Assign "assign" { .. }
        }
        drawn { 16 Assign [] }
        tried [Roles];
    /// Gives an appointment another organizer, in CRM.
    ChangeOrganizer "change-organizer" Crm Links Named {
        item: ItemId = item,
        /// The new organizer.
        to: UserId = user
    }
        "{by} makes {to} the organizer of {item}{at}"
        ["F008"] "what is not closed can be changed on either side" Some(TRACKING),
        able {
            /// Change the organizer.
            ChangeOrganizer "change-organizer" { .. } of CALENDAR
        }
        drawn { 17 ChangeOrganizer [Suited] }
        tried [Roles];
    /// Connects a computer to the servers.
    Connect "connect" Computer Connects All
        "{by} connects{at}"
        ["F110", "F111"] "any computer of the user may connect and synchronize" Some(TRACKING),
        able {
            /// Connect.
            Connect "connect" {}
        }
        drawn { 18 Connect [] }
        tried [Offline, Crashes];
    /// Cuts a computer off from the servers.
    Disconnect "disconnect" Computer Connects All
        "{by} loses the connection{at}"
        ["F110", "F111"] "any computer of the user may connect and synchronize" Some(TRACKING),
        able {
            /// Disconnect.
            Disconnect "disconnect" {}
        }
        drawn { 19 Disconnect [] }
        tried [Offline];
    /// Takes the CRM client offline.
    GoOffline "go-offline" Computer Connects All { crash: Option<Crash> = crash }
        "{by} goes offline{at}{crash}"
        ["F124"] "the client can be taken offline and back" Some(TRACKING),
        able {
            /// Go offline.
            GoOffline "go-offline" { .. }
        }
        drawn { 20 GoOffline [] }
        tried [Offline];
    /// Brings the CRM client online again.
    GoOnline "go-online" Computer Connects All { crash: Option<Crash> = crash }
        "{by} goes online{at}{crash}"
        ["F124"] "the client can be taken offline and back" Some(TRACKING),
        able {
            /// Go online.
            GoOnline "go-online" { .. }
        }
        drawn { 21 GoOnline [] }
        tried [Offline];
    /// Synchronizes the mailbox of the computer's user, if this is the synchronizing computer.
    Synchronize "synchronize" Computer Synchronizes All { crash: Option<Crash> = crash }
        "{by} synchronizes{at}{crash}"
        ["F110", "F111"] "any computer of the user may connect and synchronize" Some(TRACKING),
        able {
            /// Synchronize from a computer.
            Synchronize "synchronize" { .. }
        }
        drawn { 22 Synchronize [Likely], 23 Crash [Crash] }
        tried [Always];
    /// Lets the server synchronize a mailbox once.
    ServerSynchronize "server-synchronize" Server Synchronizes All {
        mailbox: UserId = mailbox,
        crash: Option<Crash> = crash
    }
        "the server synchronizes {whose} mailbox{crash}"
        ["F041"] "the server synchronizes where that is the method" Some(DELETING),
        able {
            /// Synchronize from the server.
            ServerSynchronize "server-synchronize" { .. }
        }
        drawn {}
        tried [Always];
    /// Makes this the user's synchronizing computer.
    ChooseSynchronizingComputer "choose-synchronizing-computer" Computer Nothing Named
        "{by} chooses the synchronizing computer{at}"
        ["F112", "F113"] "another computer can be chosen" Some(OPTIONS),
        able {
            /// Choose the synchronizing computer.
            ChooseSynchronizingComputer "choose-synchronizing-computer" {}
        }
        drawn { 25 Choose [] }
        tried [Computers];
    /// Starts Outlook again after a crash.
    Restart "restart" Computer Connects Named
        "{by} restarts Outlook{at}"
        [] "a convention of the harness: this can always be done" None,
        able {
            /// Crash inside a synchronization, and restart.
            Crash "crash" {},
            /// Crash at a certain item.
            CrashItem "crash-item",
            /// Crash at a certain stage of the synchronization of an item.
            CrashStage "crash-stage"
        }
        drawn { 24 Restart [] }
        tried [Crashes];
    /// Lets time pass.
    Wait "wait" World Nothing Named { seconds: Seconds = seconds }
        "{seconds} {pass}"
        [] "a convention of the harness: this can always be done" None,
        able {
            /// Move time.
            Wait "wait" { .. }
        }
        drawn { 26 Wait [] }
        tried [Always];
    /// Synchronizes everything that can be, again and again, until nothing changes.
    Settle "settle" World Nothing All
        "everything synchronizes to rest"
        [] "a convention of the harness: this can always be done" None,
        able {}
        free {}
        drawn { 27 Settle [] }
        tried [];
    /// Opens the dialog of the personal options, in the client or in the web app, and looks which are offered.
    OpenOptions "open-options" Dialog Nothing Named
        "{by} opens the personal options{at}"
        ["F146"] "personal options open from Outlook and from the web" Some(OPTIONS),
        able {
            /// Open the personal options.
            OpenOptions "open-options" {}
        }
        drawn {}
        tried [];

    beside {
        /// Act in somebody else's mailbox.
        Delegate "delegate",
        /// Act on Outlook in a browser.
        Web "web",
        /// Select several items at once.
        Several "several"
    }
}

impl Verb {
    /// The operation of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.name() == name)
    }

    /// Whether it has a part of this kind.
    #[inline]
    pub const fn has(self, kind: PartKind) -> bool {
        let parts = self.parts();
        let mut n = 0;
        while n < parts.len() {
            if parts[n].kind as u8 == kind as u8 {
                return true;
            }
            n += 1;
        }
        false
    }

    /// Every operation that can be made of these values of its parts: none, where there is no value for one.
    pub fn each_of(self, values: &PartValues) -> Vec<Op> {
        let mut source = Odometer::new(values);
        let mut made = Vec::new();
        while let Ok(op) = self.make(&mut source) {
            made.push(op);
            if !source.advance() {
                break;
            }
        }
        made
    }
}

impl Operation {
    /// The operation of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
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
            Acts::Computer | Acts::Dialog | Acts::Server | Acts::World => None,
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

    /// The occurrence that the operation speaks of.
    #[inline]
    pub fn occurrence(&self) -> Option<u8> {
        let mut occurrence = None;
        self.each(|_, part| {
            if let Part::How(how) = part {
                occurrence = how.occurrence();
            }
        });
        occurrence
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
mod tests;

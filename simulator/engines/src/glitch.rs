//! What can be wrong with an engine: one thing at a time, each a line or two in the engine's code.

use tombstone_model::plan::Method;
use tombstone_model::verdict::Check;

macro_rules! engines {
    (both) => {
        &[Method::OutlookClient, Method::ServerSide]
    };
    (client) => {
        &[Method::OutlookClient]
    };
    (server) => {
        &[Method::ServerSide]
    };
}

macro_rules! glitches {
    ($($variant:ident $engines:ident $id:literal $what:literal [$($check:ident),+];)+) => {
        /// One thing that is wrong with an engine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Glitch { $(#[doc = $what] $variant),+ }

        impl Glitch {
            /// Every glitch.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The id in reports.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// What is wrong, in a sentence.
            pub fn what(self) -> &'static str {
                match self { $(Self::$variant => $what),+ }
            }

            /// Which engines it can be wrong with.
            pub fn engines(self) -> &'static [Method] {
                match self { $(Self::$variant => engines!($engines)),+ }
            }

            /// The checks that should convict it.
            pub fn expected(self) -> &'static [Check] {
                match self { $(Self::$variant => &[$(Check::$check),+]),+ }
            }
        }
    };
}

glitches! {
    OutboxReversed both "outbox-reversed" "what waits on a computer is sent newest first" [Carried, Erased, Missing, Vanished, Link, Arrived, Resurrected];
    LastOfThreeDropped both "last-of-three-dropped" "of three or more changes that wait, the last is dropped" [Carried, Arrived, Resurrected, Missing, Link, Erased];
    UntrackWithoutConnectionLost both "offline-untrack-lost" "an untrack entered without a connection is forgotten" [Link];
    LocalCrmLost both "local-crm-lost" "what was entered in the local copy of the CRM is forgotten" [Carried, Arrived, Resurrected, Missing];
    OutboxLostInACrash both "outbox-lost-in-a-crash" "a crash on going online loses what was not sent yet" [Erased];
    TombstoneLostWhileAnotherWaits both "tombstone-lost-while-another-waits" "a deletion is forgotten while another computer has changes waiting" [Rule];
    StaleAfterConnecting both "stale-after-connecting" "a computer that connects goes on showing its old copy" [Cache];
    CacheNotKept both "cache-not-kept" "a computer without a connection shows the server's mailbox" [Cache];
    DelegateDoesNotWait both "delegate-does-not-wait" "what a delegate tracks does not wait for the principal" [Missing, Arrived, Resurrected];
    DelegateTakenForPrincipal both "delegate-taken-for-principal" "what a delegate did without a connection lands in the delegate's own mailbox" [Carried, Arrived, Resurrected, Vanished, Missing, Link];
    HeldForEver both "held-for-ever" "what a delegate tracked still waits after the principal has connected" [Missing];
    NoQuestionWithoutConnection both "no-question-without-connection" "a client without a connection does not ask" [Prompt];
    AnswerTurnedRoundInTheQueue both "answer-turned-round" "Yes becomes No, and No becomes Yes, while an untrack waits" [Rule];
    PrivilegeIgnored both "privilege-ignored" "a user who may not delete in CRM does" [Refusal];
    ClosedIsEditable both "closed-is-editable" "a closed activity can be edited in CRM" [Refusal];
    OccurrenceTakesTheSeries both "occurrence-takes-the-series" "who deletes one occurrence in Outlook deletes the series" [Vanished];
    ExceptionsIgnored both "exceptions-ignored" "an occurrence that was moved is judged by where it was" [Rule];
    ZoneIgnored both "zone-ignored" "an appointment is current all day by the clock of the server, not of the user" [Rule];
    TwoReadingsOfCurrent both "two-readings-of-current" "every other appointment is current until it ends, the others until they start" [Readings];
    WorkLostInACrash both "work-lost-in-a-crash" "a synchronization that crashes counts as done" [Erased, Missing, Rule];
    LinkLeftBehind both "link-left-behind" "the link of an item deleted on both sides is left behind" [Rule, Vanished];
    JudgedAtTheStart both "judged-at-the-start" "whether an appointment is current is judged by the moment at which the engine was started" [Rule];
    DelegateTurnedAway both "delegate-turned-away" "a delegate may not open the mailbox of the principal" [Refusal];
    DelegateOutboxLost both "delegate-outbox-lost" "what a delegate did for the principal without a connection is forgotten" [Carried, Missing, Link, Arrived, Resurrected, Vanished];
    OwnEditsNotShown both "own-edits-not-shown" "a computer without a connection does not show what was entered there" [Cache];
    CacheLostInACrash both "cache-lost-in-a-crash" "after a crash a computer shows an empty mailbox" [Cache, Erased];
    StaleCopiesComeBack both "stale-copies-come-back" "what was deleted meanwhile comes back from the old copy of a computer that connects" [Resurrected, Rule];
    OwnerAskedAgain both "owner-asked-again" "whether an answer on a contact was its owner's is judged when it arrives, not when it was given" [Rule];
    OrganizerTakenForOwner both "organizer-taken-for-owner" "an organizer counts as owner" [Rule];
    JudgedByTheCopy both "judged-by-the-copy" "whether an appointment is current is judged by the date of the copy" [Rule];
    ArrivesForGuests both "arrives-for-guests" "an appointment appears in the calendar of optional attendees" [Missing, Arrived, Resurrected];
    AssignForgotten both "assign-forgotten" "a record keeps its owner when it is assigned" [Carried];
    MixedSelectionTaken both "mixed-selection-taken" "items of several kinds can be tracked as one selection" [Refusal];
    RegardingRefused both "regarding-refused" "nothing can be set regarding in Outlook" [Refusal];
    RefusedAndDone both "refused-and-done" "a selection is refused, and tracked all the same" [Refusal];
    OneOfASelection both "one-of-a-selection" "of a selection only the first item is tracked" [Link, Missing];
    RecordAtOnceForAnybody both "record-at-once-for-anybody" "a newly tracked item gets its record at once whoever tracked it, wherever" [Arrived, Resurrected, Missing];
    AnythingIsAParent both "anything-is-a-parent" "a contact may belong to any record" [Refusal];
    OptionsAlikeEverywhere both "options-alike-everywhere" "the web app offers every personal option that the client does" [Offered];
    WriteRightIgnored both "write-right-ignored" "a user who may not change records in CRM does" [Refusal];
    CreateRightIgnored both "create-right-ignored" "a user who may not create records in CRM does" [Refusal];
    SentWithoutRight both "sent-without-right" "an edit in Outlook reaches CRM though the user may not change records there" [Carried];
    MadeWithoutRight both "made-without-right" "what is tracked gets a record though the user may not create records in CRM" [Arrived, Resurrected];
    FolderRulesAnywhere client "folder-rules-anywhere" "folder rules are an option whatever synchronizes" [Offered];
    BrowserAsks server "browser-asks" "a browser asks as a client would" [Prompt];
    TransactionTorn server "transaction-torn" "the row of the pair is written though the record is not, should the poll die then" [Erased];
    TwoReadingsOfSilence server "two-readings-of-silence" "untracking without a client keeps the record of every other item only" [Readings, Rule];
    EveryComputerSynchronizes client "every-computer-synchronizes" "a computer that is not the synchronizing one synchronizes" [Carried, Missing, Rule, Arrived, Resurrected];
    OnlyComputerOffered client "only-computer-offered" "the only computer of a user can be made the synchronizing one" [Refusal, Offered];
    ChoiceIgnored client "choice-ignored" "the choice of another synchronizing computer has no effect" [Carried, Missing, Rule];
    LinksLostWithTheChoice client "links-lost-with-the-choice" "another synchronizing computer does not know the links of the last one" [Carried, Rule];
    SecondComputerKeepsDeletions client "second-computer-keeps-deletions" "only the second computer keeps deletions to itself" [Rule];
    WrongFromTheThirdPass client "wrong-from-the-third-pass" "deletions cross in the first two synchronizations of a user, and in none after" [Rule];
    ComesApartAtRest client "comes-apart-at-rest" "what is in step gets its first title back in CRM, from the second synchronization on" [Convergence, Carried];
    SynchronizesOnConnecting client "synchronizes-on-connecting" "a computer that connects synchronizes without being told to" [Carried, Missing, Rule, Arrived, Resurrected];
    LeavesWithoutSynchronizing client "leaves-without-synchronizing" "going offline neither sends nor fetches" [Carried, Missing, Rule, Readings];
    AcknowledgedUnsent client "acknowledged-unsent" "what a crash kept from being sent counts as acknowledged" [Erased, Carried];
    OneItemAPass client "one-item-a-pass" "a synchronization stops after the first item" [Carried, Missing, Rule];
    TokenJumpsAhead client "token-jumps-ahead" "tracking an item at once skips whatever else waits in the mailbox" [Carried, Rule, Missing];
    UntrackedTakesTheRecord client "untracked-takes-the-record" "the deletion of an untracked copy deletes the record" [Vanished];
    UntrackedGoesWithTheRecord client "untracked-goes-with-the-record" "an untracked copy goes with the record" [Vanished, Rule];
    TrackedAgain client "tracked-again" "what was untracked is tracked again after synchronization" [Link, Rule];
    SubjectUntracks client "subject-untracks" "a new subject untracks an item" [Link, Carried];
    KindForgotten client "kind-forgotten" "a task tracked as something else becomes a task in CRM" [Carried, Missing];
    OwnedByTheDelegate client "owned-by-the-delegate" "a delegate who tracks something owns the record" [Carried];
    OwnerTakenOver client "owner-taken-over" "whoever sends an edit owns the record from then on" [Carried];
    OccurrenceTakesTheRecord client "occurrence-takes-the-record" "the deletion of one occurrence in Outlook deletes the whole record" [Rule];
    ConflictLeftAlone client "conflict-left-alone" "where both sides were edited neither is sent" [Carried];
    TwoReadingsOfConflicts client "two-readings-of-conflicts" "where both sides were edited CRM wins for every other item" [Readings, Carried];
    WrongRecord client "wrong-record" "an edit goes to the record of another item" [Carried];
    DoubledOnRetry client "doubled-on-retry" "a request sent again after a crash creates a second record" [Doubled];
    RecordForEachUser client "record-for-each-user" "every user who tracks an item gets a record of it" [Doubled];
    FetchedOverACopy client "fetched-over-a-copy" "a record is fetched beside the copy that is there already" [Doubled];
    FetchedAfterADeletion client "fetched-after-a-deletion" "a copy that was deleted is fetched again" [Resurrected];
    TitleNotSent client "title-not-sent" "a title is not sent" [Carried];
    WhenNotSent client "when-not-sent" "a date is not sent" [Carried];
    StatusNotSent client "status-not-sent" "a completion is not sent" [Carried];
    RegardingNotSent client "regarding-not-sent" "what an item is regarding is not sent" [Carried];
    ParentNotSent client "parent-not-sent" "the parent of a contact is not sent" [Carried];
    TitleNotFetched client "title-not-fetched" "a title is not fetched" [Carried];
    WhenNotFetched client "when-not-fetched" "a date is not fetched" [Carried];
    StatusNotFetched client "status-not-fetched" "a completion or cancellation is not fetched" [Carried];
    OrganizerNotFetched client "organizer-not-fetched" "a change of the organizer is not fetched" [Carried];
    ParentNotFetched client "parent-not-fetched" "the parent of a contact is not fetched" [Carried];
}

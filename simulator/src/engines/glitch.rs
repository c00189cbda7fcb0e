//! What can be wrong with an engine: one thing at a time, each a line or two in the engine's code.

use tombstone_model::verdict::Check;

macro_rules! glitches {
    ($($variant:ident $id:literal $what:literal [$($check:ident),+];)+) => {
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

            /// The checks that should convict it.
            pub fn expected(self) -> &'static [Check] {
                match self { $(Self::$variant => &[$(Check::$check),+]),+ }
            }
        }
    };
}

glitches! {
    OutboxReversed "outbox-reversed" "what waits on a computer is sent newest first" [Carried, Erased, Missing, Vanished, Link, Resurrected];
    LastOfThreeDropped "last-of-three-dropped" "of three or more changes that wait, the last is dropped" [Carried, Resurrected, Missing, Link, Erased];
    UntrackWithoutConnectionLost "offline-untrack-lost" "an untrack entered without a connection is forgotten" [Link];
    LocalCrmLost "local-crm-lost" "what was entered in the local copy of the CRM is forgotten" [Carried, Resurrected, Missing];
    OutboxLostInACrash "outbox-lost-in-a-crash" "a crash on going online loses what was not sent yet" [Erased];
    TombstoneLostWhileAnotherWaits "tombstone-lost-while-another-waits" "a deletion is forgotten while another computer has changes waiting" [Rule];
    StaleAfterConnecting "stale-after-connecting" "a computer that connects goes on showing its old copy" [Cache];
    CacheNotKept "cache-not-kept" "a computer without a connection shows the server's mailbox" [Cache];
    DelegateDoesNotWait "delegate-does-not-wait" "what a delegate tracks does not wait for the principal" [Missing, Resurrected];
    DelegateTakenForPrincipal "delegate-taken-for-principal" "what a delegate did without a connection lands in the delegate's own mailbox" [Carried, Resurrected, Vanished, Missing, Link];
    HeldForEver "held-for-ever" "what a delegate tracked still waits after the principal has connected" [Missing];
    NoQuestionWithoutConnection "no-question-without-connection" "a client without a connection does not ask" [Prompt];
    AnswerTurnedRoundInTheQueue "answer-turned-round" "Yes becomes No, and No becomes Yes, while an untrack waits" [Rule];
    PrivilegeIgnored "privilege-ignored" "a user who may not delete in CRM does" [Refusal];
    ClosedIsEditable "closed-is-editable" "a closed activity can be edited in CRM" [Refusal];
    OccurrenceTakesTheSeries "occurrence-takes-the-series" "who deletes one occurrence in Outlook deletes the series" [Vanished];
    ExceptionsIgnored "exceptions-ignored" "an occurrence that was moved is judged by where it was" [Rule];
    ZoneIgnored "zone-ignored" "an appointment is current all day by the clock of the server, not of the user" [Rule];
    TwoReadingsOfCurrent "two-readings-of-current" "every other appointment is current until it ends, the others until they start" [Readings];
    WorkLostInACrash "work-lost-in-a-crash" "a synchronization that crashes counts as done" [Erased, Missing, Rule];
    LinkLeftBehind "link-left-behind" "the link of an item deleted on both sides is left behind" [Rule];
    JudgedAtTheStart "judged-at-the-start" "whether an appointment is current is judged by the moment at which the engine was started" [Rule];
}

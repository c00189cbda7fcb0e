//! Switches: the places where the documents are silent, or contradict themselves, and the readings each allows.
//!
//! A profile *closes* the switches that its documents decide and leaves the others open. [`Readings`] is the set of
//! readings still allowed, one bit a value, so that an explanation carries all it knows of them in one word.

use serde::{Deserialize, Serialize};

/// What a switch is called, where it comes from and which readings it has.
#[derive(Debug)]
pub struct SwitchInfo {
    /// The id of the ambiguity in the fact base, `X-01` to `X-40`. Several switches may share one; an
    /// ambiguity of what no operation reaches has none.
    pub id: &'static str,
    /// The name, as a profile and a report write it.
    pub name: &'static str,
    /// The readings; the first is the one a fully closed profile takes where its documents decide nothing.
    pub values: &'static [&'static str],
    /// The question, in one line.
    pub question: &'static str,
}

macro_rules! switches {
    ($($variant:ident = $id:literal $name:literal [$($value:literal),+] $question:literal;)+) => {
        /// One ambiguity of the documents.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Switch { $(#[doc = $question] $variant),+ }

        impl Switch {
            /// Every switch, in the order of the fact base.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        static INFO: &[SwitchInfo] = &[$(SwitchInfo { id: $id, name: $name, values: &[$($value),+], question: $question }),+];
    };
}

switches! {
    ApptCurrent = "X-01" "appt_current" ["end>=now", "start>=now", "start>now", "local_date>=today", "open_state", "open_state_and_future"] "when is an appointment current?";
    ApptOutlookDeleteGuard = "X-02" "appt_outlook_delete_guard" ["none", "current_and_owner_or_organizer", "sss_open_future_organizer"] "what guards the deletion in CRM of an appointment deleted in Outlook?";
    RecurringTrackable = "X-03" "recurring_trackable" ["yes", "no"] "may a recurring appointment be tracked?";
    RecurringDeleteUnit = "X-03" "recurring_delete_unit" ["series_by_last_occurrence", "series_by_next_occurrence"] "which occurrence decides whether a series is current: the last of its pattern, or the last that is left?";
    SeriesPastGuard = "X-03" "series_past_guard" ["on", "off"] "does the date condition bind a whole series?";
    OccurrenceDeletion = "X-03" "occurrence_deletion" ["by_its_own_date", "as_an_edit"] "is the deletion of one occurrence judged like that of an appointment, or does it cross as an edit of the series?";
    UntrackYesGate = "X-04" "untrack_yes_gate" ["current_and_owner", "unconditional"] "does Yes to the prompt delete every appointment?";
    UntrackPrompt = "X-04" "untrack_prompt" ["always", "only_if_deletable"] "is the prompt shown when Yes could delete nothing?";
    ConditionStrength = "X-05" "condition_strength" ["iff", "sufficient_only"] "is a documented condition necessary, or only sufficient?";
    NonownerUntrackContact = "X-06" "nonowner_untrack_contact" ["crm_record", "outlook_copy", "both", "none", "prompt_if_privileged"] "what is deleted when somebody who is not the owner untracks a contact?";
    ContactCrmDelete = "X-07" "contact_crm_delete" ["nonowner_loses_copy", "owner_loses_copy"] "who loses the Outlook copy of a contact deleted in CRM?";
    TaskCurrent = "X-08" "task_current" ["not_completed_in_outlook", "open_in_crm", "due_today_or_later_or_none", "due_strict"] "when is a task current?";
    TaskLikeTypes = "X-09" "task_like_types" ["same_as_task", "never_propagate"] "do letters, faxes and phone calls follow the rules of tasks?";
    ServiceActivity = "X-10" "service_activity" ["one_way_crm_to_outlook", "as_appointment"] "do service activities follow the rules of appointments?";
    TaskStoreRule = "X-11" "task_store_rule" ["only_default_exchange_store", "not_default_store_literal", "any"] "in which store must a task lie to be tracked?";
    CalendarVisibility = "X-12" "calendar_visibility" ["required_only", "required_or_organizer", "any_party", "required_only_tracked_too"] "in whose calendar does an appointment of the CRM appear?";
    UntrackWithoutPrompt = "X-13" "untrack_without_prompt" ["keep_crm", "apply_yes", "apply_gate", "app_asks"] "what does untracking do where no client is there to ask?";
    LatencyModel = "X-14" "latency_model" ["instant", "oc_15min", "sss_email_2_5_12_act_15", "sss_all_2_5_12"] "when does the record of a newly tracked item appear?";
    DelegateFlush = "X-15" "delegate_flush" ["principal_connects", "delegate_connects", "either"] "who must connect before an item tracked by a delegate synchronizes?";
    Survivor = "X-18" "survivor" ["unlinked", "still_linked", "unlinked_but_resyncs_on_crm_change"] "what becomes of the link of an item that survives a deletion on the other side?";
    BatchOver20 = "X-20" "batch_over_20" ["refuse_all", "first_20"] "what happens to a selection of more than twenty items?";
    MultiUntrack = "X-20" "multi_untrack" ["refuse", "advisory"] "may several items be untracked at once?";
    OfflineFilterScope = "X-21" "offline_filter_scope" ["client_only", "also_sss"] "are filters of what is taken offline an option where the server synchronizes?";
    OfflineFlow = "X-23" "offline_flow" ["s1_download_then_upload", "upload_on_return"] "when are the changes sent that wait on a computer which goes offline?";
    ConflictWinner = "X-24" "conflict_winner" ["last_processed_side", "crm", "outlook", "field_merge", "last_processed_fields"] "which side wins when both were edited?";
    ContactOutlookDelete = "X-25" "contact_outlook_delete" ["never", "if_owner"] "does the deletion of a contact in Outlook reach the CRM?";
    ApptCrmDeleteRole = "X-26" "appt_crm_delete_role" ["owner_or_organizer", "organizer_only"] "whose Outlook appointment goes with the CRM record?";
    LogicalDelete = "X-27" "logical_delete" ["not_modelled", "delete", "unlink"] "what happens in Outlook when a record leaves the user's filter?";
    ClosedEditFromOutlook = "X-29" "closed_edit_from_outlook" ["reject_and_keep", "ignore", "apply"] "what becomes of an Outlook edit of an activity that is closed in CRM?";
    TaskOutlookDeleteGuard = "X-30" "task_outlook_delete_guard" ["none", "open_only"] "does the deletion of a completed task in Outlook reach the CRM?";
    SubjectChangeUntracks = "X-31" "subject_change_untracks" ["off", "on"] "does a new subject untrack an appointment?";
    JudgedAt = "X-32" "judged_at" ["synchronization", "event"] "is a condition judged at the deletion, or at the synchronization that carries it?";
    DeleteAgainstEdit = "X-33" "delete_against_edit" ["delete_wins", "edit_wins", "conflict_kept"] "one side was deleted and the other edited: which stands?";
    DelegateActsAs = "X-34" "delegate_acts_as" ["principal", "delegate"] "by whose role and rights is judged what a delegate does?";
    MovedAway = "X-35" "moved_away" ["as_deletion", "unlinked", "still_linked"] "what becomes of an item that is moved to a folder which is not synchronized?";
    MeetingRequestDeletion = "X-36" "meeting_request_deletion" ["as_appointment", "as_message"] "is a meeting request that is deleted an appointment, or the message that brought it?";
    ReceivedMessageRegarding = "X-37" "received_message_regarding" ["changeable", "fixed"] "may what a received message is regarding still be changed in CRM, as it may of a sent one?";
    AssignedTrackable = "X-38" "assigned_trackable" ["no", "yes"] "may a task be tracked that is assigned to somebody?";
    EditWithoutRight = "X-39" "edit_without_right" ["undone", "stays"] "what becomes of an edit in Outlook by a user who may not change records in CRM?";
    TrackedWithoutRight = "X-40" "tracked_without_right" ["stays_tracked", "untracked", "refused"] "what becomes of an item that is tracked by a user who may not create records in CRM?";
}

const COUNT: usize = Switch::ALL.len();

/// Where the bits of each switch begin in a [`Readings`].
const OFFSETS: [u8; COUNT + 1] = offsets();

const fn offsets() -> [u8; COUNT + 1] {
    let mut offsets = [0u8; COUNT + 1];
    let mut i = 0;
    while i < COUNT {
        // A switch has at most six readings, so the sum stays far below 128.
        offsets[i + 1] = offsets[i] + INFO_LENGTHS[i];
        i += 1;
    }
    offsets
}

/// The number of readings that each switch has, in the order of [`Switch::ALL`].
const INFO_LENGTHS: [u8; COUNT] = {
    let (mut lengths, mut i) = ([0; COUNT], 0);
    while i < COUNT {
        lengths[i] = INFO[i].values.len() as u8;
        i += 1;
    }
    lengths
};

/// The bit of each switch's first reading, and the bit of its last.
const FIRST: u128 = ends(0);
const LAST: u128 = ends(1);

const fn ends(last: usize) -> u128 {
    let (mut bits, mut i) = (0, 0);
    while i < COUNT {
        bits |= 1 << (OFFSETS[i + last] - last as u8);
        i += 1;
    }
    bits
}

impl Switch {
    /// What the switch is called and which readings it has.
    pub fn info(self) -> &'static SwitchInfo {
        &INFO[self as usize]
    }

    /// The switch of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|switch| switch.info().name == name)
    }

    /// The set of every reading of this switch, as the low bits of a byte.
    #[inline(always)]
    pub fn all(self) -> Values {
        Values((1u8 << INFO_LENGTHS[self as usize]) - 1)
    }

    /// Every reading of this switch, one at a time.
    pub fn each(self) -> impl Iterator<Item = Values> {
        (0..INFO_LENGTHS[self as usize]).map(Values::nth)
    }

    /// The reading of that name.
    pub fn value(self, name: &str) -> Option<Values> {
        self.info().values.iter().position(|value| *value == name).map(|at| Values(1 << at))
    }

    #[inline(always)]
    fn offset(self) -> u32 {
        u32::from(OFFSETS[self as usize])
    }
}

/// A set of readings of one switch: bit *n* stands for its *n*-th value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Values(pub u8);

impl Values {
    /// The first reading of a switch.
    pub const FIRST: Self = Self(1);

    /// The set of the *n*-th reading.
    #[inline(always)]
    pub const fn nth(n: u8) -> Self {
        Self(1 << n)
    }

    /// The names of the readings in the set.
    pub fn names(self, switch: Switch) -> impl Iterator<Item = &'static str> {
        let values = switch.info().values;
        values.iter().enumerate().filter(move |(n, _)| self.0 >> n & 1 != 0).map(|(_, name)| *name)
    }
}

/// For every switch, the set of readings that are still possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Readings(pub u128);

impl Readings {
    /// Every reading of every switch.
    pub const OPEN: Self = Self((1 << OFFSETS[COUNT]) - 1);

    /// The readings left for a switch.
    #[inline(always)]
    pub fn of(self, switch: Switch) -> Values {
        Values((self.0 >> switch.offset()) as u8 & switch.all().0)
    }

    /// These readings, with those of one switch narrowed to the given set.
    #[inline(always)]
    #[must_use]
    pub fn narrowed(self, switch: Switch, to: Values) -> Self {
        let gone = u128::from(switch.all().0 & !to.0) << switch.offset();
        Self(self.0 & !gone)
    }

    /// These readings, with every switch closed on the first reading left to it.
    #[must_use]
    pub fn closed(self) -> Self {
        Switch::ALL.iter().fold(self, |readings, &switch| {
            let left = readings.of(switch).0;
            readings.narrowed(switch, Values(left & left.wrapping_neg()))
        })
    }

    /// Whether one reading is left for the switch.
    pub fn is_closed(self, switch: Switch) -> bool {
        self.of(switch).0.count_ones() == 1
    }

    /// The readings in both. A switch left with none means that the two contradict each other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The readings in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The first switch for which no reading is left.
    #[inline]
    pub fn contradiction(self) -> Option<Switch> {
        // With the last bit of each switch set, taking away its first borrows that bit exactly where no other was set.
        if (((self.0 | LAST) - FIRST) | self.0) & LAST == LAST {
            return None;
        }
        Switch::ALL.iter().copied().find(|&switch| self.of(switch).0 == 0)
    }

    /// Whether the two differ in one switch at most.
    #[inline]
    pub fn differ_in_one(self, other: Self) -> bool {
        let differing = self.0 ^ other.0;
        if differing == 0 {
            return true;
        }
        let lowest = differing.trailing_zeros();
        // The bits of a switch lie together: all that differ must lie before the next one begins.
        let next = OFFSETS.iter().copied().map(u32::from).find(|&offset| offset > lowest);
        next.is_none_or(|next| next == u128::BITS || differing >> next == 0)
    }

    /// The switches in which the two differ.
    pub fn differing(self, other: Self) -> impl Iterator<Item = Switch> {
        Switch::ALL.iter().copied().filter(move |&switch| self.of(switch) != other.of(switch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_takes_the_first_reading_left() {
        let readings = Readings::OPEN.narrowed(Switch::ApptCurrent, Values(0b1100)).closed();
        assert_eq!(readings.of(Switch::ApptCurrent), Values(0b0100));
        assert!(Switch::ALL.iter().all(|&switch| readings.is_closed(switch)));
        assert_eq!(readings.contradiction(), None);
    }
}

//! What the row of an operation says of it, beside its name and its parts.

/// Where an operation is done, and so who can do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acts {
    /// On either store; the operation has a [`Part::Side`](super::Part::Side).
    Store,
    /// In a mailbox; the operation has a [`Part::Mailbox`](super::Part::Mailbox).
    Outlook,
    /// In CRM.
    Crm,
    /// At a computer, on the computer.
    Computer,
    /// In a dialog, at a computer or in a browser, on no item.
    Dialog,
    /// By the server.
    Server,
    /// By nobody: it happens.
    World,
}

impl Acts {
    /// Whether it is done to items.
    pub const fn is_to_items(self) -> bool {
        match self {
            Self::Store | Self::Outlook | Self::Crm => true,
            Self::Computer | Self::Dialog | Self::Server | Self::World => false,
        }
    }
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
    /// The facts; none where it is a convention of the harness.
    pub facts: &'static [&'static str],
    /// What they say, in our own words.
    pub text: &'static str,
    /// The title of the document; none where it is a convention of the harness.
    pub document: Option<&'static str>,
}

/// In which explorations an operation is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// In every one.
    Always,
    /// With edits.
    Edits,
    /// With completing and cancelling.
    Status,
    /// With other owners and organizers; in a browser.
    Roles,
    /// With losing the connection, and working offline.
    Offline,
    /// With crashes.
    Crashes,
    /// Where a user has several computers.
    Computers,
}

/// What a draw fixes of its operation. What is not fixed is left to chance, or is what it usually is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fixed {
    /// It is done in Outlook; on either side otherwise.
    Outlook,
    /// It is done in CRM.
    Crm,
    /// The date is changed; the title otherwise.
    When,
    /// One occurrence is deleted; the whole item for good otherwise.
    Occurrence,
    /// One item is selected; now and then several otherwise.
    Single,
    /// The record is another kind than usual.
    OtherRecord,
    /// The computer crashes, in this operation or in another in which it can; it does not otherwise.
    Crash,
    /// It is drawn for the kinds that it suits only, and for all otherwise.
    Suited,
    /// It is likely in every plan, since without it there is little to see.
    Likely,
}

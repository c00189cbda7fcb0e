//! What implementations are held to.

use std::sync::Arc;

use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::Rules;

/// What a check of scenarios needs.
#[derive(Clone, Debug)]
pub struct Checking {
    /// The deletion table.
    pub rules: Arc<Rules>,
    /// The profile that implementations are held to.
    pub profile: Profile,
    /// The files and folders that the scenarios are from, as the command line names them; none for the suite.
    pub suite: Vec<String>,
}

impl Checking {
    /// What a profile holds implementations to: its readings, and the table as its own documents bind.
    pub fn of(profile: &Profile) -> Self {
        Self { rules: Arc::new(profile.rules().clone()), profile: profile.clone(), suite: Vec::new() }
    }
}

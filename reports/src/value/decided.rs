//! How much of the suite an implementation's capabilities are enough for, and what more would add.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::render::text::grouped;
use crate::value::results::none;

/// How many scenarios can be decided with what an implementation says it can do, and what is missing for the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decided {
    /// How many can be, to their last step.
    pub decided: u64,
    /// Of how many.
    pub of: u64,
    /// How many of those were written for another profile.
    #[serde(default, skip_serializing_if = "none")]
    pub elsewhere: u64,
    /// What is missing for others and nothing else is: the most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Missing>,
    /// How many of the others lack several capabilities that are not named together above.
    #[serde(default, skip_serializing_if = "none")]
    pub several: u64,
}

/// Capabilities that are missing, and what they would add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Missing {
    /// Their names, as the adapter protocol calls them.
    pub capabilities: Vec<String>,
    /// For how many scenarios nothing else is missing.
    pub scenarios: u64,
}

/// The most sets of capabilities that are told; the report has them all.
const NAMED: usize = 6;

impl Decided {
    /// How much is decided, and what would add the most.
    pub fn lines(&self) -> Vec<String> {
        [self.summary()].into_iter().chain(self.most()).collect()
    }

    /// How much is decided, in a line.
    pub fn summary(&self) -> String {
        let elsewhere = match self.elsewhere {
            0 => String::new(),
            1 => " (1 is written for another profile)".to_owned(),
            more => format!(" ({more} are written for other profiles)"),
        };
        format!("with these capabilities {} of {} scenarios are decided to their end{elsewhere}", self.decided, self.of)
    }

    /// What each more would add, a line each.
    pub fn additions(&self) -> impl Iterator<Item = String> {
        self.more.iter().map(|Missing { capabilities, scenarios }| {
            let names: Vec<String> = capabilities.iter().map(|name| format!("`{name}`")).collect();
            let together = if names.len() > 1 { " together" } else { "" };
            format!("{}{together} would add {}", names.join(", "), grouped(*scenarios))
        })
    }

    /// What would add the most, and what remains.
    fn most(&self) -> Vec<String> {
        let mut most: Vec<String> = self.additions().take(NAMED).collect();
        let rest: u64 = self.more.iter().skip(NAMED).map(|missing| missing.scenarios).sum();
        if rest > 0 {
            most.push(format!("others would add {}", grouped(rest)));
        }
        match self.several {
            0 => {}
            1 => most.push("1 needs several others".to_owned()),
            several => most.push(format!("{} need several others", grouped(several))),
        }
        most
    }

    /// Why so many scenarios are unsupported, in a sentence; none where none is.
    pub fn unsupported(&self, total: u64) -> Option<String> {
        let elsewhere = self.elsewhere.min(total);
        let lacking = total - elsewhere;
        let mut parts = Vec::new();
        if elsewhere > 0 {
            parts.push(format!("{} written for other profiles", grouped(elsewhere)));
        }
        if lacking > 0 {
            // What would add more than these are: others are decided, but not to their end.
            let more = self.most();
            let more = if more.is_empty() { String::new() } else { format!(" (to their end: {})", more.join("; ")) };
            parts.push(format!("{} for want of capabilities{more}", grouped(lacking)));
        }
        (!parts.is_empty()).then(|| format!("{} unsupported: {}", grouped(total), parts.join(", ")))
    }
}

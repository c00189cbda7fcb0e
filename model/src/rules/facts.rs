//! The facts that the documents state, one by one, so that a reader can see which of them a scenario shows.

use toml::{Table, Value};

/// A fact of the documents, in our own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its id, `F001` to `F146`, or `M01` to `M14` for the list of options; never reused.
    pub id: String,
    /// How certain it is.
    pub status: Standing,
    /// What it says, in one line.
    pub subject: String,
    /// The titles of the documents that say it; none for what no document says.
    pub sources: Vec<String>,
    /// What it is about, where that is nothing that a step of a scenario reaches.
    pub beyond: Option<String>,
}

/// How certain a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Stated once and not contested.
    Must,
    /// The words allow more than one reading.
    Ambig,
    /// Another document says otherwise.
    Contra,
    /// Something to be seen, of little weight.
    Info,
    /// Nothing is said.
    Gap,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 5] = [Self::Must, Self::Ambig, Self::Contra, Self::Info, Self::Gap];

    /// The word in `facts.toml` and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Ambig => "ambig",
            Self::Contra => "contra",
            Self::Info => "info",
            Self::Gap => "gap",
        }
    }

    /// The standing of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// Every fact, in the order of the ids.
///
/// # Panics
///
/// Panics if the embedded file is faulty, which a test rules out.
pub fn facts() -> Vec<Fact> {
    match parse(include_str!("../../rules/facts.toml")) {
        Ok(facts) => facts,
        Err(error) => panic!("the embedded facts are faulty: {error}"),
    }
}

fn parse(text: &str) -> Result<Vec<Fact>, String> {
    let file: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let entries = file.get("fact").and_then(Value::as_array).ok_or("no `[[fact]]` at all")?;
    entries.iter().map(|entry| fact(entry).ok_or_else(|| format!("this is no fact: {entry}"))).collect()
}

fn fact(entry: &Value) -> Option<Fact> {
    let known = ["id", "status", "subject", "sources", "beyond"];
    let entry = entry.as_table().filter(|entry| entry.keys().all(|key| known.contains(&key.as_str())))?;
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let sources = entry.get("sources").and_then(Value::as_array).into_iter().flatten();
    Some(Fact {
        id: text("id")?,
        status: Standing::named(&text("status")?)?,
        subject: text("subject")?,
        sources: sources.map(|title| title.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        beyond: text("beyond"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_facts_are_sound() {
        let facts = facts();
        assert!(facts.len() > 100);
        assert!(facts.is_sorted_by(|a, b| a.id < b.id), "ids are unique and in order");
        for fact in facts {
            // A gap may stand in a document that is silent where it should speak.
            assert!(fact.status == Standing::Gap || !fact.sources.is_empty(), "{}: no source", fact.id);
            for title in &fact.sources {
                assert!(crate::rules::documents::Document::titled(title).is_some(), "{}: {title}", fact.id);
            }
        }
    }

    #[test]
    fn what_is_no_fact_is_named() {
        for text in ["", "[[fact]]\nid = \"F001\"\n", "[[fact]]\nid = \"F001\"\nstatus = \"sure\"\nsubject = \"x\"\n"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

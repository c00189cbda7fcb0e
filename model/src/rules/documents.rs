//! The documents, and what each of them says of the questions that they do not answer alike.
//!
//! They stand in `model/rules/documents.toml`. A row of the table cites documents by title, and so does a profile: what
//! none of a profile's documents says binds nobody who is held to it.

use std::sync::LazyLock;

use serde::Deserialize;
use toml::Table;

use crate::readings::switches::{Switch, Values};
use crate::rules::switch;
use crate::rules::table::{RuleError, RuleErrors};

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its title, by which rows, profiles and facts cite it.
    pub title: String,
    /// Whether it is a public description of a later version, and none of the five documents that the table was made from.
    pub public: bool,
    /// The readings that its words allow, of each question that it speaks of.
    pub says: Vec<(Switch, Values)>,
}

static DOCUMENTS: LazyLock<Vec<Document>> =
    LazyLock::new(|| match Document::parse("documents.toml", include_str!("../../rules/documents.toml")) {
        Ok(documents) => documents,
        Err(errors) => panic!("the embedded documents are faulty:\n{errors}"),
    });

impl Document {
    /// Every document, those that the table was made from first.
    ///
    /// # Panics
    ///
    /// Panics if the embedded file is faulty, which a test rules out.
    pub fn all() -> &'static [Self] {
        &DOCUMENTS
    }

    /// The document of that title.
    pub fn titled(title: &str) -> Option<&'static Self> {
        Self::all().iter().find(|document| document.title == title)
    }

    /// The readings of a question that its words allow; none where it does not speak of it.
    pub fn says(&self, switch: Switch) -> Option<Values> {
        self.says.iter().find(|(of, _)| *of == switch).map(|&(_, values)| values)
    }

    /// Reads documents from a file, given as its name and text.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, with the title of the document.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Self>, RuleErrors> {
        let wrong = |row: &str, message: String| RuleError { file: file.to_owned(), row: row.to_owned(), message };
        let texts = match toml::from_str::<DocumentsText>(text) {
            Ok(DocumentsText { document }) => document,
            Err(error) => return Err(RuleErrors(vec![wrong("", error.to_string())])),
        };
        let mut errors = Vec::new();
        let mut documents: Vec<Self> = Vec::new();
        for DocumentText { title, public, says } in texts {
            let mut messages = Vec::new();
            let says = says.into_iter().filter_map(|(name, value)| switch(&name, value, &mut messages)).collect();
            if documents.iter().any(|other| other.title == title) {
                messages.push("the title is taken".to_owned());
            }
            errors.extend(messages.into_iter().map(|message| wrong(&title, message)));
            documents.push(Self { title, public, says });
        }
        if errors.is_empty() { Ok(documents) } else { Err(RuleErrors(errors)) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentsText {
    document: Vec<DocumentText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentText {
    title: String,
    #[serde(default)]
    public: bool,
    says: Table,
}

//! From TOML to a scenario: the declarations are lowered in [`crate::lower`], the steps in [`crate::steps`].

use toml::de::{DeTable, DeValue};
use toml::{Spanned, de};

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::grammar::FILE;
use crate::lower::Lowering;
use crate::node::ValueNode;
use crate::scenario::{Origin, Scenario};
use crate::steps;
use tombstone_model::plan::Plan;

impl Scenario {
    /// Reads a scenario. `name` is the path of the file, from which the default id is taken.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn parse(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let fail = |mut list: Vec<Diagnostic>| {
            list.sort_by_key(|diagnostic| diagnostic.span.start);
            Diagnostics { name: name.to_owned(), text: text.to_owned(), list }
        };
        if let Some(other) = other_form(text) {
            return Err(fail(vec![other]));
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(fail(errors.iter().map(|error| syntax(error, text)).collect()));
        }
        if table.get_ref().is_empty() {
            return Err(fail(vec![empty(text)]));
        }
        let root = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
        let mut lowering = Lowering::new(ValueNode(&root));
        let scenario = scenario(&mut lowering, name, text);
        if lowering.checker.found.is_empty() { Ok(scenario) } else { Err(fail(lowering.checker.found)) }
    }
}

fn empty(text: &str) -> Diagnostic {
    Diagnostic {
        code: "scenario::empty",
        message: "there is nothing in the file".to_owned(),
        span: text.len()..text.len(),
        label: "a scenario needs a title, users and steps".to_owned(),
        help: Some("`tombstone scenario new KIND` prints one to begin with".to_owned()),
    }
}

/// The one error for a file of another form, in which each line would be one: what begins so is no TOML.
fn other_form(text: &str) -> Option<Diagnostic> {
    let start = text.find(|character: char| !character.is_whitespace())?;
    let (form, help) = match text.as_bytes()[start] {
        b'<' => (
            "XML or HTML",
            "the scenario of a picture lies beside it: `failures/NAME.toml` in the folder of the report",
        ),
        b'{' => (
            "JSON",
            "the scenarios of a report lie in its folder, as `failures/NAME.toml`; `tombstone report FILE` shows the events of a run",
        ),
        _ => return None,
    };
    Some(Diagnostic {
        code: "scenario::other-form",
        message: format!("this is {form}, and a scenario is TOML"),
        span: start..start + 1,
        label: "no TOML begins so".to_owned(),
        help: Some(help.to_owned()),
    })
}

fn syntax(error: &de::Error, text: &str) -> Diagnostic {
    let message = error.message().trim().replace('\n', ", ");
    Diagnostic {
        code: "scenario::syntax",
        label: "not valid TOML".to_owned(),
        span: error.span().unwrap_or(text.len()..text.len()),
        message,
        help: None,
    }
}

/// The scenario that the file says, as far as it can be understood.
fn scenario(lowering: &mut Lowering<'_>, name: &str, text: &str) -> Scenario {
    let file = lowering.file;
    lowering.checker.table(&FILE, file, &lowering.start());
    let limits = lowering.limits();
    lowering.zone();
    let bystanders = file.get("bystanders").and_then(ValueNode::whole).and_then(|n| u16::try_from(n).ok());
    lowering.setup.bystanders = bystanders.unwrap_or(0);
    let mut body = steps::Body::default();
    // What is half understood would be blamed for errors made elsewhere.
    if limits && lowering.checker.declarations && file.get("users").is_some() {
        lowering.users();
        lowering.computers();
        lowering.items();
        lowering.setup_problems();
        body = steps::lower(lowering, file.get("step"));
    }
    Scenario {
        id: file.text_of("id").map_or_else(|| default_id(name), str::to_owned),
        title: file.text_of("title").unwrap_or_default().to_owned(),
        covers: file.texts_of("covers"),
        aliases: file.texts_of("aliases"),
        profile: file.text_of("profile").map(str::to_owned),
        note: file.text_of("note").map(str::to_owned),
        header: header(text),
        origin: file.get("origin").map(origin),
        plan: Plan { setup: lowering.setup.clone(), steps: body.steps, names: lowering.names() },
        expectations: body.expectations,
        spans: body.spans,
        place: None,
    }
}

/// The id of a scenario that names none: its path under the suite.
fn default_id(name: &str) -> String {
    let path = name.rsplit_once("suite/").map_or(name, |(_, path)| path);
    path.strip_suffix(".toml").unwrap_or(path).to_owned()
}

/// The comment lines at the head of a file.
fn header(text: &str) -> Vec<String> {
    text.lines().map_while(|line| line.strip_prefix('#')).map(|line| line.trim().to_owned()).collect()
}

fn origin(node: ValueNode<'_>) -> Origin {
    let number = |key| {
        let value = node.get(key);
        let digits = value.and_then(ValueNode::text).and_then(|digits| digits.parse().ok());
        digits.or_else(|| value?.whole()?.try_into().ok()).unwrap_or_default()
    };
    Origin {
        seed: number("seed"),
        index: number("index"),
        rules: node.text_of("rules").unwrap_or_default().to_owned(),
        digests: node.texts_of("digests"),
    }
}

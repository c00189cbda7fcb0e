//! From TOML to a scenario: the declarations are lowered in [`crate::lower`], the steps in [`crate::steps`].

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, de};

use crate::cells;
use crate::diagnostics::{CaseErrors, Diagnostic, Diagnostics};
use crate::expand::{Expansion, MOST_VALUES};
use crate::grammar::{FILE, Who};
use crate::grid::{Grid, MATRIX};
use crate::lower::Lowering;
use crate::node::ValueNode;
use crate::scenario::{Origin, Scenario};
use crate::several::take_apart;
use crate::steps;
use crate::supply::supply;
use tombstone_model::plan::Plan;

impl Scenario {
    /// Reads a file of one scenario. `name` is the path of the file, from which the default id is taken.
    ///
    /// # Errors
    /// Everything that is wrong with the file; that it holds several scenarios, where it does.
    pub fn parse(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let mut cases = Self::cases(name, text)?;
        let many = cases.len();
        match (cases.pop(), many) {
            (Some(one), 1) => Ok(one),
            _ => Err(fail(name, text, vec![several(many, text)])),
        }
    }

    /// Reads a file: the one scenario that it holds, or every case of its grid.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn cases(name: &str, text: &str) -> Result<Vec<Self>, Diagnostics> {
        let fail = |list| fail(name, text, list);
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
        match Grid::of(ValueNode(&root)).map_err(fail)? {
            Some(grid) => each_case(&grid, ValueNode(&root), name, text).map_err(fail),
            None => {
                let (scenario, mut found) = one(root, name, text, "");
                found.iter_mut().for_each(|diagnostic| no_axis(diagnostic, text));
                if found.is_empty() { Ok(vec![scenario]) } else { Err(fail(found)) }
            }
        }
    }
}

fn fail(name: &str, text: &str, mut list: Vec<Diagnostic>) -> Diagnostics {
    list.sort_by_key(|diagnostic| diagnostic.span.start);
    // What is said of one of several items is said of each.
    let mut known = BTreeSet::new();
    list.retain(|it| known.insert((it.code, it.span.start, it.span.end, it.message.clone())));
    Diagnostics { name: name.to_owned(), text: text.to_owned(), list }
}

/// The scenario that a file is, under its id and what stands behind that, and what is wrong with it.
fn one(mut file: Spanned<DeValue<'_>>, name: &str, text: &str, behind: &str) -> (Scenario, Vec<Diagnostic>) {
    let twice = supply(&mut file, text.len());
    let few = take_apart(&mut file);
    let mut lowering = Lowering::new(ValueNode(&file));
    lowering.checker.found.extend(twice);
    if !few {
        let place = lowering.start();
        lowering.checker.report("scenario::limit", place, "more steps than a file may have", "with all copies", None);
        return (Scenario::new(behind, "", lowering.plan()), lowering.checker.found);
    }
    let mut scenario = scenario(&mut lowering, name, text);
    scenario.id.push_str(behind);
    (scenario, lowering.checker.found)
}

/// After so many errors no further case is looked at.
const ENOUGH: usize = 1000;

/// Every case of a grid.
fn each_case<'a>(
    grid: &Grid<'a>,
    file: ValueNode<'a>,
    name: &str,
    text: &str,
) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    let mut expansion = Expansion { grid, left: MOST_VALUES };
    let (mut scenarios, mut errors) = (Vec::new(), CaseErrors::new(grid.cases.len()));
    for case in &grid.cases {
        let Some((root, mut found)) = expansion.case(file, case) else {
            return Err(vec![too_large(file)]);
        };
        let behind = grid.name(case);
        // What stands twice in a table is found by nobody else, and the rest of the case would be misread.
        if found.is_empty() {
            let (scenario, wrong) = one(root, name, text, &behind);
            found = wrong;
            scenarios.push(scenario);
        }
        errors.add(&behind, found);
        if errors.len() > ENOUGH {
            break;
        }
    }
    let errors = errors.merged();
    if errors.is_empty() { Ok(scenarios) } else { Err(errors) }
}

fn too_large(file: ValueNode<'_>) -> Diagnostic {
    let matrix = file.entries().into_iter().find(|entry| entry.name == MATRIX);
    Diagnostic {
        code: "scenario::limit",
        message: format!("all cases together hold more than {MOST_VALUES} values"),
        span: matrix.map_or(0..0, |entry| entry.place),
        label: "so many cases of so large a file".to_owned(),
        help: Some("take values out, or share them out over several files".to_owned()),
    }
}

fn several(many: usize, text: &str) -> Diagnostic {
    Diagnostic {
        code: "scenario::several",
        message: format!("the file holds {many} scenarios, and one is wanted"),
        span: text.find("[matrix").map_or(0..0, |at| at..at + 1),
        label: "it makes several cases".to_owned(),
        help: Some("`tombstone scenario list FILE` lists them; each is named as `FILE[VALUE,…]`".to_owned()),
    }
}

/// Says of a text that speaks of an axis, where there is none, where axes are declared.
fn no_axis(diagnostic: &mut Diagnostic, text: &str) {
    let written = text.get(diagnostic.span.clone()).map(|written| written.trim_matches(['"', '\'']));
    if let Some(reference) = written.and_then(cells::whole) {
        let axis = reference.axis;
        diagnostic.help = Some(format!("declare the axis under `[matrix]`, for example `{axis} = [\"…\", \"…\"]`"));
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
    if limits && lowering.checker.declarations && file.get(Who::User.table()).and_then(ValueNode::table).is_some() {
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
        plan: Plan { steps: body.steps, ..lowering.plan() },
        expectations: body.expectations,
        spans: body.spans,
        place: None,
    }
}

/// The id of a scenario that names none: its path under the suite, with a dash in the place of what no id may hold.
fn default_id(name: &str) -> String {
    let path = name.rsplit_once("suite/").map_or(name, |(_, path)| path);
    let path = path.strip_suffix(".toml").unwrap_or(path);
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let parts = path.split('/').map(|part| {
        let words: String = part.chars().map(plain).collect();
        words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
    });
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "unnamed".to_owned() } else { parts.join("/") }
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

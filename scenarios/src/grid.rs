//! Grids: a file with a `[matrix]` stands for one case for each choice of a value from each of its axes. What is wrong with
//! the axes, and with what the file says of them, is found here, once and not for each case.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeValue;

use crate::cells::{self, AxisReference, NAME_KEY, Piece};
use crate::diagnostics::{Diagnostic, nearest, quoted};
use crate::grammar::{CASE_NAME, NAME, Who};
use crate::node::{KeyEntry, ValueNode};

/// The most cases of a file.
const MOST_CASES: usize = 10_000;

/// The table of the axes.
pub(crate) const MATRIX: &str = "matrix";
/// The key of it that is no axis: which cases there are not.
pub(crate) const EXCEPT: &str = "except";
/// The key that says in which cases a table is there.
pub(crate) const WHERE: &str = "where";

/// The key under which a covering table has its ids.
pub(crate) const IDS: &str = "ids";

/// The tables whose entries may be there in some cases only.
pub(crate) const DECLARATIONS: [&str; 3] = [Who::User.table(), Who::Computer.table(), Who::Item.table()];

/// The axes of a file and the cases that they make.
pub(crate) struct Grid<'a> {
    axes: Vec<GridAxis<'a>>,
    /// For each case the number of its value on each axis.
    pub(crate) cases: Vec<GridCase>,
    /// The conditions of the file, by where they stand.
    conditions: BTreeMap<usize, CaseCondition>,
}

/// For each axis the number of its value.
pub(crate) type GridCase = Vec<usize>;

struct GridAxis<'a> {
    name: &'a str,
    place: Range<usize>,
    values: Vec<AxisValue<'a>>,
}

struct AxisValue<'a> {
    name: String,
    node: ValueNode<'a>,
}

/// In which cases something is there: for some of the axes, which values they have.
struct CaseCondition(Vec<(usize, BTreeSet<usize>)>);

impl CaseCondition {
    fn holds(&self, case: &GridCase) -> bool {
        self.0.iter().all(|(axis, values)| values.contains(&case[*axis]))
    }
}

/// What a reference gives in a case.
pub(crate) enum Given<'a, 'g> {
    Value(ValueNode<'a>),
    Name(&'g str),
    /// The value of that axis has no such key.
    Nothing,
}

impl<'a> Grid<'a> {
    /// The grid of a file, if it has one.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn of(file: ValueNode<'a>) -> Result<Option<Self>, Vec<Diagnostic>> {
        let entries = file.entries();
        let Some(matrix) = entries.iter().find(|entry| entry.name == MATRIX) else { return Ok(None) };
        let mut reader = GridReader::default();
        let grid = reader.read(matrix);
        if let Some(mut grid) = grid.filter(|_| reader.found.is_empty()) {
            reader.except(matrix, &mut grid);
            if reader.found.is_empty() {
                reader.file(&mut grid, &entries);
            }
            if reader.found.is_empty() {
                return Ok(Some(grid));
            }
        }
        Err(reader.found)
    }

    /// The name of a case: those of its values, in the order of the axes.
    pub(crate) fn name(&self, case: &GridCase) -> String {
        let names: Vec<&str> = self.axes.iter().zip(case).map(|(axis, &at)| axis.values[at].name.as_str()).collect();
        format!("[{}]", names.join(","))
    }

    /// What a reference gives in a case. What is not declared gives nothing.
    pub(crate) fn given(&self, reference: AxisReference<'_>, case: &GridCase) -> Given<'a, '_> {
        let axis = self.axes.iter().zip(case).find(|(axis, _)| axis.name == reference.axis);
        let Some(value) = axis.map(|(axis, &at)| &axis.values[at]) else { return Given::Nothing };
        let given = match reference.key {
            None => Some(value.node),
            Some(NAME_KEY) => return Given::Name(&value.name),
            Some(key) => value.node.get(key),
        };
        let Some(by) = reference.by else { return given.map_or(Given::Nothing, Given::Value) };
        let other = self.axes.iter().zip(case).find(|(axis, _)| axis.name == by);
        let chosen = other.and_then(|(axis, &at)| given?.get(&axis.values[at].name));
        chosen.map_or(Given::Nothing, Given::Value)
    }

    /// Whether a table is there in a case.
    pub(crate) fn has(&self, node: ValueNode<'a>, case: &GridCase) -> bool {
        let condition = node.get(WHERE).and_then(|condition| self.conditions.get(&condition.span().start));
        condition.is_none_or(|condition| condition.holds(case))
    }
}

/// A scalar as a text shows it.
pub(crate) fn scalar(node: ValueNode<'_>) -> Option<String> {
    match node.value() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(_) => node.whole().map(|number| number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// What has been found out about a grid so far.
#[derive(Default)]
struct GridReader {
    found: Vec<Diagnostic>,
    /// The axes that make a difference.
    used: BTreeSet<usize>,
    /// What the axes hold where references look: by axis, key, and the axis that it is chosen by.
    held: BTreeMap<(usize, Option<String>, Option<usize>), Holding>,
}

impl GridReader {
    fn report(
        &mut self,
        code: &'static str,
        place: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let help = Some(help.into());
        self.found.push(Diagnostic { code, message: message.into(), span: place, label: label.into(), help });
    }

    /// The axes, and every case that they make.
    fn read<'a>(&mut self, matrix: &KeyEntry<'a>) -> Option<Grid<'a>> {
        if matrix.node.table().is_none() {
            let help = "for example `[matrix]`, and under it `kind = [\"email\", \"contact\"]`";
            self.report("scenario::wrong-type", matrix.node.span(), "`matrix` is no table", "expected a table", help);
            return None;
        }
        let entries = matrix.node.entries();
        let axes: Vec<GridAxis<'a>> =
            entries.iter().filter(|entry| entry.name != EXCEPT).map(|entry| self.axis(entry)).collect();
        if axes.is_empty() {
            let help = "for example `kind = [\"email\", \"contact\"]`; what is said in braces, as `\"{kind}\"`, is each in turn";
            self.report("scenario::empty-axis", matrix.place.clone(), "a matrix without axes", "no axis here", help);
        }
        let many = axes.iter().try_fold(1_usize, |many, axis| many.checked_mul(axis.values.len()));
        if many.is_none_or(|many| many > MOST_CASES) {
            let many = many.map_or_else(|| "too many".to_owned(), |many| many.to_string());
            self.report(
                "scenario::limit",
                matrix.place.clone(),
                format!("{many} cases, and a file may hold {MOST_CASES}"),
                format!("{} axes", axes.len()),
                "take values out, or share them out over several files",
            );
            return None;
        }
        let mut cases: Vec<GridCase> = vec![Vec::new()];
        for axis in &axes {
            let longer = |case: &GridCase| {
                let case = case.clone();
                (0..axis.values.len()).map(move |value| [case.as_slice(), &[value]].concat())
            };
            cases = cases.iter().flat_map(longer).collect();
        }
        Some(Grid { axes, cases, conditions: BTreeMap::new() })
    }

    fn axis<'a>(&mut self, entry: &KeyEntry<'a>) -> GridAxis<'a> {
        if !(NAME.fits)(entry.name) {
            let message = format!("`{}` cannot be the name of an axis", entry.name);
            self.report(
                "scenario::malformed",
                entry.place.clone(),
                message,
                "not a name",
                format!("expected {}", NAME.what),
            );
        }
        let axis = |values| GridAxis { name: entry.name, place: entry.place.clone(), values };
        let values = match entry.node.value() {
            DeValue::Array(_) => self.listed(entry),
            DeValue::Table(_) => self.named(entry),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {
                let message = format!("the axis `{}` is neither a list nor a table", entry.name);
                let help = format!("`{0} = [\"…\", \"…\"]`, or `[matrix.{0}]` with a name for each value", entry.name);
                self.report("scenario::wrong-type", entry.node.span(), message, "expected its values", help);
                return axis(Vec::new());
            }
        };
        if values.is_empty() {
            let message = format!("the axis `{}` has no values", entry.name);
            let help = "without a value there is no case; take the axis out, or give it some";
            self.report("scenario::empty-axis", entry.node.span(), message, "none here", help);
        }
        for value in &values {
            self.independent(value.node);
        }
        axis(values)
    }

    /// The values of an axis that is a list: each is its own name.
    fn listed<'a>(&mut self, axis: &KeyEntry<'a>) -> Vec<AxisValue<'a>> {
        let (mut values, mut names): (Vec<AxisValue<'a>>, BTreeSet<String>) = (Vec::new(), BTreeSet::new());
        for node in axis.node.list() {
            let name = scalar(node).unwrap_or_default();
            let help = format!("give it a name: `[matrix.{}]`, and under it `some-name = …`", axis.name);
            if !(CASE_NAME.fits)(&name) {
                let message = "a value that cannot be part of the name of a case";
                self.report("scenario::malformed", node.span(), message, format!("expected {}", CASE_NAME.what), help);
            } else if !names.insert(name.clone()) {
                let message = format!("the axis `{}` has `{name}` twice", axis.name);
                let help = "two cases would have one name; take it out";
                self.report("scenario::twice", node.span(), message, "a second time", help);
            }
            values.push(AxisValue { name, node });
        }
        values
    }

    /// The values of an axis that is a table: each has its key for a name.
    fn named<'a>(&mut self, axis: &KeyEntry<'a>) -> Vec<AxisValue<'a>> {
        let mut values = Vec::new();
        for KeyEntry { name, place, node } in axis.node.entries() {
            if !(CASE_NAME.fits)(name) {
                let message = format!("`{name}` cannot be part of the name of a case");
                let help = format!("expected {}", CASE_NAME.what);
                self.report("scenario::malformed", place, message, "not a name", help);
            }
            for entry in node.entries().iter().filter(|entry| entry.name == NAME_KEY) {
                let message = format!("`{NAME_KEY}` of a value is the name that it has in the axis");
                let help = format!("`{{{}.{NAME_KEY}}}` is `{name}`; call this something else", axis.name);
                self.report("scenario::contradiction", entry.place.clone(), message, "it has one", help);
            }
            values.push(AxisValue { name: name.to_owned(), node });
        }
        values
    }

    /// Reports what a value says of axes.
    fn independent(&mut self, node: ValueNode<'_>) {
        let is_reference = |text: &str| cells::pieces(text).iter().any(|piece| matches!(piece, Piece::Cell(_)));
        if node.text().is_some_and(is_reference) {
            let help = "write out what it shall be for each value";
            let message = "a value of an axis cannot speak of an axis";
            self.report("scenario::contradiction", node.span(), message, "in braces", help);
        }
        node.list().for_each(|node| self.independent(node));
        node.entries().into_iter().for_each(|entry| self.independent(entry.node));
    }

    /// Takes out the cases that there shall not be.
    fn except<'a>(&mut self, matrix: &KeyEntry<'a>, grid: &mut Grid<'a>) {
        let Some(except) = matrix.node.get(EXCEPT) else { return };
        if !except.value().is_array() {
            let help = "for example `except = [{ role = \"owner\", date = \"past\" }]`";
            self.report("scenario::wrong-type", except.span(), "`except` is no list", "expected a list", help);
            return;
        }
        for node in except.list() {
            let Some(condition) = self.condition(grid, node) else { continue };
            let before = grid.cases.len();
            grid.cases.retain(|case| !condition.holds(case));
            if grid.cases.len() == before {
                self.no_case(node);
            }
        }
        if grid.cases.is_empty() {
            let help = "each case is taken out; leave one";
            self.report(
                "scenario::empty-axis",
                except.span(),
                "a matrix without cases",
                "everything is excepted",
                help,
            );
        }
    }

    fn no_case(&mut self, node: ValueNode<'_>) {
        let help = "no case has these values together; `tombstone scenario list FILE` shows those that there are";
        self.report("scenario::no-case", node.span(), "this names no case", "nowhere so", help);
    }

    /// What is said of the values of some axes.
    fn condition(&mut self, grid: &Grid<'_>, node: ValueNode<'_>) -> Option<CaseCondition> {
        let before = self.found.len();
        let mut condition = CaseCondition(Vec::new());
        if node.entries().is_empty() {
            let help = "for example `where = { role = \"owner\" }`, or `{ role = [\"owner\", \"organizer\"] }`";
            self.report("scenario::wrong-type", node.span(), "this names no axis", "expected a table of axes", help);
        }
        for entry in node.entries() {
            let Some(at) = grid.axes.iter().position(|axis| axis.name == entry.name) else {
                self.unknown_axis(grid, entry.name, entry.place);
                continue;
            };
            let several: Vec<ValueNode<'_>> = entry.node.list().collect();
            let values = if entry.node.value().is_array() { several } else { vec![entry.node] };
            if values.is_empty() {
                let message = format!("no value of `{}` is named", entry.name);
                self.report("scenario::no-case", entry.node.span(), message, "none here", "name some, or take it out");
            }
            let mut numbers = BTreeSet::new();
            for value in values {
                let name = scalar(value).unwrap_or_default();
                let known: Vec<&str> = grid.axes[at].values.iter().map(|value| value.name.as_str()).collect();
                match known.iter().position(|&known| known == name) {
                    Some(number) => _ = numbers.insert(number),
                    None => {
                        let help = match nearest(&name, known.iter().copied()) {
                            Some(similar) => format!("a value with a similar name exists: `{similar}`"),
                            None => format!("its values are {}", quoted(known)),
                        };
                        let message = format!("the axis `{}` has no value `{name}`", entry.name);
                        self.report("scenario::unknown-name", value.span(), message, "no such value", help);
                    }
                }
            }
            condition.0.push((at, numbers));
        }
        (self.found.len() == before).then_some(condition)
    }

    fn unknown_axis(&mut self, grid: &Grid<'_>, name: &str, place: Range<usize>) {
        let known: Vec<&str> = grid.axes.iter().map(|axis| axis.name).collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(similar) => format!("an axis with a similar name exists: `{similar}`"),
            None => format!("known are {}", quoted(known)),
        };
        self.report(
            "scenario::unknown-axis",
            place,
            format!("unknown axis `{name}`"),
            "not declared under [matrix]",
            help,
        );
    }

    /// What the rest of the file says of the axes.
    fn file<'a>(&mut self, grid: &mut Grid<'a>, entries: &[KeyEntry<'a>]) {
        for entry in entries {
            match entry.name {
                MATRIX | "origin" => {}
                "id" => {
                    if entry.node.text().is_some_and(|id| id.contains('[')) {
                        let help = "what is in brackets is said for each case by its axes";
                        self.report(
                            "scenario::malformed",
                            entry.node.span(),
                            "the id of a grid names no case",
                            "one case",
                            help,
                        );
                    }
                }
                "title" | "note" | "aliases" => self.references(grid, entry.node, false),
                "covers" => {
                    for node in entry.node.list().chain([entry.node].into_iter().filter(|node| node.text().is_some())) {
                        self.conditional(grid, node, false);
                    }
                }
                "step" => entry.node.list().for_each(|node| self.conditional(grid, node, true)),
                name if DECLARATIONS.contains(&name) => {
                    if entry.node.table().is_none() {
                        self.references(grid, entry.node, true);
                    }
                    for declared in entry.node.entries() {
                        self.texts(grid, declared.name, &declared.place, true, true);
                        self.conditional(grid, declared.node, true);
                    }
                }
                _ => self.references(grid, entry.node, true),
            }
        }
        for (at, axis) in grid.axes.iter().enumerate() {
            if !self.used.contains(&at) {
                self.report(
                    "scenario::unused-axis",
                    axis.place.clone(),
                    format!("the axis `{}` makes no difference", axis.name),
                    "its cases are the same",
                    format!(
                        "say `\"{{{0}}}\"` in the world or in a step, or `where = {{ {0} = … }}` beside one",
                        axis.name
                    ),
                );
            }
        }
    }

    /// A table that may be there in some cases only. `matters`: what is said there makes a difference to what happens.
    fn conditional<'a>(&mut self, grid: &mut Grid<'a>, node: ValueNode<'a>, matters: bool) {
        for entry in node.entries() {
            if entry.name != WHERE {
                self.texts(grid, entry.name, &entry.place, matters, true);
                self.references(grid, entry.node, matters);
                continue;
            }
            let Some(condition) = self.condition(grid, entry.node) else { continue };
            if !grid.cases.iter().any(|case| condition.holds(case)) {
                self.no_case(entry.node);
            }
            self.used.extend(condition.0.iter().filter(|_| matters).map(|(axis, _)| *axis));
            grid.conditions.insert(entry.node.span().start, condition);
        }
        if node.table().is_none() {
            self.references(grid, node, matters);
        }
    }

    fn references(&mut self, grid: &Grid<'_>, node: ValueNode<'_>, matters: bool) {
        if let Some(text) = node.text() {
            self.texts(grid, text, &node.span(), matters, false);
        }
        node.list().for_each(|node| self.references(grid, node, matters));
        for entry in node.entries() {
            self.texts(grid, entry.name, &entry.place, matters, true);
            self.references(grid, entry.node, matters);
        }
    }

    /// A text, or a key, which can be nothing but a text.
    fn texts(&mut self, grid: &Grid<'_>, text: &str, place: &Range<usize>, matters: bool, is_key: bool) {
        let pieces = cells::pieces(text);
        let alone = !is_key && pieces.len() == 1;
        for piece in pieces {
            let Piece::Cell(reference) = piece else { continue };
            let Some(at) = grid.axes.iter().position(|axis| axis.name == reference.axis) else {
                self.unknown_axis(grid, reference.axis, place.clone());
                continue;
            };
            let by = reference.by.map(|by| (by, grid.axes.iter().position(|axis| axis.name == by)));
            if let Some((by, None)) = by {
                self.unknown_axis(grid, by, place.clone());
                continue;
            }
            let by = by.and_then(|(_, by)| by);
            self.used.extend([Some(at), by].into_iter().flatten().filter(|_| matters));
            if reference.key == Some(NAME_KEY) && by.is_none() {
                continue;
            }
            let axis = &grid.axes[at];
            let known = (at, reference.key.map(str::to_owned), by);
            let holding = match self.held.get(&known) {
                Some(&holding) => holding,
                None => {
                    let holding = self.holding(grid, axis, reference.key, by);
                    self.held.insert(known, holding);
                    holding
                }
            };
            match holding {
                Holding::Nothing => self.held_nowhere(axis, reference, place),
                Holding::Values if !alone => {
                    let message = format!("`{}` is no text for each case", text_of(reference));
                    let help = format!("`{{{}.{NAME_KEY}}}` is the name of the value", reference.axis);
                    self.report("scenario::wrong-type", place.clone(), message, "inside a text", help);
                }
                Holding::Texts | Holding::Values => {}
            }
        }
    }

    /// What the values of an axis hold under a key, chosen by another axis or not.
    fn holding(&mut self, grid: &Grid<'_>, axis: &GridAxis<'_>, key: Option<&str>, by: Option<usize>) -> Holding {
        let nodes = axis.values.iter().map(|value| value.node);
        let mut given: Vec<ValueNode<'_>> = match key {
            None => nodes.collect(),
            Some(key) => nodes.filter_map(|node| node.get(key)).collect(),
        };
        if let Some(by) = by {
            given.iter().for_each(|table| self.chosen_by(&grid.axes[by], *table));
            given = given.into_iter().flat_map(ValueNode::entries).map(|entry| entry.node).collect();
        }
        match given.iter().all(|node| scalar(*node).is_some()) {
            _ if given.is_empty() => Holding::Nothing,
            true => Holding::Texts,
            false => Holding::Values,
        }
    }

    fn held_nowhere(&mut self, axis: &GridAxis<'_>, reference: AxisReference<'_>, place: &Range<usize>) {
        let keys = axis.values.iter().flat_map(|value| value.node.entries()).map(|entry| entry.name);
        let known: BTreeSet<&str> = keys.chain([NAME_KEY]).collect();
        let key = reference.key.unwrap_or_default();
        let help = match nearest(key, known.iter().copied()) {
            Some(similar) => format!("a key with a similar name exists: `{similar}`"),
            None => format!("known are {}", quoted(known)),
        };
        let message = format!("no value of the axis `{}` has `{key}`", axis.name);
        self.report("scenario::unknown-key", place.clone(), message, "in no case", help);
    }
}

/// What an axis holds where a reference looks.
#[derive(Clone, Copy)]
enum Holding {
    /// No value holds anything there.
    Nothing,
    /// Each that holds something holds what a text can show.
    Texts,
    /// Some hold a list or a table.
    Values,
}

impl GridReader {
    /// Reports what is chosen by no value of an axis.
    fn chosen_by(&mut self, axis: &GridAxis<'_>, table: ValueNode<'_>) {
        if table.table().is_none() {
            let message = format!("this is the same for each value of `{}`", axis.name);
            let help = format!("write a table with the values of `{0}` for keys, or leave `[{0}]` out", axis.name);
            self.report("scenario::wrong-type", table.span(), message, "expected a table", help);
        }
        for entry in table.entries() {
            if axis.values.iter().all(|value| value.name != entry.name) {
                let known = || axis.values.iter().map(|value| value.name.as_str());
                let help = match nearest(entry.name, known()) {
                    Some(similar) => format!("a value with a similar name exists: `{similar}`"),
                    None => format!("its values are {}", quoted(known())),
                };
                let message = format!("the axis `{}` has no value `{}`", axis.name, entry.name);
                self.report("scenario::unknown-name", entry.place, message, "no such value", help);
            }
        }
    }
}

fn text_of(reference: AxisReference<'_>) -> String {
    let key = reference.key.map(|key| format!(".{key}")).unwrap_or_default();
    let by = reference.by.map(|by| format!("[{by}]")).unwrap_or_default();
    format!("{{{}{key}{by}}}", reference.axis)
}

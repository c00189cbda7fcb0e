//! The picture of a run: a lane for each store and computer, a column for each step. As SVG, and as text.

use maud::{Markup, PreEscaped, html};
use tombstone_model::harmless::harmless;

use crate::render::text::{one_line, pad, wrap};
use crate::value::results::{Cell, Lane, LaneKind, Message, Timeline};

/// The style of the picture. A page that shows it inline carries it once.
pub(crate) const STYLE: &str = include_str!("timeline.css");

/// All lengths are in CSS pixels.
const LABEL: usize = 140;
const BOX: usize = 134;
/// The least height of a box, and what its text does not fill of it.
const BOX_HEIGHT: usize = 40;
const BOX_MARGIN: usize = 12;
/// Between the box of a lane and the next lane's, above and below.
const SPACE: usize = 11;
const LINE: usize = 14;
/// Between two columns, where no message passes.
const GAP: usize = 16;
/// The width of a character, taken generously, since nothing here can measure one.
const CHARACTER: usize = 6;
/// The most characters in a line of a message's label.
const LABEL_CHARACTERS: usize = 13;

/// Where everything stands.
struct Layout {
    /// The left edge of each column, and behind the last one the width of the picture.
    lefts: Vec<usize>,
    /// The top edge of each lane, and below the last one the height of the picture.
    tops: Vec<usize>,
    /// The height of the boxes of each lane: what the longest text in it takes.
    boxes: Vec<usize>,
}

impl Layout {
    fn of(timeline: &Timeline) -> Self {
        let mut lefts = vec![LABEL];
        let mut left = LABEL;
        for column in 0..timeline.columns.len() {
            left += gutter(timeline, column) + BOX;
            lefts.push(left);
        }
        let lines = (0..timeline.columns.len()).map(|at| heading(timeline, at, lefts[at + 1] - lefts[at]).len());
        let heading = 30 + lines.max().unwrap_or(0) * LINE;
        let mut tops = vec![heading];
        let mut boxes = Vec::new();
        let mut top = heading;
        for (at, lane) in timeline.lanes.iter().enumerate() {
            let cells = || timeline.cells.iter().filter(|cell| cell.lane == at);
            let lines = cells().map(|cell| shown(cell).len()).chain([name_lines(lane).len()]).max().unwrap_or(1);
            let height = (lines * LINE + BOX_MARGIN).max(BOX_HEIGHT);
            let below = cells().map(|cell| expectation(cell).len()).max().unwrap_or(0);
            boxes.push(height);
            top += height + 2 * SPACE + if below > 0 { below * LINE + 4 } else { 0 };
            tops.push(top);
        }
        Self { lefts, tops, boxes }
    }

    fn width(&self) -> usize {
        self.lefts.last().copied().unwrap_or(LABEL) + GAP
    }

    fn height(&self) -> usize {
        self.tops.last().copied().unwrap_or(0) + 6
    }

    /// The middle of the boxes of a lane.
    fn middle(&self, lane: usize) -> usize {
        self.tops[lane] + SPACE + self.boxes[lane] / 2
    }
}

/// The messages of a column that lead from a lane there is to another.
fn messages(timeline: &Timeline, column: usize) -> impl Iterator<Item = &Message> {
    let lanes = timeline.lanes.len();
    timeline.messages.iter().filter(move |message| {
        message.column == column && message.from < lanes && message.to < lanes && message.from != message.to
    })
}

fn label(message: &Message) -> Vec<String> {
    wrap(&one_line(&message.label), LABEL_CHARACTERS)
}

fn label_width(message: &Message) -> usize {
    let longest = label(message).iter().map(|line| line.chars().count()).max().unwrap_or(0);
    22 + longest * CHARACTER
}

/// The messages of a column, each with how far right of the column's edge it passes, and the room they take in all.
/// They pass side by side in their order; one that stays clear of the one before it passes below or above it.
fn placed(timeline: &Timeline, column: usize) -> (Vec<(&Message, usize)>, usize) {
    let mut placed: Vec<(&Message, usize)> = Vec::new();
    // The lanes that the messages of the last place touch, and its width.
    let (mut taken, mut left, mut width) = (Vec::<(usize, usize)>::new(), GAP, 0);
    for message in messages(timeline, column) {
        let span = (message.from.min(message.to), message.from.max(message.to));
        if taken.iter().any(|other| span.0 <= other.1 && other.0 <= span.1) {
            left += width;
            (taken, width) = (Vec::new(), 0);
        }
        taken.push(span);
        width = width.max(label_width(message));
        placed.push((message, left));
    }
    (placed, left + width)
}

/// The room before the box of a column: its messages pass there.
fn gutter(timeline: &Timeline, column: usize) -> usize {
    placed(timeline, column).1
}

/// Whether a column belongs to the same step as the one before it.
fn goes_on(timeline: &Timeline, at: usize) -> bool {
    at > 0 && timeline.columns[at - 1].number == timeline.columns[at].number
}

fn heading(timeline: &Timeline, column: usize, width: usize) -> Vec<String> {
    wrap(&one_line(&timeline.columns[column].step), (width - GAP) / CHARACTER)
}

/// The name of a lane, in lines.
fn name_lines(lane: &Lane) -> Vec<String> {
    wrap(&one_line(&lane.name), (LABEL - 30) / (CHARACTER + 1))
}

/// What a box says, in lines.
fn shown(cell: &Cell) -> Vec<String> {
    let text = if cell.text.is_empty() { cell.state.name().to_owned() } else { one_line(&cell.text) };
    wrap(&text, (BOX - GAP / 2 - 28) / (CHARACTER + 1))
}

/// What stands below a box, in lines: what was expected.
fn expectation(cell: &Cell) -> Vec<String> {
    let lines =
        cell.expected.as_ref().map(|it| wrap(&format!("expected: {}", one_line(it)), (BOX - GAP / 2) / CHARACTER));
    lines.unwrap_or_default()
}

/// The picture as SVG to stand inside a page that carries [`STYLE`]: the names of the lanes apart from the rest, so that
/// they can stay in sight while the rest is moved.
pub(crate) fn inline(timeline: &Timeline, name: &str) -> Markup {
    let layout = Layout::of(timeline);
    let (width, height) = (layout.width(), layout.height());
    html! {
        svg.timeline.names aria-hidden="true" width=(LABEL) height=(height) viewBox=(format!("0 0 {LABEL} {height}"))
            style={ "--grow:" (LABEL) } {
            (names(timeline, &layout))
        }
        svg.timeline role="img" aria-label=(name) width=(width - LABEL) height=(height)
            viewBox=(format!("{LABEL} 0 {} {height}", width - LABEL)) style={ "--grow:" (width - LABEL) } { (body(timeline, &layout)) }
    }
}

/// The picture as an SVG file of its own, in light or dark as the reader prefers.
pub fn svg(timeline: &Timeline, name: &str) -> String {
    let layout = Layout::of(timeline);
    let markup = html! {
        svg.timeline.alone xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(name)
            width=(layout.width()) height=(layout.height())
            viewBox=(format!("0 0 {} {}", layout.width(), layout.height())) {
            style { (PreEscaped(STYLE)) }
            rect.ground width="100%" height="100%" {}
            (names(timeline, &layout))
            (body(timeline, &layout))
        }
    };
    harmless(&format!("{}\n", markup.into_string())).into_owned()
}

fn names(timeline: &Timeline, layout: &Layout) -> Markup {
    html! {
        @for (at, lane) in timeline.lanes.iter().enumerate() {
            @let y = layout.middle(at);
            line.divider x1="0" y1=(layout.tops[at]) x2=(LABEL) y2=(layout.tops[at]) {}
            g {
                title { (lane.name) }
                (icon(lane.kind, 2, y - 9))
                @let lines = name_lines(lane);
                @let top = y - 1 - (lines.len() - 1) * LINE / 2;
                @for (line, text) in lines.iter().enumerate() { text.lane x="26" y=(top + line * LINE) { (text) } }
                text.kind x="26" y=(top + lines.len() * LINE - 1) { (lane.kind.name()) }
            }
        }
    }
}

fn body(timeline: &Timeline, layout: &Layout) -> Markup {
    let right = layout.width() - GAP / 2;
    html! {
        @for (at, column) in timeline.columns.iter().enumerate() {
            rect.step.stripe[at % 2 == 1] data-column=(at) x=(layout.lefts[at] + GAP / 2) y="0" width=(layout.lefts[at + 1] - layout.lefts[at])
                height=(layout.height()) {}
            @let left = layout.lefts[at] + GAP;
            g {
                title { (column.step) }
                @if !goes_on(timeline, at) {
                    circle.number cx=(left + 9) cy="15" r="9" {}
                    text.number x=(left + 9) y="19" { (column.number) }
                }
                @for (line, text) in heading(timeline, at, layout.lefts[at + 1] - layout.lefts[at]).iter().enumerate() {
                    text.step x=(left) y=(40 + line * LINE) { (text) }
                }
            }
        }
        @for (at, lane) in timeline.lanes.iter().enumerate() {
            @let y = layout.middle(at);
            line.divider x1=(LABEL) y1=(layout.tops[at]) x2=(right) y2=(layout.tops[at]) {}
            line class={ "lane " (lane.kind.name()) } x1=(LABEL) y1=(y) x2=(right) y2=(y) {}
        }
        @for column in 0..timeline.columns.len() {
            @for (message, left) in placed(timeline, column).0 {
                (arrow(message, layout.lefts[column] + left + 4, layout))
            }
        }
        @for cell in &timeline.cells {
            @if cell.lane < timeline.lanes.len() && cell.column < timeline.columns.len() { (state(cell, layout)) }
        }
    }
}

/// A sign for each kind of lane, 18 by 18.
fn icon(kind: LaneKind, x: usize, y: usize) -> Markup {
    let path = match kind {
        LaneKind::Crm => "M2 4a7 2.6 0 0 1 14 0v10a7 2.6 0 0 1-14 0zM2 4a7 2.6 0 0 0 14 0M2 9a7 2.6 0 0 0 14 0",
        LaneKind::Mailbox => "M1.5 4h15v10.5h-15zM1.5 4.5l7.5 6l7.5-6",
        LaneKind::Computer => "M3 3.5h12v8h-12zM1 14.5h16",
    };
    html! { path.icon d=(path) transform=(format!("translate({x} {y})")) {} }
}

fn arrow(message: &Message, x: usize, layout: &Layout) -> Markup {
    let (from, to) = (layout.middle(message.from), layout.middle(message.to));
    let down = to > from;
    // A lost message stops short of where it was going.
    let end = match (message.lost, down) {
        (false, true) => to - 7,
        (false, false) => to + 7,
        (true, true) => to - 16,
        (true, false) => to + 16,
    };
    let head =
        if down { format!("M{} {}h10l-5 8z", x - 5, end - 1) } else { format!("M{} {}h10l-5 -8z", x - 5, end + 1) };
    let lines = label(message);
    // In the strip beside the lane it left, where no line passes.
    let strip = if down { layout.tops[message.from + 1] } else { layout.tops[message.from] };
    let top = strip + 4 - lines.len() * 6;
    html! {
        g class=(if message.lost { "message lost" } else { "message" }) {
            title { (message.label) @if message.lost { " (lost)" } }
            circle cx=(x) cy=(from) r="3.5" {}
            line x1=(x) y1=(from) x2=(x) y2=(end) {}
            @if message.lost {
                path.cross d=(format!("M{} {}l10 10m0 -10l-10 10", x - 5, end - 5)) {}
            } @else {
                path d=(head) {}
            }
            @for (at, line) in lines.iter().enumerate() { text x=(x + 8) y=(top + 6 + at * 12) { (line) } }
        }
    }
}

fn state(cell: &Cell, layout: &Layout) -> Markup {
    let x = layout.lefts[cell.column + 1] - BOX + GAP / 2;
    let lines = shown(cell);
    let height = (lines.len() * LINE + BOX_MARGIN).max(BOX_HEIGHT);
    let y = layout.middle(cell.lane) - height / 2;
    let width = BOX - GAP / 2;
    let first = y + height / 2 + 4 - (lines.len() - 1) * LINE / 2;
    html! {
        g class={ "cell " (cell.state.name()) } {
            title {
                (cell.state.name()) ": " (one_line(&cell.text))
                @if let Some(expected) = &cell.expected { "; expected: " (expected) }
            }
            rect x=(x) y=(y) width=(width) height=(height) rx="7" {}
            text.symbol x=(x + 14) y=(y + height / 2 + 5) { (cell.state.symbol()) }
            @for (at, line) in lines.iter().enumerate() { text x=(x + 26) y=(first + at * LINE) { (line) } }
            @if cell.diverges {
                rect.ring x=(x - 4) y=(y - 4) width=(width + 8) height=(height + 8) rx="10" {}
                circle.mark cx=(x + width) cy=(y) r="9" {}
                text.mark x=(x + width) y=(y + 4) { "✗" }
            }
            @for (at, line) in expectation(cell).iter().enumerate() {
                text.expected x=(x) y=(y + height + 18 + at * LINE) { (line) }
            }
        }
    }
}

/// The widest that text for a terminal may be.
pub(crate) const COLUMNS: usize = 110;

/// The picture as text, at most 110 columns wide: a line for each step, a column for each lane.
pub fn text(timeline: &Timeline) -> String {
    const NUMBER: usize = 3;
    let lanes = timeline.lanes.len().max(1);
    // A third for the steps, the rest for the lanes, with two spaces between columns.
    let room = COLUMNS - NUMBER - 1;
    let narrow = room / 3;
    let lane_width = ((room - narrow) / lanes).clamp(8, 26) - 2;
    let step_width = (room - lanes * (lane_width + 2)).min(44);
    let mut lines = Vec::new();
    let mut row = |number: &str, cells: &[Vec<String>]| {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let mut line = pad(if at == 0 { number } else { "" }, NUMBER);
            for (column, cell) in cells.iter().enumerate() {
                let width = if column == 0 { step_width } else { lane_width };
                line.push_str(if column == 0 { " " } else { "  " });
                line.push_str(&pad(cell.get(at).map_or("", String::as_str), width));
            }
            lines.push(line.trim_end().to_owned());
        }
    };
    let names = timeline.lanes.iter().map(|lane| wrap(&one_line(&lane.name), lane_width));
    let heads: Vec<Vec<String>> = std::iter::once(vec!["step".to_owned()]).chain(names).collect();
    row("", &heads);
    let rules = std::iter::once(step_width).chain(timeline.lanes.iter().map(|_| lane_width));
    row("", &rules.map(|width| vec!["─".repeat(width)]).collect::<Vec<_>>());
    for (at, column) in timeline.columns.iter().enumerate() {
        let mut step = wrap(&one_line(&column.step), step_width);
        for message in messages(timeline, at) {
            let (from, to) = (&timeline.lanes[message.from].name, &timeline.lanes[message.to].name);
            let lost = if message.lost { " (lost)" } else { "" };
            let arrow = one_line(&format!("{from} → {to}: {}{lost}", message.label));
            step.extend(wrap(&arrow, step_width - 2).into_iter().map(|line| format!("  {line}")));
        }
        let cells = (0..timeline.lanes.len()).map(|lane| {
            let cells = timeline.cells.iter().filter(|cell| cell.lane == lane && cell.column == at);
            cells.flat_map(|cell| text_cell(cell, lane_width)).collect()
        });
        // A step that takes several is numbered once.
        let number = if goes_on(timeline, at) { String::new() } else { column.number.to_string() };
        row(&number, &std::iter::once(step).chain(cells).collect::<Vec<Vec<String>>>());
    }
    lines.push(String::new());
    lines.join("\n")
}

fn text_cell(cell: &Cell, width: usize) -> Vec<String> {
    let text = if cell.text.is_empty() { cell.state.name().to_owned() } else { one_line(&cell.text) };
    let mark = if cell.diverges { "✗ " } else { "" };
    let mut lines = wrap(&format!("{mark}{} {text}", cell.state.symbol()), width);
    if let Some(expected) = &cell.expected {
        lines.extend(wrap(&format!("(expected: {})", one_line(expected)), width));
    }
    lines
}

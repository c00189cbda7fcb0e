//! A plot with two logarithmic axes, as SVG. It is a picture of numbers that stand beside it in a table.

use maud::{Markup, html};

use crate::render::text::grouped;

/// A line of a plot.
pub(super) struct Series {
    name: String,
    points: Vec<(u64, u64)>,
}

impl Series {
    /// Adds a point to the line of that name, which is begun if there is none.
    pub(super) fn add(series: &mut Vec<Self>, name: &str, x: u64, y: u64) {
        match series.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push((x, y)),
            None => series.push(Self { name: name.to_owned(), points: vec![(x, y)] }),
        }
    }
}

const WIDTH: f64 = 430.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 38.0;
/// The shapes of the points, so that lines can be told apart without colour.
const SHAPES: usize = 4;

/// An axis: the powers of ten between which everything lies.
struct Axis {
    from: u32,
    to: u32,
}

impl Axis {
    fn of(values: impl Iterator<Item = u64>) -> Self {
        // A logarithmic axis has no zero: it is drawn at one.
        let (least, most) = values.map(|value| value.max(1)).fold((u64::MAX, 1), |(a, b), it| (a.min(it), b.max(it)));
        let from = least.min(most).ilog10();
        let to = most.ilog10() + u32::from(!is_power(most));
        Self { from, to: to.max(from + 1) }
    }

    /// Where a value lies, from 0 to 1.
    fn place(&self, value: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a picture needs no more than a pixel")]
        let value = value.max(1) as f64;
        (value.log10() - f64::from(self.from)) / f64::from(self.to - self.from)
    }

    /// The powers of ten to label; every second one where there are many.
    fn ticks(&self) -> impl Iterator<Item = u32> {
        let step = if self.to - self.from > 6 { 2 } else { 1 };
        (self.from..=self.to).step_by(step)
    }
}

fn is_power(value: u64) -> bool {
    10u64.checked_pow(value.ilog10()) == Some(value)
}

/// The plot; nothing where there is no point.
pub(super) fn plot(x_title: &str, y_title: &str, series: &[Series]) -> Markup {
    let points = || series.iter().flat_map(|line| &line.points);
    if points().next().is_none() {
        return html! {};
    }
    let (xs, ys) = (Axis::of(points().map(|point| point.0)), Axis::of(points().map(|point| point.1)));
    let x = |value: u64| LEFT + xs.place(value) * (WIDTH - LEFT - RIGHT);
    let y = |value: u64| HEIGHT - BOTTOM - ys.place(value) * (HEIGHT - TOP - BOTTOM);
    let power = |exponent: u32| 10u64.checked_pow(exponent).unwrap_or(u64::MAX);
    html! {
        figure.plot {
            svg width=(WIDTH) height=(HEIGHT) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img"
                aria-label=(format!("{y_title} by {x_title}, both axes logarithmic")) {
                text.title x=(LEFT) y="16" { (y_title) }
                @for tick in ys.ticks() {
                    @let at = px(y(power(tick)));
                    line.grid x1=(LEFT) y1=(at) x2=(WIDTH - RIGHT) y2=(at) {}
                    (label(LEFT - 8.0, y(power(tick)) + 4.0, "end", tick))
                }
                @for tick in xs.ticks() {
                    @let at = px(x(power(tick)));
                    line.grid x1=(at) y1=(TOP) x2=(at) y2=(HEIGHT - BOTTOM) {}
                    (label(x(power(tick)), HEIGHT - BOTTOM + 16.0, "middle", tick))
                }
                text.axis x=(WIDTH - RIGHT) y=(HEIGHT - 6.0) text-anchor="end" { (x_title) }
                @for (at, line) in series.iter().enumerate() {
                    g class=(format!("series s{}", at % 6)) {
                        path.line d=(path(line.points.iter().map(|point| (x(point.0), y(point.1))))) {}
                        @for (a, b) in &line.points {
                            path.point d=(shape(at)) transform=(format!("translate({} {})", px(x(*a)), px(y(*b)))) {
                                title { (line.name) ": " (grouped(*a)) " " (x_title) ", " (grouped(*b)) " " (y_title) }
                            }
                        }
                    }
                }
            }
            figcaption {
                @for (at, line) in series.iter().enumerate() {
                    span.key {
                        svg class=(format!("series s{}", at % 6)) width="24" height="12" viewBox="0 0 24 12" aria-hidden="true" {
                            path.line d="M0 6H24" {}
                            path.point d=(shape(at)) transform="translate(12 6)" {}
                        }
                        (line.name)
                    }
                }
            }
        }
    }
}

fn label(x: f64, y: f64, anchor: &str, exponent: u32) -> Markup {
    let small = ["1", "10", "100", "1,000"];
    html! {
        text.tick x=(px(x)) y=(px(y)) text-anchor=(anchor) {
            @match small.get(exponent as usize) {
                Some(text) => (text),
                None => { "10" tspan.exponent dy="-5" { (exponent) } }
            }
        }
    }
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let parts =
        points.enumerate().map(|(at, (x, y))| format!("{}{} {}", if at == 0 { 'M' } else { 'L' }, px(x), px(y)));
    parts.collect()
}

/// Tenths of a pixel are enough, and keep the picture the same on every machine.
fn px(value: f64) -> String {
    format!("{value:.1}")
}

fn shape(at: usize) -> &'static str {
    ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-3.5-3.5h7v7h-7z", "M0-4.8l4.6 8h-9.2z", "M0-5l5 5l-5 5l-5-5z"]
        [at % SHAPES]
}

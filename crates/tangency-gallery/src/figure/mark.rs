//! What can be drawn inside the axes.

use super::area::{self, Cell};
use super::frame::Frame;
use crate::text::{escape, width};
use std::fmt::Write;

/// The colours of a page, by role; the page says which they are in light and in dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// The first quantity of a figure.
    First,
    /// The second quantity.
    Second,
    /// The third quantity.
    Third,
    /// The colour of text, for references and truths.
    Ink,
    /// A colour that stays in the background.
    Muted,
}

impl Colour {
    fn variable(self) -> &'static str {
        match self {
            Self::First => "--first",
            Self::Second => "--second",
            Self::Third => "--third",
            Self::Ink => "--ink",
            Self::Muted => "--muted",
        }
    }
}

/// How a line is stroked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    /// A full line.
    Solid,
    /// A full line, thin and faint.
    Thin,
    /// A full line, thin.
    Fine,
}

/// What stands at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A disc with a rim in the colour of the page, which keeps it apart from lines under it.
    Disc,
    /// A circle.
    Circle,
    /// An upright square.
    Square,
    /// A small translucent dot, for crowds of points.
    Dot,
}

/// A direction along one of the axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Along x.
    Horizontal,
    /// Along y.
    Vertical,
}

/// A way to draw data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// A polygonal line; points that the axes cannot show interrupt it.
    Line(Vec<[f64; 2]>, Stroke),
    /// Points.
    Points(Vec<[f64; 2]>, Shape),
    /// Whiskers of these half lengths around points.
    Whiskers(Vec<[f64; 2]>, Vec<f64>, Direction),
    /// Upright lines from the level 0 to points.
    Stems(Vec<[f64; 2]>),
    /// A line across the whole figure: at this y if horizontal, at this x if vertical.
    Rule(f64, Direction),
    /// The area between two lines over the same abscissae: x, lower, upper.
    Band(Vec<[f64; 3]>),
    /// Arrowheads: from the first point towards the second.
    Arrows(Vec<[[f64; 2]; 2]>),
    /// Words, each beside its point; one that would lie on an earlier one is left out.
    Words(Vec<([f64; 2], String)>),
    /// Straight lines as wide as their amounts.
    Flows(Vec<([[f64; 2]; 2], f64)>),
    /// Discs with areas in the ratio of their amounts.
    Discs(Vec<([f64; 2], f64)>),
    /// Shaded rectangles of this width and height, with words in them.
    Cells(Vec<Cell>, [f64; 2]),
    /// The inside of closed lines, as a tint with an outline.
    Region(Vec<Vec<[f64; 2]>>),
}

impl Mark {
    /// The abscissae and ordinates that the axes have to reach.
    pub(super) fn extent(&self) -> Vec<[f64; 2]> {
        match self {
            Self::Line(points, _) | Self::Points(points, _) => points.clone(),
            Self::Whiskers(points, halves, direction) => points
                .iter()
                .zip(halves)
                .flat_map(|(&[x, y], h)| match direction {
                    Direction::Horizontal => [[x - h, y], [x + h, y]],
                    Direction::Vertical => [[x, y - h], [x, y + h]],
                })
                .collect(),
            Self::Stems(points) => points.iter().flat_map(|&[x, y]| [[x, y], [x, 0.0]]).collect(),
            Self::Rule(at, Direction::Horizontal) => vec![[f64::NAN, *at]],
            Self::Rule(at, Direction::Vertical) => vec![[*at, f64::NAN]],
            Self::Band(points) => points.iter().flat_map(|&[x, a, b]| [[x, a], [x, b]]).collect(),
            Self::Flows(flows) => flows.iter().flat_map(|(ends, _)| *ends).collect(),
            Self::Discs(discs) => discs.iter().map(|disc| disc.0).collect(),
            Self::Cells(cells, [w, h]) => cells
                .iter()
                .flat_map(|Cell { centre: [x, y], .. }| {
                    [[x - w / 2.0, y - h / 2.0], [x + w / 2.0, y + h / 2.0]]
                })
                .collect(),
            Self::Arrows(_) | Self::Words(_) | Self::Region(_) => Vec::new(),
        }
    }

    /// Draws the mark; `name` is what a pointer shows over a point.
    pub(super) fn draw(&self, out: &mut String, frame: &Frame, colour: Colour, name: &str) {
        let _ = write!(out, "<g style=\"--c:var({})\">", colour.variable());
        match self {
            Self::Line(points, stroke) => line(out, frame, points, *stroke),
            Self::Points(points, shape) => {
                for &point in points {
                    dot(out, frame, point, *shape, name);
                }
            }
            Self::Whiskers(points, halves, direction) => {
                for (point, half) in points.iter().zip(halves) {
                    whisker(out, frame, *point, *half, *direction);
                }
            }
            Self::Stems(points) => {
                for &[x, y] in points {
                    segment(out, frame, [x, 0.0], [x, y], "stem");
                }
            }
            Self::Rule(at, direction) => {
                let ((x0, x1), (y0, y1)) = frame.ends();
                match direction {
                    Direction::Horizontal => segment(out, frame, [x0, *at], [x1, *at], "rule"),
                    Direction::Vertical => segment(out, frame, [*at, y0], [*at, y1], "rule"),
                }
            }
            Self::Band(points) => band(out, frame, points),
            Self::Arrows(arrows) => {
                for &[from, to] in arrows {
                    arrow(out, frame, from, to);
                }
            }
            Self::Words(words) => self::words(out, frame, words),
            Self::Flows(flows) => area::flows(out, frame, flows),
            Self::Discs(discs) => area::discs(out, frame, discs, name),
            Self::Cells(cells, size) => area::cells(out, frame, cells, *size),
            Self::Region(loops) => area::region(out, frame, loops),
        }
        out.push_str("</g>");
    }

    /// Draws a sample of the mark for a legend, in a box of `width` by 10 around (`x`, `y`) at its left middle.
    pub(super) fn sample(&self, out: &mut String, x: f64, y: f64, width: f64, colour: Colour) {
        let _ = write!(out, "<g style=\"--c:var({})\">", colour.variable());
        let (right, middle) = (x + width, x + width / 2.0);
        let _ = match self {
            Self::Line(_, stroke) => {
                write!(out, "<path class=\"{}\" d=\"M{x:.1} {y:.1}H{right:.1}\"/>", class(*stroke))
            }
            Self::Points(_, shape) => {
                symbol(out, middle, y, *shape, "");
                Ok(())
            }
            Self::Whiskers(..) => write!(out, "<path class=\"whisker\" d=\"M{x:.1} {y:.1}H{right:.1}\"/>"),
            Self::Stems(_) => {
                write!(out, "<path class=\"stem\" d=\"M{middle:.1} {:.1}V{:.1}\"/>", y - 5.0, y + 5.0)
            }
            Self::Rule(..) => write!(out, "<path class=\"rule\" d=\"M{x:.1} {y:.1}H{right:.1}\"/>"),
            Self::Flows(_) => {
                write!(out, "<path class=\"flow\" stroke-width=\"5\" d=\"M{x:.1} {y:.1}H{right:.1}\"/>")
            }
            Self::Discs(_) => {
                write!(out, "<circle class=\"amount\" cx=\"{middle:.1}\" cy=\"{y:.1}\" r=\"5\"/>")
            }
            Self::Band(_) | Self::Cells(..) | Self::Region(_) => {
                let class = if matches!(self, Self::Region(_)) { "region" } else { "band" };
                write!(
                    out,
                    "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"10\"/>",
                    y - 5.0
                )
            }
            Self::Arrows(_) | Self::Words(_) => Ok(()),
        };
        out.push_str("</g>");
    }
}

fn class(stroke: Stroke) -> &'static str {
    match stroke {
        Stroke::Solid => "line",
        Stroke::Thin => "line thin",
        Stroke::Fine => "line fine",
    }
}

/// A path through the points, leaving out those that would move the pen by less than a fifth of a unit.
fn line(out: &mut String, frame: &Frame, points: &[[f64; 2]], stroke: Stroke) {
    let _ = write!(out, "<path class=\"{}\" d=\"", class(stroke));
    let mut pen: Option<[f64; 2]> = None;
    for (n, &point) in points.iter().enumerate() {
        let Some([x, y]) = frame.place(point) else {
            pen = None;
            continue;
        };
        match pen {
            Some([px, py]) if (x - px).hypot(y - py) < 0.2 && n + 1 < points.len() => continue,
            Some(_) => {
                let _ = write!(out, "L{x:.1} {y:.1}");
            }
            None => {
                let _ = write!(out, "M{x:.1} {y:.1}");
            }
        }
        pen = Some([x, y]);
    }
    out.push_str("\"/>");
}

fn dot(out: &mut String, frame: &Frame, point: [f64; 2], shape: Shape, name: &str) {
    if let Some([x, y]) = frame.place(point) {
        let [a, b] = frame.describe(point);
        let separator = if name.is_empty() { "" } else { ": " };
        symbol(out, x, y, shape, &format!("<title>{}{separator}{a}, {b}</title>", escape(name)));
    }
}

fn symbol(out: &mut String, x: f64, y: f64, shape: Shape, inner: &str) {
    let _ = match shape {
        Shape::Disc => {
            write!(out, "<circle class=\"disc\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.2\">{inner}</circle>")
        }
        Shape::Circle => {
            write!(out, "<circle class=\"circle\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\">{inner}</circle>")
        }
        Shape::Dot => write!(out, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>"),
        Shape::Square => write!(
            out,
            "<rect class=\"disc\" x=\"{:.1}\" y=\"{:.1}\" width=\"7.6\" height=\"7.6\">{inner}</rect>",
            x - 3.8,
            y - 3.8
        ),
    };
}

/// Words at the upper right of their points; at the upper left near the right end, so that none leaves the figure.
fn words(out: &mut String, frame: &Frame, words: &[([f64; 2], String)]) {
    const SIZE: f64 = 11.5;
    let mut taken: Vec<[f64; 3]> = Vec::new();
    for (point, word) in words {
        let Some([x, y]) = frame.place(*point) else { continue };
        let length = width(word) * SIZE;
        let left = if x + 7.0 + length > frame.right() { x - 7.0 - length } else { x + 7.0 };
        let y = y - 6.0;
        let overlaps = |&[a, b, other]: &[f64; 3]| left < b && a < left + length && (y - other).abs() < SIZE;
        if taken.iter().any(overlaps) {
            continue;
        }
        taken.push([left, left + length, y]);
        let _ = write!(out, "<text class=\"word\" x=\"{left:.1}\" y=\"{y:.1}\">{}</text>", escape(word));
    }
}

fn segment(out: &mut String, frame: &Frame, from: [f64; 2], to: [f64; 2], class: &str) {
    if let (Some([x0, y0]), Some([x1, y1])) = (frame.place(from), frame.place(to)) {
        let _ = write!(out, "<path class=\"{class}\" d=\"M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}\"/>");
    }
}

fn whisker(out: &mut String, frame: &Frame, [x, y]: [f64; 2], half: f64, direction: Direction) {
    let (from, to, [dx, dy]) = match direction {
        Direction::Horizontal => ([x - half, y], [x + half, y], [0.0, 4.0]),
        Direction::Vertical => ([x, y - half], [x, y + half], [4.0, 0.0]),
    };
    if let (Some([x0, y0]), Some([x1, y1])) = (frame.place(from), frame.place(to)) {
        let _ = write!(out, "<path class=\"whisker\" d=\"M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}");
        for [x, y] in [[x0, y0], [x1, y1]] {
            let _ = write!(out, "M{:.1} {:.1}l{:.1} {:.1}", x - dx, y - dy, 2.0 * dx, 2.0 * dy);
        }
        out.push_str("\"/>");
    }
}

fn band(out: &mut String, frame: &Frame, points: &[[f64; 3]]) {
    let lower = points.iter().map(|&[x, a, _]| [x, a]);
    let upper = points.iter().rev().map(|&[x, _, b]| [x, b]);
    let mut pen = 'M';
    out.push_str("<path class=\"band\" d=\"");
    for [x, y] in lower.chain(upper).filter_map(|point| frame.place(point)) {
        let _ = write!(out, "{pen}{x:.1} {y:.1}");
        pen = 'L';
    }
    out.push_str("\"/>");
}

fn arrow(out: &mut String, frame: &Frame, from: [f64; 2], to: [f64; 2]) {
    if let (Some([x0, y0]), Some([x1, y1])) = (frame.place(from), frame.place(to)) {
        let angle = (y1 - y0).atan2(x1 - x0).to_degrees();
        let _ = write!(
            out,
            "<path class=\"arrow\" transform=\"translate({x0:.1} {y0:.1})rotate({angle:.1})\" d=\"M5.5 0L-4.5 -4.2L-2 0L-4.5 4.2Z\"/>"
        );
    }
}
